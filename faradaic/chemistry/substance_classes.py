"""What kind of substance something is, by its names, its ions, its tags or its SMILES.

Short words (formulas, abbreviations) stand alone; longer ones may be part of a name.
"""

from __future__ import annotations

import re
from functools import cache

from faradaic.chemistry.smiles import contains, molecule
from faradaic.chemistry.spelling import as_spelt
from faradaic.chemistry.tables import rows

_LONG = 6
"""Letters from which a word of the table may be part of a longer one."""


@cache
def classes_of(
    names: tuple[str, ...],
    *,
    ions: frozenset[str] = frozenset(),
    tags: frozenset[str] = frozenset(),
    smiles: str | None = None,
) -> frozenset[str]:
    """The classes of the table that a substance belongs to; empty where nothing tells."""
    drawn = molecule(smiles) if smiles is not None else None
    written = dict.fromkeys((*names, *map(as_spelt, names)))
    return frozenset(
        row["class"]
        for row in rows("substance_classes")
        if ions & _split(row["ions"])
        or tags & _split(row["tags"])
        or any(_called(name, word) for name in written for word in _split(row["words"]))
        or (drawn is not None and any(contains(drawn, p) for p in _split(row["smiles_patterns"])))
    )


@cache
def _split(cell: str) -> frozenset[str]:
    return frozenset(part for part in cell.split("|") if part)


def _called(name: str, word: str) -> bool:
    if len(word) < _LONG:
        return name.lower() == word.lower()
    called, part = name.lower(), word.lower()
    if part not in called:
        return False
    if word.islower() and " " not in word:
        return True
    return re.search(rf"(?<![a-z]){re.escape(part)}", called) is not None


KNOWN_TAGS = frozenset(tag for row in rows("substance_classes") for tag in _split(row["tags"]))
"""Hazard tags that a class answers to."""
