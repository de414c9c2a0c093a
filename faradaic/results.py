"""A result: a value with its unit, its uncertainty, how it came about and what is odd about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One number of an analysis, or the reason why there is none."""

    name: str
    """What it is, as a person would write it: "mean cell voltage"."""
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

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return asdict(self)


def missing(name: str, unit: str, method: str, reason: str) -> Result:
    """A result without a value, and why."""
    return Result(name, None, unit, method, reason=reason)
