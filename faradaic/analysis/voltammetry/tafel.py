"""Tafel slopes with their window, its sensitivity, and mass transport taken out.

Points should be of steady states, of the partial current of one product, and free of the ohmic
drop; none of this can be seen from the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from faradaic.analysis.voltammetry.curves import Floats, Line, paired, positive, straight_line
from faradaic.chemistry.potential_scales import nernst_slope_V
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K
from faradaic.results import Result, missing

_FEWEST = 5
_TRANSPORT_SHARE = 0.3
_REVERSE_REACTION_V = 0.118
"""Overpotential per electron below which the back reaction still counts for over 1 %."""


@dataclass(frozen=True, slots=True)
class TafelFit:
    """Results of one window; the slope is positive for anodic, negative for cathodic currents."""

    slope: Result
    """dE/dlog10|i_k|, V per decade; systematic: spread over windows of half the points."""
    slope_of_log_current: Result
    """1/(dlog10|i_k|/dE), V per decade: the same line fitted with the errors in the current."""
    transfer_coefficient: Result
    """RT ln10/(F|slope|)."""
    exchange_current: Result
    """|i_k| extrapolated to the equilibrium potential, A."""
    window_V: tuple[float, float]
    points: int
    decades: float
    r_squared: float
    window_centres_V: Floats
    window_slopes_V: Floats
    """Slopes of all windows of half the points in which the current changes, V per decade."""


def kinetic_current_A(current_A: ArrayLike, limiting_current_A: float) -> Floats:
    """i_k = i·i_L/(i_L − i) for a first-order reaction; NaN where |i| ≥ |i_L| or the signs differ.

    From 1/i = 1/i_k + 1/i_L (Koutecký & Levich 1958).
    """
    positive(magnitude_of_limiting_current_A=abs(limiting_current_A))
    i_A = np.asarray(current_A, float)
    share = i_A / limiting_current_A
    with np.errstate(divide="ignore"):
        return np.where((share >= 0.0) & (share < 1.0), i_A / (1.0 - share), np.nan)


def tafel_fit(
    potential_V: ArrayLike,
    current_A: ArrayLike,
    *,
    window_V: tuple[float, float],
    equilibrium_V: float | None = None,
    limiting_current_A: float | None = None,
    electrons: int = 1,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> TafelFit | Result:
    """Least squares of E (V) on log10|i| (A) within `window_V`; a `Result` with the reason if none.

    With `limiting_current_A` (same sign as the current) the kinetic current takes the place of the
    current. Without it, points above 30 % of a plateau cannot be told, which is flagged. A window
    under one decade, or closer than 118/n mV to `equilibrium_V`, is flagged too.
    """
    method = "E on log10|i|, least squares"
    E_V, i_A = paired(potential_V, current_A, at_least=2, what="potentials and currents")
    positive(temperature_K=temperature_K, electrons=electrons)
    low_V, high_V = sorted(window_V)
    inside = (low_V <= E_V) & (high_V >= E_V)
    E_V, i_A = E_V[inside], i_A[inside]
    if len(E_V) < _FEWEST:
        reason = f"{len(E_V)} points from {low_V:g} to {high_V:g} V, at least {_FEWEST} are needed"
        return missing("tafel_slope", "V", method, reason)
    if not (np.all(i_A > 0.0) or np.all(i_A < 0.0)):
        return missing("tafel_slope", "V", method, "the current changes sign within the window")
    flags = []
    if limiting_current_A is None:
        flags.append("limiting current not given: mass transport not taken out")
    else:
        total_A, i_A = i_A, kinetic_current_A(i_A, limiting_current_A)
        share = float(np.max(total_A / limiting_current_A))
        if not np.all(np.isfinite(i_A)):
            reason = (
                "currents at or above the limiting current, or of the other sign: shrink window_V"
            )
            return missing("tafel_slope", "V", method, reason)
        method += " of the current without mass transport"
        if share > _TRANSPORT_SHARE:
            flags.append(f"the current reaches {share:.0%} of the limiting current")
    order = np.argsort(E_V)
    E_V, log_i = E_V[order], np.log10(np.abs(i_A[order]))
    decades = float(np.ptp(log_i))
    if decades == 0.0 or E_V[0] == E_V[-1]:
        return missing("tafel_slope", "V", method, "the current or the potential does not change")
    if decades < 1.0:
        flags.append(f"the window spans {decades:.2f} decades of current, less than one")
    if equilibrium_V is not None:
        nearest_V = float(np.min(np.abs(E_V - equilibrium_V)))
        if nearest_V < _REVERSE_REACTION_V / electrons:
            flags.append(f"the window comes within {1e3 * nearest_V:.0f} mV of equilibrium")
    line = straight_line(log_i, E_V)
    inverse = straight_line(E_V, log_i)
    if (line.slope > 0.0) != bool(i_A[0] > 0.0):
        flags.append("the current falls with the overpotential")
    half = max(len(E_V) // 2, 3)
    windows = [slice(k, k + half) for k in range(len(E_V) - half + 1)]
    windows = [w for w in windows if np.ptp(log_i[w]) > 0.0]
    slopes = np.array([straight_line(log_i[w], E_V[w]).slope for w in windows])
    spread_V = float(slopes.std())
    basis = f"{len(E_V)} points from {E_V[0]:g} to {E_V[-1]:g} V, {decades:.2f} decades"
    slope = Result(
        "tafel_slope",
        line.slope,
        "V",
        method,
        basis=basis,
        random=line.slope_error,
        systematic=spread_V,
        flags=tuple(flags),
    )
    alpha = nernst_slope_V(temperature_K) / abs(line.slope)
    return TafelFit(
        slope=slope,
        slope_of_log_current=replace(
            slope,
            value=1.0 / inverse.slope,
            method="log10|i| on E, least squares, inverted",
            random=inverse.slope_error / inverse.slope**2,
        ),
        transfer_coefficient=replace(
            slope,
            key="transfer_coefficient",
            name="",
            value=alpha,
            unit="1",
            random=alpha * line.slope_error / abs(line.slope),
            systematic=alpha * spread_V / abs(line.slope),
        ),
        exchange_current=_exchange_current(log_i, E_V, line, equilibrium_V, method, tuple(flags)),
        window_V=(float(E_V[0]), float(E_V[-1])),
        points=len(E_V),
        decades=decades,
        r_squared=line.r_squared,
        window_centres_V=np.array([E_V[w].mean() for w in windows]),
        window_slopes_V=slopes,
    )


def tafel_window(
    potential_V: ArrayLike, current_A: ArrayLike, *, decades: float = 1.0
) -> tuple[float, float] | None:
    """The stretch of a sweep over which log10|i| is the straightest line in E; None without one.

    Stretches of at least `decades` of current are looked at, in which the current has one sign and
    grows away from zero with the overpotential, and which lie below a third of the largest
    current. Noise near zero and a plateau are no stretches: the line must explain 99 % of the
    scatter. What is straight there need be no Tafel line: kinetics, ohmic drop and mass transport
    may mix.
    """
    E_V, i_A = paired(potential_V, current_A, at_least=_FEWEST, what="potentials and currents")
    order = np.argsort(E_V, kind="stable")
    best: tuple[float, tuple[float, float]] | None = None
    for way in (1.0, -1.0):
        E, i = E_V[order], way * i_A[order]
        if way < 0.0:  # cathodic currents grow towards negative potentials
            E, i = E[::-1], i[::-1]
        top = int(np.argmax(i >= _TRANSPORT_SHARE * max(float(i.max()), 0.0)))
        foot = np.flatnonzero(i[:top] <= 0.0)
        rise = slice(int(foot[-1]) + 1 if foot.size else 0, top)  # the unbroken rise to it
        if rise.stop - rise.start < _FEWEST:
            continue
        E, log_i = E[rise], np.log10(i[rise])
        for last in range(E.size - 1, _FEWEST - 2, -max(1, E.size // 60)):
            below = np.flatnonzero(log_i[: last + 1] <= log_i[last] - decades)
            if not below.size or last - below[-1] + 1 < _FEWEST:
                continue
            piece = slice(int(below[-1]), last + 1)
            line = straight_line(E[piece], log_i[piece])
            if line.r_squared < 0.99 or way * line.slope <= 0.0:
                continue
            if best is None or line.r_squared > best[0]:
                best = (line.r_squared, (float(E[piece.start]), float(E[last])))
    return None if best is None else (min(best[1]), max(best[1]))


def _exchange_current(
    log_i: Floats,
    E_V: Floats,
    line: Line,
    equilibrium_V: float | None,
    method: str,
    flags: tuple[str, ...],
) -> Result:
    key = "exchange_current"
    found = partial(Result, key, unit="A", method=method)
    if equilibrium_V is None:
        return found(None, reason="needs the equilibrium potential: equilibrium_V=-0.11")
    log_i0 = (equilibrium_V - line.intercept) / line.slope
    distance = log_i0 - float(log_i.mean())
    residual_V = E_V - line.intercept - line.slope * log_i
    mean_error_V = float(np.linalg.norm(residual_V)) / math.sqrt(len(E_V) * (len(E_V) - 2))
    error = math.hypot(mean_error_V, distance * line.slope_error) / abs(line.slope)
    return found(
        10.0**log_i0,
        basis=f"extrapolated over {abs(equilibrium_V - E_V.mean()):.3f} V to {equilibrium_V:g} V",
        random=10.0**log_i0 * math.log(10.0) * error,
        flags=flags,
    )
