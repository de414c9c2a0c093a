"""Panels drawn for print, at the width of a column or a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.reporting.figures import (
    COLUMN_MM,
    FRAMED,
    PAGE_MM,
    as_files,
    letter,
    mark_simulated,
    new_figure,
    styled,
)
from faradaic.reporting.panels import MARKERS, Curve, Panel, sample_colour
from faradaic.reporting.typography import power_of_ten, with_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

ROW_MM = 60.0
KINDS = ("svg", "pdf", "png")
LEGEND_AT_MOST = 8
"""Curves; with more a legend would hide them, and the page tells which is which."""
HATCHES = ("", "////", "....", "xxxx")
"""Of bars, in the order of the samples."""


def render(panels: Sequence[Panel], *, simulated: bool) -> dict[str, bytes]:
    """The figure of panels as SVG, PDF and PNG; the same panels give the same bytes."""
    with styled(FRAMED):
        return as_files(draw(panels, simulated=simulated), *KINDS)


def draw(panels: Sequence[Panel], *, simulated: bool) -> Figure:
    """One figure; up to three panels in a row, a single one at the width of a column."""
    columns = min(3, len(panels))
    rows = math.ceil(len(panels) / columns)
    width_mm = COLUMN_MM if columns == 1 else PAGE_MM
    figure = new_figure(width_mm, rows * ROW_MM)
    axes = figure.subplots(rows, columns, squeeze=False)
    for number, (axis, panel) in enumerate(zip(axes.flat, panels, strict=False)):
        _draw_bars(axis, panel) if panel.kind == "bars" else _draw_curves(axis, panel)
        axis.set_xlabel(panel.x_label)
        axis.set_ylabel(panel.y_label)
        if len(panels) > 1:
            letter(axis, number)
        if panel.right:
            axis.set_title(panel.title, loc="right")
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    if simulated:
        mark_simulated(figure, 52.0 if rows > 1 else 28.0)
    return figure


def _draw_curves(axis: Axes, panel: Panel) -> None:
    for curve in panel.curves:
        _plot(axis, curve)
    if panel.equal:
        axis.set_aspect("equal", adjustable="datalim")
    if panel.log_x:
        axis.set_xscale("log")
        _label_decades(axis.xaxis)
    if panel.log_y:
        axis.set_yscale("log")
        _label_decades(axis.yaxis)
    if panel.marks:
        axis.margins(y=0.22)
    if panel.y_limits is not None:
        axis.set_ylim(*panel.y_limits)
    for mark in panel.marks:
        away = 14 + 9 * mark.sample
        axis.annotate(
            mark.text, (mark.x, mark.y), (0, away if mark.y >= 0 else -away),
            textcoords="offset points", ha="center", va="center", fontsize=6,
            color=sample_colour(mark.sample),
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": sample_colour(mark.sample)},
        )  # fmt: skip
    if panel.right:
        _second_axis(axis, panel)
    elif 1 < sum(bool(curve.label) for curve in panel.curves) <= LEGEND_AT_MOST:
        axis.legend(loc="best")


def _label_decades(axis: Axis) -> None:
    """Numbers as people write them; the scale's own labels are mathematics."""
    from matplotlib.ticker import LogFormatter

    class Plain(LogFormatter):
        """Which ticks have a label is for the formatter of the library to say."""

        def __call__(self, x: float, pos: int | None = None) -> str:
            if not super().__call__(x, pos):
                return ""
            return f"{x:g}" if 1e-3 <= x < 1e4 else power_of_ten(x)

    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(Plain())


def _plot(axis: Axes, curve: Curve) -> None:
    if curve.style in ("line", "dashed"):
        dashes = "--" if curve.style == "dashed" else "-"
        axis.plot(curve.x, curve.y, dashes, color=curve.colour, label=curve.label)
        return
    order = np.argsort(curve.x)
    joined = "-" if curve.style == "points" else ""
    error = None if curve.error is None else curve.error[order]
    axis.errorbar(
        curve.x[order], curve.y[order], error, fmt=MARKERS[curve.sample % len(MARKERS)] + joined,
        color=curve.colour, capsize=1.5, elinewidth=0.6, capthick=0.6, label=curve.label,
    )  # fmt: skip


def _second_axis(axis: Axes, panel: Panel) -> None:
    """The current on the left from zero, the efficiency on the right from 0 to above 100 %."""
    low = min((float(np.nanmin(curve.y)) for curve in panel.curves), default=0.0)
    high = max((float(np.nanmax(curve.y)) for curve in panel.curves), default=0.0)
    axis.set_ylim(1.6 * min(low, 0.0), 1.6 * max(high, 0.0))
    axis.tick_params(right=False)
    second = axis.twinx()
    for curve in panel.right:
        second.errorbar(
            curve.x, curve.y, curve.error, fmt=MARKERS[curve.sample % len(MARKERS)],
            color=curve.colour, mfc="white", ms=2.5, mew=0.6, elinewidth=0.4,
        )  # fmt: skip
    top = max(float(np.nanmax(curve.y, initial=0.0)) for curve in panel.right)
    second.set_ylim(0.0, max(110.0, 1.05 * top))
    second.set_ylabel(panel.right_label, color=panel.right[0].colour)
    second.tick_params(axis="y", colors=panel.right[0].colour)
    times = np.concatenate([curve.x for curve in panel.curves])
    axis.set_xlim(0.0, float(times.max()))


def _draw_bars(axis: Axes, panel: Panel) -> None:
    """Bars side by side for the samples, products on top of each other; 100 % as a line."""
    from matplotlib.patches import Patch

    places = sorted({round(float(x), 4) for curve in panel.curves for x in curve.x}, reverse=True)
    samples = sorted({curve.sample for curve in panel.curves})
    width = 0.84 / len(samples)
    bottoms: dict[int, Any] = {s: np.zeros(len(places)) for s in samples}
    for curve in panel.curves:
        at = np.array([places.index(round(float(x), 4)) for x in curve.x])
        left = at + (samples.index(curve.sample) - 0.5 * (len(samples) - 1)) * width
        bottom = bottoms[curve.sample][at]
        axis.bar(
            left, curve.y, 0.92 * width, bottom=bottom, yerr=curve.error, color=curve.colour,
            hatch=HATCHES[curve.sample % len(HATCHES)], edgecolor="black", linewidth=0.4,
            error_kw={"elinewidth": 0.6, "capsize": 1.2, "capthick": 0.6},
        )  # fmt: skip
        bottoms[curve.sample][at] += np.nan_to_num(curve.y)
    axis.axhline(100.0, color="black", lw=0.5)
    highest = max(float(np.max(bottom)) for bottom in bottoms.values())
    axis.set_ylim(
        min(0.0, *(float(np.nanmin(c.y)) for c in panel.curves)), max(135.0, 1.3 * highest)
    )
    axis.set_yticks(range(0, 101, 20))
    axis.set_xticks(range(len(places)), [with_minus(f"{x:g}") for x in places])
    axis.tick_params(axis="x", top=False, bottom=False, labelsize=6.0)
    shown = {curve.product: (curve.colour, curve.label.split(", ")[-1]) for curve in panel.curves}
    handles = [
        Patch(facecolor=colour, edgecolor="black", linewidth=0.4, label=name)
        for colour, name in shown.values()
    ]
    names = {curve.sample: curve.label.rsplit(", ", 1)[0] for curve in panel.curves}
    handles += [
        Patch(
            facecolor="white", edgecolor="black", linewidth=0.4, label=name,
            hatch=2 * HATCHES[number % len(HATCHES)],
        )
        for number, name in names.items()
    ]  # fmt: skip
    axis.legend(handles=handles, loc="upper left", ncols=2)
