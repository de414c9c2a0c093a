"""At which potential a ligand leaves: the barrier of leaching against the potential."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.scheme import EQUAL_WITHIN_V, ElementaryStep, select
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K, BOLTZMANN_PER_PLANCK_HZ_PER_K
from faradaic.results import Result, missing

PROCESS = "leaching"


@dataclass(frozen=True, slots=True)
class Leaching:
    """Of one cluster: the highest barrier of leaching at each potential, and the threshold."""

    system: str
    potentials_V: tuple[float, ...]
    """vs RHE, falling."""
    barriers_eV: tuple[float, ...]
    """The highest of the steps at each potential."""
    outcomes: tuple[str, ...]
    threshold: Result
    """Where the barrier falls to what thermal motion passes within the waiting time."""
    bracket_V: tuple[float | None, float | None]
    """(highest potential at which the ligand left, lowest at which it did not), as reported."""

    def barrier_at_eV(self, U_RHE_V: float) -> float:
        """Straight line between the neighbours. Raises `InputError` (E859) outside the range."""
        low, high = self.potentials_V[-1], self.potentials_V[0]
        if not low <= U_RHE_V <= high:
            raise refusal(
                "E859",
                f"{self.system} has no barrier at {U_RHE_V:g} V, only from {low:g} to {high:g} V",
                "run one more potential on that side; nothing is extrapolated",
            )
        return float(np.interp(U_RHE_V, self.potentials_V[::-1], self.barriers_eV[::-1]))


def passable_barrier_eV(temperature_K: float, waiting_s: float) -> float:
    """The barrier that is passed once per waiting time: kT ln(kT τ/h); 0.76 eV for 1 s at 300 K."""
    attempts = BOLTZMANN_PER_PLANCK_HZ_PER_K * temperature_K * waiting_s
    if not (temperature_K > 0.0 and attempts > 1.0):
        raise refusal(
            "E859",
            f"{waiting_s:g} s at {temperature_K:g} K is shorter than one attempt",
            "give kelvin above 0 and a waiting time above 1e-12 s",
        )
    return BOLTZMANN_EV_PER_K * temperature_K * math.log(attempts)


def leaching(
    steps: Sequence[ElementaryStep],
    system: str,
    *,
    temperature_K: float = 300.0,
    waiting_s: float = 1.0,
) -> Leaching:
    """The leaching steps of one system, ordered by potential, and its threshold.

    Raises `InputError` (E864) where there are none.
    """
    chosen = select(steps, system, PROCESS)
    by_potential: dict[float, list[ElementaryStep]] = {}
    for step in sorted(chosen, key=lambda step: -step.U_RHE_V):
        place = next((u for u in by_potential if abs(u - step.U_RHE_V) <= EQUAL_WITHIN_V), None)
        by_potential.setdefault(step.U_RHE_V if place is None else place, []).append(step)
    potentials = tuple(by_potential)
    barriers = tuple(max(step.barrier_eV for step in group) for group in by_potential.values())
    outcomes = tuple(group[0].outcome for group in by_potential.values())
    left = [u for u, outcome in zip(potentials, outcomes, strict=True) if outcome == "leaves"]
    stayed = [u for u, outcome in zip(potentials, outcomes, strict=True) if outcome != "leaves"]
    return Leaching(
        system,
        potentials,
        barriers,
        outcomes,
        _threshold(potentials, barriers, passable_barrier_eV(temperature_K, waiting_s), waiting_s),
        (max(left, default=None), min(stayed, default=None)),
    )


def _threshold(
    potentials: tuple[float, ...], barriers: tuple[float, ...], passable_eV: float, waiting_s: float
) -> Result:
    key, method = "leaching_threshold", "barrier interpolated between potentials"
    basis = f"vs RHE, barrier of {passable_eV:.2f} eV (once per {waiting_s:g} s)"
    for k in range(len(potentials) - 1):
        above, below = barriers[k], barriers[k + 1]
        if above > passable_eV >= below:
            share = (above - passable_eV) / (above - below)
            value = potentials[k] + share * (potentials[k + 1] - potentials[k])
            return Result(
                key, value, "V", method, basis, bounds=(potentials[k + 1], potentials[k]),
                flags=("a straight line between two potentials",),
            )  # fmt: skip
    side = "below" if barriers and barriers[0] <= passable_eV else "above"
    return missing(
        key, "V", method, f"all barriers lie {side} {passable_eV:.2f} eV: no potential between"
    )
