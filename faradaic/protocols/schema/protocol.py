"""The protocol: what a chemist writes, whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Model, NotEmpty, ShortForm, Text, problem, scalar_as
from faradaic.protocols.schema.cell import Cell, CellType
from faradaic.protocols.schema.earlier_run import EarlierRun
from faradaic.protocols.schema.electrodes import Electrodes
from faradaic.protocols.schema.environment import (
    Aliquot,
    Diagnostics,
    EndState,
    Environment,
    Limits,
    Sampling,
)
from faradaic.protocols.schema.field_types import Recorded
from faradaic.protocols.schema.interlocks import Interlock
from faradaic.protocols.schema.pauses import OnPause
from faradaic.protocols.schema.procedure import Analysis, Workup
from faradaic.protocols.schema.reaction import Reaction
from faradaic.protocols.schema.solution import Compartments, Component, Solution
from faradaic.protocols.schema.steps import Step


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


Doi = Annotated[
    str, Field(strict=True, pattern=r"^10\.\d{4,9}/\S+$", examples=["10.1039/d2sc01175a"])
]
Name = Annotated[str, Field(strict=True, pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", examples=["my-run"])]


class ProcedureSource(Model):
    """Where the procedure comes from, and how closely it is followed."""

    doi: Doi | None = None
    citation: Text | None = None
    url: Text | None = None
    fidelity: Literal["as_published", "adapted", "hypothetical"] | None = None
    verified_by: Text | None = None
    notes: Text | None = None


class Assumed(Model):
    """Something that the source leaves open and this protocol fills in; the report prints it."""

    field: Text
    value: Annotated[Text, ShortForm(_number_as_text, {"type": "number"})]
    reason: Text


class Report(Model):
    """What the report should hold besides the usual."""

    metrics: Recorded[tuple[Text, ...]] = ()
    attachments: Recorded[tuple[Text, ...]] = ()
    operator: Recorded[Text | None] = None


_FINDING = r"^[A-Z][0-9]{2,3}[a-z]?(@\S+)?$"
WaiverKey = Annotated[
    str, Field(strict=True, pattern=_FINDING, examples=["V01", "A02@electrodes.anode"])
]


class Protocol(Model):
    """One electrolysis, as written."""

    faradaic: Literal[1]
    """Version of this schema."""
    title: Text
    name: Name | None = None
    """Short name for folders; made from the title if not given."""
    version: Recorded[Text | None] = None
    status: Recorded[Literal["draft", "checked", "approved"] | None] = None
    source: Annotated[ProcedureSource, scalar_as("citation")] | None = None
    continues: tuple[EarlierRun, ...] = ()
    """The runs that this one goes on from, oldest first, written by `faradaic recover`."""
    assumptions: tuple[Assumed, ...] = ()
    waivers: dict[WaiverKey, Text] = Field(default_factory=dict)
    """Findings that were judged and accepted, each with the reason."""
    cell: Annotated[Cell, scalar_as("type")]
    solution: Solution | None = None
    compartments: Compartments | None = None
    electrodes: Electrodes
    reaction: Reaction = Field(default_factory=Reaction)
    environment: Environment = Field(default_factory=Environment)
    steps: Annotated[tuple[Step, ...], NotEmpty()]
    limits: Limits = Field(default_factory=Limits)
    interlocks: tuple[Interlock, ...] = ()
    """What devices have to report while current flows, beside what the bench file demands."""
    sampling: Sampling = Field(default_factory=Sampling)
    aliquots: tuple[Aliquot, ...] = ()
    diagnostics: Diagnostics = Field(default_factory=Diagnostics)
    on_pause: OnPause | None = None
    """Of every step that can do it and says nothing else; the output goes off if not given."""
    end_state: EndState = Field(default_factory=EndState)
    workup: tuple[Workup, ...] = ()
    purification: tuple[Workup, ...] = ()
    analysis: tuple[Analysis, ...] = ()
    report: Report = Field(default_factory=Report)

    @model_validator(mode="after")
    def _solution_fits_the_cell(self) -> Protocol:
        if self.solution is not None and self.compartments is not None:
            raise problem(
                "`solution` and `compartments` are both given",
                help="a divided cell has `compartments`, an undivided one a `solution`",
                path=["compartments"],
            )
        if self.cell.type.divided and self.compartments is None:
            raise problem(
                f"a cell of type `{self.cell.type}` has two solutions",
                help="write `compartments: {anolyte: {volume: ..., components: ...}, catholyte:"
                " {...}}` in place of `solution`",
                path=["solution" if self.solution is not None else "cell"],
            )
        if not self.cell.type.divided and self.solution is None:
            raise problem(
                f"a cell of type `{self.cell.type}` has one solution, but `solution` is missing",
                code="E302" if self.compartments is None else "E306",
                help="write `solution: {volume: 10 mL, components: {...}}`",
                path=["cell" if self.compartments is None else "compartments"],
            )
        gas = self.compartments is not None and self.compartments.gas is not None
        if self.cell.type is CellType.GDE_FLOW and not gas:
            raise problem(
                "a gas-diffusion cell has a gas compartment",
                code="E302",
                help="add `gas: {gas: {species: CO2, flow: 20 sccm, mode: flow_by}}` under"
                " `compartments`",
                path=["compartments"],
            )
        return self

    def place_of(self, component: str) -> str:
        """The first solution that a component is in."""
        return next(p for p, solution in self.solutions.items() if component in solution.components)

    @property
    def solutions(self) -> dict[str, Solution]:
        """The solutions by compartment: `solution`, or `anolyte` and `catholyte`."""
        if self.solution is not None:
            return {"solution": self.solution}
        assert self.compartments is not None
        return {
            "anolyte": self.compartments.anolyte,
            "catholyte": self.compartments.catholyte,
        }

    def solution_path(self, place: str) -> tuple[str, ...]:
        """Where the solution of a compartment stands in the document."""
        return ("solution",) if self.solution is not None else ("compartments", place)

    @property
    def limiting(self) -> tuple[str, str, Component] | None:
        """Compartment, id and component that F/mol and equivalents refer to, if one is named."""
        for place, solution in self.solutions.items():
            if solution.limiting is not None and solution.limiting in solution.components:
                return place, solution.limiting, solution.components[solution.limiting]
        return None

    @property
    def limiting_amount_mol(self) -> float | None:
        """Moles of the limiting component, what is dosed included.

        None when none is named or its amount isn't told.
        """
        if self.limiting is None:
            return None
        place, name, component = self.limiting
        return self._with_doses(name, component.amount_in(name, self.solutions[place].volume_m3))

    def amount_mol(self, component: str) -> float | None:
        """Moles of a component in all solutions, what is dosed included; None if not told."""
        known = [a[component] for p in self.solutions if component in (a := self.amounts_mol(p))]
        return self._with_doses(component, None if None in known else sum(filter(None, known)))

    def _with_doses(self, component: str, moles: float | None) -> float | None:
        known = {id_: c for s in self.solutions.values() for id_, c in s.components.items()}
        for step in self.steps:
            for name, dose_mol in step.body.doses(known):
                if name == component:
                    moles = None if moles is None or dose_mol is None else moles + dose_mol
        return moles or None

    def amounts_mol(self, place: str) -> dict[str, float | None]:
        """Moles of each component in a compartment; None where the protocol doesn't tell."""
        solution, limiting_mol = self.solutions[place], self.limiting_amount_mol
        return {
            id_: component.amount_in(id_, solution.volume_m3, limiting_mol)
            for id_, component in solution.components.items()
        }
