"""A plate whose program is killed (SIGKILL) at random times until it is done: what is lost of it.

    python benchmarks/reliability/plate_kills.py [PLATES] [WELLS] [CHANNELS] [SEED]

Each plate is run by the command, on emulators behind sockets, and gone on with by the command after
each kill. What flowed through the cells of the emulators is held against what was asked for.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from faradaic.records.plate_folder import PlateFolder, plates_in
from faradaic.records.run import load_run
from faradaic.runner.well_run import left_of
from rigs.racks import Rack, rack, write_plate

WELL_C = 2e-3
COMMAND = (sys.executable, "-m", "faradaic.cli.main", "run")


def until_done(rack: Rack, folder: Path, rng: random.Random, wells: int) -> tuple[PlateFolder, int]:
    """Run a plate, kill its program again and again; the plate, and how often that was."""
    plate = write_plate(folder, wells)
    runs = folder / "runs"
    kills, quiet_s = 0, 60.0
    environment = {**os.environ, "FARADAIC_SHARED": str(folder / "shared")}
    while True:
        known = next(iter(plates_in(runs)), None)
        first = [str(plate), "--bench", str(rack.path)]
        arguments = first if known is None else ["--continue", str(known.path)]
        program = subprocess.Popen(
            [*COMMAND, *arguments, "--yes", "--runs", str(runs)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
        )
        try:
            _, told = program.communicate(timeout=rng.uniform(1.5, 9.0) if kills < 8 else quiet_s)
        except subprocess.TimeoutExpired:
            program.kill()
            program.communicate()
            kills += 1
            deadline_s = time.monotonic() + 10.0
            while rack.on and time.monotonic() < deadline_s:
                time.sleep(0.01)
            time.sleep(0.3)  # the hosts let go of the locks
            continue
        found = next(iter(plates_in(runs)), None)
        if found is not None and len(_done(found)) == wells:
            return found, kills
        sys.stderr.write(told.decode())
        raise SystemExit(f"exit code {program.returncode}")


def _done(plate: PlateFolder) -> list[str]:
    """Wells of which nothing is left, also where their program died with all of their charge."""
    return [well.name for well in plate.wells if left_of(plate, well.name)[0] is None]


def main(plates: int, wells: int, channels: int, seed: int) -> int:
    """Print the table; the exit code is 1 where a well was lost or run twice."""
    rng, count = random.Random(seed), Counter[str]()
    worst = 0.0
    for _ in range(plates):
        with tempfile.TemporaryDirectory() as name, rack(Path(name), channels) as one:
            plate, kills = until_done(one, Path(name), rng, wells)
            count["kills"] += kills
            count["wells"] += wells
            count["lost"] += wells - len(_done(plate))
            for well in plate.wells:
                outcomes = [load_run(path).outcome for path in plate.runs_of(well.name)]
                count["runs"] += len(outcomes)
                count["twice"] += outcomes.count("COMPLETED") > 1
                count["cut short"] += outcomes.count("LOST")
            worst = max(worst, one.charge_C / (wells * WELL_C) - 1.0, key=abs)
            count["left on"] += one.on
    rows = (
        ("plates", plates, ""),
        ("programs killed", count["kills"], ""),
        ("wells", count["wells"], ""),
        ("runs that the kills cut short", count["cut short"], ""),
        ("wells lost", count["lost"], "0"),
        ("wells run twice", count["twice"], "0"),
        ("outputs left on", count["left on"], "0"),
        ("charge of a plate off its target, most", f"{100 * worst:+.2f} %", ""),
    )
    for what, figure, target in rows:
        print(f"| {what:<42} | {figure!s:>10} | {target:>6} |")
    return int(any(count[key] for key in ("lost", "twice", "left on")))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(3, 24, 8, 1)[len(given) :]))
