"""Shapes of lines in a measured powder pattern: doublets of the anode, width, background.

A line is a pseudo-Voigt function of area 1 in degrees 2θ whose width squared is w0² + (w1 tan θ)².
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KA1_KA2_A = {
    "Cu": (1.5405929, 1.5444274),
    "Co": (1.7889960, 1.7928350),
    "Mo": (0.7093172, 0.7136070),
}
"""Wavelengths of the two lines that an anode gives without a monochromator (Cu, Co: Hölzer et al.,
Phys. Rev. A 56 (1997) 4554; Mo: Deslattes et al., Rev. Mod. Phys. 75 (2003) 35; recalled)."""
_REACH_FWHM = 10.0


@dataclass(frozen=True, slots=True)
class LineShape:
    """What all lines of a pattern share."""

    emission: tuple[tuple[float, float], ...]
    """(wavelength in Å, share) of each line of the X-rays."""
    zero_deg: float = 0.0
    """Measured by true angle: added to every line."""
    width_deg: float = 0.12
    """Full width at half maximum at 2θ = 0."""
    tangent_deg: float = 0.0
    """Growth of the width with tan θ."""
    lorentz: float = 0.5
    """Share of the Lorentz function."""

    def positions_deg(self, d_A: Floats, wavelength_A: float) -> Floats:
        """2θ of lattice spacings at a wavelength, zero shift included; NaN without an angle."""
        with np.errstate(invalid="ignore"):
            at: Floats = 2 * np.degrees(np.arcsin(wavelength_A / (2 * d_A))) + self.zero_deg
        return at

    def fwhm_deg(self, two_theta_deg: Floats) -> Floats:
        """Full width at half maximum at angles."""
        slope = self.tangent_deg * np.tan(np.radians(two_theta_deg / 2))
        width: Floats = np.hypot(self.width_deg, slope)
        return width


def anode_doublet(wavelength_A: float) -> tuple[tuple[float, float], ...]:
    """Kα1 and Kα2 with their shares where a wavelength is an anode's mean; else it alone."""
    for first_A, second_A in KA1_KA2_A.values():
        if abs(wavelength_A / ((2 * first_A + second_A) / 3) - 1) < 2e-4:
            return ((first_A, 2 / 3), (second_A, 1 / 3))
    return ((wavelength_A, 1.0),)


def profiles(angle: Floats, d_A: Floats, shape: LineShape, widening: float = 1.0) -> Floats:
    """Matrix (points, lines): each line with area 1 in degrees."""
    matrix = np.zeros((len(angle), len(d_A)))
    for wavelength_A, share in shape.emission:
        at = shape.positions_deg(d_A, wavelength_A)
        widths = widening * shape.fwhm_deg(at)
        for line, (centre, width) in enumerate(zip(at, widths, strict=True)):
            if not np.isfinite(centre):
                continue
            low, high = np.searchsorted(
                angle, (centre - _REACH_FWHM * width, centre + _REACH_FWHM * width)
            )
            x = (angle[low:high] - centre) / width
            gauss = 0.93943728 * np.exp(-2.77258872 * x**2)
            cauchy = 0.63661977 / (1 + 4 * x**2)
            matrix[low:high, line] += (
                share / width * ((1 - shape.lorentz) * gauss + shape.lorentz * cauchy)
            )
    return matrix


def background_columns(angle: Floats, degree: int = 9) -> Floats:
    """Chebyshev polynomials, and 1/2θ for what air scatters at low angles."""
    middle = 2 * (angle - angle[0]) / (angle[-1] - angle[0]) - 1
    chebyshev = np.polynomial.chebyshev.chebvander(middle, degree)
    return np.column_stack([chebyshev, 10.0 / np.maximum(angle, 1.0)])


def march_dollase(cosines: Floats, march: float) -> Floats:
    """Intensities of (lines, planes) in parts of those of a powder without preferred orientation.

    March-Dollase function (Dollase, J. Appl. Cryst. 19 (1986) 267), averaged over the planes.
    """
    square = cosines**2
    share: Floats = ((march**2 * square + (1 - square) / march) ** -1.5).mean(axis=1)
    return share
