"""Efficiency, turnover and stability of a log of a million rows.

    python benchmarks/analysis_rows.py

Processor time, the median of seven repetitions in one process; uncertainty against none.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from faradaic.analysis.calibration import Measured
from faradaic.analysis.gas_flow import measured_outlet
from faradaic.analysis.gas_products import gas_efficiency
from faradaic.analysis.stability.account import account
from faradaic.analysis.stability.trend import Trend
from faradaic.analysis.turnover import (
    sites_from_cluster,
    turnover_frequency,
    turnover_number,
)
from faradaic.chemistry.clusters import named_cluster
from faradaic.chemistry.gases import ReferenceState

ROWS = 1_000_000
SIXTEEN_HOURS_S = 57_600.0
SITES = sites_from_cluster(1e-7, named_cluster("Ag25(SPhMe2)18-"), weighed="cluster", per="cluster")

_rng = np.random.default_rng(0)
TIME_S = np.linspace(0.0, SIXTEEN_HOURS_S, ROWS)
CURRENT_A = -0.2 * np.exp(-TIME_S / 4e5) + _rng.normal(0.0, 1e-4, ROWS)
FRACTION = 0.3 + _rng.normal(0.0, 1e-3, ROWS)
FLOW_SCCM = np.full(ROWS, 30.0)


def efficiency(*, uncertain: bool) -> None:
    """Efficiency, turnover frequency and turnover number of one product."""
    errors = {"random_relative": 0.01, "systematic_relative": 0.02} if uncertain else {}
    of_current = (
        {"current_random_relative": 1e-3, "current_systematic_relative": 2e-3} if uncertain else {}
    )
    found = gas_efficiency(
        "CO",
        2.0,
        Measured.of(FRACTION, **errors),
        measured_outlet(FLOW_SCCM, ReferenceState(273.15), **errors),
        CURRENT_A,
        **of_current,
    )
    turnover_frequency("CO", found.mean(), 2.0, float(CURRENT_A.mean()), SITES)
    turnover_number("CO", TIME_S, found.partial_current_A, 2.0, SITES)


def stability() -> None:
    """Drift, robust drift, retention, t80, decay law and change points of the current."""
    series = Trend("current", "A", TIME_S, np.abs(CURRENT_A))
    account(series, break_in_s=600.0, window_s=600.0)


def median_s(work: Callable[[], None]) -> float:
    """The median processor time of a piece of work, s, without its first call and its imports."""
    work()
    found = []
    for _ in range(7):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def main() -> None:
    """Print the table."""
    plain_s = median_s(lambda: efficiency(uncertain=False))
    uncertain_s = median_s(lambda: efficiency(uncertain=True))
    print(f"{ROWS:,} rows")
    print(f"efficiency and turnover        {plain_s * 1e3:6.0f} ms")
    ratio = uncertain_s / plain_s
    print(f"the same with uncertainties    {uncertain_s * 1e3:6.0f} ms, {ratio:.1f} x")
    print(f"stability account              {median_s(stability) * 1e3:6.0f} ms")


if __name__ == "__main__":
    main()
