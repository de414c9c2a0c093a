"""How long the output stays on after its program was killed: emulators behind TCP, in real time.

    python benchmarks/reliability/outlives.py [kills]

A program of its own reads a constant current from a driver and is killed (SIGKILL) at a time drawn
at random; the emulator's switch says when the output went off. The 2450 has nothing that could
turn it off.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import Any

from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.server import EmulatorServer
from faradaic.testing import DummyCell

PROGRAM = """
import sys
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports.addresses import Setting
from faradaic.instruments.transports.tcp import TcpScheme
model, port, interval_s = sys.argv[1:]
scheme = TcpScheme(Setting())
driver = DRIVERS.load(model)(scheme.open("127.0.0.1:" + port))
driver.connect(scheme.clock)
segment = ConstantCurrentSegment(5e-3, 5.5, 3600.0, float(interval_s), 1e9)
for reading in driver.run(segment, scheme.clock):
    print(reading.on_for_s, flush=True)
"""
PATIENCE_S = 5.0


def outlived_s(model: str, interval_s: float, dice: random.Random) -> float | None:
    """Seconds from the kill to the output's off; None if it stayed on for `PATIENCE_S`."""
    emulator: Any = make_emulator(model, DummyCell(), 1)
    electronics = emulator.front.electronics if "emstat" in model else emulator._electronics
    with EmulatorServer(emulator) as server:
        argv = [sys.executable, "-c", PROGRAM, model, str(server.port), str(interval_s)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            program.stdout.readline()
            time.sleep(dice.uniform(0.5, 3.0))
            assert electronics.output_on, "the output went off while its program lived"
            program.kill()
            killed_s = time.monotonic()
            while electronics.output_on:
                if time.monotonic() > killed_s + PATIENCE_S:
                    return None
                time.sleep(1e-3)
            return time.monotonic() - killed_s


def main(kills: int = 20) -> None:
    """Print one line for each family and interval."""
    dice = random.Random(1)
    for model, interval_s in (("emstat4-hr", 0.1), ("emstat4-hr", 1.0), ("keithley-2450", 0.1)):
        count = kills if "emstat" in model else min(kills, 3)
        found = [outlived_s(model, interval_s, dice) for _ in range(count)]
        off = sorted(s for s in found if s is not None)
        told = f"off after {off[0]:.2f} to {off[-1]:.2f} s" if off else "off never"
        print(f"{model}, every {interval_s:g} s: {len(off)} of {count} off; {told}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
