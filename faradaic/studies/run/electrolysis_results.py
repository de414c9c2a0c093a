"""The numbers of an electrolysis: charge, voltages, energy, yield, Faradaic efficiency.

Computed with pure functions on the series of a run or a data file. What neither the source nor the
work-up tells is a result without a value that says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from faradaic.analysis import efficiency
from faradaic.analysis.electrical import (
    MAGNITUDE,
    current_results,
    delivered_charge,
    energy_result,
    mean_on_scale,
    per_amount,
    voltage_results,
    with_accuracy,
)
from faradaic.analysis.integration import find_intervals
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.chemistry.flow_reactors import charge_per_pass_F_per_mol
from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import InputError, did_you_mean
from faradaic.quantities.constants import J_PER_KWH
from faradaic.records.earlier import earlier_runs
from faradaic.records.run import Run
from faradaic.results import Result, missing
from faradaic.studies.run.earlier_charge import charge_results
from faradaic.studies.run.electrolysis import (
    Electrolysis,
    electrolysis_of,
    number,
    product_molar_mass,
)
from faradaic.studies.run.series_results import series_results


@dataclass(frozen=True, slots=True)
class ElectrolysisResults:
    """The results of one electrolysis."""

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
    on_scales: Mapping[str, Result]
    """The mean potential on the scales that set-points were written on, and those wanted."""
    energy: Result
    energy_per_amount: Result
    energy_per_mass: Result
    product_yield: Result
    conversion: Result
    selectivity: Result
    faradaic_efficiency: Result
    charge_efficiency: Result
    further: Mapping[str, Result]
    """Of the other products, of the flow, of earlier runs, of spectra and the like, by the names
    under which they are written."""

    def __iter__(self) -> Iterator[Result]:
        return iter(self._named().values())

    @property
    def mean_voltage(self) -> Result:
        """Get the mean cell voltage: of its magnitude where the polarity alternates."""
        return self.further.get(MAGNITUDE, self.cell_voltage_mean)

    def notes(self) -> list[str]:
        """What is odd about the numbers, each flag once with the result that it belongs to."""
        odd: dict[str, str] = {}
        for result in self:
            for flag in result.flags:
                if flag == GUESSED:
                    continue
                odd.setdefault(flag, result.name)
        return [f"{name}: {flag}" for flag, name in odd.items()]

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping of all results."""
        return {name: result.as_dict() for name, result in self._named().items()}

    def _named(self) -> dict[str, Result]:
        named: dict[str, Result] = {}
        for field in fields(self):
            one = getattr(self, field.name)
            if one is self.on_scales:
                one = {f"potential_mean_vs_{s}": r for s, r in self.on_scales.items()}
            named |= {field.name: one} if isinstance(one, Result) else one
        return named


def analyze_electrolysis(
    source: Run | Dataset | Electrolysis,
    *,
    product_amount_mol: float | Mapping[str, float | None] | None = None,
    electrons: float | None = None,
    product_uncertainty_mol: float | Mapping[str, float] | None = None,
    substrate_left_mol: float | None = None,
    molar_mass_kg_per_mol: float | None = None,
    limiting_mol: float | None = None,
    current_accuracy: float | None = None,
    scales: Sequence[str] = (),
) -> ElectrolysisResults:
    """Compute the numbers of an electrolysis.

    `product_amount_mol` and its uncertainty are of the target, or by id where there are several.
    `electrons` is per molecule of product; if not given, its own, else that of the reaction for
    the molecules that make it. `current_accuracy` is the gain error of the measured current as
    a fraction (from the instrument's data sheet); without it the systematic uncertainties of
    charge and current are unknown. `scales` are wanted for the mean potential. What is not
    given is taken from the source where it tells. Raises `InputError` for an argument that
    cannot be what it is said to be.
    """
    one = electrolysis_of(source)
    if current_accuracy is None:
        current_accuracy = one.current_accuracy
    if product_amount_mol is None:
        product_amount_mol = _recorded(one)
        errors_mol = one.run.found_uncertainty_mol if one.run else {}
    else:
        errors_mol = {}
    amounts = _amounts(one, product_amount_mol)
    if isinstance(product_uncertainty_mol, Mapping):
        errors_mol = product_uncertainty_mol
    elif product_uncertainty_mol is not None:
        errors_mol = dict.fromkeys(amounts, product_uncertainty_mol)
    for amount in amounts.values():
        _check("amount of product", amount)
    for error in errors_mol.values():
        _check("uncertainty of the product amount", error)
    _check("amount of substrate left", substrate_left_mol)
    _check("accuracy of the current", current_accuracy)
    _check("number of electrons", electrons, above_zero=True)
    _check("molar mass", molar_mass_kg_per_mol, above_zero=True)
    _check("amount of the limiting component", limiting_mol, above_zero=True)
    limiting_mol = limiting_mol or one.limiting_mol
    first, *others = amounts
    product_mol, product = amounts[first], one.products.get(first, {})
    error_mol = errors_mol.get(first)
    molar_mass = molar_mass_kg_per_mol or _molar_mass(product)

    series, intervals = one.series, find_intervals(one.series)
    gross, net = (with_accuracy(q, current_accuracy) for q in delivered_charge(series, intervals))
    charge_per_amount = per_amount(gross, limiting_mol)
    current = dict(current_results(series, intervals))
    current["mean_current"] = with_accuracy(current["mean_current"], current_accuracy)
    energy = energy_result(series, intervals)
    voltages = dict(voltage_results(series, intervals))
    if one.model_at_fault and (energy.value or 0.0) < 0.0:
        energy = missing(energy.key, energy.unit, energy.method, one.model_at_fault)
        # What a measured cell below 0.3 V suggests (a short) is not what happened here.
        voltages = {key: replace(found, flags=()) for key, found in voltages.items()}
    if one.guessed:
        energy = _guessed(energy)
    if "cell_voltage_V" in one.guessed:
        voltages = {key: _guessed(found) for key, found in voltages.items()}
    if "current_A" in one.guessed:
        gross, net, charge_per_amount = map(_guessed, (gross, net, charge_per_amount))
        current["mean_current"] = _guessed(current["mean_current"])
    mean = voltages["potential_mean"]
    overall = charge_results(earlier_runs(one.run) if one.run else (), gross, limiting_mol)
    whole = overall.get("charge_total", gross)
    further = {MAGNITUDE: voltages.pop(MAGNITUDE)} if MAGNITUDE in voltages else {}
    converted = efficiency.conversion(substrate_left_mol, limiting_mol)
    worth = {
        id_: {
            "product_yield": _uncertain(
                _yield(one, id_, amount, limiting_mol), amount, errors_mol.get(id_)
            ),
            "faradaic_efficiency": efficiency.faradaic_efficiency(
                amount,
                electrons or _electrons(one, id_),
                whole,
                product_uncertainty_mol=errors_mol.get(id_),
            ),
        }
        for id_, amount in amounts.items()
    }
    if others:
        worth = {
            id_: {key: replace(r, name="", of=id_) for key, r in found.items()}
            for id_, found in worth.items()
        }
    return ElectrolysisResults(
        charge_gross=gross,
        charge_net=net,
        charge_per_amount=charge_per_amount,
        **current,
        **voltages,
        on_scales={s: mean_on_scale(mean, series, s) for s in (*series.scales, *scales)},
        energy=energy,
        energy_per_amount=_uncertain(
            _energy_per_amount(energy, product_mol, limiting_mol),
            product_mol,
            errors_mol.get(first),
        ),
        energy_per_mass=_uncertain(
            _energy_per_mass(energy, product_mol, molar_mass), product_mol, error_mol
        ),
        conversion=converted,
        selectivity=efficiency.selectivity(worth[first]["product_yield"], converted),
        **worth[first],
        charge_efficiency=efficiency.charge_efficiency(
            one.electrons, converted, overall.get("charge_total_per_amount", charge_per_amount)
        ),
        further=further
        | {f"{key}_of_{id_}": r for id_ in others for key, r in worth[id_].items()}
        | dict(_in_flow(one, current["mean_current"]))
        | (dict(series_results(one.run)) if one.run else {})
        | dict(overall),
    )


def _molar_mass(product: Mapping[str, Any]) -> float | None:
    """As far as the protocol tells; what it says may be no formula that can be counted."""
    try:
        known = product_molar_mass(product)
    except InputError:
        return None
    return known[0] if known else None


def _recorded(one: Electrolysis) -> float | Mapping[str, float | None] | None:
    """The amounts that were recorded with the run, by product, the targets first (None where only
    others were); of a run that names none, alone."""
    found = {} if one.run is None else one.run.found_mol
    named = {id_: amount_mol for id_, amount_mol in found.items() if id_ in one.products}
    if not named:
        return found.get("")
    return {**dict.fromkeys(efficiency.target_products(one.products)), **named}


def _uncertain(result: Result, amount_mol: float | None, error_mol: float | None) -> Result:
    """A result that goes with an amount, or with one over it, with the amount's uncertainty."""
    if result.value is None or error_mol is None or not amount_mol:
        return result
    own = abs(result.value) * error_mol / amount_mol
    return replace(result, random=math.hypot(result.random or 0.0, own))


def _guessed(result: Result) -> Result:
    return result if result.value is None else replace(result, flags=(GUESSED, *result.flags))


def _in_flow(one: Electrolysis, current: Result) -> Iterator[tuple[str, Result]]:
    """Charge per substrate of one pass, and the time that it takes."""
    rate, concentration = (
        number(one.flow, key) for key in ("rate_m3_per_s", "concentration_mol_per_m3")
    )
    if rate and concentration:
        key, method = "charge_per_substrate_fed", "|I|/(F·c·V̇)"
        per_A = charge_per_pass_F_per_mol(1.0, concentration, rate)
        basis = "single pass at the mean current"
        if current.value is None:
            yield key, missing(key, "F/mol", method, current.reason)
        else:
            sign = -1.0 if current.value < 0 else 1.0
            per_pass = current.scaled(per_A, key=key, unit="F/mol", method=method, basis=basis)
            yield key, replace(per_pass, value=sign * (per_pass.value or 0.0))
    if (time_s := number(one.flow, "residence_time_s")) is not None:
        yield "residence_time", Result("residence_time", time_s, "s", "V/V̇", "channel, as planned")


def _amounts(
    one: Electrolysis, given: float | Mapping[str, float | None] | None
) -> dict[str, float | None]:
    """Amount found of each product, by its id; of the one target, `""` where none is named."""
    targets = list(efficiency.target_products(one.products))
    if isinstance(given, Mapping):
        for id_ in given:
            if id_ not in one.products:
                known = did_you_mean(id_, one.products) if one.products else "give the amount alone"
                raise InputError.of(
                    f"{id_!r} is not among the products of the reaction", help=known, code="E720"
                )
        return {**dict.fromkeys(id_ for id_ in targets if id_ in given), **given}
    if given is not None and len(targets) > 1:
        raise InputError.of(
            f"the electrolysis is for {' and '.join(targets)}: of which is this the amount?",
            help=f"give each with its name: --product {targets[0]}=0.15mmol",
            code="E720",
        )
    return dict.fromkeys(targets, given) or {"": given}


def _yield(
    one: Electrolysis, id_: str, product_mol: float | None, limiting_mol: float | None
) -> Result:
    product = one.products.get(id_, {})
    substrate = product.get("substrate") or one.limiting
    if substrate != one.limiting:
        limiting_mol = number(product, "substrate_mol")
    basis = f"{substrate}" if substrate else "the limiting component"
    if "substrate" in product.get("assumed", ()):
        basis += " (assumed: the protocol does not say of what it is made)"
    molecules = number(product, "substrate_molecules") or 1.0
    return efficiency.product_yield(product_mol, limiting_mol, molecules, basis)


def _electrons(one: Electrolysis, id_: str) -> float | None:
    """Per molecule of a product: its own, else those of the molecules that make it."""
    product = one.products.get(id_, {})
    per_substrate = one.electrons and one.electrons * (
        number(product, "substrate_molecules") or 1.0
    )
    return number(product, "electrons") or per_substrate


def _energy_per_amount(
    energy: Result, product_mol: float | None, limiting_mol: float | None
) -> Result:
    """Per mole of product if its amount is known, else per mole of the limiting component."""
    key, unit, method = "energy_per_amount", "kWh/mol", "∫U·I dt/n"
    if energy.value is None:
        return missing(key, unit, method, energy.reason)
    amount_mol, basis = product_mol, "product"
    if not amount_mol:
        amount_mol, basis = limiting_mol, "limiting component"
    if not amount_mol:
        return missing(key, unit, method, "neither an amount of product nor of substrate is known")
    per_J = 1.0 / (J_PER_KWH * amount_mol)
    return energy.scaled(per_J, key=key, unit=unit, method=method, basis=basis)


def _energy_per_mass(
    energy: Result, product_mol: float | None, molar_mass_kg_per_mol: float | None
) -> Result:
    key, unit, method = "energy_per_mass", "kWh/kg", "∫U·I dt/(n·M)"
    if energy.value is None:
        return missing(key, unit, method, energy.reason)
    if not product_mol:
        return missing(key, unit, method, efficiency.NO_PRODUCT)
    if molar_mass_kg_per_mol is None:
        return missing(key, unit, method, "the molar mass of the product is unknown")
    per_J = 1.0 / (J_PER_KWH * product_mol * molar_mass_kg_per_mol)
    return energy.scaled(per_J, key=key, unit=unit, method=method, basis="product")


def _check(what: str, value: float | None, *, above_zero: bool = False) -> None:
    if value is None:
        return
    if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
        least = "greater than zero" if above_zero else "zero or more"
        raise InputError.of(
            f"the {what} cannot be {value:g}",
            help=f"give a number that is {least}, or leave it out where it is unknown",
            code="E720",
        )
