"""The folder of a plate: what was asked for, a journal of its own, and below it each well's runs.

    2026-11-30T140212Z-NAME-SIMULATED/
        plate.yaml, bench.yaml   as written
        plate.json               rows, columns, and each well with its factors
        plate.jsonl              the journal: what was begun where, and how it ended
        B3/protocol.yaml         what is to be done in a well
        B3/2026-...-b3-.../      its run, an ordinary run folder; one that goes on from it beside it

A line of the journal is on disk before what it says begins. It is written by several programs at
once, so that its order is that of its times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from faradaic.diagnostics import InputError, did_you_mean, refusal
from faradaic.input_files import read_file
from faradaic.records.folder import JOURNAL_NAME, LOCK_NAME, RunFolder, is_live
from faradaic.records.found import append_entry, read_entries
from faradaic.records.run import Run, load_run

PLATE_JOURNAL = "plate.jsonl"
_ABOUT = "plate.json"


@dataclass(frozen=True, slots=True)
class PlateWell:
    """One well as it was planned."""

    name: str
    row: int
    """From 0."""
    column: int
    """From 1."""
    factors: Mapping[str, str]
    control: str
    replicate: int
    channel: int
    """That it is planned for; it is run on the one that is free first."""
    duration_s: float
    """Planned."""


@dataclass(frozen=True)
class PlateFolder:
    """A plate that was begun."""

    path: Path

    @classmethod
    def create(
        cls,
        runs_dir: Path,
        name: str,
        about: Mapping[str, Any],
        wells: Sequence[PlateWell],
        texts: Mapping[str, str],
        *,
        simulated: bool,
    ) -> tuple[PlateFolder, RunFolder]:
        """Make it under `runs_dir`, with the protocol of each well; the lock is to be released.

        `about` is what is told of the plate as a whole, `texts` the protocol of each well and, by
        their names, further files. Raises `StorageError`.
        """
        made = RunFolder.create(runs_dir, name, simulated=simulated, utc=datetime.now(UTC))
        told = {**about, "simulated": simulated, "wells": [asdict(well) for well in wells]}
        for well in wells:
            (made.path / well.name).mkdir()
        for file, text in texts.items():
            place = made.path / file / "protocol.yaml" if "." not in file else made.path / file
            place.write_text(text, encoding="utf-8")
        made.write_text(_ABOUT, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        plate = cls(made.path)
        plate.append("plate_start", wells=len(wells))
        return plate, made

    @property
    def name(self) -> str:
        """Get the name by which it is found again."""
        return self.path.name

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """Get what is told of it as a whole. Raises `InputError` (E620)."""
        try:
            told = json.loads(read_file(self.path / _ABOUT))
        except (OSError, ValueError) as error:
            raise refusal(
                "E620",
                f"{self.path / _ABOUT} cannot be read: {error}",
                "the wells are runs, `show`",
            ) from None
        return told if isinstance(told, dict) else {}

    @cached_property
    def wells(self) -> tuple[PlateWell, ...]:
        """Get the wells in the order in which they were to begin."""
        return tuple(PlateWell(**one) for one in self.about["wells"])

    @property
    def simulated(self) -> bool:
        """Get whether its bench was simulated."""
        return bool(self.about.get("simulated"))

    @property
    def is_live(self) -> bool | None:
        """Get whether a program runs it; None where that cannot be found out."""
        return is_live(self.path)

    @property
    def lock(self) -> Path:
        """Get the file whose lock says that a program runs it."""
        return self.path / LOCK_NAME

    def append(self, what: str, **fields: Any) -> None:
        """Write a line of the journal, on disk when this returns. Raises `StorageError`."""
        utc = datetime.now(UTC).isoformat(timespec="milliseconds")
        append_entry(self.path / PLATE_JOURNAL, {"utc": utc, "what": what, **fields})

    def journal(self) -> tuple[Mapping[str, Any], ...]:
        """What happened, in order."""
        return read_entries(self.path / PLATE_JOURNAL)

    def well(self, name: str) -> PlateWell:
        """A well by its name. Raises `InputError` (E621)."""
        known = {well.name: well for well in self.wells}
        if name.upper() not in known:
            what = f"there is no well {name} on plate {self.name}"
            raise InputError.of(what, help=did_you_mean(name.upper(), list(known)), code="E621")
        return known[name.upper()]

    def runs_of(self, well: str) -> list[Path]:
        """The runs of a well, oldest first."""
        return sorted(path.parent for path in (self.path / well).glob(f"*/{JOURNAL_NAME}"))

    def run_of(self, well: str) -> Run | None:
        """The last run of a well; None where none was begun, or before its first record."""
        for path in reversed(self.runs_of(well)):
            try:
                run = load_run(path)
            except InputError:
                continue
            if run.header:
                return run
        return None


def is_plate(path: Path) -> bool:
    """Whether a folder is that of a plate."""
    return (path / PLATE_JOURNAL).is_file()


def plates_in(runs_dir: Path) -> Iterator[PlateFolder]:
    """The plates below a folder of runs, newest first."""
    for path in sorted(runs_dir.glob(f"*/{PLATE_JOURNAL}"), reverse=True):
        yield PlateFolder(path.parent)


def find_plate(runs_dir: Path, token: str) -> PlateFolder | None:
    """A plate by its folder, its name or a beginning of it that fits one, or the part of it behind
    its date; None where none fits. Raises `InputError` (E622) where several do."""
    if (path := Path(token)).is_dir():
        return PlateFolder(path) if is_plate(path) else None
    plates = {plate.name: plate for plate in plates_in(runs_dir)}
    fitting = [name for name in plates if name == token] or [
        name for name in plates if name.startswith(token)
    ]
    fitting = fitting or [name for name in plates if name.partition("Z-")[2].startswith(token)]
    if len(fitting) > 1:
        raise refusal(
            "E622",
            f"`{token}` fits {len(fitting)} plates in {runs_dir}",
            f"name one: {', '.join(sorted(fitting)[:5])}",
        )
    return plates[fitting[0]] if token and fitting else None


def find_well(runs_dir: Path, token: str) -> tuple[PlateFolder, PlateWell] | None:
    """The well that `PLATE/B3` names; None where that names no plate. Raises `InputError`."""
    above, _, name = token.replace("\\", "/").rstrip("/").rpartition("/")
    if not above or (plate := find_plate(runs_dir, above)) is None:
        return None
    return plate, plate.well(name)
