"""An Ismatec Reglo ICC on the wire: four channels, one of which the cell feels.

Answers to settings have one character and no end; event messages (`^U1`, `^X1`) come by themselves
where they are turned on.
"""

from __future__ import annotations

import re

from faradaic.simulators.auxiliaries.delivery import Delivery
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

ML_M3 = 1e-6
HIGHEST_ML = 35.0
CHANNELS = 4
MODES = "LMOGQNP"
_VOLUME = re.compile(r"(\d{4})([+-]\d)")


def _packed(value_mL: float) -> str:
    mantissa, _, exponent = f"{value_mL:.3e}".partition("e")
    return f"{mantissa.replace('.', '')}E{int(exponent):+d}"


class IsmatecEmulator(LineEmulator):
    """Ismatec Reglo ICC peristaltic pump."""

    model = "ismatec-icc"

    def __init__(self, surroundings: Surroundings, place: str) -> None:
        super().__init__(surroundings)
        self._pumps = [
            Delivery(surroundings, place if n == 0 else f"{place}#{n + 1}") for n in range(CHANNELS)
        ]
        self._modes = ["L"] * CHANNELS
        self._flows_mL = [0.0] * CHANNELS
        self._volumes_mL = [0.0] * CHANNELS
        self._by_flow = [False] * CHANNELS
        self._clockwise = [True] * CHANNELS
        self._rpm = [0.0] * CHANNELS
        self._channels, self._events = False, True
        self._why = "R 3500E+1"

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """Up to a CR; line feeds are nothing."""
        return up_to(b"\r", came)

    def advance(self, now_s: float) -> None:
        """What its channels deliver, and the events of those that end."""
        super().advance(now_s)
        for number, pump in enumerate(self._pumps, 1):
            ran = pump.running
            pump.advance(now_s)
            if ran and not pump.running and self._events:
                self.say(f"^X{number}|\r\n".encode(), now_s)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """A command of a channel."""
        text = command.decode("latin-1").strip()
        if text[:1] == "@":  # its address on a line of several
            return b"*" if text[1:] in tuple("12345678") else b"#"
        if not text[:1].isdigit() or not 0 <= int(text[0]) <= CHANNELS:
            return b"#"
        index = max(int(text[0]), 1) - 1
        answer = self._asked(index, text[1:]) or self._told(index, text[1:], now_s)
        return answer.encode() if len(answer) == 1 else f"{answer}\r\n".encode()

    def _asked(self, index: int, word: str) -> str:
        pump = self._pumps[index]
        known = {
            "~": str(int(self._channels)),
            "xE": str(int(self._events)),
            "x!": "8",
            "xA": str(CHANNELS),
            "xM": self._modes[index],
            "xD": "J" if self._clockwise[index] else "K",
            "xf": str(int(self._by_flow[index])),
            "xe": self._why,
            "f": _packed(self._flows_mL[index]),
            "v": _packed(self._volumes_mL[index]),
            "S": f"{self._rpm[index]:.2f}",
            "+": "2.79 mm",
            "?": f"{HIGHEST_ML:.3f} ml/min",
            "!": f"{HIGHEST_ML:.3f} ml/min",
            "xS": "SIM00001",
            "(": "0208",
            "#": "REGLO ICC 0208 306",
            ":": f"{pump.total_m3 / ML_M3:.4f} ml",
        }
        if word == "E":
            return "+" if any(one.running for one in self._pumps) else "-"
        # A Boolean has one character and is a line all the same.
        found = known.get(word, "")
        return f"{found}\r\n" if len(found) == 1 else found

    def _told(self, index: int, word: str, now_s: float) -> str:
        pump = self._pumps[index]
        if word in ("~0", "~1"):
            self._channels = word == "~1"
        elif word in ("xE0", "xE1"):
            self._events = word == "xE1"
        elif word in ("xf0", "xf1"):
            self._by_flow[index] = word == "xf1"
        elif word in ("J", "K"):
            self._clockwise[index] = word == "J"
        elif len(word) == 1 and word in MODES:
            self._modes[index] = word
        elif word[:1] in ("f", "v") and (match := _VOLUME.fullmatch(word[1:])):
            value_mL = int(match[1]) * 1e-3 * 10.0 ** int(match[2])
            (self._flows_mL if word[0] == "f" else self._volumes_mL)[index] = value_mL
            pump.rate_m3_per_s = self._flows_mL[index] * ML_M3 / 60.0
            return _packed(value_mL)
        elif word[:1] == "S" and word[1:].isdigit():
            self._rpm[index] = int(word[1:]) / 100.0
        elif word in ("I", "xI"):
            pump.advance(now_s)
            pump.stop()
        elif word == "H":
            return self._start(index, now_s)
        elif word == "W":
            pump.total_m3 = 0.0
        else:
            return "#"
        return "*"

    def _start(self, index: int, now_s: float) -> str:
        flow_mL, pump = self._flows_mL[index], self._pumps[index]
        doses = self._modes[index] == "O"
        if not 0.0 < flow_mL <= HIGHEST_ML:
            self._why = f"R {_packed(HIGHEST_ML)}"
            return "-"
        if doses and not self._volumes_mL[index]:
            self._why = f"V {_packed(9999.0)}"
            return "-"
        pump.target_m3 = self._volumes_mL[index] * ML_M3 if doses else 0.0
        pump.start(now_s)
        if self._events:
            self.say(f"^U{index + 1}|\r\n".encode(), now_s + 2.0 * self.answers_after_s)
        return "*"


def ismatec_icc(surroundings: Surroundings, seed: int, place: str = "") -> IsmatecEmulator:
    """Ismatec Reglo ICC peristaltic pump; `place`: what the protocol's dose is told under."""
    return IsmatecEmulator(surroundings, place)
