"""One well of a plate, whatever became of it before: run, gone on with, or left as it is.

What is on disk decides: a well that has ended is not run twice, one whose program died or whose
plate was stopped goes on with what is left of its charge, as after `faradaic recover`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faradaic.diagnostics import refusal
from faradaic.documents.document import load_document
from faradaic.input_files import read_file
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.derive import derive
from faradaic.records.folder import write_file
from faradaic.records.plate_folder import PlateFolder
from faradaic.records.run import Run
from faradaic.runner.bench_file import Bench
from faradaic.runner.host_process import HostStarter
from faradaic.runner.operator import DefaultOperator, Operator
from faradaic.runner.progress import RunProgress
from faradaic.runner.recovery import recover
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.runner.states import EXIT_CODES, RunState
from faradaic.workloads.work import Unfit

STOP_REQUEST = "stop.request"
"""In the folder of a plate: nothing more is begun, and what was stopped goes on later."""
CONTINUATION = "continuation.yaml"
GOES_ON = frozenset({RunState.LOST, RunState.STOPPED})


class NotBegun(Unfit):
    """The plate was stopped: a well that is to be done later."""

    default_code = "E624"


@dataclass(frozen=True, slots=True)
class WellOutcome:
    """How a well ended; JSON values alone."""

    well: str
    run: str
    outcome: str
    stop_reason: str
    charge_C: float | None
    channel: int | None
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As the ledger of the plate keeps it."""
        return {name: getattr(self, name) for name in self.__slots__}


def run_well(
    plate: PlateFolder,
    well: str,
    bench: Bench,
    *,
    channel: int,
    seed: int = 0,
    speed: float | None = None,
    faults: Sequence[str | Mapping[str, Any]] = (),
    operator: Operator | None = None,
    controls: Controls | None = None,
    observe: Callable[[RunProgress], None] | None = None,
    begins: Callable[[], None] = lambda: None,
    start_host: HostStarter | None = None,
    tables: Callable[[Path], Mapping[str, Any]] = derive,
    one_at_a_time: AbstractContextManager[Any] | None = None,
) -> WellOutcome:
    """Do what is left of a well on one channel; `begins` is called before its bench is opened.

    `one_at_a_time` is held while it is planned, which takes the interpreter from the wells beside
    it; `tables` writes what is derived of its journal.

    Raises `NotBegun` where the plate was stopped, `DeviceError` where the bench does not open,
    `InputError` where a person has to say first what passed (E623).
    """
    if (plate.path / STOP_REQUEST).exists():
        raise NotBegun.of("the plate was stopped")
    with one_at_a_time or nullcontext():
        text, ended = left_of(plate, well)
        if ended is not None:
            return ended
        assert text is not None
        loaded = validate_protocol(load_document(text, f"{plate.name}/{well}"))
        plan = compile_protocol(loaded, bench).model_copy(update={"name": well.lower()})
    plate.append("well_start", well=well, channel=channel, bench=bench.name)
    begins()
    done = run_plan(
        plan,
        bench,
        protocol_text=text,
        runs_dir=plate.path / well,
        seed=seed,
        speed=speed,
        operator=operator or DefaultOperator(),
        controls=controls or Controls(),
        observe=observe,
        faults=faults,
        start_host=start_host,
        tables=tables,
    )
    result = done.result
    outcome = WellOutcome(
        well,
        done.folder.name,
        result.outcome.value,
        result.stop_reason,
        result.charge_gross_C,
        channel,
        result.exit_code,
    )
    plate.append("well_end", **outcome.as_dict())
    if result.outcome is RunState.STOPPED and (plate.path / STOP_REQUEST).exists():
        raise NotBegun.of("the plate was stopped")
    return outcome


def left_of(plate: PlateFolder, well: str) -> tuple[str | None, WellOutcome | None]:
    """What is left of a well's protocol; None, and how it ended, where nothing is.

    Closes the journal of a run that died. Raises `InputError`, E612 for a run that is alive and
    E623 where nobody knows how much passed.
    """
    run = plate.run_of(well)
    if run is None:
        return read_file(plate.path / well / "protocol.yaml").decode(), None
    if run.outcome == "RUNNING":
        raise refusal(
            "E612",
            f"well {well} is run by another program",
            "`faradaic runs --live` shows it; wait for its end, or stop it",
        )
    if run.stop and run.outcome not in GOES_ON:
        return None, _ended(plate, well, run)
    assert run.folder is not None
    path = run.folder / CONTINUATION
    if path.is_file():
        return read_file(path).decode(), None
    told = recover(run.folder)
    if told.text:
        write_file(path, told.text.encode())
        return told.text, None
    if told.taken_C is None:
        raise refusal(
            "E623",
            f"well {well}: {told.none_because}",
            f"faradaic recover {plate.name}/{well} with one of these, then go on with the plate",
        )
    return None, _ended(plate, well, told.run, told.none_because)


def _ended(plate: PlateFolder, well: str, run: Run, because: str = "") -> WellOutcome:
    """How it ended; `because` is why nothing follows on a run that died."""
    channels = (e for e in plate.journal() if e.get("what") == "well_start" and e["well"] == well)
    return WellOutcome(
        well,
        run.name,
        run.outcome,
        "; ".join(filter(None, (run.stop_reason, because))),
        run.last("charge_gross_C"),
        next((e.get("channel") for e in reversed(list(channels))), None),
        EXIT_CODES.get(RunState(run.outcome), 7),
    )


@dataclass(frozen=True, slots=True)
class RehearsedWell:
    """What a process needs to rehearse a well."""

    folder: str
    well: str
    bench_text: str
    channel: int
    seed: int
    faults: tuple[str, ...] = ()


def rehearse_well(payload: RehearsedWell) -> dict[str, Any]:
    """Rehearse a well as fast as it goes, in this process."""
    from faradaic.runner.bench_file import bench_of_text

    bench = bench_of_text(payload.bench_text).channel(payload.channel)
    return run_well(
        PlateFolder(Path(payload.folder)),
        payload.well,
        bench,
        channel=payload.channel,
        seed=payload.seed,
        faults=payload.faults,
    ).as_dict()
