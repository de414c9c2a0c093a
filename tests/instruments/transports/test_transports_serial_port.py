"""`serial://`: options, lines and unplugging, over real pseudo-terminals."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.instruments.transports.addresses import Setting
from faradaic.instruments.transports.serial_port import SerialScheme, parse_place

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")


@pytest.fixture
def pair() -> Iterator[tuple[Transport, int]]:
    import pty
    import tty

    master, slave = pty.openpty()
    tty.setraw(slave)
    transport = SerialScheme(Setting()).open(f"{os.ttyname(slave)}?baud=230400")
    yield transport, master
    transport.close()
    for descriptor in (slave, master):
        try:
            os.close(descriptor)
        except OSError:
            continue  # the test has closed it


def test_options_become_the_settings_of_the_port() -> None:
    place = parse_place("/dev/ttyUSB0?baud=9600&bits=7&parity=E&stop=1&rtscts=0&xonxoff=1")
    assert place.port == "/dev/ttyUSB0"
    assert place.settings == {
        "baudrate": 9600,
        "bytesize": 7,
        "parity": "E",
        "stopbits": 1,
        "rtscts": False,
        "xonxoff": True,
    }
    assert parse_place("COM3").settings == {"baudrate": 921_600}


@pytest.mark.parametrize(
    ("rest", "remedy"),
    [
        ("/dev/ttyACM0?speed=9600", "known: baud"),
        ("/dev/ttyACM0?baud=fast", "write a number"),
        ("/dev/ttyACM0?baud=0", "write a number"),
        ("/dev/ttyACM0?parity=M", "write N, E or O"),
        ("/dev/ttyACM0?rtscts=yes", "write 0 or 1"),
        ("?baud=9600", "known: baud|serial://COM3"),
        ("spy:///dev/ttyACM0", "known: socket"),
    ],
)
def test_a_wrong_option_is_refused_with_what_to_write(rest: str, remedy: str) -> None:
    with pytest.raises(InputError, match=remedy):
        parse_place(rest)


@posix
def test_lines_go_both_ways_and_come_together_from_pieces(pair: tuple[Transport, int]) -> None:
    transport, master = pair
    transport.write(b"t\n")
    assert os.read(master, 10) == b"t\n"
    os.write(master, b"tes4_lr1500#\nR")
    assert transport.read_until(b"\n", 1.0) == b"tes4_lr1500#\n"
    os.write(master, b"*\n")
    assert transport.read_until(b"*\n", 1.0) == b"R*\n"


@posix
def test_a_silent_port_times_out_and_keeps_what_came(pair: tuple[Transport, int]) -> None:
    transport, master = pair
    os.write(master, b"Pda7F")
    with pytest.raises(TransportTimeout):
        transport.read_until(b"\n", 0.2)
    os.write(master, b"85F3Fu\n")
    assert transport.read_until(b"\n", 1.0) == b"Pda7F85F3Fu\n"


@posix
def test_draining_ends_after_silence(pair: tuple[Transport, int]) -> None:
    transport, master = pair
    os.write(master, b"stale\n")
    assert transport.drain(0.05) == b"stale\n"
    with pytest.raises(TransportTimeout):
        transport.read_until(b"\n", 0.05)


@posix
def test_an_unplugged_port_is_an_error_on_reading_and_on_writing(
    pair: tuple[Transport, int],
) -> None:
    transport, master = pair
    os.close(master)
    with pytest.raises(TransportClosed, match="output state is unknown"):
        transport.read_until(b"\n", 5.0)
    with pytest.raises(TransportClosed):
        transport.write(b"t\n")
    with pytest.raises(TransportClosed):
        transport.drain(0.05)
    transport.close()


@posix
def test_a_port_in_use_is_told_from_one_that_is_not_there(pair: tuple[Transport, int]) -> None:
    transport, _ = pair
    with pytest.raises(TransportClosed, match="is held by another program"):
        SerialScheme(Setting()).open(transport.address.removeprefix("serial://"))
    with pytest.raises(TransportClosed, match="is it plugged in"):
        SerialScheme(Setting()).open("/dev/ttyNONE7")


def test_url_handlers_of_pyserial_work_as_ports() -> None:
    transport = SerialScheme(Setting()).open("loop://")
    transport.write(b"echo\n")
    assert transport.read_until(b"\n", 1.0) == b"echo\n"
    transport.close()
