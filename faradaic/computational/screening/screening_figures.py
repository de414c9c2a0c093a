"""The figures of a screening: competing phases, cations, descriptors, for a journal's full width.

Drawn from a `ScreeningSummary` alone; `result_tables` writes the same numbers as CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.screening.descriptors import UNITS
from faradaic.computational.screening.published import Published
from faradaic.computational.screening.summary import ScreeningSummary
from faradaic.records.folder import write_file
from faradaic.reporting.figures import (
    BLUE,
    GREEN,
    ORANGE,
    OUTWARD,
    PAGE_MM,
    SCREEN_DPI,
    VERMILLION,
    as_files,
    letter,
    new_figure,
    styled,
)
from faradaic.reporting.typography import subscripted, with_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SERIES_COLOURS = (BLUE, GREEN, ORANGE, VERMILLION)

_PHASES_SHOWN = 20
_ENERGY = "E above hull / meV atom⁻¹"

Draw = Callable[["Figure"], None]


def draw_screening(
    summary: ScreeningSummary, published: Published | None, folder: Path
) -> dict[str, Path]:
    """Draw all figures as PNG and SVG; the PNG's path by name. Raises `StorageError`."""
    drawings: dict[str, tuple[float, Draw]] = {
        "competing_phases": (75, lambda figure: _phases(figure, summary)),
        "cations": (125, lambda figure: _cations(figure, summary)),
        "descriptors": (
            38.0 * len(summary.descriptors),
            lambda figure: _descriptors(figure, summary, published),
        ),
        "sensitivity": (90, lambda figure: _sensitivity(figure, summary)),
    }
    return {
        name: draw(path_stem=folder / name, height_mm=height, content=content)
        for name, (height, content) in drawings.items()
    }


def draw(*, path_stem: Path, height_mm: float, content: Draw, width_mm: float = PAGE_MM) -> Path:
    """Draw one figure into `<path_stem>.png` and `.svg`; returns the PNG's path."""
    with styled(OUTWARD):
        figure = new_figure(width_mm, height_mm)
        content(figure)
        for kind, data in as_files(figure, "svg", "png", dpi=SCREEN_DPI).items():
            write_file(path_stem.with_suffix(f".{kind}"), data)
    return path_stem.with_suffix(".png")


def signed(number: float, digits: int = 3) -> str:
    """A number with a minus sign, not a hyphen."""
    return with_minus(f"{number:.{digits}f}")


def _phases(figure: Figure, summary: ScreeningSummary) -> None:
    axes = figure.subplots(1, len(summary.series), squeeze=False)[0]
    for number, (axis, series) in enumerate(zip(axes, summary.series, strict=True)):
        counts = summary.frequencies[series]
        shown = counts[:_PHASES_SHOWN]
        axis.barh(
            range(len(shown)), [count for _, count in shown], color=SERIES_COLOURS[number % 4]
        )
        axis.set_yticks(range(len(shown)), [subscripted(formula) for formula, _ in shown])
        axis.invert_yaxis()
        axis.set_xlabel("decompositions it takes part in")
        title = f"{series}-based, {len(counts)} phases"
        if len(shown) < len(counts):
            title += f", {len(shown)} shown"
        axis.set_title(title, loc="right")
        letter(axis, number)


def _cations(figure: Figure, summary: ScreeningSummary) -> None:
    axes = figure.subplots(2, len(summary.series), squeeze=False, height_ratios=[1.15, 1])
    cations = summary.cations
    means = [mean for pairs in summary.pairs.values() for mean, _ in pairs.values()]
    low, high = (min(means), max(means)) if means else (0.0, 1.0)
    image = None
    for number, series in enumerate(summary.series):
        axis = axes[0, number]
        grid = np.full((len(cations), len(cations)), np.nan)
        for (first, second), (mean, _) in summary.pairs[series].items():
            row, column = sorted((cations.index(first), cations.index(second)), reverse=True)
            grid[row, column] = mean
        image = axis.imshow(grid, cmap="viridis", vmin=low, vmax=high)
        axis.set_xticks(range(len(cations)), cations, rotation=90)
        axis.set_yticks(range(len(cations)), cations)
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_title(f"{series}-based")
        letter(axis, number)
        _boxes(axes[1, number], summary, series)
        letter(axes[1, number], len(summary.series) + number)
    if image is not None and means:
        figure.colorbar(image, ax=list(axes[0]), label=f"mean {_ENERGY}", shrink=0.9)
    for axis in axes[1, 1:]:
        axis.sharey(axes[1, 0])
    axes[1, 0].set_ylabel(_ENERGY)


def _boxes(axis: Axes, summary: ScreeningSummary, series: str) -> None:
    boxes = summary.boxes[series]
    axis.bxp(
        [
            {
                "med": box.median, "q1": box.quartile_1, "q3": box.quartile_3,
                "whislo": box.lowest, "whishi": box.highest, "label": cation,
            }
            for cation, box in boxes.items()
        ],
        showfliers=False,
        widths=0.6,
        patch_artist=True,
        boxprops={"facecolor": "#DDDDDD", "linewidth": 0.5},
        medianprops={"color": VERMILLION, "linewidth": 1.0},
        whiskerprops={"linewidth": 0.5},
        capprops={"linewidth": 0.5},
    )  # fmt: skip
    verdict = summary.diagram.of(series)[0]
    cut = 1e3 * summary.diagram.limit_K * verdict.entropy_eV_K_atom
    axis.axhline(cut, color="black", lw=0.6, ls=":")
    axis.annotate(
        f"{summary.diagram.limit_K:g} K", (1.0, cut), (2, 0), va="center", fontsize=5.5,
        xycoords=("axes fraction", "data"), textcoords="offset points", rotation=90,
    )  # fmt: skip
    axis.tick_params(axis="x", rotation=90)


def _descriptors(figure: Figure, summary: ScreeningSummary, published: Published | None) -> None:
    stated: Mapping[tuple[str, str], tuple[float, str]] = (
        published.correlations if published else {}
    )
    names = tuple(summary.descriptors)
    axes = figure.subplots(
        len(names), len(summary.series), squeeze=False, sharex="row", sharey="row"
    )
    for row, name in enumerate(names):
        for column, series in enumerate(summary.series):
            axis = axes[row, column]
            verdicts = summary.diagram.of(series)
            x = np.array([summary.descriptors[name][v.name] for v in verdicts])
            y = np.array([v.above_hull_meV_atom for v in verdicts])
            axis.scatter(x, y, s=5, color=SERIES_COLOURS[column % 4], lw=0, alpha=0.7)
            if len(x) > 1 and np.ptp(x) > 0:
                ends = np.array([x.min(), x.max()])
                axis.plot(ends, np.polyval(np.polyfit(x, y, 1), ends), color="black", lw=0.7)
            said = stated.get((series, name))
            note = f"r = {signed(summary.correlations[series, name].r)}"
            if said:
                note += f" (published {signed(said[0])})"
            axis.set_title(f"{series}: {note}" if row == 0 else note)
            letter(axis, row * len(summary.series) + column)
            axis.set_xlabel(name + _unit(name))
        axes[row, 0].set_ylabel("E above hull /\nmeV atom⁻¹")


def _sensitivity(figure: Figure, summary: ScreeningSummary) -> None:
    left, right = figure.subplots(1, 2)
    full, *rest = summary.families
    rows = [row for row in rest if row.targets][:_PHASES_SHOWN]
    for number, series in enumerate(summary.series):
        colour = SERIES_COLOURS[number % 4]
        left.axvline(full.stable[series], color=colour, lw=0.6, ls=":")
        left.plot(
            [row.stable[series] for row in rows],
            np.arange(len(rows)) + 0.15 * (number - 1),
            "o",
            ms=3,
            color=colour,
            label=f"{series}-based",
        )
    shown = [pair for pair, value in full.correlations.items() if np.isfinite(value)]
    for pair in shown:
        colour = SERIES_COLOURS[summary.series.index(pair[0]) % 4]
        right.plot(
            [row.correlations[pair] - full.correlations[pair] for row in rows], range(len(rows)),
            "o", ms=2, color=colour, alpha=0.6,
        )  # fmt: skip
    for axis in (left, right):
        axis.set_yticks(range(len(rows)), [row.family for row in rows])
        axis.invert_yaxis()
    right.set_yticklabels([])
    right.set_xlim(-1, 1)
    right.axvline(0, color="black", lw=0.6, ls=":")
    left.set_xlabel(f"compositions stable below {summary.diagram.limit_K:g} K without the family")
    right.set_xlabel("change of r without the family, all descriptors")
    left.legend(frameon=False)
    letter(left, 0)
    letter(right, 1)


def _unit(descriptor: str) -> str:
    unit = next((unit for name, unit in UNITS.items() if descriptor.endswith(name)), "1")
    return "" if unit == "1" else f" / {unit}"
