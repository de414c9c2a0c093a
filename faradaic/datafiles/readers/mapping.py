"""Columns that a person names: which column of a file is which quantity, in which unit and sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from faradaic.chemistry.reference_electrodes import typed_name
from faradaic.datafiles.dataset import SIGNED_UNITS, Column, Dataset, Sign, typed_sign
from faradaic.datafiles.readers.everyday_words import plain, quantity_of
from faradaic.datafiles.readers.headers import (
    scale_of,
    sign_unknown,
    split_header,
    suffix,
)
from faradaic.diagnostics import refusal

_wrong = partial(refusal, "E767")

_ABOUT_HEADERS = ("E745", "E758", "E764")
"""Warnings about a column that is unknown, may have the other sign, or an assumed unit."""
EXAMPLES = ('"current=I (2), mA, cathodic"', '"potential=Ewe/V, vs Ag/AgCl (3 M KCl)"')


@dataclass(frozen=True, slots=True)
class Named:
    """What one column is, in the words of the person who knows."""

    quantity: str
    """`potential`, `current` and so on, or a short name such as E, I, t."""
    header: str
    """The column's name in the file, with or without its unit."""
    unit: str = ""
    """Where the header has none."""
    sign: Sign | None = None
    """Of a current; a cathodic one is turned, so that anodic is positive."""
    reference: str | None = None
    """Of a potential."""


def parse_option(option: str) -> Named:
    """`QUANTITY=HEADER[, UNIT][, anodic|cathodic][, vs REFERENCE]`; raises `InputError` (E767)."""
    quantity, equals, rest = option.partition("=")
    if not (equals and quantity.strip() and rest.strip()):
        raise _wrong(f"{option!r} names no column", "write " + " or ".join(EXAMPLES))
    header, *notes = [part.strip() for part in rest.split(", ")]
    named = Named(quantity.strip(), header)
    for note in notes:
        if sign := typed_sign(note):
            named = replace(named, sign=sign)
        elif note.startswith("vs "):
            named = replace(named, reference=typed_name(note.removeprefix("vs ")))
        elif scale_of(note):
            named = replace(named, unit=note)
        else:
            raise _wrong(f"{note!r} in {option!r} is neither unit, sign nor reference", "write "
                         + " or ".join(EXAMPLES))  # fmt: skip
    return named


def apply_mapping(dataset: Dataset, mapping: Sequence[Named]) -> Dataset:
    """The dataset with those columns under their quantities, in SI. The others stay.

    Raises `InputError` (E767) for a column that is not there, or has no unit anywhere.
    """
    columns: dict[str, Column] = {}
    by_header = {_found(dataset, named.header): named for named in mapping}
    answered: set[str] = set()
    for name, column in dataset.columns.items():
        named = by_header.get(name)
        if named is None:
            new_name = name
        else:
            answered.add(repr(column.raw_name))
            new_name, column = _renamed(column, named)
        if new_name in columns or (named is None and new_name in _taken(by_header, dataset)):
            raise _wrong(
                f"{dataset.source or 'the file'} would have two columns {new_name}",
                f'give one of them another quantity: --map "second_{new_name}=HEADER"',
            )
        columns[new_name] = column
    warnings = tuple(
        w
        for w in dataset.warnings
        if not (w.code in _ABOUT_HEADERS and any(header in w.message for header in answered))
        and w.code != "E755"
    )
    currents = [c for c in columns.values() if c.unit in ("A", "C") and c.sign is None]
    if currents and any(w.code == "E755" for w in dataset.warnings):
        warnings += (sign_unknown(dataset.source or Path("the file")),)
    return replace(dataset, columns=columns, warnings=warnings)


def _taken(by_header: Mapping[str, Named], dataset: Dataset) -> set[str]:
    return {_renamed(dataset.columns[name], named)[0] for name, named in by_header.items()}


def _found(dataset: Dataset, header: str) -> str:
    """The name here of the column with this header."""
    whole = split_header(header)
    joined = "/".join(part for part in whole if part)
    for written in (
        {n: (n, c.raw_name) for n, c in dataset.columns.items()},
        {n: (split_header(c.raw_name),) for n, c in dataset.columns.items()},
        {n: (split_header(c.raw_name)[0],) for n, c in dataset.columns.items()},
    ):
        names = [n for n, forms in written.items() if {header, whole, joined} & set(forms)]
        if len(names) == 1:
            return names[0]
    headers = ", ".join(repr(c.raw_name or n) for n, c in dataset.columns.items())
    raise _wrong(f"{dataset.source or 'the file'} has no column {header!r}", f"there is {headers}")


def _renamed(column: Column, named: Named) -> tuple[str, Column]:
    """The name here and the column in SI."""
    quantity, factor, units = quantity_of(named.quantity) or (named.quantity, 1.0, frozenset())
    written = split_header(column.raw_name)[1]
    in_header = scale_of(written) if written else None
    if in_header and named.unit not in ("", written):
        raise _wrong(
            f"{column.raw_name!r} is in {written}, not in {named.unit}",
            f'leave the unit out: --map "{named.quantity}={named.header}"',
        )
    scale = in_header or (scale_of(named.unit) if named.unit else None)
    if scale is None:
        raise _wrong(
            f"{column.raw_name!r} has no known unit",
            f'state it: --map "{named.quantity}={named.header}, mA"',
        )
    if units and scale.unit not in units:
        raise _wrong(
            f"{column.raw_name!r} is in {named.unit or written}: no {quantity}",
            f"a {quantity} needs a unit such as {min(units)}",
        )
    if named.sign and scale.unit not in SIGNED_UNITS:
        raise _wrong(
            f"a {quantity} has no positive direction of current",
            f'where its sign is turned: --map "-{named.quantity}={named.header}"',
        )
    is_raw = in_header is None or column.unit == written
    values = column.values * scale.factor + scale.offset if is_raw else column.values
    if factor < 0 and (is_raw or not plain(column.raw_name).startswith("-")):
        values = -values
    reference = named.reference or column.reference or scale.reference
    sign = "anodic" if named.sign else column.sign
    if named.sign == "cathodic":
        values = -values
    return f"{quantity}{suffix(scale.unit)}", Column(
        values, scale.unit, column.raw_name, sign, reference
    )
