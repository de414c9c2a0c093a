"""One scenario tried: the run, what is left of it, and which promises it broke."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from faradaic.diagnostics import FaradaicError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan, Signal
from faradaic.records.folder import JOURNAL_NAME
from faradaic.records.journal import JournalContents, read_journal
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.host_wire import LEASE_S
from faradaic.runner.recovery import recover
from faradaic.runner.run_result import RunResult
from faradaic.runner.session import run_in
from faradaic.runner.states import RunState
from rigs.protocols import HEAD

from .deaths import Dead
from .disks import can_end_without_its_end, torn
from .scenarios import FOLLOWS, ON_BOARD, POTENTIOSTAT, PROTOCOLS, Mishap, Scenario
from .world import FOREVER_S, SimulatedWorld

SLACK_S = 0.25
"""What a command, its answer and a first reading may take."""

SEARCH_S = 15.0
"""What a host needs to find its place again on a line that is bad."""

SLACK = 2e-3
"""Of a charge: one reading stands for a tenth of a second, and meters are not quite right."""

STALE_S = 3.5
"""How long a device that reports nothing is believed, and its last reading before that."""

NOTHING_LEFT = ("it was completed", "every step", "with the high charge", "a condition")
"""How the reasons begin for which there is no continuation and need not be."""

_SHARED_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True)
class Trial:
    """What a scenario came to."""

    scenario: Scenario
    broken: tuple[str, ...]
    """Promises that were not kept, in words."""
    virtual_s: float
    outcome: str


BENCH = """\
faradaic_bench: 1
name: {0}
source: {{driver: {0}, address: "tcp://127.0.0.1:1"}}
"""
"""A real bench by its file; its ports are never opened, since the world brings others."""

AROUND = """\
devices:
  plate: {driver: ika-rct, address: "tcp://127.0.0.1:2"}
  gas:
    {driver: alicat-mc, address: "tcp://127.0.0.1:3", options: {full_scale: 100 sccm}}
  pump: {driver: new-era, address: "tcp://127.0.0.1:4", options: {diameter: 14.43 mm}}
interlocks:
  - {stirring: ">= 200 rpm"}
"""
SETS = """\
- set: {stirring: 600 rpm, gas: {species: N2, flow: 20 sccm}, within: 30 s}
  - set: {pump: {flow: 0.1 mL/min}, wait: false}
  """


REFERENCE = "reference: {couple: Ag/AgCl, filling: 3 M KCl}"


@cache
def planned(driver: str, protocol: str, devices: bool) -> tuple[Plan, Bench, str]:
    """A protocol compiled for a bench, and its text."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(BENCH.format(driver) + (AROUND if devices else ""))
        file.flush()
        bench = load_bench(file.name)
    steps = (PROTOCOLS | POTENTIOSTAT | ON_BOARD)[protocol]
    head = HEAD.replace("reaction:", f"  {REFERENCE}\nreaction:") if "vs: " in steps else HEAD
    text = f"{head}steps:\n  {SETS if devices else ''}{steps}\n"
    return (
        compile_protocol(validate_protocol(load_document(text, "drawn.yaml")), bench),
        bench,
        text,
    )


def tried(scenario: Scenario, folder: Path | None = None) -> Trial:
    """Run a scenario to its end and hold it against what happened."""
    with tempfile.TemporaryDirectory(dir=folder or _SHARED_MEMORY) as made:
        return _tried(scenario, Path(made))


def _tried(scenario: Scenario, runs: Path) -> Trial:
    plan, bench, text = planned(scenario.bench, scenario.protocol, scenario.devices)
    world = SimulatedWorld(scenario)
    world.cell.limit_V = max(s.cell_voltage_limit_V or np.inf for s in plan.steps) * 1.002
    world.cell.limit_A = 1.05 * max(
        limit.at_least for limit in plan.limits if limit.signal is Signal.CURRENT_A
    )
    result: RunResult | None = None
    true_C = true_net_C = 0.0
    broken: list[str] = []
    try:
        _, result = run_in(world.handed(), plan, bench, text, runs)
        world.wire.bring_up_to_date()
        true_C, true_net_C = world.cell.charge_C, world.cell.net_C
    except Dead:
        pass
    except FaradaicError as error:
        if world.disk is not None and not world.dead:  # else its code is only unwound
            broken.append(f"{type(error).__name__} came out of the run: {error}")
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - whatever it is
        if world.disk is not None or not isinstance(error, KeyboardInterrupt):
            broken.append(f"{type(error).__name__} came out of the run: {error}")
    died_s = world.now_s
    if world.dead:
        broken += _after_death(world)
    else:
        world.over = True
        world.host.leaves()  # as the process does, when the program is over
    broken += _at_the_end(world)
    if world.disk is not None:
        assert world.folder is not None
        path = world.folder / JOURNAL_NAME
        acknowledged = world.disk.acknowledged(died_s)
        if world.dead:
            _lose(path, acknowledged, world)
        contents = read_journal(path)
        broken += _told_truly(world, plan, result, true_C, true_net_C, contents)
        broken += _kept(world, contents, acknowledged, result)
        if contents.records and (result is None or result.outcome is not RunState.COMPLETED):
            try:
                broken += _recovered(world, bench, plan, runs)
            except FaradaicError as error:
                broken.append(f"{type(error).__name__} out of the recovery: {error}")
    broken += dict.fromkeys(world.broken)
    outcome = "dead" if result is None else result.outcome.value
    return Trial(scenario, tuple(broken), world.now_s, outcome)


def _after_death(world: SimulatedWorld) -> Iterator[str]:
    """The program is dead: its host turns the output off, or the instrument does it itself."""
    world.wire.bring_up_to_date()
    died_s, on_s = world.now_s, world.cell.on_s
    if world.computer_died:
        world.clock.sleep_until(died_s + 120.0)
        world.wire.bring_up_to_date()
        outlives_s = world.host.ports._driver.capabilities.outlives_s
        if outlives_s is not None and world.cell.on_s - on_s > outlives_s + SLACK_S:
            yield (
                f"the output was on for {world.cell.on_s - on_s:.2f} s after the computer died,"
                f" {outlives_s:g} s are stated"
            )
        return
    troubled_s = world.troubled_s(died_s - SEARCH_S)
    world.host.leaves()
    world.wire.bring_up_to_date()
    allowed_s = SLACK_S + (troubled_s and troubled_s + SEARCH_S)
    if world.cell.on_s - on_s > allowed_s + world.troubled_s(died_s):
        yield f"the output was on for {world.cell.on_s - on_s:.2f} s after the program died"


def _at_the_end(world: SimulatedWorld) -> Iterator[str]:
    """Everything is over; what is on now stays on."""
    before_s = world.cell.on_s
    world.clock.sleep_until(world.now_s + 60.0)
    world.wire.bring_up_to_date()
    if world.computer_died:
        return
    if world.cell.on_s - before_s > 1e-9:
        yield "the output stayed on when everything was over"
    yield from world.around.at_work()


def _told_truly(
    world: SimulatedWorld,
    plan: Plan,
    result: RunResult | None,
    true_C: float,
    true_net_C: float,
    contents: JournalContents,
) -> Iterator[str]:
    """Charge, limits and outcome as they were; `true_C` and `true_net_C` are what had flowed when
    they were told."""
    scenario = world.scenario
    longest_s = sum(step.time_cap_s for step in plan.steps)
    poll_s = min(1.0, *(step.interval_s for step in plan.steps))
    bad_s = world.troubled_s() and world.troubled_s() + SEARCH_S
    over_s = 2.0 * poll_s + 0.05 + LEASE_S * (world.frozen_s > 0.0) + bad_s
    if not world.computer_died and world.cell.over_s > over_s:
        yield f"{world.cell.over_s:.2f} s beyond a limit, {over_s:.2f} s at most"
    stale_s = STALE_S * any(m.what == "device_mute" for m in scenario.mishaps)
    within_s = max((one.trips_within_s(poll_s) for one in plan.interlocks), default=0.0)
    barred_s = over_s + stale_s + max(0.0, within_s - (2.0 * poll_s + 0.05))
    if not world.computer_died and world.cell.barred_s > barred_s:
        yield f"{world.cell.barred_s:.2f} s without stirring, {barred_s:.2f} s at most"
    if world.now_s > 2.0 * longest_s + world.frozen_s + 60.0 + FOREVER_S:
        yield f"it took {world.now_s:.0f} s"
    if result is None:
        return
    slack_C = SLACK * true_C + 2e-5  # one reading stands for a tenth of a second
    if result.output.on is not False:  # it went on after it had been told
        slack_C += world.cell.limit_A * world.frozen_s
    if not result.charge_low_C - slack_C <= true_C <= result.charge_high_C + slack_C:
        yield (
            f"{true_C:.5f} C flowed, {result.charge_low_C:.5f} to {result.charge_high_C:.5f} C"
            " are told"
        )
    if result.outcome is RunState.COMPLETED:
        unsure_C = result.charge_high_C - result.charge_low_C
        if abs(result.charge_net_C - true_net_C) > slack_C + unsure_C:
            yield f"{true_net_C:.5f} C net flowed, {result.charge_net_C:.5f} C are told"
        if result.output.on is not False:
            yield "completed, and the output not read back off"
        asked = {m.kind for m in scenario.mishaps if m.what == "asked"}
        expected_C = sum(step.expected_charge_C or 0.0 for step in plan.steps)
        free = asked or scenario.protocol in FOLLOWS or world.frozen_s or bad_s
        if not free and abs(true_C - expected_C) > 0.01 * expected_C:
            yield f"completed with {true_C:.5f} C, {expected_C:.5f} C were asked for"
    if result.outcome is RunState.LOST:
        yield "a run said of itself that it is lost"
    gross_C = contents.columns.get("charge_gross_C")
    if gross_C is not None and np.any(np.diff(gross_C) < 0.0):
        yield "the charge falls"


def _kept(
    world: SimulatedWorld, contents: JournalContents, acknowledged: int, result: RunResult | None
) -> Iterator[str]:
    """What was acknowledged is there, and one end at most."""
    if contents.records < acknowledged + 1:
        yield f"{acknowledged + 1} records were acknowledged, {contents.records} are there"
    stops = len(contents.of_kind("run_stop"))
    endless = can_end_without_its_end(world.scenario)
    if result is not None and stops != 1 and not endless:
        yield f"{stops} run_stop"
    marks = [event.fields.get("what") for event in contents.of_kind("mark")]
    if any(one == two == "output_on_intent" for one, two in pairwise(marks)):
        yield "an output went on before it had been read back off"
    if stops > 1 or (result is None and stops and not world.dead):
        yield f"{stops} run_stop of a run that had no end"


def _recovered(world: SimulatedWorld, bench: Bench, plan: Plan, runs: Path) -> Iterator[str]:
    """`faradaic recover`, and what it leaves of the protocol, run to its end: charge is conserved.

    Where the computer died, somebody turns the output off at the instrument and says when.
    """
    folder, scenario = world.folder, world.scenario
    assert folder is not None
    seen_off = None
    if world.computer_died:
        world.wire.is_turned_off()
        seen_off = world.clock.utc()
    world.goes_on()
    true_C = world.cell.charge_C
    told = recover(folder, output_off=seen_off)
    known = told.known
    high_C = np.inf if known.high_C is None else known.high_C
    slack_C = SLACK * true_C + 2e-5
    if not known.low_C - slack_C <= true_C <= high_C + slack_C:
        yield (
            f"{true_C:.5f} C flowed, recover says {known.low_C:.5f} to {known.high_C} C"
            f" ({known.bounded_by})"
        )
    if not told.text:
        if not told.none_because.startswith(NOTHING_LEFT):
            yield f"nothing goes on: {told.none_because}"
        return
    (folder / "continuation.yaml").write_text(told.text, "utf-8")
    left = compile_protocol(validate_protocol(load_document(told.text, "left.yaml")), bench)
    before_C = world.cell.charge_C
    world.disk = None
    _, result = run_in(world.handed(), left, bench, told.text, runs)
    world.wire.bring_up_to_date()
    more_C = world.cell.charge_C - before_C
    slack_C = SLACK * more_C + 2e-5
    if not result.charge_low_C - slack_C <= more_C <= result.charge_high_C + slack_C:
        yield (
            f"{more_C:.5f} C flowed in the continuation, {result.charge_low_C:.5f} to"
            f" {result.charge_high_C:.5f} C are told"
        )
    if world.wire.output.output_on:
        yield "the continuation is over, and its output is on"
    if scenario.protocol == "charge" and result.outcome is RunState.COMPLETED:
        asked_C = sum(step.expected_charge_C or 0.0 for step in plan.steps)
        slack_C = 1e-3 * asked_C + 2e-5 + 0.5 * 8e-3  # half of what one reading brings
        if (
            not asked_C - (high_C - known.low_C) - slack_C
            <= world.cell.charge_C
            <= asked_C + slack_C
        ):
            yield (
                f"{world.cell.charge_C:.5f} C flowed in both runs, {asked_C:.5f} C were asked for"
                f" ({known.low_C:.5f} to {high_C:.5f} C had passed)"
            )


def _lose(path: Path, acknowledged: int, world: SimulatedWorld) -> None:
    """What had not been synced may be lost, wherever that cuts a record; of a computer that died
    in the middle of it, too."""
    scenario = world.scenario
    share = next((m.value for m in scenario.mishaps if m.what == "unsynced_lost"), 0.0)
    data = path.read_bytes()
    end = 0
    for _ in range(acknowledged + 1):
        end = data.index(b"\n", end) + 1
    left = data[: end + int((len(data) - end) * (1.0 - share))]
    path.write_bytes(torn(left, end, scenario) if world.computer_died else left)


def shrunk(scenario: Scenario) -> tuple[Scenario, set[int]]:
    """The scenario without what it does not need to break a promise, and what that was."""
    left_out: set[int] = set()
    for number in range(len(scenario.mishaps)):
        if tried(scenario.without(left_out | {number})).broken:
            left_out.add(number)
    return scenario.without(left_out), left_out


def one_line(mishap: Mishap) -> str:
    """A mishap in words."""
    kind = f" {mishap.kind}" if mishap.kind else ""
    return f"{mishap.what}{kind} at {mishap.at:g}, {mishap.value:g}"
