"""Linear sweeps of one sample: potentials on the wanted scale, onsets, N2 against CO2."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.ohmic_drop import correct_ohmic_drop
from faradaic.analysis.voltammetry.curves import sweeps as directions
from faradaic.analysis.voltammetry.onset import onset_by_threshold
from faradaic.analysis.voltammetry.pairs import Sweep, compare_sweeps
from faradaic.diagnostics import InputError
from faradaic.results import Result
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import DifferenceRows, PotentialAxis, SweepRows
from faradaic.studies.schema import CatalystSample

THRESHOLD_A_PER_M2 = 10.0
"""1 mA/cm², the density at which an onset is read."""
BLANKS = ("N2", "Ar")
STEP_V = 1e-3
LARGE_DROP = "over half of the potentials swept: check `resistance` and `compensated`"


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Potentials on the wanted scale beside the current; arrays of one length."""

    potential_V: Floats
    current_A: Floats
    axis: PotentialAxis
    shift: Result
    drop: tuple[Result, ...]
    """The largest ohmic drop taken off, if any was."""
    kept: NDArray[np.bool_]
    """The rows of the file that have a potential and a current; the others are left out."""


def scaled(table: DataTable) -> Scaled:
    """Potential and current of a file under its conditions; raises `InputError` (E782, E783)."""
    current_A = table.current_A()
    measured_V, shift = table.potential_V()
    potential_V, corrected = without_drop(table, measured_V, current_A)
    drop = _largest_drop(table, measured_V, measured_V - potential_V) if corrected else ()
    kept = np.isfinite(potential_V) & np.isfinite(current_A)
    axis = PotentialAxis(table.scale, corrected)
    return Scaled(potential_V[kept], current_A[kept], axis, shift, drop, kept)


def _largest_drop(table: DataTable, measured_V: Floats, drop_V: Floats) -> tuple[Result, ...]:
    resistance_ohm = table.conditions.resistance_ohm
    if not resistance_ohm or not np.nansum(np.abs(drop_V)):
        return ()
    largest_V = float(drop_V[np.nanargmax(np.abs(drop_V))])
    relative = table.conditions.resistance_uncertainty_ohm / resistance_ohm
    span_V = float(np.nanmax(measured_V) - np.nanmin(measured_V))
    return (
        Result(
            "largest_ohmic_drop_taken_off",
            largest_V,
            "V",
            "(1 - f) I R",
            f"R = {resistance_ohm:g} Ohm, f = {table.conditions.compensated:g}",
            systematic=abs(largest_V) * relative,
            flags=(LARGE_DROP,) if abs(largest_V) > 0.5 * span_V else (),
        ),
    )


def without_drop(table: DataTable, potential_V: Floats, current_A: Floats) -> tuple[Floats, bool]:
    """Potentials without the ohmic drop, and whether a resistance was given to take it off."""
    conditions = table.conditions
    resistance = conditions.resistance_ohm
    by_instrument = table.data.ohmic_drop == "compensated"
    if resistance is None:
        return potential_V, by_instrument
    fraction = table.needed.get("compensated", conditions.compensated, "the ohmic correction")
    if by_instrument and fraction == 0.0:
        raise InputError.of(
            f"{table.name} says that its potentials are corrected already; `compensated` is 0",
            help="write `compensated: 85 %` as the instrument was set, or 100 % for all of it",
            code="E785",
        )
    done = correct_ohmic_drop(
        potential_V,
        current_A,
        resistance,
        compensated_fraction=fraction,
        uncertainty_ohm=conditions.resistance_uncertainty_ohm,
    )
    return done.potential_V, True


def analyze_sweeps(sample: CatalystSample, files: Files, outcome: StudyOutcome) -> None:
    """Onsets of each sweep, the pair on one grid, and the tables of the figure."""
    found: dict[str, Sweep] = {}
    for entry in sample.sweeps:
        gas = entry.gas or "unnamed gas"
        table = files.open(entry, f"{sample.name}: sweep in {gas}", sample.conditions)
        curve = scaled(table)
        area_m2 = table.needed.area_m2()
        for result in (curve.shift, *curve.drop):
            outcome.add(sample.name, "sweeps", result, gas)
        branch = _first_branch(curve)
        onset = onset_by_threshold(
            branch.potential_V,
            branch.current_A,
            threshold_A_per_m2=THRESHOLD_A_PER_M2,
            area_m2=area_m2,
        )
        outcome.add(sample.name, "sweeps", _on_scale(onset, curve, area_m2, table), gas)
        density_A_per_m2 = branch.current_A / area_m2
        rows = SweepRows(curve.axis, branch.potential_V, density_A_per_m2, branch.current_A)
        outcome.tabulate(sample.name, rows, gas)
        conditions = table.conditions
        found[gas] = Sweep(
            branch.potential_V,
            branch.current_A,
            area_m2,
            table.scale,
            conditions.pH,
            bool(curve.axis.corrected),
            gas,
        )
    blank = next((found[gas] for gas in BLANKS if gas in found), None)
    for gas, sweep in found.items():
        if blank is not None and gas not in BLANKS:
            _compare(sample.name, sweep, blank, outcome)


def _on_scale(onset: Result, curve: Scaled, area_m2: float, table: DataTable) -> Result:
    """The onset with what the scale and the ohmic correction add to its uncertainty."""
    remaining_ohm = 0.0
    if curve.drop:
        remaining_ohm = table.conditions.resistance_uncertainty_ohm
        remaining_ohm *= 1.0 - (table.conditions.compensated or 0.0)
    parts = (onset.systematic, curve.shift.systematic, remaining_ohm * THRESHOLD_A_PER_M2 * area_m2)
    return replace(
        onset,
        basis=f"{onset.basis}; {curve.axis.header()}".removeprefix("; "),
        systematic=math.hypot(*(part or 0.0 for part in parts)),
    )


def _first_branch(curve: Scaled) -> Scaled:
    """The first sweep of one direction, in the order of time."""
    pieces = directions(curve.potential_V)
    if len(pieces) < 2:
        return curve
    piece = pieces[0]
    return replace(curve, potential_V=curve.potential_V[piece], current_A=curve.current_A[piece])


def _compare(name: str, sweep: Sweep, blank: Sweep, outcome: StudyOutcome) -> None:
    pair = compare_sweeps(sweep, blank, step_V=STEP_V)
    largest = int(np.argmax(np.abs(pair.difference_A_per_m2)))
    at = f"{pair.potential_V[largest]:.3f} V vs {sweep.scale}"
    outcome.add(
        name,
        "sweeps",
        Result(
            "largest_difference",
            float(pair.difference_A_per_m2[largest]),
            "A/m²",
            "difference on one grid of 1 mV",
            f"area {sweep.area_m2:g} m2",
            flags=pair.caveats,
            name=f"largest difference {sweep.gas} - {blank.gas}",
        ),
        at,
    )
    outcome.tabulate(
        name,
        DifferenceRows(
            PotentialAxis(sweep.scale),
            sweep.gas,
            blank.gas,
            pair.potential_V,
            pair.sample_A_per_m2,
            pair.blank_A_per_m2,
            pair.difference_A_per_m2,
        ),
    )
