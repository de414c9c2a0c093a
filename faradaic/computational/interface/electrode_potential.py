"""From work functions to potentials: conventions, averages over snapshots, series of charges.

U_SHE = Φ/e − E_abs and U_RHE = U_SHE + (RT ln 10/F)·pH (Trasatti 1986). E_abs of 4.44 V counts the
surface potential of water; conventions without it (about 4.28 V) belong to thermochemical cycles,
not to a work function through a water surface.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faradaic.analysis.stability.autocorrelation import mean_error
from faradaic.chemistry.potential_scales import absolute_potential, nernst_slope_V
from faradaic.diagnostics import Diagnostic, refusal, warning
from faradaic.quantities.constants import (
    ELEMENTARY_CHARGE_C,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result

_FEW_SNAPSHOTS = 30


def rhe_potential(
    work_function_eV: float,
    *,
    pH: float,
    convention: str | float = "trasatti",
    temperature_K: float = STANDARD_TEMPERATURE_K,
    error_eV: float | None = None,
) -> Result:
    """U_RHE of an interface with a work function; `error_eV` is its standard error.

    The systematic part is the uncertainty of the convention. Raises `InputError` (E859) for a work
    function or pH that is not a number.
    """
    for name, number in (("work function", work_function_eV), ("pH", pH)):
        if not math.isfinite(number):
            raise refusal("E859", f"the {name} is {number}", "give a finite number")
    absolute = absolute_potential(convention)
    slope = nernst_slope_V(temperature_K)
    flags = []
    if not absolute.surface_included:
        flags.append(
            f"{absolute.potential_V:g} V leaves out the surface potential of water, a work "
            "function does not"
        )
    if not -1.0 <= pH <= 15.0:
        flags.append(f"pH {pH:g} is outside what water has")
    if error_eV is None:
        flags.append("no error: a single snapshot fluctuates by tenths of an eV")
    return Result(
        "electrode_potential",
        work_function_eV - absolute.potential_V + slope * pH,
        "V",
        f"(Φ − {absolute.potential_V:g} eV)/e + {slope:.5f} V · pH {pH:g}",
        "vs RHE",
        random=error_eV,
        systematic=absolute.uncertainty_V,
        flags=tuple(flags),
    )


def average_work_function(snapshots_eV: Sequence[float]) -> Result:
    """The mean over snapshots of a run, in their order, with an error that knows correlation.

    From eight snapshots on the error is that of Andrews & Monahan (1992), below it the plain
    standard error; below thirty it is flagged as too small. A single snapshot has none.
    """
    values = np.asarray(snapshots_eV, dtype=float)
    if not values.size or not np.all(np.isfinite(values)):
        raise refusal(
            "E859",
            f"{values.size} work functions, not all of them numbers",
            "give the work function of each snapshot, in eV",
        )
    key, method = "work_function", f"mean over {values.size} snapshots"
    if values.size == 1:
        flag = "a single snapshot: it fluctuates by tenths of an eV"
        return Result(key, float(values[0]), "eV", method, flags=(flag,))
    error = mean_error(values)
    if error is None:
        error = float(values.std(ddof=1)) / math.sqrt(values.size)
    flags: tuple[str, ...] = ()
    if values.size < _FEW_SNAPSHOTS:
        flags = (
            f"{values.size} snapshots: too few to know their correlation, error a lower limit",
        )
    return Result(key, float(values.mean()), "eV", method, random=error, flags=flags)


@dataclass(frozen=True, slots=True)
class ChargeSeries:
    """Potentials against the number of counter ions (each brings one electron)."""

    ions: tuple[float, ...]
    potentials_V: tuple[float, ...]
    slope_V: Result
    """dU/dN of the straight line, V per ion; negative where electrons lower the potential."""
    capacitance_F: Result
    """Differential capacitance of the whole cell, −e/(dU/dN)."""
    largest_residual_V: float
    findings: tuple[Diagnostic, ...] = ()

    def ions_for(self, potential_V: float) -> float:
        """How many ions make a potential, between the two measured neighbours.

        Raises `InputError` (E859) outside the range of the series; nothing is extrapolated.
        """
        order = np.argsort(self.potentials_V)
        potentials = np.array(self.potentials_V)[order]
        if not potentials[0] <= potential_V <= potentials[-1]:
            raise refusal(
                "E859",
                f"{potential_V:g} V is outside the series, {potentials[0]:g} to "
                f"{potentials[-1]:g} V",
                "compute one more charge on that side",
            )
        return float(np.interp(potential_V, potentials, np.array(self.ions)[order]))


def charge_series(ions: Sequence[float], potentials_V: Sequence[float]) -> ChargeSeries:
    """The straight line of U against N, and where the points leave it.

    Raises `InputError` (E859) for fewer than two different charges.
    """
    from scipy.stats import linregress

    n, u = np.asarray(ions, dtype=float), np.asarray(potentials_V, dtype=float)
    if n.shape != u.shape or n.ndim != 1 or np.unique(n).size < max(2, n.size):
        raise refusal(
            "E859",
            f"a series needs two or more different charges with one potential each, here are "
            f"{n.size} and {u.size}",
            "average the snapshots of one charge first",
        )
    line = linregress(n, u)
    slope = float(line.slope)
    residuals = u - line.intercept - slope * n
    error = float(line.stderr) if n.size > 2 else None
    largest = float(np.max(np.abs(residuals)))
    findings = []
    if largest > 0.1:
        findings.append(
            warning(
                "E863",
                f"the potentials leave the straight line by {largest:.2f} V: the capacitance is "
                "not constant over the series",
                help="interpolate between neighbours only; average each charge over more snapshots",
                numbers={"residual_V": largest},
            )
        )
    if slope >= 0:
        findings.append(
            warning(
                "E863",
                f"the potential rises with the number of ions, {slope:.2f} V per ion",
                help="an alkali atom brings an electron: check the order of the columns",
            )
        )
    method = f"straight line through {n.size} charges"
    capacitance = -ELEMENTARY_CHARGE_C / slope if slope else math.inf
    return ChargeSeries(
        tuple(map(float, n)),
        tuple(map(float, u)),
        Result("slope_of_the_potential", slope, "V per ion", method, random=error),
        Result(
            "capacitance",
            capacitance if math.isfinite(capacitance) else None,
            "F",
            method,
            "whole cell",
            random=None if error is None or not slope else abs(capacitance * error / slope),
            reason="" if math.isfinite(capacitance) else "the potential does not change",
        ),
        largest,
        tuple(findings),
    )
