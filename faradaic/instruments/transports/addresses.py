"""Addresses: from `scheme://rest` to an open transport.

Each scheme is an entry point of the group `faradaic.addresses` that names an `AddressScheme`
factory. A simulated instrument is an ordinary driver whose address has another scheme: the
simulators register `emulated` here, and nothing above has to know.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

from faradaic.diagnostics import Diagnostic, refusal
from faradaic.instruments.clock import Clock, WallClock
from faradaic.instruments.transports import Transport
from faradaic.plugins import Plugins

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription


@dataclass(frozen=True, slots=True)
class Setting:
    """What the devices of one run share: for a simulated bench, the world behind them."""

    cell: CellDescription | Mapping[str, Any] | None = field(default_factory=dict)
    """The cell, or the plain SI data of one, None for a bench without; not looked at on a real
    bench."""
    seed: int = 0
    speed: float | None = None
    """Virtual seconds per wall second; None runs as fast as the machine can."""
    faults: tuple[str | Mapping[str, Any], ...] = ()
    """What is to go wrong on a simulated bench (see `faradaic.simulators.faults`)."""
    limiting_amount_mol: float | None = None
    """Amount of the limiting component, to which a fault's F/mol refer."""
    around: Mapping[str, Any] | None = None
    """What devices around the cell find there (`faradaic.simulators.surroundings`); None where
    there are none."""
    bridge: tuple[str, ...] = ()
    """The contacts that reverse the leads of the cell, as `Surroundings.closed` names them; empty
    where nothing stands between the source and the cell."""


class AddressScheme(Protocol):
    """One scheme, opened for one run."""

    simulated: bool
    clock: Clock

    def open(self, rest: str) -> Transport:
        """A transport to what the part after `scheme://` names."""
        ...

    def aside(self) -> AddressScheme:
        """The same addresses for somebody who waits beside the others: on a wall clock the scheme
        itself, on a virtual one with a clock that runs ahead of theirs."""
        ...

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What a reader of the run should know of the bench, asked at its end."""
        ...


class AddressSchemeFactory(Protocol):
    """What an entry point of the group names."""

    simulated: bool
    """Known before anything is opened, so that a plan can say so.

    A scheme that knows what it leads to has a static method `check(rest)` as well, which raises
    `InputError` for what is not there: it is told where the address is written.
    """

    def __call__(self, setting: Setting) -> AddressScheme:
        """The scheme for one run."""
        ...


class RealScheme(ABC):
    """What the schemes of real instruments share: the wall clock."""

    simulated = False

    def __init__(self, setting: Setting) -> None:
        self.clock: Clock = WallClock()

    @abstractmethod
    def open(self, rest: str) -> Transport:
        """A transport to what the part after `scheme://` names."""

    def aside(self) -> Self:
        """Itself: everybody has a thread of his own."""
        return self

    def remarks(self) -> tuple[Diagnostic, ...]:
        """Nothing: what happened on a real bench is in the readings."""
        return ()


SCHEMES: Plugins[AddressSchemeFactory] = Plugins(
    "faradaic.addresses", "address scheme", "E504", {"simulated": bool, "__call__": Callable}
)


def split_address(address: str) -> tuple[str, str]:
    """`scheme://rest` as its two parts. Raises `InputError`."""
    scheme, mark, rest = address.partition("://")
    if not mark or not scheme or not rest:
        raise refusal(
            "E503",
            f"`{address}` is not an address",
            "write SCHEME://REST, for example serial:///dev/ttyACM0 or "
            "visa://TCPIP::192.0.2.7::5025::SOCKET",
        )
    return scheme, rest
