"""What a solution amounts to: moles of each component, the solvent that rules, the salts.

The quantities of a protocol are written in five ways (amount, equivalents, concentration, mass,
volume); here they become mol and mol/m³. What cannot be converted stays None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.protocols import tables
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from faradaic.protocols.schema import Component, Protocol, Solution
    from faradaic.protocols.tables import Salt, Solvent


def amount_mol(
    name: str, component: Component, volume_m3: float, limiting_mol: float | None
) -> float | None:
    """Moles of a component in `volume_m3` of solution; None when a datum is missing.

    A mass or a volume needs the molar mass (and density), of the component or of the table.
    """
    if component.amount_mol is not None:
        return component.amount_mol
    if component.equiv is not None:
        return None if limiting_mol is None else component.equiv * limiting_mol
    if component.concentration_mol_per_m3 is not None:
        return component.concentration_mol_per_m3 * volume_m3
    known = tables.solvent(name, component.name)
    molar_mass = component.molar_mass_kg_per_mol or (known and known.molar_mass_kg_per_mol)
    density = component.density_kg_per_m3 or (known and known.density_kg_per_m3)
    mass = component.mass_kg
    if mass is None and component.volume_m3 is not None and density is not None:
        mass = component.volume_m3 * density
    return mass / molar_mass if mass is not None and molar_mass else None


def limiting_amount_mol(protocol: Protocol) -> float | None:
    """Moles of the limiting component; None when none is named or its moles are not known."""
    if protocol.limiting is None:
        return None
    place, name, component = protocol.limiting
    return amount_mol(name, component, protocol.solutions[place].volume_m3, None)


def temperature_K(protocol: Protocol) -> float:
    """Temperature of the solution, K; 25 degC when the protocol gives none."""
    stated = protocol.environment.temperature
    return STANDARD_TEMPERATURE_K if stated is None else stated.setpoint_K


@dataclass(frozen=True, slots=True)
class Medium:
    """A solution as the estimates see it."""

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
    limiting = limiting_amount_mol(protocol)
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
        moles = amount_mol(name, component, solution.volume_m3, limiting)
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
