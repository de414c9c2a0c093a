"""Run a list of tasks through an executor, store each as it finishes, go on after any end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, ClassVar, NamedTuple

from faradaic.diagnostics import Diagnostic, FaradaicError, StorageError
from faradaic.workloads.ledger import Ledger, Record, Shard, now

WINDOW = 4096
"""Tasks handed to the executor and not finished: enough for a thousand workers, few in memory."""

HEARTBEAT_s = 10.0


@dataclass(frozen=True, slots=True)
class Task:
    """One independent piece of work."""

    key: str
    """Of `ledger.task_key`."""
    payload: Any
    """What the function gets; picklable."""
    label: str = ""
    cost: float = 1.0
    """Expected duration against the other tasks, for the time left."""


Function = Callable[[Any], Mapping[str, Any]]
"""Payload -> JSON values; a function of a module, so that another process finds it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. Counts are tasks."""

    done: int
    """Finished in this run."""
    failed: int
    """Failed in this run."""
    skipped: int
    """Known before, results and failures."""
    total: int | None
    """Of the whole list; None where it has no length."""
    elapsed_s: float
    left_s: float | None
    """From the cost finished so far in this run; None before the first, or without a length."""
    last: str = ""
    """Label of the task that finished last."""

    def __str__(self) -> str:
        of = "" if self.total is None else f"/{self.total}"
        text = f"{self.done + self.failed + self.skipped}{of}"
        if self.failed:
            text += f", {self.failed} failed"
        if self.left_s is not None:
            text += f", {_duration(self.left_s)} left"
        return f"{text}  {self.last}".rstrip()


@dataclass(frozen=True, slots=True)
class WorkSummary:
    """What a run did. Counts are tasks."""

    done: int
    failed: int
    skipped: int
    """Known before, results and failures."""
    wall_s: float
    cpu_s: float
    """Over all workers, as far as they reported."""
    findings: tuple[Diagnostic, ...] = ()
    """Of reading the ledger."""


class Stopped(FaradaicError):
    """The user stopped a run; what was finished is stored."""

    exit_code: ClassVar[int] = 5
    default_code = "E895"


class Unfit(FaradaicError):
    """Raised by a function in a process that can do no task of the list; it ends the run."""

    default_code = "E899"


def run(
    tasks: Iterable[Task],
    function: Function,
    ledger: Ledger,
    executor: Executor,
    *,
    progress: Callable[[Progress], None] | None = None,
    retry_failed: bool = False,
    window: int = WINDOW,
) -> WorkSummary:
    """Compute what the ledger does not hold yet.

    Tasks whose key is known are skipped, failed ones too unless `retry_failed`. A task that raises
    or loses its worker is recorded with the reason and the others go on. `tasks` may be an
    iterator of any length: at most `window` of them are held. Time left needs a sequence.

    Raises `Stopped` (E895) on Ctrl-C, `StorageError` (E893) when a result cannot be stored,
    `Unfit` as the function does, `FaradaicError` (E896) when the executor as a whole breaks,
    `InputError` (E892) when another run works in the same folder; in every case the same call goes
    on later.
    """
    with ledger.sole_run():
        work = _Run(tasks, function, ledger, executor, progress, retry_failed)
        try:
            for task in tasks:
                if work.known(task):
                    continue
                while len(work.pending) >= window:
                    work.harvest()
                work.submit(task)
            while work.pending:
                work.harvest()
        except KeyboardInterrupt:
            so_far = work.progress()
            raise Stopped.of(
                f"stopped by the user after {so_far}", help="the same command goes on from here"
            ) from None
        finally:
            work.end()
        return work.summary()


class TaskOutcome(NamedTuple):
    """What a worker tells of a task."""

    reason: str
    """Why it failed; "" where it did not."""
    cpu_s: float
    ends: tuple[type[FaradaicError], Diagnostic] | None = None
    """Why nothing was recorded and the whole run ends; None where it goes on."""


def perform(function: Function, shards: str, task: Task) -> TaskOutcome:
    """Run one task and store what came of it.

    It runs in the worker, which stores its own results, so that they do not depend on the process
    that asked for them.
    """
    wall_s, cpu_s = time.monotonic(), time.process_time()
    result, reason = None, ""
    shard = _own_shard(shards)
    try:
        result = dict(function(task.payload))
    except Unfit as error:
        return TaskOutcome("", 0.0, (Unfit, error.diagnostics[0]))
    except FaradaicError as error:
        reason = "; ".join(diagnostic.message for diagnostic in error.diagnostics)
    except Exception as error:  # noqa: BLE001 - one bad structure must not end a screening
        reason = f"{type(error).__name__}: {error}"
    wall_s, cpu_s = time.monotonic() - wall_s, time.process_time() - cpu_s
    times = round(wall_s, 3), round(cpu_s, 3), shard.worker, now()
    try:
        try:
            shard.append(Record(task.key, task.label, result, reason, *times))
        except (TypeError, ValueError) as error:
            reason = f"the result is not JSON: {error}"
            shard.append(Record(task.key, task.label, None, reason, *times))
    except StorageError as error:
        return TaskOutcome(reason, cpu_s, (StorageError, error.diagnostics[0]))
    return TaskOutcome(reason, cpu_s)


_shards: dict[tuple[str, int], Shard] = {}


def _own_shard(folder: str) -> Shard:
    return _shards.setdefault((folder, os.getpid()), Shard(Path(folder)))


class _Run:
    """The bookkeeping of one `run`."""

    def __init__(
        self,
        tasks: Iterable[Task],
        function: Function,
        ledger: Ledger,
        executor: Executor,
        report: Callable[[Progress], None] | None,
        retry_failed: bool,
    ) -> None:
        self._function, self._executor, self._report = function, executor, report
        self._folder = str(ledger.shards.resolve())
        self._shard = Shard(ledger.shards)
        keys = ledger.keys()
        self._findings = tuple(keys.findings)
        self._keys = keys.done if retry_failed else keys.done | keys.failed
        self._total = len(tasks) if isinstance(tasks, Sequence) else None
        self._cost_left: float | None = None
        if isinstance(tasks, Sequence):
            costs = {task.key: task.cost for task in tasks if task.key not in self._keys}
            self._cost_left = sum(costs.values())
        self._cost_done = 0.0
        self._done = self._failed = self._skipped = 0
        self._cpu_s = 0.0
        self._last = ""
        self._start_s = time.monotonic()
        self._finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self.pending: dict[Future[Any], Task] = {}

    def known(self, task: Task) -> bool:
        """Whether this task needs nothing; every key counts as known from its first sight on."""
        if task.key in self._keys:
            self._skipped += 1
            return True
        self._keys.add(task.key)
        return False

    def submit(self, task: Task) -> None:
        try:
            future = self._executor.submit(perform, self._function, self._folder, task)
        except BrokenExecutor as error:
            raise _broken(error) from None
        self.pending[future] = task
        future.add_done_callback(self._finished.put)

    def harvest(self) -> None:
        """Wait for the next task to finish, or for a moment to report."""
        with contextlib.suppress(Empty):
            self._settle(self._finished.get(timeout=HEARTBEAT_s))
        if self._report:
            self._report(self.progress())

    def _settle(self, future: Future[Any]) -> None:
        task = self.pending.pop(future)
        try:
            reason, cpu_s, ends = future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise _broken(error) from None
        except Exception as error:  # noqa: BLE001 - the engine's word for a lost worker
            reason, cpu_s, ends = f"{type(error).__name__}: {error}", 0.0, None
            self._shard.append(
                Record(task.key, task.label, None, reason, worker="lost", finished=now())
            )
        if ends:
            error_class, problem = ends
            raise error_class(problem)
        self._last = task.label
        self._cpu_s += cpu_s
        self._cost_done += task.cost
        if reason:
            self._failed += 1
            self._last += f": {reason}"
        else:
            self._done += 1

    def progress(self) -> Progress:
        elapsed_s = time.monotonic() - self._start_s
        left_s = None
        if self._cost_left is not None and self._cost_done:
            left_s = max(0.0, self._cost_left - self._cost_done) * elapsed_s / self._cost_done
        return Progress(
            self._done, self._failed, self._skipped, self._total, elapsed_s, left_s, self._last
        )

    def end(self) -> None:
        for future in self.pending:
            future.cancel()
        self._shard.close()

    def summary(self) -> WorkSummary:
        return WorkSummary(
            self._done,
            self._failed,
            self._skipped,
            time.monotonic() - self._start_s,
            self._cpu_s,
            self._findings,
        )


def _broken(error: BaseException) -> FaradaicError:
    return FaradaicError.of(
        f"the executor broke: {error or type(error).__name__}",
        help="what was finished is stored; the same command goes on. A script that starts "
        'processes keeps its calls under `if __name__ == "__main__":`',
        code="E896",
    )


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"
