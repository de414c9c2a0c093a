"""The description of a gas-diffusion cell: plain SI data, and the parameter sets it names."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption
from faradaic.chemistry.cell_description.description_model import (
    CODE,
    DescriptionModel,
    NotNegative,
    Positive,
    ReferenceDescription,
    checked,
)
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.quantities.constants import ATMOSPHERE_PA, STANDARD_TEMPERATURE_K

Share = Annotated[float, Field(gt=0, le=1)]


class CatalystDescription(DescriptionModel):
    """Kinetics, structure and ageing of a catalyst layer; areas are geometric unless said."""

    co_exchange_A_per_m2: Positive
    """Of the inner surface, at `co_potential_V_vs_RHE` and `co_reference_mol_per_m3` of CO2."""
    co_transfer_coefficient: Share
    co_potential_V_vs_RHE: float
    co_reference_mol_per_m3: Positive
    h2_exchange_A_per_m2: Positive
    """Of the inner surface, at 0 V vs RHE."""
    h2_transfer_coefficient: Share
    oxidation_exchange_A_per_m2: Positive
    oxidation_transfer_coefficient: Share
    oxidation_potential_V_vs_RHE: float
    thickness_m: Positive
    specific_area_per_m: Positive
    porosity: Annotated[float, Field(gt=0, lt=1)]
    diffusivity_m2_per_s: Positive
    """Of CO2 in the electrolyte, without the porosity."""
    gas_transfer_m_per_s: Positive
    saturation_mol_per_m3: Positive | None = None
    """CO2 under the pure gas; without it from temperature, pressure and electrolyte."""
    carbonation_m3_per_mol_s: NotNegative
    hydroxide_transfer_m_per_s: Positive
    bicarbonate_transfer_m_per_s: Positive
    double_layer_F_per_m2: Positive
    flooding_floor: Share
    flooding_time_s: Positive
    flooding_shape: Positive
    salt_rate_per_s: NotNegative
    flush_period_s: Positive
    activity_loss_per_s: NotNegative
    resistance_growth_ohm_m2_per_s: NotNegative

    @model_validator(mode="after")
    def _never_closed(self) -> Self:
        if self.salt_rate_per_s * self.flush_period_s >= 1:
            raise ValueError(
                f"salt at {self.salt_rate_per_s:g} per second closes the layer before the flush"
                f" after {self.flush_period_s:g} s; flush more often"
            )
        return self


class ParameterSet(DescriptionModel):
    """A catalyst as its file gives it."""

    name: str
    title: str
    illustrative: bool
    note: str = ""
    cluster: str = ""
    """That the catalyst consists of, by its name in the table of clusters."""
    values: dict[str, float]
    sources: dict[str, str]


class FeedDescription(DescriptionModel):
    """The gas that enters the channel."""

    species: Literal["CO2", "N2"]
    flow_mol_per_s: Positive


class FeedChangeDescription(FeedDescription):
    """Another gas, from a time of the cell's own clock on."""

    time_s: NotNegative


class ElectrolyteDescription(DescriptionModel):
    """The catholyte, a potassium salt, as it is at the start, and where its hydroxide goes.

    `membrane`: no liquid lies between electrode and separator (zero gap); hydroxide leaves through
    the separator, as hydroxide, bicarbonate and carbonate, or as salt with the potassium that a
    cation exchanger brings; its H+ takes hydroxide away. `recirculating`: into a volume, which
    the separator and the gas then change. `single_pass`: the same, and the volume is replaced by
    a flow of fresh electrolyte. `renewed`: into a bulk that stays as it is.
    """

    hydroxide_mol_per_m3: Positive
    bicarbonate_mol_per_m3: NotNegative = 0.0
    supply: Literal["membrane", "recirculating", "single_pass", "renewed"] = "membrane"
    volume_m3: Positive | None = None
    flow_m3_per_s: Positive | None = None
    membrane_charge_mol_per_m3: Positive = 2000.0
    """Charge that ions carry in the water of a zero gap: 2 mmol of fixed charges to a gram of
    membrane and of water (an estimate)."""

    @property
    def ions_mol_per_m3(self) -> dict[str, float]:
        """Concentrations, potassium included."""
        hydroxide, bicarbonate = self.hydroxide_mol_per_m3, self.bicarbonate_mol_per_m3
        return {"OH-": hydroxide, "HCO3-": bicarbonate, "K+": hydroxide + bicarbonate}

    @model_validator(mode="after")
    def _supplied(self) -> Self:
        needs = {"recirculating": {"volume_m3"}, "single_pass": {"volume_m3", "flow_m3_per_s"}}
        needed = needs.get(self.supply, set())
        given = {n for n in ("volume_m3", "flow_m3_per_s") if getattr(self, n) is not None}
        if needed != given:
            wanted = " and ".join(sorted(needed)) or "neither volume_m3 nor flow_m3_per_s"
            raise ValueError(f"a supply that is `{self.supply}` takes {wanted}")
        return self


class CounterDescription(DescriptionModel):
    """The anode, where oxygen evolves."""

    area_m2: Positive
    pH: float
    """Of the anolyte, at the start."""
    volume_m3: Positive | None = None
    """Of the anolyte, which the current then changes; None: it is renewed."""
    bicarbonate_mol_per_m3: NotNegative = 0.0
    exchange_A_per_m2: Positive
    tafel_slope_V_per_decade: Positive


class GasDiffusionDescription(DescriptionModel):
    """A cell with a gas-diffusion cathode as its working electrode."""

    model: Literal["gas_diffusion"] = "gas_diffusion"
    parameters: str
    """Name of a set: see `parameter_sets`."""
    overrides: dict[str, float] = Field({})
    """Values of `CatalystDescription` that differ from the set's."""
    temperature_K: Positive = STANDARD_TEMPERATURE_K
    pressure_Pa: Positive = ATMOSPHERE_PA
    area_m2: Positive
    resistance_ohm: NotNegative
    """Of electrolyte and membrane, between the electrodes."""
    reference: ReferenceDescription | None = None
    electrolyte: ElectrolyteDescription
    separator: Literal["aem", "cem", "bpm", "frit", "ceramic", "diaphragm"] = "aem"
    """Between the electrolytes: what of them carries the current across."""
    feed: FeedDescription
    feed_changes: tuple[FeedChangeDescription, ...] = Field((), strict=False)
    counter: CounterDescription
    assumptions: tuple[CellAssumption, ...] = Field((), strict=False)

    @property
    def has_reference(self) -> bool:
        """Whether a reference electrode is connected."""
        return self.reference is not None

    @property
    def anode_lead(self) -> Literal["working", "counter"]:
        """The lead of the anode."""
        return "counter"

    @cached_property
    def catalyst(self) -> CatalystDescription:
        """The values of its set of parameters and what overrides them. Raises `InputError`."""
        chosen = load_parameters(self.parameters)
        return checked(CatalystDescription, chosen.values | self.overrides, ["overrides"])


def parameter_sets() -> list[str]:
    """Names of the sets that are shipped, sorted."""
    folder = files(__package__) / "parameters"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith("toml"))


def load_parameters(name: str) -> ParameterSet:
    """A shipped set with the values of the set it is based on. Raises `InputError`."""
    if name not in parameter_sets():
        close = get_close_matches(name, parameter_sets(), n=1)
        hint = f"did you mean `{close[0]}`? " if close else ""
        raise InputError(
            Diagnostic(
                CODE,
                f"there is no set of parameters called `{name}`",
                help=f"{hint}known: {', '.join(parameter_sets())}",
                path="cell.parameters",
            )
        )
    import tomllib

    text = (files(__package__) / "parameters" / f"{name}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    base = table.pop("based_on", None)
    rows = table.pop("values")
    values = {key: float(row["value"]) for key, row in rows.items()}
    sources = {key: row["source"] for key, row in rows.items()}
    if base is not None:
        below = load_parameters(base)
        values = below.values | values
        sources = below.sources | sources
    return ParameterSet(name=name, values=values, sources=sources, **table)


def parse_gas_diffusion_cell(cell: Mapping[str, Any]) -> GasDiffusionDescription:
    """Check a description and its catalyst.

    Raises `InputError` with a diagnostic for every key that is missing, unknown or wrong.
    """
    described = checked(GasDiffusionDescription, cell)
    assert described.catalyst
    return described
