"""A device that speaks when it is asked, in lines: what every driver of one repeats.

After a time-out the channel is suspect: what still comes belongs to nobody, and is thrown away
before the next question.
"""

from __future__ import annotations

from faradaic.diagnostics import DeviceError
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout

ATTEMPTS = 2
"""A question that was not answered is asked once more; only what changes nothing is a question."""
QUIET_S = 0.05


class AskedLines:
    """One device on one transport."""

    def __init__(
        self, transport: Transport, *, ends: bytes, answers_end: bytes, timeout_s: float = 1.0
    ) -> None:
        """`ends` what is sent, `answers_end` what comes."""
        self.transport = transport
        self._ends = ends
        self._answers_end = answers_end
        self._timeout_s = timeout_s
        self._suspect = True

    @property
    def address(self) -> str:
        """Get where it is."""
        return self.transport.address

    def tell(self, text: str) -> None:
        """Send a command that is not answered. Raises `LinkError`."""
        self._resynchronise()
        self.transport.write(text.encode("ascii") + self._ends)

    def ask(self, text: str, *, attempts: int = ATTEMPTS) -> str:
        """The answer to a question, without its end and spaces around it. Raises `LinkError`."""
        while True:
            attempts -= 1
            self.tell(text)
            try:
                return self.next_line()
            except TransportTimeout:
                if attempts <= 0:
                    raise

    def next_line(self, timeout_s: float | None = None) -> str:
        """A line that is due. Raises `LinkError`."""
        try:
            line = self.transport.read_until(self._answers_end, timeout_s or self._timeout_s)
        except LinkError:
            self._suspect = True
            raise
        try:
            return line.decode("ascii").strip()
        except UnicodeDecodeError:
            self._suspect = True
            raise garbled(self.address, line) from None

    def suspect(self) -> None:
        """What came was not what was asked for."""
        self._suspect = True

    def close(self) -> None:
        """Release the port."""
        self.transport.close()

    def _resynchronise(self) -> None:
        if self._suspect:
            self.transport.drain(QUIET_S)
            self._suspect = False


def garbled(address: str, line: bytes | str) -> LinkError:
    """An answer that cannot be one."""
    return LinkError.of(
        f"{address} answered {line!r:.80}, which is no answer to what was asked",
        help="check the cable, the serial settings, and that the driver fits the device",
        code="E511",
    )


def another_device(address: str, answered: str, wanted: str) -> DeviceError:
    """What answers is not what the bench file says."""
    return DeviceError.of(
        f"{address} answers as {answered!r:.60}, not as a {wanted}",
        help="correct the address or the driver in the bench file; `faradaic devices` lists them",
        code="E511",
    )


def not_taken(address: str, what: str, wanted: str, there: str) -> DeviceError:
    """A setting that was read back otherwise."""
    return DeviceError.of(
        f"{address}: {what} was set to {wanted} and reads back as {there}",
        help="look at the device: a limit of its own, a locked panel or an error on its screen",
        code="E525",
    )
