"""The work function of a slab or cluster in its cell: vacuum level minus Fermi level.

The vacuum level is the mean over the flattest stretch of the planar average that keeps clear of
the nuclei. Its spread is reported; where it is not flat there is no vacuum, and no number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from faradaic.computational.interface.potential_grid import PlanarAverage
from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import Diagnostic, refusal, warning
from faradaic.results import Result, missing

_METHOD = "vacuum level of the planar average minus Fermi level"
_BASIS = "flattest stretch away from the nuclei"
FLAT_WITHIN_EV = 0.05
"""Largest minus smallest value within the stretch up to which it counts as a vacuum plateau."""
_DIPOLE_EV = 0.1
Side = Literal["above", "below"]
"""Of the slab along the axis: the half of the widest gap between nuclei that follows it, or the
half that goes before it."""


@dataclass(frozen=True, slots=True)
class VacuumLevel:
    """The flattest stretch of a planar average."""

    level_eV: float
    spread_eV: float
    """Largest minus smallest value within the stretch."""
    centre_A: float
    width_A: float
    other_side_eV: float | None
    """Of that flat stretch, not overlapping with this one, which differs most; None without one."""


@dataclass(frozen=True, slots=True)
class WorkFunction:
    """The work function with what it stands on."""

    result: Result
    vacuum: VacuumLevel
    fermi_eV: float
    findings: tuple[Diagnostic, ...] = ()


def vacuum_level(
    average: PlanarAverage,
    *,
    width_A: float = 2.0,
    clearance_A: float = 2.0,
    side: Side | None = None,
) -> VacuumLevel:
    """The flattest stretch of `width_A` whose every plane is `clearance_A` away from all nuclei.

    With `side` only stretches with their middle on that side of the slab count. Raises
    `InputError` (E856) where the cell has no room for it.
    """
    n = average.potential_eV.size
    step = average.period_A / n
    planes = max(2, round(width_A / step) + 1)
    away = np.abs(average.height_A[:, None] - average.nuclei_A[None, :])
    away = np.minimum(away, average.period_A - away).min(axis=1, initial=average.period_A)
    index = (np.arange(n)[:, None] + np.arange(planes)) % n
    free = (away[index] >= clearance_A).all(axis=1) & (planes <= n)
    middle = (average.height_A + (planes - 1) * step / 2) % average.period_A
    if side is not None:
        free &= _on_side(average, middle, side)
    if not free.any():
        raise refusal(
            "E856",
            f"{average.source}: no stretch of {width_A:g} Å stays {clearance_A:g} Å away from "
            f"all nuclei; the widest gap between them is {_widest_gap(average)[1]:.1f} Å",
            "a cell without vacuum has no work function: add a vacuum layer, choose the "
            "axis of the normal, or use a narrower --width-a",
        )
    spread = np.where(free, np.ptp(average.potential_eV[index], axis=1), np.inf)
    best = int(np.argmin(spread))
    level = float(average.potential_eV[index[best]].mean())
    return VacuumLevel(
        level,
        float(spread[best]),
        float(middle[best]),
        (planes - 1) * step,
        _other_side(average, index, spread, best, planes) if side is None else None,
    )


def work_function(
    average: PlanarAverage,
    fermi_eV: float,
    *,
    width_A: float = 2.0,
    clearance_A: float = 2.0,
    side: Side | None = None,
) -> WorkFunction:
    """Φ with half the spread of the plateau as its systematic part; refused without a plateau."""
    vacuum = vacuum_level(average, width_A=width_A, clearance_A=clearance_A, side=side)
    findings = []
    if vacuum.other_side_eV is not None and abs(vacuum.other_side_eV - vacuum.level_eV) > (
        _DIPOLE_EV + vacuum.spread_eV
    ):
        findings.append(
            warning(
                "E861",
                f"{average.source}: the two sides differ, {vacuum.level_eV:.3f} and "
                f"{vacuum.other_side_eV:.3f} eV: a dipole across the cell",
                help="choose the side that faces the reaction with --side above or --side below "
                "(of the slab, along the axis)",
                numbers={"level_eV": vacuum.level_eV, "other_eV": vacuum.other_side_eV},
            )
        )
    if vacuum.spread_eV > FLAT_WITHIN_EV:
        reason = (
            f"no vacuum plateau: the flattest {vacuum.width_A:.1f} Å still vary by "
            f"{vacuum.spread_eV:.2f} eV, {FLAT_WITHIN_EV:g} eV is allowed"
        )
        findings.append(
            warning(
                "E856",
                f"{average.source}: {reason}",
                help="add vacuum, switch on the dipole correction, or write the electrostatic part "
                "alone (VASP: LVHAR = .TRUE.)",
                numbers={"spread_eV": vacuum.spread_eV},
            )
        )
        return WorkFunction(
            missing("work_function", "eV", _METHOD, reason), vacuum, fermi_eV, tuple(findings)
        )
    value = vacuum.level_eV - fermi_eV
    flags = () if value > 0 else ("negative: the Fermi level lies above the vacuum level",)
    return WorkFunction(
        Result(
            "work_function",
            value,
            "eV",
            _METHOD,
            _BASIS if side is None else f"{_BASIS}, {side} the slab",
            systematic=vacuum.spread_eV / 2,
            flags=flags,
        ),
        vacuum,
        fermi_eV,
        tuple(findings),
    )


def _other_side(
    average: PlanarAverage, index: np.ndarray, spread: Floats, best: int, planes: int
) -> float | None:
    """Level, of the flat stretches that do not overlap with the best, which differs most."""
    n = average.potential_eV.size
    apart = np.abs(np.arange(n) - best)
    apart = np.minimum(apart, n - apart)
    reachable = (apart >= planes) & (spread <= FLAT_WITHIN_EV)
    if not reachable.any():
        return None
    levels = average.potential_eV[index].mean(axis=1)
    far = int(np.argmax(np.where(reachable, np.abs(levels - levels[best]), -1.0)))
    return float(levels[far])


def _on_side(average: PlanarAverage, height_A: Floats, side: Side) -> np.ndarray:
    """Which heights lie in the half of the widest gap above or below the nuclei."""
    begin_A, gap_A = _widest_gap(average)
    into = (height_A - begin_A) % average.period_A
    half = gap_A / 2
    return (into < half) if side == "above" else ((into > half) & (into < gap_A))


def _widest_gap(average: PlanarAverage) -> tuple[float, float]:
    """(nucleus at which it begins, its length) of the widest stretch without nuclei, Å."""
    heights = np.sort(average.nuclei_A)
    if not heights.size:
        return 0.0, average.period_A
    gaps = np.diff(np.append(heights, heights[0] + average.period_A))
    widest = int(np.argmax(gaps))
    return float(heights[widest]), float(gaps[widest])
