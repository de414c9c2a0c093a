"""What emulators of devices share: commands out of bytes, answers after the time that they take."""

from __future__ import annotations

from abc import ABC, abstractmethod

from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.surroundings import Surroundings

LONGEST = 4096
"""Bytes without an end that a device keeps."""


class LineEmulator(ABC):
    """A device on a line (an `Emulator`)."""

    model = ""
    silent_fault = "devices_mute"
    answers_after_s = 0.01

    def __init__(self, surroundings: Surroundings) -> None:
        self.around = surroundings
        self._came = b""
        self._queue = AnswerQueue()
        self._busy_s = 0.0
        self.mute = False
        """Whether it neither hears nor answers: a cable that is out, a device that hangs."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`."""
        if self.is_mute:
            return
        self._came = (self._came + data)[-LONGEST:]
        while (found := self.command(self._came)) is not None:
            taken, text = found
            self._came = self._came[taken:]
            self.advance(now_s)
            for after_s, answer in self.answers(text, now_s):
                self.say(answer, now_s + after_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it up to `now_s`."""
        self.advance(now_s)
        sent = self._queue.left_by(now_s)
        return b"" if self.is_mute else sent

    def next_event_s(self) -> float | None:
        """When it next has something to say."""
        return self._queue.next_s()

    @property
    def is_mute(self) -> bool:
        """Get whether nothing comes from it."""
        return self.mute or self.around.troubled(self.silent_fault)

    def say(self, answer: bytes, at_s: float) -> None:
        """Send after all that is to be sent before."""
        self._busy_s = max(self._busy_s, at_s)
        self._queue.add(self._busy_s, answer)

    def advance(self, now_s: float) -> None:
        """Come up to now."""
        self.around.advance(now_s)

    @abstractmethod
    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """The first whole command and how many bytes it took; None where there is none yet."""

    @abstractmethod
    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """What it answers; None for nothing."""

    def answers(self, command: bytes, now_s: float) -> list[tuple[float, bytes]]:
        """Answers with their delays."""
        answer = self.answer(command, now_s)
        return [] if answer is None else [(self.answers_after_s, answer)]


def up_to(end: bytes, came: bytes) -> tuple[int, bytes] | None:
    """A command that ends with `end`."""
    at = came.find(end)
    return None if at < 0 else (at + len(end), came[:at])
