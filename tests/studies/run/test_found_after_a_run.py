"""What was found is kept with the run: in grams, moles or per cent, appended, never rewritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.records.event_words import event_words
from faradaic.records.found import append_found, read_found
from faradaic.records.run import Run, load_run
from faradaic.results import Result
from faradaic.studies.exports.contents import gather
from faradaic.studies.result_wording import in_per_cent, two_digits
from faradaic.studies.run.electrolysis import electrolysis_of, product_molar_mass
from faradaic.studies.run.electrolysis_figure import draw_overview
from faradaic.studies.run.electrolysis_report import render_report
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from faradaic.studies.run.methods_paragraph import si_paragraph
from faradaic.studies.run.planned_and_run import step_rows
from faradaic.studies.run.recorded_yields import entry_of, in_words, typed_amounts

PRODUCTS = {
    "sulfoxide": {"smiles": "CS(=O)c1ccccc1", "target": True, "name": "methyl phenyl sulfoxide"},
    "sulfone": {"formula": "C7H8O2S"},
    "dimer": {},
}
HEADER = {
    "title": "A yield",
    "simulated": False,
    "limiting": "thioanisole",
    "limiting_amount_mol": 2e-4,
    "electrons": 2.0,
    "products": PRODUCTS,
}


@pytest.fixture
def run(closed_form_run: Callable[..., Path]) -> Run:
    """5 mA for 1000 s through 0.2 mmol."""
    return load_run(closed_form_run(header=HEADER))


def recorded(run: Run, *products: str, **said: str) -> Run:
    assert run.folder is not None
    append_found(run.folder, entry_of(run, products, **said))
    return load_run(run.folder)


def test_grams_need_the_molar_mass_that_the_protocol_tells() -> None:
    # PubChem: methyl phenyl sulfoxide (CID 14516) 140.20 g/mol, its sulfone (CID 18521) 156.20
    for key, g_per_mol in (("sulfoxide", 140.20), ("sulfone", 156.20)):
        known = product_molar_mass(PRODUCTS[key])
        assert known is not None
        assert 1e3 * known[0] == pytest.approx(g_per_mol, abs=0.02)
    assert product_molar_mass({}) is None


@pytest.mark.parametrize(
    ("typed", "amount_mol"),
    [
        ("17 mg", 0.017 / 140.20),
        ("0.121 mmol", 1.21e-4),
        ("61 %", 0.61 * 2e-4),
        ("sulfoxide=61%", 0.61 * 2e-4),
        ('methyl phenyl sulfoxide="17 mg"', 0.017 / 140.20),
    ],
)
def test_a_yield_in_grams_moles_or_per_cent_is_carried_everywhere(
    run: Run, typed: str, amount_mol: float
) -> None:
    after = recorded(run, typed, note="two <spots>", tlc="Rf 0.4")
    results = analyze_electrolysis(after)
    assert results.product_yield.value == pytest.approx(amount_mol / 2e-4, rel=1e-3)
    # z n F / Q with 2 electrons and 5 C
    efficiency = 2 * amount_mol * 96485.33212 / 5.0
    assert results.faradaic_efficiency.value == pytest.approx(efficiency, rel=1e-3)
    assert results.energy_per_mass.value is not None
    text = si_paragraph(after)
    assert f"yield {100 * amount_mol / 2e-4:.4g} %"[:8] in text
    page = render_report(after)
    assert "two &lt;spots&gt;" in page
    assert "TLC: Rf 0.4" in page
    contents = gather(after)
    assert any("two <spots>" in line for line in contents.known["found"])
    assert any(file.name == "results.jsonl" for file in contents.files)
    assert after.journal_sha256 == run.journal_sha256


def test_the_last_word_on_a_product_counts_and_all_are_kept(run: Run) -> None:
    recorded(run, "50 %")
    after = recorded(run, "61 %", "sulfone=11 %")
    assert analyze_electrolysis(after).product_yield.value == pytest.approx(0.61)
    assert after.found_mol == pytest.approx({"sulfoxide": 1.22e-4, "sulfone": 2.2e-5})
    assert [p["given"] for e in after.found for p in e["products"]] == ["50 %", "61 %", "11 %"]
    given = analyze_electrolysis(after, product_amount_mol=1e-4)
    assert given.product_yield.value == pytest.approx(0.5), "what is asked now goes first"


def test_the_yield_of_another_product_is_not_that_of_the_target(run: Run) -> None:
    results = analyze_electrolysis(recorded(run, "sulfone=11 %"))
    assert results.product_yield.value is None
    assert {r.of: r.value for r in results if r.key == "product_yield"} == {
        "sulfoxide": None,
        "sulfone": pytest.approx(0.11),
    }


def test_per_cent_of_a_dimer_is_half_its_substrate(closed_form_run: Callable[..., Path]) -> None:
    # two molecules of acid make one of the dimer: 70 % of 0.2 mmol are 0.07 mmol
    products = {"dimer": {"target": True, "substrate_molecules": 2.0}}
    run = load_run(closed_form_run(header={**HEADER, "products": products}))
    after = recorded(run, "70 %")
    assert after.found_mol == pytest.approx({"dimer": 0.7e-4})
    assert analyze_electrolysis(after).product_yield.value == pytest.approx(0.70)


def test_a_record_with_a_torn_line_is_read_and_goes_on(tmp_path: Path) -> None:
    append_found(tmp_path, {"note": "one"})
    path = tmp_path / "results.jsonl"
    path.write_bytes(path.read_bytes() + b'{"note": "tw')
    append_found(tmp_path, {"note": "three"})
    assert [entry["note"] for entry in read_found(tmp_path)] == ["one", "three"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("dimer=5 mg", "--molar-mass"),
        ("sulfon=5 mg", "sulfone"),
        ("five", "66 mg"),
        ("5 V", "66 mg"),
        ("-3 mg", "66 mg"),
        ("3,5 mmol", "3.5 mmol"),
        ("66 mg ± 2 mmol", "66 mg"),
        ("", "66 mg"),
    ],
)
def test_what_is_no_yield_is_refused_with_what_to_type(run: Run, typed: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        entry_of(run, [typed])


def test_a_molar_mass_that_is_stated_counts(run: Run) -> None:
    entry = entry_of(run, ["dimer=5 mg"], molar_mass="250 g/mol")
    assert entry["products"][0]["amount_mol"] == pytest.approx(2e-5)


def test_per_cent_and_two_digits_of_uncertainty() -> None:
    share = in_per_cent(Result("product_yield", 0.7123, "1", "", random=0.02))
    assert (share.value, share.unit, two_digits(share.random or 0.0)) == (71.23, "%", "2.0")
    assert [two_digits(error) for error in (12.34, 0.2, 1e-7)] == ["12", "0.20", "1.0e-07"]
    turnovers = Result("turnover_number", 3.0, "1", "")
    assert in_per_cent(turnovers) is turnovers


def test_events_stand_in_words(closed_form_run: Callable[..., Path]) -> None:
    run = load_run(closed_form_run())
    told = [event_words(event.kind, event.fields) for event in run.events]
    assert "output on: constant current" in told
    assert not [text for text in told if "_" in text]
    paused = {"from": "RUNNING", "to": "PAUSED(open_circuit)", "reason": "Ctrl+C, once"}
    assert event_words("state", paused) == "paused with the output off: Ctrl+C, once"
    off = {"what": "output_off", "on": None, "evidence": "no answer"}
    assert event_words("mark", off) == "OUTPUT NOT READ BACK AS OFF: no answer"


def test_no_line_runs_across_a_pause_and_a_sweep_has_its_own_panel(tmp_path: Path) -> None:
    from faradaic.records.journal import JournalWriter

    with JournalWriter(tmp_path / "journal.jsonl") as journal:
        journal.write("run_start", 0.0, {"title": "paused", "simulated": False})
        names = ("time_s", "step", "current_A", "cell_voltage_V", "potential_V")
        journal.write("columns", 0.0, {"columns": [{"name": n, "unit": "1"} for n in names]})
        step = {"step": "1", "index": 0, "kind": "constant_current", "label": "10 mA"}
        journal.write("step_start", 0.0, step)
        for on_s, off_s, samples in ((0.0, 20.0, (0, 10, 20)), (50.0, 60.0, (50, 60))):
            journal.write("mark", on_s, {"what": "output_on_intent"})
            for time_s in samples:
                journal.sample(time_s, (time_s, 0, 0.01, 3.0, None))
            journal.write("mark", off_s, {"what": "output_off", "on": False})
        step = {"step": "2", "index": 1, "kind": "cyclic_voltammetry", "label": "CV"}
        journal.write("step_start", 70.0, step)
        journal.write("mark", 70.0, {"what": "output_on_intent"})
        for n in range(20):
            journal.sample(70.0 + n, (70.0 + n, 1, 1e-4 * np.sin(n), None, 0.05 * n))
        journal.write("mark", 90.0, {"what": "output_off", "on": False})
    figure = draw_overview(electrolysis_of(load_run(tmp_path)))
    swept, first = figure.axes[0], figure.axes[1]
    assert first.get_ylabel() == "I / mA"
    time_s, current = first.lines[0].get_data()
    at = int(np.searchsorted(np.asarray(time_s, float), 20.0, "right"))
    assert np.isnan(current[at - 1 : at + 1]).any(), "nothing flowed from 20 to 50 s"
    assert swept.get_xlabel() == "E / V"
    assert swept.get_ylabel() == "I / µA"
    assert len(swept.lines[0].get_xdata()) == 20


def test_the_command_records_and_the_report_tells(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    from faradaic.cli import record_commands

    record_commands.result(str(run.folder), ["61 %"], None, "Rf 0.4", None, Path(), json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["recorded"]["products"][0]["given"] == "61 %"
    assert "Rf 0.4" in (run.folder / "report.html").read_text("utf-8")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("given", "relative"),
    [
        # evenly spread over one digit of the balance: 1 mg/sqrt(12) (JCGM 100:2008, F.2.2.1)
        ("66 mg", 1 / 12**0.5 / 66),
        ("66.0 mg", 0.1 / 12**0.5 / 66),
        ("0.39 mmol", 0.01 / 12**0.5 / 0.39),
        ("71 %", 1 / 12**0.5 / 71),
        ("66 ± 2 mg", 2 / 66),
        ("66 mg ± 2", 2 / 66),
        ("66 mg ± 2 mg", 2 / 66),
        ("71 +- 3 %", 3 / 71),
    ],
)
def test_a_recorded_yield_states_its_uncertainty_and_hands_it_on(
    run: Run, given: str, relative: float
) -> None:
    entry = entry_of(run, [given], molar_mass="168.2 g/mol")
    (product,) = entry["products"]
    assert product["standard_uncertainty_mol"] / product["amount_mol"] == pytest.approx(relative)
    assert "± " in in_words(product)
    results = analyze_electrolysis(replace(run, found=(entry,)))
    found = results.product_yield
    assert found.value is not None
    assert found.random == pytest.approx(found.value * relative)
    efficiency = results.faradaic_efficiency
    if efficiency.value is not None:
        assert efficiency.random == pytest.approx(efficiency.value * relative, rel=0.05)


def test_how_long_a_step_took_tells_its_pauses(tmp_path: Path) -> None:
    from faradaic.records.journal import JournalWriter

    with JournalWriter(tmp_path / "journal.jsonl") as journal:
        journal.write("run_start", 0.0, {"title": "paused", "simulated": False})
        for begin_s, pauses in ((0.0, ((10.0, 15.0), (20.0, 90.0))), (100.0, ())):
            step = {"step": f"{begin_s:g}", "index": 0, "kind": "constant_current", "label": "x"}
            journal.write("step_start", begin_s, step)
            for since_s, until_s in pauses:
                paused = {"from": "RUNNING", "to": "PAUSED(open_circuit)", "reason": "x"}
                journal.write("state", since_s, paused)
                back = {"from": "PAUSED(open_circuit)", "to": "RUNNING", "reason": "x"}
                journal.write("state", until_s, back)
            stop = {"step": step["step"], "duration_s": 95.0, "charge_gross_C": 1.0, "text": "x"}
            journal.write("step_stop", begin_s + 95.0, stop)
    run = load_run(tmp_path)
    assert run.paused_s() == pytest.approx(75.0)
    took = [row[3] for row in step_rows(run)]
    assert took == ["1 min 35 s, 1 min 15 s of it paused", "1 min 35 s"]


@pytest.mark.parametrize("given", ["71 %", "0.142 mmol", "19.9 mg", "sulfoxide=71 ± 2 %"])
def test_a_yield_that_is_typed_counts_as_one_that_is_recorded(run: Run, given: str) -> None:
    typed = analyze_electrolysis(run, **typed_amounts(electrolysis_of(run), [given]))
    kept = analyze_electrolysis(replace(run, found=(entry_of(run, [given]),)))
    assert typed.product_yield.value == pytest.approx(0.71, abs=1e-3)
    for one, other in (
        (typed.product_yield, kept.product_yield),
        (typed.faradaic_efficiency, kept.faradaic_efficiency),
    ):
        assert (one.value, one.random) == (other.value, other.random)
