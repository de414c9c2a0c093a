"""The instrument models, from the table `devices.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

HIGH_SPEED_MODE, GALVANOSTAT_MODE = 3, 6


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """One model: limits (magnitudes, SI), ranges by metadata index, status-bit thresholds."""

    name: str
    ids: tuple[str, ...]
    """What the answer to `t` begins with."""
    firmware: str
    """What the simulated unit answers to `t`."""
    serial: str
    """The serial number of the simulated unit."""
    galvanostat: bool
    compliance_V: float
    current_max_A: float
    accuracy: float
    resolution_bits: int
    pgstat_mode: int
    """The potentiostat mode with the widest potential range."""
    headroom: float
    overload: float
    overload_warning: float
    underload: float
    current_ranges_A: Mapping[int, float]
    potential_ranges_V: Mapping[int, float]
    """Nominal gains; the widest reaches `compliance_V`."""
    potential_limits_V: Mapping[int, tuple[float, float]]
    """Mode -> lowest and highest potential. A mode that is absent is not supported."""
    eis_Hz: tuple[float, float]
    """Lowest and highest frequency of an impedance."""
    eis_amplitude_V: float
    """Of its sine at most, root mean square."""
    channels: int = 1
    multi: bool = False
    """Whether it is one channel of several in a housing, each on a port of its own."""
    galvanostat_ranges_A: Mapping[int, float] = field(default_factory=dict)
    high_speed_ranges_A: Mapping[int, float] = field(default_factory=dict)
    """Used instead of `current_ranges_A` in mode 3, where the model has them."""

    @property
    def resolution(self) -> float:
        """Set-point step as a fraction of the range."""
        return 2.0 ** (1 - self.resolution_bits)

    def ranges_A(self, mode: int) -> Mapping[int, float]:
        """The current ranges of a potentiostat mode."""
        if mode == 3 and self.high_speed_ranges_A:
            return self.high_speed_ranges_A
        if mode == GALVANOSTAT_MODE and self.galvanostat_ranges_A:
            return self.galvanostat_ranges_A
        return self.current_ranges_A

    def full_scales_A(self) -> tuple[float, ...]:
        """Nominal ranges in rising order, the widest as far as the instrument's current goes."""
        return (*sorted(self.current_ranges_A.values())[:-1], self.current_max_A)


@cache
def model(key: str) -> DeviceModel:
    """The model of a key of the table, such as `emstat4_lr`."""
    return TypeAdapter(DeviceModel).validate_python(_row(key))


@cache
def model_names() -> dict[str, str]:
    """Device id, as `t` answers it -> name of the model."""
    return {
        device: row["name"]
        for key, row in _table().items()
        if key != "sources"
        for device in row["ids"]
    }


def _row(key: str) -> dict[str, Any]:
    """A row, with what it takes from the one that it is `like`."""
    row: dict[str, Any] = dict(_table()[key])
    like = row.pop("like", None)
    return row if like is None else _row(like) | row


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("devices.toml").read_text(encoding="utf-8"))
