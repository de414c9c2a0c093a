"""An MKS G-series controller on the wire: `@@@`, an address, a command, `;` and a check sum."""

from __future__ import annotations

from faradaic.diagnostics import refusal
from faradaic.quantities import convert
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator
from faradaic.simulators.surroundings import Surroundings

SCCM_MOL_PER_S = 1.0 / convert(1.0, "sccm")
UNCHECKED = "FF"
"""Stands for any check sum."""
DAMAGED, SYNTAX, INVALID, UNKNOWN = "01", "10", "12", "17"


def _sum(text: str) -> str:
    return f"{sum(text.encode('latin-1')) & 0xFF:02X}"


class MksEmulator(LineEmulator):
    """MKS GE50A mass-flow controller."""

    model = "mks-g"

    def __init__(self, surroundings: Surroundings, full_scale_sccm: float, gas: str, node: int):
        super().__init__(surroundings)
        self._full = full_scale_sccm
        self._gas = gas
        self._node = node
        self._set_point = 0.0
        self._valve = "NORMAL"

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """From the last `@` to two digits behind a `;`."""
        end = came.find(b";")
        if end < 0 or len(came) < end + 3:
            return None
        return end + 3, came[max(came.rfind(b"@", 0, end), 0) : end + 3]

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One message; none for another address."""
        text = command.decode("latin-1")
        message, told = text[:-2], text[-2:].upper()
        if not message.startswith("@") or message[1:4] not in (f"{self._node:03d}", "254"):
            return None
        if told not in (UNCHECKED, _sum(message)):
            return self._framed(f"NAK{DAMAGED}")
        return self._framed(self._do(message[4:-1]))

    def _framed(self, answer: str) -> bytes:
        message = f"@000{answer};"
        return f"@@{message}{_sum(message)}".encode("latin-1")

    def _do(self, text: str) -> str:
        word, sign, value = text[:-1], text[-1:], ""
        if "!" in text:
            word, sign, value = text.partition("!")
        flow = self.around.gas_mol_per_s / SCCM_MOL_PER_S
        if sign == "?":
            known = {
                "FX": f"{flow:.3f}",
                "F": f"{100.0 * flow / self._full:.2f}",
                "SX": f"{self._set_point:.3f}",
                "S": f"{100.0 * self._set_point / self._full:.2f}",
                "FS": f"{self._full:g}",
                "U": "SCCM",
                "CA": f"{self._node:03d}",
                "MF": "MKS",
                "MD": "GE50A-SIM",
                "SN": "SIM00001",
                "PG": self._gas,
                "VO": self._valve,
                "T": "O",
            }
            return f"ACK{known[word]}" if word in known else f"NAK{UNKNOWN}"
        if sign != "!":
            return f"NAK{SYNTAX}"
        if word == "VO" and value in ("NORMAL", "PURGE", "FLOW_OFF"):
            self._valve = value
        elif word in ("SX", "S"):
            try:
                told = float(value) * (1.0 if word == "SX" else self._full / 100.0)
            except ValueError:
                return f"NAK{INVALID}"
            if not 0.0 <= told <= self._full * 1.0001:
                return f"NAK{INVALID}"
            self._set_point = told
            self.around.feed(self._gas, told * SCCM_MOL_PER_S)
        else:
            return f"NAK{UNKNOWN}"
        return f"ACK{value}"


def mks_g(
    surroundings: Surroundings,
    seed: int,
    full_scale: str = "100",
    gas: str = "CO2",
    node: str = "1",
) -> MksEmulator:
    """MKS GE50A mass-flow controller; `full_scale` in sccm, `node` 1 to 253."""
    try:
        full, at = float(full_scale), int(node)
        if not (0.0 < full <= 1e5 and 1 <= at <= 253):
            raise ValueError
    except ValueError:
        what = f"`full_scale={full_scale}&node={node}` cannot be"
        raise refusal("E532", what, "write mks-g?full_scale=100&node=1") from None
    return MksEmulator(surroundings, full, gas, at)
