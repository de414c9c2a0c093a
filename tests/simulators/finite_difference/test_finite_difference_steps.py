"""Potential and current steps by finite differences, against closed forms."""

import math

import numpy as np
import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.finite_difference.simulation import simulate
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters

F = 96485.33212
F_RT = F / (8.314462618 * 298.15)
D = 1e-9


def couple(k0=math.inf, reduced=0.0, **numbers):
    return mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": 1.0, "B": reduced},
        diffusion_m2_per_s=D,
        E0_V=0.0,
        k0=k0,
        **numbers,
    )


def step(parameters, potential_V, duration_s, samples=400, **cell):
    time_s = np.linspace(0.0, duration_s, samples + 1)[1:]
    values = np.broadcast_to(potential_V, (samples,)).astype(float)
    jump = np.diff(values, prepend=math.inf) != 0.0
    return simulate(parameters, Control.POTENTIAL, time_s, values, jump=jump, area_m2=1.0, **cell)


def test_a_potential_step_follows_cottrell_and_anson():
    # i = FAc√(D/πt) (Cottrell 1903), Q = 2FAc√(Dt/π) (Anson 1966)
    result = step(couple(), -1.0, 10.0)
    t = result.time_s
    assert -result.current_A == pytest.approx(F * np.sqrt(D / (math.pi * t)), rel=2e-3)
    assert -result.charge_C == pytest.approx(2 * F * np.sqrt(D * t / math.pi), rel=1e-3)


def test_the_concentrations_after_a_step_are_error_functions():
    result = step(couple(), -1.0, 10.0, nodes=100)
    x = result.profile.position_m
    reach_m = 2.0 * math.sqrt(D * 10.0)
    exact = np.array([math.erf(v / reach_m) for v in x])
    assert result.profile.concentration_mol_per_m3["A"] == pytest.approx(exact, abs=5e-4)
    assert result.profile.concentration_mol_per_m3["B"] == pytest.approx(1 - exact, abs=5e-4)


def test_a_double_step_returns_29_percent_of_the_current():
    # -i_r(2τ)/i_f(τ) = 1 - 1/√2 and Q_r/Q_f = 2 - √2 (Schwarz & Shain 1965)
    result = step(couple(), np.repeat([-1.0, 1.0], 400), 20.0, samples=800)
    i, q = result.current_A, result.charge_C
    assert -i[-1] / i[399] == pytest.approx(1 - 1 / math.sqrt(2), rel=2e-3)
    assert (q[399] - q[-1]) / q[399] == pytest.approx(2 - math.sqrt(2), rel=2e-3)


def test_a_step_into_slow_kinetics_follows_exp_erfc():
    # i = FA k_f c exp(H²t) erfc(H√t), H = (k_f + k_b)/√D
    k0, potential_V = 1e-5, -0.05
    k_f, k_b = (k0 * math.exp(s * 0.5 * F_RT * potential_V) for s in (-1, 1))
    result = step(couple(k0=k0), potential_V, 5.0)
    H = (k_f + k_b) / math.sqrt(D)
    exact = [F * k_f * math.exp(H * H * t) * math.erfc(H * math.sqrt(t)) for t in result.time_s]
    assert -result.current_A == pytest.approx(np.array(exact), rel=2e-3)


def test_a_nernst_film_settles_to_its_limit_as_the_series_says():
    # i/i_lim = 1 + 2 Σ exp(-m²π²Dt/δ²), i_lim = FADc/δ
    film_m = 50e-6
    result = step(couple(), -1.0, 4.0, film_m=film_m)
    t = result.time_s[10:]
    m = np.arange(1, 200)[:, None]
    series = 1 + 2 * np.exp(-(m**2) * math.pi**2 * D * t / film_m**2).sum(axis=0)
    assert -result.current_A[10:] / (F * D / film_m) == pytest.approx(series, rel=2e-3)
    assert -result.current_A[-1] / (F * D / film_m) == pytest.approx(1.0, rel=1e-4)


def test_a_thin_layer_gives_all_it_holds():
    result = step(couple(), -1.0, 100.0, layer_m=20e-6)
    assert -result.charge_C[-1] == pytest.approx(F * 20e-6, rel=1e-9)
    assert result.profile.concentration_mol_per_m3["A"].max() < 1e-9


def test_a_capacitance_behind_a_resistance_charges_exponentially():
    # i = (ΔE/R) exp(-t/RC)
    result = step(
        couple(k0=0.0),
        -0.1,
        1.0,
        resistance_ohm=2.0,
        capacitance_F=0.1,
        initial_potential_V=0.0,
    )
    exact = -0.1 / 2.0 * np.exp(-result.time_s / 0.2)
    assert result.current_A == pytest.approx(exact, rel=2e-3, abs=1e-6)
    assert result.charge_C[-1] == pytest.approx(-0.01 * (1 - math.exp(-5.0)), rel=1e-3)


TAU_S = 10.0
CURRENT_A = -F * math.sqrt(math.pi * D) / (2 * math.sqrt(TAU_S))


def galvanostatic(parameters, duration_s, samples, **cell):
    time_s = np.linspace(0.0, duration_s, samples + 1)[1:]
    values = np.full(samples, CURRENT_A)
    return simulate(parameters, Control.CURRENT, time_s, values, area_m2=1.0, **cell)


def test_a_constant_current_exhausts_the_surface_at_sands_time():
    # c(0,t)/c = 1 - √(t/τ), τ = πD(FAc/2i)² (Sand 1901); E = E½ + (RT/F) ln(√τ/√t - 1)
    result = galvanostatic(couple(), 9.9, 990, initial_potential_V=0.3)
    t = result.time_s
    surface = result.surface_concentrations_mol_per_m3["A"]
    assert surface == pytest.approx(1 - np.sqrt(t / TAU_S), abs=1e-3)
    late = slice(100, 950)
    slope, offset = np.polyfit(np.sqrt(t[late]), surface[late], 1)
    assert (offset / slope) ** 2 == pytest.approx(TAU_S, rel=1e-3)
    exact_V = np.log(np.sqrt(TAU_S / t[late]) - 1) / F_RT
    assert result.potential_V[late] == pytest.approx(exact_V, abs=0.2e-3)


def test_the_potential_leaps_at_sands_time_through_the_next_step():
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B; S + e -> T"),
        concentrations_mol_per_m3={"A": 1.0, "S": 1e4},
        diffusion_m2_per_s=D,
        E0_V=(0.0, -1.5),
        k0=(math.inf, 1e-6),
    )
    result = galvanostatic(parameters, 12.0, 1200, capacitance_F=1e-4, initial_potential_V=0.4)
    leap_s = result.time_s[int(np.argmin(np.gradient(result.potential_V)[100:])) + 100]
    assert leap_s == pytest.approx(TAU_S, rel=0.005)
    assert result.potential_V[-1] < -0.8
    assert result.newton_per_step <= 3.0


def test_current_reversal_takes_a_third_of_the_forward_time():
    # τ_r = t_f/3 (Berzins & Delahay 1953), both species diffusing alike
    cell = FiniteDifferenceCell(
        couple(), area_m2=1.0, initial_potential_V=0.3, shortest_s=0.01, duration_s=10.0
    )
    cell.run(Control.CURRENT, np.full(500, 0.01), np.full(500, CURRENT_A))
    dt = np.full(165, 0.01)
    jump = np.arange(165) == 0
    back = cell.run(Control.CURRENT, dt, np.full(165, -CURRENT_A), jump=jump)
    t = 0.01 * np.arange(1, 166)
    surface = back.surface[:, 1]
    exhausted_s = np.interp(0.0, -surface[-20:], t[-20:])
    slope = (surface[-1] - surface[-20]) / (t[-1] - t[-20])
    assert exhausted_s - surface[-1] / slope * (surface[-1] > 0) == pytest.approx(5 / 3, rel=5e-3)


def test_beyond_sands_time_a_lone_couple_refuses_to_carry_the_current():
    from faradaic.simulators.simulation_errors import SimulationError

    with pytest.raises(SimulationError, match=r"did not converge at 10(\.\d+)? s") as caught:
        galvanostatic(couple(), 12.0, 1200, initial_potential_V=0.3)
    assert "add the step that comes next" in caught.value.diagnostics[0].help
