"""A cube file (Gaussian's format) with the electrostatic potential, in hartree.

CP2K's V_HARTREE_CUBE holds the potential energy of an electron, the negative of the electrostatic
potential of physics (CP2K manual, V_HARTREE_CUBE); a program that writes the latter needs
`electrostatic=True`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faradaic.computational.interface.potential_grid import PotentialGrid
from faradaic.computational.interface.readers.locpot import first_numbers
from faradaic.computational.interface.readers.numbers import cut_off, floats
from faradaic.datafiles.readers.text import read_bytes
from faradaic.quantities.constants import BOHR_A, HARTREE_EV


def read_cube(path: Path, *, electrostatic: bool = False) -> PotentialGrid:
    """The potential energy of an electron; lengths in bohr, in Å where the counts are negative.

    Raises `InputError` (E851) for a file that is cut off.
    """
    data = read_bytes(path)
    lines = data.split(b"\n", 6)
    if len(lines) < 7:
        raise cut_off(path, len(data), "the header is incomplete")
    head = floats(path, b" ".join(b" ".join(line.split()[:4]) for line in lines[2:6]), 0, "header")
    if head.size != 16:
        raise cut_off(path, len(lines[0]) + len(lines[1]) + 2, "the header has not four lines of 4")
    table = head.reshape(4, 4)
    atoms, origin = abs(int(table[0, 0])), table[0, 1:]
    counts = [abs(int(count)) for count in table[1:, 0]]
    unit_A = 1.0 if table[1, 0] < 0 else BOHR_A
    begin = sum(len(line) + 1 for line in lines[:6])
    rest = data[begin:].split(b"\n", atoms)
    if len(rest) <= atoms or not min(counts):
        raise cut_off(path, len(data), f"the positions of {atoms} atoms are incomplete")
    nuclei = floats(path, b" ".join(rest[:atoms]), begin, "a position").reshape(atoms, 5)[:, 2:]
    start = begin + sum(len(line) + 1 for line in rest[:atoms])
    if table[0, 0] < 0:  # a line that names the data sets follows
        start = data.index(b"\n", start) + 1
    values = first_numbers(path, data, start, int(np.prod(counts))).reshape(counts)
    cell = table[1:, 1:] * np.array(counts)[:, None]
    return PotentialGrid(
        values * (HARTREE_EV if not electrostatic else -HARTREE_EV),
        cell * unit_A,
        (nuclei - origin) @ np.linalg.inv(cell),
        str(path),
    )
