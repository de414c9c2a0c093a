"""Channels of a MultiEmStat4 and the Sensit Wearable: driven as what is inside."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.testing import Rig, check_driver


@pytest.mark.parametrize("name", ["multiemstat4-lr", "multiemstat4-hr", "sensit-wearable"])
def test_it_keeps_the_contract(name: str) -> None:
    check_driver(DRIVERS.load(name), EMULATORS.load(name), garbled_runs=5)


def test_a_channel_of_several_says_so_and_a_single_one_does_not() -> None:
    answers = []
    for name in ("multiemstat4-lr", "emstat4-lr"):
        rig = Rig(DRIVERS.load("emstat4-lr"), EMULATORS.load(name))
        wire = EmulatedTransport(rig.emulator, rig.clock, "aside")
        wire.write(b"m\n")
        answers.append(wire.read_until(b"\n", 1.0))
    assert answers == [b"mMES4LR20\n", b"m!0048\n"]


def test_a_single_one_is_not_taken_for_a_channel() -> None:
    rig = Rig(DRIVERS.load("multiemstat4-hr"), EMULATORS.load("emstat4-hr"))
    with pytest.raises(DeviceError, match="MultiEmStat4 HR was expected"):
        rig.driver.connect(rig.clock)
