"""What a person names is opened only where it is a file, and of a size that memory holds."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from faradaic.input_files import check_file, open_file, read_file


def test_a_file_within_the_limit_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    assert read_file(path, 10) == b"0123456789"
    with open_file(str(path)) as stream:
        assert stream.read(3) == b"012"
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_file(link) == b"0123456789"


@pytest.mark.parametrize("use", [check_file, open_file, read_file])
def test_a_file_beyond_the_limit_is_refused_by_its_size(
    tmp_path: Path, use: Callable[[Path, int], Any]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(11))
    with pytest.raises(OSError, match="larger than"):
        use(path, 10)


@pytest.mark.parametrize("use", [check_file, open_file, read_file])
def test_what_is_missing_or_no_name_is_an_error_of_files(
    tmp_path: Path, use: Callable[[Path], Any]
) -> None:
    for path in (tmp_path / "none", tmp_path / "a\0b", tmp_path):
        with pytest.raises(OSError):
            use(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="no /proc here")  # noqa: PTH110
def test_a_file_that_tells_no_size_is_bounded_too() -> None:
    assert Path("/proc/self/environ").stat().st_size == 0
    with pytest.raises(OSError, match="larger than"):
        read_file("/proc/self/environ", 3)


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open)]
)
def test_what_a_library_would_unpack_counts(
    tmp_path: Path, suffix: str, pack: Callable[..., IO[bytes]]
) -> None:
    path = tmp_path / f"vasprun.xml{suffix}"
    with pack(path, "wb") as stream:
        stream.write(bytes(5_000_000))
    assert path.stat().st_size < 50_000
    check_file(path, 5_000_000)
    with pytest.raises(OSError, match="larger than"):
        check_file(path, 4_999_999)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OSError):
        check_file(path)
