"""What people and programs call the columns of a table, in `everyday_words.csv`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column
from faradaic.datafiles.readers.headers import (
    Known,
    Meaning,
    Scale,
    columns_of,
    scale_of,
    table_rows,
    warning,
)
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRIMES = str.maketrans({"’": "'", "‘": "'", "′": "'", "`": "'", "´": "'", "″": "''", "”": "''",
                         "“": "''", '"': "''", "−": "-", "–": "-", "—": "-"})  # fmt: skip
_BETWEEN = re.compile(r"(?<!^)-|[\s_.:]+")
"""What does not count in a word; a minus before it does."""
_MINUS = re.compile(r"^\s*(?:neg\.?|negative|minus)\s+")
_UNIT_BEHIND = re.compile(r"(.*\w)[\s_,]+(\S+)")
_PAIRS = (
    {"impedance_real", "impedance_imaginary"},
    {"impedance_modulus", "impedance_phase"},
)
"""Of which both stand beside a frequency in a spectrum, whatever words are used."""
_MOST_HZ = 1e9
_MOSTLY = 0.8
_GREEK_END = 0x3FF


class Word(NamedTuple):
    """A row of the table: one quantity in one of its spellings."""

    name: str
    units: frozenset[str]
    """In SI, those that it may have; any that is known where there is none here."""
    kind: str
    own_unit: str
    """Where the word itself names the unit, as "Amps"."""
    usual_unit: str
    """What a spectrum is mostly in where no unit stands."""
    needs: str
    """"spectrum" where the word says so only beside a frequency and an impedance."""


@cache
def _words() -> Mapping[str, tuple[Word, ...]]:
    found: dict[str, tuple[Word, ...]] = {}
    for row in table_rows("everyday_words"):
        units = frozenset(filter(None, row["unit"].split("|")))
        word = Word(row["name"], units, row["kind"], row["own_unit"], row["usual_unit"],
                    row["needs"])  # fmt: skip
        for written in row["words"].split(";"):
            key = plain(written)
            found[key] = (*found.get(key, ()), word)
    return found


@cache
def national_words() -> frozenset[str]:
    """The words that are written with other letters than Latin or Greek ones."""
    return frozenset(word for word in _words() if any(ord(sign) > _GREEK_END for sign in word))


def plain(word: str) -> str:
    """A word as it is compared: without case, blanks and the many forms of primes and minus."""
    text = unicodedata.normalize("NFKC", word.translate(_PRIMES)).translate(_PRIMES)
    text = _MINUS.sub("-", text.strip().casefold())
    return _BETWEEN.sub("", text.replace("- ", "-"))


def quantity_of(word: str) -> tuple[str, float, frozenset[str]] | None:
    """The quantity that a person names, -1.0 where it is named with a minus, and its units."""
    key = plain(word)
    found = _words().get(key) or _words().get(key.removeprefix("-"))
    if not found:
        return None
    return found[0].name, -1.0 if key.startswith("-") else 1.0, found[0].units


def everyday_columns(
    raw: Iterable[tuple[str, str, NDArray[np.float64]]],
) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Columns in SI from (name, unit, values) of a table, and what was unknown or assumed.

    A word counts where its unit fits; a unit that no header tells is assumed in a spectrum alone.
    """
    raw = list(raw)
    headers = [(header, unit) for header, unit, _ in raw]
    columns, told = columns_of(headers, _meanings(headers), [values for _, _, values in raw])
    imaginary = columns.get("impedance_imaginary_Ohm")
    if imaginary is not None and not imaginary.raw_name.translate(_PRIMES).startswith("-"):
        told += _sign_doubt(imaginary)
    frequency = columns.get("frequency_Hz")
    if frequency is not None and (odd := int((frequency.values > _MOST_HZ).sum())):
        what = f"{odd} frequencies of {frequency.raw_name!r} are above 1 GHz, where no spectrum is"
        told.append(warning("E759", what, "look at the column and its unit"))
    return columns, told


def _meanings(headers: Sequence[tuple[str, str]]) -> list[Meaning]:
    each = [list(_readings(*header)) for header in headers]
    words = [word for readings in each for word, _, _ in readings]
    names = {word.name for word in words}
    told = any(word.name.startswith("impedance_") and not word.needs for word in words)
    spectrum = "frequency" in names and (told or any(names >= pair for pair in _PAIRS))
    meanings = []
    for (_, unit), readings in zip(headers, each, strict=True):
        found = Meaning(None, scale_of(unit), "")
        for word, factor, written in readings:
            if word.needs and not spectrum:
                continue
            assumed = word.usual_unit if spectrum and not (written or word.own_unit) else ""
            scale = _scale(word, written or word.own_unit or assumed)
            known = Known(word.name, factor, word.kind, "")
            found = Meaning(known, scale, assumed) if scale or not found.known else found
            if scale:
                break
        meanings.append(found)
    return meanings


def _readings(header: str, unit: str) -> Iterator[tuple[Word, float, str]]:
    """What a header may mean: word, sign and the unit that is written, the nearest first."""
    ways = [(header, unit)]
    if unit:  # a bracket may belong to the name, as in Re(Z)
        ways.append((f"{header}({unit})", ""))
    elif match := _UNIT_BEHIND.fullmatch(header):
        ways.append((match[1], match[2]))
    for written, its_unit in ways:
        key = plain(written)
        sign = -1.0 if key.startswith("-") and key not in _words() else 1.0
        for word in _words().get(key if sign > 0 else key[1:], ()):
            yield word, sign, its_unit


def _scale(word: Word, unit: str) -> Scale | None:
    """How to bring a unit to SI where the quantity can have it; None where it can not."""
    if word.kind and not unit:  # a potential without a unit is not a pure number; a cycle is
        return None
    scale = scale_of("degC" if word.name == "temperature" and unit == "C" else unit)
    return scale if scale and (not word.units or scale.unit in word.units) else None


def _sign_doubt(imaginary: Column) -> list[Diagnostic]:
    values = imaginary.values
    positive, all_of_them = int((values > 0).sum()), int((values == values).sum())
    if positive < _MOSTLY * all_of_them or not all_of_them:
        return []
    header = imaginary.raw_name
    what = (
        f"{header!r} is positive in {positive} of {all_of_them} rows: an inductance, or -Z''"
        " without its minus; it is read as written"
    )
    return [warning("E758", what, f"if it is -Z'': --map \"-Z''={header}\"")]
