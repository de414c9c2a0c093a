"""Figures 1 to 3 of Ye et al. 2025 from their published barriers: leaching and CO2 reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faradaic.computational.interface.free_energy_figures import barrier_figure
from faradaic.computational.interface.leaching import PROCESS
from faradaic.computational.interface.scheme import ElementaryStep

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def leaching_figure(steps: Sequence[ElementaryStep]) -> Figure:
    """One panel per system and leaching step, one curve per potential (figures 1b, 1c and 2c)."""
    chosen = [step for step in steps if step.process == PROCESS]
    panels: dict[str, list[tuple[str, ElementaryStep]]] = {}
    for step in sorted(chosen, key=lambda step: (step.system, step.order, -step.U_RHE_V)):
        panels.setdefault(f"{step.system}: {step.name}", []).append((step.outcome, step))
    return barrier_figure(list(panels.items()))


def reaction_figure(steps: Sequence[ElementaryStep], process: str = "CO2RR") -> Figure:
    """One panel per elementary step, one curve per system (figure 3)."""
    chosen = [step for step in steps if step.process == process]
    panels: dict[str, list[tuple[str, ElementaryStep]]] = {}
    for step in sorted(chosen, key=lambda step: (step.order, step.system)):
        panels.setdefault(step.name, []).append((step.system, step))
    return barrier_figure(list(panels.items()))
