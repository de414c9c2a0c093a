"""Riden RD60xx and RDTech DPS and DPH supplies, by their registers over Modbus RTU.

RD60xx: 115200 baud, DPS: 9600 baud, 8N1, slave 1. A reading is the block from set voltage to output
switch, asked with another length each time until two agree: an answer to an earlier question has
not the length of this one, and what was damaged does not fit its check sum. Protections are armed
with each segment.

Sources: libsigrok, src/hardware/rdtech-dps (registers, scaling, models); Baldanos/rd6006,
registers.md. Not known: what happens to a value beyond the range (each is read back), the output
capacitor (not small in a converter of this kind), and whether a set-point that is written often
wears the memory it is kept in. Some keep their output on through a loss of mains: see `Boot pow`
and `Take out` in their menus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.serial_supplies.modbus_registers import ModbusRegisters
from faradaic.instruments.serial_supplies.repeated_questions import AskedSupply
from faradaic.instruments.serial_supplies.supply_settings import in_steps, supply
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport

PROTECTIONS = {1: "its overvoltage protection", 2: "its overcurrent protection", 3: "overpower"}
CONSTANT_CURRENT = 1
CLOSE = 3.0
"""Digits: two answers that are so close are of one time. (Each is whole by its CRC.)"""


@dataclass(frozen=True, slots=True)
class RidenProfile:
    """Where a family keeps what, counted from its set voltage, and how a model is told."""

    set_V: int
    """Register of the set voltage; the current follows, then both as measured."""
    protected: int
    regulated: int
    switch: int
    over_V: int
    """The overcurrent follows."""
    model: int
    spare: int
    """Registers behind the switch that can be asked for."""


RD = RidenProfile(8, 16, 17, 18, 82, 0, spare=10)
DPS = RidenProfile(0, 7, 8, 9, 0x52, 0x0B, spare=3)


def _able(name: str, most_V: float, most_A: float, step_A: float) -> Capabilities:
    return supply(
        "Riden" if name.startswith("RD6") else "RDTech",
        name,
        most_V=most_V,
        most_A=most_A,
        step_A=step_A,
        interval_s=0.2,
        level_s=0.5,
    )


class RidenSupply(AskedSupply):
    """Riden RD6006: 60 V and 6 A; see `faradaic.instruments.traits.Source`."""

    DOUBTS_JUMPS = False  # each answer is whole by its CRC

    capabilities = _able("RD6006", 60.0, 6.0, 1e-3)
    serial: ClassVar[str] = "baud=115200"
    PROFILE: ClassVar[RidenProfile] = RD
    CODES: ClassVar[tuple[int, ...]] = (60061, 60062)
    STEPS: ClassVar[tuple[float, float]] = (1e-3, 1e-2)
    """Of the current and the voltage."""
    TOLD_OFF = "switch register 0"
    ASKED_OUTPUT = "switch register"
    READ_TIMEOUT_S = 2.0

    def __init__(self, transport: Transport, *, slave: int = 1) -> None:
        """`slave`: its address on the line."""
        super().__init__(transport)
        self._registers = ModbusRegisters(transport, slave)
        self._turn = 0

    def _identify(self) -> Identity:
        self._resynchronise()
        profile = self.PROFILE
        count = 2 if profile is DPS else 4
        told = self.surely("model", lambda: self._registers.read(profile.model, count))
        if told[0] not in self.CODES:
            raise DeviceError.of(
                f"{self.transport.address} says that it is model {told[0]}, not a "
                f"{self.capabilities.model} ({self.CODES[0]})",
                help="correct the address or the driver; `faradaic devices` lists them",
                code="E511",
            )
        serial = "" if profile is DPS else str(told[1] << 16 | told[2])
        firmware = f"{told[-1] / 100:.2f}" if profile is RD else str(told[-1])
        return Identity(self.capabilities.manufacturer, self.capabilities.model, serial, firmware)

    def _configure(self, held: SetPoint) -> None:
        at, able, (step_A, step_V) = self.PROFILE, self.capabilities, self.STEPS
        over_V = min(1.05 * held.highest_V + 0.5, 1.03 * able.compliance_V)
        over_A = min(1.1 * held.highest_A + 5.0 * step_A, 1.03 * able.current_max_A)
        self._set(at.over_V, round(over_V / step_V), "OVP")
        self._set(at.over_V + 1, round(over_A / step_A), "OCP")
        self._set_amps(held.current_A)
        self._set_volts(held.voltage_V)

    def _change(self, held: SetPoint, value: float) -> None:
        if held.regulation is Regulation.VOLTAGE:
            self._set_volts(value)
        else:
            self._set_amps(value)

    def _switch_on(self) -> None:
        self._set(self.PROFILE.switch, 1, "output")

    def _tell_off(self) -> None:
        self.told(lambda: self._registers.write(self.PROFILE.switch, 0))

    def _ask_output(self) -> tuple[bool | None, str]:
        state = self.surely("output", lambda: self._word(self.PROFILE.switch))
        return {0: False, 1: True}.get(state), f"register {self.PROFILE.switch} is {state}"

    def _measure(self, held: SetPoint) -> Measured:
        at, (step_A, step_V) = self.PROFILE, self.STEPS
        block: list[int] = []

        def ask() -> tuple[float, ...]:
            block[:] = self._block(at.set_V, at.switch - at.set_V + 1)
            return tuple(float(block[n]) for n in (2, 3, at.regulated - at.set_V))

        digits = agreed(ask, (CLOSE, CLOSE, 0.0))
        told = {name: block[getattr(at, name) - at.set_V] for name in ("regulated", "switch")}
        raw = " ".join(f"{word:04X}" for word in block[: at.switch - at.set_V + 1])
        if told["switch"] != 1 or told["regulated"] not in (0, 1):
            raise DamagedReply.of(f"`{raw}` says that the output is not on")
        in_cc = told["regulated"] == CONSTANT_CURRENT
        holds = Regulation.CURRENT if in_cc else Regulation.VOLTAGE
        volts, amps = digits[0] * step_V, digits[1] * step_A
        return Measured(amps, volts, holds, holds is not held.regulation, raw)

    def _resynchronise(self) -> None:
        self._registers.resynchronise()

    def _off_for_good(self) -> str:
        try:
            protected = self.surely("protection", lambda: self._word(self.PROFILE.protected))
            return PROTECTIONS.get(protected, "")
        except DeviceError:
            return ""

    def _set_volts(self, value: float) -> None:
        steps = in_steps(value, self.STEPS[1], "V", self.capabilities.model)
        self._set(self.PROFILE.set_V, steps, "set voltage")

    def _set_amps(self, value: float) -> None:
        steps = in_steps(value, self.STEPS[0], "A", self.capabilities.model)
        self._set(self.PROFILE.set_V + 1, steps, "set current")

    def _set(self, register: int, value: int, what: str) -> None:
        """One register, read back. Raises `DeviceError`."""

        def ask() -> str | None:
            there = self._word(register)
            return None if there == value else str(there)

        self.read_back(f"{what} {value}", lambda: self._registers.write(register, value), ask)

    def _word(self, register: int) -> int:
        return self._block(register, 1)[0]

    def _block(self, first: int, count: int) -> list[int]:
        """Registers from one on, so many at least: never so many as the last time."""
        self._turn = (self._turn + 1) % (self.PROFILE.spare + 1)
        return self._registers.read(first, count + self._turn)


class RidenRd6006P(RidenSupply):
    """Riden RD6006P: 60 V and 6 A in steps of 0.1 mA."""

    capabilities = _able("RD6006P", 60.0, 6.0, 1e-4)
    CODES = (60065,)
    STEPS = (1e-4, 1e-3)


class RidenRd6012(RidenSupply):
    """Riden RD6012: 60 V and 12 A."""

    capabilities = _able("RD6012", 60.0, 12.0, 1e-2)
    CODES = (60121,)
    STEPS = (1e-2, 1e-2)


class RidenRd6018(RidenSupply):
    """Riden RD6018: 60 V and 18 A."""

    capabilities = _able("RD6018", 60.0, 18.0, 1e-2)
    CODES = (60181,)
    STEPS = (1e-2, 1e-2)


class Dps5005(RidenSupply):
    """RDTech DPS5005 and DPH5005: 50 V and 5 A."""

    capabilities = _able("DPS5005", 50.0, 5.0, 1e-3)
    serial = "baud=9600"
    PROFILE = DPS
    CODES: ClassVar[tuple[int, ...]] = (5005, 5205)


class Dps5020(Dps5005):
    """RDTech DPS5020: 50 V and 20 A."""

    capabilities = _able("DPS5020", 50.0, 20.0, 1e-2)
    CODES = (5020,)
    STEPS = (1e-2, 1e-2)
