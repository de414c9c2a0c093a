"""A Manson HCS-3xxx on the wire: four letters, digits without a point, CR, and `OK`.

Source: Manson HCS-3602 USB user manual, "Command Set" (GMAX, VOLT, CURR, GETS, GETD, GOVP, SOVP,
with their answers; one decimal of the current, two on HCS-3102, 3104 and 3204; three lines after
GETM, which hcscom takes for one). GMOD, SOUT (0 is on) and RUNM: hcscom 0.6.0 and pyManson 1.2.1,
which drive the real thing. libsigrok, src/hardware/manson-hcs-3xxx: the ranges, and that nothing
tells whether the output is on but the voltage of GETD, which cannot be set below 1 V and is 0 then.
Assumed: that a command which is not understood or beyond the range is not answered; that GETD says
0 A and CV with the output off.
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

LEAST_V = 1.0


class MansonModel(NamedTuple):
    """One row of the table."""

    most_V: float
    most_A: float
    per_A: float
    """Steps to an ampere."""


@cache
def models() -> dict[str, MansonModel]:
    """By name."""
    text = (files(__package__) / "manson_models.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["name"]: MansonModel(float(row["most_V"]), float(row["most_A"]), float(row["per_A"]))
        for row in rows
    }


_WITH_DIGITS = re.compile(r"(VOLT|CURR|SOVP|SOCP|SOUT|RUNM|PROM)(\d+)")


class MansonEmulator(SupplyWire):
    """One output, 0.1 V to a step."""

    answers_after_s = 0.02
    byte_s = 10.0 / 9600.0

    def __init__(self, cell: CellModel, seed: int, model: str, *, one_line: bool = False) -> None:
        most_V, most_A, self._per_A = models()[model]
        super().__init__(SupplyOutput(cell, seed, most_V=most_V, most_A=most_A))
        self.model = model
        self._one_line = one_line
        self._memories = [(5.0, most_A), (13.8, most_A), (most_V, most_A)]
        self.output.set_V = LEAST_V

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """Up to a CR."""
        at = came.find(b"\r")
        return None if at < 0 else (at + 1, came[:at])

    def answer(self, command: bytes, now_s: float) -> bytes:
        """One command."""
        text = command.decode("latin-1").strip()
        told = self._asked(text)
        if told is None and (found := _WITH_DIGITS.fullmatch(text)):
            told = [] if self._told(found[1], found[2], now_s) else None
        return b"" if told is None else "".join(f"{line}\r" for line in (*told, "OK")).encode()

    def _pair(self, volts: float, amps: float) -> str:
        return f"{round(volts * 10.0):03d}{round(amps * self._per_A):03d}"

    def _asked(self, text: str) -> list[str] | None:
        output = self.output
        match text:
            case "GMOD":
                return [self.model]
            case "GMAX":
                return [self._pair(output.most_V, output.most_A)]
            case "GETS":
                return [self._pair(output.set_V, output.set_A)]
            case "GOVP":
                over_V = output.most_V if output.over_V is None else output.over_V
                return [f"{round(over_V * 10.0):03d}"]
            case "GOCP":
                over_A = output.most_A if output.over_A is None else output.over_A
                return [f"{round(over_A * self._per_A):03d}"]
            case "GETM":
                pairs = [self._pair(*pair) for pair in self._memories]
                return ["".join(pairs)] if self._one_line else pairs
            case "GETD":
                shown = output.read()
                volts, amps = (round(value * 100.0) for value in (shown.voltage_V, shown.current_A))
                return [f"{volts:04d}{amps:04d}{int(shown.constant_current)}"]
        return None

    def _told(self, word: str, digits: str, now_s: float) -> bool:
        """Whether it was taken."""
        output = self.output
        volts, amps = int(digits) / 10.0, int(digits) / self._per_A
        match word:
            case "VOLT" if len(digits) == 3 and LEAST_V <= volts <= output.most_V:
                output.apply(now_s, voltage_V=volts)
            case "CURR" if len(digits) == 3 and amps <= output.most_A:
                output.apply(now_s, current_A=amps)
            case "SOVP" if len(digits) == 3:
                output.over_V = volts
            case "SOCP" if len(digits) == 3:
                output.over_A = amps
            case "SOUT" if digits in "01":
                output.apply(now_s, on=digits == "0")
            case "RUNM" if digits in "012":
                volts, amps = self._memories[int(digits)]
                output.apply(now_s, voltage_V=volts, current_A=amps)
            case "PROM" if len(digits) == 18:
                pairs = [digits[at : at + 6] for at in (0, 6, 12)]
                self._memories = [
                    (int(pair[:3]) / 10.0, int(pair[3:]) / self._per_A) for pair in pairs
                ]
            case _:
                return False
        return True


def manson_hcs_3204(
    cell: CellModel, seed: int, model: str = "HCS-3204", memories: str = "three_lines"
) -> MansonEmulator:
    """Manson HCS-3204, or another of its table: `model=HCS-3604`; `memories=one_line` where GETM is
    answered so."""
    if model not in models():
        what = f"there is no `{model}` among the supplies of Manson"
        raise refusal("E532", what, did_you_mean(model, list(models())))
    return MansonEmulator(cell, seed, model, one_line=memories == "one_line")


def manson_hcs_3202(cell: CellModel, seed: int) -> MansonEmulator:
    """Manson HCS-3202."""
    return MansonEmulator(cell, seed, "HCS-3202")


def manson_hcs_3602(cell: CellModel, seed: int) -> MansonEmulator:
    """Manson HCS-3602."""
    return MansonEmulator(cell, seed, "HCS-3602")
