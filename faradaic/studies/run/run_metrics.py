"""The numbers of an electrolysis: charge, voltages, energy, yield, Faradaic efficiency.

`analyze_run` reads a run, computes with pure functions on its arrays and returns frozen results.
What the run does not tell is a result without a value that says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from faradaic.analysis import efficiency
from faradaic.analysis.electrical import (
    current_results,
    delivered_charge,
    energy_result,
    per_amount,
    samples_of,
    scale,
    voltage_results,
    with_accuracy,
)
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.records.run import Run
from faradaic.results import Result, missing

J_PER_KWH = 3.6e6
"""Joules in a kilowatt-hour, exact."""


@dataclass(frozen=True, slots=True)
class RunMetrics:
    """The results of one run."""

    charge_gross: Result
    charge_net: Result
    charge_per_amount: Result
    time_with_current: Result
    mean_current: Result
    regulation_share: Result
    cell_voltage_start: Result
    cell_voltage_end: Result
    cell_voltage_max: Result
    cell_voltage_mean: Result
    cell_voltage_mean_by_charge: Result
    potential_mean: Result
    energy: Result
    energy_per_amount: Result
    energy_per_mass: Result
    product_yield: Result
    conversion: Result
    selectivity: Result
    faradaic_efficiency: Result
    charge_efficiency: Result

    def __iter__(self) -> Iterator[Result]:
        return (getattr(self, field.name) for field in fields(self))

    def notes(self) -> list[str]:
        """What is odd about the numbers, each flag once with the result that it belongs to."""
        odd: dict[str, str] = {}
        for result in self:
            for flag in result.flags:
                odd.setdefault(flag, result.name)
        return [f"{name}: {flag}" for flag, name in odd.items()]

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping of all results."""
        return {field.name: getattr(self, field.name).as_dict() for field in fields(self)}


def analyze_run(
    run: Run,
    *,
    product_amount_mol: float | None = None,
    electrons: float | None = None,
    product_uncertainty_mol: float | None = None,
    substrate_left_mol: float | None = None,
    molar_mass_kg_per_mol: float | None = None,
    current_accuracy: float | None = None,
) -> RunMetrics:
    """Compute the numbers of a run.

    `current_accuracy` is taken from the run's header if not given.

    `electrons` is per molecule of product; if not given, that of the target product, else that of
    the reaction. `current_accuracy` is the gain error of the measured current as a fraction (from
    the instrument's data sheet); without it the systematic uncertainties of charge and current are
    unknown. Raises `InputError` for an argument that cannot be what it is said to be.
    """
    _check("amount of product", product_amount_mol)
    _check("uncertainty of the product amount", product_uncertainty_mol)
    _check("amount of substrate left", substrate_left_mol)
    if current_accuracy is None:
        current_accuracy = _number(run.header, "current_accuracy")
    _check("accuracy of the current", current_accuracy)
    _check("number of electrons", electrons, above_zero=True)
    _check("molar mass", molar_mass_kg_per_mol, above_zero=True)
    product = efficiency.target_product(run.header.get("products"))
    electrons = electrons or _number(product, "electrons") or run.electrons
    molar_mass = molar_mass_kg_per_mol or _number(product, "molar_mass_kg_per_mol")
    limiting_mol = run.limiting_amount_mol

    samples = samples_of(run)
    gross, net = (with_accuracy(q, current_accuracy) for q in delivered_charge(run, samples))
    charge_per_amount = per_amount(gross, limiting_mol)
    current = dict(current_results(samples))
    current["mean_current"] = with_accuracy(current["mean_current"], current_accuracy)
    energy = energy_result(samples)
    converted = efficiency.conversion(substrate_left_mol, limiting_mol)
    return RunMetrics(
        charge_gross=gross,
        charge_net=net,
        charge_per_amount=charge_per_amount,
        **current,
        **voltage_results(samples),
        energy=energy,
        energy_per_amount=_energy_per_amount(energy, product_amount_mol, limiting_mol),
        energy_per_mass=_energy_per_mass(energy, product_amount_mol, molar_mass),
        product_yield=efficiency.product_yield(product_amount_mol, limiting_mol),
        conversion=converted,
        selectivity=efficiency.selectivity(product_amount_mol, substrate_left_mol, limiting_mol),
        faradaic_efficiency=efficiency.faradaic_efficiency(
            product_amount_mol,
            electrons,
            gross,
            product_uncertainty_mol=product_uncertainty_mol,
        ),
        charge_efficiency=efficiency.charge_efficiency(run.electrons, converted, charge_per_amount),
    )


def _energy_per_amount(
    energy: Result, product_mol: float | None, limiting_mol: float | None
) -> Result:
    """Per mole of product if its amount is known, else per mole of the limiting component."""
    name, unit, method = "energy per amount", "kWh/mol", "∫U·I dt/n"
    if energy.value is None:
        return missing(name, unit, method, energy.reason)
    amount_mol, basis = product_mol, "product"
    if not amount_mol:
        amount_mol, basis = limiting_mol, "limiting component"
    if not amount_mol:
        return missing(name, unit, method, "neither an amount of product nor of substrate is known")
    scaled = scale(energy, 1.0 / (J_PER_KWH * amount_mol))
    return replace(scaled, name=name, key="", unit=unit, method=method, basis=basis)


def _energy_per_mass(
    energy: Result, product_mol: float | None, molar_mass_kg_per_mol: float | None
) -> Result:
    name, unit, method = "energy per mass of product", "kWh/kg", "∫U·I dt/(n·M)"
    if energy.value is None:
        return missing(name, unit, method, energy.reason)
    if not product_mol:
        return missing(name, unit, method, "no amount of product was given")
    if molar_mass_kg_per_mol is None:
        return missing(name, unit, method, "the molar mass of the product is unknown")
    scaled = scale(energy, 1.0 / (J_PER_KWH * product_mol * molar_mass_kg_per_mol))
    return replace(scaled, name=name, key="", unit=unit, method=method, basis="product")


def _check(what: str, value: float | None, *, above_zero: bool = False) -> None:
    if value is None:
        return
    if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
        least = "greater than zero" if above_zero else "zero or more"
        raise InputError(
            Diagnostic(
                "E720",
                f"the {what} cannot be {value:g}",
                help=f"give a number that is {least}, or leave it out where it is unknown",
            )
        )


def _number(mapping: Mapping[str, Any], key: str) -> float | None:
    value = mapping.get(key)
    return float(value) if isinstance(value, int | float) else None
