"""Errors and status: the error queue, the standard event register and the status byte."""

from __future__ import annotations

import csv
from collections import deque
from functools import cache
from importlib.resources import files

OPERATION_COMPLETE = 1
QUERY_ERROR = 4
DEVICE_ERROR = 8
EXECUTION_ERROR = 16
COMMAND_ERROR = 32
POWER_ON = 128

ERROR_AVAILABLE = 4
MESSAGE_AVAILABLE = 16
EVENT_SUMMARY = 32
MASTER_SUMMARY = 64

QUEUE_DEPTH = 100


@cache
def error_messages() -> dict[int, str]:
    """The standard's error codes and texts (SCPI-99, volume 2, section 21.8)."""
    with files(__package__).joinpath("errors.csv").open(encoding="utf-8") as file:
        return {int(row["code"]): row["message"] for row in csv.DictReader(file)}


class ScpiError(Exception):
    """A command that an instrument refuses, with the standard's code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"{code}, {error_messages()[code]}")


def event_bit(code: int) -> int:
    """The bit of the standard event register that an error code sets (SCPI-99 §21.8.9-12); the
    positive ones are an instrument's own, here those of an execution that it refuses."""
    if code > 0:
        return EXECUTION_ERROR
    bits = {1: COMMAND_ERROR, 2: EXECUTION_ERROR, 3: DEVICE_ERROR, 4: QUERY_ERROR}
    return bits[-code // 100]


class StatusModel:
    """The IEEE 488.2 status registers and the first-in, first-out error queue of SCPI."""

    def __init__(self) -> None:
        self.events = POWER_ON
        self.event_enable = 0
        self.service_enable = 0
        self._errors: deque[tuple[int, float]] = deque()

    def report(self, code: int, now_s: float) -> None:
        """Queue an error; a full queue ends in -350 and forgets what comes after it."""
        self.events |= event_bit(code)
        if len(self._errors) < QUEUE_DEPTH:
            self._errors.append((code, now_s))
        elif self._errors[-1][0] != -350:
            self.events |= DEVICE_ERROR
            self._errors[-1] = (-350, now_s)

    def next_error(self) -> tuple[int, float]:
        """Take the oldest error: its code and when it occurred; code 0 when there is none."""
        return self._errors.popleft() if self._errors else (0, 0.0)

    def error_count(self) -> int:
        """How many errors wait."""
        return len(self._errors)

    def clear_errors(self) -> None:
        """Empty the error queue."""
        self._errors.clear()

    def clear(self) -> None:
        """What `*CLS` does: events and errors are forgotten, the enable masks stay."""
        self.events = 0
        self._errors.clear()

    def take_events(self) -> int:
        """What `*ESR?` does: the register, which is zero afterwards."""
        events, self.events = self.events, 0
        return events

    def status_byte(self, message_available: bool) -> int:
        """The status byte with its master summary, as `*STB?` reads it."""
        byte = ERROR_AVAILABLE if self._errors else 0
        byte |= MESSAGE_AVAILABLE if message_available else 0
        byte |= EVENT_SUMMARY if self.events & self.event_enable else 0
        return byte | (MASTER_SUMMARY if byte & self.service_enable & ~MASTER_SUMMARY else 0)
