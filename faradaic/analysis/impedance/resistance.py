"""The uncompensated resistance: where a spectrum meets the real axis at high frequency."""

from __future__ import annotations

import numpy as np

from faradaic.analysis.impedance.fitting import CircuitFit, fit_circuit
from faradaic.analysis.impedance.spectrum import Spectrum, refusal
from faradaic.results import Result

_MODELS = ("R0+Q1", "R0+(R1|Q1)", "L0+R0+Q1", "L0+R0+(R1|Q1)")
_FEWEST = 6
_DECADES = 2.0
_RIVAL = 4.0


def axis_crossing(spectrum: Spectrum) -> Result:
    """Z' where Z'' first changes from positive (inductive) to negative, interpolated in log f.

    The usual reading of a Nyquist plot. Without a crossing there is no value, and the smallest Z'
    is an upper bound for a passive cell. With an inductance the crossing lies above the resistance
    of the solution; `uncompensated_resistance` corrects for that.
    """
    z = spectrum.impedance_ohm
    name, method = "R_u at the axis", "Z'' = 0, interpolated in log frequency"
    below = np.flatnonzero((z.imag[1:] <= 0) & (z.imag[:-1] > 0))
    if not below.size:
        least = float(z.real.min())
        reason = "Z'' does not change sign at high frequency"
        return Result(name, None, "ohm", method, bounds=(None, least), reason=reason)
    i = int(below[0])
    share = z.imag[i] / (z.imag[i] - z.imag[i + 1])
    return Result(name, float(z.real[i] + share * (z.real[i + 1] - z.real[i])), "ohm", method)


def uncompensated_resistance(spectrum: Spectrum) -> Result:
    """R_u with its uncertainty, from the highest two decades of frequency, at least six points.

    A resistance with a constant phase element, alone or with a resistance beside it, with and
    without the inductance of the leads, is fitted; AICc chooses. The random uncertainty is that of
    the fit; the systematic one is the spread of the values over the models whose AICc comes within
    4 of the best. Raises `InputError` below six points.
    """
    if spectrum.frequency_Hz.size < _FEWEST:
        raise refusal(
            f"{spectrum.frequency_Hz.size} points are too few for R_u",
            f"give {_FEWEST} frequencies or more, up to 10 kHz or above",
        )
    top = spectrum.frequency_Hz >= spectrum.frequency_Hz[0] / 10.0**_DECADES * (1.0 - 1e-9)
    count = max(int(top.sum()), _FEWEST)
    part = Spectrum(spectrum.frequency_Hz[:count], spectrum.impedance_ohm[:count])
    fits = sorted((fit_circuit(part, model) for model in _MODELS), key=lambda fit: fit.aicc)
    rivals = [fit for fit in fits if fit.aicc <= fits[0].aicc + _RIVAL]
    resistances, errors = zip(*(_resistance(fit) for fit in rivals), strict=True)
    value, random = resistances[0], errors[0]
    spread = float(np.std(resistances))
    flags = []
    if value < 0.5 * float(part.impedance_ohm.real.min()):
        flags.append("far below every measured Z': measure to higher frequencies")
    if random > 0.1 * value:
        flags.append("uncertain by more than 10 %")
    return Result(
        "R_u",
        value,
        "ohm",
        f"intercept of {fits[0].circuit.text} fitted from "
        f"{part.frequency_Hz[-1]:g} to {part.frequency_Hz[0]:g} Hz",
        "high-frequency intercept",
        random,
        spread,
        flags=tuple(flags),
    )


def _resistance(fit: CircuitFit) -> tuple[float, float]:
    at = [parameter.name for parameter in fit.circuit.parameters].index("R0")
    return float(fit.parameters[at]), float(fit.standard_errors[at])
