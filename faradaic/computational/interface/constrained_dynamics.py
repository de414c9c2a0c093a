"""Langevin dynamics under one holonomic constraint, with its multiplier recorded.

The integrator is g-BAOAB (Leimkuhler and Matthews, Proc. R. Soc. A 472, 20160138, 2016): half a
kick, half a drift, friction and noise, half a drift, half a kick, where each drift is brought
back to the constraint by SHAKE and each change of velocity to its tangent by RATTLE. Its averages
over positions are right to second order in the time step even for stiff bonds.

Multiplier: m a = F + lambda grad xi, so that its mean is the slope dF/dxi up to the correction
k_B T G. Two values are recorded. The instantaneous one follows from d2(xi)/dt2 = 0,

    lambda = -(grad xi . M^-1 F + v . H . v) / Z,

and is the one to integrate when the constraint moves. Where it rests, the momenta at given
positions are Maxwell's on the tangent, <v . H . v> = k_B T (tr(M^-1 H) - Z G) is known, and the
multiplier averaged over them has the same mean with less noise and without the error that a
finite time step makes in velocities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from faradaic.computational.interface.collective_variables import (
    DistanceCombination,
    inner,
)
from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import FaradaicError, refusal
from faradaic.quantities.constants import ATOMIC_MASS_KG, BOLTZMANN_EV_PER_K, ELEMENTARY_CHARGE_C

EV_FS2_PER_A2_AMU = ATOMIC_MASS_KG * 1e10 / ELEMENTARY_CHARGE_C
"""1 amu A^2/fs^2 in eV, 103.642696."""

SHAKE_TOLERANCE_A = 1e-11
_SHAKE_ITERATIONS = 100

Forces = Callable[[Floats], tuple[Floats, Floats]]
"""positions_A (..., atoms, 3) -> (energy_eV (...), forces_eV_A (..., atoms, 3))."""


class ConstraintError(FaradaicError):
    """A constraint that could not be brought to its target, or a run that blew up."""

    default_code = "E871"


@dataclass(slots=True)
class AtomsState:
    """Where the atoms are and how they move: all that a run needs to go on."""

    positions_A: Floats
    velocities_A_fs: Floats


@dataclass(frozen=True, slots=True)
class ConstraintSamples:
    """What a run recorded, one row per step; shapes (steps, ...) with replicas behind."""

    xi_A: Floats
    multiplier_eV_A: Floats
    """Instantaneous, m a = F + lambda grad xi."""
    mean_multiplier_eV_A: Floats
    """Averaged over the momenta at these positions; for a constraint at rest."""
    z_per_amu: Floats
    g_per_A: Floats
    energy_eV: Floats
    temperature_K: Floats
    """Kinetic, over 3 N - 1 degrees of freedom."""
    drift_A: Floats
    """xi of the positions minus its target."""


FIELDS = tuple(ConstraintSamples.__dataclass_fields__)


class ConstrainedDynamics:
    """g-BAOAB for any function of forces; the state stays with the caller."""

    def __init__(
        self,
        coordinate: DistanceCombination,
        masses_amu: Floats,
        forces: Forces,
        *,
        temperature_K: float,
        time_step_fs: float,
        friction_per_ps: float,
        rng: np.random.Generator,
    ) -> None:
        """Raises `InputError` for a temperature, time step or friction that is not positive."""
        for name, value in (
            ("temperature_K", temperature_K),
            ("time_step_fs", time_step_fs),
            ("friction_per_ps", friction_per_ps),
        ):
            if not (np.isfinite(value) and value > 0):
                raise refusal(
                    "E870",
                    f"{name} is {value:g} and must be above 0",
                    "300 K, 0.5 fs and 20 /ps are usual with hydrogen atoms",
                )
        self.coordinate = coordinate
        self.masses_amu = np.array(masses_amu, dtype=float)
        self.forces = forces
        self.temperature_K = temperature_K
        self.time_step_fs = time_step_fs
        self.rng = rng
        self._mass = self.masses_amu[:, None] * EV_FS2_PER_A2_AMU
        self._kT_eV = BOLTZMANN_EV_PER_K * temperature_K
        self._keep = float(np.exp(-friction_per_ps * 1e-3 * time_step_fs))
        self._noise = np.sqrt((1 - self._keep**2) * self._kT_eV / self._mass)

    def start(self, positions_A: Floats, target_A: Floats | float) -> AtomsState:
        """Positions brought to the constraint, velocities drawn at the temperature."""
        positions_A = np.array(positions_A, dtype=float)
        gradient = self.coordinate.gradient(positions_A)
        positions_A, gradient = self._shake(positions_A, gradient, target_A)
        thermal = np.sqrt(self._kT_eV / self._mass)
        velocities = self.rng.standard_normal(positions_A.shape) * thermal
        return AtomsState(positions_A, self._rattle(velocities, gradient, 0.0))

    def run(
        self,
        state: AtomsState,
        steps: int,
        target_A: Floats | float,
        *,
        rate_A_fs: float = 0.0,
        observe: Callable[[int, AtomsState], None] | None = None,
    ) -> ConstraintSamples:
        """`steps` steps from `state`, which is changed in place, starting at `target_A`.

        With `rate_A_fs` the target moves by that much per femtosecond. `observe` is called after
        every step with the number of steps done. Raises `ConstraintError` when the constraint
        cannot be held or an energy is not finite.
        """
        x, v, half_fs = state.positions_A, state.velocities_A_fs, 0.5 * self.time_step_fs
        per_step_A = rate_A_fs * self.time_step_fs
        target_A = np.asarray(target_A, dtype=float)
        replicas = x.shape[:-2]
        recorded = {name: np.empty((steps, *replicas)) for name in FIELDS}
        _, force = self.forces(x)
        gradient = self.coordinate.gradient(x)
        freedom = 3 * len(self.masses_amu) - 1
        for step in range(steps):
            # SHAKE takes off whatever part of the velocity leaves the constraint, so that one
            # RATTLE, after the last kick, is enough
            v = v + half_fs * force / self._mass
            x, v, gradient = self._drift(x, v, gradient, target_A + per_step_A * (step + 0.5))
            v = self._keep * v + self._noise * self.rng.standard_normal(x.shape)
            goal_A = target_A + per_step_A * (step + 1)
            x, v, gradient = self._drift(x, v, gradient, goal_A)
            energy_eV, force = self.forces(x)
            v = self._rattle(v + half_fs * force / self._mass, gradient, rate_A_fs)
            metric = self.coordinate.metric(x, self.masses_amu)
            z = metric.z_per_amu / EV_FS2_PER_A2_AMU
            trace = metric.trace_per_amu_A / EV_FS2_PER_A2_AMU
            pull = inner(gradient, force / self._mass)
            mean_curvature = self._kT_eV * (trace - z * metric.g_per_A)
            xi_A = self.coordinate.value_A(x)
            twice_kinetic_eV = inner(self._mass * v, v)
            row = {
                "xi_A": xi_A,
                "multiplier_eV_A": -(pull + self.coordinate.curvature(x, v)) / z,
                "mean_multiplier_eV_A": -(pull + mean_curvature) / z,
                "z_per_amu": metric.z_per_amu,
                "g_per_A": metric.g_per_A,
                "energy_eV": energy_eV,
                "temperature_K": twice_kinetic_eV / freedom / BOLTZMANN_EV_PER_K,
                "drift_A": xi_A - goal_A,
            }
            for name, values in row.items():
                recorded[name][step] = values
            if not np.all(np.isfinite(energy_eV)):
                raise ConstraintError.of(
                    f"the energy is not finite after {step + 1} steps",
                    help="shorten the time step, or start from a relaxed structure",
                )
            state.positions_A, state.velocities_A_fs = x, v
            if observe is not None:
                observe(step + 1, state)
        return ConstraintSamples(**recorded)

    def _drift(
        self, x: Floats, v: Floats, gradient: Floats, target_A: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Half a step of free flight, brought to the target: positions, velocities, gradient."""
        half_fs = 0.5 * self.time_step_fs
        moved, new_gradient = self._shake(x + half_fs * v, gradient, target_A)
        return moved, (moved - x) / half_fs, new_gradient

    def _shake(
        self, x: Floats, gradient: Floats, target_A: Floats | float
    ) -> tuple[Floats, Floats]:
        """Positions moved along M^-1 `gradient` until xi is at its target, and the new gradient."""
        direction = gradient / self._mass
        for _ in range(_SHAKE_ITERATIONS):
            xi_A, here = self.coordinate.value_and_gradient(x)
            off_A = np.asarray(xi_A - target_A)
            if np.max(np.abs(off_A)) < SHAKE_TOLERANCE_A:
                return x, here
            x = x - (off_A / inner(here, direction))[..., None, None] * direction
        raise ConstraintError.of(
            f"the constraint could not be brought to {np.max(np.abs(off_A)):.1e} A of its target "
            f"in {_SHAKE_ITERATIONS} iterations",
            help="shorten the time step, or bring the atoms closer to the first window",
        )

    def _rattle(self, v: Floats, gradient: Floats, rate_A_fs: float) -> Floats:
        """Velocities with grad xi . v = rate."""
        weighted = gradient / self._mass
        excess = inner(gradient, v) - rate_A_fs
        return v - (excess / inner(gradient, weighted))[..., None, None] * weighted
