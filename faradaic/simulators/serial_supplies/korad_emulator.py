"""A Korad KA3005P, or one of its kin, on the wire: commands without an end, answers without one.

A command ends with a pause on the line; what comes while it is still at work on the last one is
lost. Nothing is acknowledged, and what it does not understand it ignores.

Sources: libsigrok, src/hardware/korad-kaxxxxp (commands, 5 characters to a value, status byte,
80 ms from one command to the next, the byte too many after ISET1?); koradctl 0.8 (50 ms);
tenma-serial 1.1.4 (LOCK, memories, the end of line that some firmware asks for). Assumed: that a
value beyond its range is cut to it; that its meter shows 0 V with the output off; that OVP trips
0.1 V above the set voltage; how long the pause and its work take, so that 50 ms are enough.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.serial_supplies.one_way_output import SupplyOutput
from faradaic.simulators.serial_supplies.supply_wire import SupplyWire

PAUSE_S = 0.015
"""Without a byte, after which a command has ended."""
WORK_S = 0.03
"""From the end of a command until the next is heard."""
OVER_V = 0.1
_SETTING = re.compile(r"([VI])SET1:(\d+\.?\d*|\.\d+)")
_SWITCH = re.compile(r"(OUT|OVP|OCP|BEEP|LOCK|TRACK)(\d)")
_MEMORY = re.compile(r"(SAV|RCL)([1-5])")
CONSTANT_VOLTAGE, OUTPUT_ON = 1, 1 << 6


class KoradModel(NamedTuple):
    """One row of the table."""

    name: str
    identity: bytes
    most_V: float
    most_A: float
    sixth: bool
    slow_s: float
    over_current: int
    over_voltage: int


@cache
def models() -> dict[str, KoradModel]:
    """By name."""
    text = (files(__package__) / "korad_models.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["name"]: KoradModel(
            row["name"],
            row["identity"].encode("latin-1"),
            float(row["most_V"]),
            float(row["most_A"]),
            row["sixth"] == "yes",
            float(row["slow_ms"]) * 1e-3,
            1 << int(row["over_current_bit"]),
            1 << int(row["over_voltage_bit"]),
        )
        for row in rows
    }


class KoradEmulator(SupplyWire):
    """One output, 10 mV and 1 mA to a step."""

    answers_after_s = 0.003
    byte_s = 10.0 / 9600.0

    def __init__(
        self, cell: CellModel, seed: int, model: KoradModel, *, newline: bool, off_on_set: bool
    ) -> None:
        super().__init__(SupplyOutput(cell, seed, most_V=model.most_V, most_A=model.most_A))
        self.model = model.name
        self._kind = model
        self._newline = newline
        self._off_on_set = off_on_set
        self._heard_s = 0.0
        self._deaf_until_s = 0.0
        self._over_voltage = False
        self._beeps = True
        self._memories = {str(n): (0.0, 0.0) for n in range(1, 6)}
        self._identified = b""
        self.lost = 0
        """Bytes that came while it was at work."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes: at the speed of its line, so that the last is there later."""
        self.transmit_due(now_s)
        if now_s < self._deaf_until_s:
            self.lost += len(data)
            return
        self._heard_s = max(self._heard_s, now_s) + self.byte_s * len(data)
        self._came += data

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it up to `now_s`."""
        self.transmit_due(now_s)
        return super().transmit(now_s)

    def next_event_s(self) -> float | None:
        """When a command has ended, or an answer leaves."""
        said_s = super().next_event_s()
        if not self._came:
            return said_s
        ended_s = self._heard_s + PAUSE_S
        return ended_s if said_s is None else min(said_s, ended_s)

    def transmit_due(self, now_s: float) -> None:
        """Do what came, if its end is over."""
        ended_s = self._heard_s + PAUSE_S
        if self._came and now_s >= ended_s:
            self.output.advance(ended_s)
            self._obey(ended_s)
            self._deaf_until_s = max(self._deaf_until_s, ended_s + WORK_S)

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """All that came before the pause, or a line."""
        if not self._newline:
            return (len(came), came) if came else None
        at = came.find(b"\n")
        if at < 0:
            self._came = b""  # without its end it is none
            return None
        return at + 1, came[:at].rstrip(b"\r")

    def answer(self, command: bytes, now_s: float) -> bytes:
        """One command."""
        text = command.decode("latin-1")
        answer = self._asked(text)
        if answer is None:
            answer = b""
            self._told(text, now_s)
        return answer + b"\n" if answer and self._newline else answer

    def _asked(self, text: str) -> bytes | None:
        output = self.output
        if text == "*IDN?":
            self._identified = self._kind.identity
            return self._kind.identity
        if text == "VSET1?":
            return f"{output.set_V:05.2f}".encode()
        if text == "ISET1?":
            sixth = self._identified[5:6] if self._kind.sixth else b""
            return f"{output.set_A:05.3f}".encode() + sixth
        if text == "VOUT1?":
            return f"{output.read().voltage_V:05.2f}".encode()
        if text == "IOUT1?":
            return f"{output.read().current_A:05.3f}".encode()
        if text == "STATUS?":
            self._slow()
            return bytes([self._status()])
        return None

    def _status(self) -> int:
        output = self.output
        state = 0 if output.on and not output.in_cv else CONSTANT_VOLTAGE
        state |= OUTPUT_ON if output.on else 0
        state |= self._kind.over_current if output.trips_in_cc else 0
        return state | (self._kind.over_voltage if self._over_voltage else 0)

    def _told(self, text: str, now_s: float) -> None:
        output = self.output
        if found := _SETTING.fullmatch(text):
            what, value = found[1], float(found[2])
            if what == "V":
                output.apply(now_s, voltage_V=min(round(value, 2), self._kind.most_V))
                self._guard()
            else:
                output.apply(now_s, current_A=min(round(value, 3), self._kind.most_A))
            if self._off_on_set:
                output.apply(now_s, on=False)
            self._slow()
        elif found := _SWITCH.fullmatch(text):
            self._switch(found[1], found[2] == "1", now_s)
            self._slow()
        elif found := _MEMORY.fullmatch(text):
            if found[1] == "SAV":
                self._memories[found[2]] = (output.set_V, output.set_A)
            else:
                volts, amps = self._memories[found[2]]
                output.apply(now_s, voltage_V=volts, current_A=amps, on=False)

    def _switch(self, what: str, on: bool, now_s: float) -> None:
        output = self.output
        if what == "OUT":
            output.apply(now_s, on=on)
        elif what == "OVP":
            self._over_voltage = on
            self._guard()
        elif what == "OCP":
            output.trips_in_cc = on
            output.apply(now_s)

    def _guard(self) -> None:
        self.output.over_V = self.output.set_V + OVER_V if self._over_voltage else None

    def _slow(self) -> None:
        self._deaf_until_s = self._heard_s + PAUSE_S + self._kind.slow_s


def korad_ka3005p(
    cell: CellModel,
    seed: int,
    model: str = "korad-ka3005p",
    newline: str = "0",
    off_on_set: str = "0",
) -> KoradEmulator:
    """Korad KA3005P or a supply of its kin; `model` of the table, `newline=1` for firmware that
    waits for an end of line, `off_on_set=1` for one that turns off when something is set."""
    known = models()
    if model not in known:
        what = f"there is no `{model}` among the supplies of Korad's kin"
        raise refusal("E532", what, did_you_mean(model, list(known)))
    return KoradEmulator(
        cell, seed, known[model], newline=newline == "1", off_on_set=off_on_set == "1"
    )


def korad_ka6003p(
    cell: CellModel, seed: int, newline: str = "0", off_on_set: str = "0"
) -> KoradEmulator:
    """Korad KA6003P, as the Tenma 72-2550 answers."""
    return korad_ka3005p(cell, seed, "tenma-72-2550", newline, off_on_set)


def korad_kd6005p(
    cell: CellModel, seed: int, newline: str = "0", off_on_set: str = "0"
) -> KoradEmulator:
    """Korad KD6005P."""
    return korad_ka3005p(cell, seed, "korad-kd6005p", newline, off_on_set)


def tenma_72_2535(
    cell: CellModel, seed: int, newline: str = "0", off_on_set: str = "0"
) -> KoradEmulator:
    """Tenma 72-2535."""
    return korad_ka3005p(cell, seed, "tenma-72-2535", newline, off_on_set)
