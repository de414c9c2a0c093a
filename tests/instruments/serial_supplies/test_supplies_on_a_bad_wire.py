"""Supplies whose answers are lost, late, doubled, cut, changed or strange: what is accepted is so.

The voltage of the cell rises steadily, so that a value tells when it was measured.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell
from rigs.serial_supplies import FAMILIES
from rigs.wire import KINDS, BadWire

START_V, RISE_V_PER_S = 3.0, 0.1
SHARE = 0.03
DURATION_S = 60.0


def run_on(name: str, kinds: list[str], seed: int) -> tuple[int, int, list[str], list[Any], bool]:
    """Faults, readings accepted, wrong ones, how it ended, and whether its output is off."""
    clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
    can = DRIVERS.load(name).capabilities
    current_A = 0.1 * can.current_max_A
    cell = DummyCell(START_V / current_A, farad=current_A / RISE_V_PER_S)
    wire = BadWire(make_emulator(name, cell, seed), kinds, SHARE, seed)
    driver: Any = DRIVERS.load(name)(EmulatedTransport(wire, clock, "emulated://bad-wire"))
    driver.connect(clock)
    wire.active = True
    segment = ConstantCurrentSegment(current_A, 15.0, DURATION_S, can.interval_min_s, 1e9)
    wrong: list[str] = []
    accepted = 0
    end: list[Any] = []
    stream = driver.run(segment, clock)
    try:
        while True:
            reading = next(stream)
            accepted += reading.current_A is not None
            measured_s = (reading.cell_voltage_V - START_V) / RISE_V_PER_S
            age_s = reading.on_for_s - measured_s
            if not -0.5 < age_s < driver.READ_TIMEOUT_S + 0.5:
                wrong.append(f"{reading.raw} is {age_s:.2f} s old")
            a_digit_A = can.current_resolution * can.current_max_A
            if abs(reading.current_A - current_A) > max(0.02 * current_A, 1.6 * a_digit_A):
                wrong.append(f"{reading.raw} where {current_A:g} A flows")
    except StopIteration as stop:
        end.append(stop.value.value)
    except DeviceError as error:
        end.append(error.diagnostics[0].code)
    wire.active = False
    clock.sleep_until(clock.monotonic_s() + 10.0)
    off = driver.output_off(clock).on is False
    return wire.faults, accepted, wrong, end, off


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_accepted_is_what_the_supply_measured(name: str, kind: str) -> None:
    faults = accepted = 0
    for seed in range(2):
        met, readings, wrong, end, off = run_on(name, [kind], seed)
        assert not wrong
        assert off
        assert end[0] in ("duration", "E517", "E518", "E511", "E512"), end
        faults, accepted = faults + met, accepted + readings
    assert faults > 15
    assert accepted > 30


@pytest.mark.parametrize("name", FAMILIES)
def test_all_kinds_of_faults_together(name: str) -> None:
    faults = 0
    for seed in range(4):
        met, _, wrong, _, off = run_on(name, list(KINDS), seed)
        assert not wrong
        assert off
        faults += met
    assert faults > 40
