"""Who answers at an address: every family's question who it is, and nothing that sets or switches.

The questions are data (`identification_questions.csv`), in the order in which they are asked, each
with the settings of the port that its family has. What is meant for another family is at most an
unknown word to an instrument; none of them changes a set-point or an output. The first answer that
can be one ends it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.instruments.readings import Identity
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout

QUIET_S = 0.12
"""An answer is over after so much silence."""
ANSWER_S = 0.6
"""How long one question is waited for."""
ANSWERS_MAX_BYTES = 400


@dataclass(frozen=True, slots=True)
class Question:
    """What asks one family who it is."""

    family: str
    serial: str
    """Settings of the port, as in an address."""
    over_lines: bool
    """Whether it is asked over TCP too, where there are no settings."""
    sent: tuple[bytes, ...]
    """One after the other, where nothing came before."""
    answer: re.Pattern[str]
    maker: str
    drivers: tuple[tuple[str, str], ...]
    """What an answer holds, and the driver that it speaks for."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who answered."""

    family: str
    identity: Identity
    drivers: tuple[str, ...]
    """The drivers that fit; empty where none is known for it."""
    serial: str
    """The settings with which it answered; empty where there are none."""


Opener = Callable[[str], Transport]
"""Opens a port with settings (`baud=9600`), or without any. Raises `DeviceError`."""


@cache
def questions() -> tuple[Question, ...]:
    """Those of all families, in their order."""
    return tuple(
        Question(
            family=row["family"],
            serial=row["serial"],
            over_lines=row["lines"] == "1",
            sent=tuple(_bytes(part) for part in row["question"].split("|")),
            answer=re.compile(row["answer"], re.DOTALL),
            maker=row["maker"],
            drivers=tuple(_pair(pair) for pair in row["drivers"].split()),
        )
        for row in rows("identification_questions.csv")
    )


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table beside this module, without its comments."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


def identify(
    open_with: Opener, *, settings: bool, first: Sequence[str] = (), messages: bool = False
) -> tuple[Found | None, bytes]:
    """Who answers, and what came that nobody understood.

    `settings`: whether the port has some; without, each question is asked once. `first`: the
    families that are asked first. `messages`: what is there takes whole messages (USB, GPIB), so
    that SCPI alone is asked, in one. Raises `DeviceError` where the port cannot be opened.
    """
    asked = [one for one in questions() if settings or one.over_lines]
    if messages:
        asked = [replace(one, sent=one.sent[-1:]) for one in asked if one.family == "scpi"]
    asked.sort(key=lambda one: one.family not in first)  # stable: else in the order of the table
    transport: Transport | None = None
    opened, heard = "", b""
    try:
        for question in asked:
            wanted = question.serial if settings else ""
            if transport is None or wanted != opened:
                if transport is not None:
                    transport.close()
                transport, opened = open_with(wanted), wanted
            came = _ask(transport, question)
            if (found := understood(question, came, wanted)) is not None:
                return found, came
            heard = heard or came
    finally:
        if transport is not None:
            transport.close()
    return None, heard[:ANSWERS_MAX_BYTES]


def understood(question: Question, came: bytes, serial: str = "") -> Found | None:
    """Who an answer says that it is; None for what is no answer to the question."""
    match = question.answer.search(came.decode("latin-1"))
    if match is None:
        return None
    told = {name: value or "" for name, value in match.groupdict().items()}
    model, firmware = told.get("model", ""), told.get("firmware", "")
    if words := told.get("words"):
        numbers = [ord(a) << 8 | ord(b) for a, b in zip(words[::2], words[1::2], strict=True)]
        model, firmware = str(numbers[0]), str(numbers[-1])
    if text := told.get("hex"):
        model = bytes.fromhex(text).decode("latin-1").strip("\x00 ")
    identity = Identity(
        told.get("maker") or question.maker, model.strip(), told.get("serial", "").strip(), firmware
    )
    drivers = _drivers(question, match[0], identity)
    if words and not drivers:
        return None  # registers of another device
    return Found(question.family, identity, drivers, serial)


def _drivers(question: Question, answer: str, identity: Identity) -> tuple[str, ...]:
    """Those that the table names for what the answer holds, else those of its model."""
    text = f"{answer} {identity.model}"
    if named := [driver for held, driver in question.drivers if held in text]:
        return tuple(dict.fromkeys(named))
    model, fits = _plain(identity.model), []
    for registry in (DRIVERS, AUXILIARIES):
        for name, driver in registry.each(broken=[]):
            its = _plain(driver.capabilities.model)
            if len(its) > 2 and its in model:
                fits.append((len(its), name))
    longest = max((length for length, _ in fits), default=0)
    return tuple(name for length, name in fits if length == longest)


def _ask(transport: Transport, question: Question) -> bytes:
    came = b""
    for sent in question.sent:
        with suppress(LinkError):
            transport.drain(0.02)
        transport.write(sent)
        with suppress(TransportTimeout):
            came += transport.read_until_quiet(QUIET_S, ANSWER_S)
        if question.answer.search(came.decode("latin-1")):
            break
    return came


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _bytes(text: str) -> bytes:
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")


def _pair(text: str) -> tuple[str, str]:
    held, _, driver = text.rpartition("=")
    return held, driver
