"""CP2K's Lagrange multipliers with the trajectory of the same run.

CP2K prints the multiplier of the position step (Shake) and of the velocity step (Rattle) in
hartree/bohr, with the sign opposite to `ConstraintWindow` (dF/dξ = −<λ>), and applies no metric
correction: Z and G are computed here from the positions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from faradaic.chemistry.elements import atomic_weights_g_per_mol
from faradaic.computational.interface.collective_variables import DistanceCombination
from faradaic.computational.interface.readers.cp2k_input import (
    ConstrainedRun,
    read_constrained_run,
)
from faradaic.computational.interface.readers.numbers import cut_off, floats
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.datafiles.readers.text import read_bytes
from faradaic.diagnostics import Diagnostic, Severity, refusal, warning
from faradaic.quantities.constants import BOHR_A, BOLTZMANN_EV_PER_K, HARTREE_EV

LABEL = re.compile(rb"(Shake|Rattle)\s+Lagrangian Multipliers:")
_STEP = re.compile(rb"\bi\s*=\s*(\d+)")
_SPURIOUS_SIGMAS = 10.0
_NORMAL_PER_MAD = 1.4826


def read_multipliers(path: Path) -> Floats:
    """The Shake multipliers as CP2K prints them, hartree/bohr, (steps, constraints).

    A last line without an end is left out. Raises `InputError` (E853) for another kind of file,
    (E851) for one that is damaged.
    """
    data = read_bytes(path)
    data = data[: data.rfind(b"\n") + 1]
    labels = list(LABEL.finditer(data))
    if not labels:
        raise refusal(
            "E853",
            f"{path} holds no Lagrangian multipliers of CP2K",
            "print them with MOTION/CONSTRAINT/LAGRANGE_MULTIPLIERS ON",
        )
    ends = [label.start() for label in labels[1:]] + [len(data)]
    shake = [
        data[label.end() : end]
        for label, end in zip(labels, ends, strict=True)
        if label[1] == b"Shake"
    ]
    numbers = floats(path, b"\n".join(shake), labels[0].end(), "a multiplier")
    if not shake or numbers.size % len(shake):
        raise cut_off(path, labels[-1].start(), f"{numbers.size} numbers in {len(shake)} steps")
    return numbers.reshape(len(shake), -1)


def read_cp2k_window(
    multipliers: Path, control: Path, trajectory: Path | None = None, *, constraint: int = 0
) -> ConstraintWindow:
    """A constrained run: its multipliers, its input and its trajectory (`-pos-1.xyz`, every step).

    Without a trajectory ξ is the target of the input, and the metric is known for a single
    distance only (Z constant, G = 0). A first multiplier far outside all others, which CP2K
    prints where the start was not at the target, is left out and reported (E855).
    """
    run = read_constrained_run(control)
    raw = read_multipliers(multipliers)
    if not 0 <= constraint < raw.shape[1]:
        raise refusal(
            "E852",
            f"{multipliers} holds {raw.shape[1]} multipliers per step, number {constraint} is "
            "asked for",
            f"choose 0 to {raw.shape[1] - 1}",
        )
    force: Floats = -raw[:, constraint] * (HARTREE_EV / BOHR_A)
    target = run.targets_A(np.arange(1.0, force.size + 1.0))
    if trajectory is None:
        known = len(run.pairs) == 1
        window = ConstraintWindow(
            target, force, np.ones_like(force) if known else None,
            np.zeros_like(force) if known else None, run.time_step_fs, run.temperature_K,
            str(multipliers), target,
        )  # fmt: skip
    else:
        window = _with_trajectory(multipliers, run, force, target, trajectory)
    ended = tuple(_ended_early(path) for path in (multipliers, trajectory) if _torn(path))
    return _without_spurious_start(replace(window, findings=(*window.findings, *ended)))


def _torn(path: Path | None) -> bool:
    """Whether a file ends in the middle of a line or, for a trajectory, of a frame."""
    if path is None:
        return False
    data = read_bytes(path)
    if not data.endswith(b"\n"):
        return True
    first = data.split(b"\n", 1)[0].strip()
    return first.isdigit() and data.count(b"\n") % (int(first) + 2) != 0


def _ended_early(path: Path | None) -> Diagnostic:
    return warning(
        "E851",
        f"{path} ends in the middle of a step: the whole steps before it are used",
        "a restart of the run goes on from there",
    )


def _with_trajectory(
    multipliers: Path, run: ConstrainedRun, force: Floats, target: Floats, trajectory: Path
) -> ConstraintWindow:
    atoms = sorted({atom for pair in run.pairs for atom in pair})
    symbols, positions, step = read_xyz(trajectory, atoms)
    use = (step >= 1) & (step <= force.size)
    short = _torn(multipliers)  # the two files of a run that was killed end at steps of their own
    if not use.any() or (step.max() > force.size and not short):
        raise refusal(
            "E852",
            f"{trajectory} goes to step {step.max()}, {multipliers} holds {force.size} steps",
            "give the two files of the same run, from its first step",
        )
    coordinate = DistanceCombination(
        [(atoms.index(i), atoms.index(j)) for i, j in run.pairs],
        run.coefficients,
        atoms=len(atoms),
        cell_A=None if run.cell_A is None else np.diag(run.cell_A),
    )
    weights = atomic_weights_g_per_mol()
    for symbol in symbols:
        if symbol not in weights:
            raise refusal(
                "E852",
                f"{trajectory}: {symbol!r} is no element",
                "print the trajectory with element symbols",
            )
    masses = np.array([weights[symbol] for symbol in symbols])
    metric = coordinate.metric(positions[use], masses)
    index = step[use] - 1
    spacing = int(np.diff(index).min()) if index.size > 1 else 1
    return ConstraintWindow(
        xi_A=coordinate.value_A(positions[use]),
        multiplier_eV_A=force[index],
        inverse_sqrt_metric=metric.z_per_amu**-0.5,
        metric_correction_eV_A=BOLTZMANN_EV_PER_K * run.temperature_K * metric.g_per_A,
        time_step_fs=run.time_step_fs * spacing,
        temperature_K=run.temperature_K,
        source=str(multipliers),
        target_A=target[index],
    )


def read_xyz(path: Path, atoms: Sequence[int]) -> tuple[list[str], Floats, np.ndarray]:
    """Of an XYZ trajectory of CP2K: (elements, positions (frames, atoms, 3) in Å, step numbers).

    Only the wanted atoms (from 0) are read. A last frame that is cut off is left out. Raises
    `InputError` (E851) where there is no whole frame.
    """
    data = read_bytes(path)
    lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
    if not lines or not lines[0].strip().isdigit():
        raise refusal("E853", f"{path} is no XYZ trajectory", "give -pos-1.xyz")
    count = int(lines[0])
    stride = count + 2
    whole = len(lines) // stride * stride
    if not whole:
        raise cut_off(path, len(data), "the first frame is incomplete")
    lines = lines[:whole]
    if max(atoms) >= count:
        raise refusal(
            "E852",
            f"{path} holds {count} atoms, atom {max(atoms) + 1} is constrained",
            "give the trajectory of the same run",
        )
    found = [_STEP.search(comment) for comment in lines[1::stride]]
    step = np.array([int(match[1]) if match else k for k, match in enumerate(found)])
    columns = []
    for atom in atoms:
        rows = [line.split(None, 1)[1] for line in lines[atom + 2 :: stride]]
        columns.append(floats(path, b"".join(rows), 0, f"atom {atom + 1}").reshape(len(rows), 3))
    symbols = [lines[atom + 2].split()[0].decode("ascii") for atom in atoms]
    return symbols, np.stack(columns, axis=1), step


def _without_spurious_start(window: ConstraintWindow) -> ConstraintWindow:
    force = window.multiplier_eV_A
    if force.size < 10:
        return window
    rest = force[1:]
    middle = float(np.median(rest))
    sigma = _NORMAL_PER_MAD * float(np.median(np.abs(rest - middle)))
    if abs(force[0] - middle) <= _SPURIOUS_SIGMAS * sigma:
        return window
    finding = Diagnostic(
        "E855",
        f"{window.source}: the first multiplier, {force[0]:.1f} eV/Å, is left out; the others lie "
        f"about {middle:.2f} eV/Å",
        Severity.INFO,
        help="the start was pulled onto the constraint in one step: start at the target",
    )
    shorter = window.without_first(window.time_step_fs)
    return replace(shorter, findings=(*shorter.findings, finding))
