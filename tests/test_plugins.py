"""What others install is found by its name; what is broken there is named and passed over."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from faradaic import plugins
from faradaic.cli.main import main
from faradaic.datafiles.readers import READERS
from faradaic.diagnostics import DiagnosticWarning, InputError
from faradaic.documents.kinds import KINDS
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports.addresses import SCHEMES
from faradaic.simulators.cell_models import CELL_MODELS
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.studies.exports import EXPORTS
from faradaic.studies.study_kinds import STUDY_KINDS

STRANGER = '''
"""Files of the potentiostat that a friend built."""
from pathlib import Path
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.documents.kinds import DocumentKind

SUFFIX = ".count"
FIVE = 5

class Half:
    """All names, and nothing behind them."""
    SUFFIX = capabilities = simulated = sniff = parse = read = write = FIVE
    model = analyze = figures = template = name = called = command = telling = FIVE

class Angry:
    def __getattr__(self, name):
        raise KeyError(name)

ANGRY = Angry()

def refuse(path):
    raise KeyError("recognises")

PICKY = DocumentKind("picky", "a picky file", "picky {}", recognises=refuse)

def sniff(head, path):
    return head.startswith(b"FRIEND")

def parse(data, path):
    if b"2" in data:
        raise KeyError("parse")
    import numpy as np
    return Dataset({"time_s": Column(np.arange(float(len(data))), "s")})

def write(contents, path, options):
    path.write_text(str(len(contents.tables)))
    return path
'''
GROUPS: dict[str, tuple[plugins.Plugins[Any], str, str]] = {
    "drivers": (DRIVERS, "keithley-2450", "`capabilities` (Capabilities)"),
    "addresses": (SCHEMES, "tcp", "`simulated` (bool)"),
    "emulators": (EMULATORS, "keithley-2450", "`__call__` (Callable)"),
    "readers": (READERS, "delimited", "`parse or read` (Callable)"),
    "cell_models": (CELL_MODELS, "preparative", "`parse` (Callable)"),
    "exports": (EXPORTS, "csv", "`SUFFIX` (str)"),
    "study_kinds": (STUDY_KINDS, "co2", "`model` (type)"),
    "documents": (KINDS, "protocol", "`called` (str)"),
}
"""Each with a name of ours in it, and something that what is in it must have."""
BROKEN = {
    "absent": "nowhere.at_all:IT",
    "quits": "quits",
    "wrong": "stranger:FIVE",
    "half": "stranger:Halves",
    "angry": "stranger:ANGRY",
    "shared": "stranger",
}
GOOD = {
    "readers": {"friend": "stranger", "tired": "tired"},
    "exports": {"count": "stranger"},
    "documents": {"picky": "stranger:PICKY"},
}
PROTOCOL = "library:benzothiophene-dioxide"
TABLE = "time (s),current (mA)\n0,1\n1,2\n"
Said = Callable[..., tuple[int, str, str]]


def install(site: Path, name: str, groups: dict[str, dict[str, str]]) -> None:
    """Put a distribution of version 1.5 and its entry points into a folder."""
    info = site / f"{name}-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    sections = (
        "".join((f"[faradaic.{group}]\n", *(f"{key} = {value}\n" for key, value in points.items())))
        for group, points in groups.items()
    )
    (info / "entry_points.txt").write_text("\n".join(sections))


@pytest.fixture
def said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Said]:
    """The command where somebody has installed such things: exit code, stdout, stderr."""
    site = tmp_path / "site"
    install(
        site,
        "stranger",
        {
            group: BROKEN | {ours: "stranger:FIVE"} | GOOD.get(group, {})
            for group, (_, ours, _) in GROUPS.items()
        },
    )
    install(site, "twin", {group: {"shared": "stranger"} for group in GROUPS})
    (site / "stranger.py").write_text(STRANGER)
    (site / "quits.py").write_text("raise SystemExit(1)\n")
    (site / "tired.py").write_text(
        "def sniff(head, path):\n    raise KeyError('sniff')\n\ndef parse(data, path): ...\n"
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE)
    plugins._installed.cache_clear()
    plugins._points.cache_clear()
    plugins._ordered.cache_clear()

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["faradaic", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, told.out, told.err

    yield run
    plugins._installed.cache_clear()
    plugins._points.cache_clear()
    plugins._ordered.cache_clear()
    for name in ("stranger", "quits", "tired"):
        sys.modules.pop(name, None)


def test_a_reader_and_an_export_of_others_are_used(said: Said, tmp_path: Path) -> None:
    (tmp_path / "mine.dat").write_bytes(b"FRIEND 1")
    code, told, errors = said("read", "mine.dat")
    assert code == 0
    assert "format      friend" in told
    assert not errors
    code, told, _ = said("export", "mine.dat", "--to", "count")
    assert code == 0
    assert (tmp_path / "mine.count").read_text() == "1"


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("absent", "cannot be loaded: ModuleNotFoundError"),
        ("quits", "cannot be loaded: SystemExit"),
        ("wrong", "is none: `stranger:FIVE` has no "),
        ("half", "cannot be loaded: AttributeError"),
        ("angry", "cannot be loaded: KeyError"),
        ("shared", "is also one of twin 1.5"),
    ],
)
def test_what_is_broken_is_refused_with_its_package(
    said: Said, group: str, name: str, problem: str
) -> None:
    group_plugins, _, needed = GROUPS[group]
    with pytest.raises(InputError) as caught:
        group_plugins.load(name)
    (told,) = caught.value.diagnostics
    assert told.code == "E712"
    assert f"`{name}` of stranger 1.5 {problem}" in told.message
    assert "stranger" in told.help
    assert (needed in told.message) is (name == "wrong")


@pytest.mark.parametrize("group", GROUPS)
def test_the_right_names_with_nothing_behind_them_are_refused(said: Said, group: str) -> None:
    group_plugins, _, needed = GROUPS[group]
    sys.path_importer_cache.clear()
    import stranger

    stranger.FIVE = stranger.Half()
    with pytest.raises(InputError, match="is none: ") as caught:
        group_plugins.load("wrong")
    assert needed in caught.value.diagnostics[0].message


@pytest.mark.parametrize("group", GROUPS)
def test_a_name_of_ours_stays_ours_and_that_is_said(said: Said, group: str) -> None:
    group_plugins, ours, _ = GROUPS[group]
    with pytest.warns(DiagnosticWarning, match=f"`{ours}` is that of faradaic .*, not of stranger"):
        used = group_plugins.load(ours)
    assert used != 5


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("devices", 0),
        ("devices --bench simulated", 0),
        (f"check {PROTOCOL}", 0),
        ("read table.csv", 0),
        ("export table.csv --to excel", 0),
        ("analyze new --template preparative", 0),
        ("analyze study.yaml", 2),
        ("check study.yaml", 2),
        ("read --help", 0),
        ("export --help", 0),
        ("emulate --help", 0),
    ],
)
@pytest.mark.filterwarnings("default")
def test_what_does_not_ask_for_it_is_not_harmed(
    said: Said, tmp_path: Path, line: str, expected: int
) -> None:
    (tmp_path / "study.yaml").write_text("faradaic_study: 1\nkind: preparative\ntitle: t\n")
    code, _, errors = said(*line.split())
    assert code == expected, errors
    assert "error[E7" not in errors


@pytest.mark.parametrize(
    "line",
    [
        f"check {PROTOCOL} --bench driver.yaml",
        "devices --bench driver.yaml",
        "devices --bench address.yaml",
        "emulate wrong",
        "export table.csv --to wrong",
        "analyze new --template wrong",
        "analyze study.yaml",
    ],
)
@pytest.mark.filterwarnings("default")
def test_what_asks_for_it_is_refused(said: Said, tmp_path: Path, line: str) -> None:
    bench = "faradaic_bench: 1\nname: mine\nsource: {{driver: {}, address: {}://keithley-2450}}\n"
    (tmp_path / "driver.yaml").write_text(bench.format("wrong", "emulated"))
    (tmp_path / "address.yaml").write_text(bench.format("emstat4-lr", "wrong"))
    (tmp_path / "study.yaml").write_text("faradaic_study: 1\nkind: wrong\ntitle: t\n")
    code, _, errors = said(*line.split())
    assert code == 2
    (problem,) = [line for line in errors.splitlines() if line.startswith("error[")]
    assert problem.startswith("error[E712]: ")
    assert "`wrong` of stranger 1.5 is none: `stranger:FIVE` has no " in problem


@pytest.mark.filterwarnings("default")
def test_a_command_that_uses_a_name_of_ours_says_whose_it_is(said: Said) -> None:
    for line in (
        "export table.csv --to csv --out out",
        "analyze new --template co2",
        "read table.csv",
    ):
        code, _, errors = said(*line.split())
        assert code == 0
        assert errors.count("warning[E712]: ") == 1
        assert "is that of faradaic 0.1.0, not of stranger 1.5" in errors


def test_a_file_that_nobody_reads_may_be_for_a_broken_reader(said: Said, tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"\0\1\2\3")
    code, _, errors = said("read", "other.bin")
    assert code == 2
    for name in ("absent", "quits", "wrong", "angry", "shared"):
        assert f"warning[E712]: reader `{name}` of stranger 1.5 " in errors
    assert "the reader `tired` broke on other.bin and was passed over" in errors


def test_a_reader_that_breaks_on_a_file_of_its_own_is_named(said: Said, tmp_path: Path) -> None:
    (tmp_path / "mine.dat").write_bytes(b"FRIEND 2\n" + TABLE.encode())
    code, told, errors = said("read", "mine.dat")
    assert code == 0
    assert "format      delimited" in told
    assert "the reader `friend` broke on mine.dat and was passed over: KeyError('parse')" in errors


def test_a_document_that_nobody_knows_may_be_of_a_broken_kind(said: Said, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("faradaic_absent: 1\n")
    code, _, errors = said("check", "x.yaml")
    assert code == 2
    assert "no kind of document begins with `faradaic_absent`" in errors
    assert "warning[E712]: kind of document `absent` of stranger 1.5 cannot be loaded" in errors


@pytest.mark.filterwarnings("default")
def test_a_kind_that_breaks_on_a_file_leaves_it_to_the_others(said: Said) -> None:
    code, _, errors = said("check", "table.csv")
    assert code == 2
    assert "this is a data file, not a protocol: `faradaic read table.csv`" in errors


def test_the_list_of_drivers_names_those_that_are_none(said: Said) -> None:
    code, told, errors = said("devices")
    assert code == 0
    assert "keithley-2450" in told
    assert "driver `wrong` of stranger 1.5 is none: `stranger:FIVE` has no " in errors
    assert "driver `keithley-2450` is that of faradaic 0.1.0, not of stranger 1.5" in errors


@pytest.mark.parametrize(
    ("command", "ours", "theirs"),
    [
        ("read", "gamry", "Files of the potentiostat that a friend built."),
        ("export", "netcdf", "export `wrong` of stranger 1.5 is none: `stranger:FIVE` has no"),
        ("export", "netcdf", "the export `csv` is that of faradaic 0.1.0, not of stranger 1.5"),
        ("emulate", "emstat4-hr", "emulator `absent` of stranger 1.5 cannot be loaded"),
    ],
)
def test_the_help_lists_what_is_installed(said: Said, command: str, ours: str, theirs: str) -> None:
    code, told, _ = said(command, "--help")
    assert code == 0
    assert ours in told
    assert " ".join(theirs.split()) in " ".join(told.split())


def test_no_command_loads_a_plugin_for_its_own_help(said: Said) -> None:
    assert said("--help")[0] == 0
    assert "stranger" not in sys.modules
