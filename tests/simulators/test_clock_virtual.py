"""The clock of a rehearsal: it jumps, or walks at a stated pace, and Ctrl+C is answered."""

import math
import signal
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from faradaic.simulators.virtual_clock import SLICE_S, VirtualClock

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))


class Wall:
    """Wall time that passes only when somebody sleeps or lets it pass."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.longest_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.longest_s = max(self.longest_s, duration_s)
        self.now_s += duration_s


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr("faradaic.simulators.virtual_clock.time", wall)
    return wall


def test_without_a_pace_a_day_passes_at_once(wall):
    clock = VirtualClock(START)
    clock.sleep_until(86400.0)
    assert wall.now_s == 0.0
    assert clock.monotonic_s() == 86400.0
    assert clock.utc() == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def test_time_never_runs_backwards():
    clock = VirtualClock(START)
    clock.sleep_until(10.0)
    clock.sleep_until(5.0)
    assert clock.monotonic_s() == 10.0


def test_a_paced_clock_takes_its_share_of_wall_time_and_makes_up_for_work(wall):
    clock = VirtualClock(START, speed=100.0)
    clock.sleep_until(10.0)
    wall.now_s += 0.05  # work between two sleeps
    clock.sleep_until(20.0)
    assert wall.now_s == pytest.approx(0.2, abs=1e-9)


def test_a_long_stall_is_not_made_up_in_a_burst(wall):
    clock = VirtualClock(START, speed=100.0)
    wall.now_s += 1.1
    clock.sleep_until(1.0)
    clock.sleep_until(11.0)
    assert wall.now_s == pytest.approx(1.2, abs=1e-9)


def test_an_interrupt_ends_a_paced_sleep():
    clock = VirtualClock(START, speed=1e-3)
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        clock.sleep_until(60.0)
    timer.join()
    assert clock.monotonic_s() == 0.0


def test_a_paced_sleep_is_cut_so_that_an_interrupt_is_answered_on_every_system(wall):
    VirtualClock(START, speed=1.0).sleep_until(60.0)
    assert wall.now_s == pytest.approx(60.0)
    assert wall.longest_s <= SLICE_S


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_a_pace_that_is_no_pace_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        VirtualClock(START, speed)


def test_a_start_without_a_time_zone_and_an_endless_sleep_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="forever"):
        VirtualClock(START).sleep_until(math.inf)
