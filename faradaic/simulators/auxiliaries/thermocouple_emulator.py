"""An ICP DAS I-7018 on the wire, its eight thermocouples in one solution."""

from __future__ import annotations

from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

CODES = {"J": "0E", "K": "0F", "T": "10", "E": "11", "R": "12", "S": "13", "B": "14", "N": "15"}


class ThermocoupleEmulator(LineEmulator):
    """ICP DAS I-7018 thermocouple module."""

    model = "icpdas-7018"

    def __init__(self, surroundings: Surroundings, kind: str) -> None:
        super().__init__(surroundings)
        self._code = CODES.get(kind, "0F")
        self.broken = False
        """Whether the wire is broken."""

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r", came)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """A channel, the configuration, the name; nothing for another module."""
        text = command.decode("latin-1").strip()
        told_C = 9999.9 if self.broken else self.around.temperature_K - CELSIUS_ZERO_K
        if text == "$01M":
            return b"!017018\r"
        if text == "$012":
            return f"!01{self._code}0600\r".encode()
        if text == "#01":
            return (">" + 8 * f"{told_C:+07.1f}" + "\r").encode()
        if text[:3] == "#01" and len(text) == 4:
            return f">{told_C:+07.1f}\r".encode() if text[3] in "01234567" else b"?01\r"
        return b"?01\r" if text[1:3] == "01" else None


def icpdas_7018(surroundings: Surroundings, seed: int, kind: str = "K") -> ThermocoupleEmulator:
    """ICP DAS I-7018 thermocouple module, address 01."""
    return ThermocoupleEmulator(surroundings, kind)
