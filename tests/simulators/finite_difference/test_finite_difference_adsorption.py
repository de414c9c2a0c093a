"""Adsorbed species by finite differences, against closed forms of Laviron and Frumkin.

Golden values: Laviron, J. Electroanal. Chem. 1979, 101, 19, recomputed for α = 0.5; the Frumkin
wave follows from E = E0 + (RT/F)[ln((1-x)/x) + G(1-2x)], x the reduced fraction.
"""

import math
from itertools import pairwise

import numpy as np
import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.simulation import simulate
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters

F = 96485.33212
F_RT = F / (8.314462618 * 298.15)
RATE_V_PER_S = 0.1
SITES = 1e-6
UNIT_A = F * F_RT * RATE_V_PER_S * SITES
"""F²νΓ/RT, for 1 m²."""


def surface_wave(corners_V, samples_per_V=5000, **numbers):
    pieces = [
        np.linspace(a, b, round(abs(b - a) * samples_per_V) + 1)[1:] for a, b in pairwise(corners_V)
    ]
    potential_V = np.concatenate(pieces)
    time_s = np.cumsum(np.abs(np.diff(potential_V, prepend=corners_V[0]))) / RATE_V_PER_S
    parameters = mechanism_parameters(
        parse_mechanism("A* + e = B*"),
        concentrations_mol_per_m3={},
        diffusion_m2_per_s={},
        coverages={"A*": 1.0},
        site_density_mol_per_m2=SITES,
        E0_V=0.0,
        **numbers,
    )
    result = simulate(
        parameters,
        Control.POTENTIAL,
        time_s,
        potential_V,
        area_m2=1.0,
        initial_potential_V=corners_V[0],
    )
    return potential_V, -result.current_A / UNIT_A, len(pieces[0]), result


def extremum(potential_V, y, k):
    left, middle, right = y[k - 1 : k + 2]
    shift = 0.5 * (left - right) / (left - 2.0 * middle + right)
    step_V = potential_V[k + 1] - potential_V[k]
    return potential_V[k] + shift * step_V, middle - 0.25 * (left - right) * shift


@pytest.mark.long
def test_a_reversible_surface_wave_is_a_quarter_high_and_90_mV_wide():
    potential_V, y, _, result = surface_wave([0.4, -0.4], k0=math.inf)
    peak_V, height = extremum(potential_V, y, int(np.argmax(y)))
    assert height == pytest.approx(0.25, rel=2e-4)
    assert peak_V == pytest.approx(0.0, abs=0.1e-3)
    above = potential_V[y >= 0.125]
    assert (above.max() - above.min()) * 1e3 == pytest.approx(90.58, abs=0.5)
    assert -result.charge_C[-1] == pytest.approx(F * SITES, rel=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("m", "separation_mV", "height"),
    [
        (10.0, 3.85, 0.2499),
        (2.0, 18.52, 0.2475),
        (1.0, 34.59, 0.2423),
        (0.5, 60.91, 0.2314),
        (0.2, 116.02, 0.2108),
        (0.1, 173.13, 0.1974),
        (0.02, 331.20, 0.1853),
    ],
)
def test_slow_electron_transfer_on_the_surface_separates_the_peaks_as_laviron_found(
    m, separation_mV, height
):
    k0 = m * F_RT * RATE_V_PER_S
    potential_V, y, vertex, _ = surface_wave([0.5, -0.5, 0.5], k0=k0)
    forward_V, found = extremum(potential_V, y, int(np.argmax(y)))
    backward_V, _ = extremum(potential_V, y, vertex + int(np.argmin(y[vertex:])))
    assert (backward_V - forward_V) * 1e3 == pytest.approx(separation_mV, abs=0.2)
    assert found == pytest.approx(height, abs=2e-4)


@pytest.mark.parametrize("G", [-1.5, -0.8, 0.5, 2.0])
def test_lateral_interactions_give_the_frumkin_wave(G):
    # i/(F²νΓ/RT) = x(1-x)/[1 + 2G x(1-x)]
    potential_V, y, _, result = surface_wave(
        [0.5, -0.5], k0=math.inf, interactions={"A*": G, "B*": G}
    )
    x = result.coverages["B*"]
    exact = x * (1 - x) / (1 + 2 * G * x * (1 - x))
    assert y[10:] == pytest.approx(exact[10:], abs=1e-3 * y.max())
    assert y.max() == pytest.approx(1 / (4 + 2 * G), rel=1e-3)
    middle = (x > 1e-3) & (x < 1 - 1e-3)
    nernst_V = (np.log((1 - x) / x) + G * (1 - 2 * x))[middle] / F_RT
    assert potential_V[middle] == pytest.approx(nernst_V, abs=1e-6)


@pytest.mark.parametrize("g", [0.0, 1.0, -1.0])
def test_adsorption_settles_on_its_isotherm(g):
    # β c = θ/(1 - θ) exp(g θ), β = k_ads/(k_des Γ_max)
    k_ads, k_des, concentration = 1e-5, 5.0, 1.0
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B; A = A*"),
        concentrations_mol_per_m3={"A": concentration},
        diffusion_m2_per_s=1e-9,
        site_density_mol_per_m2=SITES,
        E0_V=0.0,
        k0=0.0,
        rate_constants=(k_ads, k_des),
        interactions={"A*": g},
    )
    time_s = np.geomspace(1e-3, 1e6, 400)
    result = simulate(
        parameters,
        Control.OPEN_CIRCUIT,
        time_s,
        np.zeros(400),
        area_m2=1.0,
        capacitance_F=0.1,
        initial_potential_V=0.5,
    )
    theta = result.coverages["A*"][-1]
    beta = k_ads / (k_des * SITES)
    assert theta / (1 - theta) * math.exp(g * theta) == pytest.approx(beta, rel=1e-3)
    if g == 0.0:
        assert theta == pytest.approx(beta / (1 + beta), rel=1e-3)


def test_slow_supply_fills_the_surface_with_the_square_root_of_time():
    # Γ = 2c√(Dt/π) while every molecule that arrives stays (Koryta 1953)
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B; A -> A*"),
        concentrations_mol_per_m3={"A": 1e-3},
        diffusion_m2_per_s=1e-9,
        site_density_mol_per_m2=1e-3,
        E0_V=0.0,
        k0=0.0,
        rate_constants=1.0,
    )
    time_s = np.linspace(0.0, 100.0, 201)[1:]
    result = simulate(
        parameters,
        Control.OPEN_CIRCUIT,
        time_s,
        np.zeros(200),
        area_m2=1.0,
        capacitance_F=0.1,
        initial_potential_V=0.5,
    )
    held = result.coverages["A*"] * 1e-3
    assert held == pytest.approx(2e-3 * np.sqrt(1e-9 * time_s / math.pi), rel=2e-3)


def test_electrosorption_in_equilibrium_obeys_its_nernst_equation():
    # H + e = H*: exp(f(E-E0)) = c (1-θ)/(1000 mol/m³ θ)
    parameters = mechanism_parameters(
        parse_mechanism("H^+ + e = H*"),
        concentrations_mol_per_m3={"H^+": 100.0},
        diffusion_m2_per_s=9e-9,
        site_density_mol_per_m2=1e-5,
        E0_V=0.0,
        k0=1.0,
    )
    potential_V = np.linspace(0.3, -0.15, 901)[1:]
    time_s = (0.3 - potential_V) / 1e-3
    result = simulate(
        parameters,
        Control.POTENTIAL,
        time_s,
        potential_V,
        area_m2=1.0,
        initial_potential_V=0.3,
    )
    theta = result.coverages["H*"]
    surface = result.surface_concentrations_mol_per_m3["H^+"]
    nernst_V = np.log(surface * (1 - theta) / (1000.0 * theta)) / F_RT
    assert potential_V[100:] == pytest.approx(nernst_V[100:], abs=1e-4)
    assert -result.charge_C[-1] == pytest.approx(F * 1e-5 * theta[-1], rel=1e-3)


def test_dissociative_adsorption_settles_on_the_square_root_isotherm():
    # H2 takes two sites: θ/(1 - θ) = √(k_f c/(k_b Γ_max)) (Langmuir 1918)
    k_f, k_b, concentration = 1e-5, 40.0, 0.7
    parameters = mechanism_parameters(
        parse_mechanism("P + e = H2; H2 = 2 H*"),
        concentrations_mol_per_m3={"H2": concentration},
        diffusion_m2_per_s=4e-9,
        site_density_mol_per_m2=SITES,
        E0_V=0.0,
        k0=0.0,
        rate_constants=(k_f, k_b),
    )
    result = simulate(
        parameters,
        Control.OPEN_CIRCUIT,
        np.geomspace(1e-4, 1e5, 300),
        np.zeros(300),
        area_m2=1.0,
        capacitance_F=0.1,
        initial_potential_V=0.0,
    )
    theta = result.coverages["H*"][-1]
    expected = math.sqrt(k_f * concentration / (k_b * SITES))
    assert theta / (1 - theta) == pytest.approx(expected, rel=1e-3)


def test_hydrogen_evolution_by_volmer_and_tafel_has_the_slope_of_the_tafel_step():
    # Volmer in equilibrium, little coverage: θ ∝ exp(-fE), i ∝ θ², one decade per 29.58 mV
    parameters = mechanism_parameters(
        parse_mechanism("H^+ + e = H*; 2 H* -> H2"),
        concentrations_mol_per_m3={"H^+": 1e5},
        diffusion_m2_per_s=9e-9,
        site_density_mol_per_m2=1e-5,
        E0_V=-0.3,
        k0=1.0,
        rate_constants=1e-2,
    )
    potential_V = np.linspace(0.1, -0.1, 401)[1:]
    result = simulate(
        parameters,
        Control.POTENTIAL,
        (0.1 - potential_V) / 1e-9,  # so slow that filling the sites takes no current
        potential_V,
        area_m2=1.0,
        initial_potential_V=0.1,
    )
    theta = result.coverages["H*"]
    tafel_A = 2 * F * 1e-2 * 1e-5 * theta**2
    steady = theta > 1e-3
    assert -result.current_A[steady] == pytest.approx(tafel_A[steady], rel=1e-2)
    low = (theta > 1e-4) & (theta < 1e-3)
    slope = np.polyfit(potential_V[low], np.log10(tafel_A[low]), 1)[0]
    assert -1e3 / slope == pytest.approx(29.58, rel=1e-2)
