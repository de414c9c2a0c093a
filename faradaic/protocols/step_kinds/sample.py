"""A sample taken by a device that a contact triggers, or by the operator."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Identifier, Text, problem
from faradaic.protocols import wording
from faradaic.protocols.by_hand import HandStep, report_by_hand
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.device_steps import ORDER_S, TriggerPlan, the_device
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities.fields import Volume

HOLD_S = 1.0


@step_kind("sample")
class TakeSample(HandStep):
    """A sample: a contact that starts a gas chromatograph, or something that the operator takes."""

    volume_m3: Volume | None = None
    method: Text | None = None
    trigger: Identifier | None = None
    """The relay of the bench whose contact takes it, by its name there."""
    hold_s: PositiveTime | None = None
    """For how long the contact is closed; 1 s if not given."""

    @model_validator(mode="after")
    def _holds_a_trigger(self) -> TakeSample:
        if self.hold_s is not None and self.trigger is None:
            raise problem(
                "`hold` belongs to a `trigger`", help="add `trigger: NAME`", path=["hold"]
            )
        return self

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """A contact closes for a moment, or the operator takes it."""
        if self.trigger is not None:
            found = the_device(context, (*place.path, "trigger"), "relay", self.trigger)
            if found is not None:
                hold_s = HOLD_S if self.hold_s is None else self.hold_s
                of = f" for {self.method}" if self.method is not None else ""
                return TriggerPlan(
                    **self.heading(context, place, f"sample{of} ({found[0]})"),
                    device=found[0],
                    hold_s=hold_s,
                    time_cap_s=hold_s + ORDER_S,
                    expected_duration_s=hold_s,
                    expected_end="the contact is open again",
                )
            report_by_hand(context, place, "relay", f"triggering {self.trigger}")
        size = f" of {wording.volume(self.volume_m3)}" if self.volume_m3 is not None else ""
        method = f" for {self.method}" if self.method is not None else ""
        return self.asked(context, place, f"Take a sample{size}{method}")
