"""The command in an empty folder, and a folder with a rehearsal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rigs.commands import Command, Outcome

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def faradaic(tmp_path: Path) -> Command:
    """The command, in an empty folder."""
    return Command(tmp_path)


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, Outcome]:
    """A folder in which a process of its own rehearsed the first example, and what it said."""
    folder = tmp_path_factory.mktemp("rehearsed")
    example = str(EXAMPLES / "benzothiophene_dioxide.yaml")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "faradaic", "run", example, "--json"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Command(folder), Outcome(done.returncode, done.stdout, done.stderr)
