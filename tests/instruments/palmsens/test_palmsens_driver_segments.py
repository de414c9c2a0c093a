"""The PalmSens drivers against the emulated instruments: published bytes, connecting, segments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.clock import WallClock
from faradaic.instruments.palmsens.device_models import model
from faradaic.instruments.palmsens.driver import (
    EmStat4HR,
    EmStat4LR,
    EmStatPico,
    MethodScriptDriver,
    Nexus,
)
from faradaic.instruments.palmsens.link import Link
from faradaic.instruments.palmsens.package_readings import ReadingMaker, halved
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CyclicVoltammetrySegment,
    LinearSweepSegment,
    OpenCircuitSegment,
)
from faradaic.instruments.traits import DRIVERS, Source
from faradaic.instruments.transports import TransportTimeout
from faradaic.methodscript_packages import Field, decode_package
from faradaic.simulators.palmsens.emulator import (
    MethodScriptEmulator,
    emstat4_hr,
    emstat4_lr,
    emstat_pico,
    nexus,
)
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell
from rigs.palmsens import PUBLISHED, Rig, charge_C, new_rig


@pytest.fixture
def rig() -> Rig:
    """An EmStat4 HR on the dummy cell."""
    return new_rig()


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
        "\nZ!0006\n" + 2 * published["firmware"] + 2 * published["serial"]
        + 2 * published["version"] + 2 * f"C{1 << 99:064X}\n" + 2 * f"C{published['CM']}\n"
        + "\nZ!0006\ne\nM000B\nPab80003E8m,10,206;ab80003E8m,10,206\n*\n\n"
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
    assert DRIVERS.load(name) is kind
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
    readings, reason = rig.run(OpenCircuitSegment(3, 1))
    assert (len(readings), reason) == (3, EndReason.DURATION)


def test_a_silent_instrument_is_a_timeout() -> None:
    rig = Rig()
    rig.cable.mute = True
    with pytest.raises(TransportTimeout):
        rig.driver.connect(rig.clock)


# Segments --------------------------------------------------------------------------------------


def test_constant_current_delivers_its_charge_with_measured_values(rig: Rig) -> None:
    readings, reason = rig.run(ConstantCurrentSegment(5e-3, 5.5, 600, 1, math.inf))
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
    readings, _ = rig.run(ConstantCurrentSegment(-5e-3, 5.5, 10, 1, math.inf))
    assert {round(r.current_A, 5) for r in readings if r.current_A} == {-5e-3}
    assert readings[-1].cell_voltage_V == pytest.approx(-2.5, abs=2e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_instrument_stops_at_the_cell_voltage_limit_by_itself(sign: int) -> None:
    rig = Rig(cell=DummyCell(ohm=100.0, farad=0.01)).connect()
    readings, reason = rig.run(ConstantCurrentSegment(sign * 1e-3, 2.05, 600, 1, math.inf))
    assert reason is EndReason.CELL_VOLTAGE_LIMIT
    # 0.1 V of resistance, then 0.1 V/s: the limit is crossed at 19.5 s.
    assert rig.cell.gross_C == pytest.approx(1e-3 * 20, rel=0.06)
    assert abs(readings[-1].cell_voltage_V or 0) == pytest.approx(2.05, abs=0.11)
    assert not rig.cell_on


@pytest.mark.parametrize("sign", [1, -1])
def test_the_instrument_counts_gross_charge_and_stops(rig: Rig, sign: int) -> None:
    _, reason = rig.run(ConstantCurrentSegment(sign * 5e-3, 5.5, 3600, 1, 0.2))
    assert reason is EndReason.CHARGE_LIMIT
    assert rig.cell.gross_C == pytest.approx(0.2, abs=5e-3)


def test_a_current_that_the_compliance_does_not_allow_is_reported_as_such() -> None:
    rig = Rig(cell=DummyCell(ohm=2000.0)).connect()
    readings, reason = rig.run(ConstantCurrentSegment(5e-3, 20, 20, 1, math.inf))
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
    reading_of = ReadingMaker(ConstantCurrentSegment(5e-3, 5, 10, 1, 1), model("emstat4_hr"))
    reading = reading_of(1.0, {field.type: field for field in decode_package(line)}, line)
    assert (reading.compliance, reading.overload) == (limited, overload)
    assert reading.regulation is (Regulation.VOLTAGE if limited else Regulation.CURRENT)


@pytest.mark.parametrize(
    ("measured_V", "status", "limited", "overload"),
    [
        (1.0, 0, False, False),
        (1.019, 0, False, False),
        (1.021, 0, True, False),
        (-5.9, 0, True, False),
        (math.nan, 0, True, False),
        (1.0, 2, True, True),
    ],
)
def test_a_potentiostat_off_its_set_potential_is_at_a_limit_whatever_its_status_bits_say(
    measured_V: float, status: int, limited: bool, overload: bool
) -> None:
    reading_of = ReadingMaker(ConstantPotentialSegment(1.0, 0.05, 10, 1, 1), model("emstat4_hr"))
    measured = (Field("ab", measured_V, status), Field("ba", 2e-3, 0))
    fields = (Field("eb", 1.0), Field("da", 1.0), *measured)
    reading = reading_of(1.0, {field.type: field for field in fields}, "")
    assert (reading.compliance, reading.overload) == (limited, overload)


def test_a_set_current_is_not_passed_off_as_a_measured_one() -> None:
    reading_of = ReadingMaker(ConstantCurrentSegment(5e-3, 5, 10, 1, 1), model("emstat4_hr"))
    line = "PebDF5E100n;db84C4B40n;abDF5E100n,10,206"
    with pytest.raises(DeviceError, match="E515"):
        reading_of(1.0, {field.type: field for field in decode_package(line)}, line)


def test_open_circuit_measures_with_the_cell_off() -> None:
    rig = Rig(cell=DummyCell(rest_V=0.7)).connect()
    readings, reason = rig.run(OpenCircuitSegment(30, 1))
    assert (len(readings), reason) == (30, EndReason.DURATION)
    assert readings[-1].potential_V == pytest.approx(0.7, abs=1e-3)
    assert (readings[-1].current_A, readings[-1].regulation) == (None, Regulation.OFF)
    assert rig.cell.gross_C == 0.0


def test_constant_potential_and_constant_cell_voltage(rig: Rig) -> None:
    readings, reason = rig.run(ConstantPotentialSegment(1.0, 0.05, 10, 1, math.inf))
    assert reason is EndReason.DURATION
    assert readings[-1].current_A == pytest.approx(2e-3, rel=2e-3)
    assert readings[-1].potential_V == pytest.approx(1.0, abs=1e-3)
    assert (readings[-1].cell_voltage_V, readings[-1].compliance) == (None, False)
    assert {field.type for field in decode_package(readings[-1].raw)} == {"eb", "da", "ab", "ba"}
    readings, _ = rig.run(ConstantCellVoltageSegment(1.0, 0.05, 10, 1, math.inf))
    assert (readings[-1].potential_V, readings[-1].cell_voltage_V) == (None, 1.0)
    assert readings[-1].regulation is Regulation.VOLTAGE


def test_the_current_limit_of_a_potentiostat_ends_the_segment(rig: Rig) -> None:
    readings, reason = rig.run(ConstantPotentialSegment(1.0, 1e-3, 10, 1, math.inf))
    assert reason is EndReason.CURRENT_LIMIT
    assert len(readings) <= 2
    assert not rig.cell_on


@pytest.mark.parametrize(("name", "make", "kind"), MODELS)
def test_sweeps_obey_ohm_on_every_model(
    name: str, make: Callable[..., MethodScriptEmulator], kind: type[MethodScriptDriver]
) -> None:
    rig = Rig(make, kind, DummyCell(ohm=1e4)).connect()
    readings, reason = rig.run(LinearSweepSegment(-0.5, 0.5, 0.01, 0.1, 1e-3))
    assert (len(readings), reason) == (101, EndReason.SWEEP_DONE)
    for reading in readings:
        assert reading.potential_V is not None
        assert reading.current_A == pytest.approx(reading.potential_V / 1e4, abs=2e-7)
    assert readings[-1].time_s - readings[0].time_s == pytest.approx(10.0, abs=1e-3)
    readings, reason = rig.run(CyclicVoltammetrySegment(0, 0.3, -0.3, 0.01, 0.1, 2, 1e-3))
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
        readings, reason = rig.run(ConstantCurrentSegment(5e-3, 5.5, 10, 1, math.inf))
        assert reason is EndReason.DURATION
        assert readings[-1].current_A == pytest.approx(5e-3, rel=1e-3)
        assert len(decode_package(halved(readings[-1].raw))) == 3


def test_a_pico_refuses_constant_current_before_anything_is_switched() -> None:
    rig = Rig(emstat_pico, EmStatPico).connect()
    rig.cable.sent.clear()
    with pytest.raises(DeviceError, match="set_i and meas_loop_cp"):
        rig.run(ConstantCurrentSegment(1e-3, 1, 10, 1, 1))
    assert not rig.cable.sent
