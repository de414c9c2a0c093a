"""One output of a bench supply with ranges and steps, and the table of the models.

Off it is open (the load that a real output stage leaves across the cell is not modelled) and
measures its own terminals behind the switch: nothing. What trips it is looked at whenever the
instrument is spoken to.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from faradaic.simulators.contracts import CellModel
from faradaic.simulators.serial_supplies.one_way_output import SupplyOutput

NOISE = 5e-6
"""Of the full scale, in a reading; an engineering guess."""


@dataclass(frozen=True, slots=True)
class OutputRange:
    """What one range of one output can be set to."""

    word: str
    volts: float
    amps: float
    volt_step: float
    amp_step: float
    ovp_max: float | None
    ocp_max: float | None


@dataclass(frozen=True, slots=True)
class SupplyData:
    """What a model is, by channel."""

    identity: str
    channels: dict[int, tuple[OutputRange, ...]]


@cache
def supply_data() -> dict[str, SupplyData]:
    """All models of the table."""
    identities: dict[str, str] = {}
    ranges: dict[str, dict[int, list[OutputRange]]] = defaultdict(lambda: defaultdict(list))
    with files(__package__).joinpath("supply_outputs.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            identities.setdefault(row["model"], row["identity"])
            ranges[row["model"]][int(row["channel"])].append(
                OutputRange(
                    row["range"],
                    *(float(row[name]) for name in ("volts", "amps", "volt_step", "amp_step")),
                    *(float(row[name]) if row[name] else None for name in ("ovp_max", "ocp_max")),
                )
            )
    return {
        name: SupplyData(identities[name], {n: tuple(found) for n, found in of.items()})
        for name, of in ranges.items()
    }


class RangedOutput(SupplyOutput):
    """One output with its ranges, steps and protections that are armed by themselves.

    What has tripped holds it off until that is cleared.
    """

    def __init__(self, cell: CellModel, ranges: tuple[OutputRange, ...], seed: int) -> None:
        most_V, most_A = (max(getattr(r, n) for r in ranges) for n in ("volts", "amps"))
        super().__init__(cell, seed, most_V=most_V, most_A=most_A, noise=NOISE)
        self.ranges = ranges
        self.reset()

    def reset(self) -> None:
        """As it is after `*RST`, not yet driven."""
        self.range = self.ranges[0]
        self.set_V, self.set_A = 0.0, self.range.amps
        self.on, self.tripped = False, ""
        self.ovp_V, self.ocp_A = self.range.ovp_max, self.range.ocp_max
        self.ovp_armed = self.ocp_armed = False
        self.fuse = False
        """An overcurrent protection that turns it off when it holds its current."""

    def choose(self, word: str, now_s: float) -> bool:
        """Take a range by its word; False where there is none."""
        found = next((one for one in self.ranges if one.word == word), None)
        if found is None:
            return False
        self.range = found
        self.set_V, self.set_A = min(self.set_V, found.volts), min(self.set_A, found.amps)
        self.apply(now_s)
        return True

    def switch(self, on: bool, now_s: float) -> None:
        """The output; one that has tripped stays off."""
        self.update(now_s)
        self.apply(now_s, on=on and not self.tripped)

    def update(self, now_s: float) -> None:
        """Let time pass, and trip what has to."""
        self.over_V = self.ovp_V if self.ovp_armed else None
        self.over_A = self.ocp_A if self.ocp_armed else None
        self.trips_in_cc = self.fuse
        self.advance(now_s)
        self._watch()

    @property
    def mode(self) -> str:
        """Get what it holds: `CC`, `CV`, or `OFF`."""
        if not self.on:
            return "OFF"
        return "CV" if self.in_cv else "CC"

    def measure(self, now_s: float) -> tuple[float, float]:
        """Voltage and current as its meter shows them, to the step."""
        self.update(now_s)
        shown, steps = self.read(), self.range
        volts = round(shown.voltage_V / steps.volt_step) * steps.volt_step
        return volts, round(shown.current_A / steps.amp_step) * steps.amp_step
