"""The detectors at work in a run: readings in, diagnoses into the journal and to whoever looks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from faradaic.diagnoses.diagnosis import Diagnosis
from faradaic.diagnoses.listener import Listener
from faradaic.diagnoses.ohmic_probe import probe_of
from faradaic.diagnoses.reference_watch import ReferenceWatch
from faradaic.diagnoses.resting_voltage import at_rest
from faradaic.instruments.readings import Reading, Regulation
from faradaic.protocols.level_steps import VaryingPlan
from faradaic.protocols.plan import Limit, Plan, Signal, StepPlan
from faradaic.runner.against_rehearsal import AgainstRehearsal, Book
from faradaic.runner.expected_of_step import expected_of

OF_THE_CELL = frozenset({Signal.CELL_VOLTAGE_V, Signal.LOST_REGULATION_S})
"""Limits whose crossing has a cause in the cell or its leads."""
AT_LIMIT = 0.98
"""Of a limit of the cell voltage: from here on it has been reached."""
SETTLES_S = 3.0
"""After an interruption of the current the voltage comes back within this: what relaxed in a
tenth of a second charges again in as long, and diffusion layers in ten times of it."""


class Diagnosing:
    """What is made of the readings of a run, step by step."""

    def __init__(self, plan: Plan, book: Book | None = None) -> None:
        self._plan = plan
        self._book = book
        self._step: StepPlan | None = None
        self._listener: Listener | None = None
        self.against = AgainstRehearsal(plan, book)
        self._kept: tuple[StepPlan, Reading, float, float, bool] | None = None
        self._off = False
        self._pending: list[Diagnosis] = []
        self._at_limit_s: tuple[float, float] | None = None
        self._settled_s = -math.inf
        """Until when what an interruption of the current has left is not looked at."""
        self._last_C = 0.0
        self._rest_V: float | None = None
        self._reference = ReferenceWatch()
        self._ended = False
        """Whether a detector broke: nothing is diagnosed any more."""
        self.told: list[Diagnosis] = []
        self.lost_C = 0.0
        """Gross charge of the steps so far that passed beside the electrolysis, through a short."""

    @property
    def latest(self) -> Diagnosis | None:
        """Get the last one that asks for something to be done."""
        return next((one for one in reversed(self.told) if not one.note), None)

    @property
    def brief(self) -> str:
        """Get what the status line says: of a note nothing."""
        diagnosis = "" if self.latest is None else self.latest.brief
        return " · ".join(part for part in (diagnosis, self.against.brief) if part)

    def planned_anew(self, plan: Plan) -> None:
        """A step was modified: what comes does not compare with what came."""
        self._plan = plan
        self.against.planned_anew(plan)

    def take(self, step: StepPlan, reading: Reading, step_C: float, charge_C: float) -> None:
        """Keep a reading and the gross charge of its step and of the run after it, to be looked
        at when what it decides has been done (`write_down`)."""
        self._look()
        self._kept, self._off = (step, reading, step_C, charge_C, self._off), False

    def _look(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None and not self._ended:
            step, reading, step_C, charge_C, was_off = kept
            with self._guarded():
                self.against.take(step, reading, step_C, charge_C)
                self._take(step, reading, charge_C, was_off)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A defect in a detector ends the diagnoses of a run, never the run."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is
            self._listener, self._ended = None, True
            if self._book is not None:
                why = f"{type(error).__name__}: {error}"
                self._book.event("mark", {"what": "diagnoses_ended", "why": why})

    def _take(self, step: StepPlan, reading: Reading, charge_C: float, was_off: bool) -> None:
        """`was_off`: the output was off since the reading before, which is no neighbour."""
        if was_off and self._listener is not None:
            self._listener.restart()
        if step is not self._step:
            self._begin(step)
        listener = self._listener
        if listener is None:
            if not step.passes_current and reading.cell_voltage_V is not None:
                self._rest_V = reading.cell_voltage_V
            return
        point = reading.point
        if point is not None and point.kind == "interrupt":
            probe = probe_of(point.values, charge_C)
            if probe is not None and (told := listener.probed(probe)) is not None:
                self._tell(told)
        if reading.regulation is Regulation.OFF:
            if not listener.expected.in_turn:
                self._settled_s = reading.time_s + SETTLES_S
            return  # a moment in which the current is interrupted
        if reading.time_s < self._settled_s:
            return  # what comes back after it
        if step.potentiostatic and step.cell_voltage_limit_V is None:
            voltage_V = reading.cell_voltage_V
            voltage_V = reading.potential_V if voltage_V is None else voltage_V
        else:
            voltage_V = reading.cell_voltage_V
        limit_V = step.cell_voltage_limit_V
        if limit_V is not None and voltage_V is not None:
            stands = reading.compliance or abs(voltage_V) >= AT_LIMIT * limit_V
            since = self._at_limit_s or (reading.time_s, charge_C)
            self._at_limit_s = since if stands else None
        self._last_C = charge_C
        potential_V, cell_V = reading.potential_V, reading.cell_voltage_V
        if step.held_current_A is not None and potential_V is not None and cell_V is not None:
            moved = self._reference.take(reading.time_s, charge_C, potential_V, cell_V)
            if moved is not None:
                self._tell(moved)
        told = listener.take(reading.time_s, reading.current_A, voltage_V, charge_C)
        if told is not None:
            self._tell(told)

    def output_off(self) -> None:
        """The output goes off: the next reading has no neighbour."""
        self._off = True

    def treated(self) -> None:
        """A countermeasure was taken."""
        if self._listener is not None:
            with self._guarded():
                self._listener.treated()

    def crossed(self, limit: Limit) -> None:
        """A limit ended the step."""
        self._look()
        with self._guarded():
            self._crossed(limit)

    def _crossed(self, limit: Limit) -> None:
        step, listener = self._step, self._listener
        if listener is not None and step is not None and limit.signal is Signal.CURRENT_A:
            if step.held_current_A is None and (told := listener.overrun(limit.text)) is not None:
                self._tell(told)
            return
        if listener is None or step is None or limit.signal not in OF_THE_CELL:
            return
        limit_V = step.cell_voltage_limit_V
        words = limit.text
        if limit_V is not None and step.held_current_A is not None:
            owner = "the step's" if limit.set_by == "the step" else "the"
            words = f"{limit_V:.4g} V, {owner} cell-voltage limit"
        since_C = self._last_C if self._at_limit_s is None else self._at_limit_s[1]
        told = listener.reached(words, since_C)
        if told is not None:
            self._tell(told)

    def step_ended(self) -> float:
        """A step is over; the gross charge of it that passed beside the electrolysis."""
        self._look()
        lost_C = 0.0
        with self._guarded():
            lost_C = 0.0 if self._listener is None else self._listener.lost_C()
            if self._listener is not None and (told := self._listener.ended()) is not None:
                self._tell(told)
            self.against.step_ended()
        self.lost_C += lost_C
        self._step = self._listener = None
        return lost_C

    def write_down(self) -> None:
        """Look at the last reading and write what is told into the journal; called when what the
        reading decides has been done."""
        self._look()
        self.against.write_down()
        if self._book is None:
            return
        pending, self._pending = self._pending, []
        for one in pending:
            since_start_s = self._book.since_start_s
            time_s, since_s = since_start_s(one.time_s), since_start_s(one.since_s)
            fields = replace(one, time_s=time_s, since_s=since_s).as_dict()
            fields["at_s"] = fields.pop("time_s")
            self._book.event("diagnosis", fields)

    @property
    def words(self) -> str:
        """Get the last diagnosis that was no note, for the last lines of a run."""
        return "" if self.latest is None else self.latest.sentence

    # One step ------------------------------------------------------------------------------------

    def _begin(self, step: StepPlan) -> None:
        self._step, self._at_limit_s = step, None
        self._reference = ReferenceWatch()
        listens = (
            step.passes_current
            and not step.about_rest
            and step.goes_on
            and step.series_points is None
            and not (isinstance(step, VaryingPlan) and step.held_current_A is None)
        )
        self._listener = Listener(expected_of(self._plan, step)) if listens else None
        rest_V, self._rest_V = self._rest_V, None
        if listens and rest_V is not None and self._listener is not None:
            forward = math.copysign(1.0, step.held_current_A or 1.0)
            told = at_rest(self._listener.expected, rest_V, forward)
            if told is not None:
                self._tell(told)

    def _tell(self, told: Diagnosis) -> None:
        self.told.append(told)
        self._pending.append(told)
