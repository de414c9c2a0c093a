"""`analyze FILE --cycle N`: the rows that the file itself counts to one cycle, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import InputError

ROWS = "".join(f"{i},{1 + i // 4},{2 if i < 4 else 5}\n" for i in range(9))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(f"time (s),cycle,I (mA)\n{ROWS}")
    return path


def test_the_rows_of_the_cycle_and_no_others(table: Path) -> None:
    data = Statements(cycle=2).read(table, Dataset.time_series)
    assert data["time_s"].tolist() == [4.0, 5.0, 6.0, 7.0]
    assert data["current_A"].tolist() == [5e-3] * 4
    assert data.metadata["cycle"] == "2"


def test_a_cycle_that_is_not_there(table: Path) -> None:
    with pytest.raises(InputError, match="has no cycle 7") as refused:
        Statements(cycle=7).read(table)
    assert "counts from 1 to 3" in str(refused.value)


def test_a_file_that_counts_none(table: Path) -> None:
    table.write_text(f"time (s),n,I (mA)\n{ROWS}")
    with pytest.raises(InputError, match="does not count cycles"):
        Statements(cycle=1).read(table)


def test_the_command(table: Path) -> None:
    told = CliRunner().invoke(
        app, ["analyze", str(table), "--cycle", "1", "--assume", "sign=anodic"]
    )
    assert told.exit_code == 0, told.output
    assert "0.006 C" in told.output  # 2 mA for 3 s
