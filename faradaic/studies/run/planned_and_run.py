"""As planned against as run: rows of text for the report, from the plan and the results.

The plan is read as the plain data that the run folder keeps (`plan.json`); what it does not say
is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED, RECALLED
from faradaic.chemistry.sacrificial_metals import times
from faradaic.quantities import format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL, MOLAR_VOLUME_25C_1ATM_M3
from faradaic.records.run import Run
from faradaic.results import Result
from faradaic.studies.run.electrolysis_results import ElectrolysisResults

UNKNOWN = "unknown"

Row = tuple[str, str, str]
"""What, as planned, as run."""


def comparison_rows(run: Run, results: ElectrolysisResults) -> list[Row]:
    """The totals of a run beside what was planned."""
    plan = run.plan or {}
    expected, forecast = plan.get("estimates") or {}, plan.get("forecast") or {}
    mark = f" ({GUESSED})" if _guesses(plan) else ""
    duration_s = run.stop.get("duration_s")
    rows = [
        (
            "duration",
            _known_or_span(expected, forecast, "duration_s", duration, mark),
            taken(duration_s, run.paused_s()),
        ),
        (
            "charge, gross",
            _known_or_span(expected, forecast, "charge_C", _in("C"), mark),
            value(results.charge_gross),
        ),
        (
            "charge per limiting component",
            _known_or_span(expected, forecast, "charge_F_per_mol", _in("F/mol"), mark),
            value(results.charge_per_amount),
        ),
        ("charge aimed at", quantity(expected.get("target_charge_C"), "C"), ""),
        (
            "mean current",
            quantity(_planned_current_A(plan), "mA"),
            value(results.mean_current, "mA"),
        ),
        *_density_rows(plan, results),
        ("cell voltage", _planned_voltage(expected, forecast, mark), _voltages(results)),
        ("electrical power", between(expected.get("heat_W"), "mW", " (heat)"), _power(results)),
    ]
    most = "at most " if expected and expected.get("charge_C") is None else ""
    rows += [
        (
            f"{species} evolved (25 °C, 1 atm)",
            UNKNOWN if planned_m3 is None else most + quantity(planned_m3, "mL"),
            quantity(run_m3, "mL") + mark_of(results.charge_gross),
        )
        for species, planned_m3, run_m3 in gases(run, results)
    ]
    rows += _metal_rows(run, expected, most)
    return [row for row in rows if set(row[1:]) - {UNKNOWN, ""}]


def gases(
    run: Run, results: ElectrolysisResults
) -> Iterator[tuple[str, float | None, float | None]]:
    """(species, planned m3, m3 calculated from the delivered charge), at 25 °C and 1 atm.

    Calculated by Faraday's law from what the protocol says each electron makes, up to the substrate
    that was converted where the gas comes from it; not measured.
    """
    plan = run.plan or {}
    planned = (plan.get("estimates") or {}).get("gas_m3") or {}
    charge_C = results.charge_gross.value
    amount_mol, converted = run.limiting_amount_mol, results.conversion.value
    for gas in (plan.get("reaction") or {}).get("gases", ()):
        per_mol = gas.get("substrate_F_per_mol")
        moles = None
        if charge_C is not None:
            electrons_mol = charge_C / FARADAY_C_PER_MOL
            if per_mol and amount_mol:
                used_mol = amount_mol * (1.0 if converted is None else min(1.0, converted))
                electrons_mol = min(electrons_mol, per_mol * used_mol)
            moles = electrons_mol * float(gas["per_electron"])
        yield (
            str(gas["species"]),
            planned.get(gas["species"]),
            None if moles is None else moles * MOLAR_VOLUME_25C_1ATM_M3,
        )


def step_rows(run: Run) -> list[tuple[str, str, str, str, str, str]]:
    """(step, label, planned duration, duration, charge, how it ended) of each step."""
    planned = {str(s.get("id")): s for s in (run.plan or {}).get("steps", ())}
    began, over = (
        {str(e.fields.get("step")): e for e in run.contents.of_kind(kind)}
        for kind in ("step_start", "step_stop")
    )
    started, stopped = ({step: e.fields for step, e in of.items()} for of in (began, over))
    mark = f" ({GUESSED})" if "current_A" in run.guessed_columns else ""
    rows = []
    for step in planned | started:
        plan, start, stop = (m.get(step, {}) for m in (planned, started, stopped))
        ended = str(stop.get("text") or ("it did not end" if start else "it was not reached"))
        rows.append(
            (
                step,
                str(start.get("label") or plan.get("label") or ""),
                duration(plan.get("expected_duration_s")),
                taken(stop.get("duration_s"), run.paused_s(began[step].time_s, over[step].time_s))
                if step in over and step in began
                else UNKNOWN,
                quantity(stop.get("charge_gross_C"), "C") + mark,
                ended,
            )
        )
    return rows


def densities(plan: Mapping[str, Any], current_A: float) -> Iterator[tuple[str, str, float]]:
    """(electrode, basis, |density| in A/m2) of a current on each electrode and area basis."""
    for electrode in plan.get("electrodes", ()):
        for basis, area_m2 in electrode.get("areas_m2", {}).items():
            if area_m2:
                yield str(electrode["name"]), str(basis), abs(current_A) / float(area_m2)


def mark_of(result: Result) -> str:
    """What stands behind a number that rests on a guess."""
    return f" ({GUESSED})" if GUESSED in result.flags else ""


def value(result: Result, unit: str | None = None) -> str:
    """A result in a unit, marked where it rests on a guess, or that it is unknown."""
    if result.value is None:
        return UNKNOWN
    mark = mark_of(result)
    if result.unit == "1":
        return f"{100 * result.value:.4g} %{mark}"
    if result.unit in ("kWh/mol", "kWh/kg"):
        return f"{result.value:.4g} {result.unit}{mark}"
    return quantity(result.value, unit or result.unit) + mark


def quantity(number: Any, unit: str, digits: int = 4) -> str:
    """A number in SI in a unit, or that it is unknown. F/mol are not SI and stay as they are."""
    if not isinstance(number, int | float):
        return UNKNOWN
    if unit == "F/mol":
        return f"{number:#.4g} F/mol"
    return format_quantity(number, unit, digits).replace("^2", "²")


def duration(seconds: Any) -> str:
    """A duration in words, or that it is unknown."""
    return format_duration(seconds) if isinstance(seconds, int | float) else UNKNOWN


def taken(seconds: Any, paused_s: float) -> str:
    """A duration in words, and how much of it was a pause."""
    pause = f", {format_duration(paused_s)} of it paused" if paused_s > 0 else ""
    return duration(seconds) + pause


def between(bounds: Any, unit: str, remark: str = "") -> str:
    """A range from (low, high)."""
    if not isinstance(bounds, Sequence) or isinstance(bounds, str) or len(bounds) != 2:
        return UNKNOWN
    low, high = (format_quantity(float(bound), unit) for bound in bounds)
    return f"{low.removesuffix(' ' + unit)} to {high}{remark}"


def _guesses(plan: Mapping[str, Any]) -> bool:
    """Whether the cell of a plan rests on a guess."""
    assumptions = (plan.get("cell") or {}).get("assumptions", ())
    return any(one.get("guess") for one in assumptions)


def _in(unit: str) -> Callable[[Any], str]:
    return lambda number: quantity(number, unit)


def _metal_rows(run: Run, expected: Mapping[str, Any], most: str) -> Iterator[Row]:
    """What the charge takes of a sacrificial anode, calculated, and whether it is enough."""
    metal, planned = run.metal_consumed, expected.get("metal") or {}
    if metal is None:
        return
    planned_kg, there_kg, taken_kg = planned.get("taken_kg"), metal["there_kg"], metal["taken_kg"]
    guessed = "current_A" in run.guessed_columns or GUESSED in metal["source"]
    mark = f" ({GUESSED})" if guessed else ""
    yield (
        f"{metal['metal']} consumed at the {metal['electrode']} (by charge)",
        UNKNOWN if planned_kg is None else most + quantity(planned_kg, "mg"),
        quantity(taken_kg, "mg") + mark,
    )
    mark = f" ({GUESSED})" if RECALLED in metal["basis"] else ""
    there = f"not known: state {metal['state']}"
    if there_kg is not None:
        there = f"{quantity(there_kg, 'mg')}, {metal['basis']}{mark}"

    def enough(kg: float | None) -> str:
        return f"{there}: {times(there_kg / kg)} times as much" if there_kg and kg else there

    yield f"{metal['metal']} there", enough(planned_kg), enough(taken_kg)


def _known_or_span(
    expected: Mapping[str, Any],
    forecast: Mapping[str, Any],
    key: str,
    words: Callable[[Any], str],
    mark: str,
) -> str:
    """The estimate where the charge is known, else the span of the simulated cell."""
    if expected.get("charge_C") is not None or not expected:
        return words(expected.get(key))
    low, _, high = forecast.get(key) or (None, None, None)
    if low is None:
        return f"at most {words(expected[key])}" if expected.get(key) is not None else UNKNOWN
    same = words(low) == words(high)
    spread = words(low) if same else f"{words(low)} to {words(high)}{mark}"
    return f"{spread} (simulated cell)"


def _planned_voltage(expected: Mapping[str, Any], forecast: Mapping[str, Any], mark: str) -> str:
    estimate = between(expected.get("cell_voltage_V"), "V")
    if estimate != UNKNOWN:
        return estimate + mark
    return _known_or_span({"charge_C": None}, forecast, "cell_voltage_V", _in("V"), mark)


def _planned_current_A(plan: Mapping[str, Any]) -> float | None:
    """The mean over the time with current, as the measured one; None where it is not held."""
    passing = [step for step in plan.get("steps", ()) if step.get("passes_current", True)]
    held = [(step.get("current_A"), step.get("expected_duration_s")) for step in passing]
    known = [(current, time_s) for current, time_s in held if current is not None and time_s]
    whole_s = sum(time_s for _, time_s in known)
    if not known or len(known) < len(held):
        return None
    return float(sum(current * time_s for current, time_s in known) / whole_s)


def _density_rows(plan: Mapping[str, Any], results: ElectrolysisResults) -> Iterator[Row]:
    """Mean densities: planned and measured ones of the same kind of current, area by area."""
    current_A, planned_A = results.mean_current.value, _planned_current_A(plan)
    if current_A is None:
        return
    planned = densities(plan, planned_A or 0.0)
    for (_, _, expected), (electrode, basis, density) in zip(
        planned, densities(plan, current_A), strict=True
    ):
        yield (
            f"mean current density, {electrode}, {basis} area",
            UNKNOWN if planned_A is None else quantity(expected, "mA/cm^2", 3),
            quantity(density, "mA/cm^2", 3) + mark_of(results.mean_current),
        )


def _voltages(results: ElectrolysisResults) -> str:
    if results.cell_voltage_mean.value is None:
        return UNKNOWN
    start, end = value(results.cell_voltage_start), value(results.cell_voltage_end)
    mean, largest = value(results.mean_voltage), value(results.cell_voltage_max)
    return f"{start} → {end}, mean {mean}, max {largest}"


def _power(results: ElectrolysisResults) -> str:
    energy_J, time_s = results.energy.value, results.time_with_current.value
    if energy_J is None or not time_s:
        return UNKNOWN
    return quantity(energy_J / time_s, "mW") + mark_of(results.energy)
