"""Compositions of a site template: which ions of a pool share a site so that charges balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, combinations_with_replacement, product
from math import comb, gcd, prod

from faradaic.computational.screening.ions import Ion
from faradaic.diagnostics import Diagnostic, InputError, refusal

LARGEST = 100_000
"""Compositions that are enumerated without being asked twice."""


@dataclass(frozen=True, slots=True)
class SiteTemplate:
    """A structure with one site shared in equal parts by several ions of a pool."""

    prototype: str
    """A structure of the prototype library with the sites A (it may lack it), M and X."""
    fixed: Ion | None
    """On site A; None for a structure without it (rocksalt)."""
    pool: tuple[Ion, ...]
    """Candidates for site M, in the order in which formulas name them."""
    distinct: int
    """How many different ions share site M."""
    anion: Ion
    """On site X."""
    sites: tuple[int, int, int]
    """Sites A, M and X of one formula unit: (1, 2, 4) in spinel."""

    def __post_init__(self) -> None:
        on_a, on_m, on_x = self.sites
        if min(on_a, on_m - 1, on_x - 1) < 0 or (self.fixed is None) != (on_a == 0):
            raise refusal(
                "E805",
                f"the sites {self.sites} of {self.prototype} do not fit its ions",
                "give the numbers of A, M and X of one formula unit, (1, 2, 4) for spinel",
            )
        if not 1 <= self.distinct <= len(self.pool):
            raise refusal(
                "E805",
                f"{self.distinct} different ions are asked for from a pool of {len(self.pool)}",
                f"ask for 1 to {len(self.pool)}",
            )
        cations = (*self.pool, *((self.fixed,) if self.fixed else ()))
        if self.anion.charge >= 0 or any(ion.charge <= 0 for ion in cations):
            raise refusal(
                "E805",
                f"{self.prototype} takes cations from the pool and on site A, an anion on site X",
                'write the pool as "Mg2+", "Al3+" and the anion as "O2-"',
            )
        if len(set(self.pool)) < len(self.pool):
            raise refusal("E805", "an ion stands twice in the pool", "name each ion once")

    @property
    def units(self) -> int:
        """Formula units in which the ions of site M share it equally: 2 for four in spinel."""
        return self.distinct // gcd(self.distinct, self.sites[1])

    @property
    def each(self) -> int:
        """Ions of each kind on site M in `units`."""
        return self.units * self.sites[1] // self.distinct

    @property
    def charge_on_shared_site(self) -> int | None:
        """What the charges of the different ions must add up to; None where nothing can balance."""
        fixed = self.sites[0] * (self.fixed.charge if self.fixed else 0)
        missing = -self.units * (fixed + self.sites[2] * self.anion.charge)
        return None if missing % self.each else missing // self.each


@dataclass(frozen=True, slots=True)
class SharedComposition:
    """One charge-balanced member of a template."""

    template: SiteTemplate
    shared: tuple[Ion, ...]
    """On site M, in the order of the pool."""

    @property
    def name(self) -> str:
        """The formula in the manner of Mg2(MgZnInSb)O8; charges stand where an element has two."""
        template = self.template
        elements = Counter(ion.element for ion in template.pool)
        inside = "".join(
            ion.element if elements[ion.element] == 1 else f"[{ion}]" for ion in self.shared
        )
        on_a, _, on_x = (template.units * n for n in template.sites)
        fixed = f"{template.fixed.element}{_count(on_a)}" if template.fixed else ""
        shared = f"({inside}){_count(template.each)}" if len(self.shared) > 1 or fixed else inside
        return f"{fixed}{shared}{template.anion.element}{_count(on_x)}"

    @property
    def ions(self) -> Mapping[Ion, int]:
        """Ions of all sites in the template's formula units."""
        template = self.template
        on_a, _, on_x = (template.units * n for n in template.sites)
        counts: Counter[Ion] = Counter({template.anion: on_x})
        counts.update(dict.fromkeys(self.shared, template.each))
        if template.fixed:
            counts[template.fixed] += on_a
        return counts


def charge_patterns(template: SiteTemplate) -> dict[tuple[int, ...], int]:
    """How many compositions balance, by the charges on the shared site; nothing is enumerated."""
    total = template.charge_on_shared_site
    available = Counter(ion.charge for ion in template.pool)
    patterns = {}
    for pattern in combinations_with_replacement(sorted(available), template.distinct):
        wanted = Counter(pattern)
        if sum(pattern) == total and all(available[q] >= n for q, n in wanted.items()):
            patterns[pattern] = prod(comb(available[q], n) for q, n in wanted.items())
    return patterns


def compositions(
    template: SiteTemplate, largest: int | None = LARGEST
) -> Iterator[SharedComposition]:
    """The charge-balanced compositions, one after the other, by charge pattern and pool order.

    Raises `InputError`: E803 where none balances, E804 where there are more than `largest`
    (None: as many as there are; none is kept in memory).
    """
    patterns = charge_patterns(template)
    number = sum(patterns.values())
    if not number:
        raise InputError(unbalanced(template))
    if largest is not None and number > largest:
        raise refusal(
            "E804",
            f"the template has {number} compositions, more than the {largest} allowed",
            "take ions out of the pool, or allow more with the option largest",
            {"compositions": number, "allowed": largest},
        )
    return _enumerate(template, patterns)


def _enumerate(
    template: SiteTemplate, patterns: Mapping[tuple[int, ...], int]
) -> Iterator[SharedComposition]:
    rank = {ion: i for i, ion in enumerate(template.pool)}
    for pattern in patterns:
        by_charge = (
            combinations([ion for ion in template.pool if ion.charge == charge], number)
            for charge, number in Counter(pattern).items()
        )
        for chosen in product(*by_charge):
            yield SharedComposition(template, tuple(sorted(chain(*chosen), key=rank.__getitem__)))


def unbalanced(template: SiteTemplate) -> Diagnostic:
    """What to say where no composition of a template balances (E803)."""
    total = template.charge_on_shared_site
    charges = sorted(ion.charge for ion in template.pool)
    low, high = sum(charges[: template.distinct]), sum(charges[-template.distinct :])
    fixed = f"{template.fixed} on site A and " if template.fixed else ""
    need = f"+{total}" if total is not None else "a fraction of a charge"
    return Diagnostic(
        "E803",
        f"no composition of {template.prototype} balances: with {fixed}{template.anion} on site X "
        f"{template.distinct} ions of the pool would have to carry {need} together",
        help=f"{template.distinct} ions of this pool carry +{low} to +{high}; "
        "change the pool, the ion on site A or the number of different ions",
    )


def _count(number: int) -> str:
    return str(number) if number != 1 else ""
