"""Source-measure units in SCPI: what the families share, and the words of each.

Where the manuals that were opened are silent: a query that cannot be answered sends nothing, and
the error is in the queue; a reading takes its integration time for each function and 1 ms;
selecting another source function, terminals or remote sense turns the output off; the B2900 refuses
a reading with its output off, where it may not turn it on by itself, with -221.
"""

from __future__ import annotations

import math
from functools import partial
from typing import ClassVar

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics.open_leads import OpenLeads
from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.device import ScpiDevice
from faradaic.simulators.scpi.settings import read_table
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments
from faradaic.simulators.source_meters.meter_channel import (
    NOT_A_NUMBER,
    MeterChannel,
    Taken,
    channel_of,
    meter_data,
)

ELEMENTS = syntax.spellings(["VOLTage", "CURRent", "RESistance", "TIME", "STATus", "SOURce"])
ORDER = ("VOLT", "CURR", "RES", "TIME", "STAT", "SOUR")
"""Of the elements in an answer, whatever order they were asked for in."""
FUNCTIONS = syntax.spellings(["VOLTage", "CURRent", "RESistance"])
SENSE = "[:SENSe[1]]:FUNCtion"
_NONE = (0, 0)
_MANY = (0, 6)


class ScpiMeter(ScpiDevice):
    """What the meters have in common; a family says its table and its status."""

    table: ClassVar[str]
    elements: ClassVar[tuple[str, ...]]
    elements_header: ClassVar[str]
    reading_off_error: ClassVar[int]
    measures_one: ClassVar[bool]
    """Whether `:MEASure:VOLTage?` answers one value, rather than all elements."""

    def __init__(self, model: str, cell: CellModel, seed: int, wired: int = 1) -> None:
        """`wired`: the channel that the cell is on."""
        super().__init__()
        data = meter_data()[model]
        self.model, self.identification = model, data.identity
        table = read_table(__package__, self.table)
        self._elements = self.elements
        self.channels: dict[int, MeterChannel] = {}
        for number in range(1, data.channels + 1):
            wired_cell = cell if number == wired else OpenLeads()
            channel = MeterChannel(wired_cell, data, table, seed + number)
            channel.attach(self.tree, number, lambda: self.now_s, self.spend)
            self.channels[number] = channel
        self._powered = False
        self._add_commands()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a message is allowed."""
        if not self._powered:
            self._powered = True
            self.now_s = max(self.now_s, now_s)
            for channel in self.channels.values():
                channel.drive()
        super().receive(data, now_s)

    def reset(self) -> None:
        """What `*RST` does: every setting has its default, the output is off."""
        for channel in self.channels.values():
            channel.reset()
        self._elements = self.elements

    def status_word(self, channel: MeterChannel, taken: Taken) -> int:
        """The status in a reading."""
        raise NotImplementedError

    # Readings ----------------------------------------------------------------------------------

    def _of_list(self, arguments: Arguments) -> MeterChannel:
        """The channel of a list at the end, `(@2)`; the first where there is none."""
        if not arguments or not arguments[-1].startswith("(@"):
            return self.channels[1]
        inside = arguments[-1].removeprefix("(@").removesuffix(")")
        found = self.channels.get(int(inside)) if inside.isdecimal() else None
        if found is None:
            raise ScpiError(-222)
        return found

    def _readable(self, channel: MeterChannel, *, may_switch: bool) -> None:
        """See to it that the output is on. Raises `ScpiError`."""
        if not channel.settings.values["output"]:
            if not may_switch:
                raise ScpiError(self.reading_off_error)
            channel.switch(True)

    def may_switch(self, channel: MeterChannel) -> bool:
        """Whether a reading turns the output on by itself."""
        raise NotImplementedError

    def _read(self, arguments: Arguments, *, switches: bool = False) -> str:
        channel = self._of_list(arguments)
        self._readable(channel, may_switch=switches or self.may_switch(channel))
        taken = [channel.take() for _ in range(self._count(channel))]
        if channel.settings.values.get("clear"):
            channel.switch(False)
        return ",".join(self._text(channel, one) for one in taken)

    def _count(self, channel: MeterChannel) -> int:
        values = channel.settings.values
        return round(float(values["arm.count"]) * float(values["trigger.count"]))

    def _measure(self, function: str, arguments: Arguments) -> str:
        self._of_list(arguments).functions.add(function)
        return self._read(arguments, switches=True)

    def _measure_one(self, function: str, arguments: Arguments) -> str:
        """What was asked for and nothing else, whatever the elements."""
        elements, self._elements = self._elements, (function,)
        try:
            return self._measure(function, arguments)
        finally:
            self._elements = elements

    def _fetch(self, arguments: Arguments) -> str:
        channel = self._of_list(arguments)
        if channel.last is None:
            raise ScpiError(-230)
        return self._text(channel, channel.last)

    def _initiate(self, arguments: Arguments) -> None:
        self._read(arguments)

    def _text(self, channel: MeterChannel, taken: Taken) -> str:
        resistance = taken.voltage_V / taken.current_A if taken.current_A else math.nan
        values = {
            "VOLT": taken.voltage_V,
            "CURR": taken.current_A,
            "RES": resistance if "RES" in channel.functions else math.nan,
            "TIME": taken.time_s % 99999.99,
            "STAT": float(self.status_word(channel, taken)),
            "SOUR": taken.source,
        }
        return ",".join(_real(values[name]) for name in ORDER if name in self._elements)

    # Commands ----------------------------------------------------------------------------------

    def _set_elements(self, arguments: Arguments) -> None:
        told = {syntax.choice(one, ELEMENTS) for one in arguments}
        self._elements = tuple(name for name in ORDER if name in told)

    def _choose(self, number: int, on: bool, arguments: Arguments) -> None:
        channel = self.channels[number]
        names = {_function(argument) for argument in arguments}
        if not on:
            channel.functions -= names
        elif channel.settings.values.get("concurrent", True):
            channel.functions |= names
        else:
            channel.functions = names

    def _choose_all(self, number: int, on: bool, _: Arguments) -> None:
        self.channels[number].functions = {"VOLT", "CURR", "RES"} if on else set()

    def _functions(self, number: int, _: Arguments) -> str:
        chosen = self.channels[number].functions
        return ",".join(f'"{self.function_text(name)}"' for name in ORDER if name in chosen)

    def function_text(self, name: str) -> str:
        """How a function is told."""
        return name

    def _limited(self, number: int, function: str, _: Arguments) -> str:
        return str(int(self.channels[number].limited(function)))

    def _add_commands(self) -> None:
        add = self.tree.add
        add(":READ", query=self._read, query_arguments=_MANY)
        add(":FETCh", query=self._fetch, query_arguments=_MANY)
        add(":MEASure", query=partial(self._read, switches=True), query_arguments=_MANY)
        for name, function in (("VOLTage", "VOLT"), ("CURRent", "CURR"), ("RESistance", "RES")):
            query = partial(self._measure_one if self.measures_one else self._measure, function)
            add(f":MEASure:{name}[:DC]", query=query, query_arguments=_MANY)
        add(":INITiate[:IMMediate]", write=self._initiate, arguments=(0, 1))
        add(":ABORt", write=lambda _: None, arguments=(0, 1))
        add(
            self.elements_header,
            write=self._set_elements,
            arguments=(1, 6),
            query=lambda _: ",".join(self._elements),
        )
        for number in self.channels:
            sense = SENSE if number == 1 else f":SENSe{number}:FUNCtion"
            add(f"{sense}:ON:ALL", write=partial(self._choose_all, number, True), arguments=_NONE)
            add(f"{sense}:ALL", write=partial(self._choose_all, number, True), arguments=_NONE)
            add(f"{sense}:OFF:ALL", write=partial(self._choose_all, number, False), arguments=_NONE)
            add(f"{sense}:OFF", write=partial(self._choose, number, False), arguments=(1, 3))
            for header in (sense, f"{sense}:ON"):
                add(
                    header,
                    write=partial(self._choose, number, True),
                    arguments=(1, 3),
                    query=partial(self._functions, number),
                )
            for name, function in (("CURRent", "CURR"), ("VOLTage", "VOLT")):
                header = f"{sense.removesuffix(':FUNCtion')}:{name}[:DC]:PROTection:TRIPped"
                add(header, query=partial(self._limited, number, function))


class Keithley2400(ScpiMeter):
    """The 2400 series. Status bits: 2400S-900-01 Rev. K, page 18-50."""

    table = "keithley_2400_emulator.csv"
    elements = ("VOLT", "CURR", "RES", "TIME", "STAT")
    elements_header = ":FORMat:ELEMents[:SENSe[1]]"
    reading_off_error = 803
    measures_one = False

    def error_text(self, code: int, time_s: float) -> str:
        """Its own codes are told with their sign."""
        text = super().error_text(code, time_s)
        return f"+{text}" if code > 0 else text

    def may_switch(self, channel: MeterChannel) -> bool:
        """It does with automatic output off."""
        return bool(channel.settings.values["clear"])

    def function_text(self, name: str) -> str:
        """With its kind."""
        return name if name == "RES" else f"{name}:DC"

    def status_word(self, channel: MeterChannel, taken: Taken) -> int:
        """The 24 bits."""
        values = channel.settings.values
        bits = {
            0: taken.overflow,
            1: bool(values["average"]),
            2: values["terminals"] == "FRON",
            3: taken.limited,
            11: "VOLT" in channel.functions,
            12: "CURR" in channel.functions,
            13: "RES" in channel.functions,
            14: channel.source == "VOLT",
            15: channel.source == "CURR",
            22: bool(values["remote"]),
        }
        return sum(1 << bit for bit, state in bits.items() if state)

    def _add_commands(self) -> None:
        super()._add_commands()
        add = self.tree.add
        beep = (":SYSTem:BEEPer[:IMMediate]", (2, 2))
        for header, counts in (beep, (":TRIGger:CLEar", _NONE), (":SYSTem:TIME:RESet", _NONE)):
            add(header, write=lambda _: None, arguments=counts)
        for header in (":SYSTem:LOCal", ":SYSTem:REMote", ":SYSTem:RWLock"):
            add(header, write=lambda _: None, arguments=(0, 1))


class KeysightB2900(ScpiMeter):
    """The B2900 series. Status bits: B2900 SCPI Command Reference, Edition 2, page 1-14."""

    table = "keysight_b2900_emulator.csv"
    elements = ORDER
    elements_header = ":FORMat:ELEMents:SENSe"
    reading_off_error = -221
    measures_one = True

    def may_switch(self, channel: MeterChannel) -> bool:
        """It does, unless it was told not to."""
        return bool(channel.settings.values["on.auto"])

    def status_word(self, channel: MeterChannel, taken: Taken) -> int:
        """The 21 bits."""
        bits = {0: channel.source == "CURR", 1: taken.limited, 13: taken.overflow}
        return sum(1 << bit for bit, state in bits.items() if state)


def _function(argument: str) -> str:
    word = syntax.string(argument).upper().removesuffix(":DC")
    found = FUNCTIONS.get(word)
    if found is None:
        raise ScpiError(-224)
    return found


def _real(value: float) -> str:
    if math.isnan(value):
        value = NOT_A_NUMBER
    elif math.isinf(value):
        value = math.copysign(9.9e37, value)
    return f"{value:+.6E}"


def keithley_2400(cell: CellModel, seed: int) -> Emulator:
    """A Model 2400."""
    return Keithley2400("keithley-2400", cell, seed)


def keithley_2410(cell: CellModel, seed: int) -> Emulator:
    """A Model 2410."""
    return Keithley2400("keithley-2410", cell, seed)


def keithley_2420(cell: CellModel, seed: int) -> Emulator:
    """A Model 2420."""
    return Keithley2400("keithley-2420", cell, seed)


def keithley_2440(cell: CellModel, seed: int) -> Emulator:
    """A Model 2440."""
    return Keithley2400("keithley-2440", cell, seed)


def keysight_b2901a(cell: CellModel, seed: int) -> Emulator:
    """A B2901A."""
    return KeysightB2900("keysight-b2901a", cell, seed)


def keysight_b2902a(cell: CellModel, seed: int, *, channel: str = "1") -> Emulator:
    """A B2902A, the cell on one of its channels."""
    return KeysightB2900("keysight-b2902a", cell, seed, channel_of("keysight-b2902a", channel))


def keysight_b2912a(cell: CellModel, seed: int, *, channel: str = "1") -> Emulator:
    """A B2912A, the cell on one of its channels."""
    return KeysightB2900("keysight-b2912a", cell, seed, channel_of("keysight-b2912a", channel))
