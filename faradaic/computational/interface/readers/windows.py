"""Every window below a path, whichever code wrote it: the reader is chosen by what is there.

- `*.npz`, or a folder that holds them in `windows`: our own runs;
- a folder with REPORT (and REPORT.1, REPORT_2 … of its restarts before it): VASP;
- a folder with an .inp, a file of Lagrange multipliers and a -pos-1.xyz: CP2K;
- a folder with COLVAR and plumed.dat: PLUMED;
- any other folder: its subfolders and .npz files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from faradaic.computational.interface.readers.cp2k_multipliers import LABEL, read_cp2k_window
from faradaic.computational.interface.readers.own_runs import read_own_window
from faradaic.computational.interface.readers.plumed_colvar import read_plumed_window
from faradaic.computational.interface.readers.plumed_input import read_restraint
from faradaic.computational.interface.readers.vasp_report import read_report
from faradaic.computational.interface.trajectories import ConstraintWindow
from faradaic.diagnostics import refusal
from faradaic.input_files import MOST_TRAJECTORY_BYTES, open_file


def read_windows(
    path: Path,
    *,
    time_step_fs: float | None = None,
    temperature_K: float | None = None,
    constraint: int = 0,
) -> list[ConstraintWindow]:
    """The windows of a file or folder, in the order of their names.

    Time step and temperature are asked for where the files do not tell. Raises `InputError`
    (E853) where nothing is found.
    """
    found = _below(path, _Asked(time_step_fs, temperature_K, constraint))
    if not found:
        raise refusal(
            "E853",
            f"{path} holds no constrained run"
            if path.exists()
            else f"there is no file or folder {path}",
            "give .npz files of our runs, or folders with REPORT (VASP), with .inp, "
            "multipliers and -pos-1.xyz (CP2K), or with COLVAR and plumed.dat (PLUMED)",
        )
    return found


class _Asked(NamedTuple):
    """What a person states beside the files."""

    time_step_fs: float | None
    temperature_K: float | None
    constraint: int


def _below(path: Path, asked: _Asked) -> list[ConstraintWindow]:
    if path.is_file():
        if path.suffix == ".npz":
            return [read_own_window(path)]
        if path.name.startswith("REPORT"):
            return [read_report(path, **asked._asdict())]
        return _in_folder(path.parent, asked, only=path)
    if not path.is_dir():
        return []
    if (path / "windows").is_dir():
        path = path / "windows"  # beside it lie the checkpoints of the same runs
    here = _in_folder(path, asked)
    if here:
        return here
    windows: list[ConstraintWindow] = []
    for child in sorted(path.iterdir()):
        if child.suffix == ".npz":
            windows.append(read_own_window(child))
        elif child.is_dir():
            windows += _below(child, asked)
    return windows


def _in_folder(folder: Path, asked: _Asked, only: Path | None = None) -> list[ConstraintWindow]:
    """The one window of a folder of VASP, CP2K or PLUMED; nothing where it is none of them."""
    reports = sorted(
        folder.glob("REPORT*"), key=lambda path: (path.name == "REPORT", _digits(path), path.name)
    )
    if reports and only is None:
        return [read_report(reports, **asked._asdict())]
    colvar, plumed = folder / "COLVAR", folder / "plumed.dat"
    if colvar.is_file() and plumed.is_file() and only in (None, colvar):
        return [read_plumed_window(colvar, read_restraint(plumed), asked.temperature_K)]
    inputs = sorted(folder.glob("*.inp"))
    candidates = [only] if only else sorted(p for p in folder.iterdir() if p.is_file())
    multipliers = [path for path in candidates if path not in inputs and _is_multipliers(path)]
    if not multipliers:
        return []
    trajectories = sorted(folder.glob("*-pos-1.xyz"))
    if len(inputs) != 1 or len(multipliers) != 1 or len(trajectories) > 1:
        raise refusal(
            "E852",
            f"{folder} holds {len(inputs)} inputs (.inp), {len(multipliers)} files of "
            f"multipliers and {len(trajectories)} trajectories (-pos-1.xyz) of CP2K",
            "one folder per run, with one of each",
        )
    trajectory = trajectories[0] if trajectories else None
    return [read_cp2k_window(multipliers[0], inputs[0], trajectory, constraint=asked.constraint)]


def _is_multipliers(path: Path) -> bool:
    with open_file(path, MOST_TRAJECTORY_BYTES) as file:
        return LABEL.search(file.read(4096)) is not None


def _digits(path: Path) -> int:
    digits = re.findall(r"\d+", path.name)
    return int(digits[-1]) if digits else 0
