"""The few unknowns of a preparative cell, fitted to what a run recorded.

Bayesian, with the spreads of the unknowns before the run as Gaussian priors, by least squares
(Levenberg and Marquardt; Laplace's approximation of the posterior): what the run does not tell
keeps its prior spread. Residuals that hang together count as fewer (1 - r)/(1 + r) of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faradaic.chemistry.cell_description.calibrated_cell import UNKNOWNS, Fitted, with_values
from faradaic.diagnostics import FaradaicError, refusal
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription

_BINS = 160
_FEWEST = 20
_FINEST_S, _STEPS = 0.05, 6
_FLOOR_V = 0.01
"""What the model itself is worth, beside noise."""
_INDEPENDENT = 12.0
"""Readings at most that count as independent: drift and what the model leaves out hang together."""
_FAR = 5.0
"""Standard deviations of the priors within which is searched."""
_WRONG_V, _IMPOSSIBLE_V = 1.0, 100.0
"""What is left where the cell is another one, and what counts where it cannot be at all."""


@dataclass(frozen=True, slots=True)
class Course:
    """A run in pieces of nearly constant current."""

    duration_s: NDArray[np.float64]
    current_A: NDArray[np.float64]
    voltage_V: NDArray[np.float64]
    """At the end of each piece."""

    @property
    def charge_C(self) -> float:
        """Get the gross charge."""
        return float(np.sum(np.abs(self.current_A) * self.duration_s))


@dataclass(frozen=True, slots=True)
class CellFit:
    """What was found, and what is left."""

    parameters: dict[str, Fitted]
    residual_V: float


def course_of(
    time_s: NDArray[np.float64], current_A: NDArray[np.float64], voltage_V: NDArray[np.float64]
) -> Course:
    """A recorded run in pieces.

    Raises `InputError` (E573) for one that is too short, passes no current, or turns it round.
    """
    known = np.isfinite(time_s) & np.isfinite(current_A) & np.isfinite(voltage_V)
    time_s, current_A, voltage_V = time_s[known], current_A[known], voltage_V[known]
    largest = float(np.max(np.abs(current_A), initial=0.0))
    flowing = np.abs(current_A) > 0.02 * largest
    if np.count_nonzero(flowing) < _FEWEST or not largest:
        raise refusal(
            "E573",
            f"the run has {np.count_nonzero(flowing)} readings with current, too few to fit a cell",
            f"take one of {_FEWEST} readings or more, a whole electrolysis at best",
        )
    signs = np.sign(current_A[flowing])
    if min(np.mean(signs > 0), np.mean(signs < 0)) > 0.01:
        raise refusal(
            "E573",
            "the current of this run turns round, and the fit is of one direction",
            "calibrate with a run at constant current of the same cell",
        )
    # Pieces end where the current changes, and else after equal times.
    changes = np.abs(np.diff(current_A)) > 0.1 * largest
    length_s = (time_s[-1] - time_s[0]) / _BINS
    ends, last_s = [], time_s[0]
    for index in range(len(time_s) - 1):
        if changes[index] or time_s[index] - last_s >= length_s:
            ends.append(index)
            last_s = time_s[index]
    ends.append(len(time_s) - 1)
    rows, begin = [], 0
    for end in ends:
        duration_s = time_s[end] - time_s[begin]
        if duration_s > 0.0:
            inside = slice(begin + 1, end + 1)
            near = time_s[inside] > time_s[end] - 0.2 * duration_s
            held_A = float(np.mean(current_A[inside]))
            rows.append((duration_s, held_A, float(np.median(voltage_V[inside][near]))))
        begin = end
    return Course(*np.array(rows).T)


def voltages_V(cell: PreparativeDescription, course: Course) -> NDArray[np.float64]:
    """What the simulated cell needs at the end of each piece. Raises `SimulationError`."""
    simulated = PreparativeCell(cell)
    largest = float(np.max(np.abs(course.current_A)))
    found = np.empty(len(course.duration_s))
    pieces = zip(course.duration_s, course.current_A, strict=True)
    for index, (duration_s, current_A) in enumerate(pieces):
        rests = abs(current_A) <= 0.02 * largest
        control = Control.OPEN_CIRCUIT if rests else Control.CURRENT
        part = HeldControl(control, 0.0 if rests else float(current_A), float(duration_s))
        step_s = max(_FINEST_S, float(duration_s) / _STEPS)
        found[index] = simulated.run([part], step_s).cell_voltage_V[-1]
    return found


def fit_cell(cell: PreparativeDescription, course: Course) -> CellFit:
    """The unknowns of a cell that a run tells, each with its standard uncertainty.

    Raises `InputError` (E573) where the simulated cell cannot follow the run.
    """
    from scipy.optimize import least_squares

    names = list(UNKNOWNS)
    spreads = np.array([_spread(name, cell, course) for name in names])
    flowing = np.abs(course.current_A) > 0.02 * np.max(np.abs(course.current_A))
    measured_V = course.voltage_V[flowing]

    def values(at: NDArray[np.float64]) -> dict[str, float]:
        scaled = at * spreads
        return {
            name: float(np.exp(x)) if UNKNOWNS[name].is_factor else float(x)
            for name, x in zip(names, scaled, strict=True)
        }

    def misfit_V(at: NDArray[np.float64]) -> NDArray[np.float64]:
        try:
            model_V = voltages_V(with_values(cell, values(at)), course)[flowing]
        except FaradaicError:
            return np.full(len(measured_V), _IMPOSSIBLE_V)
        left: NDArray[np.float64] = model_V - measured_V
        return left

    low = np.array([0.0 if name == "film_ohm_per_C" else -_FAR for name in names])
    high = np.full(len(names), _FAR)
    start = np.clip(np.zeros(len(names)), low + 1e-3, high)
    noise_V, weight = 0.05, 1.0
    found = start
    for _ in range(3):  # the noise follows from what is left
        scale = np.sqrt(weight) / noise_V

        def residuals(at: NDArray[np.float64], scale: float = scale) -> NDArray[np.float64]:
            return np.concatenate([misfit_V(at) * scale, at])

        done = least_squares(
            residuals, found, bounds=(low, high), diff_step=1e-3, loss="linear", max_nfev=25
        )
        found = np.clip(done.x, low + 1e-6, high - 1e-6)
        left_V = misfit_V(found)
        noise_V = max(_FLOOR_V, float(np.sqrt(np.mean(left_V**2))))
        together = _together(left_V)
        weight = min((1.0 - together) / (1.0 + together), _INDEPENDENT / len(left_V))
    if noise_V >= _WRONG_V:
        raise refusal(
            "E573",
            f"the simulated cell stays {noise_V:.1f} V from the run whatever its unknowns are",
            "check that the run is of this protocol and went right; `faradaic show` tells",
        )
    covariance = np.linalg.inv(done.jac.T @ done.jac)
    sigma = np.sqrt(np.diag(covariance)) * spreads
    parameters = {}
    for name, value, one in zip(names, values(found).values(), sigma, strict=True):
        uncertainty = float(one * value if UNKNOWNS[name].is_factor else one)
        parameters[name] = Fitted(value=value, uncertainty=uncertainty)
    return CellFit(parameters, float(np.sqrt(np.mean(left_V**2))))


def _together(left_V: NDArray[np.float64]) -> float:
    """Correlation of neighbouring residuals, between 0 and nearly 1."""
    about = left_V - np.mean(left_V)
    whole = float(np.sum(about**2))
    return (
        0.0 if whole == 0.0 else min(max(float(np.sum(about[:-1] * about[1:])) / whole, 0.0), 0.98)
    )


def _spread(name: str, cell: PreparativeDescription, course: Course) -> float:
    """Before the run; a film may come to a few times the resistance of the solution."""
    if name == "film_ohm_per_C":
        return 2.0 * cell.resistance_ohm / max(course.charge_C, 1e-9)
    return UNKNOWNS[name].spread
