"""A step of the wall clock and a sleep of the computer are records, with their size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faradaic.instruments.clock import WallClock
from faradaic.instruments.readings import Reading, Regulation
from faradaic.records.event_words import event_words
from faradaic.runner.clock_watch import ClockWatch
from faradaic.runner.coulometer import ChargeCounter
from faradaic.runner.logbook import Logbook


class HandClock:
    """A clock that a test sets."""

    def __init__(self, *, boottime: bool = True) -> None:
        self.mono_s, self.wall = 100.0, datetime(2026, 3, 1, tzinfo=UTC)
        self.boot_s: float | None = 500.0 if boottime else None

    def monotonic_s(self) -> float:
        return self.mono_s

    def boottime_s(self) -> float | None:
        return self.boot_s

    def utc(self) -> datetime:
        return self.wall

    def sleep_until(self, time_s: float) -> None:
        self.go(time_s - self.mono_s)

    def go(self, seconds: float, *, asleep_s: float = 0.0, set_by_s: float = 0.0) -> None:
        self.mono_s += seconds
        if self.boot_s is not None:
            self.boot_s += seconds + asleep_s
        self.wall += timedelta(seconds=seconds + asleep_s + set_by_s)


class Kept:
    """A journal that keeps its events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, float, dict]] = []
        self.times: list[float] = []

    def write(self, kind, time_s, fields, *, durable=False) -> int:
        self.events.append((kind, time_s, dict(fields)))
        return 0

    def sample(self, time_s, values) -> int:
        self.times.append(time_s)
        return 0

    def changes(self) -> list[dict]:
        return [f for kind, _, f in self.events if {"stepped_s", "suspended_s"} & f.keys()]


def reading(clock: HandClock) -> Reading:
    return Reading(clock.mono_s, 1e-2, 3.0, None, Regulation.CURRENT, False, False, "")


@pytest.fixture
def book():
    def make(**kind):
        clock, journal = HandClock(**kind), Kept()
        return Logbook(journal, clock), clock, journal

    return make


@pytest.mark.parametrize("set_by_s", [3600.0, -3600.0, 1.5])
def test_a_step_of_the_wall_clock_is_a_record_and_moves_no_sample(book, set_by_s) -> None:
    logbook, clock, journal = book()
    for second in range(10):
        clock.go(1.0, set_by_s=set_by_s if second == 5 else 0.0)
        logbook.reading(reading(clock), 0, (0.0, 0.0, None))
    (change,) = journal.changes()
    assert change["stepped_s"] == pytest.approx(set_by_s)
    assert "suspended_s" not in change
    assert journal.times == pytest.approx(range(1, 11))
    assert f"set by {set_by_s:+.1f} s" in event_words("clock", change)


def test_a_sleep_is_a_record_and_what_stayed_on_is_a_gap_in_the_charge(book) -> None:
    logbook, clock, journal = book()
    charge = ChargeCounter(gap_s=3.0)
    charge.output_on(clock.mono_s)
    logbook.on_sleep = charge.suspended
    for second in range(4):
        clock.go(1.0, asleep_s=120.0 if second == 2 else 0.0)
        charge.add(clock.mono_s, 1e-2)
        logbook.reading(reading(clock), 0, (0.0, 0.0, None))
    (change,) = journal.changes()
    assert change["suspended_s"] == pytest.approx(120.0)
    assert "stepped_s" not in change
    assert charge.gross_C == pytest.approx(0.04)
    assert charge.high_C == pytest.approx(0.04 + 1.2)
    assert "slept for 120.0 s" in event_words("clock", change)


def test_a_sleep_and_a_step_at_once_are_told_apart(book) -> None:
    logbook, clock, journal = book()
    clock.go(1.0, asleep_s=60.0, set_by_s=-10.0)
    logbook.reading(reading(clock), 0, (0.0, 0.0, None))
    (change,) = journal.changes()
    assert (change["suspended_s"], change["stepped_s"]) == pytest.approx((60.0, -10.0))


def test_without_a_clock_since_boot_a_jump_ahead_may_be_either(book) -> None:
    logbook, clock, journal = book(boottime=False)
    slept: list[float] = []
    logbook.on_sleep = slept.append
    clock.go(1.0, asleep_s=60.0)
    logbook.reading(reading(clock), 0, (0.0, 0.0, None))
    (change,) = journal.changes()
    assert change["stepped_s"] == pytest.approx(60.0)
    assert change["may_be_sleep"] is True
    assert slept == pytest.approx([60.0])
    assert "or the computer slept" in event_words("clock", change)


def test_clocks_that_run_alike_are_told_every_minute_only(book) -> None:
    logbook, clock, journal = book()
    for _ in range(150):
        clock.go(1.0, set_by_s=0.005)  # a slow drift is no step
        logbook.reading(reading(clock), 0, (0.0, 0.0, None))
    assert journal.changes() == []
    clocks = [f for kind, _, f in journal.events if kind == "clock"]
    assert len(clocks) == 3
    assert {"utc", "mono_s", "boottime_s"} == clocks[0].keys()


def test_the_clock_of_this_computer_runs_alike() -> None:
    watch = ClockWatch(WallClock())
    assert watch.change() is None
