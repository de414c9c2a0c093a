"""Study files to fill in."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from faradaic.diagnostics import Diagnostic, InputError, StorageError
from faradaic.documents.validation import did_you_mean
from faradaic.records.folder import write_file
from faradaic.studies.schema import KINDS

NAME = "study.yaml"


def write_template(kind: str, folder: Path) -> Path:
    """Write the commented study file of a kind into a folder; returns its path.

    Raises `InputError` (E780) for an unknown kind and where there is a study file already, and
    `StorageError` where nothing can be written.
    """
    if kind not in KINDS:
        raise InputError(
            Diagnostic("E780", f"there is no template {kind!r}", help=did_you_mean(kind, KINDS))
        )
    path = folder / NAME
    if path.exists():
        raise InputError(Diagnostic("E780", f"{path} exists already", help="name another folder"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            Diagnostic("E788", f"{folder} cannot be made: {error.strerror or error}")
        ) from None
    write_file(path, files(__name__).joinpath(f"{kind}.yaml").read_bytes())
    return path
