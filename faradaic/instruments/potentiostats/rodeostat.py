"""IO Rodeo Rodeostat (hardware V0.2), JSON over its USB serial port: a potentiostat of up to 24 mA.

It holds potentials between the working and the reference electrode (cell voltages, with the
reference lead on the counter electrode) and measures the current; it is no galvanostat and holds no
limit of the current beyond the range in use. Its answers name the command that they belong to, so
that a late one is told from another's; values are asked for twice, with the version behind them
(`LinesInStep`). Off are its three electrodes, disconnected by its switches, which hardware V0.1 has
not.

The potential in a reading is the one that it says it applies (`getVolt`).

Source: firmware FW0.1.0 and Python client of github.com/iorodeo/potentiostat (MIT).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.lines_in_step import LinesInStep
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantPotentialSegment,
    LevelsSegment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport

RANGES_V = {"1V": 1.0, "2V": 2.0, "5V": 5.0, "10V": 10.0}
AGREES, AGREES_OF_RANGE = 0.01, 0.002
STEPS = 4095
"""Of its 12-bit converter, over a range of both signs."""


def _command(name: str, **more: Any) -> str:
    return json.dumps({"command": name, **more}, separators=(",", ":"))


WHO = _command("getVersion")
READING = tuple(
    _command(name) for name in ("getCurr", "getVolt", "getAllElectConnected", "getVolt", "getCurr")
)


class Rodeostat(PolledSource):
    """What the variants share (a `Source` of `faradaic.instruments.traits`)."""

    DOUBTS_JUMPS = True

    variant: ClassVar[str] = "10V_24MilliAmpV0.2"
    ranges: ClassVar[dict[str, float]] = {
        "100uA": 1e-4,
        "1000uA": 1e-3,
        "12000uA": 12e-3,
        "24000uA": 24e-3,
    }
    serial = "baud=115200"
    capabilities: Capabilities = Capabilities(
        manufacturer="IO Rodeo",
        model="Rodeostat 24 mA",
        modes=frozenset(
            {
                ConstantPotentialSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            }
        ),
        current_max_A=24e-3,
        compliance_V=10.0,
        current_ranges_A=(1e-4, 1e-3, 12e-3, 24e-3),
        current_resolution=1e-3,
        current_accuracy=0.01,
        bipolar=True,
        reference_electrode=True,
        interval_min_s=0.1,
        native_voltage_limit=False,
        native_charge_stop=False,
        on_host_death="The last potential stays on until someone pulls its USB cable: no watchdog"
        " is used.",
        tier=Tier.EMULATED,
        level_min_s=0.3,
        opens_between_voltages=False,
        off_state=OffState.OPEN,
    )
    TOLD_OFF = "setAllElectConnected false"
    ASKED_OUTPUT = "getAllElectConnected"
    OFF_HELP = "pull its USB cable, or take the leads off the electrodes"
    LOST_HELP = "something else disconnected its electrodes"

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._lines = LinesInStep(transport, self.retries, WHO)
        self._range_A = self.capabilities.current_max_A

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        self._lines.write("")
        answer = self._lines.identified()
        try:
            version = str(_response(answer, "getVersion")["version"])
            (variant,) = self._told_of("getVariant", "variant")
        except (DamagedReply, KeyError):
            raise self._another(answer) from None
        if variant != self.variant:
            raise self._another(str(variant))
        (device,) = self._told_of("getDeviceId", "deviceId")
        return Identity("IO Rodeo", self.capabilities.model, str(device), version)

    def _another(self, answered: str) -> DeviceError:
        return DeviceError.of(
            f"{self.transport.address} answers as {answered[:60]!r}, not as a Rodeostat"
            f" {self.variant}",
            help="correct the address or the driver in the bench file; hardware V0.1 cannot"
            " disconnect its electrodes and is not driven",
            code="E511",
        )

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        self._range_A = next(one for one in self.ranges.values() if held.limit <= one * 1.001)
        name = next(key for key, one in self.ranges.items() if one == self._range_A)
        reach = next(key for key, one in RANGES_V.items() if held.largest <= one)
        self._set("ElectAutoConnect", "autoConnect", False)
        self._set("VoltRange", "voltRange", reach)
        self._set("CurrRange", "currRange", name)
        self._reach_V = RANGES_V[reach]
        self._change(held, held.value)

    def _change(self, held: SetPoint, value: float) -> None:
        step_V = 2.0 * self._reach_V / STEPS
        self._set("Volt", "v", round(value, 6), off=step_V)

    def _set(self, name: str, key: str, value: Any, *, off: float = 0.0) -> None:
        """Set something and ask for it. Raises `DeviceError` if it is not as asked."""

        def ask() -> str | None:
            (told,) = self._told_of(f"get{name}", key)
            if isinstance(value, float):
                same = isinstance(told, float | int) and abs(told - value) <= off
            else:
                same = told == value
            return None if same else str(told)

        command = _command(f"set{name}", **{key: value})

        def tell() -> None:
            self._lines.write(command)
            self._lines.suspect = True  # it answers, and what it answers is asked for anyway

        self.settle(command, tell, ask)

    def _switch_on(self) -> None:
        self._set("AllElectConnected", "connected", True)

    def _tell_off(self) -> None:
        self._lines.write(_command("setAllElectConnected", connected=False))
        self._lines.suspect = True

    def _ask_output(self) -> tuple[bool | None, str]:
        self._lines.suspect = True
        (on,) = self._told_of("getAllElectConnected", "connected")
        return (on if isinstance(on, bool) else None), str(on)

    def _resynchronise(self) -> None:
        self._lines.resynchronise()

    def _measure(self, held: SetPoint) -> Measured:
        lines = self._lines
        said = lines.ask_all(READING)
        try:
            amps, volts, on, volts_again, amps_again = self._values(said)
        except DamagedReply:
            lines.suspect = True
            raise
        raw = f"{amps:.9g} A;{volts:.9g} V;{amps_again:.9g} A"
        apart_A = abs(amps - amps_again)
        if (
            on is not True
            or volts != volts_again
            or (apart_A > AGREES * abs(amps) + AGREES_OF_RANGE * self._range_A)
        ):
            lines.suspect = True
            raise DamagedReply.of(f"`{raw}` does not say the same twice, or its cell is off")
        over = abs(amps_again) >= 0.999 * self._range_A
        across = held.regulation is Regulation.VOLTAGE
        at_V, potential_V = (volts, None) if across else (None, volts)
        return Measured(
            amps_again, at_V, held.regulation, over, raw, overload=over, potential_V=potential_V
        )

    def _values(self, said: Sequence[str]) -> tuple[float, float, Any, float, float]:
        names = ("getCurr", "getVolt", "getAllElectConnected", "getVolt", "getCurr")
        told = [_response(line, name) for line, name in zip(said, names, strict=True)]
        try:
            return (
                1e-6 * float(told[0]["i"]),
                float(told[1]["v"]),
                told[2]["connected"],
                float(told[3]["v"]),
                1e-6 * float(told[4]["i"]),
            )
        except (KeyError, TypeError, ValueError):
            raise DamagedReply.of(f"`{said[0][:80]}` is no reading") from None

    def _told_of(self, name: str, *keys: str) -> list[Any]:
        """Values of an answer that was given twice."""

        def read(line: str) -> list[Any]:
            told = _response(line, name)
            try:
                return [told[key] for key in keys]
            except KeyError:
                raise DamagedReply.of(f"`{line[:80]}` lacks what `{name}` tells") from None

        return self._lines.surely(_command(name), read)


def _response(line: str, name: str) -> dict[str, Any]:
    """What an answer to a command says. Raises `DamagedReply`."""
    try:
        told = json.loads(line)
        response = told["response"]
        right = told["success"] is True and response["command"] == name
    except (ValueError, KeyError, TypeError):
        right, response = False, {}
    if not right or not isinstance(response, dict):
        raise DamagedReply.of(f"`{line[:80]}` is no answer to `{name}`")
    return response


class Rodeostat10mA(Rodeostat):
    """The variant of 10 mA."""

    variant = "10V_10MilliAmpV0.2"
    ranges: ClassVar[dict[str, float]] = {
        "10uA": 1e-5,
        "100uA": 1e-4,
        "1000uA": 1e-3,
        "10000uA": 1e-2,
    }
    capabilities = replace(
        Rodeostat.capabilities,
        model="Rodeostat 10 mA",
        current_max_A=1e-2,
        current_ranges_A=(1e-5, 1e-4, 1e-3, 1e-2),
    )
