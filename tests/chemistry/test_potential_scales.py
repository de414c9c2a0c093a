"""Potentials on another scale: published zeros, pH, temperature, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.chemistry.potential_scales import nernst_slope_V, scale_shift
from faradaic.chemistry.reference_electrodes import (
    measured_reference,
    reference_electrodes,
)
from faradaic.diagnostics import InputError

T25 = 298.15


@pytest.mark.parametrize(
    ("temperature_K", "slope_V"),
    [(273.15, 0.054199), (298.15, 0.059159), (313.15, 0.062136), (333.15, 0.066104)],
)
def test_slope_per_ph_is_rt_ln10_over_f(temperature_K: float, slope_V: float) -> None:
    # RT ln 10 / F from CODATA 2018
    assert nernst_slope_V(temperature_K) == pytest.approx(slope_V, abs=5e-7)


def test_mercury_oxide_in_molar_koh_to_rhe() -> None:
    # −1.50 + 0.1034 + 14·0.0591593: Kawashima 2023 for the zero, Nernst for the slope
    shift = scale_shift("Hg/HgO (1 M KOH)", "RHE", temperature_K=T25, pH=14.0)
    assert shift.value is not None
    assert -1.5 + shift.value == pytest.approx(-0.568369, abs=1e-6)
    assert shift.systematic == pytest.approx(0.0023)


def test_uncertain_ph_adds_the_slope_times_its_uncertainty() -> None:
    shift = scale_shift("Ag/AgCl (sat. KCl)", "RHE", temperature_K=T25, pH=7.2, pH_uncertainty=0.1)
    assert shift.value == pytest.approx(0.197 + 7.2 * 0.0591593, abs=1e-6)
    assert shift.systematic == pytest.approx(np.hypot(0.002, 0.00591593), rel=1e-5)


def test_saturating_bicarbonate_with_co2_moves_the_rhe_axis_by_89_mV() -> None:
    # 0.1 M KHCO3: pH 6.8 under CO2, 8.3 under N2; 1.5 · 59.159 mV
    shifts = [
        scale_shift("SCE", "RHE", temperature_K=T25, pH=pH).value or np.nan for pH in (8.3, 6.8)
    ]
    assert shifts[0] - shifts[1] == pytest.approx(0.0887, abs=1e-4)


def test_saturated_calomel_is_not_its_standard_potential() -> None:
    # 0.2412 V with saturated KCl; 0.26796 V would be calomel at unit activity, 27 mV off
    assert scale_shift("SCE", "SHE", temperature_K=T25).value == pytest.approx(0.2412)


@pytest.mark.parametrize(
    ("name", "low_V", "high_V", "standard_V"),
    [
        # unitpackage 0.13.4 gives the standard potentials for these fillings
        ("Ag/AgCl (1 M KCl)", 0.235, 0.2361, 0.22239),
        ("Hg/Hg2SO4 (0.5 M H2SO4)", 0.67, 0.69, 0.61236),
    ],
)
def test_a_filling_is_not_its_standard_potential(
    name: str, low_V: float, high_V: float, standard_V: float
) -> None:
    found_V = scale_shift(name, "SHE", temperature_K=T25).value
    assert found_V is not None
    assert low_V <= found_V <= high_V
    assert abs(found_V - standard_V) > 0.01


def test_standard_potentials_are_refused_unless_asked_for() -> None:
    with pytest.raises(InputError, match="E772"):
        scale_shift("Ag/AgCl (unit activity)", "SHE", temperature_K=T25)
    shift = scale_shift("Ag/AgCl (unit activity)", "SHE", temperature_K=T25, allow_standard=True)
    assert shift.value == pytest.approx(0.22258)


def test_mercury_oxide_in_the_electrolyte_of_the_cell_needs_no_ph() -> None:
    shift = scale_shift("Hg/HgO (same electrolyte)", "RHE", temperature_K=T25)
    assert shift.value == pytest.approx(0.926)


def test_without_ph_there_is_no_rhe_but_the_field_and_an_example() -> None:
    shift = scale_shift("SCE", "RHE", temperature_K=T25)
    assert shift.value is None
    assert "pH=6.8" in shift.reason


def test_ferrocene_measured_in_the_cell_gives_the_ferrocene_scale_exactly() -> None:
    quasi = measured_reference("Fc", -0.412, 0.002, "half-wave of ferrocene, +0.412 V")
    shift = scale_shift(quasi, "Fc", temperature_K=310.0)
    assert (shift.value, shift.systematic, shift.flags) == (-0.412, 0.002, ())
    across = scale_shift(quasi, "SHE", temperature_K=310.0)
    assert across.systematic is not None
    assert across.systematic >= 0.03
    assert any("approximate" in flag for flag in across.flags)


@pytest.mark.parametrize(
    ("written", "zero_V", "error_V"),
    [("0.926 ± 0.002 V vs RHE", 0.926, 0.002), ("-30 +- 5 mV vs. RHE", -0.030, 0.005)],
)
def test_an_electrode_calibrated_in_the_cell_needs_no_ph(
    written: str, zero_V: float, error_V: float
) -> None:
    shift = scale_shift(written, "RHE", temperature_K=333.15)
    assert shift.value == pytest.approx(zero_V, abs=1e-12)
    assert shift.systematic == pytest.approx(error_V)
    assert scale_shift(written, "SHE", temperature_K=298.15).value is None  # that needs the pH


def test_going_there_and_back_changes_nothing() -> None:
    for name in reference_electrodes():
        out, back = (
            scale_shift(a, b, temperature_K=T25, pH=9.0, allow_standard=True).value or 0.0
            for a, b in ((name, "RHE"), ("RHE", name))
        )
        assert out + back == pytest.approx(0.0, abs=1e-12)


def test_far_from_25_degC_an_electrode_without_coefficient_is_refused() -> None:
    with pytest.raises(InputError, match="temperature dependence is unknown"):
        scale_shift("Hg/HgO (1 M KOH)", "SHE", temperature_K=333.15)
    near = scale_shift("Hg/HgO (1 M KOH)", "SHE", temperature_K=301.15)
    assert near.systematic == pytest.approx(np.hypot(0.0023, 0.003))
    assert any("25 degC" in flag for flag in near.flags)


def test_celsius_given_as_kelvin_is_refused() -> None:
    with pytest.raises(InputError, match="kelvin"):
        scale_shift("SCE", "SHE", temperature_K=25.0)
