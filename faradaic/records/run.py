"""A run as it can be read back: header, samples, events and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.records.folder import JOURNAL_NAME, is_live
from faradaic.records.journal import Event, JournalContents, read_journal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NO_NUMBERS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Run:
    """One run, finished or not."""

    folder: Path | None
    """None when only a journal file was given."""
    journal: Path
    journal_sha256: str
    header: Mapping[str, Any]
    """The fields of `run_start`; empty when the journal is torn before it."""
    contents: JournalContents
    outcome: str
    """COMPLETED, STOPPED, ABORTED, TRIPPED or FAILED as the run said; RUNNING while a process
    holds the folder; LOST when it ended without a word; UNKNOWN when the lock cannot be asked."""
    stop: Mapping[str, Any]
    """The fields of `run_stop`; empty when there is none."""
    plan: Mapping[str, Any] | None
    summary: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """The folder's name, or the journal's file name."""
        return self.folder.name if self.folder else self.journal.name

    @property
    def title(self) -> str:
        """The protocol's title."""
        return str(self.header.get("title") or self.name)

    @property
    def simulated(self) -> bool | None:
        """Whether the bench was simulated; None when the header is missing."""
        value = self.header.get("simulated")
        return value if isinstance(value, bool) else None

    @property
    def faults(self) -> tuple[str, ...]:
        """What was made to go wrong on a simulated bench, as it was written."""
        return tuple(str(fault) for fault in self.header.get("faults") or ())

    @property
    def columns(self) -> Mapping[str, NDArray[np.float64]]:
        """The samples by column name, NaN where nothing was measured."""
        return self.contents.columns

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything but the samples, in order."""
        return self.contents.events

    @property
    def stop_reason(self) -> str:
        """Why it ended, in words."""
        if self.stop:
            return str(self.stop.get("stop_reason", ""))
        if self.outcome == "RUNNING":
            return "still running"
        return "the journal ends without a last record: the program, the PC or the disk stopped"

    @property
    def limiting_amount_mol(self) -> float | None:
        """Amount of the limiting component, to which F/mol refers."""
        return _number(self.header.get("limiting_amount_mol"))

    @property
    def electrons(self) -> float | None:
        """Electrons per molecule of the limiting component, as the protocol states them."""
        return _number(self.header.get("electrons"))


def load_run(path: Path) -> Run:
    """Read a run folder, or a journal file alone. Raises `InputError` when there is none."""
    folder = path if path.is_dir() else path.parent if path.name == JOURNAL_NAME else None
    journal = path / JOURNAL_NAME if path.is_dir() else path
    if not journal.is_file():
        raise InputError(
            Diagnostic(
                "E605",
                f"{path} is not a run: there is no {journal.name} in it"
                if path.is_dir()
                else f"there is no run at {path}",
                help="give a run folder or its journal; `faradaic runs` lists what there is",
            )
        )
    contents = read_journal(journal)
    with journal.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    start, stop = contents.last("run_start"), contents.last("run_stop")
    return Run(
        folder=folder,
        journal=journal,
        journal_sha256=digest,
        header=start.fields if start else _NO_NUMBERS,
        contents=contents,
        outcome=_outcome(stop, folder),
        stop=stop.fields if stop else _NO_NUMBERS,
        plan=_json(folder, "plan.json"),
        summary=_json(folder, "summary.json"),
    )


def _outcome(stop: Event | None, folder: Path | None) -> str:
    if stop is not None:
        return str(stop.fields.get("outcome", "UNKNOWN"))
    live = is_live(folder) if folder else False
    return {True: "RUNNING", False: "LOST", None: "UNKNOWN"}[live]


def _json(folder: Path | None, name: str) -> Mapping[str, Any] | None:
    if folder is None:
        return None
    try:
        data = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
