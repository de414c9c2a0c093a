"""Products of electrolyses at a row of potentials: efficiencies, partial currents, turnover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.calibration import Measured
from faradaic.analysis.gas_flow import GasFlow
from faradaic.analysis.gas_products import GasEfficiency, gas_efficiency, total_efficiency
from faradaic.analysis.partial_currents import partial_current_density
from faradaic.analysis.turnover import (
    Sites,
    sites_from_cluster,
    turnover_frequency,
)
from faradaic.chemistry.clusters import cluster, named_cluster
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.models import yaml_key
from faradaic.results import Result
from faradaic.studies.co2.carbon import carbon_results
from faradaic.studies.co2.injection_tables import (
    Injections,
    direction_flags,
    electrons_of,
    read_injections,
)
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.result_wording import combined
from faradaic.studies.schema import Catalyst, ProductColumn, Sample
from faradaic.studies.sweeps import axis_label, without_drop

SAME_V = 2e-3
"""Applied potentials that differ by less belong to one point."""


@dataclass(frozen=True, slots=True, eq=False)
class _Electrolyses:
    """The rows of all electrodes of a sample, one after the other."""

    electrode: NDArray[np.int_]
    applied_V: Floats
    potential_V: Floats
    current_A: Floats
    injections: Injections
    label: str
    first: DataTable


def analyze_products(
    sample: Sample, products: Mapping[str, ProductColumn], files: Files, outcome: StudyOutcome
) -> None:
    """Efficiency, partial current density and turnover of each product at each potential."""
    if not sample.electrolyses:
        return
    runs = _read(sample, products, files)
    table, area_m2 = runs.first, runs.first.needed.area_m2()
    electrons = {product: electrons_of(table, product) for product in runs.injections.fractions}
    sites = sites_of(sample.catalyst, area_m2) if sample.catalyst else None
    rows: list[dict[str, Any]] = []
    for applied_V in _points(runs.applied_V):
        here = np.abs(runs.applied_V - applied_V) < SAME_V
        efficiencies = [
            _efficiency(product, electrons[product], runs, here)
            for product in runs.injections.fractions
        ]
        current_A = float(runs.current_A[here].mean())
        at = f"{applied_V:.3f} V vs {table.scale} applied"
        for one in efficiencies:
            results = _results(one, current_A, area_m2, table, sites)
            for result in results:
                outcome.add(sample.name, "products", result, at)
            rows.append(
                {
                    "E applied (V)": applied_V,
                    runs.label: float(runs.potential_V[here].mean()),
                    "product": one.product,
                    "electrodes": float(len(np.unique(runs.electrode[here]))),
                    "injections": float(here.sum()),
                    **_pairs(results),
                }
            )
        outcome.add(sample.name, "products", total_efficiency(efficiencies), at)
        feed = table.conditions.feed
        for result in carbon_results(feed, runs.injections, here, efficiencies) if feed else ():
            outcome.add(sample.name, "products", result, at)
    outcome.tabulate(
        "products",
        sample.name,
        {key: [row.get(key) for row in rows] for key in rows[0]},
    )
    _tabulate_injections(sample.name, runs, electrons, area_m2, sites, outcome)


def sites_of(catalyst: Catalyst, area_m2: float) -> Sites:
    """The sites of a loading on an area, with their basis; raises `InputError` (E737)."""
    of = (
        cluster(catalyst.cluster, catalyst.metal, counter_ion=catalyst.counter_ion)
        if catalyst.metal
        else named_cluster(catalyst.cluster)
    )
    return sites_from_cluster(
        catalyst.loading_kg_per_m2 * area_m2,
        of,
        weighed=catalyst.weighed,
        per=catalyst.per,
        mass_relative=catalyst.loading_uncertainty,
    )


def _read(sample: Sample, products: Mapping[str, ProductColumn], files: Files) -> _Electrolyses:
    parts = []
    for number, entry in enumerate(sample.electrolyses, 1):
        table = files.open(entry, f"{sample.name}: electrolyses {number}", sample.conditions)
        current_A = table.current_A()
        applied_V, _ = table.potential_V()
        _require_potentials(entry.file, applied_V)
        potential_V, corrected = without_drop(table, applied_V, current_A)
        injections = read_injections(table, products, files, sample.name)
        electrode = np.full(len(current_A), number)
        label = axis_label(table, corrected)
        parts.append(
            _Electrolyses(electrode, applied_V, potential_V, current_A, injections, label, table)
        )
    first = parts[0]
    _require_same([part.first for part in parts], sample.name)
    tables = [part.injections for part in parts]
    together = Injections(
        {
            product: _joined([one.fractions[product] for one in tables])
            for product in tables[0].fractions
        },
        GasFlow(_joined([one.flow.mol_per_s for one in tables]), tables[0].flow.basis),
        _all([one.flow_sccm for one in tables]),
        _all([one.inlet_mol_per_s for one in tables]),
        _all([one.feed_fraction for one in tables]),
    )
    return _Electrolyses(
        np.concatenate([part.electrode for part in parts]),
        np.concatenate([part.applied_V for part in parts]),
        np.concatenate([part.potential_V for part in parts]),
        np.concatenate([part.current_A for part in parts]),
        together,
        first.label,
        first.first,
    )


def _require_same(tables: Sequence[DataTable], sample: str) -> None:
    """Electrodes that are averaged share what is not read row by row."""
    for name in ("area_m2", "area_basis", "feed", "scale", "meter", "current_uncertainty"):
        different = {repr(getattr(table.conditions, name)) for table in tables}
        if len(different) > 1:
            key = yaml_key(name)
            raise InputError(
                Diagnostic(
                    "E785",
                    f"the tables of {sample} differ in `{key}`, so they are no replicates",
                    help="make each of them a sample of its own",
                )
            )


def _require_potentials(file: str, applied_V: Floats) -> None:
    missing = np.flatnonzero(~np.isfinite(applied_V))
    if missing.size:
        raise InputError(
            Diagnostic(
                "E785",
                f"injection {missing[0] + 1} of {file} has no potential",
                help="write the potential at which its gas was made, or take the row out",
            )
        )


def _all(columns: Sequence[Floats | None]) -> Floats | None:
    """One after the other; None where one of them is not known."""
    known = [column for column in columns if column is not None]
    return np.concatenate(known) if len(known) == len(columns) else None


def _joined(parts: Sequence[Measured]) -> Measured:
    """One after the other; an error that one of them does not know is not known."""

    def column(name: str) -> Floats | None:
        known = [getattr(part, name) for part in parts]
        return None if any(k is None for k in known) else np.concatenate(known)

    flags = tuple(dict.fromkeys(flag for part in parts for flag in part.flags))
    values = np.concatenate([part.values for part in parts])
    return Measured(values, column("random"), column("systematic"), flags)


def _points(applied_V: Floats) -> list[float]:
    """The different potentials, the least negative first."""
    points: list[float] = []
    for value in sorted(applied_V, reverse=True):
        if not points or points[-1] - value >= SAME_V:
            points.append(float(value))
    return points


def _part(measured: Measured, here: NDArray[np.bool_]) -> Measured:
    return replace(
        measured,
        values=measured.values[here],
        random=None if measured.random is None else measured.random[here],
        systematic=None if measured.systematic is None else measured.systematic[here],
    )


def _efficiency(
    product: str, electrons: float, runs: _Electrolyses, here: NDArray[np.bool_]
) -> GasEfficiency:
    flow = runs.injections.flow
    current_A = runs.current_A[here]
    found = gas_efficiency(
        product,
        electrons,
        _part(runs.injections.fractions[product], here),
        replace(flow, mol_per_s=_part(flow.mol_per_s, here)),
        current_A,
        current_systematic_relative=runs.first.conditions.current_uncertainty,
        current_basis="mean current of the table",
    )
    flags = direction_flags(runs.first, product, current_A)
    return replace(found, flags=(*flags, *found.flags))


def _results(
    one: GasEfficiency, current_A: float, area_m2: float, table: DataTable, sites: Sites | None
) -> tuple[Result, ...]:
    mean = one.mean()
    density = partial_current_density(
        one.product,
        mean,
        current_A,
        area_m2,
        area_basis=table.conditions.area_basis,
        area_relative=table.conditions.area_uncertainty,
    )
    if sites is None:
        return mean, density
    return mean, density, turnover_frequency(one.product, mean, one.electrons, current_A, sites)


def _pairs(results: Sequence[Result]) -> dict[str, float | None]:
    names = (("FE (%)", 100.0), ("j (mA/cm^2)", 0.1), ("TOF (1/s)", 1.0))
    cells: dict[str, float | None] = {}
    for (name, factor), result in zip(names, results, strict=False):
        cells[name] = None if result.value is None else factor * result.value
        cells[f"u {name}"] = factor * combined(result)
    return cells


def _tabulate_injections(
    name: str,
    runs: _Electrolyses,
    electrons: dict[str, float],
    area_m2: float,
    sites: Sites | None,
    outcome: StudyOutcome,
) -> None:
    """One row for each injection and product: what the workbook computes the efficiency from."""
    count = len(runs.current_A)
    meter = runs.first.conditions.meter
    points = _points(runs.applied_V)
    flow = runs.injections.flow.mol_per_s.values
    flow = np.broadcast_to(flow, count)
    columns: dict[str, list[Any]] = {}
    part: dict[str, Any]
    for product, z in electrons.items():
        part = {
            "electrode": runs.electrode,
            "E applied (V)": runs.applied_V,
            "point (V)": [next(p for p in points if abs(p - E) < SAME_V) for E in runs.applied_V],
            "product": [product] * count,
            "z": np.full(count, z),
            "I (A)": runs.current_A,
            "x (mol/mol)": runs.injections.fractions[product].values,
            "flow (sccm)": np.full(count, np.nan)
            if runs.injections.flow_sccm is None
            else np.broadcast_to(runs.injections.flow_sccm, count),
            "meter T (K)": np.full(count, np.nan if meter is None else meter.temperature_K),
            "meter p (Pa)": np.full(count, np.nan if meter is None else meter.pressure_Pa),
            "flow (mol/s)": flow,
            "A (cm^2)": np.full(count, 1e4 * area_m2),
            "sites (mol)": np.full(count, np.nan if sites is None else sites.amount_mol),
        }
        for key, values in part.items():
            columns.setdefault(key, []).extend(values)
    outcome.tabulate("injections", name, columns)
