"""`run` sets a run beside its rehearsal, where it is asked to and where something goes wrong."""

import json
from pathlib import Path

import pytest

from rigs.diagnosed_runs import TROUBLESHOOTING

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "protocol.yaml"
    path.write_text(TROUBLESHOOTING)
    return path


def test_a_run_with_a_fault_is_compared_and_every_page_says_so(faradaic, protocol, tmp_path):
    runs = tmp_path / "runs"
    fault = "film:start=0.5F/mol,rate=5V/F"
    told = faradaic("run", str(protocol), "--runs", str(runs), "--fault", fault)
    assert "rehearsal step 2: 4." in told.out
    (folder,) = (path.parent for path in runs.glob("*/journal.jsonl"))
    summary = json.loads((folder / "summary.json").read_text())["against_rehearsal"]
    assert summary["steps"][0]["last_V"] > 4.0
    assert [one["step"] for one in summary["events"]] == ["2", "2", "2"]
    assert "above the rehearsal since 0.64" in summary["events"][0]["text"]
    shown = faradaic("show", "latest", "--runs", str(runs)).out
    assert summary["events"][0]["text"] in shown
    report = (folder / "report.html").read_text()
    assert "Beside the rehearsal" in report
    assert "rehearsed" in (folder / "figures" / "overview.svg").read_text()


def test_a_rehearsal_without_faults_is_compared_where_that_is_asked(faradaic, protocol, tmp_path):
    runs = tmp_path / "runs"
    where = (str(protocol), "--runs", str(runs))
    plain = faradaic("run", *where, "--json").json
    assert plain["against_rehearsal"] == {"events": []}
    asked = faradaic(
        "run", str(protocol), "--runs", str(runs), "--compare-rehearsal", "--json"
    ).json
    (step,) = asked["against_rehearsal"]["steps"]
    assert abs(step["mean_V"]) < 0.05
    assert asked["against_rehearsal"]["events"] == []
    fault = ("--fault", "electrolyte:factor=0.4", "--no-compare-rehearsal")
    left_out = faradaic("run", str(protocol), "--runs", str(runs), *fault, "--json").json
    assert left_out["against_rehearsal"] == {"events": []}


def test_a_plan_takes_a_calibration_and_a_plate_does_not(faradaic, protocol, tmp_path):
    runs, file = tmp_path / "runs", tmp_path / "calibration.yaml"
    fault = ("--fault", "electrolyte:factor=0.4")
    assert faradaic("run", str(protocol), "--runs", str(runs), *fault).code == 0
    assert faradaic("calibrate", "latest", "--runs", str(runs), "--out", str(file)).code == 0
    planned = faradaic("plan", str(protocol), "--calibration", str(file), "--json").json
    assert planned["forecast"]["cell_voltage_V"][1] == pytest.approx(5.98, abs=0.1)
    assert any("calibrated by run" in one["text"] for one in planned["cell"]["assumptions"])


def test_a_plan_names_its_countermeasures(faradaic):
    said = faradaic("plan", str(EXAMPLES / "countered_film.yaml")).out
    assert "step 2, on D02, D10: 20 s of the reverse current" in " ".join(said.split())
