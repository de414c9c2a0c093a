"""From windows and pulls to everything that is told of them: tables, results, findings, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from faradaic.computational.interface.blue_moon import (
    Convergence,
    MeanForce,
    convergence,
    mean_force,
)
from faradaic.computational.interface.free_energy_figures import (
    convergence_figure,
    profile_figure,
    save,
    slow_growth_figure,
)
from faradaic.computational.interface.profile import (
    Barrier,
    FreeEnergyProfile,
    barrier_of,
    integrate,
)
from faradaic.computational.interface.slow_growth import SlowGrowth, slow_growth
from faradaic.computational.interface.trajectories import ConstraintWindow
from faradaic.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class FreeEnergy:
    """What windows at fixed ξ and what pulls say of one reaction."""

    forces: tuple[MeanForce, ...]
    """One per window at fixed ξ, in the order of ξ."""
    courses: tuple[Convergence, ...]
    """Of the same windows, the estimate against time."""
    profile: FreeEnergyProfile | None
    """None below three windows."""
    barrier: Barrier | None
    pulls: SlowGrowth | None
    findings: tuple[Diagnostic, ...]

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping, without the findings."""
        windows = [asdict(force) for force in self.forces]
        for window in windows:
            del window["findings"]
        curve, pulls = self.profile, self.pulls
        shown = ("xi_A", "free_energy_eV", "error_eV")
        return {
            "windows": windows,
            "profile": curve and {name: getattr(curve, name).tolist() for name in shown},
            "blue_moon": self.barrier and self.barrier.as_dict(),
            "slow_growth": pulls
            and {"hysteresis_eV": pulls.hysteresis_eV, **pulls.barrier.as_dict()},
        }


def analyse(windows: Sequence[ConstraintWindow], discard_fs: float = 0.0) -> FreeEnergy:
    """Blue moon of the windows at fixed ξ, slow growth of the driven ones.

    `discard_fs` is left out at the start of every window at fixed ξ. With one or two windows their
    gradients are given and no profile.
    """
    fixed = [window.without_first(discard_fs) for window in windows if not window.driven]
    driven = [window for window in windows if window.driven]
    order = sorted(range(len(fixed)), key=lambda k: float(fixed[k].xi_A.mean()))
    forces = tuple(mean_force(fixed[k]) for k in order)
    courses = tuple(convergence(fixed[k]) for k in order)
    profile = barrier = None
    findings = [finding for force in forces for finding in force.findings]
    if len(forces) > 2:
        profile = integrate(forces)
        barrier = barrier_of(profile)
        findings += barrier.findings
    pulls = slow_growth(driven) if driven else None
    if pulls is not None:
        findings += [*pulls.findings, *pulls.barrier.findings]
    return FreeEnergy(forces, courses, profile, barrier, pulls, tuple(findings))


def write(found: FreeEnergy, folder: Path, title: str = "") -> list[Path]:
    """Write the tables (CSV) and figures (SVG, PDF, PNG) of what was found; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    names: tuple[str, ...]
    if found.forces:
        names = ("time_fs", "gradient_eV_A", "error_eV_A")
        rows = [
            (force.xi_A, *row)
            for force, course in zip(found.forces, found.courses, strict=True)
            for row in _rows(course, names)
        ]
        figure = convergence_figure(found.forces, found.courses)
        written += save(figure, folder / "convergence", ("xi_A", *names), rows)
    if found.profile is not None and found.barrier is not None:
        names = ("xi_A", "gradient_eV_A", "gradient_error_eV_A", "free_energy_eV", "error_eV")
        figure = profile_figure(found.profile, found.barrier, found.pulls, title)
        written += save(figure, folder / "profile", names, _rows(found.profile, names))
    if found.pulls is not None:
        names = ("xi_A", "forward_eV", "backward_eV", "free_energy_eV")
        figure = slow_growth_figure(found.pulls, title)
        written += save(figure, folder / "slow_growth", names, _rows(found.pulls, names))
    return written


def _rows(curves: object, names: Sequence[str]) -> Iterable[tuple[float, ...]]:
    """The arrays of these names, point by point."""
    return zip(*(getattr(curves, name) for name in names), strict=True)
