"""What people and programs call the columns of a table, in `everyday_words.csv`."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from faradaic.datafiles.dataset import Column
from faradaic.datafiles.readers.headers import (
    ANGULAR,
    Known,
    Meaning,
    Scale,
    columns_of,
    own_columns,
    scale_of,
    split_header,
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
_BRACES = str.maketrans("{}", "()")
_LOGARITHM = re.compile(
    r"(?P<base>log|log_?10|log₁₀|lg|ln|log_?e)[\s_]*(?:[(\[](?P<within>.+)[)\]]|(?P<beside>[^(\[0-9_].*))",
    re.IGNORECASE,
)
"""As in "log f", "lg(|Z|/Ohm)", "ln ω"."""
_AS_LOGARITHMS = ("frequency", "impedance_modulus")
"""Quantities of which spectra have logarithms; those of signed ones lose the sign."""
_PER_SECOND = ("Hz", "1/s", "s-1", "s^-1", "s⁻¹")
"""What stands behind an angular frequency too: it is an angle that is counted."""
_NATURAL = ("ln", "loge", "log_e")
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
    text = text.translate(_BRACES)
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
    words = [reading.word for readings in each for reading in readings]
    names = {word.name for word in words}
    told = any(word.name.startswith("impedance_") and not word.needs for word in words)
    spectrum = "frequency" in names and (told or any(names >= pair for pair in _PAIRS))
    meanings = []
    for (header, unit), readings in zip(headers, each, strict=True):
        found = Meaning(None, scale_of(unit), "")
        own, own_unit = own_columns().get(header, (None, "1"))
        if own and own_unit != "1" and not unit:  # of a table of ours
            found = Meaning(own, scale_of(own_unit), "")
            readings = []
        for word, factor, written, base in readings:
            if word.needs and not spectrum:
                continue
            assumed = word.usual_unit if spectrum and not (written or word.own_unit) else ""
            scale = _scale(word, written or word.own_unit or assumed)
            known = Known(word.name, factor, word.kind, "")
            found = Meaning(known, scale, assumed, base) if scale or not found.known else found
            if scale:
                break
        meanings.append(found)
    return meanings


class _Reading(NamedTuple):
    word: Word
    sign: float
    unit: str
    """As it is written."""
    base: float = 0.0
    """Of a logarithm."""


def _readings(header: str, unit: str) -> Iterator[_Reading]:
    """What a header may mean, the nearest first."""
    whole = f"{header}({unit})" if unit else header
    ways = [(header, unit)]
    if unit:  # a bracket may belong to the name, as in Re(Z)
        ways.append((whole, ""))
    elif match := _UNIT_BEHIND.fullmatch(header):
        ways.append((match[1], match[2]))
    for written, its_unit in ways:
        key = plain(written)
        sign = -1.0 if key.startswith("-") and key not in _words() else 1.0
        for word in _words().get(key if sign > 0 else key[1:], ()):
            yield _Reading(word, sign, its_unit)
    yield from _logarithms(header, unit, whole)


def _logarithms(header: str, unit: str, whole: str) -> Iterator[_Reading]:
    """The same of "log f", "log (f/Hz)" and "log |Z| (Ohm)"."""
    match, behind = _LOGARITHM.fullmatch(header), unit
    if match is None:
        match, behind = _LOGARITHM.fullmatch(whole), ""
    if match is None:
        return
    base = math.e if match["base"].lower() in _NATURAL else 10.0
    name, its_unit = split_header(match["within"] or match["beside"])
    for word in _words().get(plain(name), ()):
        if word.name in _AS_LOGARITHMS:
            yield _Reading(word, 1.0, its_unit or behind, base)


def _scale(word: Word, unit: str) -> Scale | None:
    """How to bring a unit to SI where the quantity can have it; None where it can not."""
    if word.kind and not unit:  # a potential without a unit is not a pure number; a cycle is
        return None
    if word.name == "temperature" and unit in ("C", "F"):
        unit = f"deg{unit}"
    if word.own_unit == ANGULAR and unit in _PER_SECOND:
        unit = ANGULAR
    scale = scale_of(unit)
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
