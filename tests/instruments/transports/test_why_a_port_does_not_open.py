"""Each reason why a port does not open has its own words and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports import TransportClosed
from faradaic.instruments.transports.addresses import SCHEMES, Setting
from faradaic.instruments.transports.held import held_by

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
SOCKET = "TCPIP::127.0.0.1::1::SOCKET"


def refused(scheme: str, rest: str) -> tuple[str, str, str]:
    with pytest.raises((TransportClosed, InputError)) as told:
        SCHEMES.load(scheme)(Setting()).open(rest)
    (one,) = told.value.diagnostics
    return one.code, one.message, one.help


@pytest.mark.parametrize(
    ("resource", "code", "remedy"),
    [
        (f"{SOCKET}?backend=nowhere", "E507", "installed:"),
        (f"{SOCKET}?backend=/no/such/library.so", "E507", "NI-VISA"),
        (f"{SOCKET}?backed=py", "E503", "?backend=ivi"),
        (f"{SOCKET}?backend=py", "E502", "devices --scan"),
        ("GPIB0::5::INSTR", "E507", "pip install gpib-ctypes"),
    ],
)
def test_visa_says_what_is_missing(resource: str, code: str, remedy: str) -> None:
    if resource.startswith("GPIB"):
        try:
            import gpib  # noqa: F401
        except ImportError:
            pass
        else:
            pytest.skip("GPIB is installed here")
    told = refused("visa", resource)
    assert told[0] == code
    assert remedy in told[2]


def test_a_back_end_is_no_part_of_what_an_address_holds() -> None:
    assert held_by(f"visa://{SOCKET}?backend=ivi") == held_by(f"visa://{SOCKET}")


@LINUX
def test_a_port_that_is_held_names_the_program() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    code = f"import serial,time; p=serial.Serial({path!r},exclusive=True); print(1,flush=True)"
    code += "; time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            other.stdout.readline()
            told = refused("serial", path)
        finally:
            other.kill()
    os.close(master)
    os.close(slave)
    assert told[0] == "E502"
    assert f"(process {other.pid})" in told[1]


@LINUX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_forbidden_port_names_the_group() -> None:
    script = """
import os
import serial, serial.tools.list_ports, grp
import faradaic.instruments.transports.serial_port
from faradaic.instruments.transports.addresses import SCHEMES, Setting
from faradaic.diagnostics import FaradaicError
scheme = SCHEMES.load('serial')(Setting())
master, slave = os.openpty()
path = os.ttyname(slave)
os.chmod(path, 0o620)
os.chown(path, 0, grp.getgrnam('dialout').gr_gid)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    scheme.open(path)
except FaradaicError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parent,
    )
    assert "error[E509]" in done.stdout, done.stderr
    assert "usermod -aG dialout" in done.stdout
