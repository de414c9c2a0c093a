"""The peak of a square-wave or differential pulse voltammogram."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import paired
from faradaic.analysis.voltammetry.peaks import find_peak
from faradaic.diagnostics import InputError
from faradaic.results import Result, missing

_POTENTIAL, _CURRENT = "pulse_peak_potential", "pulse_peak_current"


def difference_peak(potential_V: ArrayLike, difference_A: ArrayLike) -> tuple[Result, Result]:
    """Potential and height of the largest peak of a difference current, from the zero of current.

    Of a reversible couple with equal diffusion coefficients the peak of a square wave stands at E½
    (Osteryoung & O'Dea 1986), that of differential pulses ahead of it by half of the pulse (Parry &
    Osteryoung 1965), both against the potential of the stair. Without a peak both say why.
    """
    E_V, I_A = paired(potential_V, difference_A, at_least=5, what="potential and difference")
    anodic = bool(I_A[np.argmax(np.abs(I_A))] > 0.0)
    method = "vertex of a cubic through the top of the difference current"
    try:
        peak = find_peak(E_V, I_A, anodic=anodic)
    except InputError as error:
        why = error.diagnostics[0].message
        return missing(_POTENTIAL, "V", method, why), missing(_CURRENT, "A", method, why)
    found = Result(_POTENTIAL, peak.potential_V, "V", method, random=peak.potential_uncertainty_V)
    return found, Result(_CURRENT, peak.current_A, "A", method, "from the zero of current")
