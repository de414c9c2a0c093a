"""The loop that holds a set-point: its speed, its slew rate, and when iR compensation rings.

A one-pole loop of time constant τ_c drives a cell of uncompensated resistance R_u and double layer
C (τ_u = R_u C), with positive feedback of the current through R_c (p = R_c/R_u):

    τ_c dV/dt = E_set + R_c i - V,    τ_u dE_dl/dt = V - E_dl,    i = (V - E_dl)/R_u

From its characteristic polynomial s² + [(1 - p)/τ_c + 1/τ_u] s + 1/(τ_c τ_u): stable if and only if
p < 1 + τ_c/τ_u, damped by ζ = ½[(1 - p)√(τ_u/τ_c) + √(τ_c/τ_u)], ringing below ζ = 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from faradaic.simulators.contracts import CellModel, Control

RESIDUE = 1e-4
"""Of a step, when the loop counts as settled."""

STEPS_PER_TIME_CONSTANT = 10.0
"""Time steps in the shortest time of a loop that is settling."""


@dataclass(frozen=True, slots=True)
class LoopSpec:
    """Speed of a control loop; infinite is ideal, which is what samples slower than kHz see."""

    bandwidth_Hz: float = math.inf
    """-3 dB frequency, 1/(2πτ_c)."""
    slew_V_per_s: float = math.inf
    slew_A_per_s: float = math.inf

    def __post_init__(self) -> None:
        for name in ("bandwidth_Hz", "slew_V_per_s", "slew_A_per_s"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")

    @property
    def time_constant_s(self) -> float:
        """Get τ_c; 0 for an ideal loop."""
        return 1.0 / (2.0 * math.pi * self.bandwidth_Hz)


IDEAL = LoopSpec()


class SmallSignal(NamedTuple):
    """What a control loop sees of a cell at once."""

    resistance_ohm: float
    """Uncompensated, between the reference and the working electrode."""
    time_constant_s: float
    """R_u C of the double layer; infinite if there is none."""


def small_signal(cell: CellModel, potential_V: float, dt_s: float) -> SmallSignal:
    """R_u and R_u C of a cell, from its answer to 1 mV after one and two short times.

    Just after a step R_u and C are in series: ΔE/Δi = R_u + t/C. The cell is left as it was.
    """
    excess_V = 1e-3
    found = cell.checkpoint()

    def ohm(after_s: float) -> float:
        currents = []
        for value in (potential_V + excess_V, potential_V):
            currents.append(cell.step(Control.POTENTIAL, value, after_s).current_A)
            cell.restore(found)
        answer_A = currents[0] - currents[1]
        return excess_V / answer_A if answer_A else math.inf

    once, twice = ohm(dt_s), ohm(2.0 * dt_s)
    if once == math.inf:
        return SmallSignal(math.inf, math.inf)
    # A difference of rounding errors is no capacitance, and no resistance.
    charging_ohm = twice - once if twice - once > 1e-6 * twice else 0.0
    resistance_ohm = once - charging_ohm if once - charging_ohm > 1e-6 * once else 0.0
    if charging_ohm == 0.0:
        return SmallSignal(resistance_ohm, math.inf)
    return SmallSignal(resistance_ohm, resistance_ohm * dt_s / charging_ohm)


def is_stable(feedback: float, loop_s: float, cell_s: float) -> bool:
    """Whether p < 1 + τ_c/τ_u, for a fraction p of R_u and the two time constants."""
    return feedback < 1.0 + (loop_s / cell_s if loop_s > 0.0 else 0.0)


class Settling(NamedTuple):
    """How a loop has to be followed after a change of its set-point."""

    duration_s: float
    step_s: float
    """Longest time step that resolves it."""


def settling(loop_s: float, travel_s: float, feedback: float, cell_s: float) -> Settling:
    """How long a stable loop settles, and in which steps.

    `travel_s` is the time that the slew rate alone needs. Overdamped, the fast pole is the loop's,
    and the slow one the cell's, which goes on behind a loop that has settled.
    """
    if loop_s == 0.0:
        return Settling(travel_s, travel_s / STEPS_PER_TIME_CONSTANT)
    half_sum = 0.5 * ((1.0 - feedback) / loop_s + 1.0 / cell_s)
    product = 1.0 / (loop_s * cell_s)
    spread = half_sum**2 - product
    decay_per_s = half_sum + math.sqrt(spread) if spread > 0.0 else half_sum
    fastest_per_s = max(2.0 * half_sum, math.sqrt(product))
    step_s = 1.0 / (STEPS_PER_TIME_CONSTANT * fastest_per_s)
    return Settling(travel_s - math.log(RESIDUE) / decay_per_s, step_s)


def next_value(
    value: float, target: float, dt_s: float, loop_s: float, gain: float, slew_per_s: float
) -> float:
    """Where a loop has moved from `value` after a time step.

    `gain` is 1 - p, the part of its own movement that the loop sees as an error: the resistive
    part of the feedback answers at once, the double layer's from step to step, which keeps a
    ringing loop ringing at its own damping.
    """
    if loop_s == 0.0:
        moved = target
    else:
        x = gain / loop_s * dt_s
        # Exact for V' = (T - V_0 - g (V - V_0))/τ_c.
        share = dt_s / loop_s if abs(x) < 1e-6 else -math.expm1(-x) / gain
        moved = value + (target - value) * share
    most = slew_per_s * dt_s
    return min(max(moved, value - most), value + most)
