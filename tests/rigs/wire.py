"""A bad wire between an emulated instrument and its driver, and what was accepted on it.

What the instrument really sent is known line by line: a reading is right if it is one of those
lines, whole, from the time that it says, and was not accepted before.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from faradaic.diagnostics import DeviceError
from faradaic.instruments.keithley.smu2450 import READ_TIMEOUT_S
from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import DummyCell

SET_A = 5e-3
SAMPLING_S = 0.1
LATEST_S = {"emstat4-hr": 0.05, "keithley-2450": READ_TIMEOUT_S + 0.05}
"""How far the time of a reading may be from that of its line: the 2450 sends none of its own, and
an answer is waited for that long."""

KINDS = (
    "late",
    "doubled",
    "dropped",
    "cut",
    "cut, with an end",
    "a byte lost",
    "a digit changed",
    "a byte changed",
    "a stray line",
    "swapped",
)
STRAY = (
    b"0\n",
    b"1;0\n",
    b"7;4.9E-3,5.0,160\n",
    b"\n",
    b"garbage\n",
    b'-113,"x"\n',
    b"*\n",
    b"+\n",
    b"Y\n",
    b"Z\n",
    b"P\n",
    b"Pda8000000 ;ba8000000 \n",
    b"eM0000\n",
)


class BadWire:
    """Between an emulator and its driver: a share of the lines meets one of some faults."""

    def __init__(self, emulator: Any, kinds: Sequence[str], share: float, seed: int) -> None:
        self.emulator, self.kinds, self.share = emulator, tuple(kinds), share
        self.dice = random.Random(f"{kinds} {seed}")
        self.late: list[tuple[float, bytes]] = []
        self.faults = 0
        self.active = False
        self.sent: dict[str, float] = {}
        """What the instrument said last, each line once, and when."""
        self._swapped = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.emulator, name)

    def next_event_s(self) -> float | None:
        events = [self.emulator.next_event_s(), *(due_s for due_s, _ in self.late[:1])]
        return min((event for event in events if event is not None), default=None)

    def transmit(self, now_s: float) -> bytes:
        data: bytes = self.emulator.transmit(now_s)
        sent = b""
        for line in data.splitlines(keepends=True):
            self.sent[line.decode("latin-1").strip()] = now_s
            if self.active and self.dice.random() < self.share:
                self.faults += 1
                sent += self._faulty(line, now_s)
            else:
                sent += line + self._swapped
                self._swapped = b""
        while self.late and self.late[0][0] <= now_s:
            sent += self.late.pop(0)[1]
        while len(self.sent) > 1000:
            del self.sent[next(iter(self.sent))]
        return sent

    def _faulty(self, line: bytes, now_s: float) -> bytes:
        at = self.dice.randrange(len(line))
        match self.dice.choice(self.kinds):
            case "late":
                self.late.append((now_s + self.dice.choice((0.5, 1.5, 2.5, 4.0, 9.0)), line))
                self.late.sort()
                return b""
            case "swapped":
                before, self._swapped = self._swapped, line
                return before
            case "doubled":
                return line + line
            case "dropped":
                return b""
            case "cut":
                return line[:at]
            case "cut, with an end":
                return line[:at] + b"\n"
            case "a byte lost":
                return line[:at] + line[at + 1 :]
            case "a digit changed":
                digits = [i for i, byte in enumerate(line) if chr(byte).isdigit()] or [at]
                at = self.dice.choice(digits)
                return line[:at] + b"%d" % self.dice.randrange(10) + line[at + 1 :]
            case "a byte changed":
                return line[:at] + bytes([self.dice.randrange(256)]) + line[at + 1 :]
        return self.dice.choice(STRAY) + line


@dataclass
class Tally:
    """What became of readings on a bad wire."""

    faults: int = 0
    accepted: int = 0
    refused: int = 0
    """Readings that say what was refused in their place or before them."""
    wrong: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    """How segments ended: the reason, or the code of an error."""
    not_off: int = 0
    notes: Counter[str] = field(default_factory=Counter)


def read_on(
    model: str,
    kinds: Sequence[str],
    share: float,
    *,
    seed: int,
    readings: int,
    segments: int = 1,
    tally: Tally | None = None,
) -> Tally:
    """Segments of a number of readings each at 10 Hz on a dummy cell, connected without faults."""
    told = tally or Tally()
    clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
    wire = BadWire(make_emulator(model, DummyCell(), seed), kinds, share, seed)
    driver: Any = DRIVERS.load(model)(EmulatedTransport(wire, clock, "emulated://bad-wire"))
    segment = ConstantCurrentSegment(
        SET_A, 5.5, duration_s=readings * SAMPLING_S, interval_s=SAMPLING_S, charge_limit_C=1e9
    )
    for _ in range(segments):
        wire.active = False
        clock.sleep_until(clock.monotonic_s() + 10.0)
        driver.connect(clock)
        wire.active = True
        taken: set[float] = set()
        stream = driver.run(segment, clock)
        try:
            while True:
                _judge(next(stream), wire, taken, told, LATEST_S[model])
        except StopIteration as end:
            told.ends[EndReason(end.value).value] += 1
        except DeviceError as error:
            told.ends[error.diagnostics[0].code] += 1
        told.not_off += driver.output_off(clock).on is not False
        told.notes.update(note.partition("`")[2].partition("`")[0] for note in driver.notes())
    told.faults += wire.faults
    return told


def _judge(
    reading: Reading, wire: BadWire, taken: set[float], told: Tally, latest_s: float
) -> None:
    told.refused += bool(reading.refused)
    if reading.current_A is None:
        return
    told.accepted += 1
    # The 2450's answers carry a mark before the reading, and the reading twice.
    said = (s for line, s in wire.sent.items() if reading.raw in (line, _payload(line)))
    at_s = max(said, default=-1.0)
    if at_s not in taken and abs(at_s - reading.time_s) <= latest_s:
        taken.add(at_s)
    else:
        told.wrong.append(f"{reading.raw!r} at {reading.time_s:.3f} s")


def _payload(line: str) -> str:
    return line.partition(";")[2].partition(";")[0]
