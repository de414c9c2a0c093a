"""What plumed.dat says about a standing restraint and about the units of the run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import refusal

_ACTION = re.compile(r"^\s*(?:(\S+):\s*)?(RESTRAINT|MOVINGRESTRAINT|UNITS)\b(.*)$")
_CONTINUED = re.compile(r"[ \t]\.\.\.[ \t]*\n(.*?)\n[ \t]*\.\.\.[^\n]*", re.DOTALL)

OWN_UNITS = {"LENGTH": "nm", "ENERGY": "kj/mol", "TIME": "ps"}
"""What PLUMED takes where the input has no UNITS."""


@dataclass(frozen=True, slots=True)
class Restraint:
    """A RESTRAINT or MOVINGRESTRAINT on one coordinate."""

    coordinate: str
    label: str = "restraint"
    centre: float | None = None
    """AT of a standing one, in the units of the run."""
    kappa: float | None = None
    units: Mapping[str, str] = field(default_factory=lambda: dict(OWN_UNITS))


def read_restraint(path: Path) -> Restraint:
    """The restraint of a plumed.dat. Raises `InputError` (E852) unless there is exactly one."""
    text = re.sub(r"#[^\n]*", "", decode(read_bytes(path)))
    text = _CONTINUED.sub(lambda match: " " + match[1].replace("\n", " "), text)
    found = []
    units = dict(OWN_UNITS)
    for line in text.splitlines():
        action = _ACTION.match(line)
        if action is None:
            continue
        words = dict(word.split("=", 1) for word in action[3].split() if "=" in word)
        if action[2] == "UNITS":
            units |= {name: words[name] for name in units if name in words}
        else:
            found.append((action[1] or words.get("LABEL", ""), action[2], words))
    if len(found) != 1 or "," in found[0][2].get("ARG", ","):
        raise refusal(
            "E852",
            f"{path}: {len(found)} restraints, or one on several coordinates",
            "needed is one RESTRAINT or MOVINGRESTRAINT with one ARG",
        )
    label, kind, words = found[0]
    moving = kind == "MOVINGRESTRAINT"
    return Restraint(
        words["ARG"],
        label,
        None if moving else _number(path, words, "AT"),
        None if moving else _number(path, words, "KAPPA"),
        units,
    )


def _number(path: Path, words: dict[str, str], name: str) -> float:
    try:
        return float(words[name])
    except (KeyError, ValueError):
        raise refusal(
            "E852", f"{path}: {name}= of RESTRAINT is no number", f"give {name}="
        ) from None
