"""Chemistry coupled to electron transfer, by finite differences, against known results.

Golden values: recomputed series and integral equations of Nicholson & Shain, Anal. Chem. 1964,
36, 706; Savéant & Vianello 1960 and 1967; Alberts & Shain 1963. They hold within 0.3 %.
"""

import math

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


def wave(mechanism, rate_constants, start_V=0.5, end_V=-0.5, samples=2000, **numbers):
    """Potential and ψ = -i/(FAc√(Dσ)) of a reducing scan."""
    keywords = {
        "concentrations_mol_per_m3": {"A": 1.0},
        "diffusion_m2_per_s": D,
        "E0_V": 0.0,
        "k0": math.inf,
        "rate_constants": rate_constants,
    }
    parameters = mechanism_parameters(parse_mechanism(mechanism), **(keywords | numbers))
    potential_V = np.linspace(start_V, end_V, samples + 1)[1:]
    time_s = (start_V - potential_V) / RATE_V_PER_S
    result = simulate(parameters, Control.POTENTIAL, time_s, potential_V, area_m2=1.0)
    return potential_V, -result.current_A / (F * math.sqrt(D * SIGMA))


def peak(potential_V, psi):
    k = int(np.argmax(psi))
    left, middle, right = psi[k - 1 : k + 2]
    shift = 0.5 * (left - right) / (left - 2.0 * middle + right)
    step_V = potential_V[1] - potential_V[0]
    return potential_V[k] + shift * step_V, middle - 0.25 * (left - right) * shift


@pytest.mark.parametrize(
    ("ratio", "height", "shift_mV"),
    [
        (0.1, 0.4506, -26.69),
        (1.0, 0.4711, -16.01),
        (10.0, 0.4916, 9.76),
        (100.0, 0.4953, 39.13),
        (1e4, 0.4958, 98.27),
    ],
)
def test_a_following_reaction_pulls_the_wave_forward(ratio, height, shift_mV):
    peak_V, found = peak(*wave("A + e = B; B -> C", ratio * SIGMA))
    assert found == pytest.approx(height, rel=1e-3)
    assert peak_V * 1e3 == pytest.approx(shift_mV, abs=0.1)


@pytest.mark.parametrize(
    ("ratio", "height"), [(0.1, 0.50060), (1.0, 1.0000), (3.16, 1.77763), (10.0, 3.16225)]
)
def test_regeneration_raises_the_wave_to_the_catalytic_plateau(ratio, height):
    # the plateau is √(k/σ) (Savéant & Vianello 1960)
    _, psi = wave("A + e = B; B -> A", ratio * SIGMA)
    assert psi.max() == pytest.approx(height, rel=1e-3)


def test_a_catalytic_wave_with_much_partner_is_the_pseudo_first_order_one():
    _, first = wave("A + e = B; B -> A", SIGMA)
    _, second = wave(
        "A + e = B; B + Z -> A + P",
        SIGMA / 1e4,
        concentrations_mol_per_m3={"A": 1.0, "Z": 1e4},
        samples=1000,
    )
    assert second == pytest.approx(first[1::2], abs=1e-3)


@pytest.mark.parametrize("ratio", [1e3, 1e5])
def test_a_dimerisation_gives_the_height_and_shift_of_its_kinetic_zone(ratio):
    # ψ_p = 0.5270, E_p = E½ - (RT/F)[0.902 - ln(4λ/3)/3], λ = kc/σ (Savéant & Vianello 1967)
    peak_V, height = peak(*wave("A + e = B; 2 B -> C", ratio * SIGMA))
    assert height == pytest.approx(0.5270, rel=3e-3)
    assert peak_V == pytest.approx(-(0.902 - math.log(4 * ratio / 3) / 3) / F_RT, abs=0.2e-3)


def test_the_dimerisation_reaches_its_limit():
    _, height = peak(*wave("A + e = B; B + B -> C", 1e5 * SIGMA))
    assert height == pytest.approx(0.5270, rel=3e-4)


@pytest.mark.parametrize("kt", [0.5, 1.0, 4.0])
def test_an_ece_current_passes_from_one_electron_to_two(kt):
    # i/i_Cottrell = 2 - exp(-kt) (Alberts & Shain 1963)
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B; B -> C; C + e = D"),
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=D,
        E0_V=(0.0, 0.3),
        k0=1.0,
        rate_constants=1.0,
    )
    time_s = np.linspace(0.0, kt, 401)[1:]
    jump = np.arange(400) == 0
    potential_V = np.full(400, -0.6)
    result = simulate(parameters, Control.POTENTIAL, time_s, potential_V, jump=jump, area_m2=1.0)
    cottrell_A = F * math.sqrt(D / (math.pi * kt))
    assert -result.current_A[-1] / cottrell_A == pytest.approx(2 - math.exp(-kt), rel=2e-3)


def test_a_preceding_equilibrium_costs_height_and_the_nernst_shift():
    # CE, K = [A]/[Y], λ = (k_f + k_b)/σ: i_k/i_d = 1/[1.02 + 0.471/(K√λ)] (N&S 1964, a fit whose
    # limit is 1/1.02); at fast exchange the wave moves by (RT/F) ln[K/(1+K)]
    K, fast = 0.1, 1e5 * SIGMA
    lam = (1.0 + K) * fast / SIGMA
    potential_V, psi = wave(
        "Y = A; A + e = B",
        [(K * fast, fast)],
        concentrations_mol_per_m3={"Y": 1.0 / (1.0 + K), "A": K / (1.0 + K)},
        samples=4000,
    )
    peak_V, height = peak(potential_V, psi)
    assert height / 0.446295 == pytest.approx(
        1.02 / (1.02 + 0.471 / (K * math.sqrt(lam))), rel=3e-3
    )
    assert peak_V == pytest.approx(-28.49e-3 + math.log(K / (1 + K)) / F_RT, abs=1e-3)


def test_marcus_and_butler_agree_on_a_fast_couple_and_differ_on_a_slow_one():
    common = {"rate_constants": (), "samples": 1000}
    fast = [wave("A + e = B", k0=1e-2, reorganisation_eV=e, **common)[1] for e in (None, 1.0)]
    assert fast[1] == pytest.approx(fast[0], abs=2e-3)
    slow = [
        wave("A + e = B", k0=1e-8, end_V=-1.5, reorganisation_eV=e, **common)[1]
        for e in (None, 0.5)
    ]
    assert slow[1].max() < 0.8 * slow[0].max()  # the rate has a ceiling
