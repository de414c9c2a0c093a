"""A plate under way: its wells in turn on the channels of a bench, each an ordinary run.

A real bench, or a simulated one at a given speed, has a thread for each channel in this process; a
rehearsal as fast as it goes has a process for each core. In both the wells are tasks of
`workloads`, and each finds on disk what became of it before. What is asked of the plate is passed
on to the wells that are under way.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faradaic.diagnostics import DeviceError, Diagnostic, FaradaicError, refusal
from faradaic.instruments.readings import OutputState
from faradaic.protocols.plan import StepPlan
from faradaic.records.derive import derive
from faradaic.records.plate_folder import PlateFolder, PlateWell
from faradaic.runner.bench_file import Bench
from faradaic.runner.control_channel import ControlChannel
from faradaic.runner.forked_hosts import CAN_FORK, HostNursery
from faradaic.runner.live_runs import live_runs, speak
from faradaic.runner.operator import DefaultOperator, Operator
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Asked, Controls, Request
from faradaic.runner.shared_folders import program_name, user_name
from faradaic.runner.states import RunState
from faradaic.runner.well_run import (
    STOP_REQUEST,
    NotBegun,
    RehearsedWell,
    WellOutcome,
    rehearse_well,
    run_well,
)
from faradaic.workloads.executors import ProcessWorkers, cores
from faradaic.workloads.ledger import Ledger, task_key
from faradaic.workloads.work import Stopped, Task, Unfit, run

LOOK_S = 0.05
"""How often it is looked whether somebody asked for something."""
LEDGER = "ledger"
PLANNED_WITHIN_S = 30.0
SWITCH_S = 1e-3
"""After this a thread that computes makes room for one that waits."""
_ENDS_BADLY = frozenset({RunState.FAILED, RunState.TRIPPED, RunState.ABORTED, RunState.LOST})


@dataclass(frozen=True, slots=True)
class PlateResult:
    """What a plate came to."""

    outcomes: dict[str, WellOutcome]
    """Of the wells that are done, by name."""
    failed: dict[str, str]
    """Why a well could not be run, by name."""
    stopped: str
    """Who stopped the plate; empty where nobody did."""
    findings: tuple[Diagnostic, ...] = ()

    @property
    def exit_code(self) -> int:
        """Get 0 where every well is done and completed, else that of what was worst."""
        codes = {one.exit_code for one in self.outcomes.values()}
        if self.stopped:
            return 5
        if self.failed:
            return 3
        return next((code for code in (6, 3, 4, 5, 7, 2) if code in codes), 0)


@dataclass
class WellState:
    """Where one well is, for whoever shows it."""

    state: str = "waiting"
    channel: int | None = None
    progress: RunProgress | None = None
    outcome: WellOutcome | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A plate as its control channel knows it: it has no steps of its own."""

    bench: str
    steps: tuple[StepPlan, ...] = ()


class _Planning:
    """Wells are planned one after the other, and those that begin at once before any begins: what
    plans takes the interpreter from who waits for a reading."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._alone = threading.Lock()
        self.first: set[str] = set()
        """Wells of the first round that are still to be planned."""

    @contextlib.contextmanager
    def of(self, well: str) -> Iterator[None]:
        """While a well is planned."""
        try:
            with self._alone:
                yield
        finally:
            self.is_planned(well)

    def is_planned(self, well: str) -> None:
        """A well is planned, or will not be."""
        with self._changed:
            self.first.discard(well)
            self._changed.notify_all()

    def first_are_planned(self) -> None:
        """Wait for those that begin at once."""
        with self._changed:
            self._changed.wait_for(lambda: not self.first, PLANNED_WITHIN_S)


@dataclass
class _UnderWay:
    well: str
    controls: Controls = field(default_factory=Controls)


class Campaign:
    """Runs what is left of a plate, once."""

    def __init__(
        self,
        plate: PlateFolder,
        bench: Bench,
        *,
        controls: Controls,
        operator: Callable[[str], Operator] = lambda _well: DefaultOperator(),
        seed: int = 0,
        speed: float | None = None,
        faults: Sequence[str] = (),
        workers: int | None = None,
    ) -> None:
        """`operator` is given a well and answers for it; `workers` are the processes of a
        rehearsal, one for each core if not given."""
        self._plate = plate
        self._bench = bench
        self._controls = controls
        self._operator = operator
        self._seed, self._speed, self._faults = seed, speed, tuple(faults)
        self._workers = workers or cores()
        self._by_threads = not bench.simulated or speed is not None
        self._channels = int(plate.about["channels"])
        self._free = list(range(1, self._channels + 1))
        self._given = threading.Condition()
        self._out = 0
        """Channels that did not answer."""
        self._under_way: dict[str, _UnderWay] = {}
        self._nursery: HostNursery | None = None
        self._planning = _Planning()
        self._derived: list[Future[Any]] = []
        self._paused = False
        self._stopped = ""
        self._over = threading.Event()
        self.states = {well.name: WellState() for well in plate.wells}

    def run(self) -> PlateResult:
        """Run every well that is not done. Raises `InputError` (E612) where another program does,
        `StorageError` where the plate's own journal cannot be written."""
        heard = ControlChannel(_Heard(self._bench.name), self._controls)
        with heard.listening(
            self._plate.path, address=self._bench.address, simulated=self._bench.simulated
        ):
            return self._run()

    def _run(self) -> PlateResult:
        (self._plate.path / STOP_REQUEST).unlink(missing_ok=True)
        ledger = Ledger(self._plate.path / LEDGER)
        tasks = [self._task(number, well) for number, well in enumerate(self._plate.wells)]
        by_key = {task.key: task.label for task in tasks}
        self._know(ledger, by_key)
        left = [name for name, state in self.states.items() if state.outcome is None]
        self._planning.first = set(left[: self._channels])
        watch = threading.Thread(target=self._watch, name="plate", daemon=True)
        watch.start()
        function = self._run_here if self._by_threads else rehearse_well
        try:
            with self._executor() as executor:
                window = self._channels if self._by_threads else self._workers
                run(
                    tasks,
                    function,
                    ledger,
                    executor,
                    retry_failed=True,
                    window=window,
                    progress=lambda _: self._know(ledger, by_key),
                )
        except (Unfit, Stopped):
            if not self._stopped:
                self._stop(Asked(Request.OFF, "Ctrl+C, three times"))
        finally:
            self._over.set()
            watch.join()
            self._controls.output_is_off(self._output())
        self._know(ledger, by_key)
        result = self._result(ledger)
        self._plate.append(
            "plate_end",
            done=len(result.outcomes),
            failed=len(result.failed),
            stopped=result.stopped,
        )
        return result

    @contextlib.contextmanager
    def _executor(self) -> Iterator[Executor]:
        if not self._by_threads:
            with ProcessWorkers(self._workers) as processes:
                yield processes
            return
        with (
            self._undisturbed(),
            self._hosts(),
            ThreadPoolExecutor(self._channels, thread_name_prefix="channel") as threads,
        ):
            try:
                yield threads
            except BaseException:
                if not self._stopped:
                    self._stop(Asked(Request.OFF, "the plate ended"))
                raise

    def _tables(self, folder: Path) -> dict[str, Any]:
        """The tables of a run are written by a process: what writes them is large, and reading it
        takes the interpreter for longer than a reading may be late."""
        self._derived.append(self._aside.submit(derive, folder))
        return {}

    @contextlib.contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Threads that have something to do wait for others for less long than as Python has it."""
        before_s = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            with ProcessWorkers(1) as self._aside:
                self._aside.submit(cores).result()  # it is there before anything flows
                yield
        finally:
            sys.setswitchinterval(before_s)

    @contextlib.contextmanager
    def _hosts(self) -> Iterator[None]:
        """What starts the device hosts of a real bench, where the system can fork."""
        if self._bench.simulated or not CAN_FORK:
            yield
            return
        self._nursery = HostNursery([self._bench.file.source.driver])
        try:
            yield
        finally:
            self._nursery.close()

    def _task(self, number: int, well: PlateWell) -> Task:
        key = task_key({"plate": self._plate.name, "well": well.name}, "run", {})
        payload = RehearsedWell(
            str(self._plate.path),
            well.name,
            self._bench.text,
            well.channel,
            self._seed + number,
            self._faults,
        )
        return Task(key, payload, well.name, max(well.duration_s, 1.0))

    # One well -----------------------------------------------------------------------------------

    def _run_here(self, payload: RehearsedWell) -> dict[str, Any]:
        """A well on the first channel that is free and answers."""
        well = payload.well
        while True:
            channel = self._take_channel()
            here = _UnderWay(well)
            answered = True
            try:
                while self._paused and not self._stopped:
                    time.sleep(LOOK_S)
                if self._stopped:
                    raise NotBegun.of("the plate was stopped")
                return self._on(channel, here, payload).as_dict()
            except NotBegun:
                self.states[well].state = "waiting"
                raise
            except DeviceError as error:
                answered = False
                if not self._has_another(channel, error):
                    raise
            finally:
                self._under_way.pop(well, None)
                self._planning.is_planned(well)
                if answered:
                    self._give_back(channel)

    def _on(self, channel: int, here: _UnderWay, payload: RehearsedWell) -> WellOutcome:
        well, state = here.well, self.states[here.well]

        def begins() -> None:
            self._planning.first_are_planned()
            state.state, state.channel = "opening", channel
            self._under_way[well] = here
            if self._stopped:
                here.controls.ask(Request.STOP, f"stop of the plate, {self._stopped}")

        def observe(progress: RunProgress) -> None:
            state.state, state.progress = progress.state.value, progress

        outcome = run_well(
            self._plate,
            well,
            self._bench.channel(channel),
            channel=channel,
            seed=payload.seed,
            speed=self._speed,
            faults=payload.faults,
            operator=self._operator(well),
            controls=here.controls,
            observe=observe,
            begins=begins,
            start_host=None if self._nursery is None else self._nursery.start,
            tables=self._tables,
            one_at_a_time=self._planning.of(well),
        )
        state.outcome, state.state = outcome, outcome.outcome
        if outcome.outcome in _ENDS_BADLY and self._plate.about.get("stops_on_failure"):
            self._stop(Asked(Request.STOP, f"well {well} ended {outcome.outcome}"))
        return outcome

    def _take_channel(self) -> int:
        with self._given:
            while not self._free:
                if self._out >= self._channels:
                    raise DeviceError.of("no channel of the bench answers any more", code="E625")
                self._given.wait()
            return heapq.heappop(self._free)

    def _give_back(self, channel: int) -> None:
        with self._given:
            heapq.heappush(self._free, channel)
            self._given.notify_all()

    def _has_another(self, channel: int, error: DeviceError) -> bool:
        """Take a channel that does not answer out of the plate; whether another is left."""
        self._plate.append("channel_out", channel=channel, why=error.diagnostics[0].message)
        with self._given:
            self._out += 1
            self._given.notify_all()
            return self._out < self._channels

    # What is asked of the plate -----------------------------------------------------------------

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            for note in self._controls.notes():
                self._plate.append("note", text=note.text, by=dict(note.by))
            asked = self._controls.asked
            if asked is None:
                continue
            if asked.request >= Request.STOP:
                self._stop(asked)
            elif asked.request in (Request.PAUSE, Request.RESUME):
                self._pause_or_resume(asked)
            else:
                self._controls.take(asked)
                word = asked.request.name.lower()
                asked.refuse(f"a plate is not asked to {word}: name a well, {self._plate.name}/B3")

    def _stop(self, asked: Asked) -> None:
        """Begin nothing more, and end what is under way."""
        if not self._stopped:
            self._stopped = asked.reason
            (self._plate.path / STOP_REQUEST).touch()
            self._plate.append("stop", request=asked.request.name, reason=asked.reason)
        self._ask_all(asked, "stop of the plate")
        if not self._under_way and self._by_threads:
            self._controls.output_is_off(self._output())

    def _pause_or_resume(self, asked: Asked) -> None:
        self._controls.take(asked)
        word = asked.request.name.lower()
        if not self._by_threads:
            asked.refuse("a rehearsal as fast as it goes is not paused; stop it, and go on later")
            return
        self._paused = asked.request is Request.PAUSE
        self._plate.append(word, reason=asked.reason)
        sent = self._ask_all(asked, f"{word} of the plate")
        for one in sent:
            one.done.wait(10.0)
        outputs = [one.output for one in sent if one.output is not None]
        asked.acted(_together(outputs) if outputs else None)

    def _ask_all(self, asked: Asked, what: str) -> list[Asked]:
        """Pass a request on to every well that is under way."""
        request = asked.request
        if self._by_threads:
            # one that nobody asks for by name is a question at the terminal, here for each well
            by = asked.by or {"user": user_name(), "program": program_name(), "pid": os.getpid()}
            here = list(self._under_way.values())
            reason = f"{what}, {asked.reason}"
            return [one.controls.put(Asked(request, reason, by)) for one in here]
        for live in live_runs():
            if Path(live.folder).parent.parent == self._plate.path:
                with contextlib.suppress(FaradaicError):
                    speak(live, {"ask": request.name.lower()})
        return []

    def _output(self) -> OutputState:
        """Of all wells that were run here, as each was read back."""
        stops = [run.stop for well in self.states if (run := self._plate.run_of(well)) is not None]
        told = [stop.get("output", {}) for stop in stops if stop]
        on = [one.get("on") for one in told if one.get("on") is not False]
        if on:
            return OutputState(None, f"{len(on)} of {len(told)} outputs are not known to be off")
        return OutputState(False, f"the outputs of {len(told)} wells were read back off")

    # What is known --------------------------------------------------------------------------------

    def _know(self, ledger: Ledger, by_key: dict[str, str]) -> None:
        """Take over what the ledger and the journal of the plate say."""
        for record in ledger.records():
            if (well := by_key.get(record.key)) is not None:
                state = self.states[well]
                if record.failed:
                    state.failed = record.reason
                    continue
                assert record.result is not None
                state.failed, state.outcome = "", WellOutcome(**record.result)
                state.state, state.channel = state.outcome.outcome, state.outcome.channel
        if not self._by_threads:
            for entry in self._plate.journal():
                if entry["what"] == "well_start" and self.states[entry["well"]].outcome is None:
                    state = self.states[entry["well"]]
                    state.state, state.channel = "RUNNING", entry["channel"]

    def _result(self, ledger: Ledger) -> PlateResult:
        outcomes = {w: s.outcome for w, s in self.states.items() if s.outcome is not None}
        failed = {w: s.failed for w, s in self.states.items() if s.failed and s.outcome is None}
        found = [*ledger.keys().findings]
        for made in self._derived:
            if isinstance(error := made.exception(), FaradaicError):
                found += error.diagnostics
        return PlateResult(outcomes, failed, self._stopped, tuple(found))


@contextlib.contextmanager
def alone(plate: PlateFolder) -> Iterator[None]:
    """Keep other programs off a plate. Raises `InputError` (E612) where one has it."""
    lock = FileLock(plate.lock)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise refusal(
            "E612",
            f"plate {plate.name} is run by another program",
            "`faradaic runs --live` shows it; `faradaic stop` ends it",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _together(outputs: Sequence[OutputState]) -> OutputState:
    off = all(one.on is False for one in outputs)
    on = [one.evidence for one in outputs if one.on is not False]
    words = f"the outputs of {len(outputs)} wells were read back off"
    return OutputState(False if off else None, words if off else "; ".join(on))
