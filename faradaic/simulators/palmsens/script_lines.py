"""From one line of a script to a command word and its arguments, with columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from faradaic.instruments.palmsens.literals import parse_literal
from faradaic.simulators.palmsens.faults import ScriptFault

_TOKEN = re.compile(
    r"[ \t]*(?:"
    r'(?P<text>f?"[^"]*")'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*:?)"
    r"|(?P<number>[+-]?[0-9][0-9A-Za-z]*)"
    r"|(?P<operator>==|!=|>=|<=|>|<|&|\|)"
    r"|(?P<bracket>[\[\]()])"
    r")"
)
_BLANK = re.compile(r"[ \t]*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `column` is the one after its last character, as the instrument counts."""

    kind: str
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: int | float
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, array, string, or variable type; `index` if one element of an array is meant."""

    text: str
    column: int
    index: Number | Name | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A string, to be interpolated if it was written with an f."""

    text: str
    interpolated: bool
    column: int


@dataclass(frozen=True, slots=True)
class Comparator:
    """A comparison or bit test."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Option:
    """An optional argument: a name and its own arguments in parentheses."""

    name: str
    arguments: tuple[Argument, ...]
    column: int


Argument = Number | Name | Text | Comparator | Option


@dataclass(frozen=True, slots=True)
class Statement:
    """One line with something on it."""

    line: int
    command: str
    arguments: tuple[Argument, ...]
    column: int
    """After the command word."""
    end: int
    """After the last argument."""


def parse_line(text: str, line: int) -> Statement | None:
    """The statement of a line, or None for a comment. Raises `ScriptFault`."""
    tokens = _tokens(text, line)
    if not tokens:
        return None
    head = tokens[0]
    if head.kind != "name":
        raise ScriptFault("4004", line, head.column)
    arguments, rest = _arguments(tokens[1:], line)
    if rest:
        raise ScriptFault("4004", line, rest[0].column)
    return Statement(line, head.text, arguments, head.column, tokens[-1].column)


def _tokens(text: str, line: int) -> list[Token]:
    tokens = []
    position = 0
    while not _BLANK.fullmatch(text, position):
        match = _TOKEN.match(text, position)
        if match is None:
            blank = _BLANK.match(text, position)
            assert blank is not None
            raise ScriptFault("4004", line, blank.end() + 1)
        position = match.end()
        kind = match.lastgroup
        assert kind is not None
        tokens.append(Token(kind, match[kind], position + 1))
    return tokens


def _arguments(
    tokens: list[Token], line: int, closing: bool = False
) -> tuple[tuple[Argument, ...], list[Token]]:
    arguments: list[Argument] = []
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        following = tokens[0].text if tokens else ""
        if token.kind == "number":
            arguments.append(_number(token, line))
        elif token.kind == "text":
            interpolated = token.text.startswith("f")
            arguments.append(Text(token.text.strip("f")[1:-1], interpolated, token.column))
        elif token.kind == "operator":
            arguments.append(Comparator(token.text, token.column))
        elif token.kind == "name" and following == "(" and not closing:
            inner, tokens = _arguments(tokens[1:], line, closing=True)
            if not tokens:
                raise ScriptFault("4004", line, token.column)
            arguments.append(Option(token.text, inner, token.column))
            tokens = tokens[1:]
        elif token.kind == "name" and following == "[":
            index, tokens = _index(tokens[1:], line, token.column)
            arguments.append(Name(token.text, token.column, index))
        elif token.kind == "name":
            arguments.append(Name(token.text, token.column))
        elif closing and token.text == ")":
            return tuple(arguments), [token, *tokens]
        else:
            raise ScriptFault("4004", line, token.column)
    return tuple(arguments), tokens


def _index(tokens: list[Token], line: int, column: int) -> tuple[Number | Name, list[Token]]:
    if len(tokens) < 2 or tokens[1].text != "]" or tokens[0].kind not in ("number", "name"):
        raise ScriptFault("4038", line, column)
    token = tokens[0]
    index = _number(token, line) if token.kind == "number" else Name(token.text, token.column)
    return index, tokens[2:]


def _number(token: Token, line: int) -> Number:
    value = parse_literal(token.text)
    if value is None:
        raise ScriptFault("4039", line, token.column)
    return Number(value, token.column)
