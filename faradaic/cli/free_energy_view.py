"""What the commands about free energies print."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faradaic.computational.interface.free_energy import FreeEnergy
    from faradaic.computational.interface.slow_growth import SlowGrowth
    from faradaic.results import Result


def free_energy_lines(found: FreeEnergy) -> Iterator[str]:
    """A line per window, then what blue moon and slow growth say of the barrier."""
    if found.forces:
        yield f"{'ξ / Å':>9} {'dF/dξ / eV/Å':>20} {'τ / fs':>8} {'worth':>7} {'F / eV':>16}"
    for k, force in enumerate(found.forces):
        gradient = f"{force.gradient_eV_A:.4f} ± {force.error_eV_A:.4f}"
        curve = ""
        if found.profile is not None:
            curve = f"{found.profile.free_energy_eV[k]:.3f} ± {found.profile.error_eV[k]:.3f}"
        yield (
            f"{force.xi_A:>9.4f} {gradient:>20} {force.correlation_fs:>8.1f} "
            f"{force.independent:>7.0f} {curve:>16}"
        )
    if found.barrier is not None:
        yield "\nblue moon"
        yield from result_lines([found.barrier.barrier, found.barrier.reaction_energy])
    if found.pulls is not None:
        yield "\nslow growth"
        lost = found.pulls.hysteresis_eV
        yield f"{'hysteresis':<21} {'unknown' if lost is None else f'{lost:.3f} eV'}"
        if lost is None:
            yield _work_of_one_direction(found.pulls)
        yield from result_lines([found.pulls.barrier.barrier, found.pulls.barrier.reaction_energy])


def _work_of_one_direction(pulls: SlowGrowth) -> str:
    """The work of pulls that all went one way, as what it is."""
    forward = not math.isnan(float(pulls.forward_eV[-1]))
    curve = pulls.forward_eV if forward else pulls.backward_eV
    start, end = (0, -1) if forward else (-1, 0)
    work_eV = float(curve[end] - curve[start])
    return (
        f"{'work of the pull':<21} {work_eV:.3f} eV from {pulls.xi_A[start]:.3f} to"
        f" {pulls.xi_A[end]:.3f} Å (mean of what was spent one way, losses included; no free"
        " energy)"
    )


def result_lines(results: Iterable[Result]) -> Iterator[str]:
    """A line per number with its errors, or the reason why there is none; its flags below."""
    for result in results:
        if result.value is None:
            yield f"{result.name:<21} none: {result.reason}"
            continue
        unit, about = result.unit, [result.method, result.basis]
        if result.basis.startswith("vs "):
            unit, about = f"V {result.basis}", [result.method]
        parts = [f"{result.value:.4g} {unit}"]
        if result.random is not None:
            parts.append(f"± {result.random:.2g} random")
        if result.systematic is not None:
            parts.append(f"± {result.systematic:.2g} systematic")
        yield f"{result.name:<21} {' '.join(parts)} ({'; '.join(filter(None, about))})"
        for flag in result.flags:
            yield f"{'':<21} ! {flag}"
