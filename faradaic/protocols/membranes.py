"""What the membrane or diaphragm of a protocol's cell does to its voltage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.conductivity import Range
from faradaic.chemistry.electrode_kinetics import medium_of_pH
from faradaic.chemistry.separators import separator_resistance_ohm_m2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faradaic.chemistry.dissolved import Dissolved
    from faradaic.chemistry.medium import Medium
    from faradaic.protocols.schema import Protocol


def separator_ohm_m2(protocol: Protocol, media: Mapping[str, Medium]) -> Range | None:
    """Area resistance of the separator, as stated, else of its product; None: not known."""
    separator = protocol.cell.separator
    if separator is None:
        return None
    if (stated := separator.area_resistance_ohm_m2) is not None:
        return Range(stated, stated, stated, "resistance of the separator stated by the author")
    where = {medium_of_pH(medium.acidity[0]) for medium in media.values()}
    if separator.product is None or len(where) != 1:
        return None
    found = separator_resistance_ohm_m2(separator.product, *where)
    return found and Range(found[0] - found[1], found[0], found[0] + found[1], found[2])


def ionomer(protocol: Protocol, dissolved: Dissolved) -> Literal["cem", "aem"] | None:
    """The membrane of a zero-gap cell, where the solution has no ions of its own."""
    separator, names_ions = protocol.cell.separator, dissolved.sources or dissolved.unknown
    if separator is None or not protocol.cell.type.zero_gap or names_ions or dissolved.unnamed:
        return None
    return separator.kind if separator.kind in ("cem", "aem") else None
