"""Couples: at what potential classes of compound are oxidised and reduced in practice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.reference_electrodes import reference_electrode
from faradaic.chemistry.tables import rows


@dataclass(frozen=True, slots=True)
class Couple:
    """A class of compound and its practical potential: where it reacts at about 1 mA/cm²."""

    id: str
    direction: str
    potential_V_vs_SHE: float
    spread_V: float
    source: str


def couples_in(*texts: str | None, direction: str) -> Iterator[Couple]:
    """The classes of compound in the table whose words occur in the texts."""
    text = " ".join(t for t in texts if t).lower()
    for row in rows("couples"):
        words = row["words"].lower().split("|")
        if row["direction"] == direction and any(w and w in text for w in words):
            yield _couple(row)


def couple(id: str) -> Couple:  # noqa: A002
    """One row of the table of couples."""
    return next(_couple(row) for row in rows("couples") if row["id"] == id)


@cache
def sce_to_SHE_V() -> float:
    """Potential of the saturated calomel electrode, on which organic tables count, V vs SHE."""
    return reference_electrode("SCE").potential_V


def _couple(row: dict[str, str]) -> Couple:
    return Couple(
        id=row["id"],
        direction=row["direction"],
        potential_V_vs_SHE=float(row["potential_V_vs_SCE"]) + sce_to_SHE_V(),
        spread_V=float(row["spread_V"]),
        source=row["source"],
    )
