"""Charge, current, voltage and energy of an electrolysis, from the series that was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.efficiency import NO_LIMITING
from faradaic.analysis.integration import (
    Intervals,
    booked,
    charge_by_direction,
    noise,
    trapezoid,
    weighted_mean,
    weights_s,
)
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL, STANDARD_TEMPERATURE_K
from faradaic.results import Result, missing
from faradaic.timeseries import Floats, TimeSeries

CHARGE_AGREEMENT = 1e-3
"""Relative difference between booked and recomputed charge above which it is flagged."""

MAGNITUDE = "cell_voltage_mean_magnitude"
COLLAPSED_V = 0.3
"""No electrosynthesis passes its current at less than this between its electrodes."""

BOTH_WAYS = 0.05
"""A current that flows each way for at least this share of the other alternates."""

RAMPED = 0.1
"""Of the largest current: below it a small voltage is that of a ramp from zero."""
COLLAPSED_S = 2.0
"""How long the cell voltage may be below `COLLAPSED_V`, in all, before it is flagged."""

NO_REFERENCE = "the reference electrode is unknown"
SIGN_UNKNOWN = "the source does not tell which current is anodic: the sign is as it stands there"

_NEIGHBOURS = 9
_RECTIFIED = 0.05
"""Share of a gross charge from which on the noise that it counts is told."""
_TRAPEZOID = "trapezoidal rule over the measured samples"
_NO_CURRENT = "no current was measured at two neighbouring samples with the output on"


def delivered_charge(series: TimeSeries, intervals: Intervals) -> tuple[Result, Result]:
    """Gross and net charge in C.

    Our own runs book charge reading by reading and know when the output went on and off; that is
    the value. The trapezoid over the samples is an independent check of it, and the value where
    the gross charge was not booked.
    """
    if charge_is_unknown(series):
        reason = f"no reading has a current: at most {series.booked.high_C:.4g} C passed"
        return (
            missing("charge_gross", "C", _TRAPEZOID, reason),
            missing("charge_net", "C", _TRAPEZOID, reason),
        )
    told, straight = series.booked, intervals.straight()
    anodic_C, cathodic_C = charge_by_direction(series.current_A, straight)
    gap_C = intervals.gap_C
    sigma_A = noise(series.current_A, straight)
    random_C = None
    if sigma_A is not None:
        random_C = sigma_A * float(np.sqrt(np.sum(weights_s(straight) ** 2)))
    gross_C = anodic_C + cathodic_C + booked(series.charge_gross_C, intervals)
    net_C = anodic_C - cathodic_C + booked(series.charge_net_C, intervals)
    bounds, flags = _bounds(series, gross_C, gap_C)
    flags += _zero_flags(series)
    if sigma_A is not None:
        flags += _rectified(series, straight, sigma_A, anodic_C + cathodic_C)
    if told.gross_C is None and not intervals.conducting.any():
        return (
            missing("charge_gross", "C", _TRAPEZOID, _NO_CURRENT),
            missing("charge_net", "C", _TRAPEZOID, _NO_CURRENT),
        )
    check = (told.net_C, net_C) if told.gross_C is None else (told.gross_C, gross_C)
    if check[0] is not None and intervals.conducting.any():
        flags += _disagreement(series, intervals, check[0], check[1], gap_C)
    method = _TRAPEZOID
    if told.gross_C is not None:
        gross_C, net_C = told.gross_C, net_C if told.net_C is None else told.net_C
        method = "booked at each reading during the run"
    gross = Result("charge_gross", gross_C, "C", method, "∫|I|dt", random=random_C,
                   bounds=bounds, flags=flags)  # fmt: skip
    net = Result("charge_net", net_C, "C", method, "anodic less cathodic",
                 random=random_C, flags=_sign_flags(series))  # fmt: skip
    return gross, net


def _rectified(
    series: TimeSeries, intervals: Intervals, sigma_A: float, straight_C: float
) -> tuple[str, ...]:
    """A flag where the noise of the current counts: |I + noise| is more than |I| on average.

    By the folded normal distribution (Leone, Nelson, Nottingham, Technometrics 1961, 3, 543), the
    current itself taken as the mean of some neighbours.
    """
    if not sigma_A > 0.0 or not straight_C > 0.0 or series.current_A.size < _NEIGHBOURS:
        return ()
    known = np.nan_to_num(series.current_A)
    around = np.convolve(known, np.full(_NEIGHBOURS, 1.0 / _NEIGHBOURS), mode="same")
    times = np.abs(around) / (sigma_A * math.sqrt(2.0))
    erf = np.array([math.erf(one) for one in times])
    folded = math.sqrt(2.0 / math.pi) * np.exp(-(times**2)) - np.sqrt(2.0) * times * (1.0 - erf)
    excess_C = float(np.sum(weights_s(intervals) * sigma_A * folded))
    if excess_C < _RECTIFIED * straight_C:
        return ()
    return (f"about {excess_C / straight_C:.0%} of it is the noise of the current, rectified",)


def per_amount(charge: Result, amount_mol: float | None) -> Result:
    """Charge per amount of the limiting component in F/mol."""
    key, unit, method = "charge_per_amount", "F/mol", "Q/(F·n)"
    if charge.value is None:
        return missing(key, unit, method, charge.reason)
    if not amount_mol:
        return missing(key, unit, method, NO_LIMITING)
    per_C = 1.0 / (FARADAY_C_PER_MOL * amount_mol)
    return charge.scaled(per_C, key=key, unit=unit, method=method, basis="gross charge")


def with_accuracy(result: Result, accuracy: float | None) -> Result:
    """The same result with the gain error of the measured current as systematic uncertainty."""
    if accuracy is None or result.value is None:
        return result
    return replace(result, systematic=abs(result.value) * accuracy)


def current_results(series: TimeSeries, intervals: Intervals) -> Mapping[str, Result]:
    """Time with current, mean current, and how much of the time the set-point was held."""
    weights = weights_s(intervals)
    total_s = float(np.sum(weights))
    span = ("time_with_current", "s", "sum of the integrated intervals")
    mean = ("mean_current", "A", f"{_TRAPEZOID} over its time")
    share = ("regulation_share", "1", "share of the time without a limit, by sample")
    if total_s <= 0:
        return {
            "time_with_current": missing(*span, _NO_CURRENT),
            "mean_current": missing(*mean, _NO_CURRENT),
            "regulation_share": missing(*share, _NO_CURRENT),
        }
    straight = intervals.straight()
    counted_C = booked(series.charge_net_C, intervals)
    mean_A = (trapezoid(series.current_A, straight) + counted_C) / total_s
    sigma_A = noise(series.current_A, straight)
    random_A = None
    if sigma_A is not None:
        random_A = sigma_A * float(np.sqrt(np.sum(weights_s(straight) ** 2))) / total_s
    flags = _sign_flags(series) + _zero_flags(series)
    if series.output_on_s is None and _zero_flags(series):
        total_s = 0.0
    known = weighted_mean(series.held, weights)
    held = missing(*share, "the source does not tell when it was at a limit")
    if known is not None:
        held = Result(share[0], known, share[1], share[2])
    return {
        "time_with_current": Result(span[0], total_s, span[1], span[2]),
        "mean_current": Result(
            mean[0], mean_A, mean[1], mean[2], "net", random=random_A, flags=flags
        ),
        "regulation_share": held,
    }


def voltage_results(series: TimeSeries, intervals: Intervals) -> Mapping[str, Result]:
    """Cell voltage at the start, end and maximum of the time with current, and its means.

    Where its sign changes, as with alternating polarity, also the mean of its magnitude.
    """
    voltage_V, weights = series.anode_less_cathode_V, weights_s(intervals)
    known = np.flatnonzero(np.isfinite(voltage_V) & (weights > 0))
    by_time = ("cell_voltage_mean", "V", "∫U dt/∫dt")
    by_charge = ("cell_voltage_mean_by_charge", "V", "∫U|I|dt/∫|I|dt")
    current_A = np.abs(np.nan_to_num(series.current_A))
    found = {
        "cell_voltage_mean": _mean(by_time, voltage_V, weights, "cell voltage"),
        "cell_voltage_mean_by_charge": _mean(
            by_charge, voltage_V, weights * current_A, "cell voltage"
        ),
        "potential_mean": _mean(
            ("potential_mean", "V", "∫E dt/∫dt"),
            series.potential_V,
            weights,
            "potential against a reference electrode",
        ),
    }
    against = f"vs {series.reference}" if series.reference else "reference electrode unknown"
    found["potential_mean"] = replace(found["potential_mean"], basis=against)
    for when in ("start", "end", "max"):
        key, method = f"cell_voltage_{when}", "measured sample"
        if not len(known):
            reason = "no cell voltage was measured while current flowed"
            found[key] = missing(key, "V", method, reason)
            continue
        largest = known[np.argmax(np.abs(voltage_V[known]))]
        index = {"start": known[0], "end": known[-1], "max": largest}[when]
        at = f"at {series.time_s[index]:.6g} s"
        found[key] = Result(key, float(voltage_V[index]), "V", method, at)
    signs = np.sign(voltage_V[known])
    flags: tuple[str, ...] = ()
    if len(known) and signs.min() < 0 < signs.max():
        flags += ("its sign changes: of signed values, beside the mean of its magnitude",)
        head = (MAGNITUDE, "V", "∫|U| dt/∫dt")
        found[MAGNITUDE] = _mean(head, np.abs(voltage_V), weights, "cell voltage")
    low = (np.abs(voltage_V) < COLLAPSED_V) & (current_A >= RAMPED * current_A.max(initial=0.0))
    collapsed_s = _collapsed_s(low[known], series.current_A[known], weights[known])
    if collapsed_s > COLLAPSED_S:
        flags += (
            f"below {COLLAPSED_V:g} V during {collapsed_s:.4g} s with current: the electrodes or "
            "their leads may touch, and what passed then may have made nothing",
        )
    for key in ("cell_voltage_mean", "cell_voltage_mean_by_charge"):
        found[key] = replace(found[key], flags=flags)
    return found


def _collapsed_s(low: NDArray[np.bool_], current_A: Floats, weights: Floats) -> float:
    """For how long the voltage was low; of a current that alternates, low in both directions: what
    touches lowers both, a weak reverse level one."""
    ways_s = [float(np.sum(weights[way])) for way in (current_A > 0.0, current_A < 0.0)]
    low_s = [float(np.sum(weights[low & way])) for way in (current_A > 0.0, current_A < 0.0)]
    if min(ways_s) > BOTH_WAYS * max(ways_s):
        return 2.0 * min(low_s)
    return sum(low_s)


def mean_on_scale(mean: Result, series: TimeSeries, scale: str) -> Result:
    """The mean potential on another scale, from the reference electrode of the series.

    Without a value, and with the reason, where electrode, scale or pH do not allow it.
    """
    head = ("mean_potential_on_scale", "V", "mean potential, its scale shifted")
    name = f"mean potential vs {scale}"
    if mean.value is None or series.reference is None:
        reason = mean.reason or NO_REFERENCE
        return missing(*head, reason, of=scale, name=name)
    try:
        shift = scale_shift(
            series.reference,
            scale,
            temperature_K=series.temperature_K or STANDARD_TEMPERATURE_K,
            pH=series.pH,
        )
    except InputError as error:
        return missing(*head, error.diagnostics[0].message, of=scale, name=name)
    if shift.value is None:
        return missing(*head, shift.reason, of=scale, name=name)
    flags = shift.flags
    if series.temperature_K is None:
        flags += ("the temperature is not known: 25 degC is taken",)
    return Result(head[0], mean.value + shift.value, *head[1:], shift.basis, mean.random,
                  shift.systematic, flags=flags, of=scale, name=name)  # fmt: skip


def energy_result(series: TimeSeries, intervals: Intervals) -> Result:
    """Electrical energy taken up by the cell, ∫U·I dt in J."""
    key, method = "energy", f"∫U·I dt, {_TRAPEZOID}"
    power_W = series.cell_voltage_V * series.current_A
    use = intervals.conducting
    known = use & np.isfinite(power_W[:-1]) & np.isfinite(power_W[1:])
    if not known.any():
        return missing(key, "J", method, "current and cell voltage were not measured together")
    flags = _sign_flags(series)
    # What was booked needs no voltage, and without a current none is missing.
    flowing = (series.current_A[:-1] != 0) | (series.current_A[1:] != 0)
    if (intervals.straight().conducting & flowing & ~known).any():
        flags += ("part of the time has no cell voltage: this is less than the whole",)
    energy_J = trapezoid(power_W, intervals.straight()) + booked(series.energy_J, intervals)
    if energy_J < 0:
        flags += ("negative: the cell gave energy out, or the sign of current or voltage is wrong",)
    return Result(key, energy_J, "J", method, "at the cell's terminals", flags=flags)


def _zero_flags(series: TimeSeries) -> tuple[str, ...]:
    known_A = series.current_A[np.isfinite(series.current_A)]
    zero = known_A.size > 0 and not known_A.any()
    return ("the current was measured, and is zero throughout",) if zero else ()


def charge_is_unknown(series: TimeSeries) -> bool:
    """Whether readings have no current, as those of differential pulses, and none was counted."""
    high_C = series.booked.high_C or 0.0
    measured = np.isfinite(series.current_A).any()
    return not (measured or series.booked.gross_C) and high_C > 0 and series.time_s.size > 0


def _sign_flags(series: TimeSeries) -> tuple[str, ...]:
    return () if series.sign else (SIGN_UNKNOWN,)


def _mean(head: tuple[str, str, str], values: Floats, weights: Floats, what: str) -> Result:
    value = weighted_mean(values, weights)
    if value is None:
        return missing(*head, f"no {what} was measured while current flowed")
    return Result(head[0], value, head[1], head[2])


def _bounds(
    series: TimeSeries, computed_C: float, gap_C: float
) -> tuple[tuple[float | None, float | None] | None, tuple[str, ...]]:
    booked = series.booked
    if booked.low_C is not None and booked.high_C is not None:
        flag = ("readings are missing while the output was on",) if gap_C > 0 else ()
        return (booked.low_C, booked.high_C), flag
    value = computed_C if booked.gross_C is None else booked.gross_C
    if series.ended is None:
        flag = ("samples far apart, or without a current: what passed there is bounded",)
        return ((value, value + gap_C), flag) if gap_C > 0 else (None, ())
    if not series.ended:
        return (value, None), ("the run has no last record: what flowed after it is unknown",)
    return (value, value + gap_C), ()


def _disagreement(
    series: TimeSeries, intervals: Intervals, booked_C: float, computed_C: float, gap_C: float
) -> tuple[str, ...]:
    """A flag when the booked and the recomputed charge cannot both be right."""
    use = intervals.conducting
    begins = int(np.count_nonzero(np.diff(use.astype(int), prepend=0) == 1))
    edge_C = 0.0
    if begins and series.booked.gross_C is not None:
        usual_s = float(np.median(intervals.duration_s[use]))
        # A run also books the edges of each stretch of current, which no two samples enclose.
        edge_C = 2 * begins * usual_s * float(np.nanmax(np.abs(series.current_A)))
    difference_C = abs(booked_C - computed_C)
    if difference_C <= CHARGE_AGREEMENT * abs(booked_C) + edge_C + gap_C:
        return ()
    return (
        f"the charge booked by its source ({booked_C:.6g} C) and the integral of its samples "
        f"({computed_C:.6g} C) differ by {difference_C:.3g} C",
    )
