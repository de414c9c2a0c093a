"""One byte flipped, lost or added, or a file cut: the same numbers, something told, a refusal.

The formats have no check sums: a digit of a number, a letter of a name or of a unit that became
another one cannot be told from what was written. So what may change without a word is what stands
at that place: one cell, with what is computed of it in its row, or one column whose heading or
first date it is. No row, no column and no other number changes or goes in silence, but the rows
behind the end of a line at which a text was cut, which is a shorter text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.made_files import BESIDE, MADE, SPECTRA

FILES = {**MADE, **{f"spectrum in {kind}": make for kind, make in SPECTRA.items()}}
BYTES = (b"\0", b"\n", b"\t", b";", b",", b".", b"-", b" ", b"5", b"E", b"\xff")
ENDLESS = {"chi", "spectrum in chi"}
"""Their maker writes no end of line behind the last number, which may so be cut untold."""
FEW_ROWS = 3
"""Left of a file that is cut: too few to tell from them how long a last number is."""
ADDED = {"spectrum in zahner": 3, "neware": 2}
"""Columns that are computed of one number: of a modulus both parts, too."""


def wrong_copies(whole: bytes, places: Iterator[int]) -> Iterator[tuple[str, bytes]]:
    """What was done, and the copy."""
    for at in places:
        yield f"cut at {at}", whole[:at]
        yield f"without {at}", whole[:at] + whole[at + 1 :]
        for byte in BYTES:
            yield f"{byte!r} before {at}", whole[:at] + byte + whole[at:]
        for bit in range(8):
            turned = bytes([whole[at] ^ 1 << bit])
            yield f"bit {bit} of {at} turned", whole[:at] + turned + whole[at + 1 :]


def told(data: Dataset) -> set[str]:
    return {f"{one.code} {one.message}" for one in data.warnings}


def numbers(data: Dataset) -> dict[str, list[NDArray[np.float64]]]:
    """By table, the columns in their order."""
    tables = {"": data.columns, **data.further}
    return {name: [column.values for column in of.values()] for name, of in tables.items()}


def changed(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.flatnonzero(~((one == other) | (np.isnan(one) & np.isnan(other))))


def is_local(right: Dataset, data: Dataset, most_columns: int) -> bool:
    """Whether nothing but a cell or a column differs, whatever the columns are called."""
    before, after = numbers(right), numbers(data)
    if sorted(map(len, before.values())) != sorted(map(len, after.values())):
        return is_renamed(right, data)
    places: list[tuple[str, int, int]] = []
    for (name, columns), others in zip(before.items(), after.values(), strict=True):
        for i, (one, other) in enumerate(zip(columns, others, strict=True)):
            if len(one) != len(other):
                return False
            places += [(name, i, row) for row in changed(one, other).tolist()]
    in_columns = {(name, i) for name, i, _ in places}
    in_rows = {(name, row) for name, _, row in places}
    return len(in_columns) <= 1 or (len(in_rows) <= 1 and len(in_columns) <= most_columns)


def is_renamed(right: Dataset, data: Dataset) -> bool:
    """Whether one row has another name for a quantity or a compound, and so a column of its own."""
    common = right.columns.keys() & data.columns.keys()
    rows = {row for name in common for row in changed(right[name], data[name]).tolist()}
    more = [column for name, column in data.columns.items() if name not in right.columns]
    rows |= {row for column in more for row in np.flatnonzero(~np.isnan(column.values)).tolist()}
    return len(data) == len(right) and len(rows) <= 1


def check_copies(kind: str, path: Path, copies: Iterator[tuple[str, bytes]], whole: bytes) -> None:
    path.write_bytes(whole)
    right, wrong = read(path), []
    for what, content in copies:
        path.write_bytes(content)
        try:
            data = read(path)
            numbers(data)
        except InputError:
            continue
        if told(data) - told(right):
            continue
        if what.startswith("cut") and (len(data) < FEW_ROWS or kind in ENDLESS):
            continue
        if what.startswith("cut") and is_beginning(right, data, len(content), whole, path):
            continue
        if not is_local(right, data, ADDED.get(kind, 1)):
            wrong.append(what)
    assert not wrong


def is_beginning(right: Dataset, data: Dataset, cut: int, whole: bytes, path: Path) -> bool:
    """Whether a cut text is read as it would be up to the end of the line, or of the one before."""
    newline = b"\n"
    if whole.startswith(b"\xff\xfe"):  # two bytes a sign
        newline, cut = b"\n\0", cut - cut % 2
    before, after = whole.rfind(newline, 0, cut) + len(newline), whole.find(newline, cut)
    begun = whole[before:cut].strip(b"\0\r\n")
    rest = whole[cut : after if after >= 0 else None].strip(b"\0\r\n")
    path.write_bytes(whole[: after + len(newline) if begun and rest and after >= 0 else
                           cut if begun else before])  # fmt: skip
    pairs = zip(numbers(right)[""], numbers(data)[""], strict=False)
    same = all(not changed(then[: len(now)], now).size for then, now in pairs)
    return same and len(data) == len(read(path))


def has_no_check(kind: str, at: int) -> bool:
    """Whether a byte is one that tells how all the numbers of a file lie, and stands there once."""
    return kind == "labview" and at in (4, 5)


def reads_dates(kind: str, whole: bytes, at: int) -> bool:
    """Whether a byte is of a date: rows are put in the order of theirs."""
    line = whole[whole.rfind(b"\n", 0, at) + 1 :].split(b"\n", 1)[0]
    return kind == "chromatograph" and at - whole.rfind(b"\n", 0, at) - 1 < line.find(b",")


@pytest.mark.parametrize("kind", FILES)
def test_some_wrong_bytes(tmp_path: Path, kind: str) -> None:
    check_places(tmp_path, kind, random.Random(kind), 8)


@pytest.mark.long
@pytest.mark.parametrize("kind", FILES)
def test_more_wrong_bytes(tmp_path: Path, kind: str) -> None:
    check_places(tmp_path, kind, random.Random(f"more of {kind}"), 20)


def check_places(folder: Path, kind: str, dice: random.Random, count: int) -> None:
    if kind == "labview":
        pytest.importorskip("nptdms")
    whole = FILES[kind]()
    for name, content in BESIDE.get(kind, {}).items():
        (folder / name).write_bytes(content)
    places = (dice.randrange(len(whole)) for _ in range(count))
    wanted = (at for at in places if not (reads_dates(kind, whole, at) or has_no_check(kind, at)))
    check_copies(kind, folder / "file", wrong_copies(whole, wanted), whole)
