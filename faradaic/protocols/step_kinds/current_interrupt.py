"""A constant current that is interrupted shortly, which separates the ohmic drop."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Count, exactly_one, problem
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.compilation import Compilation, Place, Unresolvable
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveTime, PositiveVoltage
from faradaic.protocols.step_kind import step_kind
from faradaic.protocols.step_kinds.constant_current import ConstantCurrent, ConstantCurrentPlan

EVERY_WIDTHS = 20.0
LEAST_EVERY_S = 1.0
"""Between two interruptions where nobody says: so many widths, and at least so long."""

SHORTEST_EVERY_S = 0.5
"""Between two interruptions: enough to renew a current that its program has to renew."""

SETPOINTS = ("current_A", "current_density", "rate_C_per_mol_per_s")

TAIL_S = 1.0
"""For how long the current flows after the last of a number of interruptions."""


class CurrentInterruptPlan(ConstantCurrentPlan):
    """A held current with interruptions."""

    kind: Literal["current_interrupt"] = "current_interrupt"  # type: ignore[assignment]
    width_s: float
    every_s: float

    @property
    def mean_current_A(self) -> float:
        """Get what flows on average."""
        return abs(self.current_A) * (1.0 - self.width_s / self.every_s)


@step_kind("current_interrupt")
class CurrentInterrupt(ConstantCurrent):
    """A constant current with short interruptions, from each of which R_u follows.

    Without a current of its own it goes on with that of the constant current before it. It ends as
    a constant current does, or after `count` interruptions, one if nothing is said.
    """

    mode: ClassVar[str] = "current_interrupt"
    front_panel: ClassVar[str] = ""

    cell_voltage_limit_V: PositiveVoltage | None = None  # type: ignore[assignment]
    """That of the constant current before it, where it goes on with its current."""

    width_s: Annotated[PositiveTime, Field(examples=["20 ms"])]
    count: Count | None = None
    every_s: PositiveTime | None = None
    """From the beginning of one interruption to that of the next."""

    @model_validator(mode="after")
    def _one_setpoint(self) -> CurrentInterrupt:
        if self._goes_on():
            return self
        exactly_one(self, SETPOINTS, "the current")
        if self.cell_voltage_limit_V is None:
            raise problem(
                "nothing limits the cell voltage",
                code="E302",
                help="add `cell_voltage_limit: 5 V`",
                path=["cell_voltage_limit"],
            )
        return self

    @model_validator(mode="after")
    def _probes_itself(self) -> CurrentInterrupt:
        if self.probe is not None:
            raise problem(
                "the current is interrupted in any case",
                code="E302",
                help="remove `probe`: `every` says how often, `width` for how long",
                path=["probe"],
            )
        return self

    def _goes_on(self) -> bool:
        """Whether it has no current of its own."""
        return all(getattr(self, name) is None for name in SETPOINTS)

    @model_validator(mode="after")
    def _ends(self) -> CurrentInterrupt:
        if self.count is not None and (self.until is not None or self.duration_s is not None):
            raise problem(
                "`count` ends this step, and so does what else is given",
                code="E302",
                help="remove `count`: interruptions come until the step is over",
                path=["count"],
            )
        if self.every_s is not None and self.every_s < SHORTEST_EVERY_S:
            raise problem(
                "the interruptions follow each other too closely",
                code="E305",
                help=f"write at least `every: {wording.duration(SHORTEST_EVERY_S)}`",
                path=["every"],
            )
        if self.every_s is not None and self.every_s < 2.0 * self.width_s:
            raise problem(
                "the current is off for more than half of the time",
                code="E305",
                help=f"write at least `every: {wording.duration(2.0 * self.width_s)}`, or a shorter"
                " `width`",
                path=["every"],
            )
        return self

    def nominal_duration_s(self) -> float | None:
        """What its interruptions take, where their number ends it."""
        return self._with_end(self._every_s()).duration_s if self.until is None else None

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """A constant current, and how often it is off for how long."""
        path = place.path
        every_s = self._every_s()
        if self.every_s is None:
            context.assume((*path, "every"), wording.duration(every_s), "not stated")
        least_s = context.bench.source.interrupt_min_s
        crosscheck.check_interval(
            context,
            self.width_s,
            (*path, "width"),
            least_s,
            f"write at least `width: {least_s * 1e3:.3g} ms`",
        )
        body = self._with_end(every_s)
        if self._goes_on():
            body = body._as_before(context, place)
        held = super(CurrentInterrupt, body).planned(context, place)
        words = f", off for {wording.duration(self.width_s)} every {wording.duration(every_s)}"
        told = held.model_dump() | {"label": self.label or held.label + words}
        share = 1.0 - self.width_s / every_s
        if held.expected_charge_C is not None:
            told["expected_charge_C"] = share * held.expected_charge_C
        del told["kind"]
        return CurrentInterruptPlan(**told, width_s=self.width_s, every_s=every_s)

    def _as_before(self, context: Compilation, place: Place) -> CurrentInterrupt:
        """With the current of the step before it; reports E306 where that holds none."""
        before = context.steps[-1] if context.steps else None
        if not isinstance(before, ConstantCurrentPlan):
            context.report(
                "E306",
                "no constant current comes before this step, whose current it could interrupt",
                place.path,
                help="add `current: 10 mA` and `cell_voltage_limit: 5 V` to it",
            )
            raise Unresolvable
        limit_V = self.cell_voltage_limit_V or before.cell_voltage_limit_V
        reverse = before.current_A * context.protocol.electrodes.forward_sign < 0.0
        context.assume(
            (*place.path, "current"),
            wording.current(abs(before.current_A)),
            "as in the step before",
        )
        setpoint = {"current_A": abs(before.current_A), "reverse": reverse}
        return self.model_copy(update={**setpoint, "cell_voltage_limit_V": limit_V})

    def _every_s(self) -> float:
        return self.every_s or max(EVERY_WIDTHS * self.width_s, LEAST_EVERY_S)

    def _with_end(self, every_s: float) -> CurrentInterrupt:
        """The step with the duration that a number of interruptions gives it."""
        if self.until is not None or self.duration_s is not None:
            return self
        duration_s = (self.count or 1) * every_s + min(TAIL_S, 0.5 * every_s)
        return self.model_copy(update={"duration_s": duration_s})
