"""Sweeps at several rotation rates: Levich and Koutecký-Levich.

At each of several potentials the current without mass transport and the slope; from the slope the
electrons or the diffusion coefficient, whichever is not given.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from faradaic.analysis.voltammetry.capacitance import current_at
from faradaic.analysis.voltammetry.curves import sweeps as directions
from faradaic.analysis.voltammetry.rotating_electrodes import (
    KouteckyLevichFit,
    diffusion_from_levich,
    electrons_from_levich,
    koutecky_levich,
)
from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.models import NotEmpty, PositiveNumber, scalar_as
from faradaic.quantities.fields import (
    Concentration,
    DiffusionCoefficient,
    Positive,
    RotationRate,
    Voltage,
)
from faradaic.reporting.panels import Curve, Panel, sample_colour
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import Rows, Shown, SweepRows, per_area, shown_current
from faradaic.studies.schema import MeasuredSweep, MeasurementConditions, Study
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import Scaled, scaled

TOPIC = "rotation"
ALL = "all rotation rates"
CHOSEN = 5
"""Potentials that are taken where none are named."""
_RISES, _PLATEAU = 0.15, 0.95
"""Between which shares of the largest current of the slowest rotation they are spread."""
_RPM = re.compile(r"(\d+(?:[.,]\d+)?)[\s_-]*(?:rpm|r[/ ]min|min-1|u[/ ]min)", re.IGNORECASE)


class RotatedSweep(MeasuredSweep):
    """A sweep at one rotation rate."""

    rotation_per_s: Annotated[RotationRate, Positive] | None = None
    """By default what stands in the file's name or header."""


class RotationStudy(Study):
    """Sweeps of one electrode at several rotation rates."""

    kind: Literal["rotation"]
    sweeps: Annotated[tuple[Annotated[RotatedSweep, scalar_as("file")], ...], NotEmpty()]
    at_V: tuple[Voltage, ...] = ()
    """Potentials of the analysis, on the scale of the results; by default five on the wave."""
    electrons: PositiveNumber | None = None
    """Per molecule; without it they follow from the diffusion coefficient."""
    diffusion_coefficient_m2_per_s: Annotated[DiffusionCoefficient, Positive] | None = None
    kinematic_viscosity_m2_per_s: (
        Annotated[DiffusionCoefficient, Positive, Field(examples=["0.01 cm^2/s"])] | None
    ) = None
    concentration_mol_per_m3: Annotated[Concentration, Positive] | None = None
    """Of what diffuses to the electrode, in the bulk."""


@dataclass(frozen=True, slots=True, eq=False)
class KouteckyLevichRows(Rows):
    """The currents at one potential over the rotation."""

    topic = "koutecky-levich"
    rotation_rpm: Annotated[Floats, Shown("rotation (rpm)")]
    root_s: Annotated[Floats, Shown("1/√ω (s^1/2)")]
    current_A: Annotated[Floats, Shown("I", "mA")]
    inverse_per_A: Annotated[Floats, Shown("1/|I| (1/A)")]
    line_per_A: Annotated[Floats, Shown("1/|I| of the line (1/A)")]


class _One(NamedTuple):
    """One sweep of one direction."""

    name: str
    whole: Scaled
    potential_V: Floats
    current_A: Floats
    rotation_per_s: float


def analyze_rotation(study: RotationStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Koutecký-Levich at each potential, and what the slope of the steepest transport says."""
    files = Files(loaded, outcome)
    found: list[_One] = []
    unknown: list[str] = []
    conditions = MeasurementConditions()
    for number, entry in enumerate(study.sweeps):
        with placed(loaded.document, "sweeps", number):
            table = files.open(entry, TOPIC)
            conditions = table.conditions
            rate = entry.rotation_per_s or rotation_told(entry.file, table.data)
            if rate is None:
                unknown.append(entry.file)
                continue
            whole = scaled(table)
            piece = _widest(whole, table.name)
        E_V, I_A = whole.potential_V[piece], whole.current_A[piece]
        found.append(_One(PurePath(entry.file).name, whole, E_V, I_A, rate))
    if unknown:
        raise InputError(_no_rate(loaded, unknown))
    found.sort(key=lambda one: one.rotation_per_s)
    if len({round(one.rotation_per_s, 6) for one in found}) < 3:
        raise InputError.of(
            f"{len(found)} sweeps at {len({one.rotation_per_s for one in found})} rotation rates:"
            " a Koutecký-Levich line needs three",
            help="give sweeps of one electrode at three rotation rates or more",
            code="E786",
        )
    for one in found:
        label = f"{60.0 * one.rotation_per_s:.4g} rpm"
        j = per_area(one.current_A, conditions.area_m2)
        outcome.tabulate(label, SweepRows(one.whole.axis, one.potential_V, j, one.current_A))
    outcome.conditions[ALL] = dict(in_words(conditions))
    potentials = study.at_V or _chosen(found)
    if not potentials:
        raise InputError.of(
            "the sweeps have no stretch of potentials in common",
            help="give sweeps over one window, or `at: [0.4 V]` within all of them",
            code="E786",
        )
    if not study.at_V:
        outcome.remarks.append(
            "the potentials were spread over the wave of the slowest rotation; `at: [0.45 V,"
            " 0.5 V]` names others"
        )
    fits: list[tuple[float, KouteckyLevichFit]] = []
    for at_V in potentials:
        fit = _at(at_V, found, outcome)
        if fit is not None:
            fits.append((at_V, fit))
            _kinetic(at_V, fit, conditions, outcome)
    if fits:
        _transport(study, conditions, fits, outcome)


def rotation_told(name: str, data: Dataset) -> float | None:
    """Revolutions per second that the name of a file (`lsv_1600rpm.csv`) or its header tells.

    None where neither tells one, or they tell several.
    """
    told = set(_RPM.findall(PurePath(name).name))
    if not told:
        for key, value in data.metadata.items():
            words = f"{key} {value}"
            told |= set(_RPM.findall(words))
            if re.search(r"rotation|rpm", key, re.IGNORECASE):
                number = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", str(value))
                told |= {number.group(1)} if number else set()
    rates = {float(text.replace(",", ".")) / 60.0 for text in told}
    return rates.pop() if len(rates) == 1 and min(rates, default=0.0) > 0.0 else None


def _no_rate(loaded: StudyFile, names: list[str]) -> Diagnostic:
    listed = ", ".join(PurePath(name).name for name in names)
    return Diagnostic(
        "E782",
        f"`rotation` is missing: neither name nor header of {listed} tells one rotation rate",
        help="write it under `sweeps:` as `- {file: "
        f"{PurePath(names[0]).name}, rotation: 1600 rpm}}`, or into the name: lsv_1600rpm.csv",
        location=loaded.document.locate(["sweeps"], key=True),
    )


def _widest(whole: Scaled, name: str) -> slice:
    pieces = list(directions(whole.potential_V))
    if not pieces:
        raise InputError.of(
            f"the potential in {name} does not change: this is no sweep",
            help="give a file with a sweep; `faradaic read FILE` says what it is",
            code="E786",
        )
    return max(pieces, key=lambda piece: float(np.ptp(whole.potential_V[piece])))


def _chosen(found: list[_One]) -> tuple[float, ...]:
    """Potentials spread over the wave of the slowest rotation."""
    low = max(float(one.potential_V.min()) for one in found)
    high = min(float(one.potential_V.max()) for one in found)
    slowest = found[0]
    inside = (slowest.potential_V >= low) & (slowest.potential_V <= high)
    if low >= high or not inside.any():
        return ()
    E_V, I_A = slowest.potential_V[inside], slowest.current_A[inside]
    top = int(np.argmax(np.abs(I_A)))
    share = I_A / I_A[top]
    on_wave = E_V[(share >= _RISES) & (share <= _PLATEAU)]
    if on_wave.size < CHOSEN:
        on_wave = E_V[share >= _RISES]
    return tuple(round(float(E), 4) for E in np.linspace(on_wave.min(), on_wave.max(), CHOSEN))


def _at(at_V: float, found: list[_One], outcome: StudyOutcome) -> KouteckyLevichFit | None:
    currents = [current_at(one.potential_V, one.current_A, at_V).value for one in found]
    at = f"{at_V:.3f} V, {found[0].whole.axis.header()}"
    pairs = [
        (2.0 * math.pi * one.rotation_per_s, current)
        for one, current in zip(found, currents, strict=True)
        if current is not None
    ]
    if len(pairs) < 3:
        reason = f"{len(pairs)} of {len(found)} sweeps reach {at_V:g} V; three are needed"
        none = Result("kinetic_current", None, "A", "Koutecký-Levich", reason=reason)
        outcome.add(ALL, TOPIC, none, at)
        return None
    omega, I_A = (np.array(column) for column in zip(*pairs, strict=True))
    fit = koutecky_levich(omega, I_A)
    if not isinstance(fit, KouteckyLevichFit):
        outcome.add(ALL, TOPIC, fit, at)
        return None
    kinetic, slope = fit.kinetic_current.value, fit.levich_slope.value
    assert kinetic is not None
    assert slope is not None
    inverse = 1.0 / np.abs(I_A)
    line = 1.0 / abs(kinetic) + 1.0 / (slope * np.sqrt(omega))
    rpm = omega * 60.0 / (2.0 * math.pi)
    rows = KouteckyLevichRows(rpm, 1.0 / np.sqrt(omega), I_A, inverse, line)
    outcome.tabulate(f"{at_V:.3f} V", rows)
    return fit


def _kinetic(
    at_V: float, fit: KouteckyLevichFit, conditions: MeasurementConditions, outcome: StudyOutcome
) -> None:
    at = f"{at_V:.3f} V"
    said = f"R² = {fit.r_squared:.5f}"
    for result in (fit.kinetic_current, fit.levich_slope):
        outcome.add(ALL, TOPIC, replace(result, basis=f"{result.basis}; {said}"), at)
    if conditions.area_m2 is not None:
        relative = conditions.area_uncertainty or 0.0
        density = fit.kinetic_current.scaled(
            1.0 / conditions.area_m2, key="kinetic_current_density", unit="A/m²"
        )
        outcome.add(
            ALL, TOPIC, replace(density, systematic=abs(density.value or 0.0) * relative), at
        )


def _transport(
    study: RotationStudy,
    conditions: MeasurementConditions,
    fits: list[tuple[float, KouteckyLevichFit]],
    outcome: StudyOutcome,
) -> None:
    """n or D from the slope; its spread over the potentials is the systematic uncertainty."""
    n, D = study.electrons, study.diffusion_coefficient_m2_per_s
    key, unit = ("electrons", "1") if n is None else ("diffusion_coefficient", "m2/s")
    needed = {
        "`kinematic_viscosity: 0.01 cm^2/s`": study.kinematic_viscosity_m2_per_s,
        "`concentration: 1.2 mmol/L`": study.concentration_mol_per_m3,
        "`area: 0.196 cm^2` under `conditions:`": conditions.area_m2,
        "`electrons: 4` or `diffusion_coefficient: 1.9e-5 cm^2/s`": n or D,
    }
    lacking = [name for name, value in needed.items() if value is None]
    area_m2, c = conditions.area_m2, study.concentration_mol_per_m3
    viscosity = study.kinematic_viscosity_m2_per_s
    if lacking or area_m2 is None or c is None or viscosity is None:
        reason = f"the study file lacks {', '.join(lacking)}"
        outcome.add(ALL, TOPIC, Result(key, None, unit, "Levich slope", reason=reason))
        return
    if n is not None and D is not None:
        outcome.remarks.append(
            "`electrons` and `diffusion_coefficient` are both given: the coefficient is found anew"
        )
    found = []
    for _, fit in fits:
        if n is not None:
            one = diffusion_from_levich(
                fit.levich_slope, electrons=n, area_m2=area_m2,
                kinematic_viscosity_m2_per_s=viscosity, concentration_mol_per_m3=c,
            )  # fmt: skip
        else:
            assert D is not None
            one = electrons_from_levich(
                fit.levich_slope, diffusion_m2_per_s=D, area_m2=area_m2,
                kinematic_viscosity_m2_per_s=viscosity, concentration_mol_per_m3=c,
            )  # fmt: skip
        found.append(one)
    for (at_V, _), one in zip(fits, found, strict=True):
        outcome.add(ALL, TOPIC, one, f"{at_V:.3f} V")
    values = np.array([one.value for one in found], dtype=np.float64)
    if values.size > 1:
        mean, spread = float(values.mean()), float(values.std(ddof=1))
        relative = (1.5 if n is not None else 1.0) * (conditions.area_uncertainty or 0.0)
        flags = (
            ("it differs by over a tenth between the potentials: the order is not one, or the"
             " number of electrons changes",)
            if spread > 0.1 * mean
            else ()
        )  # fmt: skip
        outcome.add(
            ALL,
            TOPIC,
            replace(
                found[0],
                value=mean,
                random=spread,
                systematic=mean * relative,
                method=f"{found[0].method}, mean and scatter over {values.size} potentials",
                flags=flags,
            ),
            "mean",
        )


def rotation_panels(outcome: StudyOutcome) -> list[Panel]:
    """The sweeps over each other, and 1/I on ω^-1/2 with the lines."""
    curves, label, axis = [], "", ""
    for number, table in enumerate(outcome.of(SweepRows)):
        y, label = shown_current(table.rows)
        axis = table.rows.axis.label()
        x = table.rows.potential_V
        curves.append(Curve(table.sample, number, x, y, None, sample_colour(number), "line"))
    panels = [Panel("sweeps", "sweeps", axis, label, curves)]
    lines = []
    for number, one in enumerate(outcome.of(KouteckyLevichRows)):
        rows, colour = one.rows, sample_colour(number)
        x = np.append(0.0, rows.root_s)
        slope = (rows.line_per_A[0] - rows.line_per_A[-1]) / (rows.root_s[0] - rows.root_s[-1])
        intercept = rows.line_per_A[0] - slope * rows.root_s[0]
        lines.append(
            Curve(one.sample, number, rows.root_s, rows.inverse_per_A, None, colour, "markers")
        )
        y = intercept + slope * x
        order = np.argsort(x)
        lines.append(Curve("", number, x[order], y[order], None, colour, "line"))
    if lines:
        panels.append(
            Panel("koutecky_levich", "Koutecký-Levich", "1/√ω / s^½", "1/|I| / A⁻¹", lines)
        )
    return panels


ROTATION = StudyKind(
    RotationStudy,
    analyze_rotation,
    lambda outcome: {"rotation": rotation_panels(outcome)},
    TEMPLATES / "rotation.yaml",
)
