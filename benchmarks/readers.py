"""Reading data files: our time against that of other readers, on the same files in the same run.

The other readers need not live beside us: FARADAIC_PEERS names a Python that has them (yadg, ixdat,
galvani, gamry-parser); without it this one is tried. FARADAIC_VENDOR_DATA may name a folder of real
files, which are read as well, and as longer ones with their rows repeated. Times are the best of
several in one process, after the import and a first read; what is not there is left out and said
so. Columns of .mpr files are made when they are asked for: "all columns" asks for them. Behind that
stands a file of every kind that `tests/rigs` makes, and the memory that large tables take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PEERS = {".mpt": ("yadg", "ixdat"), ".mpr": ("galvani", "yadg"), ".DTA": ("gamry_parser",)}
"""Who reads what."""
WANTED = {
    (".mpt", "yadg"): (10.0, 30.0),
    (".mpt", "ixdat"): (2.0, 3.0),
    (".mpr", "galvani"): (0.5, 0.5),
    (".DTA", "gamry_parser"): (5.0, 5.0),
}
"""Least ratio of a small file, and of one of a megabyte."""
LARGE_KB = 500.0
MOST_MS_PER_MB = {".xlsx": 1000.0}
"""Of others 10."""
REPEATS = 15
MOST_SECONDS = 3.0
REPORT_STEP = """
         MD step No.{:7d}
  >Const_coord
   cc> S    0.17000   0.17000  0.301200E-05
  >Blue_moon
  b_m> -0.137162E+01  0.730324E+00  0.439271E-02 -0.998520E+00
   t_b>   300.000   309.741   193.957   308.063
"""
SUBPROCESS = "--peers"


def longer_text(path: Path, times: int) -> bytes:
    """An EC-Lab text export with its rows several times."""
    data = path.read_bytes()
    start = data.rindex(b"mode\tox/red")
    start = data.index(b"\n", start) + 1
    return data[:start] + data[start:] * times


def longer_binary(path: Path, times: int) -> bytes:
    """An EC-Lab binary file of before 11.50 with its rows several times, their counts corrected.

    The time of each repetition goes on behind that of the one before.
    """
    data = bytearray(path.read_bytes())
    module = data.index(b"MODULEVMP data")
    length = int.from_bytes(data[module + 41 : module + 45], "little")
    content = module + 57
    count = int.from_bytes(data[content : content + 4], "little")
    first, end = content + 406, content + length
    size = (end - first) // count
    rows = np.frombuffer(bytes(data[first:end]), np.uint8).reshape(count, size)
    repeated = np.tile(rows, (times, 1))
    ids = np.frombuffer(data, "<u2", data[content + 4], content + 5).tolist()
    at = 1 + sum(2 for number in ids[: ids.index(4)] if number == 131)  # behind flags and Ns
    time_s = repeated[:, at : at + 8].copy().view("<f8")[:, 0]
    whole_s = time_s[count - 1] - time_s[0] + 1.0
    time_s = time_s + np.repeat(np.arange(times), count) * whole_s
    repeated[:, at : at + 8] = time_s[:, None].view(np.uint8)
    data[module + 41 : module + 45] = (406 + repeated.size).to_bytes(4, "little")
    data[content : content + 4] = (count * times).to_bytes(4, "little")
    return bytes(data[:first]) + repeated.tobytes() + bytes(data[end:])


def gamry(rows: int) -> bytes:
    """A cyclic voltammogram of Gamry Framework."""
    lines = [
        "EXPLAIN",
        "TAG\tCV",
        "TITLE\tLABEL\tCyclic Voltammetry\tTest &Identifier",
        "DATE\tLABEL\t11/16/2023\tDate",
        "TIME\tLABEL\t9:59:48\tTime",
        "CONVENTION\tIQUANT\t1\tCurrent Convention",
        f"CURVE1\tTABLE\t{rows}",
        "\tPt\tT\tVf\tIm\tVu\tSig\tAch\tIERange\tOver",
        "\t#\ts\tV vs. Ref.\tA\tV\tV\tV\t#\tbits",
        *(
            f"\t{i}\t{i * 0.05:.5E}\t{e:.5E}\t{e * 1e-3:.5E}\t{e:.5E}\t{e:.5E}\t0.0E+000\t9"
            "\t..........."
            for i, e in enumerate(np.abs(np.arange(rows) * 1e-3 % 2 - 1))
        ),
    ]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def table(rows: int) -> bytes:
    """Numbers with a header, separated by commas."""
    t = np.arange(rows) * 0.01
    rows_of_text = (f"{a:.4f},{np.sin(a):.6f},{np.cos(a) * 3:.6f}" for a in t)
    return ("time (s),E (V vs RHE),I (mA)\n" + "\n".join(rows_of_text) + "\n").encode()


def flow_log(rows: int) -> bytes:
    """A flow meter's log with a clock."""
    lines = (
        f"2024-05-13 {i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d},20.{i % 97:02d},CO2"
        for i in range(rows)
    )
    return ("Date/Time,Mass Flow (SCCM),Gas\n" + "\n".join(lines) + "\n").encode()


def best_ms(action: Callable[[], object]) -> float:
    """The quickest of several runs after one to warm up, in milliseconds."""
    action()
    end, times = time.perf_counter() + MOST_SECONDS, []
    while len(times) < REPEATS and time.perf_counter() < end:
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return 1e3 * min(times, default=float("nan"))


def peer(name: str, path: str) -> Callable[[], object]:
    """What another program does to read a file."""
    if name == "yadg":
        from yadg.extractors import extract

        kind = "eclab" + Path(path).suffix
        return lambda: extract(kind, path, timezone="Europe/Berlin", locale="en_US")
    if name == "ixdat":
        from ixdat import Measurement

        # the arrays are read when they are asked for
        return lambda: Measurement.read(path, reader="biologic")["time/s"].data
    if name == "galvani":
        from galvani import BioLogic

        return lambda: BioLogic.MPRfile(path)
    import gamry_parser

    def read_gamry() -> object:
        parser = gamry_parser.GamryParser()
        parser.load(filename=path)
        return parser.curves

    return read_gamry


def peers(paths: list[str]) -> dict[str, dict[str, float | str]]:
    """Milliseconds of every other program for every file it reads, or why there are none."""
    found: dict[str, dict[str, float | str]] = {}
    for path in paths:
        for name in PEERS.get(Path(path).suffix, ()):
            try:
                result: float | str = best_ms(peer(name, path))
            except ImportError:
                result = "not installed"
            except Exception as error:  # noqa: BLE001 - of what kind is the other program's affair
                result = f"fails: {type(error).__name__}"
            found.setdefault(path, {})[name] = result
    return found


def import_s(code: str) -> float:
    """Seconds an interpreter needs for some imports beyond its own start, best of five."""

    def once(program: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return time.perf_counter() - begin

    return min(once(code) for _ in range(5)) - min(once("pass") for _ in range(5))


def main() -> None:
    """Measure and print."""
    from faradaic.datafiles.readers import read

    for module in ("faradaic.analysis", "faradaic.datafiles.readers"):
        print(f"import {module}: {import_s(f'import {module}'):.3f} s (wanted < 0.3)")
    made = {
        **{f"cv {rows}.DTA": gamry(rows) for rows in (20, 300, 3600, 36_000)},
        "sweep.csv": table(100_000),
        "flow.csv": flow_log(60_000),
    }
    vendor = os.environ.get("FARADAIC_VENDOR_DATA")
    if vendor:
        biologic = Path(vendor) / "biologic"
        made["long.mpt"] = longer_text(biologic / "Pt_poly_cv_CUT.mpt", 23)
        whole = (biologic / "Pt_poly_cv_CUT.mpt").read_bytes()
        made["short.mpt"] = whole[: whole.rindex(b"\n", 0, 15_000) + 1]
        made["long lsv.mpr"] = longer_binary(biologic / "lsv.mpr", 30)
        made["long cp.mpr"] = longer_binary(biologic / "cp.mpr", 100)
    else:
        print("FARADAIC_VENDOR_DATA is not set: EC-Lab's files are left out")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in made.items():
            paths.append(str(Path(folder) / name))
            Path(paths[-1]).write_bytes(content)
        if vendor:
            paths += sorted(str(p) for p in Path(vendor).glob("*/*") if p.is_file())
        python = os.environ.get("FARADAIC_PEERS", sys.executable)
        command = [python, __file__, SUBPROCESS, *paths]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        others = json.loads(result.stdout.splitlines()[-1]) if result.stdout else {}
        print(f"{'file':<26}{'kB':>8}{'ms':>9}{'all columns':>13}{'ms per MB':>11}  others")
        for path in paths:
            report(path, read, others.get(path, {}))
        every_kind(Path(folder))
        for name in ("sweep.csv", "flow.csv", "cv 36000.DTA"):
            memory(Path(folder) / name)
        for path in paths:
            if path.endswith(".xlsx"):
                memory(Path(path))
        from faradaic.computational.interface.readers.vasp_report import read_report

        steps = Path(folder) / "REPORT"
        steps.write_text("".join(REPORT_STEP.format(k + 1) for k in range(100_000)))
        vasp_ms = best_ms(lambda: read_report(steps, time_step_fs=0.5, temperature_K=310.0))
        print(f"REPORT of VASP, 100,000 steps: {vasp_ms:.0f} ms (wanted < 1000)")


def every_kind(folder: Path) -> None:
    """A small file of every kind: what a read costs that does not depend on its size."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from faradaic.datafiles.readers import read
    from faradaic.diagnostics import InputError
    from rigs.made_files import BESIDE, MADE, SPECTRA  # type: ignore[import-not-found]

    for of in BESIDE.values():
        for name, content in of.items():
            (folder / name).write_bytes(content)
    kinds = {**MADE, **{f"spectrum in {kind}": make for kind, make in SPECTRA.items()}}
    for kind, make in kinds.items():
        path = folder / "file"
        path.write_bytes(make())
        try:
            took_ms = best_ms(lambda: read(path))  # noqa: B023
        except InputError as error:
            print(f"{kind:<26}{path.stat().st_size / 1e3:>8.1f}  {error.diagnostics[0].code}")
            continue
        print(f"{kind:<26}{path.stat().st_size / 1e3:>8.1f}{took_ms:>9.3f}")


MEMORY = """
import sys
from faradaic.datafiles.readers import read
import polars, numpy, python_calamine
small = sys.argv[2]
read(small)

def most_kB():  # what resource tells is that of the parent where that took more
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

before = most_kB()
data = read(sys.argv[1])
print(most_kB() - before)
"""


def memory(path: Path) -> None:
    """What reading a file adds to a process that has read a small one, in times of its size."""
    if not Path("/proc/self/status").exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        small.write_bytes(table(4000))
        command = [sys.executable, "-c", MEMORY, str(path), str(small)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    times = int(done.stdout) * 1024 / path.stat().st_size
    print(f"memory of {path.name}: {times:.1f} times the file ({'' if times < 10 else 'NOT '}< 10)")


def report(path: str, read: Callable[[str], Any], others: dict[str, float | str]) -> None:
    """One line: our time, with every column asked for too, and the others' as ratios."""
    from faradaic.diagnostics import InputError

    size_kB = Path(path).stat().st_size / 1e3
    try:
        ours_ms = best_ms(lambda: read(path))
    except InputError as error:
        print(f"{Path(path).name:<26}{size_kB:>8.0f}  refused: {error.diagnostics[0].code}")
        return
    whole_ms = best_ms(lambda: [column.values for column in read(path).columns.values()])
    told = []
    for name, value in others.items():
        wanted = WANTED.get((Path(path).suffix, name))
        if isinstance(value, str):
            told.append(f"{name} {value}")
        else:
            told.append(f"{name} {value:.3g} ms, x {value / ours_ms:.2f}")
            if wanted:
                least = wanted[size_kB > LARGE_KB]
                told[-1] += f" ({'' if value / ours_ms >= least else 'NOT '}>= {least:g})"
    per_MB = whole_ms / size_kB * 1e3 if size_kB > 100 else float("nan")
    if per_MB > (most := MOST_MS_PER_MB.get(Path(path).suffix, 10.0)):
        told.append(f"NOT <= {most:g} ms per MB")
    print(
        f"{Path(path).name:<26}{size_kB:>8.0f}{ours_ms:>9.3f}{whole_ms:>13.3f}{per_MB:>11.2f}  "
        + "; ".join(told)
    )


if __name__ == "__main__":
    if SUBPROCESS in sys.argv:
        print(json.dumps(peers(sys.argv[sys.argv.index(SUBPROCESS) + 1 :])))
    else:
        main()
