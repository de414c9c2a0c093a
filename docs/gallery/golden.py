"""The golden results that the simulators are held to, each computed here and compared.

A subset of the tests in tests/simulators, which have every value and its source; this one is for
people to read.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import electrolyses
import numpy as np
from analytical import (
    AREA,
    RATE,
    TIME_DOMAIN_HZ,
    UNIT_A,
    C,
    D,
    F,
    couple,
    f_PER_V,
    golden_cell,
    golden_circuit_ohm,
    k0_of,
)

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell
from faradaic.simulators.rehearsed_co2_study import cell_description
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.semi_integral.modes import NernstFilm
from faradaic.simulators.sine_response import spectrum_ohm
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import (
    chronoamperometry,
    chronopotentiometry,
    cv,
    potential_steps,
    staircase,
)


class Row(NamedTuple):
    """One comparison."""

    what: str
    engine: str
    error: str
    tolerance: str
    source: str


_NS = "Nicholson & Shain 1964"
_SI, _FD = "semi_integral", "finite_difference"
_NAMES = {_SI: "semi-integral", _FD: "finite difference"}
NICHOLSON_MV = {20: 60.23, 7: 62.59, 5: 64.03, 3: 67.35, 2: 71.41, 1: 83.08, 0.5: 104.28,
                0.25: 139.68, 0.1: 210.67}  # fmt: skip
"""Nicholson 1965, table I, recomputed from his integral equation to 0.02 mV."""
ELEMENTS = {"R0": 100.0, "C1": 1.413717e-6, "R1": 376.716, "W1": 1684.725}
LAVIRON_MV = {10.0: 3.85, 1.0: 34.59, 0.5: 60.91, 0.2: 116.02, 0.1: 173.13}
"""Laviron 1979, recomputed from his integral to 0.01 mV."""
IMPEDANCE_OHM = {
    1e4: 100.330 - 11.242j,
    1e3: 128.611 - 102.957j,
    100.0: 447.236 - 192.634j,
    10.0: 666.127 - 237.684j,
    1.0: 1136.323 - 677.717j,
    0.1: 2592.675 - 2126.917j,
}
"""The circuit of `golden_circuit_ohm`, to the last digit shown."""


def rows() -> Iterator[Row]:
    """All comparisons, computed now."""
    for engine in (_SI, _FD):
        name = _NAMES[engine]
        curve = couple(engine=engine)
        psi, potential_mV = peak(curve)
        yield Row(
            "reversible peak, ψ = 0.446295", name, percent(psi / 0.446294694845), "0.02 %", _NS
        )
        yield Row("its potential, −28.492 mV", name, mV(potential_mV + 28.4918), "0.05 mV", _NS)
        yield Row("the wave before E½, exact series", name, f"{wave_error(curve):.1e}", "2e-4", _NS)
        slow = couple("A + e -> B", engine=engine, k0=1e-6, vertex_V=-0.6)
        psi = peak(slow)[0] / math.sqrt(0.5)
        yield Row("irreversible peak, 0.495763", name, percent(psi / 0.495763), "0.1 %", _NS)
        worst = max(abs(separation(k, engine) - v) for k, v in NICHOLSON_MV.items())
        yield Row("ΔE_p of ψ = 0.1 … 20", name, mV(worst), "0.2 mV", "Nicholson 1965")
        psi = peak(couple("A + e = B; B -> C", engine=engine, rate_constants=f_PER_V))[0]
        yield Row("EC peak at k/σ = 1, 0.4711", name, percent(psi / 0.4711), "0.3 %", _NS)
        curve = couple("A + e = B; B -> A", engine=engine, rate_constants=f_PER_V)
        psi = -float(curve.current_A.min()) / UNIT_A
        yield Row("EC′ plateau at k/σ = 1", name, percent(psi), "0.3 %", "Savéant & Vianello 1960")
        yield Row("Cottrell current", name, percent(cottrell(engine)), "0.2 %", "Cottrell 1903")
        yield Row("double step, 1 − 1/√2", name, percent(double_step(engine)), "0.2 %",
                  "Schwarz & Shain 1965")  # fmt: skip
        yield Row("ECE at kt = 1, 2 − 1/e", name, percent(ece(engine)), "0.3 %",
                  "Alberts & Shain 1963")  # fmt: skip
        yield Row("film of Nernst (Levich), nFADC/δ", name, percent(film(engine)), "0.2 %",
                  "Nernst 1904")  # fmt: skip
        yield Row("E(τ/4) = E½", name, mV(quarter_wave_mV(engine)), "0.2 mV", "Sand 1901")
    dimer = couple("A + e = B; 2 B -> C", start_V=0.5, rate_constants=1e5 * f_PER_V / C)
    psi, potential_mV = peak(dimer)
    place_mV = -1e3 / f_PER_V * (0.902 - math.log(4e5 / 3) / 3)
    dimerisation = "Savéant & Vianello 1967"
    name = _NAMES[_FD]
    yield Row("dimerisation peak, 0.5270", name, percent(psi / 0.5270), "0.3 %", dimerisation)
    yield Row("its potential", name, mV(potential_mV - place_mV), "0.2 mV", dimerisation)
    worst = max(abs(surface_separation_mV(m) - v) for m, v in LAVIRON_MV.items())
    yield Row("ΔE_p on a surface, m = 0.1 … 10", name, mV(worst), "0.2 mV", "Laviron 1979")
    end, magic = (stair(fraction) for fraction in (1.0, 0.302722))
    yield Row("staircase, 1 mV, read at the end: 0.935", "semi-integral", percent(end / 0.93482),
              "0.1 %", "superposed Cottrell currents")  # fmt: skip
    name = "semi-integral"
    yield Row("read at 0.3027 of the step", name, percent(magic / 1.0001), "0.1 %", "ζ(½, a) = 0")
    frequencies = list(IMPEDANCE_OHM)
    table = np.array(list(IMPEDANCE_OHM.values()))
    found = parse_circuit("R0+(C1|(R1+W1))").spectrum_ohm(frequencies, ELEMENTS)
    off = float(np.max(np.abs(np.concatenate([(found - table).real, (found - table).imag]))))
    yield Row(
        "Randles circuit with Warburg, printed to 0.001 Ω",
        "closed form",
        f"{off * 1e3:.2f} mΩ",
        "0.6 mΩ",
        "Randles 1947",
    )
    exact = np.array([randles_ohm(2 * math.pi * hz) for hz in frequencies])
    error = float(np.max(np.abs(found / exact - 1)))
    yield Row("the same in complex arithmetic", "closed form", f"{error:.0e}", "1e-6",
              "Randles 1947")  # fmt: skip
    found = spectrum_ohm(golden_cell(), TIME_DOMAIN_HZ, 2e-3, 0.0)
    error = float(np.max(np.abs(found / golden_circuit_ohm(TIME_DOMAIN_HZ) - 1)))
    yield Row(
        "the same from a sine in time", "semi-integral", percent(1 + error), "1 %", "closed form"
    )
    yield from bulk()


def peak(curve: Any) -> tuple[float, float]:
    """ψ and mV of the cathodic peak."""
    potential_V, current_A = curve.peak(anodic=False)
    return -current_A / UNIT_A, 1e3 * potential_V


def separation(psi: float, engine: str) -> float:
    curve = couple(k0=k0_of(psi), vertex_V=-0.141, engine=engine)
    return 1e3 * (curve.peak(anodic=True)[0] - curve.peak(anodic=False)[0])


def wave_error(curve: Any) -> float:
    """Largest |g - exact| from 120 to 5 mV before E½, from Σ (-1)^(j+1) √j exp(-jθ)."""
    forward = curve.time_s <= 0.6
    keep = forward & (curve.potential_V <= 0.12) & (curve.potential_V >= 0.005)
    theta = f_PER_V * curve.potential_V[keep]
    terms = np.arange(1, 400)[:, None]
    exact = np.sum((-1.0) ** (terms + 1) * np.sqrt(terms) * np.exp(-terms * theta), axis=0)
    return float(np.max(np.abs(-curve.current_A[keep] / UNIT_A - exact)))


def cottrell(engine: str) -> float:
    """Mean current over the last half of a second, over that of √(D/πt)."""
    curve = simulate_voltammogram(
        "A + e = B", chronoamperometry(-0.4, 1.0), engine=engine, **solution()
    )
    late = curve.time_s > 0.5
    exact = F * AREA * C * np.sqrt(D / (np.pi * curve.time_s[late]))
    return float(np.mean(-curve.current_A[late] / exact))


def double_step(engine: str) -> float:
    """-i(2τ)/i(τ) over 1 - 1/√2."""
    form = potential_steps([-0.6, 0.6], [0.5, 0.5], points=100)
    current_A = simulate_voltammogram("A + e = B", form, engine=engine, **solution()).current_A
    return float(-current_A[-1] / current_A[99] / (1.0 - math.sqrt(0.5)))


def ece(engine: str) -> float:
    """i/i_Cottrell at kt = 1 over 2 - exp(-1)."""
    numbers = {**solution(), "E0_V": [0.0, 0.3], "rate_constants": 1.0}
    mechanism, form = "A + e = B; B -> C; C + e = D", chronoamperometry(-0.6, 1.0, points=400)
    current_A = simulate_voltammogram(mechanism, form, engine=engine, **numbers).current_A
    return float(-current_A[-1] / (F * AREA * C * math.sqrt(D / math.pi)) / (2.0 - math.exp(-1)))


def film(engine: str) -> float:
    """Steady current through a film of 50 µm over nFADC/δ."""
    thickness_m = 5e-5
    form = chronoamperometry(-0.6, 5.0, points=500)
    curve = simulate_voltammogram(
        "A + e = B", form, engine=engine, geometry=NernstFilm(thickness_m), **solution()
    )
    return float(-curve.current_A[-1] / (F * AREA * D * C / thickness_m))


def surface_separation_mV(m: float) -> float:
    """ΔE_p of an adsorbed couple, m = k RT/Fν."""
    curve = simulate_voltammogram(
        "A* + e = B*",
        cv(0.5, -0.5, RATE, step_V=2e-4),
        area_m2=AREA,
        concentrations_mol_per_m3={},
        diffusion_m2_per_s={},
        coverages={"A*": 1.0},
        site_density_mol_per_m2=1e-6,
        E0_V=0.0,
        k0=m * f_PER_V * RATE,
    )
    return 1e3 * (curve.peak(anodic=True)[0] - curve.peak(anodic=False)[0])


def randles_ohm(omega_per_s: float) -> complex:
    """The circuit of the table from its definition."""
    solution_ohm, farads, transfer_ohm, warburg = ELEMENTS.values()
    faradaic = transfer_ohm + warburg * (1 - 1j) / math.sqrt(omega_per_s)
    return solution_ohm + 1.0 / (1j * omega_per_s * farads + 1.0 / faradaic)


def quarter_wave_mV(engine: str) -> float:
    tau_s = 4.0
    current_A = F * AREA * C * math.sqrt(math.pi * D / tau_s) / 2.0
    curve = simulate_voltammogram(
        "A + e = B",
        chronopotentiometry(-current_A, tau_s * 0.9, points=3600),
        engine=engine,
        **{**solution(), "rest_potential_V": 0.3},
    )
    return 1e3 * float(np.interp(tau_s / 4, curve.time_s, curve.potential_V))


def stair(fraction: float) -> float:
    """Peak of a staircase of 1 mV over that of a ramp."""
    form = staircase([0.3, -0.3], 1.0, step_V=1e-3, sampling_fraction=fraction)
    curve = simulate_voltammogram("A + e = B", form, **solution())
    return peak(curve)[0] / 0.446294694845


def solution() -> dict[str, Any]:
    return {
        "area_m2": AREA,
        "concentrations_mol_per_m3": {"A": C},
        "diffusion_m2_per_s": D,
        "E0_V": 0.0,
    }


def bulk() -> Iterator[Row]:
    """Preparative and gas-diffusion cells."""
    described = electrolyses.plan().cell
    amount_mol = float(electrolyses.plan().limiting_amount_mol)
    cell = PreparativeCell(described)
    cell.run([HeldControl(Control.CURRENT, 0.02, 14476.0)], 1.0)
    ledger = cell.ledger()
    name = electrolyses.wanted_reaction(described.model_dump())["name"]
    (wanted_C,) = (
        r.charge_C for r in ledger.reactions if (r.electrode, r.reaction) == ("working", name)
    )
    gone_C = 2 * F * amount_mol * ledger.conversion["substrate"]
    yield Row("charge of the substrate against its loss", "preparative",
              f"{abs(wanted_C / gone_C - 1):.0e}", "1e-9", "Faraday")  # fmt: skip
    gas = GasDiffusionCell.from_mapping(
        cell_description(
            "ag-weng",
            electrolyte={
                "hydroxide_mol_per_m3": 1e-3,
                "bicarbonate_mol_per_m3": 1000.0,
                "supply": "renewed",
            },
            feed={"species": "CO2", "flow_mol_per_s": 1e3},
            overrides={"saturation_mol_per_m3": 34.0, "flooding_time_s": 1e12},
        )
    )
    for _ in range(3):
        gas.step(Control.CURRENT, -50e-3, 1e6)
    layer = gas.layer()
    share = layer.co_A_per_m2 / (layer.co_A_per_m2 + layer.h2_A_per_m2)
    yield Row("FE of CO at 50 mA/cm², 0.938", "gas diffusion", f"{abs(share - 0.938):.1e}", "1e-3",
              "reduced catalyst layer, Weng 2018 kinetics")  # fmt: skip


class Timing(NamedTuple):
    """How long something takes here."""

    what: str
    seconds: float


def timings() -> Iterator[Timing]:
    """Median wall times, compilation left out."""

    def voltammogram(engine: str, mechanism: str = "A + e = B", **more: Any) -> Callable[[], Any]:
        form = cv(0.5, -0.5, 1.0, step_V=2e-3)
        numbers: Any = {**solution(), **more}
        return lambda: simulate_voltammogram(mechanism, form, engine=engine, **numbers)  # type: ignore[arg-type]

    ece = {"E0_V": [0.0, 0.1], "k0": 1e-2, "rate_constants": 5.0}
    ece |= {"resistance_ohm": 100.0, "capacitance_F": 2e-6}
    public = "simulate_voltammogram: reversible CV, 1,000 points"
    yield Timing(f"{public}, semi-integral", median_s(voltammogram(_SI)))
    yield Timing("of that the engine alone", median_s(engine_alone()))
    yield Timing(f"{public}, finite difference", median_s(voltammogram(_FD)))
    yield Timing("of that the engine alone", median_s(finite_difference_alone()))
    yield Timing(
        "ECE with R and C, four species, 1,000 points, finite difference",
        median_s(voltammogram(_FD, "A + e = B; B -> C; C + e = D", **ece)),
    )
    cell = PreparativeCell(electrolyses.plan().cell)
    start = cell.checkpoint()

    def sixteen_hours() -> None:
        cell.restore(start)
        cell.run([HeldControl(Control.CURRENT, 0.004, 57600.0)], 1.0)

    yield Timing("preparative cell, 16 h at 1 s", median_s(sixteen_hours, 3))

    def rehearsal() -> None:
        electrolyses.rehearsed.cache_clear()
        electrolyses.rehearsed()

    yield Timing(
        "four hours rehearsed: plan, driver, wire, emulator, journal", median_s(rehearsal, 1)
    )


def engine_alone() -> Callable[[], Any]:
    """The semi-integral engine on a cell that is already made."""
    mechanism = parse_mechanism("A + e = B")
    numbers = {key: value for key, value in solution().items() if key != "area_m2"}
    cell = SemiIntegralCell(
        mechanism_parameters(mechanism, k0=math.inf, **numbers),
        area_m2=AREA,
        between="ramp",
        shortest_step_s=2e-3,
        longest_time_s=2.001,
    )
    start, form = cell.checkpoint(), cv(0.5, -0.5, 1.0, step_V=2e-3)

    def run() -> None:
        cell.restore(start)
        cell.run(form)

    return run


def finite_difference_alone() -> Callable[[], Any]:
    """The finite-difference engine on a cell that is already made."""
    numbers = {key: value for key, value in solution().items() if key != "area_m2"}
    form = cv(0.5, -0.5, 1.0, step_V=2e-3)
    cell = FiniteDifferenceCell(
        mechanism_parameters(parse_mechanism("A + e = B"), k0=math.inf, **numbers),
        area_m2=AREA,
        initial_potential_V=0.5,
        shortest_s=2e-3,
        duration_s=2.001,
    )
    start = cell.checkpoint()

    def run() -> None:
        cell.restore(start)
        cell.run(Control.POTENTIAL, form.dt_s, form.end)

    return run


def median_s(work: Callable[[], Any], times: int = 21) -> float:
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return float(np.median(taken))


def percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.3f} %"


def mV(value: float) -> str:
    return f"{value:+.3f} mV"
