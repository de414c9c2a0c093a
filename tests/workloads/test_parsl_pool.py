"""The same list runs on Parsl's pilot jobs, here those of its local provider."""

import subprocess
import sys
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.workloads.executors import open_executor
from faradaic.workloads.ledger import Ledger

parsl = pytest.importorskip("parsl")

SCRIPT = Path(__file__).with_name("sample_run.py")

CONFIG = """
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

config = Config(
    run_dir={run_dir!r},
    usage_tracking=0,
    strategy="none",
    executors=[
        HighThroughputExecutor(
            address="127.0.0.1",
            loopback_address="127.0.0.1",
            max_workers_per_node=2,
            encrypted=False,
            provider=LocalProvider(
                init_blocks=1, max_blocks=1, worker_init="export PYTHONPATH={path}"
            ),
        )
    ],
)
"""


@pytest.mark.long
def test_a_list_on_a_pilot_job_stores_in_the_same_ledger(tmp_path: Path) -> None:
    file = tmp_path / "local.py"
    path = Path(__file__).parents[1]
    file.write_text(CONFIG.format(run_dir=str(tmp_path / "parsl"), path=path))
    folder = tmp_path / "ledger"

    def program(count: int, where: str) -> str:  # Parsl's threads and log files end with it
        return subprocess.run(
            [sys.executable, str(SCRIPT), str(folder), str(count), "0", where],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "done=12, failed=0, skipped=0" in program(12, f"parsl:{file}")
    workers = {record.worker for record in Ledger(folder).records()}
    assert "done=1, failed=0, skipped=12" in program(13, "1")
    assert {r.result["square"] for r in Ledger(folder).records() if r.result} == {
        n * n for n in range(13)
    }
    assert 1 <= len(workers) <= 2


def test_a_file_without_a_config_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "empty.py"
    file.write_text("x = 1\n")
    with pytest.raises(InputError, match=r"empty\.py gives .* no parsl\.config\.Config"):
        with open_executor(f"parsl:{file}"):
            pass


def test_a_file_that_fails_or_is_not_there_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("1 / 0\n")
    with pytest.raises(InputError, match="ZeroDivisionError"):
        with open_executor(f"parsl:{file}"):
            pass
    with pytest.raises(InputError, match="FileNotFoundError"):
        with open_executor(f"parsl:{tmp_path / 'none.py'}"):
            pass


def test_the_number_of_workers_is_the_files_to_say(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stated in the Parsl file"):
        with open_executor(f"parsl:{tmp_path / 'any.py'}", workers=3):
            pass
