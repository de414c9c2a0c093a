"""Liquids: amounts by qNMR, mass and calibration, with what samples took away added again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from faradaic.analysis.calibration import Measured, fit_calibration
from faradaic.analysis.liquid_products import (
    accumulated_amount_mol,
    amount_by_mass_mol,
    amount_by_qnmr_mol,
    differential_efficiencies,
    liquid_efficiencies,
    together,
)
from faradaic.chemistry.electron_balances import electrons_per_molecule
from faradaic.diagnostics import InputError

F = 96485.33212  # C/mol, CODATA 2018


def test_formate_of_ten_millimolar_in_25_mL_after_100_C() -> None:
    # 2 F * 0.25 mmol/100 C = 48.24 %
    c = Measured.of(10.0, random_relative=0.01, systematic_relative=0.02)
    amount = accumulated_amount_mol(c, 25e-6, 0.5e-6)
    (found,) = liquid_efficiencies("formate", electrons_per_molecule("formate", "CO2"), amount, 100)
    assert found.value == pytest.approx(0.4824, abs=5e-5)
    assert found.value == pytest.approx(2 * F * 0.25e-3 / 100, rel=1e-12)
    assert found.random == pytest.approx(0.01 * found.value)
    assert found.systematic == pytest.approx(0.02 * found.value)


def test_qnmr_counts_nuclei_and_the_part_that_was_in_the_tube() -> None:
    # 5 µmol of DMSO (6 H), formate (1 H) with half its area: 15 µmol in the tube, 0.5 of 25 mL
    found = amount_by_qnmr_mol(
        5e-6, area=0.5, standard_area=1.0, nuclei=1, standard_nuclei=6, aliquot_share=0.5 / 25
    )
    assert found == pytest.approx(15e-6 * 50, rel=1e-12)


def test_an_isolated_mass_is_corrected_for_its_purity() -> None:
    # 46.069 g/mol of ethanol, IUPAC 2021 weights
    assert amount_by_mass_mol(46.069e-6, "ethanol", purity=0.95) == pytest.approx(0.95e-3, rel=1e-5)


@pytest.mark.parametrize("replenished", [False, True])
def test_samples_taken_away_are_added_again(replenished: bool) -> None:
    # a cell that makes 1 µmol between samples of 1 mL, followed by hand: nothing may get lost
    volume_m3, sample_m3, amount_mol, made_mol, c = 10e-6, 1e-6, 0.0, 0.0, []
    volume = volume_m3
    for _ in range(6):
        amount_mol, made_mol = amount_mol + 1e-6, made_mol + 1e-6
        c.append(amount_mol / volume)
        amount_mol -= c[-1] * sample_m3
        volume -= 0.0 if replenished else sample_m3
    found = accumulated_amount_mol(Measured.of(c), volume_m3, sample_m3, replenished=replenished)
    assert found.values == pytest.approx(1e-6 * np.arange(1, 7), rel=1e-12)
    assert found.values[-1] == pytest.approx(made_mol)


def test_the_error_of_an_account_is_that_of_its_scatter() -> None:
    random = np.random.default_rng(5)
    c, sigma = np.array([1.0, 2.0, 3.0]), np.array([0.05, 0.05, 0.05])
    drawn = [
        accumulated_amount_mol(Measured(c + sigma * random.standard_normal(3)), 1.0, 0.1).values
        for _ in range(4000)
    ]
    stated = accumulated_amount_mol(Measured(c, sigma), 1.0, 0.1).random
    assert np.std(drawn, axis=0) == pytest.approx(stated, rel=0.04)


def test_what_crossed_the_membrane_counts_and_its_calibration_is_common() -> None:
    line = fit_calibration([0, 5, 10, 20], [0.0, 10.0, 20.0, 40.0], unit="mol/m3")
    catholyte = Measured.of([1e-3], random_relative=0.03, systematic_relative=0.02)
    anolyte = Measured.of([5e-4], random_relative=0.08, systematic_relative=0.02)
    both = together([catholyte, anolyte])
    assert both.values == pytest.approx([1.5e-3])
    assert both.random == pytest.approx([math.hypot(3e-5, 4e-5)])
    assert both.systematic == pytest.approx([0.02 * 1.5e-3])
    assert line.amount([20.0]).values == pytest.approx([10.0])


def test_a_product_that_is_consumed_again_shows_between_samples() -> None:
    amount = Measured.of(np.array([1e-4, 3e-4, 2.5e-4]), random_relative=0.01)
    first, second = differential_efficiencies("formate", 2, amount, [50.0, 150.0, 200.0])
    assert first.value == pytest.approx(2 * F * 2e-4 / 100)
    assert second.value == pytest.approx(-2 * F * 0.5e-4 / 50)
    assert "the amount fell" in second.flags
    cumulative = liquid_efficiencies("formate", 2, amount, [50.0, 150.0, 200.0])[-1]
    assert cumulative.value == pytest.approx(2 * F * 2.5e-4 / 200)
    assert cumulative.flags == ()


def test_a_missing_concentration_and_an_excess_are_told() -> None:
    nothing, much = liquid_efficiencies("formate", 2, Measured.of([np.nan, 1e-3]), [10.0, 100.0])
    assert nothing.value is None
    assert nothing.reason
    assert much.value == pytest.approx(2 * F * 1e-3 / 100)
    assert any("exceeds 100 %" in flag for flag in much.flags)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accumulated_amount_mol(Measured.of([1.0, 1.0]), 1e-6, 6e-7), "cannot be taken"),
        (lambda: amount_by_mass_mol(1e-6, "ethanol", purity=95.0), "as 0.98"),
        (
            lambda: amount_by_qnmr_mol(
                5e-6, area=1.0, standard_area=0.0, nuclei=1, standard_nuclei=6
            ),
            "standard",
        ),
        (lambda: together([Measured.of([1.0]), Measured.of([1.0, 2.0])]), "cannot be added up"),
        (lambda: liquid_efficiencies("formate", 2, Measured.of([1.0]), [1.0, 2.0]), "do not bel"),
    ],
)
def test_what_gives_no_amount_is_refused(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        call()
