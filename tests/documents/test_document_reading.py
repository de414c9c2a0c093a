"""A YAML document becomes plain data with places, or an error that quotes its line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import Document, load_document

PROTOCOL = """\
faradaic: 1
title: "A title"   # a comment
cell: {type: undivided, gap: 10 mm}
steps:
  - open_circuit: {duration: 60 s}
  - constant_current:
      current: 5.0 mA
      until:
        - charge: 2.5 F/mol
        - {time: 3 h}
notes: |
  first line
  second line
"""


def refusal(source: Path | str | bytes) -> Diagnostic:
    with pytest.raises(InputError) as caught:
        load_document(source, "test.yaml")
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_a_document_is_plain_data_with_its_text_and_hash(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(PROTOCOL, encoding="utf-8")
    document = load_document(file)
    assert document.data["cell"] == {"type": "undivided", "gap": "10 mm"}
    assert document.data["steps"][1]["constant_current"]["until"][1] == {"time": "3 h"}
    assert document.data["notes"] == "first line\nsecond line\n"
    assert document.text == PROTOCOL
    assert document.name == str(file)
    assert document.sha256 == hashlib.sha256(PROTOCOL.encode()).hexdigest()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("5 mA", "5 mA"), ("1:30", "1:30"), ("2026-03-02", "2026-03-02"), ("1_000", "1_000")],
        *[("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("NO", "NO")],
        *[("true", True), ("False", False), ("null", None), ("~", None), ("", None)],
        *[("7", 7), ("-7", -7), ("010", 10), ("0o17", 15), ("0x1F", 31)],
        *[("1e-3", 0.001), (".5", 0.5), ("5.", 5.0), ("+1.5", 1.5), ("1,5", "1,5")],
        *[("'7'", "7"), ('"true"', "true"), ("nan", "nan"), ("0b11", "0b11")],
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(written: str, value: Any) -> None:
    read = load_document(f"a: {written}").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert load_document("{1: a, no: b, 2a: c, true: d}").data == {
        "1": "a",
        "no": "b",
        "2a": "c",
        "true": "d",
    }


@pytest.mark.parametrize(
    ("path", "key", "line", "column", "length"),
    [
        (["faradaic"], False, 1, 11, 1),
        (["title"], False, 2, 8, 9),
        (["cell", "gap"], False, 3, 30, 5),
        (["cell", "gap"], True, 3, 25, 3),
        (["steps", 1, "constant_current", "current"], False, 7, 16, 6),
        (["steps", 1, "constant_current"], True, 6, 5, 16),
        (["steps", 1, "constant_current", "until", 1], False, 10, 11, 11),
        (["steps", 1, "constant_current", "until", 0, "charge"], False, 9, 19, 9),
        # What does not exist: the key of the nearest ancestor that does.
        (["cell", "volume"], False, 3, 1, 4),
        (["steps", 1, "constant_current", "missing", "deep"], False, 6, 5, 16),
        (["steps", 7], False, 4, 1, 5),
        (["missing"], False, 1, 1, 11),
    ],
)
def test_every_value_and_key_is_located(
    path: list[str | int], key: bool, line: int, column: int, length: int
) -> None:
    found = load_document(PROTOCOL, "p.yaml").locate(path, key=key)
    assert (found.file, found.line, found.column, found.length) == ("p.yaml", line, column, length)
    assert found.text == PROTOCOL.splitlines()[line - 1]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    raw = b"\xef\xbb\xbf" + PROTOCOL.replace("\n", "\r\n").encode()
    document = load_document(raw)
    assert document.data == load_document(PROTOCOL).data
    assert document.locate(["cell", "gap"]).column == 30


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        (b"", "E204", None, None),
        (b"  \n# only a comment\n", "E204", None, None),
        (b"---\n", "E204", None, None),
        (b"\x7fELF\x00\x01", "E203", 1, 1),
        (b"a: 1\nb: \x00", "E203", 2, 4),
        (b"a: 1\nb: 25 \xb0C\n", "E203", 2, 7),
        ("a: 1".encode("utf-16"), "E203", 1, 1),
        (b"a: 1\xe2\x80\xa8b: 2", "E203", 1, 5),
        (b"a: \x1b[31m", "E203", 1, 4),
        (b'a: "\\ud800"', "E203", 1, 4),
        (b'a: "\\0"', "E203", 1, 4),
        (b'a: "\\UFFFFFFFF"', "E205", None, None),
        (b"a: b: c", "E205", 1, 5),
        (b"a: 'x", "E205", 1, 6),
        (b"a: {b: 1", "E205", 1, 9),
        (b"a: @x", "E205", 1, 4),
        (b"a: 1\n b: 2", "E205", 2, 3),
        (b"a:\n\tb: 1", "E206", 2, 1),
        (b"a:\n  b: 1\n \tc: 1", "E206", 3, 2),
        (b"a: 1\n---\nb: 2", "E207", 2, 1),
        (b"- a\n- b", "E208", 1, 1),
        (b"5 mA", "E208", 1, 1),
        (b"null", "E208", 1, 1),
        (b"a: 1\nb: 2\na: 3", "E210", 3, 1),
        (b"a: {b: 1, 'b': 2}", "E210", 1, 11),
        (b"a: &x 1\nb: *x", "E211", 1, 4),
        (b"b: *x", "E211", 1, 4),
        (b"<<: {a: 1}", "E211", 1, 1),
        (b"a: !!python/object:os.system x", "E212", 1, 4),
        (b"a: !x {}", "E212", 1, 4),
        (b"%YAML 1.1\n---\na: no", "E213", 2, 1),
        (b"a: .nan", "E214", 1, 4),
        (b"a: -.inf", "E214", 1, 4),
        (b"a: 1e400", "E214", 1, 4),
        (b"a: " + b"9" * 5000, "E214", 1, 4),
        (b"? [a]\n: 1", "E215", 1, 3),
        (b": 1", "E215", 1, 1),
    ],
)
def test_what_is_not_a_document_is_refused_at_its_place(
    source: bytes, code: str, line: int | None, column: int | None
) -> None:
    found = refusal(source)
    assert found.code == code
    assert found.help
    place = found.location
    assert (place.line if place else None, place.column if place else None) == (line, column)
    if place is not None:
        assert place.file == "test.yaml"
        assert "\x1b" not in found.render()


def test_a_duplicate_key_names_the_line_of_the_first() -> None:
    assert "line 1" in refusal("limit: 5 mA\nb: 2\nlimit: 500 mA").message


@pytest.mark.parametrize("opening", ["[", "{a: ", "a: {b: [", "- "])
def test_nesting_is_refused_before_it_can_overflow(opening: str) -> None:
    found = refusal(opening * 20_000)
    assert found.code in ("E209", "E205")


def test_twenty_levels_are_enough_and_one_more_is_too_many() -> None:
    assert load_document("a: " + "[" * 19 + "]" * 19).data
    assert refusal("a: " + "[" * 20 + "]" * 20).code == "E209"


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    found = refusal("\n".join(lines))
    assert (found.code, found.location and found.location.line) == ("E211", 1)


def test_a_file_above_a_megabyte_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"a: 1\n" * 400_000)
    assert refusal(file).code == "E202"
    assert refusal("x" * 1_000_001).code == "E202"


def test_a_file_that_cannot_be_read_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "shono.yaml").write_text("a: 1")
    missing = refusal(tmp_path / "shon.yaml")
    assert missing.code == "E201"
    assert "shono.yaml" in missing.help
    assert refusal(tmp_path).code == "E201"
    assert refusal(tmp_path / "nowhere" / "p.yaml").code == "E201"
    assert refusal(Path("nul\0.yaml")).code == "E201"


YAML_LIKE = st.text(alphabet="ab1 \n\t-:?[]{},&*!|>'\"%@`#<~.\\0xe_\r\ufeffµ", max_size=80)


@given(st.text(max_size=80) | YAML_LIKE | st.binary(max_size=80))
@example("\ud800")
@example(b"\xef\xbb\xbf")
@example('"\\xZZ": 1')
@example("a: |9\n x")
def test_anything_gives_plain_data_or_an_input_error(source: str | bytes) -> None:
    try:
        document = load_document(source)
    except InputError:
        return
    _check(document, (), document.data)


def _check(document: Document, path: tuple[str | int, ...], value: Any) -> None:
    assert type(value) in (dict, list, str, int, float, bool, type(None))
    place = document.locate(path)
    assert place.line >= 1
    assert place.column >= 1
    children: dict[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        children = dict(enumerate(value))
    for part, child in children.items():
        _check(document, (*path, part), child)
