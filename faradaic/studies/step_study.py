"""Steps of the potential or of the current: charge, where they come to rest, what diffusion says.

Each stretch under one set-point is a level of its own. A held potential gives the current's
charge, steady value, decay and Cottrell's law where it holds; a held current the potential's steady
value and Sand's transition time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from faradaic.analysis.integration import cumulative, find_intervals
from faradaic.analysis.stability.decay import FEWEST as DECAY_FEWEST
from faradaic.analysis.stability.decay import fit_decays
from faradaic.analysis.stability.trend import Trend
from faradaic.analysis.steps.cottrell import Cottrell, cottrell, diffusion_from_product
from faradaic.analysis.steps.levels import Held, Level, jump_of, levels, what_was_held
from faradaic.analysis.steps.sand import sand_product, transition_time
from faradaic.analysis.steps.settling import steady_value
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import HOUR_S
from faradaic.quantities.fields import Concentration, Positive
from faradaic.reporting.figures import BLUE, GREEN, VERMILLION
from faradaic.reporting.panels import Curve, Mark, Panel, sample_colour
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import CHARGE, CURRENT, PotentialAxis, Rows, Shown, Time, time_shown
from faradaic.studies.schema import File, Study
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import Scaled, scaled
from faradaic.timeseries import TimeSeries

TOPIC = "steps"
MOST_LEVELS = 50
"""A file with more is analysed no further; it says so."""
NEGLIGIBLE_V = 2e-3
"""A potential that moves less over the last fifth of a level counts as steady, ..."""
NEGLIGIBLE_CURRENT = 0.02
"""... and so does a current that moves by less than this of itself."""
_COUNTED = 0.01
"""A charge that the instrument counted may differ by this much of the integral."""
_DRAWN = 4000
"""Points of a trace in the figure."""


class StepStudy(Study):
    """A file with one or more levels of the potential or of the current."""

    kind: Literal["steps"]
    steps: File
    held: Literal["potential", "current"] | None = None
    """Where the numbers do not tell."""
    electrons: Annotated[int, Field(strict=True, ge=1)] = 1
    """Per molecule that diffuses."""
    concentration_mol_per_m3: Annotated[Concentration, Positive] | None = None
    """Of what diffuses to the electrode; with the area, it gives a diffusion coefficient."""


@dataclass(frozen=True, slots=True, eq=False)
class StepRows(Rows):
    """One level over the time after its step."""

    topic = "step"
    axis: PotentialAxis
    held: Held
    time_s: Time
    potential_V: Annotated[Floats, Shown("E", "V")]
    current_A: Annotated[Floats, CURRENT]
    charge_C: Annotated[Floats, CHARGE]


@dataclass(frozen=True, slots=True, eq=False)
class CottrellRows(Rows):
    """Means over twelfths of a decade, and where the law holds."""

    topic = "cottrell"
    time_s: Annotated[Floats, Shown("t", "s")]
    current_A: Annotated[Floats, CURRENT]
    law_A: Annotated[Floats, Shown("I of the law", "mA")]
    """NaN where it does not hold."""


@dataclass(frozen=True, slots=True, eq=False)
class TransitionRows(Rows):
    """Where the transition is."""

    topic = "transition"
    time_s: Annotated[Floats, Shown("t", "s")]
    potential_V: Annotated[Floats, Shown("E", "V")]


def analyze_steps(study: StepStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Charge, steady value, Cottrell or Sand, and decay of every level."""
    table = Files(loaded, outcome).open(study.steps, TOPIC)
    whole = scaled(table)
    time_s = table.take("time", "s")[whole.kept]
    order = np.argsort(time_s, kind="stable")
    time_s, E_V, I_A = time_s[order], whole.potential_V[order], whole.current_A[order]
    own_C = np.full(time_s.size, np.nan)
    if table.has("charge"):
        own_C = table.take("charge", "C")[whole.kept][order]
    if time_s.size < 2:
        raise InputError.of(
            f"{table.name} holds {time_s.size} rows with time, potential and current",
            help="give a file of a step; `faradaic read FILE` says what it is",
            code="E786",
        )
    held = study.held or what_was_held(time_s, E_V, I_A)
    if held is None:
        raise InputError.of(
            f"neither the potential nor the current of {table.name} is clearly held at levels",
            help="write `held: potential` or `held: current` into a study file (`faradaic analyze"
            " FOLDER --template steps` writes one)",
            code="E786",
        )
    signal = E_V if held == "potential" else I_A
    found = levels(time_s, signal, jump_of(held, signal))
    if not found:
        raise InputError.of(
            f"the {held} of {table.name} stays nowhere at one level",
            help="give a file of a step; `faradaic read FILE` says what it is",
            code="E786",
        )
    if len(found) > MOST_LEVELS:
        outcome.remarks.append(
            f"{table.name} holds {len(found)} levels: the first {MOST_LEVELS} are analysed"
        )
        found = found[:MOST_LEVELS]
    outcome.remarks.append(
        "read as steps; for yield, energy and efficiency of an electrolysis give `--limiting`,"
        " `--product`, or a study of `kind: preparative`"
    )
    for number, level in enumerate(found, 1):
        name = f"step {number}" if len(found) > 1 else TOPIC
        outcome.conditions[name] = dict(in_words(table.conditions)) | {"held": held}
        for result in (whole.shift, *whole.drop):
            outcome.add(name, TOPIC, result)
        _level(name, study, table, whole, level, held, (time_s, E_V, I_A, own_C), outcome)


def _level(
    name: str,
    study: StepStudy,
    table: DataTable,
    whole: Scaled,
    level: Level,
    held: Held,
    arrays: tuple[Floats, Floats, Floats, Floats],
    outcome: StudyOutcome,
) -> None:
    time_s, E_V, I_A, own_C = (values[level.samples] for values in arrays)
    after_s = time_s - level.start_s
    at_E = f"{E_V.mean():.3f} V vs {whole.axis.reference}"
    at = at_E if held == "potential" else f"{1e3 * I_A.mean():.4g} mA"
    charge_C = cumulative(I_A, find_intervals(TimeSeries(time_s, I_A)))
    first_C = float(I_A[0] * after_s[0]) if 0.0 < after_s[0] < np.inf else 0.0
    accuracy = table.conditions.current_uncertainty
    total_C = float(charge_C[-1])
    outcome.add(
        name,
        TOPIC,
        Result(
            "charge_net",
            total_C,
            "C",
            "trapezoidal rule, anodic less cathodic",
            f"{after_s[0]:.4g} to {after_s[-1]:.4g} s after the step; before, at the first"
            f" current, {first_C:.3g} C more" if first_C else "",
            systematic=abs(total_C) * accuracy if accuracy else None,
            flags=_against_instrument(own_C, total_C),
        ),
        at,
    )  # fmt: skip
    outcome.tabulate(name, StepRows(whole.axis, held, after_s, E_V, I_A, charge_C))
    if held == "potential":
        _of_current(name, study, table, level, (after_s, I_A), at, outcome)
    else:
        _of_potential(name, study, table, (after_s, E_V, I_A), at, outcome)


def _against_instrument(own_C: Floats, total_C: float) -> tuple[str, ...]:
    """A flag where the charge that the instrument counted is another one."""
    counted_C = abs(float(own_C[-1] - own_C[0]))
    if not np.isfinite(counted_C) or abs(counted_C - abs(total_C)) <= _COUNTED * abs(total_C):
        return ()
    return (
        f"the instrument counted {counted_C:.4g} C in the same time: the current was sampled too"
        " seldom for its beginning",
    )


def _of_current(
    name: str,
    study: StepStudy,
    table: DataTable,
    level: Level,
    signal: tuple[Floats, Floats],
    at: str,
    outcome: StudyOutcome,
) -> None:
    after_s, I_A = signal
    trend = Trend("current", "A", after_s, I_A)
    size_A = abs(float(np.median(I_A[-max(1, I_A.size // 5) :])))
    steady = steady_value(trend, key="steady_current", negligible=NEGLIGIBLE_CURRENT * size_A)
    outcome.add(name, TOPIC, steady.value, at)
    outcome.add(name, TOPIC, steady.spread, at)
    if table.conditions.area_m2 is not None:
        outcome.add(
            name,
            TOPIC,
            steady.value.scaled(
                1.0 / table.conditions.area_m2, key="steady_current_density", unit="A/m²"
            ),
            at,
        )
    law = cottrell(after_s, I_A, start_uncertainty_s=level.start_uncertainty_s)
    if isinstance(law, Cottrell):
        outcome.add(name, TOPIC, law.slope, at)
        _diffusion(name, study, table, law.product, at, outcome)
        inside = (after_s >= law.from_s) & (after_s <= law.to_s)
        law_A = np.where(
            inside, (law.slope.value or 0.0) / np.sqrt(np.maximum(after_s, 1e-30)), np.nan
        )
        positive = after_s > 0.0
        outcome.tabulate(name, CottrellRows(after_s[positive], I_A[positive], law_A[positive]))
    else:
        outcome.add(name, TOPIC, law, at)
    if not isinstance(law, Cottrell):  # t^-1/2 has no half-life
        outcome.add(name, TOPIC, _half_life(trend), at)


def _half_life(trend: Trend) -> Result:
    """Of an exponential decay, where that is the law that the data support."""
    key, method = "half_life", "exponential decay to a constant, ln 2 / k"
    if trend.values.size < DECAY_FEWEST:
        reason = f"{trend.values.size} points are too few to choose a decay law"
        return Result(key, None, "s", method, of="current", reason=reason)
    fits = fit_decays(trend)
    if not fits or fits[0].law.name != "exponential":
        best = f"the {fits[0].law.name} law fits better" if fits else "no law fits"
        return Result(key, None, "s", method, of="current", reason=f"not exponential: {best}")
    fit = fits[0]
    start, end, k_per_h = fit.parameters
    value_s = math.log(2.0) / k_per_h * HOUR_S
    error = float(fit.standard_errors[2]) / k_per_h
    flags = []
    measured_s = fit.end_s - fit.start_s
    if value_s > measured_s:
        flags.append(f"longer than the {measured_s:.3g} s that were measured")
    residual = float(np.std(trend.values - fit.at(trend.time_s)))
    if residual > 0.05 * abs(start - end):
        flags.append(f"the law is {residual / abs(start - end):.0%} of the decay off on average")
    return Result(
        key,
        value_s,
        "s",
        method,
        f"from {1e3 * start:.4g} to {1e3 * end:.4g} mA",
        random=value_s * error,
        flags=tuple(flags),
        of="current",
    )


def _of_potential(
    name: str,
    study: StepStudy,
    table: DataTable,
    arrays: tuple[Floats, Floats, Floats],
    at: str,
    outcome: StudyOutcome,
) -> None:
    after_s, E_V, I_A = arrays
    trend = Trend("potential", "V", after_s, E_V, keeps_zero=False)
    steady = steady_value(trend, key="steady_potential", negligible=NEGLIGIBLE_V)
    outcome.add(name, TOPIC, steady.value, at)
    outcome.add(name, TOPIC, steady.spread, at)
    outcome.add(name, TOPIC, steady.drift, at)
    tau = transition_time(after_s, E_V)
    outcome.add(name, TOPIC, tau, at)
    if tau.value is None:
        return
    index = int(np.argmin(np.abs(after_s - tau.value)))
    outcome.tabulate(name, TransitionRows(np.array([tau.value]), E_V[index : index + 1]))
    before = I_A[after_s <= tau.value]
    product = sand_product(float(before.mean()), tau)
    _diffusion(name, study, table, product, at, outcome)


def _diffusion(
    name: str,
    study: StepStudy,
    table: DataTable,
    product: Result,
    at: str,
    outcome: StudyOutcome,
) -> None:
    """nAc√D, and D where concentration and area are known."""
    outcome.add(name, TOPIC, product, at)
    c, area_m2 = study.concentration_mol_per_m3, table.conditions.area_m2
    lacking = [
        text
        for text, value in (("`concentration: 1 mmol/L`", c),
                            ("`area: 0.071 cm^2` under `conditions:`", area_m2))
        if value is None
    ]  # fmt: skip
    if c is None or area_m2 is None:
        outcome.remarks.append(
            f"{name}: for a diffusion coefficient the study file lacks {' and '.join(lacking)};"
            " `electrons:` is 1 unless given"
        )
        return
    found = diffusion_from_product(
        product,
        electrons=study.electrons,
        area_m2=area_m2,
        concentration_mol_per_m3=c,
        relative_area_uncertainty=table.conditions.area_uncertainty or 0.0,
    )
    outcome.add(name, TOPIC, found, at)


def step_panels(outcome: StudyOutcome) -> list[Panel]:
    """Current, potential and charge of all levels; Cottrell's law, with a line where it holds."""
    tables = outcome.of(StepRows)
    if not tables:
        return []
    several = len(tables) > 1
    longest = max((table.rows.time_s for table in tables), key=lambda t: float(t[-1]))
    time = time_shown(longest)
    drawn: dict[str, list[Curve]] = {"current": [], "potential": [], "charge": []}
    for number, table in enumerate(tables):
        rows = table.rows
        few = slice(None, None, max(1, rows.time_s.size // _DRAWN))
        x = time.values(rows.time_s[few])
        colours: dict[str, str] = {"current": BLUE, "potential": VERMILLION, "charge": GREEN}
        values = {
            "current": CURRENT.values(rows.current_A[few]),
            "potential": rows.potential_V[few],
            "charge": rows.charge_C[few],
        }
        for name, y in values.items():
            colour = sample_colour(number) if several else colours[name]
            drawn[name].append(Curve(table.sample, number, x, y, None, colour, "line"))
    axis = PotentialAxis(tables[0].rows.axis.reference).label()
    marks = [
        Mark(0, float(time.values(one.rows.time_s)[0]), float(one.rows.potential_V[0]),
             f"τ = {one.rows.time_s[0]:.3g} s")
        for one in outcome.of(TransitionRows)
    ]  # fmt: skip
    panels = [
        Panel("current", "current", time.label(), CURRENT.label(), drawn["current"]),
        Panel("potential", "potential", time.label(), axis, drawn["potential"], marks=marks),
        Panel("charge", "charge", time.label(), CHARGE.label(), drawn["charge"]),
    ]
    if all(table.rows.held == "potential" for table in tables) and not several:
        del panels[1]  # nothing but the noise about one set-point
    laws = outcome.of(CottrellRows)
    if laws:
        curves: list[Any] = []
        for number, law in enumerate(laws):
            few = slice(None, None, max(1, law.rows.time_s.size // _DRAWN))
            x, measured, line = (
                law.rows.time_s[few], law.rows.current_A[few], law.rows.law_A[few],
            )  # fmt: skip
            colour = sample_colour(number) if several else BLUE
            y = np.abs(CURRENT.values(measured))
            label = law.sample if several else "measured"
            curves.append(Curve(label, number, x, y, None, colour, "line"))
            holds = np.isfinite(line)
            y = np.abs(CURRENT.values(line[holds]))
            curves.append(
                Curve(
                    "" if number else "I√t constant",
                    number,
                    x[holds],
                    y,
                    None,
                    VERMILLION,
                    "dashed",
                )
            )
        label = CURRENT.label("|I|")
        panels.append(Panel("cottrell", "Cottrell", "t / s", label, curves, log_x=True, log_y=True))
    return panels


def _analyze(study: StepStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    with placed(loaded.document, "steps"):
        analyze_steps(study, loaded, outcome)


STEPS = StudyKind(
    StepStudy, _analyze, lambda outcome: {"steps": step_panels(outcome)}, TEMPLATES / "steps.yaml"
)
