"""From what a person wrote to a float in SI: `NUMBER UNIT`, or a sum of times.

Narrow on purpose. A general parser reads "1,5 mA" as 15 mA, "5 F/mol" as farads per mole and
"10 ma" as milli-years, and hangs on "9**9**9"; here each of those is an error that says what to
type instead. The arithmetic is exact (rationals) and rounded to a float once.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from faradaic.diagnostics import FaradaicError, InputError
from faradaic.quantities import units
from faradaic.quantities.dimensions import Dimension

MAX_LENGTH = 64
"""Characters that a quantity may have."""

_NUMBER = re.compile(r"([+\-−]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+\-−]?[0-9]+))?")
_NOT_FINITE = re.compile(r"[+\-−]?(nan|inf|infinity)(?![a-z])", re.IGNORECASE)
_GROUPED = re.compile(
    r"(?<![0-9.,])([0-9]+)"
    r"((?:[,_'’][0-9]+|[ \u00a0\u202f\u2009][0-9]{3}(?![0-9]))+)(\.[0-9]*)?"
)
_POINTS_THEN_COMMA = re.compile(r"([+\-−]?[0-9]{1,3}(?:\.[0-9]{3})+),(?=[0-9])")
_LARGEST_EXPONENT = 400
_MISTAKEN = {("m", Dimension.TIME): "min", ("C", Dimension.TEMPERATURE): "degC"}


class QuantityError(InputError):
    """A quantity that cannot be read as the dimension that is needed (codes E101 to E113)."""

    default_code = "E100"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in SI with what it measures."""

    value: float
    """In `dimension.si_unit`."""
    dimension: Dimension


def parse(text: object, dimension: Dimension) -> float:
    """The value of a quantity such as "5 mA" or "1 h 30 min", in `dimension.si_unit`.

    Raises `QuantityError` for anything else, whatever its type.
    """
    return parse_quantity(text, dimension).value


def parse_quantity(text: object, *dimensions: Dimension) -> Quantity:
    """The quantity written in `text`, of the first of `dimensions` that has its unit.

    Raises `QuantityError` for anything else, whatever its type.
    """
    if not dimensions:
        raise TypeError("parse_quantity needs at least one Dimension")
    return _quantity(_text(text, dimensions), dimensions)


_HOURS_AND = re.compile(r"(\d{1,4})\s*h\s*(\d{1,2})")
"""`1h30`, as it is said."""


@lru_cache(maxsize=4096)
def _quantity(text: str, dimensions: tuple[Dimension, ...]) -> Quantity:
    """Kept, for a wizard and many runs of one protocol read the same over and over."""
    return _Reader(text, dimensions).read()


def _text(text: object, dimensions: tuple[Dimension, ...]) -> str:
    example = dimensions[0].example
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        # Python refuses to print an integer of thousands of digits.
        shown = str(text) if isinstance(text, float) or abs(text) < 10**MAX_LENGTH else "a number"
        raise _error("E102", f"`{shown}` has no unit", _with_units(shown, dimensions))
    if not isinstance(text, str):
        names = {"NoneType": "nothing", "bool": "true or false", "list": "a list"}
        kind = names.get(type(text).__name__, "a mapping")
        message = f"{_needed(dimensions)} is needed, not {kind}"
        raise _error("E113", message, f"write it like `{example}`")
    if len(text) > MAX_LENGTH:
        message = f"a quantity has at most {MAX_LENGTH} characters; this one has {len(text)}"
        raise _error("E108", message, f"write one number and one unit, like `{example}`")
    if not text.strip():
        raise _error("E101", f"{_needed(dimensions)} is needed, not nothing", _like(dimensions))
    return text.strip()


class _Reader:
    """One pass over one text."""

    def __init__(self, text: str, dimensions: tuple[Dimension, ...]) -> None:
        self.text = text
        self.dimensions = dimensions

    def read(self) -> Quantity:
        terms: list[tuple[Fraction, units.Unit]] = []
        position = 0
        while position < len(self.text):
            number, position = self._number(position)
            unit, position = self._unit(self._skip_spaces(position))
            terms.append((number, unit))
            position = self._skip_spaces(position)
        unit = terms[0][1]
        if len(terms) > 1:
            self._check_sum(terms)
        exact = sum((number * u.factor + u.offset for number, u in terms), Fraction())
        return Quantity(self._float(exact, unit.dimension), unit.dimension)

    def _skip_spaces(self, position: int) -> int:
        return len(self.text) - len(self.text[position:].lstrip())

    def _number(self, start: int) -> tuple[Fraction, int]:
        match = _NUMBER.match(self.text, start)
        if match is None:
            if _NOT_FINITE.match(self.text, start):
                raise self._error("E107", "is not a finite number", _like(self.dimensions))
            raise self._not_a_quantity(start)
        sign, digits, exponent = match.groups()
        power = int((exponent or "0").replace("−", "-"))
        if abs(power) > _LARGEST_EXPONENT:
            raise self._beyond_floats()
        number = Fraction(digits) * Fraction(10) ** power
        return (-number if sign in ("-", "−") else number), match.end()

    def _unit(self, start: int) -> tuple[units.Unit, int]:
        key, end = units.scan_unit(self.text, start)
        if end == start:
            if start == len(self.text):
                grouped = self._grouped_digits()
                help_text = _with_units(self.text, self.dimensions)
                if clock := _HOURS_AND.fullmatch(self.text):
                    help_text = f"write `{clock[1]} h {clock[2]} min`"
                raise grouped or self._error("E102", "has no unit", help_text)
            raise self._not_a_quantity(start)
        known = units.with_key(key)
        for dimension in self.dimensions:
            if dimension in known:
                return known[dimension], end
        raise self._other_dimension(set(known), start, end) if known else self._unknown(start, end)

    def _check_sum(self, terms: list[tuple[Fraction, units.Unit]]) -> None:
        if any(unit.dimension is not Dimension.TIME for _, unit in terms):
            help_text = "only times are added: `1 h 30 min`"
            raise self._error("E110", "is more than one quantity", help_text)
        sizes = [unit.factor for _, unit in terms]
        if sizes != sorted(set(sizes), reverse=True) or any(number < 0 for number, _ in terms):
            help_text = "write each unit once, the longest first, no signs: `1 h 30 min`"
            raise self._error("E110", "is not a sum of times", help_text)

    def _float(self, exact: Fraction, dimension: Dimension) -> float:
        try:
            value = float(exact)
        except OverflowError:
            raise self._beyond_floats() from None
        if exact and abs(value) < sys.float_info.min:
            raise self._beyond_floats()
        if dimension.sign.allows(value):
            return value
        if dimension is Dimension.TEMPERATURE:
            raise self._error("E111", "is not above absolute zero", "0 K is -273.15 degC")
        what = f"is out of range: {dimension.noun} is {dimension.sign.value}"
        bare = self.text.lstrip("-−").lstrip()
        meant = f"write `{_shown(bare)}`" if bare != self.text else ""
        raise self._error("E111", what, meant or f"write it like `{dimension.example}`")

    # What is wrong, and what to type instead.

    def _error(self, code: str, what: str, help_text: str) -> FaradaicError:
        return _error(code, f"`{_shown(self.text)}` {what}", help_text)

    def _beyond_floats(self) -> FaradaicError:
        what = "is beyond what a number can hold"
        return self._error("E107", what, "numbers run from 2.3e-308 to 1.7e308")

    def _other_dimension(self, known: set[Dimension], start: int, end: int) -> FaradaicError:
        dimensions, written = self.dimensions, self.text[start:end]
        charges = {Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT}
        if known == {Dimension.CAPACITANCE} and charges & set(dimensions):
            what = "is not a charge: `F` alone is the farad"
            help_text = (
                f"write `{self.text}/mol` (faradays per mole of substrate), or coulombs, `C`"
            )
            return self._error("E106", what, help_text)
        if Dimension.TEMPERATURE in known and Dimension.TEMPERATURE_DIFFERENCE in dimensions:
            what = "is a temperature; a temperature difference is needed here"
            help_text = f"write it in kelvin: {self._with_unit('K', start, end)}"
            return self._error("E112", what, help_text)
        help_text = _like(dimensions)
        meant = [_MISTAKEN[written, d] for d in dimensions if (written, d) in _MISTAKEN]
        if meant:
            help_text = f"did you mean {self._with_unit(meant[0], start, end)}?"
        elif Dimension.CURRENT_DENSITY in known and Dimension.CURRENT in dimensions:
            help_text = (
                f"a density stands under `current_density`; write the current, like"
                f" `{Dimension.CURRENT.example}`, or the density there"
            )
        elif Dimension.VOLUME_FLOW in known and Dimension.MOLAR_FLOW in dimensions:
            like = self._with_unit("sccm", start, end) if written == "mL/min" else "`20 sccm`"
            help_text = f"`sccm` is mL/min of gas at 0 degC and 1 atm: write {like} if it is that"
        got = " or ".join(sorted(dimension.noun for dimension in known))
        return self._error("E105", f"is {got}; {_needed(dimensions)} is needed here", help_text)

    def _unknown(self, start: int, end: int) -> FaradaicError:
        written = self.text[start:end]
        close = units.similar(written, *self.dimensions)
        if close:
            choices = " or ".join(self._with_unit(unit, start, end) for unit in close)
            help_text = f"did you mean {choices}?"
        else:
            names = dict.fromkeys(name for d in self.dimensions for name in units.of_dimension(d))
            help_text = f"units that can stand here: {', '.join(names)}"
        return self._error("E104", f"has an unknown unit, `{_shown(written)}`", help_text)

    def _with_unit(self, unit: str, start: int, end: int) -> str:
        return f"`{_shown(self.text[:start].rstrip())} {unit}{_shown(self.text[end:])}`"

    def _grouped_digits(self) -> FaradaicError | None:
        """Digits in groups: "1,5 mA" and "1 000 mA" must not be guessed at."""
        match = _POINTS_THEN_COMMA.match(self.text)
        if match:
            written = match[1].replace(".", "") + "." + _shown(self.text[match.end() :])
            return self._error("E103", "has a decimal comma", f"write `{written}`")
        match = _GROUPED.search(self.text)
        if match is None:
            return None
        before, rest = _shown(self.text[: match.start()]), _shown(self.text[match.end() :])
        groups = re.findall("[0-9]+", match[2])
        joined = f"`{before}{match[1]}{''.join(groups)}{match[3] or ''}{rest}`"
        decimal = f"`{before}{match[1]}.{groups[0]}{rest}`"
        if match[2][0] != "," or match[3] or len(groups) > 1:
            return self._error("E103", "has its digits in groups", f"write {joined}")
        if len(groups[0]) == 3:
            return self._error("E103", "can be read in two ways", f"write {decimal} or {joined}")
        return self._error("E103", "has a decimal comma", f"write {decimal}")

    def _not_a_quantity(self, position: int) -> FaradaicError:
        grouped = self._grouped_digits()
        if grouped:
            return grouped
        help_text = f"write one number and one unit, like `{self.dimensions[0].example}`"
        if re.match("[0-9]+:[0-9]", self.text) and Dimension.TIME in self.dimensions:
            help_text = "write hours and minutes with their units: `1 h 30 min`"
        elif re.match(r"\s*[×x*]\s*10", self.text[position:]):
            help_text = "write a power of ten as `5e-3`"
        stray = _shown(self.text[position : position + 12])
        return self._error("E109", f"is not a number and a unit (from `{stray}` on)", help_text)


def _needed(dimensions: tuple[Dimension, ...]) -> str:
    return " or ".join(dimension.noun for dimension in dimensions)


def _like(dimensions: tuple[Dimension, ...]) -> str:
    examples = " or ".join(f"`{dimension.example}`" for dimension in dimensions)
    return f"write {_needed(dimensions)}, like {examples}"


def _with_units(number: str, dimensions: tuple[Dimension, ...]) -> str:
    if not _NUMBER.fullmatch(number):
        return _like(dimensions)
    choices = " or ".join(f"`{number} {_likely_unit(number, d)}`" for d in dimensions)
    return f"write the unit, for instance {choices}"


def _likely_unit(number: str, dimension: Dimension) -> str:
    """The unit of a bare number, that of the example rather than of SI.

    Nothing in a liquid diffuses by more than 1e-7 m²/s; a frequency may be anything.
    """
    if (
        dimension is Dimension.DIFFUSION_COEFFICIENT
        and float(number.lstrip("+-−").replace("−", "-")) > 1e-7
    ):
        return "cm^2/s"
    unit = dimension.example.partition(" ")[2]
    if unit and " " not in unit and dimension not in _OF_ANY_SIZE:
        return unit
    return units.of_dimension(dimension)[0]


_OF_ANY_SIZE = (Dimension.FREQUENCY, Dimension.DIFFUSION_COEFFICIENT)
"""A number says nothing of their unit."""


def _shown(text: str) -> str:
    """The text with everything unprintable escaped, so that a message is always one line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _error(code: str, message: str, help_text: str) -> FaradaicError:
    return QuantityError.of(message, help=help_text, code=code)
