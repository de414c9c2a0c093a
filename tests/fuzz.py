"""Whether a reader stands any bytes: no traceback, no hang, no memory beyond its bound.

    python -m tests.fuzz READER [--minutes 1] [--seed 1] [--out FOLDER]

READER is one of `python -m tests.fuzz --help`, or `all`. Seeds are small files of our own making
and, where they lie beside the checkout, the vendors' files of that kind. Each is flipped, cut,
repeated, spliced and filled with what breaks parsers, and read in a process of bounded memory.
What falls out is kept in the folder with its traceback. Ends with 1 where something did.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

TREE = Path(__file__).parent.parent
sys.path.insert(0, str(TREE / "tests"))

from faradaic.diagnostics import FaradaicError  # noqa: E402
from rigs.made_files import BESIDE, FIXTURES, MADE, SPECTRA  # noqa: E402
from rigs.vendor_files import DATA  # noqa: E402

LONGEST_S = 10.0
"""Of one file, on a machine that others use too."""
MOST_BYTES = 1_500_000_000
"""Of a process: the libraries, and far more than ten times the largest seed."""
LARGEST_SEED = 200_000
CASES_A_PROCESS = 400
_ENDINGS = {
    "mpt": ".mpt", "mpr": ".mpr", "dta": ".DTA", "chi": ".txt", "nova": ".txt", "zahner": ".ism",
    "palmsens": ".pssession", "workbook": ".xlsx", "ivium": ".idf", "echemdb": ".json",
    "labview": ".tdms", "old workbook": ".xls", "binary workbook": ".xlsb", "open document": ".ods",
    "rich text": ".rtf", "fusion": ".fusion-data", "lvm": ".lvm", "pstrace": ".csv",
    "everyday": ".csv",
}  # fmt: skip
_FOLDERS = {
    "mpt": "*.mpt", "mpr": "*.mpr", "dta": "*.DTA", "zahner": "*.is?", "palmsens": "*.pssession",
    "workbook": "*.xlsx", "ivium": "*.i?f",
}  # fmt: skip
_ODD = (
    b"", b"\0", b"\xff" * 8, b"\n" * 50, b"\t", b",", b"=", b"1e999", b"-1e-999", b"nan", b"inf",
    b"9" * 400, b"1_0", b"\xef\xbb\xbf", b"\xff\xfe", b"[" * 3000, b'{"a":' * 3000, b"&a;", b"<!",
    b"00:00:99", b"32/13/0000", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\xc0\x7f",
    "µΩ²−".encode(), b"\"", b"1.000,5", b"1,000", b"12.5 mA", b"OVLD", b"1.0D-03", b"-1:00:00",
    b"9" * 30 + b":00:00", "下午 2:30:00".encode(), "1\u202f000".encode(), b"\n# ;\n",
    b"\nTotal;1\n", b"'", b"\\", b"%s%n", b"Nb header lines : 99999999",
)  # fmt: skip


def _document(path: Path) -> None:
    from faradaic.documents.kinds import KINDS, read_document

    kinds = [kind for _, kind in KINDS.each() if kind.recognises is None]
    read_document(path, random.choice(kinds))


def _protocol(path: Path) -> None:
    from faradaic.protocols.load import load_protocol

    load_protocol(path)


def _run(path: Path) -> None:
    from faradaic.records.run import load_run

    load_run(path).time_series()


def _data_file(path: Path) -> None:
    from faradaic.datafiles.readers import read

    read(path)


def _journal() -> bytes:
    from faradaic.records.journal import JournalWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        with JournalWriter(path) as journal:
            journal.write("run_start", 0.0, {"title": "x", "simulated": True, "area_m2": 1e-4})
            names = ("time_s", "current_A", "cell_voltage_V", "charge_gross_C")
            journal.write("columns", 0.0, {"columns": [{"name": n, "unit": "A"} for n in names]})
            journal.write("mark", 0.1, {"what": "output_on_intent", "since_s": 0.0})
            for k in range(20):
                journal.sample(0.1 * k, [0.1 * k, 1e-3, 2.0, 1e-4 * k])
            journal.write("run_stop", 2.0, {"outcome": "COMPLETED", "stop_reason": "time"})
        return path.read_bytes()


READERS: dict[str, Callable[[Path], None]] = {
    "document": _document,
    "protocol": _protocol,
    "journal": _run,
    **dict.fromkeys(sorted({*MADE, *SPECTRA}), _data_file),
}


def seeds(reader: str) -> list[bytes]:
    """Files that the reader takes."""
    if reader == "journal":
        return [_journal()]
    if reader in ("document", "protocol"):
        found = [*TREE.glob("examples/*.yaml"), *TREE.glob("faradaic/*/templates/*.yaml")]
        return [path.read_bytes() for path in found]
    made = [table[reader]() for table in (MADE, SPECTRA) if reader in table]
    if "old" in reader:
        made += [path.read_bytes() for path in (FIXTURES / "workbooks").glob("*.xls")]
    found = sorted(DATA.rglob(_FOLDERS[reader])) if reader in _FOLDERS else []
    small = [path for path in found if path.is_file() and path.stat().st_size < LARGEST_SEED]
    return [*made, *(path.read_bytes() for path in small[:12])]


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The same file with a few things wrong."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 1, 2, 4, 8, 64, 1000)))
        kind = chance.randrange(7)
        if kind == 0 and changed:
            changed[min(at, len(changed) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del changed[at:end]
        elif kind == 2:
            changed[at:at] = chance.choice(_ODD)
        elif kind == 3:
            changed[at:end] = chance.choice(_ODD)
        elif kind == 4:
            changed[at:at] = changed[at:end] * chance.choice((1, 2, 50))
        elif kind == 5:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            changed[at:end] = other[start : start + chance.choice((4, 64, 1000))]
        else:
            del changed[at:]
    return bytes(changed)


class _TooLong(BaseException):
    """No `Exception`, for that a reader may catch."""


def _alarm(*_: object) -> None:
    raise _TooLong


def under_way(reader: str, folder: Path) -> Path:
    """Where the file lies that is being read."""
    return folder / f"now{_ENDINGS.get(reader, '.yaml' if reader == 'document' else '.csv')}"


def _work(reader: str, seed: int, folder: Path, end_s: float) -> None:
    """Some hundred files in one process; what goes wrong lies in the folder afterwards."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    signal.signal(signal.SIGALRM, _alarm)
    warnings.simplefilter("error")
    random.seed(seed)
    chance, files = random.Random(seed), seeds(reader)
    for name, content in BESIDE.get(reader, {}).items():
        (folder / name).write_bytes(content)
    path = under_way(reader, folder)
    for file in files:  # libraries load before the clock runs
        path.write_bytes(file)
        with contextlib.suppress(FaradaicError):
            READERS[reader](path)
    for number in range(CASES_A_PROCESS):
        if time.monotonic() > end_s:
            break
        path.write_bytes(mutated(chance.choice(files), files, chance))
        signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
        try:
            with contextlib.suppress(FaradaicError):
                READERS[reader](path)
        except BaseException:  # noqa: BLE001 - every other end is what is looked for
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            kept = folder / f"{reader}-{seed}-{number}{path.suffix}"
            kept.write_bytes(path.read_bytes())
            kept.with_name(f"{kept.name}.told").write_text(traceback.format_exc())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)


def fuzz(reader: str, minutes: float, seed: int, folder: Path) -> Iterator[Path]:
    """What fell out within some minutes: the files, their tracebacks beside them."""
    end_s = time.monotonic() + 60.0 * minutes
    while time.monotonic() < end_s:
        before = set(folder.iterdir())
        process = multiprocessing.get_context("fork").Process(
            target=_work, args=(reader, seed, folder, end_s)
        )
        sys.stdout.flush()
        process.start()
        process.join()
        now = under_way(reader, folder)
        if process.exitcode and now.exists():  # killed, or out of memory in a library
            kept = folder / f"{reader}-{seed}-died{now.suffix}"
            kept.write_bytes(now.read_bytes())
            kept.with_name(f"{kept.name}.told").write_text(f"it ended with {process.exitcode}\n")
        yield from sorted(p for p in set(folder.iterdir()) - before if p.suffix == ".told")
        seed += 1


def main() -> int:
    """Fuzz what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("reader", choices=["all", *READERS])
    parser.add_argument("--minutes", type=float, default=1.0, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where what falls out is kept")
    asked = parser.parse_args()
    out = asked.out or Path(tempfile.mkdtemp(prefix="faradaic-fuzz-"))
    out.mkdir(parents=True, exist_ok=True)
    fallen = 0
    for reader in READERS if asked.reader == "all" else (asked.reader,):
        kinds: dict[str, Path] = {}
        for told in fuzz(reader, asked.minutes, asked.seed, out):
            fallen += 1
            kinds.setdefault("\n".join(told.read_text().splitlines()[-3:]), told)
        print(f"{reader}: {len(kinds)} kinds of failure", flush=True)
        for last, told in kinds.items():
            print(f"  {told}\n    " + last.replace("\n", "\n    "), flush=True)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
