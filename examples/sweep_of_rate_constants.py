"""Peak separation against rate constant and scan rate: 200 voltammograms as a work list.

    python examples/sweep_of_rate_constants.py [FOLDER]

Every voltammogram is a task with a key; results go to a ledger in FOLDER, and the same command goes
on after any stop, computing only what is missing. Replace "processes" by "parsl:my_cluster.py" to
send the same list to the pilot jobs of a cluster.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from faradaic import __version__
from faradaic.workloads.executors import open_executor
from faradaic.workloads.ledger import Ledger, task_key
from faradaic.workloads.work import Progress, Task, WorkSummary, run

RATES_V_PER_S = np.geomspace(0.01, 100.0, 10)
K0_M_PER_S = np.geomspace(1e-7, 1e-2, 20)
METHOD = f"faradaic {__version__}, semi-integral engine"


def separation(payload: Mapping[str, float]) -> Mapping[str, float]:
    """The peak separation of one voltammogram, V."""
    from faradaic.simulators.voltammetry import simulate_voltammogram
    from faradaic.simulators.waveforms import cv

    curve = simulate_voltammogram(
        "A + e = B",
        cv(0.9, -0.9, payload["rate_V_per_s"], step_V=1e-3),
        area_m2=7.07e-6,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=payload["k0_m_per_s"],
    )
    return {"separation_V": curve.peak(anodic=True)[0] - curve.peak(anodic=False)[0]}


def tasks() -> list[Task]:
    """One for each pair of scan rate and rate constant."""
    pairs = [
        {"rate_V_per_s": float(rate), "k0_m_per_s": float(k0)}
        for rate in RATES_V_PER_S
        for k0 in K0_M_PER_S
    ]
    return [
        Task(task_key(pair, METHOD, {}), pair, "{k0_m_per_s:.2g} m/s".format(**pair))
        for pair in pairs
    ]


def show(progress: Progress) -> None:
    """One line, renewed."""
    print(f"\r{progress!s:<70.70}", end="", file=sys.stderr, flush=True)


def main(folder: Path) -> WorkSummary:
    """Run what is missing and print the table."""
    ledger = Ledger(folder)
    with open_executor("processes") as executor:
        summary = run(tasks(), separation, ledger, executor, progress=show)
    found = {record.key: record.result for record in ledger.records() if record.result}
    print("\nSIMULATED peak separation / mV; rows k0 (m/s), columns scan rate (V/s)")
    print(f"{'':>9}" + "".join(f"{rate:>8.3g}" for rate in RATES_V_PER_S))
    for k0 in K0_M_PER_S:
        row = [
            found.get(task.key, {}).get("separation_V", np.nan)
            for task in tasks()
            if task.payload["k0_m_per_s"] == k0
        ]
        print(f"{k0:9.2e}" + "".join(f"{1e3 * value:8.1f}" for value in row))
    return summary


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else "rate_constants")))
