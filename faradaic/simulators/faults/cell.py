"""A cell with faults: wiring around any cell model, disturbances inside one that has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics import ElectronicsSpec, Measurement
from faradaic.simulators.faults.catalogue import Layer
from faradaic.simulators.faults.meter import Meter
from faradaic.simulators.faults.progress import Contacts, Elapsed, Progress
from faradaic.simulators.faults.reading import Fault
from faradaic.simulators.faults.wiring import Wiring

OPEN_LEAD_OHM = 1e12
FLOAT_END_V = 10.0
"""Where an open reference lead ends: 10 pA of bias current through 1 TΩ of input resistance."""
FLOAT_TIME_S = 100.0
"""How fast: 100 pF of cable and 1 TΩ."""
STUMP = 1e-3
"""What remains of the area of an anode when it breaks off."""


@runtime_checkable
class Disturbed(Protocol):
    """A cell model whose inside can be disturbed, such as `PreparativeCell`."""

    def disturb(self, name: str, level: float) -> None:
        """Set a disturbance to an absolute level."""
        ...


class FaultyCell:
    """A cell model with faults (a `CellModel`); also keeps how far the run has come."""

    def __init__(self, cell: CellModel, progress: Progress, seed: int) -> None:
        self.inner = cell
        self.progress = progress
        of = {layer: [f for f in progress.faults if f.layer is layer] for layer in Layer}
        self._wiring = of[Layer.WIRING]
        self._disturbing = of[Layer.CELL]
        self._meter = Meter(of[Layer.METER], progress, seed)
        self._contacts = {
            fault: _contacts(fault, seed + number)
            for number, fault in enumerate(progress.faults)
            if {"lasting", "period"} & set(fault.values)
        }
        self._references_A: dict[Fault, float] = {}
        """The largest current during each film: its growth is in volts at this current."""
        self._grown_ohm: dict[Fault, float] = {}
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
                    shuttle_A += abs(values["current"])
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
        """Films grow with the charge of a step; what has grown stays when the fault ends."""
        for fault in self._wiring:
            if fault.name != "film" or current_A == 0.0 or self.progress.active(fault) is None:
                continue
            # In volts at the largest current so far: what a source leaks while off counts little.
            most_A = max(abs(current_A), self._references_A.get(fault, 0.0))
            self._references_A[fault] = most_A
            growth_ohm = fault.values["rate"] * abs(current_A) * dt_s / most_A
            self._grown_ohm[fault] = self._grown_ohm.get(fault, 0.0) + growth_ohm

    # The cell's inside -------------------------------------------------------------------------

    def _disturb(self) -> None:
        levels: dict[str, float] = {}
        for fault in self._disturbing:
            elapsed = self.progress.active(fault)
            if elapsed is not None:
                name, factor, extent = _LEVELS[fault.name](
                    fault.values, elapsed, self._phase(fault)
                )
                neutral = 1.0 if factor else 0.0
                before = levels.get(name, neutral)
                levels[name] = before * extent if factor else before + extent
        for name in {*levels, *self._levels}:
            level = levels.get(name, 1.0 if name.endswith("_factor") else 0.0)
            if level != self._levels.get(name):
                assert isinstance(self.inner, Disturbed)
                self.inner.disturb(name, level)
        self._levels = levels

    def _phase(self, fault: Fault) -> float:
        contacts = self._contacts.get(fault)
        elapsed = self.progress.active(fault)
        return contacts.phase(elapsed.time_s) if contacts and elapsed else 0.0

    def _require_disturbable(self) -> None:
        """Try every disturbance at its neutral level, so that a run does not end on it."""
        for fault in self._disturbing:
            name, factor, _ = _LEVELS[fault.name](fault.values, Elapsed(0.0, 0.0), 0.0)
            try:
                if not isinstance(self.inner, Disturbed):
                    raise LookupError(f"a {type(self.inner).__name__} has no such part")
                self.inner.disturb(name, 1.0 if factor else 0.0)
            except (LookupError, InputError) as error:
                why = error.diagnostics[0].message if isinstance(error, InputError) else error
                raise InputError(
                    Diagnostic(
                        "E557",
                        f"the fault `{fault.name}` cannot happen in this cell: {why}",
                        help="leave it out, or describe a cell that has the part it damages",
                    )
                ) from None


def _contacts(fault: Fault, seed: int) -> Contacts:
    values = fault.values
    if "period" in values:
        return Contacts(seed, values["period"], values["period"])
    return Contacts(seed, values["every"], values["lasting"])


_Level = Callable[[Mapping[str, float], Elapsed, float], tuple[str, bool, float]]
"""Values, time and charge since the start, phase -> name of the disturbance, whether it
multiplies, and its level."""

_LEVELS: Mapping[str, _Level] = {
    "stir_stop": lambda v, _, __: ("mass_transfer_factor", True, v["factor"]),
    "electrolyte": lambda v, _, __: ("conductivity_factor", True, v["factor"]),
    "precipitation": lambda v, e, _: ("conductivity_factor", True, math.exp(-e.time_s / v["time"])),
    "evaporation": lambda v, _, __: ("evaporation_m3_per_s", False, v["rate"]),
    "leak": lambda v, _, __: ("leak_m3_per_s", False, v["rate"]),
    "bubbles": lambda v, _, p: ("working_area_factor", True, 1.0 - v["coverage"] * p),
    "area": lambda v, _, __: ("working_area_factor", True, v["factor"]),
    "anode_exhausted": lambda v, e, _: (
        "working_area_factor",
        True,
        max(1.0 - e.charge_C / v["charge"], STUMP),
    ),
    "membrane_tear": lambda v, _, __: ("membrane_leak_m3_per_s", False, v["flow"]),
    "overheat": lambda v, _, __: ("heat_W", False, v["power"]),
}
