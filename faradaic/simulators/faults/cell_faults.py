"""A cell with faults: wiring around any cell model, disturbances inside one that has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from faradaic.diagnostics import InputError, refusal
from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics import ElectronicsSpec, Measurement
from faradaic.simulators.faults.begun_faults import Contacts, Elapsed, FaultClock
from faradaic.simulators.faults.fault_catalogue import FaultLayer
from faradaic.simulators.faults.fault_text import Fault
from faradaic.simulators.faults.meter_faults import FaultyMeter
from faradaic.simulators.faults.wiring_faults import Wiring

OPEN_LEAD_OHM = 1e12
FLOAT_END_V = 10.0
"""Where an open reference lead ends: 10 pA of bias current through 1 TΩ of input resistance."""
FLOAT_TIME_S = 100.0
"""How fast: 100 pF of cable and 1 TΩ."""
STUMP = 1e-3
"""What remains of the area of an anode when it breaks off."""
FLUSH = 0.95
"""Of the pores are plugged when they wash themselves free."""


@runtime_checkable
class Disturbed(Protocol):
    """A cell model whose inside can be disturbed, such as `PreparativeCell`."""

    def disturb(self, name: str, level: float) -> None:
        """Set a disturbance to an absolute level."""
        ...


class FaultyCell:
    """A cell model with faults (a `CellModel`); also keeps how far the run has come.

    `anode` is the lead of the anode, `working` or `counter`.
    """

    def __init__(
        self, cell: CellModel, progress: FaultClock, seed: int, anode: str = "working"
    ) -> None:
        self.inner = cell
        self._anode = anode
        self.progress = progress
        of = {layer: [f for f in progress.faults if f.layer is layer] for layer in FaultLayer}
        self._wiring = of[FaultLayer.WIRING]
        self._disturbing = of[FaultLayer.CELL]
        self._meter = FaultyMeter(of[FaultLayer.METER], progress, seed)
        self._contacts = {
            fault: _contacts(fault, seed + number)
            for number, fault in enumerate(progress.faults)
            if {"lasting", "period"} & set(fault.values)
        }
        self._references_A: dict[Fault, float] = {}
        """The largest current during each film: its growth is in volts at this current."""
        self._grown_ohm: dict[Fault, float] = {}
        self._directions: dict[Fault, float] = {}
        """The first current of each film."""
        self._levels: dict[str, float] = {}
        self._require_disturbable()

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s`; faults are as at the beginning of the step."""
        self._disturb()
        state = self._wired().step(self.inner, control, value, dt_s)
        self._grow(state.current_A, dt_s)
        self.progress.advance(dt_s, state.current_A)
        return state

    def checkpoint(self) -> tuple[Any, ...]:
        """The state of the cell and of the faults."""
        return (
            self.inner.checkpoint(),
            self.progress.checkpoint(),
            tuple(self._references_A.items()),
            tuple(self._grown_ohm.items()),
            self._meter.stuck,
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        inner, progress, references, grown, self._meter.stuck = state
        self.inner.restore(inner)
        self.progress.restore(progress)
        self._references_A = dict(references)
        self._grown_ohm = dict(grown)

    def distort(
        self, measurement: Measurement, now_s: float, aperture_s: float, spec: ElectronicsSpec
    ) -> Measurement:
        """A reading as a meter with faults gives it (`Electronics` asks for this)."""
        return self._meter.distort(measurement, now_s, aperture_s, spec)

    # The wiring --------------------------------------------------------------------------------

    def _wired(self) -> Wiring:
        film_ohm = sum(self._grown_ohm.values())
        lead_ohm = short_S = shuttle_A = offset_V = 0.0
        swapped, floating_V = False, None
        for fault in self._wiring:
            elapsed = self.progress.active(fault)
            if elapsed is None:
                continue
            values = fault.values
            match fault.name:
                case "activation":
                    left = math.exp(-elapsed.charge_C / values["charge"])
                    film_ohm += values["resistance"] * left
                case "contact":
                    lead_ohm += values["resistance"]
                case "short":
                    short_S += 1.0 / values["resistance"]
                case "fibre" if self._contacts[fault].on(elapsed.time_s):
                    short_S += 1.0 / values["resistance"]
                case "dendrite":
                    short_S += elapsed.charge_C / values["charge"] / values["resistance"]
                case "open_lead":
                    lead_ohm += OPEN_LEAD_OHM
                case "loose_lead" if self._contacts[fault].on(elapsed.time_s):
                    lead_ohm += OPEN_LEAD_OHM
                case "oxygen":
                    shuttle_A += values["current"]
                case "swapped_leads":
                    swapped = True
                case "reference_drift":
                    offset_V += values["rate"] * elapsed.time_s
                case "reference_clog":
                    offset_V += values["offset"]
                case "reference_open":
                    floating_V = FLOAT_END_V * -math.expm1(-elapsed.time_s / FLOAT_TIME_S)
        for fault in self._disturbing:
            elapsed = self.progress.active(fault)
            if fault.name == "anode_exhausted" and elapsed is not None:
                lead_ohm += OPEN_LEAD_OHM if elapsed.charge_C >= fault.values["charge"] else 0.0
        return Wiring(film_ohm, lead_ohm, short_S, shuttle_A, swapped, offset_V, floating_V)

    def _grow(self, current_A: float, dt_s: float) -> None:
        """Films grow with the charge of a step; what has grown stays when the fault ends. One that
        can be undone grows in the direction of its first current, and the other takes it off."""
        for fault in self._wiring:
            if fault.name != "film" or current_A == 0.0 or self.progress.active(fault) is None:
                continue
            # In volts at the largest current so far: what a source leaks while off counts little.
            most_A = max(abs(current_A), self._references_A.get(fault, 0.0))
            self._references_A[fault] = most_A
            growth_ohm = fault.values["rate"] * abs(current_A) * dt_s / most_A
            undone = fault.values["undone"]
            if undone and current_A * self._directions.setdefault(fault, current_A) < 0.0:
                growth_ohm *= -undone
            self._grown_ohm[fault] = max(0.0, self._grown_ohm.get(fault, 0.0) + growth_ohm)

    # The cell's inside -------------------------------------------------------------------------

    def _disturb(self) -> None:
        """Set the levels of active faults; where several meet, their product or sum."""
        levels = {name: _neutral(name) for name in self._levels}
        for fault in self._disturbing:
            elapsed = self.progress.active(fault)
            if elapsed is not None:
                contacts = self._contacts.get(fault)
                phase = contacts.phase(elapsed.time_s) if contacts else 0.0
                name, level = self._level(fault, elapsed, phase)
                before = levels.get(name, _neutral(name))
                levels[name] = before * level if name.endswith(_FACTOR) else before + level
        for name, level in levels.items():
            if level != self._levels.get(name):
                assert isinstance(self.inner, Disturbed)
                self.inner.disturb(name, level)
        self._levels = levels

    def _level(self, fault: Fault, elapsed: Elapsed, phase: float) -> tuple[str, float]:
        """The disturbance that makes a fault, and its level."""
        name, level = _LEVELS[fault.name]
        return name.format(anode=self._anode), level(fault.values, elapsed, phase)

    def _require_disturbable(self) -> None:
        """Try every disturbance and take it back, so that a run does not end on it."""
        for fault in self._disturbing:
            name, level = self._level(fault, Elapsed(0.0, 0.0), 1.0)
            if not isinstance(self.inner, Disturbed):
                raise impossible(fault.name, f"a {type(self.inner).__name__} has no such part")
            try:
                self.inner.disturb(name, level)
            except InputError as error:
                why = _WITHOUT.get(name, error.diagnostics[0].message)
                raise impossible(fault.name, why) from None
            self.inner.disturb(name, _neutral(name))


def impossible(fault: str, why: str) -> InputError:
    """The error of a fault that a cell cannot have."""
    return refusal(
        "E557",
        f"the fault `{fault}` cannot happen in this cell: {why}",
        "leave it out, or describe a cell that has the part it damages",
    )


def _contacts(fault: Fault, seed: int) -> Contacts:
    values = fault.values
    if "period" in values:
        return Contacts(seed, values["period"], values["period"])
    return Contacts(seed, values["every"], values["lasting"])


_FACTOR = "_factor"


def _neutral(name: str) -> float:
    return 1.0 if name.endswith(_FACTOR) else 0.0


_WITHOUT = {"pores_factor": "it has no gas-diffusion electrode"}
"""What a cell lacks that does not know a disturbance."""

_Level = Callable[[Mapping[str, float], Elapsed, float], float]
"""Values, time and charge since the start, phase of a random interval -> level."""

_LEVELS: Mapping[str, tuple[str, _Level]] = {
    "stir_stop": ("mass_transfer_factor", lambda v, _, __: v["factor"]),
    "electrolyte": ("conductivity_factor", lambda v, _, __: v["factor"]),
    "precipitation": ("conductivity_factor", lambda v, e, _: math.exp(-e.time_s / v["time"])),
    "evaporation": ("evaporation_m3_per_s", lambda v, _, __: v["rate"]),
    "leak": ("leak_m3_per_s", lambda v, _, __: v["rate"]),
    "bubbles": ("working_area_factor", lambda v, _, p: max(1.0 - v["coverage"] * p, STUMP)),
    "area": ("working_area_factor", lambda v, _, __: v["factor"]),
    "anode_exhausted": (
        "{anode}_area_factor",
        lambda v, e, _: max(1.0 - e.charge_C / v["charge"], STUMP),
    ),
    "membrane_tear": ("membrane_leak_m3_per_s", lambda v, _, __: v["flow"]),
    "flooding": ("pores_factor", lambda v, e, _: max(math.exp(-e.time_s / v["time"]), STUMP)),
    "salt": ("pores_factor", lambda v, e, _: 1.0 - e.time_s % (FLUSH * v["time"]) / v["time"]),
    "overheat": ("heat_W", lambda v, _, __: v["power"]),
}
"""The disturbance of the cell model behind each fault of the cell."""
