"""A YAML file as plain data that still knows where everything stands.

YAML 1.2 (core schema: `no` and `1:30` are text, `010` is ten) without what a file written by hand
has no use for: tags, anchors, aliases, merge keys, directives, several documents. The file is read
as a stream of events, so that nesting is counted before anything can recurse.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import Diagnostic, InputError, Location
from faradaic.documents.yaml_events import LeftToRuamel, careful_events, quick_events
from faradaic.input_files import open_file

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

KeyPath = tuple[str | int, ...]

_BOM = b"\xef\xbb\xbf"
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_UNWANTED = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufeff\\ufffe\\uffff]"
)
_NULL = re.compile(r"(~|null|Null|NULL)?")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MAX_DIGITS = 64
_NODES = ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent")
_HELP = (
    (
        "mapping values are not allowed",
        "indent it like its neighbours, or put quotes around a text that contains `: `",
    ),
    ("sequence entries are not allowed", "begin the list on a line of its own, below its key"),
    ("could not find expected ':'", "each line is `key: value`; a colon or the space is missing"),
    ("expected <block end>", "the keys of one mapping begin in the same column"),
    ("expected ',' or", "close the bracket, or put a comma between its entries"),
    ("while scanning a quoted scalar", "close the quotation mark"),
    ("cannot start any token", "put quotes around a text that begins with this character"),
)


@dataclass(frozen=True, slots=True)
class _Span:
    """From a place to a place; lines and columns count from 0."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def end(self) -> _Span:
        return _Span(self.end_line, self.end_column, self.end_line, self.end_column)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML mapping as plain data (dict, list, str, int, float, bool, None) with places."""

    name: str
    """What the file is called in diagnostics."""
    data: dict[str, Any]
    text: str
    sha256: str
    """Of the bytes as they were read."""
    _values: dict[KeyPath, _Span] = field(repr=False)
    _keys: dict[KeyPath, _Span] = field(repr=False)
    _lines: list[str] = field(repr=False)
    _elsewhere: Callable[[KeyPath, bool], Location] | None = field(default=None, repr=False)

    def standing_at(self, locate: Callable[[KeyPath, bool], Location]) -> Document:
        """The same data, written elsewhere: `locate` tells where, as `Document.locate`."""
        return replace(self, _elsewhere=locate)

    def locate(self, path: Sequence[str | int], *, key: bool = False) -> Location:
        """Where the value at `path` stands, or with `key` its key.

        For a path that does not exist, the key of the nearest ancestor that does.
        """
        here = tuple(path)
        if self._elsewhere is not None:
            return self._elsewhere(here, key)
        spans = (self._keys, self._values) if key else (self._values, self._keys)
        while here:
            for places in spans:
                if here in places:
                    return self._location(places[here])
            here, spans = here[:-1], (self._keys, self._values)
        return self._location(self._values[()])

    def part(self, path: Sequence[str | int]) -> Document:
        """What stands at a path, as a document of its own with the places of this one.

        An empty mapping at the nearest ancestor, where nothing stands there.
        """
        here, cut = tuple(path), len(path)
        below = [
            {key[cut:]: span for key, span in spans.items() if key[:cut] == here}
            for spans in (self._values, self._keys)
        ]
        data: Any = self.data
        for part in here:
            data = data[part] if here in self._values else {}
        if () not in below[0]:
            nearest = next(k for n in range(cut, -1, -1) if (k := here[:n]) in self._values)
            below[0][()] = self._keys.get(nearest, self._values[nearest])
        return replace(self, data=data, _values=below[0], _keys=below[1])

    def _location(self, span: _Span) -> Location:
        return _location(self.name, self._lines, span)


def load_document(
    source: Path | str | bytes, name: str | None = None, *, first_line: str = "faradaic: 1"
) -> Document:
    """Read a YAML document: a `Path` is a file, anything else is the YAML itself.

    `name` is what diagnostics call it, `first_line` what they advise to begin with. Raises
    `InputError` (E201 to E215) for whatever is not one mapping of plain data within the limits on
    size (1 MB) and nesting (20 levels).
    """
    if isinstance(source, Path):
        name = name or str(source)
        raw = _read(source, name)
    else:
        name = name or "<text>"
        raw = source if isinstance(source, bytes) else _encoded(source, name)
    if len(raw) > MAX_BYTES:
        raise _error("E202", f"{name} is larger than 1 MB", "such a file is a few kB of text")
    text = _decoded(raw, name)
    sha256 = hashlib.sha256(raw).hexdigest()
    with contextlib.suppress(LeftToRuamel, InputError):  # what is wrong is said below
        return _Reader(name, text, sha256, first_line).read(quick_events(text))
    return _Reader(name, text, sha256, first_line).read_carefully()


def _read(path: Path, name: str) -> bytes:
    try:
        with open_file(path) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error("E201", f"cannot read {name}: {reason}", _neighbours(path)) from None


def _neighbours(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix in (".yaml", ".yml")]
    except (OSError, ValueError):
        return f"there is no folder {path.parent}"
    close = get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the name of the file"


def _encoded(text: str, name: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        what = f"{name} holds half a character (U+{ord(text[error.start]):04X})"
        raise _error("E203", what, "delete it or type it again") from None


def _decoded(raw: bytes, name: str) -> str:
    """The text without its byte-order mark; only characters that can be seen or end a line."""
    raw = raw.removeprefix(_BOM)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        help_text = "save the file as plain text in UTF-8"
        before, after = raw[: error.start].decode(), raw[error.start : error.start + 80]
        place = _place(name, before + after.decode("utf-8", "replace"), len(before))
        raise _error("E203", f"{name} is not text in UTF-8", help_text, place) from None
    unwanted = _UNWANTED.search(text)
    if unwanted:
        place = _place(name, text, unwanted.start())
        if unwanted[0] == "\0":
            raise _error("E203", f"{name} is a binary file", "this must be plain text", place)
        what = f"an invisible character (U+{ord(unwanted[0]):04X})"
        raise _error("E203", what, "delete it, or type the line again", place)
    return text


class _Reader:
    """Builds the data and the places from the events of the parser."""

    def __init__(self, name: str, text: str, sha256: str, first_line: str) -> None:
        self.name = name
        self.text = text
        self.sha256 = sha256
        self.beginning = f"begin it with `{first_line}`"
        self.lines = _LINE_BREAK.split(text)
        self.values: dict[KeyPath, _Span] = {}
        self.keys: dict[KeyPath, _Span] = {}
        self.root: Any = None
        self.documents = 0
        # Open collections with their path, and for mappings the key that waits for its value.
        self.open: list[tuple[dict[str, Any] | list[Any], KeyPath]] = []
        self.pending: list[str | None] = []

    def read_carefully(self) -> Document:
        """By ruamel, which says what is wrong."""
        from ruamel.yaml.error import MarkedYAMLError

        try:
            return self.read(careful_events(self.text))
        except MarkedYAMLError as error:
            raise self._syntax(error) from None
        except (ValueError, OverflowError, IndexError) as error:
            # What the scanner lets through: an escape beyond the last character of Unicode.
            what = f"{self.name} is not valid YAML ({error})"
            raise _error("E205", what, "an escape `\\U...` names no character") from None

    def read(self, events: Iterable[Any]) -> Document:
        for event in events:
            self._take(event)
        if not self.documents or (self.root is None and self._is_blank()):
            raise _error("E204", f"{self.name} is empty", self.beginning)
        if not isinstance(self.root, dict):
            what = "the file must be a mapping: lines of the form `key: value`"
            place = self._at(self.values[()])
            raise _error("E208", what, self.beginning, place)
        return Document(
            self.name, self.root, self.text, self.sha256, self.values, self.keys, self.lines
        )

    def _is_blank(self) -> bool:
        span = self.values[()]
        return (span.line, span.column) == (span.end_line, span.end_column)

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind in _NODES:
            self._refuse_references(kind, event)
        if kind == "ScalarEvent":
            self._scalar(event)
        elif kind == "MappingStartEvent":
            self._begin({}, event)
        elif kind == "SequenceStartEvent":
            self._begin([], event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._end(event)
        elif kind == "DocumentStartEvent":
            self._document(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            what = "a second YAML document begins here"
            raise self._error("E207", what, "one file holds one document: remove `---`", event)
        if event.version or event.tags:
            raise self._error("E213", "`%` directives are not used here", "remove the line", event)

    def _refuse_references(self, kind: str, event: Any) -> None:
        if kind == "AliasEvent":
            what = f"`*{event.anchor}` refers to another place, which is not used here"
            raise self._error("E211", what, "write the value out", event)
        if event.anchor is not None:
            what = f"`&{event.anchor}` marks an anchor, which is not used here"
            raise self._error("E211", what, "remove it, and write values out", event)
        if event.tag is not None:
            what = f"`{event.tag}` is a tag, which is not used here"
            raise self._error("E212", what, "remove it; put quotes around a text", event)

    def _begin(self, container: dict[str, Any] | list[Any], event: Any) -> None:
        if self.open and isinstance(self.open[-1][0], dict) and self.pending[-1] is None:
            raise self._error("E215", "a key must be text", "write `key: value`", event)
        if len(self.open) >= MAX_DEPTH:
            what = f"nested more than {MAX_DEPTH} levels deep"
            raise self._error("E209", what, "check the brackets and the indentation", event)
        path = self._add(container, event)
        self.open.append((container, path))
        self.pending.append(None)

    def _end(self, event: Any) -> None:
        _, path = self.open.pop()
        self.pending.pop()
        start = self.values[path]
        end = _span(event)
        self.values[path] = _Span(start.line, start.column, end.end_line, end.end_column)

    def _scalar(self, event: Any) -> None:
        unwanted = _UNWANTED.search(event.value)
        if unwanted:
            what = f"this text holds a character that cannot be shown (U+{ord(unwanted[0]):04X})"
            raise self._error("E203", what, "remove the escape that writes it", event)
        if self.open and isinstance(self.open[-1][0], dict) and self.pending[-1] is None:
            self._key(event)
        else:
            self._add(self._resolved(event), event)

    def _key(self, event: Any) -> None:
        container, path = self.open[-1]
        key = event.value
        plain = not event.style
        if plain and _NULL.fullmatch(key):
            raise self._error("E215", "a key is missing", "write `key: value`", event)
        if plain and key == "<<":
            what = "`<<` merges another mapping, which is not used here"
            raise self._error("E211", what, "write the values out", event)
        if key in container:
            first = self.keys[(*path, key)].line + 1
            what = f"the key `{key}` stands here twice (first in line {first})"
            raise self._error("E210", what, "remove one of the two", event)
        self.pending[-1] = key
        self.keys[(*path, key)] = _span(event)

    def _add(self, value: Any, event: Any) -> KeyPath:
        if not self.open:
            self.root = value
            path: KeyPath = ()
        else:
            container, parent = self.open[-1]
            part: str | int
            if isinstance(container, dict):
                part = self.pending[-1] or ""
                container[part] = value
                self.pending[-1] = None
            else:
                part = len(container)
                container.append(value)
            path = (*parent, part)
        empty = value is None and path in self.keys and not event.value
        self.values[path] = self.keys[path].end if empty else _span(event)
        return path

    def _resolved(self, event: Any) -> str | int | float | bool | None:
        """A plain scalar by the core schema of YAML 1.2 (section 10.3.2); others are text."""
        text: str = event.value
        if event.style:
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text):
            return True
        if _FALSE.fullmatch(text):
            return False
        reading: Callable[[str], int | float] | None = None
        if _INTEGER.fullmatch(text):
            reading = int
        elif _BASED.fullmatch(text):
            reading = _based
        elif _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            reading = _not_infinite
        if reading is None:
            return text
        number = reading(text) if len(text) <= _MAX_DIGITS else math.nan
        if isinstance(number, float) and not math.isfinite(number):
            what = "this is not a finite number that can be stored"
            raise self._error("E214", what, "write a number, or put quotes around a text", event)
        return number

    # Diagnostics.

    def _at(self, span: _Span) -> Location:
        return _location(self.name, self.lines, span)

    def _error(self, code: str, message: str, help_text: str, event: Any) -> InputError:
        return _error(code, message, help_text, self._at(_span(event)))

    def _syntax(self, error: MarkedYAMLError) -> InputError:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(f"{error.problem or error.context or 'unreadable'}".split())
        problem = problem.replace(r"'\x00'", "the end of the file")
        line, column = (mark.line, mark.column) if mark else (0, 0)
        for number, text in enumerate(self.lines[: line + 1]):
            indentation = text[: len(text) - len(text.lstrip())]
            if "\t" in indentation:
                place = _Span(number, indentation.index("\t"), number, len(indentation))
                what = "a tab in the indentation"
                raise _error("E206", what, "indent with spaces", self._at(place)) from None
        whole = f"{error.context} {problem}"
        help_text = next((text for start, text in _HELP if start in whole), "")
        place = _Span(line, column, line, column + 1)
        return _error("E205", f"not valid YAML: {problem}", help_text, self._at(place))


def _based(text: str) -> int:
    return int(text, 0)


def _not_infinite(text: str) -> float:
    return math.nan if text.lstrip("+-.").lower() in ("inf", "nan") else float(text)


def _span(event: Any) -> _Span:
    start, end = event.start_mark, event.end_mark
    return _Span(start.line, start.column, end.line, end.column)


def _location(name: str, lines: list[str], span: _Span) -> Location:
    # The end of the file can be a line after the last.
    text = _UNWANTED.sub("\ufffd", lines[span.line]) if span.line < len(lines) else ""
    end = span.end_column if span.end_line == span.line else len(text.rstrip())
    return Location(name, span.line + 1, span.column + 1, text, max(1, end - span.column))


def _place(name: str, text: str, index: int) -> Location:
    before = _LINE_BREAK.split(text[:index])
    line, column = len(before) - 1, len(before[-1])
    return _location(name, _LINE_BREAK.split(text), _Span(line, column, line, column + 1))


def _error(code: str, message: str, help_text: str, location: Location | None = None) -> InputError:
    return InputError(Diagnostic(code, message, help=help_text, location=location))
