"""The command tree: from headers as manuals print them to what they do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.syntax import parse_unit, short_form, split_outside_quotes

Arguments = tuple[str, ...]
Write = Callable[[Arguments], None]
Query = Callable[[Arguments], str]

_NODE = re.compile(r"(\[?):([A-Za-z][A-Za-z0-9]*)(\[1\])?(\]?)")
_CACHE_LINES = 512


class ResolvedUnit(NamedTuple):
    """One unit of a message, resolved: exactly one of the three is not None."""

    write: Write | None
    query: Query | None
    error: ScpiError | None
    arguments: Arguments
    indefinite: bool
    """Whether nothing may follow the response in the same message (`*IDN?`)."""


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    write: Write | None = None
    query: Query | None = None
    arguments: tuple[int, int] = (0, 0)
    query_arguments: tuple[int, int] = (0, 0)


class CommandTree:
    """Headers and what they do; resolves messages and remembers the ones it has seen."""

    def __init__(self) -> None:
        self._root = _Node()
        self.headers: dict[str, str] = {}
        """As the manuals print them -> `set`, `ask` or both."""
        self._seen: dict[str, tuple[ResolvedUnit, ...]] = {}

    def add(
        self,
        header: str,
        *,
        write: Write | None = None,
        query: Query | None = None,
        arguments: tuple[int, int] = (1, 1),
        query_arguments: tuple[int, int] = (0, 0),
    ) -> None:
        """Register a header in the manuals' notation, such as `:SOURce[1]:CURRent[:LEVel]`.

        Capitals are the short form, brackets what may be left out, `[1]` an optional suffix.
        `arguments` and `query_arguments` are the smallest and largest number of parameters.
        """
        does = {"set": write, "ask": query}
        words = [*self.headers.get(header, "").split(), *(w for w, do in does.items() if do)]
        self.headers[header] = " ".join(dict.fromkeys(words))
        if header.startswith("*"):
            ends = [self._root.children.setdefault(header.upper(), _Node())]
        else:
            ends = [self._root]
            for opening, mnemonic, suffix, closing in _NODE.findall(header):
                names = {short_form(mnemonic), mnemonic.upper()}
                if suffix:
                    names |= {name + "1" for name in names}
                below = [_branch(node, names) for node in ends]
                ends = ends + below if opening and closing else below
        for node in ends:
            if write is not None:
                node.write, node.arguments = write, arguments
            if query is not None:
                node.query, node.query_arguments = query, query_arguments

    def resolve(self, message: str) -> tuple[ResolvedUnit, ...]:
        """A program message as steps. A command error ends it: what follows is not executed."""
        steps = self._seen.get(message)
        if steps is None:
            steps = tuple(self._steps(message))
            if len(self._seen) >= _CACHE_LINES:
                self._seen.clear()
            self._seen[message] = steps
        return steps

    def _steps(self, message: str) -> list[ResolvedUnit]:
        steps: list[ResolvedUnit] = []
        try:
            units = split_outside_quotes(message, ";")
            path = self._root
            for text in units:
                if not text.strip():
                    continue
                step, path = self._step(text, path)
                steps.append(step)
        except ScpiError as error:
            steps.append(ResolvedUnit(None, None, error, (), False))
        return steps

    def _step(self, text: str, path: _Node) -> tuple[ResolvedUnit, _Node]:
        """One unit, and where a header without a leading colon starts after it."""
        unit = parse_unit(text)
        node = self._root if unit.absolute else path
        parent = path
        common = unit.nodes[0].startswith("*")
        for mnemonic in unit.nodes:
            if not common:
                parent = node
            child = node.children.get(mnemonic)
            if child is None:
                known = mnemonic[-1].isdigit() and mnemonic.rstrip("0123456789") in node.children
                raise ScpiError(-114 if known else -113)
            node = child
        low, high = node.query_arguments if unit.query else node.arguments
        if (node.query if unit.query else node.write) is None:
            raise ScpiError(-113)
        if len(unit.arguments) < low:
            raise ScpiError(-109)
        if len(unit.arguments) > high:
            raise ScpiError(-108)
        indefinite = common and unit.query and unit.nodes[0] == "*IDN"
        if unit.query:
            return ResolvedUnit(None, node.query, None, unit.arguments, indefinite), parent
        return ResolvedUnit(node.write, None, None, unit.arguments, indefinite), parent


def _branch(node: _Node, names: set[str]) -> _Node:
    """The child that all `names` lead to, made if there is none."""
    child = next((node.children[name] for name in names if name in node.children), _Node())
    for name in names:
        node.children[name] = child
    return child
