"""An Atlas EZO pH circuit on the wire."""

from __future__ import annotations

from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

READS_S = 0.9
SETS_S = 0.3


class PhEmulator(LineEmulator):
    """Atlas Scientific EZO pH circuit, its own readings ended."""

    model = "atlas-ph"

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r", came)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """See `answers`."""
        return None

    def answers(self, command: bytes, now_s: float) -> list[tuple[float, bytes]]:
        """Data, then the code."""
        text = command.decode("latin-1").strip().upper()
        if text == "R":
            return [(READS_S, f"{self.around.pH:.3f}\r".encode()), (READS_S, b"*OK\r")]
        if text == "I":
            return [(SETS_S, b"?I,pH,1.98\r"), (SETS_S, b"*OK\r")]
        known = text.startswith(("C,", "T,", "L,"))
        return [(SETS_S, b"*OK\r" if known else b"*ER\r")]


def atlas_ph(surroundings: Surroundings, seed: int) -> PhEmulator:
    """Atlas Scientific EZO pH circuit."""
    return PhEmulator(surroundings)
