"""Heidolph MR Hei-Connect (and Hei-Tec with its interface): a hotplate that stirs.

9600 baud 7E1, lines end in CR LF. It speaks when asked; a query comes back with its value behind it
(`IN_PV_5 600`), a command comes back as it was sent. Two commands need 0.1 s between them. Output 1
is the heater, output 2 the motor; `STATUS` tells of both together (1 started, 2 stopped, 0 worked
by hand, -1 blocked at the device, below that an error).

Its connection check (`CC_ON`) is armed with the first setting and ended (`CC_OFF`) where something
is to stay on at rest. 10 s after the last command it shows `PC Err`; its manual does not say that
heater and motor stop then, so they are taken to go on.

Source: MR Hei-Connect operating instructions (505-20000-00), page 24. That it answers settings with
their own words is from FlowChem's driver; that 999.9 stands for a missing probe from the manual of
the Hei-PLATE. Whole degrees and revolutions, 20 to 300 degC and 100 to 1400 rpm: drivers of others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import AskedLines, another_device, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.quantities.constants import CELSIUS_ZERO_K

BETWEEN_S = 0.12
NO_PROBE_C = 999.0
STOPPED_RPM = 20.0
DIGIT_RPM, DIGIT_C = 5.0, 0.2
"""Two answers that are so close are one value."""
BLOCKED, BY_HAND, STARTED, STOPPED = -1, 0, 1, 2
HEATER, MOTOR = 1, 2


class HeidolphHotplate:
    """Heidolph MR Hei-Connect hotplate stirrer: stirrer and thermostat."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Heidolph",
        model="MR Hei-Connect",
        traits=(Trait.STIRRER, Trait.THERMOSTAT),
        on_host_death="It shows `PC Err` 10 s after the last command; whether it stops heating and "
        "stirring then is not in its manual: take it that it goes on.",
        tier=Tier.MANUAL,
        period_s=1.0,
    )
    serial: ClassVar[str] = "baud=9600&bits=7&parity=E"

    def __init__(
        self, transport: Transport, *, probe: Literal["external", "plate"] = "external"
    ) -> None:
        self._line = AskedLines(transport, ends=b"\r\n", answers_end=b"\r\n")
        self._probe = "IN_PV_1" if probe == "external" else "IN_PV_3"
        self._clock: Clock | None = None
        self._spoke_s = 0.0
        self._checked = False

    @classmethod
    def abilities(cls, **options: object) -> tuple[Ability, ...]:
        """Stirring to 1400 rpm, heating to 300 degC."""
        return (
            Ability(Trait.STIRRER, 100.0, 1400.0, 1.0, reports=True),
            Ability(
                Trait.THERMOSTAT, CELSIUS_ZERO_K + 20.0, CELSIUS_ZERO_K + 300.0, 1.0, reports=True
            ),
        )

    def connect(self, clock: Clock) -> Identity:
        """Identify it, in its newer protocol."""
        self._clock = clock
        if self._ask("PA_NEW") != "PA_NEW":
            raise another_device(self._line.address, self._ask("SW_VERS"), "MR Hei-Connect")
        return Identity("Heidolph", "MR Hei-Connect", "", self._ask("SW_VERS")[:40])

    def set(self, quantity: str, value: float) -> None:
        """Speed (rpm) or temperature (K); 0 turns motor or heater off."""
        if not self._checked:
            self._command("CC_ON")
            self._checked = True
        if quantity == "stirring_rpm":
            self._set(MOTOR, 3, value, value)
        else:
            self._set(HEATER, 1, value, value - CELSIUS_ZERO_K)

    def read(self) -> Mapping[str, float]:
        """Speed, and the temperature of the probe; none where none is connected."""
        found = {"stirring_rpm": self._agreed("IN_PV_5", DIGIT_RPM)}
        temperature_C = self._agreed(self._probe, DIGIT_C)
        if temperature_C < NO_PROBE_C:
            found["temperature_K"] = temperature_C + CELSIUS_ZERO_K
        return found

    def rest(self, keep: Collection[str]) -> Rest:
        """Heater and motor off; what is kept is not watched any more."""
        done: list[str] = []
        wanted = [
            (output, quantity)
            for output, quantity in ((HEATER, "temperature_K"), (MOTOR, "stirring_rpm"))
            if quantity not in keep
        ]
        for output, _ in wanted:
            self._command(f"STOP_{output}")
            done.append(f"STOP_{output}")
        if self._checked:
            self._command("CC_OFF")
            self._checked = False
        at_rest: bool | None = True
        if wanted:
            status, turning = self._status(), self._value("IN_PV_5") > STOPPED_RPM
            stops = status in (STOPPED, BY_HAND, BLOCKED)
            # With one of the two kept on, the status tells nothing of the other.
            at_rest = stops if len(wanted) == 2 or stops else None
            if MOTOR in dict(wanted):
                at_rest = False if turning and not stops else at_rest
            done.append(f"STATUS read back {status}")
        done += [f"{quantity} kept" for quantity in keep]
        return Rest(at_rest, "; ".join(done))

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _set(self, output: int, setting: int, told: float, value: float) -> None:
        if not told:
            self._command(f"STOP_{output}")
            return
        self._command(f"OUT_SP_{setting} {value:.0f}", echo=f"OUT_SP_{setting}")
        there = self._value(f"IN_SP_{setting}")
        if abs(there - value) > 0.51:
            raise not_taken(self._line.address, f"OUT_SP_{setting}", f"{value:.0f}", f"{there:g}")
        self._command(f"START_{output}")
        status = self._status()
        if status != STARTED:
            raise not_taken(self._line.address, f"output {output}", "on", f"STATUS {status}")

    def _agreed(self, question: str, digit: float) -> float:
        """Lines have no check sum: two have to agree."""
        return agreed(lambda: (self._value(question),), (digit,))[0]

    def _status(self) -> int:
        return round(self._value("STATUS"))

    def _value(self, question: str) -> float:
        answer = self._ask(question)
        word, _, value = answer.partition(" ")
        try:
            if word != question:
                raise ValueError
            return float(value)
        except ValueError:
            self._line.suspect()
            raise garbled(self._line.address, answer) from None

    def _command(self, command: str, echo: str = "") -> None:
        answer = self._ask(command, attempts=1)
        if not answer.startswith(echo or command):
            self._line.suspect()
            raise DeviceError.of(
                f"{self._line.address} answered {answer!r:.40} to `{command}`",
                help="look at the hotplate: blocked at its knobs, or an error on its screen",
                code="E525",
            )

    def _ask(self, text: str, attempts: int = 2) -> str:
        assert self._clock is not None
        self._clock.sleep_until(self._spoke_s + BETWEEN_S)
        try:
            return self._line.ask(text, attempts=attempts)
        finally:
            self._spoke_s = self._clock.monotonic_s()
