"""Whether a source can do what a step asks: ranges, resolution, compliance, sampling."""

from __future__ import annotations

import math

from faradaic.diagnostics import Severity
from faradaic.protocols import wording
from faradaic.protocols.bench import SourceProfile
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import StepPlan

COMPLIANCE_ABOVE = 0.02
COMPLIANCE_ABOVE_V = 0.05
"""The compliance of a source stands this much above a limit of the cell voltage, relative and in
volts: more than its meter may read too little, so that the limit is seen to be crossed."""

CHARGE_ERROR_WARNING = 0.01
CHARGE_ERROR_REFUSED = 0.05
"""Relative error of the current (and so of the charge) from the source's resolution."""

LONGEST_S = 366 * 24 * 3600.0
"""The longest that a step may take."""


def current_error(source: SourceProfile, current_A: float) -> float | None:
    """Relative error of a current that the source holds (and so of its charge), from its step on
    the range that holds it; None where no range does."""
    range_A = source.current_range_A(current_A)
    if range_A is None or not current_A:
        return None
    return source.current_resolution * range_A / abs(current_A) + source.current_accuracy


def check_current(context: Compilation, current_A: float, path: Path) -> None:
    """A current that the source is to hold: within its range, and not too small for it."""
    source = context.bench.source
    range_A, error = source.current_range_A(current_A), current_error(source, current_A)
    if range_A is None or error is None or current_A > source.current_max_A * (1 + 1e-9):
        larger = context.bench.others_with("constant_current", current_A=current_A)
        others = " or ".join(f"`--bench {name}`" for name in larger)
        context.report(
            "E403",
            f"{wording.current(current_A)} is asked for; the {source.model} gives at most"
            f" {wording.current(source.current_max_A)}",
            path,
            help=f"lower the current, or take {others or 'a bench with a larger source'}",
            numbers={"current_A": current_A, "current_max_A": source.current_max_A},
        )
        return
    numbers = {"current_A": current_A, "range_A": range_A, "charge_error": error}
    text = (
        f"{wording.current(current_A)} on the {wording.current(range_A)} range of the"
        f" {source.model} is uncertain by {100 * error:.2g} %, and so is the charge"
    )
    remedy = "raise the current, or take a source with a smaller range"
    if error > CHARGE_ERROR_REFUSED:
        context.report("E405", text, path, help=remedy, numbers=numbers)
    elif error > CHARGE_ERROR_WARNING or current_A < 0.01 * range_A:
        context.report("E405", text, path, severity=Severity.WARNING, help=remedy, numbers=numbers)


def reachable_voltage_V(context: Compilation, limit_V: float, path: Path) -> float:
    """The cell-voltage limit that holds: the one asked for, or the source's compliance if lower.

    Warns (E407) when the source cannot reach the limit.
    """
    source = context.bench.source
    if limit_V < source.compliance_min_V:
        context.report(
            "E405",
            f"a cell-voltage limit of {wording.voltage(limit_V)} is below what the {source.model}"
            f" can be limited to, {wording.voltage(source.compliance_min_V)}",
            path,
            help=f"write at least {wording.voltage(source.compliance_min_V)}",
            numbers={"cell_voltage_limit_V": limit_V, "compliance_min_V": source.compliance_min_V},
        )
        raise Unresolvable
    if limit_V <= source.compliance_V:
        return limit_V
    context.report(
        "E407",
        f"the cell voltage may rise to {wording.voltage(limit_V)}, but the {source.model} reaches"
        f" {wording.voltage(source.compliance_V)}: that is the limit that holds",
        path,
        severity=Severity.WARNING,
        help=f"take a source with more compliance, or write {wording.voltage(source.compliance_V)}",
        numbers={"cell_voltage_limit_V": limit_V, "compliance_V": source.compliance_V},
    )
    return source.compliance_V


def compliance_above_V(context: Compilation, limit_V: float) -> float:
    """What a source is set to so that its cell voltage is seen to cross a limit: above it by
    `COMPLIANCE_ABOVE`, but never above what the source reaches or the bench allows."""
    above_V = limit_V * (1.0 + COMPLIANCE_ABOVE) + COMPLIANCE_ABOVE_V
    bench_V = context.bench.limits.cell_voltage_V
    return min(above_V, context.bench.source.compliance_V, math.inf if bench_V is None else bench_V)


def check_voltage(context: Compilation, voltage_V: float, path: Path) -> None:
    """A cell voltage that the source is to hold, or a potential: below its compliance."""
    source = context.bench.source
    if abs(voltage_V) >= source.compliance_V:
        context.report(
            "E407",
            f"{wording.voltage(voltage_V)} is asked for; the {source.model} reaches"
            f" {wording.voltage(source.compliance_V)}",
            path,
            help="stay below it, or take a source with more compliance",
            numbers={"voltage_V": voltage_V, "compliance_V": source.compliance_V},
        )


def check_interval(
    context: Compilation,
    interval_s: float,
    path: Path,
    least_s: float | None = None,
    remedy: str | None = None,
) -> None:
    """Time between readings: no shorter than the source can (E409)."""
    source = context.bench.source
    least_s = least_s or source.interval_min_s
    if interval_s < least_s * (1 - 1e-9):
        context.report(
            "E409",
            f"a reading every {interval_s * 1e3:.3g} ms is asked for; the {source.model} gives one"
            f" every {least_s * 1e3:.3g} ms at best",
            path,
            help=remedy or f"write at least `interval: {least_s * 1e3:.3g} ms`",
            numbers={"interval_s": interval_s, "interval_min_s": least_s},
        )


def check_length(context: Compilation, step: StepPlan, path: Path) -> None:
    """A step takes longer than a reading (E419) and ends within a year (E418)."""
    source = context.bench.source
    if step.time_cap_s > LONGEST_S:
        context.report(
            "E418",
            f"this step may take {step.time_cap_s / LONGEST_S:.3g} years",
            path,
            help="check the unit of the time, the charge and the amount of the limiting component,"
            " or add `caps: {time: 8 h}`",
            numbers={"time_cap_s": step.time_cap_s},
        )
    shortest_s = source.interval_min_s
    # A total may have been reached in a round before: nothing to do then.
    too_short = 0 < step.expected_duration_s < shortest_s * (1 - 1e-9)
    if too_short and step.charge_cap_C is not None:
        context.report(
            "E419",
            f"this step would be over after {step.expected_duration_s:.3g} s; the {source.model}"
            f" takes a reading every {shortest_s:.3g} s at best",
            path,
            help="scan more slowly"
            if "rate_V_per_s" in type(step).model_fields
            else "check the unit of the time, the charge and the amount of the limiting component,"
            " or lower the current",
            numbers={"expected_duration_s": step.expected_duration_s, "shortest_s": shortest_s},
        )
