"""Field types made from the quantities: those that must be above zero, and thresholds.

A threshold is how a condition says when it is met: ">= 18 V", "<= 0.5 mA", "<= 5 % of initial" (or
"<= 5 %"), which is of the current at the start of the step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic_core import core_schema

from faradaic.documents.models import problem
from faradaic.quantities import Dimension, Quantity, QuantityError, parse
from faradaic.quantities.fields import (
    Amount,
    ArealLoading,
    ChargeRatePerAmount,
    Concentration,
    Current,
    CurrentDensity,
    GasFlow,
    Mass,
    NonNegative,
    Positive,
    RotationRate,
    Time,
    Voltage,
    VolumeFlow,
    one_of,
)

PositiveAmount = Annotated[Amount, Positive]
NonNegativeAmount = Annotated[Amount, NonNegative]
PositiveChargeRate = Annotated[ChargeRatePerAmount, Positive]
PositiveConcentration = Annotated[Concentration, Positive]
PositiveCurrent = Annotated[Current, Positive]
PositiveCurrentDensity = Annotated[CurrentDensity, Positive]
PositiveLoading = Annotated[ArealLoading, Positive]
PositiveMass = Annotated[Mass, Positive]
PositiveGasFlow = Annotated[GasFlow, Positive]
PositiveRotationRate = Annotated[RotationRate, Positive]
PositiveTime = Annotated[Time, Positive]
PositiveVoltage = Annotated[Voltage, Positive]
PositiveVolumeFlow = Annotated[VolumeFlow, Positive]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value and the side of it on which a condition is met."""

    sign: Literal[">=", "<="]
    value: float
    """SI; a fraction when `of_initial`."""
    of_initial: bool = False


_COMPARISON = re.compile(r"\s*(>=|<=|≥|≤)\s*(.*?)\s*(of initial)?\s*", re.DOTALL)
_EXAMPLES = {Dimension.VOLTAGE: ">= 18 V", Dimension.CURRENT: "<= 0.5 mA"}


@dataclass(frozen=True)
class _ThresholdOf:
    """Pydantic annotation: a text with `>=` or `<=` becomes a `Threshold`."""

    dimension: Dimension

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^\s*(>=|<=|≥|≤)\s*\S+",
            "examples": [_EXAMPLES[self.dimension]],
        }

    def _parse(self, value: Any) -> Threshold:
        example = f'write for example "{_EXAMPLES[self.dimension]}", with the quotes'
        match = _COMPARISON.fullmatch(value) if isinstance(value, str) and len(value) < 80 else None
        if match is None:
            raise problem(
                f"{value!r:.60} doesn't say on which side of it the condition is met",
                code="E303",
                help=f"begin with >= or <=: {example}",
            )
        fraction = match[3] is not None or (
            self.dimension is Dimension.CURRENT and match[2].endswith("%")
        )
        if fraction and self.dimension is not Dimension.CURRENT:
            raise problem("only a current is compared with its initial value", help=example)
        try:
            number = parse(match[2], Dimension.FRACTION if fraction else self.dimension)
        except QuantityError as error:
            first = error.diagnostics[0]
            raise problem(first.message, code=first.code, help=first.help) from None
        sign: Literal[">=", "<="] = ">=" if match[1] in (">=", "≥") else "<="
        if fraction and not 0 < number < 1:
            raise problem(
                f"{match[2]} of the initial current is not a fraction of it",
                code="E305",
                help='write for example "<= 5 % of initial"',
            )
        return Threshold(sign, number, fraction)


VoltageThreshold = Annotated[Threshold, _ThresholdOf(Dimension.VOLTAGE)]
CurrentThreshold = Annotated[Threshold, _ThresholdOf(Dimension.CURRENT)]
ChargeTarget = Annotated[Quantity, one_of(Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT), Positive]
"""A charge in C, or in F/mol of the limiting component (SI: C/mol)."""
