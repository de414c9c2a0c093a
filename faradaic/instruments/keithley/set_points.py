"""What a 2450 is to hold in a segment: function, level, limit, range; and what it refuses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.readings import Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)

VOLTAGE_RANGES_V = (0.02, 0.2, 2.0, 20.0, 200.0)
SMALLEST_VOLTAGE_LIMIT_V = 0.02
SMALLEST_CURRENT_LIMIT_A = 1e-8

PROTECTIONS_V = (2, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180)
PROTECTION_TOLERANCE = 0.05
"""Of the overvoltage protection, as Keithley says of the 2400 series (user's manual, page 3-12).
A source limit is to be below it (2450-901-01 Rev. B, page 2-100), wherever in that it lies."""


@dataclass(frozen=True, slots=True)
class SetPoint:
    """What the source holds: a current within a voltage, or a voltage within a current."""

    function: str
    """`CURR` or `VOLT`; the other one is measured."""
    level: float
    limit: float
    range: float
    highest: float = 0.0
    """Magnitude of the largest level, where others follow the first."""

    @property
    def measured(self) -> str:
        """Get the function that is measured while this one is sourced."""
        return "VOLT" if self.function == "CURR" else "CURR"

    @property
    def protection(self) -> str:
        """Get the lowest overvoltage protection that is above what may be sourced."""
        highest_V = self.limit if self.function == "CURR" else max(abs(self.level), self.highest)
        least_V = highest_V / (1.0 - PROTECTION_TOLERANCE)
        return f"PROT{next(level_V for level_V in PROTECTIONS_V if level_V > least_V)}"


def planned(segment: Segment, able: Capabilities) -> tuple[SetPoint, float, float]:
    """What to hold, for how long, read how often. Raises `DeviceError`."""
    match segment:
        case OpenCircuitSegment():
            set_point = SetPoint("CURR", 0.0, able.compliance_V, able.current_ranges_A[0])
        case ConstantCurrentSegment():
            current_A, limit_V = segment.current_A, segment.highest_V
            _within("current", abs(current_A), 0.0, able.current_max_A, "A")
            lowest_V = SMALLEST_VOLTAGE_LIMIT_V
            _within("cell-voltage limit", limit_V, lowest_V, able.compliance_V, "V")
            range_A = _smallest_range(current_A, able.current_ranges_A)
            set_point = SetPoint("CURR", current_A, limit_V, range_A)
        case ConstantCellVoltageSegment():
            voltage_V, limit_A = segment.cell_voltage_V, segment.current_limit_A
            _within("cell voltage", abs(voltage_V), 0.0, able.compliance_V, "V")
            lowest_A = SMALLEST_CURRENT_LIMIT_A
            _within("current limit", limit_A, lowest_A, able.current_max_A, "A")
            range_V = _smallest_range(voltage_V, VOLTAGE_RANGES_V)
            set_point = SetPoint("VOLT", voltage_V, limit_A, range_V)
        case LevelsSegment() | StaircaseSegment():
            set_point = _in_turn(segment, able)
        case _:
            raise error(
                "E516",
                f"the driver of the 2450 does not run {segment.mode}",
                f"it runs {', '.join(sorted(able.modes))}",
            )
    _within("duration", segment.duration_s, 0.0, math.inf, "s")
    _within("interval", segment.interval_s, able.interval_min_s, math.inf, "s")
    return set_point, segment.duration_s, segment.interval_s


def _in_turn(segment: LevelsSegment | StaircaseSegment, able: Capabilities) -> SetPoint:
    """The first of several levels, on the range of the largest. Raises `DeviceError`.

    A cell between levels of current is left open by holding 0 A.
    """
    largest = segment.largest
    number, _ = segment.begins()
    first = segment.held(number)[1]
    regulated = {segment.held(k)[0] for k in range(segment.count)}
    opens = isinstance(segment, LevelsSegment) and Regulation.OFF in regulated
    if segment.regulation is Regulation.CURRENT:
        limit_V = segment.highest_V or able.compliance_V
        _within("current", largest, 0.0, able.current_max_A, "A")
        _within("cell-voltage limit", limit_V, SMALLEST_VOLTAGE_LIMIT_V, able.compliance_V, "V")
        return SetPoint("CURR", first, limit_V, _smallest_range(largest, able.current_ranges_A))
    if segment.regulation is not Regulation.VOLTAGE or opens:
        raise error(
            "E516",
            "the driver of the 2450 does not run levels of a potential, nor open a cell between"
            " levels of voltage",
            "write two cell voltages or two currents",
        )
    limit_A = segment.current_limit_A or able.current_max_A
    _within("cell voltage", largest, 0.0, able.compliance_V, "V")
    _within("current limit", limit_A, SMALLEST_CURRENT_LIMIT_A, able.current_max_A, "A")
    return SetPoint("VOLT", first, limit_A, _smallest_range(largest, VOLTAGE_RANGES_V), largest)


def _smallest_range(value: float, ranges: tuple[float, ...]) -> float:
    """The smallest range that holds a value; each reaches 5 % beyond its nominal end."""
    return next(r for r in ranges if abs(value) <= 1.05 * r * (1 + 1e-9))


def _within(what: str, asked: float, low: float, high: float, unit: str) -> None:
    if not low <= asked <= high:
        allowed = f"from {low:g} {unit} to {high:g} {unit}"
        if math.isinf(high):
            allowed = f"{low:g} {unit} or more"
        raise error(
            "E513",
            f"a {what} of {asked:g} {unit} was asked of the 2450, which allows {allowed}",
            "change the protocol, or use an instrument with this range",
        )


def error(code: str, message: str, remedy: str) -> DeviceError:
    return DeviceError.of(message, help=remedy, code=code)
