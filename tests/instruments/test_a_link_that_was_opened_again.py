"""After a connection was lost and opened again: the same instrument, its output read back off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.traits import DRIVERS, OutputFoundOn, TellsNotes
from faradaic.instruments.transports import LinkError, TransportClosed, TransportTimeout
from faradaic.simulators.emulated_bench import EMULATORS, make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell, FaultyTransport
from faradaic.testing.drivers import resistor_for, segment_of

NAMES = sorted(name for name, _ in DRIVERS.each() if name in dict(EMULATORS.each()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("away_s", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("when", ["running", "half a command", "half an answer"])
def test_connecting_again_finds_the_same_instrument_and_leaves_it_off(
    name: str, away_s: float, when: str
) -> None:
    clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
    cell = DummyCell(resistor_for(DRIVERS.load(name).capabilities))
    emulator = make_emulator(name, cell, 1)

    def opened() -> tuple[Any, FaultyTransport]:
        cable = FaultyTransport(EmulatedTransport(emulator, clock, "emulated://it"), clock)
        return DRIVERS.load(name)(cable), cable

    driver, cable = opened()
    identity = driver.connect(clock)
    stream = driver.run(segment_of(driver.capabilities, cell.ohm), clock)
    for _ in range(5):
        next(stream)
    if when == "half a command":
        cable.write(b":SOUR:CU" if driver.capabilities.manufacturer == "Keithley" else b"e\nvar")
    elif when == "half an answer":
        clock.sleep_until(clock.monotonic_s() + 0.35)
        emulator.transmit(clock.monotonic_s())
    cable.unplugged = True
    with pytest.raises(LinkError) as caught:
        next(stream)
    assert isinstance(caught.value, TransportClosed)
    assert driver.output_off(clock).on is None
    driver.close()
    clock.sleep_until(clock.monotonic_s() + away_s)
    driver, _ = opened()
    try:
        found = driver.connect(clock)
    except OutputFoundOn:  # which is for whoever knows that it may be turned off
        assert driver.output_off(clock).on is False
        found = driver.connect(clock)
    assert found == identity
    state = driver.output_off(clock)
    assert state.on is False
    passed_C = cell.gross_C
    clock.sleep_until(clock.monotonic_s() + 100.0)
    emulator.transmit(clock.monotonic_s())
    assert cell.gross_C == passed_C
    readings = list(driver.run(segment_of(driver.capabilities, cell.ohm), clock))
    assert readings[-1].current_A
    assert isinstance(driver, TellsNotes)


@pytest.mark.parametrize("name", NAMES)
def test_a_mute_instrument_is_an_error_of_the_link_within_seconds(name: str) -> None:
    clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
    inner = EmulatedTransport(make_emulator(name, DummyCell(), 1), clock, "emulated://it")
    cable = FaultyTransport(inner, clock)
    driver = DRIVERS.load(name)(cable)
    cable.mute = True
    with pytest.raises(LinkError) as caught:
        driver.connect(clock)
    assert isinstance(caught.value, TransportTimeout)
    begun_s = clock.monotonic_s()
    assert driver.output_off(clock).on is None
    assert clock.monotonic_s() - begun_s < 6.0


def test_another_instrument_is_no_error_of_the_link() -> None:
    clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
    emulator: Any = make_emulator("keithley-2450", DummyCell(), 1)
    emulator.identification = "KEITHLEY INSTRUMENTS,MODEL 2460,SIM00001,1.7.12b"
    with pytest.raises(DeviceError) as caught:
        Keithley2450(EmulatedTransport(emulator, clock, "emulated://it")).connect(clock)
    assert not isinstance(caught.value, LinkError)
