"""A measured spectrum, with the sign of its imaginary part settled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from faradaic import diagnostics

refusal = partial(diagnostics.refusal, "E765")
"""An input that an impedance analysis cannot use, and what to give instead."""

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class ImpedanceSpectrum:
    """Impedance (n,) by descending frequency; Z'' is negative for a capacitive cell."""

    frequency_Hz: Floats
    impedance_ohm: Complex

    def __post_init__(self) -> None:
        f, z = self.frequency_Hz, self.impedance_ohm
        if f.ndim != 1 or f.shape != z.shape or f.size < 3:
            raise refusal(
                f"{f.shape} frequencies for {z.shape} impedances",
                "give one impedance for each frequency, three or more",
            )
        if not (np.isfinite(f).all() and np.isfinite(z).all() and (f > 0).all()):
            raise refusal(
                "a frequency is not above zero, or a value is not finite",
                "leave out the points without a measurement",
            )
        if (z == 0).any():
            raise refusal("an impedance is exactly zero", "leave out the points of an overload")
        if (np.diff(f) > 0).any():
            raise refusal(
                "the frequencies do not descend",
                "use ImpedanceSpectrum.of(), which sorts the points",
            )

    @classmethod
    def of(cls, frequency_Hz: Floats, real_ohm: Floats, imaginary_ohm: Floats) -> ImpedanceSpectrum:
        """From columns (n,) in any order; the third is Z'' itself, not -Z''."""
        shapes = (frequency_Hz.shape, real_ohm.shape, imaginary_ohm.shape)
        if len(set(shapes)) > 1:
            raise refusal(f"columns of the shapes {shapes}", "give columns of one length")
        order = np.argsort(-frequency_Hz, kind="stable")
        impedance_ohm = np.asarray(real_ohm + 1j * imaginary_ohm, dtype=np.complex128)
        return cls(np.asarray(frequency_Hz, dtype=np.float64)[order], impedance_ohm[order])

    @property
    def angular_frequency(self) -> Floats:
        """Get omega in rad/s."""
        return 2.0 * np.pi * self.frequency_Hz

    def mirrored(self) -> ImpedanceSpectrum:
        """The spectrum with the other sign of Z'', for a file that stored -Z''."""
        return ImpedanceSpectrum(self.frequency_Hz, self.impedance_ohm.conj())
