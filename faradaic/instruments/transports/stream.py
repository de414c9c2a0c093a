"""What every byte stream over a wall clock shares: buffering, deadlines and draining.

A transport of a real channel says only how bytes leave and how some arrive; how a line is
collected from pieces, and how the channel is emptied, is written once, here.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import ClassVar

from faradaic.instruments.transports import TransportClosed, TransportTimeout

DRAIN_LIMIT_BYTES = 64 * 1024
DRAIN_LIMIT_QUIETS = 10


class BufferedTransport(ABC):
    """What collects lines from pieces, on whatever clock."""

    SECONDS: ClassVar[str] = ""
    """Which seconds are meant, where they are not those of the wall."""
    SILENCE_HELP: ClassVar[str]
    """What to check when nothing comes."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._buffer = bytearray()
        self._closed = False

    @abstractmethod
    def _now_s(self) -> float:
        """Now, in the seconds of deadlines."""

    @abstractmethod
    def _wait(self, deadline_s: float) -> bool:
        """Collect some bytes, or none yet; False once the deadline has passed."""

    def read_until(self, terminator: bytes, timeout_s: float) -> bytes:
        """Bytes up to and including the terminator.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        self._require_open()
        deadline_s = self._now_s() + timeout_s
        searched = 0
        while (at := self._buffer.find(terminator, searched)) < 0:
            searched = max(0, len(self._buffer) - len(terminator) + 1)
            if not self._wait(deadline_s):
                raise self._silent(timeout_s)
        return self._taken(at + len(terminator))

    def read_exactly(self, count: int, timeout_s: float) -> bytes:
        """So many bytes, for answers without an end of their own.

        Raises `TransportTimeout` (what came so far stays buffered) or `TransportClosed`.
        """
        self._require_open()
        deadline_s = self._now_s() + timeout_s
        while len(self._buffer) < count:
            if not self._wait(deadline_s):
                raise self._silent(timeout_s)
        return self._taken(count)

    def read_until_quiet(self, quiet_s: float, timeout_s: float) -> bytes:
        """What comes until nothing more has come for `quiet_s`; one byte at least, 64 KiB at most.

        Raises `TransportTimeout` where none has come, or they do not stop coming, or
        `TransportClosed`.
        """
        self._require_open()
        deadline_s = self._now_s() + timeout_s
        while not self._buffer:
            if not self._wait(deadline_s):
                raise self._silent(timeout_s)
        last_s = self._now_s()
        while (came := len(self._buffer)) < DRAIN_LIMIT_BYTES:
            quiet_until_s = last_s + quiet_s
            if not self._wait(min(quiet_until_s, deadline_s + quiet_s)):
                if self._now_s() < quiet_until_s - 1e-9:
                    raise self._silent(timeout_s)
                break
            if len(self._buffer) > came:
                last_s = self._now_s()
        return self._taken(len(self._buffer))

    def drain(self, quiet_s: float) -> bytes:
        """Discard and return what is buffered and what comes until `quiet_s` of silence.

        Bounded: gives up discarding after 64 KiB or ten times `quiet_s`.
        """
        self._require_open()
        silent_since_s = self._now_s()
        end_s = silent_since_s + DRAIN_LIMIT_QUIETS * quiet_s
        while (came := len(self._buffer)) < DRAIN_LIMIT_BYTES:
            if not self._wait(min(silent_since_s + quiet_s, end_s)):
                break
            if len(self._buffer) > came:
                silent_since_s = self._now_s()
        discarded = bytes(self._buffer)
        self._buffer.clear()
        return discarded

    def _taken(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _silent(self, timeout_s: float) -> TransportTimeout:
        came = f"only {bytes(self._buffer[-60:])!r} came" if self._buffer else "nothing came"
        return TransportTimeout.of(
            f"{self.address} did not answer within {timeout_s:g} s{self.SECONDS}; {came}",
            help=self.SILENCE_HELP,
            code="E501",
        )

    def _require_open(self) -> None:
        if self._closed:
            raise TransportClosed.of(
                f"{self.address} was closed", help="open the address again to go on", code="E502"
            )


class StreamTransport(BufferedTransport):
    """A `Transport` over something that delivers bytes in pieces, on the wall clock."""

    SILENCE_HELP = (
        "check that the instrument is on, that no other program talks to it, and "
        "that its language and terminator are the ones this driver expects"
    )

    @abstractmethod
    def _send(self, data: bytes) -> None:
        """Send all bytes. Raises `OSError`."""

    @abstractmethod
    def _receive(self, timeout_s: float) -> bytes:
        """Some bytes, or none if nothing came within `timeout_s`.

        May return early with none. Raises `OSError` when the channel is gone.
        """

    @abstractmethod
    def _release(self) -> None:
        """Give the channel back to the system. Raises `OSError`."""

    def write(self, data: bytes) -> None:
        """Send bytes. Raises `TransportClosed`."""
        self._require_open()
        try:
            self._send(data)
        except OSError as error:
            raise self.gone(error) from error

    def close(self) -> None:
        """Release the channel; idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            self._release()
        except OSError:
            return  # an unplugged device cannot be released twice; there is nothing left to free

    def gone(self, error: OSError) -> TransportClosed:
        """The error of a channel that broke while it was in use."""
        return TransportClosed.of(
            f"the connection to {self.address} is gone: {error}",
            help="check the cable and the power of the instrument; its output state is "
            "unknown until it has been read again",
            code="E502",
        )

    def _now_s(self) -> float:
        return time.monotonic()

    def _wait(self, deadline_s: float) -> bool:
        self._require_open()
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            return False
        try:
            self._buffer += self._receive(left_s)
        except OSError as error:
            raise self.gone(error) from error
        return True
