"""What CP2K's own data files hold for an element: DZVP-MOLOPT-SR-GTH with GTH-PBE."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files


@cache
def valence_electrons() -> Mapping[str, int]:
    """Electrons beside the pseudopotential, by element; one that is not in it has no kind."""
    text = files(__package__).joinpath("tables", "cp2k_valence.csv").read_text(encoding="utf-8")
    return {r["element"]: int(r["valence_electrons"]) for r in csv.DictReader(text.splitlines())}


def pseudopotential(element: str) -> str:
    """Name of its pseudopotential: `GTH-PBE-q11`."""
    return f"GTH-PBE-q{valence_electrons()[element]}"


def kind_sections(elements: Iterable[str]) -> str:
    """The KIND sections of an input, in the order given."""
    return "".join(
        f"    &KIND {element}\n      BASIS_SET DZVP-MOLOPT-SR-GTH-q{valence_electrons()[element]}\n"
        f"      POTENTIAL {pseudopotential(element)}\n    &END KIND\n"
        for element in elements
    )
