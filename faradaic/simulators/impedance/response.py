"""Impedance of any cell model, from its response in time to a small sine.

Potentiostatic, galvanostatic or between the leads. Potential and current are fitted together over
whole periods with a sine and a quadratic drift (Fourier at the fundamental, drift removed), after
periods left out for settling. Each frequency is simulated with a halved time step until the
impedance, extrapolated to a step of zero (Richardson 1911), no longer changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.simulators.contracts import CellModel, Control
from faradaic.simulators.errors import SimulationError
from faradaic.simulators.impedance.circuits import ImpedanceSpectrum, checked_frequencies_Hz

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEWEST_STEPS = 32
MOST_STEPS = 4096
"""Time steps in a period: the first try, and where the refinement gives up."""

LARGEST_DISTORTION = 0.1
"""Of harmonics against the fundamental, above which a response is not a linear one."""


class SineResponse(NamedTuple):
    """What a cell answered to a sine."""

    impedance_ohm: complex
    current_A: float
    """Mean current."""
    voltage_V: float
    """Mean of the potential, or of the cell voltage when that is controlled."""
    distortion: float
    """What is neither fundamental nor drift against the fundamental (rms), of the answer."""


def spectrum(
    cell: CellModel,
    frequency_Hz: ArrayLike,
    amplitude: float,
    bias: float,
    control: Control = Control.POTENTIAL,
    *,
    settle_s: float = 0.0,
    tolerance: float = 2e-3,
) -> ImpedanceSpectrum:
    """The spectrum that a cell model shows around its state of rest.

    The cell is held at `bias` for `settle_s`; every frequency then starts from that state, and the
    model is left as it was found. `bias` and `amplitude` (peak) are V, or A if the current is
    controlled; the impedance is that of the working electrode against the reference, or of the
    whole cell if the cell voltage is controlled. `tolerance` is the relative change of |Z| at
    which the time step is fine enough. Raises `InputError` for arguments that cannot be used and
    `SimulationError` (E546, E547) for a response that is not linear or does not converge.
    """
    frequencies = checked_frequencies_Hz(frequency_Hz)
    found = cell.checkpoint()
    try:
        if settle_s > 0.0:
            _hold(cell, control, bias, settle_s)
        start = cell.checkpoint()
        impedances = []
        for frequency in frequencies:
            cell.restore(start)
            impedances.append(
                _converged_ohm(cell, control, bias, amplitude, float(frequency), tolerance)
            )
    finally:
        cell.restore(found)
    return ImpedanceSpectrum(frequencies, np.array(impedances, dtype=np.complex128))


def sine_response(
    cell: CellModel,
    control: Control,
    *,
    bias: float,
    amplitude: float,
    frequency_Hz: float,
    steps_per_period: int = 256,
    settle_periods: int = 2,
    periods: int = 2,
) -> SineResponse:
    """Impose a sine on a cell and fit its answer; the cell is left after the last period.

    Raises as `spectrum` does, but for convergence.
    """
    if control is Control.OPEN_CIRCUIT:
        raise InputError(
            Diagnostic(
                "E545",
                "no impedance can be measured at open circuit",
                help="control the potential, the cell voltage or the current (with a bias of 0 A)",
            )
        )
    if not amplitude > 0.0:
        raise InputError(
            Diagnostic("E545", f"the amplitude is {amplitude:g}", help="it must be above zero")
        )
    dt_s = 1.0 / (frequency_Hz * steps_per_period)
    phase = 2.0 * np.pi * np.arange(1, steps_per_period + 1) / steps_per_period
    values = [bias + amplitude * sine for sine in np.sin(phase).tolist()]
    step = cell.step
    for _ in range(settle_periods):
        for value in values:
            step(control, value, dt_s)
    states = np.array([step(control, value, dt_s) for _ in range(periods) for value in values])
    voltages_V = states[:, 1 if control is Control.CELL_VOLTAGE else 2]
    currents_A = states[:, 0]
    basis = _basis(np.tile(phase, periods))
    voltage, voltage_rest = _fit(basis, voltages_V)
    current, current_rest = _fit(basis, currents_A)
    answer, rest = (voltage, voltage_rest) if control is Control.CURRENT else (current, current_rest)
    distortion = rest / abs(answer) if answer else np.inf
    if not distortion < LARGEST_DISTORTION:
        raise SimulationError(
            Diagnostic(
                "E546",
                f"the answer to a sine of {amplitude:g} at {frequency_Hz:g} Hz is not a sine: "
                f"{100 * distortion:.0f} % of it is neither fundamental nor drift",
                help="use a smaller amplitude, or let the cell settle at the bias first",
                numbers={"frequency_Hz": frequency_Hz, "distortion": float(distortion)},
            )
        )
    return SineResponse(
        voltage / current,
        float(currents_A.mean()),
        float(voltages_V.mean()),
        float(distortion),
    )


def _converged_ohm(
    cell: CellModel,
    control: Control,
    bias: float,
    amplitude: float,
    frequency_Hz: float,
    tolerance: float,
) -> complex:
    start = cell.checkpoint()
    coarse: complex | None = None
    before: complex | None = None
    steps = FEWEST_STEPS
    while steps <= MOST_STEPS:
        cell.restore(start)
        fine = sine_response(
            cell,
            control,
            bias=bias,
            amplitude=amplitude,
            frequency_Hz=frequency_Hz,
            steps_per_period=steps,
        ).impedance_ohm
        if coarse is not None:
            # Exact for a first-order method; a second-order one is at worst as good as `coarse`.
            limit = 2.0 * fine - coarse
            if before is not None and abs(limit - before) <= tolerance * abs(limit):
                return limit
            before = limit
        coarse = fine
        steps *= 2
    raise SimulationError(
        Diagnostic(
            "E547",
            f"the impedance at {frequency_Hz:g} Hz still changes by more than {tolerance:g} of "
            f"itself with {MOST_STEPS} time steps in a period",
            help="allow a larger tolerance, or leave this frequency out: "
            "the model does not resolve it",
            numbers={"frequency_Hz": frequency_Hz, "tolerance": tolerance},
        )
    )


def _hold(cell: CellModel, control: Control, bias: float, duration_s: float) -> None:
    """Hold a cell at its bias in steps that grow with the age of the bias."""
    age_s = 0.0
    while age_s < duration_s:
        dt_s = min(max(1e-6 * duration_s, 0.2 * age_s), duration_s - age_s)
        cell.step(control, bias, dt_s)
        age_s += dt_s


def _basis(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean, drift, curvature, sine and cosine at equidistant times: shape (n, 5)."""
    time = np.linspace(-1.0, 1.0, phase.size)
    return np.column_stack((np.ones_like(time), time, time**2, np.sin(phase), np.cos(phase)))


def _fit(
    basis: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[complex, float]:
    """The phasor of the fundamental (sine real, cosine imaginary) and the rms of what is left.

    The rms is scaled by √2, so that it compares with an amplitude.
    """
    coefficients = np.linalg.lstsq(basis, values, rcond=None)[0]
    rest = values - basis @ coefficients
    return complex(coefficients[3], coefficients[4]), float(np.sqrt(2.0 * np.mean(rest**2)))
