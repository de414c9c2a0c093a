"""F: flow."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, warning
from faradaic.protocols.plan import Signal
from faradaic.protocols.streams import stream_of
from faradaic.quantities import format_duration, format_quantity


@check("M05")
def charge_of_one_pass(context: Context) -> Findings:
    """One pass at steady state brings I/(F·c·V̇) and no more (Faraday)."""
    flow, stream = context.plan.estimates.flow, stream_of(context.protocol)
    step, current_A = context.main_step, context.current_A
    if flow is None or stream is None or stream.mode != "single_pass" or not current_A or not step:
        return
    charges = [c.at_least for c in step.until if c.signal is Signal.CHARGE_C and c.at_least]
    passed_C = current_A * stream.lasts_s
    if not charges or passed_C >= 0.98 * min(charges) or flow.pass_F_per_mol is None:
        return
    factor = min(charges) / passed_C
    asked = factor * flow.pass_F_per_mol
    slower = format_quantity(stream.rate_m3_per_s / factor, "mL/min")
    yield warning(
        f"{asked:.2f} F/mol are asked for, but one pass at"
        f" {format_quantity(stream.rate_m3_per_s, 'mL/min')} gives {flow.pass_F_per_mol:.2f} F/mol:"
        f" the solution lasts {format_duration(stream.lasts_s)}",
        path=("cell", "flow", "rate"),
        help=f"write `rate: {slower}`, a current of"
        f" {format_quantity(current_A * factor, 'mA')}, or `mode: recirculating`",
        numbers={"asked_F_per_mol": asked, "pass_F_per_mol": flow.pass_F_per_mol},
    )


@check("M06")
def rate_not_given(context: Context) -> Findings:
    """Without the flow rate the charge per substrate of a pass is unknown (I/(F·c·V̇))."""
    flow = context.protocol.cell.flow
    if flow is not None and stream_of(context.protocol) is None:
        yield warning(
            "the flow rate is not given: charge per pass and residence time are not known",
            path=("cell", "flow"),
            help="add `rate: 0.2 mL/min`",
        )
