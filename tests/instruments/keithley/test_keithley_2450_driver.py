"""The 2450's driver, against the emulated instrument on its virtual clock."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CurrentInterruptSegment,
    LevelsSegment,
    OpenCircuitSegment,
    Segment,
    StaircaseSegment,
)
from faradaic.instruments.traits import DRIVERS, Source
from faradaic.instruments.transports import LinkError
from rigs.keithley import Bench, current


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.driver.connect(made.clock)
    return made


def test_the_registry_knows_it_and_it_declares_what_it_can_do() -> None:
    assert DRIVERS.load("keithley-2450") is Keithley2450
    able = Keithley2450.capabilities
    assert able.modes == {
        OpenCircuitSegment.mode,
        ConstantCurrentSegment.mode,
        CurrentInterruptSegment.mode,
        ConstantCellVoltageSegment.mode,
        LevelsSegment.mode,
        StaircaseSegment.mode,
    }
    assert not able.reference_electrode
    assert (able.compliance_V, able.current_max_A) == (21.0, 1.0)
    assert able.current_range_A(5e-3) == 1e-2
    assert isinstance(Bench().driver, Source)


def test_connecting_identifies_it_and_leaves_its_output_off_and_open() -> None:
    bench = Bench()
    # What a program leaves behind that was killed: an error, the output on, half a command.
    bench.line.transport.write(b"NONSENSE\n:OUTP ON\n*ID")
    identity = bench.driver.connect(bench.clock)
    assert identity.serial == "SIM00001"
    assert identity.simulated
    assert bench.ask(":OUTP?;:OUTP:CURR:SMOD?;:OUTP:VOLT:SMOD?") == "0;HIMP;HIMP"
    assert bench.ask(":SYST:ERR:COUN?") == "0"
    assert not any(b"*RST" in line for line in bench.line.written)


@pytest.mark.parametrize("language", ["TSP", "SCPI2400"])
def test_another_command_set_is_refused_with_how_to_change_it(language: str) -> None:
    bench = Bench()
    bench.line.transport.write(f"*LANG {language}\n".encode())
    with pytest.raises(DeviceError, match="Command Set") as caught:
        bench.driver.connect(bench.clock)
    assert caught.value.diagnostics[0].code == "E510"


def test_another_model_is_refused() -> None:
    bench = Bench()
    bench.emulator.identification = "KEITHLEY INSTRUMENTS,MODEL 2461,SIM00001,1.7.12b"  # type: ignore[attr-defined]
    with pytest.raises(DeviceError, match="MODEL 2461, not a Keithley 2450"):
        bench.driver.connect(bench.clock)


def test_constant_current_reads_both_quantities_on_the_grid(bench: Bench) -> None:
    readings, end = bench.run(current(5e-3))
    assert end is EndReason.DURATION
    assert len(readings) == 11
    second_s = readings[1].time_s
    assert [r.time_s - second_s for r in readings[1:-1]] == pytest.approx(range(9))
    for reading in readings:
        assert reading.current_A == pytest.approx(5e-3, rel=1e-4)
        assert reading.cell_voltage_V == pytest.approx(5.5, rel=1e-4)
        assert reading.regulation is Regulation.CURRENT
        assert not reading.compliance
        assert not reading.overload
        assert reading.potential_V is None
    assert bench.ask(":OUTP?") == "0"


@pytest.mark.parametrize("duration_s", [0.5, 1.0, 10.0])
def test_the_output_is_on_for_the_duration_and_no_longer(bench: Bench, duration_s: float) -> None:
    switched: dict[bytes, float] = {}
    write = bench.line.write

    def note(data: bytes) -> None:
        switched.setdefault(data.strip(), bench.clock.monotonic_s())
        write(data)

    bench.line.write = note  # type: ignore[method-assign]
    readings, _ = bench.run(current(5e-3, duration_s=duration_s))
    on_s, off_s = switched[b":OUTP 1"], switched[b":OUTP OFF"]
    on_s += 0.015  # the relay settles (2450-901-01 Rev. B, page 2-83)
    assert off_s - on_s == pytest.approx(duration_s, abs=1e-6)
    assert readings[-1].time_s == pytest.approx(off_s, abs=2e-3)
    last = readings[-1]
    assert last.on_for_s is not None
    assert last.time_s - last.on_for_s == pytest.approx(on_s, abs=1e-6)
    assert bench.driver.output_off(bench.clock).since_s == pytest.approx(off_s, abs=1e-6)


def test_a_negative_current_is_cathodic_at_the_working_electrode(bench: Bench) -> None:
    readings, _ = bench.run(current(-2e-3))
    assert readings[-1].current_A == pytest.approx(-2e-3, rel=1e-4)
    assert readings[-1].cell_voltage_V == pytest.approx(-1.5, rel=1e-4)


def test_at_the_voltage_limit_the_readings_say_so(bench: Bench) -> None:
    readings, end = bench.run(current(5e-3, limit_V=2.0))
    assert end is EndReason.DURATION
    assert all(r.compliance and r.regulation is Regulation.VOLTAGE for r in readings)
    assert readings[0].cell_voltage_V == pytest.approx(2.0, rel=1e-4)
    assert readings[0].current_A == pytest.approx(1.5e-3, rel=1e-3)


def test_constant_cell_voltage_is_the_mirror_image(bench: Bench) -> None:
    readings, _ = bench.run(ConstantCellVoltageSegment(3.0, 0.1, 5.0, 1.0, 1.0))
    assert readings[-1].cell_voltage_V == pytest.approx(3.0, abs=1e-3)
    assert readings[-1].current_A == pytest.approx(2.5e-3, rel=1e-3)
    assert readings[-1].regulation is Regulation.VOLTAGE
    readings, _ = bench.run(ConstantCellVoltageSegment(3.0, 1e-3, 5.0, 1.0, 1.0))
    assert readings[-1].current_A == pytest.approx(1e-3, rel=1e-3)
    assert readings[-1].cell_voltage_V == pytest.approx(1.5, rel=1e-3)
    assert readings[-1].compliance
    assert readings[-1].regulation is Regulation.CURRENT


def test_open_circuit_is_a_current_of_zero_and_reads_the_rest_voltage(bench: Bench) -> None:
    readings, _ = bench.run(OpenCircuitSegment(5.0, 1.0))
    for reading in readings:
        assert reading.current_A == pytest.approx(0.0, abs=1e-12)
        assert reading.cell_voltage_V == pytest.approx(0.5, rel=1e-3)
        assert reading.regulation is Regulation.CURRENT


def test_four_wires_are_set_before_the_output_goes_on() -> None:
    bench = Bench(four_wire=True)
    bench.driver.connect(bench.clock)
    readings, _ = bench.run(current(1e-3))
    assert int(readings[0].raw.split(",")[2]) & 64


@pytest.mark.parametrize(
    ("segment", "said"),
    [
        (current(1.2), "0 A to 1 A"),
        (current(float("nan")), "0 A to 1 A"),
        (current(5e-3, limit_V=30.0), "0.02 V to 21 V"),
        (current(5e-3, limit_V=0.0), "0.02 V to 21 V"),
        (ConstantCellVoltageSegment(25.0, 0.1, 1.0, 1.0, 1.0), "0 V to 21 V"),
        (ConstantCellVoltageSegment(2.0, 0.0, 1.0, 1.0, 1.0), "1e-08 A to 1 A"),
        (OpenCircuitSegment(10.0, 0.05), "0.1 s or more"),
        (ConstantPotentialSegment(1.0, 0.1, 1.0, 1.0, 1.0), "does not run constant_potential"),
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_is_energised(
    bench: Bench, segment: Segment, said: str
) -> None:
    sent = len(bench.line.written)
    with pytest.raises(DeviceError, match=said):
        bench.run(segment)
    assert len(bench.line.written) == sent


def test_stopping_ends_the_stream_as_stopped_with_the_output_off(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3, duration_s=1e4), bench.clock)
    next(stream)
    next(stream)
    bench.driver.stop()
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value is EndReason.STOPPED
    assert bench.ask(":OUTP?") == "0"


def test_closing_the_stream_turns_the_output_off(bench: Bench) -> None:
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    assert bench.ask(":OUTP?") == "1"
    stream.close()
    assert bench.ask(":OUTP?") == "0"


def test_output_off_is_read_back_again_and_again(bench: Bench) -> None:
    for _ in range(2):
        state = bench.driver.output_off(bench.clock)
        assert state.on is False
        assert state.evidence == ":OUTP OFF, :OUTP? -> 0"


def _refuse_with(bench: Bench, part: bytes) -> None:
    """From now on the command that holds a part is followed by one that nobody knows."""
    write = bench.line.write

    def wrong(data: bytes) -> None:
        write(data)
        if part in data:
            write(b":SOUR:NONSENSE 1\n")

    bench.line.write = wrong  # type: ignore[method-assign]


def test_what_the_instrument_refuses_while_it_is_set_up_keeps_its_output_off(bench: Bench) -> None:
    _refuse_with(bench, b":SOUR:CURR")
    bench.line.written.clear()
    with pytest.raises(DeviceError, match="setting up"):
        bench.run(current(5e-3))
    assert not any(b":OUTP 1" in line or b":OUTP ON" in line for line in bench.line.written)
    assert bench.ask(":OUTP?") == "0"


def test_what_the_instrument_refuses_while_it_runs_is_told_at_the_end(bench: Bench) -> None:
    _refuse_with(bench, b":READ?")
    with pytest.raises(DeviceError, match="running"):
        bench.run(current(5e-3))
    assert bench.ask(":OUTP?") == "0"


@pytest.mark.parametrize(
    ("limit_V", "protection"),
    [
        (0.5, "PROT2"),
        (1.95, "PROT5"),  # 5 % low, a protection of 2 V would hold the cell at 1.9 V
        (5.5, "PROT10"),
        (10.0, "PROT20"),
        (21.0, "PROT40"),
    ],
)
def test_the_overvoltage_protection_is_armed_above_the_limit(
    bench: Bench, limit_V: float, protection: str
) -> None:
    for limit in (limit_V, 20.0, limit_V):  # whatever it was before
        stream = bench.driver.run(ConstantCurrentSegment(1e-6, limit, 3.0, 1.0, 1e3), bench.clock)
        next(stream)
        told = [line for line in bench.line.written if line.startswith(b":OUTP 1")]
        assert told
        stream.close()
        bench.line.written.clear()
    assert bench.ask(":SOUR:VOLT:PROT?") == protection
    stream = bench.driver.run(ConstantCellVoltageSegment(-4.0, 0.01, 3.0, 1.0, 1e3), bench.clock)
    next(stream)
    assert [line for line in bench.line.written if b":PROT " in line] == [
        b":SOUR:VOLT:PROT NONE\n",
        b":SOUR:VOLT:PROT PROT5\n",
    ]
    stream.close()


def test_every_answer_may_be_lost_or_damaged_once_and_is_told(bench: Bench) -> None:
    part = [b"*IDN?", b"*LANG?", b":SMOD?", b":OUTP?", b":COUN?", b":VLIM?", b":RANG?", b"READ?"]
    for answer in (b"\n", b"7;0\n", b"#\n", b"1.000000E+00\n"):
        bench.line.spoiled = {command: [answer] for command in part}
        bench.driver.connect(bench.clock)
        readings, end = bench.run(current(5e-3, duration_s=5.0))
        assert end is EndReason.DURATION
        assert all(r.current_A == pytest.approx(5e-3, rel=1e-3) for r in readings)
        assert not any(bench.line.spoiled.values())
        told = " ".join(bench.driver.notes())
        assert ":SOUR:CURR:VLIM" in told
        assert "*IDN?" in told or answer != b"\n"
        assert not bench.driver.notes()


def test_errors_of_the_link_are_told_from_those_of_the_instrument(bench: Bench) -> None:
    bench.line.cut = True
    with pytest.raises(LinkError):
        bench.driver.connect(bench.clock)
    bench.line.cut = False
    bench.driver.connect(bench.clock)
    stream = bench.driver.run(current(5e-3), bench.clock)
    next(stream)
    bench.line.transport.write(b":OUTP OFF\n")  # at the front panel
    with pytest.raises(DeviceError, match="output of the 2450 is off") as caught:
        next(stream)
    assert not isinstance(caught.value, LinkError)
