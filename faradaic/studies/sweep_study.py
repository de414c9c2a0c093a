"""One linear sweep: where its current begins, its Tafel slope, and its wave if it has one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from faradaic.analysis.voltammetry.curves import sweeps as directions
from faradaic.analysis.voltammetry.half_wave import Wave, steady_state_wave
from faradaic.analysis.voltammetry.onset import onset_by_threshold
from faradaic.analysis.voltammetry.tafel import TafelFit, tafel_fit, tafel_window
from faradaic.diagnostics import InputError
from faradaic.documents.models import Model
from faradaic.quantities.fields import Current, Voltage
from faradaic.reporting.figures import BLUE, VERMILLION
from faradaic.reporting.panels import Curve, Panel
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import (
    PotentialAxis,
    Rows,
    Shown,
    SweepRows,
    per_area,
    shown_current,
)
from faradaic.studies.schema import Study, SweepFile
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import THRESHOLD_A_PER_M2, Scaled, scaled

TOPIC = "sweep"
BY_ITSELF = "the window was chosen as the straightest decade: `tafel:` names another"


class TafelWindow(Model):
    """Between which potentials, on the scale of the results, a Tafel line is laid."""

    from_V: Voltage
    to_V: Voltage
    equilibrium_V: Voltage | None = None
    """To which the exchange current is extrapolated."""
    limiting_current_A: Current | None = None
    """Of mass transport, which is then taken out; of the sign of the current."""


class SweepStudy(Study):
    """One linear sweep."""

    kind: Literal["sweep"]
    sweep: SweepFile
    tafel: TafelWindow | None = None
    electrons: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Per molecule, of the wave."""


@dataclass(frozen=True, slots=True, eq=False)
class TafelRows(Rows):
    """The points of a Tafel line."""

    topic = "tafel"
    axis: PotentialAxis
    potential_V: Annotated[Floats, Shown("E", "V")]
    log_current: Annotated[Floats, Shown("log10 |I/A|")]
    line_V: Annotated[Floats, Shown("E of the line", "V")]


@dataclass(frozen=True, slots=True, eq=False)
class TafelWindowRows(Rows):
    """The slope of every window of half the points."""

    topic = "tafel windows"
    axis: PotentialAxis
    centre_V: Annotated[Floats, Shown("E of the centre", "V")]
    slope_V: Annotated[Floats, Shown("slope", "mV")]


def analyze_sweep(study: SweepStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Onset at 1 mA/cm² where the area is known, Tafel slope, half-wave potential of a wave."""
    table = Files(loaded, outcome).open(study.sweep, TOPIC)
    name = study.sweep.gas or TOPIC
    outcome.conditions[name] = dict(in_words(table.conditions))
    whole = scaled(table)
    piece = _longest(whole, table.name)
    E_V, I_A = whole.potential_V[piece], whole.current_A[piece]
    area_m2 = table.conditions.area_m2
    for result in (whole.shift, *whole.drop):
        outcome.add(name, TOPIC, result)
    if area_m2 is None:
        outcome.remarks.append(
            "without the area there are no densities and no onset at one of them: `area: 1 cm^2`"
            ' under `conditions:`, or --assume area="1 cm^2"'
        )
    else:
        onset = onset_by_threshold(E_V, I_A, threshold_A_per_m2=THRESHOLD_A_PER_M2, area_m2=area_m2)
        outcome.add(name, TOPIC, replace(onset, basis=f"{onset.basis}; {whole.axis.header()}"))
    outcome.tabulate(name, SweepRows(whole.axis, E_V, per_area(I_A, area_m2), I_A))
    _tafel(name, study, whole.axis, E_V, I_A, table.conditions.temperature_K, outcome)
    wave = steady_state_wave(
        E_V, I_A, electrons=study.electrons, temperature_K=table.conditions.temperature_K
    )
    if isinstance(wave, Wave) and not wave.limiting_current.flags:
        for result in (wave.half_wave_potential, wave.limiting_current, wave.tomes_width):
            outcome.add(name, TOPIC, result, "as a steady-state wave")


def _longest(whole: Scaled, name: str) -> slice:
    """The widest piece of one direction. Raises `InputError` (E786) where nothing is swept."""
    pieces = list(directions(whole.potential_V))
    if not pieces:
        raise InputError.of(
            f"the potential in {name} does not change: this is no sweep",
            help="give a file with a sweep; `faradaic read FILE` says what it is",
            code="E786",
        )
    return max(pieces, key=lambda piece: float(np.ptp(whole.potential_V[piece])))


def _tafel(
    name: str,
    study: SweepStudy,
    axis: PotentialAxis,
    E_V: Floats,
    I_A: Floats,
    temperature_K: float,
    outcome: StudyOutcome,
) -> None:
    asked = study.tafel
    if asked is not None:
        window = (asked.from_V, asked.to_V)
    elif (found := tafel_window(E_V, I_A)) is not None:
        window = found
    else:
        reason = "nowhere does the current rise exponentially over a decade"
        outcome.add(
            name, TOPIC, Result("tafel_slope", None, "V", "straightest decade", reason=reason)
        )
        return
    fit = tafel_fit(
        E_V,
        I_A,
        window_V=window,
        equilibrium_V=asked.equilibrium_V if asked else None,
        limiting_current_A=asked.limiting_current_A if asked else None,
        temperature_K=temperature_K,
    )
    if not isinstance(fit, TafelFit):
        outcome.add(name, TOPIC, fit)
        return
    at = f"{fit.window_V[0]:.3f} to {fit.window_V[1]:.3f} V"
    said = () if asked else (BY_ITSELF,)
    found_results = [fit.slope, fit.transfer_coefficient]
    if asked is not None and asked.equilibrium_V is not None:
        found_results.append(fit.exchange_current)
    for result in found_results:
        outcome.add(name, TOPIC, replace(result, flags=(*result.flags, *said)), at)
    slopes_V = fit.window_slopes_V
    outcome.add(
        name,
        TOPIC,
        Result(
            "tafel_slope_range",
            float(np.median(slopes_V)),
            "V",
            "median of the slopes of all windows of half the points; the bounds are the flattest"
            " and the steepest",
            f"{slopes_V.size} windows of {max(fit.points // 2, 3)} points in {fit.decades:.2f}"
            " decades",
            systematic=float(slopes_V.std()),
            bounds=(float(slopes_V.min()), float(slopes_V.max())),
            name=f"Tafel slope by window, {1e3 * slopes_V.min():.0f} to"
            f" {1e3 * slopes_V.max():.0f} mV",
        ),
        at,
    )
    outcome.tabulate(name, TafelWindowRows(axis, fit.window_centres_V, slopes_V))
    inside = (fit.window_V[0] <= E_V) & (fit.window_V[1] >= E_V)
    log_I = np.log10(np.abs(I_A[inside]))
    slope_V = fit.slope.value or np.nan
    line_V = E_V[inside].mean() + slope_V * (log_I - log_I.mean())
    outcome.tabulate(name, TafelRows(axis, E_V[inside], log_I, line_V))


def sweep_panels(outcome: StudyOutcome) -> list[Panel]:
    """The sweep, and the Tafel line through its points."""
    panels = []
    for table in outcome.of(SweepRows):
        y, label = shown_current(table.rows)
        curve = Curve("sweep", 0, table.rows.potential_V, y, None, BLUE, "line")
        panels.append(Panel("sweep", "sweep", _in_two_lines(table.rows.axis), label, [curve]))
    for lines in outcome.of(TafelRows):
        rows = lines.rows
        curves = [
            Curve("measured", 0, rows.log_current, rows.potential_V, None, BLUE, "markers"),
            Curve("line", 0, rows.log_current, rows.line_V, None, VERMILLION, "line"),
        ]
        panels.append(Panel("tafel", "Tafel", "log₁₀ |I / A|", _in_two_lines(rows.axis), curves))
    for windows in outcome.of(TafelWindowRows):
        slopes = windows.rows
        y = 1e3 * slopes.slope_V
        curve = Curve("slope", 0, slopes.centre_V, y, None, BLUE, "markers")
        label = "Tafel slope / mV per decade"
        panels.append(
            Panel("tafel_windows", "by window", _in_two_lines(slopes.axis), label, [curve])
        )
    return panels


def _in_two_lines(axis: PotentialAxis) -> str:
    """The label of an axis for a panel of a third of the page."""
    return axis.label().replace(" / V, ", " / V,\n")


def _analyze(study: SweepStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    with placed(loaded.document, "sweep"):
        analyze_sweep(study, loaded, outcome)


SWEEP = StudyKind(
    SweepStudy, _analyze, lambda outcome: {"sweep": sweep_panels(outcome)}, TEMPLATES / "sweep.yaml"
)
