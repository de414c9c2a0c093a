"""What is imposed on a cell in an experiment: sweeps, steps and staircases as time intervals.

A waveform is a sequence of intervals. Within each the value goes linearly from `start` to `end`;
where it does not begin at the end of the one before, `jump` says so. Current and potential are
sampled at the end of the intervals that are marked `sampled`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K
from faradaic.simulators.arguments import checked_count, checked_number, refused
from faradaic.simulators.contracts import Control

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_CODE = "E544"
POINTS_MAX = 20_000_000
LARGEST_STEP_V = 0.010
"""Of a sweep at 298.15 K, times the electrons of an electrode step; there a reversible peak is
0.25 % off. A wave is as wide as the temperature is high."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Intervals that follow each other without a gap; arrays of one length."""

    technique: str
    control: Control
    start: Floats
    """V or A, at the beginning of each interval."""
    end: Floats
    dt_s: Floats
    sampled: Flags
    scan_rate_V_per_s: float | None = None
    jump: Flags = field(init=False)
    shortest_s: float = field(init=False)
    """The shortest interval."""
    duration_s: float = field(init=False)
    jumps: bool = field(init=False)
    """Whether the value jumps later than at the beginning."""

    def __post_init__(self) -> None:
        jump = np.concatenate(([True], self.start[1:] != self.end[:-1]))
        object.__setattr__(self, "jump", jump)
        for array in (self.start, self.end, self.dt_s, self.jump, self.sampled):
            array.flags.writeable = False
        object.__setattr__(self, "shortest_s", float(self.dt_s.min()))
        object.__setattr__(self, "duration_s", float(self.dt_s.sum()))
        object.__setattr__(self, "jumps", bool(self.jump[1:].any()))

    @property
    def time_s(self) -> Floats:
        """The end of each interval; the experiment begins at zero."""
        return np.cumsum(self.dt_s)

    @property
    def staircase(self) -> bool:
        """Whether the value stands still within every interval."""
        return bool(np.all(self.start == self.end))

    def require_resolved(self, electrons: int, temperature_K: float) -> None:
        """Refuse (E544) a sweep whose steps cannot resolve a wave of so many electrons."""
        if self.control is not Control.POTENTIAL or self.staircase:
            return
        step_V = float(np.max(np.abs(self.end - self.start)))
        allowed_V = LARGEST_STEP_V * temperature_K / STANDARD_TEMPERATURE_K / electrons
        if step_V > allowed_V * (1.0 + 1e-9):
            points = math.ceil(len(self.dt_s) * step_V / allowed_V - 1e-6)
            raise refusal(
                "E544",
                f"{step_V * 1e3:.4g} mV from point to point cannot resolve a wave "
                f"at {temperature_K:g} K",
                f"use at least {points} points: {allowed_V * 1e3:.4g} mV each",
            )


def lsv(
    start_V: float, end_V: float, scan_rate_V_per_s: float, *, step_V: float = 1e-3
) -> Waveform:
    """A linear sweep, sampled every `step_V` (rounded so that the sweep has a whole number)."""
    corners = [("start_V", start_V), ("end_V", end_V)]
    return _sweep("lsv", corners, scan_rate_V_per_s, step_V, None)


def cv(
    start_V: float,
    vertex_V: float,
    scan_rate_V_per_s: float,
    *,
    end_V: float | None = None,
    second_vertex_V: float | None = None,
    cycles: int = 1,
    step_V: float = 1e-3,
) -> Waveform:
    """Cyclic sweeps from the start to the vertex, to the second vertex if there is one, and back.

    A cycle ends where it started, the last one at `end_V` if given.
    """
    named = {"start_V": start_V, "vertex_V": vertex_V, "second_vertex_V": second_vertex_V}
    for name, value in {**named, "end_V": end_V}.items():
        if value is not None or name in ("start_V", "vertex_V"):
            checked_number(value, name, code=_CODE)
    turns = [vertex_V] if second_vertex_V is None else [vertex_V, second_vertex_V]
    corners = cycle_corners_V(start_V, turns, cycles)
    if end_V is not None:
        corners[-1] = end_V
    given = ", ".join(name for name, value in named.items() if value is not None)
    given += "" if end_V is None else ", end_V"
    sweep = [(given, corner_V) for corner_V in corners]
    return _sweep("cv", sweep, scan_rate_V_per_s, step_V, None)


def cycle_corners_V(start_V: float, turns_V: Sequence[float], cycles: int) -> list[float]:
    """Where a sweep that goes through its turns and back to the start, so often, changes its way.

    Raises `InputError` for a number of cycles that is none, or too many to be stored.
    """
    checked_count(cycles, "cycles", code=_CODE)
    _require_few(cycles * (len(turns_V) + 1), "cycles")
    return [start_V, *([*turns_V, start_V] * cycles)]


def staircase(
    corners_V: Sequence[float],
    scan_rate_V_per_s: float,
    *,
    step_V: float = 1e-3,
    sampling_fraction: float = 1.0,
) -> Waveform:
    """A sweep as a digital instrument makes it: the potential stands still and jumps by `step_V`.

    The current is read when `sampling_fraction` of each step has passed. At the end (1.0) a
    reversible peak is 6.5 % lower than in a ramp at 1 mV steps; at 0.302722, the zero of the
    Hurwitz zeta function ζ(1/2, a), it is the same.
    """
    checked_number(sampling_fraction, "sampling_fraction", above=0.0, most=1.0, code=_CODE)
    named = [("corners_V", corner_V) for corner_V in _listed(corners_V)]
    return _sweep("staircase", named, scan_rate_V_per_s, step_V, sampling_fraction)


def potential_steps(
    levels_V: Sequence[float], durations_s: Sequence[float], *, points: int = 500
) -> Waveform:
    """Potential steps one after another, each sampled `points` times at equal distances."""
    levels = ("levels_V", _listed(levels_V))
    times = ("durations_s", _listed(durations_s))
    return _steps("chronoamperometry", Control.POTENTIAL, levels, times, points)


def chronoamperometry(potential_V: float, duration_s: float, *, points: int = 500) -> Waveform:
    """One potential step from rest."""
    levels, times = ("potential_V", [potential_V]), ("duration_s", [duration_s])
    return _steps("chronoamperometry", Control.POTENTIAL, levels, times, points)


def chronopotentiometry(
    currents_A: float | Sequence[float],
    durations_s: float | Sequence[float],
    *,
    points: int = 500,
) -> Waveform:
    """Constant currents one after another (anodic positive), each sampled `points` times."""
    currents, times = ("currents_A", _listed(currents_A)), ("durations_s", _listed(durations_s))
    return _steps("chronopotentiometry", Control.CURRENT, currents, times, points)


def _listed(values: object) -> list[Any]:
    """Several values, or one alone."""
    return (
        list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    )


def _sweep(
    technique: str,
    named: Sequence[tuple[str, float]],
    scan_rate_V_per_s: float,
    step_V: float,
    fraction: float | None,
) -> Waveform:
    """`named` are the corners, each with the argument that it came in."""
    corners_V = [checked_number(corner_V, name, code=_CODE) for name, corner_V in named]
    checked_number(scan_rate_V_per_s, "scan_rate_V_per_s", "0.1", above=0.0, code=_CODE)
    checked_number(step_V, "step_V", "1e-3", above=0.0, code=_CODE)
    names = ", ".join(dict.fromkeys(name for name, _ in named))
    legs = list(pairwise(corners_V))
    if not legs or any(a == b for a, b in legs):
        allowed = "at least two potentials, each unlike the last"
        raise _refuse(f"the sweep ({names})", list(corners_V), allowed)
    counts = [max(1, round(abs(b - a) / step_V)) for a, b in legs]
    _require_few(sum(counts), f"the sweep ({names}) in steps of step_V")
    counted = list(zip(legs, counts, strict=True))
    points = np.concatenate(
        [[corners_V[0]], *(np.linspace(a, b, n + 1)[1:] for (a, b), n in counted)]
    )
    dt_s = np.concatenate([np.full(n, abs(b - a) / n / scan_rate_V_per_s) for (a, b), n in counted])
    start, level, sampled = points[:-1], points[1:], np.ones(len(dt_s), dtype=bool)
    if fraction is not None and fraction < 1.0:
        level = np.repeat(level, 2)
        dt_s = np.column_stack([fraction * dt_s, (1.0 - fraction) * dt_s]).ravel()
        sampled = np.tile([True, False], len(sampled))
    if fraction is not None:
        start = level.copy()
    return Waveform(technique, Control.POTENTIAL, start, level, dt_s, sampled, scan_rate_V_per_s)


def _steps(
    technique: str,
    control: Control,
    named_levels: tuple[str, Sequence[float]],
    named_durations: tuple[str, Sequence[float]],
    points: int,
) -> Waveform:
    """Both come with the argument that they were given in."""
    (of_levels, levels), (of_durations, durations_s) = named_levels, named_durations
    if len(levels) != len(durations_s) or len(levels) == 0:
        allowed = f"as many durations as {of_levels}: {max(1, len(levels))}"
        raise _refuse(of_durations, list(durations_s), allowed)
    checked_count(points, "points", 10, code=_CODE)  # fewer do not show a transient
    _require_few(points * len(levels), "points")
    for value in levels:
        checked_number(value, of_levels, code=_CODE)
    for duration_s in durations_s:
        checked_number(duration_s, of_durations, above=0.0, code=_CODE)
    level: Floats = np.repeat(np.array(levels, dtype=np.float64), points)
    dt_s = np.repeat(np.array(durations_s, dtype=np.float64) / points, points)
    sampled = np.ones(len(dt_s), dtype=bool)
    return Waveform(technique, control, level, level.copy(), dt_s, sampled)


def _require_few(points: int, what: str) -> None:
    if points > POINTS_MAX:
        allowed = f"at most {POINTS_MAX}: use a larger step"
        raise _refuse(f"{what}: the number of points", points, allowed)


def _refuse(what: str, value: object, allowed: str) -> InputError:
    return refused(what, f"is {value!r}", allowed, _CODE)
