"""`faradaic compare`: what differs, what came out, how replicates scatter."""

import csv
import json
from dataclasses import replace

import pytest

from faradaic.records.run import load_run
from faradaic.studies.comparison.compare_runs import Comparison, compare, entry_table
from faradaic.studies.comparison.compared_entries import entries_of
from faradaic.studies.comparison.replicate_consistency import inconsistencies
from faradaic.studies.run.electrolysis import electrolysis_of
from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse

SHORT = TROUBLESHOOTING.replace("until: 2.5 F/mol", "until: 0.3 F/mol")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two replicates, one at half the current with another title, one with a fault."""
    folder = tmp_path_factory.mktemp("compared")
    slow = SHORT.replace("current: 10 mA", "current: 5 mA").replace("title: T", "title: Another t")
    runs = [
        rehearse(SHORT, [], 1, folder),
        rehearse(slow, [], 1, folder),
        rehearse(SHORT, [], 2, folder),
        rehearse(SHORT, ["electrolyte:factor=0.5"], 3, folder),
    ]
    return [run.folder for run in runs]


def test_the_table_holds_what_differs_and_the_scatter(faradaic, folders, tmp_path):
    out = tmp_path / "out"
    told = faradaic("compare", *map(str, folders), "--out", str(out), "--json").json
    current = "steps 2.constant_current.current"
    assert [one["conditions"][current] for one in told["entries"]] == ["10 mA", "5 mA", "10 mA"]
    assert [one["conditions"]["fault 1"] for one in told["entries"]][2] == "electrolyte:factor=0.5"
    assert set(told["entries"][0]["conditions"]) == {current, "fault 1"}  # no title
    assert [len(one["runs"]) for one in told["entries"]] == [2, 1, 1]
    charge = told["entries"][0]["numbers"]["charge_F_per_mol"]
    assert charge["n"] == 2
    assert charge["mean"] == pytest.approx(0.3, rel=1e-3)
    assert charge["standard_deviation"] < 1e-3
    assert told["entries"][1]["numbers"]["charge_C"]["standard_deviation"] is None
    voltages_V = [one["numbers"]["cell_voltage_V"]["mean"] for one in told["entries"]]
    assert voltages_V[1] < voltages_V[0] < voltages_V[2]
    assert told["entries"][0]["numbers"]["cell_voltage_V"]["guessed"]
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {"entries.csv", "runs.csv", "comparison.json", "report.html"} < names
    assert {f"figures/comparison.{kind}" for kind in ("svg", "pdf", "png")} < names
    lines = (out / "runs.csv").read_text().splitlines()
    assert lines[0] == "# SIMULATED"
    rows = list(csv.DictReader(lines[1:]))
    assert [row["entry"] for row in rows] == ["1", "1", "2", "3"]
    assert float(rows[2]["I, mean (mA)"]) == pytest.approx(5.0, rel=1e-3)
    assert json.loads((out / "comparison.json").read_text())["diagnoses"] == []
    drawn = (out / "figures" / "comparison.svg").read_text()
    assert "F mol" in drawn
    assert "2: 5 mA" in drawn
    assert "SIMULATED" in (out / "report.html").read_text()


def test_against_time_the_charge_is_drawn_too(faradaic, folders, tmp_path):
    said = faradaic(
        "compare", *map(str, folders[:2]), "--out", str(tmp_path / "t"), "--against", "time"
    )
    assert "2 runs" in said.out
    drawn = (tmp_path / "t" / "figures" / "comparison.svg").read_text()
    assert "t / min" in drawn or "t / s" in drawn
    assert "Q / C" in drawn


def test_inconsistent_starts_are_d19_and_consistent_ones_are_not(folders):
    comparison = compare([electrolysis_of(load_run(path)) for path in (folders[0], folders[2])])
    assert comparison.found == ()
    first, second = comparison.runs
    for start_V, found in ((5.3, 0), (7.0, 1)):
        changed = replace(second, numbers={**second.numbers, "voltage_start_V": start_V})
        entries = entries_of([first, changed])
        told = tuple(inconsistencies(entries))
        assert len(told) == found, start_V
        if found:
            assert told[0].as_dict()["id"] == "D19"
            assert "U at the start scatters by 2" in told[0].sentence
            assert told[0].sentence in Comparison(tuple(entries), told).notes


def test_a_number_is_shown_with_two_digits_of_its_scatter(folders):
    comparison = compare([electrolysis_of(load_run(path)) for path in (folders[0], folders[2])])
    first, second = comparison.runs
    changed = replace(second, numbers={**second.numbers, "charge_C": 2.5})
    heads, (row,) = entry_table(Comparison(tuple(entries_of([first, changed])), ()))
    told = dict(zip(heads, row, strict=True))
    assert told["n"] == "2"
    assert told["Q / C"] == "2.70 ± 0.28"


def test_files_of_others_and_runs_stand_beside_each_other(faradaic, folders, tmp_path):
    path = tmp_path / "log.csv"
    lines = [f"{t},0.01,{4.2 + 1e-4 * t}" for t in range(0, 300, 3)]
    path.write_text("\n".join(["time/s,current/A,cell voltage/V", *lines]) + "\n")
    told = faradaic(
        "compare", str(folders[0]), str(path), "--out", str(tmp_path / "m"), "--json"
    ).json
    assert told["entries"][1]["conditions"] == {"file": "log.csv"}
    assert told["entries"][1]["numbers"]["charge_C"]["mean"] == pytest.approx(2.97, rel=1e-3)
    assert "Q / C" in (tmp_path / "m" / "figures" / "comparison.svg").read_text()


def test_one_run_alone_is_refused(faradaic, folders):
    told = faradaic("compare", str(folders[0]), str(folders[0]))
    assert told.code == 2
    assert "E798" in told.err
