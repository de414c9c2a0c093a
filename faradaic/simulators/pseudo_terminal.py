"""A serial device in front of a served emulator, for clients that open nothing else.

The bytes go on to the emulator's TCP port and back; what the two do with an instrument between them
is the server's. The device is in raw mode: no byte is echoed, translated or held back until a line
ends. POSIX only.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from typing import Self

from faradaic.diagnostics import refusal

_ROUND_S = 0.2
_BYTES = 4096


class PseudoTerminal:
    """Carries bytes between a pseudo terminal and a TCP port, in a thread, until it is left.

    `path` is the device to open. Raises `InputError` (E533) where there are no pseudo terminals.
    """

    def __init__(self, port: int) -> None:
        try:
            import tty

            self._master, self._slave = os.openpty()
        except (ImportError, AttributeError, OSError) as error:
            raise refusal(
                "E533",
                f"this system gives no pseudo terminal: {error}",
                "leave out `--pty`; the instrument listens on its TCP port",
            ) from None
        # Its own end stays open: a client that leaves is no hang-up of the instrument.
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._served = socket.create_connection(("127.0.0.1", port), timeout=5.0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, name=self.path, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._served.close()
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _carry(self) -> None:
        with contextlib.suppress(OSError):  # the server has ended, or the device is gone
            while not self._ended.is_set():
                served = self._served.fileno()
                ready, _, _ = select.select([self._master, served], [], [], _ROUND_S)
                if self._master in ready:
                    self._served.sendall(os.read(self._master, _BYTES))
                if served in ready:
                    data = self._served.recv(_BYTES)
                    if not data:
                        return
                    self._write(data)

    def _write(self, data: bytes) -> None:
        while data and not self._ended.is_set():
            _, ready, _ = select.select([], [self._master], [], _ROUND_S)
            if ready:  # a client that doesn't read makes it wait
                data = data[os.write(self._master, data) :]
