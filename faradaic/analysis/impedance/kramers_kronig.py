"""Whether a spectrum is that of a linear, causal and stationary system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faradaic.analysis.impedance.spectrum import Floats, ImpedanceSpectrum, refusal

_MU = 0.85
_PER_DECADE = 3.0
_FEWEST = 6
_DENSE = 4.0  # below it the exact spectrum of one RC can fail by a few per cent


@dataclass(frozen=True, slots=True, eq=False)
class KramersKronig:
    """How far a spectrum is from one that obeys the Kramers-Kronig relations."""

    elements: int
    """Number of RC elements it took."""
    mu: float
    """1 less the weight of negative resistances; small where noise begins to be fitted."""
    real_residual: Floats
    """(n,), (Z' - fit) / |Z|."""
    imaginary_residual: Floats
    """(n,), (Z'' - fit) / |Z|."""
    limit: float
    points_per_decade: float
    sign_reversed: bool
    """The spectrum fails and its mirror image passes: the file stored -Z''."""

    @property
    def rms_residual(self) -> float:
        """Get the root mean square of both residuals."""
        both = np.concatenate((self.real_residual, self.imaginary_residual))
        return float(np.sqrt(np.mean(both**2)))

    @property
    def consistent(self) -> bool:
        """Whether that lies below the limit."""
        return self.rms_residual <= self.limit

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd, in words."""
        if self.consistent:
            return ()
        found = f"Kramers-Kronig residual {self.rms_residual:.1%}, above {self.limit:.1%}"
        if self.sign_reversed:
            return (f"{found}; with the other sign of Z'' it passes: the file stored -Z''",)
        if self.points_per_decade < _DENSE:
            return (f"{found}, but {self.points_per_decade:.1f} points per decade do not decide",)
        return (f"{found}: not linear, not stationary, or noisy",)


def kramers_kronig(spectrum: ImpedanceSpectrum, *, limit: float = 0.01) -> KramersKronig:
    """Linear Kramers-Kronig test: a series of RC elements with fixed time constants.

    Boukamp 1995 with the number of elements after Schönleber, Klotz & Ivers-Tiffée 2014
    (mu <= 0.85), an inductance and a capacitance in series; points weighted by 1/|Z|. Elements
    are added beyond mu only while the residual is above the limit, up to three per decade. Raises
    `InputError` below six points.
    """
    f = spectrum.frequency_Hz
    if f.size < _FEWEST or f[0] == f[-1]:
        raise refusal(
            f"{f.size} points from {f[-1]:g} to {f[0]:g} Hz are too few for a Kramers-Kronig test",
            f"give {_FEWEST} different frequencies or more",
        )
    decades = float(np.log10(f[0] / f[-1]))
    own = _test(spectrum, limit, decades)
    reversed_sign = _rms(own) > limit >= _rms(_test(spectrum.mirrored(), limit, decades))
    return KramersKronig(*own, limit, (f.size - 1) / decades, reversed_sign)


_Fit = tuple[int, float, Floats, Floats]


def _rms(fit: _Fit) -> float:
    return float(np.sqrt(np.mean(np.concatenate(fit[2:]) ** 2)))


def _test(spectrum: ImpedanceSpectrum, limit: float, decades: float) -> _Fit:
    fit = _chain(spectrum, 2)
    # no more than the data can carry, nor so many that noise or a wrong sign can be fitted away
    most = min(spectrum.frequency_Hz.size - 3, 2 + round(_PER_DECADE * decades))
    for elements in range(3, most + 1):
        if fit[1] <= _MU and _rms(fit) <= limit:
            break
        fit = _chain(spectrum, elements)
    return fit


def _chain(spectrum: ImpedanceSpectrum, elements: int) -> _Fit:
    """The chain of RC elements fitted by linear least squares."""
    omega, z = spectrum.angular_frequency, spectrum.impedance_ohm
    tau_s = np.geomspace(1.0 / omega.max(), 1.0 / omega.min(), elements)
    ends = np.stack([np.ones_like(omega), 1j * omega, 1.0 / (1j * omega)], axis=1)
    columns = np.hstack([1.0 / (1.0 + 1j * omega[:, None] * tau_s), ends]) / np.abs(z)[:, None]
    matrix = np.vstack((columns.real, columns.imag))
    matrix /= np.linalg.norm(matrix, axis=0)
    data = np.concatenate((z.real, z.imag)) / np.tile(np.abs(z), 2)
    found = np.linalg.lstsq(matrix, data, rcond=1e-10)[0]
    # a negative inductance or capacitance obeys the relations as well and would hide a wrong sign
    kept = np.append(np.ones(elements + 1, dtype=bool), found[-2:] > 0)
    if not kept.all():
        matrix = matrix[:, kept]
        found = np.linalg.lstsq(matrix, data, rcond=1e-10)[0]
    residual = data - matrix @ found
    weights = found[:elements] / np.linalg.norm(columns[:, :elements], axis=0)
    positive = float(weights[weights >= 0].sum())
    mu = 1.0 - float(-weights[weights < 0].sum()) / positive if positive else 0.0
    return elements, mu, residual[: omega.size], residual[omega.size :]
