"""Faults of the measuring side: what the electronics report, not what the cell does."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from faradaic.simulators.electronics import ElectronicsSpec, Measurement
from faradaic.simulators.electronics.meter import LEAST_NOISE
from faradaic.simulators.electronics.noise import mains
from faradaic.simulators.faults.begun_faults import FaultClock
from faradaic.simulators.faults.fault_text import Fault


class FaultyMeter:
    """Distorts readings by the faults that are active."""

    def __init__(self, faults: Sequence[Fault], progress: FaultClock, seed: int) -> None:
        clogs = [fault for fault in progress.faults if fault.name == "reference_clog"]
        self._faults = [*clogs, *sorted(faults, key=lambda fault: _ORDER.index(fault.name))]
        self._progress = progress
        self._seed = seed
        self.stuck: Measurement | None = None
        """The value that a stuck converter repeats; with the time the whole state."""

    def distort(
        self, measurement: Measurement, now_s: float, aperture_s: float, spec: ElectronicsSpec
    ) -> Measurement:
        """A reading that ends at `now_s` and was averaged over `aperture_s`."""
        stuck = False
        # A function of the time, so that a reading taken again after a restore is the same.
        gauss = random.Random(f"{self._seed} {now_s!r}").gauss
        for fault in self._faults:
            if self._progress.active(fault, now_s) is None:
                continue
            values = fault.values
            match fault.name:
                case "noise":
                    measurement = _noisier(measurement, values["factor"], spec, gauss)
                case "mains":
                    pickup_V = values["voltage"] * mains(now_s, aperture_s, values["frequency"])
                    measurement = _shifted(measurement, pickup_V, pickup_V)
                case "reference_clog":
                    noise_V = gauss(0.0, abs(values["noise"]))
                    measurement = _shifted(measurement, 0.0, noise_V)
                case "overload":
                    full_A = measurement.current_range_A * spec.headroom
                    current_A = math.copysign(full_A, measurement.current_A)
                    measurement = measurement._replace(current_A=current_A, current_overload=True)
                case "stuck":
                    stuck = True
        self.stuck = (self.stuck or measurement) if stuck else None
        return self.stuck or measurement


def _noisier(
    measurement: Measurement,
    factor: float,
    spec: ElectronicsSpec,
    gauss: Callable[[float, float], float],
) -> Measurement:
    """Noise added to the instrument's own so that the sum has `factor` times its rms."""
    more = math.sqrt(max(factor * factor - 1.0, 0.0))
    least = 2.0 * LEAST_NOISE * spec.headroom / (1 << spec.adc_bits)
    current_A = more * max(spec.current_noise, least) * measurement.current_range_A
    share = more * max(spec.voltage_noise, least)
    cell_V = share * spec.voltage_range_V(measurement.cell_voltage_V)
    potential_V = share * spec.voltage_range_V(measurement.potential_V)
    measurement = measurement._replace(current_A=measurement.current_A + gauss(0.0, current_A))
    return _shifted(measurement, gauss(0.0, cell_V), gauss(0.0, potential_V))


_ORDER = ("noise", "mains", "overload", "stuck")
"""Along the signal: the leads first, the converter last."""


def _shifted(measurement: Measurement, cell_V: float, potential_V: float) -> Measurement:
    return measurement._replace(
        cell_voltage_V=measurement.cell_voltage_V + cell_V,
        potential_V=measurement.potential_V + potential_V,
    )
