"""What a CP2K input says about the constrained coordinate, the time step and the temperature."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import BOHR_A

_ATOMIC_TIME_FS = 0.02418884326585747
"""CODATA 2018."""
_SET = re.compile(r"@SET\s+(\w+)\s+(.*)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_UNIT = re.compile(r"^\[([^\]]*)\]\s*")
_LENGTHS_A = {"angstrom": 1.0, "bohr": BOHR_A, "nm": 10.0, "": BOHR_A}
_SPEEDS_A_FS = {
    "angstrom*fs^-1": 1.0,
    "angstrom*ps^-1": 1e-3,
    "bohr*fs^-1": BOHR_A,
    "": BOHR_A / _ATOMIC_TIME_FS,
}
_TIMES_FS = {"fs": 1.0, "ps": 1e3, "": 1.0}
_TEMPERATURES_K = {"k": 1.0, "": 1.0}


@dataclass
class Section:
    """A section of the input: keywords and sections, names in capitals."""

    name: str
    keywords: dict[str, str] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def find(self, *path: str) -> list[Section]:
        """All sections at a path below this one."""
        found = [self]
        for name in path:
            found = [child for one in found for child in one.sections if child.name == name]
        return found


@dataclass(frozen=True, slots=True)
class ConstrainedRun:
    """One constrained combination of distances; atoms counted from 0."""

    pairs: tuple[tuple[int, int], ...]
    coefficients: tuple[float, ...]
    target_A: float
    growth_A_fs: float
    limit_A: float | None
    """Where a growing target stops (TARGET_LIMIT)."""
    time_step_fs: float
    temperature_K: float
    cell_A: tuple[float, float, float] | None
    """Edges of an orthorhombic periodic cell; None without periodicity."""

    def targets_A(self, steps: Floats) -> Floats:
        """The target at each of the steps, counted from 1."""
        targets: Floats = self.target_A + self.growth_A_fs * self.time_step_fs * steps
        if self.limit_A is None or not self.growth_A_fs:
            return targets
        bound = np.minimum if self.growth_A_fs > 0 else np.maximum
        return bound(targets, self.limit_A)


def read_constrained_run(path: Path) -> ConstrainedRun:
    """The coordinate of a CP2K input with one COLLECTIVE constraint on a combination of distances.

    Understands the COLVARs DISTANCE and DISTANCE_FUNCTION. Raises `InputError` (E852) naming what
    is missing or not understood. A length without a unit is in bohr, as CP2K has it.
    """
    root = parse(path)
    collective = root.find("MOTION", "CONSTRAINT", "COLLECTIVE")
    if len(collective) != 1:
        raise _unclear(path, f"{len(collective)} sections MOTION/CONSTRAINT/COLLECTIVE", "one")
    constraint = collective[0].keywords
    colvars = root.find("FORCE_EVAL", "SUBSYS", "COLVAR")
    number = int(_keyword(path, constraint, "COLVAR"))
    if not 1 <= number <= len(colvars):
        raise _unclear(path, f"COLVAR {number} of {len(colvars)}", "a COLVAR section per number")
    pairs, coefficients = _combination(path, colvars[number - 1])
    if any("MASS" in kind.keywords for kind in root.find("FORCE_EVAL", "SUBSYS", "KIND")):
        raise _unclear(path, "KIND with a MASS of its own", "the standard atomic masses")
    dynamics = next(iter(root.find("MOTION", "MD")), Section("MD")).keywords
    limit = constraint.get("TARGET_LIMIT")
    return ConstrainedRun(
        pairs,
        coefficients,
        _quantity(path, "TARGET", _keyword(path, constraint, "TARGET"), _LENGTHS_A),
        _quantity(path, "TARGET_GROWTH", constraint.get("TARGET_GROWTH", "0"), _SPEEDS_A_FS),
        None if limit is None else _quantity(path, "TARGET_LIMIT", limit, _LENGTHS_A),
        _quantity(path, "TIMESTEP", _keyword(path, dynamics, "TIMESTEP"), _TIMES_FS),
        _quantity(path, "TEMPERATURE", _keyword(path, dynamics, "TEMPERATURE"), _TEMPERATURES_K),
        _cell(path, root),
    )


def parse(path: Path) -> Section:
    """The tree of sections, variables of `@SET` in their places.

    Raises `InputError` (E852) where a section is not closed, and for what else the preprocessor of
    CP2K understands (`@IF`, `@INCLUDE`, a variable that was never set).
    """
    variables: dict[str, str] = {}
    root = Section("")
    open_sections = [root]
    for number, raw in enumerate(decode(read_bytes(path)).splitlines(), 1):
        line = re.split(r"[#!]", raw)[0].strip()
        line = _VARIABLE.sub(
            lambda name: variables.get((name[1] or name[2]).upper(), name[0]), line
        )
        setting = _SET.fullmatch(line)
        if setting:
            variables[setting[1].upper()] = setting[2].strip()
            continue
        if not line:
            continue
        if line.startswith("@") or _VARIABLE.search(line):
            raise _unclear(path, f"line {number}: {line!r}", "an input without the preprocessor")
        if line.upper().startswith("&END"):
            if len(open_sections) == 1:
                raise _unclear(path, f"line {number}: {line!r} closes nothing", "matching &END")
            open_sections.pop()
        elif line.startswith("&"):
            name = line[1:].split()[0].upper()
            section = Section(name)
            open_sections[-1].sections.append(section)
            open_sections.append(section)
        else:
            name, _, value = line.partition(" ")
            open_sections[-1].keywords[name.upper()] = value.strip()
    if len(open_sections) > 1:
        raise _unclear(path, f"&{open_sections[-1].name} is never closed", "the whole input")
    return root


def _combination(
    path: Path, colvar: Section
) -> tuple[tuple[tuple[int, int], ...], tuple[float, ...]]:
    if not colvar.sections:
        raise _unclear(path, "an empty COLVAR", "DISTANCE or DISTANCE_FUNCTION")
    kind = colvar.sections[0]
    atoms = [int(word) - 1 for word in kind.keywords.get("ATOMS", "").split()]
    if kind.name == "DISTANCE" and len(atoms) == 2:
        return ((atoms[0], atoms[1]),), (1.0,)
    if kind.name == "DISTANCE_FUNCTION" and len(atoms) == 4:
        coefficient = float(_keyword(path, kind.keywords, "COEFFICIENT"))
        return ((atoms[0], atoms[1]), (atoms[2], atoms[3])), (1.0, coefficient)
    raise _unclear(
        path, f"COLVAR {kind.name} with {len(atoms)} atoms", "a distance or a sum of two"
    )


def _cell(path: Path, root: Section) -> tuple[float, float, float] | None:
    cell = next(iter(root.find("FORCE_EVAL", "SUBSYS", "CELL")), Section("CELL")).keywords
    if cell.get("PERIODIC", "XYZ").upper() == "NONE" or "ABC" not in cell:
        return None
    edges = cell["ABC"]
    unit = _UNIT.match(edges)
    scale = _LENGTHS_A[unit[1].lower()] if unit else 1.0
    a, b, c = (scale * float(word) for word in _UNIT.sub("", edges).split()[:3])
    return a, b, c


def _keyword(path: Path, keywords: dict[str, str], name: str) -> str:
    if name not in keywords:
        raise _unclear(path, f"no {name}", f"the keyword {name}")
    return keywords[name]


def _quantity(path: Path, name: str, text: str, units: dict[str, float]) -> float:
    unit = _UNIT.match(text)
    symbol = unit[1].lower().replace(" ", "") if unit else ""
    if symbol not in units:
        raise _unclear(path, f"{name} in {symbol!r}", "one of " + ", ".join(filter(None, units)))
    return float(_UNIT.sub("", text)) * units[symbol]


def _unclear(path: Path, what: str, wanted: str) -> InputError:
    return refusal("E852", f"{path}: {what}", f"needed is {wanted}")
