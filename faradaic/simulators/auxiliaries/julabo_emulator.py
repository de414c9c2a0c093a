"""A Julabo circulator on the wire: `in` is answered, `out` is not."""

from __future__ import annotations

from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

LEAST_C, MOST_C = -30.0, 200.0
STATES = {
    (False, False): "00 MANUAL STOP",
    (False, True): "01 MANUAL START",
    (True, False): "02 REMOTE STOP",
    (True, True): "03 REMOTE START",
}


class JulaboEmulator(LineEmulator):
    """Julabo CORIO circulator."""

    model = "julabo"

    def __init__(self, surroundings: Surroundings, remote: bool) -> None:
        super().__init__(surroundings)
        self.remote = remote
        self._started = False
        self._set_point_C = 25.0
        self._alarm = ""

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """Up to a CR; line feeds are nothing."""
        return up_to(b"\r", came)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One command."""
        word, _, value = command.decode("latin-1").strip().lower().partition(" ")
        if word.startswith("out_"):
            self._obey(word, value.strip())
            return None
        bath_C = self.around.temperature_K - CELSIUS_ZERO_K
        known = {
            "version": "JULABO CORIO CD VERSION 1.0",
            "in_pv_00": f"{bath_C:.2f}",
            "in_pv_01": "100" if self._started and self._set_point_C > bath_C else "0",
            "in_pv_02": f"{bath_C:.2f}",
            "in_pv_03": f"{bath_C:.2f}",
            "in_sp_00": f"{self._set_point_C:.2f}",
            "in_mode_05": f"{int(self._started)}",
        }
        if word == "status":
            told, self._alarm = self._alarm or STATES[self.remote, self._started], ""
            return f"{told}\r\n".encode()
        if word not in known:
            self._alarm = "-08 INVALID COMMAND"
            return None
        return f"{known[word]}\r\n".encode()

    def _obey(self, word: str, text: str) -> None:
        try:
            value = float(text)
        except ValueError:
            self._alarm = "-08 INVALID COMMAND"
            return
        if not self.remote:
            self._alarm = "-09 COMMAND NOT ALLOWED IN CURRENT OPERATING MODE"
        elif word == "out_sp_00" and value < LEAST_C:
            self._alarm = "-10 VALUE TOO SMALL"
        elif word == "out_sp_00" and value > MOST_C:
            self._alarm = "-11 VALUE TOO LARGE"
        elif word == "out_sp_00":
            self._set_point_C = round(value, 2)
        elif word == "out_mode_05" and value in (0.0, 1.0):
            self._started = value == 1.0
        else:
            self._alarm = "-08 INVALID COMMAND"
        self.around.heat(self._set_point_C + CELSIUS_ZERO_K if self._started else None)


def julabo(surroundings: Surroundings, seed: int, remote: str = "1") -> JulaboEmulator:
    """Julabo CORIO circulator; `remote=0` for one that is worked at its panel."""
    return JulaboEmulator(surroundings, remote != "0")
