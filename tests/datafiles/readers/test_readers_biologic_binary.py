"""EC-Lab's binary files: every number right, or a refusal that says what is wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import biologic_gate, biologic_layout, read
from faradaic.diagnostics import InputError
from rigs.made_files import mpr, mpr_module
from rigs.vendor_files import DATA, needs_vendor_files

Write = Callable[[bytes], Path]
SWEEP = (1, 2, 3, 21, 4, 19, 6, 11, 434, 39, 441)
"""The columns of a linear sweep: flags, time, control, Ewe, <I>, Q - Qo, range, <Ece>."""
SWEEP_ROW = "<BdffdfHf"
SWEEP_TECHNIQUE = 108
COUNT = 24


def sweep_rows(count: int = COUNT) -> list[tuple[float, ...]]:
    """A resistor of 27.3 Ohm with noise, swept from 0.113 V."""
    noise = np.random.default_rng(3).normal(0.0, 1e-3, count)
    time_s = 0.37 * np.arange(count) + 0.011
    potential_V = 0.113 + 0.0217 * time_s
    current_mA = 1e3 * potential_V / 27.3 * (1.0 + noise)
    charge_C = np.cumsum(current_mA) * 0.37e-3
    return [
        (2, t, e, e + 1e-4 * n, i, q, 37, -0.4 - 1e-3 * n)
        for t, e, i, q, n in zip(
            time_s.tolist(), potential_V, current_mA, charge_C, noise, strict=True
        )
    ]


def sweep(**options: object) -> bytes:
    return mpr(SWEEP, SWEEP_ROW, sweep_rows(), technique=SWEEP_TECHNIQUE, **options)  # type: ignore[arg-type]


def log() -> bytes:
    """The module behind the data: what the start of the measurement is read from."""
    start = struct.pack(
        "<d", (datetime(2024, 10, 9, 13, 36) - datetime(1899, 12, 30)).total_seconds() / 86400
    )
    return mpr_module("VMP LOG", (b"\0" * 585 + start).ljust(700, b"\0"), 10)


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


def test_a_sweep_in_three_rows_has_its_currents_and_charges(file: Write) -> None:
    rows = [(2, 0.1 * i, -0.1 - 0.1 * i, -0.1 - 0.1 * i, -6.5 - i, -1e-3 - 1e-3 * i, 37, 0.8)
            for i in range(3)]  # fmt: skip
    for whole in (mpr(SWEEP, SWEEP_ROW, rows), mpr(SWEEP, SWEEP_ROW, rows, new=False)):
        data = read(file(whole))
        assert data["current_A"] == pytest.approx([-6.5e-3, -7.5e-3, -8.5e-3], rel=1e-15)
        assert data["charge_C"] == pytest.approx([-1e-3, -2e-3, -3e-3], rel=1e-7)


def test_the_flags_byte_is_split(file: Write) -> None:
    rows = [(0b0010_0110, i * 0.5, 0.1 * i, -2.0 * i) for i in range(7)]
    data = read(file(mpr((1, 2, 3, 21, 31, 65, 4, 6, 11), "<Bdfd", rows)))
    assert data["current_A"] == pytest.approx(-2.0e-3 * np.arange(7))
    assert data["potential_V"] == pytest.approx(0.1 * np.arange(7), rel=1e-7)
    flags = ("mode", "oxidation", "error", "control_changes", "sequence_changes")
    assert [data[name][0] for name in flags] == [2, 1, 0, 0, 1]


def test_the_start_is_that_of_the_log(file: Write) -> None:
    assert read(file(sweep(after=log()))).start == datetime(2024, 10, 9, 13, 36)
    assert read(file(sweep())).start is None


def test_a_current_is_the_charge_of_a_point_over_its_time(file: Write) -> None:
    # as EC-Lab's text export has it beside 12 binary files of yadg 61d55fe (to 1e-12)
    rows = [(mode, 2.0 * i, -0.25, 0.5 * i, 3.0 + i) for i, mode in enumerate((3, 1, 2))]
    data = read(file(mpr((1, 4, 7, 5, 6), "<Bddff", rows)))
    assert np.isnan(data["current_A"][0])
    assert data["current_A"][1:] == pytest.approx([-0.25 * 3.6 / 2.0] * 2)
    assert data["control_A"].tolist() == [0.0, 0.5e-3, 0.0]
    assert data["control_V"].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("unknown", [9999, 178, 498])
def test_an_unknown_column_is_refused_by_its_number(file: Write, unknown: int) -> None:
    # whatever its width is, and where its width would fill up the row
    for width in "BHfd":
        rows = [(i * 0.5, i + 1, 0.1 * i) for i in range(7)]
        with pytest.raises(InputError, match=rf"(?s)E745.*column {unknown} .*\.mpt"):
            read(file(mpr((4, unknown, 6), f"<d{width}f", rows)))


def test_rows_that_are_lost_at_the_end_are_counted(file: Write) -> None:
    whole = sweep()
    data = read(file(whole[:-50]))
    assert len(data) == COUNT - 2
    assert f"byte {len(whole) - 50}: {COUNT - 2} of {COUNT} rows" in data.warnings[0].message


def test_what_is_no_such_file_is_not_called_damaged(file: Write) -> None:
    with pytest.raises(InputError, match="E747"):
        read(file(b"<?xml version='1.0'?><mpr/>"))
    for broken in (b"B" + sweep()[2:], b"\0" * 20 + sweep()[20:], b"BIO-LOGIC"):
        with pytest.raises(InputError, match="E743"):
            read(file(broken))


def test_no_rows_are_said(file: Write) -> None:
    data = read(file(mpr((1, 3, 4, 6), "<Bdf", [])))
    assert len(data) == 0
    assert data.warnings[0].code == "E744"


# What no instrument writes


ROWS = sweep_rows()


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (1, -1.0, "time"),
        (4, 3.7e16, "<I>/mA"),
        (4, float("inf"), "<I>/mA"),
        (3, -3.3e38, "Ewe/V"),
        (3, 1e-39, "Ewe/V"),
        (4, 5e-324, "<I>/mA"),
        (6, 40000, "I Range"),
    ],
)
def test_one_impossible_number_is_refused(
    file: Write, column: int, value: float, told: str
) -> None:
    rows = [list(row) for row in ROWS]
    rows[0 if column == 1 else 11][column] = value
    with pytest.raises(InputError, match=rf"E759.*{told}"):
        read(file(mpr(SWEEP, SWEEP_ROW, [tuple(row) for row in rows])))


def test_a_time_that_runs_backwards_is_refused(file: Write) -> None:
    rows = [*ROWS[:9], ROWS[5], *ROWS[10:]]
    with pytest.raises(InputError, match="backwards after row 9"):
        read(file(mpr(SWEEP, SWEEP_ROW, rows)))


def test_a_cell_without_a_number_is_empty_and_said(file: Write) -> None:
    rows = [list(row) for row in ROWS]
    rows[11][3] = float("nan")
    data = read(file(mpr(SWEEP, SWEEP_ROW, [tuple(row) for row in rows])))
    assert np.flatnonzero(np.isnan(data["potential_V"])).tolist() == [11]
    assert "1 cells of Ewe/V" in data.warnings[0].message


def test_an_impedance_whose_parts_do_not_make_its_modulus_is_refused(file: Write) -> None:
    rows = [(1e3 / (i + 1), 3.0 + i, 4.0, (25.0 + 6.0 * i + i * i) ** 0.5, -10.0, float(i))
            for i in range(7)]  # fmt: skip
    ids, layout = (32, 37, 38, 36, 35, 4), "<fffffd"
    assert read(file(mpr(ids, layout, rows)))["impedance_imaginary_Ohm"][0] == -4.0
    rows[5] = (rows[5][0], rows[5][1] + 0.1, *rows[5][2:])
    with pytest.raises(InputError, match="in row 6 the parts of an impedance"):
        read(file(mpr(ids, layout, rows)))


def test_a_charge_without_a_current_is_refused(file: Write) -> None:
    rows = [(*row[:4], 0.0, *row[5:]) for row in ROWS]
    with pytest.raises(InputError, match=r"book .* C, their currents make at most 0 C"):
        read(file(mpr(SWEEP, SWEEP_ROW, rows)))


@pytest.mark.parametrize("number", [32, 36, 5])
def test_columns_of_another_technique_are_refused(file: Write, number: int) -> None:
    ids = tuple(number if number_ == 19 else number_ for number_ in SWEEP)
    if number == 5:
        ids = tuple(9 if number_ in (11, 434) else number_ for number_ in ids)
    with pytest.raises(InputError, match=r"E743|E759"):
        read(file(mpr(ids, SWEEP_ROW, ROWS, technique=SWEEP_TECHNIQUE)))


# Widths and bytes that are not what they should be


WIDTHS = {"f": ("<f4", "<f8"), "u": ("u1", "<u2", "<u4")}
"""By the kind of number."""


def others(number: int) -> tuple[str, ...]:
    return WIDTHS[np.dtype(biologic_layout.known_fields()[number].dtype).kind]


def exchanged(ids: tuple[int, ...]) -> Iterator[dict[int, str]]:
    """Other widths of two columns with which a row has as many bytes as before."""
    known = biologic_layout.known_fields()
    own = [number for number in ids if not known[number].mask]
    for first, second in product(own, own):
        if first >= second:
            continue
        size = sum(np.dtype(known[n].dtype).itemsize for n in (first, second))
        for one, other in product(others(first), others(second)):
            if (one, other) == (known[first].dtype, known[second].dtype):
                continue
            if np.dtype(one).itemsize + np.dtype(other).itemsize == size:
                yield {first: one, second: other}


def read_with(
    monkeypatch: pytest.MonkeyPatch, path: Path, widths: dict[int, str]
) -> Dataset | None:
    """What is read where the table of columns has other widths; None where it is refused."""
    known = dict(biologic_layout.known_fields())
    for number, dtype in widths.items():
        known[number] = known[number]._replace(dtype=dtype)
    caches = (biologic_layout.layout_of, biologic_gate._plan)
    with monkeypatch.context() as patched:
        patched.setattr(biologic_layout, "known_fields", lambda: known)
        patched.setattr(biologic_gate, "known_fields", lambda: known)
        for cached in caches:
            cached.cache_clear()
        try:
            return read(path)
        except InputError:
            return None
        finally:
            for cached in caches:
                cached.cache_clear()


def test_one_wrong_width_never_fits(monkeypatch: pytest.MonkeyPatch, file: Write) -> None:
    path, known = file(sweep()), biologic_layout.known_fields()
    for number in SWEEP:
        for width in others(number):
            if width != known[number].dtype and not known[number].mask:
                assert read_with(monkeypatch, path, {number: width}) is None, (number, width)


def wrong_numbers(one: Dataset, other: Dataset) -> list[str]:
    return [
        name for name in one.columns if not np.array_equal(one[name], other[name], equal_nan=True)
    ]


def test_two_wrong_widths_that_fill_the_row_are_refused(
    monkeypatch: pytest.MonkeyPatch, file: Write
) -> None:
    path = file(sweep())
    right = read(path)
    tried = 0
    for widths in exchanged(SWEEP):
        tried += 1
        data = read_with(monkeypatch, path, widths)
        assert data is None or not wrong_numbers(right, data), widths
    assert tried == 8  # each of two wide columns with each of four narrow ones


@needs_vendor_files
@pytest.mark.parametrize("name", ["lsv", "cp", "LSV_nesd", "CA_kmc3", "CstC_nesd"])
def test_wrong_widths_of_real_files_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = DATA / "biologic" / f"{name}.mpr"
    right = read(path)
    data = path.read_bytes()
    place = data.index(b"MODULEVMP data")
    new = data[place + 41 : place + 45] == b"\xff" * 4
    content = place + (65 if new else 57)
    count, at = (data[content + 4], content + (6 if new else 5))
    ids = struct.unpack_from(f"<{count}H", data, at)
    for widths in exchanged(ids):
        found = read_with(monkeypatch, path, widths)
        assert found is None or not wrong_numbers(right, found), widths


def outcomes(
    path: Path, right: Dataset, copies: Iterator[tuple[int, bytes]]
) -> Iterator[tuple[int, Dataset]]:
    """The damaged copies that are read without a word about rows that are lost."""
    for place, content in copies:
        path.write_bytes(content)
        try:
            data = read(path)
        except InputError:
            continue
        if any(w.code == "E744" for w in data.warnings):
            kept = len(data)
            assert kept < len(right), place
            for name in right.columns:
                assert np.array_equal(data[name], right[name][:kept]), (place, name)
            continue
        yield place, data


@pytest.mark.parametrize("after", [b"", log()], ids=["data last", "log last"])
@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.long)])
def test_a_byte_that_is_lost_or_added_changes_no_number(
    file: Write, after: bytes, stride: int
) -> None:
    """Every byte, or every place in a row and in a head: eleven divides the length of neither."""
    whole = sweep(after=after)
    path = file(whole)
    right = read(path)
    lost = ((i, whole[:i] + whole[i + 1 :]) for i in range(0, len(whole), stride))
    added = (
        (i, whole[:i] + byte + whole[i:])
        for i in range(0, len(whole) + 1, stride)
        for byte in (b"\0", b"\x7f")
    )
    for copies in (lost, added):
        for place, data in outcomes(path, right, copies):
            assert not wrong_numbers(right, data), place


@pytest.mark.long
def test_a_changed_byte_changes_no_number_but_its_own(file: Write) -> None:
    whole = sweep(after=log())
    path = file(whole)
    right = read(path)
    first = whole.index(b"MODULEVMP data") + 65 + 1007
    size = struct.calcsize(SWEEP_ROW)
    rows = range(first, first + COUNT * size)
    for mask in (0xFF, 0x01, 0x10, 0x80):
        copies = (
            (i, whole[:i] + bytes([whole[i] ^ mask]) + whole[i + 1 :]) for i in range(len(whole))
        )
        for place, data in outcomes(path, right, copies):
            wrong = wrong_numbers(right, data)
            if place not in rows:
                assert not wrong, (place, mask)
                continue
            row = (place - first) // size
            for name in wrong:
                changed = np.flatnonzero(data[name] != right[name])
                assert changed.tolist() == [row], (place, mask, name)


# Two exports of one run


@needs_vendor_files
@pytest.mark.parametrize("name", ["lsv", "cp"])
def test_both_exports_of_one_run_agree(name: str) -> None:
    binary, text = (read(DATA / "biologic" / f"{name}.{kind}") for kind in ("mpr", "mpt"))
    assert len(binary) == len(text)
    assert (binary.start, binary.technique) == (text.start, text.technique)
    for column in binary.columns:
        largest = np.abs(text[column]).max() or 1.0
        assert binary[column] == pytest.approx(text[column], rel=0, abs=1e-6 * largest), column


@needs_vendor_files
def test_a_charge_in_four_bytes_follows_its_current() -> None:
    for name in ("LSV_nesd", "CA_kmc3"):
        data = read(DATA / "biologic" / f"{name}.mpr")
        steps_C = data["current_A"][1:] * np.diff(data["time_s"])
        assert np.abs(np.diff(data["charge_C"])).sum() == pytest.approx(
            np.abs(steps_C).sum(), rel=0.01
        )
