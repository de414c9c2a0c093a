"""A firmware that the driver is not known for is told; one that it is known for is not."""

from __future__ import annotations

import pytest

from faradaic.instruments.known_firmware import firmware_remark
from faradaic.instruments.readings import Identity
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import EMULATORS


@pytest.mark.parametrize(
    ("driver", "identity", "told"),
    [
        ("korad-ka3005p", Identity("Korad", "KORADKA3005PV2.0", "", ""), False),
        ("korad-ka3005p", Identity("Korad", "KORAD KA3005P V9.1", "", ""), True),
        ("keithley-2450", Identity("KEITHLEY", "MODEL 2450", "1", "1.7.12b"), False),
        ("keithley-2450", Identity("KEITHLEY", "MODEL 2450", "1", "2.0.0a"), True),
        ("emstat4-lr", Identity("PalmSens", "EmStat4 LR", "1", "x, MethodSCRIPT v01.09.00"), False),
        ("emstat4-lr", Identity("PalmSens", "EmStat4 LR", "1", "x, MethodSCRIPT v02.00.00"), True),
        ("rigol-dp832", Identity("RIGOL", "DP832", "1", "99.99.99"), False),
        ("new-era", Identity("New Era", "NE1000", "", ""), False),
    ],
)
def test_what_is_told_of_a_firmware(driver: str, identity: Identity, told: bool) -> None:
    remark = firmware_remark(driver, identity)
    assert (remark is not None) is told
    if remark is not None:
        assert (remark.code, remark.severity) == ("E580", "warning")
        assert remark.help


def test_its_drivers_are_drivers() -> None:
    assert {"korad-ka3005p", "keithley-2450"} <= {*DRIVERS.names()} & {*EMULATORS.names()}
