"""What a rehearsal spends its time on: the cell, the electronics, and a reading over the wire.

    python benchmarks/rehearsal_parts.py

Microseconds for one reading (one virtual second), and each part as a multiple of a galvanostatic
step of the cell measured in the same run.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from faradaic.instruments.transports.addresses import Setting
from faradaic.simulators.contracts import Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec
from faradaic.simulators.emulated_bench import EmulatedScheme
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

CELL = Path(__file__).parents[1] / "tests" / "fixtures" / "cells" / "preparative.toml"
READINGS = 5000


def microseconds(call: Callable[[int], object]) -> float:
    """Mean time of a call over `READINGS` calls."""
    call(0)
    start_s = time.perf_counter()
    for count in range(1, READINGS + 1):
        call(count)
    return (time.perf_counter() - start_s) / READINGS * 1e6


def cell_step(control: Control, value: float) -> float:
    """A step of 1 s of the cell."""
    cell = PreparativeCell.from_mapping(tomllib.loads(CELL.read_text()))
    return microseconds(lambda _: cell.step(control, value, 1.0))


def sample(compliance_V: float) -> float:
    """`advance` and `measure` of the electronics, once a second."""
    spec = ElectronicsSpec((10e-3, 100e-3, 1.0), (2.0, 20.0), 1.0, 20.0)
    cell = PreparativeCell.from_mapping(tomllib.loads(CELL.read_text()))
    electronics = Electronics(cell, spec, seed=1)
    electronics.galvanostat(10e-3, compliance_V, 0.0)
    return microseconds(lambda count: electronics.measure(float(count)))


def wire() -> float:
    """A query and its answer through the emulated source meter."""
    scheme = EmulatedScheme(Setting(cell=tomllib.loads(CELL.read_text())))
    transport = scheme.open("keithley-2450")
    transport.write(b":SOUR:FUNC CURR\n:SOUR:CURR:RANG 0.01\n:SOUR:CURR:VLIM 20\n")
    transport.write(b':SENS:FUNC "VOLT"\n:SOUR:CURR 0.01\n:OUTP ON\n')

    def reading(count: int) -> bytes:
        scheme.clock.sleep_until(float(count))
        transport.write(b":READ?\n")
        return transport.read_until(b"\n", 5.0)

    return microseconds(reading)


def main() -> None:
    """Print the table."""
    unit = cell_step(Control.CURRENT, 10e-3)
    for name, value in (
        ("cell, current imposed", unit),
        ("cell, potential imposed", cell_step(Control.POTENTIAL, 1.1)),
        ("cell, cell voltage imposed", cell_step(Control.CELL_VOLTAGE, 2.0)),
        ("electronics, regulating", sample(20.0)),
        ("electronics, in compliance", sample(1.2)),
        ("reading of a 2450 over its wire", wire()),
    ):
        print(f"{name:34}{value:8.1f} µs{value / unit:8.1f} x")


if __name__ == "__main__":
    main()
