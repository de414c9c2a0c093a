"""The emulated 2450: published bytes, limits, off states, ranges, buffers and timing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.keithley.smu2450_emulator import keithley_2450
from faradaic.simulators.scpi.settings import read_table

PUBLISHED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "fixtures/keithley/published.toml").read_text("utf-8")
)


class DummyCell:
    """A resistor in series with a battery, as benches use to check an instrument."""

    def __init__(self, ohm: float = 1000.0, rest_V: float = 0.5) -> None:
        self.ohm = ohm
        self.rest_V = rest_V
        self.charge_C = 0.0

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - self.rest_V) / self.ohm
        self.charge_C += current_A * dt_s
        voltage_V = self.rest_V + current_A * self.ohm
        return CellState(current_A, voltage_V, voltage_V)

    def checkpoint(self) -> float:
        return self.charge_C

    def restore(self, state: float) -> None:
        self.charge_C = state


class Bench:
    """An emulator, and a person typing at it."""

    def __init__(self, cell: DummyCell | None = None) -> None:
        self.cell = cell or DummyCell()
        self.emulator = keithley_2450(self.cell, seed=1)
        self.now_s = 1000.0

    def send(self, line: str) -> str:
        """Send a line; everything that comes back, without line ends."""
        self.emulator.receive(line.encode() + b"\n", self.now_s)
        reply = self.emulator.transmit(self.now_s)
        while (event_s := self.emulator.next_event_s()) is not None:
            self.now_s = max(self.now_s, event_s)
            reply += self.emulator.transmit(self.now_s)
        return reply.decode().rstrip("\n")

    def setup(self, *lines: str) -> None:
        for line in lines:
            assert self.send(line) == ""
        assert self.errors() == []

    def errors(self) -> list[int]:
        found = []
        while (code := int(self.send("SYST:ERR?").split(",")[0])) != 0:
            found.append(code)
        return found


GALVANOSTAT = (
    "*RST",
    ":OUTP:CURR:SMOD HIMP",
    ":SOUR:FUNC CURR",
    ':SENS:FUNC "VOLT"',
    ":SOUR:CURR:RANG 0.01",
    ":SOUR:CURR:VLIM 20",
)


def test_published_exchanges_are_answered_as_published() -> None:
    bench = Bench()
    for exchange in PUBLISHED["exchange"]:
        reply = bench.send(exchange["send"])
        if "reply" in exchange:
            assert reply == exchange["reply"], exchange
        elif "number" in exchange:
            assert float(reply) == exchange["number"], exchange
        elif "pattern" in exchange:
            assert re.fullmatch(exchange["pattern"], reply), exchange
        else:
            assert reply == "", exchange
        assert bench.errors() == [], exchange


@pytest.mark.parametrize("program", PUBLISHED["program"], ids=lambda p: p["source"])
def test_a_published_program_runs_without_an_error(program: dict[str, Any]) -> None:
    bench = Bench()
    replies = [bench.send(line) for line in program["lines"]]
    assert bench.errors() == []
    values = [float(field) for field in replies[-1].split(",")]
    assert len(values) == 200
    # 10 V through 1 kOhm against 0.5 V: 9.5 mA
    assert values[0::2] == pytest.approx([10.0] * 100, abs=2e-3)
    assert values[1::2] == pytest.approx([9.5e-3] * 100, rel=1e-3)


def test_a_fetched_reading_has_the_form_the_manual_shows() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ":SOUR:CURR 1e-3", ":OUTP ON")
    bench.send(":READ?")
    fields = bench.send('FETCh? "defbuffer1", DATE, READ, SOUR').split(",")
    shapes = [re.sub(r"\d", "0", field.lstrip("-")) for field in fields]
    shown = PUBLISHED["replies"]["fetch"].split(",")
    assert [s.replace("+", "-") for s in shapes] == [
        re.sub(r"\d", "0", field.lstrip("-")).replace("+", "-") for field in shown
    ]


def test_a_simulated_instrument_says_so_in_its_serial_number() -> None:
    assert Bench().send("*IDN?") == "KEITHLEY INSTRUMENTS,MODEL 2450,SIM00001,1.7.12b"


def test_a_current_source_measures_what_ohms_law_says() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ":SOUR:CURR 5e-3", ":OUTP ON")
    current, voltage, status = bench.send(':READ? "defbuffer1", SOUR, READ, SOURSTAT').split(",")
    assert float(current) == pytest.approx(5e-3, rel=1e-4)
    assert float(voltage) == pytest.approx(5.5, rel=1e-4)
    assert status == "128"  # output on, not limited, two wires (manual p. 8-29)
    assert bench.send(":SOUR:CURR:VLIM:TRIP?") == "0"


def test_at_its_voltage_limit_it_holds_the_voltage_and_reports_it() -> None:
    bench = Bench(DummyCell(ohm=1000.0, rest_V=0.5))
    bench.setup(*GALVANOSTAT, ":SOUR:CURR:VLIM 2", ":SENS:VOLT:RSEN 1", ":SOUR:CURR 5e-3")
    bench.setup(":OUTP ON")
    current, voltage, status = bench.send(':READ? "defbuffer1", SOUR, READ, SOURSTAT').split(",")
    assert float(voltage) == pytest.approx(2.0, rel=1e-4)
    assert float(current) == pytest.approx(1.5e-3, rel=1e-3)  # (2.0 - 0.5) V / 1 kOhm
    assert int(status) == 128 + 64 + 32  # output on, remote sense, limited
    assert bench.send(":SOUR:CURR:VLIM:TRIP?") == "1"
    bench.setup(":SOUR:CURR 1e-3")
    assert bench.send(":SOUR:CURR:VLIM:TRIP?") == "0"


def test_a_voltage_source_crosses_over_at_its_current_limit() -> None:
    bench = Bench()
    bench.setup("*RST", ":SOUR:FUNC VOLT", ':SENS:FUNC "CURR"', ":SOUR:VOLT:ILIM 1e-3")
    bench.setup(":SOUR:VOLT 5", ":OUTP ON")
    voltage, current = bench.send(':READ? "defbuffer1", SOUR, READ').split(",")
    assert float(current) == pytest.approx(1e-3, rel=1e-3)
    assert float(voltage) == pytest.approx(1.5, rel=1e-3)  # 0.5 V + 1 mA * 1 kOhm
    assert bench.send(":SOUR:VOLT:ILIM:TRIP?") == "1"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":SOUR:CURR 1.06", -222),
        (":SOUR:CURR -1.06", -222),
        (":SOUR:VOLT 211", -222),
        (":SOUR:CURR:VLIM 0.01", -222),
        (":SOUR:CURR:VLIM 211", -222),
        (":SOUR:VOLT:ILIM 1.06", -222),
        (":SOUR:CURR:RANG 2", -222),
        (":SENS:VOLT:NPLC 11", -222),
        (":SENS:COUN 0", -222),
        (":SOUR:CURR:RANG 1e-3;:SOUR:CURR 2e-3", -222),
        (":SOUR:CURR 0.5;:SOUR:CURR:VLIM 22", -221),
        (":SOUR:CURR:VLIM 100;:SOUR:CURR 0.2", -221),
        (":OUTP:CURR:SMOD OPEN", -141),
        (':SENS:FUNC "TEMP"', -224),
        (":SENS:FUNC VOLT", -104),
        (':TRAC:MAKE "defbuffer1", 100', -224),
        (':TRAC:DEL "defbuffer1"', -221),
        (':TRAC:DATA? 1, 10, "defbuffer1"', -222),
        (':FETC? "nobuffer"', -224),
        (':FETC? "defbuffer1"', -230),
        (':READ? "defbuffer1", COLOUR', -224),
        (':READ? "defbuffer1"' + ", READ" * 15, -108),
    ],
)
def test_what_the_instrument_cannot_do_is_refused_without_a_reply(line: str, code: int) -> None:
    bench = Bench()
    assert bench.send(line) == ""
    assert bench.errors() == [code]


def test_a_range_is_the_smallest_that_holds_the_value() -> None:
    bench = Bench()
    bench.setup(":SOUR:CURR:RANG 0.005")
    assert float(bench.send(":SOUR:CURR:RANG?")) == 0.01
    assert bench.send(":SOUR:CURR:RANG:AUTO?") == "0"
    bench.setup(":SOUR:CURR:RANG:AUTO 1", ":SOUR:CURR 0.0105")
    assert float(bench.send(":SOUR:CURR:RANG?")) == 0.01
    bench.setup(":SOUR:CURR 0.0106")
    assert float(bench.send(":SOUR:CURR:RANG?")) == 0.1
    assert float(bench.send(":SOUR:CURR:VLIM? MAX")) == 210.0


def test_beyond_a_fixed_measuring_range_it_sends_overflow() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ":SENS:VOLT:RANG 2", ":SOUR:CURR 5e-3", ":OUTP ON")
    assert bench.send(":READ?") == "9.900000E+37"
    bench.setup(":SENS:VOLT:RANG:AUTO 1")
    assert float(bench.send(":READ?")) == pytest.approx(5.5, rel=1e-4)


def test_with_the_output_off_there_is_no_reading() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT)
    assert bench.send(":READ?") == ""
    assert bench.errors() == [-221]


@pytest.mark.parametrize(
    ("state", "current_A"),
    [
        ("HIMP", 0.0),
        ("NORM", -0.5e-3),  # 0 V source over 1 kOhm: the 0.5 V of the cell discharge through it
        ("ZERO", -0.5e-3),
        ("GUAR", 0.0),  # a source of 0 A
    ],
)
def test_only_the_open_relay_and_the_guard_leave_a_charged_cell_alone(
    state: str, current_A: float
) -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, f":OUTP:CURR:SMOD {state}", ":SOUR:CURR 1e-3", ":OUTP ON")
    bench.setup(":OUTP OFF")
    before_C = bench.cell.charge_C
    bench.now_s += 100.0
    bench.setup(":OUTP ON")
    assert bench.cell.charge_C - before_C == pytest.approx(100.0 * current_A, rel=1e-2, abs=1e-3)


def test_at_power_on_the_off_state_is_normal_and_loads_the_cell() -> None:
    bench = Bench()
    assert bench.send(":OUTP?;:OUTP:CURR:SMOD?") == "0;NORM"
    bench.now_s += 100.0
    bench.send("*OPC?")
    bench.setup(":SOUR:CURR 0")
    assert bench.cell.charge_C == pytest.approx(-1e-5 * 100.0, rel=0.05)  # 10 % of 100 uA


@pytest.mark.parametrize("line", [":SOUR:FUNC VOLT", ":SENS:VOLT:RSEN 1", ":ROUT:TERM REAR"])
def test_rewiring_turns_the_output_off(line: str) -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ":OUTP ON")
    assert bench.send(":OUTP?") == "1"
    bench.setup(line)
    assert bench.send(":OUTP?") == "0"


def test_a_reading_takes_its_integration_time() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ":OUTP ON")
    for nplc, readback, duration_s in ((1, 1, 0.041), (10, 1, 0.401), (1, 0, 0.021)):
        bench.setup(f":SENS:VOLT:NPLC {nplc}", f":SOUR:CURR:READ:BACK {readback}")
        started_s = bench.now_s
        bench.send(":READ?")
        assert bench.now_s - started_s == pytest.approx(duration_s, abs=1e-9)


def test_a_buffer_keeps_readings_in_order_and_lets_the_oldest_go() -> None:
    bench = Bench()
    bench.setup(*GALVANOSTAT, ':TRAC:MAKE "run", 10', ":SENS:COUN 12", ":OUTP ON")
    bench.send(':READ? "run"')
    assert bench.send(':TRAC:ACT? "run"') == "10"
    times = [float(t) for t in bench.send(':TRAC:DATA? 1, 10, "run", REL').split(",")]
    assert times == sorted(times)
    assert times[0] == pytest.approx(2 * 0.041, rel=1e-4)
    bench.setup(':TRAC:CLE "run"')
    assert bench.send(':TRAC:ACT? "run"') == "0"


def test_the_same_seed_gives_the_same_bytes() -> None:
    def session() -> list[str]:
        bench = Bench()
        bench.setup(*GALVANOSTAT, ":SOUR:CURR 1e-3", ":OUTP ON")
        return [bench.send(":READ?") for _ in range(5)]

    assert session() == session()


_HEADERS = [
    row.header for row in read_table("faradaic.simulators.keithley", "smu2450_emulator.csv")
]
_FRAGMENTS = st.sampled_from(
    [
        *(re.sub(r"[\[\]1]", "", header) for header in _HEADERS),
        *("*RST", "*CLS", "*LANG?", ":READ?", ":FETC?", ":OUTP ON", ":TRAC:DATA? 1,1", "?", ";"),
        *(" 1", " 0", " -1", " 1e-9", " 1e9", " MIN", " MAX", " DEF", ' "VOLT"', " CURR", ","),
        *(' "defbuffer1"', ", READ", ", SOUR", ", SOURSTAT", "\n"),
    ]
)


@given(st.lists(st.one_of(_FRAGMENTS.map(str.encode), st.binary(max_size=8)), max_size=40))
def test_no_bytes_at_all_make_it_raise(pieces: list[bytes]) -> None:
    emulator = keithley_2450(DummyCell(), seed=1)
    for at_s, piece in enumerate(pieces):
        emulator.receive(piece, float(at_s))
        emulator.transmit(float(at_s))
    emulator.receive(b"\n*CLS;*RST\n*IDN?\n", 1e4)
    assert emulator.transmit(1e9).endswith(b"MODEL 2450,SIM00001,1.7.12b\n")


# Short and long forms of commands of the 2450's manual.
@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (':SENS:FUNC "RES";:SENS:FUNC?', '"RES"'),
        (":SENSe:VOLTage:DC:AVERage:COUNt 5;:sens:volt:aver:coun?", "5"),
        (":SENS:AZER:ONCE;*OPC?", "1"),
        (":SENS:VOLT:DEL:USER1?", "0"),
        (":SOUR:CURR:DEL:USER5 0.1;:SOUR1:CURR:DEL:USER5?", "0.1"),
        (":SOUR:SWE:CURR:LIN 0,0.01,11;:INIT;*TRG;:TRAC:ACT?", "11"),
        (':TRAC:MAKE "b1",100,FULL;:TRAC:POIN? "b1"', "100"),
        (":SOUR:VOLT:PROT PROT20;PROT?", "PROT20"),
        (":SYST:EVEN:COUN?", "0"),
        (":SYST:BEEP 500,0.1;*OPC?", "1"),
        (":SYST:EVEN:COUN? ALL", "0"),
        (":SOUR:LIST:VOLT 0,1;:SOUR:LIST:VOLT:APP 2;:SOUR:LIST:VOLT?", "0,1,2"),
        (':TRIG:LOAD "SimpleLoop", 4, 0.01;:INIT;:TRAC:ACT?', "4"),
        (":DISP:CLE;:DISP:USER1:TEXT 'hello';:DISP:VOLT:DIG 6;:DISP:VOLT:DIG?", "6"),
        (":SENS:CURR:RANG:AUTO:LLIM 1e-6;:SENS:CURR:RANG:AUTO:LLIM?", "1e-06"),
        (":STAT:OPER:EVEN?;:STAT:QUES:ENAB?", "0;0"),
    ],
)
def test_what_the_manual_writes_is_accepted(line: str, answer: str) -> None:
    bench = Bench()
    assert bench.send(line) == answer
    assert bench.send(":SYST:ERR?").startswith("0,")


def test_a_sweep_ohms_and_statistics_obey_the_resistor() -> None:
    bench = Bench(DummyCell(rest_V=0.0))
    bench.setup(*GALVANOSTAT, ":SOUR:SWE:CURR:LIN 1e-3,3e-3,3", ":INIT")
    assert float(bench.send(":TRAC:STAT:AVER?")) == pytest.approx(2.0, rel=1e-3)
    assert float(bench.send(":TRAC:STAT:PK2P?")) == pytest.approx(2.0, rel=1e-3)
    assert bench.send(":OUTP?") == "0"
    bench.setup(":SOUR:CURR 1e-3", ":OUTP ON")
    assert float(bench.send(":MEAS:RES?")) == pytest.approx(1000.0, rel=1e-3)
    bench.setup(":SOUR:VOLT:PROT PROT2", ":SOUR:FUNC VOLT", ":SOUR:VOLT:ILIM 0.1")
    bench.setup(":SOUR:VOLT 5", ":OUTP ON")
    assert float(bench.send(":MEAS:VOLT?")) == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("sweep", "levels"),
    [
        (":SOUR:SWE:VOLT:LIN:STEP 0, 1, 0.25, 0.1", [0, 0.25, 0.5, 0.75, 1]),
        (":SOUR:SWE:VOLT:LOG 0.1, 10, 3, 0.1", [0.1, 1, 10]),
        (":SOUR:LIST:VOLT 1, 3, 2;:SOUR:SWE:VOLT:LIST 2, 0.1, 2", [3, 2, 3, 2]),
        (
            ':SOUR:SWE:VOLT:LIN 0, 1, 2, 0.1, 2, AUTO, OFF, OFF, "defbuffer2"',
            [0, 1, 0, 1],
        ),
    ],
)
def test_every_form_of_a_sweep_gives_its_levels(sweep: str, levels: list[float]) -> None:
    bench = Bench(DummyCell(rest_V=0.0))
    bench.setup(":SENS:FUNC 'CURR'", ":SOUR:FUNC VOLT", ":SOUR:VOLT:ILIM 0.1")
    bench.send(sweep)
    begun_s = bench.emulator.now_s
    bench.send(":INIT")
    assert bench.emulator.now_s - begun_s > 0.1 * len(levels)
    buffer = "defbuffer2" if "defbuffer2" in sweep else "defbuffer1"
    told = bench.send(f':TRAC:DATA? 1,{len(levels)},"{buffer}",SOUR')
    assert [float(x) for x in told.split(",")] == pytest.approx(levels, abs=1e-3)
    assert bench.send(":SYST:ERR?").startswith("0,")
    assert bench.send(":OUTP?") == "0"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":SOUR:SWE:VOLT:LOG -1, 1, 3", -222),
        (":SOUR:SWE:VOLT:LIN:STEP 0, 1, -0.1", -222),
        (":SOUR:SWE:CURR:LIN 0, 5, 3", -222),  # 1.05 A at most
        (":SOUR:SWE:VOLT:LIST 1", -222),  # no list
        (':TRIG:LOAD "Nothing", 1', -224),
        (':TRIG:LOAD "Empty";:INIT', -200),
    ],
)
def test_what_a_sweep_cannot_be_is_refused(line: str, code: int) -> None:
    bench = Bench()
    bench.send(line)
    assert bench.send(":SYST:ERR?").startswith(f"{code},")
