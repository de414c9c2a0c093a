"""Impedances as bare lists; the layouts are those of pyimpspec's files of the same names."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError

POINTS = ((10000.0, 109.0, 26.5), (1000.0, 221.5, 120.25))


def test_a_dfr_has_nine_lines_a_point_and_the_imaginary_part_negated(tmp_path: Path) -> None:
    points = "".join(f" {f}\n {z}\n {y}\n -0.25\n 1e-3\n 2.5\n 0\n 0\n 0\n" for f, z, y in POINTS)
    path = tmp_path / "spectrum.dfr"
    path.write_text(f"VERSION8.0\n 2\n 1\n{points}", encoding="ascii")
    data = read(path)
    assert data["frequency_Hz"].tolist() == [10000.0, 1000.0]
    assert data["impedance_real_Ohm"].tolist() == [109.0, 221.5]
    assert data["impedance_imaginary_Ohm"].tolist() == [-26.5, -120.25]
    assert data["direct_potential_V"].tolist() == [-0.25, -0.25]
    path.write_text(f"VERSION8.0\n 3\n 1\n{points} 5\n", encoding="ascii")
    cut = read(path)
    assert len(cut) == 2
    assert "2 of 3 points" in cut.warnings[0].message
    path.write_text("VERSION8.0\n 3\n 1\nnothing\n", encoding="ascii")
    with pytest.raises(InputError, match="E743"):
        read(path)


def test_an_i2b_has_a_count_over_rows_of_three_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{f} {z} {-y}\n" for f, z, y in POINTS)
    path = tmp_path / "spectrum"
    path.write_text(f"a cell\nof mine\n\n2\n{rows}", encoding="ascii")
    data = read(path)
    assert data["impedance_imaginary_Ohm"].tolist() == [-26.5, -120.25]
    assert data.instrument == "Elchemea Analytical"
    # without its name a count that is not that of the rows tells nothing
    path.write_text(f"a cell\n\n3\n{rows}", encoding="ascii")
    assert list(read(path).columns) == ["column 1", "column 2", "column 3"]
    named = tmp_path / "spectrum.i2b"
    named.write_text(f"a cell\n\n3\n{rows}", encoding="ascii")
    assert "2 of 3 points" in read(named).warnings[0].message
