"""Whether the tests bite: breaks the code in one place at a time and runs the tests that mind.

    python -m tests.mutations [--only WORD] [--list]

`tests/mutations.csv` holds one mutation a line: file and function, what stands there, what takes
its place, and the tests that must fail. The package is copied, so that nothing here is touched.
Ends with 1 where one survives, or where what a line wants to replace does not stand there once.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path(__file__).parent.parent
TABLE = Path(__file__).with_suffix(".csv")
LONGEST_S = 900


def mutations() -> list[dict[str, str]]:
    """The lines of the table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def mutated(mutation: dict[str, str]) -> str:
    """The text of the file with the mutation in it. Raises `ValueError` where it does not fit."""
    text = (TREE / "faradaic" / mutation["file"]).read_text(encoding="utf-8")
    head, found, body = (
        text.partition(f"def {mutation['function']}(") if mutation["function"] else ("", "", text)
    )
    before, after = mutation["before"], mutation["after"]
    if before not in body or before == after:
        raise ValueError(f"{mutation['file']}: {before!r} does not stand in it")
    return head + found + body.replace(before, after, 1)


def survives(mutation: dict[str, str], copy: Path) -> bool:
    """Whether its tests pass although the code is broken."""
    file = copy / "faradaic" / mutation["file"]
    whole = file.read_bytes()
    file.write_text(mutated(mutation), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-n",
        "0",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "",  # those that take long too
    ]
    try:
        done = subprocess.run(
            [*command, *mutation["tests"].split()],
            cwd=TREE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_bytes(whole)
    if done.returncode < 0:  # it ended the process
        return False
    if done.returncode not in (0, 1):  # no test was found, or pytest itself failed
        raise ValueError(f"{mutation['tests']}: {done.stdout[-400:]}{done.stderr[-400:]}")
    return done.returncode == 0


def main() -> int:
    """Run the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--only", default="", help="a word of the file, function or tests")
    parser.add_argument("--list", action="store_true", help="show the table, run nothing")
    asked = parser.parse_args()
    chosen = [one for one in mutations() if asked.only in " ".join(one.values())]
    if asked.list:
        print(*(f"{m['file']}:{m['function']}  {m['before']} -> {m['after']}" for m in chosen),
              sep="\n")  # fmt: skip
        return 0
    left, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(
            TREE / "faradaic", copy / "faradaic", ignore=shutil.ignore_patterns("__pycache__")
        )
        for number, one in enumerate(chosen, 1):
            name = f"{one['file']}:{one['function']}  {one['before']} -> {one['after']}"
            began_s = time.monotonic()
            try:
                end = "SURVIVES" if survives(one, copy) else "killed"
            except ValueError as error:
                end = f"DOES NOT FIT: {error}"
                wrong.append(name)
            if end == "SURVIVES":
                left.append(name)
            took_s = time.monotonic() - began_s
            print(f"{number}/{len(chosen)}  {end}  {took_s:.0f} s  {name}", flush=True)
    print(f"{len(chosen) - len(left) - len(wrong)} killed, {len(left)} survive", *left, sep="\n  ")
    return 1 if left or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
