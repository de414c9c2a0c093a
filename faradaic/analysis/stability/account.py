"""The whole account of one series: drift, law, retention, t80 and change points."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.analysis.stability.changes import Change, find_changes
from faradaic.analysis.stability.decay import FEWEST, DecayFit, fit_decays
from faradaic.analysis.stability.drift import linear_drift, relative_drift, theil_sen_drift
from faradaic.analysis.stability.retention import retention, time_to_fraction
from faradaic.analysis.stability.trend import Trend
from faradaic.results import Result


@dataclass(frozen=True, slots=True, eq=False)
class StabilityAccount:
    """How one quantity held."""

    series: Trend
    """Without the break-in."""
    results: tuple[Result, ...]
    """Drift, robust drift, relative drift, retention, t80."""
    fits: tuple[DecayFit, ...]
    """The best supported law first; empty below twelve points."""
    changes: tuple[Change, ...]
    """Of the series; where a curved law is best, of what the law leaves: the place of a jump
    stands, but the law has taken up a part of its height."""


def account(series: Trend, *, break_in_s: float, window_s: float) -> StabilityAccount:
    """Everything that can be said of a current, a potential or an efficiency over time.

    `break_in_s` is left out at the start; retention and t80 refer to windows of `window_s`.
    Raises `InputError` when the break-in or two windows do not fit in.
    """
    kept = series.without_break_in(break_in_s)
    fits = fit_decays(kept) if kept.values.size >= FEWEST else ()
    results = (
        linear_drift(kept),
        theil_sen_drift(kept),
        relative_drift(kept),
        retention(kept, window_s),
        time_to_fraction(kept, window_s, fits[0] if fits else None),
    )
    curved = fits[0].at if fits and fits[0].law.shapes else None
    return StabilityAccount(kept, results, fits, find_changes(kept, less=curved))
