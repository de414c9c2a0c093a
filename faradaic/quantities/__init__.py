"""The quantity grammar: what people write ("5 mA", "2.5 F/mol", "1 h 30 min") and SI floats.

Parsed once, at the edge; inside, every number is a float in SI with its unit in its name. Only the
units of `units.csv` exist, names are case-sensitive, and what cannot be read is a `QuantityError`
that says what to type instead. Physical constants are in `constants`, the types of pydantic fields
in `fields`.
"""

from faradaic.quantities.dimensions import Dimension
from faradaic.quantities.formatting import convert, format_duration, format_quantity, to_SI
from faradaic.quantities.grammar import Quantity, QuantityError, parse, parse_quantity

__all__ = [
    "Dimension",
    "Quantity",
    "QuantityError",
    "convert",
    "format_duration",
    "format_quantity",
    "parse",
    "parse_quantity",
    "to_SI",
]
