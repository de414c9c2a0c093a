"""`serial://port?baud=…`: serial ports and USB ports that look like one, through pyserial.

The port is a device (`serial:///dev/ttyACM0`, `serial://COM3`) or a pyserial URL handler
(`serial://socket://127.0.0.1:5000`, `serial://rfc2217://…`). Prefer the names under
`/dev/serial/by-id/`, which stay the same when an instrument is plugged in again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import InputError, refusal
from faradaic.instruments.transports import Transport, TransportClosed
from faradaic.instruments.transports.addresses import RealScheme
from faradaic.instruments.transports.open_elsewhere import group_of, program_that_has
from faradaic.instruments.transports.stream import StreamTransport

if TYPE_CHECKING:
    import serial

DEFAULT_BAUD = 921_600
"""What MethodSCRIPT instruments use; a USB-CDC port ignores the number."""

POLL_S = 0.02
"""How long one read of the port waits; the deadline is kept above it, in slices of this."""

WRITE_TIMEOUT_S = 5.0

_HANDLERS = ("socket", "rfc2217", "hwgrep", "loop")
"""pyserial's URL handlers that an address may name; others of them write files."""


def _switch(text: str) -> bool:
    return {"0": False, "1": True}[text]


_OPTIONS: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "baud": ("baudrate", int, "a number such as 9600, 230400 or 921600"),
    "bits": ("bytesize", {"5": 5, "6": 6, "7": 7, "8": 8}.__getitem__, "5, 6, 7 or 8"),
    "parity": ("parity", {"N": "N", "E": "E", "O": "O"}.__getitem__, "N, E or O"),
    "stop": ("stopbits", {"1": 1, "1.5": 1.5, "2": 2}.__getitem__, "1, 1.5 or 2"),
    "rtscts": ("rtscts", _switch, "0 or 1"),
    "xonxoff": ("xonxoff", _switch, "0 or 1"),
}


@dataclass(frozen=True, slots=True)
class SerialPlace:
    """A parsed serial address: the port and pyserial's settings for it."""

    port: str
    settings: dict[str, Any]


def parse_place(rest: str) -> SerialPlace:
    """`port?option=value&…` as its parts; 8N1 without flow control unless it says otherwise.

    Raises `InputError` for an unknown option or value.
    """
    port, _, query = rest.partition("?")
    settings: dict[str, Any] = {"baudrate": DEFAULT_BAUD}
    for pair in query.split("&") if query else []:
        key, _, value = pair.partition("=")
        if not port or key not in _OPTIONS:
            raise _bad(rest, f"`{key}` is not an option", f"known: {', '.join(_OPTIONS)}")
        name, convert, allowed = _OPTIONS[key]
        try:
            settings[name] = convert(value)
        except (KeyError, ValueError):
            raise _bad(rest, f"`{key}` cannot be `{value}`", f"write {allowed}") from None
    if not port:
        raise _bad(rest, "no port is named", "write serial:///dev/ttyACM0 or serial://COM3")
    handler, is_url, _ = port.partition("://")
    if is_url and handler not in _HANDLERS:
        raise _bad(rest, f"`{handler}://` is not used here", f"known: {', '.join(_HANDLERS)}")
    if settings["baudrate"] <= 0:
        raise _bad(rest, "`baud` must be positive", f"write {_OPTIONS['baud'][2]}")
    return SerialPlace(port, settings)


class SerialScheme(RealScheme):
    """Opens `serial://` addresses."""

    def open(self, rest: str) -> Transport:
        """An open port. Raises `InputError` or `TransportClosed`."""
        return SerialTransport(parse_place(rest))


class SerialTransport(StreamTransport):
    """An open serial port; see `faradaic.instruments.transports.Transport`."""

    def __init__(self, place: SerialPlace) -> None:
        super().__init__(f"serial://{place.port}")
        self._port = _open(place)

    def _send(self, data: bytes) -> None:
        self._port.write(data)

    def _receive(self, timeout_s: float) -> bytes:
        # One byte, or all that wait: returns as soon as something is there.
        return self._port.read(max(1, self._port.in_waiting))

    def _release(self) -> None:
        self._port.close()


def _open(place: SerialPlace) -> serial.Serial:
    import serial

    settings = {**place.settings, "timeout": POLL_S, "write_timeout": WRITE_TIMEOUT_S}
    if "://" not in place.port:
        settings["exclusive"] = True
    try:
        return serial.serial_for_url(place.port, **settings)
    except (OSError, ValueError) as error:  # SerialException is an OSError
        raise _refused(place.port, error) from error


def _refused(port: str, error: Exception) -> TransportClosed:
    """Why a port cannot be opened, and what to do: held (E502), forbidden (E509), not there."""
    number, text = getattr(error, "errno", None), str(error)
    who = program_that_has(port) if "://" not in port else ""
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return TransportClosed.of(
            f"{port} is held by {who or 'another program'}",
            help="close it (a terminal, a program of the maker, another run), then try again",
            code="E502",
        )
    if number == errno.EACCES or "PermissionError" in text:
        if os.name == "nt":  # there a port that is held is said to be forbidden
            remedy = "another program holds it: close a terminal, or a program of the maker"
        else:
            group = group_of(port)
            remedy = (
                f"join the group that may: `sudo usermod -aG {group} $USER`, then log out and in"
                if group not in ("", "root")
                else "its device belongs to root alone: a udev rule gives it to the group `dialout`"
                ' (`SUBSYSTEM=="tty", GROUP="dialout", MODE="0660"`), then join that'
            )
        return TransportClosed.of(f"you may not use {port}: {text}", help=remedy, code="E509")
    if "://" in port:
        remedy = "check what stands after serial:// and that the other end is running"
    else:
        found = ", ".join(f"{name} ({what})" for name, what in serial_ports())
        remedy = f"is it plugged in? ports found: {found or 'none'}"
    return TransportClosed.of(f"cannot open {port}: {error}", help=remedy, code="E502")


def serial_ports() -> list[tuple[str, str]]:
    """The serial ports of this machine as (device, description), sorted."""
    from serial.tools import list_ports

    return sorted((port.device, port.description) for port in list_ports.comports())


def _bad(rest: str, what: str, remedy: str) -> InputError:
    return refusal("E503", f"serial://{rest}: {what}", remedy)
