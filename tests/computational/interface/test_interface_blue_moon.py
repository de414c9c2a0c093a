"""Blue moon on an ensemble whose free energy is known: sampled exactly, without any dynamics.

A bent A–H–B molecule: potential in d1, d2 and the cosine of the angle, so that F(ξ) of
ξ = d1 − d2 is a double integral. At fixed ξ, positions are drawn from their distribution
Z^1/2 exp(−U/kT) by inversion on a grid and velocities from the Maxwell distribution on the
tangent plane; λ follows from d²ξ/dt² = 0. Every sample is independent and every error known.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.blue_moon import (
    convergence,
    mean_force,
    statistical_inefficiency,
)
from faradaic.computational.interface.profile import barrier_of, integrate
from faradaic.computational.interface.slow_growth import pull, slow_growth
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K

MASSES = np.array([16.0, 1.008, 16.0])
STRETCH, LENGTH_A, BEND, TILT = 6.0, 2.6, 0.03, 0.3
"""eV/Å², Å, eV, eV/Å²: a soft bend and heavy ends make the metric matter."""


def energy(d1: Floats, d2: Floats, cosine: Floats) -> Floats:
    stretch = 0.5 * STRETCH * (d1 + d2 - LENGTH_A) ** 2
    return stretch + BEND * (1 + cosine) + TILT * (d1 - d2) ** 2


def grid(xi_A: float) -> tuple[Floats, Floats, Floats, Floats]:
    """d1, d2, cosine and volume element d1² d2² on a grid of d1 + d2 and the cosine."""
    total, cosine = np.meshgrid(
        np.linspace(max(1.0, 1.05 * abs(xi_A)), 4.5, 700),
        np.linspace(-1.0, 1.0, 401),
        indexing="ij",
    )
    d1, d2 = (total + xi_A) / 2, (total - xi_A) / 2
    return d1, d2, cosine, d1**2 * d2**2


def free_energy_eV(xi_A: float, temperature_K: float) -> float:
    d1, d2, cosine, volume = grid(xi_A)
    kT = BOLTZMANN_EV_PER_K * temperature_K
    weights = np.full(cosine.shape[1], 1.0)
    weights[[0, -1]] = 0.5  # trapezoid over the cosine
    inside = (volume * np.exp(-energy(d1, d2, cosine) / kT)) @ weights
    return float(-kT * np.log(inside.sum() * np.ptp(d1 + d2)))


def gradient_eV_A(xi_A: float, temperature_K: float) -> float:
    # central difference on grids of the same span: the lower edge must not move with ξ
    h = 1e-3
    return (free_energy_eV(xi_A + h, temperature_K) - free_energy_eV(xi_A - h, temperature_K)) / (
        2 * h
    )


def bond(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    vector = second - first
    length = np.linalg.norm(vector, axis=-1)
    return length, vector / length[:, None]


def window(xi_A: float, temperature_K: float, samples: int, seed: int) -> ConstraintWindow:
    """Independent samples of the constrained ensemble, λ with the sign of the force +λ ∇ξ."""
    rng = np.random.default_rng(seed)
    kT = BOLTZMANN_EV_PER_K * temperature_K
    d1, d2, cosine, volume = grid(xi_A)
    # Z = 1/mA + 1/mB + 2 (1 + cos)/mH for this coordinate: bonds point away from H
    z = 1 / MASSES[0] + 1 / MASSES[2] + 2 * (1 - cosine) / MASSES[1]
    density = np.sqrt(z) * volume * np.exp(-energy(d1, d2, cosine) / kT)
    density[:, [0, -1]] /= 2
    cumulative = np.cumsum(density)
    drawn = np.searchsorted(cumulative, rng.uniform(0, cumulative[-1], samples))
    a, b, c = d1.flat[drawn], d2.flat[drawn], cosine.flat[drawn]
    positions = np.zeros((samples, 3, 3))
    positions[:, 0, 0] = a
    positions[:, 2, 0], positions[:, 2, 1] = b * c, b * np.sqrt(np.maximum(0.0, 1 - c**2))

    gradient = np.zeros_like(positions)
    curvature_at: list[tuple[int, float, Floats, Floats]] = []
    forces = np.zeros_like(positions)
    for end, sign, length in ((0, 1.0, a), (2, -1.0, b)):
        _, unit = bond(positions[:, 1], positions[:, end])
        gradient[:, end] += sign * unit
        gradient[:, 1] -= sign * unit
        curvature_at.append((end, sign, length, unit))
    u1, u2 = curvature_at[0][3], curvature_at[1][3]
    slope = STRETCH * (a + b - LENGTH_A)
    for end, other, along, sign, length in ((0, u2, u1, 1.0, a), (2, u1, u2, -1.0, b)):
        radial = slope + sign * 2 * TILT * (a - b)
        turning = BEND * (other - c[:, None] * along) / length[:, None]
        forces[:, end] = -(radial[:, None] * along + turning)
    forces[:, 1] = -forces[:, 0] - forces[:, 2]

    def curved(v: Floats) -> Floats:
        total = np.zeros(samples)
        for end, sign, length, unit in curvature_at:
            change = v[:, end] - v[:, 1]
            along = np.einsum("ij,ij->i", change, unit)
            total += sign * (np.einsum("ij,ij->i", change, change) - along**2) / length
        return total

    by_mass = gradient / MASSES[None, :, None]
    metric = np.einsum("nij,nij->n", gradient, by_mass)
    velocity = rng.normal(size=positions.shape) * np.sqrt(kT / MASSES)[None, :, None]
    drift = np.einsum("nij,nij->n", gradient, velocity) / metric
    velocity -= drift[:, None, None] * by_mass
    multiplier = -(curved(velocity) + np.einsum("nij,nij->n", by_mass, forces)) / metric
    return ConstraintWindow(
        np.full(samples, xi_A), multiplier, metric**-0.5, kT * curved(by_mass) / metric**2,
        1.0, temperature_K, f"A-H-B at {xi_A:g} Å", np.full(samples, xi_A),
    )  # fmt: skip


@pytest.mark.parametrize("xi_A", [0.2, 0.6, 1.0])
def test_the_gradient_is_the_exact_one_within_its_error(xi_A: float) -> None:
    found = mean_force(window(xi_A, 1000.0, 200_000, seed=1))
    exact = gradient_eV_A(xi_A, 1000.0)
    assert found.error_eV_A < 0.004
    assert found.gradient_eV_A == pytest.approx(exact, abs=3.5 * found.error_eV_A)


def test_the_metric_correction_has_a_plus_sign() -> None:
    right = window(1.0, 1000.0, 400_000, seed=2)
    assert right.metric_correction_eV_A is not None
    wrong = ConstraintWindow(
        right.xi_A, right.multiplier_eV_A, right.inverse_sqrt_metric, -right.metric_correction_eV_A,
        1.0, 1000.0, "wrong sign",
    )  # fmt: skip
    exact = gradient_eV_A(1.0, 1000.0)
    found, other = mean_force(right), mean_force(wrong)
    assert abs(found.gradient_eV_A - exact) < 3.5 * found.error_eV_A
    assert abs(other.gradient_eV_A - exact) > 8 * other.error_eV_A


def test_a_free_dimer_pulls_with_twice_kt_over_r() -> None:
    # F(r) = −kT ln r² of an ideal pair; λ is the centripetal force −μ v²/r of a free rotor
    rng = np.random.default_rng(0)
    r_A, kT = 1.5, BOLTZMANN_EV_PER_K * 300.0
    multiplier = -kT * rng.chisquare(2, 200_000) / r_A
    ones = np.ones_like(multiplier)
    found = mean_force(
        ConstraintWindow(r_A * ones, multiplier, ones, 0 * ones, 1.0, 300.0, "dimer")
    )
    assert found.gradient_eV_A == pytest.approx(-2 * kT / r_A, abs=3 * found.error_eV_A)
    assert -2 * kT / r_A == pytest.approx(-0.0345, abs=1e-4)
    assert found.error_eV_A < 1e-3 * 0.1


def correlated(rng: np.random.Generator, steps: int, memory: float) -> Floats:
    """First-order noise of unit variance with 1 + 2Σρ = (1 + r)/(1 − r)."""
    from scipy.signal import lfilter

    noise = rng.normal(size=steps) * np.sqrt(1 - memory**2)
    noise[0] = rng.normal()
    return np.asarray(lfilter([1.0], [1.0, -memory], noise))


def test_the_error_of_correlated_samples_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    deviations = []
    for _ in range(150):
        series = correlated(rng, 2000, 0.8)
        ones = np.ones_like(series)
        found = mean_force(ConstraintWindow(ones, series, ones, 0 * ones, 1.0, 300.0, "noise"))
        deviations.append(found.gradient_eV_A / found.error_eV_A)
    assert 0.85 < np.std(deviations) < 1.2
    assert found.error_eV_A > 2 * np.sqrt(1 / 2000)
    assert statistical_inefficiency(correlated(rng, 100_000, 0.9)) == pytest.approx(19.0, rel=0.15)


@pytest.mark.parametrize("weight", [np.ones(8), np.array([1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 1.3, 0.7])])
def test_the_standard_error_of_eight_blocks_by_hand(weight: Floats) -> None:
    """Ten samples alike in each of eight blocks: the block means are the eight forces, and the
    error of <wf>/<w> is that of the mean of w(f − <wf>/<w>)/<w> (Cochran, Sampling Techniques,
    1977, ch. 6)."""
    force = np.array([0.31, 0.12, 0.55, 0.40, 0.08, 0.27, 0.61, 0.18])
    weights, forces = np.repeat(weight, 10), np.repeat(force, 10)
    found = mean_force(ConstraintWindow(
        np.ones(80), forces, weights, np.zeros(80), 1.0, 300.0, "eight blocks"
    ))  # fmt: skip
    ratio = sum(weight * force) / sum(weight)
    residuals = [w * (f - ratio) / (sum(weight) / 8) for w, f in zip(weight, force, strict=True)]
    assert found.blocks == 8
    assert found.gradient_eV_A == pytest.approx(ratio, rel=1e-12)
    assert found.error_eV_A == pytest.approx(statistics.stdev(residuals) / math.sqrt(8), rel=1e-12)


def test_convergence_against_time_ends_at_the_whole_window() -> None:
    one = window(0.6, 300.0, 5000, seed=4)
    course, whole = convergence(one), mean_force(one)
    assert course.time_fs.tolist() == [500.0 * k for k in range(1, 11)]
    assert course.gradient_eV_A[-1] == pytest.approx(whole.gradient_eV_A, rel=1e-12)
    assert course.error_eV_A[-1] < course.error_eV_A[0]


def codes(findings: tuple[object, ...]) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]


def test_what_is_wrong_with_a_window_is_found() -> None:
    good = window(0.6, 300.0, 4000, seed=5)
    assert codes(mean_force(good).findings) == []
    rng = np.random.default_rng(6)
    parts = {"xi_A": good.xi_A, "multiplier_eV_A": good.multiplier_eV_A}

    def made(**changes: object) -> ConstraintWindow:
        values = {
            **parts, "inverse_sqrt_metric": good.inverse_sqrt_metric,
            "metric_correction_eV_A": good.metric_correction_eV_A, "time_step_fs": 1.0,
            "temperature_K": 300.0, "source": "w", "target_A": good.target_A, **changes,
        }  # fmt: skip
        return ConstraintWindow(**values)  # type: ignore[arg-type]

    assert codes(mean_force(made(xi_A=good.xi_A + rng.normal(0, 0.01, 4000))).findings) == ["E843"]
    assert codes(mean_force(made(metric_correction_eV_A=None)).findings) == ["E844"]
    assert codes(mean_force(made().without_first(3990.0)).findings) == ["E845"]
    slide_eV_A = 60 * good.multiplier_eV_A.std() / np.sqrt(4000)
    tilted = good.multiplier_eV_A + np.linspace(0, slide_eV_A, 4000)
    assert codes(mean_force(made(multiplier_eV_A=tilted)).findings) == ["E846"]
    with pytest.raises(InputError, match="this is a slow growth"):
        mean_force(made(target_A=np.linspace(0, 1, 4000)))
    with pytest.raises(InputError, match="different lengths"):
        made(xi_A=good.xi_A[:-1])
    with pytest.raises(InputError, match="not finite at entry 7"):
        made(multiplier_eV_A=np.where(np.arange(4000) == 6, np.nan, 0.0))
    with pytest.raises(InputError, match="between 0 and 3999 fs"):
        made().without_first(4000.0)


def test_the_integral_is_the_exact_profile_within_two_hundredths_of_kt() -> None:
    places = np.linspace(0.0, 1.0, 11)
    forces = [mean_force(window(xi, 300.0, 40_000, seed=k)) for k, xi in enumerate(places)]
    profile = integrate(forces[::-1])
    exact = np.array([free_energy_eV(xi, 300.0) for xi in places])
    off = profile.free_energy_eV - (exact - exact[0])
    assert np.max(np.abs(off)) < 2 * BOLTZMANN_EV_PER_K * 300.0 / 100 + 3 * profile.error_eV[-1]
    at_windows = [profile.weights(xi) @ profile.gradient_eV_A for xi in places]
    assert at_windows == pytest.approx(profile.free_energy_eV, abs=1e-12)
    assert profile.error_eV[0] == 0.0
    assert np.all(np.diff(profile.error_eV) > 0)


def double_well(places: Floats, error_eV_A: float) -> list[ConstraintWindow]:
    """Windows with the gradients of F = 0.4 (1 − (ξ/0.8)²)² + 0.1 ξ, Å and eV."""
    rng = np.random.default_rng(8)
    found = []
    for xi in places:
        slope = -0.4 * 4 * (1 - (xi / 0.8) ** 2) * xi / 0.8**2 + 0.1
        series = slope + error_eV_A * np.sqrt(4000) * rng.normal(size=4000)
        ones = np.ones(4000)
        found.append(ConstraintWindow(xi * ones, series, ones, 0 * ones, 0.5, 300.0, f"{xi:.2f}"))
    return found


def test_barrier_and_reaction_energy_of_a_known_double_well() -> None:
    profile = integrate([mean_force(w) for w in double_well(np.linspace(-1, 1, 41), 0.002)])
    result = barrier_of(profile)

    def exact(xi: float) -> float:
        return 0.4 * (1 - (xi / 0.8) ** 2) ** 2 + 0.1 * xi

    fine = np.linspace(-1, 1, 20001)
    values = exact(fine)
    left, right = fine[:10000][np.argmin(values[:10000])], fine[10000:][np.argmin(values[10000:])]
    top = fine[6000:14000][np.argmax(values[6000:14000])]
    assert (result.initial_A, result.transition_A, result.final_A) == pytest.approx(
        (left, top, right), abs=0.01
    )
    for found, value in (
        (result.barrier, exact(top) - exact(left)),
        (result.reaction_energy, exact(right) - exact(left)),
    ):
        assert found.value is not None
        assert found.random is not None
        assert found.systematic is not None
        assert found.systematic < 0.002
        assert found.value == pytest.approx(value, abs=3 * found.random + 2 * found.systematic)
    # the error of a trapezoid: each inner window counts with its whole step
    assert result.barrier.random == pytest.approx(0.05 * 0.002 * np.sqrt(16), rel=0.15)


def test_a_profile_that_only_rises_has_no_barrier() -> None:
    profile = integrate([mean_force(w) for w in double_well(np.linspace(-0.7, -0.2, 6), 0.002)])
    result = barrier_of(profile)
    assert result.barrier.value is None
    assert "still rises" in result.barrier.reason
    assert codes(result.findings) == ["E848"]


def test_a_profile_that_starts_on_a_slope_says_so() -> None:
    profile = integrate([mean_force(w) for w in double_well(np.linspace(-0.5, 1, 31), 0.002)])
    result = barrier_of(profile)
    assert "the initial state is the edge of the coordinate, not a minimum" in result.barrier.flags
    assert codes(result.findings) == ["E848"]


def test_two_windows_are_no_integral() -> None:
    forces = [mean_force(w) for w in double_well(np.array([0.0, 0.1]), 0.01)]
    with pytest.raises(InputError, match=r"three windows at different ξ, here are 2 at 0, 0\.1 Å"):
        integrate(forces)


def driven(start: float, end: float, friction: float, kind: str = "pull") -> ConstraintWindow:
    """The double well's gradient plus a friction force along the motion, eV/Å."""
    xi = np.linspace(start, end, 2001)
    slope = -0.4 * 4 * (1 - (xi / 0.8) ** 2) * xi / 0.8**2 + 0.1
    force = slope + friction * np.sign(end - start)
    ones = np.ones_like(xi)
    return ConstraintWindow(xi, force, ones, 0 * ones, 0.5, 300.0, kind, xi)


def test_the_metric_does_work_too() -> None:
    """kT·G of a tenth of an eV/Å over two Å: a fifth of an eV."""
    one = driven(-1, 1, 0.0)
    assert one.metric_correction_eV_A is not None
    more = replace(one, metric_correction_eV_A=one.metric_correction_eV_A + 0.1)
    assert pull(more).work_eV[-1] - pull(one).work_eV[-1] == pytest.approx(0.2, rel=1e-9)


def test_forward_and_backward_cancel_the_friction_and_name_it() -> None:
    cycle = slow_growth([driven(-1, 1, 0.05), driven(1, -1, 0.05)])
    assert cycle.hysteresis_eV == pytest.approx(2 * 2 * 0.05, rel=1e-6)
    assert codes(cycle.findings) == ["E850"]
    height = cycle.barrier.barrier
    calm = slow_growth([driven(-1, 1, 0.0), driven(1, -1, 0.0)])
    assert calm.hysteresis_eV == pytest.approx(0.0, abs=1e-12)
    assert codes(calm.findings) == []
    assert height.value == pytest.approx(calm.barrier.barrier.value, abs=1e-6)
    assert height.systematic == pytest.approx(0.1 / np.sqrt(3), rel=1e-6)
    single = slow_growth([driven(-1, 1, 0.05)])
    assert np.max(single.forward_eV) > np.max(cycle.free_energy_eV) + 0.04


def test_a_maximum_within_the_error_is_no_barrier() -> None:
    # up to just behind the maximum at 0.04 Å: F has fallen by 0.01 eV there
    cycle = slow_growth([driven(-1, 0.13, 0.05), driven(0.13, -1, 0.05)])
    assert cycle.barrier.barrier.value is None
    assert "behind its maximum F falls by 0.01" in cycle.barrier.barrier.reason
    assert cycle.barrier.reaction_energy.value == pytest.approx(0.475, abs=0.01)
    places = np.append(np.linspace(-1, 0.1, 23), 0.13)
    noisy = barrier_of(integrate([mean_force(w) for w in double_well(places, 0.5)]))
    assert noisy.barrier.value is None
    assert codes(noisy.findings)[-1] == "E848"
    fine = barrier_of(integrate([mean_force(w) for w in double_well(places, 0.002)]))
    assert fine.barrier.value == pytest.approx(0.486, abs=0.01)


def test_a_single_pull_gets_no_barrier_but_a_finding() -> None:
    single = slow_growth([driven(-1, 1, 0.05)])
    assert single.barrier.barrier.value is None
    assert single.hysteresis_eV is None
    assert codes(single.barrier.findings) == ["E849"]
    assert np.isnan(single.free_energy_eV).all()
    assert "2 pulls in one direction" in slow_growth([driven(-1, 1, 0)] * 2).barrier.barrier.reason


def test_pulls_that_never_meet_are_refused() -> None:
    with pytest.raises(InputError, match="no stretch of ξ in common"):
        slow_growth([driven(-1, -0.5, 0), driven(1, 0.5, 0)])
    with pytest.raises(InputError, match="not driven in one direction"):
        slow_growth([window(0.6, 300.0, 100, seed=0)])


def test_a_window_survives_its_file(tmp_path: Path) -> None:
    from faradaic.computational.interface.readers.own_runs import read_own_window

    one = window(0.6, 300.0, 50, seed=9)
    names = ("xi_A", "multiplier_eV_A", "inverse_sqrt_metric", "metric_correction_eV_A", "target_A")
    series = {name: getattr(one, name) for name in names if getattr(one, name) is not None}
    np.savez(tmp_path / "w.npz", time_step_fs=one.time_step_fs, temperature_K=300.0, **series)
    again = read_own_window(tmp_path / "w.npz")
    assert mean_force(again).gradient_eV_A == mean_force(one).gradient_eV_A
    assert again.target_A is not None
    (tmp_path / "cut.npz").write_bytes((tmp_path / "w.npz").read_bytes()[:300])
    with pytest.raises(InputError, match="cut off or damaged"):
        read_own_window(tmp_path / "cut.npz")
