"""Result tables of chromatographs: peaks of injections, with areas, times and concentrations.

Agilent (OpenLab reports, ChemStation report text), SRI PeakSimple, Thermo Chromeleon, Shimadzu
LabSolutions, Inficon Fusion, and any table with a row for each peak or for each injection. The
dataset has one row for each injection, in the order of time, and the columns `area_CO`,
`retention_time_CO_s`, `concentration_CO` and so on. A compound that was not detected has no
number there: it is below the limit of detection, not zero.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers.headers import split_header, table_rows, warning
from faradaic.datafiles.readers.injections import ChromatogramPeak, Injection, injections_dataset
from faradaic.datafiles.readers.moments import parse_moment
from faradaic.datafiles.readers.table_cells import Rows, read_cells
from faradaic.datafiles.readers.text import (
    NOT_DETECTED,
    damaged,
    decode,
    narrow,
    parse_number,
    unended,
)
from faradaic.datafiles.readers.whole_rows import ends_without_a_line
from faradaic.datafiles.readers.written_numbers import decimal_mark
from faradaic.diagnostics import Diagnostic, InputError

_MEASURED = ("area", "retention_time", "height", "concentration", "amount")
_UNITS_CELL = re.compile(r"(|n\.a\.|[^\d\s]{1,12}|[mµn]?[A-Za-z]{1,3}[*·][a-z]+)")
_SIGNAL = re.compile(r"(?:Signal|Detector|Peak Table)\W*\(?(\w[^:\])]*)")
_WIDE = re.compile(
    r"([A-Za-z][A-Za-z0-9,+\- ]*?)[ _](area|peak area|height|conc\.?|concentration|rt)", re.I
)
"""A column for one quantity of one compound: "CO area", "H2 conc. (ppm)"."""
_OF_NUMBERS = frozenset("0123456789+-.,")
"""How numbers begin, and no name of a column."""
_SUMMARY = re.compile(r"total|sum|mean|average|std|rsd|%|n\b|max|min", re.IGNORECASE)
"""Begins a line below the peaks that is none of them."""
_VENDORS = (
    ("LabSolutions", "Shimadzu LabSolutions"),
    ("Chromeleon", "Thermo Chromeleon"),
    ("CDSProjects", "Agilent OpenLab"),
    ("CHEM32", "Agilent ChemStation"),
    ("Chem32", "Agilent ChemStation"),
    ("PeakSimple", "SRI PeakSimple"),
    ("NormalizedConcentration", "Inficon Fusion"),
)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the beginning holds the names of a table of peaks."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return any(_is_peak_table(row) or _is_fusion(row) for row in read_cells(decode(head)))


def parse(data: bytes, path: Path) -> Dataset:
    """One row for each injection. Raises `InputError` where no peak is left in a damaged file."""
    text = decode(data)
    rows = read_cells(text)
    comma = any(mark in text[:4096] for mark in "\t;") and decimal_mark(data, "\t") == ","
    found = _Report(comma)
    fusion = next((i for i, row in enumerate(rows) if _is_fusion(row)), None)
    if fusion is not None:
        found.read_fusion(rows[fusion:])
    else:
        found.read(rows)
    if found.nameless:
        line, names, width = found.nameless[0]
        raise InputError.of(
            f"{path}: in line {line} {names} names stand over {width} columns, so that it is not"
            " known which name belongs to which",
            help="write a name over every column, or export the file again",
            code="E743",
        )
    injections = [injection for injection in found.injections if injection.peaks]
    if not injections:
        raise damaged(path, len(data), "no peak stands below the names of its table")
    vendor = next((name for mark, name in _VENDORS if mark in text), "chromatograph")
    dataset = injections_dataset(path, injections, vendor, found.metadata, found.not_detected)
    told = [
        warning("E752", f"{path}: {what}", "check that every column has its name")
        for what in found.unlike
    ]
    if ends_without_a_line(narrow(data)):
        told.append(unended(path))
    if found.odd:
        told.append(_left_out(found.odd, path))
    return replace(dataset, warnings=(*dataset.warnings, *told))


def _left_out(lines: list[int], path: Path) -> Diagnostic:
    numbers = ", ".join(map(str, lines[:5])) + (", ..." if lines[5:] else "")
    what = f"{path}: {len(lines)} lines of a table of peaks have not the cells of the others or"
    what = f"{what} are not understood, and are left out: line {numbers}"
    return warning("E744", what, "look at them in the file")


@cache
def _headers() -> Mapping[str, tuple[str, str]]:
    rows = table_rows("chromatography_headers")
    return {row["header"]: (row["quantity"], row["unit"]) for row in rows}


@lru_cache(maxsize=4096)
def _column(cell: str) -> tuple[str, str]:
    """Quantity and unit of a column name; quantity "" where it is unknown."""
    if not cell or cell[0] in _OF_NUMBERS:
        return "", ""
    name, unit = split_header(cell)
    quantity, usual = _headers().get(name.strip(". #").lower(), ("", ""))
    if not quantity:
        quantity, usual = _headers().get(name.lower(), ("", ""))
    return quantity, unit or usual


class _Heading(NamedTuple):
    """The names of a table, and what they say of its columns, each by its place."""

    width: int
    named: list[tuple[int, str]]
    """Every known quantity."""
    measured: list[tuple[int, str, str]]
    """The measured ones, with their units."""
    starts: list[int]
    """Where the names of compounds stand."""
    wide: list[tuple[int, str, str, str]]
    """Compound, quantity and unit, where a column is of one compound."""
    places: list[int]
    """Of all that belongs to a peak."""

    def has_a_peak(self, row: list[str]) -> bool:
        """Whether a row has anything where its peaks are; other tables may stand beside it."""
        return any(row[i] for i in self.places if i < len(row))


def _heading(names: list[str], columns: list[tuple[str, str]]) -> _Heading:
    wide = []
    for i, name in enumerate(names):
        written, unit = split_header(name)
        if match := _WIDE.fullmatch(written):
            wide.append((i, match[1], _column(match[2])[0], unit))
    measured = [(i, q, unit) for i, (q, unit) in enumerate(columns) if q in _MEASURED]
    starts = [i for i, (quantity, _) in enumerate(columns) if quantity == "component"]
    named = [(i, quantity) for i, (quantity, _) in enumerate(columns) if quantity]
    places = [i for i, quantity in named if quantity in (*_MEASURED, "component")]
    return _Heading(len(columns), named, measured, starts, wide, places)


_NO_TABLE = _Heading(0, [], [], [], [], [])


def _is_peak_table(row: list[str]) -> bool:
    """Names of columns: a compound with a measured quantity, or a peak with time and area."""
    names = _names(row)
    if len(names) < 2 or _is_mostly_numbers(row):
        return False
    quantities = [_column(name)[0] for name in names]
    measured = [quantity for quantity in quantities if quantity in _MEASURED]
    if "component" in quantities:
        return bool(measured)
    if {"area", "retention_time"} <= set(measured):
        return True
    wide = any(_WIDE.fullmatch(split_header(name)[0]) for name in names)
    return wide and any(q in ("moment", "sample", "injection") for q in quantities)


def _names(row: list[str]) -> list[str]:
    """The cells that may be names of columns."""
    return [cell for cell in row if cell and cell[0] not in _OF_NUMBERS]


def _is_mostly_numbers(row: list[str]) -> bool:
    """Whether more cells begin with a digit than names of columns ever do."""
    return sum(cell[:1].isdecimal() for cell in row) * 2 > len(row)


def _kinds(row: list[str]) -> list[str]:
    """What a row of names names; nothing of a row of numbers."""
    if not _names(row) or _is_mostly_numbers(row):
        return []
    return [_column(cell)[0] for cell in row]


def _is_fusion(row: list[str]) -> bool:
    return len(row) > 2 and row[1:3] == ["SampleName", "Concentration"]


@dataclass(slots=True)
class _Report:
    """What has been read of a report so far."""

    comma: bool
    injections: list[Injection] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    not_detected: int = 0
    odd: list[int] = field(default_factory=list)
    """The lines of tables that are left out, numbered from 1."""
    unlike: list[str] = field(default_factory=list)
    """What is told of names that are not as many as the cells below them."""
    nameless: list[tuple[int, int, int]] = field(default_factory=list)
    """Lines of names over more columns than they name, with both numbers."""
    moments: dict[str, str] = field(default_factory=dict)
    """When samples were injected, from a table of the injections."""
    _known: dict[tuple[str, str, str], Injection] = field(default_factory=dict)

    def read(self, rows: Rows) -> None:
        """Tables of peaks among other lines; `key, value` lines before a table are its sample's."""
        table = _NO_TABLE
        sample = moment = signal = ""
        width = 0
        for i, row in enumerate(rows):
            filled = [cell for cell in row if cell]
            taken: bool | None = None
            if _is_peak_table(row):
                width, more = _width(rows, i + 1, len(row))
                if more:
                    self.nameless.append((i + 1, len(row), width))
                if width and width != len(row) and any(row[min(width, len(row) - 1) :]):
                    self.unlike.append(f"line {i + 1} has {len(row)} names over {width} cells")
                below = rows[i + 1] if i + 1 < len(rows) else []
                table = _heading(row, self._with_units([_column(cell) for cell in row], below))
            elif table.width and width and _is_odd(row, filled, width):
                self.odd.append(i + 1)
            elif len(row) == width and (taken := self._row(table, row, sample, moment, signal)):
                continue
            elif "moment" in (kinds := _kinds(row)) and len(filled) > 2:
                table, width = _heading(row, [_column(cell) for cell in row]), 0
            elif not filled:
                below = next((row for row in rows[i + 1 :] if any(row)), [])
                if not width or len(below) != width or width < 3:
                    table, width = _NO_TABLE, 0
            elif table.width and taken is None and self._row(table, row, sample, moment, signal):
                continue
            elif len(filled) == 2 or (kinds and kinds[0] in ("moment", "sample")):
                key, value = filled[0].rstrip(": "), filled[-1]
                kind = _column(key)[0]
                self.metadata.setdefault(key, value)
                if kind == "moment" and parse_moment(value):
                    moment = value
                elif kind == "sample" and len(filled) > 1:
                    sample = value
            elif width and not _SUMMARY.match(filled[0]) and table.has_a_peak(row):
                self.odd.append(i + 1)
            if len(filled) <= 2 and filled and (match := _SIGNAL.match(filled[0])):
                signal = match[1].strip()

    def _with_units(
        self, columns: list[tuple[str, str]], below: list[str]
    ) -> list[tuple[str, str]]:
        """The units from the row under the names, where it has no number and some unit."""
        if not any(below) or not all(_UNITS_CELL.fullmatch(cell) for cell in below):
            return columns
        units = {"min", "s", "%", "ppm"}
        if not any(cell in units or "*" in cell for cell in below):
            return columns
        below = below + [""] * (len(columns) - len(below))
        return [
            (quantity, unit or below[i].replace("n.a.", ""))
            for i, (quantity, unit) in enumerate(columns)
        ]

    def _row(self, table: _Heading, row: list[str], sample: str, moment: str, signal: str) -> bool:
        """Take over one row of a table; whether it was one."""
        cells: dict[str, str] = {}
        for i, quantity in table.named:
            if i < len(row) and row[i]:
                cells.setdefault(quantity, row[i])
        sample = cells.get("sample", sample)
        number = cells.get("injection", "")
        if not table.measured and not table.starts:
            if "moment" not in cells or parse_moment(cells["moment"]) is None:
                return bool(self._wide(table, row, sample, moment, number))
            if not self._wide(table, row, sample, cells["moment"], number):
                self.moments[sample] = cells["moment"]
            return True
        moment = cells.get("moment", self.moments.get(sample, moment))
        if "date" in cells and parse_moment(moment) is None:
            moment = f"{cells['date']} {moment}"
        if len(table.starts) > 1:
            if not table.has_a_peak(row) or not any(
                parse_number(row[i], self.comma) is not None
                for i, _, _ in table.measured
                if i < len(row) and row[i]
            ):
                return False
            peaks = list(self._side_by_side(table, row))
            if any(row[i] for i in table.starts if i < len(row)):
                self._injection(sample, moment, number).peaks.extend(peaks)
            return bool(peaks)
        values: dict[str, tuple[float, str]] = {}
        for i, quantity, unit in table.measured:
            if i >= len(row) or not (cell := row[i]):
                continue
            value = self._number(cell)
            if value is None:
                if not NOT_DETECTED.fullmatch(cell):
                    return False
                continue
            if quantity == "concentration" and not unit:
                unit = cells.get("unit_of_concentration", "")
            values.setdefault(quantity, (value, unit))
        if not values and "component" not in cells:
            return False
        component = cells.get("component", "")
        if not component and "retention_time" in values:
            component = f"unnamed {values['retention_time'][0]:g}"
        if component and values:
            injection = self._injection(sample, moment, number)
            injection.peaks.append(ChromatogramPeak(component, cells.get("signal", signal), values))
        return True

    def _side_by_side(self, table: _Heading, row: list[str]) -> Iterator[ChromatogramPeak]:
        """The peaks of one injection in a row, each with its compound before its numbers.

        A peak at no time is one that was not found.
        """
        for start, end in pairwise((*table.starts, table.width)):
            if not any(row[start : start + 1]):
                continue
            values: dict[str, tuple[float, str]] = {}
            for i, quantity, unit in table.measured:
                if start <= i < min(end, len(row)) and row[i]:
                    value = self._number(row[i])
                    if value is not None:
                        values.setdefault(quantity, (value, unit))
            if values.get("retention_time", (1.0, ""))[0] == 0.0:
                self.not_detected += 1
                values = {}
            yield ChromatogramPeak(row[start], "", values)

    def _wide(self, table: _Heading, row: list[str], sample: str, moment: str, number: str) -> bool:
        """One injection in a row, its compounds in the names of the columns."""
        peaks: dict[str, ChromatogramPeak] = {}
        for i, compound, quantity, unit in table.wide:
            if i >= len(row) or not row[i] or (value := self._number(row[i])) is None:
                continue
            peak = peaks.setdefault(compound, ChromatogramPeak(compound, "", {}))
            peak.values[quantity] = (value, unit)
        if peaks:
            self._injection(sample, moment, number).peaks.extend(peaks.values())
        return bool(peaks)

    def read_fusion(self, rows: Rows) -> None:
        """Blocks of the same compounds side by side, one for each quantity."""
        blocks, detectors, names = (*rows[:3], [], [], [])[:3]
        quantities = list(_carried(blocks))
        self.metadata["method"] = blocks[0]
        zone = _zone(names[0] if names else "")
        signals = list(_carried(detectors))
        for row in rows[3:]:
            if len(row) < 3 or parse_moment(row[0]) is None:
                continue
            peaks: dict[tuple[str, str], ChromatogramPeak] = {}
            for i in range(2, min(len(row), len(names))):
                quantity, unit = _column(quantities[i] if i < len(quantities) else "")
                value = self._number(row[i])
                if quantity not in _MEASURED or value is None:
                    continue
                signal = signals[i] if i < len(signals) else ""
                peak = peaks.setdefault((names[i], signal), ChromatogramPeak(names[i], signal, {}))
                peak.values.setdefault(quantity, (value, unit))
            self._injection(row[1], row[0] + zone, "").peaks.extend(peaks.values())

    def _number(self, cell: str) -> float | None:
        value = parse_number(cell, decimal_comma=self.comma)
        if value is None and NOT_DETECTED.fullmatch(cell):
            self.not_detected += 1
        return value

    def _injection(self, sample: str, moment: str, number: str) -> Injection:
        """The injection of this sample, number and time, new where there is none yet."""
        wanted = (sample, moment, number)
        if wanted not in self._known:
            self._known[wanted] = Injection(*wanted)
            self.injections.append(self._known[wanted])
        return self._known[wanted]


def _width(rows: Rows, start: int, names: int) -> tuple[int, bool]:
    """How many cells most rows of the table have that goes on up to an empty line, and whether most
    have something behind the last name.
    """
    lengths: Counter[int] = Counter()
    behind = 0
    for row in islice(rows, start, None):
        if not any(row) or _is_peak_table(row):
            break
        lengths[len(row)] += 1
        behind += any(row[names:])
    most = max(lengths, key=lambda length: lengths[length], default=0)
    return most, 2 * behind > lengths.total()


def _is_odd(row: list[str], filled: list[str], width: int) -> bool:
    """Whether a row among those of that width has lost or won a separator or an end of line."""
    if len(row) == width or len(filled) < 2 or _SUMMARY.match(filled[0]):
        return False
    if len(filled) > 2 or parse_moment(filled[0]) is not None:
        return True
    return parse_number(filled[-1], decimal_comma=True) is not None


def _zone(name: str) -> str:
    """The "+02:00" of "Time (GMT 120 mins)"; "" where it is not told."""
    match = re.search(r"GMT\s*([+-]?)\s*(\d+) min", name)
    if match is None:
        return ""
    hours, minutes = divmod(int(match[2]), 60)
    return f"{match[1] or '+'}{hours:02d}:{minutes:02d}"


def _carried(cells: list[str]) -> Iterator[str]:
    """Each cell, an empty one as the last before it that is not."""
    last = ""
    for cell in cells:
        last = cell or last
        yield last
