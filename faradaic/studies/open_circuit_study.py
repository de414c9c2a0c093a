"""A potential at rest: where it comes to, how it drifts, its noise, and when it had settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np

from faradaic.analysis.stability.drift import linear_drift
from faradaic.analysis.stability.trend import Trend
from faradaic.analysis.steps.settling import settling_time, steady_value
from faradaic.diagnostics import InputError
from faradaic.quantities.fields import Positive, Voltage
from faradaic.reporting.figures import BLUE, VERMILLION
from faradaic.reporting.panels import Curve, Panel
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import PotentialAxis, Rows, Shown, Time, time_shown
from faradaic.studies.schema import File, Study
from faradaic.studies.study_kinds import TEMPLATES, StudyKind

TOPIC = "open circuit"
_FEWEST = 8
_DRAWN = 4000
"""Points in the figure."""


class OpenCircuitStudy(Study):
    """A potential over time without a current."""

    kind: Literal["open_circuit"]
    rest: File
    settled_within_V: Annotated[Voltage, Positive] = 5e-3
    """How near to its last value the potential counts as settled."""


@dataclass(frozen=True, slots=True, eq=False)
class RestRows(Rows):
    """The potential, and the mean of its last fifth."""

    topic = "rest"
    axis: PotentialAxis
    time_s: Time
    potential_V: Annotated[Floats, Shown("E", "V")]
    steady_V: Annotated[Floats, Shown("E at rest", "V")]
    """NaN before the last fifth."""


def analyze_open_circuit(study: OpenCircuitStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Steady value with its spread, noise, drift of the whole and of its end, settling."""
    table = Files(loaded, outcome).open(study.rest, TOPIC)
    outcome.conditions[TOPIC] = dict(in_words(table.conditions))
    E_V, shift = table.potential_V()
    time_s = table.take("time", "s")
    known = np.isfinite(E_V) & np.isfinite(time_s)
    time_s, E_V = time_s[known], E_V[known]
    order = np.argsort(time_s, kind="stable")
    time_s, E_V = time_s[order] - float(np.min(time_s, initial=0.0)), E_V[order]
    if time_s.size < _FEWEST or time_s[-1] <= time_s[0]:
        raise InputError.of(
            f"{table.name} holds {time_s.size} potentials over time, {_FEWEST} are needed",
            help="give a longer record; `faradaic read FILE` says what it is",
            code="E786",
        )
    axis = PotentialAxis(table.scale)
    trend = Trend("potential", "V", time_s, E_V, keeps_zero=False)
    within_V = study.settled_within_V
    steady = steady_value(trend, key="open_circuit_potential", negligible=0.4 * within_V)
    outcome.add(TOPIC, TOPIC, shift)
    rest = steady.value
    outcome.add(
        TOPIC,
        TOPIC,
        replace(rest, basis=f"{rest.basis}; {axis.header()}", systematic=shift.systematic),
    )
    mean = Result(
        "mean_potential",
        float(np.trapezoid(E_V, time_s) / time_s[-1]),
        "V",
        "mean over the whole time",
        axis.header(),
    )
    outcome.add(TOPIC, TOPIC, mean)
    outcome.add(TOPIC, TOPIC, steady.noise)
    outcome.add(TOPIC, TOPIC, linear_drift(trend), "whole record")
    outcome.add(TOPIC, TOPIC, steady.drift, "last fifth")
    outcome.add(TOPIC, TOPIC, settling_time(trend, rest, within_V))
    if table.has("current"):
        largest_A = float(np.nanmax(np.abs(table.take("current", "A")), initial=0.0))
        if largest_A > 0.0:
            outcome.remarks.append(
                f"the file holds a current of up to {largest_A:.3g} A: at rest it is the"
                " instrument's own, otherwise this is no open circuit"
            )
    last = time_s >= time_s[-1] - 0.2 * (time_s[-1] - time_s[0])
    at_rest = np.where(last, np.nan if rest.value is None else rest.value, np.nan)
    outcome.tabulate(TOPIC, RestRows(axis, time_s, E_V, at_rest))


def open_circuit_panels(outcome: StudyOutcome) -> list[Panel]:
    """The potential over time with its last mean."""
    panels = []
    for table in outcome.of(RestRows):
        rows, time = table.rows, time_shown(table.rows.time_s)
        few = slice(None, None, max(1, rows.time_s.size // _DRAWN))
        last = np.flatnonzero(np.isfinite(rows.steady_V))
        x = time.values(rows.time_s)
        curves = [Curve("measured", 0, x[few], rows.potential_V[few], None, BLUE, "line")]
        if last.size:
            ends = last[[0, -1]]
            label = "mean of the last fifth"
            curves.append(Curve(label, 0, x[ends], rows.steady_V[ends], None, VERMILLION, "line"))
        panels.append(
            Panel("open_circuit", "open circuit", time.label(), rows.axis.label(), curves)
        )
    return panels


def _analyze(study: OpenCircuitStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    with placed(loaded.document, "rest"):
        analyze_open_circuit(study, loaded, outcome)


OPEN_CIRCUIT = StudyKind(
    OpenCircuitStudy,
    _analyze,
    lambda outcome: {"open_circuit": open_circuit_panels(outcome)},
    TEMPLATES / "open_circuit.yaml",
)
