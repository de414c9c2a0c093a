"""Ramps: a set-point that moves evenly, in stairs, from one value to another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Count, Model, Text, exactly_one, problem
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.level_steps import (
    Regulated,
    Setpoints,
    VaryingPlan,
    require_limit,
    require_scale,
)
from faradaic.protocols.plan import Condition, Signal, StepPlan
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveVoltage
from faradaic.protocols.step_kind import MeasuredStep, step_kind
from faradaic.quantities.fields import Current, CurrentRate, ScanRate, Voltage

MOST_STAIRS = 1000
"""Of a ramp whose number of stairs nobody states."""

LEFT = 1e-3
"""Of its way, what is too little to be gone on with."""

_OF_KEY: dict[str, Regulated] = {
    "current": "current",
    "potential": "potential",
    "cell_voltage": "voltage",
}


class CurrentSpan(Model):
    """From one current to another, positive in the direction that the electrodes' roles say."""

    from_A: Current
    to_A: Current
    rate_A_per_s: CurrentRate | None = None

    def ends(self) -> tuple[float, float, float | None]:
        """Where it begins, where it ends, how fast it moves."""
        return self.from_A, self.to_A, self.rate_A_per_s


class VoltageSpan(Model):
    """From one voltage to another."""

    from_V: Voltage
    to_V: Voltage
    rate_V_per_s: ScanRate | None = None

    def ends(self) -> tuple[float, float, float | None]:
        """Where it begins, where it ends, how fast it moves."""
        return self.from_V, self.to_V, self.rate_V_per_s


class RampPlan(VaryingPlan):
    """A staircase: the first stair stands where it begins, the last where it ends."""

    kind: Literal["ramp"] = "ramp"
    regulation: Regulated
    """What moves, as a source calls it."""
    begin: float
    end: float
    """A or V, signed."""
    stairs: int
    stair_s: float

    @property
    def held_current_A(self) -> float | None:
        """Get the largest current on its way."""
        return max(self.begin, self.end, key=abs) if self.regulates == "current" else None

    @property
    def mean_current_A(self) -> float | None:
        """Get the mean magnitude on its way."""
        return mean_magnitude(self.begin, self.end) if self.regulates == "current" else None

    @property
    def largest_voltage_V(self) -> float | None:
        """Get the largest cell voltage on its way, or the limit."""
        if self.regulates == "voltage":
            return max(abs(self.begin), abs(self.end))
        return self.cell_voltage_limit_V

    def time_to_pass_s(self, charge_C: float, elapsed_s: float) -> float | None:
        """None: its readings say when a charge has passed."""
        return None

    def held_in(self, level: int | None) -> tuple[float | None, float | None]:
        """What a stair holds."""
        if level is None:
            return None, None
        rise = (self.end - self.begin) / max(1, self.stairs - 1)
        return self._held(self.regulates, self.begin + level * rise)


@step_kind("ramp")
class Ramp(MeasuredStep):
    """A set-point that moves evenly from one value to another.

    Its `duration`, or a `rate` beside the two values, says how long it takes; conditions end it
    before.
    """

    mode: ClassVar[str] = "staircase"

    current: CurrentSpan | None = None
    potential: VoltageSpan | None = None
    cell_voltage: VoltageSpan | None = None
    vs: Text | None = None
    stairs: Annotated[Count, Field(ge=2)] | None = None
    """Number of equal stairs; if not given as fine as the source can, up to 1000."""
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None

    @model_validator(mode="after")
    def _one_span(self) -> Ramp:
        key = exactly_one(self, tuple(_OF_KEY), "what is ramped")
        begin, end, rate = self.ends()
        if begin == end:
            raise problem(
                "the ramp ends where it begins",
                code="E305",
                help="write two values, or a step that holds one",
                path=[key, "to"],
            )
        if rate is None and self.duration_s is None:
            raise problem(
                "how fast it moves is missing",
                code="E302",
                help="add `duration: 10 min`, or a `rate` beside `from` and `to`",
            )
        if rate is not None and (self.duration_s is not None or rate <= 0):
            raise problem(
                "how fast it moves is said twice" if rate > 0 else "a rate is a magnitude",
                code="E305",
                help="keep `duration` or `rate`" if rate > 0 else "`from` and `to` say the way",
                path=[key, "rate"],
            )
        require_limit(self, self.regulates)
        require_scale(self.regulates, self.vs)
        return self

    @property
    def regulates(self) -> Regulated:
        """Get what moves."""
        return next(held for key, held in _OF_KEY.items() if getattr(self, key) is not None)

    def ends(self) -> tuple[float, float, float | None]:
        """Where it begins, where it ends, and its rate."""
        span = self.current or self.potential or self.cell_voltage
        assert span is not None
        return span.ends()

    def lasts_s(self) -> float:
        """How long its whole way takes."""
        begin, end, rate = self.ends()
        return abs(end - begin) / rate if rate else self.duration_s or 0.0

    def nominal_duration_s(self) -> float | None:
        """What its way takes, where no condition can end it before."""
        return None if self.until else self.lasts_s()

    def left_after(
        self, elapsed_s: float, gross_C: float | None
    ) -> Mapping[str, Mapping[str, str]] | None:
        """Where on its way it goes on; its pace stays, its stairs become finer."""
        begin, end, _ = self.ends()
        share = elapsed_s / self.lasts_s()
        if share > 1.0 - LEFT:
            return None
        at = begin + (end - begin) * share
        key = next(key for key, held in _OF_KEY.items() if held == self.regulates)
        return {key: {"from": f"{at * 1e3:.9g} {'mA' if key == 'current' else 'mV'}"}}

    def reverses(self) -> bool:
        """Whether its current or voltage changes sides, or is on the other."""
        return self.regulates != "potential" and min(self.ends()[:2]) < 0

    def mode_behind_a_bridge(self) -> str:
        """None: its levels follow each other without a gap."""
        return ""

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The staircase, with signs, potentials against the electrode connected."""
        path, regulates = place.path, self.regulates
        key = next(key for key, held in _OF_KEY.items() if held == regulates)
        setpoints = Setpoints(context, path, self.mode, regulates, self.bears_gap())
        setpoints.require_mode()
        shift_V = setpoints.shift_V(self.vs) if regulates == "potential" else 0.0
        sign = 1 if regulates == "potential" else context.protocol.electrodes.forward_sign
        written = self.ends()[:2]
        begin, end = (sign * value + shift_V for value in written)
        for name, value in (("from", begin), ("to", end)):
            if abs(value) == max(abs(begin), abs(end)):
                setpoints.check(abs(value), (*path, key, name))
        lasts_s = self.lasts_s()
        stairs = self._stairs(context, setpoints, lasts_s)
        limits = setpoints.limits(self.cell_voltage_limit_V, self.current_limit_A)
        mean_A = mean_magnitude(begin, end) if regulates == "current" else None
        largest_A = limits.get("current_limit_A", max(abs(begin), abs(end)))
        course = self.course(
            context,
            path,
            current_limit_A=largest_A,
            held_current_A=mean_A,
            last=() if self.duration_s else (_complete(context, path, lasts_s),),
        )
        course["time_cap_s"] = min(course["time_cap_s"], lasts_s)
        of = wording.current if regulates == "current" else wording.voltage
        vs = f" vs {self.vs}" if regulates == "potential" else ""
        label = f"ramp {of(written[0])} to {of(written[1])}{vs} in {wording.short_time(lasts_s)}"
        return RampPlan(
            **self.heading(context, place, label),
            **course,
            **limits,
            regulates=regulates,
            regulation=regulates,
            begin=begin,
            end=end,
            stairs=stairs,
            stair_s=lasts_s / stairs,
        )

    def _stairs(self, context: Compilation, setpoints: Setpoints, lasts_s: float) -> int:
        least_s = context.bench.source.level_min_s
        finest = max(2, min(MOST_STAIRS, math.floor(lasts_s / least_s + 1e-9)))
        if self.stairs is None:
            context.assume((*setpoints.path, "stairs"), f"{finest}", "not stated")
            return finest
        setpoints.require_time(lasts_s / self.stairs, "stairs", f"stairs: {finest}")
        return self.stairs


def mean_magnitude(begin: float, end: float) -> float:
    """Of a value that moves evenly: ∫|x|, which passes zero where the signs differ."""
    if begin * end >= 0:
        return 0.5 * abs(begin + end)
    return 0.5 * (begin**2 + end**2) / (abs(begin) + abs(end))


def _complete(context: Compilation, path: Path, lasts_s: float) -> Condition:
    return Condition(
        signal=Signal.TIME_S,
        at_least=lasts_s,
        text="the ramp is complete",
        line=context.line(path),
    )
