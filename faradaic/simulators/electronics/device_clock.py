"""The clock of an instrument, and its error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """A clock that runs fast by `error_ppm`; set right when the true time is 0.

    A device with 50 ppm is 2.9 s off after 16 h, and so is a charge that it integrates.
    """

    error_ppm: float = 0.0

    def device_s(self, true_s: float) -> float:
        """What the device shows at a true time."""
        return true_s * (1.0 + 1e-6 * self.error_ppm)

    def true_s(self, device_s: float) -> float:
        """The true time at which the device shows a time."""
        return device_s / (1.0 + 1e-6 * self.error_ppm)
