"""The report stands alone, escapes what people wrote, and says what it does not know."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.records.run import load_run
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_report import render_report, si_paragraph, write_report

RunWriter = Callable[..., Path]

PLAN: dict[str, Any] = {
    "estimates": {
        "duration_s": 1010.0,
        "charge_C": 5.5,
        "charge_F_per_mol": 0.285,
        "cell_voltage_V": [7.0, 9.0],
        "current_density_A_per_m2": {"anode": {"facing": 27.8}},
        "gas_m3": {"H2": 7.0e-7},
    },
    "steps": [
        {"id": "1", "label": "open circuit", "passes_current": False, "expected_duration_s": 10.0},
        {"id": "2", "label": "5.00 mA", "expected_duration_s": 1100.0, "current_A": 5e-3},
        {"id": "3", "label": "open circuit", "passes_current": False, "expected_duration_s": 60.0},
    ],
    "limits": [{"signal": "cell_voltage_V", "at_least": 20.0}],
    "electrodes": [{"name": "anode", "areas_m2": {"facing": 1.8e-4}, "area_basis": "facing"}],
    "assumptions": [{"field": "cell.gap", "value": "10 mm", "reason": "not <stated>"}],
    "findings": [
        {"code": "V03", "severity": "warning", "message": "little electrolyte", "waived": ""},
        {"code": "G03", "severity": "warning", "message": "hydrogen", "waived": "open hood"},
    ],
    "reaction": {"gases": [{"species": "H2", "per_electron": 0.5, "at": "cathode"}]},
    "procedure": {
        "cell": "undivided cell",
        "electrodes": {"anode": "graphite felt, immersed 18 mm"},
        "components": [
            {"text": "hydrazide (0.200 mmol)", "compartment": "solution"},
            {"text": "HFIP (9.40 mL)", "compartment": "solution"},
        ],
        "atmosphere": "air",
        "temperature": "23 degC",
        "stirring": "600 rpm",
        "workup": [{"type": "CONCENTRATION", "details": "under reduced pressure"}],
        "analysis": [{"type": "NMR_1H", "details": None}, {"type": "LCMS", "details": None}],
    },
}


class Page(HTMLParser):
    """Collects the elements and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def planned_run(closed_form_run: RunWriter) -> Path:
    return closed_form_run(plan=PLAN)


def test_the_page_asks_nothing_of_the_network(planned_run: Path) -> None:
    text = write_report(load_electrolysis(planned_run)).read_text()
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "background"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "url(" not in text
    assert "@import" not in text


def test_the_policy_admits_the_page_s_own_style_and_nothing_else(planned_run: Path) -> None:
    text = write_report(load_electrolysis(planned_run)).read_text()
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (
        a["content"]
        for tag, a in Page(text).elements
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; script-src 'none'"
    )
    assert ' style="' not in text


def test_text_of_people_and_instruments_cannot_become_markup(
    closed_form_run: RunWriter, header: dict[str, Any]
) -> None:
    evil = "<script>alert(1)</script>\"'&\ud800"
    plan = json.loads(json.dumps(PLAN))
    plan["assumptions"][0]["value"] = plan["procedure"]["cell"] = evil
    path = closed_form_run(
        header={
            **header,
            "title": evil,
            "bench": evil,
            "identity": {"source": {"model": evil, "serial": evil}},
        },
        stop={"stop_reason": evil, "output": {"on": False, "evidence": evil}},
        plan=plan,
    )
    text = write_report(load_electrolysis(path)).read_text()
    Page(text)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 6


def test_planned_and_run_stand_side_by_side(planned_run: Path) -> None:
    text = render_report(load_electrolysis(planned_run))
    cells = [re.sub("<[^>]+>", "", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    assert "charge, gross5.500 C5.000 C" in cells
    assert "mean current5.000 mA5.000 mA" in cells
    assert "mean current density, anode, facing area2.78 mA/cm²2.78 mA/cm²" in cells
    # half a mole of H2 per faraday: 5 C / F / 2 * 24.4654 L/mol = 0.6339 mL
    assert "H2 evolved (25 °C, 1 atm)0.7000 mL0.6339 mL" in cells
    assert "3open circuit1 minunknownunknownit was not reached" in cells
    assert "G03waivedhydrogenopen hood" in cells
    assert "cell.gap10 mmnot &lt;stated&gt;" in cells


@pytest.mark.parametrize(
    ("simulated", "words"),
    [(True, "SIMULATED — no real cell"), (None, "not recorded whether this run was simulated")],
)
def test_a_simulated_run_says_so_at_the_top(
    closed_form_run: RunWriter, header: dict[str, Any], simulated: bool | None, words: str
) -> None:
    text = render_report(
        load_electrolysis(closed_form_run(header={**header, "simulated": simulated}))
    )
    assert words in text
    assert text.index(words) < text.index("<h1>")


def test_a_measured_run_has_no_such_banner(
    closed_form_run: RunWriter, header: dict[str, Any]
) -> None:
    run = load_run(closed_form_run(header={**header, "simulated": False}))
    text = re.sub(r"<style>.*?</style>|closed-form-SIMULATED", "", render_report(run), flags=re.S)
    assert "SIMULATED" not in text
    assert "SIMULATED" not in si_paragraph(run)


def test_the_paragraph_joins_the_conditions_and_the_measurement(planned_run: Path) -> None:
    assert si_paragraph(load_run(planned_run)) == (
        "[SIMULATED, not an experiment] Closed form. "
        "Undivided cell, charged with hydrazide (0.200 mmol) and HFIP (9.40 mL). "
        "Anode: graphite felt, immersed 18 mm (facing area 1.80 cm²). "
        "Electrolysis under air at 23 °C with stirring (600 rpm): 5.00 mA "
        "(simulated KEITHLEY 2450). "
        "In 16 min 40 s with current, 5.000 C (0.2591 F/mol, hydrazide) passed, on average "
        "5.000 mA (2.78 mA/cm² on the facing area of the anode); the cell voltage was 8.000 V at "
        "the start and 8.000 V at the end (mean 8.000 V, max 8.000 V), the energy 40.00 J. "
        "Work-up: concentration (under reduced pressure). Analysis: 1H NMR; LCMS."
    )


def test_a_journal_alone_makes_a_report_that_says_what_is_unknown(
    planned_run: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "copied.jsonl"
    journal.write_bytes((planned_run / "journal.jsonl").read_bytes())
    path = write_report(load_electrolysis(journal))
    assert path == tmp_path / "copied.report.html"
    text = path.read_text()
    assert "The plan is not at hand" in text
    assert "5.000 C" in text
    assert "the plan is not at hand" in si_paragraph(load_run(journal))


def test_a_lost_run_says_at_least(closed_form_run: RunWriter) -> None:
    run = load_run(closed_form_run(end=False, plan=PLAN))
    assert run.outcome == "LOST"
    paragraph = si_paragraph(run)
    assert "Work-up" not in paragraph
    assert "at least 5.000 C" in paragraph
    assert "ended without a record of how" in paragraph
    assert "what flowed after it is unknown" in render_report(run)


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 4, 13])
def test_every_beginning_of_a_journal_makes_a_report(
    planned_run: Path, tmp_path: Path, keep: int
) -> None:
    lines = (planned_run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join(lines[:keep]))
    Page(write_report(load_electrolysis(journal)).read_text())


def test_no_run_is_an_error_that_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a run"):
        write_report(load_electrolysis(tmp_path))
