"""Voltammograms of one cell at several scan rates: what their peaks, or their currents, tell.

With peaks: how their height grows with the rate (½ of a dissolved couple, 1 of a bound one), the
diffusion coefficient or the coverage, the separation and the rate constant. Without peaks: the
capacitance, from the currents of both directions at one potential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from faradaic.analysis.voltammetry.capacitance import (
    current_at,
    double_layer_capacitance,
    electrochemical_area,
)
from faradaic.analysis.voltammetry.curves import straight_line
from faradaic.analysis.voltammetry.laviron import rate_constant_by_table, surface_coverage
from faradaic.analysis.voltammetry.nicholson import standard_rate_constant
from faradaic.analysis.voltammetry.peaks import Peak, find_peak, half_wave_potential
from faradaic.analysis.voltammetry.randles_sevcik import diffusion_coefficient
from faradaic.diagnostics import InputError
from faradaic.documents.models import Model, NotEmpty, Text
from faradaic.quantities.fields import (
    ArealCapacitance,
    Concentration,
    DiffusionCoefficient,
    Positive,
    Voltage,
)
from faradaic.reporting.figures import BLUE, VERMILLION
from faradaic.reporting.panels import Curve, Panel, sample_colour
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import CURRENT, CycleRows, Rows, Shown, per_area, shown_current
from faradaic.studies.schema import MeasurementConditions, Study, SweepFile
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import Scaled, scaled
from faradaic.studies.voltammogram_study import cycle_of, nearest_pair, scan_rate

TOPIC = "scan rates"
ALL = "all rates"
BOUND, DISSOLVED = (0.9, 1.1), (0.4, 0.6)
"""Exponents of the scan rate between which a couple counts as bound, and as dissolved."""

REVERSIBLE_V, IRREVERSIBLE_V = 0.070, 0.200
"""n times the separation of the peaks at 25 degC up to which a wave counts as reversible, and from
which it counts as irreversible (Nicholson 1965: 57 to 61 mV, and beyond 212 mV)."""

RATE = Shown("scan rate", "V/s")


class SpecificCapacitance(Model):
    """What the capacitance of the series is divided by; for one metal the literature spreads by a
    factor of six, so there is no default."""

    value_F_per_m2: Annotated[ArealCapacitance, Positive]
    low_F_per_m2: Annotated[ArealCapacitance, Positive]
    high_F_per_m2: Annotated[ArealCapacitance, Positive]
    source: Text | None = None


class ScanRateStudy(Study):
    """Voltammograms of one cell, each at a rate of its own."""

    kind: Literal["scan_rates"]
    voltammograms: Annotated[tuple[SweepFile, ...], NotEmpty()]
    electrons: Annotated[int, Field(strict=True, ge=1)] = 1
    concentration_mol_per_m3: Annotated[Concentration, Positive] | None = None
    """Of the couple in the solution; with the area, peaks give a diffusion coefficient."""
    diffusion_coefficient_m2_per_s: Annotated[DiffusionCoefficient, Positive] | None = None
    """Where it is known; it is needed for the rate constant."""
    at_V: Voltage | None = None
    """Potential at which the capacitance is read, on the scale of the results; by default the
    middle of what all sweeps cover."""
    read_as: Literal["peaks", "capacitance"] | None = None
    """By default peaks where two voltammograms have a pair of them."""
    specific_capacitance: SpecificCapacitance | None = None
    """Per true area; gives the electrochemically active area and the roughness."""


@dataclass(frozen=True, slots=True, eq=False)
class ScanRateRows(Rows):
    """What each voltammogram comes to."""

    topic = "series"
    rate_V_per_s: Annotated[Floats, RATE]
    anodic_V: Annotated[Floats, Shown("E anodic peak", "V")]
    cathodic_V: Annotated[Floats, Shown("E cathodic peak", "V")]
    anodic_A: Annotated[Floats, Shown("I anodic", "mA")]
    """At the peak, or at the potential of the capacitance."""
    cathodic_A: Annotated[Floats, Shown("I cathodic", "mA")]


class _One(NamedTuple):
    """One voltammogram."""

    name: str
    whole: Scaled
    pieces: list[slice]
    rate_V_per_s: float
    pair: tuple[Peak, Peak] | None


def analyze_scan_rates(study: ScanRateStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """The series of peaks, or of currents without peaks."""
    files = Files(loaded, outcome)
    found: list[_One] = []
    conditions = MeasurementConditions()
    for number, entry in enumerate(study.voltammograms):
        with placed(loaded.document, "voltammograms", number):
            table = files.open(entry, TOPIC)
            conditions = table.conditions
            whole = scaled(table)
            pieces, what = cycle_of(table.name, whole.potential_V, None)
            rate = scan_rate(table.take("time", "s")[whole.kept], whole.potential_V, pieces)
        assert rate.value is not None
        name = PurePath(entry.file).name
        found.append(_One(name, whole, pieces, rate.value, nearest_pair(_peaks(whole, pieces))))
        chosen = slice(pieces[0].start, pieces[-1].stop)
        E_V, I_A = whole.potential_V[chosen], whole.current_A[chosen]
        rows = CycleRows(whole.axis, E_V, per_area(I_A, conditions.area_m2), I_A)
        outcome.tabulate(f"{1e3 * rate.value:.4g} mV/s", rows, what)
    found.sort(key=lambda one: one.rate_V_per_s)
    outcome.conditions[ALL] = dict(in_words(conditions))
    rates = [one.rate_V_per_s for one in found]
    if len(found) < 2 or rates[-1] < 1.05 * rates[0]:
        raise InputError.of(
            f"the {len(found)} voltammograms have one scan rate, {rates[0]:.3g} V/s",
            help="give voltammograms of one cell at two rates or more; one alone is `kind:"
            " voltammogram`",
            code="E786",
        )
    with_peaks = [one for one in found if one.pair is not None]
    if study.read_as == "peaks" and len(with_peaks) < 2:
        raise InputError.of(
            f"{len(with_peaks)} of the {len(found)} voltammograms have a pair of peaks, two are"
            " needed for `read_as: peaks`",
            help="leave out `read_as`, or write `read_as: capacitance`",
            code="E786",
        )
    if len(with_peaks) >= 2 and study.read_as != "capacitance":
        for one in found:
            if one.pair is None:
                outcome.remarks.append(f"{one.name}: no pair of peaks; left out")
        _of_peaks(study, conditions, with_peaks, outcome)
    else:
        _of_capacitance(study, conditions, found, outcome)


def _peaks(whole: Scaled, pieces: list[slice]) -> list[Peak]:
    peaks = []
    for piece in pieces:
        E_V, I_A = whole.potential_V[piece], whole.current_A[piece]
        try:
            peaks.append(find_peak(E_V, I_A, anodic=bool(E_V[-1] > E_V[0])))
        except InputError:
            continue
    return peaks


def _of_peaks(
    study: ScanRateStudy,
    conditions: MeasurementConditions,
    found: list[_One],
    outcome: StudyOutcome,
) -> None:
    pairs = [one.pair for one in found if one.pair is not None]
    rate = np.array([one.rate_V_per_s for one in found])
    sides = {
        "anodic": np.array([pair[0].current_A for pair in pairs]),
        "cathodic": np.array([pair[1].current_A for pair in pairs]),
    }
    E_a, E_c = (np.array([pair[k].potential_V for pair in pairs]) for k in (0, 1))
    outcome.tabulate(ALL, ScanRateRows(rate, E_a, E_c, sides["anodic"], sides["cathodic"]))
    half_waves = [half_wave_potential(*pair).value for pair in pairs]
    middle = np.array([np.nan if value is None else value for value in half_waves])
    outcome.add(
        ALL,
        TOPIC,
        Result(
            "half_wave_potential",
            float(np.nanmean(middle)),
            "V",
            "mean of the middles between the peaks",
            found[0].whole.axis.header(),
            random=float(np.nanstd(middle, ddof=1)) if len(middle) > 1 else None,
        ),
    )
    forward = found[0].whole.potential_V[found[0].pieces[0]]
    side = "anodic" if forward[-1] > forward[0] else "cathodic"
    exponent = _exponent(rate, sides[side], side)
    outcome.add(ALL, TOPIC, exponent)
    assert exponent.value is not None
    n, T_K = study.electrons, conditions.temperature_K
    gap_V = E_a - E_c
    if BOUND[0] <= exponent.value <= BOUND[1]:
        outcome.remarks.append("the peaks grow with the scan rate itself: the couple is bound")
        if conditions.area_m2 is not None:
            for of, current_A in sides.items():
                bound = surface_coverage(
                    rate, current_A, electrons=n, area_m2=conditions.area_m2, temperature_K=T_K
                )
                outcome.add(ALL, TOPIC, bound, of)
        k_s = rate_constant_by_table(rate, gap_V, electrons=n, temperature_K=T_K)
        outcome.add(ALL, TOPIC, k_s)
        return
    D, relative = study.diffusion_coefficient_m2_per_s, 0.0
    if D is None:
        found_D = _diffusion(study, conditions, rate, sides[side], gap_V, outcome)
        if found_D is not None and found_D.value is not None:
            D, relative = found_D.value, found_D.uncertainty / found_D.value
    if D is None:
        outcome.remarks.append(
            "without a diffusion coefficient the separations give no rate constant"
        )
        return
    k0 = standard_rate_constant(
        rate,
        gap_V,
        diffusion_m2_per_s=D,
        relative_diffusion_uncertainty=relative,
        electrons=n,
        temperature_K=T_K,
        switching_V=min(map(_turned_V, found, middle)),
    )
    outcome.add(ALL, TOPIC, k0)


def _exponent(rate: Floats, current_A: Floats, side: str) -> Result:
    """Of the forward peak; that of the return, counted from zero, grows in another way."""
    line = straight_line(np.log(rate), np.log(np.abs(current_A)))
    neither = not any(low <= line.slope <= high for low, high in (BOUND, DISSOLVED))
    return Result(
        "exponent_of_the_scan_rate",
        line.slope,
        "1",
        "log |i_p| of the forward peak on log of the scan rate, least squares",
        "½ of a dissolved couple, 1 of a bound one",
        random=line.slope_error if len(rate) > 2 else None,
        flags=("neither: ohmic drop, charging current, or both kinds",) if neither else (),
        of=side,
    )


def _diffusion(
    study: ScanRateStudy,
    conditions: MeasurementConditions,
    rate: Floats,
    peak_A: Floats,
    gap_V: Floats,
    outcome: StudyOutcome,
) -> Result | None:
    """D from the forward peaks, by the law that the separations fit."""
    area_m2, bulk = conditions.area_m2, study.concentration_mol_per_m3
    if area_m2 is None or bulk is None:
        pairs = (("`area`", area_m2), ("`concentration`", bulk))
        missing = " and ".join(key for key, value in pairs if value is None)
        outcome.remarks.append(f"without {missing} the peaks give no diffusion coefficient")
        return None

    def by(alpha: float | None) -> Result:
        return diffusion_coefficient(
            rate,
            peak_A,
            electrons=study.electrons,
            area_m2=area_m2,
            concentration_mol_per_m3=bulk,
            temperature_K=conditions.temperature_K,
            alpha=alpha,
        )

    wide_V = float(np.median(gap_V)) * study.electrons
    if wide_V >= IRREVERSIBLE_V:
        found = by(0.5)
        found = replace(found, flags=(*found.flags, "the wave is irreversible: alpha taken as 0.5"))
    elif wide_V <= REVERSIBLE_V:
        found = by(None)
    else:
        found, high = by(None), by(0.5).value
        said = f"quasi-reversible ({1e3 * wide_V:.0f} mV apart): between the reversible law and the"
        said += " irreversible one"
        found = replace(found, bounds=(found.value, high), flags=(*found.flags, said))
        if found.value is not None and high is not None:
            spread = (high - found.value) / math.sqrt(12.0)
            middle = 0.5 * (high + found.value)
            found = replace(found, value=middle, systematic=spread)
    return outcome.add(ALL, TOPIC, found)


def _turned_V(one: _One, half_wave_V: float) -> float:
    """How far beyond the half-wave potential the forward sweep turned."""
    E_V = one.whole.potential_V[one.pieces[0]]
    return abs(float(E_V[-1]) - half_wave_V)


def _of_capacitance(
    study: ScanRateStudy,
    conditions: MeasurementConditions,
    found: list[_One],
    outcome: StudyOutcome,
) -> None:
    low = max(float(one.whole.potential_V.min()) for one in found)
    high = min(float(one.whole.potential_V.max()) for one in found)
    at_V = 0.5 * (low + high) if study.at_V is None else study.at_V
    rate = np.array([one.rate_V_per_s for one in found])
    currents = {True: np.full(len(found), np.nan), False: np.full(len(found), np.nan)}
    for number, one in enumerate(found):
        for piece in one.pieces:
            E_V, I_A = one.whole.potential_V[piece], one.whole.current_A[piece]
            value = current_at(E_V, I_A, at_V).value
            if value is not None:
                currents[bool(E_V[-1] > E_V[0])][number] = value
    nothing = np.full(len(found), np.nan)
    outcome.tabulate(ALL, ScanRateRows(rate, nothing, nothing, currents[True], currents[False]))
    whole = np.isfinite(currents[True]) & np.isfinite(currents[False])
    if whole.sum() < 3:
        reason = f"{whole.sum()} of {len(found)} voltammograms cover {at_V:g} V in both directions"
        none = Result("double_layer_capacitance", None, "F", "slope", reason=reason)
        outcome.add(ALL, TOPIC, none)
        return
    found_F = double_layer_capacitance(rate[whole], currents[True][whole], currents[False][whole])
    where = f"at {at_V:.3f} V, {found[0].whole.axis.header()}"
    found_F = outcome.add(ALL, TOPIC, replace(found_F, basis=f"{found_F.basis}; {where}"))
    if study.read_as is None:
        outcome.remarks.append("no pairs of peaks: the currents are read as capacitive")
    _of_area(study, conditions, found_F, outcome)


def _of_area(
    study: ScanRateStudy,
    conditions: MeasurementConditions,
    capacitance: Result,
    outcome: StudyOutcome,
) -> None:
    """The active area and the roughness, where a specific capacitance is stated."""
    stated = study.specific_capacitance
    if stated is None:
        outcome.remarks.append(
            "for the electrochemically active area state what its capacitance is, in a study file:"
            " `specific_capacitance: {value: 40 µF/cm^2, low: 20 µF/cm^2, high: 60 µF/cm^2}`"
        )
        return
    area = electrochemical_area(
        capacitance,
        specific_F_per_m2=stated.value_F_per_m2,
        specific_range_F_per_m2=(stated.low_F_per_m2, stated.high_F_per_m2),
    )
    if stated.source is not None:
        area = replace(area, basis=f"{area.basis}; {stated.source}")
    outcome.add(ALL, TOPIC, area)
    if conditions.area_m2 is None:
        outcome.remarks.append("without `area:` under `conditions:` there is no roughness")
    elif area.value is not None:
        roughness = area.scaled(
            1.0 / conditions.area_m2,
            key="roughness_factor",
            unit="1",
            method="electrochemically active over geometric area",
        )
        relative = conditions.area_uncertainty or 0.0
        systematic = math.hypot(roughness.systematic or 0.0, (roughness.value or 0.0) * relative)
        outcome.add(ALL, TOPIC, replace(roughness, systematic=systematic))


def scan_rate_panels(outcome: StudyOutcome) -> list[Panel]:
    """The voltammograms over each other, and the series."""
    cycles, label, axis = [], "", ""
    for number, table in enumerate(outcome.of(CycleRows)):
        y, label = shown_current(table.rows)
        axis = table.rows.axis.label()
        x = table.rows.potential_V
        cycles.append(Curve(table.sample, number, x, y, None, sample_colour(number), "line"))
    panels = [Panel("voltammograms", "voltammograms", axis, label, cycles)]
    for series in outcome.of(ScanRateRows):
        rows = series.rows
        sides = (("anodic", rows.anodic_A, VERMILLION), ("cathodic", rows.cathodic_A, BLUE))
        curves = [
            Curve(side, k, rows.rate_V_per_s, np.abs(CURRENT.values(A)), None, colour, "points")
            for k, (side, A, colour) in enumerate(sides)
        ]
        of = CURRENT.label("|I|")
        peaks = bool(np.isfinite(rows.anodic_V).any())
        panels.append(Panel("series", "series", RATE.label(), of, curves, log_x=peaks, log_y=peaks))
    return panels


SCAN_RATES = StudyKind(
    ScanRateStudy,
    analyze_scan_rates,
    lambda outcome: {"scan_rates": scan_rate_panels(outcome)},
    TEMPLATES / "scan_rates.yaml",
)
