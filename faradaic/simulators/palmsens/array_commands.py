"""Commands that work on whole arrays, and the fast voltammogram that fills them.

Arguments: PalmSens, MethodSCRIPT_Examples bd1a44a, MSExample014 and 024; `meas_fast_cv` as in a
public script for an EmStat4 (arrays, count, corners, step, rate).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from faradaic.simulators.palmsens.commands import command
from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.loops import APERTURE_SHARE, Point, sweep
from faradaic.simulators.palmsens.machine import Machine, Timeline
from faradaic.simulators.palmsens.variables import Value, Variable, item

SMOOTHING_POINTS = {0: 1, 1: 5, 2: 9, 3: 15, 4: 25}
"""Width of the Savitzky-Golay filter by level (pypalmsens, `Curve.smooth`)."""

DEGREE = 2


@command("smooth", "a i a i")
def _smooth(
    _: Machine, source: list[Variable], count: int, target: list[Variable], level: int
) -> None:
    """Least squares of a parabola through the points around each (Savitzky and Golay 1964); at
    the ends through those that are there."""
    if level not in SMOOTHING_POINTS:
        raise ScriptFault("0007")
    values = _values(source, count)
    if len(target) < count:
        raise ScriptFault("400F")
    half, smoothed = SMOOTHING_POINTS[level] // 2, values.copy()
    for k in range(count):
        at = np.arange(max(0, k - half), min(count, k + half + 1))
        if len(at) > DEGREE + 1:
            smoothed[k] = np.polyval(np.polyfit(at - k, values[at], DEGREE), 0.0)
    for k, value in enumerate(smoothed):
        target[k].copy_from(source[k])
        target[k].set(float(value))


@command("smooth/3", "a a i")
def _smooth_all(_: Machine, source: list[Variable], target: list[Variable], level: int) -> None:
    _smooth(_, source, len(source), target, level)


@command("peak_detect", "a i a a i n")
def _peak_detect(
    _: Machine,
    source: list[Variable],
    count: int,
    indices: list[Variable],
    heights: list[Variable],
    negative: int,
    least: Value,
) -> None:
    """The highest peaks over the straight line between the lowest points on either side; the
    index of what is missing is -1. How the instrument draws its baseline is not published."""
    if len(indices) != len(heights):
        raise ScriptFault("4017")
    values = _values(source, count) * (-1.0 if negative else 1.0)
    found: list[tuple[float, int]] = []
    for k in range(1, count - 1):
        if not (values[k] >= values[k - 1] and values[k] > values[k + 1]):
            continue
        higher_left = np.flatnonzero(values[:k] > values[k])
        higher_right = np.flatnonzero(values[k + 1 :] > values[k])
        first = int(higher_left[-1]) + 1 if higher_left.size else 0
        last = k + int(higher_right[0]) if higher_right.size else count - 1
        left = first + int(np.argmin(values[first : k + 1]))
        right = k + int(np.argmin(values[k : last + 1]))
        base = np.interp(k, [left, right], [values[left], values[right]])
        if values[k] - base >= max(float(least), math.ulp(0.0)):
            found.append((float(values[k] - base), k))
    found.sort(reverse=True)
    for place, (index, height) in enumerate(zip(indices, heights, strict=True)):
        peak = found[place] if place < len(found) else (0.0, -1)
        index.copy_from(source[0])
        index.set(peak[1])
        height.copy_from(source[0])
        height.set(-peak[0] if negative else peak[0])


@command("meas_fast_cv", "a a v n n n n n", timed=True, in_measurement=False)
def _fast_cv(
    machine: Machine,
    potentials: list[Variable],
    currents: list[Variable],
    count: Variable,
    *settings: Value,
) -> Timeline:
    """A cycle that is kept in arrays and sends nothing."""
    front = machine.front

    def prepare(_: Machine, value: float | None) -> None:
        front.require_control(galvanostat=False)
        front.check_potential(value or 0.0)

    start, vertex1, vertex2, step, rate = (_constant(value) for value in settings)
    plan = sweep([start, vertex1, vertex2, start], step, rate, prepare, 0)(machine)
    measured = 0
    for point in plan:
        assert isinstance(point, Point)
        assert point.applied is not None
        front.set_potential(point.applied, machine.now_s)
        yield machine.now_s + point.interval_s
        (reading,) = front.measure(("ba",), machine.now_s, APERTURE_SHARE * point.interval_s)
        item(potentials, measured).measured(point.applied, "da", None, None)
        item(currents, measured).measured(reading.value, "ba", reading.status, reading.range_index)
        measured += 1
    count.set(measured)
    return False


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _values(source: list[Variable], count: int) -> NDArray[np.float64]:
    if not 0 < count <= len(source):
        raise ScriptFault("400F")
    return np.array([variable.value for variable in source[:count]], dtype=float)
