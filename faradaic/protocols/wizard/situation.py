"""What is known when a question is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from faradaic.protocols.bench import BenchProfile

MOST_ROUNDS = 20
"""Of questions that are asked in rounds: reagents, stages."""


class Benches(Protocol):
    """The benches that can be named; the runner knows them."""

    def names(self) -> Sequence[str]:
        """Those that need no path."""
        ...

    def load(self, name: str) -> BenchProfile:
        """One of them, or that of a file. Raises `InputError`."""
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """The answers so far, and where among the questions we are."""

    answers: Mapping[str, str]
    benches: Benches
    bench: BenchProfile | None = None
    """None before it is named."""
    expected_V: float | None = None
    """The largest cell voltage that is expected so far."""
    key: str = ""
    """Of the question, with its round."""
    round: str = ""
    """What the keys of this round end in: nothing, `_2`, `_3`."""
    local: frozenset[str] = frozenset()
    """Keys that belong to the round."""

    def __getitem__(self, key: str) -> str:
        """The answer to a question, of this round if it is asked in rounds; empty if none."""
        return self.answers.get(key + self.round if key in self.local else key, "")

    @property
    def before(self) -> str:
        """The answer to the same question in the round before; empty if there is none."""
        if not self.round:
            return ""
        number = int(self.round[1:]) - 1
        key = self.key.removesuffix(self.round)
        return self.answers.get(f"{key}_{number}" if number > 1 else key, "")

    def at(self, key: str) -> Situation:
        """The same, looking at another key."""
        return replace(self, key=key)
