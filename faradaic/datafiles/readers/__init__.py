"""Readers of data files: which one a file needs is found in its content, not in its name.

A reader is an entry point of the group `faradaic.readers`: a module with
`sniff(head, path) -> bool` and `parse(data, path) -> Dataset`; one whose data are in several files,
or in a folder, has `read(path)` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from faradaic.datafiles.readers.mapping import Named

GROUP = "faradaic.readers"
"""Entry points of readers."""

_ORDER = (
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
"""In which order the readers of this package are asked, the least particular last; those of others
are asked before them, by name."""

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
    from faradaic.datafiles.readers import delimited, excel
    from faradaic.datafiles.readers.mapping import apply_mapping
    from faradaic.datafiles.readers.text import narrow, read_bytes

    path = Path(path)
    whole = b"" if path.is_dir() else read_bytes(path)
    for name, reader in _readers():
        data = narrow(whole) if name in _TEXTS else whole
        if not reader.sniff(data[:HEAD_BYTES], path):
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
    if path.is_dir():
        what = f"{path} is not a run: there is no journal in it"
        raise InputError(
            Diagnostic("E605", what, help="give a run folder, or one file of those in it")
        )
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


def _readers() -> Iterator[tuple[str, Reader]]:
    """Name and module of every reader, each imported when its turn comes."""
    known = {point.name: point for point in entry_points(group=GROUP)}
    others = sorted(known.keys() - set(_ORDER))
    for name in (*others, *(name for name in _ORDER if name in known)):
        yield name, cast("Reader", known[name].load())
