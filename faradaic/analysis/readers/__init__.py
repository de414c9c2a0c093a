"""Readers of data files: which one a file needs is found in its content, not in its name.

A reader is a module with `sniff(head, path) -> bool` and `read(path) -> Dataset`.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from faradaic.analysis.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError

READERS = (
    "run_journal",
    "biologic_text",
    "biologic_binary",
    "gamry",
    "palmsens",
    "methodscript",
    "chi",
    "autolab",
    "zahner",
    "delimited",
)
"""Modules of this package, in the order in which they are asked; the least particular last."""

HEAD_BYTES = 8192
"""How much of a file a reader sees to recognise it."""


class Reader(Protocol):
    """What a reader's module holds."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins like this is one of its own."""
        ...

    def read(self, path: Path) -> Dataset:
        """Read the file. Raises `InputError` naming file and offset where it is damaged."""
        ...


def read(path: Path | str) -> Dataset:
    """Read a data file or a run folder, whoever wrote it.

    Raises `InputError` when it is missing, empty, damaged or of no known kind.
    """
    from faradaic.analysis.readers import run_journal

    path = Path(path)
    if path.is_dir():
        return run_journal.read(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            stream.seek(0)
            digest = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            Diagnostic("E742", f"{path} cannot be read: {error.strerror or error}")
        ) from error
    for name in READERS:
        reader = cast("Reader", import_module(f"{__name__}.{name}"))
        if reader.sniff(head, path):
            return replace(reader.read(path), source=path, sha256=digest, format=name)
    what = "is empty" if not head else "is of no kind that can be read"
    raise InputError(
        Diagnostic(
            "E747",
            f"{path} {what}",
            help="give a run folder, a BioLogic .mpt or .mpr, a Gamry .DTA, or a table of numbers "
            'with a header such as "time (s)", "current (mA)"',
        )
    )
