"""Transports: bytes to and from an instrument, whatever carries them.

A driver sees this small interface and never knows which transport it has. Addresses are URLs:
`serial:///dev/ttyACM0?baud=921600`, `visa://TCPIP::192.0.2.7::5025::SOCKET`,
`tcp://127.0.0.1:5025`, `emulated://keithley-2450`. The part before `://` is looked up among the
entry points of the group `faradaic.addresses`.
"""

from __future__ import annotations

from typing import Protocol

from faradaic.diagnostics import DeviceError


class LinkError(DeviceError):
    """The way to the instrument is at fault, as far as can be told: lines were lost, damaged or
    not understood, or the connection is gone. Who opens it again may find all well; other errors
    are the instrument's or the protocol's, and come again."""

    default_code = "E511"


class TransportTimeout(LinkError):
    """Nothing, or not enough, came within the time allowed; the channel is now suspect."""

    default_code = "E501"


class DamagedReply(LinkError):
    """An answer that is not of the form its question asks for: it is worth asking again."""

    default_code = "E517"


class TransportClosed(LinkError):
    """The connection is gone: unplugged, refused, or closed by the other end."""

    default_code = "E502"


class Transport(Protocol):
    """A byte channel to one instrument."""

    address: str

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `TransportClosed`."""
        ...

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """Bytes up to and including the terminator.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        ...

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """So many bytes, for answers without an end of their own.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        ...

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        """What comes until nothing more has come for `quiet_s`; one byte at least, 64 KiB at most.

        Raises `TransportTimeout` where none has come, or they do not stop coming, or
        `TransportClosed`.
        """
        ...

    def drain(self, quiet_s: float) -> bytes:
        """Discard and return what is buffered and what comes until `quiet_s` of silence.

        Bounded: gives up discarding after 64 KiB or ten times `quiet_s`.
        """
        ...

    def close(self) -> None:
        """Release the channel; idempotent."""
        ...
