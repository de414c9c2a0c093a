"""The figure shows what was measured, at the width of a journal, and says SIMULATED."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from faradaic.datafiles.statements import Statements
from faradaic.reporting.figures import PAGE_MM, SCREEN_DPI
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_figure import (
    draw_overview,
    render,
    thin,
    write_figures,
)

RunWriter = Callable[..., Path]


def words(run_path: Path) -> str:
    """All text of the figure as SVG, which keeps it as text."""
    root = ElementTree.fromstring(render(load_electrolysis(run_path), "svg")["svg"])
    return " ".join(
        "".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")
    )


def test_it_has_the_width_of_a_journal_page(closed_form_run: RunWriter) -> None:
    png, svg = write_figures(load_electrolysis(path := closed_form_run()), path)
    assert (png, svg) == (path / "figures/overview.png", path / "figures/overview.svg")
    assert imread(png).shape[1] == pytest.approx(PAGE_MM / 25.4 * SCREEN_DPI, abs=1)


def test_the_same_run_gives_the_same_bytes(closed_form_run: RunWriter) -> None:
    run = load_electrolysis(closed_form_run())
    assert render(run, "svg") == render(run, "svg")
    assert render(run, "png") == render(run, "png")


def test_simulated_is_written_across_it_and_only_then(
    closed_form_run: RunWriter, header: dict[str, Any]
) -> None:
    assert words(closed_form_run()).count("SIMULATED") == 2  # in the title and across the figure
    assert "SIMULATED" not in words(closed_form_run(header={**header, "simulated": False}))


def test_a_title_with_dollars_is_not_mathematics(
    closed_form_run: RunWriter, header: dict[str, Any]
) -> None:
    text = words(closed_form_run(header={**header, "title": r"costs $5 $\frac", "limiting": "$x"}))
    assert r"costs $5 $\frac" in text
    assert "$x" in text


def test_the_curves_are_the_samples(closed_form_run: RunWriter) -> None:
    run = load_electrolysis(closed_form_run(current=lambda t: 5e-3 - 1e-6 * t, duration_s=500.0))
    axes = draw_overview(run).axes
    against_time, against_charge = axes[0].lines[0], axes[1].lines[0]
    expected_mA = run.series.current_A * 1e3
    np.testing.assert_allclose(against_time.get_ydata(), expected_mA, rtol=1e-14)
    known = np.isfinite(against_charge.get_xdata())
    assert known.sum() == 501
    assert against_charge.get_xdata()[known][-1] == pytest.approx(2.5)


@pytest.mark.parametrize(("of_steps", "told"), [([8.5, None, 8.5], 8.5), ([8.5, 7.0], 9.0)])
def test_the_limit_is_that_at_which_the_steps_end(
    closed_form_run: RunWriter, of_steps: list[float | None], told: float
) -> None:
    plan = {
        "limits": [{"signal": "cell_voltage_V", "at_least": 9.0}],
        "steps": [{"cell_voltage_limit_V": limit_V} for limit_V in of_steps],
    }
    assert f"limit {told:g} V" in words(closed_form_run(plan=plan))


@pytest.mark.parametrize(("limit_V", "drawn"), [(9.0, True), (60.0, False)])
def test_the_limit_is_a_line_in_sight_or_words(
    closed_form_run: RunWriter, limit_V: float, drawn: bool
) -> None:
    limits = [{"signal": "cell_voltage_V", "at_least": limit_V}]
    path = closed_form_run(plan={"limits": limits})
    assert f"limit {limit_V:g} V" in words(path)
    levels = [line.get_ydata()[0] for line in draw_overview(load_electrolysis(path)).axes[2].lines]
    assert (limit_V in levels) is drawn


def test_thinning_keeps_extremes_gaps_and_order() -> None:
    x = np.arange(100_000.0)
    y = np.sin(x / 5000.0)
    y[31_234], y[77_777], y[50_000:50_200] = 5.0, -5.0, np.nan
    thin_x, thin_y = thin(x, y, bins=500)
    assert len(thin_x) <= 1000 + 4
    assert (thin_y[thin_x == 31_234], thin_y[thin_x == 77_777]) == (5.0, -5.0)
    assert np.all(np.diff(thin_x) > 0)
    assert np.isnan(thin_y).any()
    kept = np.isfinite(thin_y)
    assert np.array_equal(thin_y[kept], y[thin_x[kept].astype(int)])


def test_thinning_does_not_choose_points_that_have_no_place() -> None:
    x, y = np.arange(10_000.0), np.ones(10_000)
    x[:5], y[:5], y[6] = np.nan, -9.0, 0.5
    thin_x, thin_y = thin(x, y, bins=100)
    assert thin_y[thin_x == 6.0] == 0.5


def test_an_empty_run_draws_empty_axes(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"")
    assert render(load_electrolysis(tmp_path), "png")["png"].startswith(b"\x89PNG")


def test_what_was_not_measured_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    rows = "".join(f"{t},0.01,{0.5683 + 1e-6 * (t % 2)}\n" for t in range(100))
    path.write_text("time (s),current (A),potential (V)\n" + rows)
    one = load_electrolysis(path, Statements({"reference": "Hg/HgO (1 M KOH)", "sign": "anodic"}))
    axes = draw_overview(one).axes
    assert [line.get_label() for line in axes[2].lines] == ["E vs Hg/HgO (1 M KOH)"]
    assert axes[2].get_ylabel() == "E / V"
    low, high = axes[2].get_ylim()
    assert high - low >= 0.1 - 1e-9  # not zoomed into the noise
    energy = axes[5].lines[0].get_ydata()
    assert np.isnan(energy).all()
    assert "unknown" in [text.get_text() for text in axes[5].texts]
    assert axes[0].get_ylabel() == "I / mA"
    assert axes[4].get_xlabel() == "t / s"
