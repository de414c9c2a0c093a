"""Maps of a plate: a well is a square where it stood, what is not known is hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.reporting.figures import (
    COLUMN_MM,
    OUTWARD,
    PAGE_MM,
    as_files,
    letter,
    mark_simulated,
    new_figure,
    styled,
)
from faradaic.reporting.typography import with_minus
from faradaic.studies.plate.plate_results import QUANTITIES, PlateResults, Quantity, WellResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAPS = ("charge_F_per_mol", "charge_C", "mean_cell_voltage_V", "product_yield")
COLOURS = "cividis"
"""Told apart by people with colour-blindness (Nunez, Anderton, Renslow 2018), and in grey."""
_DARK = 0.5
"""Of the range, below which what is written on a square is white."""
_UNKNOWN = "/////"


def plate_files(results: PlateResults) -> dict[str, bytes]:
    """The maps as SVG, PDF and PNG; the same results give the same bytes."""
    with styled(OUTWARD):
        return as_files(draw_plate(results), "svg", "pdf", "png")


def draw_plate(results: PlateResults) -> Figure:
    """A map for each quantity that one well at least has; F/mol in place of C where it is known."""
    shown = [q for q in QUANTITIES if q.key in MAPS and results.known(q.key)]
    if any(q.key == "charge_F_per_mol" for q in shown):
        runs = [one for one in results.wells if one.value("charge_C") and not one.well.control]
        if all(one.value("charge_F_per_mol") is not None for one in runs):
            shown = [q for q in shown if q.key != "charge_C"]
    shown = shown or [next(q for q in QUANTITIES if q.key == "charge_C")]
    about = results.plate.about
    rows, columns = int(about["rows"]), int(about["columns"])
    across = 1 if len(shown) == 1 else 2
    down = -(-len(shown) // across)
    width_mm = COLUMN_MM if across == 1 else PAGE_MM
    square_mm = (width_mm / across - 22.0) / columns
    figure = new_figure(width_mm, down * (max(square_mm * rows, 24.0) + 16.0))
    axes = figure.subplots(down, across, squeeze=False)
    for number, (axis, quantity) in enumerate(zip(axes.flat, shown, strict=False)):
        _map(figure, axis, results, quantity, rows, columns)
        if len(shown) > 1:
            letter(axis, number)
    for axis in axes.flat[len(shown) :]:
        axis.set_visible(False)
    if results.simulated:
        mark_simulated(figure, 28.0 if across == 1 else 44.0)
    return figure


def _map(
    figure: Figure, axis: Axes, results: PlateResults, quantity: Quantity, rows: int, columns: int
) -> None:
    import matplotlib as mpl
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    known = [one.value(quantity.key) for one in results.wells]
    values = np.array([v * quantity.scale for v in known if v is not None])
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if high - low <= 1e-3 * abs(high):
        low, high = low - 0.05 * abs(low) - 1e-9, high + 0.05 * abs(high) + 1e-9
    norm, colours = Normalize(low, high), mpl.colormaps[COLOURS]
    size = 6.0 if columns <= 8 else 3.5 if columns <= 12 else 0.0
    for one in results.wells:
        left, top = one.well.column - 1, one.well.row
        value = one.value(quantity.key)
        if value is None:
            style: dict[str, Any] = {
                "facecolor": "white",
                "hatch": _UNKNOWN,
                "edgecolor": "#808080",
            }
        else:
            style = {"facecolor": colours(norm(value * quantity.scale)), "edgecolor": "white"}
        axis.add_patch(Rectangle((left, top), 1.0, 1.0, linewidth=0.6, **style))
        if size:
            _write(axis, one, quantity, norm, size)
    _empty(axis, results, rows, columns)
    axis.set_xlim(0, columns)
    axis.set_ylim(rows, 0)
    axis.set_aspect("equal")
    axis.set_xticks(np.arange(columns) + 0.5, [str(n + 1) for n in range(columns)])
    axis.set_yticks(np.arange(rows) + 0.5, [chr(ord("A") + n) for n in range(rows)])
    axis.tick_params(length=0.0, top=False, labeltop=True, bottom=False, labelbottom=False)
    if values.size:
        bar = figure.colorbar(ScalarMappable(norm, colours), ax=axis, fraction=0.05, pad=0.03)
        bar.set_label(_label(results, quantity))
        bar.outline.set_linewidth(0.5)
    absent = sum(value is None for value in known)
    if absent:
        axis.set_xlabel(f"hatched: not known ({absent} well{'s' * (absent > 1)})")


def _write(axis: Axes, one: WellResults, quantity: Quantity, norm: object, size: float) -> None:
    """The number, and what is special about the well."""
    value = one.value(quantity.key)
    x, y = one.well.column - 0.5, one.well.row + 0.5
    colour, text, box = "black", "", None
    if value is not None:
        text = with_minus(f"{value * quantity.scale:.3g}")
        colour = "white" if norm(value * quantity.scale) < _DARK else "black"  # type: ignore[operator]
    else:
        text, box = "?", {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axis.text(x, y, text, ha="center", va="center", fontsize=size, color=colour, bbox=box)
    if one.well.control:
        axis.text(
            x, y + 0.33, "control", ha="center", va="center", fontsize=0.7 * size, color=colour,
            bbox=box,
        )  # fmt: skip
    if one.flags:
        axis.plot([x + 0.36], [y - 0.36], "v", ms=2.2, color=colour, mec="white", mew=0.3)


def _empty(axis: Axes, results: PlateResults, rows: int, columns: int) -> None:
    """Wells in which nothing was to stand: a dot."""
    filled = {(one.well.row, one.well.column) for one in results.wells}
    places = [
        (column - 0.5, row + 0.5)
        for row in range(rows)
        for column in range(1, columns + 1)
        if (row, column) not in filled
    ]
    if places:
        axis.plot(*zip(*places, strict=True), ".", ms=1.5, color="#b0b0b0")


def _label(results: PlateResults, quantity: Quantity) -> str:
    guessed = any(one.guessed(quantity.key) for one in results.wells)
    return f"{quantity.name} / {quantity.unit}" + (" (guessed)" if guessed else "")
