"""How a segment of a PalmSens driver ends, and what faults on the wire do."""

from __future__ import annotations

import math

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.driver import (
    EmStat4HR,
)
from faradaic.instruments.palmsens.errors import ScriptError
from faradaic.instruments.readings import EndReason
from faradaic.instruments.segments import (
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    OpenCircuitSegment,
)
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.instruments.transports.addresses import Setting
from faradaic.instruments.transports.tcp import TcpScheme
from faradaic.methodscript_packages import decode_package
from faradaic.simulators.palmsens.emulator import (
    emstat4_hr,
)
from faradaic.simulators.server import EmulatorServer
from faradaic.testing import DummyCell, drain
from rigs.palmsens import Rig, new_rig


@pytest.fixture
def rig() -> Rig:
    """An EmStat4 HR on the dummy cell."""
    return new_rig()


# Ends ------------------------------------------------------------------------------------------


def test_stop_ends_the_script_within_half_a_second_and_turns_the_cell_off(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 60, math.inf), rig.clock)
    next(stream)
    assert rig.cell_on
    asked_s = rig.clock.monotonic_s()
    rig.driver.stop()
    rest, reason = drain(stream)
    assert reason is EndReason.STOPPED
    assert rest == []
    assert rig.clock.monotonic_s() - asked_s < 1.0
    assert not rig.cell_on
    assert b"Z\n" in rig.cable.sent
    assert rig.run(OpenCircuitSegment(2, 1))[1] is EndReason.DURATION


def test_closing_the_stream_turns_the_cell_off(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    for _ in range(5):
        next(stream)
    stream.close()
    assert not rig.cell_on
    assert rig.run(OpenCircuitSegment(2, 1))[1] is EndReason.DURATION


def test_output_off_is_idempotent_and_carries_its_evidence(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    next(stream)
    assert rig.cell_on
    for _ in range(3):
        state = rig.driver.output_off(rig.clock)
        assert state.on is False
        assert "meas_loop_ocp accepted" in state.evidence
        assert not rig.cell_on


def test_a_cell_that_does_not_switch_off_is_reported_on(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    next(stream)
    assert rig.cell_on
    monkeypatch.setattr(rig.emulator.front, "switch_off", lambda now_s: None)  # a stuck relay
    state = rig.driver.output_off(rig.clock)
    assert state.on is True
    assert "0014" in state.evidence


def test_after_a_runtime_error_the_cell_is_turned_off_and_the_line_is_quoted() -> None:
    rig = Rig(cell=DummyCell(ohm=0.5)).connect()
    rig.cable.sent.clear()
    with pytest.raises(ScriptError) as caught:
        rig.run(ConstantPotentialSegment(1.0, 0.5, 60, 1, math.inf))
    text = str(caught.value)
    assert caught.value.reply.code == "0032"
    assert "critical overload" in text
    assert "`meas_loop_ca e i 1 step run add_meas(0 ab p)`" in text
    assert "turned off and read back" in text
    script, off = bytes(rig.cable.sent).split(b"on_finished:\ncell_off\n\n", 1)
    assert b"cell_on" in script
    assert off.startswith(b"\nZ\ne\ncell_off\n")
    assert not rig.cell_on


# Faults ----------------------------------------------------------------------------------------


def test_one_damaged_line_costs_one_reading_and_is_kept_as_it_came(rig: Rig) -> None:
    count = 0

    def disturb(line: bytes) -> bytes:
        nonlocal count
        count += line.startswith(b"P")
        return line[:9] + line[12:] if line.startswith(b"P") and count == 5 else line

    rig.cable.disturb = disturb
    readings, reason = rig.run(ConstantCurrentSegment(5e-3, 5.5, 20, 1, math.inf))
    assert reason is EndReason.DURATION
    damaged = [r for r in readings if r.current_A is None]
    assert len(damaged) == 1
    assert damaged[0].cell_voltage_V is None
    assert damaged[0].raw
    assert sorted(r.time_s for r in readings) == [r.time_s for r in readings]


def test_a_line_that_stays_damaged_ends_the_segment_with_the_cell_off(rig: Rig) -> None:
    rig.cable.disturb = lambda line: b"P????\n" if line.startswith(b"Peb") else line
    with pytest.raises(DeviceError, match="unreadable output"):
        rig.run(ConstantCurrentSegment(5e-3, 5.5, 60, 1, math.inf))
    assert not rig.cell_on


def test_a_spurious_end_is_not_the_end(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 60, 1, math.inf), rig.clock)
    next(stream)
    next(stream)
    lines = iter([b"\n"])
    rig.cable.disturb = lambda line: next(lines, line)
    rest, reason = drain(stream)
    assert reason is EndReason.DURATION
    assert rest[-1].on_for_s == pytest.approx(60.0, abs=1e-3)
    assert not rig.cell_on


def test_an_instrument_that_falls_silent_is_suspect_and_its_cell_unknown(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 600, 1, math.inf), rig.clock)
    next(stream)
    rig.cable.mute = True
    with pytest.raises(TransportTimeout) as caught:
        next(stream)
    assert "sent nothing for 8 s" in str(caught.value)
    assert "unknown" in str(caught.value)
    assert rig.driver.output_off(rig.clock).on is None
    rig.cable.mute = False
    assert rig.driver.output_off(rig.clock).on is False
    assert not rig.cell_on
    readings, _ = rig.run(OpenCircuitSegment(3, 1))
    assert [decode_package(r.raw)[0].type for r in readings] == ["eb"] * 3


def test_a_cable_that_is_pulled_out_is_an_error_and_the_instrument_turns_itself_off(
    rig: Rig,
) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 100, 1, math.inf), rig.clock)
    for _ in range(11):
        last_s = next(stream).on_for_s or 0.0
    rig.cable.unplugged = True
    with pytest.raises(TransportClosed):
        next(stream)
    assert rig.driver.output_off(rig.clock).on is None
    assert rig.cell_on
    rig.wait(200.0)
    assert not rig.cell_on  # as `outlives_s` promises
    assert rig.driver.capabilities.outlives_s == 2.0
    assert rig.cell.gross_C < 5e-3 * (last_s + 2.0)


# Elsewhere -------------------------------------------------------------------------------------


def test_the_same_driver_talks_over_a_socket_in_real_time() -> None:
    emulator = emstat4_hr(DummyCell(rest_V=0.4), 1)
    with EmulatorServer(emulator, 0) as server:
        scheme = TcpScheme(Setting())
        transport: Transport = scheme.open(f"127.0.0.1:{server.port}")
        source = EmStat4HR(transport)
        source.connect(scheme.clock)
        readings, reason = drain(source.run(OpenCircuitSegment(0.2, 0.05), scheme.clock))
        source.close()
    assert (len(readings), reason) == (4, EndReason.DURATION)
    assert readings[-1].potential_V == pytest.approx(0.4, abs=1e-3)


# Proven off: only a measurement that was accepted proves it --------------------------------------


def _stuck(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.emulator.front, "switch_off", lambda now_s: None)


def test_without_a_reading_at_open_circuit_nothing_is_proven(rig: Rig) -> None:
    rig.cable.disturb = lambda line: b"+\n" if line.startswith(b"P") else line
    state = rig.driver.output_off(rig.clock)
    assert state.on is None
    assert "no reading" in state.evidence


def test_an_error_of_another_kind_proves_nothing(rig: Rig) -> None:
    rig.cable.disturb = lambda line: b"!4004: Line 2, Col 1\n" if line.startswith(b"P") else line
    assert rig.driver.output_off(rig.clock).on is None


def test_a_stop_that_leaves_the_cell_on_is_an_error(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    next(stream)
    _stuck(rig, monkeypatch)
    rig.driver.stop()
    with pytest.raises(DeviceError, match="0014"):
        drain(stream)


def test_a_stop_that_proves_nothing_is_an_error(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrentSegment(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    next(stream)
    rig.driver.stop()
    rig.cable.disturb = lambda line: b"+\n" if line.startswith(b"P") else line
    with pytest.raises(DeviceError, match="stopped, but"):
        drain(stream)


def test_an_instrument_whose_cell_cannot_be_proven_off_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    rig.cable.disturb = lambda line: b"+\n" if line.startswith(b"P") else line
    with pytest.raises(DeviceError) as caught:
        rig.connect()
    assert caught.value.diagnostics[0].code == "E514"
