"""A Harvard Pump 11 Elite on the wire: lines that begin with an address and a state."""

from __future__ import annotations

import re

from faradaic.simulators.auxiliaries.delivery import Delivery
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

VOLUMES = {"l": 1e-3, "ml": 1e-6, "m": 1e-6, "ul": 1e-9, "u": 1e-9, "nl": 1e-12, "n": 1e-12}
TIMES = {"s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "hr": 3600.0}
LONGEST_PATH_M_PER_S = 2.5e-3
"""How fast its pusher goes at most; an engineering guess that gives 25 mL/min at 14.5 mm."""
XON = "\x11"
_COMMAND = re.compile(r"@?(\d{0,2}) *@?([a-z]*) *(.*)", re.IGNORECASE)


class HarvardEmulator(LineEmulator):
    """Harvard Apparatus Pump 11 Elite I/W."""

    model = "harvard-elite"

    def __init__(
        self, surroundings: Surroundings, place: str, node: int, *, legato: bool = False
    ) -> None:
        super().__init__(surroundings)
        self._pump = Delivery(surroundings, place)
        self._node = node
        self._legato = legato
        """Whether its answers have no address where that is 0, and no state before each line."""
        self._diameter_mm = 14.427
        self._size = "10 ml"
        self._force = 30
        self._cleared_m3 = 0.0
        self._target_m3 = 0.0
        self._polls = False

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """Up to a CR; line feeds are nothing."""
        return up_to(b"\r", came)

    def advance(self, now_s: float) -> None:
        """What it delivers."""
        super().advance(now_s)
        self._pump.advance(now_s)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One command of this pump."""
        match = _COMMAND.fullmatch(command.decode("latin-1").strip())
        if match is None or (match[1] and int(match[1]) != self._node):
            return None
        word, rest = match[2].lower(), match[3].strip().lower()
        if word == "poll":
            self._polls = rest == "on"
        lines = self._do(word, rest, now_s)
        bare = self._legato and not self._node
        prompt = self._state() if bare else f"{self._node:02d}{self._state()}"
        before = "" if bare else prompt
        text = "".join(f"\r\n{before}{line}" for line in lines) + f"\r\n{prompt}"
        return (text + (XON if self._polls else "")).encode()

    def _state(self) -> str:
        pump = self._pump
        if pump.stalled:
            return "*"
        return ">" if pump.running else "T*" if pump.reached else ":"

    def _do(self, word: str, rest: str, now_s: float) -> list[str]:
        pump = self._pump
        match word:
            case "" | "poll" | "nvram" | "echo" | "dim" | "load":
                return []
            case "time":
                return [rest or "01/01/25 12:00:00 AM"]
            case "version" if self._legato:
                return ["Firmware: v1.1.0", f"Pump address: {self._node}", "Serial number: SIM0001"]
            case "ver" if self._legato:
                return ["LEGATO100 1.1.0"]
            case "ver" | "version":
                return ["11 ELITE I/W Single 3.0.4"]
            case "irun" | "run":
                return self._start(now_s)
            case "stp" | "stop":
                pump.stop()
                return []
            case "civolume":
                self._cleared_m3 = pump.total_m3
                return []
            case "ivolume":
                return [f"{(pump.total_m3 - self._cleared_m3) * 1e6:.5f} ml"]
            case "ctvolume":
                self._target_m3 = 0.0
                return []
            case "wrun" | "wrate" | "wvolume":
                return ["Command error: not in this mode"]
            case "crate":
                rate = f"{pump.rate_m3_per_s * 60e6:.4f}"
                return [f"Infusing at {rate} ml/min"] if pump.running else ["Command error:"]
        return self._setting(word, rest)

    def _setting(self, word: str, rest: str) -> list[str]:
        pump = self._pump
        if word == "irate":
            most = LONGEST_PATH_M_PER_S * 0.7854 * (self._diameter_mm * 1e-3) ** 2
            if rest == "lim":
                return [f"{most * 1e-6 * 60e12:.4f} nl/min to {most * 60e6:.4f} ml/min"]
            if not rest:
                return [f"{pump.rate_m3_per_s * 60e6:.4f} ml/min"]
            rate = _quantity(rest)
            if rate is None:
                return [f"Argument error: {rest}", "   Unknown units"]
            if not 0.0 < rate <= most * 1.0001:
                return [f"Argument error: {rest}", "   Out of range"]
            pump.rate_m3_per_s = rate
        elif word == "tvolume":
            if not rest:
                told = f"{self._target_m3 * 1e6:.4f} ml"
                return [told if self._target_m3 else "Target volume not set"]
            volume = _quantity(rest)
            if volume is None or volume < 0.0:
                return [f"Argument error: {rest}"]
            self._target_m3 = volume
        elif word == "diameter":
            if not rest:
                return [f"{self._diameter_mm:.4f} mm"]
            try:
                value = float(rest.removesuffix("mm"))
            except ValueError:
                return [f"Argument error: {rest}"]
            if not 0.1 <= value <= 33.0:
                return [f"Argument error: {rest}", "   Out of range"]
            self._diameter_mm = value
        elif word == "svolume":
            self._size = rest or self._size
            return [] if rest else [self._size]
        elif word == "force":
            self._force = int(rest) if rest.isdigit() else self._force
            return [] if rest else [f"{self._force}%"]
        else:
            return [f"Command error: {word}", "   Unknown command"]
        return []

    def _start(self, now_s: float) -> list[str]:
        pump = self._pump
        if not pump.rate_m3_per_s:
            return ["Command error: irun", "   Rate not set"]
        pump.target_m3 = self._target_m3
        pump.start(now_s)
        return []


def _quantity(text: str) -> float | None:
    number, _, unit = text.partition(" ")
    volume, _, time = unit.strip().partition("/")
    try:
        return float(number) * VOLUMES[volume] / (TIMES[time] if time else 1.0)
    except (KeyError, ValueError):
        return None


def harvard_elite(
    surroundings: Surroundings, seed: int, place: str = "", node: str = "0", model: str = "elite"
) -> HarvardEmulator:
    """Harvard Pump 11 Elite, or a Legato 100 (`model=legato`); `place`: what the protocol's dose is
    told under."""
    at = int(node) % 100 if node.isdigit() else 0
    return HarvardEmulator(surroundings, place, at, legato=model == "legato")
