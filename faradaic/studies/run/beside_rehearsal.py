"""A run beside the rehearsal it was compared with: courses for a figure, rows for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from faradaic.quantities import format_quantity
from faradaic.records.run import Run
from faradaic.timeseries import Floats


class Course(NamedTuple):
    """What was rehearsed of one step, against the gross charge of the run."""

    charge_C: Floats
    voltage_V: Floats
    low_V: Floats
    high_V: Floats


def rehearsed_courses(run: Run | None) -> Iterator[Course]:
    """The courses of the steps that were begun, in order; none where there was no rehearsal."""
    rehearsal = ((run and run.plan) or {}).get("rehearsal")
    if run is None or not isinstance(rehearsal, Mapping):
        return
    began_C = dict(_beginnings(run))
    for step in rehearsal.get("steps", ()):
        if (at_C := began_C.get(str(step["step"]))) is not None:
            charge, voltage, low, high = (
                np.array(step[key], dtype=float)
                for key in ("charge_C", "voltage_V", "low_V", "high_V")
            )
            yield Course(at_C + charge, voltage, low, high)


def _beginnings(run: Run) -> Iterator[tuple[str, float]]:
    """The gross charge of the run at the beginning of each step that was begun."""
    passed_C = 0.0
    for event in run.events:
        if event.kind == "step_start":
            yield str(event.fields.get("step")), passed_C
        elif event.kind == "step_stop":
            passed_C += float(event.fields.get("charge_gross_C") or 0.0)


HEADS = ("step", "mean deviation", "largest", "at", "")


def rehearsal_rows(run: Run) -> list[tuple[str, str, str, str, str]]:
    """Of each step that was compared: how far above the rehearsal its voltage was."""
    told = run.stop.get("against_rehearsal") or {}
    return [
        (
            str(one["step"]),
            f"{one['mean_V']:+.2f} V",
            f"{one['largest_V']:+.2f} V",
            format_quantity(one["largest_at_C"], "C", 3),
            str(one["text"]) or "within what the rehearsal is known to, at its end",
        )
        for one in told.get("steps", ())
    ]


def rehearsal_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Of `summary.json`'s `against_rehearsal`: a line for each step, and what it rests on."""
    for one in told.get("steps", ()):
        words = str(one["text"]) or f"{one['mean_V']:+.2f} V beside it on average"
        yield f"step {one['step']}: {words}"
    if told.get("steps"):
        yield basis_words(told)


def basis_words(told: Mapping[str, Any]) -> str:
    """What the rehearsal rests on."""
    if told.get("calibrated_by"):
        return f"its cell has the numbers of run {told['calibrated_by']}"
    if told.get("guess"):
        return f"its voltage rests on a guess: {told['guess']}"
    return "its cell is as the protocol states it"
