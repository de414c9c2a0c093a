"""Steps around the electrolysis: what the operator is asked to do, and waiting."""

from __future__ import annotations

from faradaic.diagnostics import Severity
from faradaic.protocols import plan as planned
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Place, base
from faradaic.protocols.plan import PlanStep
from faradaic.protocols.schema import operations
from faradaic.protocols.schema.step_base import StepModel
from faradaic.quantities import format_quantity

OPERATOR_CAP_S = 86_400.0
"""How long the operator may take: a day."""


def wait(context: Compilation, body: operations.Wait, place: Place) -> PlanStep:
    """Do nothing for a while."""
    return planned.WaitStep(
        **base(context, body, place, f"wait {wording.duration(body.duration_s)}"),
        time_cap_s=body.duration_s,
        expected_duration_s=body.duration_s,
        expected_end=f"time reaches {wording.duration(body.duration_s)}",
    )


def _ask(context: Compilation, body: StepModel, place: Place, question: str) -> PlanStep:
    return planned.AskStep(
        **base(context, body, place, question),
        question=question,
        time_cap_s=OPERATOR_CAP_S,
        expected_duration_s=0.0,
        expected_end="the operator confirms",
    )


def prompt(context: Compilation, body: operations.Prompt, place: Place) -> PlanStep:
    """Tell the operator something."""
    return _ask(context, body, place, body.text)


def sample(context: Compilation, body: operations.Sample, place: Place) -> PlanStep:
    """Have the operator take a sample."""
    size = f" of {wording.volume(body.volume_m3)}" if body.volume_m3 is not None else ""
    method = f" for {body.method}" if body.method is not None else ""
    return _ask(context, body, place, f"Take a sample{size}{method}")


def _by_hand(context: Compilation, place: Place, device: str, what: str) -> None:
    context.report(
        "E412",
        f"{what} is done by hand: "
        + (
            f"this version doesn't drive the {device} of bench `{context.bench.name}`"
            if device.replace(" ", "_") in context.bench.devices
            else f"bench `{context.bench.name}` has no {device}"
        ),
        place.path,
        severity=Severity.INFO,
        help="the run stops there and asks the operator",
    )


def set_devices(context: Compilation, body: operations.Set, place: Place) -> PlanStep:
    """Have the operator set what no device on the bench sets."""
    asked = []
    if body.stirring_per_s is not None:
        asked.append(("stirrer", f"the stirring to {body.stirring_per_s * 60:.0f} rpm"))
    if body.temperature_K is not None:
        held = wording.temperature(body.temperature_K)
        asked.append(("thermostat", f"the temperature to {held}"))
    if body.gas is not None:
        flow = body.gas.flow_mol_per_s
        rate = "off" if flow is None else format_quantity(flow, "sccm")
        asked.append(("mass flow controller", f"{body.gas.species} to {rate}"))
    if body.pump is not None:
        rate = format_quantity(body.pump.flow_m3_per_s, "mL/min")
        name = f" {body.pump.name}" if body.pump.name else ""
        asked.append(("pump", f"the pump{name} to {rate}"))
    for device, what in asked:
        _by_hand(context, place, device, f"setting {what}")
    return _ask(context, body, place, "Set " + " and ".join(what for _, what in asked))


def dose(context: Compilation, body: operations.Dose, place: Place) -> PlanStep:
    """Have the operator add something."""
    size = (
        wording.volume(body.volume_m3)
        if body.volume_m3 is not None
        else wording.amount(body.amount_mol or 0.0)
    )
    _by_hand(context, place, "pump", f"dosing {body.component}")
    return _ask(context, body, place, f"Add {size} of {body.component}")
