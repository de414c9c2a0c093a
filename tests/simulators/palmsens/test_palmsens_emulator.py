"""The emulated PalmSens instruments, spoken to with bytes and scripts that no driver wrote."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.diagnostics import InputError
from faradaic.methodscript_packages import decode_package
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.palmsens.emulator import (
    MethodScriptEmulator,
    emstat4_hr,
    emstat4_lr,
    emstat_pico,
    nexus,
)

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "fixtures/palmsens/published.toml").read_text("utf-8")
)


class DummyCell:
    """A resistor in series with a battery; the reference lead on the counter electrode."""

    def __init__(self, ohm: float = 1000.0, rest_V: float = 0.0) -> None:
        self.ohm = ohm
        self.rest_V = rest_V
        self.charge_C = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - self.rest_V) / self.ohm
        self.charge_C += current_A * dt_s
        voltage_V = self.rest_V + current_A * self.ohm
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> float:
        return self.charge_C

    def restore(self, state: float) -> None:
        self.charge_C = state


class Bench:
    """An emulator, and a person typing at it."""

    def __init__(
        self,
        make: Callable[..., MethodScriptEmulator] = emstat4_hr,
        cell: DummyCell | None = None,
        **variants: str,
    ) -> None:
        self.cell = cell or DummyCell()
        self.emulator = make(self.cell, 1, **variants)
        self.now_s = 1000.0

    def send(self, text: str) -> str:
        """Send text as it is; what comes back at once."""
        self.emulator.receive(text.encode(), self.now_s)
        return self.emulator.transmit(self.now_s).decode()

    def wait(self, seconds: float) -> str:
        """Let time pass; what comes in it."""
        self.now_s += seconds
        return self.emulator.transmit(self.now_s).decode()

    def execute(self, script: str, within_s: float = 1e5) -> list[str]:
        """Run a script to its end; the lines of its output."""
        text = self.send(f"e\n{script.strip()}\n\n")
        end_s = self.now_s + within_s
        while (event_s := self.emulator.next_event_s()) is not None and event_s <= end_s:
            self.now_s = event_s
            text += self.emulator.transmit(self.now_s).decode()
        return text.split("\n")


READY = "set_pgstat_chan 0\nset_pgstat_mode 3\nset_max_bandwidth 100\nset_range ba 10m\n"
GALVANOSTAT = "set_pgstat_chan 0\nset_pgstat_mode 6\nset_max_bandwidth 10\nset_range db 10m\n"


def values(lines: list[str]) -> list[list[float]]:
    """The numbers of the packages among lines."""
    return [[f.value for f in decode_package(line)] for line in lines if line.startswith("P")]


# Idle ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", PUBLISHED["errors"]["cases"], ids=lambda c: repr(c["sent"]))
def test_errors_are_those_of_a_real_instrument(case: dict[str, str]) -> None:
    reply = Bench().send(case["sent"])
    assert f"!{case['code']}" in reply
    assert case["place"] in reply


def test_a_string_is_sent_as_a_real_instrument_sends_it() -> None:
    assert PUBLISHED["text"]["line"] in Bench().send(PUBLISHED["text"]["sent"]).split("\n")


@pytest.mark.parametrize(
    ("make", "device"),
    [
        (emstat4_lr, "es4_lr"),
        (emstat4_hr, "es4_hr"),
        (nexus, "nexus1"),
        (emstat_pico, "espico"),
    ],
)
def test_firmware_serial_and_version_have_the_published_form(
    make: Callable[..., MethodScriptEmulator], device: str
) -> None:
    bench = Bench(make)
    firmware = bench.send("t\n")
    assert firmware.startswith(f"t{device}")
    assert firmware.endswith("\nR*\n")
    assert "SIM" in bench.send("i\n")
    assert re.fullmatch(r"v\d\d\.\d\d\.\d\d\n", bench.send("v\n"))
    assert bench.send("\n") == "\n"
    assert bench.send("m\n") == "m!0048\n"


def test_published_answers_are_taken_apart_the_same_way_as_ours() -> None:
    published, bench = PUBLISHED["capabilities"], Bench(emstat4_lr)
    assert bench.send("t\n") == published["firmware"]
    assert len(bench.send("i\n")) == len(published["serial"])
    assert bench.send("v\n") == published["version"]


@pytest.mark.parametrize(("make", "galvanostat"), [(emstat4_hr, True), (emstat_pico, False)])
def test_the_capability_bitmap_says_whether_it_is_a_galvanostat(
    make: Callable[..., MethodScriptEmulator], galvanostat: bool
) -> None:
    answer = Bench(make).send("CM\n")
    bits = int(answer[1:], 16)
    assert len(answer.strip()) == 65
    assert bool(bits >> 67 & 1 and bits >> 68 & 1) is galvanostat
    assert bits >> 28 & 1
    # An emulator claims nothing that a real EmStat4 lacks, but for the Pico's second electrode.
    bipot = 0 if galvanostat else 1 << 104 | 1 << 105
    assert not bits & ~(int(PUBLISHED["capabilities"]["CM"], 16) | bipot)


def test_a_script_is_loaded_run_stored_and_fetched() -> None:
    bench = Bench()
    assert bench.send("r\n") == "r!000C\n"
    assert bench.send('l\nsend_string "again"\n\n') == "l\n"
    for _ in range(2):
        assert bench.send("r\n") == "r\nTagain\n\n"
    assert bench.send("Fmscr\n") == "F\n"
    bench.send('l\nsend_string "other"\n\n')
    assert bench.send("Lmscr\n") == "L\n"
    assert bench.send("r\n") == "r\nTagain\n\n"


@pytest.mark.parametrize("split", [1, 3, 7])
def test_any_split_of_a_message_is_the_same_message(split: int) -> None:
    bench, whole = Bench(), Bench()
    message = f'e\n{READY}cell_on\nsend_string "on"\nwait 1\non_finished:\ncell_off\n\nt\ni\n'
    pieces = [message[i : i + split] for i in range(0, len(message), split)]
    said = "".join(bench.send(piece) for piece in pieces)
    assert said + bench.wait(5) == whole.send(message) + whole.wait(5)


# Running ---------------------------------------------------------------------------------------


def test_chronopotentiometry_obeys_ohm_and_gives_floor_of_duration_over_interval() -> None:
    bench = Bench(cell=DummyCell(ohm=1000.0, rest_V=0.25))
    lines = bench.execute(
        "var p\nvar c\nvar t\nvar dc\nvar every\nvar run\n"
        "store_var dc 1m ja\nstore_var every 100m ja\nstore_var run 2050m ja\n"
        f"{GALVANOSTAT}set_i 0\ncell_on\ntimer_start\n"
        "meas_loop_cp p c dc every run\n  timer_get t # comment\n"
        "  pck_start\n  pck_add t\n  pck_add c\n  pck_add p\n  pck_end\nendloop\n"
        "on_finished:\n  cell_off\n"
    )
    assert lines[:2] == ["e", "M000A"]
    assert lines[-3:] == ["*", "", ""]
    rows = values(lines)
    assert len(rows) == 20
    assert [row[0] for row in rows] == pytest.approx([0.1 * k for k in range(1, 21)])
    assert [row[1] for row in rows] == [1e-3] * 20
    assert [row[2] for row in rows] == pytest.approx([1.25] * 20, abs=1e-3)
    assert bench.cell.charge_C == pytest.approx(2e-3, rel=1e-3)
    assert not bench.emulator.front.cell_on


def test_linear_sweep_steps_through_its_potentials() -> None:
    bench = Bench(cell=DummyCell(ohm=10_000.0))
    lines = bench.execute(
        f"var e\nvar i\n{READY}set_range ba 100u\nset_e -500m\ncell_on\n"
        "meas_loop_lsv e i -500m 500m 10m 100m\npck_start\npck_add e\npck_add i\npck_end\nendloop\n"
        "on_finished:\ncell_off"
    )
    rows = values(lines)
    assert lines[1] == "M0000"
    assert [row[0] for row in rows] == pytest.approx([-0.5 + 0.01 * k for k in range(101)])
    assert [row[1] for row in rows] == pytest.approx([row[0] / 1e4 for row in rows], abs=2e-8)


def test_cyclic_voltammetry_marks_its_scans_and_visits_both_vertices() -> None:
    lines = Bench().execute(
        f"var e\nvar i\n{READY}set_e 0\ncell_on\nmeas_loop_cv e i 0 100m -100m 20m 1 nscans(3)\n"
        "pck_start\npck_add e\npck_end\nendloop\non_finished:\ncell_off"
    )
    frame = [line for line in lines if line[:1] in "MC-*"]
    assert frame == ["M0005", *["C0001", "-", "C0002", "-", "C0003", "-"], "*", "", ""]
    potentials = [row[0] for row in values(lines)]
    assert len(potentials) == 1 + 3 * 20
    assert max(potentials) == pytest.approx(0.1)
    assert min(potentials) == pytest.approx(-0.1)
    assert potentials[-1] == pytest.approx(0.0)


def test_a_reversal_turns_a_cv_round_before_its_vertex() -> None:
    bench = Bench()
    bench.send(
        f"e\nvar e\nvar i\n{READY}set_e 0\ncell_on\nmeas_loop_cv e i 0 100m -100m 10m 100m\n"
        "pck_start\npck_add e\npck_end\nendloop\non_finished:\ncell_off\n\n"
    )
    bench.wait(0.55)
    assert bench.send("R\n") == "R\n"
    potentials = [row[0] for row in values(bench.wait(100).split("\n"))]
    assert max(potentials) < 0.08
    assert min(potentials) == pytest.approx(-0.1)


def test_open_circuit_needs_the_cell_off() -> None:
    loop = "meas_loop_ocp e 100m 300m\npck_start\npck_add e\npck_end\nendloop"
    bench = Bench(cell=DummyCell(rest_V=0.8))
    lines = bench.execute(f"var e\n{READY}cell_off\n{loop}")
    assert [row[0] for row in values(lines)] == pytest.approx([0.8] * 3, abs=1e-3)
    assert bench.execute(f"var e\n{READY}cell_on\n{loop}")[-3].startswith("!0014: Line 7")


def test_cut_off_and_charge_count_run_in_the_instrument() -> None:
    bench = Bench(cell=DummyCell(ohm=500.0))
    lines = bench.execute(
        f"var p\nvar c\nvar q\nvar dq\nvar t\n{GALVANOSTAT}set_i 2m\ncell_on\ntimer_start\n"
        "meas_loop_cp p c 2m 1 1000\ncopy_var c dq\nmul_var dq 1\nadd_var q dq\n"
        "if q >= 19m\nbreakloop\nelseif p > 4\nbreakloop\nendif\nendloop\n"
        'timer_get t\nsend_string f"q={q} t={t} p={p}"\non_finished:\ncell_off'
    )
    match = re.fullmatch(r"Tq=(\S+) t=(\S+) p=(\S+)", lines[3])
    assert match is not None
    assert [float(x) for x in match.groups()] == pytest.approx([0.02, 10.0, 1.0], rel=1e-3)
    assert bench.cell.charge_C == pytest.approx(0.02, rel=1e-3)


def test_a_galvanostat_at_its_compliance_reports_what_really_flows() -> None:
    bench = Bench(cell=DummyCell(ohm=1000.0))
    lines = bench.execute(
        f"var p\nvar c\nvar m\n{GALVANOSTAT}set_i 0\ncell_on\n"
        "meas_loop_cp p c 10m 1 3 add_meas(0 ba m)\npck_start\npck_add p\npck_add c\npck_add m\n"
        "pck_end\nendloop\non_finished:\ncell_off"
    )
    for row in values(lines):
        assert row == pytest.approx([6.0, 10e-3, 6e-3], rel=1e-3)
    potential, *_ = decode_package(next(line for line in lines if line.startswith("P")))
    assert potential.status == 2  # overload


# EmStat4 thresholds: overload above 2.92 x range, warning above 2.46, underload below 0.123
# (EmStat4 manual).
@pytest.mark.parametrize(("current_mA", "status"), [(1, 0), (2.6, 8), (2.95, 2), (0.1, 4)])
def test_status_bits_follow_the_published_thresholds(current_mA: float, status: int) -> None:
    bench = Bench(cell=DummyCell(ohm=1000.0))
    lines = bench.execute(
        f"var e\nvar i\n{READY}set_range ba 1m\nset_autoranging ba 1m 1m\n"
        f"set_e {round(current_mA * 1000)}m\ncell_on\n"
        f"meas_loop_ca e i {round(current_mA * 1000)}m 1 1\npck_start\npck_add i\npck_end\nendloop"
    )
    (field,) = decode_package(next(line for line in lines if line.startswith("P")))
    assert (field.status, field.range_index) == (status, 21)


def test_autoranging_takes_the_smallest_range_that_holds_the_current() -> None:
    found = []
    for ohm in (1e2, 1e4, 1e6):
        lines = Bench(cell=DummyCell(ohm=ohm)).execute(
            f"var e\nvar i\n{READY}set_autoranging ba 1u 10m\nset_e 1\ncell_on\n"
            "meas_loop_ca e i 1 1 1\npck_start\npck_add i\npck_end\nendloop"
        )
        (field,) = decode_package(next(line for line in lines if line.startswith("P")))
        assert field.value == pytest.approx(1 / ohm, rel=2e-3)
        found.append(field.range_index)
    assert found == [24, 18, 12]  # 10 mA, 100 uA, 1 uA: mscript.py


# Controls --------------------------------------------------------------------------------------

LONG = (
    f"e\nvar e\nvar i\n{READY}set_e 1\ncell_on\nmeas_loop_ca e i 1 1 1000\n"
    'pck_start\npck_add i\npck_end\nendloop\nsend_string "next"\nwait 10\n'
    "on_finished:\ncell_off\n\n"
)


def test_abort_is_echoed_in_the_stream_and_runs_on_finished() -> None:
    bench = Bench()
    bench.send(LONG)
    bench.wait(3.5)
    assert bench.emulator.front.cell_on
    assert bench.send("Z\n") == "Z\n*\n\n"
    assert not bench.emulator.front.cell_on
    assert bench.wait(100) == ""


def test_y_ends_the_measurement_loop_only() -> None:
    bench = Bench()
    bench.send(LONG)
    bench.wait(3.5)
    assert bench.send("Y\n") == "Y\n*\nTnext\n"
    assert bench.send("Y\n") == "Y!0006\n"
    assert bench.wait(11) == "\n"


def test_a_halted_script_waits_and_goes_on_where_it_was() -> None:
    bench = Bench()
    bench.send(LONG)
    before = bench.wait(3.5).count("P")
    assert bench.send("h\n") == "h\n"
    assert bench.wait(100) == ""
    assert bench.emulator.next_event_s() is None
    assert bench.emulator.front.cell_on
    assert bench.send("H\n") == "H\n"
    assert bench.wait(0.4) == ""
    assert bench.wait(0.2).count("P") == 1
    assert (before, bench.wait(5).count("P")) == (3, 5)


def test_other_commands_are_refused_while_a_script_runs() -> None:
    bench = Bench()
    bench.send(LONG)
    assert bench.send("t\n") == "t!0006\n"
    assert bench.send("e\n") == "e!0006\n"
    assert bench.wait(1.5).count("P") == 1


def test_after_a_runtime_error_the_cell_stays_on() -> None:
    bench = Bench()
    lines = bench.execute(
        f"var x\nstore_var x 1 ja\n{READY}set_e 1\ncell_on\ndiv_var x 0\non_finished:\ncell_off"
    )
    assert "!0028: Line 9" in lines
    assert bench.emulator.front.cell_on
    bench.execute("cell_off")
    assert not bench.emulator.front.cell_on


def test_a_short_circuit_in_a_potentiostat_is_a_critical_overload() -> None:
    lines = Bench(cell=DummyCell(ohm=0.5)).execute(
        f"var e\nvar i\n{READY}set_e 1\ncell_on\nmeas_loop_ca e i 1 1 9\nendloop"
    )
    assert any(line.startswith("!0032: Line 9") for line in lines)


# Variants --------------------------------------------------------------------------------------


def test_the_echo_comes_in_both_documented_layouts() -> None:
    script = "e\nvar e\nset_pgstat_mode 3\nmeas_loop_ocp e 1 1\nendloop\n\n"
    assert Bench(echo="own-line").send(script) == "e\nM000B\n"
    assert Bench(echo="joined").send(script) == "eM000B\n"
    assert Bench(echo="joined").send("e\ncell_off\n\n") == "e\n\n"


def test_the_empty_line_after_an_error_and_the_first_xon_are_variants() -> None:
    script = "e\nset_pgstat_chan 9i\n\n"
    assert Bench().send(script) == "e\n!002F: Line 1\n\n"
    assert Bench(after_error="nothing").send(script) == "e\n!002F: Line 1\n"
    assert Bench(start="xon").send("\n") == "\x11\n"


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="echo=joined"):
        Bench(echo="loud")


# Whatever comes --------------------------------------------------------------------------------

WORDS = [
    b"e\n", b"\n", b"l\n", b"r\n", b"Z\n", b"h\n", b"H\n", b"Y\n", b"R\n", b"t\n", b"CM\n",
    b"var x\n", b"array a 3i\n", b"store_var x 1m ja\n", b"add_var x x\n", b"pow_var x 999i\n",
    b"if x > 1\n", b"else\n", b"endif\n", b"loop x < 1\n", b"endloop\n", b"breakloop\n",
    b"wait 1\n", b"wait -1\n", b"set_pgstat_mode 6\n", b"set_pgstat_mode 3\n", b"cell_on\n",
    b"set_i 5m\n", b"set_e 99\n", b"meas 1 x ba\n", b"meas_loop_cp x x 1m 100m 1\n",
    b"meas_loop_ca x x 1m 0 1\n", b"pck_start\n", b"pck_add x\n", b"pck_end\n",
    b'send_string f"{x} {a[7i]}"\n', b"on_finished:\n", b"cell_off\n", b"store_var a[9i] 1i ja\n",
    b"meas_loop_cv x x 0 1 -1 1m 1k nscans(2)\n", b"set_range ab -5\n", b"div_var x 0i\n",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=20)), max_size=40))
def test_no_bytes_make_it_raise_or_leave_it_deaf(pieces: list[bytes]) -> None:
    bench = Bench()
    for piece in pieces:
        bench.emulator.receive(piece, bench.now_s)
        bench.wait(0.003)
    # The recipe of PalmSens' own example: a line feed, then Z, brings it back to idle.
    for _ in range(3):
        bench.send("\nZ\n")
        bench.wait(0.01)
    assert bench.send("v\n") == "v01.09.00\n"


def test_the_same_seed_gives_the_same_bytes() -> None:
    script = LONG.removeprefix("e\n").strip()
    assert Bench().execute(script) == Bench().execute(script)


RC_S = 4e-3


class ChargingCell(DummyCell):
    """A resistor in series with a capacitor, R C = 4 ms."""

    def __init__(self, farad: float) -> None:
        super().__init__(ohm=RC_S / farad)
        self.farad = farad

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        if control is not Control.POTENTIAL:
            return CellState(0.0, self.charge_C / self.farad, self.charge_C / self.farad)
        current_A = (value - self.charge_C / self.farad) / self.ohm
        current_A *= -math.expm1(-dt_s / RC_S) * RC_S / dt_s
        self.charge_C += current_A * dt_s
        return CellState(current_A, value, value)


@pytest.mark.parametrize("make", [emstat4_lr, emstat4_hr, nexus, emstat_pico])
@pytest.mark.parametrize("farad", [1e-6, 1e-5, 3e-5, 1e-4, 3e-4])
def test_a_range_holds_the_mean_of_a_stair_and_not_only_its_end(
    make: Callable[..., MethodScriptEmulator], farad: float
) -> None:
    """In the second half of a stair of 5 RC, the mean is (e^2.5 - 1)/2.5 = 4.5 times the end; an
    instrument takes a range up to 2.46 and reads up to 3 times its nominal value."""
    bench = Bench(make, ChargingCell(farad))
    finest_A = min(bench.emulator._instrument.current_ranges_A.values())
    mode = bench.emulator._instrument.pgstat_mode
    lines = bench.execute(
        f"var e\nvar i\nset_pgstat_chan 0\nset_pgstat_mode {mode}\nset_max_bandwidth 500\n"
        f"set_range ba 1m\nset_autoranging ba {round(finest_A * 1e12)}p 1m\nset_e 0\ncell_on\n"
        "meas_loop_lsv e i 0 100m 2m 100m\npck_start\npck_add i\npck_end\nendloop\ncell_off\n"
    )
    fields = [decode_package(line)[0] for line in lines if line.startswith("P")][10:]
    assert not any((field.status or 0) & 2 for field in fields)
