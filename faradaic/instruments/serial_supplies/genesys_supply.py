"""TDK-Lambda Genesys supplies on their serial line (also GENH, and GEN protocol of later series).

9600 baud 8N1, CR ends a message; the supply listens once its address was said (`ADR 6` -> `OK`),
and answers `OK` to what it does and E01 to E08 or C01 to C05 to what it does not. Every message
carries its check sum (`STT?$3A`), and so does every answer.

A reading is `MODE?` and `STT?` in turn, until two agree, and `MODE?` again: an answer to an earlier
question has another form. Auto-restart is turned off, so that no output comes back with the mains;
the overvoltage protection stands 15 % or 1 V above what is asked for. With `foldback: true` the
supply turns itself off 0.25 s after it has come to its voltage limit, whoever is there to see it.

Sources: Genesys user manuals (750 W 83-507-013 Rev. G pages 77 to 85, GH10-150 page 94, 10 kW page
53, 5 kW page 58); that 1 % of the rated current is the least that is asked of it is a guess, as is
its accuracy; its output capacitor is not known.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.serial_supplies.repeated_questions import QUESTION_ATTEMPTS, AskedSupply
from faradaic.instruments.serial_supplies.supply_settings import STAYS_ON, supply
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport, TransportTimeout

TIMEOUT_S = 0.7
QUIET_S = 0.03
OVER = 1.15
SAME = 2e-4
"""Of its rating: two answers that are so close are one value. Each is whole by its check sum."""
MODES = {"CC": Regulation.CURRENT, "CV": Regulation.VOLTAGE, "OFF": Regulation.OFF}
ERRORS = {
    "E01": "the voltage is above 105 % of its rating or 95 % of its overvoltage protection",
    "E02": "the voltage is below its undervoltage limit",
    "E04": "the overvoltage protection would be below the voltage",
    "E06": "the undervoltage limit would be above the voltage",
    "E07": "a fault keeps its output off",
    "C01": "it does not know the command",
    "C02": "a parameter is missing",
    "C03": "a parameter is wrong",
    "C05": "a value is out of range",
}
_STATE = re.compile(r"MV\(([\d.]+)\),PV\([\d.]+\),MC\(([\d.]+)\),PC\([\d.]+\),SR\(\w+\),FR\(\w+\)")


def check_sum(text: str) -> str:
    """Two digits, as they follow the `$`."""
    return f"{sum(text.encode('latin-1')) & 0xFF:02X}"


def _able(name: str, most_V: float, most_A: float) -> Capabilities:
    return supply(
        "TDK-Lambda",
        name,
        most_V=most_V,
        most_A=most_A,
        step_A=1.2e-4 * most_A,
        least_A=1e-2 * most_A,
        interval_s=0.5,
        level_s=0.8,
        on_host_death=f"{STAYS_ON} `foldback: true` has it turn itself off where it comes to its"
        " voltage limit.",
    )


STATES = {"ON": True, "OFF": False}
"""Answers that say whether the output is on."""


class GenesysSupply(AskedSupply):
    """TDK-Lambda GEN20-38: 20 V and 38 A; see `faradaic.instruments.traits.Source`."""

    capabilities = _able("GEN20-38", 20.0, 38.0)
    serial: ClassVar[str] = "baud=9600"
    TOLD_OFF = "OUT OFF"
    ASKED_OUTPUT = "OUT?"

    def __init__(
        self,
        transport: Transport,
        *,
        node: Annotated[int, Interval(ge=0, le=30)] = 6,
        foldback: bool = False,
    ) -> None:
        """`node`: its address; `foldback`: it is to turn itself off at its voltage limit."""
        super().__init__(transport)
        self._node = node
        self._foldback = "ON" if foldback else "OFF"

    def _identify(self) -> Identity:
        self._resynchronise()
        told = self._surely("IDN?")
        if told.replace(" ", "").upper() != f"LAMBDA,{self.capabilities.model}".upper():
            raise DeviceError.of(
                f"{self.transport.address} answers as {told!r:.40}, not as a TDK-Lambda "
                f"{self.capabilities.model}",
                help="correct the address or the driver; `faradaic devices` lists them",
                code="E511",
            )
        serial, revision = self._surely("SN?"), self._surely("REV?")
        return Identity("TDK-Lambda", self.capabilities.model, serial, revision)

    def _configure(self, held: SetPoint) -> None:
        able = self.capabilities
        over_V = min(max(OVER * held.highest_V, held.highest_V + 1.0, 2.0), 1.1 * able.compliance_V)
        self.told(lambda: self._do("RMT REM"))
        self._set("AST", "OFF")
        self._set("FLD", self._foldback)
        self._set("UVL", "0")
        self._set("PV", "0")  # fits every protection
        self._set("OVP", f"{over_V:.2f}")
        self._set("PC", f"{held.current_A:.3f}")
        self._set("PV", f"{held.voltage_V:.3f}")

    def _change(self, held: SetPoint, value: float) -> None:
        self._set("PV" if held.regulation is Regulation.VOLTAGE else "PC", f"{value:.3f}")

    def _switch_on(self) -> None:
        self._set("OUT", "ON")

    def _tell_off(self) -> None:
        self.told(lambda: self._do(self.TOLD_OFF))

    def _ask_output(self) -> tuple[bool | None, str]:
        answer = self._surely(self.ASKED_OUTPUT)
        if answer not in STATES:  # that of an earlier question, which came late
            self._resynchronise()
            answer = self._surely(self.ASKED_OUTPUT)
        return STATES.get(answer), answer

    def _measure(self, held: SetPoint) -> Measured:
        able = self.capabilities
        before = self._mode()
        steps = (SAME * able.compliance_V, SAME * able.current_max_A)
        volts, amps = agreed(self._volts_and_amps, steps)
        raw = f"{volts:g} V {amps:g} A {before}"
        if self._mode() is not before:
            raise DamagedReply.of(f"`{raw}`: its mode was another one just after")
        if before is Regulation.OFF:
            raise DamagedReply.of(f"`{raw}`: its mode says that the output is off")
        return Measured(amps, volts, before, before is not held.regulation, raw)

    def _volts_and_amps(self) -> tuple[float, float]:
        """An answer of another form comes before it."""
        self._mode()
        raw = self._ask("STT?")
        match = _STATE.fullmatch(raw.replace(" ", ""))
        if match is None:
            raise DamagedReply.of(f"`STT?` was answered by {raw!r:.80}")
        return float(match[1]), float(match[2])

    def _mode(self) -> Regulation:
        answer = self._ask("MODE?")
        if answer not in MODES:
            raise DamagedReply.of(f"`MODE?` was answered by {answer!r:.40}")
        return MODES[answer]

    def _resynchronise(self) -> None:
        """Its address again: another one on the line may have been spoken to."""
        for left in reversed(range(QUESTION_ATTEMPTS)):
            self.transport.drain(QUIET_S)
            try:
                self._do(f"ADR {self._node}")
                self.transport.drain(QUIET_S)
                return
            except (TransportTimeout, DamagedReply):
                if not left:
                    raise

    def _off_for_good(self) -> str:
        return "its foldback protection may have done it" if self._foldback == "ON" else ""

    def _set(self, word: str, value: str) -> None:
        """One setting, read back. Raises `DeviceError`."""
        command = f"{word} {value}"

        def ask() -> str | None:
            there = self._told_back(f"{word}?")
            try:
                same = there == value or abs(float(there) - float(value)) < 1e-3
            except ValueError:
                same = False
            return None if same else there

        self.read_back(command, lambda: self._do(command), ask)

    def _do(self, command: str) -> None:
        answer = self._ask(command)
        if answer in ERRORS:
            raise DeviceError.of(
                f"the {self.capabilities.model} did not take `{command}`: {ERRORS[answer]}"
                f" ({answer})",
                help="lower the value, or look at the supply: a fault, a limit of its own",
                code="E512",
            )
        if answer != "OK":
            raise DamagedReply.of(f"`{command}` was answered by {answer!r:.40}")

    def _surely(self, question: str) -> str:
        return self.surely(question, lambda: self._told_back(question))

    def _told_back(self, question: str) -> str:
        """The answer to a question: never that of a command."""
        answer = self._ask(question)
        if answer == "OK" or answer in ERRORS:
            raise DamagedReply.of(f"`{question}` was answered by {answer!r}")
        return answer

    def _ask(self, command: str) -> str:
        """An answer whose check sum fits. Raises `DamagedReply`."""
        self.transport.write(f"{command}${check_sum(command)}\r".encode("ascii"))
        came = self.transport.read_until(b"\r", TIMEOUT_S).decode("latin-1").strip()
        answer, dollar, digits = came.rpartition("$")
        if not dollar or digits.upper() != check_sum(answer):
            raise DamagedReply.of(f"`{command}` was answered by {came!r:.80}, damaged")
        return answer


class Genesys60(GenesysSupply):
    """TDK-Lambda GEN60-12.5: 60 V and 12.5 A."""

    capabilities = _able("GEN60-12.5", 60.0, 12.5)


class Genesys40(GenesysSupply):
    """TDK-Lambda GEN40-38: 40 V and 38 A."""

    capabilities = _able("GEN40-38", 40.0, 38.0)
