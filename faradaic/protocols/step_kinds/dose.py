"""A reagent added during the run, by the operator."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import model_validator

from faradaic.diagnostics import Diagnostic, did_you_mean
from faradaic.documents.models import Identifier, exactly_one
from faradaic.protocols import wording
from faradaic.protocols.by_hand import HandStep, report_by_hand
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema import Protocol
from faradaic.protocols.schema.field_types import (
    PositiveAmount,
    PositiveVolumeFlow,
)
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities.fields import Volume


@step_kind("dose")
class Dose(HandStep):
    """A reagent added during the run."""

    component: Identifier
    volume_m3: Volume | None = None
    amount_mol: PositiveAmount | None = None
    rate_m3_per_s: PositiveVolumeFlow | None = None
    pump: Identifier | None = None

    @model_validator(mode="after")
    def _how_much(self) -> Dose:
        exactly_one(self, ("volume_m3", "amount_mol"), "how much")
        return self

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The operator adds it."""
        size = (
            wording.volume(self.volume_m3)
            if self.volume_m3 is not None
            else wording.amount(self.amount_mol or 0.0)
        )
        report_by_hand(context, place, "pump", f"dosing {self.component}")
        return self.asked(context, place, f"Add {size} of {self.component}")

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """A component that isn't in the protocol."""
        components = [name for s in protocol.solutions.values() for name in s.components]
        if self.component not in components:
            message = f"{self.component!r} is not among the components"
            remedy = did_you_mean(self.component, components)
            yield Diagnostic("E307", message, help=remedy), ("component",)
