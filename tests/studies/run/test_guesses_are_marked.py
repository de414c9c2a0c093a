"""What rests on a guess of the simulated cell carries one word, wherever it is printed or drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from faradaic.cli.assumption_view import assumption_lines
from faradaic.cli.record_view import describe_run, description_lines, result_lines
from faradaic.records.derive import data_package, derive
from faradaic.records.run import load_run
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_figure import render
from faradaic.studies.run.electrolysis_report import render_report
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from faradaic.studies.run.methods_paragraph import si_paragraph
from faradaic.studies.run.run_reader import read

RunWriter = Callable[..., Path]
ASSUMED = [
    {
        "of": "resistance_ohm",
        "text": "conductivity taken as 5 mS/cm",
        "guess": "conductivity",
        "cell_voltage_V": 2.5,
        "state": "solution.conductivity",
    },
    {"of": "thermal", "text": "it is kept at 25 degC"},
]


@pytest.fixture
def guessed_run(closed_form_run: RunWriter, header: dict[str, Any]) -> RunWriter:
    def write(*columns: str, **more: Any) -> Path:
        known = {
            "guessed": "conductivity",
            "guessed_columns": list(columns),
            "assumptions": ASSUMED,
        }
        return closed_form_run(header=header | known, **more)

    return write


def test_a_guessed_voltage_is_marked_in_every_view(guessed_run: RunWriter) -> None:
    path = guessed_run("cell_voltage_V")
    one = load_electrolysis(path)
    results = analyze_electrolysis(one)
    lines = "\n".join(result_lines(one, results))
    assert "8 V (guessed)" in lines
    # 40 J = 8 V x 5 mA x 1000 s rest on it too; the charge does not.
    assert "40 J (guessed)" in lines
    assert "5 C (guessed)" not in lines
    assert "guessed" not in " ".join(results.notes())
    report = render_report(one, results)
    assert "8.000 V (guessed)" in report
    assert "What the simulated cell assumes" in report
    assert "conductivity taken as 5 mS/cm" in report
    assert "the cell voltage was 8.000 V (guessed) at the start" in si_paragraph(load_run(path))
    figure = ElementTree.fromstring(render(one, "svg")["svg"])
    assert "(guessed)" in " ".join("".join(node.itertext()) for node in figure.iter())


def test_a_guessed_current_marks_the_charge_and_not_the_voltage_that_is_held(
    guessed_run: RunWriter,
) -> None:
    one = load_electrolysis(guessed_run("current_A"))
    lines = "\n".join(result_lines(one, analyze_electrolysis(one)))
    assert "5 C (guessed)" in lines
    assert "8 V (guessed)" not in lines


def test_the_assumptions_stand_in_summary_show_tables_and_metadata(guessed_run: RunWriter) -> None:
    path = guessed_run("cell_voltage_V")
    summary = derive(path)
    assert summary["assumptions"] == ASSUMED
    assert summary["guessed"] == "conductivity"
    shown = list(description_lines(describe_run(path)))
    assert "guessed   conductivity; the numbers that follow from it are marked" in shown
    assert (
        "  guessed conductivity: conductivity taken as 5 mS/cm (up to 2.5 V); state"
        " `solution.conductivity`" in shown
    )
    head = (path / "data.csv").read_text("utf-8").splitlines()[:8]
    assert "# cell_voltage_V is guessed: it rests on a guess of conductivity" in head
    fields = data_package(load_run(path))["resources"][0]["schema"]["fields"]
    assert [f["name"] for f in fields if f.get("guessed")] == ["cell_voltage_V"]
    # What every export takes its metadata from.
    assert read(path).metadata["guessed"] == "conductivity"


def test_a_run_without_guesses_is_not_marked(closed_form_run: RunWriter) -> None:
    one = load_electrolysis(closed_form_run())
    assert "guessed" not in "\n".join(result_lines(one, analyze_electrolysis(one)))
    assert list(assumption_lines(())) == []


def test_a_cell_that_drove_itself_delivers_no_energy(guessed_run: RunWriter) -> None:
    fault = "the simulated cell drove itself (-0.29 V on average)"
    path = guessed_run("cell_voltage_V", voltage=lambda t: -0.287, stop={"model_at_fault": fault})
    results = analyze_electrolysis(load_electrolysis(path))
    assert results.energy.value is None
    assert results.energy.reason == fault
    assert results.energy_per_amount.value is None
    assert not any("touch" in note for note in results.notes())


def test_a_measured_cell_that_gives_energy_is_told_as_measured(closed_form_run: RunWriter) -> None:
    results = analyze_electrolysis(load_electrolysis(closed_form_run(voltage=lambda t: -0.287)))
    assert results.energy.value == pytest.approx(-0.287 * 5e-3 * 1000, rel=1e-3)
    assert any("touch" in note for note in results.notes())


def test_a_completed_run_short_of_its_charge_says_so_in_the_paragraph(
    closed_form_run: RunWriter,
) -> None:
    missing = "ended by time at 10 % of the planned charge"
    stop = {"missing_charge": missing, "stop_reason": f"every step is done; {missing}"}
    path = closed_form_run(stop=stop | {"planned_charge_C": 50.0, "share_of_planned": 0.1})
    assert missing in si_paragraph(load_run(path))
    shown = "\n".join(description_lines(describe_run(path)))
    assert "5.000 C = 0.2591 F/mol of 50 C planned" in shown


def test_planned_and_run_densities_are_of_the_same_current_and_area(
    closed_form_run: RunWriter,
) -> None:
    # 10 mA for 500 s and 2 mA for 500 s are 6 mA on average: 3.33 mA/cm² on 1.8 cm².
    steps = [
        {"id": str(n), "label": "", "current_A": current_A, "expected_duration_s": 500.0}
        for n, current_A in enumerate((10e-3, 2e-3))
    ]
    plan = {
        "steps": steps,
        "estimates": {"charge_C": 6.0},
        "electrodes": [{"name": "anode", "areas_m2": {"facing": 1.8e-4}, "area_basis": "facing"}],
    }
    report = render_report(load_electrolysis(closed_form_run(plan=plan)))
    row = report.partition("mean current density, anode, facing area")[2].partition("</tr>")[0]
    assert "3.33 mA/cm²" in row
    assert "2.78 mA/cm²" in row


def test_a_range_of_the_simulated_cell_stands_where_the_plan_knew_no_charge(
    closed_form_run: RunWriter,
) -> None:
    plan = {
        "estimates": {"charge_C": None, "duration_s": 3600.0, "target_charge_C": 72.4},
        "forecast": {"charge_C": [0.5, 5.0, 40.0], "duration_s": [900.0, 3600.0, 3600.0]},
        "cell": {"assumptions": ASSUMED},
    }
    report = render_report(load_electrolysis(closed_form_run(plan=plan)))
    assert "500.0 mC" not in report
    assert "0.5000 C to 40.00 C (guessed) (simulated cell)" in report
    assert "72.40 C" in report
