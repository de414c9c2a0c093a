"""The panels of a CO2 study: sweeps, products, partial current, turnover, stability, absorption."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from faradaic.reporting.panels import Curve, Mark, Panel, sample_colour
from faradaic.reporting.typography import subscripted
from faradaic.studies.outcome import StudyOutcome, StudyTable
from faradaic.studies.rows import (
    ABSORBANCE,
    DENSITY,
    EFFICIENCY,
    POTENTIAL,
    TURNOVER,
    WAVELENGTH,
    BandRows,
    Floats,
    HeldCurrentRows,
    HeldEfficiencyRows,
    ProductRows,
    Shown,
    SpectrumRows,
    SweepRows,
    Uncertain,
    shown_current,
    time_shown,
)
from faradaic.studies.sweeps import BLANKS

OTHER_PRODUCT = "#999999"

Products = Sequence[StudyTable[ProductRows]]


def co2_panels(outcome: StudyOutcome) -> list[Panel]:
    """Sweeps, efficiencies, partial current, turnover, and stability of each sample."""
    samples = list(outcome.conditions)
    tables = outcome.of(ProductRows)
    found = [_sweeps(outcome.of(SweepRows), samples), _efficiencies(tables, samples)]
    main = tables[0].rows.product[0] if tables else ""
    label = DENSITY.label(f"j of {subscripted(main)}")
    found.append(
        _of_product(
            tables, samples, main, "partial current", label, DENSITY, lambda r: r.density_A_per_m2
        )
    )
    sites = next((table.rows.sites for table in tables if table.rows.sites), None)
    if sites:
        symbol = "TOF" if sites.measured else "TOFₐₚₚ"
        label = TURNOVER.label(f"{symbol} of {subscripted(main)}, {sites.basis}")
        turnover = _of_product(
            tables, samples, main, "turnover", label, TURNOVER, lambda rows: rows.turnover_per_s
        )
        positive = all((curve.y > 0).any() for curve in turnover.curves)
        found.append(replace(turnover, log_y=positive))
    found += [_stability(outcome, name, number, main) for number, name in enumerate(samples)]
    return [panel for panel in found if panel.curves]


def absorption_panel(outcome: StudyOutcome) -> Panel:
    """Spectra with their bands."""
    samples = list(outcome.conditions)
    bands = {table.sample: table.rows for table in outcome.of(BandRows)}
    curves: list[Curve] = []
    marks: list[Mark] = []
    for table in outcome.of(SpectrumRows):
        number = samples.index(table.sample)
        x, y = WAVELENGTH.values(table.rows.wavelength_m), table.rows.absorbance
        curves.append(Curve(table.sample, number, x, y, None, sample_colour(number), "line"))
        places = WAVELENGTH.values(bands[table.sample].wavelength_m)
        marks += [Mark(number, p, float(np.interp(p, x, y)), f"{p:.0f}") for p in places.tolist()]
    return Panel(
        "absorption", "Absorption", WAVELENGTH.label(), ABSORBANCE.label(), curves, marks=marks
    )


@cache
def _product_colours() -> dict[str, str]:
    text = Path(__file__).with_name("product_colours.csv").read_text(encoding="utf-8")
    return {row["product"]: row["colour"] for row in csv.DictReader(text.splitlines())}


def product_colour(product: str) -> str:
    """The colour of a product, the same in every figure."""
    return _product_colours().get(product, OTHER_PRODUCT)


def _sweeps(tables: Sequence[StudyTable[SweepRows]], samples: list[str]) -> Panel:
    curves = []
    for table in tables:
        number, rows = samples.index(table.sample), table.rows
        y, _ = shown_current(rows)  # its area is asked for
        style: Literal["line", "dashed"] = "dashed" if table.detail in BLANKS else "line"
        name = f"{table.sample}, {subscripted(table.detail)}"
        curves.append(Curve(name, number, rows.potential_V, y, None, sample_colour(number), style))
    label = tables[-1].rows.axis.label() if tables else POTENTIAL.label()
    return Panel("sweeps", "Linear sweeps", label, DENSITY.label(), curves)


def _efficiencies(tables: Products, samples: list[str]) -> Panel:
    curves = [
        Curve(
            f"{table.sample}, {subscripted(product)}",
            samples.index(table.sample),
            *_of(table.rows, product, table.rows.applied_V, EFFICIENCY, table.rows.efficiency),
            product_colour(product),
            "points",
            product,
        )
        for table in tables
        for product in dict.fromkeys(table.rows.product)
    ]
    label = ""
    if tables:
        label = replace(tables[0].rows.axis, corrected=None).label("E applied")
    y_label = EFFICIENCY.label("Faradaic efficiency")
    return Panel("efficiencies", "Products", label, y_label, curves, "bars")


def _of_product(
    tables: Products,
    samples: list[str],
    product: str,
    name: str,
    y_label: str,
    shown: Shown,
    column: Callable[[ProductRows], Uncertain | None],
) -> Panel:
    curves = []
    for table in tables:
        values = column(table.rows)
        if values is None or product not in table.rows.product:
            continue
        number = samples.index(table.sample)
        x, y, error = _of(table.rows, product, table.rows.potential_V, shown, values)
        colour = sample_colour(number)
        curves.append(Curve(table.sample, number, x, y, error, colour, "points", product))
    x_label = tables[0].rows.axis.label() if tables else POTENTIAL.label()
    return Panel(name, name.capitalize(), x_label, y_label, curves)


def _of(
    rows: ProductRows, product: str, x: Floats, shown: Shown, y: Uncertain
) -> tuple[Floats, Floats, Floats]:
    """The rows of one product: x, values and errors as they are shown."""
    here = np.array([one == product for one in rows.product])
    return x[here], shown.values(y.values)[here], shown.values(y.error)[here]


def _stability(outcome: StudyOutcome, sample: str, number: int, main: str) -> Panel:
    traces = [t for t in outcome.of(HeldCurrentRows) if t.sample == sample]
    time = time_shown(np.concatenate([t.rows.time_s for t in traces] or [np.empty(0)]))
    left = [
        Curve(
            f"{sample}, j",
            number,
            time.values(t.rows.time_s),
            DENSITY.values(t.rows.density_A_per_m2),
            None,
            sample_colour(number),
            "line",
        )
        for t in traces
    ]
    right = [
        Curve(
            f"{sample}, FE {subscripted(main)}",
            number,
            time.values(t.rows.time_s),
            EFFICIENCY.values(t.rows.efficiency[main].values),
            EFFICIENCY.values(t.rows.efficiency[main].error),
            product_colour(main),
            "points",
            main,
        )
        for t in outcome.of(HeldEfficiencyRows)
        if t.sample == sample and main in t.rows.efficiency
    ]
    label = EFFICIENCY.label(f"FE of {subscripted(main)}")
    name = f"stability of {sample}"
    title = f"{sample}, {traces[0].detail}" if traces and traces[0].detail else sample
    return Panel(name, title, time.label(), DENSITY.label(), left, right=right, right_label=label)
