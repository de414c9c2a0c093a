"""Keithley 2600 source-measure units, by lines of TSP.

HI goes to the working electrode, LO to the counter electrode: a positive current is anodic at the
working electrode. A reading is one line that measures current and voltage together and prints them
with the state of the output and of its limit, twice and behind a mark (`tsp_channel`).

Open circuit is a current of 0 A in the smallest range with the output on. Nothing is ever reset:
that would put back an off state that holds 0 V across the cell.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.clock import Clock
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.source_meters.meter_abilities import (
    meter_abilities,
    of_channel,
    smallest_range,
)
from faradaic.instruments.source_meters.meter_profiles import MeterModel, TspFamily
from faradaic.instruments.source_meters.tsp_channel import TspChannel
from faradaic.instruments.transports import DamagedReply, Transport

OUTPUT = {"0.00000e+00": False, "1.00000e+00": True}
"""Answers that say whether the output is on; any other is damaged."""
LIMITED = {"true": True, "false": False}
HIGH_Z = 2.0
OVERFLOW = 9e37
_NUMBER = re.compile(r"-?\d\.\d{5}e[+-]\d\d", re.ASCII)
_ERRORS_MAX = 50


class TspMeter(PolledSource):
    """One channel of a meter (a `Source` of `faradaic.instruments.traits`); models subclass it."""

    capabilities: Capabilities
    model: ClassVar[MeterModel]
    OFF_HELP = "press the OUTPUT ON/OFF key of its channel and check that the light is out"
    LOST_HELP = "it was turned off at the front panel, by the interlock or by its own protection"

    def __init__(
        self,
        transport: Transport,
        *,
        channel: Annotated[int, Interval(ge=1, le=2)] = 1,
        four_wire: bool = False,
        nplc: Annotated[float, Interval(ge=0.01, le=2.0)] = 1.0,
    ) -> None:
        """`channel`: 1 for A, 2 for B; `four_wire`: the sense leads are connected; `nplc`: power
        line cycles of a reading."""
        super().__init__(transport)
        self.abilities(channel=channel)
        self._channel = TspChannel(transport, self.retries)
        self._smu = f"smu{'ab'[channel - 1]}"
        self._four_wire, self._nplc = four_wire, nplc
        self.TOLD_OFF = f"{self._smu}.source.output = 0"
        self.ASKED_OUTPUT = f"{self._smu}.source.output"

    @classmethod
    def abilities(cls, *, channel: int = 1, **options: object) -> Capabilities:
        """What the model can do on a channel. Raises `InputError` (E521)."""
        return of_channel(cls.capabilities, channel)

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        channel = self._channel
        channel.write("")
        # 0 leaves no prompts and no errors between the answers.
        channel.write("localnode.prompts = 0 localnode.showerrors = 0 format.asciiprecision = 6")
        channel.resynchronise()
        name, serial, revision = channel.ask(
            "localnode.model", "localnode.serialno", "localnode.revision"
        )
        if name != self.model.name:
            raise DeviceError.of(
                f"{channel.transport.address} is a Keithley {name[:40]}, not a Keithley"
                f" {self.model.name}",
                help="correct the address or the driver in the bench file; `faradaic devices` lists"
                " the drivers",
                code="E511",
            )
        channel.write("errorqueue.clear()")
        return Identity("Keithley", name, serial, revision)

    def _leave_off(self, identity: Identity, clock: Clock) -> None:
        super()._leave_off(identity, clock)
        self._set("source.offmode", HIGH_Z)

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        voltage = held.regulation is Regulation.VOLTAGE
        source, measured = ("v", "i") if voltage else ("i", "v")
        ranges = self.model.ranges_V if voltage else self.model.ranges_A
        self._set("source.func", float(voltage))
        self._set("sense", float(self._four_wire))
        self._set("measure.nplc", self._nplc)
        # Zero fits every range and limit, so that none of the next is refused for the old level.
        self._set(f"source.level{source}", 0.0)
        self._set(f"source.range{source}", smallest_range(held.largest, ranges))
        self._set(f"source.limit{measured}", held.limit)
        self._set(f"measure.autorange{measured}", 1.0)
        self._set(f"source.level{source}", held.value)

    def _change(self, held: SetPoint, value: float) -> None:
        source = "v" if held.regulation is Regulation.VOLTAGE else "i"
        self._set(f"source.level{source}", value)

    def _set(self, attribute: str, value: float) -> None:
        """Write one attribute and read it back. Raises `DeviceError` if it is not as asked."""
        name = f"{self._smu}.{attribute}"

        def ask() -> str | None:
            (reply,) = self._channel.ask(name)
            same = math.isclose(_number(reply), value, rel_tol=2e-5, abs_tol=1e-13)
            return None if same else reply

        command = f"{name} = {value:.9g}"
        self.settle(command, lambda: self._channel.write(command), ask)

    def _switch_on(self) -> None:
        self._set("source.output", 1.0)

    def _tell_off(self) -> None:
        self._channel.write(self.TOLD_OFF)

    def _ask_output(self) -> tuple[bool | None, str]:
        (answer,) = self._channel.ask(self.ASKED_OUTPUT)
        return OUTPUT.get(answer), answer

    def _resynchronise(self) -> None:
        self._channel.resynchronise()

    def _errors(self) -> list[str]:
        found: list[str] = []
        while len(found) < _ERRORS_MAX:
            (count,) = self._channel.ask("errorqueue.count")
            if _number(count) == 0:
                break
            try:
                code, text = self._channel.ask(
                    "fec", "fet", first="fec, fet = errorqueue.next()", attempts=1
                )
            except DamagedReply:
                found.append("an error whose text was lost on the way")
            else:
                found.append(f"{_number(code):g}, {text}")
        return found

    def _measure(self, held: SetPoint) -> Measured:
        smu = self._smu
        fields = self._channel.ask(
            "fi",
            "fv",
            "fc",
            "fo",
            first=f"fi, fv = {smu}.measure.iv() fc = {smu}.source.compliance"
            f" fo = {smu}.source.output",
            timeout_s=self.READ_TIMEOUT_S,
            attempts=1,
        )
        raw = "\t".join(fields)
        amps, volts = (_number(field) for field in fields[:2])
        limited = LIMITED.get(fields[2])
        if limited is None or not OUTPUT.get(fields[3]):
            raise DamagedReply.of(f"`{raw[:80]}` is no reading of an output that is on")
        over = max(abs(amps), abs(volts)) > OVERFLOW
        sources_current = held.regulation is not Regulation.VOLTAGE
        return Measured(
            amps if abs(amps) < OVERFLOW else None,
            volts if abs(volts) < OVERFLOW else None,
            Regulation.VOLTAGE if limited is sources_current else Regulation.CURRENT,
            limited,
            raw,
            overload=over,
        )


def _number(text: str) -> float:
    """A number as `print` gives it. Raises `DamagedReply`."""
    if not _NUMBER.fullmatch(text):
        raise DamagedReply.of(f"`{text[:60]}` came where a number was expected", code="E517")
    return float(text)


def tsp_meter(family: TspFamily, key: str) -> type[TspMeter]:
    """The driver of a model, by its key."""
    model = family.models[key]
    capabilities = meter_abilities(
        family.maker,
        model.name,
        amps=model.amps,
        volts=model.volts,
        ranges_A=model.ranges_A,
        channels=model.channels,
    )
    body = {
        "model": model,
        "capabilities": capabilities,
        "__doc__": f"{family.maker} {model.name}. Unverified: {family.unverified}.",
        "__module__": __name__,
    }
    return type(f"Keithley{model.name}", (TspMeter,), body)
