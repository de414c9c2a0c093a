"""Interactive plots of a page draw under a policy that lets nothing else run or load."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from faradaic.reporting.html import page
from faradaic.reporting.interactive import MOST_POINTS, interactive, thinned
from faradaic.reporting.panels import Curve, Panel

CHROMIUM = shutil.which("chromium")
ATTACK = (
    "</script><script>document.title='hit'</script><img src=x onerror=\"document.title='hit'\">"
)


def panels(label: str = "a line") -> list[Panel]:
    x = np.linspace(0.0, 10.0, 50)
    line = Curve(label, 0, x, np.sin(x), None, "#0072B2", "line")
    points = Curve("points", 1, x[::5], 50 + x[::5], None, "#D55E00", "points", "CO")
    right = Panel(label, label, "t (h)", "j (mA cm⁻²)", [line], right=[points], right_label="FE")
    return [right, Panel("log", "log", "E (V)", "TOF (s⁻¹)", [points], log_y=True)]


def written(simulated: bool = True, label: str = "a line") -> str:
    plots = interactive(panels(label), simulated=simulated)
    return page("plots", plots.body, plots=plots)


def test_a_million_points_become_a_few_thousand_of_them_and_gaps_stay() -> None:
    x = np.linspace(0.0, 1.0, 1_000_000)
    y = np.sin(40 * x)
    y[123_456] = 9.0
    y[500_000:600_000] = np.nan
    kept_x, kept_y = thinned(x, y)
    assert len(kept_x) == len(kept_y) == MOST_POINTS
    known = np.isfinite(kept_y)
    np.testing.assert_array_equal(kept_y[known], y[np.searchsorted(x, kept_x[known])])
    assert np.nanmax(kept_y) == 9.0
    assert not known[(kept_x > 0.501) & (kept_x < 0.599)].any()
    short = np.arange(3.0)
    assert thinned(short, short) == (short, short)


def test_the_same_panels_give_the_same_page_and_simulated_is_on_every_plot() -> None:
    assert written() == written()
    assert written().count('"SIMULATED"') == len(panels())
    assert "SIMULATED" not in written(simulated=False)


def test_text_of_people_is_data() -> None:
    text = written(label=ATTACK)
    assert ATTACK not in text
    assert len(re.findall("<script", text[: text.index("bokeh.min.js")])) == 3
    (data,) = re.findall(r'id="plots" nonce="\w+">(.*?)</script>', text)
    assert ATTACK in json.dumps(json.loads(data), ensure_ascii=False).replace('\\"', '"')


def test_a_page_without_plots_runs_no_script() -> None:
    text = page("plain", interactive([], simulated=False).body)
    assert "script-src 'none'" in text
    assert "<script" not in text


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_draws_the_plots_under_the_policy(tmp_path: Path) -> None:
    """The canvas is not empty, no text became code, and the policy had nothing to refuse."""
    assert CHROMIUM
    path = tmp_path / "page.html"
    path.write_text(written(label=ATTACK), encoding="utf-8")
    run = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--window-size=900,900",
            "--enable-logging=stderr", "--virtual-time-budget=20000",
            f"--screenshot={tmp_path / 'page.png'}", path.as_uri(),
        ],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    said = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    assert any("document idle" in line for line in said)
    assert not [line for line in said if "Content Security Policy" in line or "rror" in line]
    from matplotlib.image import imread

    picture = imread(tmp_path / "page.png")[..., :3]
    blue = (np.abs(picture - np.array([0x00, 0x72, 0xB2]) / 255).max(axis=-1) < 0.1).sum()
    vermillion = (np.abs(picture - np.array([0xD5, 0x5E, 0x00]) / 255).max(axis=-1) < 0.1).sum()
    assert blue > 300
    assert vermillion > 50
