"""Constrained dynamics reproduce a free energy that can be integrated exactly.

The model hands H from A to B: a double well in d1 - d2 whose barrier falls as A and B approach,
a spring on d1 + d2, a soft bend. With xi = d1 - d2, s = d1 + d2 and the angle, its free energy is
the quadrature of d1^2 d2^2 sin(angle) exp(-U/kT) (the volume element of two bonds that share an
atom; constant factors drop out).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from faradaic.computational.interface.blue_moon import MeanForce, mean_force
from faradaic.computational.interface.collective_variables import DistanceCombination
from faradaic.computational.interface.constrained_dynamics import (
    ConstrainedDynamics,
    ConstraintError,
    Samples,
)
from faradaic.computational.interface.profile import integrate
from faradaic.computational.interface.slow_growth import slow_growth
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K

MASSES_AMU = np.array([16.0, 1.008, 16.0])
TIME_STEP_FS = 1.0
REPLICAS = 8
COORDINATE = DistanceCombination([(0, 1), (2, 1)], [1.0, -1.0], atoms=3)


@dataclass(frozen=True)
class TransferModel:
    """A-H-B in eV and A; `bend_eV` (1 + cos) prefers a straight line."""

    barrier_eV: float = 0.35
    well_A: float = 0.7
    compression_per_A: float = 1.0
    tilt_eV_A: float = 0.05
    spring_eV_A2: float = 6.0
    rest_A: float = 2.6
    bend_eV: float = 0.05

    def energy_eV(self, d1: Floats, d2: Floats, cosine: Floats) -> Floats:
        y, s = d1 - d2, d1 + d2 - self.rest_A
        well = (y**2 / self.well_A**2 - 1) ** 2
        return (
            self.barrier_eV * well * (1 + self.compression_per_A * s)
            + self.tilt_eV_A * y
            + 0.5 * self.spring_eV_A2 * s**2
            + self.bend_eV * (1 + cosine)
        )

    def __call__(self, positions_A: Floats) -> tuple[Floats, Floats]:
        first = positions_A[..., 1, :] - positions_A[..., 0, :]
        second = positions_A[..., 1, :] - positions_A[..., 2, :]
        d1 = np.sqrt(np.einsum("...i,...i", first, first))
        d2 = np.sqrt(np.einsum("...i,...i", second, second))
        u1, u2 = first / d1[..., None], second / d2[..., None]
        cosine = np.einsum("...i,...i", u1, u2)
        y, s = d1 - d2, d1 + d2 - self.rest_A
        root = y**2 / self.well_A**2 - 1
        by_s = self.barrier_eV * root**2 * self.compression_per_A + self.spring_eV_A2 * s
        by_y = self.barrier_eV * (1 + self.compression_per_A * s) * 4 * root * y / self.well_A**2
        by_y = by_y + self.tilt_eV_A
        bend1 = (self.bend_eV / d1)[..., None] * (u2 - cosine[..., None] * u1)
        bend2 = (self.bend_eV / d2)[..., None] * (u1 - cosine[..., None] * u2)
        g1 = (by_s + by_y)[..., None] * u1 + bend1
        g2 = (by_s - by_y)[..., None] * u2 + bend2
        return self.energy_eV(d1, d2, cosine), np.stack([g1, -(g1 + g2), g2], axis=-2)

    def free_energy_eV(self, xi_A: float, kT_eV: float) -> float:
        """By the trapezoid on 241 x 179 points, up to a constant."""
        s, angle = np.meshgrid(
            np.linspace(1.6, 4.0, 241), np.linspace(0, np.pi, 181)[1:-1], indexing="ij"
        )
        d1, d2 = (s + xi_A) / 2, (s - xi_A) / 2
        weight = 2 * np.log(d1 * d2) + np.log(np.sin(angle))
        exponent = weight - self.energy_eV(d1, d2, np.cos(angle)) / kT_eV
        largest = exponent.max()
        return float(-kT_eV * (np.log(np.exp(exponent - largest).sum()) + largest))


def sample(
    model: TransferModel,
    targets_A: Floats,
    *,
    temperature_K: float,
    replicas: int,
    steps: int,
    equilibration: int = 500,
    rate_A_fs: float = 0.0,
) -> Samples:
    """All targets at once, `replicas` independent systems at each."""
    aims_A = np.repeat(targets_A, replicas)
    positions_A = np.zeros((len(aims_A), 3, 3))
    positions_A[:, 1, 0], positions_A[:, 1, 1] = (2.5 + aims_A) / 2, 0.3
    positions_A[:, 2, 0] = 2.5
    dynamics = ConstrainedDynamics(
        COORDINATE,
        MASSES_AMU,
        model,
        temperature_K=temperature_K,
        time_step_fs=TIME_STEP_FS,
        friction_per_ps=10.0,
        rng=np.random.default_rng(7),
    )
    state = dynamics.start(positions_A, aims_A)
    dynamics.run(state, equilibration, aims_A)
    return dynamics.run(state, steps, aims_A, rate_A_fs=rate_A_fs)


def window(samples: Samples, columns: slice, temperature_K: float) -> ConstraintWindow:
    """Replicas one after the other as one series."""
    series = {
        name: getattr(samples, name)[:, columns].T.ravel()
        for name in ("xi_A", "mean_multiplier_eV_A", "z_per_amu", "g_per_A")
    }
    return ConstraintWindow(
        xi_A=series["xi_A"],
        multiplier_eV_A=series["mean_multiplier_eV_A"],
        inverse_sqrt_metric=series["z_per_amu"] ** -0.5,
        metric_correction_eV_A=BOLTZMANN_EV_PER_K * temperature_K * series["g_per_A"],
        time_step_fs=TIME_STEP_FS,
        temperature_K=temperature_K,
        source="model",
    )


def test_forces_of_the_model_are_the_gradient_of_its_energy() -> None:
    model, positions_A = TransferModel(), np.array([[0, 0, 0], [1.1, 0.1, 0], [2.4, 0, 0.1]])
    _, forces = model(positions_A)
    for place in np.ndindex(3, 3):
        shifted = [positions_A.copy(), positions_A.copy()]
        shifted[0][place] += 1e-5
        shifted[1][place] -= 1e-5
        slope = (model(shifted[0])[0] - model(shifted[1])[0]) / 2e-5
        assert forces[place] == pytest.approx(-slope, abs=1e-8)


@cache
def blue_moon_run() -> tuple[Floats, Samples]:
    targets_A = np.linspace(-0.8, 0.8, 161)
    return targets_A, sample(
        TransferModel(), targets_A, temperature_K=300.0, replicas=REPLICAS, steps=800
    )


def test_blue_moon_profile_is_within_two_hundredths_of_kT_and_inside_its_own_error() -> None:
    targets_A, samples = blue_moon_run()
    kT_eV = BOLTZMANN_EV_PER_K * 300.0
    exact = np.array([TransferModel().free_energy_eV(xi, kT_eV) for xi in targets_A])
    forces = [blue_moon_of_replicas(samples, k) for k in range(len(targets_A))]
    profile = integrate(forces)
    deviation = profile.free_energy_eV - (exact - exact[0])
    assert np.max(np.abs(deviation)) < 2 * kT_eV / 100
    # the trapezoid over 10 mA adds at most 0.1 meV of its own
    assert np.all(np.abs(deviation) < 2 * profile.error_eV + 1e-4)
    # and the error bar is not so wide that everything is inside
    assert profile.error_eV[-1] < 4e-4


def blue_moon_of_replicas(samples: Samples, k: int) -> MeanForce:
    """Window k with the error from the spread between its independent replicas."""
    force = mean_force(window(samples, slice(REPLICAS * k, REPLICAS * (k + 1)), 300.0))
    columns = np.s_[:, REPLICAS * k : REPLICAS * (k + 1)]
    weight = samples.z_per_amu[columns] ** -0.5
    corrected = (
        samples.mean_multiplier_eV_A[columns]
        + BOLTZMANN_EV_PER_K * 300.0 * samples.g_per_A[columns]
    )
    gradients = (weight * corrected).sum(axis=0) / weight.sum(axis=0)
    return replace(force, error_eV_A=float(gradients.std(ddof=1) / np.sqrt(REPLICAS)))


def test_multiplier_averaged_over_momenta_agrees_with_the_instantaneous_one() -> None:
    _, samples = blue_moon_run()
    late = np.s_[:, 120 * REPLICAS :]  # xi above 0.4 A, where G does not cancel by symmetry
    difference = samples.multiplier_eV_A[late] - samples.mean_multiplier_eV_A[late]
    by_replica = difference.mean(axis=0)
    error = by_replica.std(ddof=1) / np.sqrt(by_replica.size)
    assert abs(by_replica.mean()) < 4 * error
    assert error < 2e-3


def test_constraint_is_held_and_the_thermostat_keeps_its_temperature() -> None:
    _, samples = blue_moon_run()
    assert np.max(np.abs(samples.drift_A)) < 1e-10
    assert samples.temperature_K.mean() == pytest.approx(300.0, rel=0.01)


def test_metric_correction_has_the_right_sign_where_it_is_large() -> None:
    """1000 K and a soft bend: dF/dxi from the quadrature, against +G, -G and no G."""
    model, temperature_K, xi_A = TransferModel(bend_eV=0.03), 1000.0, 0.6
    kT_eV = BOLTZMANN_EV_PER_K * temperature_K
    exact = (
        model.free_energy_eV(xi_A + 1e-3, kT_eV) - model.free_energy_eV(xi_A - 1e-3, kT_eV)
    ) / 2e-3
    samples = sample(model, np.array([xi_A]), temperature_K=temperature_K, replicas=500, steps=600)
    weight = samples.z_per_amu**-0.5
    force = samples.mean_multiplier_eV_A

    def estimate(sign: float) -> tuple[float, float]:
        weighted = weight * (force + sign * kT_eV * samples.g_per_A)
        value = weighted.sum() / weight.sum()
        residual = (weighted - value * weight).mean(axis=0) / weight.mean()
        return value, float(residual.std(ddof=1) / np.sqrt(residual.size))

    value, error = estimate(+1)
    assert abs(value - exact) < 3 * error
    for wrong in (0, -1):
        value, error = estimate(wrong)
        assert abs(value - exact) > 5 * error


def test_free_dimer_feels_only_the_entropy_of_its_orientations() -> None:
    """dF/dr = -2 kT / r for two atoms without forces (volume of the sphere, 4 pi r^2)."""
    distance = DistanceCombination([(0, 1)], [1.0], atoms=2)
    dynamics = ConstrainedDynamics(
        distance,
        np.array([16.0, 1.008]),
        lambda x: (np.zeros(x.shape[:-2]), np.zeros_like(x)),
        temperature_K=300.0,
        time_step_fs=TIME_STEP_FS,
        friction_per_ps=10.0,
        rng=np.random.default_rng(3),
    )
    positions_A = np.zeros((400, 2, 3))
    positions_A[:, 1, 0] = 1.5
    samples = dynamics.run(dynamics.start(positions_A, 1.5), 400, 1.5)
    exact = -2 * BOLTZMANN_EV_PER_K * 300.0 / 1.5
    assert samples.mean_multiplier_eV_A == pytest.approx(np.full((400, 400), exact), abs=1e-12)
    means = samples.multiplier_eV_A.mean(axis=0)
    assert means.mean() == pytest.approx(exact, abs=4 * means.std() / 20)
    assert np.max(np.abs(samples.g_per_A)) < 1e-12


def test_slow_growth_loses_less_the_slower_it_goes() -> None:
    kT_eV = BOLTZMANN_EV_PER_K * 300.0
    model = TransferModel()
    exact = model.free_energy_eV(0.7, kT_eV) - model.free_energy_eV(-0.7, kT_eV)
    lost, free_energy = [], []
    for steps in (25, 100, 400):
        pulls = []
        for direction in (1.0, -1.0):
            samples = sample(
                model,
                np.array([-0.7 * direction]),
                temperature_K=300.0,
                replicas=60,
                equilibration=400,
                steps=steps,
                rate_A_fs=1.4 * direction / (steps * TIME_STEP_FS),
            )
            kT_G = BOLTZMANN_EV_PER_K * 300.0 * samples.g_per_A
            pulls.append(
                ConstraintWindow(
                    xi_A=samples.xi_A[:, 0],
                    multiplier_eV_A=samples.multiplier_eV_A.mean(axis=1),
                    inverse_sqrt_metric=None,
                    metric_correction_eV_A=kT_G.mean(axis=1),
                    time_step_fs=TIME_STEP_FS,
                    temperature_K=300.0,
                    source=f"{steps} steps",
                )
            )
        growth = slow_growth(pulls)
        assert growth.hysteresis_eV is not None
        lost.append(growth.hysteresis_eV)
        free_energy.append(growth.free_energy_eV[-1])
    assert lost[0] > 2 * lost[1] > 4 * abs(lost[2])
    assert lost[2] < 0.02
    assert free_energy[2] == pytest.approx(exact, abs=0.01)


def test_derivatives_of_the_coordinate_are_those_of_its_value() -> None:
    rng = np.random.default_rng(0)
    coordinate = DistanceCombination([(0, 1), (2, 1), (3, 0)], [1.0, -1.0, 0.5], atoms=4)
    x, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    masses = np.array([16.0, 1.0, 32.0, 12.0])
    h = 1e-4
    metric = coordinate.metric(x, masses)
    hessian = np.zeros((12, 12))
    for place in range(12):
        step = np.zeros(12)
        step[place] = h
        ahead, behind = x + step.reshape(4, 3), x - step.reshape(4, 3)
        slope = (coordinate.value_A(ahead) - coordinate.value_A(behind)) / (2 * h)
        assert metric.gradient.ravel()[place] == pytest.approx(slope, abs=1e-7)
        hessian[place] = (
            (coordinate.gradient(ahead) - coordinate.gradient(behind)) / (2 * h)
        ).ravel()
    inverse = np.repeat(1 / masses, 3)
    gradient = metric.gradient.ravel()
    z = gradient @ (inverse * gradient)
    assert metric.z_per_amu == pytest.approx(z)
    weighted = inverse * gradient
    assert metric.g_per_A == pytest.approx(weighted @ hessian @ weighted / z**2, abs=1e-6)
    assert metric.trace_per_amu_A == pytest.approx(inverse @ np.diag(hessian), abs=1e-6)
    assert coordinate.curvature(x, v) == pytest.approx(v.ravel() @ hessian @ v.ravel(), abs=1e-6)


def test_nearest_image_counts_in_a_skewed_cell() -> None:
    pytest.importorskip("ase")
    cell_A = np.array([[6.0, 0, 0], [2.5, 6.0, 0], [0, 0, 6.0]])
    coordinate = DistanceCombination([(0, 1)], [1.0], atoms=2, cell_A=cell_A)
    here = np.array([[0.2, 0.2, 0.2], [1.2, 0.2, 0.2]])
    away = here.copy()
    away[1] += 2 * cell_A[0] - cell_A[1] + cell_A[2]
    assert coordinate.value_A(away) == pytest.approx(1.0)
    assert coordinate.gradient(away)[1] == pytest.approx([1.0, 0.0, 0.0])


def test_a_target_out_of_reach_is_an_error_and_not_a_number() -> None:
    dynamics = ConstrainedDynamics(
        COORDINATE, MASSES_AMU, TransferModel(), temperature_K=300.0, time_step_fs=1.0,
        friction_per_ps=10.0, rng=np.random.default_rng(0),
    )  # fmt: skip
    bent = np.array([[0.0, 0, 0], [1.2, 0.3, 0], [2.4, 0, 0]])
    with pytest.raises(ConstraintError, match="could not be brought"):
        dynamics.start(bent, np.nan)


@pytest.mark.parametrize(
    ("pairs", "coefficients"), [([], []), ([(0, 3)], [1]), ([(1, 1)], [1]), ([(0, 1)], [0.0])]
)
def test_a_coordinate_that_is_none_is_refused(
    pairs: list[tuple[int, int]], coefficients: list[float]
) -> None:
    with pytest.raises(InputError, match="E870"):
        DistanceCombination(pairs, coefficients, atoms=3)
