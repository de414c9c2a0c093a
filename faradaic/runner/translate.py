"""From a step of the plan to the segment that a driver runs."""

from __future__ import annotations

from faradaic.instruments import segments as seg
from faradaic.protocols import plan

ElectrochemicalStep = (
    plan.OpenCircuitStep
    | plan.ConstantCurrentStep
    | plan.ConstantPotentialStep
    | plan.ConstantCellVoltageStep
    | plan.LinearSweepStep
    | plan.CyclicVoltammetryStep
)


def segment_for(step: ElectrochemicalStep, left_s: float, left_C: float) -> seg.Segment:
    """The segment that does what is left of a step: time, and gross charge (inf: no stop)."""
    match step:
        case plan.OpenCircuitStep():
            return seg.OpenCircuit(duration_s=left_s, interval_s=step.interval_s)
        case plan.ConstantCurrentStep():
            return seg.ConstantCurrent(
                current_A=step.current_A,
                cell_voltage_limit_V=step.cell_voltage_limit_V,
                duration_s=left_s,
                interval_s=step.interval_s,
                charge_limit_C=left_C,
            )
        case plan.ConstantPotentialStep():
            return seg.ConstantPotential(
                potential_V=step.potential_V,
                current_limit_A=step.current_limit_A,
                duration_s=left_s,
                interval_s=step.interval_s,
                charge_limit_C=left_C,
            )
        case plan.ConstantCellVoltageStep():
            return seg.ConstantCellVoltage(
                cell_voltage_V=step.cell_voltage_V,
                current_limit_A=step.current_limit_A,
                duration_s=left_s,
                interval_s=step.interval_s,
                charge_limit_C=left_C,
            )
        case plan.LinearSweepStep():
            return seg.LinearSweep(
                begin_V=step.begin_V,
                end_V=step.end_V,
                step_V=step.step_V,
                rate_V_per_s=step.rate_V_per_s,
                current_limit_A=step.current_limit_A,
            )
        case plan.CyclicVoltammetryStep():
            return seg.CyclicVoltammetry(
                start_V=step.start_V,
                vertex1_V=step.vertex1_V,
                vertex2_V=step.vertex2_V,
                step_V=step.step_V,
                rate_V_per_s=step.rate_V_per_s,
                cycles=step.cycles,
                current_limit_A=step.current_limit_A,
            )
