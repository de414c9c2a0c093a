"""NPZ files that claim more than they hold are refused before their numbers are laid out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.readers.own_runs import read_arrays
from faradaic.diagnostics import InputError


def npy(shape: str, content: bytes) -> bytes:
    """An array of doubles that says to be of a shape (NumPy, "NPY format", version 1.0)."""
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + content


@pytest.mark.parametrize(
    ("shape", "content"),
    [("(10000000000000,)", bytes(80)), ("(-1,)", bytes(8)), ("(4000000,)", bytes(32_000_000))],
)
def test_what_would_fill_the_memory_is_refused(tmp_path: Path, shape: str, content: bytes) -> None:
    path = tmp_path / "window-1.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xi_A.npy", npy(shape, content))
    with pytest.raises(InputError, match="E851"):
        read_arrays(path)


def test_arrays_that_pack_well_are_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, xi_A=np.zeros(100_000))
    (tmp_path / "a.npz").write_bytes(stream.getvalue())
    assert read_arrays(tmp_path / "a.npz")["xi_A"].shape == (100_000,)
