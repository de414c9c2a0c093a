"""From a step of the plan to the segment that a driver runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from faradaic.instruments.segments import Segment
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.step_kind import step_kinds

SEGMENTS: Mapping[str, type[Segment]] = {segment.mode: segment for segment in get_args(Segment)}
"""Each segment by the mode that step kinds name."""


def segment_for(
    step: StepPlan,
    left_s: float,
    left_C: float,
    poll_s: float,
    elapsed_s: float,
    behind: int = 0,
) -> Segment:
    """The segment that does what is left of a step: time, and gross charge (inf: no stop), with
    a reading every `poll_s`; one of levels goes on in the phase in which it was, a series after the
    points that are `behind`.

    What a segment has in common with its step has the same name in both.
    """
    kind = SEGMENTS.get(step.kind) or SEGMENTS[step_kinds()[step.kind].mode]
    left: dict[str, Any] = {"duration_s": left_s, "charge_limit_C": left_C, "interval_s": poll_s}
    left["elapsed_s"] = elapsed_s + getattr(step, "phase_s", 0.0)
    left |= step.series_left(behind)
    values: dict[str, Any] = {
        field.name: left[field.name] if field.name in left else getattr(step, field.name)
        for field in fields(kind)
    }
    return kind(**values)
