"""What the parts of a simulated bench promise each other.

`CellModel` is the physics, `Emulator` the instrument's face on the wire. Between them stands
`faradaic.simulators.electronics`, which every emulator uses, so that compliance, ranges, noise and
flags behave alike behind different command languages.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, NamedTuple, Protocol


class Control(Enum):
    """What is imposed on the cell during a time step."""

    OPEN_CIRCUIT = "open_circuit"
    CURRENT = "current"
    CELL_VOLTAGE = "cell_voltage"
    POTENTIAL = "potential"


class CellState(NamedTuple):
    """A cell at the end of a time step; signs IUPAC, working electrode on the anode's lead.

    `cell_voltage_V` is E(working) - E(counter) with all ohmic drops; `potential_V` is the working
    electrode against the reference electrode with the uncompensated drop, as a meter reads it.
    """

    current_A: float
    cell_voltage_V: float
    potential_V: float


class CellModel(Protocol):
    """Physics of one cell. Deterministic: noise belongs to the electronics."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` (> 0) with a current (A), cell voltage (V) or potential (V) imposed.

        `value` is ignored at open circuit.
        """
        ...

    def checkpoint(self) -> Any:
        """The whole state as an immutable value, cheap enough to take before every step."""
        ...

    def restore(self, state: Any) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        ...


class Emulator(Protocol):
    """An instrument's face on the wire: bytes in, bytes out, on a clock that others move.

    Times are monotonic seconds and never decrease from call to call. An emulator does nothing
    between calls: what happened meanwhile is computed when it is next called.
    """

    model: str

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a message is allowed."""
        ...

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left the instrument since the last call, up to `now_s`."""
        ...

    def next_event_s(self) -> float | None:
        """When there will next be something to transmit without further input; None if never."""
        ...


def require_step(dt_s: float, value: float = 0.0) -> None:
    """Raises `ValueError` for a time step, or a value to be imposed, that no cell can take."""
    if not 0.0 < dt_s < math.inf:
        raise ValueError(f"a time step must be positive and finite, not {dt_s}")
    if not -math.inf < value < math.inf:
        raise ValueError(f"the imposed value must be finite, not {value}")
