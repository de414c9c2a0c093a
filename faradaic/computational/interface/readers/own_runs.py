"""Windows written by our own constrained runs (`save_window`): NPZ, one file per window."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from faradaic.computational.interface.trajectories import ConstraintWindow
from faradaic.diagnostics import InputError, refusal

_NEEDED = ("xi_A", "multiplier_eV_A", "time_step_fs", "temperature_K")


def read_own_window(path: Path) -> ConstraintWindow:
    """One window. Raises `InputError` (E851) for a damaged file, (E853) for another kind."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            content = {name: archive[name] for name in archive.files}
    except OSError as error:
        raise InputError.of(
            f"{path} cannot be read: {error.strerror or error}", code="E742"
        ) from error
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError) as error:
        raise refusal(
            "E851",
            f"{path} is cut off or damaged: {error}",
            "a window that was being written when the run stopped: run it again, the "
            "finished ones are kept",
        ) from error
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
