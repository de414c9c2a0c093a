"""Every wrong protocol is refused with its line quoted and words that say what to type.

Each file of `wrong/` is wrong in one way. Its first line says which code, line and words must
come: `# expect: E302 line 21: nothing ends this step`; a second line may name the bench.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_file
from faradaic.protocols.load import load_protocol, validate_protocol

FILES = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
HEADER = re.compile(r"# expect: (\S+) line (\d+): (.*)\n(?:# bench: (\S+)\n)?")


def test_there_are_at_least_sixty_ways_of_being_wrong() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_where_it_is_wrong(file: Path, bench) -> None:
    header = HEADER.match(file.read_text(encoding="utf-8"))
    assert header is not None, "the file does not say what to expect"
    code, line, words, bench_name = header.groups()
    with pytest.raises(InputError) as refused:
        compile_protocol(load_protocol(file), bench(bench_name or "simulated"))
    found = refused.value.diagnostics
    fitting = [d for d in found if d.code.startswith(code) and _line(d) == int(line)]
    assert fitting, refused.value
    assert any(words in f"{d.message} {d.help}" for d in fitting), refused.value
    for diagnostic in found:
        assert diagnostic.location is not None
        assert diagnostic.help, f"{diagnostic.code} doesn't say what to type"
        quoted = file.read_text(encoding="utf-8").split("\n")[diagnostic.location.line - 1]
        assert diagnostic.location.text.rstrip("\n") == quoted
    assert refused.value.exit_code == 2


def test_one_mistake_gives_one_diagnostic() -> None:
    """No noise from the machinery, and no second complaint about the same thing."""
    several = []
    for file in FILES:
        try:
            load_protocol(file)
        except InputError as error:
            if len(error.diagnostics) > 1:
                several.append(file.stem)
    assert several == []


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = (FILES[0].parent / "current_in_volts.yaml").read_text(encoding="utf-8")
    text = text.replace("600 rpm", "600").replace("form: foil", "form: foils")
    with pytest.raises(InputError) as refused:
        validate_protocol(load_document(text, "three.yaml"))
    codes = [d.code for d in refused.value.diagnostics]
    assert codes == ["E304", "E102", "E105"]
    lines = [_line(d) for d in refused.value.diagnostics]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"- a list\n",
        b"\x00\x01\x02 binary \xff\xfe",
        b"faradaic: 1\n\xff\n",
        b"[" * 20_000,
        b"{a: " * 20_000,
        b"title: " + b"x" * 2_000_000,
        b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (i, i) for i in range(40)),
    ],
    ids=["empty", "comment", "list", "binary", "latin1", "brackets", "braces", "2 MB", "bomb"],
)
def test_a_file_that_is_no_protocol_is_refused_at_once(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        load_protocol(path)
    assert all(d.code.startswith("E2") and d.help for d in refused.value.diagnostics)


def test_an_unknown_library_name_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="library:sulfonyl-benzothiophene"):
        load_protocol("library:sulfonyl-benzothiofene")


def test_a_library_name_cannot_leave_the_library() -> None:
    with pytest.raises(InputError):
        load_protocol("library:../library/sulfonyl-benzothiophene")


def _line(diagnostic: Diagnostic) -> int | None:
    return diagnostic.location.line if diagnostic.location is not None else None


@pytest.mark.parametrize("wrong", [True, -1.5, "", "3 F/mol", ["x"], {"a": 1}], ids=repr)
def test_a_wrong_value_anywhere_is_explained_where_it_stands(wrong: object, bench) -> None:
    """Every value of a whole protocol in turn: a plan, or diagnostics with a place and a help."""
    document = load_document(library_file("arylbenzothiophene-paired"))
    source_meter = bench("simulated")
    for path in _paths(document.data):
        changed = replace(document, data=_with(document.data, path, wrong))
        try:
            compile_protocol(validate_protocol(changed), source_meter)
        except InputError as error:
            for diagnostic in error.diagnostics:
                assert diagnostic.location, (path, diagnostic)
                assert diagnostic.help, (path, diagnostic)
                assert diagnostic.code != "E300", (path, diagnostic)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        yield (*path, key)
        if isinstance(child, dict | list):
            yield from _paths(child, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """A copy of plain data with one value replaced."""
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = _with(value[path[0]], path[1:], new)
    return changed
