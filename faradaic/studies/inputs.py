"""The data files of a study: found, hashed, and their columns taken in SI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faradaic.chemistry.potential_scales import scale_shift
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import HEAD_BYTES
from faradaic.datafiles.readers import read as read_data
from faradaic.datafiles.readers.headers import scale_of, split_header
from faradaic.datafiles.written_forms import written_as
from faradaic.diagnostics import Diagnostic, InputError, Location, Severity
from faradaic.input_files import open_file
from faradaic.results import Result
from faradaic.studies.conditions import Needed, nearest, path_to
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import InputFile, StudyOutcome
from faradaic.studies.schema import DataFile, MeasurementConditions

Floats = NDArray[np.float64]

MARK = b"SIMULATED"
"""In the beginning of a file: its numbers come from no real cell."""

_NAMES = {
    "time": "time_s",
    "potential": "potential_V",
    "current": "current_A",
    "current density": "current_density_A_per_m2",
    "charge": "charge_C",
    "wavelength": "wavelength_m",
    "absorbance": "absorbance",
    "wavenumber": "wavenumber_m-1",
    "transmittance": "transmittance",
    "frequency": "frequency_Hz",
    "impedance real": "impedance_real_Ohm",
    "impedance imaginary": "impedance_imaginary_Ohm",
    "cycle": "cycle",
}
"""What the readers call a column that they understand, by what a study calls it."""
_LABELS = {
    "time": ("time", "t", "elapsed time", "injection time"),
    "potential": ("potential", "e", "ewe", "we potential"),
    "current": ("current", "i"),
    "current density": ("current density", "j"),
    "charge": ("charge", "q", "gross charge"),
    "concentration": ("concentration", "c", "amount"),
    "inlet flow": ("inlet flow", "inlet"),
    "outlet flow": ("outlet flow", "outlet", "flow"),
    "wavelength": ("wavelength", "lambda", "nm"),
    "absorbance": ("absorbance", "abs", "a"),
    "mole fraction": ("mole fraction", "fraction", "amount"),
    "area": ("area", "peak area"),
}
"""Headers without their unit, lower case, by what a study calls the column."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """One data file with the conditions that count for it."""

    data: Dataset
    entry: DataFile
    conditions: MeasurementConditions
    needed: Needed
    name: str
    """As in the study file."""

    def has(self, what: str) -> bool:
        """Whether there is such a column."""
        return self._find(what) is not None

    def take(self, what: str, unit: str, *, unit_needed: bool = True) -> Floats:
        """A column in SI. Raises `InputError` (E783) where it is missing or has another unit.

        A pure number may stand without a unit where `unit_needed` is false.
        """
        column, header_unit = self._found(what)
        if column.unit == unit and (header_unit or not unit_needed):
            return column.values
        scale = scale_of(header_unit) if header_unit or not unit_needed else None
        if scale is None or scale.unit != unit:
            raise InputError.of(
                f"column {column.raw_name!r} of {self.name} is in {header_unit or 'no unit'}; "
                f"the {what} is needed in a unit such as {unit}",
                help="write the unit into the header: `potential (V)`, `CO (ppm)`",
                code="E783",
            )
        return column.values * scale.factor + scale.offset

    def column(self, what: str) -> Column:
        """A column as it was read. Raises `InputError` (E783) where it is missing."""
        return self._found(what)[0]

    def raw(self, what: str) -> tuple[Floats, str]:
        """A column as the file has it, and its unit there."""
        column, unit = self._found(what)
        scale = scale_of(unit)
        if column.unit == unit or scale is None or column.unit != scale.unit:
            return column.values, unit
        return (column.values - scale.offset) / scale.factor, unit

    def _found(self, what: str) -> tuple[Column, str]:
        found = self._find(what)
        if found is None:
            raise InputError.of(
                f"{self.name} has no column for the {what}",
                help=f"add `columns: {{{what}: HEADER}}` below the file; it holds "
                + ", ".join(repr(c.raw_name or n) for n, c in self.data.columns.items()),
                code="E783",
            )
        return found

    def _find(self, what: str) -> tuple[Column, str] | None:
        """The column and the unit of its header."""
        wanted = self.entry.columns.get(what)
        understood = _NAMES.get(what, "")
        if wanted is None and understood in self.data.columns:
            column = self.data.columns[understood]
            return column, column.unit
        for name, column in self.data.columns.items():
            label, unit = header_of(column.raw_name or name)
            if wanted is not None:
                if (column.raw_name or name) == wanted or header_of(wanted) == (label, unit):
                    return column, unit
            elif label.lower() in _LABELS.get(what, (what.lower(),)):
                return column, unit
        return None

    def current_A(self) -> Floats:
        """The current, anodic positive; from a density where the file has that alone."""
        if self.has("current") or not self.has("current density"):
            current, what = self.take("current", "A"), "current"
        else:
            current = self.take("current density", "A/m^2") * self.needed.area_m2()
            what = "current density"
        found = self._find(what)
        sign = found[0].sign if found else None
        if sign is None:
            sign = self.needed.get(
                "positive_current", self.conditions.positive_current, "the sign of its current"
            )
        return current if sign == "anodic" else -current

    def potential_V(self) -> tuple[Floats, Result]:
        """Potentials on the wanted scale, the ohmic drop still in, and what was added."""
        measured = self.take("potential", "V")
        conditions = self.conditions
        if conditions.scale == "measured":
            key, method = "shift_of_the_potential_scale", "left as measured"
            return measured, Result(key, 0.0, "V", method, f"vs {self.scale}", systematic=0.0)
        found = self._find("potential")
        reference = found[0].reference if found else None
        if "reference" in self.entry.conditions.model_fields_set or reference is None:
            reference = self.needed.get(
                "reference", conditions.reference, f"potentials vs {conditions.scale}"
            )
        with self.needed.placed(reference):
            shift = scale_shift(
                reference,
                self.scale,
                temperature_K=conditions.temperature_K,
                pH=conditions.pH,
                pH_uncertainty=conditions.pH_uncertainty,
            )
        if shift.value is None:
            self.needed.get("pH", None, f"potentials vs {conditions.scale}")
        assert shift.value is not None
        return measured + shift.value, shift

    @property
    def scale(self) -> str:
        """What the potentials of the results count against."""
        conditions = self.conditions
        if conditions.scale != "measured":
            return conditions.scale
        found = self._find("potential")
        told = found[0].reference if found else None
        return conditions.reference or told or "the reference electrode"


class Files:
    """Reads the files of a study; each is listed once in the outcome."""

    def __init__(self, loaded: StudyFile, outcome: StudyOutcome) -> None:
        self._loaded = loaded
        self._outcome = outcome
        self._listed: set[tuple[str, str]] = set()

    def path(self, name: str) -> Path:
        """Where a file lies. Raises `InputError` (E784) when there is none, with near names."""
        path = self._loaded.folder / name
        if not path.exists():
            from difflib import get_close_matches

            folder = path.parent
            there = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
            near = get_close_matches(path.name, there, n=1)
            raise InputError(
                Diagnostic(
                    "E784",
                    f"there is no file {path}",
                    help=f"did you mean {near[0]}?"
                    if near
                    else "paths count from the folder of the study file",
                    location=self._place(name),
                )
            )
        return path

    def open(self, entry: DataFile, role: str, *above: MeasurementConditions) -> DataTable:
        """A data file under its own conditions and those above it, the nearest first."""
        path = self.path(entry.file)
        data = self._loaded.read.get(path)
        if data is None:
            with written_as(entry.dates or "", entry.numbers or "", entry.times or ""):
                data = read_data(path, sheet=entry.sheet)
        self.note(path, role, data)
        conditions = nearest(entry.conditions, *above, self._loaded.study.conditions)
        if conditions.area_m2 is None and data.area_m2 is not None:
            conditions = conditions.model_copy(update={"area_m2": data.area_m2})
        needed = Needed(conditions, self._loaded.document, entry.file)
        return DataTable(data, entry, conditions, needed, entry.file)

    def note(self, path: Path, role: str, data: Dataset, *, simulated: bool | None = None) -> None:
        """List a file among the inputs."""
        name = str(path)
        if path.is_relative_to(self._loaded.folder):
            name = path.relative_to(self._loaded.folder).as_posix()
        if (name, role) in self._listed:
            return
        self._listed.add((name, role))
        if simulated is None:
            with open_file(path) as stream:
                simulated = MARK in stream.read(HEAD_BYTES)
        notes = tuple(
            w.message for w in data.warnings if w.severity is not Severity.INFO and w.code != "E745"
        )
        self._outcome.inputs.append(
            InputFile(name, role, data.format, data.sha256, len(data), simulated, notes)
        )

    def _place(self, name: str) -> Location | None:
        """Where the study file names a file."""
        path = path_to(self._loaded.document.data, name)
        return self._loaded.document.locate(path) if path else None


def header_of(text: str) -> tuple[str, str]:
    """Name and unit of a header: "CO (ppm)", "E / V", and "E_V", "time_s" as programs write."""
    label, unit = split_header(text)
    head, _, tail = label.rpartition("_")
    if not unit and head and scale_of(tail):
        return head, tail
    return label, unit
