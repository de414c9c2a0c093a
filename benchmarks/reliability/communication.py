"""Readings of every source on a bad wire, against what their emulators measured.

    python benchmarks/reliability/communication.py [faults] [share] [models ...]

Bytes are lost, changed, doubled, swapped, late, cut off and from nowhere in a share of the lines
(0.05) until there were enough faults (100,000, spread over all models); a segment that ends is
followed by another. Then 10,000 readings in one segment of two families with 2 % of the replies
lost and 2 % garbled, line by line. On the virtual clock.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from faradaic.instruments.traits import DRIVERS
from rigs.bad_wires import steady_run
from rigs.wire import KINDS, Tally, read_on

LINE_BY_LINE = ("keithley-2450", "emstat4-hr")


def show(name: str, told: Tally, begun_s: float) -> None:
    """One line of the table."""
    ends = ", ".join(f"{end} {count}" for end, count in sorted(told.ends.items()))
    print(
        f"{name:34} {told.faults:8} {told.accepted:9} {told.refused:8} {len(told.wrong):6} "
        f"{told.not_off:8}  {ends}; {time.process_time() - begun_s:.0f} s",
        flush=True,
    )
    for wrong in told.wrong[:5]:
        print("    wrong:", wrong)


def main(faults: int = 100_000, share: float = 0.05, *names: str) -> None:
    """Print the table."""
    models = names or tuple(sorted(DRIVERS.names()))
    print(f"{'':34} {'faults':>8} {'accepted':>9} {'refused':>8} {'WRONG':>6} {'not off':>8}  ends")
    total = wrong = accepted = 0
    for model in models:
        told, begun_s, seed = Tally(), time.process_time(), 0
        while told.faults < faults / len(models):
            for kinds in (*((kind,) for kind in KINDS), KINDS):
                steady_run(model, kinds, share, seed=seed, tally=told)
            seed += 1
        show(model, told, begun_s)
        total, wrong, accepted = (
            total + told.faults,
            wrong + len(told.wrong),
            accepted + told.accepted,
        )
    print(f"{total} faults, {wrong} wrong values among {accepted} that were accepted", flush=True)
    for model in LINE_BY_LINE if not names else ():
        begun_s = time.process_time()
        kinds = ("dropped", "a byte changed", "a digit changed", "dropped")
        told = read_on(model, kinds, 0.04, seed=0, readings=10_000)
        show(f"{model}: 2 % lost, 2 % garbled", told, begun_s)


if __name__ == "__main__":
    numbers = [convert(text) for convert, text in zip((int, float), sys.argv[1:], strict=False)]
    main(*numbers, *sys.argv[3:])
