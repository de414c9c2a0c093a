"""The output of a bench supply: one quadrant, a voltage limit and a current limit.

It regulates the current up to its set voltage (CC) and the voltage up to its set current (CV),
whichever comes first. It drives current out of its plus terminal alone: a cell whose voltage is
above its set voltage pushes none back into it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics import APERTURE_S, Electronics, ElectronicsSpec

LEAST_V = 1e-3
"""What a set voltage of 0 leaves across the terminals."""


class OneWayCell:
    """A cell behind an output that takes no current back (a `CellModel`)."""

    def __init__(self, cell: CellModel) -> None:
        self._cell = cell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cell, name)

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance; at open circuit where current would flow back."""
        before = self._cell.checkpoint()
        state = self._cell.step(control, value, dt_s)
        if state.current_A < 0.0 and control is not Control.OPEN_CIRCUIT:
            self._cell.restore(before)
            state = self._cell.step(Control.OPEN_CIRCUIT, 0.0, dt_s)
        return state

    def checkpoint(self) -> Any:
        """The state of the cell."""
        return self._cell.checkpoint()

    def restore(self, state: Any) -> None:
        """Return to a checkpoint."""
        self._cell.restore(state)


class OutputReading(NamedTuple):
    """What the meters of a supply show."""

    voltage_V: float
    """At its terminals; 0 with the output off."""
    current_A: float
    constant_current: bool
    """Whether it regulates the current, rather than the voltage."""


class SupplyOutput:
    """One output on one cell, plus terminal on the working electrode."""

    def __init__(
        self, cell: CellModel, seed: int, *, most_V: float, most_A: float, noise: float = 2e-5
    ) -> None:
        """`noise`: white, of the full scale, in a reading of 20 ms; an engineering guess."""
        self.most_V, self.most_A = most_V, most_A
        spec = ElectronicsSpec(
            current_ranges_A=(most_A,),
            voltage_ranges_V=(most_V,),
            current_max_A=most_A,
            compliance_V=most_V,
            dac_bits=24,
            adc_bits=24,
            current_noise=noise,
            voltage_noise=noise,
        )
        self._electronics = Electronics(OneWayCell(cell), spec, seed)
        self.set_V = self.set_A = 0.0
        self.over_V: float | None = None
        self.over_A: float | None = None
        """Where it turns itself off; None where it doesn't."""
        self.trips_in_cc = False
        """Whether it turns itself off as soon as it regulates the current."""
        self.trips_in_cv_after_s: float | None = None
        """How long it regulates the voltage before it turns itself off (foldback)."""
        self.on = False
        self.tripped = ""
        """What turned it off: `OVP`, `OCP` or `FOLD`."""
        self._in_cv_since_s: float | None = None
        self.now_s = 0.0

    def apply(
        self,
        now_s: float,
        *,
        voltage_V: float | None = None,
        current_A: float | None = None,
        on: bool | None = None,
    ) -> None:
        """Change what is set; within its range, which whoever speaks for it has checked."""
        self.advance(now_s)
        self.set_V = self.set_V if voltage_V is None else voltage_V
        self.set_A = self.set_A if current_A is None else current_A
        if on is not None:
            self.on = on
            self._in_cv_since_s = None
            if on:
                self.tripped = ""
        self._drive()
        self._watch()

    def advance(self, now_s: float) -> None:
        """Come up to now."""
        if now_s > self.now_s:
            self.now_s = now_s
            self._electronics.advance(now_s)
            self._watch()

    def read(self) -> OutputReading:
        """What its meters show now."""
        if not self.on:
            return OutputReading(0.0, 0.0, False)
        measured = self._electronics.measure(self.now_s, APERTURE_S)
        return OutputReading(
            max(measured.cell_voltage_V, 0.0), max(measured.current_A, 0.0), not self.in_cv
        )

    @property
    def in_cv(self) -> bool:
        """Get whether the voltage is regulated: its limit holds the current below what is set."""
        return self._electronics.in_compliance

    def _drive(self) -> None:
        if self.on:
            self._electronics.galvanostat(self.set_A, max(self.set_V, LEAST_V), self.now_s)
        else:
            self._electronics.off(self.now_s)

    def _watch(self) -> None:
        """Its protections."""
        if not self.on:
            return
        state, in_cv = self._electronics.state, self.in_cv
        if not in_cv:
            self._in_cv_since_s = None
        elif self._in_cv_since_s is None:
            self._in_cv_since_s = self.now_s
        since_s, after_s = self._in_cv_since_s, self.trips_in_cv_after_s
        if self.over_V is not None and state.cell_voltage_V > self.over_V:
            self._trip("OVP")
        elif (self.over_A is not None and state.current_A > self.over_A) or (
            self.trips_in_cc and not in_cv
        ):
            self._trip("OCP")
        elif after_s is not None and since_s is not None and self.now_s - since_s >= after_s:
            self._trip("FOLD")

    def _trip(self, why: str) -> None:
        self.tripped = why
        self.on = False
        self._drive()
