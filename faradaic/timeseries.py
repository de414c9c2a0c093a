"""What was measured of an electrolysis over time, whoever recorded it: a run or a data file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from faradaic.diagnostics import Diagnostic, InputError

Floats = NDArray[np.float64]

SAMPLED = (
    *("cell_voltage_V", "potential_V", "held", "charge_gross_C", "charge_net_C", "energy_J"),
    "level",
)
"""Arrays of a series beside time, current and part; NaN throughout where there is none."""


@dataclass(frozen=True, slots=True)
class BookedCharge:
    """What the source itself says of the charge at its end, in C; None where it does not."""

    gross_C: float | None = None
    """Regardless of direction."""
    net_C: float | None = None
    low_C: float | None = None
    """What at least flowed regardless of direction; with `high_C`, at most."""
    high_C: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """Arrays of one length n, in SI, with what is known of them; NaN where nothing was measured."""

    time_s: Floats
    current_A: Floats
    """Anodic positive where `sign` says so, else as the source has it."""
    cell_voltage_V: Floats = field(default_factory=lambda: np.empty(0))
    """Working less counter electrode, as the source has it: with the current, the energy."""
    potential_V: Floats = field(default_factory=lambda: np.empty(0))
    """Working electrode against `reference`."""
    held: Floats = field(default_factory=lambda: np.empty(0))
    """1 where the set-point was held, 0 where the source was at a limit."""
    charge_gross_C: Floats = field(default_factory=lambda: np.empty(0))
    """As the source booked it up to each sample, regardless of direction."""
    charge_net_C: Floats = field(default_factory=lambda: np.empty(0))
    """As the source booked it, anodic less cathodic."""
    energy_J: Floats = field(default_factory=lambda: np.empty(0))
    """As the source counted it, of levels in turn."""
    level: Floats = field(default_factory=lambda: np.empty(0))
    """Which of several levels in turn a sample was taken in. What passed between two of them is
    booked, and no straight line."""
    part: Floats = field(default_factory=lambda: np.empty(0))
    """Which step or technique a sample belongs to; each has its own sampling interval."""
    output_on_s: Floats | None = None
    """(k, 2), when the output went on and off in steps that pass current; None where the source
    does not tell."""
    sign: Literal["anodic"] | None = None
    """Which current is positive; None where the source does not tell."""
    reference: str | None = None
    """Electrode of `potential_V`; None where the source does not tell."""
    pH: float | None = None
    """With the temperature, what places `reference` on other scales."""
    temperature_K: float | None = None
    scales: tuple[str, ...] = ()
    """Others that potentials were asked for on."""
    area_m2: float | None = None
    booked: BookedCharge = BookedCharge()
    ended: bool | None = None
    """Whether the source was closed as it should; None where it does not tell."""
    sha256: str = ""
    """Hash of the source."""

    def __post_init__(self) -> None:
        n = self.time_s.size
        for name in SAMPLED:
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(n, np.nan))
        if self.part.size == 0:
            object.__setattr__(self, "part", np.zeros(n))
        for name in ("current_A", "part", *SAMPLED):
            if getattr(self, name).shape != self.time_s.shape or self.time_s.ndim != 1:
                raise InputError(
                    Diagnostic(
                        "E760",
                        f"{name} has the shape {getattr(self, name).shape}, the times "
                        f"{self.time_s.shape}",
                        help="give one value for each time, NaN where nothing was measured",
                    )
                )

    @property
    def anode_less_cathode_V(self) -> Floats:
        """(n,), the cell voltage, positive where an electrolysis runs forward.

        Turned where the working electrode is the cathode: what the source gives, it gives to a
        negative current.
        """
        power_W = np.nan_to_num(self.cell_voltage_V * self.current_A)
        given_W = power_W[self.current_A < 0.0].sum()
        turned = 0.0 < given_W > 0.999 * np.abs(power_W).sum()
        return -self.cell_voltage_V if turned else self.cell_voltage_V

    def on_time_s(self) -> Floats:
        """(n,), how long the output had been on up to each sample.

        Where the source does not tell it counts as on all the time.
        """
        return self.time_s if self.output_on_s is None else on_time_s(self.time_s, self.output_on_s)


def on_time_s(time_s: Floats, output_on_s: Floats) -> Floats:
    """(n,), how long an output had been on up to each of n times, that was on in k spans (k, 2)."""
    edges = output_on_s.ravel()
    lengths = np.where(np.arange(edges.size) % 2 == 1, np.diff(edges, prepend=0.0), 0.0)
    return np.interp(time_s, edges, np.cumsum(lengths)) if edges.size else 0 * time_s


def spans_of_on_time(time_s: Floats, on_time_s: Floats) -> Floats:
    """(k, 2), when an output went on and off, from for how long it had been on at each of n times.

    In an interval with a pause it counts as on at the beginning: the times themselves are kept.
    """
    before_s = time_s[:1] - on_time_s[:1]
    lengths_s = np.diff(np.nan_to_num(on_time_s), prepend=0.0)
    begins_s = np.concatenate((before_s, time_s[:-1]))
    on = lengths_s > 0.0
    spans: list[list[float]] = []
    for begin_s, length_s in zip(begins_s[on], lengths_s[on], strict=True):
        if spans and begin_s - spans[-1][1] <= 1e-6 * length_s:
            spans[-1][1] = begin_s + length_s
        else:
            spans.append([begin_s, begin_s + length_s])
    return np.array(spans).reshape(-1, 2)
