"""Column headers of data files: name and unit apart, units to SI, names to ours."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column, LazyColumns, Sign
from faradaic.diagnostics import Diagnostic
from faradaic.diagnostics import warning as warning
from faradaic.quantities.dimensions import Dimension
from faradaic.quantities.units import scan_unit, with_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BRACKETED = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]*)[)\]]\s*")
_SELDOM = re.compile(r"(.*\S)\s*(?:\bin\s+|[{<])\s*([^{}<>]*[^{}<>\s])\s*[}>]?\s*")
"""As in "U in mV", "U {mV}"; these words and signs stand for other things too."""
_COUNTS = {"", "#", "1", "bits", "-", "a.u."}
_ANGLES = {"deg": 1.0, "rad": 180.0 / math.pi}
"""A phase is in degrees here."""
ANGULAR = "rad/s"
_ANGULAR = re.compile(r"rad(?:ians)?(?:\s*/\s*s|[\s.·*]*s\s*(?:\^?-1|⁻¹))")
"""The unit of an angular frequency in its notations."""
_TRAILING = re.compile(r"(\S(?:.*?[^\s/])?)\s+(?:/\s*)?([Dd]eg [CF]|[^\s/]\S*)")
"""A unit after a blank, as in "Temp. Deg C", "Flow mln/min" or "phase / °"."""
_WIDE = str.maketrans(
    {
        **{chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)},
        **dict(zip("【】〔〕\u3000℃\xa0", ("[", "]", "[", "]", " ", "°C", " "), strict=True)),
    }
)
"""Characters of a whole line height, as keyboards of East Asia write them."""
_EITHER_UNIT = {"control/V/mA"}
"""Volts or milliamperes by the mode of the row."""
_OF_RUNS = ("clock", "on_time", "charge_gross", "charge_net", "step", "flags", "regulation")
"""Columns that runs have and no vendor's file."""


class Known(NamedTuple):
    """A row of `columns.csv`."""

    name: str
    factor: float
    kind: str
    """current, potential, quantity (another one with a unit) or nothing."""
    unit: str
    """Where neither the header nor a cell beside it tells it."""


class Scale(NamedTuple):
    """SI value = value * factor + offset."""

    unit: str
    """SI, but for standard volumes of gas per time: "sccm"."""
    factor: float
    offset: float
    reference: str | None = None
    """Of a standard volume: the state that the spelling itself names; None where it does not."""


def table_rows(name: str) -> Iterable[Mapping[str, str]]:
    """The rows of a table of this folder as text, by column."""
    text = Path(__file__).with_name(f"{name}.csv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@cache
def known_columns(format_name: str) -> Mapping[str, Known]:
    """What the columns of a format are called here, by their header without the unit."""
    return {
        row["header"]: Known(row["name"], float(row["factor"]), row["kind"], row["unit"])
        for row in table_rows("columns")
        if row["format"] == format_name
    }


@cache
def own_columns() -> Mapping[str, tuple[Known, str]]:
    """Our own columns as they stand in what we write, "current_A", with the unit of each."""
    rows = [row for row in table_rows("columns") if row["name"]]
    kinds = {row["name"]: row["kind"] for row in rows} | dict.fromkeys(_OF_RUNS, "")
    units = ("1", "sccm", *(dimension.si_unit for dimension in Dimension))
    return {
        f"{name}{suffix(unit)}": (Known(name, 1.0, kind, unit), unit)
        for name, kind in kinds.items()
        for unit in units
    }


@cache
def known_techniques(format_name: str) -> Mapping[str, str]:
    """The techniques of a format by how its files call them."""
    rows = table_rows("techniques")
    return {row["id"]: row["technique"] for row in rows if row["format"] == format_name}


@cache
def _spellings() -> Mapping[str, tuple[str, str | None]]:
    """Units as instruments spell them: how `units.csv` has them, and the state of a volume."""
    rows = table_rows("unit_spellings")
    return {row["spelling"]: (row["unit"], row["reference"] or None) for row in rows}


@lru_cache(maxsize=1024)
def scale_of(unit: str) -> Scale | None:
    """How to bring a unit to SI; None for one that is not known."""
    unit = unit.strip()
    if unit in _COUNTS:
        return Scale("1", 1.0, 0.0)
    if _ANGULAR.fullmatch(unit):
        return Scale("Hz", 0.5 / math.pi, 0.0)
    written, reference = _spellings().get(unit, (unit, None))
    if written in _ANGLES:
        return Scale("deg", _ANGLES[written], 0.0)
    written = written.replace(".", " ")
    key, end = scan_unit(written, 0)
    if end != len(written):
        return None
    found = with_key(key)
    dimension = Dimension.TEMPERATURE if Dimension.TEMPERATURE in found else next(iter(found), None)
    if dimension is None:
        return None
    row = found[dimension]
    if dimension is Dimension.MOLAR_FLOW and unit in _spellings():
        # a standard volume stays one: its state is a setting of the meter
        standard = with_key((("sccm", 1),))[dimension]
        return Scale("sccm", float(row.factor / standard.factor), 0.0, reference)
    return Scale(dimension.si_unit, float(row.factor), float(row.offset))


@lru_cache(maxsize=1024)
def split_header(header: str) -> tuple[str, str]:
    """Name and unit of "Ewe/V", "Time (s)", "I [mA]", "Current / A" or "Flow smL/min".

    Without a unit it is "".
    """
    header = header.translate(_WIDE).strip().strip('"').strip()
    if header in _EITHER_UNIT:
        return header, ""
    if match := _BRACKETED.fullmatch(header):
        return match[1], match[2].strip()
    if (match := _SELDOM.fullmatch(header)) and scale_of(match[2]):
        return match[1], match[2]
    if (match := _TRAILING.fullmatch(header)) and match[2] in _spellings():
        return match[1], match[2]
    start = header.find("/")
    while start > 0:
        name, unit = header[:start].strip(), header[start + 1 :].strip()
        if name and unit and scale_of(unit):
            return name, unit
        start = header.find("/", start + 1)
    return header, ""


class Meaning(NamedTuple):
    """What a header was understood as."""

    known: Known | None
    scale: Scale | None
    assumed: str
    """The unit that was taken where none is told; "" where one is."""
    base: float = 0.0
    """Of the logarithms that the file has in place of the numbers; 0 where it has these."""


class _Plan(NamedTuple):
    """What becomes of a column of a file."""

    name: str
    written: str
    unit: str
    factor: float
    offset: float
    sign: Sign | None
    reference: str | None
    base: float = 0.0

    def column(self, values: NDArray[np.float64]) -> Column:
        """The column; the numbers are left as they are. Called without numpy's warnings."""
        if self.base:
            values = self.base**values
        if self.factor != 1.0:
            values = values * self.factor
        if self.offset:
            values = values + self.offset
        return Column(values, self.unit, self.written, self.sign, self.reference)


def make_columns(
    format_name: str,
    raw: Iterable[tuple[str, str, NDArray[np.float64]]],
    *,
    sign: Sign | None = None,
    reference: str | None = None,
) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Columns in SI from (name, unit, values) as in the file, and what was unknown about them.

    A column whose name or unit is unknown keeps its header and its numbers as they are; one whose
    name here is taken already keeps its header.
    """
    import numpy as np

    raw = list(raw)
    headers = tuple([one[:2] for one in raw])
    plans, warnings = _plan(format_name, headers, sign, reference)
    with np.errstate(all="ignore"):  # damaged numbers may be infinite
        columns = {plan.name: plan.column(one[2]) for plan, one in zip(plans, raw, strict=True)}
    return columns, list(warnings)


def lazy_columns(
    format_name: str,
    headers: tuple[tuple[str, str], ...],
    values_of: Callable[[int, float], NDArray[np.float64]],
    rows: int,
    *,
    sign: Sign | None = None,
    reference: str | None = None,
) -> tuple[LazyColumns, list[Diagnostic]]:
    """The same, each column made of `values_of(its number, factor)` when it is asked for.

    What is asked for is the numbers times the factor; no unit of such a file has an offset.
    """
    plans, warnings = _plan(format_name, headers, sign, reference)
    assert not any(plan.offset or plan.base for plan in plans)
    makers = {
        plan.name: partial(_made, plan, values_of, number) for number, plan in enumerate(plans)
    }
    return LazyColumns(rows, makers), list(warnings)


def _made(
    plan: _Plan, values_of: Callable[[int, float], NDArray[np.float64]], number: int
) -> Column:
    values = values_of(number, plan.factor)
    return Column(values, plan.unit, plan.written, plan.sign, plan.reference)


@lru_cache(maxsize=64)
def _plan(
    format_name: str,
    headers: tuple[tuple[str, str], ...],
    sign: Sign | None,
    reference: str | None,
) -> tuple[tuple[_Plan, ...], tuple[Diagnostic, ...]]:
    known = known_columns(format_name)
    meanings = []
    for header, unit in headers:
        row = known.get(header) or known.get(header.lower())
        if row is None and not unit and header in (own := own_columns()):
            row, unit = own[header]
        # a potential without a unit is not a pure number; a cycle is
        scale = None if row and row.kind and not unit else scale_of(unit)
        meanings.append(Meaning(row, scale, ""))
    return _planned(headers, meanings, sign, reference)


def columns_of(
    headers: Sequence[tuple[str, str]],
    meanings: Sequence[Meaning],
    values: Sequence[NDArray[np.float64]],
) -> tuple[dict[str, Column], list[Diagnostic]]:
    """The same from headers whose meaning is settled; sign and reference stay unknown."""
    import numpy as np

    plans, warnings = _planned(headers, meanings, None, None)
    with np.errstate(all="ignore"):
        columns = {plan.name: plan.column(of) for plan, of in zip(plans, values, strict=True)}
    return columns, list(warnings)


def _planned(
    headers: Sequence[tuple[str, str]],
    meanings: Sequence[Meaning],
    sign: Sign | None,
    reference: str | None,
) -> tuple[tuple[_Plan, ...], tuple[Diagnostic, ...]]:
    plans: dict[str, _Plan] = {}
    warnings: list[Diagnostic] = []
    for (header, unit), (row, scale, assumed, base) in zip(headers, meanings, strict=True):
        written = f"{header}/{unit}" if unit else header
        if row is None or scale is None:
            what = "column" if row is None else "unit of column"
            remedy = f'if you know it: --map "QUANTITY={header}{"" if unit else ", UNIT"}"'
            warnings.append(warning("E745", f"unknown {what} {written!r}, kept as it is", remedy))
            row, scale = None, Scale(unit, 1.0, 0.0)
        elif assumed:
            what = f"the unit of column {written!r} is not told: {assumed} is assumed"
            warnings.append(warning("E764", what, f'if not: --map "{row.name}={header}, UNIT"'))
        name = f"{row.name}{suffix(scale.unit)}" if row else written
        if name in plans:
            name = written
        while name in plans:
            name += " again"
        kind = row.kind if row else ""
        plans[name] = _Plan(
            name,
            written,
            scale.unit,
            scale.factor * (row.factor if row else 1.0),
            scale.offset,
            sign if kind == "current" else None,
            reference if kind == "potential" else scale.reference,
            base if row else 0.0,
        )
    return tuple(plans.values()), tuple(warnings)


def sign_unknown(path: Path) -> Diagnostic:
    """The warning for a current whose positive direction the file does not tell."""
    return warning(
        "E755",
        f"{path} does not tell which current is positive",
        'state it: --assume sign="anodic" where anodic currents are positive, or "cathodic"',
    )


def suffix(unit: str) -> str:
    """What the name of a column in this unit ends with."""
    if unit == "1":
        return ""
    return "_" + unit.replace("/", "_per_").replace("^", "").replace(" ", "_")
