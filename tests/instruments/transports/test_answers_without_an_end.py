"""Answers that end by their length or by silence, over real sockets and through VISA."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from faradaic.instruments.transports import Transport, TransportTimeout
from faradaic.instruments.transports.addresses import Setting
from faradaic.instruments.transports.tcp import TcpScheme
from faradaic.instruments.transports.visa import VisaScheme


@pytest.fixture(params=["tcp", "visa"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Transport, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if request.param == "tcp":
            transport: Transport = TcpScheme(Setting()).open(f"127.0.0.1:{port}")
        else:
            transport = VisaScheme(Setting()).open(f"TCPIP::127.0.0.1::{port}::SOCKET")
        peer, _ = server.accept()
        with peer:
            yield transport, peer
        transport.close()


def test_so_many_bytes_are_read_whatever_they_are_and_the_rest_is_kept(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.sendall(b"\x00\n\x11\xff12")
    assert transport.read_exactly(4, 1.0) == b"\x00\n\x11\xff"
    threading.Timer(0.05, peer.sendall, [b".50\n"]).start()
    assert transport.read_exactly(5, 5.0) == b"12.50"
    assert transport.read_until(b"\n", 1.0) == b"\n"


def test_too_few_bytes_are_none_and_stay_buffered(pair: tuple[Transport, socket.socket]) -> None:
    transport, peer = pair
    peer.sendall(b"12.")
    with pytest.raises(TransportTimeout, match=r"only b'12\.' came"):
        transport.read_exactly(5, 0.1)
    peer.sendall(b"50")
    assert transport.read_exactly(5, 1.0) == b"12.50"


def test_an_answer_ends_when_nothing_more_comes(pair: tuple[Transport, socket.socket]) -> None:
    transport, peer = pair
    for at, piece in enumerate((b"KORAD", b"KA3005P\n", b"V2.0")):
        threading.Timer(0.05 * (at + 1), peer.sendall, [piece]).start()
    assert transport.read_until_quiet(0.3, 5.0) == b"KORADKA3005P\nV2.0"


def test_silence_is_no_answer_and_neither_is_what_does_not_end(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    with pytest.raises(TransportTimeout, match="nothing came"):
        transport.read_until_quiet(0.05, 0.1)
    over = threading.Event()

    def dribble() -> None:
        while not over.is_set():
            peer.sendall(b".")
            time.sleep(0.01)

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        begun_s = time.monotonic()
        with pytest.raises(TransportTimeout):
            transport.read_until_quiet(0.2, 0.3)
        assert time.monotonic() - begun_s < 2.0
    finally:
        over.set()
        thread.join()
