"""What distinguishes the analogue side of one instrument model from another's."""

from __future__ import annotations

from dataclasses import dataclass

from faradaic.simulators.electronics.loop import IDEAL, LoopSpec

APERTURE_S = 0.02
"""The measuring time for which the noise of an `ElectronicsSpec` is given (one mains cycle)."""


@dataclass(frozen=True, slots=True)
class ElectronicsSpec:
    """The analogue side of one instrument model. Magnitudes; ranges in rising order.

    Where a data sheet gives no noise, the default is an engineering guess: white, 2e-5 of the
    range in use (rms) in a reading of 20 ms, and never less than 0.3 of the ADC's step.
    """

    current_ranges_A: tuple[float, ...]
    voltage_ranges_V: tuple[float, ...]
    current_max_A: float
    compliance_V: float
    """Largest voltage that the source can put across the cell."""
    dac_bits: int = 16
    adc_bits: int = 18
    headroom: float = 1.05
    """Full scale of both converters as a multiple of the nominal range."""
    current_noise: float = 2e-5
    voltage_noise: float = 2e-5
    current_flicker: float = 0.0
    """1/f noise: of the range in use, per √Hz at 1 Hz."""
    voltage_flicker: float = 0.0
    autorange_up: float = 0.95
    """Of the range, above which the meter takes a wider one."""
    autorange_down: float = 0.08
    """Of the range, below which the meter takes a smaller one."""
    autorange_dead_s: float = 0.0
    underload: float = 0.08
    """Of the range, below which a reading on any but the smallest is flagged."""
    loop: LoopSpec = IDEAL
    clock_error_ppm: float = 0.0
    max_step_s: float = 1.0
    first_step_s: float = 1e-5
    """Settling after a change of control: the first time step, and the age of the first sample."""

    def __post_init__(self) -> None:
        for name in ("current_ranges_A", "voltage_ranges_V"):
            ranges = getattr(self, name)
            if not ranges or list(ranges) != sorted(set(ranges)) or ranges[0] <= 0:
                raise ValueError(f"{name} must be positive and rising, not {ranges}")
        for name in ("current_max_A", "compliance_V", "max_step_s", "first_step_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")
        if not 0.0 <= self.autorange_down < self.autorange_up:
            raise ValueError(
                f"autorange_down = {self.autorange_down} must be below "
                f"autorange_up = {self.autorange_up}"
            )

    def current_range_A(self, current_A: float) -> float:
        """The smallest range that holds a current, or the widest."""
        return _smallest(self.current_ranges_A, current_A)

    def voltage_range_V(self, voltage_V: float) -> float:
        """The smallest range that holds a voltage, or the widest."""
        return _smallest(self.voltage_ranges_V, voltage_V)


def _smallest(ranges: tuple[float, ...], value: float) -> float:
    value = abs(value)
    for full_scale in ranges:
        if value <= full_scale:
            return full_scale
    return ranges[-1]
