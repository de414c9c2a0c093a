"""What the series of a run come to: R_u of spectra and interrupts, peaks of pulse voltammograms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from faradaic.analysis.impedance.kramers_kronig import kramers_kronig
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.analysis.uncompensated_resistance import (
    compare_resistances,
    resistance_from_interrupt,
    uncompensated_resistance,
)
from faradaic.analysis.voltammetry.pulse_peaks import difference_peak
from faradaic.diagnostics import InputError
from faradaic.records.run import Run
from faradaic.records.series import IMPEDANCE, INTERRUPT, PULSE, Series, series_of
from faradaic.results import Result, missing

OVERLOAD = 0x2
_UNSURE = 0.1
"""Share of a resistance beyond which its uncertainty hides a drift that counts."""


def spectrum_of(series: Series) -> ImpedanceSpectrum:
    """A spectrum of a run, without the points in which the instrument was overloaded.

    Raises `InputError` where too few are left.
    """
    frequency_Hz, real_ohm, imaginary_ohm, status = map(
        series.column, ("frequency_Hz", "impedance_real_ohm", "impedance_imag_ohm", "status")
    )
    good = np.isfinite(frequency_Hz) & np.isfinite(real_ohm) & np.isfinite(imaginary_ohm)
    good &= (np.nan_to_num(status).astype(int) & OVERLOAD) == 0
    return ImpedanceSpectrum.of(frequency_Hz[good], real_ohm[good], imaginary_ohm[good])


def interrupt_resistances(series: Series) -> list[Result]:
    """R_u of each interruption of a series; without a value where its trace does not tell."""
    return [_interrupt(record.fields) for record in series.records]


def series_results(run: Run) -> Iterator[tuple[str, Result]]:
    """The results of all series of a run, by the names under which they are written."""
    resistances: list[Result] = []
    for series in series_of(run, IMPEDANCE):
        of = f"spectrum {series.number}"
        for result in _of_spectrum(series, of):
            yield f"{result.key}_of_spectrum_{series.number}", result
            resistances += [result] if result.key == "uncompensated_resistance" else []
    yield from _drift(resistances, "spectra")
    for series in series_of(run, INTERRUPT):
        found = interrupt_resistances(series)
        yield f"interruptions_{series.number}", _mean(found, series.number)
        known = [result for result in found if result.value is not None]
        for which, result in zip(("first", "last"), known[:1] + known[1:][-1:], strict=False):
            of = f"the {which} interruption"
            yield f"uncompensated_resistance_{which}_{series.number}", _named(result, of)
        yield from _drift(known, f"interruptions_{series.number}")
    for series in series_of(run, PULSE):
        of = f"voltammogram {series.number}"
        peak = _peak(series)
        yield from ((f"{one.key}_{series.number}", _named(one, of)) for one in peak)


def _of_spectrum(series: Series, of: str) -> Iterator[Result]:
    key, method = "uncompensated_resistance", "high-frequency intercept"
    residual, test = "kramers_kronig_residual", "linear Kramers-Kronig test"
    try:
        spectrum = spectrum_of(series)
        yield _named(uncompensated_resistance(spectrum), of)
    except InputError as error:
        yield _named(missing(key, "ohm", method, error.diagnostics[0].message), of)
        yield _named(missing(residual, "1", test, error.diagnostics[0].message), of)
        return
    try:
        found = kramers_kronig(spectrum)
    except InputError as error:
        yield _named(missing(residual, "1", test, error.diagnostics[0].message), of)
        return
    verdict = "passes" if found.consistent else "fails"
    basis = f"{verdict}: the limit is {100.0 * found.limit:g} %"
    yield _named(Result(residual, found.rms_residual, "1", test, basis, flags=found.flags), of)


def _interrupt(told: Mapping[str, Any]) -> Result:
    time_s, voltage_V, current_A = (
        np.array([math.nan if v is None else float(v) for v in told.get(name) or ()])
        for name in ("time_s", "cell_voltage_V", "current_A")
    )
    key, method = "uncompensated_resistance", "current interrupt"
    known = np.isfinite(time_s) & np.isfinite(voltage_V)
    before = known & (time_s <= 0.0) & np.isfinite(current_A)
    if not before.any():
        return missing(key, "ohm", method, "nothing was measured just before the interruption")
    flowed_A = float(np.median(current_A[before]))
    try:
        return resistance_from_interrupt(
            # What was measured as the current was turned off was measured before that.
            np.where(time_s <= 0.0, time_s - 1e-9, time_s)[known],
            voltage_V[known],
            current_A=flowed_A,
            interrupt_time_s=0.0,
            dead_time_s=float(told["dead_time_s"]),
            window_s=float(told["width_s"]) - float(told["dead_time_s"]) + 1e-6,
        )
    except InputError as error:
        return missing(key, "ohm", method, error.diagnostics[0].message)


def _mean(found: list[Result], number: int) -> Result:
    """The mean of a series, with the scatter of its interruptions."""
    known = [result for result in found if result.value is not None]
    of = f"interruptions, series {number}"
    key, method = "uncompensated_resistance", f"mean of {len(known)} of {len(found)} interruptions"
    if not known:
        return _named(missing(key, "ohm", method, found[0].reason), of)
    values = [float(result.value or 0.0) for result in known]
    scatter = float(np.std(values, ddof=1)) if len(values) > 1 else known[0].random
    flags = tuple(dict.fromkeys(flag for result in known for flag in result.flags))
    systematic = max(result.systematic or 0.0 for result in known)
    mean = float(np.mean(values))
    return _named(
        Result(key, mean, "ohm", method, known[0].basis, scatter, systematic, flags=flags), of
    )


def _drift(resistances: list[Result], of: str) -> Iterator[tuple[str, Result]]:
    if len(resistances) < 2:
        return
    first, last = resistances[0], resistances[-1]
    drift = compare_resistances(first, last)
    if any(one.uncertainty > _UNSURE * abs(one.value or 0.0) for one in (first, last)):
        why = "the resistances are uncertain by more than a tenth: no drift can be told"
        drift = missing(drift.key, "1", drift.method, why)
    yield f"{drift.key}_of_{of}", _named(drift, of.replace("_", ", series "))


def _peak(series: Series) -> tuple[Result, Result]:
    potential_V, difference_A = series.column("potential_V"), series.column("difference_A")
    good = np.isfinite(potential_V) & np.isfinite(difference_A)
    try:
        return difference_peak(potential_V[good], difference_A[good])
    except InputError as error:
        why = error.diagnostics[0].message
        method = "vertex of the difference current"
        return (
            missing("pulse_peak_potential", "V", method, why),
            missing("pulse_peak_current", "A", method, why),
        )


def _named(result: Result, of: str) -> Result:
    return replace(result, of=of, name="")
