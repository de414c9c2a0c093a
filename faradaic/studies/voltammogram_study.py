"""One voltammogram of an instrument: its sweeps, peaks and what a pair of them says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from faradaic.analysis.voltammetry.curves import sweeps as directions
from faradaic.analysis.voltammetry.peaks import (
    Peak,
    find_peak,
    half_wave_potential,
    peak_separation,
)
from faradaic.diagnostics import InputError
from faradaic.quantities import convert
from faradaic.reporting.figures import BLUE, VERMILLION
from faradaic.reporting.panels import Curve, Mark, Panel
from faradaic.reporting.typography import with_minus
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import CycleRows, PeakRows, per_area, shown_current
from faradaic.studies.schema import VoltammogramStudy
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import Scaled, scaled

_TOPIC = "voltammogram"
WHOLE = 0.9
"""A sweep that covers less than this share of the widest one was broken off or begun late."""
_COLOURS = {"anodic sweep": VERMILLION, "cathodic sweep": BLUE}


def analyze_voltammogram(
    study: VoltammogramStudy, loaded: StudyFile, outcome: StudyOutcome
) -> None:
    """Peaks of each sweep of one cycle, half-wave potential and separation, scan rate."""
    table = Files(loaded, outcome).open(study.voltammogram, _TOPIC)
    name = study.voltammogram.gas or _TOPIC
    outcome.conditions[name] = dict(in_words(table.conditions))
    whole = scaled(table)
    pieces, what = cycle_of(table.name, whole.potential_V, study.cycle)
    area_m2 = table.conditions.area_m2
    for result in (whole.shift, *whole.drop):
        outcome.add(name, _TOPIC, result, what)
    if table.has("time"):
        time_s = table.take("time", "s")[whole.kept]
        outcome.add(name, _TOPIC, scan_rate(time_s, whole.potential_V, pieces))
    peaks: list[Peak] = []
    for number, piece in enumerate(pieces, 1):
        E_V, I_A = whole.potential_V[piece], whole.current_A[piece]
        at = f"{_side(E_V)} ({number})"
        try:
            peak = find_peak(E_V, I_A, anodic=bool(E_V[-1] > E_V[0]))
        except InputError as error:
            outcome.remarks.append(f"{at}: {error.diagnostics[0].message}")
            continue
        peaks.append(peak)
        for result in _peak_results(peak, area_m2, whole):
            outcome.add(name, _TOPIC, result, at)
    outcome.tabulate(
        name,
        PeakRows(
            np.array([peak.potential_V for peak in peaks]),
            per_area(np.array([peak.current_A for peak in peaks]), area_m2),
            np.array([peak.current_A for peak in peaks]),
            np.array([peak.potential_uncertainty_V for peak in peaks]),
        ),
    )
    if (pair := nearest_pair(peaks)) is not None:
        half_wave = half_wave_potential(pair[0], pair[1])
        half_wave = replace(half_wave, basis=whole.axis.header(), systematic=whole.shift.systematic)
        outcome.add(name, _TOPIC, half_wave, what)
        outcome.add(name, _TOPIC, peak_separation(pair[0], pair[1]), what)
    chosen = slice(pieces[0].start, pieces[-1].stop)
    E_V, I_A = whole.potential_V[chosen], whole.current_A[chosen]
    outcome.tabulate(name, CycleRows(whole.axis, E_V, per_area(I_A, area_m2), I_A), what)


def nearest_pair(peaks: Sequence[Peak]) -> tuple[Peak, Peak] | None:
    """An anodic and a cathodic peak; of several, which a sweep in two parts has, those nearest to
    each other: they are of one couple. None without one of either side."""
    sides = [[p for p in peaks if p.anodic is anodic] for anodic in (True, False)]
    if not all(sides):
        return None
    anodic, cathodic = min(product(*sides), key=lambda p: abs(p[0].potential_V - p[1].potential_V))
    return anodic, cathodic


def cycle_of(name: str, potential_V: Floats, wanted: int | None) -> tuple[list[slice], str]:
    """The sweeps of one cycle of the file called `name`, by default of the last whole one, and
    which that is. Raises `InputError` (E786)."""
    pieces = list(directions(potential_V))
    if not pieces:
        raise InputError.of(
            f"the potential in {name} does not change: this is no voltammogram",
            help="give a file with a sweep; `faradaic read FILE` says what it is",
            code="E786",
        )
    if wanted is None:
        return _last_whole_cycle(potential_V, pieces)
    cycles = [pieces[i : i + 2] for i in range(0, len(pieces), 2)]
    if wanted > len(cycles):
        raise InputError.of(
            f"there is no cycle {wanted} in {name}, which has {len(cycles)}",
            help=f"write `cycle: {len(cycles)}` or less, or leave it out for the last",
            code="E786",
        )
    return cycles[wanted - 1], f"cycle {wanted} of {len(cycles)}"


def _last_whole_cycle(potential_V: Floats, pieces: list[slice]) -> tuple[list[slice], str]:
    """The sweeps of the last cycle by its turning points, and what it is.

    It is two whole sweeps. A single cycle that begins between its turning points, as 0 → 1 → -1 →
    0 V, is one whole sweep between two parts that make up the other.
    """
    spans_V = [float(np.ptp(potential_V[piece])) for piece in pieces]
    least_V = WHOLE * max(spans_V)
    pairs = [i for i in range(1, len(pieces)) if min(spans_V[i - 1 : i + 1]) > least_V]
    if spans_V[0] > least_V:  # every cycle begins where the first one does
        pairs = [last for last in pairs if last % 2] or pairs
    if pairs:
        last = pairs[-1]
        what = f"sweeps {last} and {last + 1} of {len(pieces)}"
        if last % 2:
            what = f"cycle {last // 2 + 1} of {(len(pieces) + 1) // 2}"
        return pieces[last - 1 : last + 1], what
    for middle in range(len(pieces) - 2, 0, -1):
        parts_V = spans_V[middle - 1] + spans_V[middle + 1]
        if spans_V[middle] > least_V and parts_V > least_V:
            what = f"sweeps {middle} to {middle + 2} of {len(pieces)}"
            return pieces[middle - 1 : middle + 2], what
    return pieces[-2:], "no whole cycle: the last sweeps" if len(pieces) > 1 else "one sweep"


def scan_rate(time_s: Floats, potential_V: Floats, pieces: list[slice]) -> Result:
    """Median of |dE/dt| within the sweeps, V/s."""
    rates = np.concatenate(
        [np.abs(np.diff(potential_V[p])) / np.maximum(np.diff(time_s[p]), 1e-12) for p in pieces]
    )
    return Result("scan_rate", float(np.median(rates)), "V/s", "median of |dE/dt| of the samples")


def _peak_results(peak: Peak, area_m2: float | None, whole: Scaled) -> tuple[Result, ...]:
    side = "anodic" if peak.anodic else "cathodic"
    position = Result(
        f"{side}_peak_potential",
        peak.potential_V,
        "V",
        "top of the current, no baseline",
        whole.axis.header(),
        random=peak.potential_uncertainty_V,
        systematic=whole.shift.systematic,
    )
    height = Result(f"{side}_peak_current", peak.current_A, "A", "counted from zero")
    if area_m2 is not None:
        height = Result(
            f"{side}_peak_current_density",
            peak.current_A / area_m2,
            "A/m²",
            "counted from zero",
            f"area {convert(area_m2, 'cm^2'):g} cm²",
        )
    if peak.half_peak_V is None:
        return position, height
    half = replace(position, key=f"{side}_half_peak_potential", name="", value=peak.half_peak_V)
    return position, height, replace(half, method="where the rising side has half of the peak")


def voltammogram_panel(outcome: StudyOutcome) -> Panel:
    """The sweeps of the chosen cycle with their peaks."""
    (table,) = outcome.of(CycleRows)
    x, (y, y_label) = table.rows.potential_V, shown_current(table.rows)
    curves = [
        Curve(_side(x[piece]), 0, x[piece], y[piece], None, _COLOURS[_side(x[piece])], "line")
        for piece in directions(x)
    ]
    marks = [
        Mark(0, float(E_V), float(j), with_minus(f"{E_V:.3f} V"))
        for peaks in outcome.of(PeakRows)
        for E_V, j in zip(peaks.rows.potential_V, shown_current(peaks.rows)[0], strict=True)
    ]
    label = table.rows.axis.label()
    return Panel("voltammogram", table.detail, label, y_label, curves, marks=marks)


def _side(potential_V: Floats) -> str:
    """The direction of a sweep."""
    return "anodic sweep" if potential_V[-1] > potential_V[0] else "cathodic sweep"


def _analyze(study: VoltammogramStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    with placed(loaded.document, "voltammogram"):
        analyze_voltammogram(study, loaded, outcome)


VOLTAMMOGRAM = StudyKind(
    VoltammogramStudy,
    _analyze,
    lambda outcome: {"voltammogram": [voltammogram_panel(outcome)]},
    TEMPLATES / "voltammogram.yaml",
)
