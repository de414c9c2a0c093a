"""A Huber thermostat on the wire: PB commands, ten characters there and back."""

from __future__ import annotations

import re

from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

LEAST_C, MOST_C = -60.0, 200.0
NO_SENSOR = -15100
_COMMAND = re.compile(r"\{M([0-9A-F]{2})([0-9A-F]{4}|\*{4})")
_NOT_KNOWN = 0x7FFF


class HuberEmulator(LineEmulator):
    """Huber circulation thermostat with a Pilot ONE."""

    model = "huber"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._set_point = 2000
        self._controls = self._circulates = False
        self.has_process_sensor = True

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r\n", came)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One variable, asked for or set."""
        match = _COMMAND.fullmatch(command.decode("latin-1"))
        if match is None:
            return None
        variable, data = int(match[1], 16), match[2]
        if data != "****":
            self._set(variable, int(data, 16))
        value = self._value(variable)
        return None if value is None else f"{{S{match[1]}{value & 0xFFFF:04X}\r\n".encode()

    def _value(self, variable: int) -> int | None:
        bath = round((self.around.temperature_K - CELSIUS_ZERO_K) * 100.0)
        known = {
            0x00: self._set_point,
            0x01: bath,
            0x02: bath,
            0x03: 350,
            0x04: 0,
            0x07: bath if self.has_process_sensor else NO_SENSOR,
            0x0A: int(self._controls) | int(self._circulates) << 1,
            0x0F: 900,
            0x14: int(self._controls),
            0x16: int(self._circulates),
            0x1B: 0x0001,
            0x1C: 0xE240,
            0x26: 2000 if self._circulates else 0,
            0x30: round(LEAST_C * 100.0),
            0x31: round(MOST_C * 100.0),
            0x48: 2000,
        }
        return known.get(variable)

    def _set(self, variable: int, word: int) -> None:
        value = word - 0x10000 if word & 0x8000 else word
        if variable == 0x00 and LEAST_C * 100.0 <= value <= MOST_C * 100.0:
            self._set_point = value
        elif variable == 0x14:
            self._controls = self._circulates = bool(value)
        elif variable == 0x16:
            self._circulates = bool(value)
        heated = self._set_point / 100.0 + CELSIUS_ZERO_K if self._controls else None
        self.around.heat(heated)


def huber(surroundings: Surroundings, seed: int) -> HuberEmulator:
    """Huber circulation thermostat with a Pilot ONE."""
    return HuberEmulator(surroundings)
