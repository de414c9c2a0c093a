"""Quantities as pydantic fields: text in the file, a float in SI in the model.

`current: Current` takes "5 mA" and holds 0.005. `Annotated[Time, Positive]` narrows the sign, and
`Annotated[Quantity, one_of(Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT)]` takes either and
holds a `Quantity`. What is wrong comes out as a pydantic error of type `"quantity"` whose context
holds code, message and help. pydantic itself is imported only when a model asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from faradaic.diagnostics import Diagnostic
from faradaic.quantities import units
from faradaic.quantities.dimensions import Dimension, Sign
from faradaic.quantities.grammar import (
    MAX_LENGTH,
    Quantity,
    QuantityError,
    parse_quantity,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

ERROR_TYPE = "quantity"
"""The `type` of the pydantic errors that carry a diagnostic."""

_PATTERN = r"^\s*[+\-−]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+\-−]?[0-9]+)?\s*[A-Za-zµμΩΩ°%].*$"


@dataclass(frozen=True, slots=True)
class QuantityField:
    """Makes a pydantic field of one or more dimensions; used inside `Annotated`."""

    dimensions: tuple[Dimension, ...]
    as_quantity: bool = False
    """Validate to a `Quantity` rather than to a float."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        named = [
            f"{d.noun} ({', '.join(dict.fromkeys(units.of_dimension(d)))})" for d in self.dimensions
        ]
        return {
            "type": "string",
            "pattern": _PATTERN,
            "maxLength": MAX_LENGTH,
            "description": "A number with its unit: " + " or ".join(named) + ".",
            "examples": [d.example for d in self.dimensions],
        }

    def _validate(self, value: object) -> float | Quantity:
        try:
            quantity = parse_quantity(value, *self.dimensions)
        except QuantityError as error:
            raise _pydantic_error(error.diagnostics[0]) from None
        return quantity if self.as_quantity else quantity.value


@dataclass(frozen=True, slots=True)
class SignRule:
    """Narrows the sign of a quantity field; used inside `Annotated`, after the quantity type."""

    sign: Sign

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        def check(value: object, inner: core_schema.ValidatorFunctionWrapHandler) -> object:
            result = inner(value)
            number = result.value if isinstance(result, Quantity) else result
            if not self.sign.allows(number):
                message = f"`{value}` is out of range: this must be {self.sign.value}"
                help_text = _without_sign(value) or f"write a value that is {self.sign.value}"
                raise _pydantic_error(Diagnostic("E111", message, help=help_text))
            return result

        return core_schema.no_info_wrap_validator_function(check, handler(source))


def _without_sign(value: object) -> str:
    """What to write for a quantity that is only wrong in its sign; empty where that is not it."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("-", "−"):
        return ""
    bare = value.lstrip()[1:].lstrip()
    try:
        found = parse_quantity(bare, *Dimension)
    except QuantityError:
        return ""
    if not found.value > 0.0:
        return ""
    which_way = ""
    if found.dimension in (Dimension.CURRENT, Dimension.CURRENT_DENSITY):
        which_way = ", its magnitude: the roles of the electrodes say which way it flows"
    return f"write `{bare}`{which_way}"


def _pydantic_error(diagnostic: Diagnostic) -> Exception:
    from pydantic_core import PydanticCustomError

    context = {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "help": diagnostic.help,
    }
    return PydanticCustomError(ERROR_TYPE, "{message}", context)


def one_of(*dimensions: Dimension) -> QuantityField:
    """For a field that takes any of these: `Annotated[Quantity, one_of(...)]`."""
    return QuantityField(dimensions, as_quantity=True)


def _field(dimension: Dimension) -> QuantityField:
    return QuantityField((dimension,))


Positive = SignRule(Sign.POSITIVE)
"""`Annotated[Current, Positive]`: greater than zero."""
NonNegative = SignRule(Sign.NON_NEGATIVE)
"""`Annotated[Charge, NonNegative]`: zero or more."""

Current = Annotated[float, _field(Dimension.CURRENT)]
CurrentDensity = Annotated[float, _field(Dimension.CURRENT_DENSITY)]
Charge = Annotated[float, _field(Dimension.CHARGE)]
ChargeRatePerAmount = Annotated[float, _field(Dimension.CHARGE_RATE_PER_AMOUNT)]
Time = Annotated[float, _field(Dimension.TIME)]
Length = Annotated[float, _field(Dimension.LENGTH)]
Area = Annotated[float, _field(Dimension.AREA)]
SpecificArea = Annotated[float, _field(Dimension.SPECIFIC_AREA)]
Volume = Annotated[float, _field(Dimension.VOLUME)]
Amount = Annotated[float, _field(Dimension.AMOUNT)]
Concentration = Annotated[float, _field(Dimension.CONCENTRATION)]
Voltage = Annotated[float, _field(Dimension.VOLTAGE)]
CurrentRate = Annotated[float, _field(Dimension.CURRENT_RATE)]
ScanRate = Annotated[float, _field(Dimension.SCAN_RATE)]
Temperature = Annotated[float, _field(Dimension.TEMPERATURE)]
TemperatureDifference = Annotated[float, _field(Dimension.TEMPERATURE_DIFFERENCE)]
Mass = Annotated[float, _field(Dimension.MASS)]
Density = Annotated[float, _field(Dimension.DENSITY)]
MolarMass = Annotated[float, _field(Dimension.MOLAR_MASS)]
ArealLoading = Annotated[float, _field(Dimension.AREAL_LOADING)]
VolumeFlow = Annotated[float, _field(Dimension.VOLUME_FLOW)]
GasFlow = Annotated[float, _field(Dimension.MOLAR_FLOW)]
Pressure = Annotated[float, _field(Dimension.PRESSURE)]
RotationRate = Annotated[float, _field(Dimension.ROTATION_RATE)]
Frequency = Annotated[float, _field(Dimension.FREQUENCY)]
Resistance = Annotated[float, _field(Dimension.RESISTANCE)]
AreaResistance = Annotated[float, _field(Dimension.AREA_RESISTANCE)]
DiffusionCoefficient = Annotated[float, _field(Dimension.DIFFUSION_COEFFICIENT)]
RateConstant = Annotated[float, _field(Dimension.RATE_CONSTANT)]
ArealCapacitance = Annotated[float, _field(Dimension.AREAL_CAPACITANCE)]
Fraction = Annotated[float, _field(Dimension.FRACTION)]
