"""What a protocol needs to know of a bench before it can become a plan.

Structural types only: the runner's bench and the drivers' capabilities fit them, and this room
needs to import neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol


class SineProfile(Protocol):
    """The sines of a source that measures impedances."""

    @property
    def lowest_Hz(self) -> float: ...
    @property
    def highest_Hz(self) -> float: ...
    @property
    def largest_V(self) -> float: ...
    def point_s(self, frequency_Hz: float) -> float: ...
    def duration_s(self, frequencies_Hz: Iterable[float]) -> float: ...


class SourceProfile(Protocol):
    """The abilities of the source on a bench; see `faradaic.instruments.capabilities`."""

    @property
    def manufacturer(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def modes(self) -> Collection[str]: ...
    @property
    def current_max_A(self) -> float: ...
    @property
    def compliance_V(self) -> float: ...
    @property
    def compliance_min_V(self) -> float: ...
    @property
    def current_resolution(self) -> float: ...
    @property
    def current_accuracy(self) -> float: ...
    @property
    def bipolar(self) -> bool: ...
    @property
    def dead_time_s(self) -> float:
        """How long no current flows when a relay reverses its polarity; 0 where none does."""
        ...

    @property
    def reference_electrode(self) -> bool: ...
    @property
    def interval_min_s(self) -> float: ...
    @property
    def stair_min_s(self) -> float: ...
    @property
    def level_min_s(self) -> float: ...
    @property
    def opens_between_voltages(self) -> bool: ...
    @property
    def half_wave_min_s(self) -> float: ...
    @property
    def interrupt_min_s(self) -> float: ...
    @property
    def sines(self) -> SineProfile | None: ...
    def current_range_A(self, current_A: float) -> float | None: ...


class BenchLimits(Protocol):
    """Ceilings that the bench file sets for the wiring and the cell; None where it sets none."""

    @property
    def current_A(self) -> float | None: ...
    @property
    def cell_voltage_V(self) -> float | None: ...
    @property
    def set_by(self) -> str: ...


class AbilityProfile(Protocol):
    """What a device can do of one of its traits; see `faradaic.instruments.auxiliary_traits`."""

    @property
    def trait(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def least(self) -> float: ...
    @property
    def most(self) -> float: ...
    @property
    def resolution(self) -> float: ...
    @property
    def reports(self) -> bool: ...


class DeviceProfile(Protocol):
    """One device around the cell."""

    @property
    def model(self) -> str: ...
    @property
    def abilities(self) -> Sequence[AbilityProfile]: ...
    @property
    def gas(self) -> str | None:
        """The species that a flow controller is for, where the bench file says."""
        ...

    @property
    def period_s(self) -> float:
        """How often it is read."""
        ...


class BenchProfile(Protocol):
    """One bench, as `compile_protocol` sees it."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def source(self) -> SourceProfile: ...
    @property
    def limits(self) -> BenchLimits: ...
    @property
    def devices(self) -> Mapping[str, DeviceProfile]:
        """The devices around the cell, by name."""
        ...

    @property
    def interlocks(self) -> Sequence[Any]:
        """What the bench file itself demands (`faradaic.protocols.plan.Interlock`)."""
        ...

    def others_with(
        self,
        *modes: str,
        level_s: float | None = None,
        current_A: float = 0.0,
        bears_gap: bool | None = None,
    ) -> Collection[str]:
        """Names of the other benches there are whose source has these modes, holds a level that is
        as short (behind a bridge after its dead time), and gives as much current. What reverses
        says whether it bears the gap of a bridge."""
        ...
