"""The panels of a CO2 study: sweeps, products, partial current, turnover, stability, absorption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from faradaic.studies.inputs import Floats
from faradaic.studies.outcome import StudyOutcome, Table
from faradaic.studies.panels import (
    Curve,
    Mark,
    Panel,
    column,
    first_header,
    formula,
    product_colour,
    sample_colour,
)
from faradaic.studies.sweeps import BLANKS


def co2_panels(outcome: StudyOutcome) -> list[Panel]:
    """Sweeps, efficiencies, partial current, turnover, and stability of each sample."""
    samples = list(outcome.conditions)
    rows = outcome.of("products")
    found = [_sweeps(outcome.of("sweep"), samples), _efficiencies(rows, samples)]
    main = str(rows[0].columns["product"][0]) if rows else ""
    found += [
        _of_product(rows, samples, main, "partial current", f"j of {main} (mA cm⁻²)", "j (mA/cm^2)")
    ]
    basis = _turnover_name(outcome, main)
    if basis:
        label = basis.replace(f" of {main}", f" of {main},").replace("_app", "ₐₚₚ") + " (s⁻¹)"
        found.append(_of_product(rows, samples, main, "turnover", label, "TOF (1/s)", log_y=True))
    found += [_stability(outcome, name, number, main) for number, name in enumerate(samples)]
    return [panel for panel in found if panel.curves]


def absorption_panel(outcome: StudyOutcome) -> Panel:
    """Spectra with their bands."""
    samples = list(outcome.conditions)
    bands = {table.sample: table for table in outcome.of("bands")}
    curves: list[Curve] = []
    marks: list[Mark] = []
    for table in outcome.of("absorption"):
        number = samples.index(table.sample)
        x, y = column(table, "wavelength (nm)"), column(table, "absorbance")
        curves.append(Curve(table.sample, number, x, y, None, sample_colour(number), "line"))
        places = column(bands[table.sample], "wavelength (nm)")
        marks += [Mark(number, p, float(np.interp(p, x, y)), f"{p:.0f}") for p in places.tolist()]
    return Panel("absorption", "Absorption", "wavelength (nm)", "absorbance", curves, marks=marks)


def _sweeps(tables: Sequence[Table], samples: list[str]) -> Panel:
    curves = []
    label = "E (V)"
    for table in tables:
        label = first_header(table, "E (")
        number = samples.index(table.sample)
        x, y = column(table, label), column(table, "j (mA/cm^2)")
        style: Literal["line", "dashed"] = "dashed" if table.detail in BLANKS else "line"
        name = f"{table.sample}, {formula(table.detail)}"
        curves.append(Curve(name, number, x, y, None, sample_colour(number), style))
    return Panel("sweeps", "Linear sweeps", label, "j (mA cm⁻²)", curves)


def _efficiencies(tables: Sequence[Table], samples: list[str]) -> Panel:
    curves = [
        Curve(
            f"{table.sample}, {formula(product)}",
            samples.index(table.sample),
            *_rows(table, product, "E applied (V)", "FE (%)"),
            product_colour(product),
            "points",
            product,
        )
        for table in tables
        for product in dict.fromkeys(table.columns["product"])
    ]
    scale = "E applied (V vs RHE)"
    if tables:
        scale = f"E applied ({first_header(tables[0], 'E (').split('(')[1].split(')')[0]})"
    return Panel("efficiencies", "Products", scale, "Faradaic efficiency (%)", curves, "bars")


def _of_product(
    tables: Sequence[Table],
    samples: list[str],
    product: str,
    name: str,
    y_label: str,
    column: str,
    *,
    log_y: bool = False,
) -> Panel:
    curves = []
    x_label = first_header(tables[0], "E (") if tables else "E (V)"
    for table in tables:
        if column not in table.columns or product not in table.columns["product"]:
            continue
        number = samples.index(table.sample)
        x, y, error = _rows(table, product, first_header(table, "E ("), column)
        colour = sample_colour(number)
        curves.append(Curve(table.sample, number, x, y, error, colour, "points", product))
    y_label = y_label.replace(product, formula(product))
    log_y = log_y and all((curve.y > 0).any() for curve in curves)
    return Panel(name, name.capitalize(), x_label, y_label, curves, log_y=log_y)


def _rows(table: Table, product: str, x: str, y: str) -> tuple[Floats, Floats, Floats]:
    here = np.array([p == product for p in table.columns["product"]])
    return column(table, x)[here], column(table, y)[here], column(table, f"u {y}")[here]


def _stability(outcome: StudyOutcome, sample: str, number: int, main: str) -> Panel:
    traces = [t for t in outcome.of("stability current") if t.sample == sample]
    gas = [t for t in outcome.of("stability gas") if t.sample == sample]
    left = [
        Curve(
            f"{sample}, j",
            number,
            column(t, "t (h)"),
            column(t, "j (mA/cm^2)"),
            None,
            sample_colour(number),
            "line",
        )
        for t in traces
    ]
    right = [
        Curve(
            f"{sample}, FE {formula(main)}",
            number,
            column(t, "t (h)"),
            column(t, f"FE {main} (%)"),
            column(t, f"u FE {main} (%)"),
            product_colour(main),
            "points",
            main,
        )
        for t in gas
        if f"FE {main} (%)" in t.columns
    ]
    label = f"FE of {formula(main)} (%)"
    name = f"stability of {sample}"
    title = f"{sample}, {traces[0].detail}" if traces and traces[0].detail else sample
    return Panel(name, title, "t (h)", "j (mA cm⁻²)", left, right=right, right_label=label)


def _turnover_name(outcome: StudyOutcome, product: str) -> str:
    """ "TOF_app of CO per cluster", with the basis in it; "" where no turnover was computed."""
    names = [f.result.name for f in outcome.findings if f.topic == "products"]
    return next((n for n in names if n.startswith("TOF") and f" of {product} " in n), "")
