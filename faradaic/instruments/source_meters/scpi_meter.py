"""Source-measure units that speak SCPI, in the words of their profiles.

HI goes to the working electrode, LO to the counter electrode: a positive current is anodic at the
working electrode. A reading is one exchange that asks for it, for the output, and for both again,
behind a mark (`ScpiChannel.marked`): what came late, twice or damaged is not taken for it.

Open circuit is a current of 0 A in the smallest range with the output on, since a meter cannot
measure behind its open relay. Nothing is ever reset (`*RST`): that would put back an off state
that holds 0 V across the cell.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError
from faradaic.instruments import scpi
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.clock import Clock
from faradaic.instruments.marked_source import MarkedSource
from faradaic.instruments.polled_source import Measured
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.source_meters.meter_abilities import (
    meter_abilities,
    of_channel,
    smallest_range,
)
from faradaic.instruments.source_meters.meter_profiles import MeterFamily, MeterModel
from faradaic.instruments.transports import Transport


class ScpiMeter(MarkedSource):
    """One channel of a meter (a `Source` of `faradaic.instruments.traits`); models subclass it."""

    family: ClassVar[MeterFamily]
    model: ClassVar[MeterModel]
    OFF_HELP = "press the ON/OFF key of its output and check that the light is out"
    LOST_HELP = "it was turned off at the front panel, by the interlock or by its own protection"

    def __init__(
        self,
        transport: Transport,
        *,
        channel: Annotated[int, Interval(ge=1, le=2)] = 1,
        four_wire: bool = False,
        nplc: Annotated[float, Interval(ge=0.01, le=2.0)] = 1.0,
    ) -> None:
        """`channel`: the cell's; `four_wire`: the sense leads are connected; `nplc`: power line
        cycles of a reading."""
        super().__init__(transport)
        self.abilities(channel=channel)
        self._words = {
            "ch": "" if channel == 1 else str(channel),
            "number": str(channel),
            "four_wire": str(int(four_wire)),
            "nplc": f"{nplc:g}",
        }
        family = self.family
        self._output = self._in_words(family.output)
        self._read, self._again = (
            f"{self._in_words(one)};{self._output}?" for one in (family.read, family.again)
        )
        self.TOLD_OFF, self.ASKED_OUTPUT = f"{self._output} 0", f"{self._output}?"

    @classmethod
    def abilities(cls, *, channel: int = 1, **options: object) -> Capabilities:
        """What the model can do on a channel. Raises `InputError` (E521)."""
        return of_channel(cls.capabilities, channel)

    def _in_words(self, template: str, **more: str) -> str:
        return template.format(**self._words, **more)

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        channel = self._channel
        channel.marked = False
        channel.write("")  # ends a command that an earlier program may have left half sent
        channel.transport.drain(scpi.QUIET_S)
        identity = scpi.identity(channel.query_surely("*IDN?"))
        named = identity.model.upper().removeprefix("MODEL").strip()
        makers = tuple(self.family.answers_as.split("|"))
        if named != self.model.name or not identity.manufacturer.upper().startswith(makers):
            raise DeviceError.of(
                f"{channel.transport.address} is a {identity.manufacturer} {identity.model}, not a"
                f" {self.family.maker} {self.model.name}",
                help="correct the address or the driver in the bench file; `faradaic devices` lists"
                " the drivers",
                code="E511",
            )
        channel.resynchronise()
        channel.marked = True
        channel.write("*CLS")
        return identity

    def _leave_off(self, identity: Identity, clock: Clock) -> None:
        """Off states only after the output was found off: they would change what it does."""
        super()._leave_off(identity, clock)
        for setting in self.family.connected:
            self._tell(setting)

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        family, model = self.family, self.model
        voltage = held.regulation is Regulation.VOLTAGE
        source, measured = ("VOLT", "CURR") if voltage else ("CURR", "VOLT")
        words = {"src": source, "meas": measured}
        header = self._in_words(":SOUR{ch}:{src}", **words)
        for setting in family.before:
            self._tell(setting, **words)
        # Zero fits every range and limit, so that none of the next is refused for the old level.
        self._set(header, "0")
        if family.protection:
            self._set(family.protection, f"{model.protections_V[-1]:g}")
        ranges = model.ranges_V if voltage else model.ranges_A
        self._set(f"{header}:RANG", f"{smallest_range(held.largest, ranges):g}")
        self._set(self._in_words(":SENS{ch}:{meas}:PROT", **words), f"{held.limit:.9g}")
        for setting in family.after:
            self._tell(setting, **words)
        self._set(header, f"{held.value:.9g}")
        if family.protection:
            self._set(family.protection, model.protection_above(held.highest_V))

    def _change(self, held: SetPoint, value: float) -> None:
        source = "VOLT" if held.regulation is Regulation.VOLTAGE else "CURR"
        self._set(self._in_words(":SOUR{ch}:{src}", src=source), f"{value:.9g}")

    def _tell(self, setting: tuple[str, ...], **words: str) -> None:
        header, *values = (self._in_words(part, **words) for part in setting)
        if values:
            self._set(header, values[0])
        else:
            self._channel.write(header)

    def _set(self, header: str, value: str) -> None:
        """Write one setting and read it back. Raises `DeviceError` if it is not what was asked."""

        def ask() -> str | None:
            reply = self._channel.query(f"{header}?")
            return None if _same(reply, value) else reply

        self.settle(f"{header} {value}", lambda: self._channel.write(f"{header} {value}"), ask)

    def _switch_on(self) -> None:
        self._set(self._output, "1")

    def _measure(self, held: SetPoint) -> Measured:
        raw = self._channel.query_doubled(
            self._read, self._again, timeout_s=self.READ_TIMEOUT_S, attempts=1
        )
        taken, _, on = raw.partition(";")
        numbers = [scpi.number(field) for field in taken.split(",")]
        if len(numbers) != 3 or not math.isfinite(numbers[2]) or not self.OUTPUT.get(on):
            raise scpi.ScpiReplyError.of(f"`{raw[:80]}` is no reading of an output that is on")
        voltage_V, current_A, status = numbers
        bits = int(status)
        limited = any(bits >> bit & 1 for bit in self.family.limited_bits)
        over = any(bits >> bit & 1 for bit in self.family.overflow_bits)
        sources_current = held.regulation is not Regulation.VOLTAGE
        return Measured(
            current_A if math.isfinite(current_A) else None,
            voltage_V if math.isfinite(voltage_V) else None,
            Regulation.VOLTAGE if limited is sources_current else Regulation.CURRENT,
            limited,
            raw,
            overload=over or not (math.isfinite(current_A) and math.isfinite(voltage_V)),
        )


def _same(reply: str, value: str) -> bool:
    """Whether a setting was read back as it was written; never, if the answer is damaged."""
    try:
        wanted = scpi.number(value)
        return math.isclose(scpi.number(reply), wanted, rel_tol=1e-5, abs_tol=1e-12)
    except scpi.ScpiReplyError:
        return _listed(reply) == _listed(value)


def _listed(text: str) -> list[str]:
    """The words of a list, in whatever order an instrument tells them."""
    words = (word.strip().strip('"').upper().removesuffix(":DC") for word in text.split(","))
    return sorted(words)


def scpi_meter(family: MeterFamily, key: str) -> type[ScpiMeter]:
    """The driver of a model, by its key."""
    model = family.models[key]
    name = "".join(word.capitalize() for word in key.split("-"))
    body = {
        "family": family,
        "model": model,
        "serial": family.serial,
        "capabilities": abilities_of_model(family, model),
        "__doc__": f"{family.maker} {model.name}. Unverified: {family.unverified}.",
        "__module__": __name__,
    }
    return type(name, (ScpiMeter,), body)


def abilities_of_model(family: MeterFamily, model: MeterModel) -> Capabilities:
    """What a model can do."""
    return meter_abilities(
        family.maker,
        model.name,
        amps=model.amps,
        volts=model.volts,
        ranges_A=model.ranges_A,
        channels=model.channels,
    )
