"""What a driver adds to its wire: time per reading, and packages of MethodSCRIPT per second.

    python benchmarks/drivers.py [models ...]

Processor time of a reading: of the driver's stream on its emulator, less what is spent inside the
transport (which is where the emulator runs), the best of three segments of 2,000 readings. The
wire's own time and the waiting are virtual. Packages: `decode_package` on packages of three and of
two variables with metadata.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    Segment,
)
from faradaic.instruments.traits import DRIVERS
from faradaic.methodscript_packages import decode_package
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell

READINGS = 2_000
MODELS = (
    "keithley-2450",
    "keithley-2400",
    "keysight-b2901a",
    "keithley-2602b",
    "ec301",
    "zahner-pp222",
    "rodeostat-24ma",
    "rigol-dp832",
    "korad-ka3005p",
    "riden-rd6006",
    "genesys-20-38",
    "emstat4-hr",
)
PACKAGES = ("Peb8000000u;da8061A80u;ba8001388u,10,218", "Pda7F85F3Fu;ba48D503Dp,10,288")


class Timed:
    """A transport that counts the time spent in it."""

    def __init__(self, inner: EmulatedTransport) -> None:
        self.inner, self.spent_s, self.address = inner, 0.0, inner.address

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.inner, name)

        def timed(*arguments: Any) -> Any:
            begun_s = time.process_time()
            try:
                return call(*arguments)
            finally:
                self.spent_s += time.process_time() - begun_s

        setattr(self, name, timed)
        return timed


def segment_of(can: Capabilities) -> tuple[Segment, float]:
    """A held value, and the resistor for it."""
    interval_s = max(can.interval_min_s, 0.1)
    amps = max(0.1 * can.current_max_A, 2.0 * can.current_min_A)
    volts, lasts_s = 0.25 * can.compliance_V, READINGS * interval_s
    if ConstantCurrentSegment.mode in can.modes:
        limit_V = 0.9 * can.compliance_V
        return ConstantCurrentSegment(amps, limit_V, lasts_s, interval_s, 1e9), volts / amps
    return ConstantCellVoltageSegment(volts, can.current_max_A, lasts_s, interval_s, 1e9), (
        volts / amps
    )


def per_reading_s(name: str) -> float:
    """What a reading costs beside its wire, s."""
    best_s = float("inf")
    for _ in range(3):
        clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
        made = DRIVERS.load(name)
        segment, ohm = segment_of(made.capabilities)
        wire = Timed(EmulatedTransport(make_emulator(name, DummyCell(ohm), 1), clock, name))
        driver: Any = made(wire)  # type: ignore[arg-type]
        driver.connect(clock)
        stream = driver.run(segment, clock)
        next(stream)
        wire.spent_s, count, begun_s = 0.0, 0, time.process_time()
        for _ in stream:
            count += 1
        total_s = time.process_time() - begun_s
        best_s = min(best_s, (total_s - wire.spent_s) / count)
    return best_s


def packages_per_s() -> float:
    """How many packages `decode_package` takes."""
    best = 0.0
    for _ in range(5):
        begun_s = time.process_time()
        for _ in range(20_000):
            for line in PACKAGES:
                decode_package(line)
        best = max(best, 20_000 * len(PACKAGES) / (time.process_time() - begun_s))
    return best


def main(names: tuple[str, ...]) -> None:
    """Print the tables."""
    for name in names or MODELS:
        print(
            f"{name:20} {1e3 * per_reading_s(name):7.3f} ms per reading above the wire", flush=True
        )
    print(f"decode_package       {packages_per_s():9.0f} packages/s")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
