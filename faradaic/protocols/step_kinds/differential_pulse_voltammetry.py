"""Differential pulse voltammetry."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from faradaic.documents.models import problem
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.pulse_voltammetry import PulseVoltammetryPlan, PulseVoltammetryStep
from faradaic.protocols.schema.field_types import PositiveTime, PositiveVoltage
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import ScanRate


class DifferentialPulseVoltammetryPlan(PulseVoltammetryPlan):
    """A pulse at the end of each stair."""

    kind: Literal["differential_pulse_voltammetry"] = "differential_pulse_voltammetry"
    pulse_V: float
    pulse_s: float
    rate_V_per_s: float


@step_kind("differential_pulse_voltammetry")
class DifferentialPulseVoltammetry(PulseVoltammetryStep):
    """Differential pulse voltammetry: the current at the end of a pulse less that before it."""

    pulse_V: PositiveVoltage
    """Height of the pulse, ahead of the stair."""
    pulse_time_s: PositiveTime
    rate_V_per_s: ScanRate
    """Of the staircase."""

    @model_validator(mode="after")
    def _pulse_fits(self) -> DifferentialPulseVoltammetry:
        if self.rate_V_per_s <= 0.0 or self.pulse_time_s >= self.stair_s():
            raise problem(
                "the pulse is longer than a stair at this rate",
                code="E305",
                help="sweep more slowly, or write a shorter `pulse_time`",
                path=["pulse_time"],
            )
        return self

    def stair_s(self) -> float:
        """A stair with its pulse."""
        return self.stair_V / self.rate_V_per_s

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The potentials against the electrode that is connected."""
        path = place.path
        words = (
            f"differential pulse voltammetry {self.span()}, pulses of"
            f" {format_quantity(self.pulse_V, 'mV')} for {format_quantity(self.pulse_time_s, 's')}"
            f" at {format_quantity(self.rate_V_per_s, 'mV/s')}"
        )
        shortest_s = min(self.pulse_time_s, self.stair_s() - self.pulse_time_s)
        context.assume(
            (*path, "current_limit"),
            "watched on the difference",
            "instruments tell the difference of two currents alone: what flows is between nothing"
            " and the limit, and so is the charge",
        )
        return DifferentialPulseVoltammetryPlan(
            **self.heading(context, place, words),
            **self.course(context, path, self.pulse_V, shortest_s),
            pulse_V=self.pulse_V,
            pulse_s=self.pulse_time_s,
            rate_V_per_s=self.rate_V_per_s,
        )
