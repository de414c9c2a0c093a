"""A run that died is closed, and what is left of it goes on: charge is conserved.

A death is the run folder as it was on the disk at that moment: what a killed program or a power
cut leaves. The truth is the charge through the simulated cell itself at the same moment.
"""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError, InputError
from faradaic.records.folder import LOCK_NAME
from faradaic.records.frames import event_payload, frame
from faradaic.records.journal import read_journal
from faradaic.records.run import load_run
from faradaic.runner.bench_lock import BenchLock
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.recovery import recover
from faradaic.runner.requests import Controls, Request
from faradaic.runner.session import run_plan
from faradaic.simulators import emulated_bench
from rigs.protocols import HEAD
from rigs.witness import Witness

F = 96485.33212
AMOUNT_MOL = 0.2e-3
"""Of the head."""
CC = "constant_current: {current: 10 mA, cell_voltage_limit: 5 V, until: %s}"


@pytest.fixture
def rehearse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a protocol; `deaths` are the readings at which the disk is copied, with the truth."""
    seen: list[Witness] = []
    whole = emulated_bench.simulated_cell

    def witnessed(*told: Any) -> Witness:
        seen.append(Witness(whole(*told)))
        return seen[-1]

    monkeypatch.setattr(emulated_bench, "simulated_cell", witnessed)

    def run(text: str, deaths: set[int] = frozenset(), **ask: Any):
        from faradaic.documents.document import load_document
        from faradaic.protocols.compile import compile_protocol
        from faradaic.protocols.load import validate_protocol
        from faradaic.runner.bench_file import load_bench

        loaded, bench = validate_protocol(load_document(text)), load_bench("simulated")
        plan = compile_protocol(loaded, bench)
        controls, dead, readings = Controls(), [], 0

        def observe(progress: Any) -> None:
            nonlocal readings
            readings += 1
            if readings in deaths:
                (live,) = (f for f in (tmp_path / "runs").iterdir() if f not in before)
                copy = tmp_path / f"dead-{len(list(tmp_path.iterdir()))}" / live.name
                shutil.copytree(live, copy)
                dead.append((copy, seen[-1].gross_C))
            if readings == ask.get("stop_at"):
                controls.ask(Request.STOP, "a test")

        (tmp_path / "runs").mkdir(exist_ok=True)
        before = set((tmp_path / "runs").iterdir())
        done = run_plan(
            plan,
            bench,
            protocol_text=text,
            runs_dir=tmp_path / "runs",
            seed=3,
            speed=None,
            operator=DefaultOperator(),
            controls=controls,
            observe=observe,
            faults=ask.get("faults", ()),
        )
        return done, dead, seen[-1].gross_C

    return run


STEPS = f"""steps:
  - open_circuit: 20 s
  - repeat:
      count: 3
      steps:
        - {CC % "0.02 F/mol"}
        - open_circuit: 10 s
  - {CC % "[{total: 0.12 F/mol}, {time: 9 h}]"}
  - {CC % "[{charge: 0.03 F/mol}]"}
"""
TARGET_C = (0.12 + 0.03) * AMOUNT_MOL * F


def test_wherever_it_dies_the_charge_is_bounded_and_what_is_left_makes_the_whole(rehearse) -> None:
    deaths = set(random.Random(1).sample(range(1, 330), 12))
    _, dead, _ = rehearse(HEAD + STEPS, deaths)
    assert len(dead) >= 10
    for number, (folder, true_C) in enumerate(dead):
        told = recover(folder)
        assert told.run.outcome == "LOST"
        assert told.known.low_C <= true_C * (1 + 1e-3)
        assert true_C <= told.known.high_C * (1 + 1e-3)
        assert [d.code for d in told.findings if d.severity.value == "error"] == []
        if number % 4 == 0:
            done, _, more_C = rehearse(told.text)
            assert done.result.outcome.value == "COMPLETED"
            assert told.taken_C + more_C == pytest.approx(TARGET_C, rel=3e-3)
            assert told.known.low_C + more_C <= true_C + more_C * (1 + 1e-3)


def test_the_journal_is_closed_by_a_further_part_and_nothing_of_it_is_changed(rehearse) -> None:
    _, ((folder, _),), _ = rehearse(HEAD + STEPS, {200})
    journal = folder / "journal.jsonl"
    torn = journal.read_bytes() + b'01234567 {"n":99'
    journal.write_bytes(torn)
    told = recover(folder)
    assert journal.read_bytes() == torn
    assert told.sealed == folder / "journal-0001.jsonl"
    assert any("16 bytes of it are there, set aside" in one for one in told.lost)
    contents = read_journal(journal)
    assert contents.torn_bytes == 0
    assert [(one.size_bytes, one.records) for one in contents.damage] == [(16, 0)]
    assert contents.last("run_stop").fields["outcome"] == "LOST"
    again = recover(folder)
    assert again.sealed is None
    assert (again.known.low_C, again.known.high_C) == (told.known.low_C, told.known.high_C)
    assert again.text == told.text
    assert json.loads((folder / "summary.json").read_text())["outcome"] == "LOST"


def test_a_run_that_is_alive_is_left_alone(rehearse) -> None:
    from filelock import FileLock

    _, ((folder, _),), _ = rehearse(HEAD + STEPS, {200})
    with FileLock(folder / LOCK_NAME), pytest.raises(InputError, match="still alive"):
        recover(folder)
    assert not (folder / "journal-0001.jsonl").exists()


def test_a_run_whose_device_host_still_holds_the_bench_is_left_alone(rehearse) -> None:
    _, ((folder, _),), _ = rehearse(HEAD + STEPS, {200})
    address = "tcp://127.0.0.1:5025"
    source = f"source: {{driver: keithley-2450, address: '{address}'}}"
    (folder / "bench.yaml").write_text(f"faradaic_bench: 1\nname: hood\n{source}\n")
    with BenchLock(address, bench="hood", driver="keithley-2450") as lock:
        lock.tell(run=folder.name, folder=folder.resolve(), host_pid=4711)
        with pytest.raises(DeviceError, match="still held"):
            recover(folder)
    assert recover(folder).run.outcome == "LOST"


def test_a_stopped_run_goes_on_where_it_was(rehearse) -> None:
    done, _, true_C = rehearse(HEAD + STEPS, stop_at=300)
    told = recover(done.folder)
    assert told.sealed is None
    assert "ended STOPPED: a test" in told.lost[0]
    assert told.known.high_C == pytest.approx(told.known.measured_C, rel=1e-3)  # rests add nothing
    assert told.known.low_C <= true_C * (1 + 1e-3)
    assert true_C <= told.known.high_C * (1 + 1e-3)
    _, _, more_C = rehearse(told.text)
    assert told.taken_C + more_C == pytest.approx(TARGET_C, rel=3e-3)


def test_what_a_stopped_run_dosed_is_in_the_solution_of_its_continuation(rehearse) -> None:
    doses = "".join(
        f"  - dose: {{component: substrate, amount: {amount} mmol}}\n" for amount in (0.1, 0.05)
    )
    late = "  - dose: {component: substrate, amount: 1 mmol}\n"
    steps = f"steps:\n{doses}  - {CC % '0.1 F/mol'}\n{late}"
    done, _, _ = rehearse(HEAD + steps, stop_at=60)
    told = recover(done.folder)
    assert "ended STOPPED" in told.lost[0]
    assert "substrate: {amount: 0.35 mmol" in told.text  # and not what was still to come


def test_a_chain_of_continuations_counts_all_of_them(rehearse) -> None:
    done, _, first_C = rehearse(HEAD + STEPS, stop_at=200)
    second = recover(done.folder).text
    done, _, second_C = rehearse(second, stop_at=100)
    third = recover(done.folder).text
    assert third.count("- run: ") == 2
    done, _, third_C = rehearse(third)
    assert done.result.outcome.value == "COMPLETED"
    assert first_C + second_C + third_C == pytest.approx(TARGET_C, rel=5e-3)
    assert done.summary["charge_total_C"] == pytest.approx(TARGET_C, rel=5e-3)


def test_a_tripped_run_says_which_limit(rehearse) -> None:
    text = HEAD + f"steps:\n  - {CC % '{charge: 0.5 F/mol}'}\n"
    film = "film:start=0.05F/mol,rate=2V/F"
    done, _, _ = rehearse(text, faults=[film])
    assert done.result.outcome.value == "TRIPPED"
    told = recover(done.folder)
    assert any(one.startswith("the limit: ") and "set by" in one for one in told.lost)
    assert told.text


def test_a_completed_run_has_nothing_left(rehearse) -> None:
    done, _, _ = rehearse(HEAD + f"steps:\n  - {CC % '60 s'}\n")
    told = recover(done.folder)
    assert told.text == ""
    assert "nothing is left" in told.none_because


REAL = {"title": "T", "simulated": False, "utc": "2026-11-21T07:00:00+00:00", "bench": "simulated"}
SEGMENT = {"current_A": 0.01, "cell_voltage_limit_V": 5.0}


@pytest.fixture
def real(rehearse):
    """The folder of a run on a real source that died after 20 s at 10 mA."""
    return died(rehearse, "{charge: 1 F/mol}")


def died(rehearse, until: str, *further: tuple[str, float, dict[str, Any]]) -> Path:
    _, ((folder, _),), _ = rehearse(HEAD + f"steps:\n  - {CC % until}\n", {5})
    (folder / "bench.yaml").write_text("source: {address: serial:///dev/ttyACM0}\n")
    lines, link = [], "00000000"
    columns = ["time_s", "step", "current_A", "charge_gross_C", "charge_net_C"]
    clock = {"utc": "2026-11-21T07:00:00+00:00", "mono_s": 5000.0}
    records = [
        ("run_start", 0.0, {**REAL, "limiting_amount_mol": AMOUNT_MOL}),
        ("columns", 0.0, {"columns": [{"name": name, "unit": "1"} for name in columns]}),
        ("clock", 0.0, clock),
        ("step_start", 0.0, {"step": "1", "index": 0}),
        ("mark", 0.0, {"what": "output_on_intent", "segment": SEGMENT}),
        *(("sample", t, [t, 0, 0.01, 0.01 * t, 0.01 * t]) for t in map(float, range(1, 21))),
        ("charge_bounds", 1.0, {"below_C": 0.01, "above_C": 0.0}),
        *further,
    ]
    records[4:] = sorted(records[4:], key=lambda record: record[1])
    for seq, (kind, time_s, told) in enumerate(records):
        payload = event_payload(kind, told) if isinstance(told, dict) else ""
        payload = payload or f'"k":"sample","v":{json.dumps(told)}'.replace(" ", "")
        line, link = frame(seq, round(time_s * 1e9), payload, link)
        lines.append(line)
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    return folder


def log(folder: Path, **entry: Any) -> None:
    with (folder / "device_host.jsonl").open("a") as file:
        file.write(json.dumps(entry) + "\n")


def test_a_real_source_that_nobody_watched_has_no_upper_bound(real: Path) -> None:
    told = recover(real)
    assert (told.known.low_C, told.known.measured_C) == pytest.approx((0.19, 0.2))
    assert told.known.high_C is None
    assert told.text == ""
    assert "--output-off" in told.none_because


def test_the_device_host_tells_until_when_it_was_on(real: Path) -> None:
    utc = datetime(2026, 11, 21, 7, 0, 23, tzinfo=UTC)
    log(real, utc=utc.isoformat(), mono_s=5023.0, what="engine_gone", why="a test")
    log(real, utc=utc.isoformat(), mono_s=5023.1, what="output_off", on=False, evidence=":OUTP? 0")
    told = recover(real)
    assert told.known.unwatched_s == pytest.approx(3.1)
    assert told.known.high_C == pytest.approx(0.2 + 0.031)
    assert told.taken == "high"
    assert told.taken_C == pytest.approx(0.231)
    assert "the device host: :OUTP? 0" in told.known.bounded_by
    assert f"charge: {1 - 0.231 / (AMOUNT_MOL * F):.8g} F/mol" in told.text
    assert load_run(real).time_series().output_on_s.tolist() == [[0.0, pytest.approx(23.1)]]


def test_a_host_on_another_boot_is_read_by_the_wall_clock(real: Path) -> None:
    utc = datetime(2026, 11, 21, 7, 1, 20, tzinfo=UTC)
    log(real, utc=utc.isoformat(), mono_s=12.0, what="output_off", on=False, evidence="off")
    assert recover(real).known.unwatched_s == pytest.approx(60.0)


def test_what_was_off_before_the_last_reading_bounds_nothing(real: Path) -> None:
    utc = datetime(2026, 11, 21, 7, 0, 5, tzinfo=UTC)
    log(real, utc=utc.isoformat(), mono_s=5005.0, what="output_off", on=False, evidence="off")
    log(real, utc=utc.isoformat(), mono_s=5030.0, what="output_not_off", on=None, evidence="?")
    assert recover(real).known.high_C is None


@pytest.mark.parametrize("later", [False, True])
def test_a_person_can_say_when_it_was_off(real: Path, later: bool) -> None:
    seen = datetime(2026, 11, 21, 7, 0, 20, tzinfo=UTC) + timedelta(minutes=10)
    if later:
        assert recover(real).known.high_C is None
    told = recover(real, output_off=seen)
    assert told.known.high_C == pytest.approx(0.2 + 0.01 * 600)
    assert told.text


def test_the_charge_that_counts_can_be_chosen(real: Path) -> None:
    for taken, charge_C in (("low", 0.19), ("measured", 0.2)):
        told = recover(real, taken)
        assert told.taken_C == pytest.approx(charge_C)
        assert f"the {taken} charge" in told.text


def test_the_time_that_nobody_watched_counts_where_the_highest_charge_does(rehearse) -> None:
    folder = died(rehearse, "{time: 2 min}")
    utc = datetime(2026, 11, 21, 7, 0, 23, tzinfo=UTC)
    log(folder, utc=utc.isoformat(), mono_s=5023.0, what="output_off", on=False, evidence="off")
    for taken, left in (("high", "1 min 37 s"), ("measured", "1 min 40 s")):
        assert f"time: {left}" in recover(folder, taken).text


def test_a_pause_is_no_time_of_its_step(rehearse) -> None:
    pause = [("state", 5.0, {"to": "PAUSED"}), ("state", 11.0, {"to": "RUNNING"})]
    folder = died(rehearse, "{time: 2 min}", *pause)
    assert "time: 1 min 46 s" in recover(folder, "measured").text
