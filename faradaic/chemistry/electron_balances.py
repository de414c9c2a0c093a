"""Electrons per molecule of product, from the formulas of product and feed.

The half reaction is balanced with water, protons and halide ions, so any product of any feed has a
count and none is looked up: 2 CO2 + 12 H+ + 12 e- -> C2H4 + 4 H2O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from faradaic.chemistry.formulas import Formula, parse_formula
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError

_FREE = ("H", "O", "F", "Cl", "Br", "I")
"""Elements that H+, H2O and halide ions balance."""


@dataclass(frozen=True, slots=True)
class HalfReaction:
    """How one molecule of a product is made from the feed; coefficients per molecule of product."""

    product: Formula
    feed: Mapping[str, Fraction]
    """Consumed, by formula; negative for a by-product."""
    water: Fraction
    """Formed; negative where it is consumed."""
    protons: Fraction
    """Consumed; negative where they are released."""
    halides: Mapping[str, Fraction]
    """Halide ions formed, by element; negative where they are consumed."""
    electrons: Fraction
    """Taken up from the cathode; negative for an oxidation, 0 where no charge is passed."""

    @property
    def count(self) -> float:
        """Electrons per molecule of product, z; positive for reductions and oxidations."""
        return float(abs(self.electrons))

    def __str__(self) -> str:
        left: list[tuple[Fraction, str]] = [
            *((n, text) for text, n in self.feed.items()),
            (self.protons, "H+"),
            (self.electrons, "e-"),
        ]
        right = [(self.water, "H2O"), *((n, f"{element}-") for element, n in self.halides.items())]
        consumed = [*((n, t) for n, t in left if n > 0), *((-n, t) for n, t in right if n < 0)]
        formed = [(Fraction(1), self.product.text)]
        formed += [*((-n, t) for n, t in left if n < 0), *((n, t) for n, t in right if n > 0)]
        return " -> ".join(
            " + ".join(text if n == 1 else f"{n} {text}" for n, text in side)
            for side in (consumed, formed)
        )


@cache
def named_products() -> Mapping[str, tuple[str, str]]:
    """Formula and phase (gas or liquid) by name: `ethanol` is (`C2H5OH`, `liquid`)."""
    return {row["name"]: (row["formula"], row["phase"]) for row in rows("products")}


def formula_of(species: str) -> Formula:
    """The formula of a name of `named_products()`, or of what is written as a formula."""
    known = named_products().get(species.strip().lower())
    return parse_formula(known[0] if known else species)


def half_reaction(
    product: str, feed: str | Sequence[str], *, byproducts: Sequence[str] = ()
) -> HalfReaction:
    """Balance a half reaction for one molecule of `product`; names or formulas.

    `feed` is what its elements come from (`CO2`, `CO`, `N2`, `NO3-`, a substrate, or several);
    `byproducts` are formed besides, such as the N2 of a hydrazide. Elements other than H, O and the
    halogens must determine the coefficients. Raises `InputError` (E731).
    """
    target = formula_of(product)
    feeds = [feed] if isinstance(feed, str) else list(feed)
    others = [formula_of(text) for text in (*feeds, *byproducts)]
    elements = sorted({e for f in (target, *others) for e in f.atoms} - set(_FREE))
    rows = [[Fraction(f.count(e)) for f in (*others, target)] for e in elements]
    amounts = _solve(rows, len(others))
    if amounts is None:
        tail = f" and by-products {', '.join(byproducts)}" if byproducts else ""
        raise InputError.of(
            f"{product} cannot be balanced in exactly one way from {', '.join(feeds)}{tail}:"
            f" {', '.join(elements) or 'no element'} must settle the coefficients",
            help="give the feed that its elements come from, one species for each, as `CO2` or"
            " `CO2`, `NO3-`; name what else is formed with `byproducts`",
            code="E731",
        )

    def balance(element: str) -> Fraction:
        found = (n * f.count(element) for n, f in zip(amounts, others, strict=True))
        return sum(found, Fraction(0)) - target.count(element)

    halides = {e: balance(e) for e in _FREE[2:] if balance(e)}
    water = balance("O")
    protons = 2 * water - balance("H")
    charge = sum((n * f.charge for n, f in zip(amounts, others, strict=True)), Fraction(0))
    electrons = charge + protons - target.charge + sum(halides.values(), Fraction(0))
    named = {f.text: n for f, n in zip(others, amounts, strict=True) if n}
    return HalfReaction(target, named, water, protons, halides, electrons)


def electrons_per_molecule(
    product: str, feed: str | Sequence[str], *, byproducts: Sequence[str] = ()
) -> float:
    """z of a product, for the Faradaic efficiency z·n·F/Q.

    Raises `InputError` where it cannot be balanced (E731) or where no electron is exchanged, as for
    CO out of a CO feed (E732).
    """
    reaction = half_reaction(product, feed, byproducts=byproducts)
    if not reaction.electrons:
        raise InputError.of(
            f"no electrons are exchanged: {reaction}",
            help="leave this species out of the products, or give the feed it is really from",
            code="E732",
        )
    return reaction.count


def _solve(rows: list[list[Fraction]], unknowns: int) -> list[Fraction] | None:
    """The only solution of a small linear system, right side last; None if none or many."""
    rows = [row[:] for row in rows]
    for column in range(unknowns):
        pivot = next((r for r in rows[column:] if r[column]), None)
        if pivot is None:
            return None
        rows.remove(pivot)
        rows.insert(column, pivot)
        for row in rows:
            if row is not pivot and row[column]:
                factor = row[column] / pivot[column]
                row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    if any(row[unknowns] for row in rows[unknowns:]):
        return None
    return [rows[i][unknowns] / rows[i][i] for i in range(unknowns)]
