"""Potentiostats with their inside open, by the name of their driver."""

from __future__ import annotations

from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.testing import DummyCell, Rig

NAMES = (
    "ec301",
    "zahner-pp212",
    "zahner-pp222",
    "zahner-pp242",
    "zahner-xpot2",
    "rodeostat-24ma",
    "rodeostat-10ma",
)
"""Of drivers, and of their emulators."""
GALVANOSTATS = ("ec301", "zahner-pp222")
ALL = ("ec301", "zahner-pp222", "rodeostat-24ma")


def potentiostat(name: str, ohm: float = 100.0, rest_V: float = 0.0) -> Rig:
    """One on a resistor and a battery, connected."""
    made = Rig(DRIVERS.load(name), EMULATORS.load(name), DummyCell(ohm, rest_V))
    made.driver.connect(made.clock)
    return made
