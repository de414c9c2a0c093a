"""An LCUS relay board on the wire: four bytes switch, FF tells where the board answers."""

from __future__ import annotations

from faradaic.simulators.auxiliaries.line_emulator import LineEmulator
from faradaic.simulators.surroundings import Surroundings

CONTACTS = 8


class RelayEmulator(LineEmulator):
    """LCUS USB relay board with eight contacts."""

    model = "lcus-relay"

    def __init__(self, surroundings: Surroundings, place: str, talks: bool) -> None:
        super().__init__(surroundings)
        self._place = place
        self._talks = talks

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """FF, or four bytes from A0."""
        if not came:
            return None
        if came[0] != 0xA0:
            return 1, came[:1]
        return (4, came[:4]) if len(came) >= 4 else None

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """The state of the contacts, or nothing."""
        if command == b"\xff":
            states = (self.around.closed.get(self._contact(n), False) for n in range(1, 9))
            return bytes(int(state) for state in states) if self._talks else None
        if len(command) == 4 and sum(command[:3]) & 0xFF == command[3]:
            _, number, closed, _ = command
            if 1 <= number <= CONTACTS and closed in (0, 1):
                self.around.switch(self._contact(number), closed == 1)
        return None

    def _contact(self, number: int) -> str:
        return f"{self._place}{number}"


def lcus_relay(
    surroundings: Surroundings, seed: int, place: str = "", answers: str = "1"
) -> RelayEmulator:
    """LCUS USB relay board with eight contacts; `answers=0` for one that says nothing."""
    return RelayEmulator(surroundings, place, answers != "0")
