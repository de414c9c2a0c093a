"""Turnover frequency and number, with what was counted as a site in the name.

TOF = |I|·FE/(z·F·n_sites). Sites that were counted from a loading, not measured, give an apparent
frequency, TOF_app: sites that nothing reaches count as well, so it is a lower limit
(Anantharaj et al., Angew. Chem. Int. Ed. 60 (2021) 23051).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from faradaic.chemistry.clusters import Cluster
from faradaic.diagnostics import refusal
from faradaic.quantities import convert
from faradaic.quantities.constants import AVOGADRO_PER_MOL, FARADAY_C_PER_MOL
from faradaic.results import Result, missing

_wrong = partial(refusal, "E737")

Basis = Literal["per cluster", "per metal atom", "per surface atom", "per ECSA site"]


@dataclass(frozen=True, slots=True)
class Sites:
    """An amount of sites and what one site is."""

    amount_mol: float
    basis: Basis
    measured: bool
    """Whether an experiment counted them; if not, the frequency is an apparent one."""
    origin: str
    """How the amount was found."""
    relative: float | None = None
    """Standard uncertainty, systematic, relative; None where it is not known."""

    def __post_init__(self) -> None:
        if not (self.amount_mol > 0 and math.isfinite(self.amount_mol)):
            raise _wrong(f"{self.amount_mol:g} mol of sites turn nothing over", "give an amount")


def sites_from_cluster(
    mass_kg: float,
    of: Cluster,
    *,
    weighed: Literal["salt", "cluster"],
    per: Literal["cluster", "metal atom"],
    mass_relative: float | None = None,
) -> Sites:
    """n = m/M of a deposited cluster, or its metal atoms; from a loading, so TOF_app.

    `weighed` says whether the mass is of the salt with its counter-ions (6 to 7 % heavier) or of
    the cluster alone. Raises `InputError` (E737).
    """
    if weighed == "salt" and of.counter_ion is None:
        raise _wrong(
            f"{of.name} has no counter-ion, so it is not weighed as a salt",
            'give `weighed="cluster"`, or a counter-ion to `cluster(...)`',
        )
    molar = of.molar_mass_kg_per_mol(with_counter_ion=weighed == "salt")
    number = 1 if per == "cluster" else of.metal_atoms
    origin = (
        f"{of.name}: {convert(mass_kg, 'mg'):g} mg as {weighed} of"
        f" {convert(molar, 'g/mol'):.2f} g/mol, {of.metal_atoms} {of.metal} in each"
    )
    basis: Basis = "per cluster" if per == "cluster" else "per metal atom"
    return Sites(number * mass_kg / molar, basis, False, origin, mass_relative)


def sites_from_surface(
    area_m2: float,
    atoms_per_m2: float,
    *,
    area: Literal["geometric", "ECSA"],
    area_relative: float | None = None,
) -> Sites:
    """Atoms at a surface: measured sites where the area is an electrochemically active one.

    On a geometric area the surface is taken as flat, which is a guess of the sites: TOF_app.
    """
    basis: Basis = "per ECSA site" if area == "ECSA" else "per surface atom"
    origin = f"{area} area of {convert(area_m2, 'cm^2'):g} cm², {1e-4 * atoms_per_m2:.4g} atoms/cm²"
    amount = area_m2 * atoms_per_m2 / AVOGADRO_PER_MOL
    return Sites(amount, basis, area == "ECSA", origin, area_relative)


def turnover_frequency(
    product: str, efficiency: Result, electrons: float, current_A: float, sites: Sites
) -> Result:
    """TOF = |I|·FE/(z·F·n) in 1/s, named with its basis; `TOF_app` where sites were not measured.

    Random and systematic errors are those of the efficiency, and of the sites as systematic.
    """
    key, method = "turnover_frequency", "|I|·FE/(z·F·n_sites)"
    name = _name("TOF", product, sites)
    about: dict[str, Any] = {"unit": "1/s", "method": method, "of": product, "name": name}
    if efficiency.value is None:
        return missing(key, reason=efficiency.reason, **about)
    return replace(_turned_over(efficiency, electrons, current_A, sites), key=key, **about)


def turnover_number(
    product: str, efficiency: Result, electrons: float, charge: Result, sites: Sites
) -> Result:
    """TON = Q·FE/(z·F·n) of a charge, FE being the mean by charge over all of it.

    Errors are those of efficiency (calibration and flow of the gas, current) and sites; where a
    part of the charge is only bounded, so is the number.
    """
    key, unit, method = "turnover_number", "1", "Q·FE/(z·F·n_sites)"
    about: dict[str, Any] = {"of": product, "name": _name("TON", product, sites)}
    for part in (efficiency, charge):
        if part.value is None:
            return missing(key, unit, method, part.reason, **about)
    assert charge.value is not None
    found = _turned_over(efficiency, electrons, charge.value, sites)
    per_C = (found.value or 0.0) / charge.value if charge.value else 0.0
    bounds, flags = charge.scaled(per_C).bounds, (*found.flags, *charge.flags)
    return replace(found, key=key, unit=unit, method=method, bounds=bounds, flags=flags, **about)


def _turned_over(efficiency: Result, electrons: float, amount: float, sites: Sites) -> Result:
    """|amount|·FE/(z·F·n) with its errors; the amount is a current or a charge."""
    if not electrons > 0:
        raise _wrong(f"{electrons:g} electrons per molecule give no turnover", "give more than 0")
    factor = abs(amount) / (electrons * FARADAY_C_PER_MOL * sites.amount_mol)
    assert efficiency.value is not None
    return efficiency.scaled(
        factor,
        basis=_basis(electrons, sites),
        systematic=_hypot(
            None if efficiency.systematic is None else factor * efficiency.systematic,
            None if sites.relative is None else factor * abs(efficiency.value) * sites.relative,
        ),
        bounds=None,
        flags=_flags(efficiency.flags, sites),
    )


def _name(kind: str, product: str, sites: Sites) -> str:
    return f"{kind}{'' if sites.measured else '_app'} of {product} {sites.basis}"


def _basis(electrons: float, sites: Sites) -> str:
    return f"{sites.basis}; z = {electrons:g}; {sites.origin}"


def _flags(flags: tuple[str, ...], sites: Sites) -> tuple[str, ...]:
    if sites.measured:
        return flags
    return (*flags, "apparent: all sites of the loading counted, a lower limit")


def _hypot(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return math.hypot(*known) if known else None
