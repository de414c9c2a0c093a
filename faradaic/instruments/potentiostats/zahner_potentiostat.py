"""Zahner PP2x2 and XPOT2 potentiostats, over the first of their two USB serial ports.

The working electrode leads go to the anode. In a cell of two electrodes the reference lead is on
the counter electrode: what they measure, working sense against reference, is the cell voltage.

A command is answered with `ok`, a value or `error` and a number; no setting can be asked for, nor
whether the potentiostat is on: that a command was taken is what its answer, and that of the same
command once more, says. Values are asked for twice, with the identity behind them (`LinesInStep`).
So an output that somebody else has switched on shows only by its current when it is connected.

A potentiostat that is on outside of its own primitives monitors no limits and changes no ranges
(zahner_potentiostat, setPotentiostatEnabled): the program watches the limits of a segment, and the
global limits that are armed here count for primitives alone. No data come over the second port.

Source: zahner_potentiostat 1.1.2 (Zahner, MIT), its docstrings; limits of the models recalled.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.lines_in_step import LinesInStep
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.traits import OutputFoundOn
from faradaic.instruments.transports import DamagedReply, Transport

ON, OFF = ":SESO:STAT ON", ":SESO:STAT OFF"
READING = (":MEAS:VOLT?", ":MEAS:CURR?", ":MEAS:VOLT?", ":MEAS:CURR?")
AGREES, AGREES_V = 0.01, 0.01
OFFSET = 2e-4
"""Of the largest current: what may be read while nothing flows (a guess)."""

ERRORS = {
    27: "command does not exist",
    100: "value is out of range",
    1003: "a global limit was reached",
    1004: "value is out of the limited range",
    1005: "the measurement was aborted",
    1006: "not executed because of an error before",
}
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class ZahnerPotentiostat(PolledSource):
    """What the models share (a `Source` of `faradaic.instruments.traits`)."""

    DOUBTS_JUMPS = True

    capabilities = Capabilities(
        manufacturer="Zahner",
        model="PP222",
        modes=frozenset(
            {
                OpenCircuitSegment.mode,
                ConstantCurrentSegment.mode,
                ConstantPotentialSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            }
        ),
        current_max_A=10.0,
        compliance_V=20.0,
        current_ranges_A=(1e-3, 1e-2, 0.1, 1.0, 10.0),
        current_resolution=1e-3,
        current_accuracy=5e-3,
        bipolar=True,
        reference_electrode=True,
        interval_min_s=0.2,
        native_voltage_limit=False,
        native_charge_stop=False,
        on_host_death="The potentiostat stays on at the last set-point, without a limit, until"
        " someone turns it off: no watchdog is used. Where that matters, put a contact that opens"
        " into the leads.",
        tier=Tier.EMULATED,
        level_min_s=0.5,
        opens_between_voltages=False,
        off_state=OffState.UNKNOWN,
    )
    RESTS_OFF = True
    TOLD_OFF = OFF
    ASKED_OUTPUT = f"{OFF} once more"
    OFF_HELP = "switch the potentiostat off at its mains switch"
    LOST_HELP = "one of its own limits may have switched it off"
    INTERFACE: ClassVar[str] = "USB, the first of two serial ports"

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._lines = LinesInStep(transport, self.retries, "*IDN?")
        self._is_on = False
        """Whether it took ON last."""
        self._notes: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again since the last call, and what could not be asked."""
        notes, self._notes = self._notes, []
        return (*notes, *super().notes())

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        self._lines.write("")
        answer = self._lines.identified()
        fields = [field.strip() for field in answer.split(",")] + [""] * 4
        if not fields[0].upper().startswith("ZAHNER") or fields[1] != self.capabilities.model:
            raise DeviceError.of(
                f"{self.transport.address} answers as {answer[:60]!r}, not as a Zahner"
                f" {self.capabilities.model}",
                help="correct the address or the driver in the bench file: it is the first of the"
                " two ports of the instrument; `faradaic devices` lists the drivers",
                code="E511",
            )
        return Identity("Zahner", fields[1], fields[2], fields[3])

    def _leave_off(self, identity: Identity, clock: Clock) -> None:
        """A current that flows is somebody's output that is on; otherwise it is told off."""
        amps = self._lines.surely(":MEAS:CURR?", lambda told: round(_number(told), 3))
        if abs(amps) > max(OFFSET * self.capabilities.current_max_A, 1e-3):
            raise OutputFoundOn.found(identity, f":MEAS:CURR? -> {amps:g} A")
        self._notes.append(
            f"no current flowed when the {identity.model} was connected, and it was told off:"
            " whether it was on cannot be asked"
        )
        self._require_off(clock)
        self._told("*CLS")

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on. Raises `DeviceError`."""
        galvanostat = held.regulation is Regulation.CURRENT
        most_A = held.largest if galvanostat else held.limit
        self._told(f":SESO:COUP {'gal' if galvanostat else 'pot'}")
        self._told(":SESO:UREL 0")
        self._told(f":SESO:CRNG {most_A:.9g}")
        self._told(f":SESO:ULIM:MAX {held.highest_V:.9g}")
        self._told(f":SESO:ULIM:MIN {-held.highest_V:.9g}")
        self._told(":SESO:ULIM:STAT ON")
        self._change(held, held.value)

    def _change(self, held: SetPoint, value: float) -> None:
        name = "IVAL" if held.regulation is Regulation.CURRENT else "UVAL"
        self._told(f":SESO:{name} {value:.9g}")

    def _told(self, command: str) -> None:
        """Tell it, and once more. Raises `DeviceError` where both times it is not taken."""

        def ask() -> str | None:
            answer = self._lines.surely(command, _taken)
            return None if answer == "ok" else answer

        self.settle(command, lambda: None, ask)

    def _switch_on(self) -> None:
        self._is_on = True
        self._told(ON)

    def _tell_off(self) -> None:
        self._lines.write(OFF)
        self._lines.suspect = True
        self._is_on = False

    def _ask_output(self) -> tuple[bool | None, str]:
        if self._is_on:
            return True, "`ok` to ON; it has no question for it"
        self._lines.suspect = True
        answer = self._lines.surely(OFF, _taken)
        return (False if answer == "ok" else None), answer

    def _resynchronise(self) -> None:
        self._lines.resynchronise()

    def _measure(self, held: SetPoint) -> Measured:
        lines = self._lines
        said = lines.ask_all(READING)
        try:
            volts, amps, volts_again, amps_again = (_number(one) for one in said)
        except DamagedReply:
            lines.suspect = True
            raise
        raw = ";".join(said)
        offset_A = OFFSET * self.capabilities.current_max_A
        if abs(volts - volts_again) > AGREES * abs(volts) + AGREES_V or (
            abs(amps - amps_again) > AGREES * abs(amps) + offset_A
        ):
            lines.suspect = True
            raise DamagedReply.of(f"`{raw[:80]}` does not say the same twice")
        across = held.regulation is not Regulation.POTENTIAL
        at_V, potential_V = (volts_again, None) if across else (None, volts_again)
        return Measured(amps_again, at_V, held.regulation, False, raw, potential_V=potential_V)


def _taken(answer: str) -> str:
    """`ok`, or what an error says. Raises `DamagedReply` for what is neither."""
    if answer == "ok":
        return answer
    match = re.fullmatch(r"error:? *(\d+)", answer, re.ASCII)
    if match is None:
        raise DamagedReply.of(f"`{answer[:60]}` is no answer to a command")
    code = int(match[1])
    return f"error {code}, {ERRORS.get(code, 'which is not known')}"


def _number(text: str) -> float:
    """A value, the first of several. Raises `DamagedReply`."""
    value = text.partition(",")[0].strip()
    if not _NUMBER.fullmatch(value):
        raise DamagedReply.of(f"`{text[:60]}` came where a number was expected", code="E517")
    return float(value)


class ZahnerPp212(ZahnerPotentiostat):
    """The PP212: 10 V, 20 A."""

    capabilities = replace(
        ZahnerPotentiostat.capabilities,
        model="PP212",
        current_max_A=20.0,
        compliance_V=10.0,
        current_ranges_A=(1e-3, 1e-2, 0.1, 1.0, 10.0, 20.0),
    )


class ZahnerPp242(ZahnerPotentiostat):
    """The PP242: 4 V, 40 A."""

    capabilities = replace(
        ZahnerPotentiostat.capabilities,
        model="PP242",
        current_max_A=40.0,
        compliance_V=4.0,
        current_ranges_A=(1e-2, 0.1, 1.0, 10.0, 40.0),
    )


class ZahnerXpot2(ZahnerPotentiostat):
    """The XPOT2: 20 V, 0.5 A."""

    capabilities = replace(
        ZahnerPotentiostat.capabilities,
        model="XPOT2",
        current_max_A=0.5,
        current_ranges_A=(1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5),
    )
