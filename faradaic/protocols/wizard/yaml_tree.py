"""A document as a tree of what was said, and as YAML; each place knows the question behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from faradaic.documents.validation import dotted

_PLAIN = re.compile(
    r"([A-Za-z0-9]|[+\-−](?=[0-9.]))[A-Za-z0-9_.()+/%^°µμΩ·−-]*( [A-Za-z0-9_.()+/%^°µμΩ·−-]+)*"
)
"""What needs no quotation marks where it isn't a number or one of a few words."""
_NOT_TEXT = re.compile(
    r"[-+.0-9eE]+|0[xo][0-9a-fA-F]+|null|true|false|yes|no|on|off", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and whose answer it is."""

    text: str
    key: str = ""
    """Of the question; empty where none was asked."""
    number: bool = False
    """Whether it stands there as a number, not as a text."""


class Lines(dict[str, "Node"]):
    """A mapping, one key a line."""

    def __init__(self, entries: Mapping[str, Node], key: str = "", remark: str = "") -> None:
        """`key` is of the question behind it as a whole, `remark` a comment at its first line."""
        super().__init__(entries)
        self.key, self.remark = key, remark


class Line(Lines):
    """A mapping on one line."""


Node: TypeAlias = "Said | Line | Lines | Sequence[Node]"
Path: TypeAlias = tuple[str | int, ...]


def render(node: Lines) -> str:
    """The YAML of a document, its sections apart."""
    parts = [
        ("" if isinstance(below, Said) else "\n") + "\n".join(_lines(Lines({name: below}), ""))
        for name, below in node.items()
    ]
    return "\n".join(parts) + "\n"


def keys_by_path(node: Node, path: Path = ()) -> Iterator[tuple[str, str]]:
    """Every place as diagnostics name it, and the key of the question behind it."""
    if isinstance(node, Said):
        yield dotted(path), node.key
        return
    if isinstance(node, Lines):
        yield dotted(path), node.key
        for name, below in node.items():
            yield from keys_by_path(below, (*path, name))
        return
    for index, below in enumerate(node):
        yield from keys_by_path(below, (*path, index))


def _lines(node: Lines, indent: str) -> Iterator[str]:
    widest = max((len(scalar(k)) for k, v in node.items() if isinstance(v, Line)), default=0)
    for name, below in node.items():
        head = f"{indent}{scalar(name)}:"
        said = below.remark if isinstance(below, Lines) else ""
        remark = f" # {said}" if said else ""
        if isinstance(below, Lines) and not isinstance(below, Line):
            yield head + remark
            yield from _lines(below, indent + "  ")
        elif _on_a_line(below):
            space = " " * (widest - len(scalar(name)) if isinstance(below, Line) else 0)
            yield f"{head}{space} {_flow(below)}{remark}"
        else:
            assert not isinstance(below, Said | Line)
            yield head + remark
            for entry in below:
                yield from _entry(entry, indent + "  ")


def _entry(node: Node, indent: str) -> Iterator[str]:
    if _on_a_line(node):
        yield f"{indent}- {_flow(node)}"
        return
    assert isinstance(node, Lines)
    first, *rest = _lines(node, indent + "  ")
    yield f"{indent}- {first.lstrip()}"
    yield from rest


def _on_a_line(node: Node) -> bool:
    if isinstance(node, Said | Lines):
        return not isinstance(node, Lines) or isinstance(node, Line)
    return all(map(_on_a_line, node))


def _flow(node: Node) -> str:
    if isinstance(node, Said):
        return node.text if node.number else scalar(node.text)
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_flow(v)}" for k, v in node.items()) + "}"
    return "[" + ", ".join(map(_flow, node)) + "]"


def scalar(text: str) -> str:
    """The text as YAML reads it back as a text: in quotation marks unless it is plain."""
    if _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)
