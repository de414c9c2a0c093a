"""Panels: what the figures draw and the report shows, independent of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from faradaic.reporting.figures import COLOURS

Floats = NDArray[np.float64]

MARKERS = "os^Dv<"
"""Of points, in the order of the samples."""


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
    style: Literal["line", "dashed", "points", "markers"]
    """`points` are joined, `markers` are not."""
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
    log_x: bool = False
    log_y: bool = False
    equal: bool = False
    """One unit has the same length on both axes, as in a Nyquist plot."""
    y_limits: tuple[float, float] | None = None
    """None takes what the curves fill, of something that hardly changes its noise."""
    right: Sequence[Curve] = ()
    right_label: str = ""
    marks: Sequence[Mark] = ()


def sample_colour(number: int) -> str:
    """The colour of the sample at a place."""
    return COLOURS[number % len(COLOURS)]
