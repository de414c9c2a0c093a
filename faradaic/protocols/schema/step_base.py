"""What steps have in common: a label, an ending, caps."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Model, Text, problem
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import ChargeTarget, PositiveTime


class Caps(Model):
    """What a step may never exceed, whatever its conditions say."""

    time_s: PositiveTime | None = None
    charge: ChargeTarget | None = None


class StepModel(Model):
    """What every step may say."""

    label: Text | None = None
    notes: Text | None = None


class MeasuredStep(StepModel):
    """A step that takes readings."""

    duration_s: PositiveTime | None = None
    until: Conditions | None = None
    caps: Caps | None = None
    interval_s: PositiveTime | None = None
    """Time between readings; that of `sampling` if not given."""


class EnergisedStep(MeasuredStep):
    """A step that passes current until a condition ends it."""

    @model_validator(mode="after")
    def _ends(self) -> EnergisedStep:
        if self.until is None and self.duration_s is None:
            raise problem(
                "nothing ends this step",
                code="E302",
                help="add `until: 2.5 F/mol`, `until: [{charge: 2.5 F/mol}, ...]` or"
                " `duration: 2 h`",
            )
        return self
