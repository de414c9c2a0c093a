"""Atlas Scientific EZO pH circuit on its serial line.

9600 baud 8N1, lines end in CR. `R` gives one reading after 0.9 s, then `*OK` where response codes
are on; `i` tells model and firmware, `C,0` ends the readings that it sends by itself at power-up.

Source: EZO-pH data sheet V 5.8: UART mode, single reading mode, device information, response codes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.asked_lines import AskedLines, another_device, garbled
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport, TransportTimeout
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.quantities.fields import Temperature

TIMEOUT_S = 2.0
OK, FAILED = "*OK", "*ER"
CODES = frozenset({OK, FAILED, "*OV", "*UV", "*RS", "*RE", "*SL", "*WA", "*DONE"})
LINES_MAX = 6


class AtlasPh:
    """Atlas Scientific EZO pH circuit."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Atlas Scientific",
        model="EZO pH",
        traits=(Trait.PH_METER,),
        on_host_death="Nothing: it only measures.",
        tier=Tier.MANUAL,
        outlives_s=0.0,
        period_s=1.0,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(self, transport: Transport, *, temperature_K: Temperature | None = None) -> None:
        """`temperature`: of the solution, for the slope; left as it is set if not given."""
        self._line = AskedLines(transport, ends=b"\r", answers_end=b"\r", timeout_s=TIMEOUT_S)
        self._temperature_K = temperature_K

    @classmethod
    def abilities(cls, **options: object) -> tuple[Ability, ...]:
        """0.001 to 14."""
        return (Ability(Trait.PH_METER, 0.001, 14.0, 0.001, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """End its own readings, identify it, tell it the temperature."""
        self._line.suspect()
        self._data("C,0", data=False)
        self._line.suspect()  # a reading may have been on its way
        told = self._data("i").split(",")
        if len(told) < 3 or told[1].upper() != "PH":
            raise another_device(self._line.address, ",".join(told), "EZO pH circuit")
        if self._temperature_K is not None:
            self._data(f"T,{self._temperature_K - CELSIUS_ZERO_K:.1f}", data=False)
        return Identity("Atlas Scientific", "EZO pH", "", told[2])

    def set(self, quantity: str, value: float) -> None:
        """It sets nothing."""
        raise DeviceError.of("a pH meter sets nothing", help="read it", code="E525")

    def read(self) -> Mapping[str, float]:
        """The pH."""
        answer = self._data("R")
        try:
            return {"pH": float(answer)}
        except ValueError:
            self._line.suspect()
            raise garbled(self._line.address, answer) from None

    def rest(self, keep: Collection[str]) -> Rest:
        """There is nothing to turn off."""
        return Rest(True, "it only measures")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _data(self, command: str, *, data: bool = True) -> str:
        """The data of an answer; its code may be switched off, and comes after them."""
        answer, lines = self._line.ask(command), 0
        found = ""
        while lines < LINES_MAX:
            lines += 1
            if answer == FAILED:
                raise DeviceError.of(
                    f"{self._line.address} did not take `{command}`",
                    help="check that it is an EZO pH circuit in UART mode",
                    code="E525",
                )
            if answer not in CODES:
                found = answer
            if answer == OK and (found or not data):
                return found
            try:
                answer = self._line.next_line(0.3 if found or not data else None)
            except TransportTimeout:
                if found or not data:
                    return found
                raise
        self._line.suspect()
        raise garbled(self._line.address, answer)
