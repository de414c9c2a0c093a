"""What stands around the potentiostat: sleep, clocks, buses, multiplexers, a second electrode.

Nobody answers on the I2C bus, no battery is there, nobody presses a button, the room is at 25 °C,
and every channel of a multiplexer leads to the one cell. Arguments: PalmSens,
MethodSCRIPT_Examples bd1a44a, MSExample003, 004, 007, 009 to 013, 019 to 023 and 035.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from faradaic.simulators.palmsens.commands import command
from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.machine import Machine, Timeline
from faradaic.simulators.palmsens.variables import Value, Variable, item

SWITCHED_ON = datetime(2026, 1, 1, tzinfo=UTC)
"""What the clock of the instrument showed when the time of the emulator was zero."""

WAKE_ON_LINE, WAKE_ON_TIMER = 0x01, 0x04

MULTIPLEXED = {1: 8, 2: 16, 3: 8, 4: 16}
"""Channels by type of multiplexer; 3 is a MUX8-R2, 4 the MUX16 of the Pico, 1 and 2 recalled."""

NOT_ACKNOWLEDGED = 1


@command("hibernate", "i n", timed=True, in_measurement=False)
def _hibernate(machine: Machine, sources: int, duration_s: Value) -> Timeline:
    """Until a line comes or the time is over, where they are among the sources."""
    if not sources:
        raise ScriptFault("0007")
    timer = bool(sources & WAKE_ON_TIMER)
    if timer and not duration_s > 0:
        raise ScriptFault("4204")
    machine.wakes_on_line = bool(sources & WAKE_ON_LINE)
    yield machine.now_s + duration_s if timer else math.inf
    machine.wakes_on_line = False
    return False


@command("rtc_get", "v v v v v v")
def _rtc_get(machine: Machine, *targets: Variable) -> None:
    now = SWITCHED_ON + timedelta(seconds=machine.now_s)
    parts = (now.year, now.month, now.day, now.hour, now.minute, now.second)
    for target, part in zip(targets, parts, strict=True):
        target.set(part)


command("get_time", "v")(
    lambda machine, target: target.measured(machine.now_s, "eb", None, None),
)
command("battery_perc", "v")(lambda _, target: target.set(-1))


# Settings that change nothing about one cell without noise of its own
command("set_e_aux", "n")(lambda *_: None)
command("set_acquisition_frac", "n", in_measurement=False)(lambda *_: None)
command("set_channel_sync", "i", in_measurement=False)(lambda *_: None)
command("set_poly_we_mode", "i", in_measurement=False)(lambda *_: None)
command("get_gpio_msk", "v i")(
    lambda machine, target, mask: target.set(machine.gpio.get("set_gpio", 0) & mask)
)


# A second working electrode, connected to nothing ----------------------------------------------


@command("set_bipot_mode", "i", in_measurement=False)
def _set_bipot_mode(machine: Machine, mode: int) -> None:
    if mode not in (0, 1, 2):
        raise ScriptFault("0007")


@command("set_bipot_potential", "n", in_measurement=False)
def _set_bipot_potential(machine: Machine, value_V: Value) -> None:
    machine.front.require_potentiostat()
    machine.front.check_potential(float(value_V))


# The bus ----------------------------------------------------------------------------------------


def _bus(name: str, signature: str, read: int | None) -> None:
    """One command of the bus; what it would have read, argument number `read`, is zero."""

    def do(_: Machine, *arguments: Variable | list[Variable]) -> None:
        if read is not None:
            found = arguments[read]
            for variable in found if isinstance(found, list) else [found]:
                variable.set(0)
        acknowledged = arguments[-1]
        assert isinstance(acknowledged, Variable)
        acknowledged.set(NOT_ACKNOWLEDGED)

    command(name, signature)(do)


command("i2c_config", "n i")(lambda *_: None)
_bus("i2c_write", "i a i v", None)
_bus("i2c_write_byte", "i i v", None)
_bus("i2c_read", "i a i v", 1)
_bus("i2c_read_byte", "i v v", 1)
_bus("i2c_write_read", "i a i a i v", 3)


# Multiplexers -----------------------------------------------------------------------------------


@command("mux_config", "i i", in_measurement=False)
def _mux_config(machine: Machine, kind: int, _: int) -> None:
    if kind not in MULTIPLEXED:
        raise ScriptFault("0007")
    machine.mux_channels = MULTIPLEXED[kind]


command("mux_get_channel_count", "v")(lambda machine, target: target.set(machine.mux_channels))


@command("mux_set_channel", "i")
def _mux_set_channel(machine: Machine, channel: int) -> None:
    if not 1 <= channel <= machine.mux_channels:
        raise ScriptFault("002F")


def on_all_channels(
    machine: Machine, currents: list[Variable], first: int, last: int, interval_s: float
) -> Timeline:
    """The current on each channel in turn, within one interval."""
    if not 1 <= first <= last <= machine.mux_channels:
        raise ScriptFault("002F")
    share_s = interval_s / (last - first + 1)
    for place in range(last - first + 1):
        yield machine.now_s + share_s
        (reading,) = machine.front.measure(("ba",), machine.now_s, 0.5 * share_s)
        item(currents, place).measured(reading.value, "ba", reading.status, reading.range_index)
    return False
