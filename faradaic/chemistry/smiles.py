"""Molecules from SMILES and the groups of atoms in them, as RDKit reads them.

RDKit is imported when a document holds a SMILES, not before.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from faradaic.diagnostics import InputError

if TYPE_CHECKING:
    from rdkit.Chem import Mol


@cache
def molecule(smiles: str) -> Mol:
    """The molecules (or ions) that a SMILES describes.

    Raises `InputError` (E774) for what is none.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        found = Chem.MolFromSmiles(smiles)
    if found is None or not found.GetNumAtoms():
        raise InputError.of(
            f"{smiles!r:.80} is no SMILES of a molecule that can be",
            help="copy the SMILES from the drawing program, or leave it out and give the `name`",
            code="E774",
        )
    return found


def molar_mass_of(smiles: str) -> float:
    """In kg/mol, isotopes as they are written. Raises `InputError` (E774)."""
    from rdkit import Chem

    atoms = list(Chem.AddHs(molecule(smiles)).GetAtoms())
    if any(atom.GetAtomicNum() == 0 for atom in atoms):
        raise InputError.of(
            f"{smiles!r:.80} leaves open what is at `*`: it has no molar mass",
            help="write the whole molecule, or give its molar mass",
            code="E774",
        )
    return 1e-3 * sum(float(atom.GetMass()) for atom in atoms)


@cache
def canonical(smiles: str) -> str:
    """The one SMILES of a molecule or ion. Raises `InputError` (E774)."""
    from rdkit import Chem

    return str(Chem.MolToSmiles(molecule(smiles)))


def contains(found_in: Mol, pattern: str) -> bool:
    """Whether a molecule holds a group of atoms, a SMARTS of the tables, anywhere."""
    return bool(found_in.HasSubstructMatch(_group(pattern)))


@cache
def _group(pattern: str) -> Mol:
    from rdkit import Chem

    return Chem.MolFromSmarts(pattern)
