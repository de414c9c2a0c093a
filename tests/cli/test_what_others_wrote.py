"""Text of files, and links in folders, that somebody else chose: shown and kept, never obeyed."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import openpyxl
import pytest

from faradaic.records.spreadsheet_text import cell, note
from rigs.commands import Command, Outcome
from rigs.protocols import HEAD

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[2J",
    "\x9b31m",
    "$\\frac{",
    "\u202eoof",
]
REST = f"{HEAD}steps:\n  - open_circuit: 3 s\n"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _table(folder: Path) -> Path:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["time (s)", "current (mA)", "potential (V)", *HOSTILE])
    writer.writerows([t, 1 + t, 0.1 * t, *range(len(HOSTILE))] for t in range(20))
    path = folder / "sent \x1b[31m.csv"
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


def _is_plain(done: Outcome) -> None:
    assert not STEERS.search(done.out), ascii(done.out)
    assert not STEERS.search(done.err), ascii(done.err)


@pytest.mark.parametrize(
    "words", [("read",), ("read", "--json"), ("check",), ("analyze",), ("show",), ("report",)]
)
def test_nothing_in_a_file_steers_the_terminal(faradaic: Command, words: tuple[str, ...]) -> None:
    _is_plain(faradaic(words[0], str(_table(faradaic.folder)), *words[1:]))


def _cells(text: str) -> list[str]:
    return [field for row in csv.reader(io.StringIO(text)) for field in row]


def _is_formula(text: str) -> bool:
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("form", ["csv", "frictionless", "excel", "eln", "bdf"])
def test_no_export_holds_a_live_formula(faradaic: Command, form: str) -> None:
    done = faradaic("export", str(_table(faradaic.folder)), "--to", form, "--out", "made")
    _is_plain(done)
    assert done.code == 0, done.err
    made = faradaic.folder / "made"
    texts = []
    if form == "excel":
        for sheet in openpyxl.load_workbook(io.BytesIO(made.read_bytes())):
            for one in (one for row in sheet.iter_rows() for one in row):
                assert one.data_type != "f", one.value
    elif form == "eln":
        with zipfile.ZipFile(made) as archive:
            texts = [
                archive.read(name).decode()
                for name in archive.namelist()
                if name.endswith(".csv") and "original" not in name
            ]
    else:
        files = made.glob("*.csv") if made.is_dir() else [made]
        texts = [file.read_text(encoding="utf-8") for file in files]
    assert texts or form == "excel"
    if form == "frictionless":
        assert faradaic("read", "made/datapackage.json").code == 0
        (resource,) = json.loads((made / "datapackage.json").read_text())["resources"]
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == next(csv.reader(io.StringIO(texts[0])))
    for text in texts:
        assert not [one for one in _cells(text) if _is_formula(one)]


@pytest.mark.parametrize("text", ["=1+1", "+a", "-a", "@a", "\t=1", "\r=1", " =1", "＝1"])
def test_text_of_a_cell_is_no_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert not note(text).startswith(("=", "+", "-", "@", "\t", "\r", " "))


@pytest.mark.parametrize("value", ["-1.5e-3", "+4", -2.0, "3 - 4", "", None, "a=b"])
def test_numbers_and_other_text_stay_as_they_are(value: object) -> None:
    assert cell(value) == value


@pytest.mark.long
def test_a_report_of_a_sent_run_writes_through_no_link(rehearsed: tuple[Command, Outcome]) -> None:
    command, done = rehearsed
    run = command.folder / "sent"
    shutil.copytree(done.json["run"] if "run" in done.json else _run(command), run)
    precious = command.folder / "precious"
    precious.mkdir()
    (precious / "overview.png").write_text("precious")
    (precious / "text").write_text("precious")
    (run / "report.html").unlink(missing_ok=True)
    for name in ("report.html", "results.jsonl"):
        (run / name).symlink_to(precious / "text")
    assert command("report", str(run)).code == 0
    assert (run / "report.html").is_file()
    assert not (run / "report.html").is_symlink()
    assert command("result", str(run), "--note", "seen").code != 0
    (run / "run.lock").unlink(missing_ok=True)
    (run / "run.lock").symlink_to(precious / "text")
    command("show", str(run))
    shutil.rmtree(run / "figures")
    (run / "figures").symlink_to(precious, target_is_directory=True)
    refused = command("report", str(run))
    assert refused.code == 2
    assert "it is a link" in refused.err
    assert (precious / "text").read_text() == "precious"
    assert (precious / "overview.png").read_text() == "precious"


def _run(command: Command) -> Path:
    return next(p for p in (command.folder / "runs").iterdir() if p.is_dir())


def test_an_archive_holds_no_file_that_a_link_leads_to(
    rehearsed: tuple[Command, Outcome],
) -> None:
    command, _ = rehearsed
    run = command.folder / "linked"
    shutil.copytree(_run(command), run)
    (command.folder / "secret").write_text("a secret")
    (run / "protocol.yaml").unlink()
    (run / "protocol.yaml").symlink_to(command.folder / "secret")
    assert command("export", str(run), "--to", "eln", "--out", "linked.eln").code == 0
    with zipfile.ZipFile(command.folder / "linked.eln") as archive:
        assert not [name for name in archive.namelist() if name.endswith("protocol.yaml")]


@pytest.mark.long
def test_a_title_is_text_in_the_page_the_figure_and_the_tables(faradaic: Command) -> None:
    title = "$\\frac{ <script>alert(1)</script> =1+1 ../../up"
    (faradaic.folder / "p.yaml").write_text(REST.replace("a short electrolysis", f"'{title}'"))
    done = faradaic("run", "p.yaml", "--json")
    assert done.code == 0, done.err
    run = _run(faradaic)
    assert run.parent == faradaic.folder / "runs"
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    drawn = ET.parse(run / "figures" / "overview.svg").getroot()
    assert any("$\\frac{ <script>" in (node.text or "") for node in drawn.iter())
    table = (run / "data.csv").read_text(encoding="utf-8")
    assert not [one for one in _cells(table) if _is_formula(one)]


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize(("setting", "open_to_others"), [("1", False), ("0", True)])
def test_runs_can_be_kept_from_others(tmp_path: Path, setting: str, open_to_others: bool) -> None:
    (tmp_path / "p.yaml").write_text(REST)
    command = [sys.executable, "-m", "faradaic", "run", "p.yaml"]
    environment = {**os.environ, "FARADAIC_PRIVATE": setting}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    written = [tmp_path / "runs", *(tmp_path / "runs").rglob("*")]
    assert len(written) > 5
    assert any(path.stat().st_mode & 0o077 for path in written) is open_to_others
