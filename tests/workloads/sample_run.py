"""A work list as a program of its own, to be killed: FOLDER TASKS SECONDS_PER_TASK WORKERS.

WORKERS is a number of processes, or parsl:FILE.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from faradaic.workloads.executors import open_executor
from faradaic.workloads.ledger import Ledger, task_key
from faradaic.workloads.work import Task, run
from workloads.sample_tasks import square


def tasks(count: int, **options: object) -> list[Task]:
    """Squares of 0 to `count` - 1."""
    return [
        Task(task_key({"number": n}, "square", {}), {"number": n, **options}, str(n))
        for n in range(count)
    ]


def main() -> None:
    folder, count, takes_s, where = sys.argv[1:]
    options = {"takes_s": float(takes_s), "diary": str(Path(folder) / "diary")}
    number = int(where) if where.isdigit() else None
    with open_executor("processes" if number else where, number) as pool:
        print(run(tasks(int(count), **options), square, Ledger(folder), pool), flush=True)


if __name__ == "__main__":
    main()
