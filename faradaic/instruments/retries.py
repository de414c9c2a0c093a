"""What had to be asked or told again, counted for whoever writes the journal."""

from __future__ import annotations

from collections import Counter

KINDS_MAX = 20
"""Different things that are told apart; the rest are counted together."""


class Retries:
    """Counts of what was repeated, until they are taken."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        """Something was repeated, such as ``*IDN?``."""
        known = what in self._counts or len(self._counts) < KINDS_MAX
        self._counts[what if known else "others"] += 1

    def take(self) -> tuple[str, ...]:
        """One sentence for each thing that was repeated since the last call."""
        counts, self._counts = self._counts, Counter()
        return tuple(
            f"`{what}` was repeated {count} time{'s' if count > 1 else ''}: its answer was lost or "
            "damaged"
            for what, count in counts.items()
        )
