"""The measuring side: range, noise, ADC, flags."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, NamedTuple

from faradaic.simulators.contracts import CellState
from faradaic.simulators.electronics.converters import convert
from faradaic.simulators.electronics.noise import FlickerNoise
from faradaic.simulators.electronics.ranging import Autorange
from faradaic.simulators.electronics.spec import APERTURE_S, ElectronicsSpec

if TYPE_CHECKING:
    from faradaic.simulators.sine_response import SineResponse

LEAST_NOISE = 0.3
"""Of the ADC's step, rms: an engineering guess, and what lets a mean resolve less than a step."""


class Measurement(NamedTuple):
    """One reading as the electronics report it: noise, resolution and flags included."""

    current_A: float
    cell_voltage_V: float
    potential_V: float
    compliance: bool
    """A limit is imposed on the cell, and the set-point is not held."""
    current_range_A: float
    underload: bool
    """The current is a small part of a range that is not the smallest."""
    settling: bool
    """The current range has just changed: an instrument has no data for this moment."""
    current_overload: bool
    """The current exceeds the range (the value is the converter's full scale), or the control
    amplifier is at its rail."""
    voltage_overload: bool


class Meter:
    """Turns states of the cell into readings; the same random numbers give the same readings."""

    def __init__(self, spec: ElectronicsSpec, numbers: random.Random) -> None:
        self._spec = spec
        self._gauss = numbers.gauss
        flickers = spec.current_flicker > 0.0 or spec.voltage_flicker > 0.0
        self._flicker = [FlickerNoise(numbers.gauss) for _ in range(3)] if flickers else []
        self._autorange = Autorange(
            spec.current_ranges_A, spec.autorange_up, spec.autorange_down, spec.autorange_dead_s
        )
        self._fixed_range_A: float | None = None

    def fix_range(self, range_A: float | None) -> None:
        """Measure currents on one range; None lets the meter choose."""
        if range_A is not None and range_A not in self._spec.current_ranges_A:
            raise ValueError(f"{range_A} A is not a range of {self._spec.current_ranges_A}")
        self._fixed_range_A = range_A
        self._autorange.forget()

    def source_range_A(self, current_A: float) -> float:
        """The range on which a current is set."""
        if self._fixed_range_A is not None:
            return self._fixed_range_A
        return self._spec.current_range_A(current_A)

    def read(
        self, state: CellState, time_s: float, aperture_s: float, *, limited: bool, railed: bool
    ) -> Measurement:
        """A reading of the mean over an aperture that ends at a time."""
        spec = self._spec
        current_A, cell_V, potential_V = state
        range_A, settling = self._fixed_range_A, False
        if range_A is None:
            range_A, settling = self._autorange.choose(current_A, time_s)
        underload = abs(current_A) < spec.underload * range_A and range_A > spec.current_ranges_A[0]
        cell_range_V = spec.voltage_range_V(cell_V)
        potential_range_V = spec.voltage_range_V(potential_V)
        if self._flicker:
            current, cell, potential = (n.sample(time_s, aperture_s) for n in self._flicker)
            current_A += spec.current_flicker * range_A * current
            cell_V += spec.voltage_flicker * cell_range_V * cell
            potential_V += spec.voltage_flicker * potential_range_V * potential
        calm = math.sqrt(APERTURE_S / aperture_s)
        current_A, current_over = self._convert(current_A, range_A, spec.current_noise * calm)
        cell_V, cell_over = self._convert(cell_V, cell_range_V, spec.voltage_noise * calm)
        potential_V, potential_over = self._convert(
            potential_V, potential_range_V, spec.voltage_noise * calm
        )
        return Measurement(
            current_A,
            cell_V,
            potential_V,
            limited,
            range_A,
            underload,
            settling,
            current_over or railed,
            cell_over or potential_over,
        )

    def read_sine(self, response: SineResponse, duration_s: float) -> SineResponse:
        """A fitted sine with the noise that a fit over its duration leaves in it.

        White noise of s in a reading of one aperture leaves √(2 aperture/duration) s in either
        part of a phasor.
        """
        spec = self._spec
        remains = math.sqrt(2.0 * APERTURE_S / duration_s)
        current_range_A = self.source_range_A(
            abs(response.mean_current_A) + abs(response.current_A)
        )
        voltage_range_V = spec.voltage_range_V(
            abs(response.mean_voltage_V) + abs(response.voltage_V)
        )

        def noise(reading: float) -> complex:
            deviation = remains * reading
            return complex(self._gauss(0.0, deviation), self._gauss(0.0, deviation))

        return response._replace(
            current_A=response.current_A + noise(spec.current_noise * current_range_A),
            voltage_V=response.voltage_V + noise(spec.voltage_noise * voltage_range_V),
        )

    def _convert(self, value: float, range_: float, noise: float) -> tuple[float, bool]:
        """A value with its white noise as the ADC gives it, and whether it is beyond full scale."""
        spec = self._spec
        full_scale = range_ * spec.headroom
        least = LEAST_NOISE * 2.0 * full_scale / (1 << spec.adc_bits)
        value += self._gauss(0.0, max(least, range_ * noise))
        return convert(value, full_scale, spec.adc_bits)
