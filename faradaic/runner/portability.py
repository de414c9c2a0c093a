"""What changes when a protocol goes from one bench to another.

Nothing is judged here: the protocol is planned for each bench, and what the two plans and the two
sources say differently is told. What a bench refuses, its plan refuses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Signal
from faradaic.protocols.schema.steps import Repeat, Step
from faradaic.protocols.step_kind import StepKind
from faradaic.runner.bench_file import load_bench, shipped_benches, user_benches

if TYPE_CHECKING:
    from faradaic.instruments.capabilities import Capabilities, SineAbilities
    from faradaic.protocols.load import LoadedProtocol
    from faradaic.protocols.plan import Plan, StepPlan
    from faradaic.runner.bench_file import Bench

_LIMITED = {
    Signal.CURRENT_A: "limit of the current",
    Signal.CELL_VOLTAGE_V: "limit of the voltage",
    Signal.CHARGE_C: "limit of the charge",
    Signal.TIME_S: "limit of the time",
    Signal.STALE_S: "limit of the silence",
    Signal.LOST_REGULATION_S: "limit of a set-point that is not held",
}


class Place(NamedTuple):
    """What is compared: of a step of the plan, or of the bench where `step` is empty."""

    step: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same on the two benches."""

    step: str
    """The id of a step in the plan; empty for the bench as a whole."""
    what: str
    here: str
    """Empty where the bench that it comes from does not run it, or has no such thing."""
    there: str


@dataclass(frozen=True)
class Ported:
    """A protocol on one other bench."""

    bench: str
    model: str
    simulated: bool
    refused: tuple[Diagnostic, ...]
    """Why it does not run there; empty where it does."""
    changes: tuple[Change, ...]
    arisen: tuple[Diagnostic, ...] = ()
    """What the checks find there and not here, or otherwise."""
    gone: tuple[Diagnostic, ...] = ()
    """What they find here and not there."""

    @property
    def runs(self) -> bool:
        """Get whether that bench takes the protocol."""
        return not self.refused


@dataclass(frozen=True)
class OnBench:
    """A protocol planned for a bench, or why it cannot be."""

    bench: Bench
    plan: Plan | None
    refused: tuple[Diagnostic, ...]


def on_bench(loaded: LoadedProtocol, bench: Bench) -> OnBench:
    """The plan of a protocol for a bench (for the first channel of a rack)."""
    bench = bench.channel(1)
    try:
        return OnBench(bench, compile_protocol(loaded, bench), ())
    except InputError as error:
        return OnBench(bench, None, error.diagnostics)


def port(loaded: LoadedProtocol, here: OnBench, there: Bench) -> Ported:
    """What is different for a protocol on another bench."""
    other = on_bench(loaded, there)
    source = other.bench.source
    steps = list(written_steps(loaded.protocol.steps))
    before, after = (dict(_of_bench(one.bench, steps)) for one in (here, other))
    both = here.plan is not None and other.plan is not None
    if here.plan is not None and other.plan is not None:
        before |= dict(_of_plan(here.plan, here.bench.source))
        after |= dict(_of_plan(other.plan, source))
    found, known = _findings(other), _findings(here)
    return Ported(
        bench=other.bench.name,
        model=f"{source.manufacturer} {source.model}",
        simulated=other.bench.simulated,
        refused=other.refused,
        changes=tuple(
            Change(*place, before.get(place, ""), after.get(place, ""))
            for place in (*before, *(place for place in after if place not in before))
            if before.get(place) != after.get(place)
        ),
        arisen=tuple(found[key] for key in found if found[key] != known.get(key)),
        gone=tuple(known[key] for key in known if key not in found) if both else (),
    )


def all_benches() -> tuple[Bench, ...]:
    """Every bench that can be read, those of the package first. Others are left out."""
    found = []
    for name in (*shipped_benches(), *user_benches()):
        try:
            found.append(load_bench(name))
        except InputError:
            continue  # said by every command that names it
    return tuple(found)


def _findings(one: OnBench) -> Mapping[tuple[str, str], Diagnostic]:
    """Of a plan, by code and place; what was waived is left out."""
    found = () if one.plan is None else one.plan.diagnostics
    return {(d.code, d.path): d for d in found if not d.waived}


def written_steps(steps: Sequence[Step]) -> Iterator[StepKind]:
    """The steps of a protocol as written, those of its repeats once."""
    for step in steps:
        if isinstance(step.body, Repeat):
            yield from written_steps(step.body.steps)
        elif isinstance(step.body, StepKind):
            yield step.body


def _of_bench(bench: Bench, steps: Sequence[StepKind]) -> Iterator[tuple[Place, str]]:
    """What is told of a bench in words: of its source what the steps need, and its devices."""
    for what, words in _of_source(bench.source, steps):
        yield Place("", what), words
    for name, device in bench.devices.items():
        yield Place("", f"device `{name}`"), device.model


def _of_plan(plan: Plan, source: Capabilities) -> Iterator[tuple[Place, str]]:
    """What is told of a plan; of the rounds of a repeat the first."""
    for limit in plan.limits:
        yield Place("", _LIMITED[limit.signal]), f"{limit.text} (set by {limit.set_by})"
    told: dict[str, str] = {}
    for step in plan.steps:
        if told.setdefault(step.path, step.id) == step.id:
            for what, words in _of_step(step, source):
                yield Place(step.id, what), words


def _of_source(source: Capabilities, steps: Sequence[StepKind]) -> Iterator[tuple[str, str]]:
    modes = {step.needed_mode() for step in steps if step.needs_source}
    yield "source", f"{source.manufacturer} {source.model}"
    yield "gives at most", _most(source)
    yield "reads at best every", wording.short_time(source.interval_min_s)
    if modes & {"levels", "staircase"}:
        level_s = source.level_min_s
        yield "shortest level", "none" if math.isnan(level_s) else wording.short_time(level_s)
    if any(step.reverses() for step in steps):
        yield "reverses", "yes" if source.bipolar else "no"
        if not math.isnan(source.reversal_s):
            yield "reversal takes", wording.short_time(source.reversal_s)
    if modes & {"impedance", "galvanostatic_impedance"}:
        yield "frequencies", _frequencies(source.sines)
    yield "reference electrode", "yes" if source.reference_electrode else "no"
    if "open_circuit" in modes:
        rests = "the voltage of the cell is read" if source.rests_measured else "nothing is read"
        yield "at rest", rests
    yield "leads while off", str(source.off_state)
    held = "the instrument too" if source.native_voltage_limit else "the program alone"
    yield "voltage limit kept by", held
    yield "charge counted by", "the instrument too" if source.native_charge_stop else "the program"
    outlives_s = source.outlives_s
    most = "until it is turned off" if outlives_s is None else f"at most {outlives_s:g} s"
    yield "output outlives the PC", most
    yield "driver verified", str(source.tier)


def _frequencies(sines: SineAbilities | None) -> str:
    if sines is None:
        return "none"
    return f"{wording.frequency(sines.lowest_Hz)} to {wording.frequency(sines.highest_Hz)}"


def _most(source: Capabilities) -> str:
    return f"{wording.current(source.current_max_A)}, {wording.voltage(source.compliance_V)}"


def _of_step(step: StepPlan, source: Capabilities) -> Iterator[tuple[str, str]]:
    yield "is", step.label
    if step.kind == "ask":
        yield "done by", "a person"
        return
    if not step.passes_current:
        yield "a reading every", wording.short_time(step.interval_s)
        return
    held_A = step.held_current_A
    if (largest_A := step.largest_current_A) is not None:
        range_A = source.current_range_A(largest_A)
        yield "range", "none" if range_A is None else wording.current(range_A)
        if range_A is not None:
            yield "step of the current", wording.current(source.current_resolution * range_A)
    if held_A is not None and (error := crosscheck.current_error(source, held_A)) is not None:
        yield "charge uncertain by", f"{100 * error:.2g} %"
    if (limit_V := step.cell_voltage_limit_V) is not None:
        yield "ends at a cell voltage of", wording.voltage(limit_V)
    if step.compliance_V is not None:
        yield "compliance set to", wording.voltage(step.compliance_V)
    if step.current_limit_A is not None:
        yield "current limited to", wording.current(step.current_limit_A)
    if isinstance(step, LevelsPlan):
        shortest_s = min(level.duration_s for level in step.levels)
        yield "shortest level", wording.short_time(shortest_s)
    yield "a reading every", wording.short_time(step.interval_s)
    yield "expected to end when", step.expected_end
