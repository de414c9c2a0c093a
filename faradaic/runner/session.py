"""One run from an open bench to a closed folder: who is made when, and what is kept.

The bench is opened first, so that a bench that does not answer leaves no empty folder behind. From
the moment the folder exists everything that happens is in its journal.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.diagnostics import Diagnostic, refusal
from faradaic.instruments.known_firmware import firmware_remark
from faradaic.instruments.readings import Identity
from faradaic.protocols.device_steps import DeviceStep
from faradaic.protocols.plan import AskPlan, Plan
from faradaic.records.derive import derive
from faradaic.records.folder import RunFolder
from faradaic.records.journal import JournalWriter
from faradaic.runner.bench_file import Bench
from faradaic.runner.bench_lock import BenchLocks, lock_on
from faradaic.runner.control_channel import ControlChannel
from faradaic.runner.engine import Engine
from faradaic.runner.host import InlineHost
from faradaic.runner.host_process import HostProcess, HostStarter
from faradaic.runner.last_known import DEVICE_LOG
from faradaic.runner.operator import DefaultOperator, Operator
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Controls
from faradaic.runner.run_result import RunResult
from faradaic.runner.world import World

BYTES_PER_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class DoneRun:
    """A run that has ended, and where everything about it is."""

    folder: Path
    result: RunResult
    summary: Mapping[str, Any]
    warnings: tuple[Diagnostic, ...]


def run_plan(
    plan: Plan,
    bench: Bench,
    *,
    protocol_text: str,
    runs_dir: Path,
    seed: int,
    speed: float | None,
    operator: Operator,
    controls: Controls,
    observe: Callable[[RunProgress], None] | None = None,
    faults: Sequence[str | Mapping[str, Any]] = (),
    start_host: HostStarter | None = None,
    tables: Callable[[Path], Mapping[str, Any]] = derive,
) -> DoneRun:
    """Run a plan on its bench and leave a run folder in `runs_dir`.

    `speed` is virtual seconds per second on a simulated bench, None for as fast as it goes;
    `faults` go wrong there, and are refused on a real one; `start_host` makes the process that
    holds a real one, a program of its own if not given; `tables` writes what is derived of the
    journal. Raises `InputError` for a fault that
    cannot be, `DeviceError` when the bench does not open, `StorageError` when no folder can be
    made; what happens afterwards is in the result.
    """
    if not bench.simulated and isinstance(operator, DefaultOperator):
        _refuse_what_needs_people(plan)
    with lock_on(bench) as lock:
        host = _host_of(bench, plan, seed, speed, faults, lock, start_host)
        channel = ControlChannel(plan, controls, observe)

        @contextmanager
        def held(folder: RunFolder, simulated: bool) -> Iterator[None]:
            def held_by(host_pid: int) -> None:
                if lock is not None:
                    lock.tell(run=folder.name, folder=folder.path, host_pid=host_pid)

            if isinstance(host, HostProcess):
                host.keep_log(folder.path / DEVICE_LOG)
                host.on_successor = held_by
            held_by(host.pid if isinstance(host, HostProcess) else 0)
            with channel.listening(folder.path, address=bench.address, simulated=simulated):
                yield

        world = World(
            host,
            operator=operator,
            controls=controls,
            observe=channel.observe,
            seed=seed,
            journal=partial(JournalWriter, patient=bench.simulated and speed is None),
            held=held,
        )
        folder, result = run_in(world, plan, bench, protocol_text, runs_dir, faults)
    warnings = (*folder.warnings, *channel.warnings)
    return DoneRun(folder.path, result, tables(folder.path), warnings)


def _refuse_what_needs_people(plan: Plan) -> None:
    """Nobody is there: what somebody has to do by hand would stop the run. Raises `InputError`."""
    for step in plan.steps:
        asked = step.question if isinstance(step, AskPlan | DeviceStep) else ""
        if asked:
            where = f", line {step.line}" if step.line else ""
            raise refusal(
                "E435",
                f"step {step.id}{where} needs somebody, and nobody is here to ask: {asked}",
                "run it from a terminal, put a device that does it on the bench, or leave it out",
            )


def run_in(
    world: World,
    plan: Plan,
    bench: Bench,
    protocol_text: str,
    runs_dir: Path,
    faults: Sequence[str | Mapping[str, Any]] = (),
) -> tuple[RunFolder, RunResult]:
    """Run a plan in a world; what is left is the folder and how it ended, no tables yet."""
    engine = Engine(plan, bench.sha256, world)
    try:
        identity = engine.preflight()
        simulated = bench.simulated or identity.simulated
        folder = RunFolder.create(
            runs_dir,
            plan.name,
            simulated=simulated,
            utc=world.clock.utc(),
            expected_bytes=_expected_samples(plan) * BYTES_PER_SAMPLE,
        )
    except BaseException:
        world.host.output_off()
        world.host.close()
        raise
    with folder, world.held(folder, simulated):
        if (remark := firmware_remark(bench.file.source.driver, identity)) is not None:
            folder.warnings = (*folder.warnings, remark)
        folder.write_text("protocol.yaml", protocol_text)
        folder.write_text("bench.yaml", bench.text)
        folder.write_text("plan.json", plan.model_dump_json(indent=2) + "\n")
        header = _header(plan, bench, folder.name, identity, simulated, world.seed, faults)
        with world.journal(folder.journal) as journal:
            return folder, engine.run(journal, header)


def _host_of(
    bench: Bench,
    plan: Plan,
    seed: int,
    speed: float | None,
    faults: Sequence[str | Mapping[str, Any]],
    lock: BenchLocks | None,
    start: HostStarter | None,
) -> InlineHost | HostProcess:
    if bench.simulated or faults:
        return InlineHost(
            bench,
            cell=plan.cell,
            seed=seed,
            speed=speed,
            faults=faults,
            limiting_amount_mol=plan.limiting_amount_mol,
            patience_s=plan.interruption_s,
            plan=plan,
        )
    held = () if lock is None else lock.files
    return HostProcess(bench, plan=plan, patience_s=plan.interruption_s, holds=held, start=start)


def _header(
    plan: Plan,
    bench: Bench,
    name: str,
    identity: Identity,
    simulated: bool,
    seed: int,
    faults: Sequence[str | Mapping[str, Any]],
) -> dict[str, Any]:
    """What the journal begins with."""
    flow, metal = plan.estimates.flow, plan.estimates.metal
    return {
        "faradaic": __version__,
        "schema": 1,
        "run": name,
        "title": plan.title,
        "simulated": simulated,
        "continues": list(plan.continues),
        "bench": plan.bench,
        "protocol_sha256": plan.protocol_sha256,
        "bench_sha256": plan.bench_sha256,
        "seed": seed if simulated else None,
        "faults": list(faults),
        "limiting": plan.limiting,
        "limiting_amount_mol": plan.limiting_amount_mol,
        "electrons": plan.electrons,
        "reference": plan.reference,
        "area_m2": plan.working_area_m2,
        "flow": flow and flow.model_dump(),
        "metal": metal and {**metal.model_dump(), "state": metal.state},
        "products": plan.reaction.get("products", []),
        "guessed": ", ".join(_guessed(plan)) if simulated else "",
        "guessed_columns": _guessed_columns(plan) if simulated else [],
        "assumptions": _assumptions(plan) if simulated else [],
        "identity": {"source": asdict(identity)},
        "current_accuracy": bench.source.current_accuracy,
        "host": {"python": platform.python_version(), "system": platform.platform()},
    }


def _guessed(plan: Plan) -> list[str]:
    """What of the simulated cell is a guess: potential, resistance, ..."""
    return list(dict.fromkeys(one.guess for one in plan.cell.assumptions if one.guess))


def _guessed_columns(plan: Plan) -> list[str]:
    """The columns that rest on a guess in one step at least."""
    followed = (s.follows_from_the_cell for s in plan.steps if s.passes_current)
    return sorted({column for columns in followed for column in columns}) if _guessed(plan) else []


def _assumptions(plan: Plan) -> list[dict[str, Any]]:
    """What the simulated cell rests on, guesses first, what moves its voltage most before."""
    return [one.model_dump(mode="json", exclude_unset=True) for one in plan.cell.assumptions]


def _expected_samples(plan: Plan) -> int:
    return int(sum(step.time_cap_s / step.interval_s for step in plan.steps))
