"""Which reactions run at an electrode, and at what potential: the rules behind the cell voltage.

Classes of compound, solvents and materials of the tables decide. Every rule that had to guess
says so in `assumed`, which the plan prints. Potentials are practical ones: where the reaction runs
at the current density that stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.carbon_dioxide import co2_solubility_mol_per_m3
from faradaic.chemistry.cell_description.gas_diffusion import load_parameters
from faradaic.chemistry.couples import couple, couples_in
from faradaic.chemistry.electrode_kinetics import (
    OXYGEN_V_VS_RHE,
    gas_overpotential,
    medium_of_pH,
)
from faradaic.chemistry.electron_balances import half_reaction
from faradaic.chemistry.potential_scales import nernst_slope_V, rhe_zero_V
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from faradaic.chemistry.couples import Couple
    from faradaic.chemistry.electrode_kinetics import GasReaction
    from faradaic.chemistry.medium import Medium
    from faradaic.chemistry.sacrificial_metals import SacrificialMetal

ElectrodeRole = Literal["anode", "cathode"]
Direction = Literal["oxidation", "reduction"]
DIRECTION: Mapping[ElectrodeRole, Direction] = {"anode": "oxidation", "cathode": "reduction"}

_SLOPE_V = 0.12
"""Tafel slope of a one-electron transfer with a transfer coefficient of one half, V per decade."""
_PRACTICAL_A_PER_M2 = 10.0
"""1 mA/cm²: where peak and half-wave potentials of preparative cells are quoted."""
_LIMIT_A_PER_M2 = 1.0
"""0.1 mA/cm²: where solvent windows are read."""
_OTHER_MEDIUM_V = 0.2
"""What a Tafel line measured in another medium may be wrong by, beside its own spread."""
_OVERFLOW_V = 0.9
"""How far beyond the substrate traces, product and solvent take over."""
KNOWN_FEEDS = frozenset({"CO2"})
"""Gases whose reduction at a gas-diffusion electrode has known kinetics."""


@dataclass(frozen=True, slots=True)
class ElectrodeReaction:
    """A reaction at an electrode as a Tafel line through one point."""

    name: str
    potential_V_vs_SHE: float
    current_density_A_per_m2: float
    """At that potential."""
    tafel_slope_V_per_decade: float = _SLOPE_V
    spread_V: float = 0.3
    known: bool = True
    """Whether a table named it; else it is a default."""
    assumed: str = ""
    gas: tuple[str, float] | None = None
    """Species and moles per mole of electrons."""
    sign: Literal[1, -1] = 1
    """1 for an oxidation, -1 for a reduction."""

    def potential_at_V(self, current_density_A_per_m2: float | None) -> float:
        """Where it runs at a current density, V vs SHE; at its own where none is known."""
        if not current_density_A_per_m2:
            return self.potential_V_vs_SHE
        decades = log10(current_density_A_per_m2 / self.current_density_A_per_m2)
        return self.potential_V_vs_SHE + self.sign * self.tafel_slope_V_per_decade * decades


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an electrode is made of and stands in, whichever way it is driven."""

    material: str
    metal: SacrificialMetal | None
    """That dissolves from it when it is the anode."""
    medium: Medium
    reductants: tuple[tuple[str, str | None], ...] = ()
    """Id and name of what is there to be oxidised in the substrate's stead."""
    acid: bool = False
    """Whether an acid or a proton source is dissolved."""


def classes(
    reactants: Iterable[tuple[str, str | None]],
) -> dict[Direction, tuple[tuple[Couple, ...], ...]]:
    """The classes of compound of each reactant (id and name) that can be oxidised or reduced."""
    texts = tuple(reactants)
    return {
        direction: tuple(tuple(couples_in(*t, direction=direction)) for t in texts)
        for direction in DIRECTION.values()
    }


def reactions(
    at: Surroundings,
    role: ElectrodeRole,
    substrate: Sequence[Sequence[Couple]] | None,
) -> tuple[ElectrodeReaction, ...]:
    """The reactions of an electrode driven as anode or cathode, the wanted one first.

    `substrate` are the classes of the reactants if the limiting component is to react here. The
    last is what carries the current when nothing dissolved limits it: solvent, protons, metal; at
    the electrode of the substrate the overflow that sets in when the substrate runs short.
    """
    window = None if at.medium.solvent is None else at.medium.solvent.window_V_vs_SHE
    limit = None if window is None else window[1 if role == "anode" else 0]
    wanted = None
    if substrate is not None:
        wanted = _of_substrate(role, [one for found in substrate for one in found], limit)
    beyond = (_anode_background if role == "anode" else _cathode_background)(at, wanted, limit)
    return (beyond,) if wanted is None else (wanted, beyond)


def _of_substrate(
    role: ElectrodeRole, found: Sequence[Couple], limit: float | None
) -> ElectrodeReaction:
    """The reaction of the limiting component.

    The easiest of the classes among the reactants sets the potential, whatever is limiting; an
    unknown class gets the middle of the usual range, moved inside the solvent's window.
    """
    direction, sign = DIRECTION[role], 1 if role == "anode" else -1
    if found:
        best = min(found, key=lambda one: sign * one.potential_V_vs_SHE)
        return ElectrodeReaction(
            f"{direction} ({best.id})",
            best.potential_V_vs_SHE,
            _PRACTICAL_A_PER_M2,
            spread_V=best.spread_V,
            assumed=f"{direction} of {best.id} near {best.potential_V_vs_SHE:+.2f}"
            f" ± {best.spread_V:g} V vs SHE ({best.source})",
        )
    default = couple(f"unknown_{direction}")
    potential = default.potential_V_vs_SHE
    if limit is not None and sign * (limit - potential) < 0.5:
        potential = limit - sign * 0.5
    return ElectrodeReaction(
        f"{direction} of the substrate",
        potential,
        _PRACTICAL_A_PER_M2,
        spread_V=default.spread_V,
        known=False,
        assumed=f"the potential of the {direction} at the {role} is not known: taken as"
        f" {potential:+.2f} V vs SHE",
    )


def _anode_background(
    at: Surroundings, wanted: ElectrodeReaction | None, limit: float | None
) -> ElectrodeReaction:
    if at.metal and wanted is None:
        name, potential = f"dissolution of {at.metal.id}", at.metal.potential_V_vs_SHE
        return ElectrodeReaction(name, potential, _PRACTICAL_A_PER_M2, assumed=f"{name} at E°")
    if at.medium.aqueous:
        return _gas_in_water(at, "anode")
    if wanted is not None:
        return _overflow("anode", wanted, limit)
    for name, full_name in at.reductants[:1]:
        given = next(couples_in(name, full_name, direction="oxidation"), None)
        donor = given or couple("tertiary_amine")
        return ElectrodeReaction(
            f"oxidation of {name}",
            donor.potential_V_vs_SHE,
            _PRACTICAL_A_PER_M2,
            spread_V=donor.spread_V,
            known=given is not None,
            assumed=f"{name} is oxidised near {donor.potential_V_vs_SHE:+.2f} V vs SHE",
        )
    return _solvent_limit("oxidation", limit, 2.2)


def _cathode_background(
    at: Surroundings, wanted: ElectrodeReaction | None, limit: float | None
) -> ElectrodeReaction:
    if at.medium.aqueous:
        return _gas_in_water(at, "cathode")
    solvent = at.medium.solvent
    proton: Couple | None = None
    if solvent is not None and solvent.proton_source:
        proton = next(couples_in(solvent.id, direction="reduction"), None)
        if proton is None:
            line = _solvent_limit("reduction", limit, -0.8)
            return _on_material(replace(line, gas=("H2", 0.5)), at.material)
    elif at.acid:
        proton = couple("proton_source")
    if proton is None and wanted is not None:
        return _overflow("cathode", wanted, limit)
    protic = proton is not None
    row = proton or couple("trace_water")
    line = ElectrodeReaction(
        "hydrogen evolution" if protic else "reduction of residual water",
        row.potential_V_vs_SHE,
        _PRACTICAL_A_PER_M2,
        spread_V=row.spread_V,
        assumed=f"the cathode evolves hydrogen from {'protons' if protic else 'residual water'}"
        f" near {row.potential_V_vs_SHE:+.2f} ± {row.spread_V:g} V vs SHE ({row.source})",
        gas=("H2", 0.5),
    )
    return _on_material(line, at.material) if protic else line


def _overflow(
    role: ElectrodeRole, wanted: ElectrodeReaction, limit: float | None
) -> ElectrodeReaction:
    direction, sign = DIRECTION[role], 1 if role == "anode" else -1
    beyond = wanted.potential_V_vs_SHE + sign * _OVERFLOW_V
    potential = beyond if limit is None else sign * min(sign * limit, sign * beyond)
    return ElectrodeReaction(
        f"{direction} of solvent, traces and product",
        potential,
        _LIMIT_A_PER_M2,
        known=False,
        assumed=f"once the substrate runs short, the rest of the current goes into the {direction}"
        f" of solvent, traces and product at {potential:+.2f} V vs SHE",
    )


def _solvent_limit(direction: Direction, limit: float | None, default: float) -> ElectrodeReaction:
    potential = default if limit is None else limit
    words = "the table's limit" if limit is not None else "no limit in the table, taken"
    return ElectrodeReaction(
        f"{direction} of the solvent",
        potential,
        _LIMIT_A_PER_M2,
        known=limit is not None,
        assumed=f"{direction} of the solvent at {potential:+.2f} V vs SHE ({words})",
    )


def _on_material(line: ElectrodeReaction, material: str) -> ElectrodeReaction:
    """Hydrogen evolution moved by the overpotential of the cathode's material against platinum."""
    here, platinum = (gas_overpotential(m, "HER") for m in (material, "Pt"))
    if here is None or platinum is None:
        return replace(line, assumed=f"{line.assumed}; on {material} as on platinum")
    shift = platinum.at_100_A_per_m2_V - here.at_100_A_per_m2_V
    return replace(line, potential_V_vs_SHE=line.potential_V_vs_SHE + shift)


def _gas_in_water(at: Surroundings, role: ElectrodeRole) -> ElectrodeReaction:
    reaction: GasReaction = "OER" if role == "anode" else "HER"
    sign, gas = (1, ("O2", 0.25)) if role == "anode" else (-1, ("H2", 0.5))
    pH, assumed = at.medium.acidity
    medium = medium_of_pH(pH)
    found = gas_overpotential(at.material, reaction, medium)
    line = found or gas_overpotential("graphite", reaction, medium)
    assert line is not None
    standard = rhe_zero_V(pH, at.medium.temperature_K)
    if role == "anode":
        standard += OXYGEN_V_VS_RHE
    elsewhere = line.medium != medium
    if found is None:
        assumed += f"; overpotential of {reaction} on {at.material} taken as on graphite"
    if elsewhere:
        assumed += f"; {reaction} on {line.material} as in {line.medium} solution"
    return ElectrodeReaction(
        f"{'oxygen' if role == 'anode' else 'hydrogen'} evolution",
        standard + sign * line.at_100_A_per_m2_V,
        100.0,
        line.tafel_slope_V_per_decade,
        spread_V=line.spread_V + (_OTHER_MEDIUM_V if elsewhere else 0.0),
        known=found is not None and (not elsewhere or medium == "neutral"),
        assumed=f"{assumed}; {reaction} on {line.material}: {line.source}".lstrip("; "),
        gas=gas,
    )


def gas_diffusion_reactions(feed: str, medium: Medium) -> tuple[ElectrodeReaction, ...]:
    """The reactions of a gas-diffusion cathode fed with a gas, each as its own Tafel line.

    `feed` is one of `KNOWN_FEEDS`; the catalyst is taken as silver.
    """
    pH, assumed = medium.acidity
    slope, zero_V = nernst_slope_V(medium.temperature_K), rhe_zero_V(pH, medium.temperature_K)
    silver = load_parameters("ag-weng")
    of = silver.values
    roughness = of["specific_area_per_m"] * of["thickness_m"]
    saturated = co2_solubility_mol_per_m3(STANDARD_TEMPERATURE_K) / of["co_reference_mol_per_m3"]
    lines = []
    for product, potential_V_vs_RHE, activity in (
        ("CO", of["co_potential_V_vs_RHE"], saturated),
        ("H2", 0.0, 1.0),
    ):
        key = f"{product.lower()}_exchange_A_per_m2"
        made = half_reaction(product, feed if product == "CO" else ())
        lines.append(
            ElectrodeReaction(
                str(made),
                potential_V_vs_RHE + zero_V,
                of[key] * roughness * activity,
                slope / of[f"{product.lower()}_transfer_coefficient"],
                assumed=f"{product}: {silver.sources[key]}; {assumed}".rstrip("; "),
                gas=(product, 1 / made.count),
            )
        )
    return tuple(lines)


def equilibrium_V(
    anode: ElectrodeReaction | None, cathode: ElectrodeReaction | None
) -> tuple[tuple[float, float], str]:
    """E(anode) - E(cathode) as a range, V, and the sentence that says where it comes from.

    From the main reaction at each electrode where the tables know both; else the 2 to 3 V that
    organic electrolyses usually need.
    """
    if anode is None or cathode is None or not (anode.known and cathode.known):
        return (2.0, 3.0), "2 to 3 V for the electrode reactions, as is usual for organic ones"
    middle = anode.potential_V_vs_SHE - cathode.potential_V_vs_SHE
    spread = anode.spread_V + cathode.spread_V
    reason = f"{anode.name} against {cathode.name}: {middle:.1f} ± {spread:.1f} V"
    return (middle - spread, middle + spread), reason
