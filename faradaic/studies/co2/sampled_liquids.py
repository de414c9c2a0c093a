"""Dissolved products of a sample: efficiencies, with what the aliquots took away added again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from faradaic.analysis.calibration import Measured
from faradaic.analysis.liquid_products import (
    accumulated_amount_mol,
    differential_efficiencies,
    liquid_efficiencies,
    together,
)
from faradaic.diagnostics import InputError
from faradaic.studies.co2.injection_tables import electrons_of, measured_column
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import LiquidRows, Uncertain
from faradaic.studies.schema import CatalystSample, Liquids, ProductColumn


def analyze_liquids(sample: CatalystSample, files: Files, outcome: StudyOutcome) -> None:
    """Efficiency of each dissolved product up to the last aliquot, and between the aliquots.

    Tables with the same `at` are compartments of one electrolysis, whose amounts are added up.
    """
    groups: dict[str, list[Liquids]] = {}
    for entry in sample.liquids:
        groups.setdefault(entry.at, []).append(entry)
    for at, entries in groups.items():
        _electrolysis(sample, at, entries, files, outcome)


def _electrolysis(
    sample: CatalystSample, at: str, entries: Sequence[Liquids], files: Files, outcome: StudyOutcome
) -> None:
    tables = [
        files.open(entry, f"{sample.name}: {entry.compartment} {at}".strip(), sample.conditions)
        for entry in entries
    ]
    charge_C = _charge_C(tables[0])
    for other in tables[1:]:
        if not np.array_equal(_charge_C(other), charge_C):
            raise InputError.of(
                f"{tables[0].name} and {other.name} have different charges, so their amounts"
                " are not of the same times",
                help="give each electrolysis an `at:` of its own, as `at: -0.5 V vs RHE`",
                code="E785",
            )
    products = {name: how for entry in entries for name, how in entry.products.items()}
    for product in products:
        made = together(
            [
                _amount(table, entry, product, entry.products[product], files, sample.name)
                for table, entry in zip(tables, entries, strict=True)
                if product in entry.products
            ]
        )
        electrons = electrons_of(tables[0], product)
        places = " + ".join(e.compartment for e in entries if product in e.products)
        cumulative = liquid_efficiencies(product, electrons, made, charge_C)
        steps = differential_efficiencies(product, electrons, made, charge_C)
        for one in (cumulative[-1], *steps):
            outcome.add(sample.name, "liquids", replace(one, basis=f"{one.basis}; {places}"), at)
        rows = LiquidRows(charge_C, made.values, Uncertain.of(cumulative))
        outcome.tabulate(sample.name, rows, f"{product} {at}".strip())


def _charge_C(table: DataTable) -> Floats:
    """The charge up to each aliquot as a magnitude; a cathodic one may be written negative."""
    charge_C = table.take("charge", "C")
    return -charge_C if (charge_C <= 0.0).all() else charge_C


def _amount(
    table: DataTable, entry: Liquids, product: str, how: ProductColumn, files: Files, name: str
) -> Measured:
    concentration = measured_column(
        table, product, how, files, name, quantity="concentration", unit="mol/m^3"
    )
    aliquot_m3 = entry.aliquot_m3
    if len(concentration.values) > 1:
        aliquot_m3 = table.needed.get("aliquot_m3", aliquot_m3, "what each sample took away")
    return accumulated_amount_mol(
        concentration, entry.volume_m3, aliquot_m3 or 0.0, replenished=entry.replenished
    )
