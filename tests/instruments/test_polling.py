"""The polling loop: a fixed grid that neither drifts nor piles up."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faradaic.instruments.polling import STOP_LATENCY_S, poll
from faradaic.instruments.readings import EndReason


class ManualClock:
    """Time that passes only when somebody sleeps or lets it pass."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.longest_sleep_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def sleep_until(self, time_s: float) -> None:
        self.longest_sleep_s = max(self.longest_sleep_s, time_s - self.now_s)
        self.now_s = max(self.now_s, time_s)


def run(
    clock: ManualClock, costs_s: list[float], *, interval_s: float, duration_s: float
) -> tuple[list[float], EndReason]:
    """The times at which readings began, relative to the start; reading k costs `costs_s[k]`."""
    start_s = clock.now_s
    begun: list[float] = []

    def read() -> None:
        begun.append(clock.now_s - start_s)
        clock.now_s += costs_s[(len(begun) - 1) % len(costs_s)]

    stream = poll(read, clock, interval_s=interval_s, duration_s=duration_s, stopped=lambda: False)
    return begun, exhaust(stream)


def exhaust(stream: Generator[object, None, EndReason]) -> EndReason:
    while True:
        try:
            next(stream)
        except StopIteration as end:
            reason: EndReason = end.value
            return reason


def test_readings_stay_on_the_grid_whatever_each_of_them_costs() -> None:
    begun, end = run(ManualClock(), [0.3, 0.9, 0.01], interval_s=1.0, duration_s=10.0)
    assert begun == pytest.approx([*range(10), 9.99])  # over at 10.0, if it is as quick as one was
    assert end is EndReason.DURATION


def test_a_late_reading_skips_grid_points_and_is_not_followed_by_a_burst() -> None:
    begun, _ = run(ManualClock(), [0.1, 3.4, 0.1, 0.1, 0.1], interval_s=1.0, duration_s=7.0)
    assert begun == pytest.approx([0.0, 1.0, 5.0, 6.0, 6.9])


def test_the_last_reading_is_over_at_the_end_also_off_the_grid() -> None:
    clock = ManualClock()
    begun, _ = run(clock, [0.1], interval_s=4.0, duration_s=10.0)
    assert begun == pytest.approx([0.0, 4.0, 8.0, 9.9])
    assert clock.now_s == pytest.approx(1010.0)
    clock = ManualClock()
    begun, _ = run(clock, [0.4, 0.1], interval_s=5.0, duration_s=10.0)
    assert begun == pytest.approx([0.0, 5.0, 9.9])
    assert clock.now_s == pytest.approx(1010.3)
    begun, _ = run(ManualClock(), [0.0], interval_s=5.0, duration_s=0.0)
    assert begun == [0.0]


@example(interval_s=1.0, intervals=1.0, costs=[0.5, 0.0])
@given(
    interval_s=st.floats(0.1, 100.0),
    intervals=st.floats(0.0, 50.0),
    costs=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=5),
)
def test_no_two_readings_share_a_grid_point_and_the_end_is_always_read(
    interval_s: float, intervals: float, costs: list[float]
) -> None:
    duration_s = interval_s * intervals
    costs_s = [cost * interval_s for cost in costs]
    clock = ManualClock()
    begun, _ = run(clock, costs_s, interval_s=interval_s, duration_s=duration_s)
    points = [time_s / interval_s for time_s in begun]
    assert points[0] == 0.0
    slack_s = 1e-6 * (duration_s + interval_s)
    taken_s = [costs_s[k % len(costs_s)] for k in range(len(begun))]
    assert begun[-1] + taken_s[-1] >= duration_s - min(taken_s) - slack_s
    assert len(begun) == 1 or begun[-1] <= duration_s - min(taken_s[:-1]) + slack_s
    assert clock.now_s - 1000.0 >= duration_s - slack_s
    for k, point in enumerate(points[1:-1], 1):
        # one that was to be the last, and took less than the quickest before it, is not
        was_to_be_last = abs(begun[k] - (duration_s - min(taken_s[:k]))) <= slack_s
        assert was_to_be_last or point == pytest.approx(round(point), abs=1e-3)
    assert all(later > sooner for sooner, later in pairwise(points))


def test_a_stop_is_seen_between_readings_of_a_long_interval() -> None:
    clock = ManualClock()
    seen: list[float] = []
    stream = poll(
        lambda: seen.append(clock.now_s),
        clock,
        interval_s=60.0,
        duration_s=600.0,
        stopped=lambda: clock.now_s >= 1007.0,
    )
    assert exhaust(stream) is EndReason.STOPPED
    assert seen == [1000.0]
    assert clock.now_s < 1007.0 + STOP_LATENCY_S
    assert clock.longest_sleep_s <= STOP_LATENCY_S
