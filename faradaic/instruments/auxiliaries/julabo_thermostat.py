"""Julabo circulators (CORIO and those with the same words): a bath thermostat.

4800 baud 7E1 with hardware handshake as it leaves the factory; a command ends in CR, an answer in
LF. `in` commands are answered, `out` commands are not and are obeyed in remote control alone, so
that each is read back; 250 ms are to lie between two commands. `status` says 00 or 01 by hand, 02
stopped and 03 started in remote control, and what is below 00 is an alarm.

Sources: Julabo manuals, "Remote control": CORIO CD-600F page 55, CORIO CP page 64, FL601 pages 39
to 41, LC 6 page 46, CF40 page 29, SC 2500w page 42.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import AskedLines, another_device, garbled
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import LinkError, Transport
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.quantities.fields import Temperature

BETWEEN_S = 0.25
DIGIT_C = 0.1
TEMPERATURE = "temperature_K"


class JulaboThermostat:
    """Julabo circulator."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Julabo",
        model="CORIO",
        traits=(Trait.THERMOSTAT,),
        on_host_death="The bath goes on at the last temperature until someone changes it: its "
        "manual tells of no watchdog.",
        tier=Tier.MANUAL,
        period_s=2.0,
    )
    serial: ClassVar[str] = "baud=4800&bits=7&parity=E&rtscts=1"

    def __init__(
        self,
        transport: Transport,
        *,
        sensor: Literal["bath", "external"] = "bath",
        lowest_K: Temperature = CELSIUS_ZERO_K - 20.0,
        highest_K: Temperature = CELSIUS_ZERO_K + 100.0,
    ) -> None:
        """`lowest`, `highest`: what the bath liquid allows."""
        self._line = AskedLines(transport, ends=b"\r", answers_end=b"\n")
        self._question = "in_pv_00" if sensor == "bath" else "in_pv_02"
        self._clock: Clock | None = None
        self._spoke_s = 0.0
        self.alarm = ""

    @classmethod
    def abilities(
        cls,
        *,
        lowest_K: float = CELSIUS_ZERO_K - 20.0,
        highest_K: float = CELSIUS_ZERO_K + 100.0,
        **options: object,
    ) -> tuple[Ability, ...]:
        """Within the temperatures of its liquid."""
        return (Ability(Trait.THERMOSTAT, lowest_K, highest_K, 0.01, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Identify it."""
        self._clock = clock
        told = self._ask("version")
        if "JULABO" not in told.upper() and "VERSION" not in told.upper():
            raise another_device(self._line.address, told, "Julabo circulator")
        return Identity("Julabo", told[:40], "", "")

    def set(self, quantity: str, value: float) -> None:
        """Temperature (K), and start; 0 stops it."""
        if value:
            wanted_C = value - CELSIUS_ZERO_K
            self._tell(f"out_sp_00 {wanted_C:.2f}")
            there = self._number("in_sp_00")
            if abs(there - wanted_C) > 0.06:
                raise self._not_taken("out_sp_00", f"{wanted_C:.2f}", f"{there:g}")
        self._tell(f"out_mode_05 {int(bool(value))}")
        if self._started() is not bool(value):
            raise self._not_taken("out_mode_05", f"{int(bool(value))}", f"{int(not value)}")

    def read(self) -> Mapping[str, float]:
        """The temperature of the bath or of its external sensor; an alarm is kept in `alarm`."""
        status = self._ask("status")
        self.alarm = status if status.startswith("-") else ""
        # Lines have no check sum: two have to agree.
        (temperature_C,) = agreed(lambda: (self._number(self._question),), (DIGIT_C,))
        return {TEMPERATURE: temperature_C + CELSIUS_ZERO_K}

    def rest(self, keep: Collection[str]) -> Rest:
        """Stopped, read back."""
        if TEMPERATURE in keep:
            return Rest(True, f"the bath goes on at {self._number('in_sp_00'):g} degC")
        self._tell("out_mode_05 0")
        started = self._started()
        return Rest(not started, f"out_mode_05 0, in_mode_05 read back {int(started)}")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _started(self) -> bool:
        answer = self._ask("in_mode_05")
        if answer not in ("0", "1"):
            raise self._garbled(answer)
        return answer == "1"

    def _number(self, question: str) -> float:
        answer = self._ask(question)
        try:
            return float(answer)
        except ValueError:
            raise self._garbled(answer) from None

    def _not_taken(self, what: str, wanted: str, there: str) -> DeviceError:
        status = self._ask("status")
        return DeviceError.of(
            f"{self._line.address}: {what} was set to {wanted} and reads back as {there}; its "
            f"status is {status!r:.40}",
            help="set it to remote control at its panel: it obeys in that mode alone",
            code="E525",
        )

    def _tell(self, command: str) -> None:
        self._wait()
        self._line.tell(command)

    def _ask(self, question: str) -> str:
        self._wait()
        return self._line.ask(question)

    def _wait(self) -> None:
        assert self._clock is not None
        self._clock.sleep_until(self._spoke_s + BETWEEN_S)
        self._spoke_s = self._clock.monotonic_s()

    def _garbled(self, answer: str) -> LinkError:
        self._line.suspect()
        return garbled(self._line.address, answer)
