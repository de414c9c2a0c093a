"""Traits: what a driver offers, as structural types.

A driver is any class with these methods; it need not inherit from anything. One verb runs
electrochemistry:

    end = yield from source.run(segment, clock)

Property docstrings of drivers begin with Control, Measure, Set or Get.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading
from faradaic.instruments.segments import Segment
from faradaic.instruments.transports import Transport
from faradaic.plugins import Plugins

ReadingStream = Generator[Reading, None, EndReason]
"""Readings as they come; the generator's return value says why they ended.

Closing the generator early must leave the instrument idle with its output off."""


class OutputFoundOn(DeviceError):
    """An output is on that nobody here has switched on: it is left as it is.

    Who knows that it may be turned off calls `output_off` and connects again.
    """

    default_code = "E528"

    @classmethod
    def found(cls, identity: Identity, evidence: str) -> OutputFoundOn:
        """The error for an instrument that has said who it is."""
        return cls.of(
            f"the output of the {identity.model} is on already ({evidence}), and nobody here has"
            " switched it on",
            help="if nothing needs it, turn it off at the instrument or with `faradaic off`, then"
            " try again",
            code="E528",
        )


@runtime_checkable
class Source(Protocol):
    """Something that drives current through a cell: galvanostat, potentiostat, supply."""

    @property
    def capabilities(self) -> Capabilities:
        """Get what the instrument can do with the options that the driver was made with."""
        ...

    def connect(self, clock: Clock) -> Identity:
        """Resynchronise the channel, identify what answers and leave its output off.

        Raises `DeviceError` if nothing answers, or something else than this driver's model does;
        `OutputFoundOn` where the output is on, and the driver leaves that to who connects.
        """
        ...

    def run(self, segment: Segment, clock: Clock) -> ReadingStream:
        """Run one segment and stream its readings.

        The first reading comes as soon as the set-point is on. The output is off when the
        stream ends, however it ends. Raises `DeviceError` when the instrument rejects the
        segment, reports an error, or stays silent.
        """
        ...

    def stop(self) -> None:
        """End the running segment at the next opportunity; its stream then ends as STOPPED."""
        ...

    def output_off(self, clock: Clock) -> OutputState:
        """Turn the output off and read it back; idempotent, and works after errors."""
        ...

    def close(self) -> None:
        """Release the port. Does not touch the output."""
        ...


@runtime_checkable
class TellsNotes(Protocol):
    """A source that has something to say for the journal."""

    def notes(self) -> tuple[str, ...]:
        """Sentences on what had to be repeated, and the like, since the last call; bounded."""
        ...


class SourceFactory(Protocol):
    """A driver class, what an entry point of the group names.

    One whose abilities depend on its options (a channel) has a class method `abilities(**options)`
    that gives its `Capabilities` with them; a `serial`, the settings of its port (`baud=9600`).
    """

    capabilities: ClassVar[Capabilities]

    def __call__(self, transport: Transport, **options: Any) -> Source:
        """A driver that talks over a transport; its keyword arguments are its options."""
        ...


def abilities_of(driver: SourceFactory, options: Mapping[str, Any]) -> Capabilities:
    """What a driver's instrument can do with these options."""
    abilities: Callable[..., Capabilities] | None = getattr(driver, "abilities", None)
    return driver.capabilities if abilities is None else abilities(**options)


DRIVERS: Plugins[SourceFactory] = Plugins(
    "faradaic.drivers",
    "driver",
    "E505",
    {"capabilities": Capabilities}
    | dict.fromkeys(("__call__", "connect", "run", "stop", "output_off", "close"), Callable),
)
