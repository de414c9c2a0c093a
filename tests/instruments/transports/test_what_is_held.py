"""One port has one name, however its address is written."""

import os
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports.held import held_by

SOCKET = "tcp://127.0.0.1:5025"


@pytest.mark.parametrize(
    "address",
    [
        SOCKET,
        "tcp://localhost:5025",
        "serial://socket://127.0.0.1:5025",
        "serial://socket://localhost:5025?baud=9600",
        "visa://TCPIP::127.0.0.1::5025::SOCKET",
        "visa://tcpip0::localhost::5025::socket",
    ],
)
def test_a_socket(address):
    assert held_by(address) == SOCKET


def test_other_sockets_are_others():
    others = ["tcp://127.0.0.1:5026", "tcp://127.0.0.2:5025", "tcp://[::1]:5025"]
    assert len({held_by(one) for one in (SOCKET, *others)}) == 4


@pytest.mark.skipif(os.name == "nt", reason="device files are those of POSIX")
def test_a_device_by_whatever_link_leads_to_it(tmp_path: Path):
    device = tmp_path / "ttyACM0"
    device.touch()
    by_id = tmp_path / "usb-PalmSens_EmStat4"
    by_id.symlink_to(device)
    names = [
        f"serial://{device}",
        f"serial://{by_id}?baud=9600",
        f"serial://{tmp_path}/./ttyACM0?baud=230400&rtscts=1",
        f"visa://ASRL{by_id}::INSTR",
    ]
    assert {held_by(one) for one in names} == {f"serial://{device}"}


def test_a_usb_instrument():
    names = ["USB0::0x05E6::0x2450::0123::INSTR", "usb::0x05e6::0x2450::0123"]
    assert len({held_by(f"visa://{one}") for one in names}) == 1
    other = held_by("visa://USB0::0x05E6::0x2450::0124::INSTR")
    assert other != held_by(f"visa://{names[0]}")


def test_what_is_no_address_is_said():
    with pytest.raises(InputError, match="E503"):
        held_by("hood 3")
