"""Countermeasures resolved for a bench: what is done, how often at most, and by whom."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.device_steps import DeviceSetting, check_within, the_device
from faradaic.protocols.schema.countermeasures import Countermeasures, Measure

STIRRING = 0.05
"""A speed is reached this near to what was set, relative."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasurePlan(_Frozen):
    """One measure."""

    what: Literal["stir", "lower", "reverse", "rest", "pause"]
    text: str
    """As a person would say it: "5 s of the reverse current every 5 min, 10 times at most"."""
    share: float = 0.0
    """By which the current is lowered."""
    time_s: float = 0.0
    every_s: float = 0.0
    at_most: int = 1
    setting: DeviceSetting | None = None
    """What a stirrer on the bench is told; None where somebody is asked."""


class CounterPlan(_Frozen):
    """What a step does about which diagnoses, one measure after the other."""

    on: tuple[str, ...]
    measures: tuple[MeasurePlan, ...]


def counter_plan(context: Compilation, written: Countermeasures, path: Path) -> CounterPlan:
    """The measures in SI. Raises Unresolvable for what the bench or the cell does not allow."""
    place = (*path, "countermeasures", "attempts")
    measures = tuple(
        _measure(context, one, (*place, number)) for number, one in enumerate(written.attempts)
    )
    return CounterPlan(on=written.on, measures=measures)


def _measure(context: Compilation, one: Measure, path: Path) -> MeasurePlan:
    if one.stir_per_s is not None:
        return _stirring(context, 60.0 * one.stir_per_s, (*path, "stir"))
    if one.lower is not None:
        text = f"the current is lowered by {one.lower:.0%}"
        return MeasurePlan(what="lower", text=text, share=one.lower)
    if one.pause is not None:
        return MeasurePlan(what="pause", text=one.pause)
    if one.reverse is not None:
        _may_reverse(context, (*path, "reverse"))
    interlude = one.reverse or one.rest
    assert interlude is not None
    what: Literal["reverse", "rest"] = "rest" if one.reverse is None else "reverse"
    words = "of the reverse current" if what == "reverse" else "without current"
    text = (
        f"{wording.short_time(interlude.time_s)} {words} every"
        f" {wording.short_time(interlude.every_s)}, {interlude.at_most} times at most"
    )
    return MeasurePlan(
        what=what,
        text=text,
        time_s=interlude.time_s,
        every_s=interlude.every_s,
        at_most=interlude.at_most,
    )


def _may_reverse(context: Compilation, path: Path) -> None:
    """A sacrificial anode that is reversed dissolves no metal, and a gas-diffusion electrode or a
    divided cell has two sides that are not alike (P01)."""
    protocol = context.protocol
    why = next(
        (
            f"the {name} is sacrificial: reversed, it dissolves no metal"
            for name, electrode in protocol.electrodes.pair.items()
            if electrode.sacrificial is not None
        ),
        "the cell is divided, and its two sides are not alike" if protocol.compartments else "",
    )
    if why:
        context.report(
            "E306",
            f"a countermeasure reverses the polarity, and {why}",
            path,
            help="take another measure: `rest`, `lower`, `stir` or `pause`",
        )
        raise Unresolvable


def _stirring(context: Compilation, rpm: float, path: Path) -> MeasurePlan:
    text = f"the stirring is set to {rpm:.0f} rpm"
    found = the_device(context, path, "stirrer")
    if found is None:
        return MeasurePlan(what="stir", text=text)
    name, ability = found
    check_within(context, path, name, ability, rpm)
    setting = DeviceSetting(
        device=name,
        quantity=ability.quantity,
        value=rpm,
        text=f"{text} ({name})",
        tolerance=max(10.0, STIRRING * rpm) if ability.reports else None,
    )
    return MeasurePlan(what="stir", text=text, setting=setting)
