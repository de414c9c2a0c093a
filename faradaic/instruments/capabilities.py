"""What an instrument can do, declared before anything is energised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from faradaic.instruments.readings import Reading

BEYOND = 1.1
"""An instrument measures a little more than its largest current and voltage."""


class Tier(StrEnum):
    """How far a driver has been verified."""

    EMULATED = "emulated only"
    MANUAL = "bytes from the manual"
    HARDWARE = "seen on hardware"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The limits and abilities of one instrument model.

    Currents and voltages are magnitudes. `compliance_V` is the largest voltage that the model can
    put across the cell; `current_ranges_A` the full scales it measures and regulates on, in
    rising order; `current_resolution` the set-point step as a fraction of the range in use.
    """

    manufacturer: str
    model: str
    modes: frozenset[str]
    """Of the segments that it runs (`faradaic.instruments.segments`)."""
    current_max_A: float
    compliance_V: float
    current_ranges_A: tuple[float, ...]
    current_resolution: float
    current_accuracy: float
    """Gain error of the regulated current, as a fraction of the set-point."""
    bipolar: bool
    """Whether the source reverses polarity by itself."""
    reference_electrode: bool
    """Whether it regulates and measures a potential against a reference electrode."""
    interval_min_s: float
    """Fastest sampling that the driver offers."""
    native_voltage_limit: bool
    """Whether the instrument itself holds or stops at the cell-voltage limit."""
    native_charge_stop: bool
    """Whether the instrument itself counts charge and stops."""
    on_host_death: str
    """What happens to the output if the program, the PC or the cable dies: one plain sentence."""
    tier: Tier
    compliance_min_V: float = 0.0
    """The lowest cell-voltage limit that can be set."""

    def current_range_A(self, current_A: float) -> float | None:
        """The smallest range that holds a current, or None when none does."""
        return next((r for r in self.current_ranges_A if abs(current_A) <= r * (1 + 1e-9)), None)

    def can_give(self, reading: Reading) -> bool:
        """Whether the instrument can have measured it; what it did not report can be anything."""
        return all(
            value is None or abs(value) <= BEYOND * most
            for value, most in (
                (reading.current_A, self.current_max_A),
                (reading.cell_voltage_V, self.compliance_V),
                (reading.potential_V, self.compliance_V),
            )
        )
