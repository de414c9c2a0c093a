"""Alternating polarity. Read and validated; this version doesn't run it."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from faradaic.documents.models import exactly_one, problem
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.step_kind import EnergisedStep, step_kind
from faradaic.quantities.fields import Fraction, Frequency


@step_kind("alternating_polarity")
class AlternatingPolarity(EnergisedStep):
    """Current or cell voltage whose direction is reversed again and again."""

    current_A: PositiveCurrent | None = None
    cell_voltage_V: PositiveVoltage | None = None
    half_period_s: PositiveTime | None = None
    frequency_Hz: Frequency | None = None
    duty: Fraction | None = None
    """Share of the period in the forward direction; one half if not given."""
    start: Literal["forward", "reverse"] = "forward"
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None

    @model_validator(mode="after")
    def _one_each(self) -> AlternatingPolarity:
        level = exactly_one(self, ("current_A", "cell_voltage_V"), "the level")
        exactly_one(self, ("half_period_s", "frequency_Hz"), "how fast the polarity alternates")
        limit = "cell_voltage_limit" if level == "current_A" else "current_limit"
        given = self.cell_voltage_limit_V if level == "current_A" else self.current_limit_A
        if given is None:
            raise problem(
                f"`{limit}` is missing",
                code="E302",
                help=f"add `{limit}: {'10 V' if level == 'current_A' else '50 mA'}`",
            )
        return self

    def reverses(self) -> bool:
        """Whether it needs a source that reverses its polarity: always."""
        return True
