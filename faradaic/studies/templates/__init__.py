"""Study files to fill in."""

from __future__ import annotations

from pathlib import Path

from faradaic.diagnostics import InputError
from faradaic.records.folder import make_folder, write_file
from faradaic.studies.study_kinds import STUDY_KINDS

NAME = "study.yaml"


def write_template(kind: str, folder: Path) -> Path:
    """Write the commented study file of a kind into a folder; returns its path.

    Raises `InputError` (E780) for an unknown kind and where there is a study file already, and
    `StorageError` where nothing can be written.
    """
    template = STUDY_KINDS.load(kind).template
    path = folder / NAME
    if path.exists():
        raise InputError.of(f"{path} exists already", help="name another folder", code="E780")
    make_folder(folder, "E788")
    write_file(path, template.read_bytes())
    return path
