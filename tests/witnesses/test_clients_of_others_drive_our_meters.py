"""Clients that nobody here wrote, unchanged, drive the emulated meters; skipped without them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from rigs.peers import pymeasure, served, socket, the

pytestmark = [
    pytest.mark.witness,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
]

OHM = 1000.0
VOLTS, AMPS = 5.0, 5e-3
"""Across and through it."""


def near(value: float) -> Any:
    """A reading of a meter, noise and step of its range included."""
    return pytest.approx(value, rel=2e-3)


def test_pymeasure_drives_a_2400() -> None:
    with pymeasure("keithley-2400", "keithley", "Keithley2400", OHM) as meter:
        assert "MODEL 2400" in meter.id
        meter.output_off_state = "disconnected"
        meter.source_mode = "current"
        meter.source_current_range = 10e-3
        meter.source_current = AMPS
        meter.compliance_voltage = 20.0
        meter.source_enabled = True
        told = meter.measure_all()
        assert told["current"] == near(AMPS)
        assert told["voltage"] == near(VOLTS)
        assert told["resistance"] == near(OHM)
        assert not told["status"] >> 3 & 1
        meter.compliance_voltage = 2.0
        assert meter.measure_all()["status"] >> 3 & 1
        assert meter.compliance_voltage == 2.0
        meter.source_enabled = False
        assert meter.source_enabled is False
        assert meter.next_error[0] == 0


def test_pymeasure_sees_the_language_of_a_2400_refuse_what_it_lacks() -> None:
    with pymeasure("keithley-2400", "keithley", "Keithley2400", OHM) as meter:
        meter.write(":SOUR:CURR:VLIM 5")  # of a 2450
        assert meter.next_error[0] == -113
        meter.source_enabled = False
        meter.write(":INIT")
        assert meter.next_error[0] == 803


@pytest.mark.parametrize("key", ["keithley-2450", "keithley-2460"])
def test_pymeasure_drives_the_graphical_series(key: str) -> None:
    with pymeasure(key, "keithley", "Keithley2450", OHM) as meter:
        meter.write(":OUTP:CURR:SMOD HIMP")
        meter.apply_current(current_range=None, compliance_voltage=20.0)
        meter.source_current = AMPS
        meter.enable_source()
        meter.measure_voltage()
        assert meter.voltage == near(VOLTS)
        meter.disable_source()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("keithley-2400", "Keithley2400"),
        ("keithley-2450", "Keithley2450"),
        ("keithley-2460", "Keithley2450"),
    ],
)
def test_labmcp_drives_meters_of_two_languages(key: str, name: str) -> None:
    module = pytest.importorskip("labmcp_keithley_smu.driver")
    transports = importlib.import_module("labmcp.transports")
    with served(key, OHM) as port:
        link = transports.open_transport(f"tcp://127.0.0.1:{port}")
        try:
            meter = module.open_smu(link)
            assert type(meter).__name__ == name
            meter.configure("current", AMPS, 20.0)
            meter.set_output(True)
            read = meter.read("current")
            assert (read.voltage_v, read.current_a) == (near(VOLTS), near(AMPS))
            assert not read.in_compliance
            meter.configure("current", AMPS, 2.0)
            meter.set_output(True)
            read = meter.read("current")
            assert read.in_compliance
            assert read.voltage_v == near(2.0)
            assert meter.status().in_compliance
            meter.configure("voltage", 3.0, 0.1)
            meter.set_output(True)
            assert meter.read("voltage").current_a == near(3e-3)
            meter.set_output(False)
            assert meter.output_state() is False
        finally:
            link.close()


def test_labmcp_drives_a_2600() -> None:
    module = pytest.importorskip("labmcp_keithley_smu.driver")
    transports = importlib.import_module("labmcp.transports")
    with served("keithley-2602b", OHM) as port:
        link = transports.open_transport(f"tcp://127.0.0.1:{port}")
        try:
            meter = module.open_smu(link)
            assert type(meter).__name__ == "Keithley2600"
            meter.configure("current", AMPS, 20.0)
            meter.set_output(True)
            read = meter.read("current")
            assert (read.voltage_v, read.current_a) == (near(VOLTS), near(AMPS))
            assert not read.in_compliance
            meter.configure("current", AMPS, 2.0)
            assert meter.read("current").in_compliance
            meter.set_output(False)
            assert meter.output_state() is False
            meter.tsp("smua.source.limitv = 1e6")
            assert meter.error_list() == ["1101, Parameter too big"]
            meter.tsp("smua.source.limitv = = 3")
            assert meter.error_list()[0].startswith("-285, TSP Syntax error")
        finally:
            link.close()


def test_pymeasure_drives_a_2600() -> None:
    with pymeasure("keithley-2602b", "keithley", "Keithley2600", OHM) as meter:
        channel = meter.ChA
        channel.apply_current(current_range=10e-3, compliance_voltage=20.0)
        channel.source_current = AMPS
        channel.source_output = "ON"
        assert channel.voltage == near(VOLTS)
        assert channel.current == near(AMPS)
        assert channel.resistance == near(OHM)
        channel.shutdown()
        assert channel.source_output == "OFF"


def test_the_library_keithley2600_reads_the_tables_of_a_2602b() -> None:
    driver = the("keithley2600", "Keithley2600")
    with served("keithley-2602b", OHM) as port:
        meter = driver(socket(port), raise_keithley_errors=True)
        try:
            assert meter.localnode.model == "2602B"
            meter.smua.source.limitv = 20.0
            meter.apply_current(meter.smua, AMPS)
            assert meter.smua.measure.v() == near(VOLTS)
            assert meter.measure_current(meter.smua) == near(AMPS)
            meter.apply_voltage(meter.smub, 1.0)
            assert meter.measure_current(meter.smub) == pytest.approx(0.0, abs=1e-6)
            meter.smua.source.output = meter.smua.OUTPUT_OFF
            assert meter.smua.source.output == 0
        finally:
            meter.disconnect()


def test_the_library_keithley2400_sweeps_a_2450() -> None:
    driver = the("keithley2400", "Keithley2400")
    module = importlib.import_module("keithley2400")
    with served("keithley-2450", OHM) as port:
        with driver(
            socket(port), auto_discover=False, settings=module.SerialSettings(terminator="\n")
        ) as meter:
            assert meter.model == "2450"
            meter.set_voltage_compliance(20.0)
            meter.set_source_i(AMPS)
            meter.output_on()
            volts, amps = meter.read_v_i()
            assert (volts, amps) == (near(VOLTS), near(AMPS))
            meter.output_off()


def test_easy_scpi_makes_a_2400_of_attributes() -> None:
    scpi = pytest.importorskip("easy_scpi")
    with served("keithley-2400", OHM) as port:
        meter = scpi.Instrument(
            socket(port),
            port_match=False,
            backend="@py",
            read_termination="\n",
            write_termination="\n",
        )
        meter.connect()
        try:
            meter.source.function("current")
            meter.sense.function('"VOLT"', '"CURR"')
            meter.sense.voltage.protection(20)
            meter.source.current(AMPS)
            meter.output(1)
            volts, amps = (float(word) for word in meter.query(":READ?").split(",")[:2])
            assert amps == near(AMPS)
            assert float(meter.sense.voltage.protection()) == 20.0
            assert volts == near(VOLTS)
            meter.output(0)
        finally:
            meter.disconnect()


def test_qcodes_drives_a_2400() -> None:
    driver = the("qcodes.instrument_drivers.Keithley", "Keithley2400")
    with served("keithley-2400", OHM) as port:
        meter = driver("k2400", socket(port), visalib="@py", terminator="\n")
        try:
            assert meter.get_idn()["model"] == "2400"
            meter.mode("CURR")
            meter.compliancev(20.0)
            meter.curr(AMPS)
            meter.output(1)
            assert meter.volt() == near(VOLTS)
            assert meter.curr() == near(AMPS)
            assert meter.resistance() == near(OHM)
            meter.output(0)
        finally:
            meter.close()


def test_qcodes_drives_both_channels_of_a_b2900() -> None:
    base = the("qcodes.instrument_drivers.Keysight.Keysight_B2962A", "KeysightB2962A")
    with served("keysight-b2902a", OHM) as port:
        meter = base("b2900", socket(port), visalib="@py", terminator="\n")
        try:
            one, two = meter.ch1, meter.ch2
            one.source_mode("current")
            one.voltage_limit(20.0)
            one.source_current(AMPS)
            one.enable("on")
            assert one.voltage() == near(VOLTS)
            assert one.current() == near(AMPS)
            two.source_mode("voltage")
            two.source_voltage(1.0)
            two.enable("on")
            assert two.current() == pytest.approx(0.0, abs=1e-6)
            assert one.enable() is True
            one.enable("off")
            two.enable("off")
        finally:
            meter.close()


def test_qcodes_drives_a_2602b() -> None:
    driver = the("qcodes.instrument_drivers.Keithley", "Keithley2602B")
    with served("keithley-2602b", OHM) as port:
        meter = driver("k2602", socket(port), visalib="@py", terminator="\n")
        try:
            meter.smua.mode("current")
            meter.smua.limitv(20.0)
            meter.smua.curr(AMPS)
            meter.smua.output(True)
            assert meter.smua.volt() == near(VOLTS)
            assert meter.smua.curr() == near(AMPS)
            meter.smua.output(False)
            assert meter.smua.output() is False
        finally:
            meter.close()


def test_qcodes_drives_a_2450() -> None:
    driver = the("qcodes.instrument_drivers.Keithley", "Keithley2450")
    with served("keithley-2450", OHM) as port:
        meter = driver("k2450", socket(port), visalib="@py", terminator="\n")
        try:
            meter.source.function("current")
            meter.source.limit(20.0)
            meter.source.current(AMPS)
            meter.sense.function("voltage")
            with meter.output_enabled.set_to(True):
                assert meter.sense.voltage() == near(VOLTS)
            assert meter.output_enabled() is False
        finally:
            meter.close()
