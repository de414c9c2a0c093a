"""`kit://NAME` and `kit://NAME?REST`: the process in which a maker's library runs.

What goes over it are lines of JSON (`faradaic.instruments.kits.kit_child`). Closing it ends the
process, which turns the output off by itself; one that hangs is killed.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

from faradaic.diagnostics import refusal
from faradaic.instruments.transports import Transport, TransportClosed
from faradaic.instruments.transports.addresses import RealScheme
from faradaic.instruments.transports.stream import StreamTransport

CHILD = "faradaic.instruments.kits.kit_child"
LEAVES_S = 3.0
"""How long the process has to turn the output off and end."""


class KitScheme(RealScheme):
    """Opens `kit://` addresses."""

    def open(self, rest: str) -> Transport:
        """The process of a kit. Raises `InputError` or `TransportClosed`."""
        name, _, options = rest.partition("?")
        if not name.replace("-", "").replace("_", "").isalnum():
            raise refusal(
                "E503",
                f"kit://{rest} names no vendor kit",
                "write kit://NAME or kit://NAME?OPTIONS",
            )
        return KitProcess(rest, [sys.executable, "-m", CHILD, name, options])


class KitProcess(StreamTransport):
    """A child that answers in lines; see `faradaic.instruments.transports.Transport`."""

    SILENCE_HELP = (
        "the maker's library hangs, or its instrument is off; the process is ended and begun anew"
        " when the address is opened again"
    )

    def __init__(self, rest: str, command: list[str]) -> None:
        super().__init__(f"kit://{rest}")
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise TransportClosed.of(
                f"the process of {self.address} cannot be started: {error}",
                help="look at the installation of Python and of the kit",
                code="E502",
            ) from error
        self._came: queue.Queue[bytes] = queue.Queue()
        assert self._child.stdout is not None
        self._listener = threading.Thread(
            target=self._listen, args=(self._child.stdout,), daemon=True
        )
        self._listener.start()

    @property
    def pid(self) -> int:
        """Get the number of the process."""
        return self._child.pid

    def _listen(self, out: IO[bytes]) -> None:
        with out:
            while piece := out.read(4096):
                self._came.put(piece)
        self._came.put(b"")  # it has ended

    def _send(self, data: bytes) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(data)

    def _receive(self, timeout_s: float) -> bytes:
        try:
            piece = self._came.get(timeout=timeout_s)
        except queue.Empty:
            return b""
        if not piece:
            self._came.put(b"")
            code = self._child.poll()
            raise ConnectionResetError(
                "the process of the maker's library ended" + (f" ({code})" if code else "")
            )
        return piece

    def _release(self) -> None:
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.close()
        try:
            self._child.wait(LEAVES_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(LEAVES_S)
        self._listener.join(LEAVES_S)
