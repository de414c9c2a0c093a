"""The voltammograms of a run: current against potential, a curve for each step that swept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faradaic.reporting.figures import COLOURS
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.timeseries import Floats

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

SWEEP_MM = 62.0
_SWEEPS = ("cyclic_voltammetry", "linear_sweep")
_LEAST_SHARE = 0.02
"""A current axis spans at least this share of its largest current: noise is no curve."""


def sweeps(one: Electrolysis) -> list[tuple[str, Floats, Floats]]:
    """(step and label, E in V, I in A) of each step that swept and was measured."""
    found = []
    for step in one.run.contents.of_kind("step_start") if one.run else ():
        at = one.series.part == step.fields.get("index")
        E, I = one.series.potential_V[at], one.series.current_A[at]  # noqa: E741
        if step.fields.get("kind") in _SWEEPS and (np.isfinite(E) & np.isfinite(I)).sum() > 1:
            name = f"{step.fields.get('step')}: {step.fields.get('label')}"
            found.append((name, E, I))
    return found


def draw_sweeps(figure: SubFigure, one: Electrolysis, letter: str) -> None:
    """All of them on one pair of axes, so that before and after are seen together."""
    curves = sweeps(one)
    axis = figure.subplots()
    largest_A = max(float(np.nanmax(np.abs(current_A))) for _, _, current_A in curves)
    prefixes = (("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9))
    prefix, factor = next((p for p in prefixes if largest_A >= p[1]), prefixes[-1])
    for (name, potential_V, current_A), colour in zip(curves, 10 * COLOURS[1:], strict=False):
        axis.plot(potential_V, current_A / factor, color=colour, label=name)
    axis.axhline(0.0, color="black", lw=0.4)
    low, high = axis.get_ylim()
    if high - low < (least := _LEAST_SHARE * largest_A / factor):
        axis.set_ylim(low - least, high + least)
    reference = one.series.reference
    axis.set_xlabel(f"E vs {reference.partition(',')[0]} / V" if reference else "E / V")
    axis.set_ylabel(f"I / {prefix}A")
    axis.legend(loc="best")
    axis.set_title(letter, loc="left", fontweight="bold", fontsize=8.0)
