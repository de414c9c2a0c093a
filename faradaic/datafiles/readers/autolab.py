"""Autolab text files: tables exported by NOVA, and the impedance files of ZPlot ("Z60W", "ZPLOT2").

NOVA separates by semicolons, tabs or commas and puts several techniques into one table, some with
shorter columns. It writes -Z'' and -phase; a Z60W file holds Z'' itself. The sign of a current is
not written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import known_columns, scale_of, sign_unknown, warning
from faradaic.datafiles.readers.text import damaged, decode, numeric_table
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = True
_OWN = ("WE(1).", "WE(2).", "Potential applied (", "Current applied (")
"""How columns begin that only NOVA writes."""
_ALSO = ("-Z'' (", "-Phase (°)")
"""How those begin that others may write too, with names beside them that NOVA does not."""
_UNIT = re.compile(r"(.*\S) \(([^()]*)\)")
_Z60W = '"Z60W Data File'
_ZPLOT = "ZPLOT2 ASCII"
_Z60W_HEADER = re.compile(rb'^"?\s*Freq ?\(Hz\)\s+Ampl\s+Bias\s+Time.*\n(?:End .*\n)?', re.M)


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this came from NOVA or an older Autolab program."""
    text = decode(head).lstrip()
    if text.startswith((_Z60W, _ZPLOT)):
        return True
    cells = _cells(text)
    if any(cell.startswith(_OWN) for cell in cells):
        return True
    names = [match[1] if (match := _UNIT.fullmatch(cell)) else cell for cell in cells if cell]
    return any(cell.startswith(_ALSO) for cell in cells) and known_columns("autolab").keys() >= {
        *names
    }


def parse(data: bytes, path: Path) -> Dataset:
    """The table of one file. Raises `InputError` naming the offset where it is damaged."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode()
    if decode(data[:200]).lstrip().startswith((_Z60W, _ZPLOT)):
        return _impedance(path, data)
    return _table(path, data)


def _table(path: Path, data: bytes) -> Dataset:
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    line = head.split(b"\n", 1)[0]
    start = len(data) - len(head) + len(line) + 1
    headers = _cells(decode(line))
    if len(headers) < 2:
        raise damaged(path, len(data) - len(head), f"{line[:40]!r} is no row of column names")
    numbers, warnings = numeric_table(
        data, start, len(headers), path, separator=_separator(decode(line))
    )
    columns: dict[str, Column] = {}
    for header, values in zip(headers, numbers, strict=True):
        name, column = _column(header, values, warnings)
        while name in columns:
            name += " again"
        columns[name] = column
    if "current_A" in columns:
        warnings.append(sign_unknown(path))
    return Dataset(columns, instrument="Autolab", warnings=tuple(warnings))


def _column(
    header: str, values: NDArray[np.float64], warnings: list[Diagnostic]
) -> tuple[str, Column]:
    match = _UNIT.fullmatch(header)
    quantity, unit = match.groups() if match else (header, "")
    known, scale = known_columns("autolab").get(quantity), scale_of(unit)
    if known is None or scale is None:
        warnings.append(warning("E745", f"unknown column {header!r}, kept as it is"))
    if scale is None or (known is None and not unit):
        return header, Column(values, "", header)
    name, factor = (known.name, known.factor * scale.factor) if known else (header, scale.factor)
    if factor != 1.0 or scale.offset:
        values = values * factor + scale.offset
    if known and scale.unit != "1":
        name = f"{name}_{scale.unit}"
    return name, Column(values, scale.unit, header)


def _impedance(path: Path, data: bytes) -> Dataset:
    match = _Z60W_HEADER.search(data)
    if match is None:
        raise damaged(path, len(data), "the row of column names is missing")
    scribner = decode(data[:200]).lstrip().startswith(_ZPLOT)
    known = known_columns("z60w")
    numbers, warnings = numeric_table(
        data, match.end(), len(known), path, separator="\t" if scribner else ","
    )
    columns = {
        f"{of.name}_{of.unit}" if of.unit else of.name: Column(values, of.unit, header)
        for (header, of), values in zip(known.items(), numbers, strict=True)
    }
    lines = decode(data[: match.start()]).split()
    rows = len(numbers[0])
    if lines and lines[-1].isdecimal() and int(lines[-1]) != rows:
        what = f"{path} announces {lines[-1]} points and holds {rows}"
        warnings.append(warning("E757", what))
    return Dataset(
        columns,
        technique="impedance spectroscopy",
        instrument="Scribner ZPlot" if scribner else "Autolab",
        warnings=tuple(warnings),
    )


def _separator(line: str) -> str:
    return next((mark for mark in (";", "\t") if mark in line), ",")


def _cells(text: str) -> list[str]:
    """The cells of the first line."""
    line = text.split("\n", 1)[0]
    cells = line.strip("\ufeff\r ").split(_separator(line))
    return [cell.strip().strip('"').strip() for cell in cells]
