"""What a run at a constrained coordinate leaves behind, whichever code made it.

One sign for all: the constraint force is +λ ∇ξ, so that <λ> is close to +dF/dξ. The readers turn
the signs and units of the codes into this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faradaic.diagnostics import Diagnostic, refusal

Floats: TypeAlias = NDArray[np.float64]


HELD_WITHIN_A: Final = 1e-3
"""A constraint counts as held, and as standing, where ξ stays this close to its target."""
_SERIES = ("xi_A", "multiplier_eV_A", "inverse_sqrt_metric", "metric_correction_eV_A", "target_A")


@dataclass(frozen=True, slots=True, eq=False)
class ConstraintWindow:
    """Time series at one value of the coordinate, or along a slow growth; all arrays (n,)."""

    xi_A: Floats
    """The coordinate as it was at each step."""
    multiplier_eV_A: Floats
    """λ of the constraint force +λ ∇ξ; of a harmonic restraint its force κ (centre − ξ)."""
    inverse_sqrt_metric: Floats | None
    """Z^-1/2 with Z = Σ |∇_i ξ|²/m_i, in any unit of mass; None where it is not known."""
    metric_correction_eV_A: Floats | None
    """kT·G with G = Z^-2 Σ_ij ∇_i ξ·H_ij·∇_j ξ/(m_i m_j); None where it is not known."""
    time_step_fs: float
    """Between two entries of the arrays."""
    temperature_K: float
    """Of the thermostat."""
    source: str
    """The file, for messages."""
    target_A: Floats | None = None
    """Where the constraint wanted the coordinate at each step; None where it is not recorded."""
    kind: Literal["constraint", "restraint"] = "constraint"
    """A restraint lets the coordinate move and leaves the momenta alone: no metric correction."""
    findings: tuple[Diagnostic, ...] = field(default=())
    """What was odd, left out or assumed while reading."""

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem:
            raise refusal(
                "E840",
                f"{self.source}: {problem}",
                "give one finite number per step in every series, and positive "
                "time step (fs) and temperature (K)",
            )
        for name in _SERIES:
            series = getattr(self, name)
            if series is not None:
                view = np.asarray(series, dtype=float).view()
                view.flags.writeable = False
                object.__setattr__(self, name, view)

    def __len__(self) -> int:
        """Steps."""
        return int(self.xi_A.size)

    @property
    def duration_fs(self) -> float:
        """Length of the series."""
        return len(self) * self.time_step_fs

    @property
    def driven(self) -> bool:
        """Whether the constraint was moved: slow growth, not a window of a blue-moon series."""
        return self.target_A is not None and float(np.ptp(self.target_A)) > HELD_WITHIN_A

    def without_first(self, discard_fs: float) -> ConstraintWindow:
        """The window after an equilibration. Raises `InputError` (E841) where nothing is left."""
        skip = round(discard_fs / self.time_step_fs)
        if not 0 <= skip < len(self):
            raise refusal(
                "E841",
                f"{self.source}: cannot discard the first {discard_fs:g} fs of "
                f"{self.duration_fs:g} fs",
                f"discard between 0 and {self.duration_fs - self.time_step_fs:g} fs",
            )
        series = {name: getattr(self, name) for name in _SERIES}
        shorter: dict[str, Any] = {
            name: values[skip:] for name, values in series.items() if values is not None
        }
        return replace(self, **shorter)

    def _problem(self) -> str:
        lengths = {}
        for name in _SERIES:
            series = getattr(self, name)
            if series is None:
                continue
            series = np.asarray(series, dtype=float)
            if series.ndim != 1 or not series.size:
                return f"{name} is not a series of numbers"
            bad = np.flatnonzero(~np.isfinite(series))
            if bad.size:
                return f"{name} is not finite at entry {bad[0] + 1}"
            lengths[name] = series.size
        if len(set(lengths.values())) > 1:
            return "series of different lengths: " + ", ".join(
                f"{name} {size}" for name, size in lengths.items()
            )
        if self.inverse_sqrt_metric is not None and np.min(self.inverse_sqrt_metric) <= 0:
            return "Z^-1/2 is not positive everywhere"
        for name in ("time_step_fs", "temperature_K"):
            if not 0 < getattr(self, name) < float("inf"):
                return f"{name} is {getattr(self, name):g}"
        return ""
