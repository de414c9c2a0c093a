"""The paragraph for a paper's supporting information: the procedure with the measured numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from faradaic.records.run import Run
from faradaic.studies.run.electrolysis_results import ElectrolysisResults, analyze_electrolysis
from faradaic.studies.run.planned_and_run import UNKNOWN, densities, duration, quantity, value
from faradaic.studies.run.recorded_yields import in_words

_ATMOSPHERES = {"air": "under air"}
_OUTCOMES = {
    "STOPPED": "was stopped by the operator",
    "ABORTED": "was aborted",
    "TRIPPED": "was ended by a limit",
    "FAILED": "failed",
    "LOST": "ended without a record of how",
    "RUNNING": "is still running",
    "UNKNOWN": "has an unknown end",
}


def si_paragraph(run: Run, results: ElectrolysisResults | None = None) -> str:
    """What was done and measured, in the words of a procedure.

    The conditions come from the plan, the numbers from the measurement. What neither tells is
    said to be unknown, never filled in. A simulated run says so first; one that did not complete
    says how it ended, and nothing of the work-up that was planned.
    """
    results = results or analyze_electrolysis(run)
    plan = run.plan or {}
    words = plan.get("procedure") or {}
    sentences = [
        {True: "[SIMULATED, not an experiment]", False: "", None: "[Origin not recorded]"}[
            run.simulated
        ],
        f"{run.title.rstrip('.')}.",
        _charged(words),
        _electrodes(words, plan),
        _electrolysed(run, words, results),
        _measured(run, results),
        _countered(run),
        _ended(run),
        *(_after(words) if run.outcome == "COMPLETED" else ()),
        _found(run, results),
    ]
    return " ".join(sentence for sentence in sentences if sentence).replace(" degC", " °C")


def _countered(run: Run) -> str:
    """What was done by itself about what was diagnosed: it changes the procedure."""
    begun: dict[str, int] = {}
    for event in run.contents.of_kind("countermeasure"):
        if event.fields.get("what") == "begins":
            text = str(event.fields.get("text"))
            begun[text] = begun.get(text, 0) + 1
    if not begun:
        return ""
    told = "; ".join(f"{text} (taken {count} times)" for text, count in begun.items())
    return f"As the cell voltage rose, this was done by itself: {told}."


def _charged(words: Mapping[str, Any]) -> str:
    cell = words.get("cell")
    parts = words.get("components") or ()
    if not cell and not parts:
        return "The cell, the electrodes and the solution are unknown: the plan is not at hand."
    into = f"{_upper(cell)}, charged with " if cell else "Cell not described, charged with "
    places = list(dict.fromkeys(part.get("compartment") for part in parts))
    if len(places) > 1:
        listed = "; ".join(
            f"{_listed(p['text'] for p in parts if p.get('compartment') == place)} ({place})"
            for place in places
        )
    else:
        listed = _listed(part["text"] for part in parts)
    return f"{into}{listed or 'a solution that is not described'}."


def _electrodes(words: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    described = words.get("electrodes") or {}
    areas = {e["name"]: e for e in plan.get("electrodes", ())}
    phrases = []
    for name, text in described.items():
        electrode = areas.get(name, {})
        basis = electrode.get("area_basis")
        area_m2 = electrode.get("areas_m2", {}).get(basis)
        area = f" ({basis} area {quantity(area_m2, 'cm^2', 3)})" if area_m2 else ""
        phrases.append(f"{_upper(name)}: {text}{area}.")
    if words.get("reference_electrode"):
        phrases.append(f"Reference electrode: {words['reference_electrode']}.")
    return " ".join(phrases)


def _electrolysed(run: Run, words: Mapping[str, Any], results: ElectrolysisResults) -> str:
    labels = [
        str(event.fields.get("label") or event.fields.get("kind"))
        for event in run.steps_with_current
    ]
    if not labels:
        return "No current was passed."
    how = ", then ".join(labels)
    conditions = [
        _ATMOSPHERES.get(str(words.get("atmosphere")), f"under {words['atmosphere']}")
        if words.get("atmosphere")
        else "",
        f"at {words['temperature']}" if words.get("temperature") else "",
        f"with stirring ({words['stirring']})" if words.get("stirring") else "",
    ]
    under = " ".join(condition for condition in conditions if condition)
    return f"Electrolysis {under + ': ' if under else 'was run at '}{how}{_source(run)}."


def _source(run: Run) -> str:
    identity = run.header.get("identity") or {}
    source = identity.get("source") or {}
    name = " ".join(str(source[k]) for k in ("manufacturer", "model") if source.get(k))
    if not name:
        return ""
    return f" ({'simulated ' if run.simulated else ''}{name})"


def _measured(run: Run, results: ElectrolysisResults) -> str:
    if results.charge_gross.value is None:
        return f"The charge is unknown ({results.charge_gross.reason})."
    charge = value(results.charge_gross)
    if results.charge_per_amount.value is not None:
        charge += f" ({value(results.charge_per_amount)}, {run.header.get('limiting')})"
    bounds = results.charge_gross.bounds
    least = "at least " if bounds and bounds[1] is None else ""
    text = f"In {duration(results.time_with_current.value)} with current, {least}{charge} passed"
    if (total := results.further.get("charge_total")) is not None:
        text += f", {value(total)}"
        per_mol = results.further["charge_total_per_amount"]
        if per_mol.value is not None:
            text += f" ({value(per_mol)})"
        text += f" together with {results.further['charge_earlier'].basis}"
    current = value(results.mean_current, "mA")
    if current != UNKNOWN:
        text += f", on average {current}{_density(run, results)}"
    if results.cell_voltage_mean.value is not None:
        text += (
            f"; the cell voltage was {value(results.cell_voltage_start)} at the start and "
            f"{value(results.cell_voltage_end)} at the end "
            f"(mean {value(results.mean_voltage)}, max {value(results.cell_voltage_max)})"
        )
    if results.energy.value is not None:
        text += f", the energy {value(results.energy)}"
    return text + "."


def _density(run: Run, results: ElectrolysisResults) -> str:
    """The density on each electrode on the basis that the protocol names for it."""
    plan = run.plan or {}
    named = {e["name"]: e.get("area_basis") for e in plan.get("electrodes", ())}
    phrases = [
        f"{quantity(density, 'mA/cm^2', 3)} on the {basis} area of the {electrode}"
        for electrode, basis, density in densities(plan, results.mean_current.value or 0.0)
        if named.get(electrode) == basis
    ]
    return f" ({_listed(phrases)})" if phrases else ""


def _ended(run: Run) -> str:
    how = _OUTCOMES.get(run.outcome)
    if how is None and run.stop.get("missing_charge"):
        how = "was completed short of its charge"
    return f"The run {how}: {run.stop_reason.rstrip('.')}." if how else ""


def _found(run: Run, results: ElectrolysisResults) -> str:
    """What was recorded of the products, each as it was found last, and what it is worth."""
    last = {p.get("id"): p for entry in run.found for p in entry.get("products", ())}
    if not last:
        return ""
    parts = [in_words(product) for product in last.values()]
    if results.product_yield.value is not None:
        parts.append(f"yield {value(results.product_yield)}")
    if results.faradaic_efficiency.value is not None:
        parts.append(f"Faradaic efficiency {value(results.faradaic_efficiency)}")
    return f"Found: {'; '.join(parts)}."


def _after(words: Mapping[str, Any]) -> Iterable[str]:
    for key, title in (
        ("workup", "Work-up"),
        ("purification", "Purification"),
        ("analysis", "Analysis"),
    ):
        steps = [_operation(step) for step in words.get(key) or ()]
        if steps:
            yield f"{title}: {'; '.join(steps)}."


def _operation(step: Mapping[str, Any]) -> str:
    """`{type: FLASH_CHROMATOGRAPHY, details: silica}` as "flash chromatography (silica)"."""
    kind = str(step.get("type", ""))
    words = [
        word
        if len(word) <= 4 and word not in ("WASH", "WAIT", "DRY", "IN", "WITH")
        else word.lower()
        for word in kind.split("_")
    ]
    if words[0] == "NMR" and len(words) == 2:
        words = words[::-1]
    name, details = " ".join(words), step.get("details")
    if kind == "CUSTOM" and details:
        return str(details)
    return f"{name} ({details})" if details else name


def _upper(text: object) -> str:
    return str(text)[:1].upper() + str(text)[1:]


def _listed(items: Iterable[str]) -> str:
    """ "a, b and c"."""
    *head, last = list(items) or [""]
    return f"{', '.join(head)} and {last}" if head else last
