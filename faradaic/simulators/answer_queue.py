"""Answers of an emulated instrument, each with the time at which it leaves."""

from __future__ import annotations

from collections import deque


class AnswerQueue:
    """Bytes that leave in the order in which they were added, none before its time in seconds."""

    def __init__(self) -> None:
        self._due: deque[tuple[float, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._due)

    def add(self, at_s: float, answer: bytes) -> None:
        """Send at a time, or as soon after as all that was added before has left."""
        self._due.append((at_s, answer))

    def left_by(self, now_s: float) -> bytes:
        """Take what has left up to now."""
        sent = b""
        while self._due and self._due[0][0] <= now_s:
            sent += self._due.popleft()[1]
        return sent

    def next_s(self) -> float | None:
        """When something leaves next; None if nothing does."""
        return self._due[0][0] if self._due else None
