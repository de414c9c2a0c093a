"""Gamry's files: what they tell about ohmic drop, clipping and an early end."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read


def curve(
    folder: Path,
    ircomp: str,
    rows: list[str],
    after: str = "",
    names: str = "Pt\tT\tVf\tIm\tVu\tOver",
) -> Dataset:
    lines = ["EXPLAIN", "TAG\tGSTATIC", "CONVENTION\tIQUANT\t1\tCurrent Convention"]
    lines += [f"IRCOMP\t{ircomp}\tIR Comp"] if ircomp else []
    lines += [f"CURVE\tTABLE\t{len(rows)}", f"\t{names}", "\t#\ts\tV vs. Ref.\tA\tV\tbits"]
    path = folder / "curve.DTA"
    path.write_text("\n".join([*lines, *(f"\t{row}" for row in rows), after]), encoding="ascii")
    return read(path)


COMPENSATED = ["0\t1\t-1.60\t-0.200\t-2.00\t...........", "1\t2\t-1.61\t-0.200\t-2.01\t..........."]
UNMEASURED = ["0\t1\t-1.60\t-0.200\t0\t...........", "1\t2\t-1.61\t-0.200\t0\t..........."]
EQUAL = ["0\t1\t-1.60\t-0.200\t-1.6\t...........", "1\t2\t-1.61\t-0.200\t-1.6101\t..........."]


@pytest.mark.parametrize(
    ("ircomp", "rows", "expected"),
    [
        ("TOGGLE\tT", COMPENSATED, "compensated"),
        ("TOGGLE\tT", UNMEASURED, "compensated"),
        ("TOGGLE\tF", EQUAL, "uncompensated"),
        ("SELECTOR\t0", UNMEASURED, "uncompensated"),
        ("SELECTOR\t2", UNMEASURED, "compensated"),
        ("", COMPENSATED, "compensated"),
        ("", EQUAL, None),
        ("", UNMEASURED, None),
    ],
)
def test_the_ohmic_drop_is_that_of_the_setting_and_of_both_potentials(
    tmp_path: Path, ircomp: str, rows: list[str], expected: str | None
) -> None:
    assert curve(tmp_path, ircomp, rows).ohmic_drop == expected


def test_a_setting_that_the_potentials_contradict_is_said(tmp_path: Path) -> None:
    data = curve(tmp_path, "TOGGLE\tF", COMPENSATED)
    assert data.ohmic_drop == "compensated"
    assert any(
        "IRCOMP is F, but Vf and Vu are up to 0.4 V apart" in w.message for w in data.warnings
    )


def test_marks_of_an_overload_are_counted(tmp_path: Path) -> None:
    rows = [COMPENSATED[0].replace("...........", ".....h..i.."), COMPENSATED[1]]
    data = curve(tmp_path, "", rows)
    assert data["status_flags"].tolist() == [2.0, 0.0]
    assert any("1 of 2 rows of CURVE carry marks" in w.message for w in data.warnings)


def test_an_aborted_experiment_is_said(tmp_path: Path) -> None:
    aborted = "EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted\n"
    told = [w.message for w in curve(tmp_path, "", COMPENSATED, aborted).warnings]
    assert any("was aborted" in message for message in told)
    whole = aborted.replace("\tT\t", "\tF\t")
    told = [w.message for w in curve(tmp_path, "", COMPENSATED, whole).warnings]
    assert not any("was aborted" in message for message in told)
