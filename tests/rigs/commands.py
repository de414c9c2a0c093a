"""The command in the process of the test: what it printed and returned, in an empty folder.

Importing the program takes longer than most commands; that it runs as a process of its own is
tried where it matters (a first rehearsal, terminals, signals, pipes).
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from faradaic.cli import main


@dataclass
class Outcome:
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout."""
        return json.loads(self.out)


@dataclass
class Command:
    """`faradaic` in one folder."""

    folder: Path

    def __call__(self, *arguments: str, typed: str = "") -> Outcome:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.object(sys, "argv", ["faradaic", *arguments]),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8")),
        ):
            code = main._exit_code()
        said = []
        for stream in (out, err):
            stream.flush()
            said.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        outcome = Outcome(code, *said)
        assert "E700" not in outcome.err, outcome.err
        return outcome
