"""What a constrained run says: its free energy, and how well its windows were held."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.interface import free_energy
from faradaic.computational.interface.blue_moon import statistical_inefficiency
from faradaic.computational.interface.constrained_legs import WINDOWS
from faradaic.computational.interface.free_energy import FreeEnergy
from faradaic.computational.interface.readers.own_runs import read_arrays, read_own_window
from faradaic.diagnostics import Diagnostic, refusal, warning
from faradaic.input_files import read_file
from faradaic.records.folder import json_bytes, write_file

_HOT_SIGMAS, _HOT_SHARE = 4.0, 0.05


@dataclass(frozen=True, slots=True)
class ConstrainedResults:
    """The free energy along the coordinate, from windows at rest and from the two pulls."""

    title: str
    method: str
    """The potential, with versions."""
    found: FreeEnergy
    kinetic_temperature_K: tuple[float, ...]
    """Mean of each window."""
    largest_drift_A: float
    """Of the coordinate from its target, over all windows."""
    findings: tuple[Diagnostic, ...]

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping: that of the free energy and what is of the run alone."""
        return {
            "title": self.title,
            "method": self.method,
            **self.found.as_dict(),
            "kinetic_temperature_K": list(self.kinetic_temperature_K),
            "largest_drift_A": self.largest_drift_A,
        }


def constrained_results(folder: Path, title: str) -> ConstrainedResults:
    """Evaluate the windows in a folder. Raises `InputError` (E876) where some are missing."""
    paths = sorted((folder / WINDOWS).glob("window-*.npz"))
    if not paths:
        raise refusal(
            "E876", f"{folder} holds no finished window", "run `faradaic constrained run`"
        )
    found = free_energy.analyse(
        [read_own_window(path) for path in sorted((folder / WINDOWS).glob("*.npz"))]
    )
    temperatures, drifts, hot = [], [], []
    for path in paths:
        series = read_arrays(path)
        kinetic_K, wanted_K = series["kinetic_temperature_K"], float(series["temperature_K"])
        drifts.append(float(np.max(np.abs(series["drift_A"]))))
        temperatures.append(float(kinetic_K.mean()))
        hot += _off_temperature(path, kinetic_K, wanted_K)
    run = json.loads(read_file(folder / "run.json"))
    return ConstrainedResults(
        title, run["method"], found, tuple(temperatures), max(drifts), (*found.findings, *hot)
    )


def _off_temperature(path: Path, kinetic_K: Any, wanted_K: float) -> list[Diagnostic]:
    mean_K = float(kinetic_K.mean())
    error_K = float(kinetic_K.std()) * (statistical_inefficiency(kinetic_K) / len(kinetic_K)) ** 0.5
    off_K = abs(mean_K - wanted_K)
    if off_K <= _HOT_SIGMAS * error_K or off_K <= _HOT_SHARE * wanted_K:
        return []
    return [
        warning(
            "E875",
            f"{path}: the atoms are at {mean_K:.0f} K instead of {wanted_K:.0f} K",
            help="equilibrate for longer, or shorten the time step",
            numbers={"mean_K": mean_K, "error_K": error_K},
        )
    ]


def write_results(results: ConstrainedResults, folder: Path) -> list[Path]:
    """Write results.json and the tables and figures of the free energy; returns their paths."""
    written = free_energy.write(results.found, folder, f"{results.title}\n{results.method}")
    findings = [finding.as_dict() for finding in results.findings]
    write_file(folder / "results.json", json_bytes({**results.as_dict(), "findings": findings}))
    return [*written, folder / "results.json"]
