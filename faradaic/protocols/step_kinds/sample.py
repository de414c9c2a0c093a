"""A sample taken by the operator."""

from __future__ import annotations

from faradaic.documents.models import Text
from faradaic.protocols import wording
from faradaic.protocols.by_hand import HandStep
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities.fields import Volume


@step_kind("sample")
class TakeSample(HandStep):
    """A sample taken by the operator."""

    volume_m3: Volume | None = None
    method: Text | None = None

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The operator takes it."""
        size = f" of {wording.volume(self.volume_m3)}" if self.volume_m3 is not None else ""
        method = f" for {self.method}" if self.method is not None else ""
        return self.asked(context, place, f"Take a sample{size}{method}")
