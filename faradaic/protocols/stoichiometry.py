"""How many molecules make one of a product, how many electrons, and how much gas there can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from faradaic.chemistry.couples import Reactant, couples_of
from faradaic.chemistry.reaction_lines import DIRECTION, ElectrodeRole
from faradaic.protocols.schema import Protocol
from faradaic.quantities.constants import FARADAY_C_PER_MOL


@dataclass(frozen=True, slots=True)
class ProductBalance:
    """What one molecule of a product takes."""

    substrate: str | None
    """The component that it is made of; None where nothing limits and none is named."""
    substrate_mol: float | None
    """Of it in the whole run, what is dosed included."""
    substrate_molecules: float
    electrons: float | None
    assumed: Mapping[str, str]
    """Key of the product that nobody stated -> why it is what it is."""


def product_balances(protocol: Protocol) -> dict[str, ProductBalance]:
    """The balance of every product.

    A target that takes 2, 3, ... times the electrons of the reaction is made of as many molecules
    of its substrate (Kolbe, hydrodimerisation, pinacol); the other way round its electrons follow
    from its molecules. Of as many targets as substrates each has one of them, see `_together`.
    """
    reaction, found = protocol.reaction, {}
    per_substrate = reaction.counted_electrons
    limiting = protocol.limiting[1] if protocol.limiting else None
    substrates = [
        id_
        for solution in protocol.solutions.values()
        for id_, component in solution.components.items()
        if component.role.value == "substrate"
    ]
    paired = len(reaction.targets) > 1 and len(reaction.targets) == len(substrates)
    of_target, why = _together(protocol, substrates) if paired else ({}, "the limiting component")
    for name, product in reaction.products.items():
        molecules, electrons = product.substrate_molecules, product.electrons
        assumed: dict[str, str] = {}
        here = None
        if per_substrate is not None and (name in reaction.targets or electrons is None):
            at = {"anode": per_substrate.anode, "cathode": per_substrate.cathode}
            here = at.get(product.at or "") or per_substrate.theoretical
        substrate = product.substrate or of_target.get(name, limiting)
        if product.substrate is None and len(reaction.targets) > 1 and name in reaction.targets:
            assumed["substrate"] = why
        if molecules is None:
            ratio = electrons / here if here and electrons else 1.0
            molecules = float(round(ratio)) if ratio > 1.5 and ratio == round(ratio) else 1.0
            if molecules > 1:
                assumed["substrate_molecules"] = (
                    f"{electrons:g} electrons a molecule of it against {here:g} of"
                    f" {substrate or 'the substrate'}"
                )
        found[name] = ProductBalance(
            substrate=substrate,
            substrate_mol=None if substrate is None else protocol.amount_mol(substrate),
            substrate_molecules=molecules,
            electrons=electrons or (here * molecules if here else None),
            assumed=assumed,
        )
    return found


def _together(protocol: Protocol, substrates: Sequence[str]) -> tuple[dict[str, str], str]:
    """The substrate of each target, and why so."""
    targets = protocol.reaction.targets
    ways = [dict(zip(targets, order, strict=True)) for order in permutations(substrates)]
    fitting = [
        way
        for way in ways
        if all(_reacts(protocol, way[name], product.at) for name, product in targets.items())
    ]
    if len(fitting) == 1:
        return fitting[0], "the substrate whose groups react at its electrode"
    return ways[0], "the substrates in the order of the products"


def _reacts(protocol: Protocol, substrate: str, at: ElectrodeRole | None) -> bool:
    component = protocol.solutions[protocol.place_of(substrate)].components[substrate]
    one = Reactant(substrate, component.name, component.smiles)
    return at is not None and bool(couples_of(one, DIRECTION[at], None))


def own_conversions(protocol: Protocol) -> dict[str, tuple[str, str]]:
    """Substrate and product of each electrode of a paired electrolysis where they are its own: of
    two targets, or of a target and a product that names its substrate."""
    balances, targets = product_balances(protocol), protocol.reaction.targets
    found: dict[str, tuple[str, str]] = {}
    for name, product in {**targets, **protocol.reaction.products}.items():
        substrate = balances[name].substrate
        own = name in targets or product.substrate is not None
        if own and product.at is not None and substrate is not None:
            found.setdefault(product.at, (substrate, name))
    return found if len(found) > 1 else {}


def charges_of_gases_C(protocol: Protocol) -> dict[str, float]:
    """Charge after which a gas can come no more because its substrate is used up, by species."""
    moles, found = protocol.limiting_amount_mol, {}
    for species, electrons in _bounded(protocol):
        if moles is not None:
            found[species] = electrons * moles * FARADAY_C_PER_MOL
    return found


def _bounded(protocol: Protocol) -> Iterator[tuple[str, float]]:
    """Gases that end with the substrate, each with the electrons per molecule of it."""
    electrons = protocol.reaction.counted_electrons
    for gas in protocol.reaction.gases:
        if electrons is not None and gas.ends_with_substrate:
            here = electrons.anode if gas.at == "anode" else electrons.cathode
            yield gas.species, here or electrons.theoretical


def reaction_of_plan(protocol: Protocol) -> dict[str, object]:
    """What the analysis needs of the reaction: electrons, half-reactions, gases, products; SI."""
    stated = protocol.reaction.model_dump(mode="json", exclude_none=True)
    electrons = protocol.reaction.counted_electrons
    if electrons is not None:
        stated["theoretical_F_per_mol"] = electrons.theoretical
    bounds = dict(_bounded(protocol))
    for gas in stated["gases"]:
        if gas["species"] in bounds:
            gas["substrate_F_per_mol"] = bounds[gas["species"]]
    for name, balance in product_balances(protocol).items():
        stated["products"][name] |= {
            "substrate": balance.substrate,
            "substrate_mol": balance.substrate_mol,
            "substrate_molecules": balance.substrate_molecules,
            "electrons": balance.electrons,
            "assumed": dict(balance.assumed),
        }
    return stated
