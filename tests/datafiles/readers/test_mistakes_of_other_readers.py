"""What other programs stumble over when they read data files, and this one must not.

galvani 0.5 refuses lone line feeds; eclabfiles 0.4.1 breaks on columns of one
name; gamry-parser 0.4.6 needs the locale of the process for decimal commas; ixdat 0.4.0 asks the
person at the terminal; several change their input.
"""

from __future__ import annotations

import builtins
import locale
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers import read
from rigs.made_files import mpr

ROWS = 6


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def mpt(names: str, row: str, newline: str = "\n") -> bytes:
    head = ["EC-Lab ASCII FILE", "Nb header lines : 5", "", "Cyclic Voltammetry", names]
    return newline.join([*head, *[row] * ROWS, ""]).encode("cp1252")


def test_line_feeds_and_unknown_columns_are_read(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpt("time/s\tBubbles\tEwe/V", "1\t7\t0.5")))
    assert data["Bubbles"].tolist() == [7.0] * ROWS
    assert data["potential_V"].tolist() == [0.5] * ROWS


def test_columns_of_one_name_are_all_kept(tmp_path: Path) -> None:
    data = read(written(tmp_path, mpt("(Q-Qo)/mA.h\t(Q-Qo)/C\tEwe/V\tEwe/V", "1\t3.6\t5\t6")))
    assert data["charge_C"].tolist() == pytest.approx([3.6] * ROWS)
    assert data["(Q-Qo)/C"].tolist() == pytest.approx([3.6] * ROWS)
    assert (data["potential_V"][0], data["Ewe/V"][0]) == (5.0, 6.0)


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
    data = read(written(tmp_path, mpr((4, 6), "<df", [(1.0, 0.5)] * ROWS)))
    with pytest.raises(ValueError, match="read-only"):
        data["potential_V"] += 1.0
    assert np.all(data["potential_V"] == 0.5)
