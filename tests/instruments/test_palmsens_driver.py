"""The PalmSens drivers against the emulated instruments, byte for byte, on a virtual clock."""

from __future__ import annotations

import math
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.addresses import Setting
from faradaic.instruments.clock import WallClock
from faradaic.instruments.palmsens.codec import decode_package
from faradaic.instruments.palmsens.driver import (
    EmStat4HR,
    EmStat4LR,
    EmStatPico,
    MethodScriptDriver,
    Nexus,
)
from faradaic.instruments.palmsens.errors import ScriptError
from faradaic.instruments.palmsens.link import Link
from faradaic.instruments.palmsens.models import model
from faradaic.instruments.palmsens.readings import ReadingMaker
from faradaic.instruments.readings import EndReason, Reading, Regulation
from faradaic.instruments.registry import driver
from faradaic.instruments.segments import (
    ConstantCellVoltage,
    ConstantCurrent,
    ConstantPotential,
    CyclicVoltammetry,
    LinearSweep,
    OpenCircuit,
    Segment,
)
from faradaic.instruments.traits import ReadingStream, Source
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.instruments.transports.tcp import TcpScheme
from faradaic.simulators.cell import PreparativeCell
from faradaic.simulators.clock import VirtualClock
from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.palmsens.emulator import (
    MethodScriptEmulator,
    emstat4_hr,
    emstat4_lr,
    emstat_pico,
    nexus,
)
from faradaic.simulators.server import EmulatorServer
from faradaic.simulators.transport import EmulatedTransport

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures/palmsens/published.toml").read_text("utf-8")
)


class DummyCell:
    """A resistor in series with a battery and a capacitor; reference lead on the counter."""

    def __init__(self, ohm: float = 500.0, rest_V: float = 0.0, farad: float = math.inf) -> None:
        self.ohm = ohm
        self.rest_V = rest_V
        self.farad = farad
        self.charge_C = 0.0
        self.gross_C = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        back_V = self.rest_V + self.charge_C / self.farad
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - back_V) / self.ohm
        self.charge_C += current_A * dt_s
        self.gross_C += abs(current_A) * dt_s
        voltage_V = self.rest_V + self.charge_C / self.farad + current_A * self.ohm
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> tuple[float, float]:
        return self.charge_C, self.gross_C

    def restore(self, state: tuple[float, float]) -> None:
        self.charge_C, self.gross_C = state


class FaultyTransport:
    """The emulated transport with a cable that can be cut, muted or disturbed."""

    def __init__(self, inner: EmulatedTransport, clock: VirtualClock) -> None:
        self.inner = inner
        self.clock = clock
        self.address = inner.address
        self.sent = bytearray()
        self.unplugged = False
        self.mute = False
        self.disturb: Callable[[bytes], bytes] = lambda line: line

    def write(self, data: bytes) -> None:
        self._plugged()
        self.sent += data
        if not self.mute:
            self.inner.write(data)

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        self._plugged()
        if self.mute:
            self.clock.sleep_until(self.clock.monotonic_s() + timeout_s)
            raise TransportTimeout.of("nothing came")
        return self.disturb(self.inner.read_until(terminator, timeout_s))

    def drain(self, quiet_s: float) -> bytes:
        self._plugged()
        return self.inner.drain(quiet_s)

    def close(self) -> None:
        self.inner.close()

    def _plugged(self) -> None:
        if self.unplugged:
            raise TransportClosed.of("unplugged")


class Rig:
    """A driver, a faulty cable, an emulated instrument and a cell."""

    def __init__(
        self,
        make: Callable[..., MethodScriptEmulator] = emstat4_hr,
        kind: type[MethodScriptDriver] = EmStat4HR,
        cell: CellModel | None = None,
        **variants: str,
    ) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
        self.cell = cell or DummyCell()
        self.emulator = make(self.cell, 1, **variants)
        inner = EmulatedTransport(self.emulator, self.clock, "emulated://rig")
        self.cable = FaultyTransport(inner, self.clock)
        self.driver = kind(self.cable)

    def connect(self) -> Rig:
        self.driver.connect(self.clock)
        return self

    def run(self, segment: Segment) -> tuple[list[Reading], EndReason]:
        return drain(self.driver.run(segment, self.clock))

    @property
    def cell_on(self) -> bool:
        self.emulator.transmit(self.clock.monotonic_s())
        return self.emulator.front.cell_on


def drain(stream: ReadingStream) -> tuple[list[Reading], EndReason]:
    """Every reading, and why they ended."""
    readings = []
    while True:
        try:
            readings.append(next(stream))
        except StopIteration as end:
            return readings, end.value


@pytest.fixture
def rig() -> Rig:
    """An EmStat4 HR on 500 Ω, connected."""
    return Rig().connect()


def charge_C(readings: list[Reading]) -> float:
    """Trapezoids of the measured current."""
    total = 0.0
    for a, b in pairwise(readings):
        assert a.current_A is not None
        assert b.current_A is not None
        total += 0.5 * (a.current_A + b.current_A) * (b.time_s - a.time_s)
    return total


# Published bytes -------------------------------------------------------------------------------


class Replay:
    """A transport that plays back published bytes."""

    address = "replay"

    def __init__(self, data: str) -> None:
        self.lines: Iterator[bytes] = iter(data.encode().splitlines(keepends=True))

    def write(self, data: bytes) -> None:
        return

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        return next(self.lines)

    def drain(self, quiet_s: float) -> bytes:
        return b""

    def close(self) -> None:
        return


@pytest.mark.parametrize("layout", ["joined", "own_line"])
@pytest.mark.parametrize("xon", ["", "\x11"])
def test_both_published_transcripts_read_alike(layout: str, xon: str) -> None:
    published = PUBLISHED["lsv_10k"]
    link = Link(Replay(xon + published[layout]))
    link.start("")
    lines = []
    while line := link.output_line(1.0, WallClock()):
        lines.append(line)
    assert [line[0] for line in lines] == ["M", "P", "P", "P", "P", "*"]
    first, last = decode_package(lines[1]), decode_package(lines[4])
    expected = published["first"]
    assert {field.type: field.value for field in first} == pytest.approx(
        {kind: expected[kind] for kind in ("da", "ba")}
    )
    assert (first[1].status, first[1].range_index) == (0, expected["range_index"])
    assert last[0].value == pytest.approx(published["last"]["da"])


def test_published_answers_identify_a_real_instrument() -> None:
    published = PUBLISHED["capabilities"]
    answers = Replay(
        "\nZ!0006\n" + published["firmware"] + published["serial"] + published["version"]
        + "C" + published["CM"] + "\ne\nM000B\nPab80003E8m,10,206\n*\n\n"
    )  # fmt: skip
    identity = EmStat4LR(answers).connect(VirtualClock(datetime.now(UTC)))
    assert (identity.serial, identity.model) == ("ES4LR20B0008", "EmStat4 LR")
    assert "Mar 12 2026" in identity.firmware
    assert "01.09.00" in identity.firmware
    assert not identity.simulated


# Connecting ------------------------------------------------------------------------------------

MODELS = [
    ("emstat4-lr", emstat4_lr, EmStat4LR),
    ("emstat4-hr", emstat4_hr, EmStat4HR),
    ("nexus", nexus, Nexus),
    ("emstat-pico", emstat_pico, EmStatPico),
]


@pytest.mark.parametrize(("name", "make", "kind"), MODELS)
def test_every_model_is_registered_identified_and_left_with_its_cell_off(
    name: str, make: Callable[..., MethodScriptEmulator], kind: type[MethodScriptDriver]
) -> None:
    assert driver(name) is kind
    rig = Rig(make, kind)
    assert isinstance(rig.driver, Source)
    identity = rig.driver.connect(rig.clock)
    assert identity.model == kind.capabilities.model
    assert identity.simulated
    assert not rig.cell_on


def test_another_model_is_refused_with_both_names() -> None:
    with pytest.raises(DeviceError) as caught:
        Rig(emstat4_lr, EmStat4HR).connect()
    assert "EmStat4 HR was expected" in str(caught.value)
    assert "EmStat4 LR" in str(caught.value)


@pytest.mark.parametrize(
    "left_behind",
    [
        "",
        "t",  # a command without its line feed
        "e\nset_pgstat_mode 3\nset_e 1\ncell_on\n",  # a script without its end
        "e\nset_pgstat_mode 3\nset_e 1\ncell_on\nwait 9999\n\n",
        "e\nvar e\nvar i\nset_pgstat_mode 3\nset_e 1\ncell_on\nmeas_loop_ca e i 1 100m 9999\n"
        "pck_start\npck_add i\npck_end\nendloop\non_finished:\ncell_off\n\n",
        "e\nset_pgstat_mode 3\nset_e 1\ncell_on\nset_pgstat_chan 9i\n\n",  # an error, cell on
    ],
    ids=["idle", "half command", "half script", "waiting", "streaming", "failed"],
)
def test_connecting_takes_over_whatever_the_last_program_left(left_behind: str) -> None:
    rig = Rig()
    rig.emulator.receive(left_behind.encode(), 0.0)
    rig.clock.sleep_until(3.0)
    assert rig.driver.connect(rig.clock).model == "EmStat4 HR"
    assert not rig.cell_on
    readings, reason = rig.run(OpenCircuit(3, 1))
    assert (len(readings), reason) == (3, EndReason.DURATION)


def test_a_silent_instrument_is_a_timeout() -> None:
    rig = Rig()
    rig.cable.mute = True
    with pytest.raises(TransportTimeout):
        rig.driver.connect(rig.clock)


# Segments --------------------------------------------------------------------------------------


def test_constant_current_delivers_its_charge_with_measured_values(rig: Rig) -> None:
    readings, reason = rig.run(ConstantCurrent(5e-3, 5.5, 600, 1, math.inf))
    assert reason is EndReason.DURATION
    assert readings[0].time_s < rig.clock.monotonic_s() - 599
    gaps = [b.time_s - a.time_s for a, b in pairwise(readings)]
    assert max(gaps) <= 1.0 + 1e-6
    assert charge_C(readings) == pytest.approx(5e-3 * 599.9, rel=1e-3)
    assert rig.cell.gross_C == pytest.approx(3.0, rel=1e-3)
    for reading in readings:
        assert reading.current_A == pytest.approx(5e-3, rel=1e-3)
        assert reading.cell_voltage_V == pytest.approx(2.5, abs=2e-3)
        assert reading.regulation is Regulation.CURRENT
        assert not reading.compliance
        assert not reading.overload
        assert reading.raw.startswith("Peb")
    assert not rig.cell_on


def test_a_cathodic_current_is_negative(rig: Rig) -> None:
    readings, _ = rig.run(ConstantCurrent(-5e-3, 5.5, 10, 1, math.inf))
    assert {round(r.current_A, 5) for r in readings if r.current_A} == {-5e-3}
    assert readings[-1].cell_voltage_V == pytest.approx(-2.5, abs=2e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_instrument_stops_at_the_cell_voltage_limit_by_itself(sign: int) -> None:
    rig = Rig(cell=DummyCell(ohm=100.0, farad=0.01)).connect()
    readings, reason = rig.run(ConstantCurrent(sign * 1e-3, 2.05, 600, 1, math.inf))
    assert reason is EndReason.CELL_VOLTAGE_LIMIT
    # 0.1 V of resistance, then 0.1 V/s: the limit is crossed at 19.5 s.
    assert rig.cell.gross_C == pytest.approx(1e-3 * 20, rel=0.06)
    assert abs(readings[-1].cell_voltage_V or 0) == pytest.approx(2.05, abs=0.11)
    assert not rig.cell_on


@pytest.mark.parametrize("sign", [1, -1])
def test_the_instrument_counts_gross_charge_and_stops(rig: Rig, sign: int) -> None:
    _, reason = rig.run(ConstantCurrent(sign * 5e-3, 5.5, 3600, 1, 0.2))
    assert reason is EndReason.CHARGE_LIMIT
    assert rig.cell.gross_C == pytest.approx(0.2, abs=5e-3)


def test_a_current_that_the_compliance_does_not_allow_is_reported_as_such() -> None:
    rig = Rig(cell=DummyCell(ohm=2000.0)).connect()
    readings, reason = rig.run(ConstantCurrent(5e-3, 20, 20, 1, math.inf))
    assert reason is EndReason.DURATION
    for reading in readings:
        assert reading.compliance
        assert reading.regulation is Regulation.VOLTAGE
        assert reading.current_A == pytest.approx(3e-3, rel=1e-2)  # 6 V over 2 kΩ
        assert reading.cell_voltage_V == pytest.approx(6.0, rel=1e-3)


@pytest.mark.parametrize(
    ("line", "limited", "overload"),
    [
        ("PebDF5E100n;ba84C4B40n,10,218;abDF5E100n,10,206", False, False),  # 5 mA
        ("PebDF5E100n;ba84630C0n,10,218;abDF5E100n,10,206", True, False),  # 4.6 mA, no bits
        ("PebDF5E100n;ba84C4B40n,12,218;abDF5E100n,10,206", True, True),
        ("PebDF5E100n;ba84C4B40n,10,218;abDF5E100n,12,206", True, True),
        ("PebDF5E100n;ba     nan,10,218;abDF5E100n,10,206", True, False),
    ],
)
def test_a_galvanostat_off_its_set_current_is_at_a_limit_whatever_its_status_bits_say(
    line: str, limited: bool, overload: bool
) -> None:
    reading_of = ReadingMaker(ConstantCurrent(5e-3, 5, 10, 1, 1), model("emstat4_hr"))
    reading = reading_of(1.0, {field.type: field for field in decode_package(line)}, line)
    assert (reading.compliance, reading.overload) == (limited, overload)
    assert reading.regulation is (Regulation.VOLTAGE if limited else Regulation.CURRENT)


def test_a_set_current_is_not_passed_off_as_a_measured_one() -> None:
    reading_of = ReadingMaker(ConstantCurrent(5e-3, 5, 10, 1, 1), model("emstat4_hr"))
    line = "PebDF5E100n;db84C4B40n;abDF5E100n,10,206"
    with pytest.raises(DeviceError, match="E515"):
        reading_of(1.0, {field.type: field for field in decode_package(line)}, line)


def test_open_circuit_measures_with_the_cell_off() -> None:
    rig = Rig(cell=DummyCell(rest_V=0.7)).connect()
    readings, reason = rig.run(OpenCircuit(30, 1))
    assert (len(readings), reason) == (30, EndReason.DURATION)
    assert readings[-1].potential_V == pytest.approx(0.7, abs=1e-3)
    assert (readings[-1].current_A, readings[-1].regulation) == (None, Regulation.OFF)
    assert rig.cell.gross_C == 0.0


def test_constant_potential_and_constant_cell_voltage(rig: Rig) -> None:
    readings, reason = rig.run(ConstantPotential(1.0, 0.05, 10, 1, math.inf))
    assert reason is EndReason.DURATION
    assert readings[-1].current_A == pytest.approx(2e-3, rel=2e-3)
    assert (readings[-1].potential_V, readings[-1].cell_voltage_V) == (1.0, None)
    readings, _ = rig.run(ConstantCellVoltage(1.0, 0.05, 10, 1, math.inf))
    assert (readings[-1].potential_V, readings[-1].cell_voltage_V) == (None, 1.0)
    assert readings[-1].regulation is Regulation.VOLTAGE


def test_the_current_limit_of_a_potentiostat_ends_the_segment(rig: Rig) -> None:
    readings, reason = rig.run(ConstantPotential(1.0, 1e-3, 10, 1, math.inf))
    assert reason is EndReason.CURRENT_LIMIT
    assert len(readings) <= 2
    assert not rig.cell_on


@pytest.mark.parametrize(("name", "make", "kind"), MODELS)
def test_sweeps_obey_ohm_on_every_model(
    name: str, make: Callable[..., MethodScriptEmulator], kind: type[MethodScriptDriver]
) -> None:
    rig = Rig(make, kind, DummyCell(ohm=1e4)).connect()
    readings, reason = rig.run(LinearSweep(-0.5, 0.5, 0.01, 0.1, 1e-3))
    assert (len(readings), reason) == (101, EndReason.SWEEP_DONE)
    for reading in readings:
        assert reading.potential_V is not None
        assert reading.current_A == pytest.approx(reading.potential_V / 1e4, abs=2e-7)
    assert readings[-1].time_s - readings[0].time_s == pytest.approx(10.0, abs=1e-3)
    readings, reason = rig.run(CyclicVoltammetry(0, 0.3, -0.3, 0.01, 0.1, 2, 1e-3))
    potentials = [r.potential_V or 0.0 for r in readings]
    assert reason is EndReason.SWEEP_DONE
    assert (len(readings), max(potentials), min(potentials)) == (241, 0.3, -0.3)


@pytest.mark.parametrize("echo", ["own-line", "joined"])
@pytest.mark.parametrize("after_error", ["empty-line", "nothing"])
@pytest.mark.parametrize("second_variable", ["set", "measured"])
def test_every_documented_variant_of_the_wire_is_understood(
    echo: str, after_error: str, second_variable: str
) -> None:
    rig = Rig(
        start="xon", echo=echo, after_error=after_error, second_variable=second_variable
    ).connect()
    for _ in range(2):
        readings, reason = rig.run(ConstantCurrent(5e-3, 5.5, 10, 1, math.inf))
        assert reason is EndReason.DURATION
        assert readings[-1].current_A == pytest.approx(5e-3, rel=1e-3)
        assert len(decode_package(readings[-1].raw)) == 3


def test_a_pico_refuses_constant_current_before_anything_is_switched() -> None:
    rig = Rig(emstat_pico, EmStatPico).connect()
    rig.cable.sent.clear()
    with pytest.raises(DeviceError, match="set_i and meas_loop_cp"):
        rig.run(ConstantCurrent(1e-3, 1, 10, 1, 1))
    assert not rig.cable.sent


# Ends ------------------------------------------------------------------------------------------


def test_stop_ends_the_script_within_half_a_second_and_turns_the_cell_off(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 3600, 60, math.inf), rig.clock)
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
    assert rig.run(OpenCircuit(2, 1))[1] is EndReason.DURATION


def test_closing_the_stream_turns_the_cell_off(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
    for _ in range(5):
        next(stream)
    stream.close()
    assert not rig.cell_on
    assert rig.run(OpenCircuit(2, 1))[1] is EndReason.DURATION


def test_output_off_is_idempotent_and_carries_its_evidence(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
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
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 3600, 1, math.inf), rig.clock)
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
        rig.run(ConstantPotential(1.0, 0.5, 60, 1, math.inf))
    text = str(caught.value)
    assert caught.value.reply.code == "0032"
    assert "critical overload" in text
    assert "`meas_loop_ca e i 1 100m 100m`" in text
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
    readings, reason = rig.run(ConstantCurrent(5e-3, 5.5, 20, 1, math.inf))
    assert reason is EndReason.DURATION
    damaged = [r for r in readings if r.current_A is None]
    assert len(damaged) == 1
    assert damaged[0].cell_voltage_V is None
    assert damaged[0].raw
    assert sorted(r.time_s for r in readings) == [r.time_s for r in readings]


def test_a_line_that_stays_damaged_ends_the_segment_with_the_cell_off(rig: Rig) -> None:
    rig.cable.disturb = lambda line: b"P????\n" if line.startswith(b"Peb") else line
    with pytest.raises(DeviceError, match="unreadable output"):
        rig.run(ConstantCurrent(5e-3, 5.5, 60, 1, math.inf))
    assert not rig.cell_on


def test_a_spurious_end_does_not_leave_the_cell_on(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 60, 1, math.inf), rig.clock)
    next(stream)
    next(stream)
    lines = iter([b"\n"])
    rig.cable.disturb = lambda line: next(lines, line)
    with pytest.raises(DeviceError, match="ended before its measurement"):
        next(stream)
    assert not rig.cell_on


def test_an_instrument_that_falls_silent_is_suspect_and_its_cell_unknown(rig: Rig) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 600, 1, math.inf), rig.clock)
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
    readings, _ = rig.run(OpenCircuit(3, 1))
    assert [decode_package(r.raw)[0].type for r in readings] == ["eb"] * 3


def test_a_cable_that_is_pulled_out_is_an_error_and_the_instrument_finishes_alone(
    rig: Rig,
) -> None:
    stream = rig.driver.run(ConstantCurrent(5e-3, 5.5, 100, 1, math.inf), rig.clock)
    next(stream)
    rig.cable.unplugged = True
    with pytest.raises(TransportClosed):
        next(stream)
    assert rig.driver.output_off(rig.clock).on is None
    assert rig.cell_on
    rig.clock.sleep_until(200.0)
    assert not rig.cell_on  # as `on_host_death` promises
    assert rig.cell.gross_C == pytest.approx(0.5, rel=1e-2)


# Elsewhere -------------------------------------------------------------------------------------


def test_the_same_driver_talks_over_a_socket_in_real_time() -> None:
    emulator = emstat4_hr(DummyCell(rest_V=0.4), 1)
    with EmulatorServer(emulator, 0) as server:
        scheme = TcpScheme(Setting())
        transport: Transport = scheme.open(f"127.0.0.1:{server.port}")
        source = EmStat4HR(transport)
        source.connect(scheme.clock)
        readings, reason = drain(source.run(OpenCircuit(0.2, 0.05), scheme.clock))
        source.close()
    assert (len(readings), reason) == (4, EndReason.DURATION)
    assert readings[-1].potential_V == pytest.approx(0.4, abs=1e-3)


def test_two_hours_of_readings_take_less_than_two_seconds() -> None:
    rig = Rig(cell=PreparativeCell.from_mapping({})).connect()
    begin_s = time.process_time()
    readings, reason = rig.run(ConstantCurrent(1e-3, 5.5, 7200, 1, 100))
    spent_s = time.process_time() - begin_s
    assert (len(readings), reason) == (7201, EndReason.DURATION)
    assert spent_s < 2.0
