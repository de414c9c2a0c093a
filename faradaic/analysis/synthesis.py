"""What a synthesis is worth: energy, carbon and waste.

Charge, yield, conversion, selectivity and efficiencies of a run are in `studies/run`; here is what
needs more than the run: volumes, flows, masses, the heat of formation, the grid. All SI; what is
not given is a result without a value that says what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL, J_PER_KWH
from faradaic.results import Result, missing

_wrong = partial(refusal, "E797")


@dataclass(frozen=True, slots=True)
class DirectionalCharge:
    """The charge of a run by direction, C; all of them magnitudes but the net one."""

    gross: Result
    net: Result
    anodic: Result
    cathodic: Result


def directional_charge(gross: Result, net: Result) -> DirectionalCharge:
    """Anodic and cathodic charge from gross (∫|I|dt) and net (∫I dt), for alternating polarity.

    Under alternating polarity F/mol on the gross charge counts both directions; which of them made
    product is for the chemistry to say.
    """

    def part(sign: float, name: str) -> Result:
        key, method = f"charge_{name}", "(gross ± net)/2"
        if gross.value is None or net.value is None:
            return missing(key, "C", method, gross.reason or net.reason)
        flags: tuple[str, ...] = ()
        if abs(net.value) > gross.value * (1.0 + 1e-9):
            flags = ("the net charge exceeds the gross charge: they are not of one run",)
        half = None if gross.random is None or net.random is None else gross.random / math.sqrt(2.0)
        value = 0.5 * (gross.value + sign * net.value)
        shared = None
        if gross.systematic is not None and gross.value:
            shared = abs(value) * gross.systematic / gross.value
        return Result(key, value, "C", method, name, random=half, systematic=shared, flags=flags)

    return DirectionalCharge(gross, net, part(1.0, "anodic"), part(-1.0, "cathodic"))


def energy_per_mass(
    cell_voltage_V: float, efficiency: Result, *, electrons: float, molar_mass_kg_per_mol: float
) -> Result:
    """kWh/kg at a steady state: z·F·U/(FE·M). Of a run U·I is integrated instead."""
    key, method = "energy_per_mass", "z·F·U/(FE·M)"
    _positive(electrons=electrons, molar_mass=molar_mass_kg_per_mol)
    if efficiency.value is None:
        return missing(key, "kWh/kg", method, efficiency.reason)
    if efficiency.value <= 0.0:
        return missing(key, "kWh/kg", method, "no product was made")
    factor = electrons * FARADAY_C_PER_MOL * cell_voltage_V / (molar_mass_kg_per_mol * J_PER_KWH)
    value = factor / efficiency.value
    return efficiency.scaled(
        value / efficiency.value,
        key=key,
        value=value,
        bounds=None,
        unit="kWh/kg",
        method=method,
        basis=f"z = {electrons:g}, cell voltage {cell_voltage_V:g} V",
    )


def energy_efficiency(
    efficiency: Result, equilibrium_voltage_V: float | None, cell_voltage_V: float | None
) -> Result:
    """FE·U_eq/U: share of the electrical energy that is stored in the product (voltage × FE).

    `equilibrium_voltage_V` is ΔG/(zF) of the whole cell reaction, or ΔH/(zF) where heat counts;
    nothing is assumed for it.
    """
    key, method = "energy_efficiency", "FE·U_eq/U"
    if efficiency.value is None:
        return missing(key, "1", method, efficiency.reason)
    if equilibrium_voltage_V is None:
        reason = "the equilibrium voltage of the cell reaction is missing: give ΔG/(zF) in V"
        return missing(key, "1", method, reason)
    if not cell_voltage_V:
        return missing(key, "1", method, "the cell voltage is unknown or zero")
    share = equilibrium_voltage_V / cell_voltage_V
    flags = list(efficiency.flags)
    if share > 1.0:
        flags.append("the cell voltage is below that of equilibrium: check both, and the half-cell")
    return efficiency.scaled(
        share,
        key=key,
        bounds=None,
        method=method,
        basis=f"U_eq {equilibrium_voltage_V:g} V, cell voltage {cell_voltage_V:g} V",
        flags=tuple(flags),
    )


def carbon_of_electricity(
    energy: Result, intensity_kg_CO2e_per_kWh: float | None, *, grid: str = ""
) -> Result:
    """kg CO2-equivalent per kg of product for the electricity of the cell alone.

    `energy` in kWh/kg; the intensity is that of the supply, and `grid` says whose and of which
    year: there is no default.
    """
    key, unit, method = "carbon_of_the_electricity", "kg CO2e/kg", "energy·intensity of the supply"
    if intensity_kg_CO2e_per_kWh is None:
        reason = "the intensity of the supply is missing: give kg CO2e/kWh, and its source as grid"
        return missing(key, unit, method, reason)
    _not_negative(intensity=intensity_kg_CO2e_per_kWh)
    if energy.value is not None and energy.unit != "kWh/kg":
        raise _wrong(f"an energy in {energy.unit}", "give the energy per mass, in kWh/kg")
    basis = f"cell only; {intensity_kg_CO2e_per_kWh:g} kg CO2e/kWh" + (f", {grid}" if grid else "")
    return energy.scaled(intensity_kg_CO2e_per_kWh, unit=unit, key=key, method=method, basis=basis)


def e_factor(
    inputs_kg: Mapping[str, float],
    product_kg: float | None,
    *,
    recovered_kg: Mapping[str, float] | None = None,
) -> Result:
    """(inputs − recovered − product)/product by mass (Sheldon 1992; name what is left out).

    Inputs are all that went in: substrate, electrolyte, solvent, work-up. What is not listed does
    not count, so the basis lists the names; water is left out only where it is not listed.
    """
    key, method = "e_factor", "(inputs − recovered − product)/product, by mass"
    recovered = recovered_kg or {}
    for what, mass in (*inputs_kg.items(), *recovered.items()):
        _not_negative(**{what: mass})
    for what, mass in recovered.items():
        if mass > inputs_kg.get(what, 0.0):
            raise _wrong(
                f"{mass:g} kg of {what} recovered from {inputs_kg.get(what, 0.0):g} kg put in",
                "list what was put in under the same name, at least as much as came back",
            )
    if not product_kg:
        return missing(key, "1", method, "no mass of product was given")
    _positive(product=product_kg)
    value = (sum(inputs_kg.values()) - sum(recovered.values()) - product_kg) / product_kg
    basis = "counted: " + ", ".join(inputs_kg)
    if recovered:
        basis += "; recovered: " + ", ".join(recovered)
    flags = ("more product than inputs: an input is not listed",) if value < 0 else ()
    return Result(key, value, "1", method, basis, flags=flags)


def _positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0.0 < number < math.inf:
            what = name.replace("_", " ")
            raise _wrong(f"the {what} cannot be {number:g}", "give a number above zero, in SI")


def _not_negative(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0.0 <= number < math.inf:
            what = name.replace("_", " ")
            raise _wrong(f"the {what} cannot be {number:g}", "give zero or more, in SI")
