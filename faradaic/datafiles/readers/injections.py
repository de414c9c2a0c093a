"""Injections of a chromatograph as a dataset: one row each, columns by quantity and compound."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import scale_of, warning
from faradaic.datafiles.readers.moments import settled
from faradaic.diagnostics import Diagnostic

_WITH_UNIT = {"retention_time": "s"}


@dataclass(slots=True)
class ChromatogramPeak:
    """One peak: what was measured, each number with its unit as written ("" where none is)."""

    component: str
    signal: str
    values: dict[str, tuple[float, str]]


@dataclass(slots=True)
class Injection:
    """One injection, as the file names it; what it does not tell is ""."""

    sample: str
    moment: str
    number: str
    peaks: list[ChromatogramPeak] = field(default_factory=list)


def injections_dataset(
    path: Path,
    injections: list[Injection],
    instrument: str,
    metadata: dict[str, str],
    not_detected: int,
) -> Dataset:
    """A row for each injection, in the order of their times where all of them have one."""
    import numpy as np

    warnings: list[Diagnostic] = []
    times, doubts = settled([injection.moment for injection in injections], path)
    warnings += doubts
    start: datetime | None = None
    columns: dict[str, Column] = {}
    if times:
        moments = times
        order = sorted(range(len(injections)), key=lambda i: moments[i])
        injections = [injections[i] for i in order]
        times = [moments[i] for i in order]
        start = times[0]
        seconds = np.array([(time - start).total_seconds() for time in times])
        columns["time_s"] = Column(seconds, "s", "injection time")
    else:
        warnings.append(warning("E756", f"{path} does not tell when every injection was made"))
    columns["injection"] = Column(np.arange(1.0, len(injections) + 1), "1", "order of injections")
    found: dict[tuple[str, str], tuple[list[float], str]] = {}
    for row, injection in enumerate(injections):
        for peak_name, peak in _named(injection.peaks):
            for quantity, (value, unit) in peak.values.items():
                key = (quantity, peak_name)
                values, first_unit = found.setdefault(key, ([np.nan] * len(injections), unit))
                if unit != first_unit:
                    what = f"{quantity} of {peak_name} is in {first_unit!r} and {unit!r}"
                    warnings.append(warning("E745", f"{path}: {what}; the second is left out"))
                    continue
                values[row] = value
    unknown: set[str] = set()
    for (quantity, peak_name), (values, unit) in found.items():
        scale = scale_of(unit) if unit else None
        if scale is None and quantity in ("retention_time", "concentration"):
            unknown.add(quantity)
        suffix = f"_{scale.unit}" if scale and scale.unit == _WITH_UNIT.get(quantity) else ""
        array = np.array(values)
        columns[f"{quantity}_{peak_name}{suffix}"] = Column(
            array * scale.factor + scale.offset if scale else array,
            scale.unit if scale else unit,
            f"{quantity} of {peak_name}" + (f" in {unit}" if unit else ""),
        )
    warnings += [
        warning("E745", f"{path} does not tell the unit of the {what.replace('_', ' ')}")
        for what in sorted(unknown)
    ]
    for (quantity, peak_name), (values, _) in found.items():
        below = sum(value < 0 for value in values)
        if quantity == "area" and below:
            what = f"{path}: the area of {peak_name} is negative in {below} injections"
            warnings.append(warning("E759", what, "look at the baseline; it is kept as it is"))
    if not_detected:
        warnings.append(
            warning(
                "E757",
                f"{path}: {not_detected} cells such as N.D. are no numbers and stay empty: not "
                "detected is not zero",
            )
        )
    samples = {
        f"sample of injection {n}": injection.sample
        for n, injection in enumerate(injections, 1)
        if injection.sample
    }
    return Dataset(
        columns,
        technique="chromatography",
        instrument=instrument,
        start=start,
        metadata=metadata | samples,
        warnings=tuple(warnings),
    )


def _named(peaks: list[ChromatogramPeak]) -> list[tuple[str, ChromatogramPeak]]:
    """Peaks with the name of their columns: the compound, and what tells it from another."""
    named: list[tuple[str, ChromatogramPeak]] = []
    taken: set[str] = set()
    for peak in peaks:
        name = peak.component
        if name in taken and peak.signal:
            name += f" ({peak.signal})"
        number = 2
        while name in taken:
            name, number = f"{peak.component} {number}", number + 1
        taken.add(name)
        named.append((name, peak))
    return named
