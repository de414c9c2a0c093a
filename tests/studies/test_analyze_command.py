"""`faradaic analyze` as a chemist types it: a study, an assumption, a template, a missing file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rigs.commands import Command, Outcome

Writer = Callable[..., Path]


def faradaic(folder: Path, *arguments: str) -> Outcome:
    return Command(folder)(*arguments)


@pytest.mark.long
def test_a_study_becomes_a_folder_beside_it(co2_study: Writer, tmp_path: Path) -> None:
    path = co2_study(conditions={"area": None})
    refused = faradaic(tmp_path, "analyze", "study.yaml")
    assert refused.code == 2
    assert "`area` is missing" in refused.err
    assert "Traceback" not in refused.err
    assert not path.with_name("study-results").exists()

    done = faradaic(tmp_path, "analyze", "study.yaml", "--assume", "area=1 cm^2")
    assert done.code == 0, done.err
    assert "28.7 %" in done.out
    assert "assumed: area = 1 cm^2" in done.out
    assert "below 85 %" in done.out
    results = json.loads((tmp_path / "study-results" / "results.json").read_text())
    assert results["assumptions"] == [{"field": "area", "value": "1 cm^2"}]
    assert (tmp_path / "study-results" / "report.html").exists()


def test_the_template_says_what_it_lacks(tmp_path: Path) -> None:
    made = faradaic(tmp_path, "analyze", "--template", "co2", "new", "--json")
    assert json.loads(made.out) == {"ok": True, "study": "new/study.yaml"}
    lacks = faradaic(tmp_path, "analyze", "new/study.yaml")
    assert lacks.code == 2
    assert "there is no file new/ag25/absorption.csv" in lacks.err
    assert "new/study.yaml:" in lacks.err
