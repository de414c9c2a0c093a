"""The status line never holds up a run, whatever becomes of the terminal."""

import contextlib
import os
import sys

import pytest

from faradaic.cli.progress_view import StatusLine

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")


def test_a_terminal_that_takes_nothing_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    master, terminal = os.openpty()
    stream = os.fdopen(terminal, "w")
    monkeypatch.setattr(sys, "stderr", stream)
    # nobody reads the master: a write would wait for ever once a few kB are in between
    with StatusLine(simulated=True) as line:
        for number in range(200):
            line.ask(f"question {number} " + 1000 * "?")
    monkeypatch.undo()
    os.close(master)  # what still waits to be written ends here
    line._writer.join(10.0)
    assert not line._writer.is_alive()
    with contextlib.suppress(OSError):
        stream.close()


def test_what_was_asked_is_shown_before_the_run_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with StatusLine(simulated=False) as line:
        line.ask("? Go on?  [yes / no]")
    assert "Go on?  [yes / no]" in capsys.readouterr().err
