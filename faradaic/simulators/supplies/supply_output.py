"""One output of a bench supply on a cell: two set-points, one quadrant, protections that latch.

It holds its current as long as that takes less than its voltage, else its voltage; it takes no
current up, so that a cell with more voltage than it is set to sees it as open. Off it is open (the
load that a real output stage leaves across the cell is not modelled) and measures its own terminals
behind the switch: nothing. What trips it is looked at whenever the instrument is spoken to.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics import Electronics, ElectronicsSpec

APERTURE_S = 0.02
LEAST_V = 1e-3
"""Voltage to which an output that is set to nothing is limited: none is no limit."""

EVERY_V = 1e9

BACK_A = 1e-9
"""Current into the output from which on it blocks."""


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


class OpenLeads:
    """What hangs on an output that no cell is wired to."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """No current, and whatever voltage is imposed; a current would take any voltage."""
        if control is Control.CURRENT and value:
            return CellState(value, EVERY_V, EVERY_V)
        volts = value if control in (Control.CELL_VOLTAGE, Control.POTENTIAL) else 0.0
        return CellState(0.0, volts, volts)

    def checkpoint(self) -> None:
        """There is no state."""

    def restore(self, state: None) -> None:
        """There is no state."""


class SupplyOutput:
    """The state of one output. Times are the instrument's."""

    def __init__(self, cell: CellModel, ranges: tuple[OutputRange, ...], seed: int) -> None:
        self.ranges = ranges
        most_V, most_A = (max(getattr(r, n) for r in ranges) for n in ("volts", "amps"))
        self._electronics = Electronics(
            cell,
            ElectronicsSpec(
                current_ranges_A=(most_A,),
                voltage_ranges_V=(most_V,),
                current_max_A=most_A,
                compliance_V=most_V,
                dac_bits=24,
                adc_bits=24,
                current_noise=5e-6,
                voltage_noise=5e-6,
            ),
            seed,
        )
        self.reset()

    def reset(self) -> None:
        """As it is after `*RST`, not yet driven."""
        self.range = self.ranges[0]
        self.set_V, self.set_A = 0.0, self.range.amps
        self.on = False
        self.ovp_V, self.ocp_A = self.range.ovp_max, self.range.ocp_max
        self.ovp_armed = self.ocp_armed = False
        self.fuse = False
        """An overcurrent protection that turns it off when it holds its current."""
        self.tripped: set[str] = set()
        self._blocked = False

    def choose(self, word: str, now_s: float) -> bool:
        """Take a range by its word; False where there is none."""
        found = next((one for one in self.ranges if one.word == word), None)
        if found is None:
            return False
        self.range = found
        self.set_V, self.set_A = min(self.set_V, found.volts), min(self.set_A, found.amps)
        self.drive(now_s)
        return True

    def switch(self, on: bool, now_s: float) -> None:
        """The output; one that has tripped stays off."""
        self.on = on and not self.tripped
        self.drive(now_s)

    def drive(self, now_s: float) -> None:
        """Put what is set onto the cell."""
        self._blocked = False
        if not self.on:
            self._electronics.off(now_s)
        else:
            self._electronics.galvanostat(self.set_A, max(self.set_V, LEAST_V), now_s)
            if self._electronics.state.current_A < -BACK_A:
                self._block(now_s)

    def update(self, now_s: float) -> None:
        """Let time pass, and trip what has to."""
        self._electronics.advance(now_s)
        if not self.on:
            return
        state = self._electronics.state
        if not self._blocked and state.current_A < -BACK_A:
            self._block(now_s)
            state = self._electronics.state
        if self.ovp_armed and self.ovp_V is not None and state.cell_voltage_V > self.ovp_V:
            self._trip("overvoltage", now_s)
        elif (self.ocp_armed and self.ocp_A is not None and state.current_A > self.ocp_A) or (
            self.fuse and self.mode == "CC"
        ):
            self._trip("overcurrent", now_s)

    @property
    def mode(self) -> str:
        """Get what it holds: `CC`, `CV`, or `OFF`."""
        if not self.on:
            return "OFF"
        return "CV" if self._blocked or self._electronics.in_compliance else "CC"

    def measure(self, now_s: float) -> tuple[float, float]:
        """Voltage and current as its meter shows them, to the step."""
        self.update(now_s)
        if not self.on:
            return 0.0, 0.0
        read = self._electronics.measure(now_s, APERTURE_S)
        range_ = self.range
        volts = round(read.cell_voltage_V / range_.volt_step) * range_.volt_step
        amps = 0.0 if self._blocked else round(read.current_A / range_.amp_step) * range_.amp_step
        return volts, max(0.0, amps)

    @property
    def output_on(self) -> bool:
        """Get whether it is on."""
        return self.on

    @property
    def state(self) -> CellState:
        """Get the cell as no meter sees it."""
        return self._electronics.state

    def _block(self, now_s: float) -> None:
        self._blocked = True
        self._electronics.off(now_s)

    def _trip(self, what: str, now_s: float) -> None:
        self.tripped.add(what)
        self.on = False
        self._electronics.off(now_s)
