"""Impedance scripts on a simulated PalmSens instrument, from script to wire."""

import numpy as np
import pytest

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.methodscript_packages import decode_package
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.palmsens.emulator import emstat4_hr, emstat_pico

CIRCUIT, VALUES = parse_circuit("R0+(C1|R1)"), {"R0": 100.0, "C1": 1e-6, "R1": 1000.0}


class Cell:
    """The circuit, by backward Euler."""

    interface_V = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        held_A, leak_S = 1e-6 / dt_s * self.interface_V, 1e-6 / dt_s + 1e-3
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            self.interface_V = (value / 100.0 + held_A) / (0.01 + leak_S)
            current_A = (value - self.interface_V) / 100.0
        else:
            current_A = value if control is Control.CURRENT else 0.0
            self.interface_V = (current_A + held_A) / leak_S
        potential_V = self.interface_V + 100.0 * current_A
        return CellState(current_A, potential_V, potential_V)

    def checkpoint(self) -> float:
        return self.interface_V

    def restore(self, state: float) -> None:
        self.interface_V = state


def run(script: str, make=emstat4_hr) -> tuple[list[str], float]:
    """The lines that a script sends, and when the last of them left."""
    emulator = make(Cell(), 1)
    emulator.receive(f"e\n{script.strip()}\n\n".encode(), 0.0)
    output, now_s = emulator.transmit(0.0), 0.0
    while (event_s := emulator.next_event_s()) is not None:
        now_s = event_s
        output += emulator.transmit(now_s)
    return [line for line in output.decode().split("\n") if line and line != "e"], now_s


def script(command: str, mode: int, on: str = "cell_on") -> str:
    return f"""
var f
var r
var j
set_pgstat_mode {mode}
set_max_bandwidth 200k
{on}
{command}
  pck_start
  pck_add f
  pck_add r
  pck_add j
  pck_end
endloop
on_finished:
cell_off
"""


@pytest.mark.parametrize(
    ("command", "mode", "technique"),
    [
        ("meas_loop_eis f r j 10m 10k 1 9i 0", 3, "M000D"),
        ("meas_loop_geis f r j 20u 10k 1 9 0", 6, "M000E"),
    ],
)
def test_a_script_measures_the_impedance_of_the_cell(command, mode, technique):
    lines, end_s = run(script(command, mode))
    assert lines[0] == technique
    assert lines[-1] == "*"
    packages = [decode_package(line) for line in lines if line.startswith("P")]
    assert [field.type for field in packages[0]] == ["dc", "cc", "cd"]
    frequencies, real, imaginary = np.array([[field.value for field in p] for p in packages]).T
    assert frequencies == pytest.approx(np.logspace(4, 0, 9), rel=1e-6)
    expected = CIRCUIT.spectrum_ohm(frequencies, VALUES)
    assert np.abs((real + 1j * imaginary) / expected - 1.0).max() < 0.02
    assert np.all(imaginary < 0.0)  # Z'' as it is, not negated
    # A sine to settle and a sine of each frequency, which is sampled for 10 ms at least
    # (palmsens-sdk, `min_sampling_time` and `max_equilibration_time`; issue 353).
    assert end_s == pytest.approx(np.sum(1 / frequencies + np.maximum(1 / frequencies, 0.01)))


def test_a_break_ends_an_impedance_loop():
    text = script("meas_loop_eis f r j 10m 1k 1 7 0", 3).replace(
        "  pck_end\n", "  pck_end\n  if f < 50\n    breakloop\n  endif\n"
    )
    lines, _ = run(text)
    # 1 kHz, 316 Hz, 100 Hz, 31.6 Hz
    assert sum(line.startswith("P") for line in lines) == 4


# Codes: palmsens-sdk 39c885db, comm_registry.
@pytest.mark.parametrize(
    ("command", "mode", "on", "code"),
    [
        ("meas_loop_eis f r j 10m 10k 0 9 0", 3, "cell_on", "0011"),
        ("meas_loop_eis f r j 0 10k 1 9 0", 3, "cell_on", "0012"),
        ("meas_loop_eis f r j 10m 10k 1 0 0", 3, "cell_on", "4029"),
        ("meas_loop_eis f r j 10m 10k 1 9 0", 3, "cell_off", "4027"),
        ("meas_loop_eis f r j 10m 10k 1 9 0", 6, "cell_on", "0023"),
        ("meas_loop_geis f r j 10u 10k 1 9 0", 3, "cell_on", "0023"),
        ("meas_loop_eis f r j 10m 10k 1 9 20", 3, "cell_on", "4205"),
        ("meas_loop_eis f r j 10m 10k 1 9", 3, "cell_on", "4004"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_its_code(command, mode, on, code):
    lines, _ = run(script(command, mode, on))
    assert any(f"!{code}" in line for line in lines)
    assert not any(line.startswith("P") for line in lines)


def test_an_instrument_without_galvanostat_has_no_galvanostatic_impedance():
    lines, _ = run(script("meas_loop_geis f r j 10u 10k 1 9 0", 3), make=emstat_pico)
    assert "!001B" in lines[0]


def test_the_cell_lives_as_long_as_its_spectrum_also_one_that_is_broken_off():
    class Aged(Cell):
        age_s = 0.0

        def step(self, control, value, dt_s):
            self.age_s += dt_s
            return super().step(control, value, dt_s)

        def checkpoint(self):
            return self.interface_V, self.age_s

        def restore(self, state):
            self.interface_V, self.age_s = state

    cell = Aged()
    emulator = emstat4_hr(cell, 1)
    text = script("meas_loop_eis f r j 10m 1 1u 2 0", 3).strip()
    emulator.receive(f"e\n{text}\n\n".encode(), 0.0)
    assert emulator.transmit(2.1).count(b"Pdc") == 1
    assert emulator.next_event_s() == pytest.approx(2.0 + 5.0 + 1e6)
    emulator.receive(b"Z\n", 50.0)
    assert b"Z\n" in emulator.transmit(50.0)
    assert cell.age_s == pytest.approx(50.0, abs=1e-3)
    assert emulator.next_event_s() is None
