"""What other programs stumble over when they read data files, and this one must not.

galvani 0.5 refuses unknown columns and lone line feeds; eclabfiles 0.4.1 breaks on columns of one
name; gamry-parser 0.4.6 needs the locale of the process for decimal commas; ixdat 0.4.0 asks the
person at the terminal; several change their input.
"""

from __future__ import annotations

import builtins
import locale
import struct
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers import read

ROWS = 6


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def mpt(names: str, row: str, newline: str = "\n") -> bytes:
    head = ["EC-Lab ASCII FILE", "Nb header lines : 5", "", "Cyclic Voltammetry", names]
    return newline.join([*head, *[row] * ROWS, ""]).encode("cp1252")


def mpr(ids: tuple[int, ...], layout: str, *row: float) -> bytes:
    head = struct.pack("<IH", ROWS, len(ids)) + struct.pack(f"<{len(ids)}H", *ids)
    body = head.ljust(1007, b"\0") + struct.pack(layout, *row) * ROWS
    module = b"MODULE" + b"VMP data  " + b"VMP data".ljust(25)
    module += struct.pack("<IIII", 0xFFFFFFFF, len(body), 0, 11) + b"10/09/24"
    return b"BIO-LOGIC MODULAR FILE\x1a".ljust(52, b"\0") + module + body


def test_line_feeds_and_unknown_columns_are_read(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpt("time/s\tBubbles\tEwe/V", "1\t7\t0.5")))
    assert data["Bubbles"].tolist() == [7.0] * ROWS
    assert data["potential_V"].tolist() == [0.5] * ROWS


def test_columns_of_one_name_are_all_kept(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpt("(Q-Qo)/mA.h\t(Q-Qo)/C\tEwe/V\tEwe/V", "1\t3.6\t5\t6")))
    assert data["charge_C"].tolist() == pytest.approx([3.6] * ROWS)
    assert data["(Q-Qo)/C"].tolist() == pytest.approx([3.6] * ROWS)
    assert (data["potential_V"][0], data["Ewe/V"][0]) == (5.0, 6.0)


def test_unknown_numbers_of_columns_are_never_fatal(tmp_path: Path) -> None:
    # time, four and more unknown columns of unlike widths, potential
    data = read(written(tmp_path, mpr((4, 6, 9001, 9002, 9003, 9004, 9005, 11), "<dfHHBdff",
                                      1.0, 0.5, 1, 2, 3, 4.0, 5.0, 6.0)))  # fmt: skip
    assert data["time_s"].tolist() == [1.0] * ROWS
    assert data["potential_V"].tolist() == [0.5] * ROWS
    assert "unknown_9001 on cannot be told apart" in data.warnings[0].message


def test_widths_that_could_be_either_way_are_not_guessed(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpr((4, 9001, 9002, 6), "<dHdf", 1.0, 7, 8.0, 0.5)))
    assert list(data.columns) == ["time_s"]
    assert "potential_V" not in data.columns  # its place depends on which of them is wider


def test_decimal_marks_change_from_file_to_file_whatever_the_locale(tmp_path: Path) -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    text = "EXPLAIN\nTAG\tCV\nCURVE\tTABLE\t2\n\tVf\tIm\n\tV\tA\n\t0.5\t1.5E-3\n\t0.6\t2.5E-3\n"
    for _ in range(2):
        for content in (text, text.replace(".", ",")):
            data = read(written(tmp_path, content.encode()))
            assert data["potential_V"].tolist() == [0.5, 0.6]
            assert data["current_A"].tolist() == [1.5e-3, 2.5e-3]
    assert locale.setlocale(locale.LC_NUMERIC) == before


def test_nobody_is_asked_at_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("a reader asked")

    monkeypatch.setattr(builtins, "input", asked)
    nova = "Time (s);WE(1).Current (A);Column 3 (V)\n" + "0,1;1E-3;\n" * ROWS
    assert len(read(written(tmp_path, nova.encode()))) == ROWS
    assert len(read(written(tmp_path, b"Time (s);WE(1).Current (A)"))) == 0


def test_numbers_cannot_be_changed_behind_a_dataset(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpr((4, 6), "<df", 1.0, 0.5)))
    with pytest.raises(ValueError, match="read-only"):
        data["potential_V"] += 1.0
    assert np.all(data["potential_V"] == 0.5)
