"""A run that goes on from others tells all of them: closed forms of 5 mA and 10 mA."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.records.derive import summarise
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from faradaic.records.run import load_run
from faradaic.studies.run.earlier_charge import on_one_axis
from faradaic.studies.run.electrolysis import electrolysis_of
from faradaic.studies.run.electrolysis_report import render_report, si_paragraph
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

F = 96485.33212
BEGAN = datetime(2026, 11, 21, 7, 0, 0, tzinfo=UTC)
NAMES = ("time_s", "step", "current_A", "cell_voltage_V", "charge_gross_C", "charge_net_C")
COLUMNS = [{"name": name, "unit": "1"} for name in NAMES]
AMOUNT_MOL = 1e-4
GAP_S = 3600.0


def write(runs: Path, name: str, current_A: float, began: datetime, **header: Any) -> Path:
    """100 s at a constant current, read every second."""
    with RunFolder.create(runs, name, simulated=False, utc=began) as folder:
        with JournalWriter(folder.journal) as journal:
            start = {
                "title": name,
                "simulated": False,
                "utc": began.isoformat(),
                "limiting_amount_mol": AMOUNT_MOL,
                "electrons": 2,
                "products": {"product": {"target": True}},
            }
            journal.write("run_start", 0.0, {**start, **header})
            journal.write("columns", 0.0, {"columns": COLUMNS})
            journal.write("mark", 0.0, {"what": "output_on_intent"})
            for t in range(101):
                journal.sample(t, (t, 0, current_A, 3.0, current_A * t, current_A * t))
            journal.write("mark", 100.0, {"what": "output_off", "on": False, "evidence": ""})
            charge_C = 100 * current_A
            told = {f"charge_{which}_C": charge_C for which in ("gross", "net", "low", "high")}
            stop = {"outcome": "COMPLETED", "duration_s": 100.0, "stop_reason": "", **told}
            journal.write("run_stop", 100.0, stop)
    return folder.path


@pytest.fixture
def chain(tmp_path: Path) -> Callable[..., Path]:
    """The second of two runs; of the first 0.5 C measured, 0.4 to 0.7 C, 0.7 C taken."""

    def make(**changes: Any) -> Path:
        first = write(tmp_path, "first", 5e-3, BEGAN)
        entry = {
            "run": first.name,
            "journal": load_run(first).journal_sha256,
            "outcome": "LOST",
            "began": BEGAN.isoformat(),
            "ended": (BEGAN + timedelta(seconds=100)).isoformat(),
            "charge_C": 0.7,
            "charge_low_C": 0.4,
            "charge_measured_C": 0.5,
            "charge_high_C": 0.7,
        }
        began = BEGAN + timedelta(seconds=100 + GAP_S)
        return write(tmp_path, "second", 10e-3, began, continues=[{**entry, **changes}])

    return make


def test_charge_gap_and_efficiency_are_of_all_runs(chain) -> None:
    run = load_run(chain())
    results = analyze_electrolysis(run, product_amount_mol=5e-6)
    assert results.charge_gross.value == pytest.approx(1.0)
    total = results.further["charge_total"]
    assert total.value == pytest.approx(1.5)
    assert total.bounds == pytest.approx((1.4, 1.7))
    per_mol = results.further["charge_total_per_amount"]
    assert per_mol.value == pytest.approx(1.5 / (F * AMOUNT_MOL))
    assert results.further["gap"].value == pytest.approx(GAP_S)
    assert results.faradaic_efficiency.value == pytest.approx(2 * 5e-6 * F / 1.5)
    assert results.product_yield.value == pytest.approx(0.05)
    told = "1.500 C (0.1555 F/mol) together with 1 earlier run"
    assert told in si_paragraph(run)
    summary = summarise(run)
    assert summary["charge_total_C"] == pytest.approx(1.5)
    assert summary["charge_total_low_C"] == pytest.approx(1.4)
    assert summary["charge_total_high_C"] == pytest.approx(1.7)
    assert summary["continues"][0]["gap_s"] == pytest.approx(GAP_S)


def test_a_run_without_an_upper_bound_leaves_the_total_without_one(chain) -> None:
    run = load_run(chain(charge_high_C=None))
    assert analyze_electrolysis(run).further["charge_total"].bounds == pytest.approx((1.4, None))
    assert summarise(run)["charge_total_high_C"] is None


def test_a_run_that_goes_on_from_none_says_nothing_of_others(tmp_path: Path) -> None:
    run = load_run(write(tmp_path, "alone", 5e-3, BEGAN))
    assert not analyze_electrolysis(run).further
    assert summarise(run)["continues"] == []
    assert "Earlier runs" not in render_report(run)


def test_both_stand_on_one_axis_with_the_gap_between_them(chain) -> None:
    one, gaps, missed = on_one_axis(electrolysis_of(load_run(chain())))
    assert missed == []
    assert gaps == [(pytest.approx(-GAP_S), 0.0)]
    series = one.series
    assert (series.time_s[0], series.time_s[-1]) == pytest.approx((-100 - GAP_S, 100.0))
    (between,) = np.flatnonzero(~np.isfinite(series.current_A))
    assert series.time_s[between - 1] == pytest.approx(-GAP_S)
    assert series.charge_gross_C[between - 1] == pytest.approx(0.5)
    assert series.charge_gross_C[between + 1] == pytest.approx(0.7)  # as it was taken
    assert series.charge_gross_C[-1] == pytest.approx(1.7)
    assert series.output_on_s.tolist() == [
        pytest.approx([-100 - GAP_S, -GAP_S]),
        pytest.approx([0.0, 100.0]),
    ]
    assert len(set(series.part[np.isfinite(series.part)])) == 2


def test_a_gap_of_unknown_length_is_said_and_not_to_scale(chain) -> None:
    one, ((begins_s, _),), missed = on_one_axis(electrolysis_of(load_run(chain(ended=None))))
    assert -10 < begins_s < 0
    assert any("unknown length" in why for why in missed)
    assert analyze_electrolysis(one).further["gap"].value is None


def test_what_a_run_says_of_the_others_suffices_where_they_are_gone(chain) -> None:
    second = chain()
    (first,) = (path for path in second.parent.iterdir() if "first" in path.name)
    shutil.rmtree(first)
    run = load_run(second)
    assert analyze_electrolysis(run).further["charge_total"].value == pytest.approx(1.5)
    one, gaps, missed = on_one_axis(electrolysis_of(run))
    assert gaps == []
    assert one.series.time_s[0] == 0.0
    assert any("is not in" in why for why in missed)
    page = render_report(run)
    assert "Earlier runs" in page
    assert first.name in page
    assert "is not in" in page


def test_another_journal_under_the_same_name_is_not_drawn(chain) -> None:
    run = load_run(chain(journal="0" * 64))
    _, gaps, missed = on_one_axis(electrolysis_of(run))
    assert gaps == []
    assert any("not the one that was recovered" in why for why in missed)


def test_a_damaged_place_is_told_with_the_charge_on_either_side(tmp_path: Path) -> None:
    folder = write(tmp_path, "damaged", 5e-3, BEGAN)
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[13] = lines[13].replace(b'"v":[10', b'"v":[19')  # the sample of 10 s
    journal.write_bytes(b"".join(lines))
    run = load_run(folder)
    (hole,) = summarise(run)["damage"]
    assert (hole["records"], hole["kind"], hole["first_seq"]) == (1, "sample", 13)
    assert (hole["charge_before_C"], hole["charge_behind_C"]) == pytest.approx((0.045, 0.055))
    assert "from 0.045 to 0.055 C" in hole["text"]
    assert run.contents.samples == 100
    assert analyze_electrolysis(run).charge_gross.value == pytest.approx(0.5)
    assert hole["text"] in render_report(run)
