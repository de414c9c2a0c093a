"""`faradaic analyze` as a chemist types it: a study, an assumption, a template, a missing file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Writer = Callable[..., Path]


def faradaic(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "faradaic", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.long
def test_a_study_becomes_a_folder_beside_it(co2_study: Writer, tmp_path: Path) -> None:
    path = co2_study(conditions={"area": None})
    refused = faradaic(tmp_path, "analyze", "study.yaml")
    assert refused.returncode == 2
    assert "`area` is missing" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not path.with_name("study-results").exists()

    done = faradaic(tmp_path, "analyze", "study.yaml", "--assume", "area=1 cm^2")
    assert done.returncode == 0, done.stderr
    assert "28.7 %" in done.stdout
    assert "assumed: area = 1 cm^2" in done.stdout
    assert "below 85 %" in done.stdout
    results = json.loads((tmp_path / "study-results" / "results.json").read_text())
    assert results["assumptions"] == [{"field": "area", "value": "1 cm^2"}]
    assert (tmp_path / "study-results" / "report.html").exists()


def test_the_template_says_what_it_lacks(tmp_path: Path) -> None:
    made = faradaic(tmp_path, "analyze", "--template", "co2", "new", "--json")
    assert json.loads(made.stdout) == {"ok": True, "study": "new/study.yaml"}
    lacks = faradaic(tmp_path, "analyze", "new/study.yaml")
    assert lacks.returncode == 2
    assert "there is no file new/ag25/absorption.csv" in lacks.stderr
    assert "new/study.yaml:" in lacks.stderr
