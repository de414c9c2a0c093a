"""The report is one file that asks nothing of the network and lets no text become code."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from faradaic.studies.analysis import analyze_study
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.writing import panels_of, write_study

Writer = Callable[..., Path]


class Page(HTMLParser):
    """Scripts, styles, text and every address of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.addresses: list[str] = []
        self.policy = ""
        self.words: list[str] = []
        self._inside: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "action")]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        self._inside = (tag, given) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.words.append(data)
        elif self._inside[0] == "script":
            self.scripts.append((self._inside[1], data))
        else:
            self.styles.append(data)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page((written / "report.html").read_text(encoding="utf-8"))


def test_nothing_is_loaded_from_elsewhere(page: Page) -> None:
    assert page.addresses
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert "default-src 'none'" in page.policy
    assert "http" not in page.policy


def test_the_policy_allows_exactly_the_scripts_and_styles_that_are_there(page: Page) -> None:
    code = [text for attributes, text in page.scripts if attributes.get("type") is None]
    (nonce,) = (a["nonce"] for a, _ in page.scripts if a.get("type") == "application/json")
    assert len(code) == 2
    directive = dict(part.strip().split(" ", 1) for part in page.policy.split(";"))
    assert directive["script-src"].split() == [hashed(text) for text in code]
    styles = [hashed(text) for text in page.styles]
    assert directive["style-src"].split() == [*styles, f"'nonce-{nonce}'"]
    assert "unsafe" not in page.policy


def test_every_panel_of_the_figures_is_an_interactive_plot(
    page: Page, analysed: StudyOutcome
) -> None:
    (item,) = (json.loads(t) for a, t in page.scripts if a.get("type") == "application/json")
    (root,) = item["doc"]["roots"]
    titles = [tab["attributes"]["title"] for tab in root["attributes"]["tabs"]]
    panels = [panel for group in panels_of(analysed).values() for panel in group]
    assert titles == [panel.title for panel in panels]


def test_it_tells_conditions_flags_hashes_and_that_data_are_simulated(
    page: Page, analysed: StudyOutcome
) -> None:
    words = " ".join(page.words)
    assert "SIMULATED — at least one file" in words
    for entry in analysed.inputs:
        assert entry.sha256 in words
    for _, flag in analysed.flags():
        assert flag in words
    for texts in analysed.conditions.values():
        for value in texts.values():
            assert value in words


def test_text_of_people_is_text_and_measured_data_are_not_called_simulated(
    co2_study: Writer, tmp_path: Path
) -> None:
    attack = "</script><script>alert(1)</script><b>"
    top: dict[str, Any] = {"title": attack, "note": attack}
    write_study(analyze_study(co2_study(top=top, sample={"name": attack})), tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert len(Page(text).scripts) == 3
    assert "SIMULATED" not in text
    assert json.loads((tmp_path / "out" / "results.json").read_text())["simulated"] is False
    assert "SIMULATED" not in (tmp_path / "out" / "figures" / "study.svg").read_text()
