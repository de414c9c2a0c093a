"""Our driver of supplies on simulators that nobody here wrote; skipped without them."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.clock import WallClock
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import TransportTimeout
from faradaic.testing import drain

pytestmark = pytest.mark.witness


class Wire:
    """A simulator that is handed lines, as a transport."""

    address = "peer://"

    def __init__(self, simulator: Any) -> None:
        self.simulator = simulator
        self._came = b""

    def write(self, data: bytes) -> None:
        """Hand it the lines."""
        for line in data.decode("ascii").splitlines():
            answer = self.simulator.handle(line) if line.strip() else None
            if answer is not None:
                self._came += f"{answer}\n".encode()

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """What it answered."""
        line, end, rest = self._came.partition(terminator)
        if not end:
            raise TransportTimeout.of("nothing came")
        self._came = rest
        return line + end

    def drain(self, quiet_s: float) -> bytes:
        """Throw away what it answered."""
        came, self._came = self._came, b""
        return came

    def close(self) -> None:
        """There is nothing to release."""


@pytest.mark.parametrize(
    ("key", "dialect", "model"),
    [
        ("rigol-dp832", "rigol", "DP832"),
        ("siglent-spd3303x", "siglent", "SPD3303X"),
        ("siglent-spd1168x", "siglent", "SPD1168X"),
        ("siglent-spd1305x", "siglent", "SPD1305X"),
        ("tti-cpx400dp", "tti", "CPX400DP"),
    ],
)
def test_a_current_is_held_and_its_limit_seen_on_labmcp(key: str, dialect: str, model: str) -> None:
    peer = pytest.importorskip("labmcp_bench_psu.simulator")
    wire, clock = Wire(peer.make_simulator(dialect, model)), WallClock()
    driver = DRIVERS.load(key)(wire)  # type: ignore[arg-type]
    assert driver.connect(clock).model == model
    interval_s = driver.capabilities.interval_min_s
    stream = driver.run(ConstantCurrentSegment(0.3, 9.0, 1.0, interval_s, 1e3), clock)
    readings, end = drain(stream)
    assert readings
    assert end is EndReason.DURATION
    for reading in readings:
        assert reading.current_A == pytest.approx(0.3, abs=0.02)
        assert reading.cell_voltage_V == pytest.approx(3.0, abs=0.02)
        assert (reading.regulation, reading.compliance) == (Regulation.CURRENT, False)
    assert driver.output_off(clock).on is False
    for reading in driver.run(ConstantCurrentSegment(0.5, 2.0, 1.0, interval_s, 1e3), clock):
        assert (reading.regulation, reading.compliance) == (Regulation.VOLTAGE, True)
    assert not wire.simulator.outputs[1].on


def test_a_trip_is_told_by_name_on_labmcp() -> None:
    peer = pytest.importorskip("labmcp_bench_psu.simulator")
    wire, clock = Wire(peer.make_simulator("rigol", "DP832")), WallClock()
    driver = DRIVERS.load("rigol-dp832")(wire)  # type: ignore[arg-type]
    driver.connect(clock)
    stream = driver.run(ConstantCurrentSegment(0.3, 9.0, 5.0, 0.5, 1e3), clock)
    next(stream)
    wire.simulator.outputs[1].ovp_v = 1.0
    with pytest.raises(DeviceError, match="overvoltage protection has tripped"):
        list(stream)
