"""A result: a value with its unit, its uncertainty, how it came about and what is odd about it."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.quantities.grammar import QuantityError
from faradaic.quantities.pint_registry import pint_unit, registry

if TYPE_CHECKING:
    import pint


@dataclass(frozen=True, slots=True)
class Result:
    """One number of an analysis, or the reason why there is none."""

    key: str
    """By which it is found, with `of`: "mean_current", "retention"; it stays when the name is
    bettered. Those of this package stand with their names in `results.csv`."""
    value: float | None
    unit: str
    """Of `value`, the uncertainties and the bounds; "1" for a pure number."""
    method: str
    """How it was computed."""
    basis: str = ""
    """What it refers to: "gross charge", "limiting component"."""
    random: float | None = None
    """Standard uncertainty that repeating would average out; None where it is not known."""
    systematic: float | None = None
    """Standard uncertainty that repeating would not average out; None where it is not known."""
    bounds: tuple[float | None, float | None] | None = None
    """Between which the value certainly lies (low, high); None on a side that is open."""
    flags: tuple[str, ...] = ()
    """What is physically odd or incomplete; nothing is ever clipped."""
    reason: str = ""
    """Why there is no value."""
    of: str = ""
    """What it is of, where there is one for each: "CO", "current"."""
    name: str = ""
    """What it is, as a person would write it: "mean current"; wording that may change. Needed with
    a key that is not in the table."""

    def __post_init__(self) -> None:
        if not self.name:
            name = _names()[self.key] + (f" of {self.of}" if self.of else "")
            object.__setattr__(self, "name", name)

    @property
    def uncertainty(self) -> float:
        """Random and systematic uncertainty together, as far as they are known."""
        return math.hypot(self.random or 0.0, self.systematic or 0.0)

    def to_pint(self) -> pint.Quantity[float]:
        """Value and unit for pint. Raises `QuantityError` (E104) where there is no value."""
        if self.value is None:
            raise QuantityError.of(f"{self.name} has no value: {self.reason}", code="E104")
        found: pint.Quantity[float] = registry().Quantity(self.value, pint_unit(self.unit))
        return found

    def scaled(self, factor: float, **changes: Any) -> Result:
        """The same result with value, uncertainties and bounds times a constant above zero.

        `changes` are fields to replace; with another `key` the name is that of the key.
        """

        def times(value: float | None) -> float | None:
            return None if value is None else value * factor

        numbers: dict[str, Any] = {
            "value": times(self.value),
            "random": times(self.random),
            "systematic": times(self.systematic),
            "bounds": self.bounds and (times(self.bounds[0]), times(self.bounds[1])),
        }
        if "key" in changes:
            numbers["name"] = ""
        return replace(self, **numbers | changes)

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return asdict(self)


def missing(
    key: str, unit: str, method: str, reason: str, *, of: str = "", name: str = ""
) -> Result:
    """A result without a value, and why."""
    return Result(key, None, unit, method, reason=reason, of=of, name=name)


@cache
def _names() -> Mapping[str, str]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row["name"] for row in csv.DictReader(file)}
