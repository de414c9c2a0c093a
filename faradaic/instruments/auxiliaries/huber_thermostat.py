"""Huber thermostats with Pilot ONE, CC or MPC controllers, by their PB commands.

9600 baud 8N1 (or TCP port 8101); `{M`, two hexadecimal digits of a variable, four of a value or
`****` to ask, CR LF. It answers `{S`, the variable and its value, also to a setting. Temperatures
are hundredths of a degree as signed 16 bits; -151.00 stands for a sensor that is not there.

Variables: 00 set-point, 01 internal and 07 process temperature, 0A status, 14 temperature control,
16 circulation, 1B and 1C serial number, 30 and 31 limits of the set-point.

Sources: Huber, "Data Communication PB" V1.2.0 (structure, answers), and the tables of FlowChem's
and numat's drivers (addresses, -151, port 8101). Whether stopping the temperature control stops
the pump as well is not said there: it is stopped by itself where it was started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import AskedLines, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.quantities.fields import Temperature

NO_SENSOR_C = -151.0
DIGIT = 10.0
"""Hundredths of a degree: two answers that are so close are one value."""
TEMPERATURE = "temperature_K"
SET_POINT, INTERNAL, PROCESS, STATUS, CONTROL = 0x00, 0x01, 0x07, 0x0A, 0x14
SERIAL_HIGH, SERIAL_LOW, LOWEST, HIGHEST = 0x1B, 0x1C, 0x30, 0x31
FAULT = 1 << 7
"""Of the status."""


def signed(word: int) -> int:
    """A word as signed 16 bits."""
    return word - 0x10000 if word & 0x8000 else word


class HuberThermostat:
    """Huber circulation thermostat."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Huber",
        model="Pilot ONE",
        traits=(Trait.THERMOSTAT,),
        on_host_death="The bath goes on at the last temperature until someone changes it, unless "
        "the watchdog of its own menu was set.",
        tier=Tier.MANUAL,
        period_s=1.0,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(
        self,
        transport: Transport,
        *,
        sensor: Literal["internal", "process"] = "internal",
        lowest_K: Temperature = CELSIUS_ZERO_K - 40.0,
        highest_K: Temperature = CELSIUS_ZERO_K + 150.0,
    ) -> None:
        """`lowest`, `highest`: what the bath liquid allows."""
        self._line = AskedLines(transport, ends=b"\r\n", answers_end=b"\r\n")
        self._sensor = INTERNAL if sensor == "internal" else PROCESS
        self.alarm = ""

    @classmethod
    def abilities(
        cls,
        *,
        lowest_K: float = CELSIUS_ZERO_K - 40.0,
        highest_K: float = CELSIUS_ZERO_K + 150.0,
        **options: object,
    ) -> tuple[Ability, ...]:
        """Within the temperatures of its liquid."""
        return (Ability(Trait.THERMOSTAT, lowest_K, highest_K, 0.01, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Read its serial number."""
        serial = self._word(SERIAL_HIGH) << 16 | self._word(SERIAL_LOW)
        return Identity("Huber", "PB", str(serial), "")

    def set(self, quantity: str, value: float) -> None:
        """Temperature (K), and start; 0 stops it."""
        if value:
            wanted = round((value - CELSIUS_ZERO_K) * 100.0)
            there = signed(self._word(SET_POINT, wanted & 0xFFFF, attempts=1))
            there = signed(self._word(SET_POINT))
            if there != wanted:
                raise not_taken(
                    self._line.address, "the set-point", f"{wanted / 100:g}", f"{there / 100:g}"
                )
        self._word(CONTROL, int(bool(value)), attempts=1)
        started = self._started()
        if started is not bool(value):
            wanted_text, there_text = (str(int(bool(one))) for one in (value, started))
            raise not_taken(self._line.address, "the temperature control", wanted_text, there_text)

    def read(self) -> Mapping[str, float]:
        """The temperature; nothing where the sensor is not there."""
        status = self._word(STATUS)
        self.alarm = "it reports an error on its screen" if status & FAULT else ""
        # Words have no check sum: two have to agree.
        (hundredths,) = agreed(lambda: (float(signed(self._word(self._sensor))),), (DIGIT,))
        temperature_C = hundredths / 100.0
        if temperature_C <= NO_SENSOR_C:
            return {}
        return {TEMPERATURE: temperature_C + CELSIUS_ZERO_K}

    def rest(self, keep: Collection[str]) -> Rest:
        """Temperature control off, read back."""
        if TEMPERATURE in keep:
            at_C = signed(self._word(SET_POINT)) / 100.0
            return Rest(True, f"the bath goes on at {at_C:g} degC")
        self._word(CONTROL, 0)
        started = self._started()
        return Rest(not started, f"{{M140000, read back {int(started)}")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _started(self) -> bool:
        return self._word(CONTROL) != 0

    def _word(self, variable: int, value: int | None = None, attempts: int = 2) -> int:
        """Ask for a variable, or set one: what it is then."""
        told = "****" if value is None else f"{value:04X}"
        answer = self._line.ask(f"{{M{variable:02X}{told}", attempts=attempts)
        try:
            if len(answer) != 8 or answer[:4] != f"{{S{variable:02X}":
                raise ValueError
            return int(answer[4:], 16)
        except ValueError:
            self._line.suspect()
            raise garbled(self._line.address, answer) from None
