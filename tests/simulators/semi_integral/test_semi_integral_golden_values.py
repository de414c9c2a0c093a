"""The semi-integral engine against results known in closed form or from the literature.

Sources are named at each table. [exact] marks values recomputed from the closed form or integral
equation named there, to more digits than were published. E1/2 = E0' = 0 and n = 1 throughout;
currents are given as ψ = i/(nFAC√(Dσ)), σ = nFν/RT, cathodic positive.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.semi_integral.modes import NernstFilm, Sphere, ThinLayer
from faradaic.simulators.voltammetry import Voltammogram, simulate_voltammogram
from faradaic.simulators.waveforms import (
    chronoamperometry,
    chronopotentiometry,
    cv,
    lsv,
    potential_steps,
    staircase,
)

F, R, T = 96485.33212, 8.314462618, 298.15
f = F / (R * T)
D, AREA, C, RATE = 1e-9, 1e-5, 1.0, 1.0
UNIT_A = F * AREA * C * math.sqrt(D * f * RATE)


def simulate(mechanism, waveform, **numbers) -> Voltammogram:
    numbers = {
        "area_m2": AREA,
        "concentrations_mol_per_m3": {"A": C},
        "diffusion_m2_per_s": D,
        "E0_V": 0.0,
        **numbers,
    }
    return simulate_voltammogram(mechanism, waveform, engine="semi_integral", **numbers)


def psi_and_mV(curve, *, anodic=False):
    potential_V, current_A = curve.peak(anodic=anodic)
    return (current_A if anodic else -current_A) / UNIT_A, potential_V * 1e3


def steady(curve):
    return -curve.current_A[-1]


# g(θ) = √π χ of a reversible wave, -Li_{-1/2}(-exp(-θ)) [exact]; Nicholson and Shain, Anal. Chem.
# 36 (1964) 706, table I; and the spherical function φ = 1/(1 + exp θ) (Reinmuth 1961).
REVERSIBLE = {
    120: 0.009244, 100: 0.019827, 80: 0.041787, 60: 0.084946, 50: 0.118310, 45: 0.138469,
    40: 0.160985, 35: 0.185748, 30: 0.212498, 25: 0.240808, 20: 0.270075, 15: 0.299537,
    10: 0.328314, 5: 0.355471, 0: 0.380105, -5: 0.401429, -10: 0.418846, -15: 0.432004,
    -20: 0.440807, -25: 0.445403, -30: 0.446136, -35: 0.443491, -40: 0.438031, -50: 0.420972,
    -60: 0.399177, -80: 0.352959, -100: 0.312423, -120: 0.280212, -150: 0.244876, -200: 0.207359,
    -300: 0.166746,
}  # fmt: skip


def test_a_reversible_sweep_follows_the_function_of_nicholson_and_shain():
    curve = simulate("A + e = B", lsv(0.5, -0.35, RATE))
    at = dict(zip(np.round(curve.potential_V * 1e3).astype(int), -curve.current_A, strict=True))
    for millivolts, g in REVERSIBLE.items():
        assert at[millivolts] / UNIT_A == pytest.approx(g, abs=2e-4), millivolts


def test_the_reversible_peak_has_the_height_and_place_of_randles_and_sevcik():
    # maximum of the polylogarithm [exact]; half-peak distance 2.202330519 RT/F
    curve = simulate("A + e = B", cv(0.5, -0.5, RATE, step_V=2e-3))
    assert len(curve.time_s) == 1000
    psi, peak_mV = psi_and_mV(curve)
    assert psi == pytest.approx(0.446294694845, rel=2e-4)
    assert peak_mV == pytest.approx(-28.4918, abs=0.05)
    half = np.argmax(-curve.current_A > 0.5 * psi * UNIT_A)
    between = np.interp(
        0.5 * psi * UNIT_A,
        -curve.current_A[half - 1 : half + 1],
        curve.potential_V[half - 1 : half + 1],
    )
    assert between * 1e3 - peak_mV == pytest.approx(56.5836, abs=0.1)


# ΔEp and |ipa|/ipc to the zero line against the switching potential (start ≥ +300 mV) [exact].
SWITCHING = [
    (-71.5, 61.99, 0.5085), (-100, 60.19, 0.5725), (-141, 58.95, 0.6339), (-150, 58.78, 0.6443),
    (-200, 58.16, 0.6893), (-300, 57.64, 0.7439), (-400, 57.41, 0.7771), (-500, 57.29, 0.8001),
    (-800, 57.14, 0.8412), (-1500, 57.04, 0.8836),
]  # fmt: skip


@pytest.mark.parametrize(("vertex_mV", "separation_mV", "ratio"), SWITCHING)
def test_the_reversal_of_a_reversible_couple(vertex_mV, separation_mV, ratio):
    curve = simulate("A + e = B", cv(0.5, vertex_mV * 1e-3, RATE, step_V=5e-4))
    forward, forward_mV = psi_and_mV(curve)
    backward, backward_mV = psi_and_mV(curve, anodic=True)
    assert backward_mV - forward_mV == pytest.approx(separation_mV, abs=0.1)
    assert backward / forward == pytest.approx(ratio, abs=3e-4)


# ψ = k0/√(πDσ): ΔEp for a switch at -141 mV and at -500 mV, and ψp, by product integration of
# the integral equation [exact]; Nicholson, Anal. Chem. 37 (1965) 1351, table I, has whole mV.
NICHOLSON = [
    (20, 60.23, 58.62, 0.4448), (10, 61.51, 59.95, 0.4433), (7, 62.59, 61.08, 0.4420),
    (6, 63.19, 61.70, 0.4413), (5, 64.03, 62.58, 0.4404), (4, 65.28, 63.88, 0.4390),
    (3, 67.35, 66.03, 0.4367), (2, 71.41, 70.26, 0.4323), (1, 83.08, 82.45, 0.4208),
    (0.75, 90.44, 90.17, 0.4143), (0.5, 104.28, 104.72, 0.4036), (0.35, 120.48, 121.81, 0.3932),
    (0.25, 139.68, 142.13, 0.3833), (0.20, 154.58, 157.90, 0.3772), (0.15, 176.21, 180.73, 0.3703),
    (0.1, 210.67, 216.84, 0.3626), (0.05, None, 284.93, 0.3551), (0.02, None, 379.13, 0.3516),
    (0.01, None, 450.88, 0.3509),
]  # fmt: skip


@pytest.mark.parametrize(("psi_k", "at_141", "at_500", "height"), NICHOLSON)
def test_quasireversible_peaks_separate_as_nicholson_found(psi_k, at_141, at_500, height):
    k0 = psi_k * math.sqrt(math.pi * D * f * RATE)
    for vertex_V, separation_mV in ((-0.141, at_141), (-0.5, at_500)):
        if separation_mV is not None:
            curve = simulate("A + e = B", cv(0.5, vertex_V, RATE), k0=k0)
            psi, forward_mV = psi_and_mV(curve)
            _, backward_mV = psi_and_mV(curve, anodic=True)
            assert backward_mV - forward_mV == pytest.approx(separation_mV, abs=0.2)
    assert psi == pytest.approx(height, abs=1e-4)


# ΔEp/mV for transfer coefficients .3, .4, .5, .6, .7 (switch at -500 mV), as above [exact].
@pytest.mark.parametrize(
    ("psi_k", "separations_mV"),
    [(1, (81.24, 82.30, 82.45, 81.83, 80.43)), (0.5, (103.78, 104.99, 104.72, 103.46, 100.94))],
)
def test_the_transfer_coefficient_belongs_to_the_reduction(psi_k, separations_mV):
    for alpha, separation_mV in zip((0.3, 0.4, 0.5, 0.6, 0.7), separations_mV, strict=True):
        k0 = psi_k * math.sqrt(math.pi * D * f * RATE)
        curve = simulate("A + e = B", cv(0.5, -0.5, RATE), k0=k0, alpha=alpha)
        found = psi_and_mV(curve, anodic=True)[1] - psi_and_mV(curve)[1]
        assert found == pytest.approx(separation_mV, abs=0.2), alpha


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.7])
def test_an_irreversible_peak_has_the_closed_form(alpha):
    # Matsuda and Ayabe 1955; Nicholson and Shain 1964: h = 0.495763 at
    # E0' - (RT/αF)[0.780384 + ln(√(Db)/k0)], b = αFν/RT; h is the maximum of the series [exact].
    k0, b = 1e-9, alpha * f * RATE
    expected_V = -(0.780384 + math.log(math.sqrt(D * b) / k0)) / (alpha * f)
    for mechanism in ("A + e = B", "A + e -> B"):
        psi, peak_mV = psi_and_mV(
            simulate(
                mechanism,
                lsv(expected_V + 0.4 / alpha, expected_V - 0.1 / alpha, RATE),
                k0=k0,
                alpha=alpha,
            )
        )
        assert psi == pytest.approx(0.495763 * math.sqrt(alpha), rel=1e-3)
        assert peak_mV == pytest.approx(expected_V * 1e3, abs=0.05)


# EC, λ = k/σ: ψp and Ep - E1/2 in mV (Nicholson and Shain 1964; integral equation [exact]).
EC = [
    (0.01, 0.4468, -28.30), (0.05, 0.4486, -27.57), (0.1, 0.4506, -26.69), (0.2, 0.4543, -25.07),
    (0.5, 0.4626, -21.01), (1, 0.4711, -16.01), (2, 0.4796, -9.35), (5, 0.4880, 1.18),
    (10, 0.4916, 9.76), (50, 0.4949, 30.24), (100, 0.4953, 39.13), (500, 0.4957, 59.79),
    (1e3, 0.4957, 68.69), (1e4, 0.4958, 98.27),
]  # fmt: skip


@pytest.mark.parametrize(("lam", "height", "place_mV"), EC)
def test_a_following_reaction_shifts_the_peak(lam, height, place_mV):
    curve = simulate("A + e = B; B -> C", lsv(0.5, -0.2, RATE), rate_constants=lam * f * RATE)
    psi, peak_mV = psi_and_mV(curve)
    assert psi == pytest.approx(height, rel=3e-3)
    assert psi == pytest.approx(height, abs=1.5e-4)
    assert peak_mV == pytest.approx(place_mV, abs=0.1)


# EC', λ = k'/σ: largest current (Nicholson and Shain 1964; Savéant and Vianello 1960; [exact]).
CATALYTIC = [
    (0.01, 0.45168), (0.04, 0.46789), (0.1, 0.50060), (0.2, 0.55584), (0.4, 0.66840),
    (0.6, 0.78230), (1, 1.0), (1.78, 1.33416), (3.16, 1.77763), (10, 3.16225),
]  # fmt: skip


@pytest.mark.parametrize(("lam", "largest"), CATALYTIC)
def test_a_catalytic_wave_reaches_its_plateau(lam, largest):
    curve = simulate("A + e = B; B -> A", lsv(0.5, -0.5, RATE), rate_constants=lam * f * RATE)
    assert -curve.current_A.min() / UNIT_A == pytest.approx(largest, rel=3e-4)
    if lam == 1:  # series Σ (-1)^(j+1) √(j+λ) exp(-jθ) at +60 mV [exact]
        at = -np.interp(-0.06, -curve.potential_V, curve.current_A)
        assert at / UNIT_A == pytest.approx(0.12228, abs=2e-5)


def test_a_reversible_following_reaction_at_high_speed_only_moves_the_wave():
    # K = [C]/[B]: E1/2 moves by (RT/F) ln(1 + K) while the shape stays (Nicholson and Shain 1964)
    curve = simulate("A + e = B; B = C", lsv(0.7, -0.2, RATE), rate_constants=(9e7, 1e7))
    psi, peak_mV = psi_and_mV(curve)
    assert psi == pytest.approx(0.446295, rel=1e-3)
    assert peak_mV == pytest.approx(-28.4918 + math.log(10.0) / f * 1e3, abs=0.1)


@pytest.mark.parametrize(("kt", "ratio"), [(0.5, 1.3935), (1.0, 1.6321), (4.0, 1.9817)])
def test_ece_goes_from_one_electron_to_two(kt, ratio):
    # i/i(Cottrell) = 2 - exp(-kt), Alberts and Shain, Anal. Chem. 35 (1963) 1859
    curve = simulate(
        "A + e = B; B -> C; C + e = D",
        chronoamperometry(-0.5, 1.0),
        E0_V=(0.0, 0.3),
        rate_constants=kt,
    )
    assert steady(curve) / (F * AREA * C * math.sqrt(D / math.pi)) == pytest.approx(ratio, rel=2e-3)


def test_a_preceding_reaction_holds_the_current_back():
    # CE at the diffusion limit: i/i(Cottrell) = √π λ exp(λ²) erfc(λ), λ = √(K k t), for
    # K = k/k(back) << 1 (Koutecký and Brdička 1947)
    forward, backward = 10.0, 1e4
    curve = simulate(
        "Y = A; A + e = B",
        chronoamperometry(-0.6, 1.0),
        concentrations_mol_per_m3={"Y": 1.0, "A": forward / backward},
        rate_constants=((forward, backward),),
    )
    lam = math.sqrt(forward / backward * forward * 1.0)
    expected = math.sqrt(math.pi) * lam * math.exp(lam**2) * math.erfc(lam)
    assert steady(curve) / (F * AREA * math.sqrt(D / math.pi)) == pytest.approx(expected, rel=2e-3)


def test_two_waves_apart_are_two_waves():
    # each electron of a far separated EE gives the wave of one electron (the second one rides on
    # the falling first); the first peak is that of E alone
    curve = simulate("A + e = B; B + e = C", lsv(0.4, -0.25, RATE), E0_V=(0.0, -0.6))
    psi, peak_mV = psi_and_mV(curve)
    assert (psi, peak_mV) == pytest.approx((0.446295, -28.492), rel=2e-3)


def test_two_electrons_at_once_are_the_limit_of_a_much_easier_second_one():
    together = simulate("A + 2 e = C", lsv(0.4, -0.3, RATE, step_V=5e-4))
    apart = simulate("A + e = B; B + e = C", lsv(0.4, -0.3, RATE, step_V=5e-4), E0_V=(-0.5, 0.5))
    assert apart.current_A == pytest.approx(together.current_A, rel=1e-4, abs=1e-6 * UNIT_A)
    psi, peak_mV = psi_and_mV(together)
    assert psi == pytest.approx(2.0**1.5 * 0.446295, rel=2e-4)
    assert peak_mV == pytest.approx(-28.4918 / 2.0, abs=0.05)


def test_unequal_diffusion_moves_the_half_wave_potential():
    # E1/2 = E0' + (RT/F) ln √(D_R/D_O), height by D_O (Nicholson and Shain 1964)
    curve = simulate("A + e = B", lsv(0.5, -0.3, RATE), diffusion_m2_per_s={"A": D, "B": 4.0 * D})
    psi, peak_mV = psi_and_mV(curve)
    assert psi == pytest.approx(0.446295, rel=2e-4)
    assert peak_mV == pytest.approx(-28.4918 + 0.5 * math.log(4.0) / f * 1e3, abs=0.05)


def test_an_anodic_wave_is_the_mirror_image_with_a_positive_current():
    reduction = simulate("A + e = B", cv(0.3, -0.3, RATE))
    oxidation = simulate("A + e = B", cv(-0.3, 0.3, RATE), concentrations_mol_per_m3={"B": C})
    assert oxidation.current_A == pytest.approx(-reduction.current_A, rel=1e-9)
    assert oxidation.peak(anodic=True)[1] > 0.0


def test_a_potential_step_gives_the_current_of_cottrell_and_the_charge_of_anson():
    # Cottrell 1903: i = nFAC √(D/πt); Anson 1964: Q = 2 nFAC √(Dt/π)
    curve = simulate("A + e = B", chronoamperometry(-0.6, 1.0, points=200))
    ratio = -curve.current_A / (F * AREA * C * np.sqrt(D / (math.pi * curve.time_s)))
    assert np.max(np.abs(ratio - 1.0)) < 2e-3
    assert np.max(np.abs(ratio[20:] - 1.0)) < 2e-4
    late = curve.time_s >= 0.1
    charge = np.trapezoid(-curve.current_A[late], curve.time_s[late])
    anson = 2.0 * F * AREA * C * math.sqrt(D / math.pi) * (1.0 - math.sqrt(0.1))
    assert charge == pytest.approx(anson, rel=2e-3)


@pytest.mark.parametrize("points", [20, 100, 1000])
def test_a_double_step_returns_29_percent(points):
    # -i(2τ)/i(τ) = 1 - 1/√2 (Schwarz and Shain 1965)
    curve = simulate("A + e = B", potential_steps([-0.6, 0.6], [0.5] * 2, points=points))
    backward, forward = curve.current_A[-1], curve.current_A[points - 1]
    assert -backward / forward == pytest.approx(1.0 - math.sqrt(0.5), rel=2e-3)


@pytest.mark.parametrize("k0", [1e-6, 1e-5, 1e-4])
def test_a_step_with_slow_kinetics_starts_at_the_kinetic_current(k0):
    # i = nFA kf C exp(H²t) erfc(H√t), H = (kf + kb)/√D
    potential_V = -0.05
    kf, kb = k0 * math.exp(-0.5 * f * potential_V), k0 * math.exp(0.5 * f * potential_V)
    curve = simulate("A + e = B", chronoamperometry(potential_V, 1.0, points=100), k0=k0)
    x = (kf + kb) / math.sqrt(D) * np.sqrt(curve.time_s)
    expected = F * AREA * kf * C * np.array([math.exp(v**2) * math.erfc(v) for v in x])
    assert -curve.current_A == pytest.approx(expected, rel=2e-3)


TAU_S = 10.0
SAND_A = -F * AREA * C * math.sqrt(math.pi * D / TAU_S) / 2.0  # Sand 1901


def test_the_surface_is_exhausted_at_the_time_of_sand():
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": C},
        diffusion_m2_per_s=D,
        E0_V=0.0,
        k0=math.inf,
    )
    cell = SemiIntegralCell(parameters, area_m2=AREA)
    for k in range(1, 100):
        cell.step(Control.CURRENT, SAND_A, 0.1)
        left = cell.surface_concentrations()["A"] / C
        assert left == pytest.approx(1.0 - math.sqrt(0.1 * k / TAU_S), abs=2e-5)
    # what is left at the surface reaches zero within 0.1 % of τ
    squared = (1.0 - left) ** 2 / cell.time_s
    assert 1.0 / squared == pytest.approx(TAU_S, rel=1e-3)


def test_chronopotentiograms_follow_karaoglanoff_and_delahay():
    reversible = simulate("A + e = B", chronopotentiometry(SAND_A, 0.98 * TAU_S, points=980))
    root = np.sqrt(reversible.time_s / TAU_S)
    assert reversible.potential_V == pytest.approx(np.log((1.0 - root) / root) / f, abs=2e-5)
    quarter = np.interp(TAU_S / 4.0, reversible.time_s, reversible.potential_V)
    assert quarter == pytest.approx(0.0, abs=2e-5)
    k0 = 1e-9
    slow = simulate("A + e = B", chronopotentiometry(SAND_A, 0.98 * TAU_S, points=980), k0=k0)
    kinetic_V = math.log(F * AREA * k0 * C / -SAND_A) / (0.5 * f)
    assert slow.potential_V == pytest.approx(kinetic_V + np.log(1.0 - root) / (0.5 * f), abs=5e-5)


def test_current_reversal_returns_after_a_third_of_the_time():
    # Berzins and Delahay 1953: τ_r = t_f/3, where the reduced form is exhausted at the surface
    curve = simulate(
        "A + e = B",
        chronopotentiometry([SAND_A, -SAND_A], [6.0, 0.999 * 2.0], points=600),
        k0=math.inf,
    )
    assert curve.potential_V[-1] > 0.12
    with pytest.raises(Exception, match="E545"):
        simulate("A + e = B", chronopotentiometry([SAND_A, -SAND_A], [6.0, 1.002 * 2.0]))


# Staircase of 1 mV: ψp over the ramp's, by superposition of Cottrell currents [exact].
@pytest.mark.parametrize(
    ("fraction", "ratio"),
    [(1.0, 0.4172 / 0.446295), (0.5, 0.9724), (0.302722, 1.0001), (0.25, 1.0113)],
)
def test_a_staircase_reads_low_unless_it_samples_at_the_zero_of_zeta(fraction, ratio):
    curve = simulate("A + e = B", staircase([0.4, -0.2], RATE, sampling_fraction=fraction))
    assert psi_and_mV(curve)[0] / 0.446294694845 == pytest.approx(ratio, abs=1e-3)


def test_a_sphere_adds_its_steady_current():
    # i = i_planar + nFADC φ/r, φ = 1/(1 + exp θ), exact for equal D (Reinmuth 1961)
    radius_m = 2e-5
    planar = simulate("A + e = B", lsv(0.5, -0.4, RATE))
    sphere = simulate("A + e = B", lsv(0.5, -0.4, RATE), geometry=Sphere(radius_m))
    phi = 1.0 / (1.0 + np.exp(f * sphere.potential_V))
    steady_A = F * AREA * D * C / radius_m
    assert sphere.current_A == pytest.approx(
        planar.current_A - steady_A * phi, rel=3e-4, abs=3e-4 * UNIT_A
    )


def test_a_film_settles_at_its_limiting_current():
    # i/i_lim = 1 + 2 Σ exp(-m²π²Dt/δ²), i_lim = nFADC/δ
    thickness_m = 5e-5
    curve = simulate(
        "A + e = B", chronoamperometry(-0.6, 5.0, points=500), geometry=NernstFilm(thickness_m)
    )
    x = math.pi**2 * D * curve.time_s / thickness_m**2
    expected = 1.0 + 2.0 * sum(np.exp(-(m**2) * x) for m in range(1, 60))
    limit_A = F * AREA * D * C / thickness_m
    assert -curve.current_A / limit_A == pytest.approx(expected, rel=2e-3)
    assert steady(curve) / limit_A == pytest.approx(1.0, rel=1e-5)


def test_a_film_with_a_catalytic_reaction_has_the_hatta_current():
    # Ha/tanh Ha, Ha = δ√(k/D), with the plateau of both: A regenerated, film fed with A alone
    thickness_m, k = 5e-5, 3.0
    curve = simulate(
        "A + e = B; B -> A",
        chronoamperometry(-0.6, 20.0, points=2000),
        geometry=NernstFilm(thickness_m),
        rate_constants=k,
    )
    hatta = thickness_m * math.sqrt(k / D)
    expected = F * AREA * D * C / thickness_m * hatta / math.tanh(hatta)
    assert steady(curve) == pytest.approx(expected, rel=1e-4)


def test_a_thin_layer_at_slow_scan_gives_a_bell():
    # i_p = n²F²νVC/4RT at E0' (Hubbard and Anson 1966)
    thickness_m, rate = 1e-5, 1e-3
    curve = simulate(
        "A + e = B", lsv(0.25, -0.25, rate, step_V=5e-4), geometry=ThinLayer(thickness_m)
    )
    potential_V, current_A = curve.peak(anodic=False)
    expected = F * f * rate * AREA * thickness_m * C / 4.0
    assert -current_A == pytest.approx(expected, rel=1e-3)
    assert potential_V == pytest.approx(0.0, abs=2e-3)
    charge_C = np.trapezoid(-curve.current_A, curve.time_s)
    assert charge_C == pytest.approx(F * AREA * thickness_m * C, rel=1e-3)


def test_the_double_layer_charges_as_a_linear_circuit():
    # step: i = (ΔE/R) exp(-t/RC); ramp: i = νC (1 - exp(-t/RC)); whatever the time step
    blank = {"concentrations_mol_per_m3": {"A": 1e-12}, "k0": 1e-12}
    circuit = {"resistance_ohm": 1e3, "capacitance_F": 1e-5}
    for points in (10, 100):
        curve = simulate(
            "A + e = B", chronoamperometry(0.1, 0.05, points=points), rest_potential_V=0.0,
            **circuit, **blank,
        )  # fmt: skip
        expected = 1e-4 * np.exp(-curve.time_s / 1e-2)
        assert curve.current_A == pytest.approx(expected, rel=1e-5)
    ramp = simulate("A + e = B", lsv(0.0, 0.1, 2.0), **circuit, **blank)
    assert ramp.current_A == pytest.approx(2e-5 * (1.0 - np.exp(-ramp.time_s / 1e-2)), rel=1e-5)


def test_ohmic_drop_moves_the_interface_not_the_meter():
    swept = cv(0.3, -0.3, RATE)
    dropped = simulate("A + e = B", swept, k0=1e-4, resistance_ohm=200.0)
    assert dropped.potential_V == pytest.approx(swept.end, abs=1e-12)
    drop_V = 200.0 * dropped.current_A
    assert dropped.interface_V == pytest.approx(swept.end - drop_V, abs=1e-12)
    # what the interface has felt, imposed without a resistance, gives the same current
    felt = replace(
        swept,
        start=np.concatenate([[0.3], dropped.interface_V[:-1]]),
        end=dropped.interface_V.copy(),
    )
    again = simulate("A + e = B", felt, k0=1e-4)
    assert again.current_A == pytest.approx(dropped.current_A, rel=1e-9)


def test_dimensional_values_for_a_3_mm_disc():
    # A = 0.0706858 cm², 1 mM, D = 1e-5 cm²/s: i_p(0.1 V/s) = 18.989 µA, Cottrell(1 s) 12.168 µA
    disc = {"area_m2": 7.06858e-6}
    peak = simulate("A + e = B", lsv(0.4, -0.3, 0.1), **disc).peak(anodic=False)
    assert -peak[1] == pytest.approx(18.989e-6, rel=2e-4)
    step = simulate("A + e = B", chronoamperometry(-0.6, 1.0), **disc)
    assert steady(step) == pytest.approx(12.168e-6, rel=1e-4)
    # Sand: τ(10 µA) = 3.6532 s
    with pytest.raises(Exception, match="E545"):
        simulate("A + e = B", chronopotentiometry(-10e-6, 3.6532 * 1.001, points=2000), **disc)
    simulate("A + e = B", chronopotentiometry(-10e-6, 3.6532 * 0.999, points=2000), **disc)


def test_several_steps_superpose():
    # after two equal steps apart by τ, Cottrell currents add: i(t) from -0.6 V, back, and again
    curve = simulate("A + e = B", potential_steps([-0.6, 0.6, -0.6], [1.0] * 3, points=200))
    t = curve.time_s
    pieces = [np.where(t > s, 1.0 / np.sqrt(np.maximum(t - s, 1e-9)), 0.0) for s in (0.0, 1.0, 2.0)]
    expected = (pieces[0] - pieces[1] + pieces[2]) * F * AREA * C * math.sqrt(D / math.pi)
    third = t > 2.02
    assert -curve.current_A[third] == pytest.approx(expected[third], rel=2e-3)
