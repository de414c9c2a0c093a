"""What a protocol needs to know of a bench before it can become a plan.

Structural types only: the runner's bench and the drivers' capabilities fit them, and this room
needs to import neither.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


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
    def reference_electrode(self) -> bool: ...
    @property
    def interval_min_s(self) -> float: ...
    def current_range_A(self, current_A: float) -> float | None: ...


class BenchLimits(Protocol):
    """Ceilings that the bench file sets for the wiring and the cell; None where it sets none."""

    @property
    def current_A(self) -> float | None: ...
    @property
    def cell_voltage_V(self) -> float | None: ...
    @property
    def set_by(self) -> str: ...


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
    def devices(self) -> Collection[str]:
        """Kinds of further devices that answer `set` and `dose` steps: stirrer, thermostat, ..."""
        ...

    def others_with(self, mode: str) -> Collection[str]:
        """Names of the other benches there are whose source has a mode."""
        ...
