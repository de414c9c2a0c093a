"""From what a person wrote to a fault: names and keys checked, quantities in SI."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

from faradaic.diagnostics import InputError, refusal
from faradaic.quantities import Dimension, QuantityError, parse, parse_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.faults.fault_catalogue import FaultKind, FaultLayer, catalogue

_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_WHEN = ("start", "end", "duration")


_ONLY = {"noise": "above", "stir_stop": "below"}
"""Faults whose factor makes sense on one side of 1 alone."""


class When(NamedTuple):
    """A moment of a run: so many seconds after its beginning, or so much gross charge."""

    time_s: float = math.inf
    charge_C: float = math.inf

    def reached(self, time_s: float, charge_C: float) -> bool:
        """Whether it has come."""
        return time_s >= self.time_s or charge_C >= self.charge_C


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """One fault to inject; two that are written alike are still two."""

    name: str
    layer: FaultLayer
    values: Mapping[str, float]
    """SI, by key of the catalogue."""
    start: When
    end: When
    duration_s: float
    """From the start on; inf for one that stays."""
    text: str
    """As it can be written again: `film:start=2 F/mol,rate=0.3 V/F`."""

    def __str__(self) -> str:
        return self.text


def read_fault(entry: str | Mapping[str, Any], limiting_amount_mol: float | None = None) -> Fault:
    """A fault from `NAME:key=quantity,...`, or from a mapping `{NAME: {key: quantity}}`.

    The amount of limiting component (mol) turns F/mol into a charge. Raises `InputError` (E550 to
    E555) that names what can stand there.
    """
    name, written = _split(entry)
    kinds = catalogue()
    if name not in kinds:
        raise _unknown("E550", f"no fault is called `{name}`", name, list(kinds))
    kind = kinds[name]
    when = () if kind.layer is FaultLayer.DESCRIPTION else _WHEN
    for key in written:
        if key not in kind.keys and key not in when:
            message = f"the fault `{name}` has no `{key}`"
            if key in _WHEN:
                message += ": it is there from the beginning"
            raise _unknown("E551", message, key, [*kind.keys, *when])
    if "end" in written and "duration" in written:
        raise _error("E552", f"`{name}` has an end and a duration", "leave one of them out")
    reader = _Quantities(name, limiting_amount_mol)
    start = reader.when("start", written["start"]) if "start" in written else When(0.0)
    end = reader.when("end", written["end"]) if "end" in written else When()
    lasts = written.get("duration")
    duration_s = math.inf if lasts is None else reader.value("duration", lasts, "TIME")
    later = all(e == math.inf or e > s for s, e in zip(start, end, strict=True) if s < math.inf)
    if not later or duration_s == 0.0:
        raise _error("E552", f"`{name}` is over before it begins", "write a later end")
    return Fault(
        name,
        kind.layer,
        _values(kind, written, reader),
        start,
        end,
        duration_s,
        name + "".join(f"{',' if n else ':'}{k}={v}" for n, (k, v) in enumerate(written.items())),
    )


def _values(
    kind: FaultKind, written: Mapping[str, str], reader: _Quantities
) -> Mapping[str, float]:
    values = {}
    for key, meaning in kind.keys.items():
        text = written.get(key, meaning.default)
        if text is None:
            raise _error(
                "E553",
                f"the fault `{kind.name}` needs `{key}` ({meaning.meaning})",
                f"write for example `{kind.name}:{key}={meaning.example}`",
            )
        values[key] = reader.value(key, text, meaning.dimension)
        idle = values[key] == 0.0 or (key == "factor" and values[key] == 1.0)
        if idle and written.get(key, meaning.default) != meaning.default:
            raise _error("E554", f"`{key}={text}` of `{kind.name}` changes nothing", "leave it out")
        if values[key] < 0.0 and not meaning.signed:
            help_text = f"write a positive one, like `{meaning.example}`"
            raise _error("E554", f"`{key}={text}` of `{kind.name}` is negative", help_text)
    direction = _ONLY.get(kind.name)
    if direction and (values["factor"] > 1.0) != (direction == "above"):
        why = f"`factor={written['factor']}` of `{kind.name}` is not {direction} 1"
        raise _error("E554", why, f"write for example `factor={kind.keys['factor'].example}`")
    for key in {"probability", "coverage"} & set(values):
        if values[key] > 1.0:
            raise _error("E554", f"a {key} is at most 100 %, not {written[key]}", f"`{key}=90 %`")
    return values


class _Quantities:
    """Quantities of one fault."""

    def __init__(self, fault: str, limiting_amount_mol: float | None) -> None:
        self.fault = fault
        self.amount_mol = limiting_amount_mol

    def when(self, key: str, text: str) -> When:
        try:
            quantity = parse_quantity(
                text, Dimension.TIME, Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT
            )
        except QuantityError as error:
            raise self._wrong(key, error) from None
        if quantity.dimension is Dimension.TIME:
            return When(time_s=quantity.value)
        if quantity.dimension is Dimension.CHARGE:
            return When(charge_C=abs(quantity.value))
        return When(charge_C=quantity.value * self._moles(key, text))

    def value(self, key: str, text: str, dimension: str) -> float:
        try:
            return self._value(key, text.strip(), dimension)
        except QuantityError as error:
            raise self._wrong(key, error) from None

    def _value(self, key: str, text: str, dimension: str) -> float:
        if " per " in dimension:
            above, below = dimension.split(" per ")
            numerator, slash, unit = text.partition("/")
            if not slash or not unit.strip():
                raise _error(
                    "E554",
                    f"`{key}={text}` of `{self.fault}` is not a {dimension.lower()}",
                    "write it like `0.3 V/F` or `10 mV/min`",
                )
            unit = unit.strip(" ()")
            # In a rate, F can only be the faraday per mole: nobody divides volts by farads.
            unit = "F/mol" if unit == "F" else unit
            return self._value(key, numerator, above) / self._value(key, f"1 {unit}", below)
        if dimension == "charge":
            quantity = parse_quantity(text, Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT)
            per_mole = quantity.dimension is Dimension.CHARGE_PER_AMOUNT
            return quantity.value * (self._moles(key, text) if per_mole else 1.0)
        if dimension == "factor":
            plain = _NUMBER.fullmatch(text)
            return float(text) if plain else parse(text, Dimension.FRACTION)
        return parse(text, Dimension[dimension])

    def _moles(self, key: str, text: str) -> float:
        if self.amount_mol:
            return self.amount_mol
        coulombs = FARADAY_C_PER_MOL * 1e-3
        raise _error(
            "E555",
            f"`{key}={text}` of `{self.fault}` needs an amount of limiting component, and the "
            "plan has none",
            f"write a charge in C (1 F/mol of 1 mmol is {coulombs:.1f} C) or a time",
        )

    def _wrong(self, key: str, error: QuantityError) -> InputError:
        first = error.diagnostics[0]
        return refusal("E554", f"`{key}` of the fault `{self.fault}`: {first.message}", first.help)


def _split(entry: str | Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    if isinstance(entry, str):
        name, _, rest = entry.partition(":")
        written = {}
        for part in rest.split(",") if rest.strip() else ():
            key, equals, value = part.partition("=")
            if not equals or not key.strip() or not value.strip():
                raise _error(
                    "E552",
                    f"`{part}` in `{entry}` is not key=quantity",
                    "write NAME:key=quantity,key=quantity, like `film:start=2F/mol,rate=0.3V/F`",
                )
            if key.strip() in written:
                raise _error("E552", f"`{key.strip()}` stands twice in `{entry}`", "keep one")
            written[key.strip()] = value.strip()
        return name.strip(), written
    if (
        not isinstance(entry, Mapping)
        or len(entry) != 1
        or not all(isinstance(v, Mapping) or v is None for v in entry.values())
    ):
        raise _error(
            "E552",
            "a fault is one name with its keys",
            "write `- film: {start: 2 F/mol, rate: 0.3 V/F}`",
        )
    ((name, keys),) = entry.items()
    return str(name), {str(key): str(value) for key, value in (keys or {}).items()}


def _unknown(code: str, message: str, name: str, known: list[str]) -> InputError:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return _error(code, message, f"{hint}known: {', '.join(known) or 'none'}")


def _error(code: str, message: str, remedy: str) -> InputError:
    return refusal(code, message, remedy)
