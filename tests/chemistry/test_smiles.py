"""Molecules are read from SMILES, and their groups are those that RDKit finds."""

import csv
from pathlib import Path

import pytest

from faradaic.chemistry.couples import Reactant, couples_of
from faradaic.chemistry.smiles import molecule
from faradaic.chemistry.substructures import contains
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError

# RDKit 2026.09.1: HasSubstructMatch of the patterns of the table of couples
BY_RDKIT = list(
    csv.DictReader((Path(__file__).parent / "groups_by_rdkit.csv").read_text().splitlines())
)


@pytest.mark.parametrize("row", BY_RDKIT, ids=lambda row: row["smiles"])
def test_groups_are_those_of_an_independent_program(row: dict[str, str]) -> None:
    found = molecule(row["smiles"])
    groups = {
        entry["id"]
        for entry in rows("couples")
        if any(contains(found, pattern) for pattern in entry["pattern"].split("|") if pattern)
    }
    assert groups == set(filter(None, row["groups"].split("|")))


@pytest.mark.parametrize(
    ("smiles", "formula"),
    [
        ("CCO", {"C": 2, "O": 1, "H": 6}),
        ("c1ccccc1", {"C": 6, "H": 6}),
        ("C1=CC=CC=C1", {"C": 6, "H": 6}),
        ("[NH4+].[Cl-]", {"N": 1, "Cl": 1, "H": 4}),
        ("C[C@H](N)C(=O)O", {"C": 3, "N": 1, "O": 2, "H": 7}),
        ("C%10CCCCC%10", {"C": 6, "H": 12}),
        ("c1cc[nH]c1", {"C": 4, "N": 1, "H": 5}),
        ("CS(=O)(=O)C", {"C": 2, "S": 1, "O": 2, "H": 6}),
    ],
)
def test_atoms_and_hydrogens_are_counted(smiles: str, formula: dict[str, int]) -> None:
    found: dict[str, int] = {"H": 0}
    for atom in molecule(smiles).atoms:
        found[atom.element] = found.get(atom.element, 0) + 1
        found["H"] += atom.hydrogens or 0
    assert {element: n for element, n in found.items() if n} == {"H": 0} | formula


@pytest.mark.parametrize("text", ["C1CC", "C(C", "C)C", "[Qq]", "C==", "=C", "CX", "C11", ""])
def test_what_is_no_smiles_is_said(text: str) -> None:
    with pytest.raises(InputError, match="E774"):
        molecule(text)


def test_the_structure_wins_over_the_name() -> None:
    # N-(methoxycarbonyl)pyrrolidine under the name that once made it a Kolbe acid
    carbamate = Reactant("acid", "some carboxylate", "COC(=O)N1CCCC1")
    assert [c.id for c in couples_of(carbamate, "oxidation", "MeOH")] == ["carbamate"]
