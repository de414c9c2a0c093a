"""Reading quantities: the slowest of three hundred texts made to be slow, best of five each.

python benchmarks/quantities.py
"""

from __future__ import annotations

import random
import string
import time
from contextlib import suppress

from faradaic.quantities import Dimension, QuantityError, parse, parse_quantity

QUANTITY_LIKE = "0123456789.,-+−eE_ '\u00a0mAcVFhskµμΩ\u2126°C%/^·²³⁻*():naif"
WANTED = (
    (Dimension.CURRENT,),
    (Dimension.CONCENTRATION, Dimension.MOLAR_FLOW, Dimension.CHARGE),
)


def adversaries() -> list[str]:
    """Texts of up to 64 characters, made to be slow to read."""
    rng = random.Random(20240501)
    shapes = [
        "9" * 64,
        "9**" * 21,
        "1e" + "9" * 62,
        "1 " + "m" * 62,
        "1 " + "m/" * 31,
        "1 " + "cm2 " * 15,
        "1 s" * 21,
        "1 h " * 16,
        "1,1" * 21,
        "1 111" * 12,
        "1" + " " * 62 + "x",
        "." * 64,
        "1_" * 32,
        "1 mA/cm" + "²" * 57,
        "1.111" * 12 + ",1",
    ]
    letters = string.ascii_letters + "/ ^µ"
    shapes += [
        "1 " + "".join(rng.choices(letters, k=k)) for k in (8, 12, 16, 62) for _ in range(20)
    ]
    shapes += ["".join(rng.choices(QUANTITY_LIKE, k=64)) for _ in range(200)]
    return shapes


def read_s(text: str, dimensions: tuple[Dimension, ...]) -> float:
    """How long one text takes, read or refused."""
    begin = time.perf_counter()
    with suppress(QuantityError):
        parse_quantity(text, *dimensions)
    return time.perf_counter() - begin


def main() -> None:
    """Print the slowest."""
    parse("5 mA", Dimension.CURRENT)  # the table is read once
    slowest_s, text = max(
        (min(read_s(text, dimensions) for _ in range(5)), text)
        for text in adversaries()
        for dimensions in WANTED
    )
    print(f"slowest {slowest_s * 1e6:.0f} µs (wanted < 1000): {text!r}")


if __name__ == "__main__":
    main()
