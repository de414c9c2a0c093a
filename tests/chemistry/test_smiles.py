"""Molecules are read from SMILES, and their groups found by the patterns of the table."""

import csv
from pathlib import Path

import pytest

from faradaic.chemistry.couples import Reactant, couples_of
from faradaic.chemistry.smiles import contains, molecule
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError

MOLECULES = list(
    csv.DictReader((Path(__file__).parent / "groups_of_molecules.csv").read_text().splitlines())
)


@pytest.mark.parametrize("row", MOLECULES, ids=lambda row: row["smiles"])
def test_groups_of_a_molecule(row: dict[str, str]) -> None:
    found = molecule(row["smiles"])
    groups = {
        entry["id"]
        for entry in rows("couples")
        if any(contains(found, pattern) for pattern in entry["pattern"].split("|") if pattern)
    }
    assert groups == set(filter(None, row["groups"].split("|")))


@pytest.mark.parametrize("text", ["C1CC", "C(C", "C)C", "[Qq]", "C==", "=C", "CX", "C11", ""])
def test_what_is_no_smiles_is_said(text: str) -> None:
    with pytest.raises(InputError, match="E774"):
        molecule(text)


def test_the_structure_wins_over_the_name() -> None:
    # N-(methoxycarbonyl)pyrrolidine under the name that once made it a Kolbe acid
    carbamate = Reactant("acid", "some carboxylate", "COC(=O)N1CCCC1")
    assert [c.id for c in couples_of(carbamate, "oxidation", "MeOH")] == ["carbamate"]
