"""Variables, arrays and strings of a script, and how arguments name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.script_lines import Argument, Name, Number

Value = int | float

_TYPE_LETTERS = {
    "a": "abcdefghistuvwxyz",
    "b": "ab",
    "c": "abcdefghijklmnopqrstuvwxyz",
    "d": "abcd",
    "e": "abcdefg",
    "h": "abcd",
    "i": "abcd",
    "j": "abcd",
}
VARIABLE_TYPES = frozenset(f + s for f, seconds in _TYPE_LETTERS.items() for s in seconds)
"""Source: MethodSCRIPT_Examples bd1a44a, `mscript.py`."""

MEASURABLE = ("ab", "ag", "ba", "bb", "ed", "ef", *(f"a{pin}" for pin in "stuvwxyz"))
"""Cell, second electrode, temperatures, analogue pins."""

ARRAY_MAX = 100_000


class Variable:
    """A number with its type; status and range are those of the measurement it came from."""

    __slots__ = ("range_index", "status", "type", "value")

    def __init__(self) -> None:
        self.value: Value = 0.0
        self.type = "aa"
        self.status: int | None = None
        self.range_index: int | None = None

    def set(self, value: Value) -> None:
        """A computed value: what was measured about the old one no longer holds."""
        self.value = value
        self.status = self.range_index = None

    def measured(self, value: float, kind: str, status: int | None, index: int | None) -> None:
        """A measured value with its metadata."""
        self.value = value
        self.type = kind
        self.status = status
        self.range_index = index

    def copy_from(self, other: Variable) -> None:
        """Value, type and metadata of another variable."""
        self.value = other.value
        self.type = other.type
        self.status = other.status
        self.range_index = other.range_index


Reference = Callable[[], Variable]
"""Finds the variable that an argument means, at the time it is used."""


@dataclass(slots=True)
class Names:
    """What a script has declared so far."""

    variables: dict[str, Variable] = field(default_factory=dict)
    arrays: dict[str, list[Variable]] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)

    def declare(self, argument: Argument, line: int) -> str:
        """The name in a declaration. Raises `ScriptFault` if it is malformed or taken."""
        if not isinstance(argument, Name) or argument.index is not None:
            raise ScriptFault("4208", line, argument.column)
        name = argument.text
        if not name[0].isalpha() or name != name.lower() or name.endswith(":"):
            raise ScriptFault("402B", line, argument.column)
        if len(name) > 32:
            raise ScriptFault("402C", line, argument.column)
        if name in self.variables or name in self.arrays or name in self.strings:
            raise ScriptFault("4026", line, argument.column)
        return name

    def reference(self, argument: Argument, line: int) -> Reference:
        """A variable or an element of an array."""
        if not isinstance(argument, Name):
            raise ScriptFault("420D", line, argument.column)
        if argument.index is not None:
            array, index = self.array(argument, line), self.integer(argument.index, line)
            return lambda: item(array, index())
        variable = self.variables.get(argument.text)
        if variable is not None:
            return lambda: variable
        raise ScriptFault("420E" if argument.text in self.arrays else "420B", line, argument.column)

    def number(self, argument: Argument, line: int) -> Callable[[], Value]:
        """A literal, a variable or an element of an array, as its value at the time of use."""
        if isinstance(argument, Number):
            value = argument.value
            return lambda: value
        reference = self.reference(argument, line)
        if isinstance(argument, Name) and argument.index is None:
            variable = reference()
            return lambda: variable.value
        return lambda: reference().value

    def integer(self, argument: Argument, line: int) -> Callable[[], int]:
        """As `number`, but an integer; a literal without `i` counts if it is whole."""
        if isinstance(argument, Number) and argument.value == int(argument.value):
            whole = int(argument.value)
            return lambda: whole
        number = self.number(argument, line)

        def value() -> int:
            found = number()
            if not isinstance(found, int):
                raise ScriptFault("4207")
            return found

        return value

    def array(self, argument: Argument, line: int) -> list[Variable]:
        """A whole array."""
        if not isinstance(argument, Name) or argument.text not in self.arrays:
            raise ScriptFault("420B", line, argument.column)
        return self.arrays[argument.text]

    def variable_type(self, argument: Argument, line: int) -> str:
        """Two letters of a variable type."""
        if not isinstance(argument, Name) or argument.text not in VARIABLE_TYPES:
            raise ScriptFault("4209", line, argument.column)
        return argument.text

    def measurable_type(self, argument: Argument, line: int) -> str:
        """Two letters of a quantity that the instrument measures."""
        kind = self.variable_type(argument, line)
        if kind not in MEASURABLE:
            raise ScriptFault("4209", line, argument.column)
        return kind


def item(array: list[Variable], at: int) -> Variable:
    """One element of an array. Raises `ScriptFault` if there is none."""
    if not 0 <= at < len(array):
        raise ScriptFault("400F")
    return array[at]
