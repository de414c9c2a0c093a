"""Powder patterns of the synthesised compounds, one above another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.diffraction import Reflections
from faradaic.computational.screening.candidates import find
from faradaic.computational.screening.published import Published
from faradaic.computational.screening.result_tables import ResultTable
from faradaic.computational.screening.screening_figures import SERIES_COLOURS, draw
from faradaic.computational.screening.stored_structures import (
    spinel_reflections,
    stored_lattice_A,
)
from faradaic.computational.screening.summary import ScreeningSummary
from faradaic.reporting.typography import subscripted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH_DEG = 0.2
"""Full width at half maximum of the drawn lines."""
_RANGE_DEG = (15.0, 75.0)


def synthesised_patterns(
    summary: ScreeningSummary, published: Published
) -> list[tuple[Reflections, float, bool]]:
    """(lines, energy above the hull in meV/atom, whether it was phase pure) of each compound."""
    patterns = []
    for made in published.synthesised:
        verdict = find(summary.diagram, dict(made.composition))
        lattice_A = stored_lattice_A(verdict.entry.composition) if verdict else None
        if verdict is None or lattice_A is None:
            continue
        lines = spinel_reflections(
            made.name, verdict.series, verdict.cations, lattice_A, two_theta_deg=_RANGE_DEG
        )
        patterns.append((lines, verdict.above_hull_meV_atom, made.phase_pure))
    return patterns


def draw_patterns(patterns: list[tuple[Reflections, float, bool]], folder: Path) -> Path:
    """Draw `diffraction.png` and `.svg`; returns the PNG's path."""
    return draw(
        path_stem=folder / "diffraction",
        height_mm=20.0 * len(patterns) + 15,
        width_mm=120.0,
        content=lambda figure: _content(figure, patterns),
    )


def pattern_table(patterns: list[tuple[Reflections, float, bool]]) -> ResultTable:
    """The lines of the figure."""
    rows = tuple(
        (lines.name, index, float(d_A), float(angle), float(intensity))
        for lines, _, _ in patterns
        for index, d_A, angle, intensity in zip(
            lines.indices, lines.d_A, lines.two_theta_deg, lines.intensity, strict=True
        )
        if intensity >= 0.1
    )
    header = ("compound", "hkl", "d_A", "two_theta_CuKa_deg", "intensity_percent")
    return ResultTable("diffraction", header, rows)


def _content(figure: Figure, patterns: list[tuple[Reflections, float, bool]]) -> None:
    axes = figure.subplots(len(patterns), 1, sharex=True, squeeze=False)[:, 0]
    angle = np.arange(*_RANGE_DEG, 0.02)
    for number, (axis, (lines, above, pure)) in enumerate(zip(axes, patterns, strict=True)):
        width = _WIDTH_DEG / 2.3548
        profile = sum(
            intensity * np.exp(-0.5 * ((angle - at) / width) ** 2)
            for at, intensity in zip(lines.two_theta_deg, lines.intensity, strict=True)
        )
        axis.plot(angle, profile, color=SERIES_COLOURS[number // 2 % 4])
        said = "phase pure" if pure else "not phase pure"
        axis.text(
            0.99, 0.9, f"{subscripted(lines.name)}\n{above:.1f} meV/atom; {said} in the paper",
            transform=axis.transAxes, ha="right", va="top", fontsize=6,
        )  # fmt: skip
        axis.set_yticks([])
        if number == 0:
            for at, intensity, index in zip(
                lines.two_theta_deg, lines.intensity, lines.indices, strict=True
            ):
                if intensity > 8:
                    axis.annotate(index, (at, intensity), (0, 2), textcoords="offset points",
                                  ha="center", fontsize=5, rotation=90)  # fmt: skip
            axis.set_ylim(-3, 135)
    axes[-1].set_xlabel("2θ / ° (Cu Kα), calculated, lattice parameters as relaxed")
    axes[len(axes) // 2].set_ylabel("intensity")
