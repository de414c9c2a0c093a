"""From gradients to the free energy along the coordinate, its barrier and reaction energy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from faradaic.computational.interface.blue_moon import MeanForce
from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import Diagnostic, Severity, refusal, warning
from faradaic.results import Result, missing

_METHOD = "blue moon, trapezoid over the windows"
_SLOPE_SIGMAS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class FreeEnergyProfile:
    """F(ξ) against its first point, with the gradients it was integrated from; arrays (n,)."""

    xi_A: Floats
    gradient_eV_A: Floats
    gradient_error_eV_A: Floats
    free_energy_eV: Floats
    error_eV: Floats
    """Standard error of F(ξ) − F(first)."""
    findings: tuple[Diagnostic, ...] = ()

    def weights(self, xi_A: float) -> Floats:
        """F at any ξ within the windows as a sum over their gradients: the weight of each (n,).

        The gradient is a straight line between windows; at the windows this is the trapezoid.
        """
        grid = self.xi_A
        k = int(np.clip(np.searchsorted(grid, xi_A, side="right") - 1, 0, grid.size - 2))
        weights = np.zeros(grid.size)
        steps = np.diff(grid)[:k]
        weights[:k] += steps / 2
        weights[1 : k + 1] += steps / 2
        part = xi_A - grid[k]
        share = part / (grid[k + 1] - grid[k])
        weights[k] += part * (1.0 - share / 2)
        weights[k + 1] += part * share / 2
        return weights

    def difference(self, from_A: float, to_A: float) -> tuple[float, float]:
        """(F(to) − F(from), its standard error), with the windows they share counted once."""
        weights = self.weights(to_A) - self.weights(from_A)
        value = float(weights @ self.gradient_eV_A)
        return value, float(np.sqrt(np.square(weights) @ np.square(self.gradient_error_eV_A)))


@dataclass(frozen=True, slots=True)
class Barrier:
    """What a profile says about the reaction in the direction of its coordinate, left to right."""

    barrier: Result
    reaction_energy: Result
    initial_A: float | None
    transition_A: float | None
    final_A: float | None
    findings: tuple[Diagnostic, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping, without the findings."""
        return {
            "barrier": self.barrier.as_dict(),
            "reaction_energy": self.reaction_energy.as_dict(),
            "initial_A": self.initial_A,
            "transition_A": self.transition_A,
            "final_A": self.final_A,
        }


def integrate(forces: Sequence[MeanForce]) -> FreeEnergyProfile:
    """Thermodynamic integration over the windows, in the order of their ξ.

    Raises `InputError` (E847) for fewer than three windows, for two at the same ξ, and for a
    window without an error.
    """
    forces = sorted(forces, key=lambda force: force.xi_A)
    xi_A = np.array([force.xi_A for force in forces])
    if xi_A.size < 3 or np.min(np.diff(xi_A)) <= 1e-6:
        raise refusal(
            "E847",
            f"an integral needs three windows at different ξ, here are {xi_A.size} at "
            + ", ".join(f"{xi:.4g}" for xi in xi_A)
            + " Å",
            "run more windows; join the parts of one window into one series first",
        )
    error = np.array([force.error_eV_A for force in forces])
    if not np.all(np.isfinite(error)):
        short = forces[int(np.flatnonzero(~np.isfinite(error))[0])]
        raise refusal(
            "E847",
            f"{short.source} is too short for an error",
            f"run it longer than its {short.duration_fs:g} fs or leave it out",
        )
    gradient = np.array([force.gradient_eV_A for force in forces])
    steps = np.diff(xi_A)
    free_energy = np.concatenate([[0.0], np.cumsum((gradient[1:] + gradient[:-1]) / 2 * steps)])
    bare = FreeEnergyProfile(xi_A, gradient, error, free_energy, np.zeros_like(error))
    spread = np.array([bare.difference(xi_A[0], xi)[1] for xi in xi_A])
    findings = tuple(finding for force in forces for finding in force.findings)
    return FreeEnergyProfile(xi_A, gradient, error, free_energy, spread, findings)


def barrier_of(profile: FreeEnergyProfile) -> Barrier:
    """The highest climb along ξ, and what is gained behind it.

    Stationary points are where the gradient, a straight line between windows, crosses zero. The
    systematic part of the uncertainty is the difference between the trapezoid and a cubic spline.
    """
    crossings = _crossings(profile)
    xi_A = np.union1d(profile.xi_A, crossings)
    free_energy = np.array([profile.weights(xi) @ profile.gradient_eV_A for xi in xi_A])
    places = highest_climb(free_energy)
    if places is None:
        return no_barrier(
            _METHOD,
            "F has no maximum between the first and the last window"
            + (": it still rises at the end" if profile.gradient_eV_A[-1] > 0 else ""),
            "add windows beyond the end of the coordinate until F falls again",
        )
    start, top, end = (float(xi_A[place]) for place in places)
    findings = []
    height, height_error = profile.difference(start, top)
    fall, fall_error = profile.difference(top, end)
    reaction, reaction_error = profile.difference(start, end)
    flags = []
    for name, place, slope in (
        ("initial", start, profile.gradient_eV_A[0]),
        ("final", end, -profile.gradient_eV_A[-1]),
    ):
        edge = profile.xi_A[0] if name == "initial" else profile.xi_A[-1]
        error = profile.gradient_error_eV_A[0 if name == "initial" else -1]
        if place == edge and slope > _SLOPE_SIGMAS * error:
            flags.append(f"the {name} state is the edge of the coordinate, not a minimum")
            findings.append(
                warning(
                    "E848",
                    f"F has no minimum at the {name} state: at ξ = {place:.3g} Å the slope is "
                    f"still {slope:.2f} eV/Å",
                    help=f"add windows on the {name} side until F rises there; until then that "
                    "state is not a stable one",
                )
            )
    curved = _spline_differences(profile, start, top, end)
    found = Barrier(
        Result(
            "free_energy_barrier", height, "eV", _METHOD, f"ξ from {start:.3f} to {top:.3f} Å",
            random=height_error, systematic=curved and abs(curved[0] - height), flags=tuple(flags),
        ),
        Result(
            "reaction_free_energy", reaction, "eV", _METHOD, f"ξ from {start:.3f} to {end:.3f} Å",
            random=reaction_error, systematic=curved and abs(curved[1] - reaction),
            flags=tuple(flags),
        ),
        start, top, end, tuple(findings),
    )  # fmt: skip
    return found if -fall > fall_error else without_maximum(found, -fall, fall_error)


def without_maximum(found: Barrier, fall_eV: float, uncertain_eV: float) -> Barrier:
    """The same without its barrier: behind the maximum F falls by less than it may be off."""
    reason = (
        f"behind its maximum F falls by {fall_eV:.3f} eV and may be off by {uncertain_eV:.3f} eV"
    )
    refusal = no_barrier(
        found.barrier.method, reason, "drive the coordinate further, or lower the error"
    )
    return replace(found, barrier=refusal.barrier, findings=(*found.findings, *refusal.findings))


def highest_climb(free_energy_eV: Floats) -> tuple[int, int, int] | None:
    """Indices of (initial, transition, final state): the highest climb that comes down again.

    The initial state is the lowest point before the climb, the final state the lowest after it.
    None where the highest climb ends at the last point, or there is none.
    """
    lowest = np.minimum.accumulate(free_energy_eV)
    climb = free_energy_eV - lowest
    top = int(np.argmax(climb))
    if climb[top] <= 0.0 or top == free_energy_eV.size - 1:
        return None
    start = int(np.argmin(free_energy_eV[: top + 1]))
    end = top + int(np.argmin(free_energy_eV[top:]))
    return start, top, end


def no_barrier(method: str, reason: str, remedy: str, code: str = "E848") -> Barrier:
    """The refusal to name a barrier, as two results without a value and a finding."""
    finding = Diagnostic(code, f"no barrier is given: {reason}", Severity.WARNING, help=remedy)
    return Barrier(
        missing("free_energy_barrier", "eV", method, reason),
        missing("reaction_free_energy", "eV", method, reason),
        None,
        None,
        None,
        (finding,),
    )


def _crossings(profile: FreeEnergyProfile) -> Floats:
    g, xi = profile.gradient_eV_A, profile.xi_A
    k = np.flatnonzero(g[:-1] * g[1:] < 0)
    crossings: Floats = xi[k] + (xi[k + 1] - xi[k]) * g[k] / (g[k] - g[k + 1])
    return crossings


def _spline_differences(
    profile: FreeEnergyProfile, start: float, top: float, end: float
) -> tuple[float, float] | None:
    """(barrier, reaction energy) by a cubic spline of the gradients; None below five windows."""
    if profile.xi_A.size < 5:
        return None
    from scipy.interpolate import CubicSpline

    integral = CubicSpline(profile.xi_A, profile.gradient_eV_A).antiderivative()
    values = float(integral(top) - integral(start)), float(integral(end) - integral(start))
    return values if all(map(math.isfinite, values)) else None
