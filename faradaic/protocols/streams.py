"""How the solution moves past the electrodes: the stream of a flow cell, the diffusion layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.electrode_areas import POROUS
from faradaic.chemistry.flow_reactors import (
    channel_film_m,
    charge_per_pass_F_per_mol,
    residence_time_s,
)
from faradaic.chemistry.mass_transport import film_thickness_m
from faradaic.protocols.plan import FlowEstimate
from faradaic.protocols.reactants import diffusivity_of, limiting_component
from faradaic.protocols.schema import Protocol

if TYPE_CHECKING:
    from faradaic.chemistry.medium import Medium

_CHANNELS = frozenset({"microfluidic", "undivided_flow", "divided_flow"})
_VISCOSITY_PA_S = 1e-3


@dataclass(frozen=True, slots=True)
class Stream:
    """A solution that is pumped."""

    mode: Literal["single_pass", "recirculating"]
    rate_m3_per_s: float
    volume_m3: float
    """Of the solution."""
    channel_m3: float | None
    concentration_mol_per_m3: float | None
    """Of the limiting component as it enters."""

    @property
    def lasts_s(self) -> float:
        """Time in which all of the solution passes once."""
        return residence_time_s(self.volume_m3, self.rate_m3_per_s)

    def estimate(self, current_A: float | None) -> FlowEstimate:
        """What one pass does at a current."""
        concentration, channel = self.concentration_mol_per_m3, self.channel_m3
        return FlowEstimate(
            mode=self.mode,
            rate_m3_per_s=self.rate_m3_per_s,
            volume_m3=self.volume_m3,
            concentration_mol_per_m3=concentration,
            pass_s=self.lasts_s,
            residence_time_s=channel and residence_time_s(channel, self.rate_m3_per_s),
            pass_F_per_mol=charge_per_pass_F_per_mol(current_A, concentration, self.rate_m3_per_s)
            if current_A and concentration
            else None,
        )


def stream_of(protocol: Protocol) -> Stream | None:
    """The stream of the limiting component, else of the anolyte; None without a rate."""
    flow = protocol.cell.flow
    if flow is None:
        return None
    place = protocol.limiting[0] if protocol.limiting else next(iter(protocol.solutions))
    sides = {"anolyte": flow.anolyte_m3_per_s, "catholyte": flow.catholyte_m3_per_s}
    rate = sides.get(place) or flow.rate_m3_per_s
    if rate is None:
        return None
    volume_m3, channel = protocol.solutions[place].volume_m3, flow.channel
    moles = protocol.limiting_amount_mol
    return Stream(
        flow.mode,
        rate,
        volume_m3,
        None if channel is None else channel.width_m * channel.height_m * channel.length_m,
        None if moles is None else moles / volume_m3,
    )


@dataclass(frozen=True, slots=True)
class Film:
    """The diffusion layer at the electrodes."""

    situation: str
    """Stirring or flow: a row of the table of films, or a laminar channel."""
    assumed: str
    thickness_m: tuple[float, float, float]
    """(thin, typical, thick)."""


def film_of(protocol: Protocol, media: Mapping[str, Medium]) -> Film:
    """The film of a cell: in a flat channel that of laminar flow, else that of the table."""
    cell, stirring = protocol.cell, protocol.environment.stirring
    porous = any(one.form.value in POROUS for one in protocol.electrodes.pair.values())
    channel = cell.flow.channel if cell.flow else None
    height_m = channel.height_m if channel else cell.gap_m
    flat = channel is not None or cell.type.value == "microfluidic"
    if cell.type.value in _CHANNELS and height_m is not None and flat and not porous:
        return _of_channel(protocol, media, height_m)
    if cell.type.flow:
        situation = "microfluidic" if cell.type.value == "microfluidic" else "recirculating"
        return Film(situation, "", film_thickness_m(situation))
    if stirring is None:
        return Film(
            "stirred", "stirring is not stated: taken as stirred", film_thickness_m("stirred")
        )
    situation = "unstirred" if stirring.kind == "none" else "stirred"
    return Film(situation, "", film_thickness_m(situation))


def _of_channel(protocol: Protocol, media: Mapping[str, Medium], height_m: float) -> Film:
    place = protocol.limiting[0] if protocol.limiting else next(iter(media))
    solvent = media[place].solvent
    viscosity = _VISCOSITY_PA_S if solvent is None else solvent.viscosity_Pa_s
    diffusivity = diffusivity_of(limiting_component(protocol), viscosity)
    flow, stream = protocol.cell.flow, stream_of(protocol)
    passing = None
    if stream is not None and flow is not None and flow.channel is not None:
        passing = (flow.channel.width_m, flow.channel.length_m, stream.rate_m3_per_s)
    film_m = channel_film_m(diffusivity, height_m, passing)
    words = (
        f"laminar flow between flat plates {height_m * 1e3:.3g} mm apart: diffusion layer of"
        f" {film_m[1] * 1e6:.3g} µm (Graetz and Lévêque, one wall active)"
    )
    if passing is None:
        words += "; far downstream, as rate and channel are not stated"
    return Film("laminar flow", words, film_m)
