"""Where a run is, told after each reading and while it waits for somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Reading
from faradaic.protocols.plan import Plan
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.electrochemical_step import StepRun
from faradaic.runner.states import RunState


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Where a run is, for whoever shows it."""

    state: RunState
    step: int
    label: str
    time_s: float
    charge_C: float
    charge_F_per_mol: float | None
    current_A: float | None
    cell_voltage_V: float | None
    potential_V: float | None
    guessed: tuple[str, ...]
    """Which of current_A and cell_voltage_V rest on a guess of the simulated cell."""
    ends_utc: datetime
    diagnosis: str = ""
    """What probably goes wrong, in a few words."""
    waiting_s: float | None = None
    """How long it has been waiting for somebody with its output off, in wall time."""


class ProgressTold:
    """Tells `observe`, if there is one, where a run is."""

    def __init__(
        self, plan: Plan, clock: Clock, observe: Callable[[RunProgress], None] | None
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._observe = observe
        self._left_s = self._later_s = 0.0
        state, utc = RunState.IDLE, clock.utc()
        self._last = RunProgress(state, 0, "", 0.0, 0.0, None, None, None, None, (), utc)

    def begins(self, index: int, label: str) -> None:
        """A step begins."""
        self._last = replace(self._last, step=index, label=label)
        self._later_s = sum(step.expected_duration_s for step in self._plan.steps[index + 1 :])

    def read(
        self,
        run: StepRun,
        reading: Reading,
        time_s: float,
        gross_C: float,
        state: RunState,
        diagnosis: str = "",
        *,
        guessed: bool,
    ) -> None:
        """A reading came at a time of the run, and the gross charge of the run after it;
        `diagnosis`: what probably goes wrong, in a few words."""
        if self._observe is None:
            return
        step = run.step
        left_s = max(0.0, step.expected_duration_s - run.elapsed_s)
        if step.planned_charge_C and reading.current_A:
            flows_A = step.mean_current_A or abs(reading.current_A)
            until_charged_s = (step.planned_charge_C - run.gross_C) / flows_A
            held = step.held_current_A is not None
            left_s = max(0.0, until_charged_s if held else min(left_s, until_charged_s))
        left_s += self._later_s
        self._left_s = left_s
        amount_mol = self._plan.limiting_amount_mol
        self._last = RunProgress(
            state=state,
            step=run.index,
            label=step.label,
            time_s=time_s,
            charge_C=gross_C,
            charge_F_per_mol=gross_C / (FARADAY_C_PER_MOL * amount_mol) if amount_mol else None,
            current_A=reading.current_A,
            cell_voltage_V=reading.cell_voltage_V,
            potential_V=reading.potential_V,
            guessed=step.follows_from_the_cell if guessed else (),
            ends_utc=self._clock.utc() + timedelta(seconds=left_s),
            diagnosis=diagnosis,
        )
        self._observe(self._last)

    def waits(self, state: RunState, time_s: float, waited_s: float) -> None:
        """The last of what was told, without what was measured: the output is off now."""
        if self._observe is not None:
            waiting = replace(
                self._last,
                state=state,
                time_s=time_s,
                current_A=None,
                cell_voltage_V=None,
                potential_V=None,
                ends_utc=self._clock.utc() + timedelta(seconds=self._left_s),
                waiting_s=waited_s,
            )
            self._observe(waiting)
