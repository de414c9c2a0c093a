"""From windows and pulls to everything that is told of them: tables, results, findings, figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
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
from faradaic.records.folder import write_file


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


def as_dict(found: FreeEnergy) -> dict[str, Any]:
    """A JSON-ready mapping."""
    content: dict[str, Any] = {
        "windows": [
            {
                item.name: getattr(force, item.name)
                for item in fields(force)
                if item.name != "findings"
            }
            for force in found.forces
        ],
        "profile": None,
        "blue_moon": found.barrier and _barrier(found.barrier),
        "slow_growth": None,
        "findings": [finding.as_dict() for finding in found.findings],
    }
    if found.profile is not None:
        content["profile"] = {
            "xi_A": found.profile.xi_A.tolist(),
            "free_energy_eV": found.profile.free_energy_eV.tolist(),
            "error_eV": found.profile.error_eV.tolist(),
        }
    if found.pulls is not None:
        content["slow_growth"] = {
            "hysteresis_eV": found.pulls.hysteresis_eV,
            **_barrier(found.pulls.barrier),
        }
    return content


def write(found: FreeEnergy, folder: Path, title: str = "") -> list[Path]:
    """Write the tables (CSV) and figures (SVG, PDF, PNG) of what was found; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    if found.forces:
        rows = (
            (force.xi_A, *row)
            for force, course in zip(found.forces, found.courses, strict=True)
            for row in zip(course.time_fs, course.gradient_eV_A, course.error_eV_A, strict=True)
        )
        head = ("xi_A", "time_fs", "gradient_eV_A", "error_eV_A")
        written.append(_table(folder / "convergence.csv", head, rows))
        written += save(convergence_figure(found.forces, found.courses), folder / "convergence")
    if found.profile is not None and found.barrier is not None:
        p = found.profile
        rows_ = zip(
            p.xi_A,
            p.gradient_eV_A,
            p.gradient_error_eV_A,
            p.free_energy_eV,
            p.error_eV,
            strict=True,
        )
        head_ = ("xi_A", "gradient_eV_A", "gradient_error_eV_A", "free_energy_eV", "error_eV")
        written.append(_table(folder / "profile.csv", head_, rows_))
        written += save(profile_figure(p, found.barrier, title), folder / "profile")
    if found.pulls is not None:
        s = found.pulls
        curves = zip(s.xi_A, s.forward_eV, s.backward_eV, s.free_energy_eV, strict=True)
        names = ("xi_A", "forward_eV", "backward_eV", "free_energy_eV")
        written.append(_table(folder / "slow_growth.csv", names, curves))
        written += save(slow_growth_figure(s, title), folder / "slow_growth")
    return written


def _barrier(barrier: Barrier) -> dict[str, Any]:
    return {
        "barrier": barrier.barrier.as_dict(),
        "reaction_energy": barrier.reaction_energy.as_dict(),
        "initial_A": barrier.initial_A,
        "transition_A": barrier.transition_A,
        "final_A": barrier.final_A,
    }


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[float]]) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([f"{value:.8g}" for value in row] for row in rows)
    write_file(path, text.getvalue().encode())
    return path
