"""Clients that nobody here wrote, unchanged, drive the emulated supplies; skipped without them."""

from __future__ import annotations

import importlib

import pytest

from rigs.peers import ENDS, pymeasure, served, socket, the

pytestmark = [pytest.mark.witness, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize(
    ("key", "name"), [("siglent-spd1168x", "SPD1168X"), ("siglent-spd1305x", "SPD1305X")]
)
def test_pymeasure_drives_a_siglent(key: str, name: str) -> None:
    with pymeasure(key, "siglenttechnologies", name) as supply:
        channel = supply.ch_1
        channel.voltage_setpoint, channel.current_limit = 5.0, 1.0
        channel.enable_output(True)
        assert channel.voltage == pytest.approx(5.0, abs=5e-3)
        assert channel.current == pytest.approx(0.5, abs=5e-3)
        channel.current_limit = 0.2
        assert channel.voltage == pytest.approx(2.0, abs=5e-3)
        assert "CONSTANT_CURRENT" in repr(supply.system_status_code)
        channel.enable_output(False)
        assert channel.current == 0.0


def test_pymeasure_drives_an_hmp4040() -> None:
    with pymeasure("hmp4040", "rohdeschwarz.hmp", "HMP4040") as supply:
        supply.selected_channel = 1
        supply.voltage, supply.current = 5.0, 0.2
        supply.selected_channel_active = True
        supply.output_enabled = True
        assert supply.measured_voltage == pytest.approx(2.0, abs=5e-3)
        assert supply.measured_current == pytest.approx(0.2, abs=5e-3)
        supply.output_enabled = False
        assert supply.measured_current == 0.0


def test_pymeasure_drives_an_e36300() -> None:
    with pymeasure("keysight-e36313a", "keysight.keysightE36312A", "KeysightE36312A") as supply:
        supply.ch_1.voltage_setpoint, supply.ch_1.current_limit = 5.0, 0.2
        supply.ch_1.output_enabled = True
        assert supply.ch_1.voltage == pytest.approx(2.0, abs=5e-3)
        assert supply.ch_1.current == pytest.approx(0.2, abs=5e-3)
        supply.ch_1.output_enabled = False
        assert supply.ch_1.output_enabled is False


def test_pymeasure_drives_an_e3631a() -> None:
    with pymeasure("keysight-e3631a", "keysight.keysightE3631A", "KeysightE3631A") as supply:
        supply.ch_1.voltage_setpoint, supply.ch_1.current_limit = 5.0, 0.2
        supply.output_enabled = True
        assert supply.ch_1.voltage == pytest.approx(2.0, abs=5e-3)
        assert supply.ch_1.current == pytest.approx(0.2, abs=5e-3)
        supply.output_enabled = False


def test_pymeasure_drives_an_aim_tti() -> None:
    with pymeasure("tti-ql355p", "aimtti.aimttiPL", "PL303P") as supply:
        supply.ch_1.voltage_setpoint, supply.ch_1.current_limit = 5.0, 0.2
        supply.ch_1.output_enabled = True
        assert supply.ch_1.voltage == pytest.approx(2.0, abs=5e-3)
        assert supply.ch_1.current == pytest.approx(0.2, abs=5e-3)
        supply.all_outputs_enabled = False
        assert supply.ch_1.current == 0.0


def test_qcodes_drives_a_rigol_dp832() -> None:
    driver = the("qcodes.instrument_drivers.rigol", "RigolDP832")
    with served("rigol-dp832") as port:
        place = f"TCPIP::127.0.0.1::{port}::SOCKET"
        supply = driver("dp832", place, visalib="@py", terminator="\n")
        try:
            assert supply.get_idn()["model"] == "DP832"
            supply.ch1.set_voltage(5.0)
            supply.ch1.set_current(0.2)
            supply.ch1.ovp_value(8.0)
            supply.ch1.state("on")
            assert supply.ch1.mode() == "ConstantCurrent"
            assert supply.ch1.voltage() == pytest.approx(2.0, abs=5e-3)
            assert supply.ch1.current() == pytest.approx(0.2, abs=5e-3)
            supply.ch1.state("off")
            assert supply.ch1.current() == 0.0
        finally:
            supply.close()


@pytest.mark.parametrize(("key", "name"), [("hmp4040", "HMP4040"), ("hmp2020", "HMP2020")])
def test_qcodes_contrib_drives_an_hmp(key: str, name: str) -> None:
    folder = "qcodes_contrib_drivers.drivers.RohdeSchwarz"
    driver = the(f"{folder}.{name}", "RohdeSchwarzHMP4040")  # so called in either file
    with served(key) as port:
        supply = driver(name, f"TCPIP::127.0.0.1::{port}::SOCKET", visalib="@py")
        try:
            supply.ch1.set_voltage(5.0)
            supply.ch1.set_current(0.2)
            supply.ch1.state("ON")
            assert supply.ch1.voltage() == pytest.approx(2.0, abs=5e-3)
            assert supply.ch1.current() == pytest.approx(0.2, abs=5e-3)
            supply.ch1.state("OFF")
        finally:
            supply.close()


@pytest.mark.parametrize(
    "key",
    ["rigol-dp832", "rigol-dp811", "siglent-spd3303x", "siglent-spd1168x", "tti-cpx400dp"],
)
def test_labmcp_drives_three_languages(key: str) -> None:
    psu = pytest.importorskip("labmcp_bench_psu.driver")
    transports = importlib.import_module("labmcp.transports")
    with served(key) as port:
        link = transports.open_transport(f"tcp://127.0.0.1:{port}")
        try:
            supply = psu.open_power_supply(link)
            supply.set_voltage(1, 5.0)
            supply.set_current(1, 0.2)
            supply.set_output(1, True)
            assert supply.output_state(1) is True
            volts, amps = supply.measure(1)
            assert (volts, amps) == pytest.approx((2.0, 0.2), abs=0.011)
            assert supply.mode(1) in ("CC", None)
            assert supply.errors() == []
            assert supply.all_off() == []
            assert supply.output_state(1) is False
        finally:
            link.close()


@pytest.mark.parametrize(
    ("key", "module", "name"),
    [
        ("rigol-dp832", "RigolDP800", "RigolDP800"),
        ("rigol-dp811", "RigolDP800", "RigolDP800"),
        ("tti-ql355p", "AimTTiPLP", "AimTTiPLP"),
    ],
)
def test_dcps_drives_two_languages(key: str, module: str, name: str) -> None:
    driver = the(f"dcps.{module}", name)
    with served(key) as port:
        ends = {} if module == "AimTTiPLP" else ENDS
        supply = driver(socket(port), wait=0.01, **ends)
        supply.open()
        supply._inst.timeout = 2000
        try:
            supply.setVoltage(5.0)
            supply.setCurrent(0.2)
            supply.outputOn()
            assert supply.isOutputOn()
            assert supply.measureVoltage() == pytest.approx(2.0, abs=0.02)
            assert supply.measureCurrent() == pytest.approx(0.2, abs=0.011)
            supply.outputOff()
            assert not supply.isOutputOn()
        finally:
            supply.close()


@pytest.mark.parametrize("key", ["owon-spe6103", "owon-p4305", "keysight-e3633a"])
def test_easy_scpi_drives_supplies_of_plain_scpi(key: str) -> None:
    scpi = pytest.importorskip("easy_scpi")
    with served(key) as port:
        supply = scpi.Instrument(socket(port), port_match=False, backend="@py", **ENDS)
        supply.connect()
        try:
            supply.voltage(5)
            supply.current(0.2)
            supply.output(1)
            assert float(supply.measure.voltage()) == pytest.approx(2.0, abs=0.02)
            assert float(supply.measure.current()) == pytest.approx(0.2, abs=0.011)
            supply.output(0)
        finally:
            supply.disconnect()
