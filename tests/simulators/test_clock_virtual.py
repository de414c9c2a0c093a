"""The clock of a rehearsal: it jumps, or walks at a stated pace, and Ctrl+C is answered."""

import math
import signal
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from faradaic.simulators.virtual_clock import VirtualClock

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def test_without_a_pace_a_day_passes_at_once():
    clock = VirtualClock(START)
    wall_s = time.monotonic()
    clock.sleep_until(86400.0)
    assert time.monotonic() - wall_s < 0.5
    assert clock.monotonic_s() == 86400.0
    assert clock.utc() == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def test_time_never_runs_backwards():
    clock = VirtualClock(START)
    clock.sleep_until(10.0)
    clock.sleep_until(5.0)
    assert clock.monotonic_s() == 10.0


def test_a_paced_clock_takes_its_share_of_wall_time_and_makes_up_for_work():
    clock = VirtualClock(START, speed=100.0)
    wall_s = time.monotonic()
    clock.sleep_until(10.0)
    time.sleep(0.05)  # work between two sleeps
    clock.sleep_until(20.0)
    assert 0.199 <= time.monotonic() - wall_s < 0.24


def test_a_long_stall_is_not_made_up_in_a_burst():
    clock = VirtualClock(START, speed=100.0)
    time.sleep(1.1)
    clock.sleep_until(1.0)
    wall_s = time.monotonic()
    clock.sleep_until(11.0)
    assert time.monotonic() - wall_s >= 0.09


def test_an_interrupt_ends_a_paced_sleep():
    clock = VirtualClock(START, speed=1.0)
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    timer.start()
    wall_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        clock.sleep_until(60.0)
    timer.join()
    assert time.monotonic() - wall_s < 5.0
    assert clock.monotonic_s() == 0.0


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_a_pace_that_is_no_pace_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        VirtualClock(START, speed)


def test_a_start_without_a_time_zone_and_an_endless_sleep_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="forever"):
        VirtualClock(START).sleep_until(math.inf)
