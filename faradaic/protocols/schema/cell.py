"""The cell: its type, vessel, gap, separator, closure and flow."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import model_validator

from faradaic.documents.models import Model, Text, problem
from faradaic.protocols.schema.field_types import PositiveVolumeFlow, Recorded, StatedResistance
from faradaic.quantities.fields import Area, AreaResistance, Length, Pressure, Volume


class CellType(StrEnum):
    """How anode and cathode share the electrolyte."""

    words: str
    """In a phrase."""
    divided: bool
    """Whether anolyte and catholyte are kept apart."""
    flow: bool
    """Whether the electrolyte is pumped."""

    def __new__(cls, name: str, words: str, divided: bool, flow: bool) -> CellType:
        self = str.__new__(cls, name)
        self._value_ = name
        self.words, self.divided, self.flow = words, divided, flow
        return self

    UNDIVIDED = "undivided", "undivided cell", False, False
    DIVIDED_FRIT = "divided_frit", "cell divided by a frit", True, False
    DIVIDED_MEMBRANE = "divided_membrane", "cell divided by a membrane", True, False
    H_CELL = "h_cell", "H-cell", True, False
    UNDIVIDED_FLOW = "undivided_flow", "undivided flow cell", False, True
    DIVIDED_FLOW = "divided_flow", "divided flow cell", True, True
    GDE_FLOW = "gde_flow", "flow cell with a gas-diffusion electrode", True, True
    MEA_ZERO_GAP = "mea_zero_gap", "zero-gap membrane-electrode assembly", True, True
    MICROFLUIDIC = "microfluidic", "microfluidic cell", False, True

    @property
    def zero_gap(self) -> bool:
        """Whether nothing but the membrane is between the electrodes."""
        return self is CellType.MEA_ZERO_GAP


class Vessel(Model):
    """The vessel that holds the solution."""

    kind: Text | None = None
    volume_m3: Volume | None = None
    """Nominal volume."""
    inner_diameter_m: Length | None = None
    material: Recorded[Text | None] = None
    id: Recorded[Text | None] = None


class Separator(Model):
    """What keeps anolyte and catholyte apart."""

    kind: Literal["frit", "cem", "aem", "bpm", "ceramic", "diaphragm"]
    product: Text | None = None
    area_m2: Area | None = None
    thickness_m: Recorded[Length | None] = None
    area_resistance_ohm_m2: AreaResistance | None = None
    pretreatment: Recorded[tuple[Text, ...]] = ()


class Channel(Model):
    """A flow channel."""

    width_m: Length
    height_m: Length
    length_m: Length


class Flow(Model):
    """How the electrolyte is pumped; a divided cell states each stream."""

    mode: Literal["single_pass", "recirculating"]
    rate_m3_per_s: PositiveVolumeFlow | None = None
    anolyte_m3_per_s: PositiveVolumeFlow | None = None
    catholyte_m3_per_s: PositiveVolumeFlow | None = None
    channel: Channel | None = None
    reservoir_volume_m3: Volume | None = None
    backpressure_Pa: Pressure | None = None


class Cell(Model):
    """The electrochemical cell."""

    type: CellType
    vessel: Vessel | None = None
    gap_m: Length | None = None
    """Distance between the facing surfaces of anode and cathode; a zero-gap cell has none."""
    resistance: StatedResistance | None = None
    """Ionic, between the electrodes, as measured: "12 Ohm" or "12 ± 1 Ohm"."""
    gap_tolerance_m: Recorded[Length | None] = None
    gap_set_by: Recorded[Literal["spacer", "lid", "holder", "by_eye"] | None] = None
    separator: Separator | None = None
    closure: (
        Literal["open", "vented", "septum_vented", "septum_sealed", "sealed", "bubbler", "balloon"]
        | None
    ) = None
    headspace_volume_m3: Volume | None = None
    flow: Flow | None = None
    notes: Recorded[Text | None] = None

    @model_validator(mode="after")
    def _parts_fit_the_type(self) -> Cell:
        if self.separator is not None and not self.type.divided:
            raise problem(
                f"a cell of type `{self.type}` has no separator",
                help="remove `separator`, or say `type: divided_frit`, `divided_membrane` or"
                " `h_cell`",
                path=["separator"],
            )
        if self.flow is not None and not self.type.flow:
            raise problem(
                f"a cell of type `{self.type}` has no flow",
                help="remove `flow`, or say `type: undivided_flow`, `divided_flow` or `gde_flow`",
                path=["flow"],
            )
        for name, value in (
            ("gap", self.gap_m),
            ("gap_tolerance", self.gap_tolerance_m),
            ("gap_set_by", self.gap_set_by),
        ):
            if value is not None and self.type.zero_gap:
                raise problem(
                    f"a cell of type `{self.type}` has no gap: nothing but the membrane is between"
                    " its electrodes",
                    help=f"remove `{name}`, or say `type: gde_flow` or `divided_flow`; the"
                    " membrane's resistance is `separator: {area_resistance: 0.1 Ohm cm^2}`",
                    path=[name],
                )
        return self
