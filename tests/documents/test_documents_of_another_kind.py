"""A document given to a command that reads another kind is named, with what reads it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from faradaic.cli.main import main
from faradaic.diagnostics import InputError
from faradaic.documents.kinds import KINDS, read_document

ROOT = Path(__file__).parents[2]
WRITTEN = {
    "protocol": "title: t\ncell: {type: undivided}\nsteps: []\n",
    "plate": "title: t\nprotocol: protocol.yaml\nfactors: {cell.gap: [1 mm]}\n",
    "bench": "name: mine\nsource: {driver: keithley-2450, address: emulated://keithley-2450}\n",
    "faults": "faults: [mute]\n",
    "study": "kind: preparative\ntitle: t\nrun: somewhere\noutcome: {}\n",
    "screening": "title: t\nprototype: spinel\nfixed: [Mg2+]\nenergies: [none.csv]\n",
    "constrained_run": "title: t\natoms: start.xyz\npull_steps: 10\n",
    "mapping": "columns: {I (2): current}\n",
}
DOCUMENTS = sorted(WRITTEN)
REAL = {
    "protocol": "examples/benzothiophene_dioxide.yaml",
    "plate": "examples/plate/plate.yaml",
    "bench": "faradaic/runner/benches/simulated.yaml",
    "study": "examples/co2_study/study.yaml",
    "screening": "examples/screening/spinels.yaml",
    "constrained_run": "examples/constrained_run/thiolate_water.yaml",
    "mapping": "examples/mapping/columns.yaml",
}
EVERYTHING = [*DOCUMENTS, "data_file", "run", "study_results"]
PROTOCOL = "library:benzothiophene-dioxide"
COMMANDS = {
    "check {}": {"protocol", "plate"},
    "plan {}": {"protocol", "plate"},
    "run {}": {"protocol", "plate"},
    "emulate keithley-2450 --protocol {}": {"protocol"},
    f"check {PROTOCOL} --bench {{}}": {"bench"},
    f"run {PROTOCOL} --bench {{}}": {"bench"},
    "devices --bench {}": {"bench"},
    "off --bench {}": {"bench"},
    f"run {PROTOCOL} --faults {{}}": {"faults"},
    "analyze {}": {"study", "data_file", "run"},
    "screen spinels {}": {"screening"},
    "screen compositions {}": {"screening"},
    "screen relax {}": {"screening"},
    "constrained run {}": {"constrained_run"},
    "constrained cp2k {} --out inputs": {"constrained_run"},
    "read table.csv --map {}": {"mapping"},
    "read {}": {"data_file", "run"},
    "report {}": {"data_file", "run"},
    "show {}": {"data_file", "run"},
    "export {}": {"data_file", "run", "study_results"},
}
"""What each command can read, of what a person may confuse."""
FIRST_OF_ALL = ("check {}", "analyze {}", "screen spinels {}", "read {}")
"""Commands of a room each: what a document is called does not hang on who asks."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One of each kind, called by it."""
    for name, text in WRITTEN.items():
        first = KINDS.load(name).first_line
        (tmp_path / f"{name}.yaml").write_text(f"{first}\n{text}")
    rows = "".join(f"{i},{0.5 * i}\n" for i in range(5))
    for name in ("data_file", "table"):
        (tmp_path / f"{name}.csv").write_text("time (s),current (mA)\n" + rows)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "journal.jsonl").write_text("")
    (tmp_path / "study_results" / "tables").mkdir(parents=True)
    numbers = '{"kind": "preparative", "conditions": {}, "samples": []}'
    (tmp_path / "study_results" / "results.json").write_text(numbers)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit code and stderr of a command."""
    monkeypatch.setattr(sys, "argv", ["faradaic", *shlex.split(line)])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code, capsys.readouterr().err


def called(name: str) -> str:
    """The file or folder of a kind."""
    return {"data_file": "data_file.csv", "run": "run", "study_results": "study_results"}.get(
        name, f"{name}.yaml"
    )


@pytest.mark.parametrize(
    ("command", "kind"),
    [(c, kind) for c, own in COMMANDS.items() for kind in EVERYTHING if kind not in own],
)
def test_another_kind_is_named_with_the_command_that_reads_it(
    command: str,
    kind: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = said(command.format(called(kind)), monkeypatch, capsys)
    assert code == 2
    this = KINDS.load(kind)
    (sentence, *others) = [line for line in told.splitlines() if line.startswith("error[")]
    assert not others
    assert f"is {this.called}" in sentence
    assert f"`{this.reader(called(kind))}`" in sentence


@pytest.mark.parametrize(
    ("command", "kind", "bare"),
    [
        pytest.param(c, kind, bare, marks=[pytest.mark.long] * (bare and c not in FIRST_OF_ALL))
        for c, own in COMMANDS.items()
        for kind in REAL
        for bare in (False, True)
        if kind not in own
    ],
)
def test_so_is_a_real_one_also_where_it_begins_like_a_protocol(
    command: str,
    kind: str,
    bare: bool,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    this = KINDS.load(kind)
    text = (ROOT / REAL[kind]).read_text("utf-8")
    if bare:
        text = text.replace(f"{this.first_line}\n", "faradaic: 1\n", 1)
    (folder / "real.yaml").write_text(text, "utf-8")
    code, told = said(command.format("real.yaml"), monkeypatch, capsys)
    assert code == 2
    (sentence,) = [line for line in told.splitlines() if line.startswith("error[")]
    assert f"is {this.called}" in sentence
    assert f"`{this.reader('real.yaml')}`" in sentence


@pytest.mark.parametrize("kind", ["protocol", "bench", "study"])
def test_the_command_that_is_named_takes_a_real_one(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = KINDS.load(kind).command.replace("PROTOCOL", PROTOCOL)
    line = command.removeprefix("faradaic ").format(ROOT / REAL[kind])
    code, told = said(line, monkeypatch, capsys)
    assert code == (2 if kind == "study" else 0)  # whose files are not there
    assert "E31" not in told


@pytest.mark.parametrize("command", ["check", "analyze", "read", "show", "report"])
def test_the_numbers_of_a_study_are_for_export(
    command: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = said(f"{command} study_results/results.json", monkeypatch, capsys)
    assert code == 2
    assert "the results of a study" in told
    typed = told.partition("`faradaic ")[2].partition("`")[0]
    assert typed == "export study_results/results.json"
    assert "E747" not in said(typed, monkeypatch, capsys)[1]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_command_that_is_named_takes_the_document(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = KINDS.load(kind).command.replace("PROTOCOL", PROTOCOL).replace("FILE", "table.csv")
    _, told = said(
        command.removeprefix("faradaic ").format(f"{kind}.yaml") + " --json", monkeypatch, capsys
    )
    assert "E311" not in told
    assert "E312" not in told


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_without_its_first_line_is_known_by_its_keys(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / f"{kind}.yaml").write_text(WRITTEN[kind])
    _, told = said(f"check {kind}.yaml", monkeypatch, capsys)
    assert f"this is {KINDS.load(kind).called}" in told
    assert f"`{KINDS.load(kind).first_line}`" in told


def test_a_screening_marked_as_a_protocol_is_a_screening(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.yaml").write_text("faradaic: 1\n" + WRITTEN["screening"])
    code, told = said("check x.yaml", monkeypatch, capsys)
    assert code == 2
    assert "this is a screening, not a protocol: `faradaic screen spinels x.yaml`" in told


@pytest.mark.parametrize("kind", [kind for kind in DOCUMENTS if kind != "protocol"])
def test_a_document_may_be_marked_shortly_or_told_by_its_keys(kind: str) -> None:
    this = KINDS.load(kind)
    data = read_document(f"{this.key}: 1\n" + WRITTEN[kind], this).data
    for mark in {kind, "faradaic"} - {"faults"}:  # which is the key of its list
        assert read_document(f"{mark}: 1\n" + WRITTEN[kind], this).data == data
        with pytest.raises(InputError) as caught:
            read_document(f"{mark}: 2\n" + WRITTEN[kind], this)
        assert caught.value.diagnostics[0].code == "E310"
        assert f"`{mark}: 1`" in caught.value.diagnostics[0].help


def test_a_document_of_no_kind_hears_which_first_lines_there_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.yaml").write_text("a: 1\n")
    code, told = said("check x.yaml", monkeypatch, capsys)
    assert code == 2
    assert "does not say what kind of document it is" in told
    for kind in DOCUMENTS:
        assert f"`{KINDS.load(kind).first_line}`" in told


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        ("faradaic_studdy: 1", "did you mean `faradaic_study`?"),
        ("faradaic: 2", "schema version 2 isn't one that this program reads"),
        ("faradaic: true", "schema version True isn't one"),
    ],
)
def test_a_first_line_that_does_not_exist_is_answered_with_the_nearest(
    first: str,
    answer: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "x.yaml").write_text(f"{first}\ntitle: t\n")
    code, told = said("check x.yaml", monkeypatch, capsys)
    assert code == 2
    assert answer in told


def test_no_key_that_tells_one_kind_belongs_to_another() -> None:
    kinds = [kind for _, kind in KINDS.each() if kind.recognises is None]
    assert sorted(kind.name for kind in kinds) == DOCUMENTS
    assert all(kind.telling for kind in kinds)
    for kind in kinds:
        others = [other for other in kinds if other is not kind]
        assert not any(kind.telling & other.telling for other in others)


def test_every_document_of_the_repository_begins_with_its_kind() -> None:
    first = {kind.key for _, kind in KINDS.each()}
    documents = [*ROOT.glob("examples/**/*.yaml"), *ROOT.glob("faradaic/**/*.yaml")]
    assert documents
    for path in documents:
        lines = [line for line in path.read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
        assert lines[0].partition(":")[0] in first, path
