"""Linear sweep voltammetry."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from faradaic.documents.models import problem
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.setpoints import potential_shift_V
from faradaic.protocols.step_kind import step_kind
from faradaic.protocols.sweep_steps import SweepPlan, SweepStep
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Voltage


class LinearSweepPlan(SweepPlan):
    """One way, from the beginning to the end."""

    kind: Literal["linear_sweep"] = "linear_sweep"
    begin_V: float
    end_V: float


@step_kind("linear_sweep")
class LinearSweep(SweepStep):
    """Linear sweep voltammetry."""

    front_panel: ClassVar[str] = "linear sweep"

    from_V: Voltage
    to_V: Voltage

    @model_validator(mode="after")
    def _goes_somewhere(self) -> LinearSweep:
        if self.from_V == self.to_V:
            raise problem(
                "the sweep ends where it begins",
                code="E305",
                help="write another potential",
                path=["to"],
            )
        return self

    def way_V(self) -> float:
        """From one end to the other."""
        return abs(self.to_V - self.from_V)

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The two potentials against the electrode that is connected."""
        shift_V = potential_shift_V(context, self.vs, place.path)
        begin_V, end_V = self.from_V + shift_V, self.to_V + shift_V
        label = (
            f"linear sweep {wording.voltage(self.from_V)} to {wording.voltage(self.to_V)}"
            f" vs {self.vs} at {format_quantity(self.rate_V_per_s, 'mV/s')}"
        )
        turns_V = {"from": begin_V, "to": end_V}
        return LinearSweepPlan(
            **self.heading(context, place, label),
            **self.course(context, place.path, turns_V),
            begin_V=begin_V,
            end_V=end_V,
        )
