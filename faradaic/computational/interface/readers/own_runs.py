"""Windows written by our own constrained runs : NPZ, one file per window."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.interface.trajectories import ConstraintWindow
from faradaic.diagnostics import InputError, refusal
from faradaic.input_files import MOST_BYTES, open_file

_NEEDED = ("xi_A", "multiplier_eV_A", "time_step_fs", "temperature_K")

_MOST_UNPACKED, _UNPACKED_FREE_B = 100, 16 * 2**20
"""How many times its size an NPZ may unpack to, and what is free besides."""


def read_own_window(path: Path) -> ConstraintWindow:
    """One window. Raises `InputError` (E851) for a damaged file, (E853) for another kind."""
    content = read_arrays(path)
    absent = [name for name in _NEEDED if name not in content]
    if absent:
        raise refusal(
            "E853",
            f"{path} is no window of a constrained run: no {', '.join(absent)}",
            "there is " + (", ".join(content) or "nothing in it"),
        )
    return ConstraintWindow(
        xi_A=content["xi_A"],
        multiplier_eV_A=content["multiplier_eV_A"],
        inverse_sqrt_metric=content.get("inverse_sqrt_metric"),
        metric_correction_eV_A=content.get("metric_correction_eV_A"),
        time_step_fs=float(content["time_step_fs"]),
        temperature_K=float(content["temperature_K"]),
        source=str(path),
        target_A=content.get("target_A"),
        kind="restraint" if str(content.get("kind", "")) == "restraint" else "constraint",
    )


def read_arrays(path: Path) -> dict[str, Any]:
    """The arrays of an NPZ. Raises `InputError` (E742, E851) where they cannot be read."""
    try:
        with open_file(path) as file, np.load(file, allow_pickle=False) as archive:
            unpacked_B = sum(member.file_size for member in archive.zip.infolist())
            if unpacked_B > min(
                MOST_BYTES, _UNPACKED_FREE_B + _MOST_UNPACKED * path.stat().st_size
            ):
                raise ValueError(f"it would unpack to {unpacked_B} bytes")
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise InputError.of(
            f"{path} cannot be read: {error.strerror or error}", code="E742"
        ) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        EOFError,
        KeyError,
        AttributeError,
        MemoryError,
        OverflowError,
    ) as error:
        raise refusal(
            "E851",
            f"{path} is cut off or damaged: {error}",
            "a run that was stopped while writing: delete it and run again, finished windows "
            "are kept",
        ) from error
