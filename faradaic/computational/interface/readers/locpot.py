"""VASP's LOCPOT: the local potential on the fine grid, in eV.

With LVHAR = .TRUE. it is the electrostatic part alone, which is flat in the vacuum; with LVTOT the
exchange and correlation potential is in it and falls off slowly (VASP wiki, "LVHAR").
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from faradaic.computational.interface.potential_grid import PotentialGrid
from faradaic.computational.interface.readers.numbers import cut_off, floats
from faradaic.computational.interface.trajectories import Floats
from faradaic.datafiles.readers.text import read_bytes

_BEHIND_THE_POINT = re.compile(rb"\.(\d+)((?:[eEdD][+-]?\d+)?)$")


def read_locpot(path: Path) -> PotentialGrid:
    """The potential (of spin up, where there are two). Raises `InputError` (E851) when cut off."""
    data = read_bytes(path)
    lines = _Lines(path, data)
    lines.next("the title")
    scale = lines.numbers("the scale", 1)[0]
    cell = np.array([lines.numbers("a cell vector", 3) for _ in range(3)])
    volume = abs(float(np.linalg.det(cell)))
    cell = cell * (scale if scale > 0 else (-scale / volume) ** (1 / 3))
    words = lines.next("the numbers of atoms").split()
    if not words[0].isdigit():
        words = lines.next("the numbers of atoms").split()
    try:
        atoms = sum(int(word) for word in words)
    except ValueError:
        raise cut_off(path, lines.offset, "the numbers of atoms are not numbers") from None
    kind = lines.next("Direct or Cartesian").strip()[:1].upper()
    if kind == b"S":
        kind = lines.next("Direct or Cartesian").strip()[:1].upper()
    positions = np.array([lines.numbers("a position", 3) for _ in range(atoms)])
    if kind in (b"C", b"K"):
        positions = positions * (scale if scale > 0 else 1.0) @ np.linalg.inv(cell)
    lines.next("the blank line")
    shape = [int(number) for number in lines.numbers("the grid", 3)]
    values = first_numbers(path, data, lines.offset, int(np.prod(shape)))
    return PotentialGrid(values.reshape(shape, order="F"), cell, positions, str(path))


def first_numbers(path: Path, data: bytes, offset: int, count: int) -> Floats:
    """The first `count` numbers from a place on. Raises `InputError` (E851) where they run out.

    ASE and others end a file without a line end: its last number is whole where it has as many
    decimals, and the same exponent's width, as the one before it.
    """
    words = data[offset:].split(None, count)
    at_the_end = len(words) == count and not data[-1:].isspace()
    whole = min(len(words), count) - (at_the_end and not _alike(words[-2:]))
    if whole < count:
        raise cut_off(path, len(data), f"{whole} of the {count} grid values are there")
    return floats(path, b" ".join(words[:count]), offset, "the grid")


def _alike(words: list[bytes]) -> bool:
    """Whether two numbers have the same digits behind the point."""
    forms = [_BEHIND_THE_POINT.search(word) for word in words]
    widths = [form and (len(form[1]), len(form[2])) for form in forms]
    return len(words) == 2 and None not in widths and widths[0] == widths[1]


class _Lines:
    """Line after line, with the offset of the next one."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data, self.offset = path, data, 0

    def next(self, what: str) -> bytes:
        end = self._data.find(b"\n", self.offset)
        if end < 0:
            raise cut_off(self._path, self.offset, f"{what} is missing")
        line = self._data[self.offset : end]
        self.offset = end + 1
        if not line.strip() and what not in ("the title", "the blank line"):
            raise cut_off(self._path, self.offset, f"{what} is missing")
        return line

    def numbers(self, what: str, count: int) -> Floats:
        begin = self.offset
        numbers = floats(self._path, b" ".join(self.next(what).split()[:count]), begin, what)
        if numbers.size != count:
            raise cut_off(self._path, begin, f"{what} has {numbers.size} numbers, not {count}")
        return numbers
