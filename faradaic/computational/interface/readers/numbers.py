"""Numbers out of a code's text output, a whole array at a time; what is cut off is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import InputError, refusal


def cut_off(path: Path, offset: int, what: str) -> InputError:
    """The error for a file that ends or breaks at an offset (bytes from its beginning)."""
    return refusal(
        "E851",
        f"{path} is cut off or damaged at byte {offset}: {what}",
        "the run may have been killed while writing: copy the file again, or cut it after "
        "the last whole step",
        {"offset_B": float(offset)},
    )


def floats(path: Path, data: bytes, offset: int, what: str) -> Floats:
    """Every number of a piece of text that begins at `offset` of the file.

    Fortran's D exponents are read. Raises `InputError` (E851) at the first word that is no finite
    number (Fortran prints `****` where a number did not fit, NaN where a run went astray).
    """
    words = data.replace(b"D", b"E").split()
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError:
        bad = next(word for word in words if not _is_number(word))
    else:
        if np.isfinite(numbers).all():
            return numbers
        bad = words[int(np.argmin(np.isfinite(numbers)))]
    place = offset + data.replace(b"D", b"E").index(bad)
    raise cut_off(path, place, f"{bad.decode('ascii', 'replace')!r} in {what}")


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
