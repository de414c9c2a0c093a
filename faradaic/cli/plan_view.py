"""A plan, printed for the person who is about to run it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from faradaic.chemistry.cell_description.cell_assumptions import dominant_guess
from faradaic.cli.assumption_view import assumption_lines, guessed_mark, metal_words
from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.instruments.capabilities import PROGRAM_DIES
from faradaic.protocols.countermeasure_plans import CounterPlan
from faradaic.quantities import format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.electrochemical_step import POLL_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from faradaic.chemistry.cell_description.cell_assumptions import CellAssumption
    from faradaic.protocols.plan import (
        DevicePlan,
        Estimates,
        FlowEstimate,
        Forecast,
        Interlock,
        Plan,
        Span,
        StepPlan,
    )
    from faradaic.runner.bench_file import Bench

CONVERSION_ROWS = 6


def print_plan(plan: Plan, bench: Bench, out: Console) -> None:
    """Steps, then what they add up to, then limits, assumptions and what happens on a crash."""
    source = bench.source
    kind = "SIMULATED " if bench.simulated else ""
    out.print(Text(plan.title, style="bold"))
    out.print(
        f"bench {plan.bench}: {kind}{source.manufacturer} {source.model} "
        f"({format_quantity(source.compliance_V, 'V')}, "
        f"{format_quantity(source.current_max_A, 'A')})\n"
    )
    out.print(_steps(plan))
    for label, text in (*_summary(plan), *_bridge(bench)):
        out.print(Text.assemble((f"{label:<18}", "bold"), text))
    out.print()
    if plan.assumptions:
        out.print(Text("Assumed, because the protocol does not say:", style="bold"))
        for assumption in plan.assumptions:
            out.print(Text(f"  {assumption.field} = {assumption.value}  ({assumption.reason})"))
    told = (one.model_dump(exclude_unset=True) for one in plan.cell.assumptions)
    for line in assumption_lines(told):
        out.print(Text(line))
    for note in plan.estimates.notes:
        out.print(Text(f"  note: {note}", style="dim"))
    if not bench.simulated:
        out.print(Text(f"{PROGRAM_DIES}."))
    out.print(Text(f"If the PC or the cable dies: {source.on_host_death}"))
    if bench.bridge is not None:
        relay = AUXILIARIES.load(bench.bridge.driver).capabilities
        out.print(Text(f"  {bench.bridge.name}: {relay.on_host_death}"))
    for name, device in bench.devices.items():
        out.print(Text(f"  {name}: {device.driver.capabilities.on_host_death}"))


def _steps(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("step", "what", "expected to end when", "takes", "total"):
        table.add_column(column, overflow="fold")
    reached = [step for step in plan.steps if step.is_reached]
    for step in reached:
        most = "at most " if step.may_end_before else ""
        takes = most + format_duration(step.expected_duration_s)
        table.add_row(step.id, step.label, step.expected_end, takes, _total(plan, step))
    if spare := len(plan.steps) - len(reached):
        table.add_row("...", f"{spare} more steps, should the repeat need them", "", "", "")
    return table


def _total(plan: Plan, step: StepPlan) -> str:
    """The charge of the run at the end of a step."""
    total_C, moles = step.expected_total_C, plan.limiting_amount_mol
    if total_C is None:
        return "unknown"
    return f"{total_C / FARADAY_C_PER_MOL / moles:.3g} F/mol" if moles else f"{total_C:.4g} C"


def _summary(plan: Plan) -> list[tuple[str, str]]:
    """Labelled lines, one per estimate that could be made."""
    est = plan.estimates
    open_end = any(step.may_end_before for step in plan.steps)
    dominant = dominant_guess(plan.cell.assumptions)
    guessed = dominant is not None
    ends = datetime.now().astimezone() + timedelta(seconds=est.duration_s)
    at_most = ("at most ", "at the latest ") if open_end else ("", "")
    length = f"{at_most[0]}{format_duration(est.duration_s)}"
    rows = [("duration", f"{length}; started now, it ends {at_most[1]}{_clock(ends)}")]
    if plan.continues:
        moles, earlier_C = plan.limiting_amount_mol, plan.earlier_C
        per_mol = earlier_C / FARADAY_C_PER_MOL / moles if moles else None
        runs = ", ".join(str(one["run"]) for one in plan.continues)
        rows.append(("passed before", f"{_charge(earlier_C, per_mol)} in {runs}"))
    theory = est.theoretical_F_per_mol
    target = _charge(est.target_charge_C, est.target_F_per_mol)
    charge = _charge(est.charge_C, est.charge_F_per_mol)
    if not charge:
        charge = "not known: it follows from the cell" + (f"; {target} aimed at" if target else "")
    elif target != charge:
        charge += f" of {target} aimed at"
    rows.append(("charge", charge + (f" (theory {theory:.3g} F/mol)" if theory else "")))
    for electrode, by_basis in est.current_density_A_per_m2.items():
        values = ", ".join(
            f"{format_quantity(value, 'mA/cm^2')} ({basis})" for basis, value in by_basis.items()
        )
        rows.append((f"density, {electrode}"[:18], values))
    for label, pair, unit in (
        ("cell resistance", est.resistance_ohm, "Ohm"),
        ("ohmic drop", est.ohmic_drop_V, "V"),
        ("cell voltage", est.cell_voltage_V, "V"),
        ("limiting current", est.limiting_current_A, "mA"),
        ("heat", est.heat_W, "W" if est.heat_W and est.heat_W[1] >= 1.0 else "mW"),
    ):
        if pair is not None:
            mark = guessed_mark(guessed and label in ("cell voltage", "heat"))
            rows.append((label, _range(pair, unit) + mark))
    rows += [
        ("gas", f"{species}: {at_most[0]}{format_quantity(volume, 'mL')} (25 degC, 1 atm)")
        for species, volume in est.gas_m3.items()
    ]
    if est.conversion:
        rows.append(("conversion", f"{_conversion(est)} (on the {est.conversion_basis})"))
    if est.flow is not None:
        rows.append(("flow", _flow(est.flow)))
    if (metal := est.metal) is not None:
        words = metal_words({**metal.model_dump(), "state": metal.state})
        by = f" ({metal.electrons:g} electrons an atom; {metal.source})" if metal.electrons else ""
        most = at_most[0] if metal.taken_kg else ""
        rows.append((f"metal, {metal.electrode}"[:18], f"{most}{words}{by}"))
    if plan.forecast is not None:
        rows += _forecast(plan.forecast, dominant)
    rows += [("limit", f"{limit.text} (set by {limit.set_by})") for limit in plan.limits]
    rows += [("interlock", _interlock(one, plan)) for one in plan.interlocks]
    rows += [("device", f"{one.name}: {one.model}{_columns(one)}") for one in plan.devices]
    rows += [("limit", text) for text in dict.fromkeys(map(_voltage_limit, plan.steps)) if text]
    rows += [("countermeasures", text) for text in dict.fromkeys(map(_counter, plan.steps)) if text]
    return rows


def _interlock(interlock: Interlock, plan: Plan) -> str:
    """What is demanded, and how long current may flow against it."""
    read_s = [min(step.interval_s, POLL_S) for step in plan.steps if step.passes_current]
    within_s = interlock.trips_within_s(max(read_s, default=POLL_S))
    off = f"output off within {within_s:.3g} s, or " if interlock.quantity else "off "
    off += f"after {interlock.stale_s:.3g} s of silence"
    return f"{interlock.text} (set by {interlock.set_by}; {off})"


def _counter(step: StepPlan) -> str:
    """What a step does by itself, about which diagnoses; empty where it does nothing."""
    plan = getattr(step, "counter", None)
    if not isinstance(plan, CounterPlan):
        return ""
    measures = "; then ".join(one.text for one in plan.measures)
    return f"step {step.id}, on {', '.join(plan.on)}: {measures}"


def _bridge(bench: Bench) -> Iterator[tuple[str, str]]:
    """What reverses the leads, and how long that takes."""
    if (bridge := bench.bridge) is not None:
        abilities = AUXILIARIES.load(bridge.driver).abilities(**bridge.options)
        reports = any(one.reports for one in abilities)
        yield (
            "polarity bridge",
            f"{bridge.name}: reverses the leads with the output off; the cell is open for"
            f" {format_duration(bridge.dead_time_s)} each time; its contacts are"
            f" {'read back' if reports else 'not read back: the board does not answer'}",
        )


def _columns(device: DevicePlan) -> str:
    kept = f"; {', '.join(device.keep)} stays on at the end" if device.keep else ""
    return f", {', '.join(device.columns) or 'which reports nothing'}{kept}"


_CUT_SHORT = "the cell voltage reached"
"""Of a forecast that its limit ends: what the cell would have needed stays open."""


def _voltage_limit(step: StepPlan) -> str:
    """Where a held current ends for its voltage, and where the source itself would hold it."""
    limit_V, compliance_V = step.cell_voltage_limit_V, step.compliance_V
    if limit_V is None or compliance_V is None:
        return ""
    where = f"the source itself stands at {compliance_V:.4g} V"
    if step.compliance_is_limit:
        where = "the source cannot stand above it: its compliance is the limit"
    return f"cell voltage reaches {limit_V:.4g} V (set by the step; {where})"


def _charge(charge_C: float | None, per_mol: float | None) -> str:
    if charge_C is None:
        return ""
    in_mol = "" if per_mol is None else f" = {per_mol:.3g} F/mol"
    return format_quantity(charge_C, "C") + in_mol


def _forecast(forecast: Forecast, dominant: CellAssumption | None) -> Iterator[tuple[str, str]]:
    """What the simulated cell makes of it, with the range in which its guesses leave it."""
    mark = guessed_mark(dominant is not None)

    def span(values: Span, words: Callable[[float], str]) -> str:
        low, typical, high = map(words, values)
        return typical if low == high else f"{typical}{mark} ({low} to {high})"

    def in_unit(unit: str) -> Callable[[float], str]:
        return lambda value: format_quantity(value, unit)

    yield "simulated cell", f"ends: {forecast.ends[0]}"
    per_mol = forecast.charge_F_per_mol
    yield (
        "  charge",
        span(forecast.charge_C, in_unit("C"))
        + (f" = {span(per_mol, lambda q: f'{q:.3g} F/mol')}" if per_mol else ""),
    )
    yield "  duration", span(forecast.duration_s, format_duration)
    if forecast.cell_voltage_V is not None:
        words = span(forecast.cell_voltage_V, in_unit("V"))
        if any(_CUT_SHORT in end for end in forecast.ends):
            words = words.replace(" to ", " to more than ")  # where the limit ended it
        yield "  cell voltage", words + ", mean"
    if forecast.conversion is not None:
        yield "  conversion", span(forecast.conversion, lambda x: f"{100 * x:.3g} %")
    for species, volumes in forecast.gas_m3.items():
        yield "  gas", f"{species}: {span(volumes, in_unit('mL'))}"
    if dominant is not None and forecast.cell_voltage_V is not None:
        moves_V = dominant.cell_voltage_V
        worth = f", worth up to {format_quantity(moves_V, 'V')} alone" if moves_V else ""
        yield "  the range", f"is first of all that of the guessed {dominant.guess}{worth}"
    for other in forecast.ends[1:]:
        yield "  or ends", other
    if forecast.model_at_fault:
        yield "  not to believe", forecast.model_at_fault


def _flow(flow: FlowEstimate) -> str:
    per = "" if flow.mode == "single_pass" else " a pass"
    parts = [f"{flow.mode.replace('_', ' ')} at {format_quantity(flow.rate_m3_per_s, 'mL/min')}"]
    if flow.pass_F_per_mol is not None:
        parts.append(f"{flow.pass_F_per_mol:.3g} F/mol{per}")
    if flow.conversion is not None:
        parts.append(f"conversion {100 * flow.conversion:.0f} % at steady state")
    if flow.residence_time_s is not None:
        parts.append(f"{format_duration(flow.residence_time_s)} in the channel")
    size = format_quantity(flow.volume_m3, "mL")
    return ", ".join([*parts, f"{size} pass in {format_duration(flow.pass_s)}"])


def _conversion(est: Estimates) -> str:
    every = max(1, len(est.conversion) // CONVERSION_ROWS)
    chosen = list(est.conversion[::every])
    if chosen[-1] != est.conversion[-1]:
        chosen.append(est.conversion[-1])
    return ", ".join(f"{100 * x:.0f} % at {q:.3g} F/mol" for q, x in chosen if q > 0)


def _range(pair: tuple[float, float], unit: str) -> str:
    low, high = (format_quantity(value, unit) for value in pair)
    return low if low == high else f"{low} to {high}"


def _clock(when: datetime) -> str:
    days = (when.date() - datetime.now().astimezone().date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {when:%Y-%m-%d}")
    return f"{day} at {when:%H:%M}"
