"""New Era NE-1000 and Aladdin AL-1000 syringe pumps.

19200 baud 8N1. The driver speaks the packets of the safe mode: STX, the number of bytes that
follow, data, CRC-16 (CCITT, polynomial 0x1021 from 0, high byte first), ETX. In that mode the pump
stops with an alarm when no packet has come for the time told with `SAF`: its watchdog. An answer
begins with the pump's address and its state; an alarm is told once and is over then.

Source: NE-1000 user manual 1200-01 (2014), pages 33 to 36. Whether the answer to `SAF` itself comes
as a packet or in the basic form is not said there: either is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.asked_lines import QUIET_S, another_device, garbled
from faradaic.instruments.auxiliary_traits import (
    DOSED,
    Ability,
    AuxiliaryCapabilities,
    Rest,
    Trait,
)
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout
from faradaic.quantities.fields import Length, Positive, VolumeFlow

STX, ETX = b"\x02", b"\x03"
TIMEOUT_S = 1.0
WATCHDOG_S = 5
ML_M3 = 1e-6
ML_PER_MIN = ML_M3 / 60.0
INFUSING, STOPPED, PAUSED = "I", "S", "P"
ALARMS = {
    "R": "it was switched off and on",
    "S": "its motor stalled",
    "T": "no command came within its time-out",
    "E": "an error of its program",
    "O": "a phase of its program is out of range",
}
REFUSALS = {
    "": "it does not know the command",
    "NA": "not possible now",
    "OOR": "out of its range",
    "COM": "a damaged packet",
    "IGN": "ignored",
}
_RATES = {
    "MM": ML_PER_MIN,
    "MH": ML_PER_MIN / 60.0,
    "UM": 1e-3 * ML_PER_MIN,
    "UH": 1e-3 * ML_PER_MIN / 60.0,
}
_ANSWER = re.compile(r"(\d\d)(?:A\?([RSTEO])|([IWSPTUX]))(.*)", re.DOTALL)
_DISPENSED = re.compile(r"I([\d.]+)W([\d.]+)(UL|ML)")


def crc16(data: bytes) -> int:
    """CRC-16 CCITT from 0."""
    value = 0
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def packet(data: bytes) -> bytes:
    """Data in a packet of the safe mode."""
    return STX + bytes([len(data) + 4]) + data + crc16(data).to_bytes(2, "big") + ETX


def number(value: float) -> str:
    """Four digits at most and three of them after the point, as the pump takes them.

    Raises `DeviceError` for what does not fit to a hundredth: a volume of 0 would be without end.
    """
    whole = len(str(int(value))) if 0.0 <= value < 1e6 else 9
    text = f"{value:.{max(0, min(3, 4 - whole))}f}"
    if len(text.replace(".", "")) > 4 or abs(float(text) - value) > 0.01 * value:
        raise DeviceError.of(
            f"the pump takes four digits and three after the point, which {value:g} is not",
            help="take another syringe, volume or rate",
            code="E525",
        )
    return text


class _Alarm(DeviceError):
    """An alarm of the pump, which it tells once."""


class NewEraPump:
    """New Era NE-1000 syringe pump."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="New Era",
        model="NE-1000",
        traits=(Trait.PUMP,),
        on_host_death="It stops by itself when no packet has come for 5 s (safe mode).",
        tier=Tier.MANUAL,
        outlives_s=float(WATCHDOG_S),
    )
    serial: ClassVar[str] = "baud=19200"

    def __init__(
        self,
        transport: Transport,
        *,
        diameter_m: Annotated[Length, Positive],
        largest_m3_per_s: Annotated[VolumeFlow, Positive] | None = None,
    ) -> None:
        """`diameter`: of the syringe, inside; `largest`: the flow that it may be told at most."""
        self._transport = transport
        self._diameter_m = diameter_m
        self._flow = 0.0
        self.alarm = ""
        """Why it stopped by itself, until it is told something else."""
        self._safe = False
        self._suspect = True

    @classmethod
    def abilities(
        cls, *, diameter_m: float = 0.01, largest_m3_per_s: float | None = None, **options: object
    ) -> tuple[Ability, ...]:
        """By the plunger: 5.1 cm/min at most, by the manual's specification."""
        most = math.pi / 4.0 * diameter_m**2 * 0.051 / 60.0
        if largest_m3_per_s is not None:
            most = min(most, largest_m3_per_s)
        return (Ability(Trait.PUMP, 1e-3 * ML_PER_MIN, most, 1e-3 * ML_PER_MIN, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Identify it, in the mode that it is in; what it pumps goes on."""
        self._suspect, self._safe = True, True
        try:
            model = self._version()
        except TransportTimeout:
            self._safe = False
            self._transport.write(b"\r")  # ends what the packet was to it
            model = self._version()
        if not model.startswith("NE"):
            raise another_device(self._transport.address, model, "New Era pump")
        name, _, firmware = model.partition("V")
        return Identity("New Era", name, "", firmware)

    def set(self, quantity: str, value: float) -> None:
        """A flow (m3/s) until it is told otherwise; 0 stops."""
        self._stop()
        self._flow = 0.0
        if value:
            self._begin(0.0, value)

    def dose(self, volume_m3: float, rate_m3_per_s: float) -> None:
        """Deliver a volume at a rate; it stops by itself."""
        self._stop()
        self._begin(volume_m3, rate_m3_per_s)

    def read(self) -> Mapping[str, float]:
        """The flow as set while it infuses, and what it has infused."""
        try:
            state, data = self._state_and_data("DIS")
        except _Alarm as error:  # said once; it has stopped
            self.alarm = error.diagnostics[0].message
            state, data = self._state_and_data("DIS")
        match = _DISPENSED.fullmatch(data)
        if match is None:
            raise self._garbled(data)
        if state == INFUSING and not self._flow:  # somebody else began it
            self._flow = self._rate()
        volume = float(match[1]) * (ML_M3 if match[3] == "ML" else 1e-3 * ML_M3)
        return {"pump_flow_m3_per_s": self._flow if state == INFUSING else 0.0, DOSED: volume}

    def rest(self, keep: Collection[str]) -> Rest:
        """Stopped, read back; it need not stop by itself any more."""
        kept = "pump_flow_m3_per_s" in keep
        state = self._state_and_data("")[0] if kept else self._stop()
        if self._safe:
            self._exchange(b"SAF0")
            self._safe = False
        if kept:
            return Rest(True, f"the pump stays as it is, state {state}")
        return Rest(state in (STOPPED, PAUSED), f"STP, state read back {state}")

    def close(self) -> None:
        """Release the port."""
        self._transport.close()

    def _version(self) -> str:
        """Its model; an alarm that is waiting is told first."""
        try:
            return self._ask("VER")
        except _Alarm:
            return self._ask("VER")

    def _begin(self, volume_m3: float, rate_m3_per_s: float) -> None:
        """Set the syringe, have it stop by itself where nobody asks it, and start."""
        self._ask(f"DIA{number(self._diameter_m * 1e3)}")
        self._ask("VOLML")
        self._exchange(f"SAF{WATCHDOG_S}".encode())
        self._safe = True
        self._ask("CLDINF")
        self._ask("DIRINF")
        self._ask(f"VOL{number(volume_m3 / ML_M3)}")
        rate = rate_m3_per_s / ML_PER_MIN
        told = f"{number(rate)}MM" if rate >= 0.1 else f"{number(rate * 60.0)}MH"
        self._ask(f"RAT{told}")
        state, _ = self._state_and_data("RUN")
        if state != INFUSING:
            raise self._refused("RUN", f"its state is {state}")
        self._flow = float(told[:-2]) * (1.0 if told.endswith("MM") else 1.0 / 60.0) * ML_PER_MIN

    def _rate(self) -> float:
        """The rate that it is set to, m3/s."""
        told = self._ask("RAT")
        if told[-2:] not in _RATES:
            raise self._garbled(told)
        return float(told[:-2]) * _RATES[told[-2:]]

    def _stop(self) -> str:
        """Stopped for good: the first stop only pauses."""
        self.alarm = ""
        for _ in range(3):
            state, _ = self._state_and_data("")
            if state == STOPPED:
                return state
            state, _ = self._state_and_data("STP")
        return self._state_and_data("")[0]

    def _ask(self, command: str) -> str:
        return self._state_and_data(command)[1]

    def _state_and_data(self, command: str) -> tuple[str, str]:
        """State and data of the answer. Raises `DeviceError` for an alarm or a refusal."""
        answer = self._exchange(command.encode("ascii"))
        match = _ANSWER.fullmatch(answer)
        if match is None:
            raise self._garbled(answer)
        _, alarm, state, data = match.groups()
        if alarm:
            raise _Alarm.of(
                f"{self._transport.address} stopped by itself: {ALARMS[alarm]}",
                help="look at the pump: the syringe, its end stop, the tubing",
                code="E525",
            )
        if data.startswith("?"):
            raise self._refused(command, REFUSALS.get(data[1:], data))
        return state, data

    def _exchange(self, command: bytes) -> str:
        """What the pump answers, out of a packet or the basic form."""
        transport = self._transport
        if self._suspect:
            transport.drain(QUIET_S)
            self._suspect = False
        transport.write(packet(command) if self._safe else command + b"\r")
        try:
            came = transport.read_until(ETX, TIMEOUT_S)
            came = came[came.find(STX) :]
            is_packet = len(came) > 1 and came[1] < 0x20
            while is_packet and len(came) < 1 + came[1]:  # an ETX inside of it
                came += transport.read_until(ETX, TIMEOUT_S)
        except LinkError:
            self._suspect = True
            raise
        if not is_packet:
            return came[1:-1].decode("latin-1")
        data = came[2:-3]
        if packet(data) != came:
            raise self._garbled(came)
        return data.decode("latin-1")

    def _garbled(self, answer: str | bytes) -> LinkError:
        self._suspect = True
        return garbled(self._transport.address, answer)

    def _refused(self, command: str, why: str) -> DeviceError:
        return DeviceError.of(
            f"{self._transport.address} did not do `{command}`: {why}",
            help="look at the pump: the syringe, its end stop, the rate for this diameter",
            code="E525",
        )
