"""`faradaic recover`, on a run whose process was really killed, and what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rigs.protocols import HEAD

PROTOCOL = f"""{HEAD}\
steps:
  - constant_current: {{current: 10 mA, cell_voltage_limit: 6 V, until: {{total: 0.2 F/mol}}}}
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_run_that_was_killed_is_closed_and_continued_to_its_charge(faradaic) -> None:
    (faradaic.folder / "p.yaml").write_text(PROTOCOL)
    command = [sys.executable, "-m", "faradaic", "run", "p.yaml", "--speed", "20"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=faradaic.folder, **quiet) as process:
        while not (journals := list(faradaic.folder.glob("runs/*/journal.jsonl"))) or (
            journals[0].read_bytes().count(b'"sample"') < 20
        ):
            assert process.poll() is None
            time.sleep(0.05)
        alive = faradaic("recover", "latest")
        process.send_signal(signal.SIGKILL)
    assert alive.code in (2, 3)
    assert "E612" in alive.err
    assert faradaic("show", "latest").code == 7
    told = faradaic("recover", "latest", "--json")
    assert told.code == 7
    assert told.json["charge_low_C"] <= told.json["charge_measured_C"]
    assert told.json["charge_measured_C"] <= told.json["charge_high_C"]
    path = told.json["continuation"]
    assert faradaic("check", path).code == 0
    assert "journal-0001.jsonl" in {p.name for p in journals[0].parent.iterdir()}
    again = faradaic("recover", "latest")
    assert "nothing is on" in again.out
    done = faradaic("run", path, "--json")
    assert done.code == 0
    assert done.json["charge_total_F_per_mol"] == pytest.approx(0.2, rel=5e-3)
    shown = faradaic("show", "latest").out
    assert f"goes on   from {journals[0].parent.name} (LOST)" in shown
    report = next(p for p in Path(done.json["run"]).iterdir() if p.name == "report.html")
    assert "Earlier runs" in report.read_text()
    assert "charge of all runs" in faradaic("analyze", "latest").out


def test_what_cannot_be_recovered_is_refused_in_words(faradaic, rehearsed) -> None:
    command, done = rehearsed
    told = command("recover", done.json["run"])
    assert told.code == 0
    assert "nothing is left of it" in told.out
    wrong = command("recover", done.json["run"], "--output-off", "yesterday")
    assert wrong.code == 2
    assert "2026-11-21 14:05" in wrong.err
    assert faradaic("recover", "nowhere").code == 2
    (faradaic.folder / "empty").mkdir()
    assert faradaic("recover", "empty").code == 2
