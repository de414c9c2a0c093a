"""Table and figure of bond lengths during a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faradaic.computational.interface.bonds import BondLength
from faradaic.computational.interface.free_energy_figures import bond_figure, save
from faradaic.records.folder import write_file


def write_bonds(
    bonds: Sequence[BondLength],
    folder: Path,
    frame_fs: float | None = None,
    limit_A: float | None = None,
) -> list[Path]:
    """Write bonds.csv and the figure (SVG, PDF, PNG) of the distances; returns their paths."""
    rows = [",".join(["frame", *(f"{bond.name}_A" for bond in bonds)])]
    for number, lengths_A in enumerate(zip(*(b.length_A for b in bonds), strict=True), 1):
        rows.append(",".join([str(number), *(f"{length:.6f}" for length in lengths_A)]))
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / "bonds.csv", "\n".join([*rows, ""]).encode())
    return [folder / "bonds.csv", *save(bond_figure(bonds, frame_fs, limit_A), folder / "bonds")]
