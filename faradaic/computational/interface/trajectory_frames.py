"""Frames of a trajectory as arrays, and the distances between atoms under periodic boundaries."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import refusal
from faradaic.input_files import MOST_TRAJECTORY_BYTES, check_file, open_file
from faradaic.optional_libraries import optional_library
from faradaic.records.folder import write_file


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The same atoms at successive times, in one cell."""

    symbols: tuple[str, ...]
    positions_A: Floats
    """(frames, atoms, 3)."""
    cell_A: Floats
    """(3, 3), rows are the cell vectors; zero along a direction without one."""
    periodic: tuple[bool, bool, bool]
    source: str

    def __len__(self) -> int:
        """Frames."""
        return len(self.positions_A)

    def indices(self, *elements: str) -> Any:
        """Indices of the atoms of these elements. Raises `InputError` (E880) if there are none."""
        found = np.flatnonzero(np.isin(self.symbols, elements))
        if not found.size:
            raise refusal(
                "E880",
                f"{self.source} holds no atom of {', '.join(elements)}",
                "its elements are " + ", ".join(sorted(set(self.symbols))),
            )
        return found


def read_frames(
    path: Path, *, cell_A: Sequence[float] | None = None, every: int = 1, skip: int = 0
) -> Frames:
    """Read a trajectory with ASE (xyz, extxyz, XDATCAR, ASE's traj ...).

    `cell_A` are three lengths of a right-angled periodic cell for files that hold none. Raises
    `InputError` (E880) for a file that cannot be read, without frames after `skip`, or whose
    atoms or cell change on the way.
    """
    read = optional_library("ase.io").read
    if every < 1 or skip < 0:
        raise refusal(
            "E880",
            f"every {every}th frame after {skip} cannot be taken",
            "write at least 1 for every, at least 0 for skip",
        )
    try:
        check_file(path, MOST_TRAJECTORY_BYTES)
        images = read(path, index=slice(skip, None, every))
    except FileNotFoundError:
        raise refusal("E880", f"there is no file {path}", "check its name") from None
    except Exception as error:
        raise refusal(
            "E880",
            f"ASE cannot read {path} as a trajectory: {type(error).__name__}: {error}",
            "a run that was killed leaves a last frame cut short: delete its lines; the "
            "name must say the format (.xyz, .extxyz, XDATCAR, .traj)",
        ) from error
    if not images:
        raise refusal("E880", f"{path} holds no frame after the first {skip}", "skip fewer frames")
    first = images[0]
    symbols = tuple(first.get_chemical_symbols())
    for number, image in enumerate(images):
        if tuple(image.get_chemical_symbols()) != symbols:
            what = "other atoms"
        elif not np.allclose(image.cell[:], first.cell[:], atol=1e-6):
            what = "another cell"
        else:
            continue
        raise refusal(
            "E880",
            f"{path}: frame {skip + number * every + 1} has {what} than the first",
            "give the part of the trajectory with the same atoms in a fixed cell",
        )
    cell, periodic = first.cell[:], tuple(bool(p) for p in first.pbc)
    if cell_A is not None:
        if len(cell_A) != 3 or min(cell_A) <= 0:
            raise refusal("E880", f"a cell of {cell_A} is none", "write three lengths in angstrom")
        cell, periodic = np.diag(np.array(cell_A, dtype=float)), (True, True, True)
    positions_A = np.array([image.positions for image in images], dtype=float)
    _refuse_damaged(Path(path), positions_A)
    return Frames(symbols, positions_A, np.array(cell), periodic, str(path))  # type: ignore[arg-type]


def write_atoms(path: Path, atoms: Any) -> None:
    """Write ASE's atoms, or a list of them, as the name says (.xyz, .extxyz); a link is replaced.

    Raises `StorageError`.
    """
    stream = io.StringIO()
    optional_library("ase.io").write(stream, atoms, format=path.suffix[1:])
    write_file(path, stream.getvalue().encode())


def _refuse_damaged(path: Path, positions_A: Floats) -> None:
    """What ASE reads without a word: a number cut short at the very end, NaN of a run astray."""
    frames = np.flatnonzero(~np.isfinite(positions_A).all(axis=(1, 2)))
    if frames.size:
        raise refusal(
            "E880",
            f"{path}: a position of frame {frames[0] + 1} of those read is not a finite number",
            "the run went astray there: give the part before it",
        )
    text = path.suffix in (".xyz", ".extxyz") or path.name.startswith("XDATCAR")
    if text and len(positions_A) > 1:
        with open_file(path, MOST_TRAJECTORY_BYTES) as file:
            file.seek(-1, 2)
            whole = file.read(1) == b"\n"
        if not whole:
            raise refusal(
                "E880",
                f"{path} ends in the middle of a line: its last number may be cut short",
                "a run that was killed leaves a last frame cut short: delete its lines",
            )


def vectors_between(frames: Frames, first: Any, second: Any) -> Floats:
    """From `first` to `second` to the nearest image: (frames, n, 3) for index arrays (n,)."""
    vectors = frames.positions_A[:, second] - frames.positions_A[:, first]
    return nearest_images(frames, vectors)


def nearest_images(frames: Frames, vectors_A: Floats) -> Floats:
    """Each vector (..., 3) replaced by its shortest periodic image."""
    if not any(frames.periodic):
        return vectors_A
    cell = frames.cell_A
    if np.count_nonzero(cell - np.diag(np.diag(cell))) == 0:
        lengths = np.where(frames.periodic, np.diag(cell), 1.0)
        return np.asarray(vectors_A - frames.periodic * lengths * np.round(vectors_A / lengths))
    flat, _ = optional_library("ase.geometry").find_mic(
        vectors_A.reshape(-1, 3), cell, frames.periodic
    )
    return np.asarray(flat).reshape(vectors_A.shape)
