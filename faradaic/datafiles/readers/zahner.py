"""Zahner Thales files: polarisation (.isw), cyclic voltammogram (.isc), impedance (.ism).

Big-endian: integers of 6 bytes, doubles, arrays, and strings of a 2-byte length with upper and
lower case exchanged. Source of the layouts: Zahner-Elektrik, Zahner-Analysis-Python 5958d9e2,
`file_import`. The sign of a current is not written.
"""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import sign_unknown, warning
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.quantities import convert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VERSION = b"\x00\x00\xff\xff\xff\xfe"
_SCAN_HEADER = struct.Struct(">17d")
_EPOCH = datetime(1980, 1, 1)
_SCALING = re.compile(r"\s*([-+.0-9E]+)\s*,\s*([-+.0-9E]+)\s*PO.PF", re.IGNORECASE)
_DATE = re.compile(r"[A-Z]{3},\d\d\.\d{4} \d\d:\d\d:\d\d")
_SHORT_DATE = re.compile(r"(\d\d)(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)")
_LONGEST_TEXT = 255
_SMALLEST, _LARGEST = 1e-30, 1e12
"""Of a number that was measured, but for zero."""
_FINAL_YEAR = 70
"""Two digits of a year below this are of the 21st century, as Thales reads them."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether a file that begins like this was written by Thales."""
    return head.startswith(_VERSION) or _is_scan(head, path)


def parse(data: bytes, path: Path) -> Dataset:
    """The table of one file. Raises `InputError` naming the offset where it is cut off."""
    if not data.startswith(_VERSION):
        return _scan(_Cursor(path, data))
    # A polarisation has two more integers before its numbers; a frequency is never that small.
    return (
        _polarisation(_Cursor(path, data))
        if data[12:14] == b"\0\0"
        else _impedance(_Cursor(path, data))
    )


class _Cursor:
    """Reads a file from its beginning; running out of it is an error with the offset."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data, self.offset = path, data, 0

    def take(self, size: int, what: str) -> bytes:
        if not 0 <= size <= len(self.data) - self.offset:
            raise damaged(self.path, self.offset, f"{what} would need {size} bytes")
        self.offset += size
        return self.data[self.offset - size : self.offset]

    def count(self) -> int:
        """The number of elements of the arrays that follow."""
        count = int.from_bytes(self.take(6, "a count"), "big", signed=True) + 1
        if count < 1:
            raise damaged(self.path, self.offset - 6, f"it would hold {count} points")
        return count

    def array(self, count: int, what: str, code: str = ">f8") -> NDArray[np.float64]:
        import numpy as np

        data = self.take(count * np.dtype(code).itemsize, what)
        return np.frombuffer(data, code).astype(np.float64)

    def text(self) -> str:
        size = int.from_bytes(self.take(2, "a length"), "big", signed=True)
        return self.take(size, "a text").decode("latin-1").swapcase()


def _polarisation(cursor: _Cursor) -> Dataset:
    import numpy as np

    cursor.take(12, "the header")
    count = cursor.count()
    with np.errstate(invalid="ignore"):  # numbers that are none stay none
        table = cursor.array(3 * count, f"{count} rows").reshape(count, 3) / convert(1.0, "mV")
    keys = ("System", "Control", "Temperature", "Date", "Time", "Comment")
    metadata, warnings = _texts(cursor, keys)
    columns = {
        "time_s": Column(table[:, 2].copy(), "s", "t/ms"),
        "potential_V": Column(table[:, 0].copy(), "V", "U/mV"),
        "current_A": Column(table[:, 1].copy(), "A", "I/mA"),
    }
    start = _moment(_DATE, metadata)
    return _dataset(cursor.path, columns, "polarisation", start, metadata, warnings)


def _scan(cursor: _Cursor) -> Dataset:
    import numpy as np

    header = _SCAN_HEADER.unpack(cursor.take(_SCAN_HEADER.size, "the header"))
    count = cursor.count()
    steps = cursor.array(count, f"{count} potentials", ">i2")
    current_A = cursor.array(count, f"{count} currents")
    keys = (
        "Date",
        "System",
        "Temperature",
        "Time",
        "Scan rate",
        *(f"Comment {n}" for n in range(1, 6)),
    )
    at = cursor.offset
    metadata, warnings = _texts(cursor, (*keys, "Electrode area", "Scaling"))
    match = _SCALING.match(metadata.get("Scaling", ""))
    if match is None:
        raise damaged(cursor.path, at, "the scaling of the potentials is missing after this place")
    try:
        offset_V, factor = float(match[1]), float(match[2])
    except ValueError:
        raise damaged(cursor.path, at, f"the scaling {match[0]!r} is no two numbers") from None
    with np.errstate(invalid="ignore", over="ignore"):
        time_s = np.arange(count) * header[15] + header[12]
        potential_V = steps * (factor / 8000.0) + offset_V
    columns = {
        "time_s": Column(time_s, "s", "index"),
        "potential_V": Column(potential_V, "V", "potential"),
        "current_A": Column(current_A, "A", "current"),
    }
    metadata["Scan rate (mV/s)"] = repr(header[6])
    start = _moment(_SHORT_DATE, metadata)
    return _dataset(cursor.path, columns, "cyclic voltammetry", start, metadata, warnings)


def _impedance(cursor: _Cursor) -> Dataset:
    import numpy as np

    cursor.take(6, "the header")
    count = cursor.count()
    frequency_Hz = cursor.array(count, f"{count} frequencies")
    modulus_Ohm = cursor.array(count, "moduli")
    phase_rad = cursor.array(count, "phases")
    stamp_s = np.abs(cursor.array(count, "times"))
    significance = cursor.array(count, "significances", ">i2")
    metadata, warnings = _texts(cursor, ("Date",))
    begin_s = float(stamp_s.min())
    with np.errstate(invalid="ignore", over="ignore"):  # numbers that are none stay none
        real_Ohm, imaginary_Ohm = modulus_Ohm * np.cos(phase_rad), modulus_Ohm * np.sin(phase_rad)
        phase_deg, time_s = np.degrees(phase_rad), stamp_s - begin_s
    columns = {
        "frequency_Hz": Column(frequency_Hz, "Hz", "frequency"),
        "impedance_real_Ohm": Column(real_Ohm, "Ohm", "|Z|, phase"),
        "impedance_imaginary_Ohm": Column(imaginary_Ohm, "Ohm", "|Z|, phase"),
        "impedance_modulus_Ohm": Column(modulus_Ohm, "Ohm", "|Z|"),
        "impedance_phase_deg": Column(phase_deg, "deg", "phase"),
        "time_s": Column(time_s, "s", "time stamp"),
        "significance": Column(significance, "1", "significance"),
    }
    try:
        start = _EPOCH + timedelta(seconds=begin_s)
    except (OverflowError, ValueError):
        start = None
    return _dataset(cursor.path, columns, "impedance spectroscopy", start, metadata, warnings)


def _texts(cursor: _Cursor, keys: tuple[str, ...]) -> tuple[dict[str, str], list[Diagnostic]]:
    """The strings that follow the numbers; where they end early, the numbers are whole still.

    What is no length of a text shows that the numbers before do not end there.
    """
    found: dict[str, str] = {}
    try:
        for key in keys:
            found[key] = cursor.text()
    except InputError as error:
        size = int.from_bytes(cursor.data[cursor.offset - 2 : cursor.offset], "big")
        if size > _LONGEST_TEXT:
            raise
        return found, [warning("E744", error.diagnostics[0].message)]
    return {key: text for key, text in found.items() if text}, []


def _moment(pattern: re.Pattern[str], metadata: dict[str, str]) -> datetime | None:
    """Local time of the start, from the texts for date and time."""
    match = pattern.match(f"{metadata.get('Date', '')} {metadata.get('Time', '')}")
    if match is None:
        return None
    try:
        if pattern is _DATE:
            return datetime.strptime(match[0], "%b,%d.%Y %H:%M:%S")
        day, month, year, hour, minute, second = (int(part) for part in match.groups())
        year += 2000 if year < _FINAL_YEAR else 1900
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def _is_scan(head: bytes, path: Path) -> bool:
    """Whether a voltammogram fits, which has no mark: its header's numbers and its size."""
    end = _SCAN_HEADER.size
    if len(head) < end + 6:
        return False
    numbers = _SCAN_HEADER.unpack(head[:end])
    count = int.from_bytes(head[end : end + 6], "big", signed=True) + 1
    fits = all(x == 0 or 1e-12 < abs(x) < 1e9 for x in numbers) and numbers[6] > 0
    return fits and count > 0 and path.stat().st_size > end + 6 + 10 * count


def _check(path: Path, columns: dict[str, Column]) -> None:
    """Raise `InputError` (E759) where numbers are none that an instrument writes.

    The format has no check sums: a byte that is lost or added moves all that follow.
    """
    import numpy as np

    problem = ""
    for name, column in columns.items():
        size = np.abs(column.values)
        odd = int((~((size == 0.0) | (size > _SMALLEST) & (size < _LARGEST))).sum())
        if odd:
            problem = f"{odd} of {len(size)} numbers of {name} are none that is measured"
    if (np.diff(columns["time_s"].values) < 0.0).any() and "frequency_Hz" not in columns:
        problem = problem or "the time runs backwards"
    if "frequency_Hz" in columns:
        phase_deg = columns["impedance_phase_deg"].values
        for name in ("frequency_Hz", "impedance_modulus_Ohm"):
            if not problem and (columns[name].values <= 0.0).any():
                problem = f"{name} is not positive throughout"
        if (np.abs(phase_deg) > 360.0).any():
            problem = problem or "a phase is more than a turn"
    if problem:
        what = f"{path} is damaged, or its numbers are not what they are taken for: {problem}"
        raise InputError.of(what, help="export it as text, or copy the file again", code="E759")


def _dataset(
    path: Path,
    columns: dict[str, Column],
    technique: str,
    start: datetime | None,
    metadata: dict[str, str],
    warnings: list[Diagnostic],
) -> Dataset:
    _check(path, columns)
    if start is None:
        warnings.append(warning("E756", f"{path} has no date and time that can be read"))
    if "current_A" in columns:
        warnings.append(sign_unknown(path))
    return Dataset(
        columns,
        technique=technique,
        instrument="Zahner",
        start=start,
        metadata=metadata,
        warnings=tuple(warnings),
    )
