"""A study of a CO2 electrolysis, rehearsed: what a laboratory would measure, and the truth behind.

Sweeps under N2 and CO2, the products at a row of potentials, and a long run at one potential, on
simulated cells of one catalyst. Everything in it is SIMULATED; the clusters' parameters are
illustrative (see `faradaic/chemistry/cell_description/parameters`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.chemistry.reference_electrodes import reference_electrode
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL, STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from faradaic.simulators.gas_analysis import GasRecord
    from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionTrace

    Array = npt.NDArray[np.float64]

ELECTRONS = 2
"""Per molecule of CO and of H2."""
HYDROXIDE_MOL_PER_M3 = 1000.0
HG_HGO_V_VS_SHE = reference_electrode("Hg/HgO (1 M KOH)").potential_V
FLOW_SCCM = 20.0


@dataclass(frozen=True, slots=True)
class LinearSweepCurve:
    """A linear sweep: potential against RHE (not corrected for the ohmic drop) and current."""

    gas: str
    potential_V_vs_RHE: Array
    current_A: Array


@dataclass(frozen=True, slots=True)
class Hold:
    """A constant potential and what the chromatograph found at its end."""

    potential_V_vs_RHE: float
    current_A: float
    """Mean over the part of the hold that the sample comes from."""
    fe_co: float
    fe_h2: float
    """Faradaic efficiencies from gas analysis and outlet flow; they need not add up to one."""
    fe_co_true: float
    record: GasRecord


@dataclass(frozen=True, slots=True)
class LongRun:
    """Hours at one potential."""

    potential_V_vs_RHE: float
    trace: GasDiffusionTrace
    record: GasRecord
    current_A: Array
    """At the injections, mean since the one before."""
    fe_co: Array
    fe_h2: Array


@dataclass(frozen=True, slots=True)
class RehearsedStudy:
    """A rehearsed study of one catalyst; SIMULATED."""

    catalyst: str
    title: str
    illustrative: bool
    area_m2: float
    sites_mol: float
    """Clusters on the electrode; for a set without a cluster `nan`."""
    sweeps: tuple[LinearSweepCurve, ...]
    holds: tuple[Hold, ...]
    long_run: LongRun

    def partial_current_density_A_per_m2(self) -> list[float]:
        """FE times the mean current of each hold, over the area; cathodic, so negative."""
        return [hold.fe_co * hold.current_A / self.area_m2 for hold in self.holds]

    def turnover_frequency_per_s(self) -> list[float]:
        """|j_CO| A/(z F n) of each hold: CO per cluster and second, all clusters counted.

        Clusters that nothing reaches count as well, so this is a lower limit.
        """
        per_A = 1 / (ELECTRONS * FARADAY_C_PER_MOL * self.sites_mol)
        return [abs(hold.fe_co * hold.current_A) * per_A for hold in self.holds]

    def write(self, folder: Path) -> list[Path]:
        """CSV files of the measurements, with SIMULATED in the first line of each.

        `sweep-N2.csv`, `sweep-CO2.csv`, `holds.csv`, `long-run.csv`, `long-run-gas.csv`.
        """
        return _write(self, folder)


def cell_description(catalyst: str, **changes: Any) -> dict[str, Any]:
    """The study's cell: 1 cm², 10 mL/min of fresh 1 M KOH, 20 sccm of CO2, Hg/HgO.

    Keys may be replaced; an electrolyte of your own leaves through the membrane unless it says
    otherwise (`ElectrolyteDescription.supply`).
    """
    from faradaic.chemistry.gases import NORMAL

    cell: dict[str, Any] = {
        "parameters": catalyst,
        "area_m2": 1e-4,
        "resistance_ohm": 5.0,
        "reference": {"potential_V_vs_SHE": HG_HGO_V_VS_SHE, "ohmic_fraction": 0.3},
        "electrolyte": {
            "hydroxide_mol_per_m3": HYDROXIDE_MOL_PER_M3,
            "supply": "single_pass",
            "volume_m3": 1e-6,
            "flow_m3_per_s": 10e-6 / 60,
        },
        "feed": {"species": "CO2", "flow_mol_per_s": FLOW_SCCM * NORMAL.sccm_mol_per_s},
        "counter": {
            "area_m2": 1e-4,
            "pH": 14.0,
            "exchange_A_per_m2": 5e-4,
            "tafel_slope_V_per_decade": 0.06,
        },
    }
    return cell | changes


def rehearse_co2_study(
    catalyst: str,
    *,
    seed: int = 0,
    cell: Mapping[str, Any] | None = None,
    loading_kg_per_m2: float = 1e-2,
    sweep_V_vs_RHE: tuple[float, float] = (0.2, -0.8),
    sweep_rate_V_per_s: float = 0.01,
    holds_V_vs_RHE: Sequence[float] = (-0.3, -0.38, -0.4, -0.5, -0.6, -0.7),
    hold_s: float = 1200.0,
    long_V_vs_RHE: float = -0.38,
    long_s: float = 57600.0,
    interval_s: float = 1.0,
) -> RehearsedStudy:
    """Rehearse the study of a catalyst, a name of `parameter_sets()`; every part on a fresh cell.

    `cell` replaces keys of `cell_description`. Gas is analysed at the end of each hold and, in the
    long run, every 20 min. The same seed gives the same numbers. Raises `InputError`.
    """
    import numpy as np

    from faradaic.chemistry.cell_description.gas_diffusion_description import load_parameters
    from faradaic.chemistry.clusters import named_cluster
    from faradaic.simulators.contracts import Control
    from faradaic.simulators.gas_analysis import GasChromatograph, analyse_outlet
    from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell, rhe_V_vs_SHE

    chosen = load_parameters(catalyst)
    described = cell_description(catalyst, **(cell or {}))
    if described.get("reference") is None:
        raise refusal(
            "E563",
            "a study at potentials vs RHE needs a reference electrode",
            'add `"reference": {"potential_V_vs_SHE": 0.1}` to the cell',
        )
    hydroxide = described["electrolyte"]["hydroxide_mol_per_m3"]
    zero_V = rhe_V_vs_SHE(hydroxide, described.get("temperature_K", STANDARD_TEMPERATURE_K))
    zero_V -= described["reference"]["potential_V_vs_SHE"]
    flow = described["feed"]["flow_mol_per_s"]

    def held(potential_V: float, duration_s: float) -> GasDiffusionTrace:
        fresh = GasDiffusionCell.from_mapping(described)
        count = round(duration_s / interval_s)
        return fresh.run(Control.POTENTIAL, np.full(count, potential_V + zero_V), interval_s)

    sweeps = []
    for gas in ("N2", "CO2"):
        fresh = GasDiffusionCell.from_mapping(described)
        fresh.feed(gas, flow)
        count = round(abs(sweep_V_vs_RHE[1] - sweep_V_vs_RHE[0]) / 1e-3) + 1
        ramp_V = np.linspace(*sweep_V_vs_RHE, count)
        fresh.run(Control.POTENTIAL, np.full(60, ramp_V[0] + zero_V), 1.0)
        swept = fresh.run(Control.POTENTIAL, ramp_V + zero_V, 1e-3 / sweep_rate_V_per_s)
        sweeps.append(LinearSweepCurve(gas, ramp_V, swept.current_A))

    holds = []
    for number, potential_V in enumerate(holds_V_vs_RHE):
        trace = held(potential_V, hold_s)
        at_end = GasChromatograph(first_injection_s=trace.time_s[-1] - trace.time_s[0])
        record = analyse_outlet(
            trace.time_s, trace.outlet, seed=seed, record=number, chromatograph=at_end
        )
        current_A = float(np.mean(trace.current_A[trace.time_s > 0.8 * trace.time_s[-1]]))
        share = [record.partial_current_A(s, ELECTRONS)[0] / abs(current_A) for s in ("CO", "H2")]
        true = trace.co_A[-1] / (trace.co_A[-1] + trace.h2_A[-1])
        holds.append(Hold(potential_V, current_A, share[0], share[1], float(true), record))

    trace = held(long_V_vs_RHE, long_s)
    record = analyse_outlet(trace.time_s, trace.outlet, seed=seed, record=len(holds))
    charge_C = np.concatenate(([0.0], np.cumsum(trace.current_A) * interval_s))
    passed_C = np.interp(record.time_s, np.concatenate(([0.0], trace.time_s)), charge_C)
    mean_A = np.diff(passed_C, prepend=0.0) / np.diff(record.time_s, prepend=0.0)
    fe = [record.partial_current_A(s, ELECTRONS) / np.abs(mean_A) for s in ("CO", "H2")]
    long_run = LongRun(long_V_vs_RHE, trace, record, mean_A, fe[0], fe[1])

    sites_mol = math.nan
    if chosen.cluster:
        molar_mass = named_cluster(chosen.cluster).molar_mass_kg_per_mol(with_counter_ion=True)
        sites_mol = loading_kg_per_m2 * described["area_m2"] / molar_mass
    return RehearsedStudy(
        catalyst,
        chosen.title,
        chosen.illustrative,
        described["area_m2"],
        sites_mol,
        tuple(sweeps),
        tuple(holds),
        long_run,
    )


def _write(study: RehearsedStudy, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    run, gas = study.long_run, study.long_run.record
    tables: dict[str, dict[str, Any]] = {
        f"sweep-{sweep.gas}": {
            "potential_V_vs_RHE": sweep.potential_V_vs_RHE,
            "current_A": sweep.current_A,
        }
        for sweep in study.sweeps
    }
    tables["holds"] = {
        "potential_V_vs_RHE": [hold.potential_V_vs_RHE for hold in study.holds],
        "current_A": [hold.current_A for hold in study.holds],
        "CO_ppm": [hold.record.ppm["CO"][0] for hold in study.holds],
        "H2_ppm": [hold.record.ppm["H2"][0] for hold in study.holds],
        "outlet_sccm": [hold.record.outlet_sccm[0] for hold in study.holds],
        "FE_CO": [hold.fe_co for hold in study.holds],
        "FE_H2": [hold.fe_h2 for hold in study.holds],
        "j_CO_A_per_m2": study.partial_current_density_A_per_m2(),
        "TOF_per_cluster_per_s": study.turnover_frequency_per_s(),
    }
    tables["long-run"] = {
        "time_s": run.trace.time_s,
        "current_A": run.trace.current_A,
        "cell_voltage_V": run.trace.cell_voltage_V,
        "potential_V_vs_reference": run.trace.potential_V,
    }
    tables["long-run-gas"] = {
        "time_s": gas.time_s,
        "CO_ppm": gas.ppm["CO"],
        "H2_ppm": gas.ppm["H2"],
        "outlet_sccm": gas.outlet_sccm,
        "current_A": run.current_A,
        "FE_CO": run.fe_co,
        "FE_H2": run.fe_h2,
    }
    kind = "parameters ILLUSTRATIVE" if study.illustrative else "parameters from literature"
    meter = gas.meter
    standard = meter.standard
    head = (
        f"# SIMULATED; {study.title}; {kind}; area {study.area_m2:g} m2;"
        f" sccm at {standard.temperature_K:g} K, {standard.pressure_Pa:g} Pa"
    )
    return [_table(folder / f"{name}.csv", head, columns) for name, columns in tables.items()]


def _table(path: Path, head: str, columns: Mapping[str, Any]) -> Path:
    """Numbers as nine digits; a missing one is an empty field."""
    lines = [head, ",".join(columns)]
    lines += [
        ",".join("" if math.isnan(value) else f"{value:.9g}" for value in row)
        for row in zip(*columns.values(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
