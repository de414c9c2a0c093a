"""A Heidolph MR Hei-Connect on the wire: every command comes back, a query with its value.

What its connection check does beside the message on its screen is not known; here it goes on.
"""

from __future__ import annotations

from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

CHECKED_S = 10.0
BETWEEN_S = 0.05
"""Less than this after the last command, what comes is lost (its manual asks for 0.1 s)."""
RANGES = {1: (20.0, 300.0), 3: (100.0, 1400.0)}
_BARE = {"RESET", "PA_NEW", "PA_OLD", "CC_ON", "CC_OFF"}


class HeidolphEmulator(LineEmulator):
    """Heidolph MR Hei-Connect hotplate stirrer."""

    model = "hei-connect"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._set_points = {1: 20.0, 2: 50.0, 3: 100.0}
        self._on = {1: False, 2: False}
        self._modes = {1: 1, 2: 0, 4: 0}
        self._started: bool | None = None
        self._checks = False
        self._heard_s = -1.0
        self.lost = 0
        self.pc_error = False
        """Whether `PC Err` is on its screen."""
        self.has_probe = True

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r\n", came)

    def advance(self, now_s: float) -> None:
        """Its connection check."""
        running = self._checks and any(self._on.values())
        if running and now_s - self._heard_s > CHECKED_S:
            self.pc_error = True
        super().advance(now_s)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One command."""
        if now_s - self._heard_s < BETWEEN_S:
            self.lost += 1
            return None
        self._heard_s = now_s
        self.pc_error = False
        word, _, value = command.decode("latin-1").strip().partition(" ")
        answer = self._answer(word, value.strip())
        return None if answer is None else f"{answer}\r\n".encode()

    def _answer(self, word: str, value: str) -> str | None:
        kind, _, number = word.rpartition("_")
        if word == "SW_VERS":
            return "SW_VERS 1.15"
        if word == "STATUS":
            status = {None: 0, True: 1, False: 2}[self._started]
            return f"STATUS {status}"
        if word in _BARE:
            self._bare(word)
            return word
        if kind in ("START", "STOP") and number in ("1", "2"):
            self._switch(int(number), on=kind == "START")
            return word
        if kind == "IN_PV" and number in ("1", "2", "3", "4", "5"):
            return f"{word} {self._measured(int(number)):.1f}"
        if kind == "IN_SP" and number in ("1", "2", "3"):
            return f"{word} {self._set_points[int(number)]:.0f}"
        if kind in ("IN_MODE", "OUT_MODE") and number in ("1", "2", "4"):
            if kind == "OUT_MODE" and value.isdigit():
                self._modes[int(number)] = int(value)
            return f"IN_MODE_{number} {self._modes[int(number)]}"
        if kind == "OUT_SP" and number in ("1", "2", "3"):
            self._set(int(number), value)
            return f"{word} {self._set_points[int(number)]:.0f}"
        return None

    def _bare(self, word: str) -> None:
        if word in ("CC_ON", "CC_OFF"):
            self._checks = word == "CC_ON"
        elif word == "RESET":
            for output in (1, 2):
                self._switch(output, on=False)
            self._started, self._checks = None, False

    def _measured(self, number: int) -> float:
        if number == 5:
            return self.around.stirring_rpm
        if number in (1, 2) and not self.has_probe:
            return 999.9
        return self.around.temperature_K - CELSIUS_ZERO_K

    def _set(self, number: int, text: str) -> None:
        least, most = RANGES.get(number, (0.0, 100.0))
        try:
            value = float(text)
        except ValueError:
            return
        if least <= value <= most:
            self._set_points[number] = value
            for output in (1, 2):
                if self._on[output]:
                    self._switch(output, on=True)

    def _switch(self, output: int, on: bool) -> None:
        self._on[output] = on
        self._started = any(self._on.values())
        if output == 2:
            self.around.stir(self._set_points[3] if on else 0.0)
        else:
            self.around.heat(self._set_points[1] + CELSIUS_ZERO_K if on else None)


def hei_connect(surroundings: Surroundings, seed: int) -> HeidolphEmulator:
    """Heidolph MR Hei-Connect hotplate stirrer."""
    return HeidolphEmulator(surroundings)
