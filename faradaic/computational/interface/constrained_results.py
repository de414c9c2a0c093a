"""What a constrained run says: the curve with its errors, the hysteresis, and the figure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.interface.blue_moon import (
    MeanForce,
    mean_force,
    statistical_inefficiency,
)
from faradaic.computational.interface.constrained_legs import BACKWARD, FORWARD, WINDOWS
from faradaic.computational.interface.profile import (
    Barrier,
    FreeEnergyProfile,
    barrier_of,
    integrate,
)
from faradaic.computational.interface.readers.own_runs import read_own_window
from faradaic.computational.interface.slow_growth import SlowGrowth, slow_growth
from faradaic.diagnostics import Diagnostic, Severity, refusal
from faradaic.records.disk import replace_file
from faradaic.reporting.figures import (
    BLUE,
    COLUMN_MM,
    SCREEN_DPI,
    VERMILLION,
    as_files,
    new_figure,
    styled,
)

_HOT_SIGMAS, _HOT_SHARE = 4.0, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class ConstrainedResults:
    """The free energy along the coordinate, from windows at rest and from the two pulls."""

    title: str
    method: str
    """The potential, with versions."""
    forces: tuple[MeanForce, ...]
    profile: FreeEnergyProfile
    barrier: Barrier
    growth: SlowGrowth
    kinetic_temperature_K: tuple[float, ...]
    """Mean of each window."""
    largest_drift_A: float
    """Of the coordinate from its target, over all windows."""
    findings: tuple[Diagnostic, ...]


def constrained_results(folder: Path, title: str) -> ConstrainedResults:
    """Evaluate the windows in a folder. Raises `InputError` (E876) where some are missing."""
    paths = sorted((folder / WINDOWS).glob("window-*.npz"))
    if not paths:
        raise refusal(
            "E876", f"{folder} holds no finished window", "run `faradaic constrained run`"
        )
    forces = tuple(mean_force(read_own_window(path)) for path in paths)
    profile = integrate(forces)
    barrier = barrier_of(profile)
    pulls = [read_own_window(folder / WINDOWS / f"{name}.npz") for name in (FORWARD, BACKWARD)]
    growth = slow_growth(pulls)
    temperatures, drifts, hot = [], [], []
    for path in paths:
        with np.load(path, allow_pickle=False) as series:
            kinetic_K, wanted_K = series["kinetic_temperature_K"], float(series["temperature_K"])
            drifts.append(float(np.max(np.abs(series["drift_A"]))))
        temperatures.append(float(kinetic_K.mean()))
        hot += _off_temperature(path, kinetic_K, wanted_K)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    findings = (*profile.findings, *barrier.findings, *growth.findings, *hot)
    return ConstrainedResults(
        title, run["method"], forces, profile, barrier, growth,
        tuple(temperatures), max(drifts), findings,
    )  # fmt: skip


def _off_temperature(path: Path, kinetic_K: Any, wanted_K: float) -> list[Diagnostic]:
    mean_K = float(kinetic_K.mean())
    error_K = float(kinetic_K.std()) * (statistical_inefficiency(kinetic_K) / len(kinetic_K)) ** 0.5
    off_K = abs(mean_K - wanted_K)
    if off_K <= _HOT_SIGMAS * error_K or off_K <= _HOT_SHARE * wanted_K:
        return []
    return [
        Diagnostic(
            "E875",
            f"{path}: the atoms are at {mean_K:.0f} K instead of {wanted_K:.0f} K",
            Severity.WARNING,
            help="equilibrate for longer, or shorten the time step",
            numbers={"mean_K": mean_K, "error_K": error_K},
        )
    ]


def write_results(results: ConstrainedResults, folder: Path) -> None:
    """Write curve.csv, curve.png, curve.svg and results.json."""
    profile = results.profile
    columns = ("xi_A", "gradient_eV_A", "gradient_error_eV_A", "free_energy_eV", "error_eV")
    rows = np.column_stack([getattr(profile, name) for name in columns])
    lines = [",".join(columns), *(",".join(f"{value:.8g}" for value in row) for row in rows)]
    replace_file(folder / "curve.csv", ("\n".join(lines) + "\n").encode())
    content = json.dumps(as_dict(results), indent=2, ensure_ascii=False)
    replace_file(folder / "results.json", content.encode())
    for kind in ("png", "svg"):
        replace_file(folder / f"curve.{kind}", draw(results, kind))


def as_dict(results: ConstrainedResults) -> dict[str, Any]:
    """A JSON-ready mapping."""
    profile, barrier, growth = results.profile, results.barrier, results.growth
    return {
        "title": results.title,
        "method": results.method,
        "windows": [
            {
                "xi_A": force.xi_A,
                "gradient_eV_A": force.gradient_eV_A,
                "error_eV_A": force.error_eV_A,
                "unweighted_eV_A": force.unweighted_eV_A,
                "correlation_fs": force.correlation_fs,
                "independent": force.independent,
                "duration_fs": force.duration_fs,
                "kinetic_temperature_K": temperature_K,
            }
            for force, temperature_K in zip(
                results.forces, results.kinetic_temperature_K, strict=True
            )
        ],
        "free_energy_eV": profile.free_energy_eV.tolist(),
        "free_energy_error_eV": profile.error_eV.tolist(),
        "barrier": barrier.barrier.as_dict(),
        "reaction_energy": barrier.reaction_energy.as_dict(),
        "slow_growth_hysteresis_eV": growth.hysteresis_eV,
        "largest_drift_A": results.largest_drift_A,
        "findings": [finding.as_dict() for finding in results.findings],
    }


def draw(results: ConstrainedResults, kind: str) -> bytes:
    """The figure as `png` or `svg`: mean force above, free energy below."""
    blue, orange, grey = BLUE, VERMILLION, "#777777"
    profile, growth = results.profile, results.growth
    with styled():
        figure = new_figure(COLUMN_MM, 105.0)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2, 3])
        upper.errorbar(
            profile.xi_A, profile.gradient_eV_A, profile.gradient_error_eV_A,
            fmt="o-", ms=2.5, lw=0.8, capsize=1.5, color=blue,
        )  # fmt: skip
        upper.axhline(0, lw=0.5, color=grey)
        upper.set_ylabel("dF/dξ / eV Å⁻¹")
        low, high = (profile.free_energy_eV + s * profile.error_eV for s in (-1, 1))
        lower.fill_between(profile.xi_A, low, high, color=blue, alpha=0.25, lw=0)
        lower.plot(profile.xi_A, profile.free_energy_eV, "o-", ms=2.5, lw=0.9, color=blue,
                   label="blue moon ± standard error")  # fmt: skip
        lower.plot(growth.xi_A, growth.forward_eV, lw=0.8, color=orange, label="pull forward")
        lower.plot(growth.xi_A, growth.backward_eV, lw=0.8, ls="--", color=orange,
                   label="pull backward")  # fmt: skip
        lower.set_xlabel("ξ / Å")
        lower.set_ylabel("F / eV")
        lower.legend(frameon=False, fontsize=6)
        figure.suptitle(f"{results.title}\n{results.method}", fontsize=6.5, x=0.02, ha="left",
                        parse_math=False)  # fmt: skip
    return as_files(figure, kind, dpi=SCREEN_DPI)[kind]
