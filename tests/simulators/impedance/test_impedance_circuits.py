"""Spectra of equivalent circuits in closed form."""

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.impedance import (
    ImpedanceSpectrum,
    capacitor,
    charge_transfer_resistance_ohm,
    constant_phase_element,
    finite_film,
    inductor,
    randles,
    reflective_film,
    resistor,
    warburg,
    warburg_coefficient_ohm_per_rt_s,
)

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


def at(circuit, frequency_Hz: float) -> complex:
    return complex(circuit.spectrum(frequency_Hz).impedance_ohm[0])


def test_a_randles_circuit_has_the_tabulated_impedance():
    circuit = randles(
        solution_resistance_ohm=100.0,
        double_layer_F=1.413717e-6,
        charge_transfer_resistance_ohm=376.716,
        warburg_coefficient_ohm_per_rt_s=1684.725,
    )
    frequencies, real, minus_imaginary = np.array(RANDLES_TABLE).T
    found = circuit.spectrum(frequencies)
    # The table has three decimals.
    assert found.impedance_ohm.real == pytest.approx(real, rel=1e-6, abs=6e-4)
    assert -found.impedance_ohm.imag == pytest.approx(minus_imaginary, rel=1e-6, abs=6e-4)
    assert np.all(found.phase_deg < 0.0)
    assert found.magnitude_ohm == pytest.approx(np.hypot(real, minus_imaginary), rel=1e-5)


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
    resistance_ohm, time_s = 500.0, 4.0
    film, mirror = finite_film(resistance_ohm, time_s), reflective_film(resistance_ohm, time_s)
    # σ = R/√(2τ), from R/√(jωτ) = σ(1 - j)/√ω.
    diffusion = warburg(resistance_ohm / np.sqrt(2.0 * time_s))
    for circuit in (film, mirror):
        assert at(circuit, 1e4) == pytest.approx(at(diffusion, 1e4), rel=1e-12)
    assert at(film, 1e-6) == pytest.approx(resistance_ohm, rel=1e-4)
    low = at(mirror, 1e-6)
    assert low.real == pytest.approx(resistance_ohm / 3, rel=1e-4)
    assert low.imag == pytest.approx(at(capacitor(time_s / resistance_ohm), 1e-6).imag, rel=1e-4)


def test_a_constant_phase_element_keeps_its_phase_and_becomes_a_capacitor():
    frequencies = np.logspace(-3, 5, 9)
    element = constant_phase_element(1e-5, 0.8).spectrum(frequencies)
    assert element.phase_deg == pytest.approx(np.full(9, -72.0), rel=1e-12)
    assert element.magnitude_ohm[3] == pytest.approx(1.0 / (1e-5 * (2 * np.pi) ** 0.8))
    assert at(constant_phase_element(1e-6, 1.0), 50.0) == pytest.approx(at(capacitor(1e-6), 50.0))


def test_circuits_compose_in_series_and_in_parallel():
    ladder = resistor(10.0) + (capacitor(1e-6) | (resistor(30.0) + (resistor(60.0) | resistor(30))))
    assert at(ladder, 1e-6) == pytest.approx(60.0, rel=1e-6)
    assert at(ladder, 1e9) == pytest.approx(10.0, rel=1e-4)
    resonance_Hz = 1.0 / (2.0 * np.pi * np.sqrt(1e-3 * 1e-6))
    tuned = resistor(5.0) + inductor(1e-3) + capacitor(1e-6)
    assert at(tuned, resonance_Hz) == pytest.approx(5.0, abs=1e-9)
    assert at(resistor(0.0) + resistor(1.0), 1.0) == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: resistor(-1.0),
        lambda: capacitor(0.0),
        lambda: inductor(float("nan")),
        lambda: warburg(-5.0),
        lambda: finite_film(1.0, 0.0),
        lambda: reflective_film(float("inf"), 1.0),
        lambda: constant_phase_element(1e-6, 1.2),
        lambda: resistor(1.0).spectrum([1.0, 0.0]),
        lambda: charge_transfer_resistance_ohm(rate_constant_m_per_s=0.0, **COUPLE),
    ],
)
def test_an_element_or_frequency_that_cannot_be_is_refused(make):
    with pytest.raises(InputError, match="E561"):
        make()


def test_a_spectrum_has_one_impedance_for_each_frequency():
    with pytest.raises(ValueError, match="frequencies"):
        ImpedanceSpectrum(np.array([1.0, 2.0]), np.array([1.0 + 0j]))
