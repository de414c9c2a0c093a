"""From the fields of a package to a reading, as the mode of the segment gives them meaning."""

from __future__ import annotations

from collections.abc import Mapping

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.device_models import DeviceModel
from faradaic.instruments.palmsens.level_scripts import ANODIC, CATHODIC, ENERGY, LEVEL
from faradaic.instruments.readings import (
    CURRENT_TOLERANCE,
    Passed,
    Reading,
    Regulation,
    potential_tolerance_V,
)
from faradaic.instruments.segments import (
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    LevelsSegment,
    Segment,
    StaircaseSegment,
)
from faradaic.methodscript_packages import OVERLOAD, Field, GarbledPackage

MEASURED_CURRENT, SET_CURRENT = "ba", "db"
MEASURED_POTENTIAL, SET_POTENTIAL = "ab", "da"
TIME = "eb"


def halved(line: str) -> str:
    """The package of a script of ours, which sends every variable twice, sent once.

    A package has no check sum, and a changed digit is as good a number as any. Raises
    `GarbledPackage` where the halves differ.
    """
    middle = len(line) // 2
    if line[:1] != "P" or line[middle : middle + 1] != ";" or line[1:middle] != line[middle + 1 :]:
        raise GarbledPackage.of(f"{line[:80]!r} does not say everything twice")
    return line[:middle]


def by_type(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields of a package by their type; a second one of a type under `ba2` and the like."""
    found: dict[str, Field] = {}
    for field in fields:
        found[f"{field.type}2" if field.type in found else field.type] = field
    return found


class ReadingMaker:
    """Makes the readings of one segment."""

    def __init__(self, segment: Segment, model: DeviceModel) -> None:
        self.regulation = segment.regulation
        self._segment = segment
        self._accuracy = model.accuracy
        largest_A = 0.0
        if isinstance(segment, ConstantCurrentSegment):
            largest_A = abs(segment.current_A)
        elif isinstance(segment, LevelsSegment | StaircaseSegment):
            largest_A = segment.largest if self.regulation is Regulation.CURRENT else 0.0
        self._scale_A = next((r for r in model.full_scales_A() if r >= largest_A), largest_A)
        self._set_A: float | None = None
        self._set_V: float | None = None
        self._tolerance_A = self._tolerance_V = 0.0
        if isinstance(segment, ConstantCurrentSegment):
            self._hold(Regulation.CURRENT, segment.current_A)
        elif isinstance(segment, ConstantPotentialSegment):
            self._hold(Regulation.POTENTIAL, segment.potential_V)

    def _hold(self, regulation: Regulation, value: float) -> None:
        """What is held; an open cell of a galvanostat holds no current."""
        galvanostat = self.regulation is Regulation.CURRENT
        self._set_A = value if galvanostat else None
        self._set_V = value if regulation is Regulation.POTENTIAL else None
        self._tolerance_A = CURRENT_TOLERANCE * abs(value) + 0.5 * self._accuracy * self._scale_A
        self._tolerance_V = potential_tolerance_V(value)

    def __call__(self, time_s: float, values: Mapping[str, Field], raw: str) -> Reading:
        """The reading of one package. Raises `KeyError` if a field is missing.

        Of levels in turn `passed` is what has passed since the segment began.
        """
        level, passed = None, None
        if isinstance(self._segment, LevelsSegment | StaircaseSegment):
            level, passed = self._level(self._segment, values)
        resting, galvanostat = self.regulation is Regulation.OFF, self._set_A is not None
        measured = None if resting else values.get(MEASURED_CURRENT)
        if measured is None and not resting:
            if SET_CURRENT in values:
                raise _set_current_only()
            raise KeyError(MEASURED_CURRENT)
        voltage = values.get(MEASURED_POTENTIAL)
        if voltage is None:
            voltage = values[MEASURED_POTENTIAL if resting or galvanostat else SET_POTENTIAL]
        current_A, voltage_V = _number(measured), _number(voltage)
        over = any((field.status or 0) & OVERLOAD for field in (measured, voltage) if field)
        missed = self._set_A is not None and not _near(current_A, self._set_A, self._tolerance_A)
        adrift = self._set_V is not None and not _near(voltage_V, self._set_V, self._tolerance_V)
        limited = not resting and (over or missed or adrift)
        lost = adrift or (galvanostat and limited)
        regulation = Regulation.VOLTAGE if lost else self.regulation
        across = self.regulation in (Regulation.CURRENT, Regulation.VOLTAGE)
        cell_V, potential_V = (voltage_V, None) if across else (None, voltage_V)
        on_for_s = None if resting else values[TIME].value
        reading = Reading(
            time_s, current_A, cell_V, potential_V, regulation, limited, over, raw, on_for_s
        )
        return reading if level is None else reading._replace(level=level, passed=passed)

    def _level(
        self, segment: LevelsSegment | StaircaseSegment, values: Mapping[str, Field]
    ) -> tuple[int, Passed]:
        """Which level it was taken in, and what had passed. Raises `KeyError`."""
        level = round(values[LEVEL].value)
        if not 0 <= level < segment.count:
            raise KeyError(LEVEL)
        self._hold(*segment.held(level))
        across = self.regulation in (Regulation.CURRENT, Regulation.VOLTAGE)
        energy_J = values[ENERGY].value if across else None
        return level, Passed(values[ANODIC].value, values[CATHODIC].value, energy_J)


def _number(field: Field | None) -> float | None:
    return None if field is None or field.value != field.value else field.value


def _near(value: float | None, wanted: float, tolerance: float) -> bool:
    return value is not None and abs(value - wanted) <= tolerance


def _set_current_only() -> DeviceError:
    return DeviceError.of(
        "the instrument reports its set current but not the measured one, so the charge "
        "would rest on the set-point",
        help="update the firmware of the instrument",
        code="E515",
    )
