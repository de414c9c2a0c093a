"""`visa://RESOURCE`: USB (USBTMC), LAN (SOCKET, VXI-11, HiSLIP) and GPIB through pyvisa-py.

The resource is a VISA name: `visa://TCPIP::192.0.2.7::5025::SOCKET`,
`visa://USB0::0x05E6::0x2450::01234567::INSTR`. The back end is the pure-Python one, so that no
vendor library is needed and every bench behaves alike, unless `?backend=` names another that is
installed: `ivi` for the VISA library of this machine (NI, Keysight, R&S), or the path of one.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from faradaic.diagnostics import refusal
from faradaic.instruments.transports import Transport, TransportClosed
from faradaic.instruments.transports.addresses import RealScheme
from faradaic.instruments.transports.stream import StreamTransport

if TYPE_CHECKING:
    from pyvisa import ResourceManager
    from pyvisa.resources import MessageBasedResource

PURE_PYTHON = "py"
OPEN_TIMEOUT_MS = 5000
CHUNK_BYTES = 4096
NEEDS = {
    "PyUSB": "`pip install pyusb libusb-package`, or `?backend=ivi` with the VISA library of an"
    " instrument maker",
    "No backend available": "pyusb finds no libusb: `pip install libusb-package`, or install libusb"
    " with the system's packages",
    "gpib": "`pip install gpib-ctypes` and the driver of the GPIB adapter (linux-gpib, NI-488.2),"
    " or `?backend=ivi` with the VISA library of its maker",
    "pyserial": "`pip install pyserial`",
}
"""What the pure-Python back end says that it lacks, and what to do."""
UDEV = (
    'a udev rule lets a group use it: `SUBSYSTEM=="usb", ATTRS{idVendor}=="05e6", GROUP="dialout",'
    ' MODE="0660"` in /etc/udev/rules.d/60-usbtmc.rules (with the vendor number of the address),'
    " then `sudo usermod -aG dialout $USER`, `sudo udevadm control --reload`; log in anew, replug"
)


class VisaScheme(RealScheme):
    """Opens `visa://` addresses."""

    def open(self, rest: str) -> Transport:
        """A VISA resource. Raises `InputError` or `TransportClosed`."""
        return VisaTransport(*split_resource(rest))


def split_resource(rest: str) -> tuple[str, str]:
    """`RESOURCE?backend=NAME` as resource and back end. Raises `InputError`."""
    name, mark, query = rest.partition("?")
    key, _, backend = query.partition("=")
    if not mark:
        return name, PURE_PYTHON
    if key != "backend" or not backend:
        raise refusal(
            "E503",
            f"visa://{rest}: `{query}` is not an option",
            "write `?backend=py` (the default), `?backend=ivi` for the VISA library of this"
            " machine, or `?backend=` and the path of one",
        )
    return name, backend


class VisaTransport(StreamTransport):
    """An open VISA resource; see `faradaic.instruments.transports.Transport`."""

    def __init__(self, resource_name: str, backend: str = PURE_PYTHON) -> None:
        super().__init__(f"visa://{resource_name}")
        self._backend = backend
        self._resource = self._open(resource_name)
        self._end: int | None = -1
        """The character at which a read ends; none at first."""
        self._socket = _raw_socket(self._resource)
        if self._socket is not None:
            try:
                self._socket.getpeername()
            except OSError as error:
                self.close()
                raise self._refusal(error) from error

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """Bytes up to and including the terminator.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        self._ends_at(terminator[-1])
        return super().read_until(terminator, timeout_s)

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """So many bytes, whatever they are.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        self._ends_at(None)
        return super().read_exactly(count, timeout_s)

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        """What comes until nothing more has come for `quiet_s`, whatever it is.

        Raises `TransportTimeout` or `TransportClosed`.
        """
        self._ends_at(None)
        return super().read_until_quiet(quiet_s, timeout_s)

    def _ends_at(self, character: int | None) -> None:
        """Have a read end at a character, or at none."""
        from pyvisa.constants import ResourceAttribute, VisaBoolean

        if self._closed or character == self._end:
            return
        self._end = character
        ends = VisaBoolean.false if character is None else VisaBoolean.true
        self._resource.set_visa_attribute(ResourceAttribute.termchar_enabled, ends)
        if character is not None:
            self._resource.set_visa_attribute(ResourceAttribute.termchar, character)

    def drain(self, quiet_s: float) -> bytes:
        """Clear the interface where it has such a command, then discard until silence."""
        if self._socket is None and not self._closed:
            from pyvisa.constants import StatusCode
            from pyvisa.errors import VisaIOError

            try:
                self._resource.clear()
            except VisaIOError as error:
                if error.error_code != StatusCode.error_nonsupported_operation:
                    raise self.gone(OSError(str(error))) from error
        return super().drain(quiet_s)

    def _send(self, data: bytes) -> None:
        from pyvisa.errors import Error

        try:
            self._resource.write_raw(data)
        except Error as error:
            raise OSError(str(error)) from error

    def _receive(self, timeout_s: float) -> bytes:
        from pyvisa.constants import StatusCode
        from pyvisa.errors import Error, VisaIOError

        resource = self._resource
        resource.timeout = max(1.0, timeout_s * 1000)
        try:
            # Without an end to wait for, the backend would wait for all of a chunk.
            chunk = 1 if self._end is None else CHUNK_BYTES
            with resource.ignore_warning(StatusCode.success_max_count_read):
                data, _ = resource.visalib.read(resource.session, chunk)
        except VisaIOError as error:
            if error.error_code != StatusCode.error_timeout:
                raise OSError(str(error)) from error
            # The backend takes a closed socket for a silent one.
            if self._socket is not None and _closed_by_peer(self._socket):
                raise ConnectionResetError("closed by the other end") from error
            return b""
        except Error as error:
            raise OSError(str(error)) from error
        return bytes(data)

    def _release(self) -> None:
        from pyvisa.errors import Error

        try:
            self._resource.close()
        except Error as error:
            raise OSError(str(error)) from error

    def _open(self, name: str) -> MessageBasedResource:
        from pyvisa.constants import ResourceAttribute, VisaBoolean
        from pyvisa.resources import MessageBasedResource
        from pyvisa.rname import InvalidResourceName, ResourceName

        try:
            ResourceName.from_string(name)
        except InvalidResourceName as error:
            raise refusal(
                "E503",
                f"`{name}` is not a VISA resource name",
                "write visa://TCPIP::192.0.2.7::5025::SOCKET or "
                "visa://USB0::0x05E6::0x2450::SERIAL::INSTR",
            ) from error
        try:
            resource = self._manager().open_resource(name, open_timeout=OPEN_TIMEOUT_MS)
        except TransportClosed:
            raise
        except Exception as error:
            # pyvisa-py raises bare Exception, ValueError and backend errors alike here.
            raise self._refusal(error) from error
        if not isinstance(resource, MessageBasedResource):
            resource.close()
            raise self._refusal(TypeError("it does not exchange messages"))
        resource.set_visa_attribute(ResourceAttribute.termchar_enabled, VisaBoolean.true)
        if name.upper().endswith("::SOCKET"):
            # Otherwise a line that stays incomplete is lost when its deadline passes.
            resource.set_visa_attribute(ResourceAttribute.suppress_end_enabled, VisaBoolean.false)
        return resource

    def _manager(self) -> ResourceManager:
        """The VISA library that the address names. Raises `TransportClosed` (E507)."""
        import pyvisa
        from pyvisa.highlevel import list_backends

        backend = self._backend
        library = backend if "/" in backend or "\\" in backend else f"@{backend}"
        try:
            return pyvisa.ResourceManager(library)
        except Exception as error:
            # pyvisa raises ValueError, OSError and errors of the library alike here.
            known = ", ".join(f"`{name}`" for name in sorted(list_backends()))
            raise TransportClosed.of(
                f"the VISA back end `{backend}` cannot be used: {error}",
                help=f"installed: {known}; `ivi` needs the VISA library of an instrument maker"
                " (NI-VISA, Keysight IO Libraries); without `?backend=` none is needed",
                code="E507",
            ) from error

    def _refusal(self, error: Exception) -> TransportClosed:
        text = " ".join(str(error).split())
        for what, remedy in NEEDS.items():
            if what in text:
                return TransportClosed.of(
                    f"cannot open {self.address}: {text}", help=remedy, code="E507"
                )
        if getattr(error, "errno", None) == errno.EACCES or "Access denied" in text:
            return TransportClosed.of(
                f"you may not use {self.address}: {text}", help=UDEV, code="E509"
            )
        return TransportClosed.of(
            f"cannot open {self.address}: {text}",
            help="check that the instrument is on and connected and that no other program "
            "holds it; `faradaic devices --scan` lists what the system sees",
            code="E502",
        )


def _raw_socket(resource: MessageBasedResource) -> socket.socket | None:
    """The socket under a SOCKET resource of pyvisa-py, to see what VISA does not report."""
    sessions = getattr(resource.visalib, "sessions", {})
    raw = getattr(sessions.get(resource.session), "interface", None)
    return raw if isinstance(raw, socket.socket) else None


def _closed_by_peer(raw: socket.socket) -> bool:
    timeout_s = raw.gettimeout()
    raw.setblocking(False)
    try:
        return raw.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        raw.settimeout(timeout_s)
