"""What the README shows, works."""

import re
from pathlib import Path

import pytest

from rigs.commands import Command, Outcome

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PROTOCOL, BENCH = re.findall(r"```yaml\n(.*?)```", README, re.S)


def faradaic(folder: Path, *arguments: str) -> Outcome:
    return Command(folder)(*arguments)


def test_the_protocol_in_the_readme_runs(tmp_path):
    (tmp_path / "mine.yaml").write_text(PROTOCOL, encoding="utf-8")
    done = faradaic(tmp_path, "run", "mine.yaml")
    assert done.code == 0, done.err
    assert "COMPLETED" in done.out


def test_the_bench_in_the_readme_is_one(tmp_path):
    from faradaic.runner.bench_file import load_bench

    path = tmp_path / "hood-3.yaml"
    path.write_text(BENCH, encoding="utf-8")
    bench = load_bench(str(path))
    assert bench.source.model == "EmStat4 HR"
    assert not bench.simulated
    assert bench.limits.cell_voltage_V == 6.0


@pytest.mark.parametrize("command", re.findall(r"^\| `faradaic (\w+)", README, re.M))
def test_the_commands_in_the_readme_exist(tmp_path, command):
    assert faradaic(tmp_path, command, "--help").code == 0


def test_the_two_commands_stand_at_the_top():
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    assert lines[:2] == [
        "pip install uv && uv run faradaic run examples/benzothiophene_dioxide.yaml",
        "pip install uv && uv run pytest",
    ]
