"""A solution as the estimates see it: the solvent that rules, the salts, the temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.chemistry import tables
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from faradaic.chemistry.tables import Salt, Solvent
    from faradaic.protocols.schema import Protocol, Solution


def temperature_K(protocol: Protocol) -> float:
    """Temperature of the solution, K; 25 degC when the protocol gives none."""
    stated = protocol.environment.temperature
    return STANDARD_TEMPERATURE_K if stated is None else stated.setpoint_K


@dataclass(frozen=True, slots=True)
class Medium:
    """Solvent, salts and temperature of one compartment."""

    solvent: Solvent | None
    """The solvent with the largest volume; None when it is not in the table."""
    solvents: tuple[str, ...]
    """All solvents as the protocol names them, the largest volume first."""
    volume_m3: float
    temperature_K: float
    salts: tuple[tuple[str, Salt | None, float], ...]
    """Name, ions where the table has them, and concentration in mol/m³."""
    unknown: tuple[str, ...]
    """Electrolytes whose concentration does not follow from the protocol."""

    @property
    def electrolyte_mol_per_m3(self) -> float:
        """Concentration of all salts together, mol/m³."""
        return sum(concentration for _, _, concentration in self.salts)


def medium(protocol: Protocol, solution: Solution) -> Medium:
    """The medium of one compartment."""
    place = next(place for place, held in protocol.solutions.items() if held is solution)
    moles_of = protocol.amounts_mol(place)
    found: list[tuple[float, str, Solvent | None]] = []
    salts: list[tuple[str, Salt | None, float]] = []
    unknown: list[str] = []
    for name, component in solution.components.items():
        role = component.role.value
        if role == "solvent":
            known = tables.solvent(name, component.name)
            found.append((component.volume_m3 or solution.volume_m3, name, known))
            continue
        ions = next((s for n in (name, component.name) if n and (s := tables.salt(n))), None)
        if role != "electrolyte" and (ions is None or ions.lambda0_MeCN_S_m2_per_mol is None):
            continue
        moles = moles_of[name]
        if moles is None:
            unknown.append(name)
        else:
            salts.append((name, ions, moles / solution.volume_m3))
    found.sort(key=lambda entry: -entry[0])
    return Medium(
        solvent=found[0][2] if found else None,
        solvents=tuple(name for _, name, _ in found),
        volume_m3=solution.volume_m3,
        temperature_K=temperature_K(protocol),
        salts=tuple(salts),
        unknown=tuple(unknown),
    )
