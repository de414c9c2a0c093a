"""Impedances as bare lists: .dfr of Eco Chemie's FRA program and .i2b of Elchemea Analytical.

A .dfr has a line for its version, one for the number of points and another number, then nine lines
a point; an .i2b a line for the number of points below lines of text, then a line a point. Source
of the layouts: pyimpspec 5.1, `dfr.py` and `i2b.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import sign_unknown, warning
from faradaic.datafiles.readers.text import damaged, decode, parse_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = True
_DFR = re.compile(rb"VERSION[0-9.]+[ \t]*\r?\n[ \t]*([0-9]{1,7})[ \t]*\r?\n[ \t]*[0-9]+[ \t]*\r?\n")
_DFR_COLUMNS = (
    ("frequency_Hz", "Hz", 1.0),
    ("impedance_real_Ohm", "Ohm", 1.0),
    ("impedance_imaginary_Ohm", "Ohm", -1.0),
    ("direct_potential_V", "V", 1.0),
    ("direct_current_A", "A", 1.0),
    ("time_s", "s", 1.0),
)
"""Of the nine numbers of a point the first; what the others are is not known."""
_LINES = 9
_NUMBER = rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_I2B = re.compile(
    rb"^[ \t]*([0-9]{1,7})[ \t]*\r?\n((?:[ \t]*%b[ \t]+%b[ \t]+%b[ \t]*(?:\r?\n|\Z))+)"
    % (_NUMBER, _NUMBER, _NUMBER),
    re.MULTILINE,
)


def sniff(head: bytes, path: Path) -> bool:
    """A version over two counts, or a count over as many rows of three numbers."""
    if _DFR.match(head):
        return True
    match = _I2B.search(head)
    if match is None:
        return False
    return path.suffix.lower() == ".i2b" or int(match[1]) == len(match[2].splitlines())


def parse(data: bytes, path: Path) -> Dataset:
    """The spectrum, -Z'' turned into Z''. Raises `InputError` where it is cut off."""
    match = _DFR.match(data)
    return _dfr(data, match, path) if match else _i2b(data, path)


def _dfr(data: bytes, match: re.Match[bytes], path: Path) -> Dataset:
    import numpy as np

    lines = [line for line in decode(data[match.end() :]).splitlines() if line.strip()]
    warnings = []
    stated, whole = int(match[1]), len(lines) // _LINES
    if whole < stated:
        warnings.append(warning("E744", f"{path}: {whole} of {stated} points are left"))
    behind = lines[stated * _LINES : (stated + 1) * _LINES]
    if len(behind) == _LINES and all(parse_number(line) is not None for line in behind):
        message = f"{path} states {stated} points, and another one stands behind them"
        warnings.append(warning("E744", message, "export it again"))
    lines = lines[: min(whole, stated) * _LINES]
    numbers = [parse_number(line) for line in lines]
    if not numbers or any(number is None for number in numbers):
        raise damaged(path, match.end(), "there are not nine numbers a point")
    table = np.array(numbers, dtype=np.float64).reshape(-1, _LINES)
    # a line that is lost or broken in two moves all behind it
    if len({line.startswith((" ", "-")) for line in lines}) > 1 or not _runs_one_way(table[:, 0]):
        raise damaged(path, match.end(), "what should be frequencies does not run one way")
    columns = {
        name: Column(table[:, i] * factor, unit, f"number {i + 1} of a point")
        for i, (name, unit, factor) in enumerate(_DFR_COLUMNS)
        if i < 3 or table[:, i].any()
    }
    if "direct_current_A" in columns:
        warnings.append(sign_unknown(path))
    return Dataset(
        columns,
        technique="impedance spectroscopy",
        instrument="Autolab",
        warnings=tuple(warnings),
    )


def _runs_one_way(frequency_Hz: NDArray[np.float64]) -> bool:
    """Whether frequencies are positive, and each above the one before or each below it."""
    import numpy as np

    steps = np.diff(frequency_Hz)
    return bool((frequency_Hz > 0).all() and ((steps > 0).all() or (steps < 0).all()))


def _i2b(data: bytes, path: Path) -> Dataset:
    import numpy as np

    match = _I2B.search(data)
    if match is None:
        raise damaged(path, len(data), "there is no count over rows of three numbers")
    table = np.array([line.split() for line in match[2].split(b"\n") if line.strip()], dtype=float)
    warnings = []
    if len(table) < int(match[1]):
        message = f"{path}: {len(table)} of {int(match[1])} points are left"
        warnings.append(warning("E744", message))
    columns = {
        "frequency_Hz": Column(table[:, 0].copy(), "Hz", "column 1"),
        "impedance_real_Ohm": Column(table[:, 1].copy(), "Ohm", "column 2"),
        "impedance_imaginary_Ohm": Column(table[:, 2].copy(), "Ohm", "column 3"),
    }
    return Dataset(
        columns,
        technique="impedance spectroscopy",
        instrument="Elchemea Analytical",
        metadata={"text": decode(data[: match.start()]).strip()},
        warnings=tuple(warnings),
    )
