"""How what is converted, and what is made of it, reacts most easily where it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.chemistry.couples import Couple, Reactant, couples_of
from faradaic.chemistry.reaction_lines import DIRECTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faradaic.chemistry.reaction_lines import Direction, ElectrodeRole
    from faradaic.protocols.schema import Protocol

    Classes = Mapping[Direction, tuple[tuple[Couple, ...], ...]]


def substrate_couples(
    protocol: Protocol, targets: tuple[ElectrodeRole, ...], found: Classes
) -> dict[ElectrodeRole, Couple]:
    """Of the limiting component, the first of the reactants whose couples were found."""
    easiest: dict[ElectrodeRole, Couple] = {}
    for role in targets[:1] if protocol.limiting is not None else ():
        couples = next(iter(found[DIRECTION[role]]), ())
        if couples:
            easiest[role] = _easiest(role, couples)
    return easiest


def product_couples(
    protocol: Protocol, role: ElectrodeRole, solvent: str | None
) -> dict[str, Couple]:
    """Of the targets that are drawn, made where the substrate reacts."""
    easiest = {}
    for name, product in protocol.reaction.targets.items():
        if product.smiles is not None and product.at in (None, role):
            one = Reactant(name, product.name, product.smiles)
            if couples := couples_of(one, DIRECTION[role], solvent):
                easiest[name] = _easiest(role, couples)
    return easiest


def _easiest(role: ElectrodeRole, couples: tuple[Couple, ...]) -> Couple:
    sign = 1 if role == "anode" else -1
    return min(couples, key=lambda couple: sign * couple.potential_V_vs_SHE)
