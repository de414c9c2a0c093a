"""Salts and solvents are known by their SMILES as by their names."""

from __future__ import annotations

import pytest

from faradaic.chemistry.salts import salt_named, salts_meant
from faradaic.chemistry.solvents import solvent_named
from faradaic.chemistry.tables import rows


@pytest.mark.parametrize(
    ("smiles", "name"),
    [
        ("CCCC[N+](CCCC)(CCCC)CCCC.F[B-](F)(F)F", "Bu4NBF4"),
        ("F[P-](F)(F)(F)(F)F.CC[N+](CC)(CC)CC", "Et4NPF6"),
        ("[Na+].[Na+].[O-]S(=O)(=O)[O-]", "Na2SO4"),
        ("[Li+].[O-][Cl+3]([O-])([O-])[O-]", "LiClO4"),
        ("O.O.[K+].[K+].[O-]C([O-])=O", "K2CO3"),
        ("Cc1ccc(cc1)S(=O)(=O)[O-].CC[N+](CC)(CC)CC", "Et4NOTs"),
        ("[Na+].C[O-]", "NaOMe"),
        ("[Na+].CCCCCCC(=O)[O-]", "sodium heptanoate"),
    ],
)
def test_a_salt_is_what_it_is_named(smiles: str, name: str) -> None:
    assert salts_meant("x", smiles=smiles) == (salt_named(name),)


@pytest.mark.parametrize(
    "smiles",
    # a molecule, an amino acid's zwitterion, ions that the table has not, charges left over
    ["CCO", "[NH3+]CC(=O)[O-]", "CCn1cc[n+](C)c1.F[B-](F)(F)F", "[Na+].[O-]S(=O)(=O)[O-]"],
)
def test_what_is_no_salt_of_the_table_is_none(smiles: str) -> None:
    assert salts_meant("x", smiles=smiles) == ()


def test_every_solvent_is_found_by_its_smiles() -> None:
    for row in rows("solvents"):
        found = solvent_named("x", None, smiles=row["smiles"])
        assert found is not None
        assert found.id == row["id"]


def test_every_ion_that_is_drawn_has_the_charge_of_its_row() -> None:
    from rdkit.Chem import GetFormalCharge

    from faradaic.chemistry.smiles import molecule

    for row in rows("ions"):
        if row["smiles"]:
            assert GetFormalCharge(molecule(row["smiles"])) == int(row["charge"]), row["id"]
