"""Calibration lines of a chromatograph or detector: amounts from peak areas, with their errors.

What scatters from injection to injection is kept apart from what one calibration does to all of
them alike. Nothing is set to zero below a limit: it is flagged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import refusal

_wrong = partial(refusal, "E733")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """Values of one kind, shape (n,), in time order; standard uncertainties in the same unit."""

    values: Floats
    """`nan` where nothing was found."""
    random: Floats | None = None
    """Of each value, independent of the others; None where it is not known."""
    systematic: Floats | None = None
    """Shared by all values, as a calibration's; None where it is not known."""
    flags: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        *,
        random_relative: float | None = None,
        systematic_relative: float | None = None,
    ) -> Measured:
        """Values as an instrument reports them, with relative standard uncertainties."""
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
        return cls(
            array,
            None if random_relative is None else random_relative * np.abs(array),
            None if systematic_relative is None else systematic_relative * np.abs(array),
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """area = intercept + slope·amount, fitted by (weighted) least squares."""

    slope: float
    """Area per unit of amount."""
    intercept: float
    unit: str
    """Of the amount: "mol/mol", "mol/m3"."""
    residual_area: float
    """Standard deviation of an area at unit weight, n − 2 degrees of freedom."""
    covariance: Floats
    """Of (intercept, slope), shape (2, 2)."""
    lowest: float
    highest: float
    """The amounts of the standards between which the line is supported."""
    weights: str
    standards_relative: float | None = None
    """Standard uncertainty of the standards themselves, common to all, relative."""

    @property
    def detection_limit(self) -> float:
        """LOD = 3.3 σ/slope, σ the standard deviation of the residuals (ICH Q2(R1), 2005)."""
        return 3.3 * self._sigma / self.slope

    @property
    def quantification_limit(self) -> float:
        """LOQ = 10 σ/slope (ICH Q2(R1), 2005)."""
        return 10.0 * self._sigma / self.slope

    @property
    def _sigma(self) -> float:
        return self._spread(np.array([self.lowest]))[0] if self._weighted else self.residual_area

    @property
    def _weighted(self) -> bool:
        return self.weights != "1"

    def _spread(self, amount: Floats) -> Floats:
        """Standard deviation of an area at an amount."""
        if not self._weighted:
            return np.full_like(amount, self.residual_area)
        # Outside of the standards the scatter of the nearest one is the best that is known.
        within = np.clip(np.abs(amount), self.lowest, self.highest)
        power = 0.5 if self.weights == "1/x" else 1.0
        scatter: Floats = self.residual_area * within**power
        return scatter

    def amount(self, area: ArrayLike, *, name: str = "peak", replicates: int = 1) -> Measured:
        """Amounts of peak areas (n,), each the mean of `replicates` injections.

        The scatter of the areas is random, the line's error and that of the standards systematic
        (inverse regression, first order; Miller and Miller, Statistics and Chemometrics, 2010).
        """
        areas = np.atleast_1d(np.asarray(area, dtype=np.float64))
        if replicates < 1:
            raise _wrong(f"{replicates} injections cannot be averaged", "give 1 or more")
        values = (areas - self.intercept) / self.slope
        (u_aa, u_ab), (_, u_bb) = self.covariance
        line = np.sqrt(u_aa + values * (2 * u_ab + u_bb * values)) / self.slope
        common = self.standards_relative
        known = np.isfinite(values)
        found = values[known]
        checks = (
            ("negative area: check the integration", areas[known] < 0),
            (f"below the detection limit {self.detection_limit:.3g}", found < self.detection_limit),
            (
                f"below the quantification limit {self.quantification_limit:.3g}",
                (found >= self.detection_limit) & (found < self.quantification_limit),
            ),
            (
                f"extrapolated above the highest standard {self.highest:.3g}",
                found > self.highest,
            ),
            ("no peak", ~known),
        )
        return Measured(
            values,
            self._spread(values) / (self.slope * np.sqrt(replicates)),
            line if common is None else np.hypot(line, common * values),
            tuple(
                f"{name}: {text} {self.unit} in {int(where.sum())} of {len(areas)}"
                if "limit" in text or "standard" in text
                else f"{name}: {text} in {int(where.sum())} of {len(areas)}"
                for text, where in checks
                if where.any()
            ),
        )


def fit_calibration(
    amounts: Sequence[float] | Floats,
    areas: Sequence[float] | Floats,
    *,
    unit: str,
    weights: Literal["1", "1/x", "1/x2"] = "1",
    standards_relative: float | None = None,
) -> Calibration:
    """The line through standards; intercept fitted, never forced through zero.

    Needs three points at two amounts. With weights 1/x or 1/x² the amounts must be above 0 and the
    limits are those at the lowest standard. Raises `InputError` (E733).
    """
    x, y = np.asarray(amounts, dtype=np.float64), np.asarray(areas, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise _wrong(
            f"a calibration of {x.size} amounts and {y.size} areas is not a table of numbers",
            "give one finite area for each amount",
        )
    if len(x) < 3 or len(np.unique(x)) < 2:
        raise _wrong(
            f"{len(x)} standards at {len(np.unique(x))} amounts give no line with an error",
            "measure at least three standards, at two amounts or more",
        )
    power = {"1": 0, "1/x": 1, "1/x2": 2}.get(weights)
    if power is None or (power and x.min() <= 0):
        raise _wrong(
            f"weights {weights} cannot be used with a lowest standard of {x.min():g} {unit}",
            'give weights "1", or "1/x" or "1/x2" with standards above 0',
        )
    weight = x**-power if power else np.ones_like(x)
    normal = np.array([[weight.sum(), weight @ x], [weight @ x, weight @ x**2]])
    inverse = np.linalg.inv(normal)
    intercept, slope = inverse @ np.array([weight @ y, (weight * x) @ y])
    if not slope > 0:
        raise _wrong(
            f"the areas do not rise with the amount: slope {slope:.3g}",
            "check which column holds the amounts and which the areas",
        )
    residual = y - intercept - slope * x
    variance = float(weight @ residual**2) / (len(x) - 2)
    return Calibration(
        float(slope),
        float(intercept),
        unit,
        float(np.sqrt(variance)),
        inverse * variance,
        float(x.min()),
        float(x.max()),
        weights,
        standards_relative,
    )
