"""A constrained run from a study to its folder: windows side by side, resumable, then the curve.

Folder: `study.yaml` and `start.extxyz` (what was run), `checkpoints/`, `windows/` (series and
trajectory of each window and pull), what `free_energy.write` leaves, `results.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.computational.interface.constrained_dynamics import ConstraintError
from faradaic.computational.interface.constrained_legs import Leg, legs_of, run_leg
from faradaic.computational.interface.constrained_study import (
    LoadedConstrainedRun,
    coordinate_of,
)
from faradaic.computational.interface.trajectory_frames import write_atoms
from faradaic.diagnostics import Diagnostic, FaradaicError, refusal
from faradaic.input_files import read_file
from faradaic.records.disk import replace_file
from faradaic.workloads.executors import WorkerDied

if TYPE_CHECKING:
    from ase import Atoms

Progress = Callable[[str, int, int], None]
"""Called with the name of a leg that is done, how many are done, and how many there are."""

_RELAXATION_STEPS = 1000
RUN_NAME = "run.json"


def run_constrained(
    loaded: LoadedConstrainedRun,
    folder: Path,
    *,
    executor: Executor,
    progress: Progress | None = None,
) -> None:
    """Run what is not yet done of a study in `folder`; `constrained_results` evaluates it.

    The forward pull comes first; the windows and the backward pull then run side by side. Raises
    `InputError` (E874) where the folder belongs to another study, `ConstraintError` (E871, E873)
    with every leg that failed; the same call goes on from what is there.
    """
    start = _prepare(loaded, folder)
    study = loaded.study
    loaded = LoadedConstrainedRun(study, start, loaded.text, loaded.source)
    start_A = float(coordinate_of(study, start).value_A(start.positions))
    forward, others = legs_of(loaded, start_A)
    left = [leg for leg in (forward, *others) if not leg.result(folder).exists()]
    done = len(others) + 1 - len(left)
    for legs in ([forward], others):
        todo = [leg for leg in legs if leg in left]
        running = {executor.submit(_work, loaded, leg, folder): leg for leg in todo}
        failures: list[Diagnostic] = []
        for future in as_completed(running):
            failed = _outcome(future, running[future])
            failures += failed
            done += not failed
            if progress is not None and not failed:
                progress(running[future].name, done, len(others) + 1)
        if failures:
            raise ConstraintError(*failures)


def _prepare(loaded: LoadedConstrainedRun, folder: Path) -> Atoms:
    """The folder with the relaxed start in it, or the start that is there already."""
    from ase.io import read

    record = folder / RUN_NAME
    if record.exists():
        known = json.loads(read_file(record))
        if known["key"] != loaded.key:
            raise refusal(
                "E874",
                f"{folder} holds a run with other settings or another structure than "
                f"{loaded.source}",
                "choose another folder with --out, or undo the change of the study "
                f"(the settings of the run are in {folder / 'study.yaml'})",
            )
    else:
        # these two are written before the record: a kill in between is no reason to refuse
        begun = {"start.extxyz", "study.yaml"}
        if folder.exists() and any(path.name not in begun for path in folder.iterdir()):
            raise refusal(
                "E874",
                f"{folder} is not empty and holds no constrained run",
                "choose a new folder with --out",
            )
        folder.mkdir(parents=True, exist_ok=True)
        start = _relaxed(loaded)
        write_atoms(folder / "start.extxyz", start)
        replace_file(folder / "study.yaml", loaded.text.encode())
        content = {"key": loaded.key, "method": loaded.potential().method}
        replace_file(record, json.dumps(content, indent=2).encode())
    start = read(folder / "start.extxyz")
    start.calc = None
    return start


def _relaxed(loaded: LoadedConstrainedRun) -> Atoms:
    """The structure of the study, relaxed without the constraint where the study says so."""
    from ase.optimize import BFGS

    atoms, limit_eV_A = loaded.atoms.copy(), loaded.study.relax_eV_A
    if limit_eV_A is None:
        return atoms
    atoms.calc = loaded.potential().calculator()
    try:
        converged = BFGS(atoms, logfile=None).run(fmax=limit_eV_A, steps=_RELAXATION_STEPS)
    except Exception as error:
        raise ConstraintError.of(
            f"the start could not be relaxed: {type(error).__name__}: {error}",
            code="E873",
            help=f"look at {loaded.study.atoms}: do atoms overlap, is the charge right?",
        ) from error
    if not converged:
        raise ConstraintError.of(
            f"the start is not relaxed to {limit_eV_A:g} eV/A after {_RELAXATION_STEPS} steps",
            code="E873",
            help="relax it beforehand, or write a larger `relax_eV_A`",
        )
    atoms.calc = None
    return atoms


def _work(loaded: LoadedConstrainedRun, leg: Leg, folder: Path) -> tuple[Diagnostic, ...]:
    """A leg in a worker; what went wrong comes back as values, because errors lose them."""
    try:
        run_leg(loaded, leg, folder)
    except FaradaicError as error:
        return error.diagnostics
    return ()


def _outcome(future: Future[tuple[Diagnostic, ...]], leg: Leg) -> tuple[Diagnostic, ...]:
    try:
        return future.result()
    except (WorkerDied, BrokenExecutor) as error:
        return (
            Diagnostic(
                "E873",
                f"{leg.name}: {error}",
                help="run the same command again, it goes on from the last checkpoint; with "
                "--workers 1 it needs less memory",
            ),
        )
