"""The figure of an electrolysis: current, voltage and charge against time and against charge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.analysis.electrical import charge_is_unknown
from faradaic.analysis.integration import (
    Intervals,
    cumulative,
    cumulative_energy_J,
    find_intervals,
    weights_s,
)
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.quantities import convert
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.disk import make_own_folder
from faradaic.records.folder import write_file
from faradaic.records.run import Run
from faradaic.reporting.figures import (
    BLUE,
    GREEN,
    ORANGE,
    PAGE_MM,
    PURPLE,
    SCREEN_DPI,
    VERMILLION,
    as_files,
    mark_simulated,
    new_figure,
    styled,
)
from faradaic.studies.rows import time_shown
from faradaic.studies.run.beside_rehearsal import rehearsed_courses
from faradaic.studies.run.earlier_charge import on_one_axis
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.series_panels import ROW_MM, Draw, letters_of, series_rows
from faradaic.studies.run.sweep_panel import SWEEP_MM, draw_sweeps, sweeps
from faradaic.timeseries import SAMPLED, Floats, TimeSeries

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

HEIGHT_MM = 125.0
_BINS = 1500
"""Horizontal bins of a curve; more samples are drawn as the extremes of each bin."""
_MOST_LINES = 8
"""Of levels in turn; a ramp has more stairs, and is one curve."""
LEAST_SPAN_V = 0.1
"""A voltage that hardly changes would fill the axis with its noise."""


_PAUSE_S = 1.0
"""An output that was off for less between two segments of a step was not paused."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """A unit for an axis that fits the largest value."""

    unit: str
    factor: float


def write_figures(one: Electrolysis, folder: Path) -> tuple[Path, Path]:
    """Write figures/overview.png and figures/overview.svg; returns their paths."""
    target = folder / "figures"
    make_own_folder(target)
    for kind, data in render(one, "png", "svg").items():
        write_file(target / f"overview.{kind}", data)
    return target / "overview.png", target / "overview.svg"


def render(one: Electrolysis, *kinds: str) -> dict[str, bytes]:
    """The figure as `png`, `svg` or both, by kind; the same series gives the same bytes."""
    with styled():
        return as_files(draw_overview(one), *kinds, dpi=SCREEN_DPI)


def draw_overview(one: Electrolysis) -> Figure:
    """Current, voltage and charge against time (left); all against charge (right); below, what
    was swept, and spectra, pulses and interruptions."""
    rows: list[tuple[float, Draw]] = []
    if sweeps(one):
        whole = one
        rows.append((SWEEP_MM, lambda part, letter: draw_sweeps(part, whole, letter)))
    rows += [(ROW_MM, draw) for draw in series_rows(one)]
    figure = new_figure(PAGE_MM, HEIGHT_MM + sum(height for height, _ in rows))
    top: Figure | SubFigure = figure
    if rows:
        heights = (HEIGHT_MM, *(height for height, _ in rows))
        parts: Any = figure.subfigures(1 + len(rows), 1, height_ratios=heights)
        top, letter = parts[0], "g"
        for part, (_, draw) in zip(parts[1:], rows, strict=True):
            draw(part, letter)
            letter = chr(ord(letter) + letters_of(part))
    one, gaps, _ = on_one_axis(one)
    axes = top.subplots(3, 2, sharex="col", gridspec_kw={"wspace": 0.06, "hspace": 0.04})
    intervals = find_intervals(one.series)
    charge_C = booked_or_integrated_charge(one.series, intervals)
    _against_time(axes[:, 0], one, charge_C, gaps)
    _against_charge(axes[:, 1], one, intervals, charge_C)
    for letter, axis in zip("abcdef", axes.T.flat, strict=True):
        axis.text(
            0.015,
            0.95,
            letter,
            transform=axis.transAxes,
            va="top",
            fontweight="bold",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
    top.align_ylabels(axes)
    if one.simulated:
        mark_simulated(figure, 64.0)
    note = {True: "SIMULATED · ", False: "", None: ""}[one.simulated]
    title = "".join(c if c.isprintable() else " " for c in one.title)
    figure.suptitle(f"{note}{title}", fontsize=7.5, x=0.01, ha="left")
    return figure


def booked_or_integrated_charge(series: TimeSeries, intervals: Intervals) -> Floats:
    """(n,), gross charge up to each sample in C, as it was booked or else integrated."""
    if charge_is_unknown(series):
        return np.full(series.time_s.size, np.nan)
    if np.isfinite(series.charge_gross_C).any():
        return series.charge_gross_C
    return cumulative(np.abs(series.current_A), intervals)


def _against_time(
    axes: np.ndarray, one: Electrolysis, charge_C: Floats, gaps: Sequence[tuple[float, float]]
) -> None:
    one, charge_C = _with_pauses(one, charge_C)
    series = one.series
    unit = time_shown(series.time_s).unit
    scale = _Scale(unit, 1.0 / convert(1.0, unit))
    time = series.time_s / scale.factor
    _current(axes[0], time, one)
    _voltage(axes[1], time, one)
    _limit_line(axes[1], one.run, series)
    charge = _si_scale(charge_C, "C")
    _curve(axes[2], time, charge_C / charge.factor, GREEN)
    axes[2].margins(y=0.12)
    axes[2].set_ylabel(f"Q / {charge.unit}{_mark(one, 'current_A')}")
    axes[2].set_xlabel(f"t / {scale.unit}")
    if one.limiting_mol:
        per_mol = FARADAY_C_PER_MOL * one.limiting_mol / charge.factor
        axes[2].yaxis.set_ticks_position("left")
        second = axes[2].secondary_yaxis(
            "right", functions=(lambda q: q / per_mol, lambda x: x * per_mol)
        )
        second.set_ylabel("Q n⁻¹ / F mol⁻¹")
    for axis in axes:
        for begin_s, end_s, shaded in _steps(series.time_s, series.part):
            if shaded:
                axis.axvspan(
                    begin_s / scale.factor, end_s / scale.factor, color="#EFEFEF", lw=0, zorder=0
                )
        for begin_s, end_s in gaps:  # between two runs
            span = begin_s / scale.factor, end_s / scale.factor
            axis.axvspan(*span, facecolor="none", edgecolor="#999999", hatch="////", lw=0, zorder=0)
        if len(time):
            axis.set_xlim(min(0.0, time[0]), max(time[-1], time[0] + 1e-9))
    for event in one.run.contents.of_kind("limit") if one.run else ():
        axes[1].axvline(event.time_s / scale.factor, color="black", lw=0.7, ls=":")


def _with_pauses(one: Electrolysis, charge_C: Floats) -> tuple[Electrolysis, Floats]:
    """The same with nothing measured where the output was off within a step: no line across."""
    series, on_s = one.series, one.series.output_on_s
    if on_s is None:
        return one, charge_C
    off_s = on_s[:-1, 1][on_s[1:, 0] - on_s[:-1, 1] > _PAUSE_S]
    at = np.searchsorted(series.time_s, off_s, "right")
    part = series.part
    within = (at > 0) & (at < part.size)
    within &= part[np.clip(at - 1, 0, None)] == part[np.clip(at, 0, part.size - 1)]
    at, off_s = at[within], off_s[within]
    arrays: dict[str, Any] = {
        name: np.insert(getattr(series, name), at, np.nan) for name in ("current_A", *SAMPLED)
    }
    arrays |= {"time_s": np.insert(series.time_s, at, off_s), "part": np.insert(part, at, part[at])}
    broken = replace(series, **arrays)
    return replace(one, series=broken), np.insert(charge_C, at, np.nan)


def _against_charge(
    axes: np.ndarray, one: Electrolysis, intervals: Intervals, charge_C: Floats
) -> None:
    series = one.series
    scale = _si_scale(charge_C, "C")
    charge = np.where(weights_s(intervals) > 0, charge_C, np.nan) / scale.factor
    _current(axes[0], charge, one)
    _rehearsed(axes[1], one.run, scale)
    _voltage(axes[1], charge, one)
    _limit_line(axes[1], one.run, series)
    energy_J = cumulative_energy_J(series, intervals)
    energy = _si_scale(energy_J, "J")
    _curve(axes[2], charge, energy_J / energy.factor, ORANGE)
    if not np.isfinite(energy_J).any():
        axes[2].text(0.5, 0.5, "unknown", transform=axes[2].transAxes, ha="center", va="center")
        axes[2].set_yticks([])
    axes[2].margins(y=0.12)
    axes[2].set_ylabel(f"∫UI dt / {energy.unit}{_mark(one, 'current_A', 'cell_voltage_V')}")
    axes[2].set_xlabel(f"Q / {scale.unit}")
    largest = np.nanmax(charge, initial=0.0) if np.isfinite(charge).any() else 0.0
    if largest > 0:
        axes[2].set_xlim(0.0, largest)
    if one.limiting_mol:
        per_mol = FARADAY_C_PER_MOL * one.limiting_mol / scale.factor
        second = axes[0].secondary_xaxis(
            "top", functions=(lambda q: q / per_mol, lambda x: x * per_mol)
        )
        second.set_xlabel(f"Q per {one.limiting or 'substrate'} / F mol⁻¹")


def _current(axis: Axes, x: Floats, one: Electrolysis) -> None:
    series = one.series
    scale = _si_scale(series.current_A, "A")
    _levels(axis, x, series.current_A / scale.factor, series, BLUE)
    axis.set_ylabel(f"I / {scale.unit}{_mark(one, 'current_A')}")
    low, high = _range(series.current_A[np.isfinite(x)] / scale.factor)
    if (limits := with_zero(low, high)) is not None:
        axis.set_ylim(*limits)
    elif low < 0 < high:
        axis.margins(y=0.2)


def with_zero(low: float, high: float) -> tuple[float, float] | None:
    """Limits of an axis of currents of one direction, of which a constant one is all noise."""
    if high > 0 and low > -0.02 * high:
        return -0.04 * high, 1.2 * high
    if low < 0 and high < -0.02 * low:
        return 1.2 * low, -0.04 * low
    return None


def _mark(one: Electrolysis, *columns: str) -> str:
    return f" ({GUESSED})" if one.guessed.intersection(columns) else ""


def _voltage(axis: Axes, x: Floats, one: Electrolysis) -> None:
    series = one.series
    vs = f" vs {series.reference.partition(',')[0]}" if series.reference else ""
    drawn = ""
    for label, values, color in (
        ("U", series.anode_less_cathode_V, VERMILLION),
        (f"E{vs}", series.potential_V, PURPLE),
    ):
        if np.isfinite(values).any():
            _levels(axis, x, values, series, color, label)
            drawn += f", {label[0]}"
    if "E" in drawn:
        axis.legend(frameon=False, loc="best")
    axis.set_ylabel(f"{drawn[2:] or 'U'} / V{_mark(one, 'cell_voltage_V')}")
    axis.margins(y=0.25)  # room for the limit in words
    low, high = axis.get_ylim()
    if (short_V := 0.5 * (LEAST_SPAN_V - (high - low))) > 0:
        axis.set_ylim(low - short_V, high + short_V)


def _voltage_limits(run: Run | None) -> list[float]:
    """Those of the run, and that of its steps where they have one and the same, in V."""
    plan = (run and run.plan) or {}
    of_steps = {step.get("cell_voltage_limit_V") for step in plan.get("steps", ())} - {None}
    of_run = [
        limit["at_least"]
        for limit in plan.get("limits", ())
        if limit.get("signal") == "cell_voltage_V"
    ]
    return [float(limit) for limit in (*of_run, *(of_steps if len(of_steps) == 1 else ()))]


def _limit_line(axis: Axes, run: Run | None, series: TimeSeries) -> None:
    """The cell-voltage limit, as a line where it is in sight and in words where it is far off."""
    limits = _voltage_limits(run)
    if not limits or not np.isfinite(series.cell_voltage_V).any():
        return
    limit_V = min(limits)
    low, high = _range(series.anode_less_cathode_V)
    if limit_V <= high + 0.6 * max(high - min(low, 0.0), 1e-9):
        axis.axhline(limit_V, color="black", lw=0.7, ls="--")
        bottom, top = axis.get_ylim()
        axis.set_ylim(bottom, max(top, limit_V + 0.05 * (limit_V - bottom)))
        axis.annotate(
            f"limit {limit_V:g} V", (0.985, limit_V), (0, -2), va="top", ha="right", fontsize=6,
            xycoords=("axes fraction", "data"), textcoords="offset points",
        )  # fmt: skip
    else:
        axis.text(
            0.985, 0.95, f"limit {limit_V:g} V ↑", transform=axis.transAxes, va="top", ha="right",
            fontsize=6,
        )  # fmt: skip


def _rehearsed(axis: Axes, run: Run | None, scale: _Scale) -> None:
    """What was rehearsed, behind what was measured."""
    for number, course in enumerate(rehearsed_courses(run)):
        charge = course.charge_C / scale.factor
        axis.fill_between(charge, course.low_V, course.high_V, color="#E4E4E4", lw=0, zorder=0)
        label = "rehearsed" if number == 0 else None
        axis.plot(charge, course.voltage_V, color="#777777", lw=0.8, ls="--", label=label)
        if label:
            axis.legend(frameon=False, loc="lower right", fontsize=6)


def _levels(
    axis: Axes, x: Floats, y: Floats, series: TimeSeries, color: str, label: str | None = None
) -> None:
    """A curve; where each of several levels lasted for a sample or two, one of each level, since
    a line from one to the next would show what was not."""
    quick = quick_levels(series)
    curves = [(x, np.where(quick, np.nan, y))]
    for number in np.unique(series.level[quick]):
        here = ~quick | (series.level == number)
        curves.append((x[here], np.where(quick, y, np.nan)[here]))
    for at, values in curves:
        if np.isfinite(values).any() or not quick.any():
            _curve(axis, at, values, color, label)
            label = None


def quick_levels(series: TimeSeries) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(n,), samples of steps whose levels were sampled once or twice before the next came."""
    quick = np.zeros(series.time_s.size, dtype=bool)
    known = np.isfinite(series.level)
    for number in np.unique(series.part[known]):
        of_step = known & (series.part == number)
        turns = np.count_nonzero(np.diff(series.level[of_step]))
        few = np.unique(series.level[of_step]).size <= _MOST_LINES
        quick |= of_step & (few and turns > np.count_nonzero(of_step) / 3)
    return quick


def _curve(axis: Axes, x: Floats, y: Floats, color: str, label: str | None = None) -> None:
    x, y = thin(x, y)
    axis.plot(x, y, color=color, label=label, solid_joinstyle="round")


def thin(x: Floats, y: Floats, bins: int = _BINS) -> tuple[Floats, Floats]:
    """At most 2·`bins` points that draw the same: the lowest and highest y of each bin, in order.

    Points are kept where they were; nothing is averaged. A bin in which something is missing
    keeps one missing point, so that gaps stay gaps.
    """
    if len(x) <= 2 * bins:
        return x, y
    y = np.where(np.isnan(x), np.nan, y)
    edges = np.linspace(0, len(x), bins + 1).astype(int)[:-1]
    low = np.minimum.reduceat(np.where(np.isnan(y), np.inf, y), edges)
    high = np.maximum.reduceat(np.where(np.isnan(y), -np.inf, y), edges)
    owner = np.repeat(np.arange(bins), np.diff(np.append(edges, len(x))))
    keep = np.zeros(len(x), dtype=bool)
    for wanted in (y == low[owner], y == high[owner], np.isnan(y)):
        index = np.flatnonzero(wanted)
        keep[index[np.unique(owner[index], return_index=True)[1]]] = True
    return x[keep], y[keep]


def _steps(time_s: Floats, step: Floats) -> Iterator[tuple[float, float, bool]]:
    """(begin, end, shaded) of each stretch of one step; every other one is shaded."""
    if not len(time_s) or not np.ptp(step):
        return
    begins = np.flatnonzero(np.diff(step, prepend=np.nan) != 0)
    ends = np.append(begins[1:], len(time_s) - 1)
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        yield float(time_s[begin]), float(time_s[end]), number % 2 == 0


def _range(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _si_scale(values: Floats, unit: str) -> _Scale:
    largest = max(abs(edge) for edge in _range(values))
    for fitting in (prefix + unit for prefix in ("k", "", "m", "µ", "n")):
        if convert(largest, fitting) >= 1.0:
            return _Scale(fitting, 1.0 / convert(1.0, fitting))
    return _Scale(unit, 1.0)
