"""A New Era NE-1000 on the wire: basic lines, packets of the safe mode, alarms, a time-out."""

from __future__ import annotations

import re

from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

ML_M3 = 1e-6
_NUMBER = re.compile(r"\d{0,4}(?:\.\d{0,3})?")
_RATES = {"MM": ML_M3 / 60.0, "MH": ML_M3 / 3600.0, "UM": 1e-9 / 60.0, "UH": 1e-9 / 3600.0}


def _crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return value


class SyringePumpEmulator(LineEmulator):
    """New Era NE-1000 syringe pump."""

    model = "new-era"

    def __init__(self, surroundings: Surroundings, place: str) -> None:
        super().__init__(surroundings)
        self._place = place
        self._safe = False
        self._timeout_s = 0.0
        self._heard_s = 0.0
        self._state = "S"
        self._alarm = ""
        self._diameter_mm = 26.59
        self._volume_m3 = 0.0
        self._rate_m3_per_s = 0.0
        self._rate_text = "0.000MM"
        self.infused_m3 = 0.0
        self._phase_m3 = 0.0
        self._moved_s = 0.0

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A packet, or a line; in the safe mode packets alone."""
        start = came.find(b"\x02")
        if start == 0 and len(came) > 1:
            end = 1 + came[1]
            if len(came) < end:
                return None
            data = came[2 : end - 3]
            whole = came[end - 1 : end] == b"\x03" and came[end - 3 : end - 1] == _crc(
                data
            ).to_bytes(2, "big")
            return (end, data if whole else b"\x00")
        if self._safe:
            return None if start < 0 else (start, b"\x01")
        return up_to(b"\r", came)

    def advance(self, now_s: float) -> None:
        """What it has delivered; its time-out."""
        super().advance(now_s)
        end_s = now_s
        if self._safe and self._timeout_s and self._state == "I":
            end_s = min(now_s, self._heard_s + self._timeout_s)
        if self._state == "I" and end_s > self._moved_s:
            stalled = self.around.troubled("pump_stall")
            moved = 0.0 if stalled else self._rate_m3_per_s * (end_s - self._moved_s)
            if self._volume_m3:
                moved = min(moved, self._volume_m3 - self._phase_m3)
            self.infused_m3 += moved
            self._phase_m3 += moved
            if moved:
                self.around.infused.append((self._place, moved))
            if self._volume_m3 and self._phase_m3 >= self._volume_m3 * (1 - 1e-9):
                self._state = "S"
            if stalled:
                self._state, self._alarm = "S", "S"
            if end_s < now_s:
                self._state, self._alarm = "S", "T"
        self._moved_s = now_s

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """A command, with address and state before what is to be said."""
        if command == b"\x01":
            return None
        self._heard_s = now_s
        text = "" if command == b"\x00" else command.decode("latin-1").upper()
        text = re.sub(r"[\x00-\x20]", "", text)
        if "SAF0" in text:
            self._safe, self._timeout_s = False, 0.0
            return self._framed("00" + self._prompt())
        if self._alarm:
            alarm, self._alarm = self._alarm, ""
            return self._framed(f"00A?{alarm}")
        data = "?COM" if command == b"\x00" else self._do(text, now_s)
        answer = self._framed(f"00{self._prompt()}{data}")
        if text.startswith("SAF") and not data:
            self._safe, self._timeout_s = True, float(text[3:])
        return answer

    def _prompt(self) -> str:
        return self._state

    def _framed(self, text: str) -> bytes:
        data = text.encode()
        if not self._safe:
            return b"\x02" + data + b"\x03"
        return b"\x02" + bytes([len(data) + 4]) + data + _crc(data).to_bytes(2, "big") + b"\x03"

    def _do(self, text: str, now_s: float) -> str:
        word, value = text[:3], text[3:]
        if not text:
            return ""
        if word == "VER":
            return "NE1000V3.928"
        if word == "DIS":
            return f"I{self._digits(self.infused_m3 / ML_M3)}W0.000ML"
        if word == "STP":
            if self._state == "S":
                return "?NA"
            self._state = "P" if self._state == "I" else "S"
            return ""
        if word == "RUN":
            if not self._rate_m3_per_s:
                return "?NA"
            self._state, self._moved_s = "I", now_s
            self._phase_m3 = 0.0
            return ""
        if self._state == "I" and word in ("DIA", "VOL", "CLD"):
            return "?NA"
        return self._settings(word, value)

    def _settings(self, word: str, value: str) -> str:
        if word == "CLD":
            self.infused_m3 = 0.0
            return ""
        if word in ("DIR", "SAF"):
            return ""
        if word == "VOL" and value in ("ML", "UL"):
            return ""
        if word == "RAT" and not value:
            return self._rate_text
        unit = value[-2:] if word == "RAT" else ""
        digits = value.removesuffix(unit) if unit else value
        if not _NUMBER.fullmatch(digits) or len(digits.replace(".", "")) > 4 or not digits:
            return "?OOR" if word in ("DIA", "VOL", "RAT") else "?"
        number = float(digits)
        if word == "DIA":
            self._diameter_mm = number
            return "" if 0.1 <= number <= 50.0 else "?OOR"
        if word == "VOL":
            self._volume_m3 = number * ML_M3
            return ""
        if word == "RAT" and unit in _RATES:
            rate = number * _RATES[unit]
            if rate > 3.14159265 / 4.0 * (self._diameter_mm * 1e-3) ** 2 * 0.051 / 60.0 * 1.001:
                return "?OOR"
            self._rate_m3_per_s, self._rate_text = rate, value
            return ""
        return "?"

    @staticmethod
    def _digits(value: float) -> str:
        return (
            f"{value:.3f}" if value < 10.0 else f"{value:.2f}" if value < 100.0 else f"{value:.1f}"
        )


def new_era(surroundings: Surroundings, seed: int, place: str = "") -> SyringePumpEmulator:
    """New Era NE-1000 syringe pump; `place`: what the protocol's dose is told under."""
    return SyringePumpEmulator(surroundings, place)
