"""What is connected to this machine, who has it, and who answers there.

`scan` writes nothing: it asks the system for serial ports and USB instruments, and looks into the
bench files that this user keeps. `probe` asks one address who it is, unless somebody has it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from faradaic.diagnostics import DeviceError, Diagnostic, InputError
from faradaic.instruments.identification import Found, identify, rows
from faradaic.instruments.transports import Transport
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.instruments.transports.held import held_by
from faradaic.instruments.transports.open_elsewhere import program_that_has
from faradaic.runner.bench_file import load_bench, user_benches
from faradaic.runner.bench_lock import BenchLock, holders

USB_DEVICES = Path("/sys/bus/usb/devices")
TEST_AND_MEASUREMENT = ("fe", "03")
"""Class and subclass of a USB interface that speaks USBTMC."""


@dataclass(frozen=True, slots=True)
class Port:
    """One place where an instrument may be."""

    address: str
    description: str = ""
    """As the system or a bench file calls it."""
    vid: int | None = None
    pid: int | None = None
    serial: str = ""
    name: str = ""
    """What has these numbers, as far as the table knows: a hint."""
    asks_first: tuple[str, ...] = ()
    held: str = ""
    """Who has it: a run, or another program; empty where nobody is known to."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one address answered."""

    address: str
    found: Found | None
    trouble: tuple[Diagnostic, ...] = ()
    heard: str = ""
    """What came that nobody understood."""


def scan(more: Iterable[str] = ()) -> list[Port]:
    """Ports and USB instruments that the system knows, addresses of this user's benches, and
    `more` addresses; each once. Raises `InputError` for an address that is none."""
    found: dict[str, Port] = {}
    for port in (*_serial_ports(), *usb_instruments(), *_of_benches(), *map(_stated, more)):
        held = held_by(port.address)
        if held not in found:
            found[held] = port
        elif port.description not in found[held].description:
            both = f"{found[held].description}; {port.description}"
            found[held] = replace(found[held], description=both)
    runs = {holder.held: holder.words for holder in holders()}
    return [
        replace(port, held=runs.get(held) or _program_that_has(port.address))
        for held, port in found.items()
    ]


def probe(port: Port) -> Probed:
    """Ask who is there, holding the lock of the port meanwhile; where it is held, say by whom."""
    if port.held:
        told = Diagnostic(
            "E522",
            f"{port.address} is held by {port.held}; nothing was asked",
            help="end that program, or ask it; a run says who answers with `faradaic runs --live`",
        )
        return Probed(port.address, None, (told,))
    scheme, rest = split_address(port.address)
    settings = scheme == "serial" and "://" not in rest
    opener = SCHEMES.load(scheme)(Setting())

    def open_with(serial: str) -> Transport:
        return opener.open(f"{rest}?{serial}" if serial and "?" not in rest else rest)

    try:
        with BenchLock(port.address, bench="devices --probe", driver=""):
            found, heard = identify(
                open_with,
                settings=settings,
                first=port.asks_first,
                messages=scheme == "visa" and rest.upper().partition("?")[0].endswith("INSTR"),
            )
    except (DeviceError, InputError) as error:
        return Probed(port.address, None, error.diagnostics)
    words = "" if found is not None else ascii(heard.decode("latin-1"))[1:-1]
    return Probed(port.address, found, (), words)


def _stated(address: str) -> Port:
    if SCHEMES.load(split_address(address)[0]).simulated:
        raise InputError.of(
            f"{address} is no place on this machine: it exists in a rehearsal only",
            help="`faradaic emulate MODEL --pty` makes one that can be asked",
            code="E503",
        )
    return Port(address, "as stated")


def _serial_ports() -> Iterator[Port]:
    from serial.tools.list_ports import comports

    for port in comports():
        if port.vid is None and port.device.startswith("/dev/ttyS"):
            continue  # the board's own, which exist with nothing behind them
        name, first = usb_name(port.vid, port.pid)
        yield Port(
            f"serial://{port.device}",
            port.description or "",
            port.vid,
            port.pid,
            port.serial_number or "",
            name,
            first,
        )


def usb_instruments(devices: Path = USB_DEVICES) -> list[Port]:
    """USB instruments (USBTMC) as Linux lists them; nothing is asked of them.

    Elsewhere those that pyvisa-py lists, where pyusb is installed.
    """
    if not devices.is_dir():
        return [] if sys.platform.startswith("linux") else _usb_resources()
    found = []
    for interface in sorted(devices.glob("*:*")):
        kind = tuple(_line(interface / f"bInterface{what}") for what in ("Class", "SubClass"))
        if kind != TEST_AND_MEASUREMENT:
            continue
        device = interface.parent / interface.name.partition(":")[0]
        vid, pid = (int(_line(device / f"id{what}") or "0", 16) for what in ("Vendor", "Product"))
        serial = _line(device / "serial")
        name, first = usb_name(vid, pid)
        found.append(
            Port(
                f"visa://USB0::0x{vid:04X}::0x{pid:04X}::{serial}::INSTR",
                " ".join(filter(None, map(_line, (device / "manufacturer", device / "product")))),
                vid,
                pid,
                serial,
                name,
                first,
            )
        )
    return found


def _usb_resources() -> list[Port]:
    with suppress(Exception):  # no pyusb, no libusb: then there are none to be listed
        from pyvisa_py.usb import USBInstrSession

        return [
            Port(f"visa://{name}", "USB instrument") for name in USBInstrSession.list_resources()
        ]
    return []


def _of_benches() -> Iterator[Port]:
    """Where this user's benches say that instruments are, real ones."""
    for name in user_benches():
        with suppress(InputError):
            bench = load_bench(name)
            if bench.simulated:
                continue
            places = {"source": bench.address}
            places |= {device: one.spec.address for device, one in bench.devices.items()}
            for what, address in places.items():
                yield Port(address, f"{what} of bench {name}")


def usb_name(vid: int | None, pid: int | None) -> tuple[str, tuple[str, ...]]:
    """What has these numbers, and the families to ask first; nothing where it is not known."""
    if vid is None or pid is None:
        return "", ()
    return _usb_names().get((vid, pid), ("", ()))


@cache
def _usb_names() -> dict[tuple[int, int], tuple[str, tuple[str, ...]]]:
    return {
        (int(row["vid"], 16), int(row["pid"], 16)): (row["name"], tuple(row["asks"].split()))
        for row in rows("usb_names.csv")
    }


def _program_that_has(address: str) -> str:
    """Which other program has the serial device of an address open."""
    held = held_by(address)
    return program_that_has(held.removeprefix("serial://")) if held.startswith("serial:///") else ""


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
