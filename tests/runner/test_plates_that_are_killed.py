"""A plate whose program is killed is gone on with: no well is lost, none is run twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from faradaic.records.plate_folder import PlateFolder, plates_in
from faradaic.records.run import load_run
from faradaic.runner.well_run import left_of
from rigs.benches import wait_for
from rigs.racks import Rack, rack, write_plate

WELLS, WELL_C = 6, 2e-3


@pytest.mark.long
def test_a_plate_that_is_killed_again_and_again_is_done_once(tmp_path: Path) -> None:
    rng, runs = random.Random(3), tmp_path / "runs"
    environment = {**os.environ, "FARADAIC_SHARED": str(tmp_path / "shared")}
    plate: PlateFolder | None = None

    def ended_or_flows(program: subprocess.Popen[bytes], one: Rack) -> bool:
        return one.on > 0 or program.poll() is not None

    with rack(tmp_path, 3) as one:
        path = write_plate(tmp_path, WELLS)
        for kills in range(6):
            named = [str(path), "--bench", str(one.path)]
            named = named if plate is None else ["--continue", str(plate.path)]
            program = subprocess.Popen(
                [sys.executable, "-m", "faradaic", "run", *named, "--yes", "--runs", str(runs)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            if kills < 4:
                wait_for(partial(ended_or_flows, program, one), 60.0)
                try:
                    program.wait(rng.uniform(0.0, 1.0))
                except subprocess.TimeoutExpired:
                    program.kill()
            program.wait(120.0)
            wait_for(lambda: one.on == 0, 10.0)
            plate = next(plates_in(runs), None)
            if program.returncode in (0, 7):
                break
        assert program.returncode in (0, 7)  # 7 where one died with all of its charge
        assert plate is not None
        outcomes = {
            well.name: [load_run(run).outcome for run in plate.runs_of(well.name)]
            for well in plate.wells
        }
        assert len(outcomes) == WELLS
        for well, ended in outcomes.items():
            assert set(ended[:-1]) <= {"LOST"}
            text, outcome = left_of(plate, well)
            assert text is None, "something is left"
            assert outcome is not None
            assert outcome.outcome == ended[-1]
        assert any(len(ended) > 1 for ended in outcomes.values())
        assert one.charge_C == pytest.approx(WELLS * WELL_C, rel=0.15)
