"""The carbon of the feed at each potential, where the tables of injections tell what went in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.carbon_balance import carbon_balance, single_pass_conversion
from faradaic.analysis.gas_products import GasEfficiency
from faradaic.results import Result, missing
from faradaic.studies.co2.injection_tables import Injections
from faradaic.studies.inputs import Floats


def carbon_results(
    feed: str,
    injections: Injections,
    here: NDArray[np.bool_],
    products: Sequence[GasEfficiency],
) -> tuple[Result, ...]:
    """Single-pass conversion, and the balance where the feed in the outlet was measured.

    Means over those injections `here` that tell everything that goes into the result: rates of
    different injections are not of one gas. Nothing without an inlet flow or without a product.
    """
    rates = {
        one.product: one.production_mol_per_s for one in products if np.isfinite(one.values).any()
    }
    if injections.inlet_mol_per_s is None or not rates:
        return ()
    inlet = injections.inlet_mol_per_s[here]
    if not np.isfinite(inlet).any():
        return ()
    told = {"inlet flow": inlet, **rates}
    found = _of_whole(
        "single_pass_conversion",
        told,
        lambda means: single_pass_conversion(feed, means["inlet flow"], _only(means, rates)),
    )
    if injections.feed_fraction is None:
        return (found,)
    flow = np.broadcast_to(injections.flow.mol_per_s.values, here.shape)
    balance = _of_whole(
        "carbon_balance",
        told | {f"{feed} in the outlet": (injections.feed_fraction * flow)[here]},
        lambda means: carbon_balance(
            feed, means["inlet flow"], means[f"{feed} in the outlet"], _only(means, rates)
        ),
    )
    return found, balance


def _of_whole(
    key: str, told: Mapping[str, Floats], of_means: Callable[[Mapping[str, float]], Result]
) -> Result:
    """A result of the means over the injections that tell all of it."""
    whole: NDArray[np.bool_] = np.all([np.isfinite(values) for values in told.values()], axis=0)
    if not whole.any():
        reason = f"no injection tells all of: {', '.join(told)}"
        return missing(key, "1", "means over injections", reason)
    result = of_means({what: float(np.mean(values[whole])) for what, values in told.items()})
    if whole.all():
        return result
    flag = f"of the {whole.sum()} of {len(whole)} injections that tell all of: {', '.join(told)}"
    return replace(result, flags=(*result.flags, flag))


def _only(means: Mapping[str, float], rates: Mapping[str, Floats]) -> dict[str, float]:
    return {product: means[product] for product in rates}
