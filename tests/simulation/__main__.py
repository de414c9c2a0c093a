"""`python -m tests.simulation --seeds N [--from K] [--jobs N]`, or `--seed K [--without 0,2]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the rigs of the suite

from .scenarios import Scenario, drawn
from .trials import Trial, one_line, shrunk, tried


def main() -> int:
    """Try seeds; 1 if a promise was broken."""
    arguments = _arguments()
    if arguments.seed is not None:
        left_out = {int(n) for n in arguments.without.split(",") if n}
        return _tell(tried(drawn(arguments.seed).without(left_out)), verbose=True)
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    begun_s, cpu_s = time.monotonic(), 0.0
    outcomes: Counter[str] = Counter()
    virtual_s = 0.0
    broken: list[int] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for seed, (trial, took_s) in zip(seeds, pool.map(_one, seeds, chunksize=20), strict=True):
            outcomes[trial.outcome] += 1
            virtual_s += trial.virtual_s
            cpu_s += took_s
            if trial.broken:
                broken.append(seed)
                if len(broken) <= arguments.most:
                    _tell(trial, verbose=False)
                    _shrink(trial.scenario)
    print(
        f"{len(seeds)} seeds, {virtual_s / 3600.0:.1f} virtual hours, {cpu_s:.0f} CPU-s,"
        f" {time.monotonic() - begun_s:.0f} s: {len(broken)} broke a promise"
    )
    print(", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())))
    return 1 if broken else 0


def _one(seed: int) -> tuple[Trial, float]:
    begun_s = time.process_time()
    trial = tried(drawn(seed))
    return trial, time.process_time() - begun_s


def _tell(trial: Trial, *, verbose: bool) -> int:
    scenario = trial.scenario
    if verbose:
        print(
            f"{scenario.bench}, {scenario.protocol}, {scenario.resistance_ohm:g} Ohm,"
            f" {scenario.film_ohm_per_C:g} Ohm/C: {trial.outcome} after {trial.virtual_s:.1f} s"
        )
        for mishap in scenario.mishaps:
            print(f"  {one_line(mishap)}")
    for promise in trial.broken:
        print(f"seed {scenario.seed}: {promise}")
    return 1 if trial.broken else 0


def _shrink(scenario: Scenario) -> None:
    smaller, left_out = shrunk(scenario)
    for mishap in smaller.mishaps:
        print(f"  {one_line(mishap)}")
    without = ",".join(map(str, sorted(left_out)))
    option = f" --without {without}" if without else ""
    print(f"  python -m tests.simulation --seed {scenario.seed}{option}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--most", type=int, default=5, help="how many are told and shrunk")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--without", default="", help="mishaps to leave out, by number")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
