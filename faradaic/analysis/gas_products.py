"""Faradaic efficiency of gaseous products, injection by injection, and their totals.

FE = z·F·x·ṅ/|I|. Errors are kept in three parts: random, those of one product (its calibration),
and those that flow and current give to all products alike; only so is the error of a total right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.calibration import Measured
from faradaic.analysis.efficiency import OVER_UNITY
from faradaic.analysis.gas_flow import GasFlow
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result, missing

_wrong = partial(refusal, "E736")

Floats = NDArray[np.float64]

LOWEST_TOTAL = 0.85
HIGHEST_TOTAL = 1.10
"""Totals outside of these are flagged."""

METHOD = "z·F·x·ṅ/|I|"


@dataclass(frozen=True, slots=True)
class GasEfficiency:
    """Faradaic efficiency of one product; arrays of shape (n,), one entry for each injection."""

    product: str
    electrons: float
    values: Floats
    """`nan` where a peak, a flow or a current is missing."""
    random: Floats
    """Of this product alone: the scatter of its peak."""
    systematic: Floats
    """Of this product alone: its calibration."""
    common_random: Floats
    """Of one injection, shared by its products: scatter of flow and current."""
    common_systematic: Floats
    """Shared by all products and injections: calibration of flow and current."""
    current_A: Floats
    basis: str
    flags: tuple[str, ...] = ()

    @property
    def partial_current_A(self) -> Floats:
        """FE·I with the sign of the current: negative at a cathode."""
        partial: Floats = self.values * self.current_A
        return partial

    @property
    def production_mol_per_s(self) -> Floats:
        """FE·|I|/(z·F)."""
        rate: Floats = np.abs(self.partial_current_A) / (self.electrons * FARADAY_C_PER_MOL)
        return rate

    def mean(self, charge_C: Floats | None = None) -> Result:
        """Mean over the injections that have a value, by the charge (n,) that each stands for.

        That is the product made over the charge passed, with the random error of the parts: over
        a run efficiencies change, which is no scatter. Without charges the injections repeat one
        another, and random is the larger of what the parts give and the scatter seen, over √n.
        """
        return _mean(
            "faradaic_efficiency",
            self.values,
            np.hypot(self.random, self.common_random),
            np.hypot(self.systematic, self.common_systematic),
            f"z = {self.electrons:g}; {self.basis}",
            (*self.flags, *(_odd(self.values))),
            charge_C,
            of=self.product,
        )


def gas_efficiency(
    product: str,
    electrons: float,
    fraction: Measured,
    flow: GasFlow,
    current_A: ArrayLike,
    *,
    current_random_relative: float = 0.0,
    current_systematic_relative: float = 0.0,
    current_basis: str = "",
) -> GasEfficiency:
    """FE of a product from its mole fractions (n,), the flow and the mean currents (n,) or one.

    Fraction and flow must both be dry or both moist. Parts whose error is not known are left out of
    it and flagged. Raises `InputError` (E736).
    """
    x, total = fraction.values, flow.mol_per_s
    try:
        current, rate = np.broadcast_arrays(np.asarray(current_A, np.float64), total.values)
        current, rate = np.broadcast_to(current, x.shape), np.broadcast_to(rate, x.shape)
    except ValueError:
        raise _wrong(
            f"{product}: {x.size} fractions, {total.values.size} flows and"
            f" {np.size(current_A)} currents do not belong together",
            "give one flow and one current for each injection, or one for all",
        ) from None
    if not electrons > 0:
        raise _wrong(
            f"{product}: {electrons:g} electrons per molecule give no efficiency",
            "give a positive number; `electrons_per_molecule(product, feed)` counts it",
        )
    if (current == 0).any():
        raise _wrong(
            f"{product}: the current is 0 at {int((current == 0).sum())} injections",
            "give the mean current while the gas was made, and leave out injections without one",
        )
    if (x > 1).any():
        raise _wrong(
            f"{product}: a mole fraction of {np.nanmax(x):g} is above 1",
            "give fractions, 5000 ppm as 5e-3",
        )
    per_fraction = electrons * FARADAY_C_PER_MOL * rate / np.abs(current)
    values = per_fraction * x
    unknown = [
        f"{product}: {kind} error of {what} not given, so not counted"
        for what, part in (("the fraction", fraction), ("the flow", total))
        for kind, error in (("random", part.random), ("systematic", part.systematic))
        if error is None
    ]
    own = [np.zeros_like(x) if e is None else per_fraction * e for e in _errors(fraction)]
    size = np.abs(values)
    shared = [
        size * _relative(error, total.values, of_current)
        for error, of_current in zip(
            _errors(total), (current_random_relative, current_systematic_relative), strict=True
        )
    ]
    basis = "; ".join(text for text in (flow.basis, current_basis) if text)
    flags = (*fraction.flags, *total.flags, *unknown)
    return GasEfficiency(
        product, electrons, values, own[0], own[1], shared[0], shared[1], current, basis, flags
    )


def total_efficiency(products: Sequence[GasEfficiency]) -> Result:
    """Sum of the products' efficiencies, mean over the injections where all have a value.

    Errors of flow and current move all products together and add up linearly; those of peaks and
    calibrations do not. Flagged below 85 % and above 110 %.
    """
    key = "total_faradaic_efficiency"
    if not products:
        return missing(key, "1", "sum of products", "no product was given")
    if len({len(p.values) for p in products}) > 1 or len({p.basis for p in products}) > 1:
        raise _wrong(
            "products of different injections, flows or currents cannot be added up",
            "compute them with the same flow and current, one value for each injection",
        )
    if len({p.product for p in products}) < len(products):
        raise _wrong("a product is there twice", "leave one of the two out")
    values = np.sum([p.values for p in products], axis=0)
    random = np.sqrt(
        np.sum([p.random**2 for p in products], axis=0)
        + np.sum([p.common_random for p in products], axis=0) ** 2
    )
    systematic = np.sqrt(
        np.sum([p.systematic**2 for p in products], axis=0)
        + np.sum([p.common_systematic for p in products], axis=0) ** 2
    )
    flags = list(dict.fromkeys(flag for p in products for flag in p.flags))
    known = values[np.isfinite(values)]
    if len(known) and known.mean() < LOWEST_TOTAL:
        flags.append("below 85 %: a product is missing, or gas is lost")
    if len(known) and known.mean() > HIGHEST_TOTAL:
        flags.append("above 110 %: check flow, calibration, electrons and current")
    basis = f"{' + '.join(p.product for p in products)}; {products[0].basis}"
    return _mean(key, values, random, systematic, basis, tuple(flags))


def _mean(
    key: str,
    values: Floats,
    random: Floats,
    systematic: Floats,
    basis: str,
    flags: tuple[str, ...],
    charge_C: Floats | None = None,
    of: str = "",
) -> Result:
    known = np.isfinite(values)
    count = int(known.sum())
    if not count:
        return missing(key, "1", METHOD, "no injection has a peak, a flow and a current", of=of)
    kept = values[known]
    share = np.full(count, 1.0) if charge_C is None else charge_C[known]
    share = share / np.sum(share)
    error = float(np.sqrt(np.sum((share * random[known]) ** 2)))
    if charge_C is None and count > 1:
        error = max(error, float(kept.std(ddof=1)) / count**0.5)
    if count < len(values):
        flags = (*flags, f"{len(values) - count} of {len(values)} injections have no value")
    return Result(
        key,
        float(np.sum(share * kept)),
        "1",
        METHOD,
        f"{basis}; mean{'' if charge_C is None else ' by charge'} of {count}"
        f" injection{'s' if count > 1 else ''}",
        random=error,
        systematic=float(np.sum(share * systematic[known])),
        flags=flags,
        of=of,
    )


def _odd(values: Floats) -> tuple[str, ...]:
    known = values[np.isfinite(values)]
    over = (OVER_UNITY,) if (known > 1).any() else ()
    return (*over, *(("below −1 %: check the baseline",) if (known < -0.01).any() else ()))


def _relative(error: Floats | None, flow: Floats, of_current: float) -> Floats | float:
    """Relative error of flow and current together; one array, for logs are long."""
    if error is None:
        return of_current
    relative: Floats = error / flow
    np.square(relative, out=relative)
    relative += of_current**2
    return np.sqrt(relative, out=relative)


def _errors(part: Measured) -> tuple[Floats | None, Floats | None]:
    return part.random, part.systematic
