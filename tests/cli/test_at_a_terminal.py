"""What a person sees at a terminal, at a real one (a pseudo-terminal) with a bench that answers."""

from __future__ import annotations

import ast
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import faradaic.cli
from faradaic.analysis.integration import find_intervals
from faradaic.cli.output import console
from faradaic.records.run import load_run
from rigs.protocols import HEAD
from rigs.terminal import COMMAND, Terminal

STEPS = """\
sampling: {interval: 10 s}
steps:
  - constant_current:
      current: 10 mA
      cell_voltage_limit: 10 V
      until: [{time: 60 s}, {operator: "TLC [gone]?", ask_at: [0.003 F/mol]}]
"""


def test_what_is_printed_stands_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("? Go on?  [resume / next / stop] :warning: [red]x[/red]")
    assert capsys.readouterr().out == "? Go on?  [resume / next / stop] :warning: [red]x[/red]\n"


def test_nothing_in_the_command_is_printed_as_markup() -> None:
    reads_markup = {"from_markup", "render_markup", "print_json", "rule", "status", "Prompt"}
    for path in Path(faradaic.cli.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            where = f"{path.name}:{node.lineno}"
            owner = getattr(called, "value", None)
            of_rich = isinstance(called, ast.Attribute) and name in reads_markup
            assert not of_rich, f"{where} reads markup"
            if name == "Console":
                assert path.name == "output.py", f"{where}: `output.console` is the one console"
            if name == "Typer":
                stated = {k.arg: ast.unparse(k.value) for k in node.keywords}
                plain = not node.keywords or stated.get("rich_markup_mode") == "None"
                assert plain, f"{where}: a help in markup"
            assert getattr(owner, "id", "") != "rich", f"{where} prints through rich itself"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Path]:
    """A folder with a protocol and a bench file of an emulated source meter with its cell."""
    (tmp_path / "protocol.yaml").write_text(HEAD + STEPS, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*COMMAND, "emulate", "keithley-2450", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--protocol", "protocol.yaml"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        while "listens" not in (line := server.stdout.readline()):
            assert line, "the emulator ended"
        with socket.create_connection(("127.0.0.1", port)) as first:
            first.settimeout(240)
            first.sendall(b"*IDN?\n")
            assert first.recv(100)
        text = "faradaic_bench: 1\nname: wire\nsource: {driver: keithley-2450, "
        text += f"address: 'tcp://127.0.0.1:{port}'}}\n"
        (tmp_path / "bench.yaml").write_text(text, "utf-8")
        yield tmp_path
    finally:
        server.kill()
        server.communicate()


@pytest.mark.long
@pytest.mark.skipif(shutil.which("true") is None or sys.platform == "win32", reason="needs a pty")
def test_questions_pauses_and_ctrl_c_at_a_terminal(bench: Path) -> None:
    run = [*COMMAND, "run", "protocol.yaml", "--bench", "bench.yaml", "--yes"]
    terminal = Terminal(run, bench)
    terminal.until("RUNNING", "· 10.0 mA", patience_s=240)
    terminal.until("? TLC [gone]?  [yes / not yet]")
    terminal.type("maybe\r")
    terminal.until("`maybe` is none of the choices. TLC [gone]?  [yes / not yet]")
    terminal.type("n\r")
    (journal,) = (bench / "runs").glob("*/journal.jsonl")
    for _ in range(300):  # with Ctrl+C a question that is not answered yet gives way
        if '"not yet"' in journal.read_text("utf-8"):
            break
        terminal.pump()
    terminal.type("\x03")
    terminal.until("? Paused, output off: Ctrl+C, once. Go on?  [resume / next / stop]")
    waited = terminal.until("PAUSED for 2 s, output off")
    assert "· 10.0 mA" not in waited.partition("PAUSED")[2], "no current flows in a pause"
    terminal.type("n\r")
    terminal.until("`n` is none of the choices.")
    terminal.type(" Y \r")
    terminal.until("RUNNING", "· 10.0 mA")
    time.sleep(11)  # further on than the ladder of Ctrl+C reaches
    terminal.type("\x03")
    terminal.until("[resume / next / stop]")
    terminal.type("res\x03")
    assert terminal.exit_code() == 5
    assert "STOPPED: Ctrl+C, twice" in terminal.said or "; stopped" in terminal.said
    (folder,) = (bench / "runs").iterdir()
    record = load_run(folder)
    answers = [e.fields["answer"] for e in record.events if "answer" in e.fields]
    assert answers == ["not yet", "resume", "stop"]
    # A pause of two seconds between samples of ten is no electrolysis.
    series = record.time_series()
    assert series.output_on_s is not None
    on_s = float(np.sum(np.diff(series.output_on_s)))
    pauses = [e.time_s for e in record.events if e.kind == "state"]
    assert on_s < pauses[-1] - 2.0
    conducting = find_intervals(series)
    measured_s = float(np.sum(conducting.duration_s[conducting.conducting]))
    assert measured_s <= on_s
    charge_C = json.loads((folder / "summary.json").read_text())["charge_C"]
    assert charge_C == pytest.approx(0.010 * on_s, rel=0.02)
