"""The potentiostat behind the interpreter: modes, cell switch, ranges, status bits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from faradaic.instruments.palmsens.device_models import GALVANOSTAT_MODE, DeviceModel
from faradaic.methodscript_packages import OVERLOAD, OVERLOAD_WARNING, UNDERLOAD
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.electronics import Electronics, ElectronicsSpec
from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.sine_response import SineResponse

REACH = 3.0
"""Full scale of the converters over the nominal range of instruments that reach beyond it."""


DISTORTED = 0.1
"""Harmonics against the fundamental above which an impedance is flagged; an engineering guess."""

ROOM_DEGC = 25.0
ELSEWHERE = {"bb": 0.0, "ed": ROOM_DEGC, "ef": ROOM_DEGC} | {f"a{pin}": 0.0 for pin in "stuvwxyz"}
"""What is measured beside the cell: nothing is connected to the second electrode and the pins."""


class PackageValue(NamedTuple):
    """A measured quantity with its metadata."""

    value: float
    status: int
    range_index: int | None


class _Ranges:
    """The ranges of one quantity: those in use, and the choice among them."""

    def __init__(self, ranges: Mapping[int, float], headroom: float) -> None:
        self.by_size = sorted((size, index) for index, size in ranges.items())
        self.headroom = headroom
        self.low, self.high = 0, len(self.by_size) - 1

    def holding(self, value: float) -> int:
        """Position of the smallest range that a value fits, or of the widest."""
        value = abs(value)
        for position, (size, _) in enumerate(self.by_size):
            if value <= size * self.headroom * (1 + 1e-9):
                return position
        return len(self.by_size) - 1

    def limit(self, lowest: float, highest: float) -> None:
        positions = self.holding(lowest), self.holding(highest)
        self.low, self.high = min(positions), max(positions)

    def choose(self, value: float) -> tuple[float, int]:
        """(size, index) of the range that the instrument measures a value on."""
        return self.by_size[min(max(self.holding(value), self.low), self.high)]


class FrontEnd:
    """One channel. Times are monotonic seconds."""

    mode: int
    set_V: float
    set_A: float
    measured: _Ranges
    applied: _Ranges
    potential: _Ranges

    def __init__(self, model: DeviceModel, cell: CellModel, seed: int) -> None:
        self.model = model
        sizes = {
            *model.current_ranges_A.values(),
            *model.galvanostat_ranges_A.values(),
            *model.high_speed_ranges_A.values(),
        }
        widest = max(model.potential_ranges_V.values(), default=1.0)
        gains = model.potential_ranges_V.values() or (1.0,)
        self._reach_V = model.compliance_V / widest
        self.electronics = Electronics(
            cell,
            ElectronicsSpec(
                current_ranges_A=tuple(sorted(sizes)),
                voltage_ranges_V=tuple(sorted(gain * self._reach_V for gain in gains)),
                current_max_A=model.current_max_A,
                compliance_V=model.compliance_V,
                dac_bits=18,
                headroom=REACH if model.headroom > 1 else 1.05,
            ),
            seed,
        )
        self.set_V: float
        self.set_A: float
        self.applied: _Ranges
        self._size_A: float | None = None
        self.set_V: float
        self.set_A: float
        self.applied: _Ranges
        self._elsewhere = False
        self.switched_off = False
        """Whether a script has turned the potentiostat off, which a fresh one is not."""
        self._set_mode(0)

    @property
    def cell_on(self) -> bool:
        """Get whether the cell switch is closed."""
        return self.electronics.output_on

    def advance(self, now_s: float) -> None:
        """Let the cell run to `now_s`."""
        self.electronics.advance(now_s)

    def select_channel(self, channel: int) -> None:
        """Another channel can only be turned off: the cell is on the first."""
        if not 0 <= channel < self.model.channels:
            raise ScriptFault("002F")
        self._elsewhere = channel > 0

    def select_mode(self, mode: int, now_s: float) -> None:
        """A potentiostat mode, or 0 for off; opens the cell switch and forgets the ranges."""
        if self._elsewhere and mode == 0:
            return
        if mode != 0 and mode not in self.model.potential_limits_V:
            raise ScriptFault("0021")
        self.switch_off(now_s)
        self._set_mode(mode)
        self.switched_off = mode == 0

    def switch_on(self, now_s: float) -> None:
        """Close the cell switch at the set potential or current."""
        if self.mode == 0:
            raise ScriptFault("0023")
        if self.mode == GALVANOSTAT_MODE:
            self._galvanostat(now_s)
        else:
            self._potentiostat(now_s)

    def switch_off(self, now_s: float) -> None:
        """Open the cell switch: high impedance."""
        self.electronics.off(now_s)

    def set_potential(self, potential_V: float, now_s: float) -> None:
        """WE against RE, at once if the cell is on.

        Before the first mode is chosen it is taken, and forgotten when one is (`example_CA.mscr`
        of the manufacturer begins so).
        """
        if self.mode == 0 and not self.switched_off:
            return
        self.require_potentiostat()
        self.check_potential(potential_V)
        same = potential_V == self.set_V
        self.set_V = potential_V
        if self.cell_on and not same:
            self._potentiostat(now_s)

    def set_current(self, current_A: float, now_s: float) -> None:
        """Anodic positive, at once if the cell is on."""
        self.require_galvanostat()
        self.check_current(current_A)
        same = current_A == self.set_A and self.applied.choose(current_A)[0] == self._size_A
        self.set_A = current_A
        if self.cell_on and not same:
            self._galvanostat(now_s)

    def check_potential(self, potential_V: float) -> None:
        """Raises `ScriptFault` outside the limits of the mode."""
        lowest_V, highest_V = self.model.potential_limits_V[self.mode]
        if not lowest_V - 1e-9 <= potential_V <= highest_V + 1e-9:
            raise ScriptFault("4205")

    def check_current(self, current_A: float) -> None:
        """Raises `ScriptFault` beyond the instrument or the range of the applied current."""
        size_A = self.applied.by_size[self.applied.high][0]
        most_A = min(self.model.current_max_A, size_A * REACH)
        if not abs(current_A) <= most_A * (1 + 1e-9):
            raise ScriptFault("4205")

    def require_potentiostat(self) -> None:
        """Raises `ScriptFault` in another mode."""
        if self.mode in (0, GALVANOSTAT_MODE):
            raise ScriptFault("0023")

    def require_galvanostat(self) -> None:
        """Raises `ScriptFault` in another mode."""
        if self.mode != GALVANOSTAT_MODE:
            raise ScriptFault("0023")

    def require_control(self, *, galvanostat: bool) -> None:
        """Raises `ScriptFault` unless the cell is on in the mode of a measurement."""
        if galvanostat:
            self.require_galvanostat()
        else:
            self.require_potentiostat()
        if not self.cell_on:
            raise ScriptFault("4027")

    def set_range(self, kind: str, lowest: float, highest: float | None = None) -> None:
        """Fix a quantity on the range that holds a value, or let it vary between two."""
        if kind in ("da", "bb"):
            return  # one DAC covers the potentials of every model; WE2 is connected to nothing
        ranges = {"ba": self.measured, "db": self.applied, "ab": self.potential}.get(kind)
        if ranges is None:
            raise ScriptFault("0084")
        if not ranges.by_size:
            return
        ranges.limit(lowest, lowest if highest is None else highest)

    def measure(
        self, kinds: tuple[str, ...], now_s: float, aperture_s: float
    ) -> list[PackageValue]:
        """Quantities of the types asked for, measured together."""
        electronics = self.electronics
        electronics.advance(now_s)
        if self.mode != GALVANOSTAT_MODE and self._overloaded():
            raise ScriptFault("0032")
        ranges = self.applied if self.mode == GALVANOSTAT_MODE else self.measured
        # By what is to be read: in a stair, the mean is larger than the current at its end.
        size_A, index = ranges.choose(electronics.mean_current_A(aperture_s))
        if size_A != self._size_A:
            electronics.fix_current_range(size_A)
            self._size_A = size_A
        current_A, cell_V, potential_V, *_, current_over, _ = electronics.measure(now_s, aperture_s)
        found = []
        for kind in kinds:
            if kind in ELSEWHERE:
                found.append(PackageValue(ELSEWHERE[kind], 0, None))
            elif kind == "ba":
                status = self._current_status(abs(current_A) / size_A, current_over, size_A)
                found.append(PackageValue(current_A, status, index))
            else:
                volts = potential_V if kind == "ab" else cell_V
                found.append(self._voltage(volts))
        return found

    def sine(
        self,
        frequency_Hz: float,
        amplitude_rms: float,
        now_s: float,
        sampling_s: float,
        *,
        galvanostat: bool = False,
    ) -> tuple[SineResponse, int, int]:
        """What the cell answers to a sine (V or A) that is sampled for a time; status and range."""
        response = self.electronics.impedance(
            frequency_Hz, math.sqrt(2.0) * amplitude_rms, now_s, averaging_s=sampling_s
        )
        ranges = self.applied if galvanostat else self.measured
        _, index = ranges.choose(abs(response.mean_current_A) + abs(response.current_A))
        return response, OVERLOAD if response.distortion > DISTORTED else 0, index

    def _overloaded(self) -> bool:
        """Whether a potentiostat is at the limit of its current.

        The manufacturer does not say when error 0032 is reported; this is an engineering guess.
        """
        electronics = self.electronics
        limit_A = 0.999 * self.model.current_max_A
        return electronics.in_compliance and abs(electronics.state.current_A) >= limit_A

    def _voltage(self, voltage_V: float) -> PackageValue:
        if not self.potential.by_size:
            over = abs(voltage_V) >= 0.99 * self.model.compliance_V
            return PackageValue(voltage_V, OVERLOAD if over else 0, None)
        gain, index = self.potential.choose(voltage_V)
        over = abs(voltage_V) >= 0.99 * gain * self._reach_V
        return PackageValue(voltage_V, OVERLOAD if over else 0, index)

    def _current_status(self, share: float, over: bool, size_A: float) -> int:
        model = self.model
        if over or share > model.overload:
            return OVERLOAD
        if share > model.overload_warning:
            return OVERLOAD_WARNING
        if share < model.underload and size_A > self.measured.by_size[0][0]:
            return UNDERLOAD
        return 0

    def _set_mode(self, mode: int) -> None:
        model = self.model
        self.mode = mode
        self.set_V = self.set_A = 0.0
        self.measured = _Ranges(model.ranges_A(mode), model.headroom)
        self.applied = _Ranges(model.ranges_A(mode), model.headroom)
        self.potential = _Ranges(model.potential_ranges_V, model.headroom)
        self._size_A = None
        self.electronics.fix_current_range(None)

    def _galvanostat(self, now_s: float) -> None:
        size_A, _ = self.applied.choose(self.set_A)
        self.electronics.fix_current_range(size_A)
        self._size_A = size_A
        self.electronics.galvanostat(self.set_A, self.model.compliance_V, now_s)

    def _potentiostat(self, now_s: float) -> None:
        self.electronics.potentiostat(self.set_V, self.model.current_max_A, now_s)
