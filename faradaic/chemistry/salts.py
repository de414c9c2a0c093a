"""Salts that carry the current of a solution, made of the ions of the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.tables import names, normalised, rows


@dataclass(frozen=True, slots=True)
class Salt:
    """A 1:1 salt made of two ions of the table."""

    id: str
    cation: str
    anion: str
    lambda0_MeCN_S_m2_per_mol: float | None
    """Limiting molar conductivity in acetonitrile at 25 degC; None when an ion has no value."""


@cache
def salt_named(name: str) -> Salt | None:
    """The salt behind a formula or name, None when its ions are not in the table.

    `Bu4NBF4`, `TBABF4`, `tetrabutylammonium tetrafluoroborate`, `... benzenediazonium BF4`.
    """
    whole = normalised(name)
    for tail, anion in _ions("-1"):
        head = whole.removesuffix(tail)
        if head == whole:
            continue
        for front, cation in _ions("1"):
            # A long word may follow the rest of a name; a symbol must stand alone.
            if head == front or (len(front) > 6 and head.endswith(front)):
                parts = [ion["lambda0_MeCN_S_cm2_per_mol"] for ion in (cation, anion)]
                total = sum(map(float, parts)) * 1e-4 if all(parts) else None
                return Salt(cation["id"] + anion["id"], cation["id"], anion["id"], total)
    return None


@cache
def _ions(charge: str) -> tuple[tuple[str, dict[str, str]], ...]:
    named = [(n, row) for row in rows("ions") if row["charge"] == charge for n in names(row)]
    return tuple(sorted(named, key=lambda pair: -len(pair[0])))
