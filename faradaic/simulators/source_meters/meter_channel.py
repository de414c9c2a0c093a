"""One channel of a source-measure unit: its settings, its output on the cell, its readings."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from faradaic.diagnostics import refusal
from faradaic.simulators.contracts import CellModel
from faradaic.simulators.electronics import Electronics, ElectronicsSpec
from faradaic.simulators.scpi.settings import ScpiSetting, ScpiSettings, Value
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import CommandTree

OPEN = ("HIMP", "HIZ")
NOT_A_NUMBER = 9.91e37
OVERFLOW_SLACK = 1.055
"""A range measures up to this multiple of its nominal end (2400 user's manual, page 7-2)."""
READING_OVERHEAD_S = 1e-3


@dataclass(frozen=True, slots=True)
class MeterData:
    """One model, from `meters.csv`. Magnitudes, SI."""

    identity: str
    regions: tuple[tuple[float, float], ...]
    """Largest voltage and current that go together, the voltages rising."""
    ranges_A: tuple[float, ...]
    ranges_V: tuple[float, ...]
    channels: int
    protections_V: tuple[float, ...]
    """Levels of the overvoltage protection; above the last there is none."""

    @property
    def most_A(self) -> float:
        """The largest current."""
        return max(amps for _, amps in self.regions)

    @property
    def most_V(self) -> float:
        """The largest voltage."""
        return max(volts for volts, _ in self.regions)


@cache
def meter_data() -> dict[str, MeterData]:
    """Every model."""
    with files(__package__).joinpath("meters.csv").open(encoding="utf-8") as file:
        return {
            row["model"]: MeterData(
                row["identity"],
                tuple(_pair(word) for word in row["regions"].split()),
                tuple(float(word) for word in row["ranges_A"].split()),
                tuple(float(word) for word in row["ranges_V"].split()),
                int(row["channels"]),
                tuple(float(word) for word in row["protections_V"].split()),
            )
            for row in csv.DictReader(file)
        }


def channel_of(model: str, channel: str) -> int:
    """The channel that a cell is on, as an address names it. Raises `InputError`."""
    known = range(1, meter_data()[model].channels + 1)
    if channel not in [str(number) for number in known]:
        raise refusal(
            "E532",
            f"`{model}` has no channel `{channel}`",
            f"channels: {', '.join(str(number) for number in known)}",
        )
    return int(channel)


def _pair(word: str) -> tuple[float, float]:
    volts, _, amps = word.partition(":")
    return float(volts), float(amps)


class Taken(NamedTuple):
    """One reading, as the meter has it; not a number where nothing was measured."""

    voltage_V: float
    current_A: float
    source: float
    time_s: float
    limited: bool
    overflow: bool


class MeterChannel:
    """One channel on a cell (HI on the working electrode)."""

    def __init__(
        self, cell: CellModel, data: MeterData, table: tuple[ScpiSetting, ...], seed: int
    ) -> None:
        self.data = data
        self.settings = ScpiSettings(table)
        self.functions = {"CURR"}
        self.last: Taken | None = None
        self.electronics = Electronics(cell, _specification(data), seed)
        self._spend: Callable[[float], None] = lambda duration_s: None
        self._now: Callable[[], float] = lambda: 0.0
        self._table = table
        self._registered = self.settings
        self._before: Value | None = None
        """What a setting that is being changed was."""

    def run_on(self, now: Callable[[], float], spend: Callable[[float], None]) -> None:
        """The time of its instrument, and how that lets some pass."""
        self._now, self._spend = now, spend

    def store(self, key: str, value: Value) -> None:
        """Set something, if it goes with the rest. Raises `ScpiError`."""
        self._allow(key, value)
        self.settings.values[key] = value
        self._changed(key)

    def attach(
        self,
        tree: CommandTree,
        number: int,
        now: Callable[[], float],
        spend: Callable[[float], None],
    ) -> None:
        """Register its settings in the tree of its instrument, under its number."""
        self.run_on(now, spend)
        table = self._table
        if number > 1:
            table = tuple(replace(one, header=_numbered(one.header, number)) for one in table)
            table = tuple(one for one in table if str(number) in one.header)
        settings = ScpiSettings(table)
        settings.values = self.settings.values
        settings.register(tree, self._allow, self._changed)
        self._registered = settings

    def reset(self) -> None:
        """What `*RST` does to it."""
        self.settings.reset()
        self._registered.values = self.settings.values
        self.functions = {"CURR"}
        self.drive()

    # Output ------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """What is sourced: `CURR` or `VOLT`."""
        return str(self.settings.values["source.function"])

    def drive(self) -> None:
        """Put what the settings say onto the cell."""
        values, electronics, now_s = self.settings.values, self.electronics, self._now()
        if not values["output"]:
            electronics.fix_current_range(None)
            if values["off"] in OPEN:
                electronics.off(now_s)
            elif values["off"] == "GUAR":
                electronics.galvanostat(0.0, self.data.ranges_V[0], now_s)
            else:
                limit = values.get("off.limiti", values["sense.CURR.limit"])
                limit_A = abs(float(limit)) or self.data.ranges_A[0]
                electronics.cell_voltage(0.0, min(limit_A, self.data.most_A), now_s)
            return
        protection_V = float(values.get("protection") or math.inf)
        level = float(values[f"source.{self.source}.level"])
        if self.source == "CURR":
            electronics.fix_current_range(self._range("source.CURR"))
            limit_V = abs(float(values["sense.VOLT.limit"]))
            electronics.galvanostat(level, min(limit_V, protection_V), now_s)
        else:
            fixed = not values["sense.CURR.autorange"]
            electronics.fix_current_range(self._range("sense.CURR") if fixed else None)
            level = math.copysign(min(abs(level), protection_V), level)
            electronics.cell_voltage(level, abs(float(values["sense.CURR.limit"])), now_s)

    def switch(self, on: bool) -> None:
        """The output."""
        self.settings.values["output"] = on
        self.drive()

    def _range(self, room: str) -> float:
        scales = self.data.ranges_A if "CURR" in room else self.data.ranges_V
        asked = abs(float(self.settings.values[f"{room}.range"]))
        return next((one for one in scales if asked <= 1.05 * one), scales[-1])

    def _allow(self, key: str, value: Value) -> None:
        """Refuse a value that conflicts with the others. Raises `ScpiError`."""
        values = self.settings.values
        self._before = values.get(key)
        room, _, part = key.rpartition(".")
        if part not in ("level", "limit", "range"):
            return
        function = room.rpartition(".")[2]
        if function not in ("CURR", "VOLT"):
            return
        most = self.data.most_A if function == "CURR" else self.data.most_V
        magnitude = abs(float(value))
        if magnitude > most * (1 + 1e-9):
            raise ScpiError(-222)
        if part == "level":
            if not values[f"{room}.autorange"] and magnitude > 1.05 * self._range(room) * 1.000001:
                raise ScpiError(-222)
            self._require_region(key, magnitude)
        elif part == "limit":
            if magnitude == 0.0:
                raise ScpiError(-222)
            self._require_region(key, magnitude)

    def _require_region(self, key: str, magnitude: float) -> None:
        """Current and voltage have to lie in one of the regions of the output."""
        values = self.settings.values
        level_of, limit_of = f"source.{self.source}.level", "sense.{}.limit"
        other = "VOLT" if self.source == "CURR" else "CURR"
        pair = {self.source: abs(float(values[level_of]))}
        pair[other] = abs(float(values[limit_of.format(other)]))
        if key not in (level_of, limit_of.format(other)):
            return
        pair[key.split(".")[1]] = magnitude
        if not any(
            pair["VOLT"] <= volts * (1 + 1e-9) and pair["CURR"] <= amps * (1 + 1e-9)
            for volts, amps in self.data.regions
        ):
            raise ScpiError(-221)

    def _changed(self, key: str) -> None:
        values = self.settings.values
        room, _, part = key.rpartition(".")
        if key == "protection":
            values[key] = self._protection(abs(float(values[key])))
        elif part == "range":
            values[f"{room}.autorange"] = False
            self._settle_range(room)
        elif part in ("level", "autorange") and room.startswith("source."):
            self._settle_range(room)
        other = values[key] != self._before
        if other and key in ("source.function", "terminals", "remote"):
            values["output"] = False
        if key.startswith(("source.", "sense.CURR", "sense.VOLT.limit")) or key in (
            "output",
            "off",
            "protection",
            "terminals",
            "remote",
        ):
            self.drive()

    def _protection(self, asked_V: float) -> float:
        """Between two levels the lower one is taken, below all of them the lowest, and above all
        of them none (2400S-900-01 Rev. K, page 18-81)."""
        levels = self.data.protections_V
        if asked_V > levels[-1]:
            return self.data.most_V
        return max((one for one in levels if one <= asked_V), default=levels[0])

    def _settle_range(self, room: str) -> None:
        """The range that is in use: that of the level where it chooses one by itself."""
        values = self.settings.values
        if values.get(f"{room}.autorange") and f"{room}.level" in values:
            values[f"{room}.range"] = abs(float(values[f"{room}.level"]))
        if room.endswith(("CURR", "VOLT")):
            values[f"{room}.range"] = self._range(room)

    # Measuring ---------------------------------------------------------------------------------

    def take(self) -> Taken:
        """Measure all functions that are chosen, one after the other."""
        values, source = self.settings.values, self.source
        integration_s = float(values["nplc"]) / float(values.get("line", 50.0))
        if values.get("average"):
            integration_s *= float(values["averages"])
        self._spend(
            len(self.functions) * integration_s
            + READING_OVERHEAD_S
            + float(values.get("trigger.delay", 0.0))
        )
        measured = self.electronics.measure(self._now(), integration_s)
        got = {"CURR": measured.current_A, "VOLT": measured.cell_voltage_V}
        overflow = bool(measured.current_overload)
        if source == "CURR" and not values["sense.VOLT.autorange"]:
            overflow = overflow or abs(got["VOLT"]) > OVERFLOW_SLACK * self._range("sense.VOLT")
        for function in ("CURR", "VOLT"):
            if function not in self.functions:
                level = float(values[f"source.{function}.level"])
                got[function] = level if function == source else math.nan
        if overflow:
            got["VOLT" if source == "CURR" else "CURR"] = math.inf
        self.last = Taken(
            got["VOLT"],
            got["CURR"],
            float(values[f"source.{source}.level"]),
            self._now(),
            bool(measured.compliance),
            overflow,
        )
        return self.last

    def limited(self, function: str) -> bool:
        """Whether the limit of a quantity holds the output."""
        if not self.settings.values["output"] or self.source == function:
            return False
        self.electronics.advance(self._now())
        return self.electronics.in_compliance


def _numbered(header: str, number: int) -> str:
    for name in (":SOURce[1]", ":OUTPut[1]", ":ARM[1]", ":TRIGger[1]"):
        header = header.replace(name, name.removesuffix("[1]") + str(number))
    return header.replace("[:SENSe[1]]", f":SENSe{number}")


def _specification(data: MeterData) -> ElectronicsSpec:
    return ElectronicsSpec(
        current_ranges_A=data.ranges_A,
        voltage_ranges_V=data.ranges_V,
        current_max_A=data.most_A,
        compliance_V=data.most_V,
        dac_bits=18,
        adc_bits=22,
        current_noise=5e-6,
        voltage_noise=5e-6,
    )
