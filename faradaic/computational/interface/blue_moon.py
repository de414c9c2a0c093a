"""Blue moon: the gradient of the free energy from a run at a fixed coordinate, with its error.

dF/dξ = <Z^-1/2 (λ + kT G)> / <Z^-1/2> (Carter, Ciccotti, Hynes & Kapral 1989; Sprik & Ciccotti
1998, for one constraint). The sign of λ is that of `ConstraintWindow`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from faradaic.computational.interface.trajectories import (
    HELD_WITHIN_A,
    ConstraintWindow,
    Floats,
)
from faradaic.diagnostics import Diagnostic, refusal, warning

_FEWEST_INDEPENDENT = 20
_BLOCK_CORRELATIONS = 10.0
_FEWEST_BLOCKS = 8
_DRIFT_SIGMAS = 3.3


@dataclass(frozen=True, slots=True)
class MeanForce:
    """dF/dξ at one value of the coordinate."""

    xi_A: float
    gradient_eV_A: float
    error_eV_A: float
    """Standard error from block averages; a block is ten correlation times where there is room."""
    unweighted_eV_A: float
    """<λ> alone, what a quick look gives."""
    correlation_fs: float
    """Statistical inefficiency times the time step: one independent sample per so much time."""
    independent: float
    """How many independent samples the window is worth."""
    blocks: int
    duration_fs: float
    source: str
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Convergence:
    """The estimate from the first part of a window, against the length of that part."""

    time_fs: Floats
    gradient_eV_A: Floats
    error_eV_A: Floats


def mean_force(window: ConstraintWindow) -> MeanForce:
    """The blue-moon estimate of one window; call `window.without_first` before for equilibration.

    Of a restraint it is umbrella integration at the mean of ξ (Kästner & Thiel 2005), which needs
    no metric. Raises `InputError` (E842) for a window whose coordinate was driven.
    """
    _refuse_driven(window)
    weight, force = _weight_and_force(window)
    gradient, error, correlation, blocks = _ratio(weight, force)
    independent = len(window) / correlation
    result = MeanForce(
        float(window.xi_A.mean()),
        gradient,
        error,
        float(window.multiplier_eV_A.mean()),
        correlation * window.time_step_fs,
        independent,
        blocks,
        window.duration_fs,
        window.source,
    )
    return replace(result, findings=(*window.findings, *_findings(window, result, weight, force)))


def convergence(window: ConstraintWindow, points: int = 10) -> Convergence:
    """The estimate after 1/points, 2/points … of the window."""
    weight, force = _weight_and_force(window)
    ends = np.unique(np.linspace(0, len(window), points + 1).astype(int)[1:])
    ends = ends[ends >= 2 * _FEWEST_BLOCKS]
    parts = [_ratio(weight[:end], force[:end])[:2] for end in ends]
    table = np.array(parts, dtype=float).reshape(-1, 2)
    return Convergence(ends * window.time_step_fs, table[:, 0], table[:, 1])


def statistical_inefficiency(series: Floats) -> float:
    """1 + 2 Σ ρ(t): steps per independent sample, at least 1.

    The sum ends at five times itself (Sokal 1989, automatic windowing); `series` is (n,).
    """
    n = series.size
    centred = series - series.mean()
    if not np.any(centred):
        return 1.0
    spectrum = np.fft.rfft(centred, 2 * n)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum))[:n]
    sums = 2.0 * np.cumsum(correlation / correlation[0]) - 1.0
    lags = np.arange(n)
    inside = np.flatnonzero(lags >= 2.5 * sums)
    return max(1.0, float(sums[inside[0]] if inside.size else sums.max()))


def _weight_and_force(window: ConstraintWindow) -> tuple[Floats, Floats]:
    force = window.multiplier_eV_A
    if window.metric_correction_eV_A is not None:
        force = force + window.metric_correction_eV_A
    weight = window.inverse_sqrt_metric
    return (np.ones_like(force) if weight is None else weight), force


def _ratio(weight: Floats, force: Floats) -> tuple[float, float, float, int]:
    """<w f>/<w>, its standard error, the statistical inefficiency and the number of blocks."""
    n = force.size
    gradient = float(weight @ force / weight.sum())
    residuals = weight * (force - gradient) / weight.mean()  # the ratio, linearised
    if n < 2 * _FEWEST_BLOCKS:
        return gradient, math.nan, 1.0, 0
    inefficiency = statistical_inefficiency(residuals)
    length = max(1, min(math.ceil(_BLOCK_CORRELATIONS * inefficiency), n // _FEWEST_BLOCKS))
    blocks = n // length
    means = residuals[: blocks * length].reshape(blocks, length).mean(axis=1)
    error = float(means.std(ddof=1)) / math.sqrt(blocks)
    return gradient, error, inefficiency, blocks


def _refuse_driven(window: ConstraintWindow) -> None:
    target = window.target_A
    if target is not None and window.driven:
        raise refusal(
            "E842",
            f"{window.source}: the constraint moves from {target[0]:g} to {target[-1]:g} Å; "
            "this is a slow growth, not a window of a blue-moon series",
            "integrate its work instead (slow_growth), together with a pull in the other direction",
        )


def _findings(
    window: ConstraintWindow, result: MeanForce, weight: Floats, force: Floats
) -> Iterator[Diagnostic]:
    if window.kind == "constraint":
        target = window.target_A
        aim = float(np.median(window.xi_A)) if target is None else float(target[0])
        off_A = float(np.max(np.abs(window.xi_A - aim)))
        if off_A > HELD_WITHIN_A:
            yield warning(
                "E843",
                f"{window.source}: the constraint was not held: ξ strays {off_A:.2g} Å from "
                f"{aim:g} Å, {HELD_WITHIN_A:g} Å is allowed",
                help="tighten the tolerance of SHAKE or shorten the time step, and run the "
                "window again; its gradient belongs to no single ξ",
                numbers={"deviation_A": off_A},
            )
        if window.inverse_sqrt_metric is None or window.metric_correction_eV_A is None:
            yield warning(
                "E844",
                f"{window.source}: Z^-1/2 and kT·G are not known, the gradient is the plain "
                "mean of λ",
                help="give the trajectory of the same run and the atoms of the coordinate; for "
                "a single distance, say so: there the correction is zero",
            )
    if not math.isfinite(result.error_eV_A) or result.independent < _FEWEST_INDEPENDENT:
        yield warning(
            "E845",
            f"{window.source}: {result.duration_fs:g} fs are worth {result.independent:.0f} "
            f"independent samples, the error needs {_FEWEST_INDEPENDENT}",
            help=f"run at least {_FEWEST_INDEPENDENT * result.correlation_fs:.0f} fs; what "
            "the window did not visit, its error does not know",
            numbers={"independent": result.independent},
        )
        return
    half = force.size // 2
    early, late = _ratio(weight[:half], force[:half])[0], _ratio(weight[half:], force[half:])[0]
    if abs(late - early) > _DRIFT_SIGMAS * 2.0 * result.error_eV_A:
        yield warning(
            "E846",
            f"{window.source}: dF/dξ drifts, {early:.3f} eV/Å in the first half and "
            f"{late:.3f} eV/Å in the second, with {result.error_eV_A:.3f} eV/Å as the error",
            help="discard an equilibration (--discard-fs) or run longer; look at the "
            "convergence against time",
            numbers={"early_eV_A": early, "late_eV_A": late},
        )
