"""Impedance: spectra of circuits in closed form, and of any cell model from its response in time.

Sign: Z'' is negative for a capacitive cell; plots that show -Z'' negate it themselves.
"""

from faradaic.simulators.impedance.circuits import (
    Circuit,
    ImpedanceSpectrum,
    capacitor,
    charge_transfer_resistance_ohm,
    constant_phase_element,
    finite_film,
    inductor,
    randles,
    reflective_film,
    resistor,
    warburg,
    warburg_coefficient_ohm_per_rt_s,
)
from faradaic.simulators.impedance.response import SineResponse, sine_response, spectrum

__all__ = [
    "Circuit",
    "ImpedanceSpectrum",
    "SineResponse",
    "capacitor",
    "charge_transfer_resistance_ohm",
    "constant_phase_element",
    "finite_film",
    "inductor",
    "randles",
    "reflective_film",
    "resistor",
    "sine_response",
    "spectrum",
    "warburg",
    "warburg_coefficient_ohm_per_rt_s",
]
