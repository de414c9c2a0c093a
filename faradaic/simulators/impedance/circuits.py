"""Equivalent circuits: elements, their composition, and their spectra in closed form.

`a + b` puts circuits in series, `a | b` in parallel:

    randles = resistor(100) + (capacitor(1e-6) | (resistor(400) + warburg(1700)))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Real = NDArray[np.float64]
    Complex = NDArray[np.complexfloating[Any, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ImpedanceSpectrum:
    """Impedance against frequency, in the order in which it was asked for.

    Both arrays have the shape (n,). The imaginary part is negative for a capacitive cell.
    """

    frequency_Hz: Real
    impedance_ohm: NDArray[np.complex128]

    def __post_init__(self) -> None:
        if self.frequency_Hz.shape != self.impedance_ohm.shape or self.frequency_Hz.ndim != 1:
            raise ValueError(
                f"{self.frequency_Hz.shape} frequencies for {self.impedance_ohm.shape} impedances"
            )

    @property
    def magnitude_ohm(self) -> Real:
        """Get |Z|."""
        return np.abs(self.impedance_ohm)

    @property
    def phase_deg(self) -> Real:
        """Get the phase of Z, negative for a capacitive cell."""
        return np.angle(self.impedance_ohm, deg=True)


class Circuit:
    """A linear two-terminal network, given by its impedance at angular frequencies (rad/s)."""

    def __init__(self, impedance_ohm: Callable[[Real], Complex]) -> None:
        self._impedance_ohm = impedance_ohm

    def __add__(self, other: Circuit) -> Circuit:
        """In series."""
        return Circuit(lambda omega: self._impedance_ohm(omega) + other._impedance_ohm(omega))

    def __or__(self, other: Circuit) -> Circuit:
        """In parallel."""

        def impedance_ohm(omega: Real) -> Complex:
            a, b = self._impedance_ohm(omega), other._impedance_ohm(omega)
            return a * b / (a + b)

        return Circuit(impedance_ohm)

    def spectrum(self, frequency_Hz: ArrayLike) -> ImpedanceSpectrum:
        """The impedance at given frequencies (n,). Raises `InputError` for one not above zero."""
        frequencies = checked_frequencies_Hz(frequency_Hz)
        impedance_ohm = self._impedance_ohm(2.0 * np.pi * frequencies)
        return ImpedanceSpectrum(frequencies, impedance_ohm.astype(np.complex128))


def resistor(resistance_ohm: float) -> Circuit:
    """Z = R; zero is a wire."""
    _require_above("resistance_ohm", resistance_ohm, or_equal=True)
    return Circuit(lambda omega: np.full(omega.shape, complex(resistance_ohm)))


def capacitor(capacitance_F: float) -> Circuit:
    """Z = 1/(jωC)."""
    _require_above("capacitance_F", capacitance_F)
    return Circuit(lambda omega: 1.0 / (1j * omega * capacitance_F))


def inductor(inductance_H: float) -> Circuit:
    """Z = jωL."""
    _require_above("inductance_H", inductance_H)
    return Circuit(lambda omega: 1j * omega * inductance_H)


def constant_phase_element(admittance_S_s_n: float, exponent: float) -> Circuit:
    """Z = 1/[Q (jω)ⁿ] with Q in S·sⁿ and 0 ≤ n ≤ 1; n = 1 is a capacitor."""
    _require_above("admittance_S_s_n", admittance_S_s_n)
    if not 0.0 <= exponent <= 1.0:
        raise _refusal("exponent", exponent, "between 0 and 1")
    return Circuit(lambda omega: 1.0 / (admittance_S_s_n * (1j * omega) ** exponent))


def warburg(coefficient_ohm_per_rt_s: float) -> Circuit:
    """Semi-infinite planar diffusion, Z = σ (1 - j)/√ω (Warburg 1899)."""
    _require_above("coefficient_ohm_per_rt_s", coefficient_ohm_per_rt_s)
    return Circuit(lambda omega: coefficient_ohm_per_rt_s * (1.0 - 1j) / np.sqrt(omega))


def finite_film(resistance_ohm: float, diffusion_time_s: float) -> Circuit:
    """Diffusion through a film to a constant concentration, Z = R tanh √(jωτ)/√(jωτ), τ = δ²/D."""
    _require_above("resistance_ohm", resistance_ohm)
    _require_above("diffusion_time_s", diffusion_time_s)

    def impedance_ohm(omega: Real) -> Complex:
        root: Complex = np.sqrt(1j * omega * diffusion_time_s)
        return resistance_ohm * np.tanh(root) / root

    return Circuit(impedance_ohm)


def reflective_film(resistance_ohm: float, diffusion_time_s: float) -> Circuit:
    """Diffusion in a film with a blocking far side, Z = R coth √(jωτ)/√(jωτ), τ = δ²/D."""
    _require_above("resistance_ohm", resistance_ohm)
    _require_above("diffusion_time_s", diffusion_time_s)

    def impedance_ohm(omega: Real) -> Complex:
        root: Complex = np.sqrt(1j * omega * diffusion_time_s)
        return resistance_ohm / (np.tanh(root) * root)

    return Circuit(impedance_ohm)


def randles(
    *,
    solution_resistance_ohm: float,
    double_layer_F: float,
    charge_transfer_resistance_ohm: float,
    warburg_coefficient_ohm_per_rt_s: float | None = None,
) -> Circuit:
    """Z = R_s + 1/(jωC_dl + 1/(R_ct + Z_W)) (Randles 1947); without a coefficient, Z_W = 0."""
    faradaic = resistor(charge_transfer_resistance_ohm)
    if warburg_coefficient_ohm_per_rt_s is not None:
        faradaic = faradaic + warburg(warburg_coefficient_ohm_per_rt_s)
    return resistor(solution_resistance_ohm) + (capacitor(double_layer_F) | faradaic)


def charge_transfer_resistance_ohm(
    *,
    area_m2: float,
    rate_constant_m_per_s: float,
    oxidised_mol_per_m3: float,
    reduced_mol_per_m3: float,
    transfer_coefficient: float = 0.5,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> float:
    """R_ct = RT/(n²F²A k⁰ C_O^(1-α) C_R^α) of a couple at its equilibrium potential."""
    concentration = (
        oxidised_mol_per_m3 ** (1.0 - transfer_coefficient)
        * reduced_mol_per_m3**transfer_coefficient
    )
    conductance_S: float = (
        (electrons * FARADAY_C_PER_MOL) ** 2
        * area_m2
        * rate_constant_m_per_s
        * concentration
        / (GAS_CONSTANT_J_PER_MOL_K * temperature_K)
    )
    _require_above("the exchange current", conductance_S)
    return 1.0 / conductance_S


def warburg_coefficient_ohm_per_rt_s(
    *,
    area_m2: float,
    oxidised_mol_per_m3: float,
    reduced_mol_per_m3: float,
    oxidised_diffusion_m2_per_s: float,
    reduced_diffusion_m2_per_s: float,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> float:
    """σ = RT/(n²F²A√2) [1/(C_O√D_O) + 1/(C_R√D_R)], concentrations at the surface."""
    supplies = (
        oxidised_mol_per_m3 * math.sqrt(oxidised_diffusion_m2_per_s),
        reduced_mol_per_m3 * math.sqrt(reduced_diffusion_m2_per_s),
    )
    for supply in supplies:
        _require_above("C√D of each partner", supply)
    thermal = GAS_CONSTANT_J_PER_MOL_K * temperature_K / (electrons * FARADAY_C_PER_MOL) ** 2
    return thermal / (area_m2 * math.sqrt(2.0)) * sum(1.0 / supply for supply in supplies)


def checked_frequencies_Hz(frequency_Hz: ArrayLike) -> Real:
    """Frequencies as an array (n,). Raises `InputError` for one that is not above zero."""
    frequencies = np.atleast_1d(np.asarray(frequency_Hz, dtype=np.float64))
    for frequency in frequencies.flat:
        if not 0.0 < frequency < np.inf:
            raise _refusal("frequency_Hz", float(frequency), "above zero and finite")
    return frequencies


def _require_above(name: str, value: float, *, or_equal: bool = False) -> None:
    if not (0.0 < value < math.inf or (or_equal and value == 0.0)):
        raise _refusal(name, value, "at least zero" if or_equal else "above zero, and finite")


def _refusal(name: str, value: float, allowed: str) -> InputError:
    return InputError(Diagnostic("E561", f"{name} is {value:g}", help=f"{name} must be {allowed}"))
