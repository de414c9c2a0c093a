"""Hours at one set-point: charge, drift and retention of current and efficiencies, turnover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.gas_products import GasEfficiency, gas_efficiency
from faradaic.analysis.gas_timing import current_at_injections, dead_time_s
from faradaic.analysis.integration import (
    GAP_INTERVALS,
    charge_by_direction,
    charge_shares,
    find_intervals,
    weights_s,
)
from faradaic.analysis.stability.account import StabilityAccount, account
from faradaic.analysis.stability.drift import linear_drift, theil_sen_drift
from faradaic.analysis.stability.operation import Operation, operation
from faradaic.analysis.stability.trend import Trend
from faradaic.analysis.turnover import turnover_number
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import HOUR_S
from faradaic.reporting.typography import with_minus
from faradaic.results import Result, missing
from faradaic.studies.co2.injection_tables import (
    Injections,
    direction_flags,
    electrons_of,
    read_injections,
)
from faradaic.studies.co2.products import sites_of
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import HeldCurrentRows, HeldEfficiencyRows, PotentialAxis, Uncertain
from faradaic.studies.schema import CatalystSample, ProductColumn, Stability
from faradaic.timeseries import TimeSeries

HELD_V = 2e-3
"""A potential that scatters less was held, so that its drift says nothing of the electrode."""
NOTABLE = 0.01
"""Jumps below this share of the mean are not told."""
_POINTS = 2000
"""Of a trace in its table: means over blocks."""


def analyze_stability(
    sample: CatalystSample,
    products: Mapping[str, ProductColumn],
    files: Files,
    outcome: StudyOutcome,
) -> None:
    """How current and efficiencies held, on the clock of operation."""
    entry = sample.stability
    if entry is None:
        return
    trace = files.open(entry, f"{sample.name}: stability", sample.conditions)
    time_s, current_A = trace.take("time", "s"), trace.current_A()
    area_m2 = trace.needed.area_m2()
    measured = TimeSeries(time_s, current_A)
    run = operation(measured)
    charge = charge_with_gaps(measured)
    for result in (run.operating, run.wall, charge):
        outcome.add(sample.name, "stability", result)
    held = _account(run.series("current", "A", current_A), sample, entry, outcome)
    held_at, drifting_V = "", None
    if trace.has("potential"):
        potential_V = trace.potential_V()[0]
        held_at = with_minus(f"{np.nanmedian(potential_V):.2f} V vs {trace.scale} applied")
        if np.nanstd(potential_V) > HELD_V:
            held_at, drifting_V = "", potential_V
            _potential(run.series("potential", "V", potential_V), sample, entry, outcome)
    rows = HeldCurrentRows(
        PotentialAxis(trace.scale), *_trace(time_s, current_A / area_m2, drifting_V)
    )
    outcome.tabulate(sample.name, rows, held_at)
    for change in held.changes:
        if abs(change.jump) < NOTABLE * abs(float(held.series.values.mean())):
            continue
        outcome.remarks.append(
            f"{sample.name}: the current jumps by {1e3 * change.jump:.3g} mA after"
            f" {change.time_s / HOUR_S:.2f} h of operation"
        )
    if entry.gas is not None:
        table = files.open(entry.gas, f"{sample.name}: gas during stability", sample.conditions)
        injections = read_injections(table, products, files, sample.name)
        _gas(sample, trace, table, measured, charge, run, injections, outcome)


def _potential(
    series: Trend, sample: CatalystSample, entry: Stability, outcome: StudyOutcome
) -> None:
    """Drift of a potential that was not held; shares of it mean nothing, its zero is arbitrary."""
    kept = series.without_break_in(entry.break_in_s)
    for result in (linear_drift(kept), theil_sen_drift(kept)):
        outcome.add(sample.name, "stability", result)


def charge_with_gaps(measured: TimeSeries) -> Result:
    """Charge in C, both directions as magnitudes; what passed in a gap is bounded, not invented."""
    key, method = "charge_gross", "trapezoidal rule over the measured samples"
    current_A, intervals = measured.current_A, find_intervals(measured)
    if not intervals.conducting.any():
        return missing(key, "C", method, "no two neighbouring samples have a current")
    value = sum(charge_by_direction(current_A, intervals))
    gaps = int(intervals.gap.sum())
    if not gaps:
        return Result(key, value, "C", method)
    lost_s = float(intervals.duration_s[intervals.gap].sum())
    flag = f"{gaps} gap{'s' * (gaps > 1)} of {lost_s:g} s in all, not integrated"
    return Result(key, value, "C", method, bounds=(value, value + intervals.gap_C), flags=(flag,))


def _gas(
    sample: CatalystSample,
    trace: DataTable,
    table: DataTable,
    measured: TimeSeries,
    charge: Result,
    run: Operation,
    injections: Injections,
    outcome: StudyOutcome,
) -> None:
    entry = trace.entry
    assert isinstance(entry, Stability)
    at_s = table.take("time", "s")
    volume_m3 = trace.needed.get(
        "dead_volume_m3", entry.dead_volume_m3, "the delay between cell and sample loop"
    )
    delay_s = dead_time_s(volume_m3, float(np.mean(injections.flow.mol_per_s.values)))
    time_s, current_A = measured.time_s, measured.current_A
    sampled = current_at_injections(
        time_s,
        current_A,
        at_s,
        dead_time_s=delay_s,
        window_s=entry.sampled_s,
        clock_offset_s=entry.clock_offset_s,
    )
    made_s = 0.5 * (sampled.start_s + sampled.end_s)
    clock_s = np.interp(made_s, time_s, run.operating_time_s)
    efficiencies: dict[str, Uncertain] = {}
    for product, fraction in injections.fractions.items():
        one = gas_efficiency(
            product,
            electrons_of(table, product),
            fraction,
            injections.flow,
            sampled.current_A,
            current_systematic_relative=table.conditions.current_uncertainty,
            current_basis=sampled.basis,
        )
        error = np.hypot(one.random, one.common_random)
        efficiencies[product] = Uncertain(one.values, error)
        known = np.isfinite(one.values)
        mean = _by_charge(one, known, clock_s, run, measured)
        against = direction_flags(table, product, sampled.current_A)
        flags = (*against, *mean.flags, *sampled.flags)
        outcome.add(sample.name, "stability", replace(mean, flags=flags))
        series = Trend(f"FE of {product}", "1", clock_s[known], one.values[known])
        if not known.any() or np.ptp(series.time_s) < entry.break_in_s + 2.0 * entry.window_s:
            span = "too few injections, or too close together, for the drift of the"
            outcome.remarks.append(f"{sample.name}: {span} {series.name}")
        else:
            _account(series, sample, entry, outcome)
        if sample.catalyst is not None:
            sites = sites_of(sample.catalyst, trace.needed.area_m2())
            number = turnover_number(product, mean, one.electrons, charge, sites)
            outcome.add(sample.name, "stability", number)
    outcome.tabulate(sample.name, HeldEfficiencyRows(at_s, efficiencies))


def _account(
    series: Trend, sample: CatalystSample, entry: Stability, outcome: StudyOutcome
) -> StabilityAccount:
    try:
        held = account(series, break_in_s=entry.break_in_s, window_s=entry.window_s)
    except InputError as error:
        (found,) = error.diagnostics
        told = replace(found, message=f"{sample.name}: {found.message}")
        if "window" in told.message or "break-in" in told.message:
            advice = "change `window: 1 h` or `break_in: 0 s` below `stability:` to fit the data"
            told = replace(told, help=advice)
        raise InputError(told) from None
    for result in held.results:
        outcome.add(sample.name, "stability", result)
    for law in held.fits[:1]:
        words = ", ".join(
            f"{name} = {value:.4g} ± {error:.2g}"
            for name, value, error in zip(
                law.law.parameters, law.parameters, law.standard_errors, strict=True
            )
        )
        outcome.remarks.append(
            f"{sample.name}: by AICc the {series.name} follows the {law.law.name} law,"
            f" {law.law.formula} with t in h and X in {series.unit}: {words}"
        )
    return held


def _trace(
    time_s: Floats, density_A_per_m2: Floats, potential_V: Floats | None
) -> tuple[Floats, Floats, Floats | None]:
    """Time and signals as means over blocks, with an empty row in each gap."""
    step = max(1, len(time_s) // _POINTS)
    t = _block_means(time_s, step)
    apart = np.diff(t)
    gaps = np.flatnonzero(apart > GAP_INTERVALS * np.median(apart)) + 1

    def thinned(values: Floats) -> Floats:
        return np.insert(_block_means(values, step), gaps, np.nan)

    return (
        np.insert(t, gaps, 0.5 * (t[gaps - 1] + t[gaps])),
        thinned(density_A_per_m2),
        None if potential_V is None else thinned(potential_V),
    )


def _block_means(values: Floats, length: int) -> Floats:
    """Means over blocks that begin at every `length`-th sample; NaN where one is missing."""
    starts = np.arange(0, len(values), length)
    counts = np.diff(np.append(starts, len(values)))
    means: Floats = np.add.reduceat(values, starts) / counts
    return means


def _by_charge(
    one: GasEfficiency,
    known: NDArray[np.bool_],
    clock_s: Floats,
    run: Operation,
    measured: TimeSeries,
) -> Result:
    """The mean of an efficiency by the charge of the whole run, and what it had to assume."""
    if not known.any():
        return one.mean()
    weights = weights_s(find_intervals(measured))
    passed_C = weights * np.abs(np.nan_to_num(measured.current_A))
    charge_C = np.zeros_like(one.values)
    charge_C[known], ends_s = charge_shares(run.operating_time_s, passed_C, clock_s[known])
    mean = one.mean(charge_C)
    held = [
        f"{which} efficiency is taken for {_minutes(end_s)} {where}"
        for which, where, end_s in zip(
            ("the first", "the last"), ("before it", "after it"), ends_s, strict=True
        )
        if end_s > 0
    ]
    assumed = (f"assumed: {' and '.join(held)}, up to the ends of the run",) if held else ()
    return replace(mean, basis=f"{mean.basis}, over the whole run", flags=(*mean.flags, *assumed))


def _minutes(time_s: float) -> str:
    return f"{time_s / 60:.3g} min"
