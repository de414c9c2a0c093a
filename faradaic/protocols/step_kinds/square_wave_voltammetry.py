"""Square-wave voltammetry."""

from __future__ import annotations

from typing import ClassVar, Literal

from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.pulse_voltammetry import PulseVoltammetryPlan, PulseVoltammetryStep
from faradaic.protocols.schema.field_types import PositiveFrequency, PositiveVoltage
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities import format_quantity


class SquareWaveVoltammetryPlan(PulseVoltammetryPlan):
    """A square wave on a staircase."""

    kind: Literal["square_wave_voltammetry"] = "square_wave_voltammetry"
    amplitude_V: float
    frequency_Hz: float


@step_kind("square_wave_voltammetry")
class SquareWaveVoltammetry(PulseVoltammetryStep):
    """Square-wave voltammetry: the current of the half ahead of a stair less that behind it."""

    readings_per_stair: ClassVar[int] = 2

    amplitude_V: PositiveVoltage
    """Half of what the square wave spans."""
    frequency_Hz: PositiveFrequency
    """Stairs a second."""

    def stair_s(self) -> float:
        """One square."""
        return 1.0 / self.frequency_Hz

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The potentials against the electrode that is connected."""
        words = (
            f"square-wave voltammetry {self.span()}, {format_quantity(self.amplitude_V, 'mV')} at"
            f" {format_quantity(self.frequency_Hz, 'Hz')}"
        )
        return SquareWaveVoltammetryPlan(
            **self.heading(context, place, words),
            **self.course(context, place.path, self.amplitude_V, 0.5 * self.stair_s()),
            amplitude_V=self.amplitude_V,
            frequency_Hz=self.frequency_Hz,
        )
