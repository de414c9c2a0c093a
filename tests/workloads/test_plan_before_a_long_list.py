"""A forecast is the arithmetic of measured tasks, and says on how many it rests."""

import math

import pytest

from faradaic.diagnostics import InputError
from faradaic.workloads.cost_estimate import TaskCost, estimate_cost, measure
from faradaic.workloads.ledger import Record


def test_a_million_relaxations_on_a_thousand_workers() -> None:
    # 3.7 core-seconds per 14-atom relaxation: 1e6 of them are 43 core-days, one hour on 1000 cores.
    estimate = estimate_cost(
        1e6, 1000, TaskCost(3.7, 2000, 381, 0.1), price_per_core_h=0.05, start_s=0
    )

    assert estimate.core_h / 24 == pytest.approx(42.8, abs=0.05)
    assert estimate.wall_s == pytest.approx(3700)
    assert estimate.storage_bytes == pytest.approx(2e9)
    assert estimate.cost == pytest.approx(1e6 * 3.7 / 3600 * 0.05)
    assert estimate.shards == 1000
    assert estimate.notes == ()


def test_the_last_round_counts_in_full_and_the_start_is_in_it() -> None:
    per_task = TaskCost(10.0, 1.0, 100)
    assert estimate_cost(101, 100, per_task, start_s=5).wall_s == 25
    assert estimate_cost(100, 100, per_task, start_s=5).wall_s == 15


def test_without_a_price_there_is_no_cost() -> None:
    assert estimate_cost(10, 1, TaskCost(1.0, 1.0)).cost is None


def test_it_says_what_it_rests_on() -> None:
    assert "given, not measured" in estimate_cost(10, 1, TaskCost(1.0, 1.0)).notes[0]
    assert "mean of 4 only" in estimate_cost(10, 1, TaskCost(1.0, 1.0, 4)).notes[0]
    assert "2 of the workers get nothing" in estimate_cost(10, 12, TaskCost(1.0, 1.0, 50)).notes[0]
    assert "as many files" in estimate_cost(1e6, 20000, TaskCost(1.0, 1.0, 50)).notes[0]


def test_the_mean_is_over_results_with_its_standard_error() -> None:
    done = [Record(str(n), "", {"e": 1}, cpu_s=cpu_s) for n, cpu_s in enumerate((2.0, 4.0, 6.0))]
    failed = Record("f", "", None, "no", cpu_s=100.0)

    mean = measure([*done, failed])

    assert (mean.core_s, mean.tasks) == (4.0, 3)
    assert mean.core_s_error == pytest.approx(2 / math.sqrt(3))
    assert mean.stored_bytes == len(done[0].line())


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(InputError, match="nothing was measured"):
        measure([Record("f", "", None, "no")])


@pytest.mark.parametrize(
    ("tasks", "workers", "core_s", "price"),
    [(0, 1, 1, 0), (1e6, 0, 1, 0), (1e6, 1, -1, 0), (1.5, 1, 1, 0), (1, 1, math.nan, 0),
     (math.inf, 1, 1, 0), (1, 1, 1, -2)],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused(
    tasks: float, workers: int, core_s: float, price: float
) -> None:
    with pytest.raises(InputError, match="there is no forecast for"):
        estimate_cost(tasks, workers, TaskCost(core_s, 1.0), price_per_core_h=price)
