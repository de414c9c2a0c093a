"""Limits and conditions: what is watched on every single reading.

A limit trips the run, a condition ends a step; both are a signal, a threshold and a time for which
it must hold. Thresholds on current, voltages and charge compare magnitudes for limits, signed
values for conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from faradaic.protocols.plan import Condition, Limit, Signal, Then

Signals = Mapping[Signal, float]
"""The watched values after a reading; a signal that was not measured is absent."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A limit that was crossed, with the value that crossed it."""

    limit: Limit
    value: float


@dataclass(slots=True)
class _Held:
    """Since when something has been true without a break."""

    since_s: float | None = None

    def for_s(self, true: bool, now_s: float) -> float | None:
        """How long it has held, None if it does not."""
        if not true:
            self.since_s = None
            return None
        if self.since_s is None:
            self.since_s = now_s
        return now_s - self.since_s


class LimitWatch:
    """The hard limits of a plan."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._watched = [(limit, _Held()) for limit in limits]

    def replace(self, limits: Iterable[Limit]) -> None:
        """Other limits from now on; those that stay have held for as long as before."""
        held = dict(self._watched)
        self._watched = [(limit, held.get(limit) or _Held()) for limit in limits]

    @property
    def limits(self) -> list[Limit]:
        """Get what is watched."""
        return [limit for limit, _ in self._watched]

    def crossed(self, signals: Signals, now_s: float) -> Crossing | None:
        """The first limit that has been crossed for its hold time."""
        for limit, held in self._watched:
            value = signals.get(limit.signal)
            if value is None:
                continue
            lasted_s = held.for_s(abs(value) >= limit.at_least, now_s)
            if lasted_s is not None and lasted_s >= limit.hold_s:
                return Crossing(limit, value)
        return None


class ConditionWatch:
    """The `until` list of one step: the first that is true wins, each fires once."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._all = conditions
        self._watched = [
            (condition, _Held())
            for condition in conditions
            if condition.signal is not Signal.OPERATOR
        ]
        self._questions = [
            (charge_C, condition)
            for condition in conditions
            if condition.signal is Signal.OPERATOR
            for charge_C in condition.ask_at_C
        ]
        self._questions.sort(key=lambda pair: pair[0])

    def replaced(self, conditions: Sequence[Condition], charge_C: float) -> ConditionWatch:
        """Other conditions in place of these; what has fired, or was asked, is not repeated."""
        left = [condition for condition, _ in self._watched]
        fired = {_what(c) for c in self._all if c not in left}
        replaced = ConditionWatch(conditions)
        replaced._watched = [entry for entry in replaced._watched if _what(entry[0]) not in fired]
        replaced._questions = [q for q in replaced._questions if q[0] > charge_C]
        return replaced

    def met(
        self, signals: Signals, now_s: float, reach_C: Callable[[float], float]
    ) -> Condition | None:
        """The first condition that holds; it does not fire again.

        `reach_C` gives, for the target of a charge, how much less counts as there.
        """
        for entry in self._watched:
            condition, held = entry
            value = signals.get(condition.signal)
            if value is None:
                continue
            least, most = condition.at_least, condition.at_most
            if least is not None and condition.signal is Signal.CHARGE_C:
                least -= reach_C(least)
            true = (least is None or value >= least) and (most is None or value <= most)
            lasted_s = held.for_s(true, now_s)
            if lasted_s is not None and lasted_s >= condition.hold_s:
                self._watched.remove(entry)
                return condition
        return None

    def fired(self, condition: Condition) -> None:
        """The instrument itself ended on this condition: it does not fire again."""
        self._watched = [entry for entry in self._watched if entry[0] is not condition]

    def any_left(self) -> bool:
        """Whether a condition is left that can end the step."""
        return any(c.then is not Then.PAUSE for c, _ in self._watched)

    def pending(self, signal: Signal) -> Iterator[Condition]:
        """The conditions on a signal that have not fired."""
        return (c for c, _ in self._watched if c.signal is signal)

    def question_due(self, charge_C: float) -> Condition | None:
        """The next operator question whose charge has been reached; asked once each."""
        if self._questions and charge_C >= self._questions[0][0]:
            return self._questions.pop(0)[1]
        return None


def _what(condition: Condition) -> Condition:
    """A condition, wherever it was written."""
    return condition.model_copy(update={"line": None})
