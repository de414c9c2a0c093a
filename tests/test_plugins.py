"""What others install is found by its name; what is broken there is named and passed over."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from faradaic import plugins
from faradaic.cli.main import main

STRANGER = '''
"""Files of the potentiostat that a friend built."""
from faradaic.datafiles.dataset import Column, Dataset

SUFFIX = ".count"

def sniff(head, path):
    return head.startswith(b"FRIEND")

def parse(data, path):
    import numpy as np
    return Dataset({"time_s": Column(np.arange(float(len(data))), "s")})

def write(contents, path, options):
    path.write_text(str(len(contents.tables)))
    return path
'''
ENTRY_POINTS = """
[faradaic.readers]
friend = stranger
absent = nowhere.at_all
angry = angry
delimited = stranger

[faradaic.exports]
count = stranger
absent = nowhere.at_all

[faradaic.drivers]
absent = nowhere.at_all:Driver

[faradaic.cell_models]
absent = nowhere.at_all:Cell

[faradaic.study_kinds]
absent = nowhere.at_all:KIND

[faradaic.documents]
absent = nowhere.at_all:KIND
"""
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Said]:
    """The command in a place where somebody has installed `stranger`: exit code, stdout, stderr."""
    site = tmp_path / "site"
    info = site / "stranger-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(dedent(ENTRY_POINTS))
    (site / "stranger.py").write_text(STRANGER)
    (site / "angry.py").write_text("def sniff(head, path):\n    raise KeyError('sniff')\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)
    plugins._installed.cache_clear()
    plugins._points.cache_clear()

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
    for name in ("stranger", "angry"):
        sys.modules.pop(name, None)


def test_a_reader_and_an_export_of_others_are_used(said: Said, tmp_path: Path) -> None:
    (tmp_path / "mine.dat").write_bytes(b"FRIEND 1")
    code, told, _ = said("read", "mine.dat")
    assert code == 0
    assert "format      friend" in told
    code, told, _ = said("export", "mine.dat", "--to", "count")
    assert code == 0
    assert (tmp_path / "mine.count").read_text() == "1"


def test_what_is_broken_is_named_with_its_package_and_passed_over(
    said: Said, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text("time (s),current (mA)\n0,1\n1,2\n")
    code, told, errors = said("read", "table.csv")
    assert code == 0
    assert "format      delimited" in told
    assert "rows        2" in told
    assert "warning[E712]: reader `absent` of stranger 1.5 cannot be loaded" in errors
    assert "the reader `angry` broke on table.csv and was passed over" in errors


def test_what_is_broken_stops_only_what_asks_for_it(said: Said) -> None:
    code, told, errors = said("devices")
    assert code == 0
    assert "keithley-2450" in told
    assert "driver `absent` of stranger 1.5 cannot be loaded" in errors
    code, _, errors = said("check", "nothing.yaml")
    assert code == 2
    assert "E712" not in errors
    code, _, errors = said("analyze", "new", "--template", "absent")
    assert code == 2
    assert "kind of study `absent` of stranger 1.5 cannot be loaded" in errors
    assert "uninstall it" in errors


@pytest.mark.parametrize(
    ("command", "ours", "theirs"),
    [
        ("read", "gamry", "Files of the potentiostat that a friend built."),
        ("export", "netcdf", "export `absent` of stranger 1.5 cannot be loaded"),
        ("emulate", "emstat4-hr", "emstat-pico"),
    ],
)
def test_the_help_lists_what_is_installed(said: Said, command: str, ours: str, theirs: str) -> None:
    code, told, _ = said(command, "--help")
    assert code == 0
    assert ours in told
    assert " ".join(theirs.split()) in " ".join(told.split())


def test_a_name_of_ours_stays_ours(said: Said) -> None:
    assert plugins._points("faradaic.readers")["delimited"].value.startswith("faradaic.")


def test_no_command_loads_a_plugin_for_its_own_help(said: Said) -> None:
    assert said("--help")[0] == 0
    assert "stranger" not in sys.modules
