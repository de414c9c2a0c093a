"""The solutions of a cell, looked up: solvents, salts, what dissolves, what conducts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from faradaic.chemistry.conductivity import Range, conductivity
from faradaic.chemistry.dissolved import Solute, dissolve
from faradaic.chemistry.medium import Medium
from faradaic.chemistry.salts import Salt, salts_meant
from faradaic.chemistry.solvents import Solvent, solvent_named
from faradaic.protocols.membranes import ionomer
from faradaic.protocols.schema import Protocol, Solution

POORLY = re.compile(r"poor|sparing|slight|insoluble|suspen|slurry|hardly", re.IGNORECASE)
"""What is written of a solubility that keeps a salt from conducting."""


@dataclass(frozen=True, slots=True)
class Compartment:
    """The solution of an undivided cell, or of one side of a divided one."""

    place: str
    """`solution`, `anolyte` or `catholyte`."""
    path: tuple[str, ...]
    """Where it stands in the document."""
    written: Solution
    medium: Medium
    conductivity_S_per_m: Range | str
    salts: Mapping[str, tuple[Salt, ...]]
    """The salts that the id and the name of each component mean."""


def compartments_of(protocol: Protocol, temperature_K: float) -> dict[str, Compartment]:
    """The solution of each place of a protocol."""
    solutions = protocol.solutions
    liquids = {names for solution in solutions.values() for names, _ in _solvents(solution)}
    known = {names: solvent_named(*names[:2], smiles=names[2]) for names in liquids}
    found = {}
    for place, solution in solutions.items():
        of = {
            id_: salts_meant(id_, component.name, smiles=component.smiles)
            for id_, component in solution.components.items()
        }
        path = protocol.solution_path(place)
        solvents = tuple((n[0], known[n], volume) for n, volume in _solvents(solution))
        medium = _medium(protocol, place, solvents, of, temperature_K)
        conducts = conductivity(medium)
        if isinstance(conducts, str):
            conducts = f"{conducts}; where it is known, state it as `{'.'.join(path)}.conductivity`"
        found[place] = Compartment(
            place=place,
            path=path,
            written=solution,
            medium=medium,
            conductivity_S_per_m=conducts,
            salts=of,
        )
    return found


def _medium(
    protocol: Protocol,
    place: str,
    solvents: tuple[tuple[str, Solvent | None, float], ...],
    salts: Mapping[str, tuple[Salt, ...]],
    temperature_K: float,
) -> Medium:
    solution = protocol.solutions[place]
    concentrations = {
        id_: None if moles is None else moles / solution.volume_m3
        for id_, moles in protocol.amounts_mol(place).items()
    }
    whole = sum(volume for _, _, volume in solvents)
    water = sum(volume for _, solvent, volume in solvents if solvent and solvent.id == "H2O")
    solutes = (
        Solute(
            id=id_,
            name=component.name,
            salt=next(iter(salts[id_]), None),
            concentration_mol_per_m3=concentrations[id_],
            electrolyte=component.role.value == "electrolyte",
            dissolves=not POORLY.search(component.solubility or ""),
            smiles=component.smiles,
        )
        for id_, component in solution.components.items()
        if component.role.value != "solvent"
    )
    gas, stated = solution.gas, solution.conductivity
    dissolved = dissolve(
        solutes,
        water=water / whole if whole else 0.0,
        temperature_K=temperature_K,
        under_CO2=gas is not None and gas.species == "CO2" and gas.mode == "sparge",
    )
    return Medium(
        solvents=solvents,
        temperature_K=temperature_K,
        dissolved=dissolved,
        stated_pH=solution.pH,
        stated_conductivity_S_per_m=None if stated is None else (stated.value, stated.uncertainty),
        ionomer=ionomer(protocol, dissolved),
    )


def _solvents(solution: Solution) -> list[tuple[tuple[str, str | None, str | None], float]]:
    """Id, name and SMILES of each solvent with its volume in m³, the largest first.

    One without a volume is the rest of the solution.
    """
    found = [(id_, c) for id_, c in solution.components.items() if c.role.value == "solvent"]
    given = sum(component.volume_m3 or 0.0 for _, component in found)
    rest = max(solution.volume_m3 - given, 0.0) if given else solution.volume_m3
    volumes = [((id_, c.name, c.smiles), c.volume_m3 or rest) for id_, c in found]
    return sorted(volumes, key=lambda entry: -entry[1])
