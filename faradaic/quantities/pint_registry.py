"""The one pint registry: what is handed to programs that work with pint.

It is the application's own, so that our numbers can be added to theirs, with what pint does not
know: the faraday per mole, which is no farad, and standard volumes of gas whose state the meter
sets. pint is imported here, when it is asked for, and not before: that takes longer than a command.
Texts of units are read by our grammar, never by pint.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.quantities.grammar import Quantity, QuantityError
from faradaic.quantities.units import UnitKey, scan_unit, with_key

if TYPE_CHECKING:
    import pint

_DEFINITIONS = {
    "faraday_per_mole": f"{FARADAY_C_PER_MOL!r} * coulomb / mole",
    "sccm": "[standard_volume_flow]",
}
_BEYOND_GRAMMAR = {
    "sccm": "sccm",
    "deg": "degree",
    "eV": "electron_volt",
    "kWh": "kilowatt_hour",
}
"""Units of results and of files that nobody writes in a protocol, as pint spells them; the sccm of
a file is not the molar flow of the grammar, for its state is not known."""

_PER_SECOND: UnitKey = (("s", -1),)
"""Of anything, not only of turns, to which the table gives it."""


@cache
def registry() -> Any:
    """pint's registry of this application, with our definitions."""
    import pint

    found = pint.get_application_registry()  # type: ignore[no-untyped-call]
    for name, definition in _DEFINITIONS.items():
        if name not in found:
            found.define(f"{name} = {definition}")
    return found


@cache
def pint_unit(text: str) -> Any:
    """pint's unit for a unit of the grammar, of a result or of a column: "mA/cm^2", "1/s", "1".

    Raises `QuantityError` (E104) for one that is not known.
    """
    numerator, over, rest = text.partition("1/")
    power = -1 if over and not numerator else 1
    written = rest if power < 0 else text
    if written in ("", "1"):
        return registry().Unit("dimensionless")
    key, end = scan_unit(written, 0)
    if end != len(written):
        raise QuantityError.of(f"`{text}` is not a unit", help="see units.csv", code="E104")
    whole = _known(key)
    if whole is not None:
        return whole**power
    product = registry().Unit("dimensionless")
    for symbol, exponent in key:
        factor = _known(((symbol, 1),))
        if factor is None:
            what = f"`{text}` is not a unit that is known here"
            raise QuantityError.of(what, help="see units.csv", code="E104")
        product *= factor**exponent
    return product**power


def _known(key: UnitKey) -> Any:
    symbol = key[0][0] if len(key) == 1 and key[0][1] == 1 else ""
    if symbol in _BEYOND_GRAMMAR:
        return registry().Unit(_BEYOND_GRAMMAR[symbol])
    rows = with_key(key) if key != _PER_SECOND else {}
    spelled = next((unit.pint for unit in rows.values()), None)
    return registry().Unit(spelled) if spelled else None


def to_pint(quantity: Quantity) -> pint.Quantity[float]:
    """The same quantity for pint, in SI units."""
    found: pint.Quantity[float] = registry().Quantity(
        quantity.value, pint_unit(quantity.dimension.si_unit)
    )
    return found
