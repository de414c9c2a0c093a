"""A plate, printed: its plan, where it is, and what it came to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from faradaic.cli.assumption_view import guessed_mark
from faradaic.quantities import format_duration, format_quantity

if TYPE_CHECKING:
    from rich.console import Console

    from faradaic.protocols.plan import Plan, StepPlan
    from faradaic.protocols.plates.compile_plate import PlannedWell, PlatePlan
    from faradaic.runner.bench_file import Bench
    from faradaic.runner.campaign import Campaign, WellState
    from faradaic.runner.schedule import Slot

EVERY_S = 0.5
_GUESS = "?"


def print_plate_plan(plan: PlatePlan, bench: Bench, slots: Sequence[Slot], out: Console) -> None:
    """One table of wells, then what they add up to."""
    kind = "SIMULATED " if bench.simulated else ""
    out.print(Text(plan.title, style="bold"))
    source = bench.source
    out.print(
        f"bench {bench.name}: {kind}{source.manufacturer} {source.model}, {bench.channels}"
        f" channel{'s' * (bench.channels > 1)}; {len(plan.wells)} wells of a plate of {plan.rows} x"
        f" {plan.columns}, at most {plan.channels} at once\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("well", "ch.", "what", "set-point", "charge", "U (V)", "h:min", "from - to"):
        table.add_column(column, overflow="fold", no_wrap=column not in ("what", "set-point"))
    for well, slot in zip(plan.wells, slots, strict=True):
        table.add_row(*_planned(well, slot, plan.factors))
    out.print(table)
    if any(_GUESS in _voltage(well.plan) for well in plan.wells):
        out.print(Text(f"{_GUESS} rests on a guess of the cell; `faradaic check` says of what"))
    ends = sorted(slot.end_s for slot in slots)
    last = datetime.now().astimezone() + timedelta(seconds=ends[-1])
    most = "at most " if any(_open_end(well.plan) for well in plan.wells) else ""
    out.print(
        f"{'takes':<10} {most}{format_duration(ends[-1])}: the first well ends after"
        f" {format_duration(ends[0])}; started now, the last ends {last:%a %H:%M}"
    )
    if not bench.simulated:
        from faradaic.instruments.capabilities import PROGRAM_DIES

        out.print(Text(f"{PROGRAM_DIES}."))


def _planned(well: PlannedWell, slot: Slot, factors: Sequence[str]) -> list[str]:
    plan = well.plan
    passing = [step for step in plan.steps if step.passes_current]
    setpoint = _setpoint(passing[0]) if passing else "none"
    if len(passing) > 1:
        setpoint += f", {len(passing) - 1} more"
    return [
        well.name,
        str(slot.channel),
        what_words(well.factors, well.control, well.replicate),
        setpoint,
        _charge(plan),
        _voltage(plan),
        ("< " if _open_end(plan) else "") + _clock(plan.estimates.duration_s),
        f"{_clock(slot.start_s)} - {_clock(slot.end_s)}",
    ]


def _setpoint(step: StepPlan) -> str:
    held_A = step.held_current_A
    return step.label if held_A is None else format_quantity(held_A, "mA")


def what_words(factors: Mapping[str, str], control: str, replicate: int) -> str:
    """What stands in a well, its keys by their last part."""
    words = [f"{short_name(name)} {value}" for name, value in factors.items()]
    words = [control, *words] if control else words
    return ", ".join([*words, f"no. {replicate}"] if replicate > 1 or not words else words)


def short_name(factor: str) -> str:
    """The last part of a dotted key."""
    return factor.rsplit(".", 1)[-1] if "[" in factor or "." in factor else factor


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60.0)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _open_end(plan: Plan) -> bool:
    return any(step.may_end_before for step in plan.steps)


def _charge(plan: Plan) -> str:
    est = plan.estimates
    charge_C, per_mol, mark = est.charge_C, est.charge_F_per_mol, ""
    if plan.forecast is not None and charge_C is None:
        charge_C, mark = plan.forecast.charge_C[1], _GUESS
        per_mol = plan.forecast.charge_F_per_mol and plan.forecast.charge_F_per_mol[1]
    if charge_C is None:
        return "unknown"
    words = format_quantity(charge_C, "C") if per_mol is None else f"{per_mol:.3g} F/mol"
    return words + mark


def _voltage(plan: Plan) -> str:
    from faradaic.chemistry.cell_description.cell_assumptions import dominant_guess

    guessed = _GUESS * (dominant_guess(plan.cell.assumptions) is not None)
    if plan.estimates.cell_voltage_V is not None:
        low, high = plan.estimates.cell_voltage_V
        return f"{low:.1f}-{high:.1f}{guessed}"
    if plan.forecast is not None and plan.forecast.cell_voltage_V is not None:
        return f"{plan.forecast.cell_voltage_V[1]:.2f}{guessed}"
    return "unknown"


# While it runs ---------------------------------------------------------------------------------


def state_words(states: Mapping[str, WellState]) -> str:
    """How many wells are where, in words."""
    counts = Counter(state.state for state in states.values())
    return " · ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def well_row(name: str, state: WellState) -> list[str]:
    """One well where it is."""
    progress, outcome = state.progress, state.outcome
    charge = voltage = current = left = ""
    if outcome is not None:
        charge = "" if outcome.charge_C is None else format_quantity(outcome.charge_C, "C")
        left = outcome.stop_reason
    elif state.failed:
        left = state.failed
    elif progress is not None:
        charge = format_quantity(progress.charge_C, "C")
        if progress.charge_F_per_mol is not None:
            charge = f"{progress.charge_F_per_mol:.3f} F/mol"
        if progress.cell_voltage_V is not None:
            mark = guessed_mark("cell_voltage_V" in progress.guessed)
            voltage = f"{progress.cell_voltage_V:.2f} V{mark}"
        if progress.current_A is not None:
            current = format_quantity(progress.current_A, "mA")
        left = f"{progress.label}, done {progress.ends_utc.astimezone():%a %H:%M}"
    channel = "" if state.channel is None else str(state.channel)
    return [name, channel, state.state, charge, voltage, current, left]


@contextmanager
def plate_shown(campaign: Campaign, out: Console, *, simulated: bool) -> Iterator[None]:
    """A table of all wells for as long as it runs; where it is no terminal, a line for an end."""
    over = threading.Event()
    show = _redrawn if out.is_terminal else _lines
    thread = threading.Thread(target=show, args=(campaign, out, over, simulated), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(2.0)


def _redrawn(campaign: Campaign, out: Console, over: threading.Event, simulated: bool) -> None:
    from rich.live import Live

    with Live(console=out, auto_refresh=False, transient=True) as live:
        while not over.wait(EVERY_S):
            live.update(_running_table(campaign, simulated), refresh=True)


def _running_table(campaign: Campaign, simulated: bool) -> Table:
    title = ("SIMULATED  " if simulated else "") + state_words(campaign.states)
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    for column in ("well", "ch.", "state", "charge", "U", "I", ""):
        table.add_column(column, no_wrap=True)
    shown = [(n, s) for n, s in campaign.states.items() if s.state != "waiting"]
    for name, state in shown:
        table.add_row(*map(Text, well_row(name, state)))
    return table


def _lines(campaign: Campaign, out: Console, over: threading.Event, simulated: bool) -> None:
    told: dict[str, str] = {}
    last = False
    while not last:
        last = over.wait(EVERY_S)
        for name, state in campaign.states.items():
            if state.outcome is not None and told.get(name) != state.state:
                told[name] = state.state
                words = [word for word in well_row(name, state) if word]
                out.print(("SIMULATED " if simulated else "") + "  ".join(words))


def plate_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The table of joined results, for a person."""
    if not rows:
        return
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(n), *(len(c[i]) for c in cells)) for i, n in enumerate(names)]
    for line in (names, *cells):
        yield "  ".join(f"{c:<{w}}" for c, w in zip(line, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def journal_lines(journal: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What happened to the plate as a whole, and which channels did not answer."""
    for entry in journal:
        when, what = str(entry["utc"])[:19].replace("T", " "), entry["what"]
        if what == "channel_out":
            yield f"{when}  channel {entry['channel']} did not answer: {entry['why']}"
        elif what == "note":
            yield f"{when}  note: {entry['text']}"
        elif what in ("stop", "pause", "resume"):
            yield f"{when}  {what}: {entry['reason']}"
        elif what == "plate_continue":
            yield f"{when}  gone on with"
        elif what == "plate_end":
            yield f"{when}  over: {entry['done']} wells are done"
