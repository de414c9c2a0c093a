"""From the fields of a package to a reading, as the mode of the segment gives them meaning."""

from __future__ import annotations

from collections.abc import Mapping

from faradaic.diagnostics import DeviceError, Diagnostic
from faradaic.instruments.palmsens.codec import OVERLOAD, Field
from faradaic.instruments.palmsens.device_models import Model
from faradaic.instruments.readings import (
    CURRENT_TOLERANCE,
    Reading,
    Regulation,
    potential_tolerance_V,
)
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    OpenCircuitSegment,
    Segment,
)

_REGULATION = {
    OpenCircuitSegment.mode: Regulation.OFF,
    ConstantCurrentSegment.mode: Regulation.CURRENT,
    ConstantCellVoltageSegment.mode: Regulation.VOLTAGE,
}

MEASURED_CURRENT, SET_CURRENT = "ba", "db"
MEASURED_POTENTIAL, SET_POTENTIAL = "ab", "da"
TIME = "eb"


class ReadingMaker:
    """Makes the readings of one segment."""

    def __init__(self, segment: Segment, model: Model) -> None:
        self.regulation = _REGULATION.get(segment.mode, Regulation.POTENTIAL)
        self._mode = segment.mode
        self._set_A: float | None = None
        self._tolerance_A = 0.0
        if isinstance(segment, ConstantCurrentSegment):
            self._set_A = segment.current_A
            scale_A = next(r for r in model.full_scales_A() if r >= abs(segment.current_A))
            self._tolerance_A = (
                CURRENT_TOLERANCE * abs(segment.current_A) + 0.5 * model.accuracy * scale_A
            )
        self._set_V: float | None = None
        self._tolerance_V = 0.0
        if isinstance(segment, ConstantPotentialSegment):
            self._set_V = segment.potential_V
            self._tolerance_V = potential_tolerance_V(segment.potential_V)

    def __call__(self, time_s: float, values: Mapping[str, Field], raw: str) -> Reading:
        """The reading of one package. Raises `KeyError` if a field is missing."""
        if self._mode == OpenCircuitSegment.mode:
            rest_V = values[MEASURED_POTENTIAL]
            over = bool((rest_V.status or 0) & OVERLOAD)
            return Reading(time_s, None, None, _number(rest_V), self.regulation, False, over, raw)
        measured = values.get(MEASURED_CURRENT)
        if measured is None:
            if SET_CURRENT in values:
                raise _set_current_only()
            raise KeyError(MEASURED_CURRENT)
        current_A = _number(measured)
        over = bool((measured.status or 0) & OVERLOAD)
        if self._set_A is None:
            potential = values.get(MEASURED_POTENTIAL) or values[SET_POTENTIAL]
            potential_V = _number(potential)
            over = over or bool((potential.status or 0) & OVERLOAD)
            if self._mode == ConstantCellVoltageSegment.mode:
                return Reading(
                    time_s, current_A, potential_V, None, self.regulation, over, over, raw
                )
            adrift = self._set_V is not None and (
                potential_V is None or abs(potential_V - self._set_V) > self._tolerance_V
            )
            regulation = Regulation.VOLTAGE if adrift else self.regulation
            return Reading(
                time_s, current_A, None, potential_V, regulation, over or adrift, over, raw
            )
        voltage = values[MEASURED_POTENTIAL]
        over = over or bool((voltage.status or 0) & OVERLOAD)
        missed = current_A is None or abs(current_A - self._set_A) > self._tolerance_A
        limited = over or missed
        regulation = Regulation.VOLTAGE if limited else Regulation.CURRENT
        return Reading(time_s, current_A, _number(voltage), None, regulation, limited, over, raw)


def _number(field: Field) -> float | None:
    value = field.value
    return None if value != value else value


def _set_current_only() -> DeviceError:
    return DeviceError(
        Diagnostic(
            "E515",
            "the instrument reports its set current but not the measured one, so the charge "
            "would rest on the set-point",
            help="update the firmware of the instrument",
        )
    )
