"""Numbers on their way out: the unit asked for, enough digits, and readable back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.quantities import (
    Dimension,
    QuantityError,
    convert,
    format_duration,
    format_quantity,
    parse,
    to_SI,
)
from faradaic.quantities.units import table


@pytest.mark.parametrize(
    ("value_SI", "unit", "digits", "text"),
    [
        (0.005, "mA", 3, "5.00 mA"),
        (-0.0123456, "mA", 3, "-12.3 mA"),
        (0.0, "V", 3, "0.00 V"),
        (298.15, "degC", 3, "25.0 degC"),
        (40.0, "mA/cm^2", 2, "4.0 mA/cm^2"),
        (434183.99454, "F/mol", 3, "4.50 F/mol"),
        (12345.0, "s", 3, "12345 s"),
        (0.9999, "V", 3, "1.00 V"),
        (1.5e-9, "A", 3, "1.50e-9 A"),
        (2.5e9, "Hz", 2, "2.5e9 Hz"),
        (math.nan, "V", 3, "nan V"),
    ],
)
def test_a_value_is_written_in_the_unit_asked_for(
    value_SI: float, unit: str, digits: int, text: str
) -> None:
    assert format_quantity(value_SI, unit, digits) == text


def test_an_unknown_unit_is_an_error() -> None:
    with pytest.raises(QuantityError, match="`furlong` is not a unit"):
        convert(1.0, "furlong")


@given(st.floats(1e-9, 1e9), st.sampled_from([u for u in table() if not u.offset]))
def test_what_is_written_is_read_back(value: float, unit: object) -> None:
    name, dimension = unit.name, unit.dimension  # type: ignore[attr-defined]
    value_SI = value * float(unit.factor)  # type: ignore[attr-defined]
    written = format_quantity(value_SI, name, digits=17)
    assert parse(written, dimension) == pytest.approx(value_SI, rel=1e-14)
    assert to_SI(convert(value_SI, name), name) == pytest.approx(value_SI, rel=1e-14)


def test_a_number_in_a_unit_goes_to_si_correctly_rounded() -> None:
    assert [to_SI(1.1, "cm^2"), to_SI(25.0, "degC"), to_SI(-7.0, "mA")] == [1.1e-4, 298.15, -7e-3]
    assert math.isnan(to_SI(math.nan, "mV"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (59.4, "59.40 s"),
        (59.9, "1 min"),
        (90, "1 min 30 s"),
        (3599.8, "1 h"),
        (17366, "4 h 49 min"),
        (86399, "1 d"),
        (100_000, "1 d 4 h"),
        (math.inf, "inf s"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(0, 1e7))
def test_a_duration_is_read_back_to_its_last_unit(seconds: float) -> None:
    precision_s = 0.5 + (30 if seconds > 3500 else 0) + (1800 if seconds > 86000 else 0)
    assert parse(format_duration(seconds), Dimension.TIME) == pytest.approx(
        seconds, abs=precision_s
    )
