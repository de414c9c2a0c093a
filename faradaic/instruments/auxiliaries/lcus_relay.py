"""LCUS USB relay boards (CH340): contacts that trigger a chromatograph, or open a valve.

9600 baud 8N1; four bytes switch one contact: A0, its number, 1 or 0, and their sum. Boards with
several contacts answer FF with one byte for each; the small ones answer nothing, so that what they
do cannot be known.

Source: the boards' own description (A0 01 01 A2 on, A0 01 00 A1 off; FF: 01 01 01 01 00 00 00 00).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.asked_lines import QUIET_S, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport

CLOSED = "relay_closed"


class LcusRelay:
    """LCUS USB relay board, one of its contacts."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="LC Technology",
        model="LCUS",
        traits=(Trait.RELAY,),
        on_host_death="Its contact stays as it is until someone pulls the plug: it has no "
        "watchdog.",
        tier=Tier.MANUAL,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(
        self,
        transport: Transport,
        *,
        channel: Literal[1, 2, 3, 4, 5, 6, 7, 8] = 1,
        second: Literal[1, 2, 3, 4, 5, 6, 7, 8] | None = None,
        answers: bool = False,
    ) -> None:
        """`second`: another contact that switches with it (of a bridge of two changeovers);
        `answers`: whether the board answers FF with the state of its contacts."""
        self._transport = transport
        self._channels = (channel,) if second in (None, channel) else (channel, second)
        self._answers = answers

    @classmethod
    def abilities(cls, *, answers: bool = False, **options: object) -> tuple[Ability, ...]:
        """Closed or open; it reports where it answers."""
        return (Ability(Trait.RELAY, 0.0, 1.0, 1.0, reports=answers),)

    def connect(self, clock: Clock) -> Identity:
        """The port is open; a board that answers is asked."""
        if self._answers:
            self._closed()
        return Identity("LC Technology", "LCUS", "", "")

    def set(self, quantity: str, value: float) -> None:
        """1 closes the contact, 0 opens it."""
        self._switch(bool(value))
        if self._answers and self._closed() is not bool(value):
            raise not_taken(self._transport.address, self._contacts, f"{value:g}", f"{1 - value:g}")

    def read(self) -> Mapping[str, float]:
        """Whether it is closed, of a board that says so."""
        return {CLOSED: float(self._closed())} if self._answers else {}

    def rest(self, keep: Collection[str]) -> Rest:
        """Open."""
        if CLOSED in keep:
            return Rest(True, "the contact stays as it is")
        self._switch(closed=False)
        if self._answers:
            closed = self._closed()
            return Rest(not closed, f"{self._contacts} read back {int(closed)}")
        return Rest(None, f"{self._contacts} told to open; the board does not answer")

    def close(self) -> None:
        """Release the port."""
        self._transport.close()

    @property
    def _contacts(self) -> str:
        return " and ".join(f"contact {number}" for number in self._channels)

    def _switch(self, closed: bool) -> None:
        for number in self._channels:
            head = bytes((0xA0, number, int(closed)))
            self._transport.write(head + bytes((sum(head) & 0xFF,)))

    def _closed(self) -> bool:
        """Whether it is closed. Raises `DeviceError`, also where two stand apart."""
        self._transport.drain(QUIET_S)
        self._transport.write(b"\xff")
        came = self._transport.drain(2.0 * QUIET_S)
        if len(came) < max(self._channels) or set(came) - {0, 1}:
            raise garbled(self._transport.address, came)
        states = {came[number - 1] for number in self._channels}
        if len(states) > 1:
            raise DeviceError.of(
                f"{self._transport.address}: {self._contacts} stand apart",
                help="look at the board: one of its relays is stuck, or was switched by another"
                " program",
                code="E525",
            )
        return 1 in states
