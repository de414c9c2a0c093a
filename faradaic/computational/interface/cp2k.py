"""Constrained runs by CP2K: inputs for a study, the program where it is installed, its curve.

Two levels: `xtb` (GFN1-xTB, for trials) and `pbe-d3` (PBE with D3 and Becke-Johnson damping,
DZVP-MOLOPT-SR-GTH, for the cluster). A pull through all windows comes first; the windows start
from its frames.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from faradaic.computational.cp2k_kinds import kind_sections, valence_electrons
from faradaic.computational.interface.constrained_study import (
    ConstrainedStudy,
    LoadedConstrainedRun,
    coordinate_of,
)
from faradaic.computational.interface.trajectory_frames import write_atoms
from faradaic.diagnostics import InputError, refusal
from faradaic.input_files import MOST_TRAJECTORY_BYTES, check_file
from faradaic.records.folder import write_file

if TYPE_CHECKING:
    from ase import Atoms

Level = Literal["xtb", "pbe-d3"]
PADDING_A = 5.0
"""Between an isolated system and each side of its box."""
_TIMEOUT_S = 86400.0
_EXECUTABLES = ("cp2k.psmp", "cp2k.ssmp", "cp2k.popt", "cp2k")


def write_pull(loaded: LoadedConstrainedRun, folder: Path, level: Level) -> Path:
    """Write pull.inp and pull.xyz: from the structure of the study through all windows.

    Returns the path of the input. Raises `InputError` (E877) for a coordinate or an element that
    CP2K or the table of kinds does not have.
    """
    study = loaded.study
    start_A = float(coordinate_of(study, loaded.atoms).value_A(loaded.atoms.positions))
    per_step_A = (study.targets_A[1] - study.targets_A[0]) / study.pull_steps
    steps = round(abs(study.targets_A[-1] - start_A) / per_step_A)
    speed_A_fs = per_step_A / study.dynamics.time_step_fs
    growth_A_fs = float(np.sign(study.targets_A[-1] - start_A)) * speed_A_fs
    return _write(loaded.atoms, study, folder, "pull", level, start_A, growth_A_fs, steps)


def write_windows(
    loaded: LoadedConstrainedRun, folder: Path, level: Level, pull: Path
) -> list[Path]:
    """Write window-000.inp ... with the frames of a pull that are nearest to each target.

    Raises `InputError` (E878) where the pull does not come within half a window of a target.
    """
    from ase.io import read

    try:
        check_file(pull, MOST_TRAJECTORY_BYTES)
        frames = read(pull, index=":")
    except Exception as error:
        raise refusal(
            "E878",
            f"ASE cannot read {pull}: {type(error).__name__}: {error}",
            "give the trajectory of the pull, pull-pos-1.xyz",
        ) from error
    study, atoms = loaded.study, loaded.atoms
    if not frames or frames[0].get_chemical_symbols() != atoms.get_chemical_symbols():
        raise refusal(
            "E878", f"{pull} holds other atoms than {study.atoms}", "give the pull of this study"
        )
    positions_A = np.array([frame.positions for frame in frames])
    xi_A = coordinate_of(study, atoms).value_A(positions_A)
    paths = []
    for number, target_A in enumerate(study.targets_A):
        nearest = int(np.argmin(np.abs(xi_A - target_A)))
        if abs(xi_A[nearest] - target_A) > abs(study.targets_A[1] - study.targets_A[0]) / 2:
            raise refusal(
                "E878",
                f"{pull} goes from {xi_A.min():.2f} to {xi_A.max():.2f} A and does not come near "
                f"the window at {target_A:.2f} A",
                "let the pull finish, or take the windows from a shorter range",
            )
        start = atoms.copy()
        start.positions = positions_A[nearest]
        steps = study.windows.equilibration_steps + study.windows.steps
        name = f"window-{number:03d}"
        paths.append(_write(start, study, folder, name, level, target_A, 0.0, steps))
    return paths


def find_cp2k() -> str | None:
    """The path of an installed CP2K, or None."""
    return next((path for name in _EXECUTABLES if (path := shutil.which(name))), None)


def run_cp2k(control: Path) -> Path:
    """Run an input where it stands; its output is beside it as .out, whose path is returned.

    Raises `InputError` (E879) where CP2K is not installed or does not end as it should.
    """
    program = find_cp2k()
    if program is None:
        raise refusal(
            "E879",
            "CP2K is not installed",
            "apt install cp2k (Debian, Ubuntu), or run the inputs where it is",
        )
    output = control.with_suffix(".out")
    try:
        done = subprocess.run(
            [program, "-i", control.name, "-o", output.name],
            cwd=control.parent,
            env={"OMP_NUM_THREADS": "1", **os.environ},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise refusal(
            "E879", f"{program} did not finish {control}: {error}", "look at " + str(output)
        ) from None
    said = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
    if done.returncode or "PROGRAM ENDED AT" not in said:
        reason = next((line for line in said.splitlines() if "*" in line and "[ABORT]" in line), "")
        raise refusal(
            "E879",
            f"CP2K did not finish {control} (code {done.returncode}) {reason.strip(' *')}".strip(),
            f"the last lines of {output} say why",
        )
    return output


def _write(
    atoms: Atoms,
    study: ConstrainedStudy,
    folder: Path,
    name: str,
    level: Level,
    target_A: float,
    growth_A_fs: float,
    steps: int,
) -> Path:
    if atoms.pbc.any() and not atoms.pbc.all():
        raise _impossible(
            "a system that is periodic in some directions only",
            "make the cell periodic in all three, with vacuum along the others",
        )
    placed = atoms.copy()
    if not atoms.pbc.all():
        side_A = float(np.ptp(atoms.positions, axis=0).max()) + 2 * PADDING_A
        placed.set_cell([side_A] * 3)
        placed.center()
    text = constrained_input(placed, study, name, level, target_A, growth_A_fs, steps)
    folder.mkdir(parents=True, exist_ok=True)
    write_atoms(folder / f"{name}.xyz", placed)
    control = folder / f"{name}.inp"
    write_file(control, text.encode())
    return control


def constrained_input(
    atoms: Atoms,
    study: ConstrainedStudy,
    name: str,
    level: Level,
    target_A: float,
    growth_A_fs: float,
    steps: int,
) -> str:
    """A CP2K input: NVT (CSVR) with the constraint at `target_A`, moving by `growth_A_fs`.

    Multipliers go to NAME-1.LagrangeMultLog, positions of every step to NAME-pos-1.xyz.
    """
    periodic = bool(atoms.pbc.all())
    cell = "\n".join(
        f"      {axis} {x:.8f} {y:.8f} {z:.8f}"
        for axis, (x, y, z) in zip("ABC", atoms.cell[:], strict=True)
    )
    electronic = _xtb(periodic) if level == "xtb" else _pbe_d3(atoms, study, periodic)
    kinds = "" if level == "xtb" else kind_sections(sorted(set(atoms.symbols)))
    return _template("cp2k_constrained.inp").format(
        name=name,
        study=study,
        dynamics=study.dynamics,
        electronic=electronic,
        cell=cell,
        periodic="XYZ" if periodic else "NONE",
        colvar=_colvar(study, periodic),
        kinds=kinds,
        target_A=target_A,
        growth_A_fs=growth_A_fs,
        coupling_fs=1e3 / study.dynamics.friction_per_ps,
        steps=steps,
    )


def _template(name: str) -> str:
    return (Path(__file__).parent / "tables" / name).read_text(encoding="utf-8")


def _colvar(study: ConstrainedStudy, periodic: bool) -> str:
    numbers = [
        "".join(c for c in label if c.isdigit())
        for term in study.coordinate
        for label in term.atoms
    ]
    coefficients = [term.coefficient for term in study.coordinate]
    if len(coefficients) > 2 or coefficients[0] != 1:
        raise _impossible(
            f"coefficients {coefficients}",
            "CP2K takes one distance, or two of which the first has the coefficient 1",
        )
    if len(coefficients) == 1:
        inner = f"      &DISTANCE\n        ATOMS {' '.join(numbers)}\n      &END DISTANCE\n"
    else:
        inner = (
            "      &DISTANCE_FUNCTION\n"
            f"        ATOMS {' '.join(numbers)}\n"
            f"        COEFFICIENT {coefficients[1]:g}\n"
            f"        PBC {'T' if periodic else 'F'}\n"
            "      &END DISTANCE_FUNCTION\n"
        )
    return f"    &COLVAR\n{inner}    &END COLVAR\n"


def _poisson(periodic: bool) -> str:
    if periodic:
        return ""
    return "    &POISSON\n      PERIODIC NONE\n      PSOLVER MT\n    &END POISSON\n"


def _xtb(periodic: bool) -> str:
    ewald = "T" if periodic else "F"
    return _template("cp2k_xtb.inp").format(ewald=ewald, poisson=_poisson(periodic))


def _pbe_d3(atoms: Atoms, study: ConstrainedStudy, periodic: bool) -> str:
    electrons = sum(_valence_electrons(symbol) for symbol in atoms.symbols) - study.charge
    # an odd number of electrons needs two spin channels
    spin = "    UKS T\n    MULTIPLICITY 2\n" if electrons % 2 else ""
    return _template("cp2k_pbe_d3.inp").format(spin=spin, poisson=_poisson(periodic))


def _valence_electrons(symbol: str) -> int:
    known = valence_electrons()
    if symbol not in known:
        raise _impossible(
            f"{symbol} with DZVP-MOLOPT-SR-GTH", "the table has " + ", ".join(sorted(known))
        )
    return known[symbol]


def _impossible(what: str, help_text: str) -> InputError:
    return refusal("E877", f"no CP2K input for {what}", help_text)
