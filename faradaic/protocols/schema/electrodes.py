"""Electrodes: material, form, dimensions, immersion, areas by basis, and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, model_validator

from faradaic.documents.models import (
    Count,
    Flag,
    Identifier,
    Model,
    PositiveNumber,
    Text,
    problem,
    scalar_as,
)
from faradaic.protocols.schema.field_types import (
    PositiveCurrentDensity,
    PositiveLoading,
    PositiveMass,
    PositiveVoltage,
    Recorded,
)
from faradaic.quantities.fields import Area, Fraction, Length, SpecificArea, Voltage


class Form(StrEnum):
    """The shape of an electrode."""

    PLATE = "plate"
    FOIL = "foil"
    ROD = "rod"
    WIRE = "wire"
    MESH = "mesh"
    FOAM = "foam"
    FELT = "felt"
    CLOTH = "cloth"
    RVC = "rvc"
    GDE = "gde"
    DISC = "disc"

    @property
    def flat(self) -> bool:
        """Whether one face towards the counter electrode is the natural area."""
        return self in {Form.PLATE, Form.FOIL, Form.DISC, Form.GDE}

    @property
    def round(self) -> bool:
        """Whether a diameter, not a width, gives the cross section."""
        return self in {Form.ROD, Form.WIRE, Form.DISC}


class AreaBasis(StrEnum):
    """Which surface an area means."""

    FACING = "facing"
    """One face, towards the counter electrode, as far as it is immersed."""
    ENVELOPE = "envelope"
    """All immersed outer faces."""
    WETTED = "wetted"
    """The inner surface of a porous electrode."""
    ECSA = "ecsa"
    """The electrochemically active surface, measured."""


class ElectrodeCurrentDensity(Model):
    """A current density, and on which electrode and which of its areas."""

    value_A_per_m2: PositiveCurrentDensity
    electrode: Identifier
    area_basis: AreaBasis | None = None
    """That of the electrode if not given."""

    @model_validator(mode="before")
    @classmethod
    def _on_an_electrode(cls, written: Any) -> Any:
        if isinstance(written, str):
            value, _, electrode = written.partition(" on ")
            electrode = electrode.removeprefix("the ").strip() or "cathode"
            raise problem(
                "a current density is one of an electrode",
                code="E303",
                help=f"write `current_density: {{value: {value.strip()}, electrode: {electrode}}}`",
            )
        return written

    def current_A(self, areas_m2: Mapping[str, Mapping[str, float]]) -> float | None:
        """What it comes to, A; None where no area is known.

        `areas_m2` are those of the electrodes by name and basis.
        """
        areas = areas_m2.get(self.electrode, {})
        basis = self.area_basis or ("facing" if len(areas) > 1 else next(iter(areas), ""))
        area_m2 = areas.get(basis)
        return None if area_m2 is None else self.value_A_per_m2 * area_m2


class Role(StrEnum):
    """What happens at an electrode when the electrolysis runs forward."""

    ANODE = "anode"
    CATHODE = "cathode"
    ALTERNATING = "alternating"


class Areas(Model):
    """Areas given directly, by basis; they win over those computed from the dimensions."""

    facing_m2: Area | None = None
    envelope_m2: Area | None = None
    wetted_m2: Area | None = None
    ecsa_m2: Area | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Areas:
        if not self.by_basis():
            raise problem(
                "`area` names no area", code="E302", help="write `area: {facing: 2 cm^2}`"
            )
        return self

    def by_basis(self) -> dict[AreaBasis, float]:
        """The areas that are given, m²."""
        given = {basis: getattr(self, f"{basis.value}_m2") for basis in AreaBasis}
        return {basis: area for basis, area in given.items() if area is not None}


class Sacrificial(Model):
    """A metal that the current consumes."""

    metal: Text
    electrons: PositiveNumber | None = None
    """Per atom of metal; those of the table if not given."""
    mass_kg: Annotated[
        PositiveMass | None, Field(validation_alias=AliasChoices("mass", "mass_before"))
    ] = None
    """At the start."""
    mass_after_kg: Recorded[PositiveMass | None] = None
    usable_fraction: Fraction | None = None


class Coating(Model):
    """A catalyst layer."""

    catalyst: Text
    loading_kg_per_m2: Recorded[PositiveLoading | None] = None
    binder: Recorded[Text | None] = None


class Electrode(Model):
    """An electrode through which the current passes."""

    material: Text
    form: Form
    role: Role | None = None
    """Only for `working` and `counter`; the keys `anode` and `cathode` say it themselves."""
    lead: Recorded[Literal["WE", "CE", "+", "-"] | None] = None
    grade: Recorded[Text | None] = None
    supplier: Recorded[Text | None] = None
    width_m: Length | None = None
    length_m: Length | None = None
    """The dimension along which the electrode is immersed."""
    diameter_m: Length | None = None
    thickness_m: Length | None = None
    immersed_m: Length | None = None
    """How much of `length` is in the solution; all of it if not given."""
    faces: Literal[1, 2] | None = None
    """How many faces are exposed: 1 if the back is insulated."""
    porosity: Fraction | None = None
    fibre_diameter_m: Length | None = None
    specific_area_per_m: SpecificArea | None = None
    """Inner surface per volume of a porous electrode."""
    ppi: Count | None = None
    """Pores per inch of a foam or RVC."""
    area: Areas | None = None
    area_basis: AreaBasis | None = None
    """Which area its densities use; facing for plates, foils, discs and GDEs if not given."""
    overpotential_V: PositiveVoltage | None = None
    """Of the gas that it makes of the medium (H2, O2; CO where CO2 is fed), at 10 mA/cm²; that of
    the table if not given."""
    tafel_slope_V: PositiveVoltage | None = None
    """Of the same, per decade of current density."""
    sacrificial: Annotated[Sacrificial, scalar_as("metal")] | None = None
    coating: Coating | None = None
    pretreatment: Recorded[tuple[Text, ...]] = ()
    pretreated_on: Recorded[date | None] = None
    reuse_count: Recorded[Annotated[int, Field(strict=True, ge=0)] | None] = None
    notes: Recorded[Text | None] = None

    @model_validator(mode="after")
    def _dimensions_fit_the_form(self) -> Electrode:
        if self.form.round and self.width_m is not None:
            raise problem(
                f"a {self.form} has a diameter, not a width",
                help="write `diameter: 6 mm`",
                path=["width"],
            )
        if self.diameter_m is not None and self.width_m is not None:
            raise problem(
                "`width` and `diameter` are both given", help="keep one", path=["diameter"]
            )
        if self.tafel_slope_V is not None and self.overpotential_V is None:
            raise problem(
                "a `tafel_slope` without the `overpotential` at which it begins",
                code="E302",
                help="add `overpotential: 0.35 V`, that at 10 mA/cm²",
                path=["tafel_slope"],
            )
        if self.immersed_m and self.length_m and self.immersed_m > self.length_m * (1 + 1e-9):
            raise problem(
                f"{self.immersed_m * 1e3:g} mm immersed is more than the electrode's length of"
                f" {self.length_m * 1e3:g} mm",
                code="E305",
                help=f"write at most `immersed: {self.length_m * 1e3:g} mm`",
                path=["immersed"],
            )
        return self

    @property
    def default_basis(self) -> AreaBasis | None:
        """The basis of its densities; None when the form leaves it open and nobody said."""
        if self.area_basis is not None:
            return self.area_basis
        return AreaBasis.FACING if self.form.flat else None


class ConnectedReference(Model):
    """The reference electrode that is connected, and the potential it stands for."""

    couple: Text
    """Ag/AgCl, SCE, Hg/HgO, Hg/Hg2SO4, Ag/Ag+, RHE, SHE, Fc, ..."""
    filling: Text | None = None
    """The inner solution, which fixes the potential: "3 M KCl"."""
    potential_V: Voltage | None = None
    """Against the standard hydrogen electrode; wins over the table."""
    potential_source: Recorded[Text | None] = None
    pseudo: Recorded[Flag] = False
    junction: Recorded[Text | None] = None
    lead: Recorded[Literal["RE", "S"]] = "RE"
    check: Recorded[Text | None] = None
    notes: Recorded[Text | None] = None

    @property
    def name(self) -> str:
        """Couple and filling in one, as tables and analyses name it: "Ag/AgCl (3 M KCl)"."""
        return f"{self.couple} ({self.filling})" if self.filling else self.couple


class Electrodes(Model):
    """Either `anode` and `cathode`, or `working` and `counter`; and perhaps a `reference`."""

    anode: Electrode | None = None
    cathode: Electrode | None = None
    working: Electrode | None = None
    counter: Electrode | None = None
    reference: Annotated[ConnectedReference, scalar_as("couple")] | None = None

    @model_validator(mode="after")
    def _one_pair(self) -> Electrodes:
        chemical = (self.anode is not None, self.cathode is not None)
        wired = (self.working is not None, self.counter is not None)
        if any(chemical) and any(wired):
            raise problem(
                "electrodes are named by role and by lead at once",
                help="keep `anode` and `cathode`, or write `working: {role: cathode, ...}` and"
                " `counter: {role: anode, ...}`",
                path=["working" if self.working is not None else "counter"],
            )
        pair = wired if any(wired) else chemical
        names = ("working", "counter") if any(wired) else ("anode", "cathode")
        if not all(pair):
            missing = names[pair.index(False)]
            raise problem(
                f"`{missing}` is missing",
                code="E302",
                help=f"write `{missing}: {{material: Pt, form: plate, width: 15 mm,"
                " length: 15 mm}`",
            )
        self._roles_agree()
        return self

    def _roles_agree(self) -> None:
        for name, electrode in self.pair.items():
            if name in ("anode", "cathode"):
                if electrode.role not in (None, Role.ALTERNATING, Role(name)):
                    raise problem(
                        f"the {name} is said to be the {electrode.role}",
                        help="remove `role`: the key says it",
                        path=[name, "role"],
                    )
                wrong = ("CE", "-") if name == "anode" else ("WE", "+")
                if electrode.lead in wrong:
                    raise problem(
                        f"the {name} is connected to lead {electrode.lead}, which drives it the"
                        " other way",
                        help=f"connect it to {'WE or +' if name == 'anode' else 'CE or -'}; to put"
                        " the working electrode on the cathode, name the electrodes `working:"
                        " {role: cathode}` and `counter: {role: anode}`",
                        path=[name, "lead"],
                    )
            elif electrode.role is None:
                raise problem(
                    f"the {name} electrode doesn't say whether it is the anode or the cathode",
                    code="E302",
                    help=f"add `role: {'cathode' if name == 'working' else 'anode'}`",
                    path=[name],
                )
        if self.working and self.counter and self.working.role == self.counter.role:
            raise problem(
                f"working and counter electrode are both the {self.working.role}",
                help="one of them is the anode, the other the cathode",
                path=["counter", "role"],
            )

    @property
    def pair(self) -> Mapping[str, Electrode]:
        """The two electrodes that carry the current, by their names in the protocol."""
        named = {n: getattr(self, n) for n in ("anode", "cathode", "working", "counter")}
        return {name: electrode for name, electrode in named.items() if electrode is not None}

    @property
    def working_name(self) -> str:
        """The electrode on the working lead: `working` if there is one, else the anode."""
        return "anode" if self.working is None else "working"

    def name_of(self, role: Role) -> str:
        """The name of the electrode that is the anode or the cathode."""
        first, second = self.pair
        for name, other in ((first, second), (second, first)):
            if role in (name, self.pair[name].role):
                return name
            if self.pair[name].role in (Role.ANODE, Role.CATHODE):
                return other
        return first if role is Role.ANODE else second

    @property
    def forward_sign(self) -> int:
        """Sign of the working electrode's current when the electrolysis runs forward (IUPAC)."""
        return -1 if self.working is not None and self.working.role is Role.CATHODE else 1
