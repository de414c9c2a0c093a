"""The carbon of the feed at each potential, where the tables of injections tell what went in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.carbon_balance import carbon_balance, single_pass_conversion
from faradaic.analysis.gas_products import GasEfficiency
from faradaic.results import Result
from faradaic.studies.co2.injection_tables import Injections


def carbon_results(
    feed: str,
    injections: Injections,
    here: NDArray[np.bool_],
    products: Sequence[GasEfficiency],
) -> tuple[Result, ...]:
    """Single-pass conversion, and the balance where the feed in the outlet was measured.

    Means over the injections `here`. Nothing without an inlet flow or without a product.
    """
    rates = {
        one.product: float(np.nanmean(one.production_mol_per_s))
        for one in products
        if np.isfinite(one.values).any()
    }
    inlet = injections.inlet_mol_per_s
    if inlet is None or not np.isfinite(inlet[here]).any() or not rates:
        return ()
    inlet_mol_per_s = float(np.nanmean(inlet[here]))
    found = (single_pass_conversion(feed, inlet_mol_per_s, rates),)
    if injections.feed_fraction is None:
        return found
    flow = np.broadcast_to(injections.flow.mol_per_s.values, here.shape)
    outlet_mol_per_s = float(np.nanmean((injections.feed_fraction * flow)[here]))
    return (*found, carbon_balance(feed, inlet_mol_per_s, outlet_mol_per_s, rates))
