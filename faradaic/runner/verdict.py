"""What the end of a run has to say beside its outcome: charge that is missing, a model at fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption, dominant_guess
from faradaic.diagnostics import Diagnostic
from faradaic.instruments.readings import OutputState, Reading
from faradaic.protocols.plan import Condition, Limit, Plan, Signal, StepPlan
from faradaic.quantities import format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.against_rehearsal import Book
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.diagnosing import Diagnosing
from faradaic.runner.electrochemical_step import Decision, StepRun
from faradaic.runner.requests import Request
from faradaic.runner.run_result import RunResult
from faradaic.runner.states import RunState

OF_THE_CELL = frozenset({Signal.CURRENT_A, Signal.CELL_VOLTAGE_V, Signal.LOST_REGULATION_S})
"""What a simulated cell decides: limits on these may be crossed by its model."""
SHORT = 0.99
"""A charge below this share of the one that was planned is missing."""
GONE = (0.95, 1.1)
"""Of the charge that the substrate takes: between these it is all there is to take."""
_ENDED_BY = {
    Signal.TIME_S: "time",
    Signal.CURRENT_A: "its current",
    Signal.CURRENT_FRACTION: "its current",
    Signal.CELL_VOLTAGE_V: "its cell voltage",
    Signal.POTENTIAL_V: "its potential",
    Signal.OPERATOR: "the operator",
}
_CAPPED = {
    Signal.TIME_S: "cap on time",
    Signal.CHARGE_C: "cap on charge",
    Signal.CURRENT_A: "limit of the current",
    Signal.CELL_VOLTAGE_V: "limit of the cell voltage",
}


@dataclass(frozen=True, slots=True)
class StepEnd:
    """One step that was begun."""

    step: StepPlan
    gross_C: float
    net_C: float
    decision: Decision | None
    """None where the run ended in it without one."""
    lost_C: float = 0.0
    """Gross charge of it that passed beside the electrolysis, through a short."""

    @property
    def counted_C(self) -> float:
        """Get the charge that its target counts."""
        net = any(condition.signal is Signal.NET_CHARGE_C for condition in self.step.until)
        return (abs(self.net_C) if net else self.gross_C) - self.lost_C

    @property
    def planned_C(self) -> float:
        """Get the charge that was planned; 0 where nobody said."""
        return self.step.planned_charge_C or 0.0

    @property
    def is_short(self) -> bool:
        """Get whether charge is missing: by more than a reading's worth of a held current.

        A total that is reached leaves nothing to be missed, whichever step passed it.
        """
        met = self._met
        if met is not None and met.since and met.signal is Signal.CHARGE_C and not self.lost_C:
            return False
        reading_C = abs(self.step.held_current_A or 0.0) * self.step.interval_s
        return self.counted_C < SHORT * self.planned_C - reading_C

    @property
    def ended_by(self) -> str:
        """What ended it, in a word or two."""
        if self.decision is None:
            return "its end"
        if self.decision.request is not Request.NONE:
            return "a skip" if self.decision.request is Request.SKIP else "a stop"
        if self.decision.crossing is not None:
            of_step = self.decision.crossing.limit.set_by == "the step"
            return f"the step's {self._watched}" if of_step else "a limit"
        return "its end" if self._met is None else _ENDED_BY.get(self._met.signal, "its end")

    @property
    def _met(self) -> Condition | None:
        """The condition that ended it."""
        text = None if self.decision is None else self.decision.text
        return next((one for one in self.step.until if one.text == text), None)

    @property
    def _watched(self) -> str:
        assert self.decision is not None
        assert self.decision.crossing is not None
        return _CAPPED[self.decision.crossing.limit.signal]


class Verdict:
    """What one run shows, collected while it goes on.

    `modelled`: its cell is simulated, and nothing was made to go wrong on purpose.
    """

    def __init__(self, plan: Plan, book: Book | None = None, *, modelled: bool) -> None:
        self._plan = plan
        self.diagnosing = Diagnosing(plan, book)
        self._modelled = modelled
        self._ends: list[StepEnd] = []
        self._energy_J = self._charge_C = 0.0
        self._last_s: float | None = None
        self._crossed = False

    def planned_anew(self, plan: Plan) -> None:
        """A step of the plan was modified."""
        self._plan = plan
        self.diagnosing.planned_anew(plan)

    def take(self, run: StepRun, reading: Reading) -> None:
        """Count what a held current has put into the cell since the last reading."""
        step = run.step
        self.diagnosing.take(step, reading, run.gross_C, run.whole_C)
        before_s, self._last_s = self._last_s, reading.time_s
        if (passed := reading.passed) is not None and step.held_current_A is not None:
            self._energy_J += passed.energy_J or 0.0
            self._charge_C += passed.anodic_C + passed.cathodic_C
            return
        if before_s is None or step.held_current_A is None:
            return
        if reading.current_A is not None and reading.cell_voltage_V is not None:
            passed_C = reading.current_A * (reading.time_s - before_s)
            self._energy_J += reading.cell_voltage_V * passed_C
            self._charge_C += abs(passed_C)

    def output_off(self) -> None:
        """Nothing flows until the next reading."""
        self._last_s = None
        self.diagnosing.output_off()

    def step_ended(self, end: StepEnd) -> None:
        """A step that was begun is over."""
        if end.decision is not None and end.decision.crossing is not None:
            self.diagnosing.crossed(end.decision.crossing.limit)
        self._ends.append(replace(end, lost_C=self.diagnosing.step_ended()))
        self.diagnosing.write_down()

    def written_down(self) -> str:
        """What was diagnosed goes into the journal; its brief words."""
        self.diagnosing.write_down()
        return self.diagnosing.brief

    def crossed(self, limit: Limit) -> None:
        """A limit has been crossed."""
        of_step = limit.set_by == "the step" and not self._held(self._ends[-1])
        self._crossed = of_step or (limit.signal in OF_THE_CELL and not self._certain(limit))

    def _certain(self, limit: Limit) -> bool:
        """Whether the cell needs more than its limit whatever was guessed of it."""
        least = self._plan.estimates.cell_voltage_V
        step = self._ends[-1].step
        ceilings = [step.cell_voltage_limit_V] if self._held(self._ends[-1]) else []
        if limit.signal is Signal.CELL_VOLTAGE_V:
            ceilings.append(limit.at_least)
        known = [ceiling for ceiling in ceilings if ceiling is not None]
        return least is not None and bool(known) and least[0] > min(known)

    @staticmethod
    def _held(end: StepEnd) -> bool:
        return end.step.held_current_A is not None

    @property
    def planned_charge_C(self) -> float | None:
        """Get what the steps aim at; None where one of them does not say."""
        planned = [step.planned_charge_C for step in self._plan.steps]
        known = [charge_C for charge_C in planned if charge_C is not None]
        return sum(known) if len(known) == len(planned) else None

    @property
    def share(self) -> float | None:
        """Get how much of the planned charge has passed; None where none was planned.

        What one step passed beyond its own does not make up for another.
        """
        passed_C = sum(min(end.counted_C, end.planned_C) for end in self._ends)
        return passed_C / planned_C if (planned_C := self.planned_charge_C) else None

    @property
    def drove_itself(self) -> bool:
        """Get whether a simulated cell gave energy out in an electrolysis."""
        return self._modelled and self._energy_J < 0.0

    @property
    def used_up(self) -> str:
        """Get that the charge has taken all the metal of a sacrificial anode; or ""."""
        metal = self._plan.estimates.metal
        if metal is None or not metal.kg_per_C or metal.there_kg is None:
            return ""
        gross_C, net_C = (sum(getattr(e, f"{of}_C") for e in self._ends) for of in ("gross", "net"))
        lasts_C = metal.there_kg / metal.kg_per_C
        if (gross_C + metal.sign * net_C) / 2 < SHORT * lasts_C:
            return ""
        mass = format_quantity(metal.there_kg, "mg", 4)
        return f"the {metal.electrode} is used up: {mass} of {metal.metal} last {lasts_C:.4g} C"

    @property
    def model_at_fault(self) -> str:
        """Get why the model of the cell, not the protocol, made the run what it was; or ""."""
        assumptions = self._plan.cell.assumptions
        if self.drove_itself:
            guess = dominant_guess(a for a in assumptions if a.guess in ("potential", "kinetics"))
            guess = guess or dominant_guess(assumptions)
            return (
                f"the simulated cell drove itself ({self._energy_J / self._charge_C:+.2f} V on"
                " average): an electrolysis takes energy, so its model is wrong, not the protocol"
                + (f": {rests_on(guess)}" if guess else "")
            )
        guess = dominant_guess(self._deciding(self._ends[-1].step)) if self._ends else None
        if not self._modelled or not self._crossed or guess is None or self.used_up:
            return ""
        return f"the model of the cell is at fault, not the protocol: {rests_on(guess)}"

    def _deciding(self, step: StepPlan) -> Iterator[CellAssumption]:
        """What the cell does in a step rests on: not the other electrode, where a potential is
        held against a reference electrode."""
        for one in self._plan.cell.assumptions:
            if not step.potentiostatic or "counter" not in one.of.split("."):
                yield one

    @property
    def missing_charge(self) -> str:
        """Get "ended by time at 10 % of the planned charge", after the first step short of it."""
        share, short = self.share, self._short
        begun = {end.step.id for end in self._ends}
        if any(step.planned_charge_C for step in self._plan.steps if step.id not in begun):
            short += self._ends[-1:]  # what came after it was not reached
        if share is None or share >= 1.0 or not short:
            return ""
        end = short[0]
        where = f"step {end.step.id} " if len(self._plan.steps) > 1 else ""
        return f"{where}ended by {end.ended_by} at {percent(share)} of the planned charge"

    @property
    def substrate_gone(self) -> str:
        """Get that what was asked for beyond the substrate's own charge did not pass; or "".

        Of the first step that fell short and whose current follows the cell.
        """
        per_mol, amount_mol = self._plan.electrons, self._plan.limiting_amount_mol
        per_mol = self._plan.estimates.theoretical_F_per_mol or per_mol
        short = [end for end in self._short if not self._held(end)]
        if not short or not per_mol or not amount_mol:
            return ""
        passed_C = sum(end.gross_C - end.lost_C for end in self._ends)
        own_C = per_mol * amount_mol * FARADAY_C_PER_MOL
        if not GONE[0] * own_C <= passed_C <= GONE[1] * own_C:
            return ""
        asked = self.planned_charge_C
        more = "" if asked is None or asked <= own_C else f", not the {asked / own_C:.0%} asked for"
        return (
            f"{passed_C / own_C:.0%} of what the substrate takes ({per_mol:.3g} F/mol) has"
            f" passed{more}: with the substrate gone little is left at this potential that carries"
            " a current"
        )

    @property
    def _short(self) -> list[StepEnd]:
        """Get the steps that fell short of their charge."""
        return [end for end in self._ends if end.is_short]

    @property
    def _of_the_model(self) -> str:
        """Get that the charge is missing in a model whose current rests on a guess; or ""."""
        followed = (
            [end for end in self._short if not self._held(end)] if self.missing_charge else []
        )
        guess = dominant_guess(self._deciding(followed[0].step)) if followed else None
        if not followed or not self._modelled or guess is None or self.substrate_gone:
            return ""
        return f"the current is that of the model of the cell: {rests_on(guess)}"

    @property
    def beside(self) -> str:
        """Get that charge passed beside the electrolysis; or ""."""
        lost_C = self.diagnosing.lost_C
        if lost_C <= 0.0:
            return ""
        return f"of the charge, {lost_C:.4g} C passed through a short and electrolysed nothing"

    def reason(self, reason: str) -> str:
        """Why the run ended, with what has to be said beside it."""
        return "; ".join(
            part
            for part in (
                reason,
                self.missing_charge,
                self.substrate_gone if self.missing_charge else "",
                self.beside,
                self.diagnosing.words,
                self.used_up,
                self.model_at_fault or self._of_the_model,
            )
            if part
        )

    def result(
        self,
        outcome: RunState,
        reason: str,
        because: str,
        charge: ChargeCounter,
        *,
        duration_s: float,
        samples: int,
        output: OutputState,
        exit_code: int,
        diagnostics: tuple[Diagnostic, ...],
    ) -> RunResult:
        """How the run ended: `because`, and in `reason` with what has to be said beside it."""
        return RunResult(
            outcome=outcome,
            stop_reason=reason,
            charge_gross_C=charge.gross_C,
            charge_net_C=charge.net_C,
            charge_low_C=charge.low_C,
            charge_high_C=charge.high_C,
            duration_s=duration_s,
            samples=samples,
            output=output,
            exit_code=exit_code,
            planned_charge_C=self.planned_charge_C,
            share_of_planned=self.share,
            ended_because=because,
            missing_charge=self.missing_charge,
            charge_beside_C=self.diagnosing.lost_C,
            model_at_fault=self.model_at_fault,
            against_rehearsal=self.diagnosing.against.as_record(),
            diagnostics=diagnostics,
        )

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The finding that a rehearsal shows nothing of the real cell, where that is so."""
        if not self.drove_itself:
            return ()
        remedy = (
            "state the potential of what reacts (`potential: -2.1 V vs SCE`) and the"
            " `conductivity` of the solution; until then believe no voltage and no energy of it"
        )
        return (Diagnostic("E425", self.model_at_fault, help=remedy),)


def percent(share: float) -> str:
    """A share in per cent, with two digits where it is small."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"


def rests_on(guess: CellAssumption) -> str:
    """What a cell rests on most, and how to say better."""
    moves = ""
    if guess.cell_voltage_V:
        moves = (
            f", which moves the voltage by up to {format_quantity(guess.cell_voltage_V, 'V', 2)}"
        )
    told = f"`{guess.state}`" in guess.text or not guess.state
    state = "" if told else f"; state `{guess.state}` if you know it"
    return f"it rests on a guess of the {guess.guess}{moves}: {guess.text}{state}"
