"""VersaStudio's text files (.par) of VersaSTAT and PARSTAT: sections of settings, then of rows.

A `<SegmentN>` names its columns in a line `Definition=`. Source of the layout: ECSHackWeek
impedance.py 1.7.1, `readVersaStudio`, and pyimpspec pull request 3; issue 284 of the former quotes
the manual: impedances in the file are uncalibrated. The sign of a current is not written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import (
    known_columns,
    make_columns,
    sign_unknown,
    split_header,
    warning,
)
from faradaic.datafiles.readers.text import damaged, decode, numeric_table
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = True
_SEGMENT = re.compile(rb"^<Segment([0-9]{1,4})>[ \t]*\r?\n", re.MULTILINE)
_DEFINITION = re.compile(rb"^Definition=([^\r\n]*)\r?\n", re.MULTILINE)
_SECTION = re.compile(r"<([A-Za-z]+[0-9]*)>\s*\n(.*?)(?:\n</\1>|\Z)", re.DOTALL)
_OF_A_SPECTRUM = ("frequency", "impedance", "_real_", "_imaginary_")
"""In the names of columns that are zero where no spectrum is measured."""


def sniff(head: bytes, path: Path) -> bool:
    """The first section is that of the program, and it names itself."""
    begin = head[:400]
    return b"<Application>" in begin and b"VersaStudio" in begin


def parse(data: bytes, path: Path) -> Dataset:
    """Read the rows in SI; further segments with other columns are `further` tables.

    Raises `InputError` where there are no rows as text.
    """
    warnings: list[Diagnostic] = []
    found: list[tuple[list[str], list[NDArray[np.float64]]]] = []
    first = len(data)
    for match in _SEGMENT.finditer(data):
        first = min(first, match.start())
        names, arrays = _segment(data, match, path, warnings)
        same = next((old for old in found if old[0] == names), None)
        if same is None:
            found.append((names, arrays))
        else:
            import numpy as np

            pairs = zip(same[1], arrays, strict=True)
            same[1][:] = [np.concatenate(pair) for pair in pairs]
    if not found:
        what = "it holds no rows as text: set VersaStudio to save data as text, not as binary"
        raise damaged(path, len(data), what)
    metadata = _metadata(decode(data[:first]))
    reference = metadata.get("Experiment: Reference Electrode", "").partition(":")[0] or None
    tables = [_columns(names, arrays, reference, warnings) for names, arrays in found]
    if any("current_A" in table for table in tables):
        warnings.append(sign_unknown(path))
    if any("impedance_real_Ohm" in table for table in tables):
        what = f"{path} holds impedances as they were measured, before VersaStudio corrects them"
        remedy = "its manual wants them copied from the program itself for any analysis"
        warnings.append(warning("E759", what, remedy))
    actions = [v for k, v in metadata.items() if re.fullmatch(r"Action[1-9]\d*: Name", k)]
    technique = actions[0] if actions else ""
    return Dataset(
        tables[0],
        technique=technique,
        instrument=metadata.get("Instrument: Model", "VersaSTAT"),
        metadata=metadata,
        warnings=tuple(warnings),
        further={f"segment {i + 2}": table for i, table in enumerate(tables[1:])},
    )


def _segment(
    data: bytes, match: re.Match[bytes], path: Path, warnings: list[Diagnostic]
) -> tuple[list[str], list[NDArray[np.float64]]]:
    """The names of the columns and their numbers."""
    end = data.find(b"</Segment", match.end())
    if end < 0:
        end = len(data)
        warnings.append(warning("E744", f"{path} ends within segment {int(match[1])}"))
    definition = _DEFINITION.search(data, match.end(), end)
    if definition is None:
        raise damaged(path, match.end(), f"segment {int(match[1])} does not define its columns")
    names = [name.strip() for name in decode(definition[1]).split(",")]
    arrays, odd = numeric_table(data, definition.end(), len(names), path, separator=",", end=end)
    warnings += odd
    return names, arrays


def _columns(
    names: list[str],
    arrays: list[NDArray[np.float64]],
    reference: str | None,
    warnings: list[Diagnostic],
) -> dict[str, Column]:
    """In SI; what belongs to a spectrum is empty in the rows without a frequency."""
    import numpy as np

    known = known_columns("versastat")
    raw = []
    for name, values in zip(names, arrays, strict=True):
        header, unit = split_header(name)
        if name and name != "0":
            raw.append((header, unit or (known[header].unit if header in known else ""), values))
    columns, odd = make_columns("versastat", raw, reference=reference)
    warnings += odd
    frequency = columns.get("frequency_Hz")
    if frequency is None:
        return columns
    measured = frequency.values > 0.0
    kept = {}
    for name, column in columns.items():
        if not any(part in f"{name}_" for part in _OF_A_SPECTRUM):
            kept[name] = column
        elif measured.any():
            values = np.where(measured, column.values, np.nan)
            kept[name] = Column(values, column.unit, column.raw_name, column.sign)
    return kept


def _metadata(text: str) -> dict[str, str]:
    """`Section: key` with what is written behind it."""
    found: dict[str, str] = {}
    for section, body in _SECTION.findall(text.replace("\r\n", "\n")):
        for line in body.splitlines():
            key, equals, value = line.partition("=")
            if equals and value.strip():
                found.setdefault(f"{section}: {key.strip()}", value.strip())
    return found
