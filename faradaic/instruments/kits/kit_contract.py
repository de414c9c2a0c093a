"""What somebody writes who brings a maker's library: one class, the kit.

A kit lives in a process of its own (`kit_child`), so that a library that hangs, prints, or dies
takes nothing with it. It is found by an entry point of the group `faradaic.kits`; its driver
(`kit_source.KitSource`) by one of `faradaic.drivers`. Its methods block, for a second or two at
most, and raise any exception to say that the library refused: its text is told.

Values are SI, with the IUPAC sign: an anodic current at the working electrode is positive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from faradaic.plugins import Plugins


class Kit(Protocol):
    """One instrument through its maker's library."""

    def identify(self) -> Mapping[str, str]:
        """`manufacturer`, `model`, `serial` and `firmware`, as the instrument says."""
        ...

    def hold(self, regulation: str, value: float, limit: float, largest: float) -> None:
        """Set what is to be held once the output goes on, and do not switch it on.

        `regulation`: `current` (A, within a voltage `limit`) or `voltage` (V across the cell,
        within a current `limit`). `largest`: of the values that follow, for choosing a range. A
        rest is a current of 0 A: what measures a cell with its output off does that then.
        """
        ...

    def change(self, value: float) -> None:
        """Another value of the same, the output on."""
        ...

    def on(self) -> None:
        """The output on."""
        ...

    def off(self) -> None:
        """The output off, whatever else is under way; twice does no harm."""
        ...

    def is_on(self) -> bool:
        """Whether the output is on, asked of the instrument and not remembered."""
        ...

    def measure(self) -> Mapping[str, Any]:
        """`current_A` and `cell_voltage_V` as measured now (None where they are not), `holds`:
        `current` or `voltage`, what the instrument regulates; `overload` beyond a range."""
        ...

    def errors(self) -> Sequence[str]:
        """What the instrument reports as wrong since it was last asked; each once."""
        ...

    def close(self) -> None:
        """Release the library; does not touch the output."""
        ...


METHODS = ("identify", "hold", "change", "on", "off", "is_on", "measure", "errors", "close")

KITS: Plugins[Callable[[str], Kit]] = Plugins(
    "faradaic.kits", "vendor kit", "E505", dict.fromkeys(("__call__", *METHODS), Callable)
)
"""Kits by name: classes that take what stands behind the name in an address."""
