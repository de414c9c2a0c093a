"""Profiles of bench supplies: the words of a family and the outputs of its models, as data.

A profile is a TOML file in `profiles/`: what is told and asked (`{ch}` the channel, `{value}` the
number), how its answers read, its models with their outputs, and what of it nobody has verified.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from faradaic.diagnostics import refusal
from faradaic.instruments.transports import DamagedReply

_NUMBER = re.compile(r"(?:[A-Z]+\d? +)?([+-]?\d+(?:\.\d*)?(?:E[+-]?\d+)?) ?[VA]?", re.ASCII | re.I)
"""A number, maybe behind the name of what it is of (`V1 5.000`), maybe with its unit (`5.001V`)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A setting: how it is told, and how it is asked for."""

    tell: str
    ask: str
    answer: str = ""
    """Of a setting without a number: what it reads back."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked for, and how the answer says it: by a word, or bits of a number."""

    ask: str
    words: dict[str, str]
    """Answer -> meaning: `on`, `off`, `current`, `voltage`, `neither`."""
    bits: dict[str, tuple[int, ...]]
    """Meaning -> its bit, for each channel or for all."""
    base: int = 10

    def meanings(self, answer: str, channel: int) -> set[str]:
        """What an answer says. Raises `DamagedReply` for one that it cannot give."""
        if not self.bits:
            found = self.words.get(answer.strip().upper())
            if found is None:
                raise DamagedReply.of(f"`{answer[:60]}` is no answer to `{self.ask}`")
            return {found} if found else set()
        try:
            value = int(answer.strip(), self.base)
        except ValueError:
            raise DamagedReply.of(f"`{answer[:60]}` is no answer to `{self.ask}`") from None
        return {
            meaning
            for meaning, places in self.bits.items()
            if value >> places[min(channel, len(places)) - 1] & 1
        }


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model, or one range of it. Magnitudes."""

    volts: float
    amps: float
    volt_step: float
    amp_step: float
    amp_offset: float
    """What the data sheet adds to the error of a current, whatever its size."""
    gain_error: float
    """Of the current, relative."""
    channel: int = 1
    range: str = ""
    """The word that selects it; empty where there is nothing to select."""
    ovp_max: float = 0.0
    ocp_max: float = 0.0
    capacitance_F: float = float("nan")


@dataclass(frozen=True, slots=True)
class SupplyModel:
    """One model of a family."""

    key: str
    """Under which name a bench file has it."""
    name: str
    """As it stands in the answer to `*IDN?`, or its beginning."""
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class SupplyFamily:
    """What the models of one family have in common on the wire."""

    maker: str
    answers_as: str
    """What its answer to `*IDN?` begins with, in capitals."""
    sources: str
    """What was read, and what is only recalled."""
    unverified: str
    """What nobody has verified, in words for whoever has one."""
    serial: str
    gap_s: float
    """Between an answer or a command and the next command."""
    interval_s: float
    """Between two readings."""
    first: tuple[str, ...]
    """Told when it was identified."""
    before: tuple[Pair, ...]
    """Set before every segment: without a number."""
    range: Pair | None
    voltage: Pair
    current: Pair
    ovp: Pair | None
    ocp: Pair | None
    on: str
    off: str
    output: Question
    measure: tuple[str, str]
    """A voltage, a current."""
    regulation: Question | None
    """None where it is told from what is measured."""
    trips: tuple[Question, ...]
    """What has turned its output off: what their answers mean is the name of a protection, or
    nothing. They are never cleared from here: some supplies turn their output on again then."""
    error: str
    """Empty where errors cannot be asked for."""
    models: tuple[SupplyModel, ...]


def read_number(answer: str, question: str) -> float:
    """The number in an answer. Raises `DamagedReply`."""
    found = _NUMBER.fullmatch(answer.strip())
    if found is None:
        raise DamagedReply.of(f"`{answer[:60]}` is no answer to `{question}`")
    return float(found[1])


def read_error(answer: str) -> str:
    """An entry of the error queue, `-113,"Undefined header"`, `0  No Error` or `0`; empty for
    none. Raises `DamagedReply`."""
    found = re.fullmatch(r'([+-]?\d+)(?:[, ]\s*"?(\D.*?)"?)?', answer.strip())
    if found is None:
        raise DamagedReply.of(f"`{answer[:60]}` came where an error queue entry was expected")
    code, text = int(found[1]), found[2] or ""
    return "" if code == 0 else f"{code}, {text}".rstrip(", ")


@cache
def families() -> dict[str, SupplyFamily]:
    """The profiles that ship with the package, by name."""
    folder = files(__package__) / "profiles"
    found = {}
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name.endswith(".toml"):
            text = folder.joinpath(name).read_text("utf-8")
            found[name.removesuffix(".toml")] = _read(name, text)
    return found


def find_model(key: str) -> tuple[SupplyFamily, SupplyModel]:
    """A model by its key. Raises `KeyError`."""
    for family in families().values():
        for model in family.models:
            if model.key == key:
                return family, model
    raise KeyError(key)


def _read(name: str, text: str) -> SupplyFamily:
    """A profile by the name of its file. Raises `InputError` (E712) naming what is wrong in it."""
    try:
        return read_family(tomllib.loads(text))
    except KeyError as error:
        (line,) = error.args
        raise refusal(
            "E712",
            f"the profile {name} has no line `{line}`",
            f"add `{line} = ...` to it, as the other profiles have it (docs/add_an_instrument.md)",
        ) from None
    except (TypeError, ValueError, IndexError) as error:
        raise refusal(
            "E712",
            f"the profile {name} cannot be read: {error}",
            "compare it with the other profiles (docs/add_an_instrument.md)",
        ) from None


def read_family(told: dict[str, Any]) -> SupplyFamily:
    """A profile as it is written. Raises `KeyError` with the name of a line that is missing."""
    commands = told["commands"]
    pair = {
        name: Pair(*commands[name]) if name in commands else None
        for name in ("range", "ovp", "ocp")
    }
    regulation = commands.get("regulation")
    return SupplyFamily(
        maker=told["maker"],
        answers_as=told["answers_as"].upper(),
        sources=told["sources"],
        unverified=told["unverified"],
        serial=told.get("serial", ""),
        gap_s=told.get("gap_s", 0.0),
        interval_s=told["interval_s"],
        first=tuple(commands.get("first", ())),
        before=tuple(Pair(*entry) for entry in commands.get("before", ())),
        range=pair["range"],
        voltage=Pair(*commands["voltage"]),
        current=Pair(*commands["current"]),
        ovp=pair["ovp"],
        ocp=pair["ocp"],
        on=commands["on"],
        off=commands["off"],
        output=_question(commands["output"]),
        measure=(commands["measure"][0], commands["measure"][1]),
        regulation=None if regulation is None else _question(regulation),
        trips=tuple(_question(one) for one in commands.get("trips", ())),
        error=commands.get("error", ""),
        models=tuple(_model(one) for one in told["models"]),
    )


def _question(told: dict[str, Any]) -> Question:
    bits = {
        meaning: tuple(places) if isinstance(places, list) else (places,)
        for meaning, places in told.get("bits", {}).items()
    }
    return Question(told["ask"], told.get("words", {}), bits, told.get("base", 10))


def _model(told: dict[str, Any]) -> SupplyModel:
    return SupplyModel(
        told["key"], told["name"], tuple(_output(one, told) for one in told["outputs"])
    )


def _output(told: dict[str, Any], model: dict[str, Any]) -> Output:
    """An output; what it doesn't say of itself its model says of all."""
    shared = {k: v for k, v in model.items() if k not in ("key", "name", "outputs")}
    return Output(**{**shared, **told})
