"""Korad KA and KD supplies, and what is sold as Tenma, RND, Velleman and Stamos.

9600 baud 8N1. A command has no end but a pause, an answer none either; nothing is acknowledged and
nothing that is not understood is complained about: every setting is read back. 50 ms lie between
the ends of two commands, 80 ms after a setting (450 ms on a Velleman PS3005D V1.3, and after
`STATUS?` too: it gives a reading every 1.5 s).

A reading is `STATUS?`, then current and voltage in turn, twice, and `STATUS?` again: an answer that
belongs to another question has another form, and one that was damaged does not agree with its twin.
In the status byte bit 0 (constant voltage) and bit 6 (output on) are the same in all of them; the
others are not, and are not looked at. OCP is turned off, since it would take every constant current
for a fault; OVP is left as it is found.

Sources: libsigrok, src/hardware/korad-kaxxxxp (commands, forms, status, pauses, the byte too many
after ISET1?, models); koradctl 0.8, tenma-serial 1.1.4. Not known: output capacitor, accuracy, and
whether the meter shows the cell's voltage with the output off.
"""

from __future__ import annotations

import re
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.serial_supplies.repeated_questions import AskedSupply
from faradaic.instruments.serial_supplies.supply_settings import in_steps, supply
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport

TIMEOUT_S = 0.5
QUIET_S = 0.03
"""After which an answer is over."""
AFTER_SETTING_S, AFTER_SETTING_SLOW_S = 0.08, 0.5
READ_TIMEOUT_SLOW_S = 3.0
STEP_V, STEP_A = 0.01, 0.001
CONSTANT_VOLTAGE, OUTPUT_ON = 1, 1 << 6
SLOW = "PS3005DV1.3"
RATED = {
    "KA3005P": (30.0, 5.0),
    "KD3005P": (30.0, 5.0),
    "PS3005D": (30.0, 5.0),
    "S-LS-31": (30.0, 5.0),
    "72-2540": (30.0, 5.0),
    "72-2710": (30.0, 5.0),
    "72-2535": (30.0, 3.0),
    "72-2705": (30.0, 3.0),
    "KA6003P": (60.0, 3.0),
    "72-2550": (60.0, 3.0),
    "KD6005P": (60.0, 5.0),
}
"""What `*IDN?` contains, and the range (libsigrok's table of models)."""
_SERIAL = re.compile(r"SN: *(\w+)")
_VALUE = {"VSET1?": r"\d\d\.\d\d", "VOUT1?": r"\d\d\.\d\d"}
_VALUE |= {"ISET1?": r"(\d\.\d\d\d).?", "IOUT1?": r"\d\.\d\d\d"}


class KoradSupply(AskedSupply):
    """Korad KA3005P and its kin of 30 V and 5 A; see `faradaic.instruments.traits.Source`."""

    capabilities = supply(
        "Korad",
        "KA3005P",
        most_V=30.0,
        most_A=5.0,
        step_A=STEP_A,
        interval_s=0.5,
        level_s=1.5,
    )
    serial: ClassVar[str] = "baud=9600"
    TOLD_OFF = "OUT0"
    ASKED_OUTPUT = "STATUS?"
    LOST_HELP = (
        "it was turned off at the front panel, by OCP or OVP, or by a firmware that turns off when"
        " something is set"
    )

    def __init__(self, transport: Transport, *, newline: bool = False) -> None:
        """`newline`: its firmware waits for an end of line (KA3005PS, Velleman "DN")."""
        super().__init__(transport)
        self._end = "\n" if newline else ""
        self._slow = False

    def _identify(self) -> Identity:
        self._resynchronise()
        told = self.surely("*IDN?", self._name)
        able = self.capabilities
        rated = next((r for name, r in RATED.items() if name in told.upper()), None)
        if rated != (able.compliance_V, able.current_max_A):
            has = f"of {rated[0]:g} V and {rated[1]:g} A" if rated else "unknown to this driver"
            raise DeviceError.of(
                f"{self.transport.address} answers as {told!r:.60}, {has}; the driver of the bench "
                f"file is that of {able.compliance_V:g} V and {able.current_max_A:g} A",
                help="correct the address or the driver; `faradaic devices` lists them",
                code="E511",
            )
        self._slow = SLOW in told
        if self._slow:
            self.READ_TIMEOUT_S = READ_TIMEOUT_SLOW_S  # type: ignore[misc]
        serial = _SERIAL.search(told)
        return Identity("Korad", told[:40], serial[1] if serial else "", "")

    def _configure(self, held: SetPoint) -> None:
        self._tell("OCP0")
        self._set("ISET1", held.current_A, STEP_A, "A", "05.3f")
        self._set("VSET1", held.voltage_V, STEP_V, "V", "05.2f")

    def _change(self, held: SetPoint, value: float) -> None:
        if held.regulation is Regulation.VOLTAGE:
            self._set("VSET1", value, STEP_V, "V", "05.2f")
        else:
            self._set("ISET1", value, STEP_A, "A", "05.3f")

    def _switch_on(self) -> None:
        def ask() -> str | None:
            on, answer = self._ask_output()
            return None if on else answer

        self.read_back("OUT1", lambda: self._tell("OUT1"), ask)

    def _tell_off(self) -> None:
        self._tell(self.TOLD_OFF)

    def _ask_output(self) -> tuple[bool | None, str]:
        states = [bool(self.surely("STATUS?", self._status) & OUTPUT_ON) for _ in range(2)]
        if states[0] is not states[1]:  # which of them was damaged?
            states.append(bool(self.surely("STATUS?", self._status) & OUTPUT_ON))
        return states.count(True) > 1, "bit 6 is " + ", ".join(str(int(on)) for on in states)

    def _measure(self, held: SetPoint) -> Measured:
        before = self._status()
        current_A, voltage_V = agreed(self._amps_and_volts, (STEP_A, STEP_V))
        after = self._status()
        raw = f"{before:02X} {current_A:.3f} {voltage_V:.2f} {after:02X}"
        if (before ^ after) & (CONSTANT_VOLTAGE | OUTPUT_ON):
            raise DamagedReply.of(
                f"the status was {before:02X} before `{raw}` and {after:02X} after"
            )
        if not after & OUTPUT_ON:
            raise DamagedReply.of(f"`{raw}` says that the output is off")
        holds = Regulation.VOLTAGE if after & CONSTANT_VOLTAGE else Regulation.CURRENT
        return Measured(current_A, voltage_V, holds, holds is not held.regulation, raw)

    def _amps_and_volts(self) -> tuple[float, float]:
        return self._value("IOUT1?"), self._value("VOUT1?")

    def _resynchronise(self) -> None:
        self.transport.drain(0.1)

    def _set(self, word: str, value: float, step: float, unit: str, form: str) -> None:
        """One setting, read back. Raises `DeviceError`."""
        wanted = in_steps(value, step, unit, self.capabilities.model) * step
        command = f"{word}:{wanted:{form}}"

        def ask() -> str | None:
            there = self._value(f"{word}?")
            return None if abs(there - wanted) < 0.5 * step else f"{there:g}"

        self.read_back(command, lambda: self._tell(command), ask)

    def _value(self, question: str) -> float:
        answer = self._ask(question)
        match = re.fullmatch(_VALUE[question], answer, re.DOTALL)
        if match is None:
            raise DamagedReply.of(f"`{question}` was answered by {answer!r:.40}")
        return float(answer[:5])

    def _name(self) -> str:
        return self._ask("*IDN?", quiet_s=0.1).rstrip("\x00\x01\xbc \r\n")

    def _status(self) -> int:
        answer = self._ask("STATUS?")
        if len(answer) != 1:
            raise DamagedReply.of(f"`STATUS?` was answered by {answer!r:.40}")
        if self._slow:
            self.transport.drain(AFTER_SETTING_SLOW_S)
        return ord(answer)

    def _ask(self, question: str, quiet_s: float = QUIET_S) -> str:
        self.transport.write((question + self._end).encode("ascii"))
        answer = self.transport.read_until_quiet(quiet_s, TIMEOUT_S).decode("latin-1")
        return answer.removesuffix("\n") if self._end else answer

    def _tell(self, command: str) -> None:
        self.transport.write((command + self._end).encode("ascii"))
        self.transport.drain(AFTER_SETTING_SLOW_S if self._slow else AFTER_SETTING_S)


class KoradSupply30V3A(KoradSupply):
    """Tenma 72-2535 and 72-2705: 30 V and 3 A."""

    capabilities = supply(
        "Tenma", "72-2535", most_V=30.0, most_A=3.0, step_A=STEP_A, interval_s=0.5, level_s=1.5
    )


class KoradSupply60V3A(KoradSupply):
    """Korad KA6003P and Tenma 72-2550: 60 V and 3 A."""

    capabilities = supply(
        "Korad", "KA6003P", most_V=60.0, most_A=3.0, step_A=STEP_A, interval_s=0.5, level_s=1.5
    )


class KoradSupply60V5A(KoradSupply):
    """Korad KD6005P: 60 V and 5 A."""

    capabilities = supply(
        "Korad", "KD6005P", most_V=60.0, most_A=5.0, step_A=STEP_A, interval_s=0.5, level_s=1.5
    )
