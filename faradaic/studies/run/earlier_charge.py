"""Charge and time of a run together with the runs that it goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from faradaic.analysis.electrical import per_amount
from faradaic.records.earlier import Earlier, earlier_runs
from faradaic.records.run import Run
from faradaic.results import Result, missing
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.timeseries import SAMPLED, TimeSeries

UNKNOWN_GAP = 0.03
"""Of the time of a run: how wide a gap is drawn behind it whose length nobody knows."""

AS_RECOVERED = "as it was told when each was recovered"


def charge_results(
    earlier: tuple[Earlier, ...], gross: Result, limiting_mol: float | None
) -> Mapping[str, Result]:
    """Charge of the earlier runs and of all runs, per limiting component, and the gaps; empty where
    there are none."""
    if not earlier:
        return {}
    many = f"{len(earlier)} earlier run{'s' if len(earlier) > 1 else ''}"
    measured_C, low_C = sum(one.measured_C for one in earlier), sum(one.low_C for one in earlier)
    highs = [one.high_C for one in earlier]
    high_C = None if None in highs else sum(high for high in highs if high is not None)
    before = Result("charge_earlier", measured_C, "C", AS_RECOVERED, many, bounds=(low_C, high_C))
    total = missing("charge_total", "C", "sum over all runs", gross.reason)
    if gross.value is not None:
        own_low_C, own_high_C = gross.bounds or (gross.value, gross.value)
        total = replace(
            gross,
            key="charge_total",
            name="",
            value=gross.value + measured_C,
            method="sum over all runs",
            basis=f"this run and {many}",
            bounds=(
                None if own_low_C is None else own_low_C + low_C,
                None if own_high_C is None or high_C is None else own_high_C + high_C,
            ),
        )
    per_mol = per_amount(total, limiting_mol)
    gaps_s = [one.gap_s for one in earlier]
    gap = missing("gap", "s", "wall clocks", "it is not known when one of the runs began or ended")
    if None not in gaps_s:
        whole_s = sum(gap_s for gap_s in gaps_s if gap_s is not None)
        gap = Result("gap", whole_s, "s", "by the wall clocks", f"after {many}")
    return {
        "charge_earlier": before,
        "charge_total": total,
        "charge_total_per_amount": replace(
            per_mol, key="charge_total_per_amount", name="", basis=total.basis
        ),
        "gap": gap,
    }


def on_one_axis(one: Electrolysis) -> tuple[Electrolysis, list[tuple[float, float]], list[str]]:
    """The same with the samples of the earlier runs before it, at times below zero.

    With it, from when to when nothing was recorded between the runs, and what is not as it was:
    which runs could not be read, and which gaps are of unknown length. Their charge is counted up
    as it was taken.
    """
    run = one.run
    earlier = earlier_runs(run) if run is not None else ()
    if run is None or not earlier:
        return one, [], []
    gaps, missed = [], []
    begins_s, begins_C = 0.0, 0.0
    parts = [one.series]
    for told in reversed(earlier):
        before, why = told.load(run)
        begins_C -= told.taken_C
        if before is None:
            missed.append(f"{told.name} is not shown: {why}")
            begins_s -= (told.gap_s or 0.0) + _length_s(told)
            continue
        last_s = before.contents.last_s or 0.0
        gap_s = told.gap_s
        if gap_s is None:
            missed.append(f"the gap after {told.name} is of unknown length: it is not to scale")
            gap_s = UNKNOWN_GAP * last_s
        gaps.append((begins_s - gap_s, begins_s))
        begins_s -= gap_s + last_s
        parts.insert(0, _moved(before, begins_s, begins_C))
    joined = _joined(parts, -begins_C)
    return replace(one, series=joined), gaps, missed


def _length_s(told: Earlier) -> float:
    known = told.began is not None and told.ended is not None
    return (told.ended - told.began).total_seconds() if known else 0.0  # type: ignore[operator]


def _moved(run: Run, begins_s: float, begins_C: float) -> TimeSeries:
    series = run.time_series()
    on_s = series.output_on_s
    return replace(
        series,
        time_s=series.time_s + begins_s,
        charge_gross_C=series.charge_gross_C + begins_C,
        output_on_s=None if on_s is None else on_s + begins_s,
    )


def _joined(parts: list[TimeSeries], before_C: float) -> TimeSeries:
    """One series, with an empty sample between two so that no line is drawn across, and steps that
    are told apart; its charge counts from the first run on."""
    last = parts[-1]
    arrays: dict[str, Any] = {}
    for name in ("current_A", *SAMPLED):
        arrays[name] = _with_gaps([getattr(part, name) for part in parts], np.nan)
    arrays["charge_gross_C"] = arrays["charge_gross_C"] + before_C
    times = [np.append(part.time_s, part.time_s[-1:]) for part in parts[:-1]]
    arrays["time_s"] = np.concatenate([*times, last.time_s])
    offset, steps = 0.0, []
    for part in parts:
        known = part.part[np.isfinite(part.part)]
        steps.append(part.part + offset)
        offset += (known.max() if known.size else 0.0) + 1.0
    ends = [np.append(step, step[-1:]) for step in steps[:-1]]
    arrays["part"] = np.concatenate([*ends, steps[-1]])
    on = [part.output_on_s for part in parts]
    whole = (
        None if any(one is None for one in on) else np.concatenate([o for o in on if o is not None])
    )
    return replace(last, **arrays, output_on_s=whole)


def _with_gaps(parts: list[Any], empty: float) -> Any:
    """Arrays one after the other, each but the last with an empty value behind its last one."""
    ends = [np.append(part, empty if part.size else []) for part in parts[:-1]]
    return np.concatenate([*ends, parts[-1]])
