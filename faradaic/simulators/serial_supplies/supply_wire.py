"""What emulators of supplies share: commands out of bytes, answers after the time they take."""

from __future__ import annotations

from abc import ABC, abstractmethod

from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.serial_supplies.one_way_output import SupplyOutput

LONGEST = 4096
"""Bytes without an end that a supply keeps."""


class SupplyWire(ABC):
    """A supply's face on the wire (an `Emulator`)."""

    model = ""
    answers_after_s = 0.01
    byte_s = 0.0
    """How long a byte of an answer takes."""

    def __init__(self, output: SupplyOutput) -> None:
        self.output = output
        self._came = b""
        self._queue = AnswerQueue()
        self._busy_s = 0.0

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`."""
        self.output.advance(now_s)
        self._came = (self._came + data)[-LONGEST:]
        self._obey(now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it up to `now_s`."""
        self.output.advance(now_s)
        return self._queue.left_by(now_s)

    def next_event_s(self) -> float | None:
        """When it next has something to say."""
        return self._queue.next_s()

    def say(self, answer: bytes, now_s: float) -> None:
        """Answer what came at `now_s`, after all that is to be said before."""
        begins_s = max(self._busy_s, now_s + self.answers_after_s)
        self._busy_s = begins_s + self.byte_s * len(answer)
        self._queue.add(self._busy_s, answer)

    def _obey(self, now_s: float) -> None:
        while (found := self.command(self._came)) is not None:
            taken, text = found
            self._came = self._came[taken:]
            answer = self.answer(text, now_s)
            if answer:
                self.say(answer, now_s)

    @abstractmethod
    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """The first whole command and how many bytes it took; None where there is none yet."""

    @abstractmethod
    def answer(self, command: bytes, now_s: float) -> bytes:
        """What it answers; empty for nothing."""
