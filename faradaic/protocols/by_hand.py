"""Steps that the operator does: what a person is asked to do, and confirms."""

from __future__ import annotations

from typing import ClassVar

from faradaic.diagnostics import Severity
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import AskPlan
from faradaic.protocols.step_kind import StepKind

OPERATOR_CAP_S = 86_400.0
"""How long the operator may take: a day."""


class HandStep(StepKind):
    """A step that asks nothing of the source."""

    needs_source: ClassVar[bool] = False

    def nominal_duration_s(self) -> float:
        """No time: the operator's own isn't planned."""
        return 0.0

    def asked(self, context: Compilation, place: Place, question: str) -> AskPlan:
        """The step of the plan at which the operator is asked."""
        return AskPlan(
            **self.heading(context, place, question),
            question=question,
            time_cap_s=OPERATOR_CAP_S,
            expected_duration_s=0.0,
            expected_end="the operator confirms",
        )


def report_by_hand(
    context: Compilation,
    place: Place,
    device: str,
    what: str,
    severity: Severity = Severity.INFO,
) -> None:
    """Say that the operator does what a device could (E412); a warning where it matters when."""
    context.report(
        "E412",
        f"{what} is done by hand: bench `{context.bench.name}` has no {device}",
        place.path,
        severity=severity,
        help="the run stops there, its output off, and asks the operator",
    )
