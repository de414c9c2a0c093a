"""ICP DAS I-7018 (and modules that speak like it): a thermocouple of eight, over RS-485.

9600 baud 8N1, lines end in CR, no check sum. `#AAN` reads a channel in degrees, `$AA2` tells type
and data format, `$AAM` the module. The type belongs to the whole module and is its owner's: one
that differs from the bench file is refused, not changed.

Source: I-7011, I-7018 user manual B1.0: #AAN (page 25), $AA2, $AAM (page 38). That the codes of
types J to C are 0E to 16, and that 9999 and -0000 stand for values beyond the range, is from the
ADAM-4018, whose protocol it shares, and was not seen in that manual.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.asked_lines import AskedLines, another_device, garbled
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.quantities.constants import CELSIUS_ZERO_K

TYPES = {
    "J": ("0E", -210.0, 760.0),
    "K": ("0F", -270.0, 1372.0),
    "T": ("10", -270.0, 400.0),
    "E": ("11", -270.0, 1000.0),
    "R": ("12", 0.0, 1768.0),
    "S": ("13", 0.0, 1768.0),
    "B": ("14", 0.0, 1820.0),
    "N": ("15", -270.0, 1300.0),
    "C": ("16", 0.0, 2320.0),
}
"""Code, lowest and highest temperature in degC."""
ENGINEERING_UNITS = 0
BROKEN = 9999.0
"""What stands for a wire that is broken or a value beyond the range."""


class IcpDasThermocouple:
    """ICP DAS I-7018 thermocouple module, one of its channels."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="ICP DAS",
        model="I-7018",
        traits=(Trait.THERMOMETER,),
        on_host_death="Nothing: it only measures.",
        tier=Tier.MANUAL,
        outlives_s=0.0,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(
        self,
        transport: Transport,
        *,
        type_: Literal["J", "K", "T", "E", "R", "S", "B", "N", "C"] = "K",
        channel: Literal[0, 1, 2, 3, 4, 5, 6, 7] = 0,
        module: int = 1,
    ) -> None:
        """`module`: its address on the line, 1 to 255."""
        self._line = AskedLines(transport, ends=b"\r", answers_end=b"\r")
        self._type = type_
        self._channel = channel
        self._module = f"{module & 0xFF:02X}"

    @classmethod
    def abilities(cls, *, type_: str = "K", **options: object) -> tuple[Ability, ...]:
        """The range of the type."""
        _, least_C, most_C = TYPES[type_]
        return (
            Ability(
                Trait.THERMOMETER,
                least_C + CELSIUS_ZERO_K,
                most_C + CELSIUS_ZERO_K,
                0.1,
                reports=True,
            ),
        )

    def connect(self, clock: Clock) -> Identity:
        """The module, and that it is set as the bench file says."""
        name = self._answer(f"${self._module}M", "!")
        if "7018" not in name:
            raise another_device(self._line.address, name, "I-7018")
        told = self._answer(f"${self._module}2", "!")
        code, data_format = told[:2], int(told[4:6], 16) & 3
        if code != TYPES[self._type][0] or data_format != ENGINEERING_UNITS:
            there = next((key for key, (one, *_) in TYPES.items() if one == code), f"code {code}")
            raise DeviceError.of(
                f"{self._line.address} is set to thermocouples of type {there}, the bench file says"
                f" {self._type}",
                help="correct `type`, or set the module (type, engineering units) with its own"
                " program: the type is that of all its channels",
                code="E525",
            )
        return Identity("ICP DAS", f"I-{name}", "", "")

    def set(self, quantity: str, value: float) -> None:
        """It sets nothing."""
        raise DeviceError.of("a thermocouple sets nothing", help="read it", code="E525")

    def read(self) -> Mapping[str, float]:
        """Temperature (K); nothing where the wire is broken or it is beyond the range."""
        answer = self._answer(f"#{self._module}{self._channel}", ">")
        try:
            value_C = float(answer)
        except ValueError:
            raise self._garbled(answer) from None
        if answer == "-0000" or abs(value_C) >= BROKEN:
            return {}
        return {"temperature_K": value_C + CELSIUS_ZERO_K}

    def rest(self, keep: Collection[str]) -> Rest:
        """There is nothing to turn off."""
        return Rest(True, "it only measures")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _answer(self, question: str, mark: str) -> str:
        """What follows the mark, and the module where an answer repeats it."""
        answer = self._line.ask(question)
        head = mark if mark == ">" else mark + self._module
        if not answer.startswith(head) or len(answer) == len(head):
            raise self._garbled(answer)
        return answer.removeprefix(head)

    def _garbled(self, answer: str) -> DeviceError:
        self._line.suspect()
        return garbled(self._line.address, answer)
