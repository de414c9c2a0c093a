"""ScpiSettings: the commands of an instrument that hold a value, from a table.

A table is a CSV file with one setting a row: its key in the code, the header as the manual prints
it, the kind of value, its limits, what `*RST` gives it and where that is documented.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments, CommandTree

Value = float | bool | str

_PRESETS = syntax.spellings(["MINimum", "MAXimum", "DEFault"])


@dataclass(frozen=True, slots=True)
class ScpiSetting:
    """One setting. Limits are inclusive and hold for magnitudes of kind `range`."""

    key: str
    header: str
    kind: str
    """`number`, `range` (a number that selects the next larger full scale), `boolean`, `word`
    (character data) or `name` (character data in quotes)."""
    low: float
    high: float
    default: Value
    words: tuple[str, ...]
    """The words of a `word` or `name`, the full scales of a `range`."""

    def parse(self, argument: str) -> Value:
        """A parameter as a value. Raises `ScpiError`."""
        if self.kind == "boolean":
            return syntax.boolean(argument)
        if self.kind == "word":
            return syntax.choice(argument, syntax.spellings(list(self.words)))
        if self.kind == "name":
            word = syntax.string(argument).upper().removesuffix(":DC")
            found = syntax.spellings(list(self.words)).get(word)
            if found is None:
                raise ScpiError(-224)
            return found
        preset = _PRESETS.get(argument.upper())
        value = self.preset(preset) if preset else syntax.number(argument)
        if self.kind == "range":
            value = abs(value)
        if not self.low <= value <= self.high:
            raise ScpiError(-222)
        return smallest_range(value, self.scales) if self.kind == "range" else value

    def preset(self, word: str) -> float:
        """The number that MIN, MAX or DEF stands for."""
        if word == "DEF":
            return float(self.default)
        if self.kind == "range":
            return self.scales[0] if word == "MIN" else self.scales[-1]
        return self.low if word == "MIN" else self.high

    def text(self, value: Value) -> str:
        """A value as the instrument sends it."""
        if self.kind == "name":
            return f'"{value}"' if value == "RES" else f'"{value}:DC"'
        if isinstance(value, bool):
            return str(int(value))
        return value if isinstance(value, str) else f"{value:.7g}"

    @property
    def scales(self) -> tuple[float, ...]:
        """The full scales of a `range`, rising."""
        return tuple(float(word) for word in self.words)


def smallest_range(value: float, scales: tuple[float, ...]) -> float:
    """The smallest full scale that holds a magnitude, with 5 % to spare. Raises `ScpiError`."""
    found = next((scale for scale in scales if abs(value) <= 1.05 * scale * (1 + 1e-9)), None)
    if found is None:
        raise ScpiError(-222)
    return found


@cache
def read_table(package: str, name: str) -> tuple[ScpiSetting, ...]:
    """The settings in a CSV file of a package."""
    with files(package).joinpath(name).open(encoding="utf-8") as file:
        return tuple(_setting(row) for row in csv.DictReader(file))


def _setting(row: dict[str, str]) -> ScpiSetting:
    kind, default = row["kind"], row["default"]
    value: Value = default
    if kind == "boolean":
        value = default == "1"
    elif kind in ("number", "range"):
        value = float(default)
    return ScpiSetting(
        key=row["key"],
        header=row["header"],
        kind=kind,
        low=float(row["low"] or 0),
        high=float(row["high"] or 0),
        default=value,
        words=tuple(row["words"].split()),
    )


class ScpiSettings:
    """The present values of a table's settings, by key."""

    def __init__(self, table: tuple[ScpiSetting, ...]) -> None:
        self._table = table
        self.values: dict[str, Value] = {}
        self.reset()

    def reset(self) -> None:
        """Give every setting its default."""
        self.values = {setting.key: setting.default for setting in self._table}

    def number(self, key: str) -> float:
        """The value of a `number` or `range`."""
        return float(self.values[key])

    def register(
        self,
        tree: CommandTree,
        allow: Callable[[str, Value], None],
        changed: Callable[[str], None],
    ) -> None:
        """Put every setting into a tree.

        `allow` is asked with the key and the new value before it is stored and may raise
        `ScpiError`; `changed` is told the key afterwards.
        """
        for setting in self._table:
            self._register(tree, setting, allow, changed)

    def _register(
        self,
        tree: CommandTree,
        setting: ScpiSetting,
        allow: Callable[[str, Value], None],
        changed: Callable[[str], None],
    ) -> None:
        def write(arguments: Arguments) -> None:
            value = setting.parse(arguments[0])
            allow(setting.key, value)
            self.values[setting.key] = value
            changed(setting.key)

        def query(arguments: Arguments) -> str:
            if arguments:
                return setting.text(setting.preset(syntax.choice(arguments[0], _PRESETS)))
            return setting.text(self.values[setting.key])

        numeric = setting.kind in ("number", "range")
        tree.add(setting.header, write=write, query=query, query_arguments=(0, int(numeric)))
