"""Manson HCS-3xxx supplies, also sold as PeakTech, Voltcraft and B&K Precision.

9600 baud 8N1. Four letters and digits without a point, CR; an answer is its lines and `OK`. `SOUT0`
turns the output on, `SOUT1` off; nothing tells which it is but the voltage of `GETD`, which cannot
be set below 1 V: no current and less than that are taken for off. A display that shows the voltage
of the cell with its output off would say otherwise, and the output then counts as on.

A reading is `GETS` and `GETD` in turn until two agree: an answer to another question has another
form.

Sources: Manson HCS-3602 USB user manual, "Command Set"; libsigrok, src/hardware/manson-hcs-3xxx
(models, what is taken for on). Baud rate: hcscom and libsigrok.
"""

from __future__ import annotations

import re
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.serial_supplies.repeated_questions import AskedSupply
from faradaic.instruments.serial_supplies.supply_settings import in_steps, supply
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply

TIMEOUT_S = 0.7
QUIET_S = 0.05
STEP_V, LEAST_V = 0.1, 1.0
SHOWN = 0.01
"""Volts and amperes to a digit of GETD, on every model."""
_DISPLAY, _SETTINGS = re.compile(r"(\d{4})(\d{4})([01])"), re.compile(r"(\d{3})(\d{3})")


def _able(name: str, most_V: float, most_A: float, step_A: float) -> Capabilities:
    return supply(
        "Manson",
        name,
        most_V=most_V,
        most_A=most_A,
        step_A=step_A,
        interval_s=0.3,
        level_s=1.0,
        least_V=LEAST_V,
    )


class MansonSupply(AskedSupply):
    """Manson HCS-3204: 60 V and 5 A; see `faradaic.instruments.traits.Source`."""

    capabilities = _able("HCS-3204", 60.0, 5.0, 0.01)
    serial: ClassVar[str] = "baud=9600"
    STEP_A: ClassVar[float] = 0.01
    TOLD_OFF = "SOUT1"
    ASKED_OUTPUT = "GETD"

    def _identify(self) -> Identity:
        self._resynchronise()
        told = " ".join(self.surely("GMOD", lambda: self._ask("GMOD")))
        if self.capabilities.model.removeprefix("HCS-") not in told:
            raise DeviceError.of(
                f"{self.transport.address} answers as {told!r:.40}, not as a Manson "
                f"{self.capabilities.model}",
                help="correct the address or the driver; `faradaic devices` lists them",
                code="E511",
            )
        return Identity("Manson", told[:40], "", "")

    def _configure(self, held: SetPoint) -> None:
        self._set(held.voltage_V, held.current_A)

    def _change(self, held: SetPoint, value: float) -> None:
        if held.regulation is Regulation.VOLTAGE:
            self._set(value, held.current_A)
        else:
            self._set(held.voltage_V, value)

    def _switch_on(self) -> None:
        def ask() -> str | None:
            on, answer = self._ask_output()
            return None if on else answer

        self.read_back("SOUT0", lambda: self._do("SOUT0"), ask)

    def _tell_off(self) -> None:
        self.told(lambda: self._do(self.TOLD_OFF))

    def _ask_output(self) -> tuple[bool | None, str]:
        states: list[bool] = []
        while len(states) < 2 or (len(states) == 2 and states[0] is not states[1]):
            volts, amps, _ = self.surely("GETD", self._shown)
            states.append(volts >= LEAST_V or amps > 0.0)
        return states.count(True) > 1, f"{volts:.2f} V, {amps:.2f} A"

    def _measure(self, held: SetPoint) -> Measured:
        volts, amps, mode = agreed(self._shown, (SHOWN, SHOWN, 0.0))
        raw = f"{volts:.2f} V {amps:.2f} A {mode:.0f}"
        if volts < LEAST_V and not amps:
            raise DamagedReply.of(f"`{raw}` says that the output is off")
        holds = Regulation.CURRENT if mode else Regulation.VOLTAGE
        return Measured(amps, volts, holds, holds is not held.regulation, raw)

    def _shown(self) -> tuple[float, float, int]:
        """What it displays; an answer of another form comes before it."""
        self._settings()
        return self._display()

    def _resynchronise(self) -> None:
        self.transport.drain(QUIET_S)

    def _set(self, voltage_V: float, current_A: float) -> None:
        """Both settings, read back. Raises `DeviceError`."""
        model = self.capabilities.model
        volts = in_steps(voltage_V, STEP_V, "V", model)
        amps = in_steps(current_A, self.STEP_A, "A", model)

        def tell() -> None:
            self._do(f"CURR{amps:03d}")
            self._do(f"VOLT{volts:03d}")

        def ask() -> str | None:
            there = self._settings()
            return None if there == (volts, amps) else f"{there[0]:03d}{there[1]:03d}"

        self.read_back(f"VOLT{volts:03d}, CURR{amps:03d}", tell, ask)

    def _display(self) -> tuple[float, float, int]:
        """Volts, amperes, and 1 where it regulates the current."""
        match = self._form("GETD", _DISPLAY)
        return int(match[1]) * SHOWN, int(match[2]) * SHOWN, int(match[3])

    def _settings(self) -> tuple[int, int]:
        match = self._form("GETS", _SETTINGS)
        return int(match[1]), int(match[2])

    def _form(self, question: str, form: re.Pattern[str]) -> re.Match[str]:
        lines = self._ask(question)
        match = form.fullmatch(lines[0]) if len(lines) == 1 else None
        if match is None:
            raise DamagedReply.of(f"`{question}` was answered by {lines!r:.40}")
        return match

    def _do(self, command: str) -> None:
        if lines := self._ask(command):
            raise DamagedReply.of(f"`{command}` was answered by {lines!r:.40}")

    def _ask(self, command: str) -> list[str]:
        """The lines of an answer, without its OK."""
        self.transport.write(f"{command}\r".encode("ascii"))
        came = self.transport.read_until(b"OK\r", TIMEOUT_S).decode("latin-1")
        return [line for line in came[:-3].split("\r") if line]


class MansonHcs3202(MansonSupply):
    """Manson HCS-3202: 36 V and 10 A, in steps of 0.1 A."""

    capabilities = _able("HCS-3202", 36.0, 10.0, 0.1)
    STEP_A = 0.1


class MansonHcs3602(MansonSupply):
    """Manson HCS-3602: 32 V and 30 A, in steps of 0.1 A."""

    capabilities = _able("HCS-3602", 32.0, 30.0, 0.1)
    STEP_A = 0.1
