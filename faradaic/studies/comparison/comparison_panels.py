"""Runs drawn over each other: voltage, current, charge and yield against charge or time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.reporting.figures import COLOURS
from faradaic.reporting.panels import Curve, Panel, sample_colour
from faradaic.studies.comparison.compared_entries import ComparedRun, Entry
from faradaic.studies.rows import CELL_VOLTAGE, CHARGE, CURRENT, Shown, time_shown
from faradaic.studies.run.electrolysis_figure import LEAST_SPAN_V, thin, with_zero
from faradaic.timeseries import Floats

Against = Literal["charge", "time"]
_PER_MOL = Shown("Q n⁻¹", "F/mol")
_LABEL = "Q n⁻¹ / F mol⁻¹"


def comparison_panels(entries: Sequence[Entry], against: Against) -> list[Panel]:
    """The panels that have something to show."""
    runs = [run for entry in entries for run in entry.runs]
    per_mol = all(run.one.limiting_mol for run in runs)
    if against == "charge":
        x_label = _LABEL if per_mol else CHARGE.label("Q")
    else:
        x_label = _time(runs).label()
    panels = [
        _panel(entries, "cell voltage", CELL_VOLTAGE, "U", "cell_voltage_V", against, per_mol),
        _panel(entries, "current", CURRENT, "I", "current_A", against, per_mol),
    ]
    if against == "time":
        panels.append(_panel(entries, "charge", CHARGE, "Q", "charge_C", against, per_mol))
    panels.append(_converted(entries, against, per_mol))
    return [
        Panel(one.name, one.title, x_label, one.y_label, one.curves, y_limits=one.y_limits)
        for one in panels
        if one.curves
    ]


def _panel(
    entries: Sequence[Entry],
    name: str,
    shown: Shown,
    symbol: str,
    column: str,
    against: Against,
    per_mol: bool,
) -> Panel:
    runs = [run for entry in entries for run in entry.runs]
    scale = _time(runs)
    curves = []
    apart = len(runs) <= len(COLOURS)  # else a colour is that of an entry
    for number, (place, run, label) in enumerate(_labelled(entries)):
        values = _values(run, column)
        x, y = thin(_x(run, against, per_mol, scale), shown.values(values))
        if np.isfinite(y).any():
            colour = sample_colour(number if apart else place)
            curves.append(Curve(label, place, x, y, None, colour, "line"))
    guessed = any(column in run.one.guessed for run in runs)
    label = shown.label(symbol) + (f" ({GUESSED})" if guessed else "")
    return Panel(name, name, "", label, curves, y_limits=_limits(curves, column))


def _limits(curves: Sequence[Curve], column: str) -> tuple[float, float] | None:
    """Of what hardly changes: a current with zero in sight, a voltage over a tenth of a volt."""
    known = np.concatenate([curve.y[np.isfinite(curve.y)] for curve in curves] or [np.empty(0)])
    if known.size == 0 or column == "charge_C":
        return None
    low, high = float(known.min()), float(known.max())
    if column == "cell_voltage_V":
        short_V = 0.5 * (LEAST_SPAN_V - (high - low))
        return (low - short_V, high + short_V) if short_V > 0 else None
    return with_zero(low, high)


def _converted(entries: Sequence[Entry], against: Against, per_mol: bool) -> Panel:
    """What was found after the runs, at their ends; before them what their plans expect."""
    runs = [run for entry in entries for run in entry.runs]
    scale, curves = _time(runs), []
    for place, run, _ in _labelled(entries):
        number = entries[place].number
        ends = _x(run, against, per_mol, scale)
        ends = ends[np.isfinite(ends)]
        for key, style in (("product_yield", "yield"), ("conversion", "conversion")):
            value = run.numbers[key]
            if value is not None and ends.size:
                x, y = np.array([ends.max()]), np.array([100.0 * value])
                curves.append(
                    Curve(f"{number}, {style}", place, x, y, None, sample_colour(place), "markers")
                )
        if against == "charge" and per_mol and run is entries[place].runs[0]:
            expected = _expected(run)
            if expected is not None:
                curves.append(
                    Curve(
                        f"{number}, expected",
                        place,
                        *expected,
                        None,
                        sample_colour(place),
                        "dashed",
                    )
                )
    return Panel("conversion", "yield and conversion", "", "yield, conversion / %", curves)


def _expected(run: ComparedRun) -> tuple[Floats, Floats] | None:
    """The plan's conversion by the limiting current against F/mol, in per cent."""
    pairs = ((run.one.run and run.one.run.plan) or {}).get("estimates", {}).get("conversion") or ()
    if len(pairs) < 2:
        return None
    x, y = np.array(pairs, dtype=float).T
    return np.append(0.0, x), 100.0 * np.append(0.0, y)


def _labelled(entries: Sequence[Entry]) -> Iterator[tuple[int, ComparedRun, str]]:
    for place, entry in enumerate(entries):
        for number, run in enumerate(entry.runs, 1):
            more = f" (run {number})" if len(entry.runs) > 1 else ""
            yield place, run, f"{entry.label}{more}"


def _values(run: ComparedRun, column: str) -> Floats:
    if column == "charge_C":
        return run.charge_C
    series = run.one.series
    return series.current_A if column == "current_A" else series.anode_less_cathode_V


def _x(run: ComparedRun, against: Against, per_mol: bool, scale: Shown) -> Floats:
    """Charge, per mole where all have an amount; or time with the output on."""
    if against == "time":
        return scale.values(run.one.series.on_time_s())
    flowing = np.diff(run.charge_C, prepend=0.0) > 0.0
    charge_C = np.where(flowing, run.charge_C, np.nan)
    if per_mol and run.one.limiting_mol:
        return charge_C / (FARADAY_C_PER_MOL * run.one.limiting_mol)
    return charge_C


def _time(runs: Sequence[ComparedRun]) -> Shown:
    return time_shown(np.concatenate([run.one.series.on_time_s() for run in runs]))
