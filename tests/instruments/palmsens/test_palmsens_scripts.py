"""The scripts that segments become, the tables behind them, and the errors that come back."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.device_models import model
from faradaic.instruments.palmsens.errors import error_table, parse_error, script_error
from faradaic.instruments.palmsens.literals import parse_literal
from faradaic.instruments.palmsens.script_parts import LINE_MAX
from faradaic.instruments.palmsens.scripts import script_for
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CyclicVoltammetrySegment,
    LinearSweepSegment,
    OpenCircuitSegment,
    Segment,
)

HR = model("emstat4_hr")

SEGMENTS: list[Segment] = [
    OpenCircuitSegment(60, 1),
    ConstantCurrentSegment(5e-3, 5.5, 3600, 1, 10),
    ConstantCurrentSegment(-5e-3, 5.5, 3600, 1, math.inf),
    ConstantPotentialSegment(1.2, 0.02, 3600, 1, 10),
    ConstantCellVoltageSegment(2.5, 0.02, 3600, 1, 10),
    LinearSweepSegment(0, 1.5, 5e-3, 0.1, 0.02),
    CyclicVoltammetrySegment(0, 1.5, -0.5, 5e-3, 0.1, 3, 0.02),
]


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda s: type(s).__name__)
def test_every_script_ends_with_the_cell_off_on_every_way_out(segment: Segment) -> None:
    lines = script_for(segment, HR).text.splitlines()
    assert lines[-2:] == ["on_finished:", "cell_off"]
    assert "" not in lines  # an empty line would end the script early


@given(
    st.floats(1e-6, 0.2), st.floats(0.1, 30), st.floats(1, 1e6), st.floats(0.02, 60),
    st.floats(1e-3, 1e5),
)  # fmt: skip
def test_scripts_have_short_lines_and_no_decimal_points(
    current_A: float, limit_V: float, duration_s: float, interval_s: float, charge_C: float
) -> None:
    segment = ConstantCurrentSegment(current_A, limit_V, duration_s, interval_s, charge_C)
    text = script_for(segment, HR).text
    assert all(len(line) <= LINE_MAX for line in text.splitlines())
    assert "." not in text
    assert text.isascii()


@given(st.floats(1, 1e6), st.floats(0.02, 100))
def test_the_last_point_ends_the_duration_and_points_are_never_sparser_than_asked(
    duration_s: float, interval_s: float
) -> None:
    text = script_for(OpenCircuitSegment(duration_s, interval_s), HR).text
    match = re.search(r"meas_loop_ocp e (\S+) (\S+)", text)
    assert match is not None
    step_s, length_s = parse_literal(match[1]), parse_literal(match[2])
    assert step_s is not None
    assert length_s is not None
    points = math.floor(length_s / step_s)
    assert step_s <= interval_s * (1 + 1e-6)
    assert points * step_s == pytest.approx(duration_s, rel=3e-6)


def test_a_long_run_gets_one_reading_a_second_and_a_first_one_early() -> None:
    text = script_for(ConstantCurrentSegment(5e-3, 5, 17280, 1, math.inf), HR).text
    assert "meas_loop_cp e s 5m 100m 100m add_meas(0 ba i)" in text
    assert "meas_loop_cp e s 5m 999992213n 17279900m add_meas(0 ba i)" in text


def test_limits_are_checked_on_the_instrument() -> None:
    text = script_for(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, 86.8), HR).text
    for condition in ("if e >= 5500m", "if e <= -5500m", "if q >= 86800m"):
        assert re.search(condition + r'\nsend_string "\w+"\nbreakloop\nendif\n', text)


@pytest.mark.parametrize(
    ("segment", "asked", "allowed"),
    [
        (ConstantCurrentSegment(0.25, 5, 10, 1, 1), "0.25 A", "0.2 A"),
        (ConstantCurrentSegment(0.0, 5, 10, 1, 1), "0 A", "open_circuit"),
        (ConstantPotentialSegment(6.5, 0.1, 10, 1, 1), "6.5 V", "6 V"),
        (LinearSweepSegment(-7, 1, 0.01, 0.1, 0.1), "-7 V", "-6 V"),
        (CyclicVoltammetrySegment(0, 1, -6.1, 0.01, 0.1, 1, 0.1), "-6.1 V", "-6 V"),
        (LinearSweepSegment(0, 1, 0.001, 1.0, 0.1), "0.001 s", "0.005 s"),
        (OpenCircuitSegment(10, 0.001), "0.001 s", "0.02 s"),
    ],
)
def test_what_the_instrument_cannot_do_is_refused_with_both_numbers(
    segment: Segment, asked: str, allowed: str
) -> None:
    with pytest.raises(DeviceError) as caught:
        script_for(segment, HR)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E512"
    assert asked in diagnostic.message
    assert allowed in diagnostic.help


def test_a_pico_has_no_constant_current() -> None:
    with pytest.raises(DeviceError, match="potentiostat only"):
        script_for(ConstantCurrentSegment(1e-3, 1, 10, 1, 1), model("emstat_pico"))


# Ranges: MethodSCRIPT_Examples bd1a44a, mscript.py; limits: MethodSCRIPT manual, appendix.
@pytest.mark.parametrize(
    ("key", "volts", "amperes", "index", "range_A"),
    [
        ("emstat4_lr", 3.0, 0.030, 3, 1e-9),
        ("emstat4_hr", 6.0, 0.200, 27, 0.1),
        ("nexus", 10.0, 1.0, 11, 1.0),
        ("emstat_pico", 2.6, 0.003, 7, 125e-6),
    ],
)
def test_the_table_of_models_says_what_the_manufacturer_says(
    key: str, volts: float, amperes: float, index: int, range_A: float
) -> None:
    instrument = model(key)
    assert (instrument.compliance_V, instrument.current_max_A) == (volts, amperes)
    assert instrument.current_ranges_A[index] == range_A
    assert instrument.full_scales_A()[-1] == amperes


@pytest.mark.parametrize(
    ("line", "code", "row", "column"),
    [
        ("e!4001: Line 1, Col 27", "4001", 1, 27),
        ("!0014: Line 12", "0014", 12, None),
        ("Z!0006", "0006", None, None),
        ("r!000c\n", "000C", None, None),
    ],
)
def test_errors_are_recognised_in_every_documented_form(
    line: str, code: str, row: int | None, column: int | None
) -> None:
    assert parse_error(line) == (code, row, column)


@pytest.mark.parametrize("line", ["Twhat a result!0006", "Pba8000000m", "*", "", "M0007"])
def test_other_lines_are_not_errors(line: str) -> None:
    assert parse_error(line) is None


def test_an_error_quotes_the_line_of_the_script_and_explains_the_code() -> None:
    reply = parse_error("!4027: Line 2")
    assert reply is not None
    error = script_error(reply, "var e\nmeas_loop_ca e i 1 1 9\n")
    assert "!4027" in str(error)
    assert error_table()["4027"]["meaning"] in str(error)
    assert "`meas_loop_ca e i 1 1 9`" in str(error)


def test_an_unknown_code_is_reported_as_such() -> None:
    reply = parse_error("e!4FFF")
    assert reply is not None
    assert "not in the table" in str(script_error(reply, "t"))


def test_a_sweep_begins_on_the_range_of_the_current_that_is_expected() -> None:
    def ranges(expected_A: float | None) -> list[str]:
        segment = LinearSweepSegment(0, 1.5, 5e-3, 0.1, 0.02, expected_A)
        text = script_for(segment, model("nexus")).text
        return [line for line in text.splitlines() if line.startswith(("set_range ba", "set_auto"))]

    assert ranges(2.16e-3) == ["set_range ba 2160u", "set_autoranging ba 2160n 20m"]
    assert ranges(None) == ["set_range ba 20m", "set_autoranging ba 100p 20m"]
    assert ranges(0.5) == ["set_range ba 20m", "set_autoranging ba 500u 20m"]
