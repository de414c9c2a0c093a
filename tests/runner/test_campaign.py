"""A plate on a rack of instruments: what becomes of its wells when something becomes of one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.protocols.plates.compile_plate import compile_plate
from faradaic.protocols.plates.load_plate import load_plate
from faradaic.records.plate_folder import PlateFolder, PlateWell
from faradaic.runner.bench_file import load_bench
from faradaic.runner.campaign import Campaign, PlateResult
from faradaic.runner.requests import Controls, Request
from faradaic.runner.schedule import schedule
from faradaic.workloads import work
from rigs.benches import wait_for
from rigs.racks import SHORT, Rack, rack, write_plate

LONG = SHORT.replace("2 mC", "1 C")
WELL_C = 2e-3


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Rack]:
    """Three source meters behind sockets."""
    with rack(tmp_path, 3) as found:
        yield found


class Plates:
    """A plate that is run in a thread, from its file on."""

    def __init__(self, folder: Path, one: Rack, plate: Path) -> None:
        self.bench = load_bench(str(one.path))
        plan = compile_plate(load_plate(plate), self.bench.channel(1), self.bench.channels)
        wells = [
            PlateWell(w.name, w.row, w.column, w.factors, w.control, w.replicate, 1, 2.0)
            for w in plan.wells
        ]
        about = {"title": "t", "channels": plan.channels, "stops_on_failure": plan.stops_on_failure}
        texts = {well.name: well.text for well in plan.wells}
        self.plate, lock = PlateFolder.create(
            folder / "runs", "t", about, wells, texts, simulated=False
        )
        lock.release()
        self.controls = Controls()

    def run(self) -> PlateResult:
        """What is left of it, to its end."""
        self.controls = Controls()
        self.campaign = Campaign(self.plate, self.bench, controls=self.controls)
        return self.campaign.run()

    def begin(self) -> threading.Thread:
        """The same in a thread of its own."""
        thread = threading.Thread(target=self.run)
        thread.start()
        return thread

    def outcomes(self, well: str) -> list[str]:
        """How the runs of a well ended, oldest first."""
        from faradaic.records.run import load_run

        return [load_run(path).outcome for path in self.plate.runs_of(well)]


def test_every_well_gets_its_charge_and_each_begins_after_the_journal_says_so(
    tmp_path: Path, three: Rack
) -> None:
    one = Plates(tmp_path, three, write_plate(tmp_path, 4))
    result = one.run()
    assert result.exit_code == 0
    assert {w: o.outcome for w, o in result.outcomes.items()} == dict.fromkeys(
        ("A1", "A2", "A3", "B1"), "COMPLETED"
    )
    assert three.charge_C == pytest.approx(4 * WELL_C, rel=0.12)
    assert not three.on
    said = [(entry["what"], entry.get("well")) for entry in one.plate.journal()]
    assert said[0] == ("plate_start", None)
    assert said[-1] == ("plate_end", None)
    for well in result.outcomes:
        assert said.index(("well_start", well)) < said.index(("well_end", well))
    again = one.run()
    assert again.outcomes == result.outcomes
    assert [len(one.outcomes(well)) for well in result.outcomes] == [1, 1, 1, 1]


def test_a_channel_that_does_not_answer_leaves_its_wells_to_the_others(
    tmp_path: Path, three: Rack
) -> None:
    text = three.path.read_text(encoding="utf-8")
    dead = next(line for line in text.splitlines() if line.startswith("  - "))
    three.path.write_text(text.replace(dead, "  - tcp://127.0.0.1:9", 1), encoding="utf-8")
    one = Plates(tmp_path, three, write_plate(tmp_path, 3))
    result = one.run()
    assert result.exit_code == 0
    assert len(result.outcomes) == 3
    assert 1 not in {outcome.channel for outcome in result.outcomes.values()}
    (out,) = (entry for entry in one.plate.journal() if entry["what"] == "channel_out")
    assert out["channel"] == 1


TRIPS = SHORT.replace("5 V", "1 V")


@pytest.mark.parametrize(
    ("on_failure", "done"), [pytest.param("go on", 3, marks=pytest.mark.long), ("stop", 0)]
)
def test_a_well_that_trips_stops_the_others_only_where_that_was_asked_for(
    on_failure: str, done: int, tmp_path: Path, three: Rack
) -> None:
    (tmp_path / "trips.yaml").write_text(TRIPS, encoding="utf-8")
    (tmp_path / "well.yaml").write_text(LONG if on_failure == "stop" else SHORT, encoding="utf-8")
    plate = tmp_path / "plate.yaml"
    plate.write_text(
        "faradaic_plate: 1\ntitle: t\nruns: [trips.yaml, well.yaml, well.yaml, well.yaml]\n"
        f"on_failure: {on_failure}\n",
        encoding="utf-8",
    )
    one = Plates(tmp_path, three, plate)
    result = one.run()
    assert result.outcomes["A1"].outcome == "TRIPPED"
    completed = [w for w, outcome in result.outcomes.items() if outcome.outcome == "COMPLETED"]
    assert len(completed) == done
    assert bool(result.stopped) is (on_failure == "stop")
    assert not three.on


def test_a_plate_that_is_stopped_goes_on_with_what_is_left(tmp_path: Path, three: Rack) -> None:
    one = Plates(tmp_path, three, write_plate(tmp_path, 4, SHORT.replace("2 mC", "5 mC")))
    thread = one.begin()
    wait_for(lambda: three.on == 3 and three.charge_C > 2e-3)
    one.controls.ask(Request.STOP, "enough")
    thread.join(20.0)
    assert not thread.is_alive()
    assert not three.on
    assert [one.outcomes(well) for well in ("A1", "A2", "A3", "B1")] == [["STOPPED"]] * 3 + [[]]
    result = one.run()
    assert result.exit_code == 0
    assert one.outcomes("A1") == ["STOPPED", "COMPLETED"]
    assert one.outcomes("B1") == ["COMPLETED"]
    assert three.charge_C == pytest.approx(4 * 5e-3, rel=0.08)


@pytest.mark.long
def test_one_well_is_stopped_for_good_and_the_others_go_on(tmp_path: Path, three: Rack) -> None:
    one = Plates(tmp_path, three, write_plate(tmp_path, 3))
    thread = one.begin()
    wait_for(lambda: three.on == 3)
    one.campaign._under_way["A2"].controls.ask(Request.STOP, "this one")
    thread.join(20.0)
    outcomes = {well: one.outcomes(well) for well in ("A1", "A2", "A3")}
    assert outcomes == {"A1": ["COMPLETED"], "A2": ["STOPPED"], "A3": ["COMPLETED"]}
    assert one.run().exit_code == 5
    assert one.outcomes("A2") == ["STOPPED"]


@pytest.mark.long
def test_nothing_flows_while_a_plate_is_paused_and_it_goes_on(tmp_path: Path, three: Rack) -> None:
    one = Plates(tmp_path, three, write_plate(tmp_path, 4))
    thread = one.begin()
    wait_for(lambda: three.on == 3)
    one.controls.ask(Request.PAUSE, "lunch")
    wait_for(lambda: three.on == 0)
    passed_C = three.charge_C
    time.sleep(0.5)
    assert three.charge_C == passed_C
    one.controls.ask(Request.RESUME, "back")
    thread.join(20.0)
    assert [one.outcomes(w) for w in ("A1", "A2", "A3", "B1")] == [["COMPLETED"]] * 4
    assert three.charge_C == pytest.approx(4 * WELL_C, rel=0.12)


@pytest.mark.long
def test_a_well_that_died_where_nobody_knows_what_passed_waits_for_a_person(
    tmp_path: Path, three: Rack
) -> None:
    one = Plates(tmp_path, three, write_plate(tmp_path, 2))
    one.run()
    (path,) = one.plate.runs_of("A1")
    journal = path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if b'"output_on_intent"' in line) + 3
    journal.write_bytes(b"".join(lines[:cut]))
    (path / "device_host.jsonl").unlink(missing_ok=True)
    for shard in (one.plate.path / "ledger" / "shards").glob("*.jsonl"):
        shard.unlink()
    work._shards.clear()  # as in the program that comes after one that died
    result = one.run()
    assert set(result.outcomes) == {"A2"}
    assert "nothing bounds the charge" in result.failed["A1"]
    assert one.outcomes("A1") == ["LOST"]
    assert result.exit_code == 3


@pytest.mark.long
def test_a_host_that_never_saw_the_output_go_on_bounds_what_passed(
    tmp_path: Path, three: Rack
) -> None:
    """The program died between its journal's word that the output goes on and the host's."""
    one = Plates(tmp_path, three, write_plate(tmp_path, 1))
    one.run()
    (path,) = one.plate.runs_of("A1")
    journal, log = path / "journal.jsonl", path / "device_host.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if b'"output_on_intent"' in line) + 1
    journal.write_bytes(b"".join(lines[:cut]))
    last = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    assert last["what"] == "output_off"
    log.write_text(json.dumps({**last, "since_s": last["mono_s"] - 60.0, "by_s": None}) + "\n")
    for shard in (one.plate.path / "ledger" / "shards").glob("*.jsonl"):
        shard.unlink()
    work._shards.clear()
    (path / "continuation.yaml").unlink(missing_ok=True)
    result = one.run()
    assert result.failed == {}
    assert one.outcomes("A1")[0] == "LOST"


def test_each_well_waits_for_the_channel_that_is_free_first() -> None:
    slots = schedule([30.0, 10.0, 20.0, 5.0, 5.0], 2)
    assert [(s.channel, s.start_s, s.end_s) for s in slots] == [
        (1, 0.0, 30.0),
        (2, 0.0, 10.0),
        (2, 10.0, 30.0),
        (1, 30.0, 35.0),
        (2, 30.0, 35.0),
    ]
