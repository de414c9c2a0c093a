"""Numbers, identities and errors as SCPI instruments send them."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.instruments import scpi

REPLIES: dict[str, str] = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures/keithley/published.toml").read_text("utf-8")
)["replies"]


def test_published_replies_are_read() -> None:
    identity = scpi.identity(REPLIES["identity"])
    assert (identity.manufacturer, identity.model) == ("KEITHLEY INSTRUMENTS INC.", "MODEL 2450")
    assert (identity.serial, identity.firmware) == ("01234567", "1.0.0i")
    assert not identity.simulated
    assert scpi.error(REPLIES["no_error"]) == (0, "No error;0;0 0")
    assert scpi.number(REPLIES["fetch"].split(",")[1]) == -1.375422e-11


def test_overflow_and_not_a_number_are_no_values() -> None:
    # SCPI-99 vol. 1, 7.2.1.5
    assert scpi.number("9.9E37") == math.inf
    assert scpi.number("-9.900000E+37") == -math.inf
    assert math.isnan(scpi.number("9.91E37"))
    assert math.isnan(scpi.number("+9.910000E+37"))
    assert scpi.number("9.8E37") == 9.8e37


@pytest.mark.parametrize("text", ["", "volt", "1,5", "1.0.0", "0x10 "])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(scpi.ScpiReplyError):
        scpi.number(text)


@given(st.text())
def test_any_reply_is_read_or_refused(text: str) -> None:
    for read in (scpi.number, scpi.identity, scpi.error):
        try:
            read(text)
        except scpi.ScpiReplyError:
            continue


def test_an_error_keeps_its_text_with_the_instruments_details() -> None:
    reply = '-113,"Undefined header;1;2018/05/26 14:00:14.871"'
    assert scpi.error(reply) == (-113, "Undefined header;1;2018/05/26 14:00:14.871")
