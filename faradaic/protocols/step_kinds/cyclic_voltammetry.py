"""Cyclic voltammetry."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import model_validator

from faradaic.documents.models import Count, problem
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.setpoints import potential_shift_V
from faradaic.protocols.step_kind import step_kind
from faradaic.protocols.sweep_steps import SweepPlan, SweepStep
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Voltage


class CyclicVoltammetryPlan(SweepPlan):
    """Start, first vertex, second vertex, back to the start, over and over."""

    kind: Literal["cyclic_voltammetry"] = "cyclic_voltammetry"
    start_V: float
    vertex1_V: float
    vertex2_V: float
    cycles: int


@step_kind("cyclic_voltammetry")
class CyclicVoltammetry(SweepStep):
    """Cyclic voltammetry: start, first vertex, second vertex, back to the start."""

    front_panel: ClassVar[str] = "voltammogram"

    from_V: Voltage
    vertex1_V: Voltage
    vertex2_V: Voltage
    cycles: Count = 1

    @model_validator(mode="after")
    def _goes_somewhere(self) -> CyclicVoltammetry:
        if self.vertex1_V == self.vertex2_V:
            raise problem(
                "both vertices are the same potential",
                code="E305",
                help="write the two potentials at which the sweep turns",
                path=["vertex2"],
            )
        return self

    def way_V(self) -> float:
        """There and back, as often as there are cycles."""
        turns_V = (self.from_V, self.vertex1_V, self.vertex2_V, self.from_V)
        return self.cycles * sum(abs(end - begin) for begin, end in pairwise(turns_V))

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The three potentials against the electrode that is connected."""
        shift_V = potential_shift_V(context, self.vs, place.path)
        start_V, first_V, second_V = (
            value + shift_V for value in (self.from_V, self.vertex1_V, self.vertex2_V)
        )
        label = (
            f"cyclic voltammetry {wording.voltage(self.vertex1_V)} to"
            f" {wording.voltage(self.vertex2_V)} vs {self.vs}"
            f" at {format_quantity(self.rate_V_per_s, 'mV/s')}, {self.cycles} cycles"
        )
        turns_V = {"from": start_V, "vertex1": first_V, "vertex2": second_V}
        return CyclicVoltammetryPlan(
            **self.heading(context, place, label),
            **self.course(context, place.path, turns_V),
            start_V=start_V,
            vertex1_V=first_V,
            vertex2_V=second_V,
            cycles=self.cycles,
        )
