"""Source-measure units with their inside open, by the name of their driver."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import TransportTimeout
from faradaic.simulators.contracts import Emulator
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.testing import DummyCell, Rig

NAMES = (
    "keithley-2400",
    "keithley-2410",
    "keithley-2420",
    "keithley-2440",
    "keithley-2460",
    "keithley-2601b",
    "keithley-2602b",
    "keithley-2611b",
    "keithley-2612b",
    "keithley-2635b",
    "keithley-2636b",
    "keysight-b2901a",
    "keysight-b2902a",
    "keysight-b2912a",
)
"""Of drivers, and of their emulators."""
FAMILIES = ("keithley-2400", "keysight-b2901a", "keithley-2602b")


def emulator(name: str) -> Callable[..., Emulator]:
    """What makes the emulated instrument."""
    return EMULATORS.load(name)


def meter(
    name: str,
    ohm: float = 500.0,
    rest_V: float = 0.0,
    options: dict[str, Any] | None = None,
    **wired: str,
) -> Rig:
    """A meter on a resistor and a battery, connected. `options` are the driver's, `wired` the
    emulator's."""
    driver = partial(DRIVERS.load(name), **(options or {}))
    made = Rig(driver, emulator(name), DummyCell(ohm, rest_V), **wired)  # type: ignore[arg-type]
    made.driver.connect(made.clock)
    return made


def typed(made: Rig, command: str) -> str:
    """What the instrument answers to somebody else; empty where it answers nothing."""
    aside = EmulatedTransport(made.emulator, made.clock, "aside")
    aside.write(command.encode() + b"\n")
    try:
        return aside.read_until(b"\n", 0.1).decode().strip()
    except TransportTimeout:
        return ""
