"""An emulator behind a serial device of this machine, for clients that open nothing else."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from typing import Any

ROUND_S = 0.002


class OnPty:
    """A pseudo terminal in raw mode with an emulator behind it; POSIX only."""

    def __init__(self, emulator: Any) -> None:
        import tty

        self._emulator = emulator
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> OnPty:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join(5.0)
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _serve(self) -> None:
        while not self._ended.is_set():
            ready, _, _ = select.select([self._master], [], [], ROUND_S)
            if ready:
                self._emulator.receive(os.read(self._master, 4096), time.monotonic())
            if sent := self._emulator.transmit(time.monotonic()):
                os.write(self._master, sent)
