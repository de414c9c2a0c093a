"""Pictures of the analytical engines: voltammetry, profiles, impedance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from drawing import BLUE, GREEN, ORANGE, VERMILLION, label, panels, published, save

from faradaic.chemistry.couple_impedance import (
    charge_transfer_resistance_ohm,
    warburg_coefficient_ohm_per_rt_s,
)
from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.quantities.constants import FARADAY_C_PER_MOL as F
from faradaic.quantities.constants import GAS_CONSTANT_J_PER_MOL_K, STANDARD_TEMPERATURE_K
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.sine_response import spectrum_ohm
from faradaic.simulators.voltammetry import Voltammogram, simulate_voltammogram
from faradaic.simulators.waveforms import cv

f_PER_V = F / (GAS_CONSTANT_J_PER_MOL_K * STANDARD_TEMPERATURE_K)
D, AREA, C, RATE = 1e-9, 1e-5, 1.0, 1.0
UNIT_A = F * AREA * C * math.sqrt(D * f_PER_V * RATE)


def couple(
    mechanism: str = "A + e = B",
    vertex_V: float = -0.3,
    start_V: float = 0.3,
    step_V: float = 5e-4,
    **numbers: Any,
) -> Voltammogram:
    """A cyclic voltammogram at 1 V/s."""
    arguments: dict[str, Any] = {
        "area_m2": AREA,
        "concentrations_mol_per_m3": {"A": C},
        "diffusion_m2_per_s": D,
        "E0_V": 0.0,
        **numbers,
    }
    return simulate_voltammogram(mechanism, cv(start_V, vertex_V, RATE, step_V=step_V), **arguments)


def k0_of(psi: float) -> float:
    """The rate constant (m/s) of Nicholson's ψ = k⁰/√(πDσ)."""
    return psi * math.sqrt(math.pi * D * f_PER_V * RATE)


def separation_mV(psi: float, vertex_V: float = -0.141) -> float:
    """ΔE_p of a quasi-reversible couple that is turned 141 mV beyond its half-wave potential."""
    curve = couple(k0=k0_of(psi), vertex_V=vertex_V)
    return 1e3 * (curve.peak(anodic=True)[0] - curve.peak(anodic=False)[0])


def working_curves() -> None:
    figure, ((left, right),) = panels(2, height=3.6)
    curve = couple()
    left.plot(1e3 * curve.potential_V, -curve.current_A / UNIT_A, label="reversible")
    for psi, colour in ((1.0, VERMILLION), (0.1, GREEN)):
        slow = couple(k0=k0_of(psi))
        y = -slow.current_A / UNIT_A
        left.plot(1e3 * slow.potential_V, y, color=colour, lw=1.1, label=f"ψ = {psi:g}")
    x, y = published("reversible")
    left.plot(x, y, "o", mfc="white", mec="black", ms=4, label="published, 1964")
    left.invert_xaxis()
    left.set_ylim(-0.42, 0.78)
    left.legend(loc="upper left", ncols=2, columnspacing=1.0, handlelength=1.4)
    label(left, "E − E½ / mV", "i / nFAC√(Dσ)  (cathodic up)", "cyclic voltammograms")
    psis = np.geomspace(0.1, 20, 30)
    right.semilogx(psis, [separation_mV(float(psi)) for psi in psis], label="simulated")
    x, y = published("quasireversible")
    right.plot(x, y, "o", mfc="white", mec="black", ms=4, label="published, 1965")
    right.legend(loc="upper right")
    label(right, "ψ = k⁰ / √(πDσ)", "nΔE$_p$ / mV", "Nicholson's working curve")
    save(figure, "working_curves")


def following_reaction() -> None:
    figure, ((left, right),) = panels(2, height=3.5)
    tau_s = 4.0 / (f_PER_V * RATE)
    for k, colour in ((0.0, BLUE), (0.35 / tau_s, ORANGE), (1.557 / tau_s, VERMILLION)):
        curve = (
            couple(vertex_V=-tau_s * RATE, mechanism="A + e = B; B -> C", rate_constants=k)
            if k
            else couple(vertex_V=-tau_s * RATE)
        )
        name = f"kτ = {k * tau_s:.2g}"
        left.plot(1e3 * curve.potential_V, 1e6 * curve.current_A, color=colour, label=name)
    left.legend(loc="lower right")
    label(left, "E − E½ / mV", "i / µA", "A + e = B, B → C at 1 V/s")
    ktaus = np.geomspace(0.004, 1.6, 60)
    right.plot(ktaus, [peak_ratio(float(kt)) for kt in ktaus], label="simulated, στ = 4")
    x, y = published("following")
    right.plot(x, y, "o", mfc="white", mec="black", ms=4, label="published, 1964")
    right.legend()
    right.set_ylim(0.35, 1.05)
    label(right, "kτ", "i$_{pa}$ / i$_{pc}$", "ratio of the peaks")
    save(figure, "following_reaction")


def peak_ratio(ktau: float) -> float:
    """Backward over forward peak, the forward wave extrapolated in time as its base line."""
    tau_s = 4.0 / (f_PER_V * RATE)
    numbers: dict[str, Any] = {"mechanism": "A + e = B; B -> C", "rate_constants": ktau / tau_s}
    turned, onward = (couple(vertex_V=-v, **numbers) for v in (tau_s * RATE, 0.6))
    turn = int(np.argmin(turned.potential_V)) + 1
    after = turned.time_s[turn:]
    base_A = np.interp(after, onward.time_s, onward.current_A)
    reach = after < onward.time_s[int(np.argmin(onward.potential_V))]
    backward_A = float((turned.current_A[turn:] - base_A)[reach].max())
    return backward_A / -turned.peak(anodic=False)[1]


def profiles() -> None:
    figure, ((left, right),) = panels(2, height=3.5, sharey=True)
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B; B -> C"),
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=D,
        E0_V=0.0,
        k0=1e-2,
        rate_constants=0.2,
    )
    cell = FiniteDifferenceCell(
        parameters,
        area_m2=AREA,
        initial_potential_V=0.3,
        shortest_s=1e-4,
        duration_s=20.0,
        nodes=160,
    )
    done_s = 0.0
    names = {"A": BLUE, "B": VERMILLION, "C": GREEN}
    for axes, until_s in ((left, 0.5), (right, 10.0)):
        steps = 2000
        dt_s = np.full(steps, (until_s - done_s) / steps)
        jump = np.zeros(steps, np.bool_)
        jump[0] = done_s == 0.0
        cell.run(Control.POTENTIAL, dt_s, np.full(steps, -0.3), jump=jump)
        done_s = until_s
        profile = cell.profile()
        for name, colour in names.items():
            y = profile.concentration_mol_per_m3[name]
            axes.plot(1e6 * profile.position_m, y, color=colour, label=name)
        reach_m = 6 * math.sqrt(D * until_s)
        at_m = np.linspace(0, reach_m, 16)
        exact = [math.erf(x_m / (2 * math.sqrt(D * until_s))) for x_m in at_m]
        axes.plot(1e6 * at_m, exact, "o", mfc="none", mec="black", ms=4, label="erf(x/2√Dt)")
        axes.set_xlim(0, 1e6 * reach_m)
        label(axes, "distance from the electrode / µm", "", f"{until_s:g} s after the step")
    left.set_ylabel("concentration / mM")
    right.legend(loc="center right")
    save(figure, "concentration_profiles")


GOLDEN = {
    "area_m2": 7.06858e-6,
    "oxidised_mol_per_m3": 1.0,
    "reduced_mol_per_m3": 1.0,
}


def golden_circuit_ohm(frequency_Hz: Any) -> Any:
    """A 3 mm disc, 1 mM of both partners, k⁰ 0.01 cm/s, 100 Ω, 20 µF/cm²."""
    values = {
        "R0": 100.0,
        "C1": 1.413717e-6,
        "R1": charge_transfer_resistance_ohm(rate_constant_m_per_s=1e-4, **GOLDEN),
        "W1": warburg_coefficient_ohm_per_rt_s(
            oxidised_diffusion_m2_per_s=1e-9, reduced_diffusion_m2_per_s=1e-9, **GOLDEN
        ),
    }
    return parse_circuit("R0+(C1|(R1+W1))").spectrum_ohm(frequency_Hz, values)


def golden_cell() -> SemiIntegralCell:
    """The same as a cell that lives in time."""
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": 1.0, "B": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=1e-4,
    )
    return SemiIntegralCell(
        parameters,
        area_m2=7.06858e-6,
        resistance_ohm=100.0,
        capacitance_F=1.413717e-6,
        shortest_step_s=1e-11,
        longest_time_s=1e5,
    )


TIME_DOMAIN_HZ = (1e4, 1e3, 300.0, 100.0, 30.0, 10.0, 1.0, 0.1)


def impedance() -> None:
    figure, ((left, right),) = panels(2, height=3.6)
    frequencies = np.geomspace(1e5, 0.05, 200)
    exact = golden_circuit_ohm(frequencies)
    found = spectrum_ohm(golden_cell(), TIME_DOMAIN_HZ, 2e-3, 0.0)
    left.plot(exact.real, -exact.imag, label="closed form")
    left.plot(found.real, -found.imag, "o", color=VERMILLION, ms=4.5, label="sine in time")
    left.set(xlim=(0, 2700), ylim=(0, 2700), xticks=[0, 1000, 2000], yticks=[0, 1000, 2000])
    left.set_box_aspect(1)
    left.legend(loc="upper left")
    label(left, "Z′ / Ω", "−Z″ / Ω", "Nyquist")
    right.loglog(frequencies, np.abs(exact))
    right.loglog(TIME_DOMAIN_HZ, np.abs(found), "o", color=VERMILLION, ms=4.5)
    phase = right.twinx()
    phase.semilogx(frequencies, -np.degrees(np.angle(exact)), color=GREEN, ls="--")
    phase.semilogx(TIME_DOMAIN_HZ, -np.degrees(np.angle(found)), "s", color=GREEN, ms=3.5)
    phase.set_ylabel("−phase / °  (dashed)", color=GREEN)
    label(right, "frequency / Hz", "|Z| / Ω", "Bode")
    save(figure, "impedance")
