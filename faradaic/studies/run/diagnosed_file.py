"""What goes wrong in a log that has been read: the detectors over its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from faradaic.diagnoses.diagnosis import Diagnosis
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.listener import Listener
from faradaic.diagnoses.reference_watch import ReferenceWatch
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.timeseries import Floats

STEADY = 0.02
"""Scatter of a quantity about its median, relative, below which it was held."""
NOTHING = 1e-3
"""Of the largest current: less flows at rest."""


class Stretch(NamedTuple):
    """Rows between which the current was on, and what was held in them."""

    first: int
    last: int
    expected: Expected


class Diagnosed(NamedTuple):
    """What was found in a log, and on what it rests."""

    stretches: tuple[Stretch, ...]
    diagnoses: tuple[Diagnosis, ...]
    lost_C: float


def diagnosed(
    one: Electrolysis,
    *,
    limiting_mol: float | None = None,
    electrons: float | None = None,
    limit_V: float | None = None,
) -> Diagnosed:
    """The diagnoses of a log, times and charges from its beginning.

    A log does not tell what was planned: no range of voltage or resistance, and what was held is
    what was steady. Raises `InputError` (E775) for one without a current and a voltage.
    """
    series = one.series
    time_s, current_A = series.time_s, series.current_A
    voltage_V = series.cell_voltage_V
    if not np.isfinite(voltage_V).any():
        voltage_V = series.potential_V
    known = np.isfinite(time_s) & np.isfinite(current_A) & np.isfinite(voltage_V)
    if np.count_nonzero(known) < 10:
        raise refusal(
            "E775",
            f"{one.name} has fewer than ten rows with time, current and voltage",
            "give a log of an electrolysis, or say which column is which: --map voltage=...",
        )
    t, i, v = time_s[known], current_A[known], voltage_V[known]
    both = np.isfinite(series.cell_voltage_V).any()
    E = series.potential_V[known] if both else np.full(t.size, np.nan)
    part = series.part[known]
    step_C = np.abs(0.5 * (i[1:] + i[:-1])) * np.diff(t)
    charge_C = np.concatenate(([0.0], np.cumsum(np.where(np.isfinite(step_C), step_C, 0.0))))
    amount_mol = limiting_mol or one.limiting_mol
    stretches, told, lost_C = [], [], 0.0
    for first, last in _stretches(t, i, part):
        held = _held(i[first:last], v[first:last])
        expected = replace(
            held,
            amount_C=amount_mol * FARADAY_C_PER_MOL if amount_mol else None,
            electrons=electrons or one.electrons,
            limit_V=limit_V,
        )
        stretches.append(Stretch(first, last, expected))
        listener = Listener(expected)
        told += _of_the_reference(expected, t, charge_C, E, v, range(first, last))
        for row in range(first, last):
            found = listener.take(float(t[row]), float(i[row]), float(v[row]), float(charge_C[row]))
            if found is not None:
                told.append(found)
        if (found := listener.ended()) is not None:
            told.append(found)
        lost_C += listener.lost_C()
    told.sort(key=lambda found: found.time_s)
    return Diagnosed(tuple(stretches), tuple(told), lost_C)


def _of_the_reference(
    expected: Expected, t: Floats, charge_C: Floats, E: Floats, v: Floats, rows: range
) -> list[Diagnosis]:
    """What a potential that is recorded beside the cell voltage tells of its reference."""
    if expected.set_A is None:
        return []
    watch = ReferenceWatch()
    found = (
        watch.take(float(t[row]), float(charge_C[row]), float(E[row]), float(v[row]))
        for row in rows
        if np.isfinite(E[row])
    )
    return [one for one in found if one is not None]


def _stretches(t: Floats, i: Floats, part: Floats) -> Iterator[tuple[int, int]]:
    """Rows between which a current flows without a change of step, at least ten each."""
    on = np.abs(i) > NOTHING * np.max(np.abs(i), initial=0.0)
    gone = _brief(t, ~on)
    on |= gone
    edges = np.flatnonzero(np.diff(on.astype(int)) != 0) + 1
    changes = np.flatnonzero(np.diff(part) != 0) + 1
    marks = np.unique(np.concatenate(([0], edges, changes, [t.size])))
    for first, last in pairwise(marks):
        if last - first >= 10 and on[first:last].any():
            yield int(first), int(last)


def _brief(t: Floats, off: np.ndarray) -> np.ndarray:
    """Where the current is gone for less than half a minute, or to the end: a lead, not a rest."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], off.astype(int), [0]))))
    brief = np.zeros(off.size, dtype=bool)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if first > 0 and (last == off.size or t[last - 1] - t[first] < 30.0):
            brief[first:last] = True
    return brief


def _held(i: Floats, v: Floats) -> Expected:
    """What was held: whichever of the two stood steadier about its median."""
    median_A, median_V = float(np.median(i)), float(np.median(v))
    scatter_A = float(np.median(np.abs(i - median_A))) / max(abs(median_A), 1e-30)
    scatter_V = float(np.median(np.abs(v - median_V))) / max(abs(median_V), 1e-30)
    if scatter_A <= scatter_V or scatter_A < 0.1 * STEADY:
        return Expected(set_A=median_A)
    return Expected(set_V=median_V)
