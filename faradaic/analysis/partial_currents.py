"""Partial current densities of products, j_k = FE_k·j, and what remains unaccounted for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from faradaic.diagnostics import InputError
from faradaic.results import Result

METHOD = "FE·I/A"


def partial_current_density(
    product: str,
    efficiency: Result,
    current_A: float,
    area_m2: float | None,
    *,
    area_basis: str,
    area_relative: float | None = None,
) -> Result:
    """FE_k·I/A in A/m² with the sign of the current: negative for a reduction.

    `area_basis` names the area (`geometric`, `facing`, `ECSA`); its relative standard uncertainty
    counts as systematic. Without an area there is no density.
    """
    found = partial(Result, "partial_current_density", unit="A/m²", method=METHOD, of=product)
    if area_m2 is None:
        reason = "the electrode area is missing: give `area_m2`, such as 1e-4 for 1 cm²"
        return found(None, reason=reason)
    if not (area_m2 > 0 and math.isfinite(area_m2)):
        raise InputError.of(
            f"an area of {area_m2:g} m² carries no current density",
            help="give an area above 0, such as 1e-4 for 1 cm²",
            code="E738",
        )
    if efficiency.value is None:
        return found(None, reason=efficiency.reason)
    density = current_A / area_m2
    value = density * efficiency.value
    parts = [abs(density) * u for u in (efficiency.systematic,) if u is not None]
    parts += [abs(value) * u for u in (area_relative,) if u is not None]
    return found(
        value,
        basis=f"{area_basis} area; {efficiency.basis}",
        random=None if efficiency.random is None else abs(density) * efficiency.random,
        systematic=math.hypot(*parts) if parts else None,
        flags=efficiency.flags,
        of=product,
    )


def unaccounted_share(efficiencies: Mapping[str, Result], total: Result) -> Result:
    """1 − ΣFE: the share of the charge that no measured product explains; below 0 if over 100 %.

    It is a remainder, never the efficiency of a product that was not measured, and flagged so.
    """
    found = partial(Result, "unaccounted_share_of_the_charge", unit="1", method="1 − ΣFE")
    gone = [product for product, fe in efficiencies.items() if fe.value is None]
    if total.value is None or gone:
        why = f"no efficiency of {', '.join(gone)}" if gone else total.reason
        return found(None, reason=why)
    return found(
        1.0 - total.value,
        basis=f"measured: {', '.join(efficiencies)}",
        random=total.random,
        systematic=total.systematic,
        flags=("inferred from what is left, not measured", *total.flags),
    )
