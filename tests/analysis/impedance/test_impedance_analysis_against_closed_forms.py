"""Kramers-Kronig test, circuit fits and R_u against closed forms, and the coverage of errors."""

import math

import numpy as np
import pytest

from faradaic.analysis.impedance.fitting import fit_circuit
from faradaic.analysis.impedance.kramers_kronig import kramers_kronig
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.analysis.uncompensated_resistance import uncompensated_resistance
from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.diagnostics import InputError

# A reversible couple, 1 mM each, D 1e-5 cm2/s, k0 0.01 cm/s at a disc of 3 mm, with 100 ohm and
# 20 uF/cm2 (Randles 1947 with R_ct = RT/(n2F2A k0 C) and sigma of Warburg 1899, at 25 degC).
RANDLES = "R0+(C1|(R1+W1))"
RANDLES_VALUES = (100.0, 1.413717e-6, 376.716, 1684.725)
FREQUENCY_HZ = 10.0 ** np.arange(5, -3, -1.0)
REAL_OHM = np.array([100.003, 100.330, 128.611, 447.236, 666.127, 1136.323, 2592.675, 7189.326])
MINUS_IMAGINARY_OHM = np.array(
    [1.126, 11.242, 102.957, 192.634, 237.684, 677.717, 2126.917, 6721.537]
)


def spectrum_of(text, values, frequency_Hz=None, noise=0.0, seed=0):
    f = np.geomspace(1e5, 0.1, 61) if frequency_Hz is None else frequency_Hz
    z = parse_circuit(text).impedance_ohm(2 * np.pi * f, np.array(values))
    kicks = np.random.default_rng(seed).normal(size=(2, f.size)) * noise
    return ImpedanceSpectrum(f, z + np.abs(z) * (kicks[0] + 1j * kicks[1]))


def test_the_randles_circuit_gives_the_published_table():
    z = spectrum_of(RANDLES, RANDLES_VALUES, FREQUENCY_HZ).impedance_ohm
    np.testing.assert_allclose(z.real, REAL_OHM, atol=1e-3)
    np.testing.assert_allclose(-z.imag, MINUS_IMAGINARY_OHM, atol=1e-3)


def test_a_fit_to_the_table_returns_the_numbers_it_was_made_from():
    fit = fit_circuit(ImpedanceSpectrum.of(FREQUENCY_HZ, REAL_OHM, -MINUS_IMAGINARY_OHM), RANDLES)
    # the table has three decimals
    np.testing.assert_allclose(fit.parameters, RANDLES_VALUES, rtol=5e-4)


def test_series_and_parallel_follow_their_closed_forms():
    w = np.array([1.0, 50.0, 3e4])
    z = parse_circuit("L1 + R1 + (R2 | Q1)").impedance_ohm(
        w, np.array([1e-6, 5.0, 20.0, 1e-4, 0.8])
    )
    expected = 1j * w * 1e-6 + 5 + 1 / (1 / 20 + 1e-4 * (1j * w) ** 0.8)
    np.testing.assert_allclose(z, expected, rtol=1e-12)


def test_diffusion_through_a_film_ends_in_its_resistance_and_starts_as_warburg():
    film, tau = parse_circuit("T1"), 4.0
    slow = film.impedance_ohm(np.array([1e-6]), np.array([50.0, tau]))
    assert slow[0] == pytest.approx(50.0, rel=1e-5)
    fast = film.impedance_ohm(np.array([1e4]), np.array([50.0, tau]))
    warburg = parse_circuit("W1").impedance_ohm(
        np.array([1e4]), np.array([50 / math.sqrt(2 * tau)])
    )
    assert fast[0] == pytest.approx(warburg[0], rel=1e-9)
    # with a reflecting end it is a capacitance of tau/R at low frequency, and R/3 in series
    closed = parse_circuit("O1").impedance_ohm(np.array([1e-4]), np.array([50.0, tau]))[0]
    assert closed.imag == pytest.approx(-50 / (1e-4 * tau), rel=1e-6)
    assert closed.real == pytest.approx(50 / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("R0+(R1|C1)", (30.0, 200.0, 1e-5)),
        ("R0+(R1|Q1)", (30.0, 200.0, 1e-5, 0.85)),
        (RANDLES, RANDLES_VALUES),
        ("L0+R0+(R1|Q1)", (1e-6, 5.0, 40.0, 1e-4, 0.9)),
        ("R0+T1", (10.0, 60.0, 0.5)),
    ],
)
def test_exact_spectra_give_their_parameters_back(text, values):
    fit = fit_circuit(spectrum_of(text, values), text)
    np.testing.assert_allclose(fit.parameters, values, rtol=1e-6)
    assert fit.rms_residual < 1e-8


def test_stated_errors_of_a_fit_cover_the_truth():
    runs, values = 40, (30.0, 200.0, 1e-5)
    inside = np.zeros(3)
    for seed in range(runs):
        spectrum = spectrum_of("R0+(R1|C1)", values, np.geomspace(1e5, 1, 31), 0.01, seed)
        fit = fit_circuit(spectrum, "R0+(R1|C1)")
        inside += np.abs(fit.parameters - values) < 1.96 * fit.standard_errors
    # 95 % asked for; 120 draws have a binomial error of 2 %
    assert 0.89 <= inside.sum() / (3 * runs) <= 0.995


def test_a_parameter_that_the_data_do_not_hold_is_flagged():
    spectrum = spectrum_of("R0+C1", (30.0, 1e-5), np.geomspace(1e4, 10, 31), 0.005)
    results = {r.name: r for r in fit_circuit(spectrum, "R0+R1+C1").results()}
    assert results["R0"].flags == results["R1"].flags == ("not determined by these data",)
    assert results["C1"].flags == ()
    assert results["C1"].value == pytest.approx(1e-5, rel=0.01)
    assert results["C1"].unit == "F"


@pytest.mark.parametrize("text", [RANDLES, "L0+R0+(R1|Q1)", "R0+C1"])
def test_spectra_of_linear_circuits_pass_kramers_kronig_and_their_mirror_images_fail(text):
    values = {
        RANDLES: RANDLES_VALUES,
        "L0+R0+(R1|Q1)": (1e-6, 5.0, 40.0, 1e-4, 0.9),
        "R0+C1": (30.0, 1e-5),
    }[text]
    spectrum = spectrum_of(text, values, noise=0.002)
    found = kramers_kronig(spectrum)
    assert found.consistent
    assert 0.001 < found.rms_residual < 0.004  # the noise, neither fitted away nor doubled
    mirrored = kramers_kronig(spectrum.mirrored())
    assert not mirrored.consistent
    assert mirrored.sign_reversed
    assert "stored -Z''" in mirrored.flags[0]


def test_a_cell_that_drifts_during_the_sweep_fails_kramers_kronig():
    f = np.geomspace(1e5, 0.1, 61)
    grown_ohm = np.linspace(100.0, 400.0, 61)  # the film grows while the frequency goes down
    z = 10 + grown_ohm / (1 + 2j * np.pi * f * grown_ohm * 2e-4)
    found = kramers_kronig(ImpedanceSpectrum(f, z))
    assert not found.consistent
    assert not found.sign_reversed
    assert "stationary" in found.flags[0]


def test_a_sparse_spectrum_that_fails_is_not_called_wrong():
    sparse = spectrum_of("R0+(R1|C1)", (30.0, 200.0, 1e-5), np.geomspace(1e5, 0.1, 13))
    found = kramers_kronig(sparse)
    assert not found.consistent
    assert "2.0 points per decade do not decide" in found.flags[0]


@pytest.mark.parametrize(
    ("inductance_H", "resistance_ohm"),
    [
        (2e-6, 3.0),
        (0.0, 80.0),
        pytest.param(0.0, 3.0, marks=pytest.mark.long),
        pytest.param(2e-6, 80.0, marks=pytest.mark.long),
    ],
)
def test_the_resistance_is_found_with_and_without_inductive_leads(inductance_H, resistance_ohm):
    inside = 0
    for seed in range(5):
        spectrum = spectrum_of(
            "L0+R0+(Q1|(R1+W1))",
            (inductance_H, resistance_ohm, 2e-5, 0.9, 150.0, 60.0),
            noise=0.003,
            seed=seed,
        )
        found = uncompensated_resistance(spectrum)
        assert found.value == pytest.approx(resistance_ohm, rel=0.03)
        error = math.hypot(found.random, found.systematic)
        inside += abs(found.value - resistance_ohm) < 2.5 * error
    assert inside >= 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("R0+C1|R1", "without parentheses"),
        ("R0+(C1|R1", "missing"),
        ("R0+R0", "twice"),
        ("R0+X1", "'X1'"),
        ("R0+", "end"),
        ("R0)", "too many"),
        ("", "end"),
        ("R0 & C1", "cannot be read"),
    ],
)
def test_a_text_that_is_no_circuit_is_refused_with_an_example(text, said):
    with pytest.raises(InputError, match=said) as caught:
        parse_circuit(text)
    assert "R0+(C1|(R1+W1))" in caught.value.diagnostics[0].help


@pytest.mark.parametrize(
    ("frequency", "imaginary", "said"),
    [
        ([3.0, 2.0, 0.0], [-1.0, -1.0, -1.0], "not above zero"),
        ([3.0, 2.0, 1.0], [-1.0, math.nan, -1.0], "not finite"),
        ([3.0, 2.0], [-1.0, -1.0], "three"),
    ],
)
def test_columns_that_are_no_spectrum_are_refused(frequency, imaginary, said):
    with pytest.raises(InputError, match=said):
        ImpedanceSpectrum.of(np.array(frequency), np.ones(len(frequency)), np.array(imaginary))
