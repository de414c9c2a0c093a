"""Tables, data package, summary and index say what the journal says, and can be made again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from faradaic.diagnostics import InputError, StorageError
from faradaic.records.catalogue import CATALOGUE_NAME, find_run, list_runs
from faradaic.records.derive import derive
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from faradaic.records.run import load_run

COLUMNS = [
    {"name": "time_s", "unit": "s"},
    {"name": "step", "unit": "1"},
    {"name": "current_A", "unit": "A"},
    {"name": "charge_gross_C", "unit": "C"},
]
ROWS = [(0.0, 0, None, 0.0), (0.5, 1, 1 / 3, 0.1), (1.5, 1, -2e-9, 4.5 * 0.2 * 96.48533212)]


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    def make(
        name: str = "a",
        *,
        second: int = 0,
        simulated: bool = True,
        title: str = "T",
        end: bool = True,
    ) -> Path:
        utc = datetime(2026, 11, 21, 7, 0, second, tzinfo=UTC)
        with RunFolder.create(tmp_path / "runs", name, simulated=simulated, utc=utc) as folder:
            with JournalWriter(folder.journal) as journal:
                start = {
                    "title": title,
                    "simulated": simulated,
                    "utc": utc.isoformat(),
                    "limiting_amount_mol": 2e-4,
                }
                journal.write("run_start", 0.0, start)
                journal.write("columns", 0.0, {"columns": COLUMNS})
                for row in ROWS:
                    journal.sample(row[0], row)
                if end:
                    stop = {"outcome": "COMPLETED", "charge_gross_C": ROWS[-1][3]}
                    journal.write("run_stop", 2.0, stop)
        return folder.path

    return make


def test_parquet_holds_the_values_bit_for_bit_with_their_units(make_run) -> None:
    folder = make_run()
    derive(folder)
    frame = pl.read_parquet(folder / "data.parquet")
    assert frame.drop("on_time_s").rows() == ROWS
    assert frame.schema["step"] == pl.Int64
    metadata = pl.read_parquet_metadata(folder / "data.parquet")
    assert json.loads(metadata["units"])["current_A"] == "A"
    assert metadata["simulated"] == "true"
    assert metadata["journal_sha256"] == load_run(folder).journal_sha256


def test_csv_reads_back_to_the_same_values(make_run) -> None:
    folder = make_run()
    derive(folder)
    assert pl.read_csv(folder / "data.csv", comment_prefix="#").drop("on_time_s").rows() == ROWS


@pytest.mark.parametrize(("simulated", "first"), [(True, "# SIMULATED"), (False, "# measured")])
def test_csv_says_in_its_first_line_whether_it_is_simulated(make_run, simulated, first) -> None:
    folder = make_run(simulated=simulated)
    derive(folder)
    assert (folder / "data.csv").read_text().startswith(first)


@pytest.mark.parametrize(
    "title", ["=cmd|' /C calc'!A0", "x,=1+1", 'x"\n=1+1', "x;\t@SUM(A1)", "x\r-1", "x\u2028=1"]
)
def test_a_title_cannot_become_a_formula(make_run, title: str) -> None:
    folder = make_run(title=title)
    derive(folder)
    text = (folder / "data.csv").read_text()
    comments = [line for line in text.splitlines() if not line[:1].isdigit()]
    assert sum(line.startswith("#") for line in comments) == len(comments) - 1  # the column names
    for line in comments:
        if line.startswith("#"):
            assert not set(',;\t"') & set(line)
    assert pl.read_csv(folder / "data.csv", comment_prefix="#").drop("on_time_s").rows() == ROWS


def test_the_data_package_describes_the_file_that_is_there(make_run) -> None:
    folder = make_run()
    derive(folder)
    package = json.loads((folder / "datapackage.json").read_text())
    table = package["resources"][0]
    names = pl.read_csv(folder / table["path"], comment_prefix="#").columns
    assert [(f["name"], f["unit"]) for f in table["schema"]["fields"]] == [
        *((c["name"], c["unit"]) for c in COLUMNS),
        ("on_time_s", "s"),
    ]
    assert [f["name"] for f in table["schema"]["fields"]] == names
    (header_row,) = table["dialect"]["headerRows"]
    assert (folder / table["path"]).read_text().splitlines()[header_row - 1].split(",") == names
    assert table["schema"]["fields"][1]["type"] == "integer"
    assert package["simulated"] is True
    journal = next(r for r in package["resources"] if r["name"] == "journal")
    assert journal["bytes"] == (folder / "journal.jsonl").stat().st_size


def test_summary_counts_in_faradays_per_mole(make_run) -> None:
    folder = make_run()
    summary = derive(folder)
    assert json.loads((folder / "summary.json").read_text()) == summary
    assert summary["charge_F_per_mol"] == pytest.approx(4.5, rel=1e-12)
    assert (summary["outcome"], summary["samples"]) == ("COMPLETED", 3)


def test_a_lost_run_is_summed_up_from_its_last_sample(make_run) -> None:
    summary = derive(make_run(end=False))
    assert summary["outcome"] == "LOST"
    assert summary["charge_C"] == ROWS[-1][3]
    assert summary["charge_high_C"] is None
    assert summary["output"]["on"] is None


def test_the_readme_explains_the_journal(make_run) -> None:
    folder = make_run(title="Kolbe\x1b[31m")
    derive(folder)
    text = (folder / "README.txt").read_text()
    assert text.startswith("Kolbe [31m\n")
    assert "SIMULATED" in text
    assert "CRC-32" in text


def test_a_run_without_samples_can_be_derived(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"")
    assert derive(tmp_path)["charge_C"] is None
    assert pl.read_parquet(tmp_path / "data.parquet").shape == (0, 0)


def test_a_table_that_reads_back_otherwise_is_an_error(make_run, monkeypatch) -> None:
    folder = make_run()
    monkeypatch.setattr(pl, "scan_parquet", lambda path: pl.LazyFrame({"time_s": [0.0]}))
    with pytest.raises(StorageError, match="does not read back"):
        derive(folder)


def test_runs_are_listed_newest_first_with_what_matters(make_run, tmp_path: Path) -> None:
    first, second = make_run("a", second=1), make_run("b", second=2, end=False)
    rows = list_runs(tmp_path / "runs")
    assert [(row.name, row.outcome) for row in rows] == [
        (second.name, "LOST"),
        (first.name, "COMPLETED"),
    ]
    assert rows[1].charge_F_per_mol == pytest.approx(4.5)


def test_the_index_saves_reading_and_is_not_believed_after_a_change(
    make_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run("a")
    rows = list_runs(tmp_path / "runs")
    read: list[Path] = []

    def counting(path: Path) -> Any:
        read.append(path)
        return load_run(path)

    monkeypatch.setattr("faradaic.records.catalogue.load_run", counting)
    assert list_runs(tmp_path / "runs") == rows
    assert read == []
    data = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(data[:-3])
    assert [row.outcome for row in list_runs(tmp_path / "runs")] == ["LOST"]
    assert read == [folder]


@pytest.mark.parametrize("damage", [b"", b"not a database" * 400, None])
def test_a_damaged_or_missing_index_is_made_again(make_run, tmp_path: Path, damage) -> None:
    make_run("a")
    rows = list_runs(tmp_path / "runs")
    index = tmp_path / "runs" / CATALOGUE_NAME
    if damage is None:
        index.unlink()
    else:
        index.write_bytes(damage)
    assert list_runs(tmp_path / "runs") == rows
    assert index.read_bytes().startswith(b"SQLite format 3")


def test_a_run_that_was_removed_is_not_listed(make_run, tmp_path: Path) -> None:
    folder = make_run("a")
    make_run("b")
    list_runs(tmp_path / "runs")
    folder.rename(tmp_path / "elsewhere")
    assert [row.name.split("-")[3] for row in list_runs(tmp_path / "runs")] == ["b"]


def test_a_run_is_found_by_name_by_beginning_or_as_the_latest(make_run, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    first, second = make_run("a", second=1), make_run("b", second=2)
    assert find_run(runs, first.name) == first
    assert find_run(runs, "2026-11-21T070001") == first
    assert find_run(runs, "latest") == second
    with pytest.raises(InputError, match="fits 2 runs") as caught:
        find_run(runs, "2026")
    assert first.name in caught.value.diagnostics[0].help
    for token in ("2025", "", "../runs", "*"):
        with pytest.raises(InputError, match="there is no run"):
            find_run(runs, token)


def test_a_folder_without_runs_says_so(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []
    with pytest.raises(InputError) as caught:
        find_run(tmp_path / "none", "latest")
    assert "--runs DIR" in caught.value.diagnostics[0].help
    assert not (tmp_path / "none").exists()
