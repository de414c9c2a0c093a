"""Panels: what the figures draw and the report shows, independent of both."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from faradaic.studies.inputs import Floats
from faradaic.studies.outcome import Table

SAMPLE_COLOURS = ("#000000", "#0072B2", "#CC79A7", "#009E73", "#E69F00", "#D55E00")
"""Okabe and Ito (2008), in the order of the samples."""
MARKERS = "os^Dv<"
OTHER_PRODUCT = "#999999"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve or row of points."""

    label: str
    sample: int
    """Its place among the samples."""
    x: Floats
    y: Floats
    error: Floats | None
    colour: str
    style: Literal["line", "dashed", "points"]
    product: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to point out."""

    sample: int
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One pair of axes."""

    name: str
    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    kind: Literal["curves", "bars"] = "curves"
    log_y: bool = False
    right: Sequence[Curve] = ()
    right_label: str = ""
    marks: Sequence[Mark] = ()


@cache
def _product_colours() -> dict[str, str]:
    text = Path(__file__).with_name("product_colours.csv").read_text(encoding="utf-8")
    return {row["product"]: row["colour"] for row in csv.DictReader(text.splitlines())}


def product_colour(product: str) -> str:
    """The colour of a product, the same in every figure."""
    return _product_colours().get(product, OTHER_PRODUCT)


def sample_colour(number: int) -> str:
    """The colour of the sample at a place."""
    return SAMPLE_COLOURS[number % len(SAMPLE_COLOURS)]


def column(table: Table, name: str) -> Floats:
    """A column of a table; NaN where nothing is known."""
    return np.array([np.nan if v is None else v for v in table.columns[name]], np.float64)


def first_header(table: Table, start: str) -> str:
    """The first header that begins so."""
    return next(name for name in table.columns if name.startswith(start))


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def formula(text: str) -> str:
    """A formula with its numbers as subscripts."""
    return text.translate(_SUBSCRIPTS)


def as_plot(panel: Panel) -> dict[str, Any]:
    """A panel as plain data for the interactive plot, curves sorted by x."""
    curves = []
    for curve in (*panel.curves, *panel.right):
        order = np.argsort(curve.x, kind="stable")
        x, y = curve.x[order], curve.y[order]
        curves.append(
            {
                "label": curve.label,
                "colour": curve.colour,
                "style": curve.style,
                "right": curve in panel.right,
                "open": curve.sample % 2 == 1,
                "x": [float(f"{v:.6g}") for v in x],
                "y": [float(f"{v:.5g}") if np.isfinite(v) else None for v in y],
            }
        )
    return {
        "title": panel.title,
        "x": panel.x_label,
        "y": panel.y_label,
        "right": panel.right_label,
        "log": panel.log_y,
        "curves": curves,
    }
