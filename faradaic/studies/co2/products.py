"""Products of electrolyses at a row of potentials: efficiencies, partial currents, turnover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from faradaic.diagnostics import InputError
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
from faradaic.studies.rows import InjectionRows, PotentialAxis, ProductRows, Uncertain
from faradaic.studies.schema import CatalystLoading, CatalystSample, ProductColumn
from faradaic.studies.sweeps import without_drop

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
    axis: PotentialAxis
    first: DataTable

    def at(self, applied_V: float) -> NDArray[np.bool_]:
        """The rows at one applied potential."""
        return np.abs(self.applied_V - applied_V) < SAME_V


def analyze_products(
    sample: CatalystSample,
    products: Mapping[str, ProductColumn],
    files: Files,
    outcome: StudyOutcome,
) -> None:
    """Efficiency, partial current density and turnover of each product at each potential."""
    if not sample.electrolyses:
        return
    runs = _read(sample, products, files)
    table, area_m2 = runs.first, runs.first.needed.area_m2()
    electrons = {product: electrons_of(table, product) for product in runs.injections.fractions}
    sites = sites_of(sample.catalyst, area_m2) if sample.catalyst else None
    points = _points(runs.applied_V)
    made: list[tuple[Result, ...]] = []
    """Of each product at each point, the products of a point one after the other."""
    for applied_V in points:
        here = runs.at(applied_V)
        efficiencies = [
            _efficiency(product, electrons[product], runs, here)
            for product in runs.injections.fractions
        ]
        current_A = float(runs.current_A[here].mean())
        at = f"{applied_V:.3f} V vs {table.scale} applied"
        for one in efficiencies:
            made.append(_results(one, current_A, area_m2, table, sites))
            for result in made[-1]:
                outcome.add(sample.name, "products", result, at)
        outcome.add(sample.name, "products", total_efficiency(efficiencies), at)
        feed = table.conditions.feed
        for result in carbon_results(feed, runs.injections, here, efficiencies) if feed else ():
            outcome.add(sample.name, "products", result, at)
    each = [runs.at(point) for point in points for _ in electrons]
    outcome.tabulate(
        sample.name,
        ProductRows(
            runs.axis,
            sites,
            np.repeat(points, len(electrons)),
            np.array([runs.potential_V[here].mean() for here in each]),
            tuple(electrons) * len(points),
            np.array([float(len(np.unique(runs.electrode[here]))) for here in each]),
            np.array([float(here.sum()) for here in each]),
            *map(Uncertain.of, zip(*made, strict=True)),
            *(() if sites else (None,)),
        ),
    )
    outcome.tabulate(sample.name, _injections(runs, electrons, area_m2, sites))


def sites_of(catalyst: CatalystLoading, area_m2: float) -> Sites:
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


def _read(
    sample: CatalystSample, products: Mapping[str, ProductColumn], files: Files
) -> _Electrolyses:
    parts = []
    for number, entry in enumerate(sample.electrolyses, 1):
        table = files.open(entry, f"{sample.name}: electrolyses {number}", sample.conditions)
        current_A = table.current_A()
        applied_V, _ = table.potential_V()
        _require_potentials(entry.file, applied_V)
        potential_V, corrected = without_drop(table, applied_V, current_A)
        injections = read_injections(table, products, files, sample.name)
        electrode = np.full(len(current_A), number)
        axis = PotentialAxis(table.scale, corrected)
        parts.append(
            _Electrolyses(electrode, applied_V, potential_V, current_A, injections, axis, table)
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
        first.axis,
        first.first,
    )


def _require_same(tables: Sequence[DataTable], sample: str) -> None:
    """Electrodes that are averaged share what is not read row by row."""
    for name in ("area_m2", "area_basis", "feed", "scale", "meter", "current_uncertainty"):
        different = {repr(getattr(table.conditions, name)) for table in tables}
        if len(different) > 1:
            key = yaml_key(name)
            raise InputError.of(
                f"the tables of {sample} differ in `{key}`, so they are no replicates",
                help="make each of them a sample of its own",
                code="E785",
            )


def _require_potentials(file: str, applied_V: Floats) -> None:
    missing = np.flatnonzero(~np.isfinite(applied_V))
    if missing.size:
        raise InputError.of(
            f"injection {missing[0] + 1} of {file} has no potential",
            help="write the potential at which its gas was made, or take the row out",
            code="E785",
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
    known = np.isfinite(one.values)
    if mean.value:
        # Products are added up, not their means: Σ FE·I, not Σ FE times Σ I.
        current_A = float(np.mean(one.partial_current_A[known])) / mean.value
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


def _injections(
    runs: _Electrolyses, electrons: Mapping[str, float], area_m2: float, sites: Sites | None
) -> InjectionRows:
    """The rows of all injections, product after product."""
    count, times = len(runs.current_A), len(electrons)
    meter, injections = runs.first.conditions.meter, runs.injections
    points = _points(runs.applied_V)
    nearest = [next(p for p in points if abs(p - E) < SAME_V) for E in runs.applied_V]

    def every(values: ArrayLike | None) -> Floats:
        """A column or a number, for each product."""
        known = np.asarray(np.nan if values is None else values, np.float64)
        return np.tile(np.broadcast_to(known, count), times)

    return InjectionRows(
        electrode=every(runs.electrode),
        applied_V=every(runs.applied_V),
        point_V=every(nearest),
        product=tuple(product for product in electrons for _ in range(count)),
        electrons=np.repeat(list(electrons.values()), count),
        current_A=every(runs.current_A),
        fraction=np.concatenate([injections.fractions[product].values for product in electrons]),
        flow_sccm=every(injections.flow_sccm),
        meter_K=every(meter.temperature_K if meter else None),
        meter_Pa=every(meter.pressure_Pa if meter else None),
        flow_mol_per_s=every(injections.flow.mol_per_s.values),
        area_m2=every(area_m2),
        sites_mol=every(sites.amount_mol if sites else None),
    )
