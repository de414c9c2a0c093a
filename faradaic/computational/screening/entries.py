"""Computed energies as plain values, and their file: one JSON object per line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache, reduce
from pathlib import Path
from typing import Any

from faradaic.chemistry.elements import elements
from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning
from faradaic.records.folder import write_file

ROLES = ("target", "competitor")


@dataclass(frozen=True, slots=True)
class EnergyEntry:
    """The energy of one structure as one method gives it.

    Raises `InputError` (E820) when it is made of an unknown element, a number of atoms that is not
    a positive whole number, an energy that is not finite, an unknown role or no method.
    """

    name: str
    """Unique among the entries: "Mg2(ZnMgSbIn)O8", "MgAl2O4 spinel inverse 3"."""
    composition: Mapping[str, int]
    """Atoms of the cell by element."""
    energy_eV: float
    """Of the cell."""
    method: str
    """Potential or functional with its version; energies of two methods never share a hull."""
    role: str
    """"target" (to be judged) or "competitor" (spans the hull)."""
    prototype: str = ""
    """Structure type: "spinel"."""
    family: str = ""
    """Group of prototypes that a sensitivity report leaves out together."""
    converged: bool = True
    max_force_eV_A: float | None = None
    """Largest force left after the relaxation; None where it is not known."""
    source: str = ""
    key: str = ""
    """Content hash of the task that computed it; "" where there is none."""

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            message = f"energy entry {self.name!r}: {problem[0]}"
            raise refusal("E820", message, problem[1])

    def _problem(self) -> tuple[str, str] | None:
        if unknown := [symbol for symbol in self.composition if symbol not in elements()]:
            return f"{unknown[0]!r} is not an element", "write symbols as Mg, Zn, O"
        if not self.composition or any(
            isinstance(n, bool) or not isinstance(n, int) or n < 1
            for n in self.composition.values()
        ):
            numbers = dict(self.composition)
            return (
                f"the atoms of its cell are {numbers}",
                'give whole numbers, as {"Mg": 1, "O": 1}',
            )
        if isinstance(self.energy_eV, bool) or not isinstance(self.energy_eV, int | float):
            return f"its energy is {self.energy_eV!r}", "give the energy of the cell in eV"
        if not math.isfinite(self.energy_eV):
            return f"its energy is {self.energy_eV}", "leave out structures without an energy"
        if self.role not in ROLES:
            return f"its role is {self.role!r}", f"one of {', '.join(ROLES)}"
        if not self.method.strip():
            return "it does not say by which method", 'name it with its version: "PBE, VASP 6.4.2"'
        return None

    @property
    def atoms(self) -> int:
        """Atoms of the cell."""
        return sum(self.composition.values())

    @property
    def energy_eV_per_atom(self) -> float:
        """Energy of the cell by its number of atoms."""
        return self.energy_eV / self.atoms

    @property
    def formula(self) -> str:
        """Reduced formula as `reduced_formula` writes it: "MgAl2O4"."""
        return reduced_formula(self.composition)


def lowest_by(
    key: Callable[[EnergyEntry], str], entries: Iterable[EnergyEntry]
) -> dict[str, EnergyEntry]:
    """The entry of lowest energy per atom for each key, in the order in which keys come."""
    lowest: dict[str, EnergyEntry] = {}
    for entry in entries:
        best = lowest.setdefault(key(entry), entry)
        if entry.energy_eV_per_atom < best.energy_eV_per_atom:
            lowest[key(entry)] = entry
    return lowest


def reduced_formula(composition: Mapping[str, int]) -> str:
    """Reduced formula, one text for one composition: "MgAl2O4", "Zn2TiO4", "CaSnO3".

    Elements stand in the order of their group number modulo ten, which is the charge of the fully
    oxidised cation and puts anions last, groups 6 to 11 between 3 and 4; within one charge by
    atomic number.
    """
    divisor = reduce(math.gcd, composition.values())
    return "".join(
        f"{symbol}{composition[symbol] // divisor if composition[symbol] > divisor else ''}"
        for symbol in sorted(composition, key=_place)
    )


@cache
def _place(symbol: str) -> tuple[float, int]:
    """(usual charge from the group, atomic number), lanthanides and actinides in group 3."""
    number = [*elements()].index(symbol) + 1
    before = 0
    for length in (2, 8, 8, 18, 18, 32, 32):
        if number <= before + length:
            break
        before += length
    place = number - before
    if length == 32 and place > 2:
        group = max(3, place - 14)
    elif length == 18 or place <= min(2, length // 2):
        group = place
    else:
        group = place + 18 - length
    return 3.5 if 6 <= group <= 11 else group % 10, number


@dataclass(frozen=True, slots=True)
class EntryFile:
    """The entries of a file and what was odd about it."""

    entries: tuple[EnergyEntry, ...]
    findings: tuple[Diagnostic, ...] = ()


_FIELDS = tuple(field.name for field in fields(EnergyEntry))
_NEEDED = ("name", "composition", "energy_eV", "method", "role")


def read_entries(path: Path | str) -> EntryFile:
    """Read a file of JSON lines; fields that an entry does not have are left aside.

    A last line without its end (a writer was killed) is left out with a finding. Raises
    `InputError` (E821) naming file and line where another line cannot be read.
    """
    path = Path(path)
    text = decode(read_bytes(path))
    entries, findings = [], []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append(entry_of(json.loads(line)))
        except json.JSONDecodeError:
            if number == len(lines) and not text.endswith("\n"):
                findings.append(
                    warning(
                        "E822",
                        f"{path}, line {number} ends in the middle and was left out",
                        help="its writer was stopped; run it again to have this structure",
                    )
                )
                continue
            raise _bad_line(path, number, "it is not JSON") from None
        except (TypeError, ValueError) as error:
            raise _bad_line(path, number, str(error)) from None
        except InputError as error:
            raise _bad_line(path, number, error.diagnostics[0].message) from None
    return EntryFile(tuple(entries), tuple(findings))


def entry_of(record: Mapping[str, Any]) -> EnergyEntry:
    """An entry from a mapping with its fields. Raises `ValueError` naming what is missing."""
    if not isinstance(record, Mapping):
        raise ValueError("it is not an object")
    if missing := [name for name in _NEEDED if name not in record]:
        raise ValueError(f"it has no {missing[0]!r}")
    if not isinstance(record["composition"], Mapping):
        raise ValueError("its composition is not an object of atoms by element")
    return EnergyEntry(**{name: record[name] for name in _FIELDS if name in record})


def write_entries(entries: Iterable[EnergyEntry], path: Path | str) -> None:
    """Write entries as JSON lines, replacing the file."""
    lines = [json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries]
    write_file(Path(path), "".join(lines).encode())


def _bad_line(path: Path, number: int, why: str) -> InputError:
    return refusal(
        "E821",
        f"{path}, line {number} is no energy entry: {why}",
        "each line is a JSON object with " + ", ".join(_NEEDED),
    )
