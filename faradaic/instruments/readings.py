"""Readings: what an instrument said, converted to SI and the IUPAC sign at its border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Regulation(StrEnum):
    """What the instrument was holding when it took the reading."""

    CURRENT = "current"
    VOLTAGE = "voltage"
    POTENTIAL = "potential"
    OFF = "off"


class Reading(NamedTuple):
    """One reading of a source. A quantity that the instrument did not report is None."""

    time_s: float
    """Monotonic time of the clock that the segment was run with."""
    current_A: float | None
    cell_voltage_V: float | None
    potential_V: float | None
    """Working electrode against the connected reference electrode."""
    regulation: Regulation
    compliance: bool
    """The source is at a limit and does not hold its set-point."""
    overload: bool
    """The measuring range was exceeded: the value is a lower bound at best."""
    raw: str
    """The line as it came over the wire."""


class EndReason(StrEnum):
    """Why a segment's stream of readings ended, as far as the driver knows."""

    DURATION = "duration"
    CELL_VOLTAGE_LIMIT = "cell_voltage_limit"
    CURRENT_LIMIT = "current_limit"
    CHARGE_LIMIT = "charge_limit"
    STOPPED = "stopped"
    SWEEP_DONE = "sweep_done"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered: as read from the instrument."""

    manufacturer: str
    model: str
    serial: str
    firmware: str

    @property
    def simulated(self) -> bool:
        """Get whether this is an emulator; emulators put SIMULATED into the serial number."""
        return "SIM" in self.serial.upper()


@dataclass(frozen=True, slots=True)
class OutputState:
    """The output after it was commanded off, as the instrument answered."""

    on: bool | None
    """None when the instrument could not be asked or did not answer."""
    evidence: str
    """The command and the answer, or why there is none."""
