"""The command as a user has it: a process of its own, in an empty folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


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

    def __call__(self, *arguments: str, typed: str | None = None) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "faradaic", *arguments],
            cwd=self.folder,
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "E700" not in done.stderr, done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def faradaic(tmp_path: Path) -> Command:
    """The command, in an empty folder."""
    return Command(tmp_path)


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, Outcome]:
    """A folder in which the first example has been rehearsed, and what the command said."""
    command = Command(tmp_path_factory.mktemp("rehearsed"))
    return command, command("run", str(EXAMPLES / "benzothiophene_dioxide.yaml"), "--json")
