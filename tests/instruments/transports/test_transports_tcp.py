"""`tcp://`: lines, deadlines, draining and a lost peer, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.instruments.transports.tcp import TcpScheme, split_host


@pytest.fixture
def pair() -> Iterator[tuple[Transport, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        transport = TcpScheme(Setting()).open(f"127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        with peer:
            yield transport, peer
        transport.close()


def test_the_scheme_is_found_by_the_address_and_is_a_real_bench() -> None:
    scheme, rest = split_address("tcp://192.0.2.7:5025")
    found = SCHEMES.load(scheme)(Setting())
    assert not found.simulated
    assert split_host(rest) == ("192.0.2.7", 5025)
    assert split_host("[::1]:5025") == ("::1", 5025)


@pytest.mark.parametrize(
    "rest", ["host", "host:", ":5025", "host:0", "host:65536", "h:50²5", "h:x"]
)
def test_an_address_without_host_and_port_is_refused_with_an_example(rest: str) -> None:
    with pytest.raises(InputError, match=r"tcp://192\.0\.2\.7:5025"):
        split_host(rest)


def test_a_line_is_collected_from_pieces_and_the_rest_is_kept(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    transport.write(b"*IDN?\n")
    assert peer.recv(100) == b"*IDN?\n"
    for piece in (b"KEITH", b"LEY\r", b"\nne", b"xt\r\n"):
        peer.sendall(piece)
        time.sleep(0.01)
    assert transport.read_until(b"\r\n", 1.0) == b"KEITHLEY\r\n"
    assert transport.read_until(b"\r\n", 1.0) == b"next\r\n"


def test_a_deadline_holds_and_what_came_stays_buffered(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.sendall(b"1.23")
    with pytest.raises(TransportTimeout, match=r"only b'1\.23' came"):
        transport.read_until(b"\n", 0.2)
    threading.Timer(0.1, peer.sendall, [b"E-3\n"]).start()
    assert transport.read_until(b"\n", 60.0) == b"1.23E-3\n"


def test_a_dribble_does_not_move_the_deadline(pair: tuple[Transport, socket.socket]) -> None:
    transport, peer = pair
    done = threading.Event()

    def dribble() -> None:
        while not done.wait(0.05):
            peer.sendall(b"x")

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        with pytest.raises(TransportTimeout):
            transport.read_until(b"\n", 0.3)
    finally:
        done.set()
        thread.join()


def test_draining_returns_what_was_discarded_and_is_bounded(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.sendall(b"late answer\n")
    time.sleep(0.05)
    assert transport.drain(0.05) == b"late answer\n"
    done = threading.Event()

    def flood() -> None:
        while not done.is_set():
            peer.sendall(b"z" * 1000)
            time.sleep(0.005)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert transport.drain(0.1)
    finally:
        done.set()
        thread.join()


def test_a_peer_that_goes_away_is_an_error_and_not_a_silence(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.close()
    with pytest.raises(TransportClosed, match="output state is unknown"):
        transport.read_until(b"\n", 5.0)


def test_a_closed_transport_says_so_and_closes_twice(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, _ = pair
    transport.close()
    transport.close()
    with pytest.raises(TransportClosed, match="was closed"):
        transport.write(b"x")
    with pytest.raises(TransportClosed, match="was closed"):
        transport.read_until(b"\n", 1.0)


def test_nothing_listening_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportClosed, match="nothing listens on this port"):
        TcpScheme(Setting()).open(f"127.0.0.1:{port}")
