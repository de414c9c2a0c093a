"""`tcp://host:port`: a plain TCP socket, as instruments offer on their raw port."""

from __future__ import annotations

import socket

from faradaic.diagnostics import refusal
from faradaic.instruments.transports import Transport, TransportClosed
from faradaic.instruments.transports.addresses import RealScheme
from faradaic.instruments.transports.stream import StreamTransport

CONNECT_TIMEOUT_S = 5.0
SEND_TIMEOUT_S = 5.0


class TcpScheme(RealScheme):
    """Opens `tcp://` addresses."""

    def open(self, rest: str) -> Transport:
        """A connection to `host:port`; an IPv6 host stands in brackets, `[::1]:5025`.

        Raises `InputError` for a malformed address and `TransportClosed` when nothing answers.
        """
        return TcpTransport(*split_host(rest))


def split_host(rest: str) -> tuple[str, int]:
    """`host:port` as its parts. Raises `InputError`."""
    host, _, port = rest.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise refusal(
            "E503",
            f"`tcp://{rest}` does not name a host and a port from 1 to 65535",
            "write tcp://HOST:PORT, for example tcp://192.0.2.7:5025",
        )
    return host, int(port)


class TcpTransport(StreamTransport):
    """A TCP connection; see `faradaic.instruments.transports.Transport`."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"tcp://{host}:{port}" if ":" not in host else f"tcp://[{host}]:{port}")
        try:
            self._socket = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise TransportClosed.of(
                f"no connection to {self.address}: {error}", help=_advice(error), code="E502"
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(SEND_TIMEOUT_S)
        self._socket.sendall(data)

    def _receive(self, timeout_s: float) -> bytes:
        self._socket.settimeout(timeout_s)
        try:
            piece = self._socket.recv(65536)
        except TimeoutError:
            return b""
        if not piece:
            raise ConnectionResetError("closed by the other end")
        return piece

    def _release(self) -> None:
        self._socket.close()


def _advice(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "the host name is not known here; use the IP address shown on the instrument"
    if isinstance(error, ConnectionRefusedError):
        return (
            "the machine answers but nothing listens on this port: check the port number, and "
            "that no other program holds the instrument's only connection"
        )
    return "check the network cable, the IP address shown on the instrument and the firewall"
