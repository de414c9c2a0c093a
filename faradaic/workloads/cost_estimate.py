"""What a long list of tasks will take, before it is started."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev

from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import HOUR_S
from faradaic.workloads.ledger import Record

FEW_TASKS = 20
"""Below this many measured tasks a forecast says that it rests on few."""

MANY_SHARDS = 10_000
"""Files in one folder from which on the file systems of clusters become slow to list."""

KEY_BYTES = 200
"""Of memory per known key while a list runs: a text of 64 characters in a Python set."""


@dataclass(frozen=True, slots=True)
class TaskCost:
    """What a task takes on the mean."""

    core_s: float
    """Time of one core."""
    stored_bytes: float
    """Length of its line in the ledger."""
    tasks: int = 0
    """How many tasks were measured; 0 where the numbers were given."""
    core_s_error: float | None = None
    """Standard error of `core_s`; None below two tasks."""


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The estimate for a list of tasks that all count as alike."""

    tasks: int
    workers: int
    per_task: TaskCost
    core_h: float
    """Core-hours over all tasks."""
    wall_s: float
    """From the start of the workers to the end of the last round."""
    storage_bytes: float
    memory_bytes: float
    """Of the process that hands out the tasks, for the keys it knows."""
    shards: int
    """Files of results, one per worker."""
    cost: float | None
    """In the currency of the price; None without one."""
    notes: tuple[str, ...]


def measure(records: Iterable[Record]) -> TaskCost:
    """The mean over what a ledger holds, failures left out. Raises `InputError` (E897) if empty."""
    core_s, stored_bytes = [], []
    for record in records:
        if not record.failed:
            core_s.append(record.cpu_s)
            stored_bytes.append(len(record.line()))
    if not core_s:
        raise refusal(
            "E897",
            "nothing was measured yet: the ledger holds no result",
            "compute a few tasks first, or state the seconds per task",
        )
    error = stdev(core_s) / math.sqrt(len(core_s)) if len(core_s) > 1 else None
    return TaskCost(fmean(core_s), fmean(stored_bytes), len(core_s), error)


def estimate_cost(
    tasks: float,
    workers: int,
    per_task: TaskCost,
    *,
    price_per_core_h: float | None = None,
    start_s: float = 60.0,
) -> CostEstimate:
    """Time, storage and cost of `tasks` tasks on `workers` single-core workers.

    The wall time is that of full rounds, each as long as the mean task, after `start_s` for the
    workers to start; waiting in a queue is not in it. The cost is that of the working cores alone.
    Raises `InputError` (E898) for numbers that are not positive or tasks that are not whole.
    """
    for name, value in (
        ("tasks", tasks),
        ("workers", workers),
        ("core seconds per task", per_task.core_s),
        ("bytes per task", per_task.stored_bytes),
    ):
        if not (math.isfinite(value) and value > 0):
            raise _cannot(f"{value:g} {name}", "give numbers above 0")
    if tasks != int(tasks) or workers != int(workers):
        raise _cannot(f"{tasks} tasks on {workers} workers", "give whole numbers, as 1e6")
    for name, value in (("price per core-hour", price_per_core_h or 0.0), ("start", start_s)):
        if not (math.isfinite(value) and value >= 0):
            raise _cannot(f"a {name} of {value:g}", "give 0 or more")
    core_h = tasks * per_task.core_s / HOUR_S
    return CostEstimate(
        tasks=int(tasks),
        workers=int(workers),
        per_task=per_task,
        core_h=core_h,
        wall_s=start_s + math.ceil(tasks / workers) * per_task.core_s,
        storage_bytes=tasks * per_task.stored_bytes,
        memory_bytes=tasks * KEY_BYTES,
        shards=int(min(workers, tasks)),
        cost=None if price_per_core_h is None else core_h * price_per_core_h,
        notes=tuple(_notes(tasks, workers, per_task)),
    )


def _notes(tasks: float, workers: int, per_task: TaskCost) -> Iterable[str]:
    if per_task.tasks == 0:
        yield "the time per task was given, not measured"
    elif per_task.tasks < FEW_TASKS:
        yield f"the time per task is the mean of {per_task.tasks} only"
    if workers > tasks:
        yield f"{workers - int(tasks)} of the workers get nothing to do"
    if min(workers, tasks) > MANY_SHARDS:
        yield f"{workers} workers write as many files into one folder; split the list"


def _cannot(what: str, remedy: str) -> InputError:
    return refusal("E898", f"there is no forecast for {what}", remedy)
