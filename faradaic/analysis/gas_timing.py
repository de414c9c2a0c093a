"""Which current made the gas of an injection: dead time of the line and two clocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.integration import find_intervals
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    STANDARD_TEMPERATURE_K,
    molar_volume_m3_per_mol,
)
from faradaic.timeseries import TimeSeries

_wrong = partial(refusal, "E735")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SampledCurrent:
    """The mean current while the gas of each injection left the cell; arrays of shape (n,)."""

    current_A: Floats
    """`nan` where the window is not covered by the record."""
    start_s: Floats
    """Of the window, on the clock of the current."""
    end_s: Floats
    basis: str
    flags: tuple[str, ...] = ()


def dead_time_s(
    volume_m3: float,
    flow_mol_per_s: float,
    *,
    temperature_K: float = STANDARD_TEMPERATURE_K,
    pressure_Pa: float = ATMOSPHERE_PA,
) -> float:
    """Time from cell to sample loop: V/V̇, the flow at the temperature and pressure of the line.

    For a mixed volume this is the mean time, as for a plug.
    """
    if not (volume_m3 >= 0 and flow_mol_per_s > 0):
        raise _wrong(
            f"a volume of {volume_m3:g} m³ at {flow_mol_per_s:g} mol/s has no dead time",
            "give a volume of 0 or more and a flow above 0",
        )
    return volume_m3 / (flow_mol_per_s * molar_volume_m3_per_mol(temperature_K, pressure_Pa))


def current_at_injections(
    time_s: Floats,
    current_A: Floats,
    injection_s: Floats,
    *,
    dead_time_s: float,
    window_s: float,
    clock_offset_s: float = 0.0,
) -> SampledCurrent:
    """Mean current over [t − τ − window, t − τ] for each injection at t, by the trapezoid.

    `clock_offset_s` is the chromatograph's clock minus that of the current. A window that leaves
    the record, or holds a gap, has no mean: nothing is extrapolated. Raises `InputError` (E735).
    """
    if not (dead_time_s >= 0 and window_s > 0):
        raise _wrong(
            f"a dead time of {dead_time_s:g} s and a window of {window_s:g} s cannot be used",
            "give a dead time of 0 or more and a window above 0, such as the time that the"
            " sample loop and the mixing in the line average over",
        )
    time, current = np.asarray(time_s, np.float64), np.asarray(current_A, np.float64)
    if len(time) < 2 or time.shape != current.shape or not (np.diff(time) >= 0).all():
        raise _wrong(
            f"{len(current)} currents at {len(time)} times are not a record in order of time",
            "give at least two samples whose times do not go back, one current for each",
        )
    # a current of zero is known as well as any other
    whole_record_s = np.array([[time[0], time[-1]]])
    intervals = find_intervals(TimeSeries(time, current, output_on_s=whole_record_s))
    end_s = np.asarray(injection_s, np.float64) - clock_offset_s - dead_time_s
    start_s = end_s - window_s
    pieces = np.where(
        intervals.conducting, 0.5 * (current[:-1] + current[1:]) * intervals.duration_s, 0.0
    )
    charge_C = np.concatenate(([0.0], np.cumsum(pieces)))
    covered_s = np.concatenate(
        ([0.0], np.cumsum(np.where(intervals.conducting, intervals.duration_s, 0.0)))
    )
    passed_C = np.interp(end_s, time, charge_C) - np.interp(start_s, time, charge_C)
    seen_s = np.interp(end_s, time, covered_s) - np.interp(start_s, time, covered_s)
    whole = np.isclose(seen_s, window_s, rtol=1e-6) & (start_s >= time[0]) & (end_s <= time[-1])
    mean_A = np.where(whole, passed_C / window_s, np.nan)
    missing = int((~whole).sum())
    return SampledCurrent(
        mean_A,
        start_s,
        end_s,
        f"mean current over {window_s:g} s, {dead_time_s:g} s before the injection,"
        f" clock offset {clock_offset_s:g} s",
        (f"no current on record for {missing} of {len(whole)} injections",) if missing else (),
    )
