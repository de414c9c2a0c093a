"""A Keithley 2450 source-measure unit in native SCPI, at the end of a wire, on a cell.

Sources: Keithley 2450 reference manual (2450-901-01 Rev. B, 2013) for commands, ranges, defaults,
off states and buffer elements; see also `smu2450_emulator.csv`. Where the manual is silent:

* a query that cannot be answered sends nothing; the error is in the queue;
* a measurement with the output off is refused with -221 in every off state (the manual says so
  of the high-impedance state with two wires);
* a reading takes its integration time, twice with source read-back, and 1 ms; the extra
  conversions of autozero and the time of range changes are not modelled;
* a voltage limit that is not below the overvoltage protection is refused with -222 (the manual,
  page 2-100, says that it has to be below);
* selecting another source function turns the output off, as selecting terminals or remote
  sense does (2450-901-01 Rev. E says so of the latter two);
* `*LANG` is stored and read back, while the commands stay those of SCPI, as before the restart
  that the instrument asks for.
"""

from __future__ import annotations

import math
from functools import partial

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics import Electronics
from faradaic.simulators.keithley import buffers
from faradaic.simulators.keithley.buffers import Buffer, BufferReading
from faradaic.simulators.keithley.smu_model import MODEL_2450
from faradaic.simulators.keithley.source_sweeps import TriggerModel
from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.device import ScpiDevice
from faradaic.simulators.scpi.settings import ScpiSettings, Value, smallest_range
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments

LINE_HZ = 50.0
READING_OVERHEAD_S = 1e-3
RELAY_SETTLING_S = 15e-3
"""Of the output relay when the high-impedance state is left (manual, page 2-83)."""

OFF_LIMIT_FRACTION = 0.1
"""Limit in the normal and guard off states, of the present range (manual, page 8-139)."""


_DEFAULT_BUFFERS = ("defbuffer1", "defbuffer2")
_LANGUAGES = {"SCPI": "SCPI", "TSP": "TSP", "SCPI2400": "SCPI2400"}
_UNITS = {"VOLT": "Volt DC", "CURR": "Amp DC", "RES": "Ohm"}
_NONE = (0, 0)


def keithley_2450(cell: CellModel, seed: int) -> Emulator:
    """A Model 2450 wired to a cell: HI on the working electrode, LO on the counter electrode."""
    return Smu2450(cell, seed)


class Smu2450(ScpiDevice):
    """The instrument's state machine behind its SCPI face."""

    model = "keithley-2450"
    identification = "KEITHLEY INSTRUMENTS,MODEL 2450,SIM00001,1.7.12b"
    kind = MODEL_2450

    def __init__(self, cell: CellModel, seed: int) -> None:
        super().__init__()
        self._electronics = Electronics(cell, self.kind.electronics, seed)
        self._settings = ScpiSettings(self.kind.table)
        self._buffers: dict[str, Buffer] = {}
        self._trigger_model = TriggerModel(self, _DEFAULT_BUFFERS[0])
        self._language = "SCPI"
        self._powered = False
        self._make_default_buffers()
        self._settings.register(self.tree, self._allow, self._changed)
        self._add_commands()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a message is allowed."""
        if not self._powered:
            self._powered = True
            self.now_s = max(self.now_s, now_s)
            self._drive()
        super().receive(data, now_s)

    def reset(self) -> None:
        """What `*RST` does: every setting has its default, the output is off in NORMal state."""
        self._settings.reset()
        self._buffers.clear()
        self._make_default_buffers()
        self._drive()

    def error_text(self, code: int, time_s: float) -> str:
        """A queue entry as `:SYSTem:ERRor?` sends it: with the event's type and time."""
        text = super().error_text(code, time_s)[:-1]
        if code == 0:
            return f'{text};0;0 0"'
        at = buffers.stamp(time_s)
        return f'{text};1;{at:%Y/%m/%d %H:%M:%S}.{at.microsecond // 1000:03d}"'

    # Output ------------------------------------------------------------------------------------

    def _drive(self) -> None:
        """Put what the settings say onto the cell."""
        settings, electronics = self._settings, self._electronics
        function = str(settings.values["source.function"])
        if settings.values["output"]:
            level = settings.number(f"source.{function}.level")
            limit = settings.number(f"source.{function}.limit")
            most_V = self._protection_V()
            electronics.fix_current_range(self._current_range_A(function))
            if function == "CURR":
                electronics.galvanostat(level, min(limit, most_V), self.now_s)
            else:
                level_V = math.copysign(min(abs(level), most_V), level)
                electronics.cell_voltage(level_V, limit, self.now_s)
            return
        electronics.fix_current_range(None)
        state = settings.values[f"off.{function}"]
        if state == "HIMP":
            electronics.off(self.now_s)
        elif state == "GUAR" and function == "CURR":
            limit_V = OFF_LIMIT_FRACTION * settings.number("sense.VOLT.range")
            electronics.galvanostat(0.0, limit_V, self.now_s)
        else:
            electronics.cell_voltage(0.0, self._off_limit_A(function, str(state)), self.now_s)

    def _protection_V(self) -> float:
        """The voltage that is not exceeded, whatever is sourced (2461-901-01, page 8-189)."""
        names = (str(self._settings.values[f"source.{f}.protection"]) for f in ("VOLT", "CURR"))
        return min(math.inf if n == "NONE" else float(n.removeprefix("PROT")) for n in names)

    def _protected(self, cell_voltage_V: float) -> bool:
        """Whether the protection holds the output."""
        settings = self._settings
        function = str(settings.values["source.function"])
        part = "limit" if function == "CURR" else "level"
        wanted_V = abs(settings.number(f"source.{function}.{part}"))
        most_V = self._protection_V()
        return wanted_V > most_V and abs(cell_voltage_V) >= 0.999 * most_V

    def _current_range_A(self, function: str) -> float | None:
        """The range that currents are measured on: the source's own, a fixed one, or None."""
        settings = self._settings
        if function == "CURR":
            return settings.number("source.CURR.range")
        if settings.values["sense.CURR.autorange"]:
            return None
        return settings.number("sense.CURR.range")

    def _off_limit_A(self, function: str, state: str) -> float:
        """Current limit of the 0 V source that stands in for "off" (manual, page 8-139)."""
        settings = self._settings
        key = "source.CURR.range" if function == "CURR" else "sense.CURR.range"
        tenth = OFF_LIMIT_FRACTION * settings.number(key)
        if state == "ZERO" and function == "VOLT":
            return settings.number("source.VOLT.limit")
        if state == "ZERO":
            return max(abs(settings.number("source.CURR.level")), tenth)
        return tenth

    def _allow(self, key: str, value: Value) -> None:
        """Refuse a value that conflicts with the others. Raises `ScpiError`."""
        settings = self._settings
        if key in ("source.CURR.level", "source.VOLT.level"):
            range_key = key.replace("level", "range")
            fixed = not settings.values[key.replace("level", "autorange")]
            if fixed and abs(float(value)) > 1.05 * settings.number(range_key) * (1 + 1e-9):
                raise ScpiError(-222)
            self._require_region(key, float(value))
        elif key in ("source.CURR.limit", "source.VOLT.limit"):
            self._require_region(key, float(value))
            if key == "source.CURR.limit" and float(value) >= self._protection_V():
                raise ScpiError(-222)
        elif key in ("source.CURR.range", "source.VOLT.range"):
            level = settings.number(key.replace("range", "level"))
            if abs(level) > 1.05 * float(value) * (1 + 1e-9):
                raise ScpiError(-222)

    def _require_region(self, key: str, value: float) -> None:
        """Voltage and current have to lie in one of the regions of the output: of the 2450, more
        than 21 V and more than 105 mA do not go together (manual, section 2)."""
        _, function, part = key.split(".")
        other = self._settings.number(
            f"source.{function}.{'limit' if part == 'level' else 'level'}"
        )
        level, limit = (value, other) if part == "level" else (other, value)
        current_A, voltage_V = (level, limit) if function == "CURR" else (limit, level)
        if not any(
            abs(voltage_V) <= volts and abs(current_A) <= amps for volts, amps in self.kind.regions
        ):
            raise ScpiError(-221)

    def _changed(self, key: str) -> None:
        settings = self._settings
        room, _, part = key.rpartition(".")
        if part == "range":
            settings.values[f"{room}.autorange"] = False
        elif part == "delay":
            settings.values[f"{room}.autodelay"] = False
        if part in ("level", "autorange") and room.startswith("source."):
            self._autorange_source(room)
        if key in ("source.function", "terminals") or part == "remote":
            settings.values["output"] = False
        if key == "output" and settings.values["output"]:
            self.spend(RELAY_SETTLING_S)
        if not key.startswith(("sense.VOLT.", "display", "format")):
            self._drive()

    def _autorange_source(self, room: str) -> None:
        settings = self._settings
        if settings.values[f"{room}.autorange"]:
            key = f"{room}.range"
            settings.values[key] = smallest_range(
                settings.number(f"{room}.level"), self.kind.ranges[key]
            )

    # Measuring ---------------------------------------------------------------------------------

    def _measure(self, buffer: Buffer) -> BufferReading:
        """Take as many readings as `:SENSe:COUNt` says; the last one. Raises `ScpiError`."""
        settings = self._settings
        if not settings.values["output"]:
            raise ScpiError(-221)
        source = str(settings.values["source.function"])
        sense = str(settings.values["sense.function"])
        readback = bool(settings.values[f"source.{source}.readback"])
        integration_s = settings.number(f"sense.{sense}.nplc") / LINE_HZ
        delay_s = settings.number(f"source.{source}.delay")
        if settings.values[f"sense.{sense}.average"]:
            integration_s *= settings.number(f"sense.{sense}.averages")
        duration_s = integration_s * (2 if readback else 1) + READING_OVERHEAD_S + delay_s
        status = buffers.SOURCE_OUTPUT_ON
        if settings.values[f"sense.{sense}.remote"]:
            status |= buffers.SOURCE_REMOTE_SENSE
        level = settings.number(f"source.{source}.level")
        for _ in range(round(settings.number("sense.count"))):
            self.spend(duration_s)
            measured = self._electronics.measure(self.now_s, integration_s)
            values = {"CURR": measured.current_A, "VOLT": measured.cell_voltage_V}
            if measured.current_overload:
                values["CURR"] = math.copysign(math.inf, measured.current_A)
            if abs(measured.cell_voltage_V) > self._voltage_full_scale_V(source):
                values["VOLT"] = math.copysign(math.inf, measured.cell_voltage_V)
            current_A = values["CURR"]
            values["RES"] = values["VOLT"] / current_A if current_A else math.inf
            record = BufferReading(
                self.now_s,
                values[sense],
                _UNITS[sense],
                values[source] if readback else level,
                _UNITS[source],
                status
                | (buffers.SOURCE_LIMITED if measured.compliance else 0)
                | (buffers.SOURCE_PROTECTED if self._protected(measured.cell_voltage_V) else 0),
            )
            buffer.append(record)
        return record

    def _voltage_full_scale_V(self, source: str) -> float:
        """Where the voltage range ends, 5 % above its nominal value; autorange has no end here."""
        settings = self._settings
        if source == "VOLT":
            return 1.05 * settings.number("source.VOLT.range")
        if settings.values["sense.VOLT.autorange"]:
            return math.inf
        return 1.05 * settings.number("sense.VOLT.range")

    def _read(self, arguments: Arguments) -> str:
        name, names = _buffer_and_elements(arguments)
        buffer = self._buffer(name)
        buffers.elements(names)
        return buffers.send(self._measure(buffer), buffer, names)

    def _measure_as(self, function: str, arguments: Arguments) -> str:
        self._settings.values["sense.function"] = function
        return self._read(arguments)

    def _fetch(self, arguments: Arguments) -> str:
        name, names = _buffer_and_elements(arguments)
        buffer = self._buffer(name)
        return buffers.send(buffer.last(), buffer, names)

    def _tripped(self, function: str) -> str:
        settings = self._settings
        if not settings.values["output"] or settings.values["source.function"] != function:
            return "0"
        self._electronics.advance(self.now_s)
        return str(int(self._electronics.in_compliance))

    def _protection_tripped(self) -> str:
        if not self._settings.values["output"]:
            return "0"
        self._electronics.advance(self.now_s)
        return str(int(self._protected(self._electronics.state.cell_voltage_V)))

    # Buffers -----------------------------------------------------------------------------------

    def _make_default_buffers(self) -> None:
        for name in _DEFAULT_BUFFERS:
            self._buffers[name] = Buffer(buffers.DEFAULT_CAPACITY)

    def _buffer(self, name: str) -> Buffer:
        buffer = self._buffers.get(name.lower())
        if buffer is None:
            raise ScpiError(-224)
        return buffer

    def _named_buffer(self, arguments: Arguments) -> Buffer:
        return self._buffer(syntax.string(arguments[0]) if arguments else _DEFAULT_BUFFERS[0])

    def _data(self, arguments: Arguments) -> str:
        start, end = (round(syntax.number(argument)) for argument in arguments[:2])
        name, names = _buffer_and_elements(arguments[2:])
        buffer = self._buffer(name)
        if not 1 <= start <= end <= len(buffer.records):
            raise ScpiError(-222)
        records = list(buffer.records)[start - 1 : end]
        return ",".join([buffers.send(record, buffer, names) for record in records])

    def _statistic(self, name: str, arguments: Arguments) -> str:
        return buffers.real(self._named_buffer(arguments).statistics()[name])

    # Sourcing, for what `:INITiate` runs

    def source(self, function: str, levels: list[float]) -> None:
        """Choose the function and refuse levels that it cannot have. Raises `ScpiError`."""
        key = f"source.{function}.level"
        for level in levels:
            low, high = self.kind.limits[key]
            if not low <= level <= high:
                raise ScpiError(-222)
            self._allow(key, level)
        self._settings.values["source.function"] = function

    def set_level(self, function: str, level: float) -> None:
        """Source a level."""
        self._settings.values[f"source.{function}.level"] = level
        self._changed(f"source.{function}.level")

    def switch(self, on: bool) -> None:
        """The output."""
        self._settings.values["output"] = on
        self._changed("output")

    def reading_into(self, buffer: Buffer) -> None:
        """Take a reading. Raises `ScpiError`."""
        self._measure(buffer)

    def buffer_named(self, name: str) -> Buffer:
        """A buffer. Raises `ScpiError`."""
        return self._buffer(name)

    def _make(self, arguments: Arguments) -> None:
        name = syntax.string(arguments[0]).lower()
        if len(arguments) > 2:
            syntax.choice(arguments[2], buffers.STYLES)
        if not name or name in self._buffers:
            raise ScpiError(-224)
        self._buffers[name] = Buffer(_capacity(arguments[1]))

    def _delete(self, arguments: Arguments) -> None:
        name = syntax.string(arguments[0]).lower()
        self._buffer(name)
        if name in _DEFAULT_BUFFERS:
            raise ScpiError(-221)
        del self._buffers[name]

    def _resize(self, arguments: Arguments) -> None:
        name = syntax.string(arguments[1]) if len(arguments) > 1 else _DEFAULT_BUFFERS[0]
        self._buffer(name)
        self._buffers[name.lower()] = Buffer(_capacity(arguments[0]))

    def _set_language(self, arguments: Arguments) -> None:
        self._language = syntax.choice(arguments[0], _LANGUAGES)

    def _add_commands(self) -> None:
        add = self.tree.add
        many = (0, 1 + buffers.LONGEST_ELEMENT_LIST)
        one = (0, 1)
        add("*LANG", write=self._set_language, query=lambda _: self._language)
        add(":READ", query=self._read, query_arguments=many)
        add(":FETCh", query=self._fetch, query_arguments=many)
        add(":MEASure:VOLTage[:DC]", query=partial(self._measure_as, "VOLT"), query_arguments=many)
        add(":MEASure:CURRent[:DC]", query=partial(self._measure_as, "CURR"), query_arguments=many)
        add(":MEASure", query=self._read, query_arguments=many)
        add(":SOURce[1]:CURRent:VLIMit[:LEVel]:TRIPped", query=lambda _: self._tripped("CURR"))
        add(":SOURce[1]:VOLTage:ILIMit[:LEVel]:TRIPped", query=lambda _: self._tripped("VOLT"))
        add(":SYSTem:LFRequency", query=lambda _: f"{LINE_HZ:g}")
        add(":TRACe:DATA", query=self._data, query_arguments=(2, 3 + many[1]))
        add(
            ":TRACe:ACTual[:END]",
            query=lambda a: str(len(self._named_buffer(a).records)),
            query_arguments=one,
        )
        add(
            ":TRACe:ACTual:STARt",
            query=lambda a: str(min(1, len(self._named_buffer(a).records))),
            query_arguments=one,
        )
        add(":TRACe:CLEar", write=lambda a: self._named_buffer(a).records.clear(), arguments=one)
        add(":TRACe:TRIGger", write=self._trigger, arguments=one)
        add(":TRACe:MAKE", write=self._make, arguments=(2, 3))
        add(":TRACe:DELete", write=self._delete)
        for name in ("AVERage", "MAXimum", "MINimum", "PK2Pk", "STDDev"):
            query = partial(self._statistic, name)
            add(f":TRACe:STATistics:{name}", query=query, query_arguments=one)
        add(
            ":TRACe:STATistics:CLEar",
            write=lambda a: self._named_buffer(a).records.clear(),
            arguments=one,
        )
        add(":MEASure:RESistance", query=partial(self._measure_as, "RES"), query_arguments=many)
        self._trigger_model.add_commands(self.tree)
        add(":ABORt", write=lambda _: None, arguments=_NONE)
        add("*TRG", write=lambda _: None, arguments=_NONE)
        add("[:SENSe[1]]:AZERo:ONCE", write=lambda _: None, arguments=_NONE)
        add(":SYSTem:EVENtlog:NEXT", query=lambda _: self.error_text(*self.status.next_error()))
        add(
            ":SYSTem:EVENtlog:COUNt",
            query=lambda _: str(self.status.error_count()),
            query_arguments=one,
        )
        for header in (":DISPlay:CLEar", "*SAV", "*RCL"):
            add(header, write=lambda _: None, arguments=one)
        for register in ("OPERation", "QUEStionable"):
            for part in ("[:EVENt]", ":CONDition"):
                add(f":STATus:{register}{part}", query=lambda _: "0")
        for line in (1, 2):
            add(f":DISPlay:USER{line}:TEXT[:DATA]", write=lambda _: None)
        for function in ("CURRent", "VOLTage"):
            header = f":SOURce[1]:{function}:PROTection[:LEVel]:TRIPped"
            add(header, query=lambda _: self._protection_tripped())
        add(":OUTPut[1]:INTerlock:TRIPped", query=lambda _: "0")
        add(":SYSTem:BEEPer[:IMMediate]", write=self._beep, arguments=(2, 2))
        add(
            ":TRACe:POINts",
            write=self._resize,
            arguments=(1, 2),
            query=lambda a: str(self._named_buffer(a).capacity),
            query_arguments=one,
        )

    def _beep(self, arguments: Arguments) -> None:
        """Frequency and duration; the next command waits until it is over."""
        frequency_Hz, duration_s = (syntax.number(argument) for argument in arguments)
        if not (20 <= frequency_Hz <= 8000 and 0.001 <= duration_s <= 100):
            raise ScpiError(-222)
        self.spend(duration_s)

    def _trigger(self, arguments: Arguments) -> None:
        self._measure(self._named_buffer(arguments))


def _buffer_and_elements(arguments: Arguments) -> tuple[str, tuple[str, ...]]:
    """The parameters of a reading query: `["buffer"[, ELEMENT, ...]]`. Raises `ScpiError`."""
    if not arguments:
        return _DEFAULT_BUFFERS[0], ()
    return syntax.string(arguments[0]), arguments[1:]


def _capacity(argument: str) -> int:
    points = round(syntax.number(argument))
    if not 10 <= points <= buffers.LARGEST_CAPACITY:
        raise ScpiError(-222)
    return points
