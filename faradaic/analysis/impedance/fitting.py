"""Circuits fitted to spectra by complex least squares, with standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from faradaic.analysis.impedance.spectrum import Complex, Floats, ImpedanceSpectrum, refusal
from faradaic.chemistry.equivalent_circuits import Circuit, Parameter, parse_circuit
from faradaic.results import Result

_DRAWN = 200
_REFINED = 4
_UNDETERMINED = 0.5
_STEP = 6e-6
"""Of central differences: the third root of the precision of a double."""
_REACH = 1e6
"""How far beyond the measured impedances an element may lie."""


@dataclass(frozen=True, slots=True, eq=False)
class CircuitFit:
    """One circuit fitted to one spectrum."""

    circuit: Circuit
    parameters: Floats
    covariance: Floats
    """Of the parameters, from the scatter of the residuals."""
    residual: Complex
    """(n,), (fit - Z) / |Z|."""
    aicc: float
    """Compare among fits to one spectrum only; smaller is better."""

    @property
    def standard_errors(self) -> Floats:
        """Get the standard errors of the parameters, in their order."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def rms_residual(self) -> float:
        """Get the root mean square of the residuals' real and imaginary parts."""
        return float(np.sqrt(np.mean(np.abs(self.residual) ** 2) / 2.0))

    def impedance_ohm(self, frequency_Hz: Floats) -> Complex:
        """The fitted circuit at frequencies (n,)."""
        return self.circuit.impedance_ohm(2.0 * np.pi * frequency_Hz, self.parameters)

    def results(self) -> tuple[Result, ...]:
        """One result for each parameter."""
        return tuple(
            Result(
                "circuit_parameter",
                float(value),
                parameter.unit,
                f"complex least squares of {self.circuit.text}, weights 1/|Z|",
                random=float(error),
                flags=_flags(parameter, float(value), float(error)),
                of=parameter.name,
                name=parameter.name,
            )
            for parameter, value, error in zip(
                self.circuit.parameters, self.parameters, self.standard_errors, strict=True
            )
        )


def fit_circuit(spectrum: ImpedanceSpectrum, circuit: str) -> CircuitFit:
    """Fit a circuit (`equivalent_circuits`) from starts drawn around the measured impedances.

    Residuals are relative to |Z|: the noise is taken to be the same fraction of every point, and
    alike in both parts. All parameters are positive, exponents at most 1. The draws are seeded:
    the same spectrum gives the same fit. Raises `InputError` for more parameters than the data can
    carry, or when no start leads to a minimum.
    """
    from scipy.optimize import least_squares

    parsed = parse_circuit(circuit)
    omega, z = spectrum.angular_frequency, spectrum.impedance_ohm
    count, n = len(parsed.parameters), 2 * omega.size
    if n < count + 3:
        raise refusal(
            f"{circuit} has {count} parameters, the spectrum {omega.size} points",
            f"give {-(-(count + 3) // 2)} points or more, or a circuit with fewer elements",
        )
    exponent = np.array([parameter.kind == "Q.n" for parameter in parsed.parameters])

    def natural(x: Floats) -> Floats:
        return np.where(exponent, x, np.exp(np.where(exponent, 0.0, x)))

    def residual(x: Floats) -> Floats:
        """Of parameters (..., k): (..., 2n)."""
        values = np.moveaxis(natural(x), -1, 0)[..., None]
        off = parsed.impedance_ohm(omega, values) / z - 1.0
        return np.concatenate((off.real, off.imag), axis=-1)

    def slopes(x: Floats) -> Floats:
        """(2n, k) by central differences, all parameters at once; one-sided at a limit."""
        steps = np.diag(_STEP * np.maximum(1.0, np.abs(x)))
        ends = np.clip(np.stack((x + steps, x - steps)), lower, upper)
        above, below = residual(ends)
        return np.asarray((above - below).T / np.diagonal(ends[0] - ends[1]))

    # dividing by z turns each pair of residuals by the phase of z, which leaves its length alone
    typical = [_typical(parameter, omega, np.abs(z)) for parameter in parsed.parameters]
    starts = _starts(parsed, typical)
    costs = np.sum(residual(starts) ** 2, axis=-1)
    best = None
    # an element that shorts or blocks at every frequency has no minimum to come to: it stops here
    reach = math.log(_REACH)
    lower = np.where(exponent, 1e-3, [logs.min() - reach for logs in typical])
    upper = np.where(exponent, 1.0, [logs.max() + reach for logs in typical])
    for i in np.argsort(costs)[:_REFINED]:
        found = least_squares(
            residual, starts[i], jac=slopes, bounds=(lower, upper), xtol=1e-12, ftol=1e-9
        )
        if found.success and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        raise refusal(f"no fit of {circuit} came to an end", "try a circuit with fewer elements")
    square = max(2.0 * float(best.cost), n * np.finfo(float).eps ** 2)
    values = natural(best.x)
    slope = np.where(exponent, 1.0, values)
    _, size, axes = np.linalg.svd(best.jac, full_matrices=False)
    # a direction that the data do not hold keeps an enormous error, where pinv would give none
    axes /= np.maximum(size, 1e-10 * size[0])[:, None]
    covariance = axes.T @ axes * square / (n - count)
    k = count + 1  # the variance is a parameter too
    aicc = n * math.log(square / n) + 2.0 * k + 2.0 * k * (k + 1) / max(n - k - 1, 1)
    off = parsed.impedance_ohm(omega, values) - z
    return CircuitFit(
        parsed, values, covariance * np.outer(slope, slope), off / np.abs(z), float(aicc)
    )


def _typical(parameter: Parameter, omega: Floats, size: Floats) -> Floats:
    """(n,), logarithm of the value with which the element would be the whole |Z| at each point."""
    typical = {
        "C": 1.0 / (omega * size),
        "Q.Y": 1.0 / (omega**0.8 * size),
        "L": size / omega.max(),
        "W": size * np.sqrt(omega),
        "T.tau": 1.0 / omega,
        "O.tau": 1.0 / omega,
    }.get(parameter.kind, size)
    return np.asarray(np.log(typical), dtype=np.float64)


def _starts(circuit: Circuit, typical: list[Floats]) -> Floats:
    """(draws, parameters): each element near the impedance of some measured point."""
    rng = np.random.default_rng(0)
    x = np.empty((_DRAWN, len(circuit.parameters)))
    for column, parameter in enumerate(circuit.parameters):
        point = rng.integers(0, typical[column].size, _DRAWN)
        if parameter.kind == "Q.n":
            x[:, column] = rng.uniform(0.6, 1.0, _DRAWN)
        else:
            x[:, column] = typical[column][point] + rng.normal(0.0, 1.0, _DRAWN)
    return x


def _flags(parameter: Parameter, value: float, error: float) -> tuple[str, ...]:
    flags = []
    if error > _UNDETERMINED * value:
        flags.append("not determined by these data")
    if parameter.kind == "Q.n" and value > 0.9999:
        flags.append("at its limit: a capacitance fits as well")
    return tuple(flags)
