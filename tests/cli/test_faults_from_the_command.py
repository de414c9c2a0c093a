"""`faradaic run --fault`: asked for, recorded, and told by every page of a run."""

import json
from pathlib import Path

import pytest

from rigs.protocols import HEAD

PROTOCOL = (
    HEAD
    + """\
steps:
  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: 60 s}
"""
)


def written(faradaic, name="p.yaml", text=PROTOCOL):
    (faradaic.folder / name).write_text(text, encoding="utf-8")
    return name


def run_folder(faradaic):
    (folder,) = (faradaic.folder / "runs").iterdir()
    return folder


@pytest.mark.long
def test_a_fault_by_flag_ends_the_run_and_stands_in_its_header_report_and_readme(faradaic):
    done = faradaic("run", written(faradaic), "--fault", "open_lead:start=0.01 F/mol", "--json")
    assert done.code == 4
    assert done.json["outcome"] == "TRIPPED"
    assert done.json["output"]["on"] is False
    folder = run_folder(faradaic)
    first = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first[9:])["faults"] == ["open_lead:start=0.01 F/mol"]
    assert "open_lead:start=0.01 F/mol" in (folder / "report.html").read_text(encoding="utf-8")
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "Fault    open_lead:start=0.01 F/mol (injected)" in readme


def test_a_run_without_faults_speaks_of_none(rehearsed):
    folder = Path(rehearsed[1].json["run"])
    assert "injected" not in (folder / "README.txt").read_text(encoding="utf-8").lower()
    assert "Injected" not in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_faults_from_a_file_and_a_flag_add_up(faradaic):
    text = "faradaic_faults: 1\nfaults:\n"
    text += "  - contact: {start: 20 s, resistance: 20 Ohm}\n  - noise:factor=3\n"
    faults = written(faradaic, "faults.yaml", text)
    done = faradaic("run", written(faradaic), "--faults", faults, "--fault", "mute:start=40 s")
    assert done.code == 3
    readme = (run_folder(faradaic) / "README.txt").read_text(encoding="utf-8")
    for fault in ("contact:start=20 s,resistance=20 Ohm", "noise:factor=3", "mute:start=40 s"):
        assert f"Fault    {fault} (injected)" in readme


def test_an_unknown_fault_is_bad_input_and_makes_no_run(faradaic):
    done = faradaic("run", written(faradaic), "--fault", "fillm:rate=1V/F", "--json")
    assert done.code == 2
    (diagnostic,) = done.json["diagnostics"]
    assert "did you mean `film`?" in diagnostic["help"]
    assert not (faradaic.folder / "runs").exists()


def test_a_wrong_quantity_in_a_file_is_shown_where_it_stands(faradaic):
    text = "faradaic_faults: 1\nfaults:\n  - mute\n  - film: {start: 2 F/mol, rate: 3 apples}\n"
    done = faradaic("run", written(faradaic), "--faults", written(faradaic, "faults.yaml", text))
    assert done.code == 2
    assert "faults.yaml:4:" in done.err


def test_a_file_that_is_no_list_of_faults_is_refused(faradaic):
    text = "faradaic_faults: 1\nfilm: {rate: 1 V/F}\n"
    done = faradaic("run", written(faradaic), "--faults", written(faradaic, "faults.yaml", text))
    assert done.code == 2
    assert "E708" in done.err


def test_a_real_bench_is_never_given_a_fault(faradaic):
    bench = "faradaic_bench: 1\nname: real\nsource:\n  driver: keithley-2450\n"
    bench += "  address: tcp://127.0.0.1:9\n"
    done = faradaic(
        "run",
        written(faradaic),
        "--bench",
        written(faradaic, "real.yaml", bench),
        "--yes",
        "--fault",
        "mute",
    )
    assert done.code == 2
    assert "simulated benches only" in done.err
