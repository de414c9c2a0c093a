"""A path that is no file, or one without an end, is refused at once by every command."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import socket
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from faradaic.cli.main import app

if sys.platform == "win32":
    pytest.skip("named pipes and devices of POSIX", allow_module_level=True)

RIG = Path(__file__).parents[1] / "rigs" / "command_lines.py"
COMMANDS = """
run {}
run protocol.yaml --bench {}
run protocol.yaml --yes --faults {}
run protocol.yaml --yes --calibration {}
calibrate {}
calibrate any --runs {}
calibrate any --out {}
diagnose {}
diagnose any --runs {}
diagnose cv.csv --map {}
check {}
check protocol.yaml --bench {}
plan {}
plan protocol.yaml --bench {}
plan protocol.yaml --calibration {}
plan protocol.yaml --export methodscript --out {}
port {} --to simulated-korad
port protocol.yaml --to {}
port protocol.yaml --to simulated-korad --bench {}
compare {} {}
compare any any --runs {}
compare cv.csv cv.csv --out {}
emulate --bench {}
screen purity cv.csv MgAl2O4 --other {}
new {}
new made.yaml --bench {}
runs --runs {}
show {}
show any --runs {}
report {}
report any --runs {}
report cv.csv --map {}
result {} --note seen
result any --note seen --runs {}
analyze {}
analyze {} --product 1mmol
analyze any --runs {}
analyze cv.csv --map {}
analyze study.yaml --out {}
analyze --template co2 {}
read {}
read cv.csv --map {}
read cv.csv {}
export {}
export any --runs {}
export cv.csv --map {}
export cv.csv --to csv --out {}
export cv.csv --to csv --out {} --overwrite
devices --bench {}
off {}
off --bench {}
pause {}
resume {}
skip {}
stop {}
off {}
recover {}
recover any --runs {}
recover any --out {}
note {} seen
modify {} current=1mA --why tried
emulate keithley-2450 --protocol {}
emulate keithley-2450 --protocol protocol.yaml --bench {}
simulate eis --csv {}
simulate eis --figure {}
screen spinels {}
screen spinels --energies {}
screen compositions {}
screen relax {}
screen plan --compositions 10 --measured {}
screen purity {} MgAl2O4
interface work-function {}
interface work-function cv.csv --fermi-from {}
interface free-energy {}
interface free-energy cv.csv --out {}
interface scheme {}
interface scheme cv.csv --out {}
constrained run {}
constrained run study.yaml --out {}
constrained cp2k {} --out made
constrained cp2k study.yaml --out {}
constrained cp2k study.yaml --out made --pull {}
structure water {}
structure hydrogen-bonds {}
structure bonds {} Ni-O
structure bonds cv.csv Ni-O --out {}
structure charges {}
structure charges cv.csv --structure {}
"""
WRITTEN_AFTER_LONG_WORK = {
    *((command, "runs") for command in ("run", "demo")),
    *((f"screen {command}", "out") for command in ("spinels", "relax")),
    *((f"simulate {c}", o) for c in ("cv", "lsv", "ca", "cp") for o in ("csv", "figure")),
}
"""Where `eis --csv` and the writers' own tests stand for the others."""
TEXTS_THAT_NAME_FILES = {"protocol", "bench", "run", "target", "source", "column_map"}
"""Parameters that are no `Path`, for a name will do in its place."""


def _commands(group: typer.Typer, above: str = "") -> Iterator[tuple[str, Callable[..., object]]]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{above}{command.name or command.callback.__name__}", command.callback
    for inner in group.registered_groups:
        name = f"{above}{inner.name} " if isinstance(inner.name, str) else above
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, name)


def test_every_parameter_that_takes_a_path_is_tried() -> None:
    lines = COMMANDS.strip().splitlines()
    for command, function in _commands(app):
        hints = typing.get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            text = name in TEXTS_THAT_NAME_FILES and "str" in str(hints[name])
            if not (text or "Path" in str(hints[name])):
                continue
            if (command, name) in WRITTEN_AFTER_LONG_WORK:
                continue
            option = f"--{'map' if name == 'column_map' else name.replace('_', '-')} {{}}"
            is_argument = parameter.default is inspect.Parameter.empty or name in OPTIONAL_ARGUMENTS
            tried = [
                line
                for line in lines
                if line.startswith(f"{command} ")
                and (option in line or (is_argument and "{}" in line))
            ]
            assert tried, f"`{command}`: {name} is not tried with a path that is no file"


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(5_000_000_000)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


MADE = {f.__name__[1:]: f for f in (_fifo, _socket, _sparse, _endless, _folder)}
WRITES = {"--runs", "--overwrite", "--template"}
"""What may go well: a folder to look or write in, a name that is replaced, not written through."""
EXAMPLES = Path(__file__).parents[2] / "examples"
SUFFIXES = (".csv", ".yaml", ".npz", ".xyz", ".xml")
SHORT = ("fifo", "folder")
"""What would hang, and what is no file at all; the others take long."""
OPTIONAL_ARGUMENTS = ("study", "file", "run")
TRIED = list(zip(MADE, SUFFIXES, strict=True))


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [pytest.param(*one, marks=[pytest.mark.long] * (one[0] not in SHORT)) for one in TRIED],
)
def test_what_is_no_file_is_refused_at_once(
    kind: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cv.csv").write_text("time (s),current (mA),potential (V)\n0,1,0\n1,2,1\n2,3,2\n")
    shutil.copy(EXAMPLES / "benzothiophene_dioxide.yaml", tmp_path / "protocol.yaml")
    lines = []
    for number, line in enumerate(COMMANDS.strip().splitlines()):
        # one each, for some commands write where they may
        odd = tmp_path / f"odd{number}{suffix}"
        MADE[kind](odd)
        lines.append([word.replace("{}", str(odd)) for word in line.split()])
    try:
        done = subprocess.run(
            [sys.executable, str(RIG)],
            input=json.dumps(lines),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().splitlines()
        pytest.fail(f"{' '.join(lines[len(said)])} does not end")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(lines)
    defects = [one for one in told if "Traceback" in one["err"] or "E700" in one["err"]]
    taken = [one for one in told if not one["code"] and not WRITES.intersection(one["arguments"])]
    assert not [*defects, *taken]
