"""Numbers as MethodSCRIPT writes them: an integer and an SI prefix, never a decimal point."""

from __future__ import annotations

import re
from decimal import Decimal

from faradaic.diagnostics import DeviceError
from faradaic.methodscript_packages import PREFIX_EXPONENTS

MANTISSA_DIGITS = 9
"""Nine digits fit the instrument's 32-bit integers."""

_PREFIXES = {"": 0} | {p: e for p, e in PREFIX_EXPONENTS.items() if p != " "}
_COARSE_FIRST = sorted(_PREFIXES.items(), key=lambda item: -item[1])
_LITERAL = re.compile(r"([+-]?)(?:0x([0-9A-Fa-f]+)|0b([01]+)|([0-9]+))([afpnumkMGTPE]?)(i?)")


def literal(value: float) -> str:
    """A number as a script takes it, with the fewest digits: 0.005 is `5m`, 1.5 is `1500m`.

    Exact for numbers of up to seven significant digits; longer ones are rounded to seven or more.
    Raises `DeviceError` for a value beyond the prefixes.
    """
    if value == 0:
        return "0"
    if not 1e-18 <= abs(value) < 1e26:
        raise _unwritable(value)
    exact = Decimal(f"{value:.{MANTISSA_DIGITS}g}")
    fitting = [
        (mantissa, prefix)
        for prefix, exponent in _COARSE_FIRST
        if abs(mantissa := exact.scaleb(-exponent)) < 10**MANTISSA_DIGITS
        # 3600 s stays readable; a prefix above 1 is for what is too long without.
        and (exponent <= 0 or abs(mantissa) >= 10 ** (MANTISSA_DIGITS - 3))
    ]
    whole = (pair for pair in fitting if pair[0] == pair[0].to_integral_value())
    mantissa, prefix = next(whole, fitting[-1])
    return f"{round(mantissa)}{prefix}"


def parse_literal(text: str) -> int | float | None:
    """The value of a literal; None if the text is not one.

    An `int` if it ends in `i` or is hexadecimal or binary (which take no prefix), else a `float`.
    """
    match = _LITERAL.fullmatch(text)
    if match is None:
        return None
    sign, hexadecimal, binary, decimal, prefix, integer = match.groups()
    if decimal is not None:
        number = int(decimal)
    elif hexadecimal is not None:
        number = int(hexadecimal, 16)
    else:
        number = int(binary, 2)
    if sign == "-":
        number = -number
    if integer or decimal is None:
        return None if prefix else number
    exponent = _PREFIXES[prefix]
    return number * 10.0**exponent if exponent >= 0 else number / 10.0**-exponent


def _unwritable(value: float) -> DeviceError:
    return DeviceError.of(
        f"{value!r} cannot be written as a MethodSCRIPT number",
        help="give a value whose magnitude is 0 or between 1e-18 and 1e26",
        code="E513",
    )
