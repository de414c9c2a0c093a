"""Waiting, with the output off, without measuring."""

from __future__ import annotations

from typing import ClassVar, Literal

from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.protocols.step_kind import StepKind, step_kind


class WaitPlan(StepPlan):
    """Do nothing, output off, without measuring."""

    kind: Literal["wait"] = "wait"
    passes_current: bool = False


@step_kind("wait")
class Wait(StepKind):
    """Nothing, with the output off, without measuring."""

    short_form: ClassVar[str] = "duration"
    needs_source: ClassVar[bool] = False

    duration_s: PositiveTime

    def nominal_duration_s(self) -> float:
        """Its duration."""
        return self.duration_s

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """A time in which nothing is done."""
        words = wording.duration(self.duration_s)
        return WaitPlan(
            **self.heading(context, place, f"wait {words}"),
            time_cap_s=self.duration_s,
            expected_duration_s=self.duration_s,
            expected_end=f"time reaches {words}",
        )
