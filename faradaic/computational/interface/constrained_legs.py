"""One leg of a constrained run, done in pieces that survive a kill.

A leg is a window at rest or a pull through all windows. Each piece of it leaves a file with what
it recorded, where the atoms were and the state of the random numbers, and begins with a fresh
calculator: a leg that was killed and taken up again gives the same numbers, bit for bit, as one
that was not (as far as the potential itself does).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.computational.interface.constrained_dynamics import (
    FIELDS,
    AtomsState,
    ConstrainedDynamics,
    ConstraintError,
)
from faradaic.computational.interface.constrained_study import LoadedConstrainedRun, coordinate_of
from faradaic.computational.interface.readers.own_runs import read_arrays
from faradaic.computational.interface.trajectories import Floats
from faradaic.computational.interface.trajectory_frames import write_atoms
from faradaic.diagnostics import FaradaicError
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K
from faradaic.records.disk import make_own_folder, replace_file

if TYPE_CHECKING:
    from ase import Atoms

CHECKPOINTS, WINDOWS = "checkpoints", "windows"
FORWARD, BACKWARD = "forward", "backward"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some steps with the target at rest or moving, between two checkpoints."""

    from_A: float
    to_A: float
    steps: int
    recorded: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """A window or a pull."""

    name: str
    """`forward`, `backward`, or `window-007`: the name of its files."""
    pieces: tuple[Piece, ...]
    number: int
    """Makes its random numbers its own."""
    starts_at: int | None
    """Piece of the forward pull whose end it starts from; None for the structure of the study."""

    def result(self, folder: Path) -> Path:
        """Where its window is written."""
        return folder / WINDOWS / f"{self.name}.npz"


def legs_of(loaded: LoadedConstrainedRun, start_A: float) -> tuple[Leg, list[Leg]]:
    """The forward pull from a structure at `start_A`, and what can run side by side after it."""
    study = loaded.study
    targets, most = study.targets_A, study.checkpoint_steps
    equilibrate = study.windows.equilibration_steps
    per_step_A = (targets[1] - targets[0]) / study.pull_steps
    approach = max(1, round(abs(targets[0] - start_A) / per_step_A))
    pieces = [
        *_cut(start_A, targets[0], approach, False, most),
        *_cut(targets[0], targets[0], equilibrate, False, most),
    ]
    ends = [len(pieces) - 1]
    for here, there in pairwise(targets):
        pieces += _cut(here, there, study.pull_steps, True, most)
        ends.append(len(pieces) - 1)
    forward = Leg(FORWARD, tuple(pieces), 0, None)
    back = list(_cut(targets[-1], targets[-1], equilibrate, False, most))
    for here, there in pairwise(reversed(targets)):
        back += _cut(here, there, study.pull_steps, True, most)
    legs = [Leg(BACKWARD, tuple(back), 1, ends[-1])]
    for k, (target, end) in enumerate(zip(targets, ends, strict=True)):
        rest = (
            *_cut(target, target, equilibrate, False, most),
            *_cut(target, target, study.windows.steps, True, most),
        )
        legs.append(Leg(f"window-{k:03d}", rest, k + 2, end))
    return forward, legs


def _cut(from_A: float, to_A: float, steps: int, recorded: bool, most: int) -> Iterator[Piece]:
    for begin in range(0, steps, most):
        end = min(begin + most, steps)
        at = [from_A + (to_A - from_A) * done / steps for done in (begin, end)]
        yield Piece(at[0], at[1], end - begin, recorded)


def run_leg(loaded: LoadedConstrainedRun, leg: Leg, folder: Path) -> None:
    """Do what is left of a leg and write its window and trajectory under `folder`.

    Raises `ConstraintError` (E871, E873) where the dynamics or the potential fails; what was done
    until then is kept.
    """
    from filelock import FileLock

    if leg.result(folder).exists():
        return
    store = folder / CHECKPOINTS / leg.name
    store.mkdir(parents=True, exist_ok=True)
    # After a kill a process of the former run may still be at work on the same leg.
    with FileLock(str(store / "lock")):
        if leg.result(folder).exists():
            return
        for number in range(_finished(store, leg), len(leg.pieces)):
            try:
                content = _do_piece(loaded, leg, number, folder)
            except FaradaicError:
                raise
            except Exception as error:
                raise ConstraintError.of(
                    f"{leg.name}: the potential failed in piece {number + 1} of "
                    f"{len(leg.pieces)}: {type(error).__name__}: {error}",
                    code="E873",
                    help="look at the last frames; shorten the time step, or relax the start",
                ) from error
            _save(store / _piece_name(number), content)
        _merge(loaded, leg, folder)


def _finished(store: Path, leg: Leg) -> int:
    """How many pieces from the first one on are there and whole."""
    for number in range(len(leg.pieces)):
        if not (store / _piece_name(number)).exists():
            return number
    return len(leg.pieces)


def _do_piece(loaded: LoadedConstrainedRun, leg: Leg, number: int, folder: Path) -> dict[str, Any]:
    study, atoms, piece = loaded.study, loaded.atoms.copy(), leg.pieces[number]
    rng = np.random.default_rng([study.dynamics.seed, leg.number])
    dynamics = ConstrainedDynamics(
        coordinate_of(study, atoms),
        atoms.get_masses(),
        _forces_of(atoms, loaded.potential().calculator()),
        temperature_K=study.dynamics.temperature_K,
        time_step_fs=study.dynamics.time_step_fs,
        friction_per_ps=study.dynamics.friction_per_ps,
        rng=rng,
    )
    if number:
        before = read_arrays(folder / CHECKPOINTS / leg.name / _piece_name(number - 1))
        rng.bit_generator.state = json.loads(str(before["rng"]))
        state = AtomsState(before["positions_A"], before["velocities_A_fs"])
    elif leg.starts_at is None:
        state = dynamics.start(atoms.positions, piece.from_A)
    else:
        before = read_arrays(folder / CHECKPOINTS / FORWARD / _piece_name(leg.starts_at))
        state = dynamics.start(before["positions_A"], piece.from_A)
    frames: list[Floats] = []
    earlier = sum(before.steps for before in leg.pieces[:number] if before.recorded)

    def keep(step: int, now: AtomsState) -> None:
        if piece.recorded and (earlier + step) % study.frame_every == 0:
            frames.append(now.positions_A.copy())

    rate = (piece.to_A - piece.from_A) / (piece.steps * study.dynamics.time_step_fs)
    samples = dynamics.run(state, piece.steps, piece.from_A, rate_A_fs=rate, observe=keep)
    return {
        **{name: getattr(samples, name) for name in FIELDS},
        "positions_A": state.positions_A,
        "velocities_A_fs": state.velocities_A_fs,
        "rng": json.dumps(rng.bit_generator.state),
        "frames_A": np.array(frames).reshape(-1, *state.positions_A.shape),
    }


def _forces_of(atoms: Atoms, calculator: Any) -> Any:
    atoms.calc = calculator

    def forces(positions_A: Floats) -> tuple[Floats, Floats]:
        atoms.positions = positions_A
        force = atoms.get_forces()
        return np.asarray(atoms.get_potential_energy()), force

    return forces


def _merge(loaded: LoadedConstrainedRun, leg: Leg, folder: Path) -> None:
    """All recorded pieces as one window (for `read_own_window`, and more) and frames."""
    store, dynamics = folder / CHECKPOINTS / leg.name, loaded.study.dynamics
    recorded = [number for number, piece in enumerate(leg.pieces) if piece.recorded]
    pieces = [read_arrays(store / _piece_name(number)) for number in recorded]
    series = {name: np.concatenate([piece[name] for piece in pieces]) for name in FIELDS}
    resting = leg.name not in (FORWARD, BACKWARD)
    path = leg.result(folder)
    make_own_folder(path.parent)
    frames = []
    for positions_A in np.concatenate([piece["frames_A"] for piece in pieces]):
        frame = loaded.atoms.copy()
        frame.positions = positions_A
        frames.append(frame)
    write_atoms(path.with_suffix(".extxyz"), frames)
    _save(
        path,
        {
            "xi_A": series["xi_A"],
            "target_A": series["xi_A"] - series["drift_A"],
            "multiplier_eV_A": series["mean_multiplier_eV_A" if resting else "multiplier_eV_A"],
            "inverse_sqrt_metric": series["z_per_amu"] ** -0.5,
            "metric_correction_eV_A": BOLTZMANN_EV_PER_K
            * dynamics.temperature_K
            * series["g_per_A"],
            "instantaneous_multiplier_eV_A": series["multiplier_eV_A"],
            "energy_eV": series["energy_eV"],
            "kinetic_temperature_K": series["temperature_K"],
            "drift_A": series["drift_A"],
            "time_step_fs": dynamics.time_step_fs,
            "temperature_K": dynamics.temperature_K,
            "kind": "constraint",
        },
    )


def _piece_name(number: int) -> str:
    return f"{number:05d}.npz"


def _save(path: Path, content: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)
    replace_file(path, buffer.getvalue())
