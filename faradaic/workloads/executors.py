"""Where tasks run: processes of this machine, or an engine that reaches a cluster.

Everything here is a `concurrent.futures.Executor`; `work.run` takes any other one as well.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library

SINGLE_THREADED = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)
"""Numerical libraries read these when they are imported. One process per core with one thread
each is faster than threads for small structures, which wait for each other at every operation."""


class WorkerDied(Exception):
    """A worker process ended before its task did."""


class ProcessWorkers(Executor):
    """Single-threaded spawned processes, each watched on its own.

    Unlike `ProcessPoolExecutor`, a process that dies takes only its own task with it: that future
    raises `WorkerDied` and a new process takes the next task. Processes leave when this one is
    killed, and ignore Ctrl-C, which this one handles.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"{workers} workers")
        self._context = multiprocessing.get_context("spawn")
        self._spawning = threading.Lock()
        self._closed = False
        self._children: dict[int, tuple[BaseProcess, Connection]] = {}
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args, **kwargs)`, all picklable, in one of the processes."""
        return self._threads.submit(self._in_child, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes after their present tasks."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            self._close()

    def terminate(self) -> None:
        """End the processes now; tasks in flight raise `WorkerDied`, waiting ones are cancelled."""
        with self._spawning:
            self._closed = True
            children = list(self._children.values())
        for process, _ in children:
            process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._close()

    def _close(self) -> None:
        self._closed = True
        for process, connection in self._children.values():
            connection.close()
            process.join()
        self._children.clear()

    def _in_child(self, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        request = pickle.dumps((fn, args, kwargs))
        process, connection = self._child()
        try:
            connection.send_bytes(request)
            succeeded, value = connection.recv()
        except (EOFError, OSError):
            process.join()
            connection.close()
            self._children.pop(threading.get_ident(), None)
            raise WorkerDied(_how_it_ended(process)) from None
        if succeeded:
            return value
        raise value

    def _child(self) -> tuple[BaseProcess, Connection]:
        thread = threading.get_ident()
        if thread in self._children:
            return self._children[thread]
        with self._spawning:
            if self._closed:
                raise WorkerDied("the workers were stopped")
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
            try:
                with _environment(SINGLE_THREADED):
                    process.start()
            except OSError as error:
                raise BrokenExecutor(f"a worker could not start: {error}") from None
            theirs.close()
            self._children[thread] = process, ours
        try:
            ours.recv()
        except EOFError:
            process.join()
            del self._children[thread]
            raise BrokenExecutor(f"a worker could not start: {_how_it_ended(process)}") from None
        return process, ours


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Environment variables that a process started in this block inherits."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _how_it_ended(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        return f"worker process {process.pid} was killed by {signal.Signals(-code).name}"
    return f"worker process {process.pid} ended with exit code {code}"


def _serve(connection: Connection) -> None:
    """What a worker process does until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    connection.send("ready")
    while True:
        try:
            function, args, kwargs = connection.recv()
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 - a task that cannot be unpickled is one failure
            connection.send((False, RuntimeError(f"{type(error).__name__}: {error}")))
            continue
        try:
            reply = pickle.dumps((True, function(*args, **kwargs)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the future
            reply = pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
        connection.send_bytes(reply)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_executor(where: str = "processes", workers: int | None = None) -> Iterator[Executor]:
    """An executor by name, ended with the block; at once when the block raises.

    "processes": one single-threaded process per core, or `workers` of them. "parsl:FILE": the
    pilot jobs that a Python file describes in a `parsl.config.Config` named `config`; the number
    of workers is stated there. Raises `InputError` (E890, E891) for anything else.
    """
    if where == "processes":
        if workers is not None and workers < 1:
            raise refusal("E890", f"{workers} workers cannot work", "--workers 1 or more")
        pool = ProcessWorkers(workers or cores())
        try:
            yield pool
        except BaseException:
            pool.terminate()
            raise
        pool.shutdown()
    elif where.startswith("parsl:"):
        if workers is not None:
            raise refusal(
                "E890",
                "the number of workers is stated in the Parsl file",
                "leave --workers out, or set max_workers_per_node in the file",
            )
        with _parsl_executor(Path(where.removeprefix("parsl:"))) as engine:
            yield engine
    else:
        raise refusal(
            "E890",
            f"there is no executor {where!r}",
            '"processes", or "parsl:FILE" with a Python file that defines `config`',
        )


@contextmanager
def _parsl_executor(path: Path) -> Iterator[Executor]:
    pool_executor = optional_library("parsl.concurrent").ParslPoolExecutor
    config_type = optional_library("parsl.config").Config
    # Parsl starts programs of its own by name; they lie beside this Python, on the path or not.
    programs = str(Path(sys.executable).parent)
    if programs not in os.get_exec_path():
        os.environ["PATH"] = os.pathsep.join([programs, *os.get_exec_path()])
    try:
        config = runpy.run_path(str(path)).get("config")
        if not isinstance(config, config_type):
            raise TypeError("it defines no parsl.config.Config named `config`")
        pool = pool_executor(config=config)
    except Exception as error:  # noqa: BLE001 - whatever a person's file raises
        raise refusal(
            "E891",
            f"{path} gives no Parsl executor: {type(error).__name__}: {error}",
            "name a Python file that has `config = parsl.config.Config(...)`",
        ) from None
    with pool:
        yield pool
