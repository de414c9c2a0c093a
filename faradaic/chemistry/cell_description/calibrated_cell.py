"""A cell whose few unknowns were fitted to a run: what was found, and what it makes of the cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption
from faradaic.chemistry.cell_description.description_model import DescriptionModel, NotNegative
from faradaic.chemistry.cell_description.preparative_description import (
    ElectrodeDescription,
    FilmDescription,
    PreparativeDescription,
    ReactionDescription,
)
from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

_GROWTH_M3_PER_C = 1e-10
CALIBRATED_BY = "calibrated by run "
"""Before the name of the run, in what a calibrated cell assumes."""


class Fitted(DescriptionModel):
    """A number and its standard uncertainty."""

    value: float = Field(examples=[1.3])
    uncertainty: NotNegative = Field(examples=[0.1])


class CellCalibration(DescriptionModel):
    """What a run says of a cell beside its description.

    `resistance` and `transport` are factors; `overpotential_V` is what both electrodes take beyond
    the description, `late_overpotential_V` the same of what reacts when the substrate runs short;
    `film_ohm_per_C` is a resistance that the charge grows.
    """

    faradaic_calibration: int = Field(examples=[1])
    run: str = Field(examples=["2026-11-30T210322Z-new-electrolysis"])
    """Its folder."""
    journal_sha256: str = Field(examples=["0" * 64])
    title: str = Field("", examples=["An oxidation"])
    """Of its protocol."""
    residual_V: NotNegative = Field(examples=[0.02])
    """Root mean square of what is left between the run and the fitted cell."""
    parameters: dict[str, Fitted] = Field(examples=[{"resistance": {"value": 1.3}}])


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing that is fitted: what it is without a run, how far it may lie, what it changes."""

    neutral: float
    spread: float
    """Standard deviation before any run; of a factor, of its logarithm."""
    is_factor: bool
    words: str
    apply: Callable[[PreparativeDescription, float], PreparativeDescription]


def calibrated(
    cell: PreparativeDescription, calibration: CellCalibration
) -> PreparativeDescription:
    """A cell with the numbers of a run in place of what was assumed; what was done is noted.

    Raises `InputError` (E574) for a parameter that is not known.
    """
    values = {name: fitted.value for name, fitted in calibration.parameters.items()}
    unknown = set(values) - set(UNKNOWNS)
    if unknown:
        raise refusal(
            "E574",
            f"a calibration has no `{min(unknown)}`",
            "write one of " + ", ".join(f"`{name}`" for name in UNKNOWNS),
        )
    told = tuple(
        CellAssumption(
            of=name,
            text=f"{UNKNOWNS[name].words} {fitted.value:.3g} ± {fitted.uncertainty:.2g}:"
            f" {CALIBRATED_BY}{calibration.run}",
        )
        for name, fitted in calibration.parameters.items()
    )
    moved = with_values(cell, values)
    settled = {"overpotential_V": ("potential", "kinetics"), "resistance": ("conductivity",)}
    known = {guess for name in values for guess in settled.get(name, ())}
    rest = tuple(
        one
        for one in cell.assumptions
        if one.guess not in known and not ("resistance" in values and one.of == "resistance_ohm")
    )
    return moved.model_copy(update={"assumptions": (*told, *rest)})


def calibrating_run(cell: object) -> str:
    """The run whose numbers a cell has; empty where it was not calibrated."""
    told = (one.text.partition(CALIBRATED_BY)[2] for one in getattr(cell, "assumptions", ()))
    return next((run for run in told if run), "")


def with_values(
    cell: PreparativeDescription, values: Mapping[str, float]
) -> PreparativeDescription:
    """A cell in which each of the unknowns has a value."""
    for name, value in values.items():
        cell = UNKNOWNS[name].apply(cell, value)
    return cell


def converting_lead(cell: PreparativeDescription) -> str:
    """The electrode at which a substrate runs short first; the working one if at neither."""
    for lead in ("working", "counter"):
        if any(r.substrate and r.mass_transfer_m_per_s for r in _electrode(cell, lead).reactions):
            return lead
    return "working"


def _electrode(cell: PreparativeDescription, lead: str) -> ElectrodeDescription:
    return cell.electrodes.working if lead == "working" else cell.electrodes.counter


def _with_electrode(
    cell: PreparativeDescription, lead: str, electrode: ElectrodeDescription
) -> PreparativeDescription:
    electrodes = cell.electrodes.model_copy(update={lead: electrode})
    return cell.model_copy(update={"electrodes": electrodes})


def _with_reactions(
    cell: PreparativeDescription,
    change: Callable[[ReactionDescription, int, int], ReactionDescription],
) -> PreparativeDescription:
    """With its forward reactions at the converting electrode changed, by index and number."""
    lead = converting_lead(cell)
    electrode = _electrode(cell, lead)
    count = len(electrode.reactions)
    changed = tuple(change(one, index, count) for index, one in enumerate(electrode.reactions))
    return _with_electrode(cell, lead, electrode.model_copy(update={"reactions": changed}))


def _resistance(cell: PreparativeDescription, factor: float) -> PreparativeDescription:
    return cell.model_copy(update={"resistance_ohm": cell.resistance_ohm * factor})


def _moved(reaction: ReactionDescription, rise_V: float) -> ReactionDescription:
    """A reaction that takes so much more voltage."""
    sign = 1.0 if reaction.direction == "oxidation" else -1.0
    potential_V = reaction.reference_potential_V_vs_SHE + sign * rise_V
    return reaction.model_copy(update={"reference_potential_V_vs_SHE": potential_V})


def _overpotential(cell: PreparativeDescription, rise_V: float) -> PreparativeDescription:
    return _with_reactions(cell, lambda one, _index, _count: _moved(one, rise_V))


def _late(cell: PreparativeDescription, rise_V: float) -> PreparativeDescription:
    return _with_reactions(
        cell,
        lambda one, index, count: _moved(one, rise_V) if count > 1 and index == count - 1 else one,
    )


def _transport(cell: PreparativeDescription, factor: float) -> PreparativeDescription:
    def faster(one: ReactionDescription, _index: int, _count: int) -> ReactionDescription:
        transfer = one.mass_transfer_m_per_s
        if transfer is None:
            return one
        return one.model_copy(update={"mass_transfer_m_per_s": transfer * factor})

    return _with_reactions(cell, faster)


def _film(cell: PreparativeDescription, ohm_per_C: float) -> PreparativeDescription:
    lead = converting_lead(cell)
    electrode = _electrode(cell, lead)
    if ohm_per_C <= 0.0 or electrode.film is not None:
        return cell
    direction = electrode.reactions[0].direction
    resistivity = ohm_per_C * electrode.area_m2**2 / _GROWTH_M3_PER_C
    film = FilmDescription(
        direction=direction, resistivity_ohm_m=resistivity, growth_m3_per_C=_GROWTH_M3_PER_C
    )
    return _with_electrode(cell, lead, electrode.model_copy(update={"film": film}))


UNKNOWNS: Mapping[str, Unknown] = {
    "resistance": Unknown(
        1.0, 0.6, True, "the resistance is that of the description times", _resistance
    ),
    "overpotential_V": Unknown(
        0.0, 0.6, False, "the electrodes take more than described by, in V,", _overpotential
    ),
    "late_overpotential_V": Unknown(
        0.0, 0.5, False, "what reacts after the substrate takes more by, in V,", _late
    ),
    "transport": Unknown(
        1.0, 0.5, True, "mass transfer is that of the description times", _transport
    ),
    "film_ohm_per_C": Unknown(0.0, 0.5, False, "a film grows by, in ohm per C,", _film),
}
