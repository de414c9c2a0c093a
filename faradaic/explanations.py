"""The long form of every code: what it means, by which formula and source, an example, a remedy.

The texts stand in tables beside what uses the codes, `explained_*.csv` anywhere in the package,
each code in one of them: `code, means, example, remedy`, and for what is computed `formula` and
`source`. Diagnoses stand in their own catalogue. They are read when somebody asks, and not before.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from faradaic.diagnostics import refusal

_CODE = re.compile(r"([A-Za-z])\s?-?0*(\d{1,3})")

_CAUSES = (
    "A diagnosis names its probable causes in order, each with what to look at and what to do;"
    " `faradaic diagnose RUN` tells them again."
)
_UNWATCHED = "Readings of current and voltage alone do not raise it: look at what its rule names."
_NEVER = "none, since no reading of current and voltage raises it"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is behind a code; formula and source are empty where nothing is computed."""

    code: str
    means: str
    example: str
    """What triggers it, as it would be written or typed."""
    remedy: str
    formula: str = ""
    source: str = ""

    def as_dict(self) -> dict[str, str]:
        """A JSON-ready mapping."""
        return asdict(self)


@cache
def explanations() -> Mapping[str, Explanation]:
    """All of them by code. Raises ValueError for a code that two tables explain."""
    found: dict[str, Explanation] = {}
    package = files("faradaic")
    root = Path(str(package))
    for table in sorted(root.rglob("explained_*.csv")):
        text = package.joinpath(str(table.relative_to(root))).read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            if row["code"] in found:
                raise ValueError(f"{row['code']} is explained twice, again in {table.name}")
            found[row["code"]] = Explanation(**row)
    for catalogue in sorted(root.rglob("diagnosis_catalogue.toml")):
        text = package.joinpath(str(catalogue.relative_to(root))).read_text(encoding="utf-8")
        for code, rule in tomllib.loads(text)["rules"].items():
            found[code] = Explanation(
                code,
                means=f"While current flows: {rule['title']}.",
                example=rule["example"] or _NEVER,
                remedy=_CAUSES if rule.get("watched", True) else _UNWATCHED,
                formula=rule["formula"],
                source=rule["source"],
            )
    return found


def explanation(written: str) -> Explanation:
    """That of a code as people write it: `M01`, `m1`, `warning[M01]`, `V01@steps`.

    Raises `InputError` (E703) with the nearest ones for a code that is none.
    """
    known = explanations()
    match = _CODE.search(written.partition("@")[0].split("[")[-1])
    code = "" if match is None else _spelled(*match.groups())
    if match is None or code not in known:
        raise refusal("E703", f"there is no code `{written:.40}`", _nearest(code or written))
    return known[code]


def _spelled(letter: str, digits: str) -> str:
    """`m`, `1` as `M01`; errors have three digits."""
    width = 3 if letter in "eE" else 2
    return f"{letter.upper()}{int(digits):0{width}d}"


def _nearest(code: str) -> str:
    from difflib import get_close_matches

    known = explanations()
    near = get_close_matches(code.upper(), known, n=5, cutoff=0.6)
    group = [one for one in known if one[0] == code[:1].upper() and one[0] != "E"]
    offered = list(dict.fromkeys([*near, *group]))[:12]
    if not offered:
        return "codes are like M01 (a check) or E413 (an error); a finding has its own in brackets"
    return "near are " + ", ".join(f"`{one}`" for one in offered)
