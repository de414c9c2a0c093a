"""MethodSCRIPT packages and literals: PalmSens' worked values, and round trips."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.literals import literal, parse_literal
from faradaic.methodscript_packages import (
    Field,
    GarbledPackage,
    decode_package,
    encode_field,
    encode_integer,
)

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "fixtures/palmsens/published.toml").read_text("utf-8")
)

# MethodSCRIPT_Examples bd1a44a: READMEs of Example_Python and Example_C; values by the rule of
# `mscript.py`, (hexadecimal - 2^27) x prefix. (field, value, status, range, noise)
WORKED = [
    ("da7F85F3Fu", -0.499905, None, None, None),
    ("ba48D503Dp,10,288", -57.847747e-6, 0, 0x88, None),
    ("da807B031u", 0.503857, None, None, None),
    ("dcDF5DFF4u", 99.999732, None, None, None),
    ("cc896D904m", 9885.956, None, None, None),
    ("cd82DB1A8u", 2.9946, None, None, None),
    ("da7F0BDF9u", -0.999943, None, None, None),
    ("ba7678CD7p,10,20F,40", -9.990953e-6, 0, 15, 0),
    ("da84E63DAn", 5.13737e-3, None, None, None),
    ("ba82AB973f,14,284", 2.799987e-9, 4, 0x84, None),
]


@pytest.mark.parametrize(("field", "value", "status", "index", "noise"), WORKED)
def test_published_fields_have_their_published_values(
    field: str, value: float, status: int | None, index: int | None, noise: int | None
) -> None:
    (found,) = decode_package(f"P{field}\n")
    assert found == Field(field[:2], pytest.approx(value, rel=1e-12), status, index, noise)


@pytest.mark.parametrize("field", [row[0] for row in WORKED])
def test_published_fields_are_encoded_as_published(field: str) -> None:
    assert encode_field(decode_package(f"P{field}")[0]) == field


def test_a_coarse_prefix_is_decoded_too() -> None:
    assert decode_package("Pab800000Am")[0].value == 0.01


def test_nan_takes_the_place_of_digits_and_prefix() -> None:
    (field,) = decode_package("Pba     nan,14,288")
    assert math.isnan(field.value)
    assert field.range_index == 0x88
    assert encode_field(Field("ba", math.nan)) == "ba     nan"


@given(st.floats(min_value=-1e26, max_value=1e26), st.sampled_from(["ab", "ba", "eb", "db"]))
def test_a_value_survives_the_wire_to_28_bits_of_its_finest_prefix(value: float, kind: str) -> None:
    (back,) = decode_package(f"P{encode_field(Field(kind, value, 2, 27))}\n")
    assert back.value == pytest.approx(value, rel=1e-3 / 134.2, abs=0.5e-18)
    assert (back.type, back.status, back.range_index) == (kind, 2, 27)


@given(st.integers(-(1 << 27), (1 << 27) - 1))
def test_an_integer_survives_the_wire(value: int) -> None:
    assert decode_package(f"Pee{encode_integer(value)}")[0].value == value


def test_what_does_not_fit_28_bits_is_refused() -> None:
    with pytest.raises(OverflowError):
        encode_integer(1 << 27)
    with pytest.raises(OverflowError):
        encode_field(Field("ba", math.inf))


@pytest.mark.parametrize(
    "line",
    ["", "P", "Pba", "Pba800000Z", "Pba80000_0m", "Pba+000000m", "Pba8000000m;", "Mba8000000m",
     "Pba8000000", "Pba800000m,10", "Pba8000000m,1X", "P;ba8000000m"],
)  # fmt: skip
def test_a_damaged_line_is_not_a_number(line: str) -> None:
    with pytest.raises(GarbledPackage):
        decode_package(line)


@given(st.text(max_size=40))
def test_no_line_raises_anything_but_garbled(text: str) -> None:
    try:
        decode_package("P" + text)
    except GarbledPackage:
        return


# Literals used in PalmSens' scripts: MSLoopExample009-CP, MSExample029, MSLoopExample001-LSV.
@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "1m"), (0.1, "100m"), (2.0, "2"), (58.505, "58505m"), (-0.5, "-500m"), (3e-5, "30u"),
     (4000.0, "4000"), (0.0, "0"), (1.5, "1500m"), (5.850535, "5850535u")],
)  # fmt: skip
def test_numbers_are_written_as_integers_with_a_prefix(value: float, text: str) -> None:
    assert literal(value) == text
    assert parse_literal(text) == value


@given(st.floats(min_value=1e-12, max_value=1e12) | st.floats(min_value=-1e12, max_value=-1e-12))
def test_a_literal_means_its_number_and_has_no_decimal_point(value: float) -> None:
    text = literal(value)
    assert "." not in text
    assert "e" not in text
    assert len(text) <= 11
    back = parse_literal(text)
    assert back == pytest.approx(value, rel=5e-7)


@pytest.mark.parametrize(
    ("text", "value"), [("11i", 11), ("0x1E", 30), ("0b111", 7), ("-3i", -3), ("2M", 2e6)]
)
def test_integers_are_told_from_floats(text: str, value: float) -> None:
    found = parse_literal(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1.5", "5mi", "0x1Ek", "m", "", "1e3", "--1", "12q"])
def test_what_is_not_a_literal_is_none(text: str) -> None:
    assert parse_literal(text) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e-19, 1e27])
def test_a_number_that_cannot_be_written_is_an_error(value: float) -> None:
    with pytest.raises(DeviceError, match="E513"):
        literal(value)


def test_marks_are_no_longer_than_an_instrument_writes() -> None:
    with pytest.raises(GarbledPackage):
        decode_package(f"Pda7F85F3Fu,1{'F' * 400}")
