"""An IKA RCT digital on the wire: silent settings, questions answered, a watchdog."""

from __future__ import annotations

from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

SPEED_MAX_RPM = 1500.0
TEMPERATURE_MAX_C = 310.0


class HotplateEmulator(LineEmulator):
    """IKA RCT digital hotplate stirrer."""

    model = "ika-rct"

    def __init__(self, surroundings: Surroundings, seed: int = 0) -> None:
        super().__init__(surroundings)
        self._set_points = {1: 0.0, 4: 0.0}
        self._on = {1: False, 4: False}
        self._watchdog_s: float | None = None
        self._fed_s = 0.0
        self.tripped = False
        """Whether its watchdog has turned everything off (ER2)."""

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r\n", came)

    def advance(self, now_s: float) -> None:
        """Its watchdog."""
        if self._watchdog_s is not None and now_s - self._fed_s > self._watchdog_s:
            self.around.advance(self._fed_s + self._watchdog_s)
            self._watchdog_s = None
            self.tripped = True
            self._switch(1, on=False)
            self._switch(4, on=False)
        super().advance(now_s)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One NAMUR command."""
        word, _, rest = command.decode("latin-1").strip().partition(" ")
        value: str | None = None
        if word.startswith("OUT_WD") and "@" in word:
            time_s = float(word.partition("@")[2] or 0)
            self._watchdog_s = time_s if 20.0 <= time_s <= 1500.0 else None
            self._fed_s = now_s
            value = f"{time_s:.0f}"
        elif word == "IN_NAME":
            value = "RCT digital"
        elif word in ("IN_PV_1", "IN_PV_2"):
            value = f"{self.around.temperature_K - CELSIUS_ZERO_K:.1f} {word[-1]}"
        elif word == "IN_PV_4":
            value = f"{self.around.stirring_rpm:.1f} 4"
        elif word in ("IN_SP_1", "IN_SP_4"):
            value = f"{self._set_points[int(word[-1])]:.1f} {word[-1]}"
        elif word in ("STATUS_1", "STATUS_4"):
            value = f"{11 if self._on[int(word[-1])] else 12} {word[-1]}"
        elif word in ("OUT_SP_1", "OUT_SP_4"):
            self._set(int(word[-1]), rest)
        elif word in ("START_1", "START_4", "STOP_1", "STOP_4"):
            self._switch(int(word[-1]), on=word.startswith("START"))
        elif word == "RESET":
            self._switch(1, on=False)
            self._switch(4, on=False)
        return None if value is None else f"{value} \r\n".encode()

    def _set(self, number: int, text: str) -> None:
        most = TEMPERATURE_MAX_C if number == 1 else SPEED_MAX_RPM
        try:
            value = float(text)
        except ValueError:
            return
        if 0.0 <= value <= most:
            self._set_points[number] = value
            if self._on[number]:
                self._switch(number, on=True)

    def _switch(self, number: int, on: bool) -> None:
        self._on[number] = on
        if number == 4:
            self.around.stir(self._set_points[4] if on else 0.0)
        else:
            self.around.heat(self._set_points[1] + CELSIUS_ZERO_K if on else None)


def ika_rct(surroundings: Surroundings, seed: int) -> HotplateEmulator:
    """IKA RCT digital hotplate stirrer."""
    return HotplateEmulator(surroundings, seed)
