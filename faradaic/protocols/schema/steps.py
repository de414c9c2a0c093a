"""The steps: one mapping of one key per step, the key being the kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from faradaic.documents.models import Count, Model, NotEmpty, problem, scalar_as
from faradaic.protocols.schema.controls import (
    AlternatingPolarity,
    ConstantCellVoltage,
    ConstantCurrent,
    ConstantPotential,
    OpenCircuit,
    Pulsed,
    Ramp,
)
from faradaic.protocols.schema.operations import Dose, Prompt, Sample, Set, Wait
from faradaic.protocols.schema.step_base import StepModel
from faradaic.protocols.schema.techniques import (
    CurrentInterrupt,
    CyclicVoltammetry,
    Impedance,
    LinearSweep,
)


class Repeat(StepModel):
    """Steps done over and over."""

    count: Count
    steps: Annotated[tuple[Step, ...], NotEmpty()]


class Step(Model):
    """One step: a mapping with one key, its kind."""

    open_circuit: Annotated[OpenCircuit, scalar_as("duration")] | None = None
    constant_current: ConstantCurrent | None = None
    constant_potential: ConstantPotential | None = None
    constant_cell_voltage: ConstantCellVoltage | None = None
    pulsed: Pulsed | None = None
    alternating_polarity: AlternatingPolarity | None = None
    ramp: Ramp | None = None
    linear_sweep: LinearSweep | None = None
    cyclic_voltammetry: CyclicVoltammetry | None = None
    impedance: Impedance | None = None
    current_interrupt: CurrentInterrupt | None = None
    set_: Set | None = None
    wait: Annotated[Wait, scalar_as("duration")] | None = None
    dose: Dose | None = None
    sample: Sample | None = None
    prompt: Annotated[Prompt, scalar_as("text")] | None = None
    repeat: Repeat | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        kinds = [name for name in Step.model_fields if getattr(self, name) is not None]
        if len(kinds) != 1:
            given = ", ".join(f"`{name.rstrip('_')}`" for name in kinds) or "nothing"
            raise problem(
                f"a step is one thing, but this one names {given}",
                help="begin each step with its own dash: `- open_circuit: {duration: 60 s}`",
            )
        return self

    @property
    def kind(self) -> str:
        """The key of the step: `constant_current`, ..."""
        return next(n for n in Step.model_fields if getattr(self, n) is not None).rstrip("_")

    @property
    def body(self) -> StepModel:
        """What stands under the key."""
        body = getattr(self, "set_" if self.kind == "set" else self.kind)
        assert isinstance(body, StepModel)
        return body


Repeat.model_rebuild()
