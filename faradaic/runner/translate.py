"""From a step of the plan to the segment that a driver runs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from faradaic.instruments import segments
from faradaic.protocols import plan

ElectrochemicalStep = (
    plan.OpenCircuitStep
    | plan.ConstantCurrentStep
    | plan.ConstantPotentialStep
    | plan.ConstantCellVoltageStep
    | plan.LinearSweepStep
    | plan.CyclicVoltammetryStep
)

_SEGMENTS: dict[type[ElectrochemicalStep], type[segments.Segment]] = {
    plan.OpenCircuitStep: segments.OpenCircuit,
    plan.ConstantCurrentStep: segments.ConstantCurrent,
    plan.ConstantPotentialStep: segments.ConstantPotential,
    plan.ConstantCellVoltageStep: segments.ConstantCellVoltage,
    plan.LinearSweepStep: segments.LinearSweep,
    plan.CyclicVoltammetryStep: segments.CyclicVoltammetry,
}


def segment_for(
    step: ElectrochemicalStep, left_s: float, left_C: float, poll_s: float
) -> segments.Segment:
    """The segment that does what is left of a step: time, and gross charge (inf: no stop), with
    a reading every `poll_s`.

    What a segment has in common with its step has the same name in both.
    """
    kind = _SEGMENTS[type(step)]
    left = {"duration_s": left_s, "charge_limit_C": left_C, "interval_s": poll_s}
    values: dict[str, Any] = {
        field.name: left[field.name] if field.name in left else getattr(step, field.name)
        for field in fields(kind)
    }
    return kind(**values)
