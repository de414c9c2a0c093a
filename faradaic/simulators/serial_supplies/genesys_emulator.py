"""A TDK-Lambda Genesys on its serial line: an address first, then words and `OK`.

Sources: Genesys 750 W, 2400 W, 3300 W, 10 kW and GH10-150 user manuals, sections on the serial
protocol (83-507-013 Rev. G page 81: CR ends a message, LF is ignored, `\\` repeats, a bare CR is
answered with OK; `STT?$3A`: the check sum is the low byte of the sum, and an answer to a message
with one has one; a backspace takes a character back; PV? gives back the text that was sent;
MODE? says CV, CC or OFF; error codes E01 to E08 and C01 to C05). Foldback: PyMeasure's
`tdk_base.py` (250 ms and 0.1 s to a step). Assumed: five digits of MV?
and MC?; that a measured value is
0 with the output off.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.serial_supplies.one_way_output import SupplyOutput
from faradaic.simulators.serial_supplies.supply_wire import SupplyWire

MODELS = {
    "GEN20-38": (20.0, 38.0),
    "GEN30-25": (30.0, 25.0),
    "GEN40-19": (40.0, 19.0),
    "GEN60-12.5": (60.0, 12.5),
    "GEN80-9.5": (80.0, 9.5),
    "GEN40-38": (40.0, 38.0),
}
"""Rated voltage and current (750 W: table 7-5 of 83-507-5002; GEN40-38: PyMeasure)."""
OVER = 1.05
"""Of its rating, up to which it can be set."""
SWITCH = {"1": True, "ON": True, "0": False, "OFF": False}
DIGITS = 5
"""Of a measured value."""
FOLDBACK_S, FOLDBACK_STEP_S = 0.25, 0.1


class GenesysError(Exception):
    """A command that is answered with an error."""


def check_sum(text: str) -> str:
    """Two digits, as they follow the `$`."""
    return f"{sum(text.encode('latin-1', 'replace')) & 0xFF:02X}"


class GenesysEmulator(SupplyWire):
    """One supply on a line of several: silent until its address was said."""

    answers_after_s = 0.01
    byte_s = 10.0 / 9600.0

    def __init__(self, cell: CellModel, seed: int, model: str, address: int) -> None:
        self._rated_V, self._rated_A = MODELS[model]
        most_V, most_A = OVER * self._rated_V, OVER * self._rated_A
        super().__init__(SupplyOutput(cell, seed, most_V=most_V, most_A=most_A))
        self.model = model
        self._address = address
        self._addressed = False
        self._last = ""
        self._remote = "LOC"
        self._texts = {"PV": "0", "PC": "0", "OVP": f"{1.1 * self._rated_V:g}", "UVL": "0"}
        """As they were sent: so they are told."""
        self._flags = {"FLD": False, "AST": False}
        self._delay = 0
        self._filter = "18"
        self.output.over_V = 1.1 * self._rated_V
        self._decimals_V, self._decimals_A = (
            DIGITS - 1 - int(math.log10(rated)) for rated in (self._rated_V, self._rated_A)
        )
        self._asks: dict[str, Callable[[], str]] = {
            "IDN?": lambda: f"LAMBDA,{self.model}",
            "REV?": lambda: "REV:1U:4.3",
            "SN?": lambda: "SIM00001",
            "DATE?": lambda: "2025/01/31",
            "RMT?": lambda: self._remote,
            "MDAV?": lambda: "0",
            "MS?": lambda: "1",
            "OUT?": lambda: "ON" if self.output.on else "OFF",
            "MODE?": self._mode,
            "MV?": lambda: self._volts(self.output.read().voltage_V),
            "MC?": lambda: self._amps(self.output.read().current_A),
            "DVC?": self._display,
            "STT?": self._state,
            "STAT?": lambda: f"{self._status():02X}",
            "FLT?": lambda: f"{self._faults():02X}",
            "FBD?": lambda: str(self._delay),
            "FILTER?": lambda: self._filter,
        }

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """Up to a CR; line feeds are nothing."""
        at = came.find(b"\r")
        return None if at < 0 else (at + 1, came[:at].replace(b"\n", b""))

    def answer(self, command: bytes, now_s: float) -> bytes:
        """A message, with its check sum where it has one."""
        text = ""
        for character in command.decode("latin-1"):
            text = text[:-1] if character == "\b" else text + character
        text, dollar, digits = text.upper().partition("$")
        if dollar and digits != check_sum(text):
            answer = "C04" if self._addressed else ""
        else:
            if text == "\\":
                text = self._last
            self._last = text
            try:
                answer = self._do(text.strip(), now_s)
            except GenesysError as error:
                answer = str(error)
        if not answer:
            return b""
        tail = f"${check_sum(answer)}" if dollar else ""
        return f"{answer}{tail}\r".encode()

    def _do(self, text: str, now_s: float) -> str:
        word, _, value = text.partition(" ")
        if word == "ADR":
            if not value.strip().isdigit() or not 0 <= int(value) <= 30:
                raise GenesysError("C03" if self._addressed else "")
            self._addressed = int(value) == self._address
            return "OK" if self._addressed else ""
        if not self._addressed:
            return ""
        if not text:
            return "OK"
        if word in self._asks:
            return self._asks[word]()
        if word.endswith("?"):
            return self._asked(word[:-1])
        self._told(word, value.strip(), now_s)
        return "OK"

    def _asked(self, word: str) -> str:
        if word in self._texts:
            return self._texts[word]
        if word in self._flags:
            return "ON" if self._flags[word] else "OFF"
        raise GenesysError("C01")

    def _told(self, word: str, value: str, now_s: float) -> None:
        output = self.output
        if word in self._texts:
            self._set(word, value, now_s)
        elif word == "OUT":
            on = self._switch(value)
            if on and output.tripped in ("OVP", "FOLD"):
                output.tripped = ""  # switching it on again clears a latched one
            output.apply(now_s, on=on)
        elif word in self._flags:
            self._flags[word] = self._switch(value)
            self._fold(now_s)
        elif word == "FBD":
            if not value.isdigit() or int(value) > 255:
                raise GenesysError("C05" if value else "C02")
            self._delay = int(value)
            self._fold(now_s)
        elif word == "FILTER":
            if value not in ("18", "23", "46"):
                raise GenesysError("C03" if value else "C02")
            self._filter = value
        elif word == "RMT":
            words = {"0": "LOC", "1": "REM", "2": "LLO"}
            if value not in (*words, *words.values()):
                raise GenesysError("C03" if value else "C02")
            self._remote = words.get(value, value)
        elif word == "RST":
            self._reset(now_s)
        elif word == "OVM":
            self._set("OVP", f"{1.1 * self._rated_V:g}", now_s)
        elif word not in ("CLS", "SAV", "RCL", "FDBRST"):
            raise GenesysError("C01")

    def _set(self, word: str, value: str, now_s: float) -> None:
        if not value:
            raise GenesysError("C02")
        if len(value) > 12 or not value.replace(".", "", 1).isdigit():
            raise GenesysError("C03")
        number = float(value)
        over_V, under_V = float(self._texts["OVP"]), float(self._texts["UVL"])
        set_V = float(self._texts["PV"])
        if word == "PV":
            if number > min(OVER * self._rated_V, 0.95 * over_V) * (1 + 1e-9):
                raise GenesysError("E01")
            if number < under_V:
                raise GenesysError("E02")
            self.output.apply(now_s, voltage_V=number)
        elif word == "PC":
            if number > OVER * self._rated_A * (1 + 1e-9):
                raise GenesysError("C05")
            self.output.apply(now_s, current_A=number)
        elif word == "OVP":
            if number < 1.05 * set_V or number > 1.1 * self._rated_V * (1 + 1e-9):
                raise GenesysError("E04")
            self.output.over_V = number
        elif number > 0.95 * set_V:
            raise GenesysError("E06")
        self._texts[word] = value
        if self._remote == "LOC":
            self._remote = "REM"

    def _switch(self, value: str) -> bool:
        if value not in SWITCH:
            raise GenesysError("C03" if value else "C02")
        return SWITCH[value]

    def _fold(self, now_s: float) -> None:
        after_s = FOLDBACK_S + FOLDBACK_STEP_S * self._delay
        self.output.trips_in_cv_after_s = after_s if self._flags["FLD"] else None
        self.output.apply(now_s)

    def _reset(self, now_s: float) -> None:
        self._texts = {"PV": "0", "PC": "0", "OVP": f"{1.1 * self._rated_V:g}", "UVL": "0"}
        self._flags = {"FLD": False, "AST": False}
        self.output.over_V = 1.1 * self._rated_V
        self.output.trips_in_cv_after_s = None
        self.output.apply(now_s, voltage_V=0.0, current_A=0.0, on=False)
        self._remote = "REM"

    def _mode(self) -> str:
        if not self.output.on:
            return "OFF"
        return "CV" if self.output.in_cv else "CC"

    def _volts(self, value: float) -> str:
        return f"{value:0{DIGITS + 1}.{self._decimals_V}f}"

    def _amps(self, value: float) -> str:
        return f"{value:0{DIGITS + 1}.{self._decimals_A}f}"

    def _display(self) -> str:
        shown, told = self.output.read(), self._texts
        return ", ".join(
            (
                self._volts(shown.voltage_V),
                told["PV"],
                self._amps(shown.current_A),
                told["PC"],
                told["OVP"],
                told["UVL"],
            )
        )

    def _state(self) -> str:
        shown, told = self.output.read(), self._texts
        return (
            f"MV({self._volts(shown.voltage_V)}),PV({told['PV']}),"
            f"MC({self._amps(shown.current_A)}),PC({told['PC']}),"
            f"SR({self._status():02X}),FR({self._faults():02X})"
        )

    def _status(self) -> int:
        """Bits 0 CV, 1 CC, 2 no fault, 3 fault, 4 auto-restart, 5 foldback armed, 7 local."""
        mode = self._mode()
        state = {"OFF": 0, "CV": 1, "CC": 2}[mode]
        state |= 8 if self.output.tripped else 4
        state |= 16 if self._flags["AST"] else 0
        return state | (32 if self._flags["FLD"] else 0) | (128 if self._remote == "LOC" else 0)

    def _faults(self) -> int:
        """Bits 3 foldback, 4 overvoltage."""
        return {"FOLD": 8, "OVP": 16}.get(self.output.tripped, 0)


def genesys_20_38(
    cell: CellModel, seed: int, model: str = "GEN20-38", address: str = "6"
) -> GenesysEmulator:
    """TDK-Lambda GEN20-38, or another of its table: `model=GEN80-9.5`; `address` 0 to 30."""
    if model not in MODELS:
        what = f"there is no `{model}` among the supplies of TDK-Lambda"
        raise refusal("E532", what, did_you_mean(model, list(MODELS)))
    if not address.isdigit() or int(address) > 30:
        raise refusal("E532", f"`address` cannot be `{address}`", "write 0 to 30")
    return GenesysEmulator(cell, seed, model, int(address))


def genesys_40_38(cell: CellModel, seed: int, address: str = "6") -> GenesysEmulator:
    """TDK-Lambda GEN40-38."""
    return genesys_20_38(cell, seed, "GEN40-38", address)


def genesys_60_12(cell: CellModel, seed: int, address: str = "6") -> GenesysEmulator:
    """TDK-Lambda GEN60-12.5."""
    return genesys_20_38(cell, seed, "GEN60-12.5", address)
