"""A plate takes the place of a protocol in every command; a well that of a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rigs.commands import Command
from rigs.plates import WELL

SHORT = WELL.replace("until: 2 F/mol", "until: 20 s").replace("30 s", "3 s")
PLATE = """\
faradaic_plate: 1
title: Three currents
protocol: well.yaml
factors: {current: {key: steps.constant_current.current, values: [1 mA, 2 mA, 4 mA]}}
controls: [no current]
channels: 2
"""
AS_RUN = ("--bench", "simulated-16", "--speed", "200")


@pytest.fixture
def here(faradaic: Command) -> Command:
    """The command, beside a plate."""
    (faradaic.folder / "well.yaml").write_text(SHORT, encoding="utf-8")
    (faradaic.folder / "plate.yaml").write_text(PLATE, encoding="utf-8")
    return faradaic


def test_a_plate_is_checked_and_planned_well_by_well(here: Command) -> None:
    assert "4 wells, no errors" in here("check", "plate.yaml", "--bench", "simulated-16").out
    shown = here("plan", "plate.yaml", "--bench", "simulated-16").out
    assert "SIMULATED" in shown
    assert "at most 2 at once" in shown
    wells = here("plan", "plate.yaml", "--bench", "simulated-16", "--json").json["wells"]
    assert [(one["well"], one["channel"], one["start_s"]) for one in wells] == [
        ("A1", 1, 0.0),
        ("A2", 2, 0.0),
        ("A3", 1, 23.0),
        ("B1", 2, 23.0),
    ]
    assert [one["charge_C"] for one in wells] == pytest.approx([0.02, 0.04, 0.08, 0.0])


def test_a_plate_larger_than_its_bench_is_refused_before_anything(here: Command) -> None:
    found = here("run", "plate.yaml", "--bench", "simulated")
    assert found.code == 2
    assert "error[E455]" in found.err
    assert "plate.yaml:6:11" in found.err
    assert not (here.folder / "runs").exists()


def test_a_plate_is_run_shown_reported_exported_and_its_yields_recorded(here: Command) -> None:
    done = here("run", "plate.yaml", *AS_RUN, "--json")
    assert done.code == 0, done.err
    told = done.json
    assert told["simulated"] is True
    assert [one["outcome"] for one in told["wells"]] == ["COMPLETED"] * 4
    charges_C = [one["charge_C"] for one in told["wells"]]
    assert charges_C == pytest.approx([0.02, 0.04, 0.08, 0.0], rel=0.06)
    name = Path(told["plate"]).name
    assert "three-currents" in name
    (listed,) = here("runs", "--json").json["plates"]
    assert (listed["name"], listed["words"]) == (name, "PLATE 4/4")
    assert "COMPLETED" in here("show", "three-currents/A2").out
    recorded = here("result", "latest/A2", "--product", "10 %")
    assert recorded.code == 2  # latest is no plate's name
    shown = here("show", "latest")
    assert "SIMULATED  Three currents: 4 wells, not under way" in shown.out
    exported = here("export", "three-currents", "--to", "csv", "--out", "table.csv")
    assert exported.code == 0
    rows = list(csv.DictReader((here.folder / "table.csv").read_text("utf-8").splitlines()))
    assert [row["current"] for row in rows] == ["1 mA", "2 mA", "4 mA", ""]
    refused = here("export", "three-currents", "--to", "ord")
    assert refused.code == 2
    assert f"faradaic export {name}/A1 --to ord" in refused.err
    recovered = here("recover", "three-currents", "--json").json
    assert set(recovered["wells"].values()) == {"COMPLETED"}


@pytest.mark.long
def test_a_plate_that_is_done_is_not_run_again(here: Command) -> None:
    told = here("run", "plate.yaml", *AS_RUN, "--json").json
    assert here("result", "three-currents/A2", "--note", "yellow").code == 0
    assert here("report", "three-currents").code == 0
    again = here("run", "--continue", "three-currents", "--json")
    assert again.code == 0
    assert [one["run"] for one in again.json["wells"]] == [one["run"] for one in told["wells"]]


def test_what_is_no_plate_and_no_well_is_refused(here: Command) -> None:
    assert "there is no plate `nothing`" in here("run", "--continue", "nothing").err
    assert here("show", "three-currents/A2").code == 2
    folder = here.folder / "runs" / "2026-11-30T000000Z-three-currents"
    folder.mkdir(parents=True)
    (folder / "plate.jsonl").write_text('{"utc": "x", "what": "plate_start"}\n')
    (folder / "plate.json").write_text(json.dumps({"title": "t", "wells": []}))
    told = here("show", "three-currents/A2")
    assert "E621" in told.err
    assert "is the folder of a plate: `faradaic show" in here("analyze", str(folder)).err


def test_a_protocol_on_a_bench_with_channels_runs_on_the_first_where_it_is_simulated(
    here: Command,
) -> None:
    done = here("run", "well.yaml", "--bench", "simulated-16", "--json")
    assert done.code == 0, done.err
    (run,) = (here.folder / "runs").glob("*/plan.json")
    assert json.loads(run.read_text(encoding="utf-8"))["bench"] == "simulated-16/1"
    (here.folder / "rack.yaml").write_text(
        "faradaic_bench: 1\nname: rack\nchannels: 2\n"
        'source: {driver: keithley-2450, address: "tcp://127.0.0.{channel}:9"}\n'
    )
    refused = here("run", "well.yaml", "--bench", "rack.yaml", "--yes")
    assert "error[E427]" in refused.err
    assert "--bench rack/1" in refused.err
