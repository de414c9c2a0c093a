"""Something the operator is told, and confirms."""

from __future__ import annotations

from typing import ClassVar

from faradaic.documents.models import Text
from faradaic.protocols.by_hand import HandStep
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.step_kind import step_kind


@step_kind("prompt")
class Prompt(HandStep):
    """Something the operator is told, and confirms."""

    short_form: ClassVar[str] = "text"

    text: Text

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The operator is told."""
        return self.asked(context, place, self.text)
