"""A plan that knows no charge says so, and a run that falls short is seen in every command."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faradaic.cli.progress_view import progress_line
from faradaic.runner.progress import RunProgress
from faradaic.runner.states import RunState

CASE = Path(__file__).parents[1] / "fixtures" / "chemists" / "cell_voltage_plan_vs_run.yaml"


@pytest.mark.long
def test_a_held_voltage_from_the_plan_to_the_list_of_runs(faradaic):
    text = CASE.read_text("utf-8").replace("{time: 8 h}", "{time: 4 min}")
    (faradaic.folder / "p.yaml").write_text(text, "utf-8")
    planned = " ".join(faradaic("plan", "p.yaml").out.split())
    # 2.5 F/mol of 0.3 mmol: 72.4 C aimed at, and nobody promises them.
    assert "charge not known: it follows from the cell; 72.4 C = 2.5 F/mol aimed at" in planned
    assert "simulated cell ends: every step is done; ended by time at " in planned
    assert "(guessed)" in planned
    assert "The simulated cell assumes, what moves its voltage most first: guessed " in planned

    done = faradaic("run", "p.yaml", "--json").json
    assert done["outcome"] == "COMPLETED"
    share = done["charge_C"] / 72.364
    assert done["share_of_planned"] == pytest.approx(share, rel=1e-3)
    assert done["missing_charge"].startswith("ended by time at ")
    assert done["missing_charge"] in done["stop_reason"]
    assert any(one.get("guess") == "potential" for one in done["assumptions"])
    kept = json.loads((Path(done["run"]) / "summary.json").read_text("utf-8"))
    assert kept["missing_charge"] == done["missing_charge"]
    plan = json.loads((Path(done["run"]) / "plan.json").read_text("utf-8"))
    low_C, _, high_C = plan["forecast"]["charge_C"]
    assert low_C <= done["charge_C"] <= high_C

    shown = faradaic("show", "latest").out
    assert done["missing_charge"] in shown
    assert "guessed potential: " in shown
    assert done["missing_charge"] in faradaic("runs").out
    told = faradaic("analyze", "latest").out
    assert "(guessed)" in told


def test_check_asks_no_simulated_cell(faradaic):
    # numba takes seconds to load: only what prints a forecast may.
    code = (
        "import sys; sys.argv = ['faradaic', 'check', sys.argv[1]]\n"
        "from faradaic.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert 'numba' not in sys.modules, 'numba'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(CASE)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("guessed", "voltage", "current"),
    [
        ((), "U 3.00 V ·", "12.0 mA ·"),
        (("cell_voltage_V",), "U 3.00 V (guessed)", "12.0 mA ·"),
        (("current_A",), "U 3.00 V ·", "12.0 mA (guessed)"),
    ],
)
def test_the_status_line_marks_what_is_guessed(guessed, voltage, current):
    progress = RunProgress(
        state=RunState.RUNNING,
        step=0,
        label="a step",
        time_s=60.0,
        charge_C=0.7,
        charge_F_per_mol=None,
        current_A=12e-3,
        cell_voltage_V=3.0,
        potential_V=None,
        guessed=guessed,
        ends_utc=datetime(2026, 11, 21, tzinfo=UTC),
    )
    line = progress_line(progress, simulated=True)
    assert voltage in line
    assert current in line


def test_the_readings_of_a_step_with_a_long_name_fit_into_a_narrow_terminal():
    progress = RunProgress(
        state=RunState.RUNNING,
        step=0,
        label="alternating polarity ±100 mA, reversed every 10 s, the cell open for 2 s of each",
        time_s=60.0,
        charge_C=0.7,
        charge_F_per_mol=None,
        current_A=0.1,
        cell_voltage_V=3.0,
        potential_V=None,
        guessed=(),
        ends_utc=datetime(2026, 11, 21, tzinfo=UTC),
    )
    seen = progress_line(progress, simulated=False)[:79]
    assert "±100 mA ·" in seen
    assert "U 3.00 V" in seen
    assert "100 mA" in seen.partition("U ")[2]
