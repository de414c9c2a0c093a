"""An Alicat MC on the wire: a line of live data for every command."""

from __future__ import annotations

from faradaic.diagnostics import refusal
from faradaic.quantities import convert
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

SCCM_MOL_PER_S = 1.0 / convert(1.0, "sccm")
OVER = 1.02
"""Of its full scale: its sensor sees no more."""


class FlowControllerEmulator(LineEmulator):
    """Alicat MC mass-flow controller, sccm on its screen."""

    model = "alicat-mc"

    def __init__(
        self, surroundings: Surroundings, full_scale_sccm: float, gas: str, unit: str = "A"
    ) -> None:
        super().__init__(surroundings)
        self._full = full_scale_sccm
        self._gas = gas
        self._unit = unit
        self._set_point = 0.0

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line."""
        return up_to(b"\r", came)

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """A poll, a set-point, or a question mark."""
        text = command.decode("latin-1").strip().upper()
        if not text.startswith(self._unit):
            return None  # of another unit on the line
        text = text.removeprefix(self._unit)
        if text.startswith("S"):
            try:
                value = float(text[1:])
            except ValueError:
                return b"?\r"
            self._set_point = min(max(value, 0.0), self._full)
            self.around.feed(self._gas, self._set_point * SCCM_MOL_PER_S)
        elif text:
            return b"?\r"
        flow = self.around.gas_mol_per_s / SCCM_MOL_PER_S
        over = " MOV" if flow > OVER * self._full else ""
        line = (
            f"{self._unit} +014.70 +025.00 {flow:+07.2f} {flow:+07.2f} {self._set_point:06.2f}"
            f" {self._gas:>6}{over}\r"
        )
        return line.encode()


def alicat_mc(
    surroundings: Surroundings, seed: int, full_scale: str = "100", gas: str = "CO2"
) -> FlowControllerEmulator:
    """Alicat MC mass-flow controller; `full_scale` in sccm."""
    try:
        full = float(full_scale)
        if not 0.0 < full <= 999.0:
            raise ValueError
    except ValueError:
        what = f"`full_scale` cannot be `{full_scale}`"
        raise refusal("E532", what, "write sccm, 999 at most: alicat-mc?full_scale=100") from None
    return FlowControllerEmulator(surroundings, full, gas)
