"""Quantities inside pydantic models: SI floats in, diagnostics out, a schema for editors."""

from __future__ import annotations

from typing import Annotated

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from faradaic import quantities
from faradaic.quantities import (
    Amount,
    Current,
    Dimension,
    NonNegative,
    Positive,
    Quantity,
    Time,
    Voltage,
    diagnostic_of,
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
        ({"current": 5}, "current", "E102", "`5 A`"),
        ({"current": "{x} mA"}, "current", "E109", "`5 mA`"),
        ({"current": "5 mA", "duration": "0 s"}, "duration", "E111", "write a value"),
        ({"current": "5 mA", "offset": "-1 V"}, "offset", "E111", "write a value"),
        ({"current": "5 mA", "charge": "2 F"}, "charge", "E106", "`2 F/mol`"),
    ],
)
def test_an_error_carries_its_diagnostic(
    data: dict[str, object], place: str, code: str, help_part: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Step.model_validate(data)
    (error,) = caught.value.errors()
    diagnostic = diagnostic_of(error)
    assert diagnostic is not None
    assert error["loc"][0] == place
    assert diagnostic.code == code
    assert help_part in diagnostic.help
    assert error["msg"] == diagnostic.message


def test_errors_of_pydantic_itself_have_no_diagnostic() -> None:
    with pytest.raises(ValidationError) as caught:
        Step.model_validate({})
    assert diagnostic_of(caught.value.errors()[0]) is None


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


def test_every_dimension_has_a_field_type() -> None:
    reached = set()
    for name in quantities.__all__:
        marks = getattr(getattr(quantities, name), "__metadata__", ())
        reached |= {mark.dimensions[0] for mark in marks}
    assert reached == set(Dimension)
    assert TypeAdapter(Amount).validate_python("0.2 mmol") == 0.0002
