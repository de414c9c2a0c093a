"""When an instrument samples a staircase: windows within a stair.

A reversible couple read at the end of stairs of 1 mV peaks 6.5 % below the ramp that the stairs
stand for; read at the fraction 0.302722, where Hurwitz' ζ(½, a) is zero, or averaged over whole
stairs, it peaks where the ramp does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from faradaic.diagnostics import refusal
from faradaic.simulators.electronics.channel import Electronics
from faradaic.simulators.electronics.meter import Measurement

RAMP_EQUIVALENT_FRACTION = 0.302722
"""The zero of ζ(½, a): a diffusion current there is that of a ramp."""


@dataclass(frozen=True, slots=True)
class SamplingWindow:
    """The part of a stair over which the meter averages, as fractions of its duration."""

    start: float
    end: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.start < self.end <= 1.0:
            raise refusal(
                "E548",
                f"a sampling window from {self.start:g} to {self.end:g} of the interval",
                "it must begin before it ends, both between 0 and 1: 0.75 and 1, say",
            )

    @classmethod
    def at(cls, fraction: float, width: float = 1e-3) -> SamplingWindow:
        """One conversion that ends at a fraction of the interval."""
        return cls(max(0.0, fraction - width), fraction)


class StairSample(NamedTuple):
    """One point of a staircase."""

    time_s: float
    """Of the end of the sampling window, on the device's clock."""
    set_V: float
    measured: Measurement


def staircase(
    source: Electronics,
    levels_V: Iterable[float],
    interval_s: float,
    start_s: float,
    window: SamplingWindow,
    current_limit_A: float,
) -> Iterator[StairSample]:
    """Hold one potential after another for `interval_s` of the device's clock, and sample each.

    `start_s` is the true time of the first stair. A stair whose sample falls into the dead time of
    a range change gives none.
    """
    clock = source.clock
    began_s = clock.device_s(start_s)
    aperture_s = clock.true_s((window.end - window.start) * interval_s)
    for count, level_V in enumerate(levels_V):
        stair_s = began_s + count * interval_s
        source.potentiostat(level_V, current_limit_A, clock.true_s(stair_s))
        time_s = stair_s + window.end * interval_s
        measured = source.measure(clock.true_s(time_s), aperture_s)
        if not measured.settling:
            yield StairSample(time_s, level_V, measured)
