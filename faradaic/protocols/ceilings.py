"""The hard limits of a run: the tightest of what protocol, bench and instrument set."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import Limit, Signal, StepPlan
from faradaic.protocols.setpoints import charge_C

STALE_S = 10.0
"""Seconds without a reading after which the source counts as lost, if nobody says otherwise."""
STALE_INTERVALS = 3.0
"""At least this many sampling intervals, so that slow sampling isn't taken for silence."""
LOST_REGULATION_S = 3.0
"""Seconds for which a source may fail to hold its set-point (a loose lead, too little voltage)."""
ABOVE_SETPOINTS = {Signal.CURRENT_A: 1.5, Signal.CELL_VOLTAGE_V: 1.05}
"""Where nobody states a limit, it stands this much above the largest set-point or limit of the
steps: a current overshoots as it is switched on, a voltage limit is held by the source itself."""
OVERRANGE = 1.05
"""An instrument's own current limit stands this much above its largest set-point, so that noise
on a set-point at full scale doesn't trip it."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A largest magnitude, and who set it."""

    value: float
    set_by: str
    hold_s: float = 0.0


def stated_ceilings(context: Compilation) -> dict[Signal, Ceiling]:
    """The tightest current and cell voltage that the protocol and the bench allow, if they say."""
    written, bench = context.protocol.limits, context.bench.limits
    found: dict[Signal, Ceiling] = {}

    def state(signal: Signal, value: float | None, set_by: str, hold_s: float | None) -> None:
        if value is not None and (signal not in found or value < found[signal].value):
            found[signal] = Ceiling(value, set_by, hold_s or 0.0)

    if (current := written.current) is not None:
        state(Signal.CURRENT_A, current.value_A, "protocol", current.hold_s)
    if (voltage := written.cell_voltage) is not None:
        state(Signal.CELL_VOLTAGE_V, voltage.value_V, "protocol", voltage.hold_s)
    state(Signal.CURRENT_A, bench.current_A, bench.set_by, None)
    state(Signal.CELL_VOLTAGE_V, bench.cell_voltage_V, bench.set_by, None)
    return found


def check_below(
    context: Compilation, signal: Signal, value: float, path: Path, *, regulated: bool = False
) -> None:
    """A set-point must stay below the ceiling of its signal (E404).

    What is only a limit itself may equal the ceiling; a `regulated` value would trip it at once.
    """
    ceiling = stated_ceilings(context).get(signal)
    slack = -1e-9 if regulated else 1e-9
    if ceiling is None or value <= ceiling.value * (1 + slack):
        return
    is_current = signal is Signal.CURRENT_A
    words, unit = (wording.current, "A") if is_current else (wording.voltage, "V")
    key = "current" if is_current else "cell_voltage"
    context.report(
        "E404",
        f"{words(value)} is asked for, but the limit is {words(ceiling.value)}, set by"
        f" {'the protocol (`limits`)' if ceiling.set_by == 'protocol' else ceiling.set_by}",
        path,
        help=f"write {'less than' if regulated else 'at most'} {words(ceiling.value)} here"
        + (f", or raise `{key}` under `limits`" if ceiling.set_by == "protocol" else ""),
        numbers={f"asked_{unit}": value, f"allowed_{unit}": ceiling.value},
    )


def check_current_limit(context: Compilation, limit_A: float, path: Path) -> None:
    """The `current_limit` of a step: what the source can measure, and below its ceiling."""
    source, path = context.bench.source, (*path, "current_limit")
    if limit_A > source.current_max_A * (1 + 1e-9):
        context.report(
            "E403",
            f"a current limit of {wording.current(limit_A)} is above what the {source.model}"
            f" measures, {wording.current(source.current_max_A)}",
            path,
            help=f"write at most {wording.current(source.current_max_A)}",
            numbers={"current_limit_A": limit_A, "current_max_A": source.current_max_A},
        )
    check_below(context, Signal.CURRENT_A, limit_A, path)


def plan_limits(context: Compilation, steps: tuple[StepPlan, ...]) -> tuple[Limit, ...]:
    """The limits that are watched on every reading of every step."""
    current, voltage = (_ceiling(context, steps, signal) for signal in ABOVE_SETPOINTS)
    limits = [
        _limit(Signal.CURRENT_A, current, f"current reaches {wording.current(current.value)}"),
        _limit(
            Signal.CELL_VOLTAGE_V, voltage, f"cell voltage reaches {wording.voltage(voltage.value)}"
        ),
        *_totals(context, steps),
        _stale(context, steps),
        _lost_regulation(context),
    ]
    return tuple(limits)


def _ceiling(context: Compilation, steps: tuple[StepPlan, ...], signal: Signal) -> Ceiling:
    """What is stated, else what the steps' own set-points come to, and never above the source's."""
    source = context.bench.source
    is_current = signal is Signal.CURRENT_A
    own = source.current_max_A * OVERRANGE if is_current else source.compliance_V
    found = [Ceiling(own, f"instrument ({source.model})")]
    passing = [step for step in steps if step.passes_current and not step.about_rest]
    largest = [step.largest_current_A if is_current else step.largest_voltage_V for step in passing]
    known = [value for value in largest if value is not None]
    if stated := stated_ceilings(context).get(signal):
        found.append(stated)
    elif known and len(known) == len(passing):
        factor = ABOVE_SETPOINTS[signal]
        found.append(
            Ceiling(factor * max(known), f"default: {factor:g} x the largest of the steps")
        )
    return min(found, key=lambda ceiling: ceiling.value)


def _totals(context: Compilation, steps: tuple[StepPlan, ...]) -> list[Limit]:
    """The limits on the charge and the time of the run, which the plan itself must respect."""
    written, limits = context.protocol.limits, []
    if written.charge is not None:
        try:
            value_C = charge_C(context, written.charge.value, ("limits", "charge"))
        except Unresolvable:
            return []
        words = wording.charge(value_C, context.resolved.limiting_mol)
        expected_C = context.earlier_C + sum(step.planned_charge_C or 0.0 for step in steps)
        if expected_C >= value_C:
            planned = wording.charge(expected_C, context.resolved.limiting_mol)
            _too_low(context, "charge", planned, words)
        ceiling = Ceiling(value_C, "protocol", written.charge.hold_s or 0.0)
        limits.append(_limit(Signal.CHARGE_C, ceiling, f"charge reaches {words}"))
    if written.time is not None:
        words = wording.duration(written.time.value_s)
        expected_s = sum(step.expected_duration_s for step in steps)
        if expected_s >= written.time.value_s:
            _too_low(context, "time", wording.duration(expected_s), words)
        ceiling = Ceiling(written.time.value_s, "protocol", written.time.hold_s or 0.0)
        limits.append(_limit(Signal.TIME_S, ceiling, f"time reaches {words}"))
    return limits


def _too_low(context: Compilation, key: str, planned: str, limit: str) -> None:
    context.report(
        "E404",
        f"the steps are planned to take {planned}, but the limit is {limit}",
        ("limits", key),
        help=f"raise `{key}` above {planned}, or shorten the steps",
    )


def _stale(context: Compilation, steps: tuple[StepPlan, ...]) -> Limit:
    slowest_s = max((step.interval_s for step in steps), default=1.0)
    written = context.protocol.limits.stale_data
    if written is None:
        ceiling = Ceiling(max(STALE_S, STALE_INTERVALS * slowest_s), "default")
    else:
        ceiling = Ceiling(written.value_s, "protocol")
        if written.value_s <= slowest_s:
            context.report(
                "E404",
                f"readings come every {wording.duration(slowest_s)}, but silence of"
                f" {wording.duration(written.value_s)} is the limit",
                ("limits", "stale_data"),
                help=f"write at least `stale_data: {STALE_INTERVALS * slowest_s:g} s`",
            )
    return _limit(Signal.STALE_S, ceiling, f"no reading for {wording.duration(ceiling.value)}")


def _lost_regulation(context: Compilation) -> Limit:
    written = context.protocol.limits.lost_regulation
    ceiling = (
        Ceiling(LOST_REGULATION_S, "default")
        if written is None
        else Ceiling(written.value_s, "protocol")
    )
    text = f"the source has not held its set-point for {wording.duration(ceiling.value)}"
    return _limit(Signal.LOST_REGULATION_S, ceiling, text)


def _limit(signal: Signal, ceiling: Ceiling, text: str) -> Limit:
    return Limit(
        signal=signal,
        at_least=ceiling.value,
        hold_s=ceiling.hold_s,
        text=text,
        set_by=ceiling.set_by,
    )
