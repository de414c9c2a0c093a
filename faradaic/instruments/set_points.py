"""What a source that is polled is to hold in a segment, and what is refused before it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.readings import Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)


@dataclass(frozen=True, slots=True)
class SetPoint:
    """A current within a voltage, a voltage or a potential within a current, or neither."""

    regulation: Regulation
    """`CURRENT`, `VOLTAGE` or `POTENTIAL`; `OFF` for a cell at rest."""
    value: float
    """Of what is regulated, signed: the first one, where others follow."""
    limit: float
    """Magnitude of the other one; of a rest the compliance of the source, in volts."""
    largest: float
    """Magnitude of the largest value."""
    duration_s: float
    interval_s: float

    @property
    def current_A(self) -> float:
        """Get what a source that has a current and a voltage is told as its current."""
        return self.value if self.regulation in (Regulation.CURRENT, Regulation.OFF) else self.limit

    @property
    def voltage_V(self) -> float:
        """Get what it is told as its voltage."""
        return self.limit if self.regulation in (Regulation.CURRENT, Regulation.OFF) else self.value

    @property
    def highest_V(self) -> float:
        """Get the magnitude that the voltage can reach."""
        held = self.regulation in (Regulation.CURRENT, Regulation.OFF)
        return self.limit if held else self.largest

    @property
    def highest_A(self) -> float:
        """Get the magnitude that the current can reach."""
        held = self.regulation in (Regulation.CURRENT, Regulation.OFF)
        return self.largest if held else self.limit


def planned(segment: Segment, able: Capabilities) -> SetPoint:
    """What to hold, for how long, read how often. Raises `DeviceError` (E513, E516)."""
    if segment.mode not in able.modes:
        raise not_run(segment.mode, able)
    values: tuple[float, ...]
    match segment:
        case OpenCircuitSegment():
            regulation, values, limit = Regulation.OFF, (0.0,), able.compliance_V
        case ConstantCurrentSegment():
            regulation, values, limit = Regulation.CURRENT, (segment.current_A,), segment.highest_V
        case ConstantCellVoltageSegment():
            regulation, values = Regulation.VOLTAGE, (segment.cell_voltage_V,)
            limit = segment.current_limit_A
        case ConstantPotentialSegment():
            regulation, values = Regulation.POTENTIAL, (segment.potential_V,)
            limit = segment.current_limit_A
        case LevelsSegment() | StaircaseSegment():
            regulation = segment.regulation
            first, _ = segment.begins()
            values = (segment.held(first)[1], *(segment.held(k)[1] for k in range(segment.count)))
            if regulation is Regulation.CURRENT:
                limit = segment.highest_V or able.compliance_V
            elif _holds_voltage(regulation, able) and not _opens(segment):
                limit = segment.current_limit_A or able.current_max_A
            else:
                raise not_run(
                    "levels of a potential, nor open a cell between levels of voltage",
                    able,
                    "write two cell voltages or two currents",
                )
        case _:
            raise not_run(segment.mode, able)
    if regulation is Regulation.CURRENT:
        for value in values:
            _value_within("current", value, able.current_min_A, able.current_max_A, "A", able)
        lowest = able.compliance_min_V
        _within("cell-voltage limit", limit, lowest, able.compliance_V, "V", able)
    elif regulation is not Regulation.OFF:
        what = "potential" if regulation is Regulation.POTENTIAL else "cell voltage"
        for value in values:
            _value_within(what, value, 0.0, able.compliance_V, "V", able)
        lowest = able.current_min_A or able.current_ranges_A[0]
        _within("current limit", limit, lowest, able.current_max_A, "A", able)
    _within("duration", segment.duration_s, 0.0, math.inf, "s", able)
    _within("interval", segment.interval_s, able.interval_min_s, math.inf, "s", able)
    largest = max(abs(value) for value in values)
    return SetPoint(regulation, values[0], limit, largest, segment.duration_s, segment.interval_s)


def not_run(what: str, able: Capabilities, remedy: str = "") -> DeviceError:
    """A segment that a driver does not run."""
    return DeviceError.of(
        f"the driver of the {able.model} does not run {what}",
        help=remedy or f"it runs {', '.join(sorted(able.modes))}",
        code="E516",
    )


def _holds_voltage(regulation: Regulation, able: Capabilities) -> bool:
    """Whether it is a cell voltage, or a potential that the instrument can hold."""
    if regulation is Regulation.POTENTIAL:
        return able.reference_electrode
    return regulation is Regulation.VOLTAGE


def _opens(segment: LevelsSegment | StaircaseSegment) -> bool:
    """Whether the cell is left open between levels."""
    return any(segment.held(k)[0] is Regulation.OFF for k in range(segment.count))


def _value_within(
    what: str, asked: float, low: float, high: float, unit: str, able: Capabilities
) -> None:
    """A value that is held: of either sign where the source has both."""
    _within(what, abs(asked) if able.bipolar else asked, low, high, unit, able)


def _within(
    what: str, asked: float, low: float, high: float, unit: str, able: Capabilities
) -> None:
    if not low <= asked <= high:
        allowed = f"from {low:g} {unit} to {high:g} {unit}"
        if math.isinf(high):
            allowed = f"{low:g} {unit} or more"
        raise DeviceError.of(
            f"a {what} of {asked:g} {unit} was asked of the {able.model}, which allows {allowed}",
            help="change the protocol, or use an instrument with this range",
            code="E513",
        )
