"""The energies and structures that ship with the package, made anew from a finished screening.

    faradaic screen relax --out screening
    python -m faradaic.computational.screening.shipped_data screening/relaxations

writes `data/spinel_energies.csv` and `data/spinel_structures.jsonl` of this package.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.screening.entries import EnergyEntry, lowest_by
from faradaic.computational.screening.entry_import import write_csv
from faradaic.computational.screening.published import published_spinels
from faradaic.computational.screening.relaxation import collect
from faradaic.computational.screening.screening_study import STORED, ScreeningStudy, starts_of
from faradaic.computational.screening.stored_structures import STRUCTURES
from faradaic.diagnostics import InputError, refusal
from faradaic.workloads.ledger import Ledger

_DECIMALS = 4
"""Of lattice vectors in Å and fractional coordinates: no line of a pattern moves by 0.001°."""


def ship(relaxations: Path, energies: Path = STORED, structures: Path = STRUCTURES) -> None:
    """Write both files from the relaxations of the paper's study.

    Raises `InputError` with every structure that is not there or failed (E836, E837).
    """
    entries, findings = collect(starts_of(ScreeningStudy()), relaxations)
    absent = [finding for finding in findings if finding.code in ("E836", "E837")]
    if absent:
        raise InputError(*absent)
    write_csv(entries, energies)
    results = {r.key: r.result for r in Ledger(relaxations).records() if r.result is not None}
    chosen = shown_structures(entries)
    lines = [json.dumps(_record(e, results[e.key]), separators=(",", ":")) for e in chosen]
    structures.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def shown_structures(entries: Iterable[EnergyEntry]) -> list[EnergyEntry]:
    """The compounds that were made, and of every competing formula the phase of lowest energy."""
    made = [Counter(one.composition) for one in published_spinels().synthesised]
    entries = tuple(entries)
    targets = [e for e in entries if e.role == "target" and Counter(e.composition) in made]
    rivals = (entry for entry in entries if entry.role != "target")
    return [*targets, *lowest_by(lambda entry: entry.formula, rivals).values()]


def _record(entry: EnergyEntry, result: Mapping[str, Any]) -> dict[str, Any]:
    cell = result["structure"]
    return {
        "name": entry.name,
        "role": entry.role,
        "lattice_A": np.round(cell["lattice_A"], _DECIMALS).tolist(),
        "species": " ".join(cell["species"]),
        "fractional": np.round(cell["fractional"], _DECIMALS).tolist(),
    }


def main(arguments: list[str]) -> int:
    """`python -m … FOLDER`: the exit code, after saying what is absent."""
    try:
        if len(arguments) != 1:
            raise refusal(
                "E836",
                "name the folder of relaxations",
                "type `faradaic screen relax --out screening` first, then "
                "`python -m faradaic.computational.screening.shipped_data "
                "screening/relaxations`",
            )
        ship(Path(arguments[0]))
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
