"""Truncated and corrupted files: a diagnostic naming the file, or what is left; never a
traceback or more memory than ten times the file.

Small files of every format are made here; real ones of the vendors are damaged as well where
they stand beside the checkout.
"""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import READERS, read
from faradaic.diagnostics import InputError
from faradaic.testing import check_reader, damaged_copies
from faradaic.testing.readers import EVERY_BYTE_B, FLIPS, MEMORY_FREE_B, MEMORY_TIMES, peak_B
from rigs.made_files import BESIDE, MADE, zahner
from rigs.vendor_files import DATA, needs_vendor_files

LONG_B = 300_000


@pytest.mark.parametrize("kind", sorted(MADE.keys() - BESIDE.keys()))
@pytest.mark.parametrize(
    ("cuts", "flips"),
    [(40, 40), pytest.param(EVERY_BYTE_B, FLIPS, marks=pytest.mark.long)],
    ids=["some", "many"],
)
def test_a_whole_file_is_read_and_a_damaged_one_is_a_diagnostic(
    tmp_path: Path, kind: str, cuts: int, flips: int
) -> None:
    if kind == "labview":
        pytest.importorskip("nptdms")
    path = tmp_path / "file"
    path.write_bytes(MADE[kind]())
    reader = READERS.load(read(path).format)
    check_reader(reader, {"file": MADE[kind]()}, cuts=cuts, flips=flips)


def whole(path: Path) -> Dataset:
    """A file with all its columns."""
    data = read(path)
    for table in (data.columns, *data.further.values()):
        assert len({len(column.values) for column in table.values()}) <= 1
    return data


def real_files() -> list[Path]:
    return sorted(DATA.glob("*/*"))


@needs_vendor_files
def test_real_files_survive_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for real in real_files():
        for what, content in damaged_copies(real.read_bytes(), cuts=12, flips=18):
            path.write_bytes(content)
            try:
                whole(path)
            except InputError as error:
                assert str(path) in str(error), f"{real.name}, {what}"  # noqa: PT017


def unpacked_B(path: Path) -> int:
    """How long a file is; of a workbook, which is a zip, what stands in it."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


@pytest.mark.parametrize("kind", ["mpt", "dta", "chi", "flow", "ivium", "utf-16", "methodscript"])
def test_no_more_memory_than_ten_times_the_file(tmp_path: Path, kind: str) -> None:
    short = MADE[kind]()
    # the last row many times makes a long file of the same kind; the end of a loop is left out
    newline = "\n".encode("utf-16-le") if kind == "utf-16" else b"\n"
    lines = short.removesuffix(b"*\r\n").split(newline)
    last = lines[-2] + newline
    path = tmp_path / "file"
    long = newline.join(lines[:-1]) + newline + last * (LONG_B // len(last))
    path.write_bytes(long)
    assert peak_B(partial(whole, path)) < MEMORY_TIMES * len(long) + MEMORY_FREE_B


@pytest.mark.long
@needs_vendor_files
def test_real_files_need_no_more_memory_either() -> None:
    for real in sorted(real_files(), key=unpacked_B)[::3]:
        peak_B(partial(whole, real))  # what is imported for it stays
        assert peak_B(partial(whole, real)) < MEMORY_TIMES * unpacked_B(real) + MEMORY_FREE_B, (
            real.name
        )


def test_a_count_in_a_header_does_not_take_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    huge = zahner().replace((19).to_bytes(6, "big"), (2**40).to_bytes(6, "big"))
    path.write_bytes(huge)
    assert peak_B(partial(whole, path)) < MEMORY_FREE_B
    path.write_bytes(MADE["ivium"]().replace(b"\r\n20\r\n", b"\r\n999999999\r\n"))
    assert peak_B(partial(whole, path)) < MEMORY_FREE_B


def test_a_workbook_that_would_unpack_to_very_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    with pytest.raises(InputError, match="would unpack to 100"):
        read(path)


def test_two_curves_of_one_name_are_two_tables(tmp_path: Path) -> None:
    path = tmp_path / "twice.DTA"
    whole = MADE["dta"]().decode()
    head, curve = whole.split("CURVE\t")
    shorter = "".join(curve.splitlines(keepends=True)[:-5])
    path.write_text(f"{head}CURVE\t{curve}CURVE\t{shorter}", newline="")
    dataset = read(path)
    assert len(dataset) == 20
    assert [len(next(iter(table.values())).values) for table in dataset.further.values()] == [15]


def test_a_session_of_nothing_but_brackets_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "brackets.pssession"
    head = '{"Type": "PalmSens.DataFiles.SessionFile", "Measurements": ['
    path.write_text(head + "[]," * 300_000 + "[]]}")
    with pytest.raises(InputError, match="nothing but brackets"):
        read(path)
