"""Spectra of equivalent circuits in closed form, and the elements of a couple."""

import numpy as np
import pytest

from faradaic.chemistry.couple_impedance import (
    charge_transfer_resistance_ohm,
    warburg_coefficient_ohm_per_rt_s,
)
from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import InputError

# A couple at a disc of 3 mm: k0 = 0.01 cm/s, 1 mM of either form, D = 1e-5 cm²/s, 298.15 K.
COUPLE = {"area_m2": 7.06858e-6, "oxidised_mol_per_m3": 1.0, "reduced_mol_per_m3": 1.0}
# Randles circuit of 100 Ω, 1.413717 µF, 376.716 Ω and 1684.725 Ω s^-1/2 (Randles 1947):
# f, Z', -Z''.
RANDLES_TABLE = [
    (1e5, 100.003, 1.126),
    (1e4, 100.330, 11.242),
    (1e3, 128.611, 102.957),
    (100.0, 447.236, 192.634),
    (10.0, 666.127, 237.684),
    (1.0, 1136.323, 677.717),
    (0.1, 2592.675, 2126.917),
    (0.01, 7189.326, 6721.537),
]


def at(text: str, frequency_Hz: float, **values: float) -> complex:
    return complex(parse_circuit(text).spectrum_ohm(frequency_Hz, values)[0])


def test_a_randles_circuit_has_the_tabulated_impedance():
    frequencies, real, minus_imaginary = np.array(RANDLES_TABLE).T
    values = {"R0": 100.0, "C1": 1.413717e-6, "R1": 376.716, "W1": 1684.725}
    found = parse_circuit("R0+(C1|(R1+W1))").spectrum_ohm(frequencies, values)
    # The table has three decimals.
    assert found.real == pytest.approx(real, rel=1e-6, abs=6e-4)
    assert -found.imag == pytest.approx(minus_imaginary, rel=1e-6, abs=6e-4)


def test_the_elements_of_a_couple_follow_from_its_kinetics_and_diffusion():
    resistance_ohm = charge_transfer_resistance_ohm(rate_constant_m_per_s=1e-4, **COUPLE)
    coefficient = warburg_coefficient_ohm_per_rt_s(
        oxidised_diffusion_m2_per_s=1e-9, reduced_diffusion_m2_per_s=1e-9, **COUPLE
    )
    assert resistance_ohm == pytest.approx(376.716, rel=1e-6)
    assert coefficient == pytest.approx(1684.725, rel=1e-6)
    # Two electrons: R_ct and σ a quarter; unequal concentrations count as C_O^(1-α) C_R^α.
    assert charge_transfer_resistance_ohm(
        rate_constant_m_per_s=1e-4, electrons=2, **COUPLE
    ) == pytest.approx(resistance_ohm / 4, rel=1e-12)
    assert charge_transfer_resistance_ohm(
        rate_constant_m_per_s=1e-4,
        transfer_coefficient=0.25,
        **(COUPLE | {"oxidised_mol_per_m3": 16.0}),
    ) == pytest.approx(resistance_ohm / 8, rel=1e-12)


def test_films_are_a_warburg_at_high_and_a_resistor_or_capacitor_at_low_frequency():
    film = {"R": 500.0, "tau": 4.0}
    through, mirror = ({f"{letter}1.{k}": v for k, v in film.items()} for letter in "TO")
    # σ = R/√(2τ), from R/√(jωτ) = σ(1 - j)/√ω.
    diffusion = at("W1", 1e4, W1=500.0 / np.sqrt(8.0))
    assert at("T1", 1e4, **through) == pytest.approx(diffusion, rel=1e-12)
    assert at("O1", 1e4, **mirror) == pytest.approx(diffusion, rel=1e-12)
    assert at("T1", 1e-6, **through) == pytest.approx(500.0, rel=1e-4)
    low = at("O1", 1e-6, **mirror)
    assert low.real == pytest.approx(500.0 / 3, rel=1e-4)
    assert low.imag == pytest.approx(at("C1", 1e-6, C1=4.0 / 500.0).imag, rel=1e-4)


def test_a_constant_phase_element_keeps_its_phase_and_becomes_a_capacitor():
    frequencies = np.logspace(-3, 5, 9)
    element = parse_circuit("Q1").spectrum_ohm(frequencies, {"Q1.Y": 1e-5, "Q1.n": 0.8})
    assert np.angle(element, deg=True) == pytest.approx(np.full(9, -72.0), rel=1e-12)
    assert abs(element[3]) == pytest.approx(1.0 / (1e-5 * (2 * np.pi) ** 0.8))
    capacitor = at("Q1", 50.0, **{"Q1.Y": 1e-6, "Q1.n": 1.0})
    assert capacitor == pytest.approx(at("C1", 50.0, C1=1e-6))


def test_circuits_compose_in_series_and_in_parallel():
    values = {"R0": 10.0, "C1": 1e-6, "R1": 30.0, "R2": 60.0, "R3": 30.0}
    assert at("R0+(C1|(R1+(R2|R3)))", 1e-6, **values) == pytest.approx(60.0, rel=1e-6)
    assert at("R0+(C1|(R1+(R2|R3)))", 1e9, **values) == pytest.approx(10.0, rel=1e-4)
    resonance_Hz = 1.0 / (2.0 * np.pi * np.sqrt(1e-3 * 1e-6))
    assert at("R1+L1+C1", resonance_Hz, R1=5.0, L1=1e-3, C1=1e-6) == pytest.approx(5.0, abs=1e-9)
    assert at("R0+R1", 1.0, R0=0.0, R1=1.0) == 1.0
    assert at("R0|R1", 1.0, R0=0.0, R1=1.0) == 0.0


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("R1", {"R1": -1.0}, "R1 is -1"),
        ("C1", {"C1": 0.0}, "C1 is 0"),
        ("L1", {"L1": float("nan")}, "L1 is nan"),
        ("W1", {"W1": -5.0}, "W1 is -5"),
        ("T1", {"T1.R": 1.0, "T1.tau": 0.0}, "T1.tau is 0"),
        ("O1", {"O1.R": float("inf"), "O1.tau": 1.0}, "O1.R is inf"),
        ("Q1", {"Q1.Y": 1e-6, "Q1.n": 1.2}, "at most 1"),
        ("R1+C1", {"R1": 1.0}, "give R1, C1"),
        ("R1", {"R1": 1.0, "C1": 1.0}, "is given R1, C1"),
    ],
)
def test_an_element_that_cannot_be_is_refused(text, values, said):
    with pytest.raises(InputError, match=f"(?s)E561.*{said}"):
        at(text, 1.0, **values)


def test_a_frequency_or_a_couple_that_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"E561.*frequency"):
        parse_circuit("R1").spectrum_ohm([1.0, 0.0], {"R1": 1.0})
    with pytest.raises(InputError, match=r"E561.*exchange current"):
        charge_transfer_resistance_ohm(rate_constant_m_per_s=0.0, **COUPLE)
