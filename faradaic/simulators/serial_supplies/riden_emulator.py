"""A Riden RD60xx or an RDTech DPS on the wire: registers over Modbus RTU.

Sources: libsigrok, src/hardware/rdtech-dps (registers, scaling, models); Baldanos/rd6006,
registers.md (RD60xx). Not said there, and assumed: a set value beyond the range is cut to it; a
write to a register that only reports is answered and does nothing; its meter shows 0 V with the
output off; the counters of charge and energy go on from one switching on to the next.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.serial_supplies.modbus_slave import (
    UNKNOWN_ADDRESS,
    ModbusException,
    ModbusSlave,
)
from faradaic.simulators.serial_supplies.one_way_output import OutputReading, SupplyOutput

PROTECTIONS = {"": 0, "OVP": 1, "OCP": 2}
INPUT_V = 70.0
NOISE, NOISE_DIGITS = 2e-5, 0.3
"""Of the full scale, and at most this share of a digit; an engineering guess."""
SERIAL, FIRMWARE = 12345678, 138
RD_LAST, RD_MEMORIES = 119, 80
DPS_LAST, DPS_MEMORIES = 0x0C, 0x50


class RidenModel(NamedTuple):
    """One row of the table."""

    name: str
    is_dps: bool
    code: int
    most_V: float
    most_A: float
    per_A: float
    per_V: float


@cache
def models() -> dict[str, RidenModel]:
    """By name."""
    text = (files(__package__) / "riden_models.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["name"]: RidenModel(
            row["name"],
            row["kind"] == "dps",
            int(row["code"]),
            float(row["most_V"]),
            float(row["most_A"]),
            10.0 ** int(row["current_digits"]),
            10.0 ** int(row["voltage_digits"]),
        )
        for row in rows
    }


class RidenEmulator(ModbusSlave):
    """One output behind registers."""

    def __init__(self, cell: CellModel, seed: int, model: RidenModel) -> None:
        noise = min(NOISE, NOISE_DIGITS / (model.per_A * model.most_A))
        output = SupplyOutput(cell, seed, most_V=model.most_V, most_A=model.most_A, noise=noise)
        super().__init__(output)
        self.model = model.name
        self._kind = model
        self._passed_C = self._energy_J = 0.0
        self._counted_s = 0.0
        self._kept: dict[int, int] = {}
        """What was written to registers that are only kept: backlight, clock, memories."""
        self.output.over_V, self.output.over_A = 1.03 * model.most_V, 1.03 * model.most_A

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes; its counters come up to now first."""
        self._count(now_s)
        super().receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left it up to `now_s`."""
        self._count(now_s)
        return super().transmit(now_s)

    def register(self, number: int) -> int:
        """What a register holds. Raises `ModbusException`."""
        values = self._dps() if self._kind.is_dps else self._rd()
        memories = DPS_MEMORIES if self._kind.is_dps else RD_MEMORIES
        last = DPS_LAST if self._kind.is_dps else RD_LAST
        if number in values:
            return round(values[number]) & 0xFFFF
        if number <= last or memories <= number < memories + 80:
            return self._kept.get(number, 0)
        raise ModbusException(UNKNOWN_ADDRESS)

    def write(self, number: int, value: int, now_s: float) -> None:
        """Write a register. Raises `ModbusException`."""
        self.register(number)
        kind, output = self._kind, self.output
        first = 0 if kind.is_dps else 8
        switch = 9 if kind.is_dps else 18
        over = DPS_MEMORIES + 2 if kind.is_dps else 82
        if number == first:
            output.apply(now_s, voltage_V=min(value / kind.per_V, kind.most_V))
        elif number == first + 1:
            output.apply(now_s, current_A=min(value / kind.per_A, kind.most_A))
        elif number == switch:
            output.apply(now_s, on=bool(value))
        elif number == over:
            output.over_V = value / kind.per_V
        elif number == over + 1:
            output.over_A = value / kind.per_A
        elif number not in (self._dps() if kind.is_dps else self._rd()):
            self._kept[number] = value

    def _live(self) -> tuple[OutputReading, int, int, int, int]:
        kind, output = self._kind, self.output
        shown = output.read()
        return (
            shown,
            round(output.set_V * kind.per_V),
            round(output.set_A * kind.per_A),
            round(shown.voltage_V * kind.per_V),
            round(shown.current_A * kind.per_A),
        )

    def _rd(self) -> dict[int, float]:
        kind, output = self._kind, self.output
        shown, set_V, set_A, volts, amps = self._live()
        power = round(shown.voltage_V * shown.current_A * 100.0)
        charge, energy = round(self._passed_C / 3.6), round(self._energy_J / 3.6)
        assert output.over_V is not None
        assert output.over_A is not None
        return {
            0: kind.code,
            1: SERIAL >> 16,
            2: SERIAL & 0xFFFF,
            3: FIRMWARE,
            5: 28,
            7: 82,
            8: set_V,
            9: set_A,
            10: volts,
            11: amps,
            12: power >> 16,
            13: power & 0xFFFF,
            14: INPUT_V * kind.per_V if kind.per_V < 1e3 else 65000,
            16: PROTECTIONS.get(output.tripped, 0),
            17: int(output.on and shown.constant_current),
            18: int(output.on),
            38: charge >> 16,
            39: charge & 0xFFFF,
            40: energy >> 16,
            41: energy & 0xFFFF,
            82: output.over_V * kind.per_V,
            83: output.over_A * kind.per_A,
        }

    def _dps(self) -> dict[int, float]:
        kind, output = self._kind, self.output
        shown, set_V, set_A, volts, amps = self._live()
        assert output.over_V is not None
        assert output.over_A is not None
        return {
            0: set_V,
            1: set_A,
            2: volts,
            3: amps,
            4: shown.voltage_V * shown.current_A * 100.0,
            5: INPUT_V * 100.0,
            7: PROTECTIONS.get(output.tripped, 0),
            8: int(output.on and shown.constant_current),
            9: int(output.on),
            0x0B: kind.code,
            0x0C: 14,
            DPS_MEMORIES: set_V,
            DPS_MEMORIES + 1: set_A,
            DPS_MEMORIES + 2: output.over_V * kind.per_V,
            DPS_MEMORIES + 3: output.over_A * kind.per_A,
        }

    def _count(self, now_s: float) -> None:
        """Its counters of charge and energy, as its meter has it."""
        passed_s = now_s - self._counted_s
        if passed_s > 0.0:
            self._counted_s = now_s
            self.output.advance(now_s)
            if self.output.on:
                shown = self.output.read()
                self._passed_C += shown.current_A * passed_s
                self._energy_J += shown.current_A * shown.voltage_V * passed_s


def _made(cell: CellModel, seed: int, model: str) -> RidenEmulator:
    known = models()
    if model not in known:
        what = f"there is no `{model}` among the supplies of Riden and RDTech"
        raise refusal("E532", what, did_you_mean(model, list(known)))
    return RidenEmulator(cell, seed, known[model])


def riden_rd6006(cell: CellModel, seed: int, model: str = "riden-rd6006") -> RidenEmulator:
    """Riden RD6006, or another of its table: `model=riden-rd6024`."""
    return _made(cell, seed, model)


def riden_rd6006p(cell: CellModel, seed: int) -> RidenEmulator:
    """Riden RD6006P."""
    return _made(cell, seed, "riden-rd6006p")


def riden_rd6012(cell: CellModel, seed: int) -> RidenEmulator:
    """Riden RD6012."""
    return _made(cell, seed, "riden-rd6012")


def riden_rd6018(cell: CellModel, seed: int) -> RidenEmulator:
    """Riden RD6018."""
    return _made(cell, seed, "riden-rd6018")


def dps5005(cell: CellModel, seed: int, model: str = "dps5005") -> RidenEmulator:
    """RDTech DPS5005, or another of its table: `model=dps8005`."""
    return _made(cell, seed, model)


def dps5020(cell: CellModel, seed: int) -> RidenEmulator:
    """RDTech DPS5020."""
    return _made(cell, seed, "dps5020")
