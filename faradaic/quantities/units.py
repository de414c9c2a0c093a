"""The fixed table of units: every unit that may be written, and its exact factor to SI.

The table is `units.csv`: unit, dimension, factor, offset (both exact, SI = value * factor +
offset), how pint spells the unit (the independent check in the tests) and the source. One row
serves every notation of a unit: `mA/cm^2`, `mA/cm2`, `mA cm-2`, `mA cm^-2` and `mA·cm⁻²` have the
same factors, hence the same key.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from faradaic.quantities.dimensions import Dimension

UnitKey = tuple[tuple[str, int], ...]
"""A unit whatever its notation: its symbols with their exponents, sorted."""

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−", "0123456789+--")
_SAME_SIGN = str.maketrans({"\u03bc": "\u00b5", "\u2126": "\u03a9"})  # Greek mu, ohm sign
_EXPONENT = r"\^?[+\-−]?[0-9](?![0-9A-Za-z.,])|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]"
_FACTOR = re.compile(rf"([A-Za-z\u00b5\u03bc\u03a9\u2126°]+|%)({_EXPONENT})?")
_SEPARATOR = re.compile(r"\s*([/·⋅])\s*|\s+(?=[A-Za-z\u00b5\u03bc\u03a9\u2126°])")
_WORDS = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("amp", "amps", "ampere", "amperes"), "A"),
    **dict.fromkeys(("volt", "volts"), "V"),
    **dict.fromkeys(("celsius", "°"), "degC"),
    "percent": "%",
    "molar": "M",
}
_SPELT = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("amp", "amps", "ampere", "amperes"), "A"),
    **dict.fromkeys(("volt", "volts"), "V"),
    **dict.fromkeys(("coulomb", "coulombs"), "C"),
    **dict.fromkeys(("metre", "metres", "meter", "meters"), "m"),
    **dict.fromkeys(("litre", "litres", "liter", "liters"), "L"),
    **dict.fromkeys(("gram", "grams", "gramme", "grammes"), "g"),
    **dict.fromkeys(("mole", "moles"), "mol"),
    **dict.fromkeys(("molar",), "M"),
    **dict.fromkeys(("ohm", "ohms"), "Ohm"),
    **dict.fromkeys(("hertz",), "Hz"),
    **dict.fromkeys(("watt", "watts"), "W"),
    **dict.fromkeys(("siemens",), "S"),
}
_PREFIXES = {"": "", "nano": "n", "micro": "\u00b5", "milli": "m", "centi": "c", "kilo": "k"}
_WORDS |= {
    prefix + word: _PREFIXES[prefix] + unit for word, unit in _SPELT.items() for prefix in _PREFIXES
}
_WORD_LONG = 4
_LITRES = frozenset({"l", "dl", "cl", "ml", "\u00b5l", "nl"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the table: `SI value = value * factor + offset`, exactly."""

    name: str
    dimension: Dimension
    factor: Fraction
    offset: Fraction
    pint: str
    """How pint spells it; empty where pint has no such unit (the faraday per mole)."""
    source: str


def scan_unit(text: str, start: int) -> tuple[UnitKey, int]:
    """The unit that begins at `start`, and where it ends; `((), start)` where none begins."""
    powers: dict[str, int] = {}
    position, direction = start, 1
    while match := _FACTOR.match(text, position):
        exponent = match[2]
        power = int(exponent.lstrip("^").translate(_SUPERSCRIPTS)) if exponent else 1
        symbol = _symbol(match[1])
        powers[symbol] = powers.get(symbol, 0) + direction * power
        position = match.end()
        separator = _SEPARATOR.match(text, position)
        if separator is None or not _FACTOR.match(text, separator.end()):
            break
        direction = -1 if separator[1] == "/" else 1
        position = separator.end()
    return tuple(sorted((s, p) for s, p in powers.items() if p)), position


def _symbol(written: str) -> str:
    """A symbol in the table's spelling: µ and Ω in one code point, `Ohm`, `L`, `degC`."""
    symbol = written.translate(_SAME_SIGN)
    if symbol == "°C":
        return "degC"
    if len(symbol) > 1 and symbol[0] == "u":
        symbol = "\u00b5" + symbol[1:]
    if symbol in _LITRES:
        return symbol[:-1] + "L"
    if symbol.endswith("\u03a9"):
        return symbol[:-1] + "Ohm"
    if symbol.endswith("ohm"):
        return symbol[:-3] + "Ohm"
    return symbol


@cache
def table() -> tuple[Unit, ...]:
    """Every unit that may be written, in the order of the file."""
    text = Path(__file__).with_name("units.csv").read_text(encoding="utf-8")
    return tuple(
        Unit(
            name=row["unit"],
            dimension=Dimension[row["dimension"]],
            factor=Fraction(row["factor"]),
            offset=Fraction(row["offset"] or 0),
            pint=row["pint"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def _by_key() -> dict[UnitKey, dict[Dimension, Unit]]:
    found: dict[UnitKey, dict[Dimension, Unit]] = {}
    for unit in table():
        found.setdefault(scan_unit(unit.name, 0)[0], {})[unit.dimension] = unit
    return found


def with_key(key: UnitKey) -> dict[Dimension, Unit]:
    """The units of the table that have these factors, by dimension; empty for an unknown one."""
    return _by_key().get(key, {})


def of_dimension(dimension: Dimension) -> tuple[str, ...]:
    """How the units of a dimension are written in the table."""
    return tuple(unit.name for unit in table() if unit.dimension is dimension)


def similar(written: str, *dimensions: Dimension) -> tuple[str, ...]:
    """Units of these dimensions that were probably meant; first those that differ in case only."""
    known = [name for dimension in dimensions for name in of_dimension(dimension)]
    folded = [name for name in known if name.casefold() == written.casefold()]
    if folded or len(written) > 16:
        return tuple(folded)
    meant = _WORDS.get(written.lower())
    if meant in known:
        return (meant,)
    from difflib import get_close_matches

    # A word that is spelt wrongly, such as `miliamps`; of short ones the units below are nearer.
    spelt = [word for word, unit in _WORDS.items() if unit in known and len(word) > _WORD_LONG]
    if near := get_close_matches(written.lower(), spelt, n=1, cutoff=0.8):
        return (_WORDS[near[0]],)
    return tuple(get_close_matches(written, known, n=2, cutoff=0.7))
