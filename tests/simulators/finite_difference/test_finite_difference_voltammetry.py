"""Cyclic voltammograms of one couple by finite differences, against exact results.

Golden values: closed forms and series recomputed to the digits given; published tables of
Nicholson & Shain, Anal. Chem. 1964, 36, 706 and Nicholson, Anal. Chem. 1965, 37, 1351.
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
D = 1e-9
RATE_V_PER_S = 0.1
SIGMA = F_RT * RATE_V_PER_S


def scan(corners_V, steps, **numbers):
    """Potential and ψ = -i/(FAc√(Dσ)) of a scan through the corners, `steps` samples a volt."""
    pieces = [np.linspace(a, b, round(abs(b - a) * steps) + 1)[1:] for a, b in pairwise(corners_V)]
    potential_V = np.concatenate(pieces)
    moved_V = np.abs(np.diff(potential_V, prepend=corners_V[0]))
    time_s = np.cumsum(moved_V) / RATE_V_PER_S
    keywords = {"concentrations_mol_per_m3": {"A": 1.0}, "diffusion_m2_per_s": D, "E0_V": 0.0}
    cell = {k: numbers.pop(k) for k in ("resistance_ohm", "capacitance_F") if k in numbers}
    mechanism = parse_mechanism(numbers.pop("mechanism", "A + e = B"))
    parameters = mechanism_parameters(mechanism, **(keywords | numbers))
    cell |= {"area_m2": 1.0, "initial_potential_V": corners_V[0]}
    result = simulate(parameters, Control.POTENTIAL, time_s, potential_V, **cell)
    return potential_V, -result.current_A / (F * math.sqrt(D * SIGMA)), len(pieces[0])


def extremum(potential_V, psi, k):
    """Vertex of the parabola through sample `k` and its neighbours: potential, ψ."""
    left, middle, right = psi[k - 1 : k + 2]
    shift = 0.5 * (left - right) / (left - 2.0 * middle + right)
    height = middle - 0.25 * (left - right) * shift
    return potential_V[k] + shift * (potential_V[k + 1] - potential_V[k]), height


def separation(potential_V, psi, vertex):
    forward, _ = extremum(potential_V, psi, int(np.argmax(psi[:vertex])))
    backward, _ = extremum(potential_V, psi, vertex + int(np.argmin(psi[vertex:])))
    return backward - forward


def test_a_reversible_wave_peaks_where_and_as_high_as_the_closed_form():
    # max of -Li_{-1/2}(-e^{-θ}): 0.446294694845 at θ = -1.108949233 (Randles 1948, Ševčík 1948)
    potential_V, psi, vertex = scan([0.5, -0.5], 4000, k0=math.inf)
    peak_V, height = extremum(potential_V, psi, int(np.argmax(psi[:vertex])))
    assert height == pytest.approx(0.446294694845, rel=1e-4)
    assert peak_V == pytest.approx(-28.4918e-3, abs=0.05e-3)


def test_a_thousand_points_give_the_peak_within_three_parts_in_ten_thousand():
    potential_V, psi, vertex = scan([0.5, -0.5, 0.5], 500, k0=math.inf)
    _, height = extremum(potential_V, psi, int(np.argmax(psi[:vertex])))
    assert height == pytest.approx(0.446294694845, rel=3e-4)


@pytest.mark.parametrize(
    ("potential_mV", "g"),
    [
        # closed form -Li_{-1/2}(-e^{-θ}), six digits; N&S 1964 table I to three
        (120, 0.009244),
        (80, 0.041787),
        (45, 0.138469),
        (20, 0.270075),
        (0, 0.380105),
        (-20, 0.440807),
        (-50, 0.420972),
        (-100, 0.312423),
        (-150, 0.244876),
        (-300, 0.166746),
    ],
)
def test_a_reversible_wave_follows_the_working_curve(potential_mV, g):
    potential_V, psi, _ = scan([0.5, -0.5], 4000, k0=math.inf)
    assert np.interp(-potential_mV * 1e-3, -potential_V, psi) == pytest.approx(g, abs=2e-4)


@pytest.mark.parametrize("k0", [1.0, 1e3, 1e9, math.inf])
def test_no_rate_constant_is_too_large_for_the_current(k0):
    _, psi, _ = scan([0.5, -0.5], 2000, k0=k0)
    assert psi.max() == pytest.approx(0.44629, rel=2e-4)
    assert np.abs(np.diff(psi, n=2)).max() < 1e-4  # no spike anywhere


@pytest.mark.parametrize("ratio", [0.25, 4.0])
def test_unequal_diffusion_shifts_the_wave_by_the_root_of_its_ratio(ratio):
    # E½ = E0 + (RT/F) ln √(D_R/D_O); the height stays
    given = {"A": D, "B": ratio * D}
    potential_V, psi, vertex = scan([0.5, -0.5], 4000, k0=math.inf, diffusion_m2_per_s=given)
    peak_V, height = extremum(potential_V, psi, int(np.argmax(psi[:vertex])))
    assert height == pytest.approx(0.446294694845, rel=2e-4)
    shift_V = 0.5 * math.log(ratio) / F_RT
    assert peak_V - shift_V == pytest.approx(-28.4918e-3, abs=0.05e-3)


@pytest.mark.parametrize(
    ("vertex_mV", "separation_mV"),
    # reversible couple, from the closed form with reversal; start at +500 mV
    [(-71.5, 61.99), (-141.0, 58.95), (-200.0, 58.16), (-300.0, 57.64), (-500.0, 57.29)],
)
def test_the_peak_separation_depends_on_the_vertex(vertex_mV, separation_mV):
    potential_V, psi, vertex = scan([0.5, vertex_mV * 1e-3, 0.3], 4000, k0=math.inf)
    assert separation(potential_V, psi, vertex) * 1e3 == pytest.approx(separation_mV, abs=0.1)


@pytest.mark.parametrize(
    ("psi_kinetic", "at_141", "at_500"),
    [
        # recomputed by product integration (0.02 mV); Nicholson 1965 prints 61, 66, 84, 105, 212
        (20.0, 60.23, 58.62),
        (7.0, 62.59, 61.08),
        (4.0, 65.28, 63.88),
        (2.0, 71.41, 70.26),
        (1.0, 83.08, 82.45),
        (0.5, 104.28, 104.72),
        (0.25, 139.68, 142.13),
        (0.1, 210.67, 216.84),
    ],
)
def test_slow_electron_transfer_separates_the_peaks_as_nicholson_found(psi_kinetic, at_141, at_500):
    k0 = psi_kinetic * math.sqrt(math.pi * D * SIGMA)
    for vertex_mV, expected_mV in ((-141.0, at_141), (-500.0, at_500)):
        potential_V, psi, vertex = scan([0.5, vertex_mV * 1e-3, 0.4], 4000, k0=k0)
        assert separation(potential_V, psi, vertex) * 1e3 == pytest.approx(expected_mV, abs=0.2)


def test_an_irreversible_wave_has_the_height_and_place_of_matsuda_and_ayabe():
    # h_max = 0.495763 √α in ψ; E_p = E0 - (RT/αF)[0.780384 + ln(√(Dαfν)/k0)] (1955; N&S 1964)
    alpha, k0 = 0.4, 1e-9
    b = alpha * SIGMA
    peak_V = -(0.780384 + math.log(math.sqrt(D * b) / k0)) / (alpha * F_RT)
    potential_V, psi, vertex = scan(
        [0.0, peak_V - 0.3], 2000, k0=k0, alpha=alpha, mechanism="A + e -> B"
    )
    found_V, height = extremum(potential_V, psi, int(np.argmax(psi[: vertex - 1])))
    assert height / math.sqrt(alpha) == pytest.approx(0.495763, rel=1e-3)
    assert found_V == pytest.approx(peak_V, abs=0.1e-3)


def test_an_oxidation_is_the_mirror_image_of_a_reduction():
    potential_V, psi, _ = scan([0.5, -0.5], 2000, k0=1e-5, alpha=0.3)
    mirrored_V, mirrored, _ = scan([-0.5, 0.5], 2000, k0=1e-5, alpha=0.7, mechanism="B + e = A")
    assert np.array_equal(potential_V, -mirrored_V)
    assert mirrored == pytest.approx(-psi, rel=1e-9, abs=1e-12)


def test_two_electrons_at_once_make_the_wave_half_as_wide_and_2_828_times_as_high():
    potential_V, psi, vertex = scan([0.3, -0.3], 8000, k0=math.inf, mechanism="A + 2 e = B")
    peak_V, height = extremum(potential_V, psi, int(np.argmax(psi[:vertex])))
    assert height == pytest.approx(2.0**1.5 * 0.446294694845, rel=2e-4)
    assert peak_V == pytest.approx(-28.4918e-3 / 2.0, abs=0.05e-3)


def test_resistance_and_capacitance_give_the_charging_current_of_a_ramp():
    # i = νC(1 - exp(-t/RC)), far from any wave
    resistance_ohm, capacitance_F = 0.5, 0.2
    potential_V, psi, _ = scan(
        [2.0, 1.9], 20000, k0=0.0, resistance_ohm=resistance_ohm, capacitance_F=capacitance_F
    )
    time_s = (2.0 - potential_V) / RATE_V_PER_S
    current_A = -psi * F * math.sqrt(D * SIGMA)
    exact_A = -RATE_V_PER_S * capacitance_F * (1 - np.exp(-time_s / resistance_ohm / capacitance_F))
    assert current_A[20:] == pytest.approx(exact_A[20:], rel=1e-3)


def test_an_uncompensated_resistance_shifts_the_peak_by_no_more_than_its_drop():
    plain_V, plain, vertex = scan([0.5, -0.7], 2000, k0=math.inf)
    shifted_V, shifted, _ = scan([0.5, -0.7], 2000, k0=math.inf, resistance_ohm=0.1)
    before_V, height = extremum(plain_V, plain, int(np.argmax(plain[:vertex])))
    after_V, lower = extremum(shifted_V, shifted, int(np.argmax(shifted[:vertex])))
    drop_V = 0.1 * lower * F * math.sqrt(D * SIGMA)
    assert lower < height
    assert -drop_V * 2.0 < after_V - before_V < -drop_V * 0.9
