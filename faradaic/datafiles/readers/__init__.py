"""Readers of data files: which one a file needs is found in its content, not in its name.

A reader is an entry point of the group `faradaic.readers`: a module with
`sniff(head, path) -> bool` and `parse(data, path) -> Dataset`; one whose data are in several files,
or in a folder, has `read(path)` instead. `faradaic.testing.check_reader` tries one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import Diagnostic, FaradaicError, InputError, Severity
from faradaic.documents.kinds import refuse_document
from faradaic.input_files import open_file
from faradaic.plugins import Plugins

if TYPE_CHECKING:
    from faradaic.datafiles.readers.mapping import Named

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
    "versastat",
    "cyclers",
    "spectrum_lists",
    "ocean",
    "echemdb",
    "excel",
    "fusion",
    "labview",
    "rich_text",
    "gas_chromatograph",
    "delimited",
)
"""In which order the readers of this package are asked, the least particular last; those of others
are asked before them, by name."""

_OF_ANY_TABLE = ("echemdb", "excel", "gas_chromatograph", "delimited")
"""Readers that may take a document for a table."""

HEAD_BYTES = 8192
"""How much of a file a reader sees to recognise it."""


class Reader(Protocol):
    """What a reader's module holds: `sniff` and one of the others; its first line says whose files.

    With `TEXT = True` a file saved as UTF-16 by an editor or a spreadsheet comes as UTF-8.
    """

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins like this is one of its own."""
        ...

    def parse(self, data: bytes, path: Path) -> Dataset:
        """What a file holds. Raises `InputError` naming file and offset where it is damaged."""
        ...

    def read(self, path: Path) -> Dataset:
        """The same of all the files that belong together."""
        ...


READERS: Plugins[Reader] = Plugins(
    "faradaic.readers", "reader", "E747", {"sniff": Callable, "parse or read": Callable}
)


def read(
    path: Path | str,
    *,
    mapping: Sequence[Named] = (),
    sheet: str | None = None,
    fits: Callable[[Dataset], bool] | None = None,
) -> Dataset:
    """Read a data file or a run folder, whoever wrote it.

    `mapping` names columns that the file does not name as we do (see `readers.mapping`), `sheet`
    one of a workbook, of which else the table that `fits` is taken. Raises `InputError` when the
    file is missing, empty, damaged or of no known kind.
    """
    from faradaic.datafiles.readers import excel
    from faradaic.datafiles.readers.headers import table_rows
    from faradaic.datafiles.readers.impedance_parts import with_parts
    from faradaic.datafiles.readers.mapping import apply_mapping
    from faradaic.datafiles.readers.text import read_bytes

    path = Path(path)
    is_folder = os.path.isdir(path)  # noqa: PTH112 - in half the time
    whole = b"" if is_folder else read_bytes(path)
    broken: list[Diagnostic] = []
    passed_over: list[Diagnostic] = []
    for name, reader, data in _takers(whole, path, broken):
        if name in _OF_ANY_TABLE:
            refuse_document(path, "run")
        try:
            if sheet is not None and name != "excel":
                what = f"{path} is no workbook and has no sheets"
                raise InputError.of(what, help="leave --sheet out", code="E767")
            if hasattr(reader, "read"):
                dataset = reader.read(path)
            else:
                is_book = name == "excel"
                dataset = (excel.parse(data, path, sheet, fits) if is_book
                           else reader.parse(data, path))  # fmt: skip
        except FaradaicError:
            raise
        except Exception as error:
            if name in _ORDER:
                raise
            passed_over.append(_broke(name, path, error))
            continue
        warnings = (*READERS.shared(name), *passed_over, *dataset.warnings)
        if not len(dataset):
            what = f"{path} holds no rows: nothing was measured, or they are lost"
            warnings += (Diagnostic("E744", what, Severity.WARNING),)
        dataset = replace(dataset, source=path, content=whole, format=name, warnings=warnings)
        return with_parts(apply_mapping(dataset, mapping) if mapping else dataset)
    refuse_document(path, "run")
    if path.is_dir():
        what = f"{path} is not a run: there is no journal in it"
        raise InputError.of(what, help="give a run folder, or one file of those in it", code="E605")
    what = "is empty" if not whole else "is of no kind that can be read"
    remedy = (
        "give a run folder, a file of BioLogic, Gamry, CH Instruments, PalmSens, Autolab, Zahner, "
        "Ivium, VersaSTAT or a battery cycler, a chromatograph's result table, or a table of "
        'numbers (text, .xlsx, .xls, .ods) with a header such as "time (s)", "current (mA)"'
    )
    if begins := next((row for row in table_rows("file_beginnings") if _begins(whole, row)), None):
        what, remedy = f"is {begins['what']}", begins["remedy"]
    elif whole and (named := _by_name(path)):
        what = f"{what}: {named['files']} are named like it"
        begin = "but it does not begin like one" if named["read"] == "yes" else "and not read"
        what += f", {begin}"
        remedy = named["remedy"] or remedy
    raise InputError(
        Diagnostic("E747", f"{path} {what}", help=remedy),
        *passed_over,
        *broken,
    )


def _by_name(path: Path) -> Mapping[str, str] | None:
    """Whose files are named like this one, and what to give where they are not read."""
    from faradaic.datafiles.readers.headers import table_rows

    suffix = path.suffix.lower()
    return next((row for row in table_rows("file_names") if row["suffix"] == suffix), None)


def _begins(whole: bytes, row: Mapping[str, str]) -> bool:
    """Whether a file begins like those of a row: with bytes, or with a word among its first."""
    if row["bytes"]:
        return whole.startswith(bytes.fromhex(row["bytes"]))
    head = whole[:HEAD_BYTES].lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and row["word"].encode() in head


def recognised(path: Path) -> bool:
    """Whether one of the readers takes a file for one of its own; nothing is read but its head."""
    with open_file(path) as file:
        head = file.read(HEAD_BYTES)
    return any(True for _ in _takers(head, path, []))


def _takers(
    whole: bytes, path: Path, broken: list[Diagnostic]
) -> Iterator[tuple[str, Reader, bytes]]:
    """The readers that take a file for one of their own, with its content as each wants it.

    Where there is none, that of tables looks beyond the head.
    """
    from faradaic.datafiles.readers import delimited
    from faradaic.datafiles.readers.text import narrow

    tables: Any = delimited

    text: bytes | None = None
    taken = False
    for name, reader in READERS.each(_ORDER, broken):
        data = whole
        if getattr(reader, "TEXT", False):
            data = text = narrow(whole) if text is None else text
        try:
            own = reader.sniff(data[:HEAD_BYTES], path)
        except Exception as error:
            if name in _ORDER:
                raise
            broken.append(_broke(name, path, error))
            continue
        if own:
            taken = True
            yield name, reader, data
    if not taken and delimited.begins_late(data := narrow(whole)):
        yield "delimited", tables, data


def _broke(name: str, path: Path, error: Exception) -> Diagnostic:
    what = f"the reader `{name}` broke on {path} and was passed over: {error!r}"
    return Diagnostic("E712", what, Severity.WARNING)
