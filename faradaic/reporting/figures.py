"""How every figure looks, and how it becomes a file.

The widths of a journal's column and page, 7 pt sans serif, text that stays text in SVG and PDF,
colours that people with colour-blindness tell apart. matplotlib is imported when a figure is
drawn, and used without pyplot: no window, no state.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLACK, BLUE, PURPLE, GREEN, ORANGE, VERMILLION = COLOURS = (
    "#000000", "#0072B2", "#CC79A7", "#009E73", "#E69F00", "#D55E00",
)  # fmt: skip
"""Okabe and Ito (2008)."""
PAGE_MM, COLUMN_MM = 180.0, 85.0
MM_PER_INCH = 25.4
PRINT_DPI, SCREEN_DPI = 300, 200
FRAMED = {"xtick.top": True, "ytick.right": True}
"""Ticks on all four sides, for axes without a second scale."""
OUTWARD = {"xtick.direction": "out", "ytick.direction": "out"}
"""Ticks that do not cover bars and maps."""

_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 7.0,
    "axes.labelsize": 7.0,
    "axes.titlesize": 7.0,
    "legend.fontsize": 6.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "axes.formatter.useoffset": False,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "lines.linewidth": 0.9,
    "lines.markersize": 3.5,
    "hatch.linewidth": 0.5,
    "text.parse_math": False,  # what others wrote is text, "$" or not
    "svg.fonttype": "none",
    "svg.hashsalt": "faradaic",
    "pdf.fonttype": 42,
}
_METADATA: dict[str, Any] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None, "ModDate": None},
    "png": {"Software": None},
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@contextmanager
def styled(changes: dict[str, Any] | None = None) -> Iterator[None]:
    """Draw in the style of this module, without touching that of the caller; a decorator too."""
    import matplotlib as mpl

    with mpl.rc_context(_STYLE | (changes or {})):
        yield


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """An empty figure that lays itself out."""
    from matplotlib.figure import Figure

    size = (width_mm / MM_PER_INCH, height_mm / MM_PER_INCH)
    return Figure(figsize=size, layout="constrained")


@styled()
def as_files(figure: Figure, *kinds: str, dpi: int = PRINT_DPI) -> dict[str, bytes]:
    """The figure as `svg`, `pdf` or `png`, by kind; the same figure gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    figure.set_dpi(dpi)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # one layout for all kinds: it costs as much as drawing
    files = {}
    for kind in kinds:
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=_METADATA[kind])
        files[kind] = buffer.getvalue()
    return files


def letter(axis: Axes, number: int) -> None:
    """The letter of a panel, above its upper left corner."""
    axis.set_title(_LETTERS[number], loc="left", fontweight="bold", fontsize=8.0)


def mark_simulated(figure: Figure, fontsize: float) -> None:
    """SIMULATED across the whole figure."""
    figure.text(
        0.5, 0.5, "SIMULATED", fontsize=fontsize, color="#808080", alpha=0.15, rotation=28,
        ha="center", va="center", fontweight="bold", zorder=10,
    )  # fmt: skip
