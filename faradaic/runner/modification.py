"""A running step changed from outside: what is changed, and whether this run takes it.

It is made where it was asked for (`modified_protocol`), from the protocol with the change in it,
compiled again with every check; the run looks once more at what must hold whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from faradaic.protocols.plan import Limit, Signal, StepPlan, step_plan
from faradaic.quantities import format_quantity

BY_DEFAULT = "default"
"""What the limits are set by that nobody stated: they follow the set-points."""
_UNITS = {Signal.CURRENT_A: "A", Signal.CELL_VOLTAGE_V: "V"}


def is_same_step(one_id: str, other_id: str) -> bool:
    """Whether two steps of a plan were written as one, and differ in the rounds of repeats."""
    return one_id.split(".")[::2] == other_id.split(".")[::2]


def later_rounds(steps: Sequence[StepPlan], index: int) -> list[int]:
    """The steps behind one that are the same in later rounds, by their place in the plan."""
    step = steps[index]
    return [
        later
        for later in range(index + 1, len(steps))
        if is_same_step(steps[later].id, step.id)
        and in_round_of(step, steps[later]) == steps[later]
    ]


def in_round_of(step: StepPlan, other: StepPlan) -> StepPlan:
    """A step as it is in the round of another that was written as the same."""
    return step.model_copy(
        update={"id": other.id, "expected_total_C": other.expected_total_C},
    )


@dataclass(frozen=True, slots=True)
class Modification:
    """The rest of a step done otherwise, and the same step in the rounds of a repeat after it."""

    step: StepPlan
    limits: tuple[Limit, ...]
    changes: Mapping[str, tuple[str, str]]
    """Key of the step -> before and after, as written; empty where it is not there."""
    why: str
    revision: int
    """How often the run had been modified when this was made."""
    rounds: int = 0
    """In how many rounds after this one the step is changed too."""

    @property
    def words(self) -> str:
        """The changes in words: "current 5 mA -> 8 mA"."""
        changed = ", ".join(
            f"{key} {before or 'not there'} -> {after or 'not there'}"
            for key, (before, after) in self.changes.items()
        )
        if "." not in self.step.id:
            return changed
        if not self.rounds:
            return f"{changed}, in this round alone"
        after = "the one" if self.rounds == 1 else f"the {self.rounds}"
        return f"{changed}, in this round and {after} after it"

    def as_message(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "step": self.step.model_dump(mode="json"),
            "limits": [limit.model_dump(mode="json") for limit in self.limits],
            "changes": {key: list(pair) for key, pair in self.changes.items()},
            "why": self.why,
            "revision": self.revision,
            "rounds": self.rounds,
        }

    @classmethod
    def from_message(cls, told: Mapping[str, Any]) -> Modification:
        """What `as_message` made a mapping of. Raises `ValueError`, `TypeError` or `KeyError`."""
        changes = {str(key): (str(a), str(b)) for key, (a, b) in dict(told["changes"]).items()}
        return cls(
            step=step_plan(str(told["step"]["kind"])).model_validate(told["step"]),
            limits=tuple(Limit.model_validate(limit) for limit in told["limits"]),
            changes=changes,
            why=str(told["why"])[:1000],
            revision=int(told["revision"]),
            rounds=int(told.get("rounds", 0)),
        )

    def refusal(
        self,
        step: StepPlan,
        limits: Sequence[Limit],
        revision: int,
        is_over_as: Callable[[StepPlan], str],
    ) -> str:
        """Why a run that is at a step, with these limits, does not take it; empty where it does.

        `is_over_as` says what would have ended that step already, as another one.
        """
        if (self.step.id, self.step.kind) != (step.id, step.kind):
            return f"it is of step {self.step.id}, but step {step.id} ({step.label}) is running"
        if self.revision != revision:
            return "the step was modified by somebody else in between: look and ask again"
        for limit in limits:
            if limit.set_by.startswith(BY_DEFAULT):
                continue
            same = [one for one in self.limits if one.signal is limit.signal]
            if not any(one.at_least <= limit.at_least for one in same):
                return f"it would lift a limit: {limit.text} (set by {limit.set_by})"
        largest = {
            Signal.CURRENT_A: self.step.largest_current_A,
            Signal.CELL_VOLTAGE_V: self.step.largest_voltage_V,
        }
        for limit in self.limits:
            value = largest.get(limit.signal)
            if value is not None and value > limit.at_least * (1 + 1e-9):
                words = format_quantity(value, _UNITS[limit.signal])
                return f"{words} are beyond a limit: {limit.text} (set by {limit.set_by})"
        if over := is_over_as(self.step):
            return f"the step would be over already: {over}; `faradaic skip` ends it"
        return ""
