"""Quantities inside pydantic models: SI floats in, diagnostics out, a schema for editors."""

from __future__ import annotations

from typing import Annotated

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from faradaic.quantities import Dimension, Quantity
from faradaic.quantities.fields import (
    Amount,
    Current,
    NonNegative,
    Positive,
    Time,
    Voltage,
    one_of,
)


class Step(BaseModel):
    current: Current
    duration: Annotated[Time, Positive] = 60.0
    offset: Annotated[Voltage, NonNegative] | None = None
    charge: Annotated[Quantity, one_of(Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT)] | None = None


def test_text_becomes_a_float_in_si() -> None:
    step = Step.model_validate({"current": "5 mA", "duration": "1 h 30 min", "charge": "2 C"})
    assert step.current == 0.005
    assert step.duration == 5400.0
    assert step.charge == Quantity(2.0, Dimension.CHARGE)
    assert step.model_dump(mode="json")["current"] == 0.005


@pytest.mark.parametrize(
    ("data", "place", "code", "help_part"),
    [
        ({"current": "1,5 mA"}, "current", "E103", "`1.5 mA`"),
        ({"current": 5}, "current", "E102", "`5 mA`"),
        ({"current": "{x} mA"}, "current", "E109", "`5 mA`"),
        ({"current": "5 mA", "duration": "0 s"}, "duration", "E111", "write a value"),
        ({"current": "5 mA", "offset": "-1 V"}, "offset", "E111", "write `1 V`"),
        ({"current": "5 mA", "charge": "2 F"}, "charge", "E106", "`2 F/mol`"),
    ],
)
def test_an_error_carries_its_diagnostic(
    data: dict[str, object], place: str, code: str, help_part: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Step.model_validate(data)
    (error,) = caught.value.errors()
    assert error["loc"][0] == place
    context = error["ctx"]
    assert context["code"] == code
    assert help_part in context["help"]
    assert error["msg"] == context["message"]


def test_an_editor_accepts_what_the_parser_accepts() -> None:
    schema = TypeAdapter(Step).json_schema()
    Draft7Validator.check_schema(schema)
    editor = Draft7Validator(schema)
    good = [d.example for d in Dimension] + ["5mA", "−5 mA", "1 h 30 min", "25°C", "50 Ω", "50 %"]
    for text in good:
        assert editor.is_valid({"current": text}), text
    for bad in ("5", "mA", "1,5 mA", "9**9", 5, None, ""):
        assert not editor.is_valid({"current": bad}), bad
    assert "mA" in schema["properties"]["current"]["description"]


def test_a_field_type_is_of_its_dimension() -> None:
    assert TypeAdapter(Amount).validate_python("0.2 mmol") == 0.0002
