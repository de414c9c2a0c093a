"""Entries as papers print them: one for each set of conditions, with what its replicates scatter.

The scatter is the sample standard deviation; of one run there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np

from faradaic.analysis.integration import find_intervals
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.results import Result
from faradaic.studies.comparison.written_conditions import (
    NOT_SAID,
    differing,
    written_conditions,
)
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.electrolysis_figure import booked_or_integrated_charge
from faradaic.studies.run.electrolysis_results import ElectrolysisResults
from faradaic.timeseries import Floats

LEVEL = 0.05
"""Share of the charge over which the voltage at the start and at the end is taken."""
SETTLED = 0.01
"""Share of the charge that is left out at the start: the double layer's."""


@dataclass(frozen=True, slots=True)
class Column:
    """One number of a table of entries: how it is called, and how it is shown."""

    key: str
    head: str
    unit: str
    factor: float = 1.0


COLUMNS = (
    Column("charge_C", "Q", "C"),
    Column("charge_F_per_mol", "Q per substrate", "F/mol"),
    Column("mean_current_A", "I, mean", "mA", 1e3),
    Column("time_with_current_s", "t", "h", 1 / 3600.0),
    Column("cell_voltage_V", "U, mean", "V"),
    Column("energy_J", "energy", "kJ", 1e-3),
    Column("conversion", "conversion", "%", 100.0),
    Column("product_yield", "yield", "%", 100.0),
    Column("faradaic_efficiency", "FE", "%", 100.0),
)
"""Of every table, in this order; those without a value anywhere are left out."""
CONSISTENCY = (
    Column("voltage_start_V", "U at the start", "V"),
    Column("resistance_ohm", "R_u", "Ohm"),
    Column("voltage_end_V", "U at the end", "V"),
)
"""What replicates are judged by (D19)."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedRun:
    """One run or file with its numbers and its curves."""

    one: Electrolysis
    results: ElectrolysisResults
    conditions: Mapping[str, str]
    charge_C: Floats
    numbers: Mapping[str, float | None]
    guessed: frozenset[str]
    """The keys of `numbers` that rest on a guess of a simulated cell."""

    @property
    def outcome(self) -> str:
        """Get how it ended; empty for a file of others."""
        return self.one.run.outcome if self.one.run else ""


def compared(one: Electrolysis, results: ElectrolysisResults) -> ComparedRun:
    """A run with what is compared of it."""
    of = {
        "charge_C": results.charge_gross,
        "charge_F_per_mol": results.charge_per_amount,
        "mean_current_A": results.mean_current,
        "time_with_current_s": results.time_with_current,
        "cell_voltage_V": results.mean_voltage,
        "energy_J": results.energy,
        "conversion": results.conversion,
        "product_yield": results.product_yield,
        "faradaic_efficiency": results.faradaic_efficiency,
    }
    charge_C = booked_or_integrated_charge(one.series, find_intervals(one.series))
    start_V, end_V = _ends(charge_C, one.series.anode_less_cathode_V)
    numbers: dict[str, float | None] = {key: result.value for key, result in of.items()}
    numbers |= {
        "voltage_start_V": start_V,
        "resistance_ohm": _resistance(results.further),
        "voltage_end_V": end_V,
    }
    guessed = {key for key, result in of.items() if GUESSED in result.flags}
    if "cell_voltage_V" in one.guessed:
        guessed |= {"voltage_start_V", "voltage_end_V"}
    conditions = written_conditions(one.run)
    return ComparedRun(one, results, conditions, charge_C, numbers, frozenset(guessed))


def _ends(charge_C: Floats, voltage_V: Floats) -> tuple[float | None, float | None]:
    """The median voltage at the beginning and the end of the charge."""
    known = np.isfinite(charge_C) & np.isfinite(voltage_V)
    charge_C, voltage_V = charge_C[known], voltage_V[known]
    if charge_C.size == 0 or charge_C[-1] <= 0.0:
        return None, None
    flowing = np.diff(charge_C, prepend=0.0) > 0.0
    share = charge_C / charge_C[-1]
    first = flowing & (share > SETTLED) & (share < SETTLED + LEVEL)
    last = flowing & (share > 1.0 - LEVEL)
    start_V, end_V = (
        float(np.median(voltage_V[rows])) if rows.any() else None for rows in (first, last)
    )
    return start_V, end_V


def _resistance(further: Mapping[str, Result]) -> float | None:
    """The first uncompensated resistance that was measured, in ohm."""
    for key, result in further.items():
        of_solution = key.startswith("uncompensated_resistance") and result.unit == "ohm"
        if of_solution and result.value is not None:
            return result.value
    return None


@dataclass(frozen=True, slots=True)
class Scatter:
    """A number of an entry over its replicates."""

    n: int
    mean: float
    deviation: float | None
    """Sample standard deviation; None for one run."""
    guessed: bool

    @property
    def relative(self) -> float | None:
        """Get the deviation over the mean; None where either says nothing."""
        if self.deviation is None or self.mean == 0.0:
            return None
        return abs(self.deviation / self.mean)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One set of conditions and the runs that were done so."""

    number: int
    conditions: Mapping[str, str]
    """Those that differ between the entries."""
    runs: tuple[ComparedRun, ...]

    @property
    def label(self) -> str:
        """Get "2: 0.05 M", in which it differs, as far as there is room."""
        words = ", ".join(one for one in self.conditions.values() if one != NOT_SAID)
        return f"{self.number}: {words:.40}" if words else str(self.number)

    def scatter(self, key: str) -> Scatter | None:
        """A number over its runs; None where no run has it."""
        known = [one.numbers[key] for one in self.runs]
        values = [value for value in known if value is not None]
        if not values:
            return None
        deviation = stdev(values) if len(values) > 1 else None
        return Scatter(
            len(values), fmean(values), deviation, any(key in one.guessed for one in self.runs)
        )


def entries_of(runs: Sequence[ComparedRun]) -> list[Entry]:
    """The entries, in the order in which their first runs were given.

    Runs whose protocols, benches and faults say the same are replicates of one entry; of a file
    of others nothing is known, so each is an entry by itself.
    """
    keys = differing([one.conditions for one in runs if one.conditions])
    groups: dict[tuple[str, ...], list[ComparedRun]] = {}
    for number, one in enumerate(runs):
        told = tuple(one.conditions.get(key, NOT_SAID) for key in keys)
        groups.setdefault(told if one.conditions else ("file", str(number)), []).append(one)
    return [
        Entry(
            number,
            {key: of[0].conditions.get(key, NOT_SAID) for key in keys}
            if of[0].conditions
            else {"file": of[0].one.name},
            tuple(of),
        )
        for number, of in enumerate(groups.values(), 1)
    ]


def scatter_dict(found: Scatter | None) -> dict[str, Any] | None:
    """A JSON-ready mapping, SI."""
    if found is None:
        return None
    return {
        "n": found.n,
        "mean": found.mean,
        "standard_deviation": found.deviation,
        "guessed": found.guessed,
    }
