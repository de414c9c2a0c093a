"""The cells of an electrolysis: 16 h at one step a second in a batch, and single steps.

    python benchmarks/preparative.py

Processor time, the best of several repetitions; and what the first cell of a process costs.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from copy import copy
from pathlib import Path

import numpy as np

from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell
from faradaic.simulators.rehearsed_co2_study import cell_description

SIXTEEN_HOURS_S = 57_600.0
STEPS = 20_000
CELL = tomllib.loads(
    (Path(__file__).parents[1] / "tests" / "fixtures" / "cells" / "preparative.toml").read_text()
)
EFFECTS = {
    "conductivity_per_K": 0.02,
    "mass_transfer_activation_J_per_mol": 12e3,
    "thermal": {"heat_capacity_J_per_K": 20.0, "heat_loss_W_per_K": 0.1, "ambient_K": 298.15},
    "bubbles": {"gap_cross_section_m2": 1e-4},
    "headspace": {"volume_m3": 1e-5},
    "evaporation_m3_per_s": 1e-11,
}


def best_s(work: Callable[[], object]) -> float:
    """The least processor time of a piece of work, s."""
    found = []
    for _ in range(5):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def report(name: str, start: PreparativeCell, control: Control, value: float) -> None:
    """Measure one cell under one control."""

    def stream() -> None:
        cell = copy(start)
        for _ in range(STEPS):
            cell.checkpoint()
            cell.step(control, value, 1.0)

    batch_s = best_s(lambda: copy(start).run([HeldControl(control, value, SIXTEEN_HOURS_S)]))
    step_s = best_s(stream) / STEPS
    print(
        f"{name:12} {control.value:13} 16 h in a batch {batch_s * 1e3:5.1f} ms; "
        f"a step with its checkpoint {step_s * 1e6:4.2f} µs"
    )


def main() -> None:
    """Print the table."""
    start = time.process_time()
    cell = PreparativeCell.from_mapping(CELL)
    cell.run([HeldControl(Control.CURRENT, 10e-3, 10.0)])
    cell.step(Control.CURRENT, 10e-3, 1.0)
    print(f"first cell, numba's import and kernels included: {time.process_time() - start:.2f} s")
    for name, effects in (("plain", {}), ("all effects", EFFECTS)):
        cell = PreparativeCell.from_mapping(CELL | effects)
        report(name, cell, Control.CURRENT, 10e-3)
        report(name, cell, Control.CELL_VOLTAGE, 2.5)
        report(name, cell, Control.POTENTIAL, 1.5)
    gas = GasDiffusionCell.from_mapping(cell_description("au25"))
    gas.run(Control.POTENTIAL, [-1.3], 1.0)
    potential_V = np.full(round(SIXTEEN_HOURS_S), -1.3)
    batch_s = best_s(lambda: gas.run(Control.POTENTIAL, potential_V, 1.0))
    print(f"gas diffusion, potential: 16 h in a batch {batch_s * 1e3:.0f} ms (wanted < 1000)")


if __name__ == "__main__":
    main()
