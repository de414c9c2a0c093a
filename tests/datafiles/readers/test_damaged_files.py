"""Truncated and corrupted files: a diagnostic naming the file, or what is left; never a hang, a
traceback or more memory than ten times the file.

Small files of every format are made here; real ones of the vendors are damaged as well where
they stand beside the checkout.
"""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.made_files import MADE, zahner
from rigs.vendor_files import DATA, needs_vendor_files

LONGEST_S = 2.0
LONG_B = 300_000
MEMORY_FREE_B = 1_000_000
"""Beside ten times the file: modules, tables of names, the parser's own buffers."""


def damage(whole: bytes, cuts: int, flips: int) -> Iterator[bytes]:
    """Cut at many places; bytes exchanged, left out and doubled."""
    rng = random.Random(7)
    for n in range(cuts):
        yield whole[: len(whole) * n // cuts]
    for n in range(flips):
        data = bytearray(whole)
        for _ in range(8):
            data[rng.randrange(len(data))] = rng.randrange(256)
        at = rng.randrange(len(data))
        if n % 3 == 1:
            del data[at : at + rng.randrange(1, 200)]
        elif n % 3 == 2:
            data[at:at] = data[at : at + rng.randrange(1, 200)]
        yield bytes(data)


def survives(path: Path, content: bytes) -> bool:
    """Whether something is left; all columns are asked for."""
    path.write_bytes(content)
    begin = time.perf_counter()
    data, refusal = None, ""
    try:
        data = read(path)
    except InputError as error:
        refusal = str(error)
    assert time.perf_counter() - begin < LONGEST_S
    if data is None:
        assert str(path) in refusal
        return False
    for table in (data.columns, *data.further.values()):
        assert len({len(column.values) for column in table.values()}) <= 1
    assert all(w.message for w in data.warnings)
    return True


@pytest.mark.parametrize("kind", MADE)
def test_a_whole_file_is_read_and_a_damaged_one_is_a_diagnostic(tmp_path: Path, kind: str) -> None:
    whole = MADE[kind]()
    path = tmp_path / "file"
    assert survives(path, whole)
    left = [survives(path, content) for content in damage(whole, 40, 60)]
    assert not all(left)


def real_files() -> list[Path]:
    return sorted(DATA.glob("*/*"))


@needs_vendor_files
def test_real_files_survive_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for real in real_files():
        for content in damage(real.read_bytes(), 12, 18):
            survives(path, content)


def unpacked_B(path: Path) -> int:
    """How long a file is; of a workbook, which is a zip, what stands in it."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def peak_B(path: Path) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        data = read(path)
        tables = [
            [column.values for column in table.values()]
            for table in (data.columns, *data.further.values())
        ]
        assert tables
        return tracemalloc.get_traced_memory()[1]
    except InputError:
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["mpt", "dta", "chi", "flow", "ivium", "utf-16", "methodscript"])
def test_no_more_memory_than_ten_times_the_file(tmp_path: Path, kind: str) -> None:
    whole = MADE[kind]()
    # the last row many times makes a long file of the same kind; the end of a loop is left out
    newline = "\n".encode("utf-16-le") if kind == "utf-16" else b"\n"
    lines = whole.removesuffix(b"*\r\n").split(newline)
    last = lines[-2] + newline
    path = tmp_path / "file"
    long = newline.join(lines[:-1]) + newline + last * (LONG_B // len(last))
    path.write_bytes(long)
    assert peak_B(path) < 10 * len(long) + MEMORY_FREE_B


@needs_vendor_files
def test_real_files_need_no_more_memory_either() -> None:
    for real in real_files():
        assert peak_B(real) < 10 * unpacked_B(real) + MEMORY_FREE_B, real.name


def test_a_count_in_a_header_does_not_take_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    huge = zahner().replace((19).to_bytes(6, "big"), (2**40).to_bytes(6, "big"))
    path.write_bytes(huge)
    assert peak_B(path) < MEMORY_FREE_B
    path.write_bytes(MADE["ivium"]().replace(b"\r\n20\r\n", b"\r\n999999999\r\n"))
    assert peak_B(path) < MEMORY_FREE_B


def test_a_workbook_that_would_unpack_to_very_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    with pytest.raises(InputError, match="would unpack to 100"):
        read(path)
