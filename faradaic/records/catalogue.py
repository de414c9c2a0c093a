"""An index of a folder of runs, in SQLite, that can be thrown away and made again.

The folders are the truth. The index only saves reading journals that have not changed; when it
is damaged or cannot be written, the runs are listed without it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from faradaic.diagnostics import InputError
from faradaic.records.derive import summarise
from faradaic.records.folder import JOURNAL_NAME
from faradaic.records.journal import journal_parts
from faradaic.records.run import load_run

CATALOGUE_NAME = "catalogue.sqlite"
_ENDED = frozenset({"COMPLETED", "STOPPED", "ABORTED", "TRIPPED", "FAILED"})
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS run "
    "(name TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, row TEXT)"
)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a list."""

    name: str
    path: str
    title: str
    outcome: str
    stop_reason: str
    simulated: bool | None
    utc: str | None
    charge_C: float | None
    """Gross."""
    charge_F_per_mol: float | None
    duration_s: float | None
    samples: int
    missing_charge: str = ""
    """ "ended by time at 10 % of the planned charge", where it is less than planned."""


def list_runs(runs_dir: Path) -> list[RunRow]:
    """The runs in a folder, newest first. A folder that does not exist holds no runs."""
    folders = _folders(runs_dir)
    if not folders:
        return []
    with _index(runs_dir) as index:
        known = {name: rest for name, *rest in index.execute("SELECT * FROM run")}
        rows = []
        for folder in folders:
            stats = [part.stat() for part in journal_parts(folder / JOURNAL_NAME)]
            stamp = sum(one.st_size for one in stats), max(one.st_mtime_ns for one in stats)
            size, mtime_ns, text = known.get(folder.name, (None, None, ""))
            row = _cached(text) if (size, mtime_ns) == stamp else None
            if row is None or row.path != str(folder):
                row = _read(folder)
                # A run without a last record may live or be dead: that is asked every time.
                if row.outcome in _ENDED:
                    entry = (folder.name, *stamp, json.dumps(asdict(row)))
                    index.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)", entry)
            rows.append(row)
        gone = known.keys() - {folder.name for folder in folders}
        index.executemany("DELETE FROM run WHERE name = ?", [(name,) for name in gone])
    return sorted(rows, key=lambda row: (row.utc or row.name, row.name), reverse=True)


def find_run(runs_dir: Path, token: str) -> Path:
    """The folder of a run by its name, a beginning of it that fits one run only, or `latest`.

    Raises `InputError` when none or several fit.
    """
    folders = {folder.name: folder for folder in _folders(runs_dir)}
    if token == "latest" and folders:
        return runs_dir / list_runs(runs_dir)[0].name
    if token in folders:
        return folders[token]
    fitting = sorted(name for name in folders if token and name.startswith(token))
    if len(fitting) == 1:
        return folders[fitting[0]]
    if fitting:
        shown = ", ".join(fitting[:5]) + (", ..." if len(fitting) > 5 else "")
        raise InputError.of(
            f"`{token}` fits {len(fitting)} runs in {runs_dir}",
            help=f"add characters until one is left: {shown}",
            code="E611",
        )
    raise InputError.of(
        f"there is no run `{token}` in {runs_dir}",
        help=f"the newest is {max(folders)}"
        if folders
        else "this folder holds no runs: name another one with --runs DIR",
        code="E610",
    )


def _folders(runs_dir: Path) -> list[Path]:
    if not runs_dir.is_dir():
        return []
    return sorted(path.parent for path in runs_dir.glob(f"*/{JOURNAL_NAME}"))


def _read(folder: Path) -> RunRow:
    try:
        summary = summarise(load_run(folder))
    except InputError as error:
        reason = error.diagnostics[0].message
        return RunRow(
            folder.name, str(folder), "", "UNKNOWN", reason, None, None, None, None, None, 0
        )
    kept = {name: summary[name] for name in RunRow.__dataclass_fields__ if name in summary}
    return RunRow(name=folder.name, path=str(folder), **kept)


def _cached(text: str) -> RunRow | None:
    try:
        return RunRow(**json.loads(text))
    except (ValueError, TypeError):
        return None


@contextlib.contextmanager
def _index(runs_dir: Path) -> Iterator[sqlite3.Connection]:
    connection = _open(runs_dir / CATALOGUE_NAME)
    try:
        yield connection
        with contextlib.suppress(sqlite3.Error):
            connection.commit()
    finally:
        connection.close()


def _open(path: Path) -> sqlite3.Connection:
    """The index; made again when damaged; in memory for a link, and where it cannot be written."""
    for _ in range(0 if path.is_symlink() else 2):
        try:
            connection = sqlite3.connect(path, timeout=2.0)
        except sqlite3.Error:
            break
        try:
            connection.execute(_SCHEMA)
            connection.execute("SELECT name, size, mtime_ns, row FROM run LIMIT 1")
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            connection.close()
            break
        except sqlite3.DatabaseError:
            connection.close()
            with contextlib.suppress(OSError):
                path.unlink()
        else:
            return connection
    connection = sqlite3.connect(":memory:")
    connection.execute(_SCHEMA)
    return connection
