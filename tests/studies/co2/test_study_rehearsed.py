"""The CO2 study of the examples, rehearsed, analysed and written in one go."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from faradaic.reporting.panel_figures import render
from faradaic.simulators.rehearsed_co2_study import rehearse_co2_study
from faradaic.studies.co2.co2_panels import product_colour
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import BandRows, ProductRows
from faradaic.studies.writing import panels_of


def test_all_charge_is_found_again(analysed: StudyOutcome) -> None:
    """The simulated cell makes CO and H2 only: the totals are 100 % within their errors."""
    totals = [f.result for f in analysed.findings if f.result.key == "total_faradaic_efficiency"]
    assert len(totals) == 12
    for total in totals:
        assert total.value is not None
        error = math.hypot(total.random or 0.0, total.systematic or 0.0)
        assert total.value == pytest.approx(1.0, abs=2.5 * error)
        assert error < 0.03


def test_the_truth_of_the_simulated_cell_is_recovered(analysed: StudyOutcome) -> None:
    truth = rehearse_co2_study("ag25", seed=7, long_s=1500.0)
    found = {
        f.at: f.result
        for f in analysed.findings
        if f.sample == "Ag25" and f.topic == "products"
        and (f.result.key, f.result.of) == ("faradaic_efficiency", "CO")
    }  # fmt: skip
    for hold in truth.holds:
        result = found[f"{hold.potential_V_vs_RHE:.3f} V vs RHE applied"]
        assert result.value is not None
        error = math.hypot(result.random or 0.0, result.systematic or 0.0)
        assert result.value == pytest.approx(hold.fe_co_true, abs=2.5 * error)


def test_gold_stands_above_silver_as_published(analysed: StudyOutcome) -> None:
    """Ye et al., Chem. Commun. 2025, 61, 2790, Fig. 4: FE, j, TOF and stability of CO."""
    rows = {
        table.sample: [
            row
            for row in zip(
                table.rows.product,
                table.rows.efficiency.values,
                table.rows.density_A_per_m2.values,
                table.rows.turnover_per_s.values,
                strict=True,
            )
            if row[0] == "CO"
        ]
        for table in analysed.of(ProductRows)
        if table.rows.turnover_per_s
    }  # fmt: skip
    assert len(rows["Ag25"]) == len(rows["Au25"]) == 6
    for silver, gold in zip(rows["Ag25"], rows["Au25"], strict=True):
        assert gold[1] > silver[1]
        assert gold[2] < silver[2] < 0
        assert gold[3] > silver[3]
    kept = {f.sample: f.result.value for f in analysed.findings
            if (f.result.key, f.result.of) == ("retention", "current")}  # fmt: skip
    assert kept["Au25"] is not None
    assert kept["Ag25"] is not None
    assert kept["Au25"] > kept["Ag25"]


def test_absorption_bands_stand_where_they_were_put(analysed: StudyOutcome) -> None:
    bands = {table.sample: table.rows for table in analysed.of(BandRows)}
    for sample, places in (("Ag25", (390, 490, 675)), ("Au25", (400, 450, 670))):
        found = 1e9 * bands[sample].wavelength_m
        error = 1e9 * bands[sample].error_m
        assert len(found) == 3
        assert (np.abs(found - places) < 3 * error).all()
        assert (error < 8).all()


def test_results_name_their_inputs_and_say_simulated(written: Path, rehearsed: Path) -> None:
    content = json.loads((written / "results.json").read_text())
    assert content["simulated"] is True
    assert len(content["inputs"]) == 2 * 8
    for entry in content["inputs"]:
        assert entry["simulated"] is True
        assert (
            entry["sha256"] == hashlib.sha256((rehearsed / entry["path"]).read_bytes()).hexdigest()
        )
    for result in content["results"]:
        assert result["unit"]
        assert result["method"]
        assert result["value"] is not None or result["reason"]


def test_every_figure_has_its_numbers_beside_it(written: Path, analysed: StudyOutcome) -> None:
    for table in analysed.tables:
        lines = (written / "tables" / f"{table.name}.csv").read_text().splitlines()
        assert lines[0] == "# SIMULATED"
        rows = list(csv.reader(lines[1:]))
        assert rows[0] == list(table.rows.columns())
        assert len(rows) == len(table.rows) + 1
    sweep = np.genfromtxt(written / "tables" / "sweep-Au25-CO2.csv", delimiter=",", skip_header=2)
    (panel,) = (p for p in panels_of(analysed)["study"] if p.name == "sweeps")
    (curve,) = (c for c in panel.curves if c.label == "Au25, CO₂")
    assert curve.y == pytest.approx(sweep[:, 1], rel=1e-7, abs=1e-8)


def size_mm(svg: str) -> tuple[float, float]:
    found = (
        re.search(r'<svg [^>]*?width="([0-9.]+)pt"', svg),
        re.search(r'<svg [^>]*?height="([0-9.]+)pt"', svg),
    )
    width, height = (float(match[1]) / 72 * 25.4 for match in found if match)
    return width, height


def test_figures_have_the_size_of_a_page_and_text_that_can_be_edited(written: Path) -> None:
    svg = (written / "figures" / "study.svg").read_text()
    assert size_mm(svg) == pytest.approx((180, 120), abs=0.1)
    assert size_mm((written / "figures" / "absorption.svg").read_text())[0] == pytest.approx(
        85, abs=0.1
    )
    assert re.search(r"<text[^>]*>SIMULATED</text>", svg)
    for letter in "abcdef":
        assert re.search(rf"<text [^>]*font-weight: 700[^>]*>{letter}</text>", svg), letter
    pdf = (written / "figures" / "study.pdf").read_bytes()
    assert b"/Type3" not in pdf  # fonts as outlines, which no journal takes
    assert b"/CIDFontType2" in pdf


def test_a_product_has_one_colour_everywhere(written: Path, analysed: StudyOutcome) -> None:
    panels = [panel for group in panels_of(analysed).values() for panel in group]
    coloured = [
        curve
        for panel in panels
        for curve in (*panel.right, *(panel.curves if panel.kind == "bars" else ()))
    ]
    assert len(coloured) == 2 * 2 + 2
    for curve in coloured:
        assert curve.colour == product_colour(curve.product)
    assert product_colour("CO").lower() in (written / "figures" / "study.svg").read_text().lower()


def test_the_same_study_draws_the_same_bytes(analysed: StudyOutcome, written: Path) -> None:
    again = render(panels_of(analysed)["absorption"], simulated=True)
    for kind, data in again.items():
        assert data == (written / "figures" / f"absorption.{kind}").read_bytes()
