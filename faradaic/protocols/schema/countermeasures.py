"""What a step does by itself about what is diagnosed while it runs; nothing, where nobody asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Count, Model, NotEmpty, Text, exactly_one, problem
from faradaic.protocols.schema.field_types import PositiveRotationRate, PositiveTime
from faradaic.quantities.fields import Fraction

Rule = Literal["D02", "D06", "D07", "D08", "D10", "D12"]
"""What may be countered: never a short, an open lead, heat or a meter that stands still."""


class Interlude(Model):
    """Something else for a short time, again and again."""

    time_s: PositiveTime
    every_s: PositiveTime
    """From the beginning of one to that of the next."""
    at_most: Count
    """How often."""

    @model_validator(mode="after")
    def _is_short(self) -> Interlude:
        if self.every_s < 2.0 * self.time_s:
            raise problem(
                "the electrolysis itself would run for less than half of the time",
                code="E305",
                help=f"write at least `every: {2.0 * self.time_s:g} s`, or a shorter `time`",
                path=["every"],
            )
        return self


class Measure(Model):
    """One measure; exactly one of its keys."""

    stir_per_s: PositiveRotationRate | None = None
    """A speed of the stirrer on the bench, which somebody sets where there is none."""
    lower: Fraction | None = None
    """Of the current, once; the time cap of the step stays."""
    reverse: Interlude | None = None
    """The same current the other way."""
    rest: Interlude | None = None
    """No current: pulses of the electrolysis."""
    pause: Text | None = None
    """The output off, and what somebody is asked to do."""

    @model_validator(mode="after")
    def _one(self) -> Measure:
        exactly_one(self, ("stir_per_s", "lower", "reverse", "rest", "pause"), "the measure")
        if self.lower is not None and not 0.0 < self.lower < 1.0:
            raise problem(
                "the current is to be lowered by a part of it",
                code="E305",
                help="write for example `lower: 30 %`",
                path=["lower"],
            )
        return self


class Countermeasures(Model):
    """Measures one after the other: the next one where what was diagnosed comes again."""

    on: Annotated[tuple[Rule, ...], NotEmpty()] = ("D02", "D10")
    attempts: Annotated[tuple[Measure, ...], NotEmpty(), Field(max_length=8)]
