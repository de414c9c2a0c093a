"""What a 2450 is set to so that it holds a set-point: function, range, level, protection."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.instruments.readings import Regulation
from faradaic.instruments.set_points import SetPoint

PROTECTIONS_V = (2, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180)
PROTECTION_TOLERANCE = 0.05
"""Of the overvoltage protection, as Keithley says of the 2400 series (user's manual, page 3-12).
A source limit is to be below it (2450-901-01 Rev. B, page 2-100), wherever in that it lies."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What the source holds: a current within a voltage, or a voltage within a current."""

    function: str
    """`CURR` or `VOLT`; the other one is measured."""
    level: float
    limit: float
    range: float
    protection: str
    """The lowest overvoltage protection that is above what may be sourced."""

    @property
    def measured(self) -> str:
        """Get the function that is measured while this one is sourced."""
        return "VOLT" if self.function == "CURR" else "CURR"


def settings_of(
    held: SetPoint, current_ranges_A: tuple[float, ...], voltage_ranges_V: tuple[float, ...]
) -> SourceSettings:
    """The settings; a cell at rest is left alone by holding 0 A."""
    voltage = held.regulation is Regulation.VOLTAGE
    ranges = voltage_ranges_V if voltage else current_ranges_A
    least_V = held.highest_V / (1.0 - PROTECTION_TOLERANCE)
    return SourceSettings(
        "VOLT" if voltage else "CURR",
        held.value,
        held.limit,
        _smallest_range(held.largest, ranges),
        f"PROT{next(level_V for level_V in PROTECTIONS_V if level_V > least_V)}",
    )


def _smallest_range(value: float, ranges: tuple[float, ...]) -> float:
    """The smallest range that holds a value; each reaches 5 % beyond its nominal end."""
    return next(r for r in ranges if abs(value) <= 1.05 * r * (1 + 1e-9))
