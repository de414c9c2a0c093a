"""Impedance of any cell model, from its response in time to a small sine.

Potentiostatic, galvanostatic or between the leads. The sine is a staircase, as a converter makes
it. That costs no accuracy: in a linear cell the fundamental of the answer belongs to that of the
staircase alone, provided that what flows within a stair is integrated, charging spike and
diffusion tail included. So each stair is simulated in time steps that grow from the shortest, and
both signals are fitted over whole periods, as integrals over time, with the fundamental, two
harmonics and a quadratic drift. The time steps are refined until the impedance, extrapolated to
steps of nothing (Richardson 1911), no longer changes.
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from faradaic.chemistry.equivalent_circuits import checked_frequencies_Hz
from faradaic.diagnostics import refusal
from faradaic.simulators.arguments import checked_count, checked_number
from faradaic.simulators.contracts import CellModel, Control
from faradaic.simulators.simulation_errors import SimulationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Real = NDArray[np.float64]

STAIRS = 48
"""In a period."""

STEP_GROWTH = 4.0
REFINEMENTS = 6
"""Growth of the time steps within a stair at the first try, and how often its root is taken."""

FIRST_SHARE = 1e-5
LARGEST_FIRST_SHARE = 0.05
"""Of a stair that its first time step takes: as a rule, and if the shortest step is longer."""

LARGEST_DISTORTION = 0.1
"""Of harmonics against the fundamental, above which a response is not a linear one."""


class SineResponse(NamedTuple):
    """What a cell answered to a sine."""

    current_A: complex
    """Phasor: peak, real in phase with the sine of the set-point."""
    voltage_V: complex
    """Phasor of the potential, or of the cell voltage when that is controlled."""
    mean_current_A: float
    mean_voltage_V: float
    distortion: float
    """Second and third harmonic of the answer against its fundamental."""

    @property
    def impedance_ohm(self) -> complex:
        """Get the impedance. Raises `SimulationError` (E562) if no current flowed."""
        if self.current_A == 0.0:
            raise SimulationError.of(
                "no current answered the sine", help="is the cell connected?", code="E562"
            )
        return self.voltage_V / self.current_A


def spectrum_ohm(
    cell: CellModel,
    frequency_Hz: ArrayLike,
    amplitude: float,
    bias: float,
    control: Control = Control.POTENTIAL,
    *,
    settle_s: float = 0.0,
    shortest_s: float | None = None,
    tolerance: float = 2e-3,
) -> NDArray[np.complex128]:
    """The impedance that a cell model shows around its state of rest, at each frequency (n,).

    The cell is held at `bias` for `settle_s`; every frequency then starts from that state, and the
    model is left as it was found. `bias` and `amplitude` (peak) are V, or A if the current is
    controlled; the impedance is that of the working electrode against the reference, or of the
    whole cell if the cell voltage is controlled. `shortest_s` is the shortest time step that the
    model may be asked for, by default 1e-5 of a stair of 1/48 of a period; `tolerance` the relative
    change of Z at which the steps are fine enough. Raises `InputError` for arguments that cannot be
    used, `SimulationError` for a response that is not linear (E562) or does not converge (E545).
    """
    frequencies = checked_frequencies_Hz(frequency_Hz)
    checked_number(bias, "bias", "0.0", code="E561")
    checked_number(settle_s, "settle_s", least=0.0, code="E561")
    checked_number(tolerance, "tolerance", above=0.0, code="E561")
    found = cell.checkpoint()
    try:
        if settle_s > 0.0:
            _hold(cell, control, bias, settle_s)
        start = cell.checkpoint()
        respond = partial(
            sine_response, cell, control, bias=bias, amplitude=amplitude, shortest_s=shortest_s
        )
        impedances = []
        for frequency in frequencies:
            cell.restore(start)
            impedances.append(_converged_ohm(cell, respond, float(frequency), tolerance))
    finally:
        cell.restore(found)
    return np.array(impedances, dtype=np.complex128)


def sine_response(
    cell: CellModel,
    control: Control,
    *,
    bias: float,
    amplitude: float,
    frequency_Hz: float,
    step_growth: float = math.sqrt(2.0),
    shortest_s: float | None = None,
    settle_periods: int = 2,
    periods: int = 2,
    largest_distortion: float = LARGEST_DISTORTION,
) -> SineResponse:
    """Impose a sine and fit the answer; the cell is left after the last period.

    Raises as `spectrum` does, but for convergence.
    """
    if control is Control.OPEN_CIRCUIT:
        raise refusal(
            "E561",
            "no impedance can be measured at open circuit",
            "control the potential, the cell voltage or the current (with a bias of 0 A)",
        )
    checked_number(bias, "bias", "0.0", code="E561")
    for name, value, least in (
        ("amplitude", amplitude, 0.0),
        ("frequency_Hz", frequency_Hz, 0.0),
        ("step_growth", step_growth, 1.0),
    ):
        checked_number(value, name, above=least, code="E561")
    checked_number(largest_distortion, "largest_distortion", above=0.0, infinite=True, code="E561")
    if shortest_s is not None:
        checked_number(shortest_s, "shortest_s", above=0.0, code="E561")
    checked_count(settle_periods, "settle_periods", 0, code="E561")
    checked_count(periods, "periods", code="E561")
    stair_s = 1.0 / (frequency_Hz * STAIRS)
    first = FIRST_SHARE if shortest_s is None else max(shortest_s / stair_s, FIRST_SHARE)
    if first > LARGEST_FIRST_SHARE:
        longest_s = LARGEST_FIRST_SHARE * stair_s
        raise refusal(
            "E561",
            f"time steps of {shortest_s:g} s do not resolve {frequency_Hz:g} Hz",
            f"take a shortest_s of {longest_s:.2g} or less, or a lower frequency",
        )
    ages, fit = _ages_and_fit(float(f"{first:.9g}"), step_growth, periods)
    shares = np.diff(ages, prepend=0.0)
    steps_s = (shares * stair_s).tolist()
    phases = 2.0 * np.pi * np.arange(1, STAIRS + 1) / STAIRS
    values = [bias + amplitude * sine for sine in np.sin(phases).tolist()]
    step = cell.step
    for _ in range(settle_periods):
        for value in values:
            for dt_s in steps_s:
                step(control, value, dt_s)
    states = np.array(
        [step(control, value, dt_s) for _ in range(periods) for value in values for dt_s in steps_s]
    ).reshape(periods * STAIRS, ages.size, 3)
    means = _means(states, ages)
    currents_A = means[:, :, 0].ravel()
    voltages_V = means[:, :, 1 if control is Control.CELL_VOLTAGE else 2].ravel()
    weights = np.tile(shares, periods * STAIRS)
    current, current_distortion = _fundamental(fit @ currents_A)
    voltage, voltage_distortion = _fundamental(fit @ voltages_V)
    distortion = voltage_distortion if control is Control.CURRENT else current_distortion
    if distortion > largest_distortion:
        raise SimulationError.of(
            f"the answer to a sine of {amplitude:g} at {frequency_Hz:g} Hz is not a sine: its "
            f"harmonics are {100 * distortion:.0f} % of it",
            help="use a smaller amplitude, or let the cell settle at the bias first",
            code="E562",
            numbers={"frequency_Hz": frequency_Hz, "distortion": distortion},
        )
    return SineResponse(
        current,
        voltage,
        float(np.average(currents_A, weights=weights)),
        float(np.average(voltages_V, weights=weights)),
        distortion,
    )


def _converged_ohm(
    cell: CellModel, respond: Callable[..., SineResponse], frequency_Hz: float, tolerance: float
) -> complex:
    start = cell.checkpoint()
    impedances: list[complex] = []
    limits: list[complex] = []
    for refinement in range(REFINEMENTS):
        cell.restore(start)
        step_growth = STEP_GROWTH ** (0.5**refinement)
        response = respond(frequency_Hz=frequency_Hz, step_growth=step_growth)
        impedances.append(response.impedance_ohm)
        if refinement > 0:
            # Exact for a first-order method; a second-order one is no worse than the coarser try.
            limits.append(2.0 * impedances[-1] - impedances[-2])
        if refinement > 1 and abs(limits[-1] - limits[-2]) <= tolerance * abs(limits[-1]):
            return limits[-1]
    raise SimulationError.of(
        f"the impedance at {frequency_Hz:g} Hz still changes by more than {tolerance:g} of "
        f"itself when the time steps are halved for the {REFINEMENTS - 1}th time",
        help="allow a larger tolerance, or take a shorter shortest_s",
        code="E545",
        numbers={"frequency_Hz": frequency_Hz, "tolerance": tolerance},
    )


def _hold(cell: CellModel, control: Control, bias: float, duration_s: float) -> None:
    """Hold a cell at its bias in steps that grow with the age of the bias."""
    age_s = 0.0
    while age_s < duration_s:
        dt_s = min(max(1e-6 * duration_s, 0.2 * age_s), duration_s - age_s)
        cell.step(control, bias, dt_s)
        age_s += dt_s


def _ages(first: float, growth: float) -> Real:
    """Ends of the time steps within a stair as shares of it, none of them shorter than `first`."""
    equal = max(1, math.ceil(1.0 / (growth - 1.0)))
    later = max(1, math.floor(math.log(1.0 / (equal * first)) / math.log(growth)))
    return np.concatenate(
        (first * np.arange(1, equal), np.geomspace(equal * first, 1.0, 1 + later))
    )


def _means(states: Real, ages: Real) -> Real:
    """Means over the time steps of stairs, from the states at their ends: (stairs, steps, 3).

    Between two ends a signal is taken as a + b/√age, as a cell relaxes after a jump.
    """
    means = states.copy()
    late = 1.0 / np.sqrt(ages[1:])
    early = 1.0 / np.sqrt(ages[:-1])
    share = (2.0 / (np.sqrt(ages[:-1]) + np.sqrt(ages[1:])) - late) / (early - late)
    means[:, 1:, :] += share[None, :, None] * (states[:, :-1, :] - states[:, 1:, :])
    return means


@lru_cache(maxsize=16)
def _ages_and_fit(first: float, growth: float, periods: int) -> tuple[Real, Real]:
    """The ages of `_ages`, and the matrix (9, steps) that fits means over time steps by least
    squares: quadratic drift, fundamental and two harmonics, sine before cosine."""
    ages = _ages(first, growth)
    shares = np.diff(ages, prepend=0.0)
    turns = ((np.arange(periods * STAIRS)[:, None] + ages - 0.5 * shares) / STAIRS).ravel()
    time = turns / turns[-1]
    columns = [np.ones_like(time), time, time**2]
    for harmonic in (1, 2, 3):
        angle = 2.0 * np.pi * harmonic * turns
        columns += [np.sin(angle), np.cos(angle)]
    root = np.sqrt(np.tile(shares, periods * STAIRS))
    return ages, np.linalg.pinv(np.column_stack(columns) * root[:, None]) * root


def _fundamental(found: Real) -> tuple[complex, float]:
    """The phasor of the fundamental (sine real, cosine imaginary), and the share of harmonics."""
    fundamental = complex(found[3], found[4])
    if fundamental == 0.0:
        return fundamental, math.inf
    return fundamental, float(np.linalg.norm(found[5:])) / abs(fundamental)
