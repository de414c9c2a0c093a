"""The 2450's driver where answers are late, doubled, damaged or lost, or the wire is cut."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.readings import EndReason
from faradaic.instruments.scpi import ScpiChannel
from faradaic.instruments.transports import TransportClosed, TransportTimeout
from rigs.keithley import Bench, current


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.driver.connect(made.clock)
    return made


def test_a_late_reply_is_never_taken_for_the_next_one(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=5.0), bench.clock)
    next(stream)
    bench.line.late = 1
    readings = list(stream)
    assert len(readings) == 5
    for reading in readings:
        assert reading.current_A == pytest.approx(5e-3, rel=1e-4)
        assert reading.cell_voltage_V == pytest.approx(5.5, rel=1e-4)


def test_after_a_timeout_a_channel_finds_its_place_before_it_answers(bench: Bench) -> None:
    channel = ScpiChannel(bench.line)
    bench.line.late = 1
    with pytest.raises(TransportTimeout):
        channel.query(":SOUR:CURR:VLIM?", attempts=1)
    assert channel.suspect
    assert channel.query(":OUTP?") == "0"  # and not the 21 V that are still on their way
    assert not channel.suspect


def test_a_garbled_reply_is_asked_for_again(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=3.0), bench.clock)
    next(stream)
    bench.line.garbled = 1
    assert [r.current_A for r in stream] == pytest.approx([5e-3] * 3, rel=1e-4)


def test_a_late_reply_does_not_fake_the_output_off(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.late = 1
    state = bench.driver.output_off(bench.clock)
    assert state.on is False
    assert bench.ask(":OUTP?") == "0"


@pytest.mark.parametrize("answer", [b"\xff2.5,,\n", b"?\n", b"200;\n", b"\n"])
def test_a_damaged_answer_is_no_evidence_of_the_output(bench: Bench, answer: bytes) -> None:
    bench.line.spoiled = {b":OUTP?": [answer]}
    assert bench.driver.output_off(bench.clock).on is False  # it was asked once more
    bench.line.spoiled = {b":OUTP?": 99 * [answer]}
    state = bench.driver.output_off(bench.clock)
    assert state.on is None
    assert ":OUTP?" in state.evidence


def test_a_damaged_answer_while_running_is_not_taken_for_an_output_that_went_off(
    bench: Bench,
) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=3.0), bench.clock)
    next(stream)
    bench.line.spoiled = {b"READ?": [b"#\n"], b":OUTP?": [b"#\n"]}
    assert [r.current_A for r in stream] == pytest.approx([5e-3] * 3, rel=1e-4)


@pytest.mark.parametrize(
    "answer",
    [
        b"5.000000E-03,5.500000E+00,28",  # status 128 without its first digit: output off
        b"5.800000E-03,5.500000E+00,128",  # no 2450 gives 16 % more than it is set to
        b"5.000000E-03,.500000E+00,128",  # IEEE 488.2: a digit stands before the point
    ],
)
def test_a_reading_with_one_damaged_digit_is_asked_for_again(bench: Bench, answer: bytes) -> None:
    read_until, readings_seen = bench.line.read_until, []

    def damage(terminator: bytes, timeout_s: float) -> bytes:
        line = read_until(terminator, timeout_s)
        if b"," in line and b'"' not in line:
            readings_seen.append(line)
            if len(readings_seen) == 3:
                return line.partition(b";")[0] + b";" + answer + b"\n"
        return line

    bench.line.read_until = damage  # type: ignore[method-assign]
    readings, end = bench.run(current(5e-3))
    assert end is EndReason.DURATION
    assert all(r.current_A == pytest.approx(5e-3, rel=1e-3) for r in readings)
    assert all(r.cell_voltage_V == pytest.approx(5.5, rel=1e-3) for r in readings)
    assert sum(bool(r.refused) for r in readings) == 1


def test_an_output_that_cannot_be_read_is_not_called_off(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=3.0), bench.clock)
    next(stream)
    bench.line.spoiled = {b"READ?": [b"#\n"], b":OUTP?": 99 * [b"#\n"]}
    with pytest.raises(DeviceError, match="could not be read"):
        next(stream)
    bench.line.spoiled = {}
    assert bench.ask(":OUTP?") == "0"


def test_an_answer_that_comes_twice_is_passed_over(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=5.0), bench.clock)
    first = next(stream)
    bench.line.twice = 2
    second = next(stream)
    bench.line.transport.write(b":SENS:VOLT:RANG 2\n")  # from here on the voltage overflows
    third = next(stream)
    stream.close()
    assert not first.overload
    assert not second.overload
    assert third.overload
    assert bench.ask(":OUTP?") == "0"


def test_a_cut_wire_is_an_error_and_the_output_unknown(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.cut = True
    with pytest.raises(TransportClosed):
        next(stream)
    state = bench.driver.output_off(bench.clock)
    assert state.on is None
    assert "unplugged" in state.evidence
    bench.line.cut = False
    assert bench.driver.output_off(bench.clock).on is False


def test_closing_the_stream_of_a_cut_wire_says_the_output_is_unverified(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.cut = True
    with pytest.raises(DeviceError, match="not read back as off"):
        stream.close()


def test_an_output_that_goes_off_by_itself_ends_the_run(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.transport.write(b":OUTP OFF\n")
    with pytest.raises(DeviceError, match="is off though its segment is running"):
        next(stream)


def test_an_error_of_the_instrument_is_told_with_its_code(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=2.0), bench.clock)
    next(stream)
    bench.line.transport.write(b":SOUR:CURR 99\n")
    with pytest.raises(DeviceError, match="-222, Data out of range"):
        list(stream)
    assert bench.ask(":OUTP?") == "0"


def test_an_overflow_is_no_value(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.transport.write(b":SENS:VOLT:RANG 2\n")
    reading = next(stream)
    stream.close()
    assert reading.raw.split(",")[1] == "9.900000E+37"
    assert reading.cell_voltage_V is None
    assert reading.overload
    assert reading.current_A == pytest.approx(5e-3, rel=1e-4)
