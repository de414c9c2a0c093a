"""The electronics of a simulated source: set-point, control loop, limits, ranges, noise, flags.

Every emulator drives its cell through one `Electronics`, whatever its command language. The chain
is the instrument's: set-point, DAC, loop, limit, cell, noise, ADC. A limit is not clipped onto a
result: where the cell would exceed it, the step is taken back and solved again with the limit
imposed as the control, so charge and concentrations follow what really flowed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

from faradaic.simulators.contracts import CellModel, CellState, Control

APERTURE_S = 0.02
"""The measuring time for which the noise of an `ElectronicsSpec` is given (one mains cycle)."""

STEP_GROWTH = 1.5
"""Each time step after a change of control is longer by this factor, up to the longest."""


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
    off_high_impedance: bool = True
    """Whether the output opens a relay when off; if not, it holds the cell at 0 V."""
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


class Measurement(NamedTuple):
    """One reading as the electronics report it: noise, resolution and flags included."""

    current_A: float
    cell_voltage_V: float
    potential_V: float
    compliance: bool
    """A limit is imposed on the cell, and the set-point is not held."""
    current_range_A: float
    current_overload: bool
    """The current exceeds the range: the value is the converter's full scale."""
    voltage_overload: bool


class Electronics:
    """A source and meter on one cell. Times are monotonic seconds and must not decrease.

    Set-points beyond the instrument raise `ValueError`: refusing them in the instrument's own
    words is the emulator's part.
    """

    def __init__(self, cell: CellModel, spec: ElectronicsSpec, seed: int) -> None:
        self.cell = cell
        self.spec = spec
        self._gauss = random.Random(seed).gauss
        self._time_s: float | None = None
        self._step_s = spec.first_step_s
        self._control = Control.OPEN_CIRCUIT
        self._value = 0.0
        self._current_limit_A = math.inf
        self._voltage_limit_V = math.inf
        self._output_on = False
        self._in_compliance = False
        self._fixed_range_A: float | None = None
        self._state = CellState(0.0, 0.0, 0.0)

    @property
    def output_on(self) -> bool:
        """Get whether the source drives the cell."""
        return self._output_on

    @property
    def in_compliance(self) -> bool:
        """Get whether a limit was imposed at the end of the last time step."""
        return self._in_compliance

    @property
    def state(self) -> CellState:
        """Get the cell at the last time step, as no meter sees it: without noise."""
        return self._state

    def fix_current_range(self, range_A: float | None) -> None:
        """Measure and set currents on one range; None returns to the smallest that holds them."""
        if range_A is not None and range_A not in self.spec.current_ranges_A:
            raise ValueError(f"{range_A} A is not a range of {self.spec.current_ranges_A}")
        self._fixed_range_A = range_A

    def off(self, now_s: float, high_impedance: bool | None = None) -> None:
        """Turn the output off: the cell at open circuit, or at 0 V if off is not high impedance.

        `high_impedance` overrides the model's off state, for instruments where it is a setting.
        """
        if high_impedance is None:
            high_impedance = self.spec.off_high_impedance
        if high_impedance:
            self._impose(Control.OPEN_CIRCUIT, 0.0, math.inf, math.inf, now_s)
        else:
            limit_A = self.spec.current_max_A
            self._impose(Control.CELL_VOLTAGE, 0.0, limit_A, self.spec.compliance_V, now_s)
        self._output_on = False

    def galvanostat(self, current_A: float, compliance_V: float, now_s: float) -> None:
        """Regulate a current (anodic positive) within ±`compliance_V` across the cell."""
        self._check("current_A", current_A, self.spec.current_max_A)
        self._check_limit("compliance_V", compliance_V, self.spec.compliance_V)
        value_A = self._quantise(current_A, self._range_A(current_A), self.spec.dac_bits)
        self._drive(Control.CURRENT, value_A, math.inf, compliance_V, now_s)

    def potentiostat(self, potential_V: float, current_limit_A: float, now_s: float) -> None:
        """Regulate the working electrode against the reference, within ±`current_limit_A`."""
        self._check("potential_V", potential_V, self.spec.voltage_ranges_V[-1])
        self._check_limit("current_limit_A", current_limit_A, self.spec.current_max_A)
        value_V = self._voltage_setpoint_V(potential_V)
        limit_V = self.spec.compliance_V
        self._drive(Control.POTENTIAL, value_V, current_limit_A, limit_V, now_s)

    def cell_voltage(self, voltage_V: float, current_limit_A: float, now_s: float) -> None:
        """Regulate the voltage across the cell, within ±`current_limit_A`."""
        self._check("voltage_V", voltage_V, self.spec.compliance_V)
        self._check_limit("current_limit_A", current_limit_A, self.spec.current_max_A)
        value_V = self._voltage_setpoint_V(voltage_V)
        self._drive(Control.CELL_VOLTAGE, value_V, current_limit_A, math.inf, now_s)

    def advance(self, now_s: float) -> None:
        """Let the cell run to `now_s` under the present control."""
        if self._time_s is None:
            self._time_s = now_s
            self._settle()
        left_s = now_s - self._time_s
        if left_s <= 0.0:
            return
        spec = self.spec
        while left_s > 0.0:
            # Equal parts, and a hundredth of tolerance, so that no sliver of a step is left over.
            dt_s = left_s / max(1, math.ceil(left_s / self._step_s - 0.01))
            self._step(dt_s)
            left_s -= dt_s
            if self._step_s < spec.max_step_s:
                self._step_s = min(self._step_s * STEP_GROWTH, spec.max_step_s)
        self._time_s = now_s

    def measure(self, now_s: float, aperture_s: float = APERTURE_S) -> Measurement:
        """Advance to `now_s` and take a reading there; a longer aperture averages more noise."""
        self.advance(now_s)
        spec = self.spec
        current_A, cell_V, potential_V = self._state
        calm = math.sqrt(APERTURE_S / aperture_s)
        range_A = self._range_A(current_A)
        current_A, current_over = self._convert(current_A, range_A, spec.current_noise * calm)
        cell_V, cell_over = self._convert_voltage(cell_V, calm)
        potential_V, potential_over = self._convert_voltage(potential_V, calm)
        return Measurement(
            current_A,
            cell_V,
            potential_V,
            self._in_compliance,
            range_A,
            current_over,
            cell_over or potential_over,
        )

    def _drive(
        self, control: Control, value: float, limit_A: float, limit_V: float, now_s: float
    ) -> None:
        self._impose(control, value, limit_A, limit_V, now_s)
        self._output_on = True

    def _impose(
        self, control: Control, value: float, limit_A: float, limit_V: float, now_s: float
    ) -> None:
        self.advance(now_s)
        self._control = control
        self._value = value
        self._current_limit_A = limit_A
        self._voltage_limit_V = limit_V
        self._settle()

    def _settle(self) -> None:
        assert self._time_s is not None
        self._step(self.spec.first_step_s)
        self._time_s += self.spec.first_step_s
        self._step_s = min(self.spec.first_step_s * STEP_GROWTH, self.spec.max_step_s)

    def _step(self, dt_s: float) -> None:
        """One time step: the set-point if every limit allows it, else the limit that does not."""
        cell = self.cell
        before = cell.checkpoint()
        state = cell.step(self._control, self._value, dt_s)
        limited = False
        if abs(state.current_A) > self._current_limit_A:
            cell.restore(before)
            limit_A = math.copysign(self._current_limit_A, state.current_A)
            state = cell.step(Control.CURRENT, limit_A, dt_s)
            limited = True
        if abs(state.cell_voltage_V) > self._voltage_limit_V:
            cell.restore(before)
            limit_V = math.copysign(self._voltage_limit_V, state.cell_voltage_V)
            state = cell.step(Control.CELL_VOLTAGE, limit_V, dt_s)
            limited = True
        self._state = state
        self._in_compliance = limited

    def _range_A(self, current_A: float) -> float:
        if self._fixed_range_A is not None:
            return self._fixed_range_A
        return _smallest(self.spec.current_ranges_A, current_A)

    def _voltage_setpoint_V(self, voltage_V: float) -> float:
        range_V = _smallest(self.spec.voltage_ranges_V, voltage_V)
        return self._quantise(voltage_V, range_V, self.spec.dac_bits)

    def _quantise(self, value: float, range_: float, bits: int) -> float:
        """The nearest level of a converter that spans ± the range and its headroom."""
        step = 2.0 * range_ * self.spec.headroom / (1 << bits)
        return round(value / step) * step

    def _convert_voltage(self, voltage_V: float, calm: float) -> tuple[float, bool]:
        range_V = _smallest(self.spec.voltage_ranges_V, voltage_V)
        return self._convert(voltage_V, range_V, self.spec.voltage_noise * calm)

    def _convert(self, value: float, range_: float, noise: float) -> tuple[float, bool]:
        """A value with its noise as the ADC gives it, and whether it is beyond full scale."""
        full = range_ * self.spec.headroom
        least_noise = 0.6 * full / (1 << self.spec.adc_bits)
        value += self._gauss(0.0, max(least_noise, range_ * noise))
        if -full < value < full:
            return self._quantise(value, range_, self.spec.adc_bits), False
        return math.copysign(full, value), True

    @staticmethod
    def _check(name: str, value: float, most: float) -> None:
        if not abs(value) <= most * (1 + 1e-9):
            raise ValueError(f"{name} = {value} is beyond ±{most}")

    @staticmethod
    def _check_limit(name: str, value: float, most: float) -> None:
        if not 0 < value <= most * (1 + 1e-9):
            raise ValueError(f"{name} = {value} is not above 0 and up to {most}")


def _smallest(ranges: tuple[float, ...], value: float) -> float:
    value = abs(value)
    for full_scale in ranges:
        if value <= full_scale:
            return full_scale
    return ranges[-1]
