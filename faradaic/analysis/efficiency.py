"""Yield, conversion, selectivity and the efficiencies of charge. Nothing is clipped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result, missing

OVER_UNITY = "exceeds 100 %: check the amount, the electrons per molecule and the charge"

NO_PRODUCT = "no amount of product was given"
NO_LIMITING = "the amount of the limiting component is unknown"
NO_ELECTRONS = "the electrons per molecule of product are unknown"
NO_SUBSTRATE = "no amount of unreacted substrate was given"


def target_products(products: Any) -> dict[str, Mapping[str, Any]]:
    """The products that the electrolysis is for, by id: those so marked, or the only one."""
    if not isinstance(products, Mapping):
        return {}
    known = {id_: p for id_, p in products.items() if isinstance(p, Mapping)}
    marked = {id_: p for id_, p in known.items() if p.get("target")}
    return marked or (known if len(known) == 1 else {})


def faradaic_efficiency(
    product_mol: float | None,
    electrons: float | None,
    charge: Result,
    *,
    product_uncertainty_mol: float | None = None,
) -> Result:
    """z·n·F/Q: the share of the gross charge that is found in the product.

    The uncertainty of the amount counts as random, that of the charge as it is given.
    """
    found = partial(Result, "faradaic_efficiency", unit="1", method="z·n·F/Q")
    if product_mol is None:
        return found(None, reason=NO_PRODUCT)
    if electrons is None:
        return found(None, reason=NO_ELECTRONS)
    if charge.value is None:
        return found(None, reason=charge.reason)
    if charge.value == 0:
        return found(None, reason="no charge was delivered")
    value = electrons * product_mol * FARADAY_C_PER_MOL / charge.value
    parts = []
    if product_uncertainty_mol is not None and product_mol > 0:
        parts.append(product_uncertainty_mol / product_mol)
        if charge.random is not None:
            parts.append(charge.random / charge.value)
    low_C, high_C = charge.bounds or (None, None)
    charge_C = charge.value
    return found(
        value,
        basis=f"z = {electrons:g} per molecule of product, gross charge",
        random=value * math.hypot(*parts) if parts else None,
        systematic=None if charge.systematic is None else value * charge.systematic / charge_C,
        bounds=(
            0.0 if high_C is None else value * charge_C / high_C,
            value * charge_C / low_C if low_C else None,
        )
        if charge.bounds
        else None,
        flags=(*((OVER_UNITY,) if value > 1 else ()), *charge.flags),
    )


def product_yield(
    product_mol: float | None,
    substrate_mol: float | None,
    molecules: float = 1.0,
    basis: str = "the limiting component",
) -> Result:
    """ν·n(product)/n(substrate); `molecules` ν of the substrate make one of the product."""
    method = "n(product)/n(substrate)" if molecules == 1.0 else "ν·n(product)/n(substrate)"
    words = basis if molecules == 1.0 else f"{basis}, ν = {molecules:g} molecules of it make one"
    used_mol = None if product_mol is None else molecules * product_mol
    return _ratio(("product_yield", method), used_mol, substrate_mol, NO_PRODUCT, words)


def conversion(left_mol: float | None, limiting_mol: float | None) -> Result:
    """1 − n(left)/n(limiting component)."""
    used_mol = None if left_mol is None or limiting_mol is None else limiting_mol - left_mol
    head = ("conversion", "1 − n(left)/n(limiting)")
    result = _ratio(head, used_mol, limiting_mol, NO_SUBSTRATE if left_mol is None else NO_LIMITING)
    if result.value is not None and result.value < 0:
        return replace(result, flags=("more substrate was found than there was at the beginning",))
    return result


def selectivity(found: Result, used: Result) -> Result:
    """Yield over conversion."""
    key, method = "selectivity", "yield/conversion"
    for part in (found, used):
        if part.value is None:
            return missing(key, "1", method, part.reason)
    if not used.value:
        return missing(key, "1", method, "nothing was converted")
    assert found.value is not None  # neither is missing
    value = found.value / used.value
    random = None if found.random is None else found.random / used.value
    flags = (OVER_UNITY,) if value > 1 else ()
    return Result(key, value, "1", method, random=random, flags=flags)


def charge_efficiency(
    electrons: float | None, converted: Result, charge_per_amount: Result
) -> Result:
    """z·X/(F/mol): the share of the charge that converted substrate, whatever became of it."""
    key, method = "charge_efficiency", "z·X/(Q/F/n)"
    for part in (converted, charge_per_amount):
        if part.value is None:
            return missing(key, "1", method, part.reason)
    if electrons is None:
        return missing(key, "1", method, "the electrons per molecule of substrate are unknown")
    if not charge_per_amount.value or converted.value is None:
        return missing(key, "1", method, "no charge was delivered")
    value = electrons * converted.value / charge_per_amount.value
    flags = (OVER_UNITY,) if value > 1 else ()
    return Result(key, value, "1", method, f"z = {electrons:g} per molecule", flags=flags)


def _ratio(
    head: tuple[str, str],
    part: float | None,
    whole: float | None,
    reason: str,
    of: str = "the limiting component",
) -> Result:
    key, method = head
    if part is None:
        return missing(key, "1", method, reason)
    if not whole:
        return missing(key, "1", method, NO_LIMITING)
    value = part / whole
    flags = (OVER_UNITY,) if value > 1 else ()
    return Result(key, value, "1", method, f"initial amount of {of}", flags=flags)
