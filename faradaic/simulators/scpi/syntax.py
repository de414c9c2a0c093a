"""The syntax of program messages: units, headers and parameters (IEEE 488.2, section 7)."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from faradaic.simulators.scpi.status import ScpiError

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE] ?[+-]?\d+)?")
_MNEMONIC = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_LONGEST_MNEMONIC = 12


class MessageUnit(NamedTuple):
    """One command of a program message."""

    absolute: bool
    """Whether the header starts at the root, with a colon or an asterisk."""
    nodes: tuple[str, ...]
    """The header's mnemonics in capitals; a common command keeps its asterisk."""
    query: bool
    arguments: tuple[str, ...]
    """Parameters as written, strings still in their quotes."""


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at a character that stands outside of quoted strings; -151 if one stays open."""
    if '"' not in text and "'" not in text:
        return text.split(separator)
    pieces = []
    start = 0
    quote = ""
    for position, character in enumerate(text):
        if quote:
            if character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == separator:
            pieces.append(text[start:position])
            start = position + 1
    if quote:
        raise ScpiError(-151)
    pieces.append(text[start:])
    return pieces


def parse_unit(text: str) -> MessageUnit:
    """One command, without its separators. Raises `ScpiError`."""
    header, *tail = text.split(None, 1)
    if not header.isascii():
        raise ScpiError(-101)
    query = header.endswith("?")
    path = header[:-1] if query else header
    absolute = path[:1] in (":", "*")
    nodes = (path,) if path[:1] == "*" else tuple(path.removeprefix(":").split(":"))
    for node in nodes:
        mnemonic = node.removeprefix("*")
        if not _MNEMONIC.match(mnemonic):
            raise ScpiError(-102)
        if len(mnemonic) > _LONGEST_MNEMONIC:
            raise ScpiError(-112)
    arguments = tuple(a.strip() for a in split_outside_quotes(tail[0], ",")) if tail else ()
    if "" in arguments:
        raise ScpiError(-102)
    return MessageUnit(absolute, tuple(node.upper() for node in nodes), query, arguments)


def number(argument: str) -> float:
    """A decimal number. Raises `ScpiError` with the standard's code for what it is instead."""
    match = _NUMBER.match(argument)
    if match and match.end() == len(argument):
        value = float(argument.replace(" ", ""))
        if not math.isfinite(value):
            raise ScpiError(-123)
        return value
    first = argument[:1]
    if first in "\"'":
        raise ScpiError(-158)
    if first == "#":
        raise ScpiError(-168)
    if first == "(":
        raise ScpiError(-178)
    if match:
        raise ScpiError(-138 if _MNEMONIC.match(argument[match.end() :].lstrip()) else -121)
    raise ScpiError(-148 if _MNEMONIC.match(argument) else -121)


def boolean(argument: str) -> bool:
    """ON, OFF, or a number that is rounded and compared with zero. Raises `ScpiError`."""
    word = argument.upper()
    if word in ("ON", "OFF"):
        return word == "ON"
    if _MNEMONIC.match(argument):
        raise ScpiError(-141)
    return abs(number(argument)) >= 0.5


def string(argument: str) -> str:
    """The inside of a quoted string. Raises `ScpiError`."""
    quote = argument[:1]
    if quote not in ("'", '"'):
        raise ScpiError(-104)
    inside = argument[1:-1]
    if len(argument) < 2 or argument[-1] != quote or quote in inside.replace(quote * 2, ""):
        raise ScpiError(-151)
    return inside.replace(quote * 2, quote)


def choice(argument: str, choices: dict[str, str]) -> str:
    """Character data as its short form, from the table of `spellings`. Raises `ScpiError`."""
    found = choices.get(argument.upper())
    if found is None:
        raise ScpiError(-141 if _MNEMONIC.match(argument) else -104)
    return found


def short_form(mnemonic: str) -> str:
    """The short form: the capitals and digits of a mnemonic as manuals print it."""
    return "".join(c for c in mnemonic if not c.islower())


def spellings(mnemonics: list[str]) -> dict[str, str]:
    """Every accepted spelling of some mnemonics, in capitals, with the short form it means."""
    table = {}
    for mnemonic in mnemonics:
        short = short_form(mnemonic)
        table[short.upper()] = table[mnemonic.upper()] = short
    return table
