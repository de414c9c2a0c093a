"""What emulated potentiostats share: lines in, answers out when they are ready, passing time."""

from __future__ import annotations

from typing import ClassVar

from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.electronics import Electronics, ElectronicsSpec

LONGEST_LINE = 64 * 1024


class PotentiostatWire:
    """A potentiostat behind a line (an `Emulator`); models say what a line does."""

    model: str = ""
    takes_s: ClassVar[float] = 2e-3
    """Of a command."""
    ends: ClassVar[bytes] = b"\n"
    """Of an answer."""

    def __init__(self, cell: CellModel, specification: ElectronicsSpec, seed: int) -> None:
        self.electronics = Electronics(cell, specification, seed)
        self.now_s = 0.0
        self._input = bytearray()
        self._output = AnswerQueue()
        self._powered = False

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a line is allowed."""
        self._come_to(now_s)
        self._input += data
        *lines, rest = self._input.split(b"\n")
        self._input = rest[-LONGEST_LINE:]
        for line in lines:
            if text := line.decode("latin-1").strip("\r\0 \t"):
                self.now_s += self.takes_s
                self.line(text)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it up to `now_s`; what flows meanwhile flows."""
        if self._powered and now_s > self.now_s:
            self._come_to(now_s)
        return self._output.left_by(now_s)

    def next_event_s(self) -> float | None:
        """When it next has something to say."""
        return self._output.next_s()

    def say(self, text: str) -> None:
        """Answer now."""
        self._output.add(self.now_s, text.encode("ascii") + self.ends)

    def _come_to(self, now_s: float) -> None:
        self.now_s = max(self.now_s, now_s)
        if not self._powered:
            self._powered = True
            self.electronics.off(self.now_s)
        self.electronics.advance(self.now_s)
        self.passed()

    def passed(self) -> None:
        """Time has passed: what happens by itself."""

    def line(self, text: str) -> None:
        """Do what a line says."""
        raise NotImplementedError
