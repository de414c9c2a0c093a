"""Amounts and Faradaic efficiencies of dissolved and isolated products.

Concentrations come from a calibration (`calibration.py`, HPLC or GC) or from qNMR; what samples
took away is added again, and each compartment has its own account.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.calibration import Measured
from faradaic.analysis.efficiency import faradaic_efficiency
from faradaic.chemistry.electron_balances import formula_of
from faradaic.diagnostics import refusal
from faradaic.results import Result

_wrong = partial(refusal, "E740")

Floats = NDArray[np.float64]


def amount_by_qnmr_mol(
    standard_mol: float,
    *,
    area: float,
    standard_area: float,
    nuclei: int,
    standard_nuclei: int,
    aliquot_share: float = 1.0,
) -> float:
    """n = n_std·(A/A_std)·(N_std/N)/share, share the part of the solution that was in the tube.

    `nuclei` are the equivalent nuclei behind a signal, 1 for the proton of formate. Bharti and Roy,
    TrAC Trends Anal. Chem. 35 (2012) 5. Raises `InputError` (E740).
    """
    positive = (standard_mol, standard_area, nuclei, standard_nuclei)
    if not (all(value > 0 for value in positive) and 0 < aliquot_share <= 1):
        raise _wrong(
            f"qNMR with {standard_mol:g} mol, area {standard_area:g}, {nuclei} and"
            f" {standard_nuclei} nuclei and a share of {aliquot_share:g} gives no amount",
            "amount and area of the standard and the nuclei are above 0, the share is above 0 and"
            " at most 1",
        )
    return standard_mol * (area / standard_area) * (standard_nuclei / nuclei) / aliquot_share


def amount_by_mass_mol(mass_kg: float, product: str, *, purity: float) -> float:
    """n = m·purity/M of an isolated product, by name or formula; purity is a mass fraction.

    Raises `InputError` (E740).
    """
    if not (mass_kg >= 0 and 0 < purity <= 1):
        raise _wrong(
            f"{mass_kg:g} kg of purity {purity:g} is no amount",
            "give a mass of 0 or more and a purity above 0 and at most 1, as 0.98",
        )
    return mass_kg * purity / formula_of(product).molar_mass_kg_per_mol


def accumulated_amount_mol(
    concentration_mol_per_m3: Measured,
    volume_m3: float,
    aliquots_m3: ArrayLike,
    *,
    replenished: bool = False,
) -> Measured:
    """All that one compartment has made at each sample, (n,): c_i·V_i + Σ_{j<i} c_j·v_j.

    V_i is the volume just before sample i, `volume_m3` less the samples before it; with
    `replenished` each was replaced by fresh solution and the volume stays. Raises `InputError`
    (E740) if more is taken than there is.
    """
    c = concentration_mol_per_m3.values
    taken = np.broadcast_to(np.asarray(aliquots_m3, np.float64), c.shape)
    before = np.concatenate(([0.0], np.cumsum(taken)[:-1]))
    volume = np.full(c.shape, volume_m3) if replenished else volume_m3 - before
    if (taken < 0).any() or (volume < taken).any():
        raise _wrong(
            f"samples of {1e6 * taken.sum():g} mL cannot be taken from {1e6 * volume_m3:g} mL",
            "give the volume at the start and the volume of each sample in m³, as 25e-6 and 5e-7",
        )
    gone = np.concatenate(([0.0], np.cumsum(c * taken)[:-1]))
    errors = concentration_mol_per_m3
    random = systematic = None
    if errors.random is not None:
        removed = np.concatenate(([0.0], np.cumsum((errors.random * taken) ** 2)[:-1]))
        random = np.sqrt((errors.random * volume) ** 2 + removed)
    if errors.systematic is not None:
        removed = np.concatenate(([0.0], np.cumsum(errors.systematic * taken)[:-1]))
        systematic = errors.systematic * volume + removed
    return Measured(c * volume + gone, random, systematic, errors.flags)


def together(compartments: Sequence[Measured]) -> Measured:
    """Amounts of one product in several compartments, for what has crossed the membrane.

    One calibration served all, so systematic errors add up linearly. Raises `InputError` (E740).
    """
    if not compartments or len({len(c.values) for c in compartments}) > 1:
        raise _wrong(
            "compartments with different numbers of samples cannot be added up",
            "give one amount for each compartment at each sample",
        )
    random = [c.random for c in compartments if c.random is not None]
    systematic = [c.systematic for c in compartments if c.systematic is not None]
    complete = len(compartments)
    return Measured(
        np.sum([c.values for c in compartments], axis=0),
        np.sqrt(np.sum(np.square(random), axis=0)) if len(random) == complete else None,
        np.sum(systematic, axis=0) if len(systematic) == complete else None,
        tuple(dict.fromkeys(flag for c in compartments for flag in c.flags)),
    )


def liquid_efficiencies(
    product: str, electrons: float, amount_mol: Measured, charge_C: ArrayLike
) -> tuple[Result, ...]:
    """Cumulative FE of a product at each sample, from the gross charge up to it.

    Raises `InputError` (E740) unless there is one charge for each amount.
    """
    charges = np.atleast_1d(np.asarray(charge_C, np.float64))
    _matched(amount_mol.values, charges)
    return _efficiencies(product, electrons, amount_mol, charges)


def differential_efficiencies(
    product: str, electrons: float, amount_mol: Measured, charge_C: ArrayLike
) -> tuple[Result, ...]:
    """FE between neighbouring samples, z·F·Δn/ΔQ; n − 1 of them. A fall of n gives a negative one.

    It shows a product that is consumed again, which the cumulative value hides. Scatter of
    both ends counts in full. Raises `InputError` (E740).
    """
    charges = np.atleast_1d(np.asarray(charge_C, np.float64))
    _matched(amount_mol.values, charges)
    random, systematic = amount_mol.random, amount_mol.systematic
    change = Measured(
        np.diff(amount_mol.values),
        None if random is None else np.hypot(random[1:], random[:-1]),
        None if systematic is None else np.abs(np.diff(systematic)),
        amount_mol.flags,
    )
    return tuple(
        replace(
            found,
            name="",
            key=f"differential_{found.key}",
            basis=f"{found.basis}, from sample {i} to {i + 1}",
            flags=(*found.flags, *(("the amount fell",) if (found.value or 0) < 0 else ())),
        )
        for i, found in enumerate(_efficiencies(product, electrons, change, np.diff(charges)), 1)
    )


def _efficiencies(
    product: str, electrons: float, amount_mol: Measured, charges: Floats
) -> tuple[Result, ...]:
    values, random = amount_mol.values, amount_mol.random
    results = []
    for i, (amount, charge) in enumerate(zip(values, charges, strict=True)):
        found = faradaic_efficiency(
            float(amount) if math.isfinite(amount) else None,
            electrons,
            Result("charge_gross", float(charge), "C", "given"),
            product_uncertainty_mol=None if random is None else float(random[i]),
        )
        systematic = None
        if found.value is not None and amount_mol.systematic is not None and amount:
            systematic = abs(found.value * float(amount_mol.systematic[i] / amount))
        results.append(
            replace(
                found,
                name="",
                of=product,
                systematic=systematic,
                flags=(*found.flags, *amount_mol.flags),
            )
        )
    return tuple(results)


def _matched(amounts: Floats, charges: Floats) -> None:
    if amounts.shape != charges.shape or (charges < 0).any() or (np.diff(charges) < 0).any():
        raise _wrong(
            f"{amounts.size} amounts and {charges.size} charges do not belong together",
            "give the gross charge in C up to each sample, rising",
        )
