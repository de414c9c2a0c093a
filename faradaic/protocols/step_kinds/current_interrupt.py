"""Current interrupts. Read and validated; this version doesn't run it."""

from __future__ import annotations

from faradaic.documents.models import Count
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.protocols.step_kind import StepKind, step_kind


@step_kind("current_interrupt")
class CurrentInterrupt(StepKind):
    """Short interruptions of the current, which separate the ohmic drop."""

    width_s: PositiveTime
    count: Count = 1
    every_s: PositiveTime | None = None
