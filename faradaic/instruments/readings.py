"""Readings: what an instrument said, converted to SI and the IUPAC sign at its border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

CURRENT_TOLERANCE = 0.02
"""A held current that is missed by more than this fraction of it is not held."""


def potential_tolerance_V(potential_V: float) -> float:
    """How far a measured potential may be off before the one asked for is not held: 20 mV, or 2 %.

    Converters of 12 to 16 bits over a few volts and their offsets stay below 10 mV; 20 mV is a
    factor of about two in a kinetic current (60 to 120 mV per decade), no longer the experiment
    that was asked for; 2 % allows for the gain error of the coarser ones at several volts.
    """
    return max(0.02, 0.02 * abs(potential_V))


class Regulation(StrEnum):
    """What the instrument was holding when it took the reading."""

    CURRENT = "current"
    VOLTAGE = "voltage"
    POTENTIAL = "potential"
    OFF = "off"


class Point(NamedTuple):
    """What a reading brings beside its values: one entry of a series of its own kind."""

    kind: str
    """`impedance`, `pulse` or `interrupt`: the kind of its record in a journal."""
    values: dict[str, Any]
    """By name with unit, SI: numbers, lists of numbers (a trace), or None where missing."""


class Passed(NamedTuple):
    """What passed since the reading before, where that is no straight line between the two."""

    anodic_C: float
    cathodic_C: float
    """Magnitudes, through the working electrode."""
    energy_J: float | None
    """Put into the cell; None where its voltage was not measured."""
    unsure_C: float = 0.0
    """By how much their sum may be off, either way, for what happened between two samples."""


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
    on_for_s: float | None = None
    """How long the output had been on in this segment: by the instrument's own clock, or since it
    was told to go on."""
    refused: str = ""
    """Why what came instead of this reading is none; `raw` is the line."""
    point: Point | None = None
    level: int | None = None
    """Which of the levels of a segment, or which stair, it was taken in."""
    passed: Passed | None = None
    """What passed since the reading before, where the driver counted it level by level."""
    on_unsure_s: float = 0.0
    """By how much `on_for_s` may be too short: the output went on some time before it said so."""

    @property
    def nothing_measured(self) -> bool:
        """Get whether it has neither current nor voltage."""
        return self.current_A is None and self.cell_voltage_V is None and self.potential_V is None

    @classmethod
    def refuse(cls, time_s: float, regulation: Regulation, raw: str, why: str) -> Reading:
        """In place of a reading that cannot be one: nothing is known at its time."""
        return cls(time_s, None, None, None, regulation, False, False, raw, refused=why)


class EndReason(StrEnum):
    """Why a segment's stream of readings ended, as far as the driver knows."""

    DURATION = "duration"
    CELL_VOLTAGE_LIMIT = "cell_voltage_limit"
    CURRENT_LIMIT = "current_limit"
    CHARGE_LIMIT = "charge_limit"
    STOPPED = "stopped"
    SWEEP_DONE = "sweep_done"
    NOT_RENEWED = "not_renewed"
    """The instrument turned its output off before its time: its reader asked for nothing for so
    long that it may have been dead, or the instrument did not say why."""


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
    since_s: float | None = None
    """Since when it has been off, on the clock of the segment; None where the instrument does not
    tell, and it was some time between its last reading and the answer."""
    by_s: float | None = None
    """When it was off at the latest, where `since_s` is when it was told to go off."""
