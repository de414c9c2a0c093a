"""A reading whose time does not lie between the last one and now is refused."""

from __future__ import annotations

import math

import pytest

from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.readings import Reading, Regulation
from faradaic.instruments.segments import OpenCircuitSegment

AT_REST = OpenCircuitSegment(duration_s=60.0, interval_s=1.0)


@pytest.mark.parametrize(
    ("time_s", "last_s", "now_s", "is_one"),
    [
        (5.0, None, math.inf, True),
        (5.0, 4.0, 5.0, True),
        (5.0, 5.0, 6.0, False),
        (5.0, 6.0, 7.0, False),
        (5.0, 4.0, 4.5, False),
        (5.0, 4.0, 4.95, True),
    ],
)
def test_the_time_goes_on_and_is_not_of_the_future(
    time_s: float, last_s: float | None, now_s: float, is_one: bool
) -> None:
    reading = Reading(time_s, 0.0, 0.1, None, Regulation.CURRENT, False, False, "line")
    why = Keithley2450.capabilities.impossible(reading, AT_REST, last_s, now_s)
    assert why == ("" if is_one else "its time is not between the last one and now")
