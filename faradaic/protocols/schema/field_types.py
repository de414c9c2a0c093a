"""Field types made from the quantities: those that must be above zero, and thresholds.

A threshold is how a condition says when it is met: ">= 18 V", "<= 0.5 mA", "<= 5 % of initial" (or
"<= 5 %"), which is of the current at the start of the step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic_core import core_schema

from faradaic.chemistry.reference_electrodes import reference_electrode
from faradaic.diagnostics import InputError
from faradaic.documents.models import problem
from faradaic.quantities import Dimension, Quantity, QuantityError, parse
from faradaic.quantities.fields import (
    Amount,
    ArealLoading,
    ChargeRatePerAmount,
    Concentration,
    Current,
    CurrentDensity,
    DiffusionCoefficient,
    Frequency,
    GasFlow,
    Mass,
    NonNegative,
    Positive,
    RotationRate,
    TemperatureDifference,
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
PositiveDiffusionCoefficient = Annotated[DiffusionCoefficient, Positive]
PositiveFrequency = Annotated[Frequency, Positive]
PositiveLoading = Annotated[ArealLoading, Positive]
PositiveMass = Annotated[Mass, Positive]
PositiveGasFlow = Annotated[GasFlow, Positive]
PositiveRotationRate = Annotated[RotationRate, Positive]
NonNegativeRotationRate = Annotated[RotationRate, NonNegative]
PositiveTemperatureDifference = Annotated[TemperatureDifference, Positive]
PositiveTime = Annotated[Time, Positive]
NonNegativeTime = Annotated[Time, NonNegative]
PositiveVoltage = Annotated[Voltage, Positive]
PositiveVolumeFlow = Annotated[VolumeFlow, Positive]


class _ForTheRecord:
    """Pydantic annotation: nothing is computed from the field; the plan and the report keep it."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        found: dict[str, Any] = handler(schema)
        return {**found, "$comment": "Kept for the record: nothing is computed from it."}


FOR_THE_RECORD = _ForTheRecord()
_T = TypeVar("_T")
Recorded = Annotated[_T, FOR_THE_RECORD]
"""A field that is kept for the record."""


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

    @property
    def example(self) -> str:
        """Get what may be written."""
        return _EXAMPLES.get(self.dimension, f">= {self.dimension.example}")

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^\s*(>=|<=|≥|≤)\s*\S+",
            "examples": [self.example],
        }

    def _parse(self, value: Any) -> Threshold:
        example = f'write for example "{self.example}", with the quotes'
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


@dataclass(frozen=True, slots=True)
class Stated:
    """A value in SI, and by how much it may be off."""

    value: float
    uncertainty: float | None = None


_PLUS_MINUS = re.compile(r"\s*(.*?)\s*(?:±|\+/-|\+-)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True)
class _StatedOf:
    """Pydantic annotation: "12 mS/cm", "12 ± 1 mS/cm" or "12 mS/cm ± 10 %" becomes a `Stated`."""

    dimension: Dimension

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._parse,
            serialization=core_schema.plain_serializer_function_ser_schema(self._written),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        example = self.dimension.example
        examples = [example, f"{example} ± 10 %"]
        return {"type": "string", "pattern": r"^\s*[0-9.]", "examples": examples}

    def _written(self, stated: Stated) -> str:
        unit = self.dimension.si_unit
        if stated.uncertainty is None:
            return f"{stated.value:g} {unit}"
        return f"{stated.value:g} ± {stated.uncertainty:g} {unit}"

    def _parse(self, value: Any) -> Stated:
        parts = _PLUS_MINUS.fullmatch(value) if isinstance(value, str) else None
        try:
            if parts is None:
                return self._checked(Stated(parse(value, self.dimension)))
            left, right = parts[1], parts[2]
            if right.endswith("%"):
                number = parse(left, self.dimension)
                return self._checked(Stated(number, number * parse(right, Dimension.FRACTION)))
            unit = re.sub(r"^[-+0-9.eE\s]+", "", right)
            bare = re.fullmatch(r"[-+0-9.eE]+", left)
            number = parse(f"{left} {unit}" if bare else left, self.dimension)
            return self._checked(Stated(number, parse(right, self.dimension)))
        except QuantityError as error:
            first = error.diagnostics[0]
            raise problem(first.message, code=first.code, help=first.help) from None

    def _checked(self, stated: Stated) -> Stated:
        if stated.value <= 0 or not 0 <= (stated.uncertainty or 0.0) < stated.value:
            raise problem(
                f"{self.dimension.noun} is above zero, and more than its uncertainty",
                code="E111",
                help=f'write for example "{self.dimension.example}"',
            )
        return stated


StatedConductivity = Annotated[Stated, _StatedOf(Dimension.CONDUCTIVITY)]
StatedResistance = Annotated[Stated, _StatedOf(Dimension.RESISTANCE)]
VoltageThreshold = Annotated[Threshold, _ThresholdOf(Dimension.VOLTAGE)]
CurrentThreshold = Annotated[Threshold, _ThresholdOf(Dimension.CURRENT)]
StirringThreshold = Annotated[Threshold, _ThresholdOf(Dimension.ROTATION_RATE)]
TemperatureThreshold = Annotated[Threshold, _ThresholdOf(Dimension.TEMPERATURE)]
GasFlowThreshold = Annotated[Threshold, _ThresholdOf(Dimension.MOLAR_FLOW)]
VolumeFlowThreshold = Annotated[Threshold, _ThresholdOf(Dimension.VOLUME_FLOW)]
ChargeTarget = Annotated[Quantity, one_of(Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT), Positive]
"""A charge in C, or in F/mol of the limiting component (SI: C/mol)."""


@dataclass(frozen=True, slots=True)
class StatedPotential:
    """A potential that the author of a protocol knows, and what it was measured against."""

    potential_V: float
    against: str
    """A reference electrode or scale of the table."""


class _Stated:
    """Pydantic annotation: a text such as "1.12 V vs Fc+/0" becomes a `StatedPotential`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"\S\s+vs\.?\s+\S", "examples": ["1.12 V vs Fc+/0"]}

    def _parse(self, value: Any) -> StatedPotential:
        match = re.fullmatch(
            r"\s*(.+?)\s+vs\.?\s+(.+?)\s*", value if isinstance(value, str) else ""
        )
        if match is None or len(value) > 120:
            raise problem(
                f"{value!r:.60} is no potential against a reference",
                code="E303",
                help='write for example "1.12 V vs Fc+/0" or "0.70 V vs Ag/AgCl (3 M KCl)"',
            )
        try:
            number = parse(match[1], Dimension.VOLTAGE)
            reference_electrode(match[2])
        except InputError as error:
            first = error.diagnostics[0]
            raise problem(first.message, code=first.code or "E303", help=first.help) from None
        return StatedPotential(number, match[2])


KnownPotential = Annotated[StatedPotential, _Stated()]
