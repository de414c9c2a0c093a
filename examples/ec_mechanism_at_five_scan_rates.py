"""A reversible electron transfer with a following reaction, at five scan rates (SIMULATED).

The slower the scan, the more of B has become C before the sweep comes back: the return peak
vanishes, and the forward peak moves by 30 mV per decade (Nicholson and Shain 1964).

    python examples/ec_mechanism_at_five_scan_rates.py [figure.png]
"""

import sys

from matplotlib.figure import Figure

from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv

figure = Figure(figsize=(4.5, 3.4), layout="constrained")
axes = figure.subplots()
for rate, colour in zip(
    (0.01, 0.1, 1.0, 10.0, 100.0),
    ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00"),
    strict=True,
):
    curve = simulate_voltammogram(
        "A + e = B; B -> C",
        cv(0.25, -0.25, rate),
        area_m2=7.07e-6,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        rate_constants=2.0,
    )
    forward_V, _ = curve.peak(anodic=False)
    print(f"{rate:7g} V/s: forward peak at {forward_V * 1e3:+6.1f} mV")
    axes.plot(curve.potential_V, curve.current_A * 1e6 / rate**0.5, colour, label=f"{rate:g} V/s")
axes.set(xlabel="E − E$^{0}$′ / V", ylabel="I ν$^{-1/2}$ / µA (V/s)$^{-1/2}$")
axes.set_title("SIMULATED · A + e = B; B → C, k = 2 s⁻¹", fontsize=9)
axes.legend(frameon=False, fontsize=8)
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "ec_mechanism.png", dpi=200)
