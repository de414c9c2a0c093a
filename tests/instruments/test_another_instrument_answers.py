"""Every driver at the wrong instrument: an error with what to do, and no current."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.surroundings import Surroundings
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing.rig import DummyCell

OTHERS = ("keithley-2450", "emstat4-lr", "korad-kd6005p", "riden-rd6018", "manson-hcs-3602")
OTHERS += ("genesys-60-12", "siglent-spd1305x", "ika-rct", "ismatec-icc", "new-era")


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", DRIVERS.names())
def test_the_wrong_instrument_is_refused(name: str, other: str) -> None:
    if name == other:
        pytest.skip("that is the right one")
    clock, cell = VirtualClock(datetime(2026, 12, 1, tzinfo=UTC)), DummyCell(rest_V=1.0)
    emulator = make_emulator(other, cell, 1, Surroundings())
    driver = DRIVERS.load(name)(EmulatedTransport(emulator, clock, "emulated://other"))
    with pytest.raises(DeviceError) as told:
        driver.connect(clock)
    (why,) = told.value.diagnostics[:1]
    assert why.code in ("E501", "E508", "E510", "E511", "E517")
    assert why.help
    emulator.transmit(clock.monotonic_s())
    assert cell.gross_C < 1e-6, "more than a meter takes"
    assert other in {*DRIVERS.names(), *AUXILIARIES.names()}
