"""Arguments that are numbers: what is wrong is said under the name that the caller typed."""

from __future__ import annotations

import math
import re
from numbers import Integral, Real
from typing import TYPE_CHECKING

from faradaic.diagnostics import InputError, refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OF = r"(?:mol|kg|m[23]?|eV|V|A|C|ohm|F|K|Hz|Pa|s)"
_UNIT = re.compile(rf"_({_OF}(?:_per_{_OF})*)$")


def unit_of(name: str) -> str:
    """The unit that ends the name of an argument: "mol/m3" of `concentrations_mol_per_m3`."""
    found = _UNIT.search(name.split(" ")[0])
    return found[1].replace("_per_", "/") if found else ""


def checked_number(
    value: object,
    name: str,
    example: str = "",
    *,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
    infinite: bool = False,
    code: str = "E542",
) -> float:
    """A number within bounds; `name` begins with the argument. Raises `InputError`."""
    unit = unit_of(name)
    such = f", such as {example}" if example else ""
    inside = f" in {unit}" if unit else ""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise refused(name, f"is {value!r}, not a number", f"a number{inside}{such}", code)
    number = float(value)
    if math.isnan(number) or (math.isinf(number) and not (infinite and number > 0)):
        raise refused(name, f"is {number}", f"a finite number{inside}{such}", code)
    for bad, bound in (
        (least is not None and number < least, f"at least {least}"),
        (above is not None and number <= above, f"above {above}"),
        (below is not None and number >= below, f"below {below}"),
        (most is not None and number > most, f"at most {most}"),
    ):
        if bad:
            bound = re.sub(r"\.0$", "", bound)
            raise refused(name, f"is {number:g}", f"a number {bound}{inside}{such}", code)
    return number


def checked_count(value: object, name: str, least: int = 1, *, code: str = "E542") -> int:
    """A whole number. Raises `InputError`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise refused(name, f"is {value!r}", f"a whole number from {least}", code)
    return int(value)


def checked_array(values: object, name: str, *, code: str = "E544") -> NDArray[np.float64]:
    """Finite numbers. Raises `InputError`."""
    import numpy as np

    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise refused(name, "holds what is no number", "numbers", code) from None
    finite = np.isfinite(numbers)
    if not finite.all():
        worst = int(np.argmin(finite))
        raise refused(name, f"holds {numbers.flat[worst]} at {worst}", "finite numbers", code)
    return numbers


def refused(name: str, wrong: str, allowed: str, code: str = "E542") -> InputError:
    """The error of an argument, and what to write instead."""
    return refusal(code, f"{name} {wrong}", f"write {allowed}")
