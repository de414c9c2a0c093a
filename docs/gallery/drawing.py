"""How the pictures of the gallery look, and how they are written."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9",
)  # fmt: skip
"""Okabe and Ito (2008): told apart by people with colour-blindness."""
MAX_BYTES = 150_000
_STYLE: Any = {
    "font.size": 10.0,
    "axes.labelsize": 10.5,
    "axes.titlesize": 10.5,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "axes.prop_cycle": mpl.cycler(color=[BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY]),
}


def panels(columns: int, rows: int = 1, *, height: float = 3.3, **options: Any) -> Any:
    """A figure of a page's width with that many panels, in the gallery's style."""
    mpl.rcParams.update(_STYLE)
    figure = Figure(figsize=(7.2, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def label(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Axes with their quantities and units."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title, loc="left", fontsize=10.0)


def save(figure: Figure, name: str) -> Path:
    """Write `name`.png with the mark SIMULATED. Raises `ValueError` if it is too large."""
    figure.text(
        0.995,
        0.002,
        "SIMULATED",
        ha="right",
        va="bottom",
        fontsize=8,
        color="#777777",
        weight="bold",
    )
    figure.get_layout_engine().set(rect=(0.0, 0.03, 1.0, 0.97))  # type: ignore[union-attr]
    FigureCanvasAgg(figure)
    path = FOLDER / f"{name}.png"
    figure.savefig(path, dpi=130, metadata={"Software": None}, pil_kwargs={"optimize": True})
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, more than {MAX_BYTES}")
    return path


def published(table: str) -> tuple[np.ndarray, np.ndarray]:
    """The values of a table of published_values.csv."""
    with (FOLDER / "published_values.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["table"] == table]
    x, y = (np.array([float(row[key]) for row in rows]) for key in ("x", "y"))
    return x, y
