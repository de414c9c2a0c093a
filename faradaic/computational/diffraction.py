"""Powder diffraction: the lines of structures, and measured patterns from files.

Angles are 2θ in degrees, as instruments write them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.computational.xrdml_pattern import is_xrdml, read_xrdml
from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import InputError, refusal
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SPINEL_OXYGEN_U = 0.3874
"""Oxygen coordinate in the first origin choice of Fd-3m with the tetrahedral site at 0: that of
MgAl2O4, 0.2624 in the second (Hill, Craig, Gibbs, Phys. Chem. Miner. 4 (1979) 317; recalled)."""

TEXTURE_AXES = ((1, 1, 1), (0, 0, 1), (1, 0, 0), (1, 1, 0))
"""Planes that crystals like to lie on."""


@dataclass(frozen=True, slots=True, eq=False)
class Reflections:
    """The calculated lines of one phase."""

    name: str
    two_theta_deg: Floats
    intensity: Floats
    """The strongest line is 100."""
    d_A: Floats
    indices: tuple[str, ...]
    """Miller indices of each line: "311"."""
    wavelength_A: float
    mass_per_intensity: float = math.nan
    """Mass in parts for an intensity of 1 by the scale of `intensity`: formula mass and volume of
    the cell by its strongest line (Hill, Howard, J. Appl. Cryst. 20 (1987) 467; recalled)."""
    cosines: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    """Of the angles between the axes of `TEXTURE_AXES` and the normals of each line's planes,
    equivalent ones included: (axes, lines, planes)."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A measured pattern."""

    two_theta_deg: Floats
    counts: Floats
    source: str


def reflections(
    structure: Any,
    name: str = "",
    *,
    wavelength: str | float = "CuKa",
    two_theta_deg: tuple[float, float] = (10.0, 80.0),
) -> Reflections:
    """The lines of a pymatgen structure, partial occupancies included.

    `wavelength` in Å or as the name of an anode line; CuKa is the weighted mean of Kα1 and Kα2.
    Raises `InputError` (E904) for another.
    """
    library = optional_library("pymatgen.analysis.diffraction.xrd")
    try:
        calculator = library.XRDCalculator(wavelength)
    except (KeyError, TypeError, ValueError):
        known = ", ".join(library.XRDCalculator.AVAILABLE_RADIATION)
        raise refusal(
            "E904", f"{wavelength!r} is no wavelength", f"give Å or one of {known}"
        ) from None
    pattern = calculator.get_pattern(structure, scaled=False, two_theta_range=two_theta_deg)
    height = np.asarray(pattern.y, float)
    strongest = float(height.max()) if len(height) else math.nan
    first = [lines[0]["hkl"] for lines in pattern.hkls]
    return Reflections(
        name or structure.composition.reduced_formula,
        np.asarray(pattern.x, float),
        100 * height / strongest,
        np.asarray(pattern.d_hkls, float),
        tuple("".join(map(str, hkl)) for hkl in first),
        float(calculator.wavelength),
        100 * float(structure.composition.weight) * float(structure.volume) / strongest,
        _cosines(structure, [(h[0], h[1], h[-1]) for h in first]),
    )


def _cosines(structure: Any, planes: Sequence[tuple[int, int, int]]) -> Floats:
    symmetry = optional_library("pymatgen.symmetry.analyzer")
    analyzer = symmetry.SpacegroupAnalyzer(structure, symprec=0.05)
    turns = np.array([o.rotation_matrix for o in analyzer.get_point_group_operations(True)])
    reciprocal = np.asarray(structure.lattice.reciprocal_lattice_crystallographic.matrix)

    def normals(indices: Sequence[tuple[int, int, int]]) -> Floats:
        vectors = np.array(indices, float).reshape(-1, 3) @ reciprocal
        unit: Floats = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        return unit

    equivalent = np.einsum("oij,lj->loi", turns, normals(planes))
    cosines: Floats = np.einsum("loi,ai->alo", equivalent, normals(TEXTURE_AXES))
    return cosines


def structure_of_cif(path: Path) -> Any:
    """The structure in a CIF; raises `InputError` (E905) where pymatgen reads none in it."""
    core = optional_library("pymatgen.core")
    read_bytes(path)
    try:
        return core.Structure.from_file(str(path))
    except Exception as error:  # noqa: BLE001  its parsers raise what they like
        raise refusal(
            "E905",
            f"{path} holds no structure that can be read: {str(error).splitlines()[0][:120]}",
            "give a CIF with cell, symmetry and atoms",
        ) from None


def average_spinel(tetrahedral: str, octahedral: Sequence[str], lattice_A: float) -> Any:
    """The cubic spinel that X-rays see of A2(M1M2...)O8: every M site holds all M in equal parts.

    First origin choice of Fd-3m, as pymatgen builds it; `lattice_A` of the cubic cell.
    """
    core = optional_library("pymatgen.core")
    share = {element: octahedral.count(element) / len(octahedral) for element in octahedral}
    species = {"A": tetrahedral, "M": share, "X": "O"}
    labels, positions = _spinel_sites()
    return core.Structure(
        core.Lattice.cubic(lattice_A), [species[label] for label in labels], positions
    )


@cache
def _spinel_sites() -> tuple[tuple[str, ...], Floats]:
    """(label, fractional position) of the 56 sites; made once, symmetry being slow to apply."""
    groups = optional_library("pymatgen.symmetry.groups")
    group = groups.SpaceGroup("Fd-3m")
    first = {"A": 0.0, "M": 0.625, "X": SPINEL_OXYGEN_U}
    sites = [(label, at) for label, u in first.items() for at in group.get_orbit([u] * 3)]
    return tuple(label for label, _ in sites), np.array([at for _, at in sites], float)


def cubic_lattice_A(primitive_volume_A3: float) -> float:
    """Cubic lattice parameter of a face-centred cell from the volume of its primitive cell."""
    return float((4 * primitive_volume_A3) ** (1 / 3))


def read_pattern(path: Path | str) -> Pattern:
    """Read 2θ in degrees and counts: two columns of text (.xy, .csv, .dat, .txt), or .xrdml.

    Lines that do not begin with a number are headers or comments. Raises `InputError` (E900)
    naming file and line.
    """
    path = Path(path)
    data = read_bytes(path)
    if is_xrdml(data):
        return _pattern_of(path, read_xrdml(path, data))
    lines = decode(data).splitlines()
    rows: list[tuple[float, float]] = []
    for number, line in enumerate(lines, 1):
        cells = [cell for cell in re.split(r"[\s,;]+", line.strip()) if cell]
        try:
            values = [float(cell) for cell in cells[:2]]
        except ValueError:
            if rows:
                raise _bad_pattern(
                    path, f"line {number} is not two numbers: {line[:60]!r}"
                ) from None
            continue
        if not cells:
            continue
        if len(values) < 2 or not np.isfinite(values).all():
            raise _bad_pattern(path, f"line {number} is not two numbers: {line[:60]!r}")
        if rows and values[0] <= rows[-1][0]:
            raise _bad_pattern(path, f"the angle does not rise at line {number} ({values[0]:g}°)")
        rows.append((values[0], values[1]))
    return _pattern_of(path, rows)


def _pattern_of(path: Path, rows: list[tuple[float, float]]) -> Pattern:
    if len(rows) < 100:
        raise _bad_pattern(path, f"holds {len(rows)} points; a pattern has at least 100")
    table = np.array(rows)
    if table[0, 0] < 0 or table[-1, 0] > 180:
        span = f"{table[0, 0]:g} to {table[-1, 0]:g}"
        raise _bad_pattern(path, f"goes over {span} in its first column, no angles in degrees")
    return Pattern(table[:, 0], table[:, 1], str(path))


def _bad_pattern(path: Path, why: str) -> InputError:
    return refusal(
        "E900",
        f"{path} {why}",
        "give two columns, the angle 2θ in degrees and the counts, as instruments export",
    )
