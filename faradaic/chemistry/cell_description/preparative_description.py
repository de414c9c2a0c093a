"""The description of a cell: plain SI data, checked before any physics is built on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption
from faradaic.chemistry.cell_description.description_model import (
    DescriptionModel,
    NotNegative,
    Positive,
    ReferenceDescription,
    checked,
)
from faradaic.chemistry.potential_scales import nernst_slope_V
from faradaic.quantities.constants import ATMOSPHERE_PA, STANDARD_TEMPERATURE_K


class SpeciesDescription(DescriptionModel):
    """One species in the solution."""

    concentration_mol_per_m3: NotNegative = Field(examples=[20.0])
    """At the start; of a divided cell, in the compartment of the working electrode."""
    counter_concentration_mol_per_m3: NotNegative = Field(0.0, examples=[20.0])
    """Of a divided cell, in the compartment of the counter electrode."""
    permeability_m_per_s: NotNegative | None = Field(None, examples=[1e-8])
    """Through the separator; None: the separator's own."""


class IonDescription(DescriptionModel):
    """An ion of the electrolyte, or all forms of an acid; H+ and OH- are what is left of charge."""

    charge: int = Field(examples=[-1])
    """Of the form with the most protons."""
    pKa: tuple[float, ...] = Field((), max_length=4, examples=[[1.96]], strict=False)
    """Of the protons that it gives away in water, the first one first."""
    diffusivity_m2_per_s: Positive = Field(examples=[1.957e-9])
    """Decides what share of the current it carries; the same for all its forms."""
    concentration_mol_per_m3: NotNegative = Field(examples=[500.0])
    """At the start; of a divided cell, in the compartment of the working electrode."""
    counter_concentration_mol_per_m3: NotNegative = Field(0.0, examples=[500.0])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.pKa) != sorted(self.pKa):
            raise ValueError(f"the pKa must rise from one proton to the next, not {self.pKa}")
        return self


class GasDescription(DescriptionModel):
    """A gas that a reaction gives off."""

    species: str = Field(examples=["H2"])
    mol_per_mol_electrons: float = Field(ge=0, examples=[0.5])


class MediatorDescription(DescriptionModel):
    """A dissolved couple of one electron that carries the current in its substrate's stead.

    i_lim = F A c sqrt(D k c_s + m²), in series with the transport of the substrate; its solution
    stays in the form that the electrode takes.
    """

    species: str = Field(examples=["mediator"])
    rate_m3_per_mol_per_s: Positive = Field(examples=[0.02])
    """k of its active form with the substrate."""
    diffusivity_m2_per_s: Positive = Field(examples=[5e-10])
    mass_transfer_m_per_s: Positive = Field(examples=[5e-6])


class ReactionDescription(DescriptionModel):
    """One half-reaction: a Tafel line, and the mass transfer of its substrate if it has one."""

    name: str = Field(examples=["hydrogen evolution"])
    direction: Literal["oxidation", "reduction"] = Field(examples=["oxidation"])
    electrons: Positive = Field(examples=[2])
    """Per molecule of substrate."""
    reference_potential_V_vs_SHE: float = Field(examples=[1.23])
    exchange_current_density_A_per_m2: Positive = Field(examples=[1e-3])
    """At the reference potential."""
    tafel_slope_V_per_decade: Positive = Field(examples=[0.12])
    substrate: str | None = Field(None, examples=["substrate"])
    """Its species; None for one that never runs short."""
    mass_transfer_m_per_s: Positive | None = Field(None, examples=[5e-6])
    """None: only the amount of the substrate limits."""
    mediator: MediatorDescription | None = Field(None, examples=["{...}"])
    product: str | None = Field(None, examples=["product"])
    """The species formed, one molecule for each `substrate_molecules`."""
    substrate_molecules: Positive = Field(1.0, examples=[2])
    """Of substrate in one of product: 2 in a dimer."""
    gas: GasDescription | None = Field(
        None, examples=[{"species": "H2", "mol_per_mol_electrons": 0.5}]
    )
    metal: bool = Field(False, examples=[True])
    """Whether an oxidation dissolves, or a reduction deposits, the electrode's metal."""
    ion: str | None = Field(None, examples=["Mg"])
    """Of `ions`: one goes into the solution (out of it in a reduction) for each `electrons`, which
    are its charge; None: protons make up for the charge."""
    follows_pH: bool = Field(False, examples=[True])
    """Whether its potential falls by RT ln 10/F for each unit that the pH of its solution rises
    above that at the start."""
    reversible: bool = Field(False, examples=[True])
    """Whether it also runs backwards: i/A = (k_f c_s - k_b c_p)/(1 + k_f/m + k_b/m), with
    k_f = (j0/c°) 10^((E - E0)/b) and k_f/k_b after Nernst. If not, its kinetics do not depend on
    the concentration, which limits it through mass transfer alone: 1/i = 1/i_k + 1/i_lim."""
    reference_concentration_mol_per_m3: Positive = Field(1000.0, examples=[1000.0])
    """c° of a reversible reaction: j0 is the exchange current where both species have it."""


class FilmDescription(DescriptionModel):
    """A film that the current grows on an electrode, and its resistance R = resistivity h / A."""

    direction: Literal["oxidation", "reduction"] = Field(examples=["oxidation"])
    """Of the current that grows it; current the other way removes it."""
    reaction: str | None = Field(None, examples=["solvent oxidation"])
    """The reaction that grows it; None: all of them."""
    resistivity_ohm_m: NotNegative = Field(examples=[1e6])
    growth_m3_per_C: NotNegative = Field(examples=[1e-10])
    removal_m3_per_C: NotNegative = Field(0.0, examples=[1e-10])
    dissolution_per_s: NotNegative = Field(0.0, examples=[1e-4])
    blocking_thickness_m: Positive | None = Field(None, examples=[1e-8])
    """h_b of the share exp(-h/h_b) of the area that stays free; None: only a resistance."""


class MetalDescription(DescriptionModel):
    """Metal that an electrode loses or gains."""

    molar_mass_kg_per_mol: Positive = Field(examples=[0.0243])
    mass_kg: NotNegative | None = Field(examples=[1e-3])
    """At the start; when it is gone, its dissolution ends. None: it never is."""
    loss_per_faraday_loss: Positive = Field(1.0, examples=[1.1])
    """Mass that goes over mass that carries the current: above 1 where grains fall off."""


class ElectrodeDescription(DescriptionModel):
    """One electrode."""

    role: str = Field("", examples=["anode"])
    area_m2: Positive = Field(examples=[2e-4])
    double_layer_F: Positive = Field(examples=[4e-5])
    reactions: tuple[ReactionDescription, ...] = Field(examples=["[...]"], strict=False)
    reverse_reactions: tuple[ReactionDescription, ...] = Field((), examples=["[...]"], strict=False)
    """What runs when the electrode is driven against its role."""
    film: FilmDescription | None = Field(None, examples=["{...}"])
    metal: MetalDescription | None = Field(None, examples=["{...}"])
    immersed_m: Positive | None = Field(None, examples=[0.02])
    """Depth below the level of the liquid; None: always immersed."""

    @property
    def all_reactions(self) -> tuple[ReactionDescription, ...]:
        """Both ways, the wanted ones first."""
        return self.reactions + self.reverse_reactions


class ElectrodesDescription(DescriptionModel):
    """The electrodes by lead."""

    working: ElectrodeDescription = Field(examples=["{...}"])
    counter: ElectrodeDescription = Field(examples=["{...}"])


class SeparatorDescription(DescriptionModel):
    """What divides a cell into the compartments of its two electrodes."""

    area_m2: Positive = Field(examples=[1e-4])
    resistance_ohm: NotNegative = Field(0.0, examples=[5.0])
    """In addition to `resistance_ohm` of the cell."""
    permeability_m_per_s: NotNegative = Field(0.0, examples=[1e-8])
    """P of the crossover P A (c1 - c2), mol/s."""
    carries: Literal["cations", "anions", "both", "water"] = Field("both", examples=["cations"])
    """Which of the `ions` take the current across; `water` is split in a bipolar membrane. Ions
    diffuse through those that let both pass."""


class ThermalDescription(DescriptionModel):
    """Heat balance C dT/dt = I U - |I| U_tn - UA (T - T_ambient)."""

    heat_capacity_J_per_K: Positive = Field(examples=[20.0])
    heat_loss_W_per_K: NotNegative = Field(examples=[0.1])
    ambient_K: Positive = Field(examples=[298.15])
    thermoneutral_voltage_V: float = Field(0.0, examples=[1.481])
    """-ΔH/(nF) of the cell's reaction."""
    boiling_point_K: Positive | None = Field(None, examples=[354.75])
    latent_heat_J_per_m3: Positive | None = Field(None, examples=[5.7e8])
    """Of the liquid; heat beyond the boiling point evaporates it."""


class BubblesDescription(DescriptionModel):
    """Gas on the electrodes and in the gap.

    Coverage of a gas-evolving electrode 0.023 (j m²/A)^0.3 (Vogt and Balzer, 2005); void fraction
    u/(u + u_rise) with u the superficial velocity of the gas; conductivity after Bruggeman (1935).
    """

    gap_cross_section_m2: Positive = Field(examples=[1e-4])
    """Horizontal, through which the gas rises."""
    rise_velocity_m_per_s: Positive = Field(0.03, examples=[0.03])


class HeadspaceDescription(DescriptionModel):
    """The gas above the solution, well mixed, free of the cell's gases at the start."""

    volume_m3: Positive = Field(examples=[1e-5])
    sealed: bool = Field(False, examples=[False])
    pressure_Pa: Positive = Field(ATMOSPHERE_PA, examples=[101325.0])
    """At the start."""
    sweep_mol_per_s: NotNegative = Field(0.0, examples=[1e-5])
    """Inert gas let in; a vented headspace loses what comes in."""


class PreparativeDescription(DescriptionModel):
    """A cell for preparative electrolysis; the keys of a mapping are the fields of these models."""

    model: Literal["preparative"] = "preparative"
    temperature_K: Positive = Field(STANDARD_TEMPERATURE_K, examples=[298.15])
    """At the start; resistance, mass transfer and kinetics are given for it."""
    volume_m3: Positive = Field(examples=[1e-5])
    """Of a divided cell, the compartment of the working electrode."""
    counter_volume_m3: Positive | None = Field(None, examples=[1e-5])
    """Of a divided cell; None: as much as the other."""
    separator: SeparatorDescription | None = Field(None, examples=["{...}"])
    """None: undivided."""
    resistance_ohm: Positive = Field(examples=[25.0])
    """Of the solution, between the electrodes."""
    contact_resistance_ohm: NotNegative = Field(0.0, examples=[0.5])
    conductivity_per_K: float = Field(0.0, examples=[0.02])
    """Relative rise of the conductivity per kelvin."""
    mass_transfer_activation_J_per_mol: NotNegative = Field(0.0, examples=[12e3])
    exchange_activation_J_per_mol: NotNegative = Field(0.0, examples=[40e3])
    thermal: ThermalDescription | None = Field(None, examples=["{...}"])
    """None: the temperature is held."""
    bubbles: BubblesDescription | None = Field(None, examples=["{...}"])
    """None: gas leaves without a trace."""
    headspace: HeadspaceDescription | None = Field(None, examples=["{...}"])
    evaporation_m3_per_s: NotNegative = Field(0.0, examples=[1e-11])
    """Solvent lost from the surface, as liquid volume."""
    vessel_cross_section_m2: Positive | None = Field(None, examples=[5e-4])
    """Of the liquid's surface, by which the level falls; None: the level stays."""
    reference: ReferenceDescription | None = Field(
        None, examples=[{"potential_V_vs_SHE": 0.197, "ohmic_fraction": 0.1}]
    )
    species: dict[str, SpeciesDescription] = Field(
        {}, examples=[{"substrate": {"concentration_mol_per_m3": 20.0}}]
    )
    ions: dict[str, IonDescription] = Field(
        {},
        examples=[
            {"K": {"charge": 1, "diffusivity_m2_per_s": 1.957e-9, "concentration_mol_per_m3": 100}}
        ],
    )
    """Of an aqueous electrolyte, from which its pH follows; empty: the pH is not followed."""
    electrodes: ElectrodesDescription = Field(examples=["{...}"])
    assumptions: tuple[CellAssumption, ...] = Field((), examples=[[]], strict=False)

    @property
    def has_reference(self) -> bool:
        """Whether a reference electrode is connected."""
        return self.reference is not None

    @property
    def anode_lead(self) -> Literal["working", "counter"]:
        """The lead of the anode."""
        return "counter" if self.electrodes.working.role == "cathode" else "working"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for electrode in (self.electrodes.working, self.electrodes.counter):
            self._check_electrode(electrode)
        electrodes = self.electrodes
        reactions = electrodes.working.all_reactions + electrodes.counter.all_reactions
        if len({r.direction for r in reactions}) != 2 and not any(r.reversible for r in reactions):
            raise ValueError(
                "the reactions must include an oxidation and a reduction, or the cell passes no "
                "steady current"
            )
        if self.separator is None and self.counter_volume_m3 is not None:
            raise ValueError("counter_volume_m3 is for a cell with a `separator`")
        both = sorted(set(self.ions) & {*self.species, *(r.product for r in reactions)})
        if both:
            raise ValueError(f"`{both[0]}` is an ion and a species: give one of them another name")
        thermal = self.thermal
        if thermal and (thermal.boiling_point_K is None) != (thermal.latent_heat_J_per_m3 is None):
            raise ValueError("boiling_point_K and latent_heat_J_per_m3 go together")
        if thermal and thermal.boiling_point_K and thermal.boiling_point_K <= self.temperature_K:
            raise ValueError(
                f"the solution would boil from the start: {self.temperature_K} K is not below "
                f"its boiling point of {thermal.boiling_point_K} K"
            )
        return self

    def _check_electrode(self, electrode: ElectrodeDescription) -> None:
        for reaction in electrode.all_reactions:
            name = f"reaction `{reaction.name}`"
            if reaction.substrate is not None and reaction.substrate not in self.species:
                raise ValueError(
                    f"{name} uses `{reaction.substrate}`, which is not among "
                    f"the species ({', '.join(self.species) or 'none'})"
                )
            if reaction.substrate is None and reaction.mass_transfer_m_per_s is not None:
                raise ValueError(f"{name} has a mass_transfer_m_per_s but no substrate")
            ion = None if reaction.ion is None else self.ions.get(reaction.ion)
            if reaction.ion is not None and (ion is None or ion.charge != reaction.electrons):
                raise ValueError(
                    f"{name} makes `{reaction.ion}`, which is not among the ions with a charge of"
                    f" {reaction.electrons:g} ({', '.join(self.ions) or 'none'})"
                )
            if reaction.metal and electrode.metal is None:
                raise ValueError(f"{name} is of a metal, but the electrode has no `metal`")
            if reaction.mediator is not None:
                if reaction.substrate is None or reaction.reversible:
                    raise ValueError(f"{name} has a mediator: it needs a substrate, one way")
                if reaction.mediator.species not in self.species:
                    raise ValueError(
                        f"{name} has the mediator `{reaction.mediator.species}`, which is not"
                        " among the species"
                    )
            if reaction.reversible:
                self._check_reversible(reaction)
        film = electrode.film
        if film and film.reaction and film.reaction not in {r.name for r in electrode.reactions}:
            raise ValueError(f"the film's reaction `{film.reaction}` is not one of the electrode's")

    def _check_reversible(self, reaction: ReactionDescription) -> None:
        name = f"reaction `{reaction.name}`"
        if reaction.substrate is None or reaction.product is None:
            raise ValueError(f"{name} is reversible: it needs a substrate and a product")
        if reaction.gas is not None or reaction.metal or reaction.substrate_molecules != 1.0:
            raise ValueError(f"{name} is reversible: it cannot give a gas, a metal or a dimer")
        nernst_V = nernst_slope_V(self.temperature_K) / reaction.electrons
        if reaction.tafel_slope_V_per_decade <= nernst_V:
            raise ValueError(
                f"{name} is reversible: its Tafel slope must be above {nernst_V:.4f} V per decade, "
                f"which leaves nothing for the way back"
            )


def _fast_couple(direction: str) -> dict[str, Any]:
    return {
        "name": f"{direction} of a fast couple",
        "direction": direction,
        "electrons": 1,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1e4,
        "tafel_slope_V_per_decade": 0.118,
    }


_DUMMY_ELECTRODE = {
    "area_m2": 1e-4,
    "double_layer_F": 2e-5,
    "reactions": [_fast_couple("oxidation"), _fast_couple("reduction")],
}

DUMMY_CELL: Mapping[str, Any] = {
    "volume_m3": 1e-5,
    "resistance_ohm": 1000.0,
    "reference": {"potential_V_vs_SHE": 0.0, "ohmic_fraction": 0.5},
    "electrodes": {"working": _DUMMY_ELECTRODE, "counter": _DUMMY_ELECTRODE},
}
"""What an emulator is connected to when no protocol says otherwise: 1 kΩ between two electrodes
that hardly polarise (a couple with an exchange current of 1 A), the reference halfway."""


def parse_cell(cell: Mapping[str, Any]) -> PreparativeDescription:
    """Check a description; an empty one stands for `DUMMY_CELL`.

    Raises `InputError` with a diagnostic for every key that is missing, unknown or wrong.
    """
    return checked(PreparativeDescription, cell or DUMMY_CELL)
