"""Readers of data files: which one a file needs is found in its content, not in its name.

A reader is a module with `sniff(head, path) -> bool` and `parse(data, path) -> Dataset`; one whose
data are in several files has `read(path)` instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from faradaic.analysis.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from faradaic.analysis.readers.mapping import Named

READERS = (
    "run_journal",
    "biologic_text",
    "biologic_binary",
    "gamry",
    "palmsens",
    "methodscript",
    "chi",
    "autolab",
    "ivium",
    "zahner",
    "echemdb",
    "excel",
    "gas_chromatograph",
    "delimited",
)
"""Modules of this package, in the order in which they are asked; the least particular last."""

_TEXTS = frozenset({"biologic_text", "gamry", "chi", "autolab", "delimited"})
"""Those of plain text, which editors and spreadsheets also save as UTF-16."""

HEAD_BYTES = 8192
"""How much of a file a reader sees to recognise it."""


class Reader(Protocol):
    """What a reader's module holds: `sniff`, and one of the others."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins like this is one of its own."""
        ...

    def parse(self, data: bytes, path: Path) -> Dataset:
        """What a file holds. Raises `InputError` naming file and offset where it is damaged."""
        ...

    def read(self, path: Path) -> Dataset:
        """The same of all the files that belong together."""
        ...


def read(path: Path | str, *, mapping: Sequence[Named] = (), sheet: str | None = None) -> Dataset:
    """Read a data file or a run folder, whoever wrote it.

    `mapping` names columns that the file does not name as we do (see `readers.mapping`), `sheet`
    one of a workbook. Raises `InputError` when it is missing, empty, damaged or of no known kind.
    """
    from faradaic.analysis.readers import delimited, excel, run_journal
    from faradaic.analysis.readers.mapping import apply_mapping
    from faradaic.analysis.readers.text import narrow, read_bytes

    path = Path(path)
    if path.is_dir():
        return run_journal.read(path)
    whole = read_bytes(path)
    for name in READERS:
        data = narrow(whole) if name in _TEXTS else whole
        head = data[:HEAD_BYTES]
        reader = cast("Reader", import_module(f"{__name__}.{name}"))
        if not reader.sniff(head, path):
            continue
        if sheet is not None and name != "excel":
            what = f"{path} is no workbook and has no sheets"
            raise InputError(Diagnostic("E767", what, help="leave --sheet out"))
        if hasattr(reader, "read"):
            dataset = reader.read(path)
        else:
            dataset = excel.parse(data, path, sheet) if sheet else reader.parse(data, path)
        dataset = replace(dataset, source=path, content=whole, format=name)
        return apply_mapping(dataset, mapping) if mapping else dataset
    what = "is empty" if not whole else "is of no kind that can be read"
    if delimited.names_alone(whole):
        what = "has names of columns and no row of numbers below them"
    raise InputError(
        Diagnostic(
            "E747",
            f"{path} {what}",
            help="give a run folder, a file of BioLogic, Gamry, CH Instruments, PalmSens, Autolab, "
            "Zahner or Ivium, a chromatograph's result table, or a table of numbers (text or "
            '.xlsx) with a header such as "time (s)", "current (mA)"',
        )
    )
