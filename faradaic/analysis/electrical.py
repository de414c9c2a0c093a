"""Charge, current, voltage and energy of a run, from its samples and what the run booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from faradaic.analysis.integration import (
    Floats,
    Intervals,
    charge_by_direction,
    find_intervals,
    noise,
    trapezoid,
    weighted_mean,
    weights_s,
)
from faradaic.quantities import FARADAY_C_PER_MOL
from faradaic.records.run import Run
from faradaic.results import Result, missing

CHARGE_AGREEMENT = 1e-3
"""Relative difference between booked and recomputed charge above which it is flagged."""

COLLAPSED_V = 0.3
"""No electrosynthesis passes its current at less than this between its electrodes."""

COLLAPSED_S = 2.0
"""How long the cell voltage may be below `COLLAPSED_V`, in all, before it is flagged."""

PASSIVE_KINDS = frozenset({"open_circuit", "wait", "ask"})
"""Kinds of steps that pass no current; a source may well hold 0 A with its output on in them."""

_TRAPEZOID = "trapezoidal rule over the measured samples"
_NO_CURRENT = "no current was measured at two neighbouring samples with the output on"


@dataclass(frozen=True, slots=True)
class Samples:
    """The arrays of a run that the numbers need, each of shape (n,), NaN where not measured."""

    time_s: Floats
    current_A: Floats
    cell_voltage_V: Floats
    potential_V: Floats
    held: Floats
    """1 where the source held its set-point, 0 where it was at a limit."""
    intervals: Intervals
    weights_s: Floats
    """How much time each sample stands for while current flowed."""


def samples_of(run: Run) -> Samples:
    """Take the columns apart.

    The output counts as on where the instrument regulated, in steps that pass current.
    """
    columns = run.columns
    time_s = columns.get("time_s", np.empty(0))
    absent = np.full(len(time_s), np.nan)
    current_A = columns.get("current_A", absent)
    regulation = columns.get("regulation")
    flags = columns.get("flags", absent)
    step = columns.get("step", np.zeros(len(time_s)))
    passive = [
        event.fields.get("index")
        for event in run.contents.of_kind("step_start")
        if event.fields.get("kind") in PASSIVE_KINDS
    ]
    on = ~np.isin(step, np.array(passive, dtype=np.float64))
    if regulation is not None:
        on &= np.nan_to_num(regulation) != 0
    intervals = find_intervals(
        time_s,
        current_A,
        output_on=on,
        step=step,
    )
    held = np.where(np.isfinite(flags), 1.0 - np.nan_to_num(flags).astype(int) % 2, np.nan)
    return Samples(
        time_s,
        current_A,
        columns.get("cell_voltage_V", absent),
        columns.get("potential_V", absent),
        held,
        intervals,
        weights_s(intervals),
    )


def delivered_charge(run: Run, samples: Samples) -> tuple[Result, Result]:
    """Gross and net charge in C.

    The run books charge reading by reading and knows when the output went on and off; that is
    the value. The trapezoid over the samples is an independent check of it, and the value where
    nothing was booked.
    """
    intervals = samples.intervals
    anodic_C, cathodic_C = charge_by_direction(samples.current_A, intervals)
    gap_A = np.fmax(np.abs(samples.current_A[:-1]), np.abs(samples.current_A[1:]))
    gap_C = float(np.sum((gap_A * intervals.duration_s)[intervals.gap]))
    sigma_A = noise(samples.current_A, intervals)
    random_C = None
    if sigma_A is not None:
        random_C = sigma_A * float(np.sqrt(np.sum(samples.weights_s**2)))
    computed = {"gross": anodic_C + cathodic_C, "net": anodic_C - cathodic_C}
    booked = {key: _booked(run, f"charge_{key}_C") for key in computed}
    bounds, flags = _bounds(run, booked["gross"], computed["gross"], gap_C)
    if booked["gross"] is not None:
        flags += _disagreement(samples, booked["gross"], computed["gross"], gap_C)
    elif not intervals.conducting.any():
        reason = _NO_CURRENT
        return (
            missing("delivered charge, gross", "C", _TRAPEZOID, reason),
            missing("delivered charge, net", "C", _TRAPEZOID, reason),
        )

    def result(key: str, basis: str) -> Result:
        value = booked[key]
        method = "booked at each reading during the run" if value is not None else _TRAPEZOID
        return Result(
            f"delivered charge, {key}",
            computed[key] if value is None else value,
            "C",
            method,
            basis,
            random=random_C,
            bounds=bounds if key == "gross" else None,
            flags=flags if key == "gross" else (),
        )

    return result("gross", "∫|I|dt"), result("net", "anodic less cathodic")


def per_amount(charge: Result, amount_mol: float | None) -> Result:
    """Charge per amount of the limiting component in F/mol."""
    name, unit, method = "charge per limiting component", "F/mol", "Q/(F·n)"
    if charge.value is None:
        return missing(name, unit, method, charge.reason)
    if not amount_mol:
        return missing(name, unit, method, "the amount of the limiting component is unknown")
    scaled = scale(charge, 1.0 / (FARADAY_C_PER_MOL * amount_mol))
    return replace(scaled, name=name, key="", unit=unit, method=method, basis="gross charge")


def scale(result: Result, factor: float) -> Result:
    """The same result with value, uncertainties and bounds times a constant."""

    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        result,
        value=times(result.value),
        random=times(result.random),
        systematic=times(result.systematic),
        bounds=result.bounds and (times(result.bounds[0]), times(result.bounds[1])),
    )


def with_accuracy(result: Result, accuracy: float | None) -> Result:
    """The same result with the gain error of the measured current as systematic uncertainty."""
    if accuracy is None or result.value is None:
        return result
    return replace(result, systematic=abs(result.value) * accuracy)


def current_results(samples: Samples) -> Mapping[str, Result]:
    """Time with current, mean current, and how much of the time the set-point was held."""
    total_s = float(np.sum(samples.weights_s))
    span = ("time with current", "s", "sum of the integrated intervals")
    mean = ("mean current", "A", f"{_TRAPEZOID} over its time")
    share = ("time at the set-point", "1", "share of the time without a limit, by sample")
    if total_s <= 0:
        return {
            "time_with_current": missing(*span, _NO_CURRENT),
            "mean_current": missing(*mean, _NO_CURRENT),
            "regulation_share": missing(*share, _NO_CURRENT),
        }
    mean_A = trapezoid(samples.current_A, samples.intervals) / total_s
    sigma_A = noise(samples.current_A, samples.intervals)
    random_A = None
    if sigma_A is not None:
        random_A = sigma_A * float(np.sqrt(np.sum(samples.weights_s**2))) / total_s
    return {
        "time_with_current": Result(span[0], total_s, span[1], span[2]),
        "mean_current": Result(mean[0], mean_A, mean[1], mean[2], "net", random=random_A),
        "regulation_share": _mean(share, samples.held, samples.weights_s, "flags"),
    }


def voltage_results(samples: Samples) -> Mapping[str, Result]:
    """Cell voltage at the start, end and maximum of the time with current, and its means."""
    voltage_V, weights = samples.cell_voltage_V, samples.weights_s
    known = np.flatnonzero(np.isfinite(voltage_V) & (weights > 0))
    name, method = "cell voltage, {}", "measured sample"
    by_time = (name.format("mean"), "V", "∫U dt/∫dt")
    by_charge = (name.format("mean by charge"), "V", "∫U|I|dt/∫|I|dt")
    current_A = np.abs(np.nan_to_num(samples.current_A))
    found = {
        "cell_voltage_mean": _mean(by_time, voltage_V, weights, "cell voltage"),
        "cell_voltage_mean_by_charge": _mean(
            by_charge, voltage_V, weights * current_A, "cell voltage"
        ),
        "potential_mean": _mean(
            ("working electrode, mean potential", "V", "∫E dt/∫dt"),
            samples.potential_V,
            weights,
            "potential against a reference electrode",
        ),
    }
    for key in ("start", "end", "max"):
        label = {"start": "at the start", "end": "at the end", "max": "maximum"}[key]
        if not len(known):
            reason = "no cell voltage was measured while current flowed"
            found[f"cell_voltage_{key}"] = missing(name.format(label), "V", method, reason)
            continue
        largest = known[np.argmax(np.abs(voltage_V[known]))]
        index = {"start": known[0], "end": known[-1], "max": largest}[key]
        found[f"cell_voltage_{key}"] = Result(
            name.format(label),
            float(voltage_V[index]),
            "V",
            method,
            f"at {samples.time_s[index]:.6g} s",
        )
    signs = np.sign(voltage_V[known])
    flags: tuple[str, ...] = ()
    if len(known) and signs.min() < 0 < signs.max():
        flags += ("the sign changes during the run: the mean is that of signed values",)
    collapsed_s = float(np.sum(weights[known][np.abs(voltage_V[known]) < COLLAPSED_V]))
    if collapsed_s > COLLAPSED_S:
        flags += (
            f"below {COLLAPSED_V:g} V during {collapsed_s:.4g} s with current: the electrodes or "
            "their leads may touch, and what passed then may have made nothing",
        )
    for key in ("cell_voltage_mean", "cell_voltage_mean_by_charge"):
        found[key] = replace(found[key], flags=flags)
    return found


def energy_result(samples: Samples) -> Result:
    """Electrical energy taken up by the cell, ∫U·I dt in J."""
    name, method = "electrical energy", f"∫U·I dt, {_TRAPEZOID}"
    power_W = samples.cell_voltage_V * samples.current_A
    use = samples.intervals.conducting
    known = use & np.isfinite(power_W[:-1]) & np.isfinite(power_W[1:])
    if not known.any():
        return missing(name, "J", method, "current and cell voltage were not measured together")
    flags: tuple[str, ...] = ()
    if known.sum() < use.sum():
        flags = ("part of the time has no cell voltage: this is less than the whole",)
    energy_J = trapezoid(power_W, samples.intervals)
    return Result(name, energy_J, "J", method, "at the cell's terminals", flags=flags)


def _mean(head: tuple[str, str, str], values: Floats, weights: Floats, what: str) -> Result:
    value = weighted_mean(values, weights)
    if value is None:
        return missing(*head, f"no {what} was measured while current flowed")
    return Result(head[0], value, head[1], head[2])


def _booked(run: Run, column: str) -> float | None:
    """The charge that the run booked, from its last record or else from its last sample."""
    value = run.stop.get(column)
    if isinstance(value, int | float):
        return float(value)
    values = run.columns.get(column, np.empty(0))
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else None


def _bounds(
    run: Run, booked_C: float | None, computed_C: float, gap_C: float
) -> tuple[tuple[float | None, float | None], tuple[str, ...]]:
    low, high = run.stop.get("charge_low_C"), run.stop.get("charge_high_C")
    if isinstance(low, int | float) and isinstance(high, int | float):
        flag = ("readings are missing while the output was on",) if gap_C > 0 else ()
        return (float(low), float(high)), flag
    value = computed_C if booked_C is None else booked_C
    if run.stop:
        return (value, value + gap_C), ()
    return (value, None), ("the run has no last record: what flowed after it is unknown",)


def _disagreement(
    samples: Samples, booked_C: float, computed_C: float, gap_C: float
) -> tuple[str, ...]:
    """A flag when the booked and the recomputed charge cannot both be right."""
    use = samples.intervals.conducting
    begins = int(np.count_nonzero(np.diff(use.astype(int), prepend=0) == 1))
    edge_C = 0.0
    if begins:
        usual_s = float(np.median(samples.intervals.duration_s[use]))
        # Each stretch of current has an edge on either side that no two samples enclose.
        edge_C = 2 * begins * usual_s * float(np.nanmax(np.abs(samples.current_A)))
    difference_C = abs(booked_C - computed_C)
    if difference_C <= CHARGE_AGREEMENT * booked_C + edge_C + gap_C:
        return ()
    return (
        f"the charge booked during the run ({booked_C:.6g} C) and the integral of its samples "
        f"({computed_C:.6g} C) differ by {difference_C:.3g} C",
    )
