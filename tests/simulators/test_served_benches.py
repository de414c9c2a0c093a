"""Several instruments served at once around one world, and instruments whose time goes faster."""

from __future__ import annotations

import time

import pytest

from faradaic.instruments.transports.addresses import SCHEMES, Setting
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.paced_clock import PacedClock
from faradaic.simulators.served_bench import ServedBench
from faradaic.simulators.server import EmulatorServer
from faradaic.testing.rig import DummyCell


def opened(server: EmulatorServer):  # type: ignore[no-untyped-def]
    return SCHEMES.load("tcp")(Setting()).open(server.address.removeprefix("tcp://"))


def test_a_script_waits_in_its_own_seconds() -> None:
    emulator = make_emulator("emstat4-lr", DummyCell(), 1)
    with EmulatorServer(emulator, clock=PacedClock(40.0)) as server:
        line = opened(server)
        begun_s = time.monotonic()
        line.write(b'e\nwait 20\nsend_string "done"\n\n')
        line.read_until(b"Tdone\n", 10.0)
        took_s = time.monotonic() - begun_s
        line.close()
    assert 0.45 < took_s < 5.0  # 20 of its seconds are half a second


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_no_other_pace(speed: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        PacedClock(speed)


def test_devices_of_one_bench_share_their_world() -> None:
    addresses = {"plate": "ika-rct", "probe": "icpdas-7018", "source": "keithley-2450"}
    setting = Setting(cell={}, around={"temperature_K": 298.15})
    with ServedBench(addresses, setting, speed=200.0) as served:
        plate, probe, source = (opened(served.servers[name]) for name in addresses)
        source.write(b"*IDN?\n")
        assert b"2450" in source.read_until(b"\n", 5.0)

        def read_degC() -> float:
            probe.write(b"#010\r")
            return float(probe.read_until(b"\r", 5.0).decode().strip().lstrip(">"))

        cold_degC = read_degC()
        for word in (b"OUT_SP_1 60", b"START_1"):
            plate.write(word + b"\r\n")
        deadline_s = time.monotonic() + 20.0
        while read_degC() < cold_degC + 5.0 and time.monotonic() < deadline_s:
            time.sleep(0.05)
        warm_degC = read_degC()
        for line in (plate, probe, source):
            line.close()
    assert cold_degC == pytest.approx(25.0, abs=1.0)
    assert warm_degC >= cold_degC + 5.0, "the thermocouple is in what the plate heats"
