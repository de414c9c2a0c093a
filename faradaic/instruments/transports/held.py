"""What an address holds: one name for one port, however its address is written.

`serial:///dev/serial/by-id/…` and `serial:///dev/ttyACM0?baud=9600` are one device,
`tcp://192.0.2.7:5025`, `serial://socket://192.0.2.7:5025` and `visa://TCPIP::192.0.2.7::5025::SOCKET`
one socket. One instrument at two of its own connections (USB and LAN) has two names: that they
lead to one is known only to whoever asks the instrument.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from pathlib import Path

from faradaic.diagnostics import InputError
from faradaic.instruments.transports.addresses import split_address
from faradaic.instruments.transports.serial_port import parse_place
from faradaic.instruments.transports.tcp import split_host

_RAW_SOCKET = re.compile(r"TCPIP\d*::(?P<host>.+)::(?P<port>\d+)::SOCKET", re.IGNORECASE)
_SERIAL = re.compile(r"ASRL(?P<port>.+?)(?:::INSTR)?", re.IGNORECASE)


def held_by(address: str) -> str:
    """The name of what an address holds. Raises `InputError` for what is no address."""
    scheme, rest = split_address(address)
    match scheme:
        case "tcp":
            return _socket(*split_host(rest))
        case "serial":
            return _serial(parse_place(rest).port)
        case "visa":
            return _visa(rest)
    return address


def _serial(port: str) -> str:
    handler, is_url, rest = port.partition("://")
    if is_url:
        if handler == "socket":
            try:
                return _socket(*split_host(rest.rstrip("/")))
            except InputError:
                return f"serial://{port}"
        if handler != "hwgrep":
            return f"serial://{port}"
        from serial.tools import list_ports

        found = next(iter(list_ports.grep(rest.partition("&")[0])), None)
        if found is None:
            return f"serial://{port}"
        port = found.device
    if os.name == "nt":
        return f"serial://{port.removeprefix(chr(92) * 2 + '.' + chr(92)).upper()}"
    return f"serial://{Path(port).resolve()}"


def _socket(host: str, port: int) -> str:
    """The socket by the address of its host, the IPv4 one where it has both."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return f"tcp://{host.lower()}:{port}"  # a name that nobody knows now leads nowhere
    addresses = sorted((family is not socket.AF_INET, str(at[0])) for family, _, _, _, at in found)
    return f"tcp://{addresses[0][1]}:{port}"


def _visa(resource: str) -> str:
    resource = resource.partition("?")[0]  # whichever back end
    if raw := _RAW_SOCKET.fullmatch(resource):
        return _socket(raw["host"], int(raw["port"]))
    if serial := _SERIAL.fullmatch(resource):
        port = serial["port"]
        return _serial(f"COM{port}" if port.isdigit() and os.name == "nt" else port)
    from pyvisa.rname import InvalidResourceName, to_canonical_name

    with contextlib.suppress(InvalidResourceName):  # who opens it says what is wrong with it
        resource = to_canonical_name(resource)
    return f"visa://{resource.upper()}"
