"""Steps that devices around the cell do: which of them, and what they are told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from faradaic.diagnostics import did_you_mean
from faradaic.protocols.bench import AbilityProfile
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.interlock_plans import in_words
from faradaic.protocols.plan import StepPlan

ORDER_S = 30.0
"""How long a device may take to do what it is told."""


class DeviceSetting(BaseModel):
    """One thing that one device is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    quantity: str
    value: float
    """In the unit of the quantity; 0 turns it off."""
    text: str
    tolerance: float | None = None
    """How near what is reported has to come before the step is over; None where it isn't waited
    for."""


class DeviceStep(StepPlan):
    """A step in which devices are told something, with the output off."""

    passes_current: bool = False
    question: str = ""
    """What of it the operator does."""


class SetPlan(DeviceStep):
    """Settings; those with a tolerance are waited for, for the time cap at most."""

    kind: Literal["set"] = "set"
    settings: tuple[DeviceSetting, ...]


class DosePlan(DeviceStep):
    """A volume that a pump delivers."""

    kind: Literal["dose"] = "dose"
    device: str
    volume_m3: float
    rate_m3_per_s: float
    component: str
    mol_per_m3: float | None = None
    """Of the component in what is delivered; None where the protocol doesn't tell."""


class TriggerPlan(DeviceStep):
    """A contact that closes for a moment: a sample is taken."""

    kind: Literal["trigger"] = "trigger"
    device: str
    hold_s: float


def the_device(
    context: Compilation,
    path: Path,
    trait: str,
    name: str | None = None,
    gas: str | None = None,
) -> tuple[str, AbilityProfile] | None:
    """The device of the bench that has a trait, with its ability; None where none has.

    Reports E434 for a name that is none's, or where several could be meant, and raises
    Unresolvable.
    """
    having = {
        device: ability
        for device, profile in context.bench.devices.items()
        for ability in profile.abilities
        if ability.trait == trait and (gas is None or profile.gas in (None, gas))
    }
    words = "pH meter" if trait == "ph_meter" else trait.replace("_", " ")
    if name is not None:
        if name in having:
            return name, having[name]
        if not having:
            return None
        context.report(
            "E434",
            f"no {words} on bench `{context.bench.name}` is called `{name}`",
            path,
            help=did_you_mean(name, list(having)),
        )
        raise Unresolvable
    if len(having) > 1:
        context.report(
            "E434",
            f"bench `{context.bench.name}` has several devices that could: {', '.join(having)}",
            path,
            help=f"say which: `device: {next(iter(having))}`",
        )
        raise Unresolvable
    return next(iter(having.items()), None)


def check_within(
    context: Compilation, path: Path, device: str, ability: AbilityProfile, value: float
) -> None:
    """A setting must be within what the device can do (E433); 0 is off. Raises Unresolvable."""
    slack = 1e-9
    if not value or ability.least * (1 - slack) <= value <= ability.most * (1 + slack):
        return
    least, most = (in_words(ability.quantity, one) for one in (ability.least, ability.most))
    context.report(
        "E433",
        f"{device} ({context.bench.devices[device].model}) takes {least} to {most}, not"
        f" {in_words(ability.quantity, value)}",
        path,
        help=f"write a value from {least} to {most}, or take another device",
    )
    raise Unresolvable
