"""MethodSCRIPT data packages: `P` + fields joined by `;`, a field a type, 28 bits and a prefix.

A field is two letters of variable type, seven hexadecimal digits offset by 2^27, an SI prefix,
and comma-separated metadata: `1X` status bits, `2XX` range index, `4X` noise. Source: PalmSens,
MethodSCRIPT examples for Python (README "Parse the measurement data packages", `mscript.py`).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from faradaic.diagnostics import DeviceError, Diagnostic

OFFSET = 1 << 27
MANTISSA_MAX = OFFSET - 1
NAN_FIELD = "     nan"

PREFIX_EXPONENTS = {
    "a": -18,
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "m": -3,
    " ": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
EXPONENTS = PREFIX_EXPONENTS | {"i": 0}
"""With `i`, which stands for a whole number."""
_FACTORS = {prefix: float(f"1e{exponent}") for prefix, exponent in EXPONENTS.items()}
_FINEST_FIRST = [(p, _FACTORS[p], MANTISSA_MAX * _FACTORS[p]) for p in PREFIX_EXPONENTS]

OVERLOAD = 0x2
UNDERLOAD = 0x4
OVERLOAD_WARNING = 0x8

_FIELD = re.compile(
    r"([a-z]{2})(?:([0-9A-Fa-f]{7})([afpnum kMGTPEi])|     nan)((?:,[0-9A-F]{1,8})*)"
)


class GarbledPackage(DeviceError):
    """A line that is not a data package: bytes were lost or changed on the way."""

    default_code = "E511"


class Field(NamedTuple):
    """One variable of a package, in SI; metadata that was not sent is None."""

    type: str
    value: float
    status: int | None = None
    range_index: int | None = None
    noise: int | None = None


def decode_package(line: str) -> tuple[Field, ...]:
    """The fields of one line, with or without its line feed. Raises `GarbledPackage`."""
    text = line.rstrip("\n")
    if text[:1] != "P":
        raise _garbled(line)
    fields = []
    for part in text[1:].split(";"):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise _garbled(line)
        kind, digits, prefix, metadata = match.groups()
        if digits is None:
            value = math.nan
        else:
            # Dividing by the exact power of ten rounds once: 5 m is 0.005 and not its neighbour.
            factor, divisor = _SCALES[prefix]
            value = (int(digits, 16) - OFFSET) / divisor * factor
        fields.append(_new_field(Field, (kind, value, *_metadata(metadata))))
    return tuple(fields)


def encode_field(field: Field) -> str:
    """One field, its value on the finest prefix that holds it in 28 bits.

    Raises `OverflowError` for an infinite value or one above 1.3e26.
    """
    text = field.type + encode_value(field.value)
    if field.status is not None:
        text += f",1{field.status:X}"
    if field.range_index is not None:
        text += f",2{field.range_index:02X}"
    if field.noise is not None:
        text += f",4{field.noise:X}"
    return text


def encode_value(value: float) -> str:
    """Seven digits and a prefix, or the NaN field."""
    if value != value:
        return NAN_FIELD
    magnitude = abs(value)
    for prefix, factor, largest in _FINEST_FIRST:
        if magnitude <= largest:
            return f"{round(value / factor) + OFFSET:07X}{prefix}"
    raise OverflowError(f"{value!r} does not fit a MethodSCRIPT package")


def encode_integer(value: int) -> str:
    """Seven digits and the `i` of an integer. Raises `OverflowError` beyond 28 bits."""
    if not -OFFSET <= value <= MANTISSA_MAX:
        raise OverflowError(f"{value} does not fit a MethodSCRIPT package")
    return f"{value + OFFSET:07X}i"


_SCALES = {p: (float(f"1e{max(e, 0)}"), float(f"1e{max(-e, 0)}")) for p, e in EXPONENTS.items()}
"""Prefix -> what a value is multiplied with, and divided by."""
_new_field = tuple.__new__
"""What a named tuple makes itself with, without asking for its names."""


@lru_cache(4096)
def _metadata(text: str) -> tuple[int | None, int | None, int | None]:
    status = range_index = noise = None
    for token in text.split(",")[1:]:
        if token[0] == "1":
            status = int(token[1:] or "0", 16)
        elif token[0] == "2":
            range_index = int(token[1:] or "0", 16)
        elif token[0] == "4":
            noise = int(token[1:] or "0", 16)
    return status, range_index, noise


def _garbled(line: str) -> GarbledPackage:
    return GarbledPackage(
        Diagnostic(
            "E511",
            f"{line[:60]!r} is not a MethodSCRIPT data package",
            help="if it happens again, check the cable, hubs and the baud rate: bytes are lost",
        )
    )
