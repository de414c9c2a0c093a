"""One channel: a source and a meter on one cell."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from faradaic.simulators.contracts import CellModel, CellState, Control
from faradaic.simulators.electronics.converters import quantise
from faradaic.simulators.electronics.device_clock import DeviceClock
from faradaic.simulators.electronics.drive import Drive
from faradaic.simulators.electronics.meter import Measurement, Meter
from faradaic.simulators.electronics.spec import APERTURE_S, ElectronicsSpec

if TYPE_CHECKING:
    from faradaic.simulators.sine_response import SineResponse


class Electronics:
    """A source and meter on one cell. Times are monotonic seconds and must not decrease.

    Set-points beyond the instrument raise `ValueError`: refusing them in the instrument's own
    words is the emulator's part.
    """

    def __init__(self, cell: CellModel, spec: ElectronicsSpec, seed: int) -> None:
        self.cell = cell
        self.spec = spec
        self.clock = DeviceClock(spec.clock_error_ppm)
        self._drive = Drive(cell, spec)
        self._meter = Meter(spec, random.Random(seed))
        self._output_on = False
        # A cell that comes with faults of the meter distorts its readings (simulators/faults).
        self._distort: Callable[..., Measurement] | None = getattr(cell, "distort", None)

    @property
    def output_on(self) -> bool:
        """Get whether the source drives the cell."""
        return self._output_on

    @property
    def in_compliance(self) -> bool:
        """Get whether a limit was imposed at the end of the last time step."""
        return self._drive.limited

    @property
    def state(self) -> CellState:
        """Get the cell at the last time step, as no meter sees it: without noise."""
        return self._drive.state

    def fix_current_range(self, range_A: float | None) -> None:
        """Measure and set currents on one range; None lets the meter choose."""
        self._meter.fix_range(range_A)

    def compensate(self, resistance_ohm: float, now_s: float) -> None:
        """Compensate a resistance in potentiostatic control by positive feedback; 0 ends it.

        With more than the loop can bear on this cell, p >= 1 + τ_c/τ_u, the control amplifier goes
        to its rail: the compliance voltage across the cell, and overload. Raises `ValueError` for
        a resistance below zero.
        """
        if not 0.0 <= resistance_ohm < math.inf:
            raise ValueError(f"resistance_ohm = {resistance_ohm} is not zero or more, and finite")
        self._drive.compensate(resistance_ohm, now_s)

    def off(self, now_s: float) -> None:
        """Turn the output off: the cell at open circuit."""
        self._drive.impose(Control.OPEN_CIRCUIT, 0.0, math.inf, math.inf, now_s)
        self._output_on = False

    def galvanostat(self, current_A: float, compliance_V: float, now_s: float) -> None:
        """Regulate a current (anodic positive) within ±`compliance_V` across the cell."""
        spec = self.spec
        _check("current_A", current_A, spec.current_max_A)
        _check_limit("compliance_V", compliance_V, spec.compliance_V)
        full_scale_A = self._meter.source_range_A(current_A) * spec.headroom
        value_A = quantise(current_A, full_scale_A, spec.dac_bits)
        self._drive.impose(Control.CURRENT, value_A, math.inf, compliance_V, now_s)
        self._output_on = True

    def potentiostat(self, potential_V: float, current_limit_A: float, now_s: float) -> None:
        """Regulate the working electrode against the reference, within ±`current_limit_A`."""
        spec = self.spec
        _check("potential_V", potential_V, spec.voltage_ranges_V[-1])
        _check_limit("current_limit_A", current_limit_A, spec.current_max_A)
        value_V = self._voltage_level_V(potential_V)
        self._drive.impose(Control.POTENTIAL, value_V, current_limit_A, spec.compliance_V, now_s)
        self._output_on = True

    def cell_voltage(self, voltage_V: float, current_limit_A: float, now_s: float) -> None:
        """Regulate the voltage across the cell, within ±`current_limit_A`."""
        _check("voltage_V", voltage_V, self.spec.compliance_V)
        _check_limit("current_limit_A", current_limit_A, self.spec.current_max_A)
        value_V = self._voltage_level_V(voltage_V)
        self._drive.impose(Control.CELL_VOLTAGE, value_V, current_limit_A, math.inf, now_s)
        self._output_on = True

    def advance(self, now_s: float) -> None:
        """Let the cell run to `now_s` under the present control."""
        self._drive.advance(now_s)

    def mean_current_A(self, aperture_s: float) -> float:
        """The mean over an aperture that ends at the last time step, as no meter sees it."""
        return self._drive.mean(aperture_s).current_A

    def measure(self, now_s: float, aperture_s: float = APERTURE_S) -> Measurement:
        """Advance to `now_s` and read the mean over the aperture that ends there.

        The aperture begins no earlier than the last change of control; a longer one averages more
        noise.
        """
        drive = self._drive
        drive.advance(now_s)
        reading = self._meter.read(
            drive.mean(aperture_s),
            now_s,
            aperture_s,
            limited=drive.limited,
            railed=drive.railed,
        )
        if self._distort is None:
            return reading
        return self._distort(reading, now_s, aperture_s, self.spec)

    def impedance(
        self, frequency_Hz: float, amplitude: float, now_s: float, averaging_s: float = 0.0
    ) -> SineResponse:
        """What would be read if the set-point swung by a sine of a peak amplitude (V or A) now.

        The noise is that of an average over one sine, or over `averaging_s` if that is longer. An
        answer that is no sine is fitted as if it were one. Raises `InputError` if the output is
        off.
        """
        averaging_s = max(averaging_s, 1.0 / frequency_Hz)
        response = self._drive.superimpose(frequency_Hz, amplitude, now_s)
        return self._meter.read_sine(response, averaging_s)

    def _voltage_level_V(self, voltage_V: float) -> float:
        full_scale_V = self.spec.voltage_range_V(voltage_V) * self.spec.headroom
        return quantise(voltage_V, full_scale_V, self.spec.dac_bits)


def _check(name: str, value: float, most: float) -> None:
    if not abs(value) <= most * (1 + 1e-9):
        raise ValueError(f"{name} = {value} is beyond ±{most}")


def _check_limit(name: str, value: float, most: float) -> None:
    if not 0 < value <= most * (1 + 1e-9):
        raise ValueError(f"{name} = {value} is not above 0 and up to {most}")
