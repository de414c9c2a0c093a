"""A PalmSens driver, its emulated instrument and the wire between them, for the tests."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from faradaic import testing
from faradaic.instruments.palmsens.driver import EmStat4HR, MethodScriptDriver
from faradaic.instruments.readings import Reading
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.palmsens.emulator import MethodScriptEmulator, emstat4_hr

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures/palmsens/published.toml").read_text("utf-8")
)


class Rig(testing.Rig):
    """A PalmSens driver on its emulated instrument."""

    emulator: MethodScriptEmulator

    def __init__(
        self,
        make: Callable[..., MethodScriptEmulator] = emstat4_hr,
        kind: type[MethodScriptDriver] = EmStat4HR,
        cell: CellModel | None = None,
        **variants: str,
    ) -> None:
        super().__init__(kind, make, cell, **variants)

    def connect(self) -> Rig:
        self.driver.connect(self.clock)
        return self

    @property
    def cell_on(self) -> bool:
        self.emulator._run_until(self.clock.monotonic_s())
        return self.emulator.front.cell_on


def new_rig() -> Rig:
    """An EmStat4 HR on 500 Ω, connected."""
    return Rig().connect()


def charge_C(readings: list[Reading]) -> float:
    """Trapezoids of the measured current."""
    total = 0.0
    for a, b in pairwise(readings):
        assert a.current_A is not None
        assert b.current_A is not None
        total += 0.5 * (a.current_A + b.current_A) * (b.time_s - a.time_s)
    return total
