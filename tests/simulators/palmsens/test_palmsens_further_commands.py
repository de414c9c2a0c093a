"""Commands around and beyond the plain techniques, in the forms of the manufacturer's examples.

Forms: PalmSens, MethodSCRIPT_Examples bd1a44a (the example is named at each test).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from faradaic.methodscript_packages import decode_package
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.palmsens.emulator import emstat4_hr, emstat_pico, nexus

OHM, FARAD = 1000.0, 10e-6


class Cell:
    """1 kOhm, in parallel to 10 µF where asked, by backward Euler."""

    def __init__(self, farad: float = 0.0) -> None:
        self.farad = farad
        self.interface_V = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        series_S, leak_S = 0.01 if self.farad else 1e9, 1 / OHM + self.farad / dt_s
        held_A = self.farad / dt_s * self.interface_V
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            self.interface_V = (value * series_S + held_A) / (series_S + leak_S)
            current_A = (value - self.interface_V) * series_S
        else:
            current_A = value if control is Control.CURRENT else 0.0
            self.interface_V = (current_A + held_A) / leak_S
        volts = self.interface_V + current_A / series_S
        return CellState(current_A, volts, volts)

    def checkpoint(self) -> float:
        return self.interface_V

    def restore(self, state: float) -> None:
        self.interface_V = state


class Session:
    """One script on an instrument, to its end or to a time."""

    def __init__(self, script: str, make=emstat4_hr, farad: float = 0.0) -> None:
        self.emulator = make(Cell(farad), 1)
        self.now_s = 0.0
        self.text = ""
        self.send(f"e\n{script.strip()}\n\n")

    def send(self, text: str) -> str:
        self.emulator.receive(text.encode(), self.now_s)
        return self.until(self.now_s)

    def until(self, end_s: float = math.inf) -> str:
        while (event_s := self.emulator.next_event_s()) is not None and event_s <= end_s:
            if math.isinf(event_s):
                break
            self.now_s = max(self.now_s, event_s)
            self.text += self.emulator.transmit(self.now_s).decode()
        self.now_s = end_s if math.isfinite(end_s) else self.now_s
        self.text += self.emulator.transmit(self.now_s).decode()
        return self.text

    def packages(self) -> list[list[float]]:
        lines = self.until().split("\n")
        return [[f.value for f in decode_package(line)] for line in lines if line.startswith("P")]

    def texts(self) -> list[str]:
        return [line[1:] for line in self.until().split("\n") if line.startswith("T")]


ON = "set_pgstat_chan 0\nset_pgstat_mode 3\nset_max_bandwidth 1k\ncell_on\n"
VALUES = (3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0)


def filled(name: str, values: tuple[float, ...]) -> str:
    lines = [f"array {name} {len(values)}i"]
    lines += [f"store_var {name}[{k}i] {round(1000 * v)}m ba" for k, v in enumerate(values)]
    return "\n".join(lines) + "\n"


def sent(name: str, count: int) -> str:
    lines = [f"pck_start\npck_add {name}[{k}i]\npck_end" for k in range(count)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("form", ["smooth a 11i b 1i", "smooth a b 1i"])  # MSExample014 and 024
def test_smoothing_is_that_of_savitzky_and_golay(form: str) -> None:
    # five points, quadratic: (-3, 12, 17, 12, -3)/35 (Savitzky and Golay 1964)
    script = filled("a", VALUES) + "array b 11i\n" + form + "\n" + sent("b", 11)
    smoothed = [value for (value,) in Session(script).packages()]
    weights = np.array([-3, 12, 17, 12, -3]) / 35
    assert smoothed[2:-2] == pytest.approx(np.convolve(VALUES, weights, "valid"), rel=1e-5)


def test_a_peak_stands_on_the_line_between_its_feet() -> None:
    # MSExample014: 5 high on a slope of 0.5 per point
    values = tuple(0.5 * k + (0, 0, 2, 5, 2, 0, 0, 0)[k] for k in range(8))
    ask = "array h 2i\narray x 2i\npeak_detect a 8i x h 0i 1\n"
    script = filled("a", values) + ask + sent("x", 2) + sent("h", 2)
    at, none, height, _ = (value for (value,) in Session(script).packages())
    assert (at, none) == (3, -1)
    assert height == pytest.approx(5.0)
    none, *_ = (
        v for (v,) in Session(script.replace("0i 1\n", "0i 6\n")).packages()
    )  # not of that height
    assert none == -1


def test_a_fast_voltammogram_fills_its_arrays() -> None:
    script = "array e 200i\narray c 200i\nvar n\nvar i\nstore_var i 0i ja\n" + ON
    script += "meas_fast_cv e c n 0 -500m 500m 25m 250\nloop i < n\npck_start\npck_add e[i]\n"
    script += "pck_add c[i]\npck_end\nadd_var i 1i\nendloop\ncell_off"
    points = np.array(Session(script).packages())
    assert len(points) == 81
    assert points[:, 0].min() == pytest.approx(-0.5)
    assert points[:, 1] == pytest.approx(points[:, 0] / OHM, abs=5e-6)


def test_alternating_current_on_a_staircase_reads_the_impedance() -> None:
    # MSLoopExample002, 15 Hz: R in parallel to C behind 100 Ohm
    script = "var a\nvar b\nvar c\nvar d\nvar r\nvar i\n" + ON
    script += "meas_loop_acv a b c d r i -100m 100m 100m 100m 10m 15\npck_start\n"
    script += "\n".join(f"pck_add {name}" for name in "abcdri") + "\npck_end\nendloop\ncell_off"
    rows = np.array(Session(script, farad=FARAD).packages())
    expected = 100.0 + 1 / (1 / OHM + 2j * math.pi * 15 * FARAD)
    assert rows[:, 0] == pytest.approx([-0.1, 0.0, 0.1])
    assert rows[:, 4] + 1j * rows[:, 5] == pytest.approx([expected] * 3, rel=0.02)
    assert rows[:, 3] == pytest.approx([0.01 / abs(expected)] * 3, rel=0.02)


@pytest.mark.parametrize(("mode", "expected_V"), [(1, 0.5), (2, 1.5), (3, 1.0)])
def test_pulsed_detection_gives_rest_pulse_or_their_difference(
    mode: int, expected_V: float
) -> None:
    # MSLoopExample010
    script = "var p\nvar c\n" + ON + f"meas_loop_pad p c 500m 1500m 10m 50m 1050m {mode}\n"
    script += "pck_start\npck_add p\npck_add c\npck_end\nendloop\ncell_off"
    session = Session(script)
    rows = np.array(session.packages())
    assert len(rows) == 21
    assert rows[:, 1] == pytest.approx([expected_V / OHM] * 21, rel=0.01)
    assert session.now_s == pytest.approx(1.05)


def test_a_multiplexer_is_visited_channel_by_channel() -> None:
    # MSExample022
    script = "mux_config 3i 0x0020\nvar n\nmux_get_channel_count n\nvar p\narray c n\n" + ON
    script += "meas_loop_ca_alt_mux p c 100m 200m 2 1i 8i\npck_start\npck_add n\npck_add c[7i]\n"
    script += "pck_end\nendloop\ncell_off"
    session = Session(script)
    rows = np.array(session.packages())
    assert rows[:, 0].tolist() == [8.0] * 10
    assert rows[:, 1] == pytest.approx([1e-4] * 10, rel=0.01)
    assert session.now_s == pytest.approx(2.0)
    assert "!002F" in Session("mux_config 3i 0\nmux_set_channel 9i").until()


def test_sleep_ends_with_its_time_a_line_or_an_abort() -> None:
    # MSExample004, 010 and 019; 0x04 is the timer, 0x01 communication, 0x02 the wake pin
    session = Session('hibernate 4i 30\nsend_string "awake"')
    assert session.texts() == ["awake"]
    assert session.now_s == pytest.approx(30.0)
    session = Session('hibernate 0x0B 0\nsend_string "awake"')
    assert "awake" not in session.until(1000.0)
    session.send("h\n")
    assert "awake" not in session.until(1001.0)
    assert "awake" in session.send("H\n")
    session = Session('hibernate 0x02i 60\nsend_string "awake"\non_finished:\nsend_string "off"')
    assert "off" not in session.until(1e6)
    assert "Toff" in session.send("Z\n")


def test_the_clock_goes_on_and_nothing_answers_on_the_bus() -> None:
    # MSExample003, 009, 011 and 013
    names = ("year", "mon", "day", "hour", "min", "sec")
    script = "".join(f"var {name}\n" for name in (*names, "a", "b"))
    script += f"hibernate 4i 90\nrtc_get {' '.join(names)}\n"
    script += 'send_string f"{year}-{mon}-{day} {hour}:{min}:{sec}"\n'
    script += "array w 2i\narray_set w 0i 0x03i\ni2c_config 100k 7\ni2c_write 0x48i w 2i a\n"
    script += 'send_string f"{w[0i]} {a}"\ni2c_read 0x48i w 2i a\nsend_string f"{w[0i]}"\n'
    script += 'battery_perc b\nif b < 0\nsend_string "none"\nendif'
    assert Session(script).texts() == ["2026-1-1 0:1:30", "3 1", "0", "none"]


def test_temperatures_and_pins_are_measured_beside_the_cell() -> None:
    # MSExample012
    script = 'var t\nset_pgstat_mode 2\nmeas 100m t ef\nsend_string f"{t}C"\nmeas 100m t as\n'
    assert Session(script + 'send_string f"{t}"').texts() == ["25C", "0"]


def test_signals_in_time_have_the_amplitude_that_was_set() -> None:
    # example_eis_tdd: 15 mV rms around 100 mV
    script = "var f\nvar r\nvar j\nvar n\nvar s\nvar i\narray u 4096\narray c 4096\n" + ON
    script += "meas_loop_eis f r j 15m 100 100 1 100m eis_tdd(u c n s 0)\nstore_var i 0i ja\n"
    script += "loop i < n\npck_start\npck_add u[i]\npck_add c[i]\npck_end\nadd_var i 1i\n"
    script += "endloop\nendloop\ncell_off"
    volts, amperes = np.array(Session(script).packages()).T
    assert volts.mean() == pytest.approx(0.1, rel=0.01)
    assert np.ptp(volts) / 2 == pytest.approx(0.015 * math.sqrt(2), rel=0.01)
    assert np.ptp(amperes) / np.ptp(volts) == pytest.approx(1 / OHM, rel=0.01)


def test_a_potential_may_stand_before_the_first_mode() -> None:
    # example_CA.mscr of Example_C; behind a mode 0 the instrument refuses it
    script = "var e\nvar c\nset_e 100m\nset_pgstat_mode 2\ncell_on\nmeas_loop_ca e c 100m 100m 1\n"
    script += "pck_start\npck_add c\npck_end\nendloop\ncell_off"
    assert len(Session(script).packages()) == 10
    assert "!0023" in Session("set_pgstat_mode 0\nset_e 100m").until()


@pytest.mark.parametrize(
    ("make", "command", "code"),
    [
        (emstat_pico, "meas_loop_acv a b c d e f 0 1 10m 1 10m 15", "001B"),  # EmStat4 and Nexus
        (emstat4_hr, "set_bipot_mode 1", "001B"),  # MSExample020: a bipotentiostat
        (nexus, "set_bipot_mode 1", "001B"),
        (emstat_pico, "set_bipot_potential 1m", "0023"),  # no mode is chosen
        (emstat4_hr, "display_draw", "001B"),  # MSExample027: EmStat4T
        (emstat_pico, "qr_scan a b", "001B"),  # MSExample026: EmStat4T
        (emstat4_hr, "hibernate 0i 5", "0007"),  # MSExample004: at least one source
        (emstat4_hr, "mux_set_channel 1i", "002F"),
    ],
)
def test_what_a_model_does_not_have_is_refused_with_the_makers_code(make, command, code) -> None:
    assert f"!{code}" in Session(command, make=make).until()


def test_a_second_electrode_of_the_pico_is_connected_to_nothing() -> None:
    # MSExample020
    script = "var p\nvar c\nvar w\nset_pgstat_chan 0\nset_pgstat_mode 2\nset_bipot_mode 1\n"
    script += "set_range bb 5m\nset_bipot_potential -20m\ncell_on\n"
    script += "meas_loop_ca p c 100m 100m 1 add_meas(0 bb w)\npck_start\npck_add w\npck_end\n"
    script += "set_range bb w\nendloop\ncell_off"
    assert Session(script, make=emstat_pico).packages() == [[0.0]] * 10
