"""When a step ends: its conditions in SI, which of them is expected first, and its hard caps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import Condition, Signal, Then
from faradaic.protocols.schema import Caps, Threshold, Until
from faradaic.protocols.setpoints import charge_C, potential_shift_V

TIME_CAP_FACTOR = 1.25
"""Default cap on the time of a step, over what is expected (domain rule: mark as assumption)."""
RUN = "run"
"""Where a total counts from."""
UNKNOWN_S, UNKNOWN_FACTOR = 8 * 3600.0, 10.0
"""Default cap where the cell decides how fast a charge passes: a working day, or ten times as long
as at the current limit."""
CHARGE_CAP_FACTOR = 2.0
"""Default cap on the charge of a step, over its target."""


class Ending(TypedDict):
    """How a step ends: fields of its `StepPlan`."""

    until: tuple[Condition, ...]
    time_cap_s: float
    charge_cap_C: float
    expected_duration_s: float
    expected_charge_C: float | None
    target_charge_C: float | None
    expected_end: str


def conditions(
    context: Compilation,
    until: Sequence[Until],
    path: Path,
    sign: int,
    duration_s: float | None = None,
) -> tuple[Condition, ...]:
    """The conditions of a step in SI, its `duration` last; `sign` is that of its current."""
    found = []
    failed = False
    for index, condition in enumerate(until):
        try:
            found.append(_condition(context, condition, (*path, "until", index), sign))
        except Unresolvable:
            failed = True
    if failed:
        raise Unresolvable
    if duration_s is not None:
        found.append(
            Condition(
                signal=Signal.TIME_S,
                at_least=duration_s,
                text=f"time reaches {wording.duration(duration_s)}",
                line=context.line((*path, "duration")),
            )
        )
    return tuple(found)


def _condition(context: Compilation, until: Until, path: Path, sign: int) -> Condition:
    hold_s = until.for_s or 0.0
    held = f" for {wording.duration(hold_s)}" if hold_s else ""
    signal, at_least, at_most = Signal.TIME_S, until.time_s, None
    question: str | None = None
    ask_at_C: tuple[float, ...] = ()
    since = ""
    if until.total is not None:
        target_C = charge_C(context, until.total, (*path, "total"))
        signal, at_least, since = Signal.CHARGE_C, target_C, RUN
        text = f"total charge reaches {wording.charge(target_C, context.resolved.limiting_mol)}"
    elif until.charge is not None:
        target_C = charge_C(context, until.charge, (*path, "charge"))
        words = wording.charge(target_C, context.resolved.limiting_mol)
        if until.count == "net":
            signal = Signal.NET_CHARGE_C
            at_least, at_most = _forward(">=", target_C, sign)
            text = f"net charge reaches {words}"
        else:
            signal, at_least = Signal.CHARGE_C, target_C
            text = f"charge reaches {words}"
    elif until.time_s is not None:
        text = f"time reaches {wording.duration(until.time_s)}"
    elif until.cell_voltage is not None:
        signal = Signal.CELL_VOLTAGE_V
        at_least, at_most = _sides(until.cell_voltage.sign, until.cell_voltage.value)
        text = f"cell voltage {_compared(until.cell_voltage, wording.voltage)}{held}"
    elif until.potential is not None:
        vs = until.vs or "reference"
        shift_V = potential_shift_V(context, vs, path)
        signal = Signal.POTENTIAL_V
        at_least, at_most = _sides(until.potential.sign, until.potential.value + shift_V)
        text = f"potential {_compared(until.potential, wording.voltage)} vs {vs}{held}"
    elif until.current is not None and until.current.of_initial:
        signal = Signal.CURRENT_FRACTION
        at_least, at_most = _sides(until.current.sign, until.current.value)
        text = f"current {until.current.sign} {100 * until.current.value:g} % of its initial{held}"
    elif until.current is not None:
        signal = Signal.CURRENT_A
        at_least, at_most = _forward(until.current.sign, until.current.value, sign)
        text = f"current {_compared(until.current, wording.current)}{held}"
    else:
        signal, at_least, question = Signal.OPERATOR, None, until.operator
        asked = [charge_C(context, q, (*path, "ask_at", i)) for i, q in enumerate(until.ask_at)]
        ask_at_C = tuple(sorted(asked))
        text = f"the operator says yes to {question!r}"
    return Condition(
        signal=signal,
        at_least=at_least,
        at_most=at_most,
        hold_s=hold_s,
        then=until.then,
        text=text,
        question=question,
        ask_at_C=ask_at_C,
        since=since,
        line=context.line(path),
    )


def _sides(sign: str, value: float) -> tuple[float | None, float | None]:
    return (value, None) if sign == ">=" else (None, value)


def _forward(sign: str, magnitude: float, direction: int) -> tuple[float | None, float | None]:
    """A magnitude in the direction of the step's current, as bounds on the signed value."""
    at_least, at_most = _sides(sign, magnitude)
    if direction > 0:
        return at_least, at_most
    return (None if at_most is None else -at_most), (None if at_least is None else -at_least)


def _compared(comparison: Threshold, words: Callable[[float], str]) -> str:
    return f"{comparison.sign} {words(comparison.value)}"


def ending(
    context: Compilation,
    caps: Caps | None,
    path: Path,
    until: tuple[Condition, ...],
    current_A: float | None,
    current_limit_A: float,
) -> Ending:
    """Which condition comes first, and the caps.

    `current_A` is the magnitude of a current that is held, None where the current follows the
    chemistry; then the charge is not known, only by when it ends, and `current_limit_A` bounds it.
    """
    charges = [c for c in until if c.signal in (Signal.CHARGE_C, Signal.NET_CHARGE_C)]
    times = [(c.at_least, c) for c in until if c.signal is Signal.TIME_S and c.at_least]
    first_s = list(times)
    if current_A is not None:
        # A total may need all of itself in this step, where those before it ended early.
        times += [(_target_C(c) / current_A, c) for c in charges]
        first_s += [(_own_C(context, c, path) / current_A, c) for c in charges]
    lasting = [t for t, c in times if c.then is not Then.PAUSE] or [t for t, _ in times]
    longest_s = max(lasting, default=None)
    asked_C = max((_target_C(c) for c in charges), default=None)
    time_cap_s = _time_cap_s(context, caps, path, longest_s, asked_C, current_limit_A)
    if longest_s is None and current_A is None and (caps is None or caps.time_s is None):
        until = (*until, _nobody_chose(time_cap_s))
    target_C = asked_C
    if current_A is not None:
        target_C = max(current_A * (longest_s or time_cap_s), asked_C or 0.0)
    likely = charges[0] if charges else None
    ends = [(t, c) for t, c in first_s if c.then is not Then.PAUSE] or first_s
    expected_s, first = min(ends, key=lambda pair: pair[0], default=(time_cap_s, likely))
    _check_cap_is_later(context, time_cap_s, expected_s, path)
    return Ending(
        until=until,
        time_cap_s=time_cap_s,
        charge_cap_C=_charge_cap_C(
            context, caps, path, asked_C, target_C, current_limit_A * time_cap_s
        ),
        expected_duration_s=expected_s,
        expected_charge_C=None if current_A is None else current_A * expected_s,
        target_charge_C=max((_own_C(context, c, path) for c in charges), default=None),
        expected_end=_expected_end(until, first, known=current_A is not None),
    )


def _expected_end(until: Sequence[Condition], first: Condition | None, *, known: bool) -> str:
    """The condition that comes first, or all of those that may."""
    ends = [c for c in until if c.then is not Then.PAUSE] or list(until)
    if known or not ends:
        return first.text if first is not None else "its cap on the time"
    return ", or ".join(c.text for c in ends)


def _time_cap_s(
    context: Compilation,
    caps: Caps | None,
    path: Path,
    longest_s: float | None,
    asked_C: float | None,
    current_limit_A: float,
) -> float:
    if caps is not None and caps.time_s is not None:
        return caps.time_s
    if longest_s is None and asked_C is not None:
        cap_s = max(UNKNOWN_S, UNKNOWN_FACTOR * asked_C / current_limit_A)
        reason = "not stated; how fast the charge passes follows from the cell"
        context.assume((*path, "caps", "time"), wording.duration(cap_s), reason)
        return cap_s
    if longest_s is None:
        context.report(
            "E413",
            "how long this step may take cannot be known",
            path,
            help="add `caps: {time: 8 h}`, or a condition on the time to `until`",
        )
        raise Unresolvable
    cap_s = TIME_CAP_FACTOR * longest_s
    reason = f"not stated; {TIME_CAP_FACTOR:g} x the expected time"
    context.assume((*path, "caps", "time"), wording.duration(cap_s), reason)
    return cap_s


def _nobody_chose(cap_s: float) -> Condition:
    """The end of a step whose charge the cell decides about, where no time was stated.

    A charge beyond what the substrate takes passes slowly, or never: that is no fault.
    """
    words = f"time reaches {wording.duration(cap_s)}, a cap that nobody chose"
    return Condition(signal=Signal.TIME_S, at_least=cap_s, text=words)


def _check_cap_is_later(context: Compilation, cap_s: float, expected_s: float, path: Path) -> None:
    if expected_s > cap_s * (1 + 1e-9):
        context.report(
            "E413",
            f"the cap of {wording.duration(cap_s)} comes before the"
            f" {wording.duration(expected_s)} that the step needs",
            (*path, "caps", "time"),
            help=f"write at least `time: {wording.duration(TIME_CAP_FACTOR * expected_s)}`",
        )


def _charge_cap_C(
    context: Compilation,
    caps: Caps | None,
    path: Path,
    asked_C: float | None,
    target_C: float | None,
    largest_C: float,
) -> float:
    """The cap as stated, else twice the target, else the current limit over the whole time."""
    here = (*path, "caps", "charge")
    if caps is None or caps.charge is None:
        cap_C = largest_C if target_C is None else CHARGE_CAP_FACTOR * target_C
        reason = (
            "the current limit over the whole time"
            if target_C is None
            else f"{CHARGE_CAP_FACTOR:g} x the target"
        )
        context.assume(
            here, wording.charge(cap_C, context.resolved.limiting_mol), f"not stated; {reason}"
        )
        return cap_C
    cap_C = charge_C(context, caps.charge, here)
    if asked_C is not None and cap_C < asked_C:
        context.report(
            "E413",
            f"the cap of {wording.charge(cap_C, context.resolved.limiting_mol)} comes before the"
            f" {wording.charge(asked_C, context.resolved.limiting_mol)} that ends the step",
            here,
            help="raise the cap above the target, or remove it",
        )
    return cap_C


def _own_C(context: Compilation, condition: Condition, path: Path) -> float:
    """What is left for this step of the target of a charge.

    Reports E413 for a total that the steps before it have passed already, except in a repeat,
    whose later rounds may find it so.
    """
    target_C = _target_C(condition)
    if condition.since != RUN:
        return target_C
    before_C = context.earlier_C + sum(step.expected_charge_C or 0.0 for step in context.steps)
    if before_C >= target_C * (1 - 1e-9) and path.count("steps") == 1:
        words = wording.charge(before_C, context.resolved.limiting_mol)
        context.report(
            "E413",
            f"{words} have passed before this step, which is to end when {condition.text}",
            (*path, "until"),
            help=f"raise `total` above {words}, or write `charge:` for a charge of this step alone",
        )
        raise Unresolvable
    return max(0.0, target_C - before_C)


def _target_C(condition: Condition) -> float:
    bound = condition.at_least if condition.at_least is not None else condition.at_most
    assert bound is not None
    return abs(bound)
