"""How the suite runs, and run folders whose every number is known in closed form.

Examples of hypothesis have no deadline; the folders are written with the real journal.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from rigs.run_again import left_out

COLUMNS = (
    ("time_s", "s"),
    ("step", "1"),
    ("current_A", "A"),
    ("cell_voltage_V", "V"),
    ("potential_V", "V"),
    ("charge_gross_C", "C"),
    ("charge_net_C", "C"),
    ("flags", "1"),
    ("regulation", "1"),
)

HEADER: Mapping[str, Any] = {
    "faradaic": "0.1.0",
    "schema": 1,
    "run": "closed-form",
    "title": "Closed form",
    "simulated": True,
    "bench": "simulated",
    "protocol_sha256": "a" * 64,
    "bench_sha256": "b" * 64,
    "seed": 0,
    "utc": "2026-11-21T07:00:12+00:00",
    "limiting": "hydrazide",
    "limiting_amount_mol": 2.0e-4,
    "electrons": 4.0,
    "products": {
        "dioxide": {"target": True, "molar_mass_kg_per_mol": 0.31638, "electrons": 4.0},
        "H2": {"at": "cathode"},
    },
    "identity": {
        "source": {
            "manufacturer": "KEITHLEY",
            "model": "2450",
            "serial": "SIM00001",
            "firmware": "1.7.12b",
        }
    },
}

Waveform = Callable[[float], float]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Hundreds of programs start here: each would compile all that it imports again."""

os.environ["FARADAIC_SHARED"] = tempfile.mkdtemp(prefix="faradaic-")
"""Locks and runs under way of these tests are their own; short, since sockets stand in it."""
atexit.register(shutil.rmtree, os.environ["FARADAIC_SHARED"], ignore_errors=True)

_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _UNTIMED, max_examples=40)
settings.register_profile("thorough", _UNTIMED, max_examples=60)
settings.load_profile("quick")  # pytest --hypothesis-profile=thorough tries more


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--max-skips", type=int, help="fail when more tests than this are skipped")
    parser.addoption("--note", type=Path, help="note in this file which tests passed")
    parser.addoption("--after", type=Path, help="leave to that run what rigs/run_again.py says")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --after, leave out what has just passed, if nothing makes it another test here."""
    if (noted := config.getoption("--after")) is not None:
        left = left_out(items, json.loads(noted.read_text("utf-8"))["passed"])
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One more than cores for folders, as many tests wait; files and tests run where called."""
    return 0 if all(".py" in argument for argument in config.args) else (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many tests were skipped, and why."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {count:3}  {reason.removeprefix('Skipped: ')}")
    if (note := config.getoption("--note")) is not None:
        passed = sorted({report.nodeid for report in terminalreporter.stats.get("passed", ())})
        note.write_text(json.dumps({"passed": passed}), "utf-8")
    most = config.getoption("--max-skips")
    if most is not None and reasons.total() > most:
        terminalreporter.write_line(f"{reasons.total()} skipped, at most {most} are allowed")
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED


def write_run(
    runs_dir: Path,
    *,
    current: Waveform = lambda t: 5.0e-3,
    voltage: Waveform = lambda t: 8.0,
    gross: Waveform = lambda t: 5.0e-3 * t,
    net: Waveform | None = None,
    duration_s: float = 1000.0,
    interval_s: float = 1.0,
    rest_s: float = 10.0,
    rest: tuple[float | None, int] = (1.0e-14, 1),
    leave_out: tuple[float, float] | None = None,
    flags: Callable[[float], int] = lambda t: 0,
    header: Mapping[str, Any] | None = None,
    stop: Mapping[str, Any] | None = None,
    end: bool = True,
    plan: Mapping[str, Any] | None = None,
) -> Path:
    """A rest, a step with current, and the end; the functions are of the time in that step.

    `rest` is current and regulation during the rest: a source meter holds 0 A with its output
    on, a potentiostat opens the cell and reports no current.
    """
    header = HEADER if header is None else header
    net = net or gross
    utc = datetime(2026, 11, 21, 7, 0, 12, tzinfo=UTC)
    with RunFolder.create(runs_dir, "closed-form", simulated=True, utc=utc) as folder:
        if plan is not None:
            folder.write_text("plan.json", json.dumps(plan))
        with JournalWriter(folder.journal) as journal:
            journal.write("run_start", 0.0, header, durable=True)
            journal.write("columns", 0.0, {"columns": [{"name": n, "unit": u} for n, u in COLUMNS]})
            step = {"step": "1", "index": 0, "kind": "open_circuit", "label": "open circuit"}
            journal.write("step_start", 0.0, step)
            for i in range(int(rest_s / interval_s)):
                time_s = i * interval_s
                journal.sample(time_s, (time_s, 0, rest[0], 0.4, None, 0.0, 0.0, 0, rest[1]))
            step = {"step": "2", "index": 1, "kind": "constant_current", "label": "5.00 mA"}
            journal.write("step_start", rest_s, step)
            journal.write("mark", rest_s, {"what": "output_on_intent", "mode": "constant_current"})
            for i in range(round(duration_s / interval_s) + 1):
                t = i * interval_s
                if leave_out and leave_out[0] < t < leave_out[1]:
                    continue
                journal.sample(
                    rest_s + t,
                    (rest_s + t, 1, current(t), voltage(t), None, gross(t), net(t), flags(t), 1),
                )
            if end:
                charge_C = gross(duration_s)
                journal.write(
                    "run_stop",
                    rest_s + duration_s,
                    {
                        "outcome": "COMPLETED",
                        "stop_reason": "every step is done",
                        "charge_gross_C": charge_C,
                        "charge_net_C": net(duration_s),
                        "charge_low_C": charge_C,
                        "charge_high_C": charge_C,
                        "duration_s": rest_s + duration_s,
                        "samples": round(duration_s / interval_s) + 1,
                        "output": {"on": False, "evidence": ":OUTP? -> 0"},
                        **(stop or {}),
                    },
                    durable=True,
                )
    return folder.path


@pytest.fixture
def header() -> dict[str, Any]:
    """What a run says of itself at its beginning."""
    return dict(HEADER)


@pytest.fixture
def closed_form_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run into a folder of its own; see `write_run` for what can be chosen."""
    return partial(write_run, tmp_path / "runs")
