"""A preparative electrolysis and what was found in it: charge, yield, efficiencies, energy."""

from __future__ import annotations

import numpy as np

from faradaic.analysis.integration import find_intervals
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers.mapping import parse_option
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import InputError
from faradaic.quantities import convert, format_quantity
from faradaic.reporting.figures import BLUE, GREEN, PURPLE
from faradaic.reporting.panels import Curve, Panel
from faradaic.studies.conditions import nearest
from faradaic.studies.inputs import Files
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import CELL_VOLTAGE, CHARGE, CURRENT, TraceRows, time_shown
from faradaic.studies.run.electrolysis import Electrolysis, load_electrolysis
from faradaic.studies.run.electrolysis_figure import booked_or_integrated_charge, thin
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from faradaic.studies.run.run_reader import read as read_run
from faradaic.studies.schema import PreparativeStudy, WorkUp
from faradaic.studies.study_kinds import TEMPLATES, StudyKind


def analyze_preparative(study: PreparativeStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """The numbers of the run with what the work-up found, and the curves of the figure."""
    files = Files(loaded, outcome)
    one = _electrolysis(study, files)
    data = read_run(one.path) if one.run else one.source
    assert isinstance(data, Dataset)
    files.note(one.path, "preparative run", data, simulated=bool(one.simulated))
    found = study.outcome
    results = analyze_electrolysis(
        one,
        product_amount_mol=_amount_mol(found),
        product_uncertainty_mol=found.product_uncertainty_mol,
        electrons=found.electrons,
        substrate_left_mol=found.substrate_left_mol,
        molar_mass_kg_per_mol=found.molar_mass_kg_per_mol,
        limiting_mol=study.limiting_mol,
    )
    ended = {"ended": one.run.outcome} if one.run else {}
    if one.guessed:
        ended[GUESSED] = ", ".join(sorted(one.guessed))
    outcome.conditions["run"] = _in_words(found) | {"run": one.name, "of": one.title} | ended
    for result in results:
        outcome.add("run", "run", result)
    series = one.series
    charge_C = booked_or_integrated_charge(series, find_intervals(series))
    outcome.tabulate("run", TraceRows(*thin(series.time_s, series.current_A)), "I")
    time_s, cell_voltage_V = thin(series.time_s, series.anode_less_cathode_V)
    outcome.tabulate("run", TraceRows(time_s, cell_voltage_V=cell_voltage_V), "U")
    time_s, charge_C = thin(series.time_s, charge_C)
    outcome.tabulate("run", TraceRows(time_s, charge_C=charge_C), "Q")


def _electrolysis(study: PreparativeStudy, files: Files) -> Electrolysis:
    """With what the study says of a file: columns, sheet, sign, reference and area."""
    entry = study.run
    conditions = nearest(entry.conditions, study.conditions)
    stated = {"sign": conditions.positive_current, "reference": conditions.reference}
    if conditions.area_m2 is not None:
        stated["area"] = f"{convert(conditions.area_m2, 'cm^2')!r} cm^2"
    return load_electrolysis(
        files.path(entry.file),
        Statements(
            {name: value for name, value in stated.items() if value is not None},
            [parse_option(f"{quantity}={header}") for quantity, header in entry.columns.items()],
            entry.sheet,
        ),
    )


def _amount_mol(found: WorkUp) -> float | None:
    if found.isolated_kg is None:
        return found.product_mol
    if found.product_mol is not None:
        raise InputError.of(
            "`product` and `isolated` both say how much product there is",
            help="keep one of them",
            code="E786",
        )
    if found.molar_mass_kg_per_mol is None:
        raise InputError.of(
            "`molar_mass` is missing: the isolated mass needs it to become an amount",
            help="add `molar_mass: 210.3 g/mol` under `outcome:`",
            code="E782",
        )
    return found.isolated_kg / found.molar_mass_kg_per_mol


def _in_words(found: WorkUp) -> dict[str, str]:
    units = {
        "product_mol": "mmol",
        "product_uncertainty_mol": "mmol",
        "isolated_kg": "mg",
        "molar_mass_kg_per_mol": "g/mol",
        "substrate_left_mol": "mmol",
    }
    words = {}
    for name, unit in units.items():
        value = getattr(found, name)
        if value is not None:
            words[name.rsplit("_", 1)[0].replace("_", " ")] = format_quantity(value, unit, 4)
    return words


def preparative_panels(outcome: StudyOutcome) -> list[Panel]:
    """Current, cell voltage and charge against time."""
    panels = []
    guessed = str(outcome.conditions.get("run", {}).get(GUESSED, ""))
    for table in outcome.of(TraceRows):
        rows = table.rows
        for name, shown, symbol, values, colour in (
            ("current", CURRENT, "I", rows.current_A, BLUE),
            ("cell voltage", CELL_VOLTAGE, "U", rows.cell_voltage_V, PURPLE),
            ("charge", CHARGE, "Q", rows.charge_C, GREEN),
        ):
            if values is None:
                continue
            time, column = time_shown(rows.time_s), "current_A"
            if shown is CELL_VOLTAGE:
                column = "cell_voltage_V"
            mark = f" ({GUESSED})" if column in guessed else ""
            x, y, label = time.values(rows.time_s), shown.values(values), shown.label(symbol) + mark
            known = [Curve(label, 0, x, y, None, colour, "line")] if np.isfinite(y).any() else []
            panels.append(Panel(name, label, time.label(), label, known))
    return panels


PREPARATIVE = StudyKind(
    PreparativeStudy,
    analyze_preparative,
    lambda outcome: {"run": preparative_panels(outcome)},
    TEMPLATES / "preparative.yaml",
)
