"""From the packages of `loop_scripts` to readings and what they bring beside their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from faradaic.instruments.palmsens.device_models import DeviceModel
from faradaic.instruments.palmsens.loop_scripts import INTERRUPT_STEP_S, POINTS_BEFORE
from faradaic.instruments.palmsens.package_readings import (
    MEASURED_CURRENT,
    MEASURED_POTENTIAL,
    SET_CURRENT,
    SET_POTENTIAL,
    TIME,
    ReadingMaker,
)
from faradaic.instruments.readings import Point, Reading, Regulation
from faradaic.instruments.segments import (
    CurrentInterruptSegment,
    DifferentialPulseVoltammetrySegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    Segment,
    SquareWaveVoltammetrySegment,
)
from faradaic.methodscript_packages import OVERLOAD, Field

FREQUENCY, REAL, IMAGINARY = "dc", "cc", "cd"

Maker = Callable[[float, Mapping[str, Field], str], tuple[Reading, ...]]
"""The readings of one package: its time, its fields by type, its line. Raises `KeyError` if a field
is missing."""


def maker(segment: Segment, model: DeviceModel) -> Maker:
    """What makes the readings of a segment."""
    plain = ReadingMaker(segment, model)

    def one(time_s: float, values: Mapping[str, Field], raw: str) -> tuple[Reading, ...]:
        return (plain(time_s, values, raw),)

    match segment:
        case ImpedanceSegment() | GalvanostaticImpedanceSegment():
            return lambda *package: (_sine(segment.regulation, *package) or plain(*package),)
        case SquareWaveVoltammetrySegment():
            return lambda *package: _halves(segment, *package)
        case DifferentialPulseVoltammetrySegment():
            return lambda *package: (_difference(*package),)
        case CurrentInterruptSegment():
            return _Interrupts(segment, plain)
    return one


def _sine(
    regulation: Regulation, time_s: float, values: Mapping[str, Field], raw: str
) -> Reading | None:
    """A frequency; None for a point of the steady loop."""
    if FREQUENCY not in values:
        return None
    real, imaginary = values[REAL], values[IMAGINARY]
    told: dict[str, Any] = {
        "frequency_Hz": values[FREQUENCY].value,
        "impedance_real_ohm": _number(real),
        "impedance_imag_ohm": _number(imaginary),
        "status": real.status,
        "range_index": real.range_index,
    }
    over = bool((real.status or 0) & OVERLOAD)
    return _reading(time_s, None, None, regulation, over, raw, values, Point("impedance", told))


def _halves(
    segment: SquareWaveVoltammetrySegment, time_s: float, values: Mapping[str, Field], raw: str
) -> tuple[Reading, Reading]:
    """Both halves of a stair; the second brings what they make together."""
    forward, reverse = (values[f"{MEASURED_CURRENT}{again}"] for again in ("", "2"))
    stair_V = values[SET_POTENTIAL].value
    ahead_V = segment.amplitude_V if segment.end_V > segment.begin_V else -segment.amplitude_V
    forward_A, reverse_A = _number(forward), _number(reverse)
    told = {
        "potential_V": stair_V,
        "forward_A": forward_A,
        "reverse_A": reverse_A,
        "difference_A": None if forward_A is None or reverse_A is None else forward_A - reverse_A,
    }
    half_s = 0.5 / segment.frequency_Hz
    overs = [bool((one.status or 0) & OVERLOAD) for one in (forward, reverse)]
    held = Regulation.POTENTIAL
    first = _reading(
        time_s - half_s, forward_A, stair_V + ahead_V, held, overs[0], raw, values, None
    )
    on_for_s = None if first.on_for_s is None else first.on_for_s - half_s
    second = _reading(
        time_s, reverse_A, stair_V - ahead_V, held, overs[1], raw, values, Point("pulse", told)
    )
    return first._replace(on_for_s=on_for_s), second


def _difference(time_s: float, values: Mapping[str, Field], raw: str) -> Reading:
    """A stair of which the instrument tells the difference alone, not what flows."""
    current = values[MEASURED_CURRENT]
    stair_V = values[SET_POTENTIAL].value
    told = {
        "potential_V": stair_V,
        "forward_A": None,
        "reverse_A": None,
        "difference_A": _number(current),
    }
    over = bool((current.status or 0) & OVERLOAD)
    point = Point("pulse", told)
    return _reading(time_s, None, stair_V, Regulation.POTENTIAL, over, raw, values, point)


class _Interrupts:
    """Readings of an interrupted current; the last of an interruption brings its trace."""

    def __init__(self, segment: CurrentInterruptSegment, flowing: ReadingMaker) -> None:
        self._flowing = flowing
        self._width_s = segment.width_s
        self._within = round(segment.width_s / INTERRUPT_STEP_S)
        self._before: list[Reading] = []
        self._off: list[Reading] = []

    def __call__(self, time_s: float, values: Mapping[str, Field], raw: str) -> tuple[Reading, ...]:
        if values[SET_CURRENT].value == 0.0:
            current_A, voltage_V = _number(values[MEASURED_CURRENT]), values[MEASURED_POTENTIAL]
            over = bool((voltage_V.status or 0) & OVERLOAD)
            off = Regulation.OFF
            reading = _reading(time_s, current_A, None, off, over, raw, values, None)
            reading = reading._replace(cell_voltage_V=_number(voltage_V))
            self._off.append(reading)
            if len(self._off) < self._within:
                return (reading,)
        else:
            reading = self._flowing(time_s, values, raw)
            if not self._off:
                self._before = [*self._before[1 - POINTS_BEFORE :], reading]
                return (reading,)
        point = Point("interrupt", self._trace())
        self._before, self._off = [], []
        return (reading._replace(point=point),)

    def _trace(self) -> dict[str, Any]:
        """The points around an interruption; it began a step before the first point within it,
        in which the current goes: that one is not to be used."""
        began_s = self._off[0].time_s - INTERRUPT_STEP_S
        near = [
            r for r in self._before if r.time_s > began_s - 1.5 * POINTS_BEFORE * INTERRUPT_STEP_S
        ]
        points = [*near, *self._off]
        return {
            "began_s": began_s,
            "width_s": self._width_s,
            "dead_time_s": 1.5 * INTERRUPT_STEP_S,
            "time_s": [one.time_s - began_s for one in points],
            "cell_voltage_V": [one.cell_voltage_V for one in points],
            "current_A": [one.current_A for one in points],
        }


def _reading(
    time_s: float,
    current_A: float | None,
    potential_V: float | None,
    regulation: Regulation,
    over: bool,
    raw: str,
    values: Mapping[str, Field],
    point: Point | None,
) -> Reading:
    on_for_s = values[TIME].value
    return Reading(
        time_s, current_A, None, potential_V, regulation, False, over, raw, on_for_s, point=point
    )


def _number(field: Field) -> float | None:
    return None if field.value != field.value else field.value
