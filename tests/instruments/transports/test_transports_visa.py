"""`visa://`: a raw socket resource through pyvisa-py, against a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.instruments.transports.addresses import Setting
from faradaic.instruments.transports.visa import VisaScheme


@pytest.fixture
def pair() -> Iterator[tuple[Transport, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        transport = VisaScheme(Setting()).open(f"TCPIP::127.0.0.1::{port}::SOCKET")
        peer, _ = server.accept()
        with peer:
            yield transport, peer
        transport.close()


def test_lines_go_both_ways(pair: tuple[Transport, socket.socket]) -> None:
    transport, peer = pair
    transport.write(b"*IDN?\n")
    assert peer.recv(100) == b"*IDN?\n"
    peer.sendall(b"one\ntwo\n")
    assert transport.read_until(b"\n", 1.0) == b"one\n"
    assert transport.read_until(b"\n", 1.0) == b"two\n"


def test_the_terminator_is_the_one_that_is_asked_for(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.sendall(b"a\nb\r")
    assert transport.read_until(b"\r", 1.0) == b"a\nb\r"


def test_a_deadline_holds_and_what_came_stays_buffered(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.sendall(b"1.23")
    with pytest.raises(TransportTimeout):
        transport.read_until(b"\n", 0.3)
    threading.Timer(0.1, peer.sendall, [b"E-3\n"]).start()
    assert transport.read_until(b"\n", 60.0) == b"1.23E-3\n"


def test_draining_returns_what_was_discarded(pair: tuple[Transport, socket.socket]) -> None:
    transport, peer = pair
    peer.sendall(b"late\nand incomplete")
    time.sleep(0.05)
    assert transport.drain(0.1) == b"late\nand incomplete"


def test_a_peer_that_goes_away_is_an_error_and_not_a_silence(
    pair: tuple[Transport, socket.socket],
) -> None:
    transport, peer = pair
    peer.close()
    with pytest.raises(TransportClosed):
        transport.read_until(b"\n", 0.3)
    transport.close()
    with pytest.raises(TransportClosed, match="was closed"):
        transport.write(b"x")


def test_what_cannot_be_opened_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransportClosed, match="check that the instrument is on"):
        VisaScheme(Setting()).open(f"TCPIP::127.0.0.1::{port}::SOCKET")
    with pytest.raises(InputError, match="not a VISA resource name"):
        VisaScheme(Setting()).open("the blue box")
