"""Ismatec (Masterflex) Reglo ICC: a peristaltic pump, one of its channels.

9600 baud 8N1; a channel, a command, CR. A setting is answered by one character without an end (`*`
done, `#` not, `-` cannot run), a question by a line that ends in CR LF. With channel addressing
(`1~1`) each channel has its own settings; event messages are turned off (`1xE0`), or they would
come between. `E` (`+`, `-`) tells whether any channel runs: with others at work it says nothing of
this one.

A flow or a volume is written as `1200+0` (1.200 mL) and read as `1200E+0`.

Source: Reglo ICC operating manual 14-036-E, Rev. C and D, chapters 14 to 17 (formats, commands 1.2,
1.4, 2.1 to 2.7, 3.3, 3.4, 3.10, 3.13 to 3.16, 6.21, 6.22, 6.40). That a volume is counted by
channel (`:`) is not said there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import QUIET_S, another_device, garbled, not_taken
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
from faradaic.instruments.transports import LinkError, Transport
from faradaic.quantities.fields import Positive, VolumeFlow

TIMEOUT_S = 1.0
ML_M3 = 1e-6
CLOSE_M3 = 0.02 * ML_M3
FLOW = "pump_flow_m3_per_s"
HIGHEST_M3_PER_S = 35.0 * ML_M3 / 60.0
DONE, CANNOT = "*", "-"
RUNNING = {"+": True, "-": False}
VOLUMES = {"ul": 1e-3 * ML_M3, "ml": ML_M3, "l": 1e3 * ML_M3}
REASONS = {
    "C": "its number of cycles is 0",
    "R": "the flow is beyond what its tubing gives, or 0",
    "V": "the volume is beyond what it counts",
}
_VOLUME = re.compile(r"(\d{4})E([+-]\d)")
_TOTAL = re.compile(r"([\d.]+) *([uµm]?l)", re.IGNORECASE)


def packed(value_mL: float) -> str:
    """1.2 as `1200+0`."""
    mantissa, _, exponent = f"{value_mL:.3e}".partition("e")
    return f"{mantissa.replace('.', '')}{int(exponent):+d}"


def unpacked(text: str) -> float:
    """`1200E+0` as 1.2. Raises `ValueError`."""
    match = _VOLUME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * 1e-3 * 10.0 ** int(match[2])


class IsmatecPump:
    """Ismatec Reglo ICC peristaltic pump."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Ismatec",
        model="Reglo ICC",
        traits=(Trait.PUMP,),
        on_host_death="A flow goes on until someone stops it: it has no watchdog. A dose ends by "
        "itself with its volume.",
        tier=Tier.MANUAL,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(
        self,
        transport: Transport,
        *,
        channel: Literal[1, 2, 3, 4] = 1,
        highest_m3_per_s: Annotated[VolumeFlow, Positive] = HIGHEST_M3_PER_S,
        direction: Literal["clockwise", "counterclockwise"] = "clockwise",
    ) -> None:
        """`highest`: of its tubing."""
        self._transport = transport
        self._channel = channel
        self._highest = highest_m3_per_s
        self._direction = "J" if direction == "clockwise" else "K"
        self._before_m3 = 0.0
        """What had been pumped when the last dose or flow began."""
        self._suspect = True

    @classmethod
    def abilities(
        cls, *, highest_m3_per_s: float = HIGHEST_M3_PER_S, **options: object
    ) -> tuple[Ability, ...]:
        """From a thousandth of what its tubing gives."""
        most = highest_m3_per_s
        return (Ability(Trait.PUMP, 1e-3 * most, most, 1e-4 * most, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Its name; channels have their own addresses and no events come between."""
        self._do("~1", channel=1)
        self._do("xE0", channel=1)
        name = self._line("#", channel=1)
        if "REGLO" not in name.upper():
            raise another_device(self._transport.address, name, "Reglo ICC")
        return Identity("Ismatec", name, "", "")

    def set(self, quantity: str, value: float) -> None:
        """Flow (m3/s); 0 stops it."""
        self._do("I")
        if value:
            self._begin("M", value)

    def dose(self, volume_m3: float, rate_m3_per_s: float) -> None:
        """Deliver a volume at a rate; it stops by itself."""
        self._do("I")
        self._set("v", volume_m3 / ML_M3)
        self._begin("O", rate_m3_per_s)

    def read(self) -> Mapping[str, float]:
        """The flow as set while it runs, and what it has delivered."""
        # Lines have no check sum: two have to agree.
        flow_mL, total_m3 = agreed(self._flow_and_total, (1e-6, CLOSE_M3))
        return {FLOW: flow_mL * ML_M3 / 60.0, DOSED: total_m3 - self._before_m3}

    def _flow_and_total(self) -> tuple[float, float]:
        return self._volume("f") if self._runs() else 0.0, self._total_m3()

    def rest(self, keep: Collection[str]) -> Rest:
        """Stopped, read back."""
        if FLOW in keep:
            return Rest(True, f"the pump stays as it is, running: {self._runs()}")
        self._do("I")
        runs = self._runs()
        return Rest(not runs, f"{self._channel}I, running read back {runs}")

    def close(self) -> None:
        """Release the port."""
        self._transport.close()

    def _begin(self, mode: str, rate_m3_per_s: float) -> None:
        self._do(mode)
        self._do("xf1")
        self._do(self._direction)
        self._set("f", rate_m3_per_s / ML_M3 * 60.0)
        self._before_m3 = self._total_m3()
        if self._status("H") != DONE:
            why = self._line("xe")
            raise DeviceError.of(
                f"{self._transport.address} does not run: {REASONS.get(why[:1], why)}",
                help="compare the flow with what `tubing` the channel is set to",
                code="E525",
            )

    def _set(self, word: str, value_mL: float) -> None:
        """A flow or volume, as it says itself what it took."""
        self._volume(f"{word}{packed(value_mL)}")
        there = self._volume(word)
        if abs(there - value_mL) > 2e-3 * value_mL:
            raise not_taken(self._transport.address, word, f"{value_mL:.4g}", f"{there:.4g}")

    def _runs(self) -> bool:
        answer = self._status("E")
        if answer not in RUNNING:
            raise self._garbled(answer)
        return RUNNING[answer]

    def _total_m3(self) -> float:
        answer = self._line(":")
        match = _TOTAL.fullmatch(answer.strip())
        if match is None:
            raise self._garbled(answer)
        return float(match[1]) * VOLUMES[match[2].lower().replace("µ", "u")]

    def _volume(self, command: str) -> float:
        answer = self._line(command)
        try:
            return unpacked(answer)
        except ValueError:
            raise self._garbled(answer) from None

    def _do(self, command: str, channel: int | None = None) -> None:
        answer = self._status(command, channel)
        if answer != DONE:
            self._suspect = True
            raise DeviceError.of(
                f"{self._transport.address} answered {answer!r} to `{command}`",
                help="look at the pump: an overload, a channel that it does not have",
                code="E525",
            )

    def _status(self, command: str, channel: int | None = None) -> str:
        """One character."""
        self._tell(command, channel)
        return self._heard(self._transport.read_exactly, 1)

    def _line(self, command: str, channel: int | None = None) -> str:
        self._tell(command, channel)
        return self._heard(self._transport.read_until, b"\r\n").strip()

    def _heard(self, read: object, what: object) -> str:
        try:
            came: bytes = read(what, TIMEOUT_S)  # type: ignore[operator]
        except LinkError:
            self._suspect = True
            raise
        if not came.isascii():
            raise self._garbled(came.decode("latin-1"))
        return came.decode("ascii")

    def _tell(self, command: str, channel: int | None) -> None:
        if self._suspect:
            self._transport.drain(QUIET_S)
            self._suspect = False
        address = self._channel if channel is None else channel
        self._transport.write(f"{address}{command}\r".encode("ascii"))

    def _garbled(self, answer: str) -> LinkError:
        self._suspect = True
        return garbled(self._transport.address, answer)
