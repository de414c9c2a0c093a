"""A list of tasks comes to its end whatever is killed on the way, in real processes."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from faradaic.diagnostics import FaradaicError, InputError, StorageError
from faradaic.workloads.executors import ProcessWorkers, open_executor
from faradaic.workloads.ledger import Ledger
from faradaic.workloads.work import Progress, Stopped, Task, run
from workloads.sample_run import tasks
from workloads.sample_tasks import square

SCRIPT = Path(__file__).with_name("sample_run.py")


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with open_executor(workers=2) as executor:
        yield executor


def squares(ledger: Ledger) -> dict[int, int]:
    return {int(r.label): r.result["square"] for r in ledger.records() if r.result}


def diary(folder: Path) -> list[tuple[str, int]]:
    """Every start of a task: its number and the process."""
    if not (folder / "diary").exists():
        return []
    lines = [line.split() for line in (folder / "diary").read_text().splitlines()]
    return [(number, int(pid)) for number, pid in lines]


def starts(folder: Path) -> Counter[str]:
    return Counter(number for number, _ in diary(folder))


def program(folder: Path, count: int, takes_s: float) -> subprocess.Popen[str]:
    """The list as a program in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), str(count), str(takes_s), "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_all_tasks_are_done_once_by_single_threaded_processes(
    tmp_path: Path, pool: Executor
) -> None:
    ledger = Ledger(tmp_path)

    summary = run(tasks(40, diary=str(tmp_path / "diary")), square, ledger, pool)

    assert (summary.done, summary.failed, summary.skipped) == (40, 0, 0)
    assert squares(ledger) == {n: n * n for n in range(40)}
    assert set(starts(tmp_path).values()) == {1}
    assert {r.result["threads"] for r in ledger.records() if r.result} == {"1"}
    workers = {r.worker for r in ledger.records()}
    assert len(workers) == len(list(ledger.shards.iterdir())) <= 2
    assert all(not worker.endswith(f"-{os.getpid()}") for worker in workers)


def test_what_is_known_is_not_done_again_and_a_longer_list_adds_the_rest(
    tmp_path: Path, pool: Executor
) -> None:
    ledger, notes = Ledger(tmp_path), str(tmp_path / "diary")
    run(tasks(10, diary=notes), square, ledger, pool)

    summary = run(tasks(15, diary=notes) * 2, square, ledger, pool)

    assert (summary.done, summary.skipped) == (5, 10 + 15)
    assert starts(tmp_path) == Counter(str(n) for n in range(15))


def test_a_task_that_raises_is_recorded_with_its_reason_and_retried_only_when_asked(
    tmp_path: Path, pool: Executor
) -> None:
    ledger = Ledger(tmp_path)

    first = run(tasks(6, raises_on=[2], infinite_on=[4]), square, ledger, pool)
    reasons = {r.label: r.reason for r in ledger.records() if r.failed}
    second = run(tasks(6), square, ledger, pool)
    third = run(tasks(6), square, ledger, pool, retry_failed=True)

    assert (first.done, first.failed) == (4, 2)
    assert reasons["2"] == "ArithmeticError: no square of 2 today"
    assert "not JSON" in reasons["4"]
    assert (second.done, second.skipped) == (0, 6)
    assert (third.done, third.skipped) == (2, 4)
    assert not any(r.failed for r in ledger.records())


def test_a_worker_that_dies_takes_only_its_own_task_with_it(tmp_path: Path, pool: Executor) -> None:
    ledger = Ledger(tmp_path)
    notes = str(tmp_path / "diary")

    summary = run(tasks(30, dies_on=[3, 17], diary=notes, takes_s=0.01), square, ledger, pool)

    assert (summary.done, summary.failed) == (28, 2)
    failures = {r.label: r.reason for r in ledger.records() if r.failed}
    assert set(failures) == {"3", "17"}
    assert "killed by SIGKILL" in failures["3"]
    assert starts(tmp_path) == Counter(str(n) for n in range(30) if n not in (3, 17))


def test_killing_the_program_loses_nothing_and_repeats_only_what_was_in_flight(
    tmp_path: Path,
) -> None:
    process = program(tmp_path, 60, 0.05)
    wait_until(lambda: len(squares(Ledger(tmp_path))) >= 10)
    process.kill()  # SIGKILL to the parent alone
    process.communicate()
    children = {pid for _, pid in diary(tmp_path)}
    wait_until(lambda: not any(is_alive(child) for child in children))
    before = squares(Ledger(tmp_path))

    again = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "60", "0", "2"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"done={60 - len(before)}, failed=0, skipped={len(before)}" in again.stdout
    assert squares(Ledger(tmp_path)) == {n: n * n for n in range(60)}
    repeated = [number for number, times in starts(tmp_path).items() if times > 1]
    assert len(repeated) <= 2
    assert not {int(number) for number in repeated} & set(before)


def test_workers_leave_a_killed_program_in_the_middle_of_a_long_task(tmp_path: Path) -> None:
    process = program(tmp_path, 2, 60.0)
    wait_until(lambda: len(diary(tmp_path)) == 2)
    children = {pid for _, pid in diary(tmp_path)}
    assert all(map(is_alive, children))

    process.kill()

    wait_until(lambda: not any(is_alive(child) for child in children), timeout_s=20)
    process.communicate()


def test_ctrl_c_ends_it_with_a_sentence_and_no_process_left(tmp_path: Path) -> None:
    process = program(tmp_path, 400, 0.05)
    wait_until(lambda: len(squares(Ledger(tmp_path))) >= 10)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, errors = process.communicate(timeout=20)

    assert "stopped by the user after" in errors
    assert errors.count("Traceback") == 1  # this bare program's own; the workers say nothing
    assert process.returncode != 0
    children = {pid for _, pid in diary(tmp_path)}
    wait_until(lambda: not any(is_alive(child) for child in children))
    assert 10 <= len(squares(Ledger(tmp_path))) < 400
    assert all(r.reason == "" for r in Ledger(tmp_path).records())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_endless_list_is_read_no_further_than_the_window(tmp_path: Path, pool: Executor) -> None:
    drawn = 0

    def endless() -> Iterator[Task]:
        nonlocal drawn
        for task in tasks(1000):
            drawn += 1
            yield task

    def stop(progress: Progress) -> None:
        if progress.done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(Stopped, match="stopped by the user after 2"):
        run(endless(), square, Ledger(tmp_path), pool, window=8, progress=stop)

    assert drawn <= 20 + 8 + 1


def test_progress_counts_to_the_end_and_tells_the_time_left(tmp_path: Path, pool: Executor) -> None:
    seen: list[Progress] = []
    run(tasks(2), square, Ledger(tmp_path), pool)

    twice = [*tasks(12, raises_on=[5]), tasks(12)[-1]]  # the last stands in the list again
    run(twice, square, Ledger(tmp_path), pool, progress=seen.append)

    assert seen[-1].left_s == 0.0
    assert (seen[-1].done, seen[-1].failed, seen[-1].skipped, seen[-1].total) == (9, 1, 3, 13)
    assert all(a.done + a.failed < b.done + b.failed for a, b in itertools.pairwise(seen))
    middle = seen[4]  # five of ten equal tasks are done: as much is to come
    assert middle.left_s == pytest.approx(middle.elapsed_s, rel=1e-9)
    assert str(seen[-1]).startswith("13/13, 1 failed, 0 min 00 s left")


def test_an_iterator_of_unknown_length_has_no_time_left(tmp_path: Path, pool: Executor) -> None:
    seen: list[Progress] = []
    run(iter(tasks(3)), square, Ledger(tmp_path), pool, progress=seen.append)
    assert {(p.total, p.left_s) for p in seen} == {(None, None)}


def test_threads_of_one_process_share_its_file(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def all_at_once(payload: Mapping[str, int]) -> dict[str, int]:
        together.wait(timeout=30)
        return {"square": payload["number"] ** 2}

    ledger = Ledger(tmp_path)
    with ThreadPoolExecutor(8) as executor:
        summary = run(tasks(80), all_at_once, ledger, executor)
    assert (summary.done, ledger.keys().findings) == (80, [])
    assert len(list(ledger.shards.iterdir())) == 1


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_of_the_standard_library_serves(tmp_path: Path, kind: type) -> None:
    options = (
        {"mp_context": multiprocessing.get_context("spawn")} if kind is ProcessPoolExecutor else {}
    )
    with kind(2, **options) as executor:
        summary = run(tasks(5), square, Ledger(tmp_path), executor)
    assert summary.done == 5


def test_a_broken_executor_ends_the_run_and_blames_no_task(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        with pytest.raises(FaradaicError, match="the executor broke") as caught:
            run(tasks(5, dies_on=[1]), square, Ledger(tmp_path), executor)

    assert caught.value.diagnostics[0].code == "E896"
    assert all(not r.failed for r in Ledger(tmp_path).records())


def test_a_result_that_cannot_be_stored_stops_the_run(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    with ThreadPoolExecutor(1) as executor:
        ledger.shards.rmdir()
        with pytest.raises(StorageError, match="could not be stored"):
            run(tasks(3), square, ledger, executor)


def test_a_task_that_cannot_be_sent_is_one_failure(tmp_path: Path, pool: Executor) -> None:
    good, *_ = tasks(1)
    bad = Task("0" * 64, {"number": lambda: 1}, "a function inside")

    summary = run([bad, good], square, Ledger(tmp_path), pool)

    assert (summary.done, summary.failed) == (1, 1)


@pytest.mark.parametrize("where", ["slurm", "parsl", ""])
def test_an_unknown_executor_is_an_error_with_what_there_is(where: str) -> None:
    with pytest.raises(InputError, match='"processes", or "parsl:FILE"'):
        with open_executor(where):
            pass


def test_no_workers_are_refused() -> None:
    with pytest.raises(InputError, match="0 workers"):
        with open_executor(workers=0):
            pass


def test_ctrl_c_is_the_parents_to_handle_not_a_workers() -> None:
    with open_executor(workers=1) as pool:
        worker = pool.submit(os.getpid).result()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker


def test_workers_end_with_their_pool() -> None:
    pool = ProcessWorkers(2)
    pids = {pool.submit(os.getpid).result() for _ in range(8)}
    pool.shutdown()
    assert not any(is_alive(pid) for pid in pids)
