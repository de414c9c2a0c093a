"""The kinds of document, each known by its first line and read by its own command.

The first key names the kind and the version of its schema: `faradaic_KIND: 1`, or shorter
`KIND: 1`. `faradaic: 1` begins a protocol, and any other document whose own keys tell what it is.
Kinds are entry points of `faradaic.documents`; those that nobody writes by hand, a data file or a
run, say themselves what they recognise.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError, did_you_mean
from faradaic.documents.document import Document, load_document
from faradaic.plugins import Plugins

VERSION = 1
"""Of all schemata."""
SUFFIXES = (".yaml", ".yml")
_PREFIX = "faradaic"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document, or of what people mistake for one."""

    name: str
    """As its entry point is called."""
    called: str
    """With its article: "a bench file"."""
    command: str
    """What reads it; `{}` stands for its path."""
    telling: frozenset[str] = frozenset()
    """Keys that no other kind has, by which one without its first line is known; `above.below`."""
    recognises: Callable[[Path], bool] | None = None
    """Whether a path is one, for what is no document: a data file, a run folder."""

    @property
    def key(self) -> str:
        """The first key."""
        return _PREFIX if self.name == "protocol" else f"{_PREFIX}_{self.name}"

    def marked_in(self, data: Mapping[str, Any]) -> str | None:
        """The key by which a document says that it is of this kind, if it does."""
        if self.key in data:
            return self.key
        version = data.get(self.name)
        short = isinstance(version, int) and not isinstance(version, bool)
        return self.name if short else None

    def told_by(self, data: Mapping[str, Any]) -> int:
        """How many of its telling keys a document has."""
        keys = set(data)
        for above, below in data.items():
            keys |= {f"{above}.{key}" for key in below} if isinstance(below, Mapping) else set()
        return len(self.telling & keys)

    @property
    def first_line(self) -> str:
        """What such a document begins with."""
        return f"{self.key}: {VERSION}"

    def reader(self, name: str) -> str:
        """The command that reads the file of this name."""
        return self.command.format(shlex.quote(name))


KINDS: Plugins[DocumentKind] = Plugins(
    "faradaic.documents",
    "kind of document",
    "E312",
    {"name": str, "called": str, "command": str, "telling": frozenset, "told_by": Callable},
)


def read_document(
    source: Path | str | bytes,
    kind: DocumentKind,
    name: str = "",
    *,
    or_else: DocumentKind | None = None,
) -> Document:
    """Read a document that has to be of a kind; `source` and `name` as in `load_document`.

    It may be one of the kind `or_else` as well. However it is marked, the mark stands in its data
    as `key` of its kind. Raises `InputError`: E201 to E215 for what is no YAML of ours, E310 to
    E312 for another kind.
    """
    try:
        document = load_document(source, name or None, first_line=kind.first_line)
        if or_else is not None and _kind(document.data) == or_else:
            kind = or_else
        require_kind(document, kind)
    except InputError:
        data = isinstance(source, Path) and source.suffix.lower() not in SUFFIXES
        found = kind_of(source) if data and isinstance(source, Path) else None
        if found is None:
            raise
        message = f"this is {found.called}, not {kind.called}: `{found.reader(str(source))}`"
        help_ = f"{kind.called} begins with `{kind.first_line}`"
        raise InputError.of(message, help=help_, code="E311") from None
    mark = kind.marked_in(document.data) or _PREFIX
    rest = {key: value for key, value in document.data.items() if key != mark}
    return replace(document, data={kind.key: document.data[mark], **rest})


def require_kind(document: Document, wanted: DocumentKind) -> None:
    """Raise `InputError` where a document is not marked as what is wanted here.

    E311 for one of another kind, E312 for one without a first line, E310 for another version.
    """
    problem = _mismatch(document, wanted)
    if problem is not None:
        broken: list[Diagnostic] = []
        raise InputError(problem, *(broken if _kind(document.data, broken) is None else ()))


def _mismatch(document: Document, wanted: DocumentKind) -> Diagnostic | None:
    data, name = document.data, document.name
    key = next((k for k in data if k == _PREFIX or k.startswith(f"{_PREFIX}_")), None)
    mark = wanted.marked_in(data) or (_PREFIX if _PREFIX in data else None)
    kind = _kind(data)
    if mark is not None and kind == wanted:
        return _version(document, wanted, mark)
    place = document.locate([key] if key else [], key=key is not None)
    code, help_ = "E312", f"begin it with `{wanted.first_line}`"
    if kind == wanted:
        message = f"this is {kind.called}, but not marked as one"
    elif kind is not None:
        code, message = "E311", f"this is {kind.called}, not {wanted.called}: `{kind.reader(name)}`"
        begins = wanted if _marked(data) else kind
        help_ = "" if begins.key in data else f"{begins.called} begins with `{begins.first_line}`"
    elif key is not None:
        message = f"no kind of document begins with `{key}`"
        help_ = did_you_mean(key, [one.key for one in _documents()])
    else:
        known = ", ".join(f"`{one.first_line}` ({one.called})" for one in _documents())
        message = f"{name} does not say what kind of document it is"
        help_ = f"{help_} if it is {wanted.called}; there are {known}"
    return Diagnostic(code, message, help=help_, location=place, path=wanted.key)


def _version(document: Document, kind: DocumentKind, mark: str) -> Diagnostic | None:
    version = document.data[mark]
    if version == VERSION and not isinstance(version, bool):
        return None
    message = f"schema version {version!r:.40} isn't one that this program reads"
    return Diagnostic(
        "E310",
        message,
        help=f"write `{mark}: {VERSION}`",
        location=document.locate([mark]),
        path=mark,
    )


def _documents(broken: list[Diagnostic] | None = None) -> list[DocumentKind]:
    return [kind for _, kind in KINDS.each(broken=broken) if kind.recognises is None]


def _marked(data: Mapping[str, Any]) -> DocumentKind | None:
    """What the first line says."""
    return next((kind for kind in _documents() if kind.marked_in(data)), None)


def _kind(data: Mapping[str, Any], broken: list[Diagnostic] | None = None) -> DocumentKind | None:
    """What a document is: as its own mark and one of its keys say, else what most keys say."""
    marked = _marked(data)
    if marked is not None and marked.key != _PREFIX and marked.told_by(data):
        return marked
    told = {kind: kind.told_by(data) for kind in _documents(broken)}
    likely = [kind for kind, count in told.items() if count == max(told.values()) > 0]
    return likely[0] if len(likely) == 1 else marked


def kind_of(path: Path, passed_over: Container[str] = ()) -> DocumentKind | None:
    """What stands at a path; None for what nothing here reads.

    What a kind recognises that is `passed_over`, or breaks on it, is left to the others.
    """
    if path.suffix.lower() not in SUFFIXES or path.is_dir():
        others = [kind for name, kind in KINDS.each(("data_file",)) if name not in passed_over]
        return next((kind for kind in others if _recognises(kind, path)), None)
    try:
        return _kind(load_document(path).data)
    except InputError:
        return None


def _recognises(kind: DocumentKind, path: Path) -> bool:
    try:
        return kind.recognises is not None and kind.recognises(path)
    except Exception:  # noqa: BLE001 -- who reads it says what is wrong with it
        return False


def refuse_document(path: Path, *accepted: str) -> None:
    """Raise `InputError` (E311) where a document or a folder of another kind is given for data.

    `accepted` are the kinds that can be read here, beside data files.
    """
    kind = kind_of(path, ("data_file", *accepted))
    if kind is not None and kind.name not in accepted:
        message = f"{path} is {kind.called}: `{kind.reader(str(path))}`"
        raise InputError.of(message, help="give a run or a data file here", code="E311")
