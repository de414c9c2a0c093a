"""IKA RCT digital: a hotplate that stirs, by its NAMUR commands.

9600 baud 7E1, lines end in CR LF, and it speaks only when asked. Settings are not answered: each is
read back. Its watchdog (mode 1) turns heating and stirring off when `OUT_WD1@m` has not come for m
seconds, 20 at least; it is armed with the first setting, sent again with every fourth of that, and
stopped (`OUT_WD2@0`) where something is to stay on at rest. Who only asks it arms nothing.

Source: IKA RCT digital, operating instructions, page "NAMUR commands". `STATUS_1` and `STATUS_4`
(11 on, 12 off) are not in that manual; where they are not answered, rest is told by the speed
alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Literal

from faradaic.instruments.asked_lines import AskedLines, another_device, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport, TransportTimeout
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.quantities.fields import Positive, Time

WATCHDOG_S = (20.0, 1500.0)
COASTS_S = 10.0
"""So long a bar may turn on after the motor is off."""
STOPPED_RPM = 20.0
STATES = {"11": True, "12": False}


class IkaHotplate:
    """IKA RCT digital hotplate stirrer: stirrer and thermostat."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="IKA",
        model="RCT digital",
        traits=(Trait.STIRRER, Trait.THERMOSTAT),
        on_host_death="Its watchdog turns heating and stirring off, 60 s after the last command if "
        "the bench file says nothing else.",
        tier=Tier.MANUAL,
        outlives_s=60.0,
    )
    serial: ClassVar[str] = "baud=9600&bits=7&parity=E"

    def __init__(
        self,
        transport: Transport,
        *,
        probe: Literal["external", "plate"] = "external",
        watchdog_s: Annotated[Time, Positive] = 60.0,
    ) -> None:
        self._line = AskedLines(transport, ends=b"\r\n", answers_end=b"\r\n")
        self._probe = 1 if probe == "external" else 2
        self._watchdog_s = round(min(max(watchdog_s, WATCHDOG_S[0]), WATCHDOG_S[1]))
        self._clock: Clock | None = None
        self._armed_s: float | None = None
        """When the watchdog was last fed; None where it isn't armed from here."""

    @classmethod
    def abilities(cls, **options: object) -> tuple[Ability, ...]:
        """Stirring to 1500 rpm, heating to 310 degC."""
        return (
            Ability(Trait.STIRRER, 50.0, 1500.0, 1.0, reports=True),
            Ability(Trait.THERMOSTAT, CELSIUS_ZERO_K, CELSIUS_ZERO_K + 310.0, 0.1, reports=True),
        )

    def connect(self, clock: Clock) -> Identity:
        """Identify it."""
        self._clock = clock
        name = self._line.ask("IN_NAME")
        if "RCT" not in name.upper():
            raise another_device(self._line.address, name, "IKA RCT digital")
        return Identity("IKA", name, "", "")

    def set(self, quantity: str, value: float) -> None:
        """Speed (rpm) or temperature (K); 0 turns motor or heater off."""
        self._arm()
        if quantity == "stirring_rpm":
            self._set(4, value, value, 0.5)
        else:
            self._set(1, value, value - CELSIUS_ZERO_K, 0.05)

    def read(self) -> Mapping[str, float]:
        """Speed, and the temperature of the probe."""
        assert self._clock is not None
        armed_s = self._armed_s
        if armed_s is not None and self._clock.monotonic_s() - armed_s >= self._watchdog_s / 4.0:
            self._arm()
        return {
            "stirring_rpm": self._value("IN_PV_4", 4),
            "temperature_K": self._value(f"IN_PV_{self._probe}", self._probe) + CELSIUS_ZERO_K,
        }

    def rest(self, keep: Collection[str]) -> Rest:
        """Heater and motor off; the motor is read until it stands."""
        done, states = [], []
        for number, quantity in ((1, "temperature_K"), (4, "stirring_rpm")):
            if quantity in keep:
                done.append(f"{quantity} kept")
                continue
            self._line.tell(f"STOP_{number}")
            state = self._state(number)
            if state is None and number == 4:
                state = self._value("IN_PV_4", 4) > STOPPED_RPM
            states.append(state)
            word = {True: "on", False: "off", None: "not answered"}[state]
            done.append(f"STOP_{number}, read back {word}")
        if keep and self._armed_s is not None:
            self._line.ask("OUT_WD2@0")  # else what is kept would be turned off
            self._armed_s = None
        at_rest = None if None in states else not any(states)
        return Rest(at_rest, "; ".join(done))

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _set(self, number: int, told: float, value: float, slack: float) -> None:
        if not told:
            self._line.tell(f"STOP_{number}")
            if self._state(number):
                raise not_taken(self._line.address, f"output {number}", "off", "on")
            return
        self._line.tell(f"OUT_SP_{number} {value:.1f}")
        there = self._value(f"IN_SP_{number}", number)
        if abs(there - value) > slack:
            raise not_taken(self._line.address, f"OUT_SP_{number}", f"{value:.1f}", f"{there:g}")
        self._line.tell(f"START_{number}")
        if self._state(number) is False:
            raise not_taken(self._line.address, f"output {number}", "on", "off")

    def _value(self, question: str, number: int) -> float:
        """`25.3 1`: the value and the number of what it is of."""
        answer = self._line.ask(question)
        value, _, channel = answer.partition(" ")
        try:
            if channel.strip() != str(number):
                raise ValueError
            return float(value)
        except ValueError:
            self._line.suspect()
            raise garbled(self._line.address, answer) from None

    def _state(self, number: int) -> bool | None:
        try:
            return STATES.get(self._line.ask(f"STATUS_{number}", attempts=1).partition(" ")[0])
        except TransportTimeout:
            return None

    def _arm(self) -> None:
        """The manual promises an echo of the time and does not show it: any line will do."""
        assert self._clock is not None
        self._line.ask(f"OUT_WD1@{self._watchdog_s}")
        self._armed_s = self._clock.monotonic_s()
