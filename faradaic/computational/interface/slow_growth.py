"""Slow growth: the work of driving the coordinate, forward and backward.

W(ξ) = ∫ (λ + kT G) dξ along one pull is free energy plus what the pull dissipated; on the mean over
pulls the second law holds W_forward ≥ ΔF ≥ −W_backward. One pull alone cannot tell the two apart,
so it gets no barrier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.profile import (
    Barrier,
    highest_climb,
    no_barrier,
    without_maximum,
)
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.diagnostics import Diagnostic, refusal, warning
from faradaic.results import Result

_METHOD = "slow growth, mean of the forward and backward gradients"
_GRID = 401
LARGE_HYSTERESIS_EV = 0.05
"""About 2 kT at room temperature; from here on the hysteresis is pointed out."""


@dataclass(frozen=True, slots=True, eq=False)
class Pull:
    """The work along one driven run."""

    xi_A: Floats
    """Where the constraint stood (n,), in the order of time."""
    work_eV: Floats
    """Done on the system since the start (n,)."""
    speed_A_ps: float
    """While ξ was driven; signed: positive where ξ grows."""
    source: str
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SlowGrowth:
    """Forward and backward pulls over the same stretch, on one grid of ξ (n,)."""

    xi_A: Floats
    forward_eV: Floats
    """Mean work of the forward pulls from the left end; NaN where there is none."""
    backward_eV: Floats
    """What the backward pulls say of F(ξ) − F(left end), shifted to meet at the left end."""
    free_energy_eV: Floats
    """Mean of the two, where both exist; else NaN."""
    hysteresis_eV: float | None
    """Work lost around the cycle, W_forward + W_backward; None without both directions."""
    barrier: Barrier
    findings: tuple[Diagnostic, ...] = ()


def pull(window: ConstraintWindow) -> Pull:
    """The work along one driven run. Raises `InputError` (E842) where ξ is not driven one way."""
    xi_A = window.xi_A if window.target_A is None else window.target_A
    steps = np.diff(xi_A)
    moving = steps[steps != 0.0]
    if not moving.size or np.any(np.sign(moving) != np.sign(moving[0])):
        raise refusal(
            "E842",
            f"{window.source}: ξ is not driven in one direction "
            f"(from {xi_A[0]:g} to {xi_A[-1]:g} Å)",
            "slow growth needs a constraint that moves steadily; windows at a fixed ξ are "
            "for the blue-moon average",
        )
    force = window.multiplier_eV_A
    findings = list(window.findings)
    if window.metric_correction_eV_A is not None:
        force = force + window.metric_correction_eV_A
    elif window.kind == "constraint":
        findings.append(
            warning(
                "E844",
                f"{window.source}: kT·G is not known, the work is that of λ alone",
                help="give the trajectory of the same run and the atoms of the coordinate",
            )
        )
    work = np.concatenate([[0.0], np.cumsum((force[1:] + force[:-1]) / 2 * steps)])
    speed = float(xi_A[-1] - xi_A[0]) / (moving.size * window.time_step_fs) * 1e3
    return Pull(xi_A, work, speed, window.source, tuple(findings))


def slow_growth(windows: Sequence[ConstraintWindow]) -> SlowGrowth:
    """Forward and backward pulls (sorted here by the sign of their speed) to one free energy.

    With pulls in one direction only, the work is given and the barrier refused. Raises
    `InputError` (E842) where the pulls have no stretch of ξ in common.
    """
    pulls = [pull(window) for window in windows]
    if not pulls:
        raise refusal("E842", "slow growth without a pull", "give one file")
    left = max(min(p.xi_A[0], p.xi_A[-1]) for p in pulls)
    right = min(max(p.xi_A[0], p.xi_A[-1]) for p in pulls)
    if right <= left:
        raise refusal(
            "E842",
            "the pulls have no stretch of ξ in common: "
            + "; ".join(f"{p.source} {p.xi_A[0]:g} to {p.xi_A[-1]:g} Å" for p in pulls),
            "pull back over the way the forward pull went",
        )
    grid = np.linspace(left, right, _GRID)
    forward = _mean_curve([p for p in pulls if p.speed_A_ps > 0], grid)
    backward = _mean_curve([p for p in pulls if p.speed_A_ps < 0], grid)
    findings = tuple(finding for p in pulls for finding in p.findings)
    if not (np.isfinite(forward[0]) and np.isfinite(backward[0])):
        barrier = no_barrier(
            _METHOD,
            f"{len(pulls)} pull{'s' * (len(pulls) > 1)} in one direction, "
            f"{abs(pulls[0].speed_A_ps):.3g} Å/ps: the work holds an unknown part that was lost",
            "pull back from the end over the same ξ and give both; or run windows at fixed ξ",
            "E849",
        )
        nothing = np.full_like(grid, np.nan)
        return SlowGrowth(grid, forward, backward, nothing, None, barrier, findings)
    lost = float(forward[-1] - backward[-1])
    mean = (forward + backward) / 2
    if abs(lost) > LARGE_HYSTERESIS_EV:
        findings += (
            warning(
                "E850",
                f"forward and backward differ by {lost:.3f} eV around the cycle; the profile may "
                f"be off by half of it, {abs(lost) / 2:.3f} eV, either way",
                help="pull more slowly in both directions, or run windows at fixed ξ",
                numbers={"hysteresis_eV": lost},
            ),
        )
    barrier = _barrier(grid, forward, backward, mean)
    return SlowGrowth(grid, forward, backward, mean, lost, barrier, findings)


def _mean_curve(pulls: Sequence[Pull], grid: Floats) -> Floats:
    """F(ξ) − F(left) as the pulls of one direction have it, averaged; NaN without a pull."""
    if not pulls:
        return np.full_like(grid, np.nan)
    curves = []
    for one in pulls:
        order = slice(None) if one.speed_A_ps > 0 else slice(None, None, -1)
        curve = np.interp(grid, one.xi_A[order], one.work_eV[order])
        curves.append(curve - curve[0])
    mean: Floats = np.mean(curves, axis=0)
    return mean


def _barrier(grid: Floats, forward: Floats, backward: Floats, mean: Floats) -> Barrier:
    places = highest_climb(mean)
    if places is None:
        return no_barrier(
            _METHOD, "F has no maximum inside the stretch", "drive the coordinate further"
        )
    start, top, end = places
    gap = forward - backward
    edges = [
        f"the {name} state is the {edge} of the pull; whether it is a minimum is not known"
        for name, edge, at_edge in (
            ("initial", "start", start == 0),
            ("final", "end", end == grid.size - 1),
        )
        if at_edge
    ]

    def result(key: str, to: int) -> Result:
        half_width = max(abs(float(gap[to] - gap[start])), abs(float(gap[-1]))) / 2
        return Result(
            key,
            float(mean[to] - mean[start]),
            "eV",
            _METHOD,
            f"ξ from {grid[start]:.3f} to {grid[to]:.3f} Å",
            systematic=half_width / math.sqrt(3.0),
            flags=(
                f"forward {forward[to] - forward[start]:.3f} eV, "
                f"backward {backward[to] - backward[start]:.3f} eV",
                *edges,
            ),
        )

    found = Barrier(
        result("free_energy_barrier", top),
        result("reaction_free_energy", end),
        float(grid[start]),
        float(grid[top]),
        float(grid[end]),
    )
    fall, half_width = float(mean[top] - mean[end]), abs(float(gap[-1])) / 2
    return found if fall > half_width else without_maximum(found, fall, half_width)
