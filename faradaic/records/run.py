"""A run as it can be read back: header, samples, events and how it ended."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import InputError
from faradaic.input_files import ANY_SIZE, open_file, read_file
from faradaic.records.folder import JOURNAL_NAME, is_live
from faradaic.records.found import read_found
from faradaic.records.journal import Event, JournalContents, journal_parts, read_journal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from faradaic.timeseries import TimeSeries

ON_TIME = "on_time_s"
"""The column of the table that tells when the output was on."""

UNCERTAINTY = "standard_uncertainty_mol"
"""Of a recorded amount."""

_NO_NUMBERS: Mapping[str, Any] = {}
_HEAD_BYTES = 128
"""What a journal begins with: checksum, sequence number, time, kind of the first record."""


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
    found: tuple[Mapping[str, Any], ...] = ()
    """What was recorded of products, TLC and notes after the run, oldest first."""

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
    def guessed(self) -> str:
        """What of a simulated cell is a guess: "potential, conductivity"; empty where nothing is,
        and of a real cell."""
        return str(self.header.get("guessed") or "")

    @property
    def guessed_columns(self) -> frozenset[str]:
        """Which of current_A and cell_voltage_V rest on a guess."""
        return frozenset(self.header.get("guessed_columns") or ())

    @property
    def assumptions(self) -> tuple[Mapping[str, Any], ...]:
        """What the simulated cell rests on, what moves its voltage most first."""
        return tuple(self.header.get("assumptions") or ())

    @property
    def columns(self) -> Mapping[str, NDArray[np.float64]]:
        """The samples by column name, NaN where nothing was measured."""
        return self.contents.columns

    @property
    def table(self) -> Mapping[str, NDArray[np.float64]]:
        """What is written of the samples: the columns, and for how long the output had been on up
        to each of them, without which a pause could not be told from an electrolysis."""
        if "time_s" not in self.columns:
            return self.columns
        return {**self.columns, ON_TIME: self.time_series().on_time_s()}

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each column of `table`."""
        return {**self.contents.units, ON_TIME: "s"}

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

    @property
    def products(self) -> Mapping[str, Mapping[str, Any]]:
        """What the protocol says of each product, by id."""
        products = self.header.get("products")
        return products if isinstance(products, Mapping) else {}

    @property
    def found_mol(self) -> Mapping[str, float]:
        """The amount of each product that was recorded last, by id."""
        return {id_: float(one["amount_mol"]) for id_, one in self._last_found().items()}

    @property
    def found_uncertainty_mol(self) -> Mapping[str, float]:
        """Its standard uncertainty, where one is known."""
        errors = {id_: _number(one.get(UNCERTAINTY)) for id_, one in self._last_found().items()}
        return {id_: error for id_, error in errors.items() if error is not None}

    def _last_found(self) -> dict[str, Mapping[str, Any]]:
        told = (product for entry in self.found for product in entry.get("products", ()))
        return {str(one.get("id", "")): one for one in told}

    @property
    def metal_consumed(self) -> Mapping[str, Any] | None:
        """What the charge took of a sacrificial anode by Faraday's law: `metal`, `electrode`,
        `taken_kg`, `there_kg`, `basis`, `source` (of the electrons), `state`; None where there is
        none."""
        told = self.header.get("metal")
        if not isinstance(told, Mapping):
            return None
        gross_C, net_C = (
            _number(self.stop.get(name, self.last(name)))
            for name in ("charge_gross_C", "charge_net_C")
        )
        per_C, taken_kg = _number(told.get("kg_per_C")), None
        if per_C is not None and gross_C is not None and net_C is not None:
            taken_kg = per_C * (gross_C + told["sign"] * net_C) / 2  # what flowed its way
        keys = ("metal", "electrode", "there_kg", "basis", "source", "state")
        return {**{key: told.get(key) for key in keys}, "taken_kg": taken_kg}

    def last(self, column: str) -> float | None:
        """The last value of a column that is not missing."""
        values = self.columns.get(column)
        if values is None or not (known := values[values == values]).size:
            return None
        return float(known[-1])

    def time_series(self) -> TimeSeries:
        """What was measured over time; the journal's marks say when the output was on."""
        import numpy as np

        from faradaic.timeseries import BookedCharge, TimeSeries

        columns = self.columns
        time_s = columns.get("time_s", np.empty(0))
        absent = np.full(len(time_s), np.nan)
        flags = columns.get("flags", absent)
        gross_C, net_C = (
            _number(self.stop.get(name, self.last(name)))
            for name in ("charge_gross_C", "charge_net_C")
        )
        reference = self.header.get("reference") or {}
        bounds = (_number(self.stop.get(name)) for name in ("charge_low_C", "charge_high_C"))
        return TimeSeries(
            time_s,
            columns.get("current_A", absent),
            columns.get("cell_voltage_V", absent),
            columns.get("potential_V", absent),
            held=np.where(np.isfinite(flags), 1.0 - np.nan_to_num(flags).astype(int) % 2, np.nan),
            charge_gross_C=columns.get("charge_gross_C", absent),
            charge_net_C=columns.get("charge_net_C", absent),
            energy_J=columns.get("energy_J", absent),
            level=columns.get("level", absent),
            part=columns.get("step", np.zeros(len(time_s))),
            output_on_s=np.array(self._output_on_s()).reshape(-1, 2),
            sign="anodic",
            reference=reference.get("name"),
            pH=_number(reference.get("pH")),
            temperature_K=_number(reference.get("temperature_K")),
            scales=tuple(reference.get("scales", ())),
            area_m2=_number(self.header.get("area_m2")),
            booked=BookedCharge(gross_C, net_C, *bounds),
            ended=bool(self.stop),
            sha256=self.journal_sha256,
        )

    @property
    def steps_with_current(self) -> tuple[Event, ...]:
        """The `step_start` of each step in which the output went on, once."""
        started, found = None, []
        for event in self.events:
            if event.kind == "step_start":
                started = event
            elif started and event.fields.get("what") == "output_on_intent":
                found.append(started)
                started = None
        return tuple(found)

    def paused_s(self, from_s: float = -math.inf, to_s: float = math.inf) -> float:
        """For how long it was paused between two times; a pause that nothing ended lasts until its
        last record."""
        total_s, since_s = 0.0, None
        for event in (*self.contents.of_kind("state"), *self.events[-1:]):
            if since_s is not None:
                total_s += max(0.0, min(event.time_s, to_s) - max(since_s, from_s))
            paused = event.kind == "state" and str(event.fields.get("to")).startswith("PAUSED")
            since_s = event.time_s if paused else None
        return total_s

    def output_as_marked(self) -> dict[str, Any] | None:
        """What the last mark says of the output: that it was read back off, or that it is on in a
        run under way; None where nobody can know."""
        for mark in reversed(self.contents.of_kind("mark")):
            what = mark.fields.get("what")
            if what == "output_off":
                evidence = f"{mark.fields.get('evidence')}, {mark.time_s:.0f} s after the start"
                return {"on": mark.fields.get("on"), "evidence": evidence}
            if what == "output_on_intent":
                since = f"since {mark.time_s:.0f} s after the start; the run is under way"
                return {"on": True, "evidence": since} if self.outcome == "RUNNING" else None
        return None

    def _output_on_s(self) -> list[float]:
        """When the output went on and off, by turns; an orphan's was on until its last record."""
        edges: list[float] = []
        for event in self.contents.of_kind("mark"):
            what, on = event.fields.get("what"), len(edges) % 2 == 1
            goes_off = what == "output_off" and event.fields.get("on") is False
            if goes_off if on else what == "output_on_intent":
                since_s = _number(event.fields.get("since_s"))
                edges.append(event.time_s if since_s is None else since_s)
        if len(edges) % 2:
            last_s = [*self.columns.get("time_s", ())[-1:], *(e.time_s for e in self.events[-1:])]
            edges.append(max(last_s))
        return edges


def is_run(path: Path) -> bool:
    """Whether there is a run: a folder with a journal, a journal, or another file that is one.

    A journal's first line is a checksum and the record `run_start`; one that keeps its own name
    may be torn before the end of that line.
    """
    if path.is_dir() or path.name == JOURNAL_NAME:
        return (path / JOURNAL_NAME if path.is_dir() else path).is_file()
    if not path.is_file():
        return False
    try:
        with open_file(path, ANY_SIZE) as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:  # who reads it says what is wrong with it
        return False
    return begins_like_journal(head)


def begins_like_journal(head: bytes) -> bool:
    """Whether a file that begins like this is a journal, whatever its name."""
    return head[8:9] == b" " and b'"k":"run_start"' in head[:_HEAD_BYTES]


def load_run(path: Path, *, samples: bool = True) -> Run:
    """Read a run folder, or a journal file alone; without its `samples` where few are to be in
    memory. Raises `InputError` (E605) when it is neither.
    """
    if not is_run(path):
        what = f"there is no run at {path}"
        remedy = "give a run folder or its journal; `faradaic runs` lists what there is"
        if path.is_dir():
            what = f"{path} is not a run: there is no {JOURNAL_NAME} in it"
        elif path.is_file():
            what = f"{path} is not a run: it does not begin like a journal"
            remedy = f"`faradaic read {path}` says what a data file holds"
        raise InputError.of(what, help=remedy, code="E605")
    folder = path if path.is_dir() else path.parent if path.name == JOURNAL_NAME else None
    journal = path / JOURNAL_NAME if path.is_dir() else path
    contents = read_journal(journal, samples=samples)
    digest = journal_sha256(journal)
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
        found=read_found(folder),
    )


def journal_sha256(journal: Path) -> str:
    """Of all parts of a journal, one after the other."""
    return file_sha256(*journal_parts(journal))


def file_sha256(*files: Path) -> str:
    """Of files one after the other."""
    digest = sha256()
    for file in files:
        with open_file(file, ANY_SIZE) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _outcome(stop: Event | None, folder: Path | None) -> str:
    if stop is not None:
        return str(stop.fields.get("outcome", "UNKNOWN"))
    live = is_live(folder) if folder else False
    return {True: "RUNNING", False: "LOST", None: "UNKNOWN"}[live]


def _json(folder: Path | None, name: str) -> Mapping[str, Any] | None:
    if folder is None:
        return None
    try:
        data = json.loads(read_file(folder / name))
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
