"""Clients that nobody here wrote, unchanged, on our emulators; skipped where not installed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from faradaic.simulators.emulated_bench import make_emulator
from faradaic.testing import DummyCell
from rigs.on_pty import OnPty

pytestmark = [
    pytest.mark.witness,
    pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are POSIX"),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
]
OHM = 50.0


@pytest.fixture
def cell() -> DummyCell:
    return DummyCell(OHM)


@pytest.fixture
def port(request: pytest.FixtureRequest, cell: DummyCell) -> Iterator[str]:
    with OnPty(make_emulator(request.param, cell, 1)) as pty:
        yield pty.port


def on(address: str) -> Any:
    return pytest.mark.parametrize("port", [address], indirect=True)


@on("korad-ka3005p?model=tenma-72-2550")
def test_tenma_serial_knows_the_model_by_its_name(port: str, cell: DummyCell) -> None:
    library = pytest.importorskip("tenma.tenmaDcLib")
    supply = library.instantiate_tenma_class_from_device_response(port)
    assert type(supply).__name__ == "Tenma72_2550"
    supply.setVoltage(1, 5000)
    supply.setCurrent(1, 50)
    supply.ON()
    assert supply.readVoltage(1) == 5.0
    assert supply.readCurrent(1) == 0.05  # the byte too many is there, and it cuts it off
    assert supply.runningVoltage(1) == pytest.approx(2.5, abs=0.02)
    assert supply.runningCurrent(1) == pytest.approx(0.05, abs=0.002)
    assert supply.getStatus()["ch1Mode"] == "C.C"
    supply.OFF()
    assert not supply.getStatus()["outEnabled"]
    passed_C = cell.gross_C
    time.sleep(0.3)
    assert cell.gross_C == passed_C > 0.0


@on("korad-ka3005p?model=tenma-72-2540")
def test_koradctl(port: str) -> None:
    psu = pytest.importorskip("koradctl.psu")
    ports = pytest.importorskip("koradctl.port")
    supply = psu.PowerSupply(ports.get_port(port))
    assert supply.is_tested()
    for setter, getter, value in (
        (supply.set_voltage_setpoint, supply.get_voltage_setpoint, 5.0),
        (supply.set_current_setpoint, supply.get_current_setpoint, 0.05),
        (supply.set_output_state, supply.get_output_state, True),
    ):
        setter(value)
        time.sleep(0.1)
        told = getter()
        assert (told if value is True else told.value) == value
    volts, amps, _ = supply.get_output_readings()
    assert volts.value == pytest.approx(2.5, abs=0.02)
    assert amps.value == pytest.approx(0.05, abs=0.002)
    assert supply.get_status().cc_active


@on("korad-ka3005p")
def test_pyka3005p(port: str) -> None:
    module = pytest.importorskip("pyka3005p.ka3005pserial")
    supply = module.KA3005PSerial(port)
    supply._connect()
    supply._setVoltage(5.0, 1)
    supply._setCurrent(0.05, 1)
    supply._setChannelEnable(True, 1)
    assert supply._getVoltage(1) == pytest.approx(2.5, abs=0.02)
    assert supply._getCurrent(1) == pytest.approx(0.05, abs=0.002)
    assert supply._getLimitMode(1).name == "CURRENT"
    supply._disconnect()


@on("riden-rd6006")
def test_rd6006(port: str) -> None:
    module = pytest.importorskip("rd6006")
    supply = module.RD6006(port)
    supply.read_timeout = 0.5  # 50 ms are short on a machine that is busy
    assert supply.type == 6006
    supply.voltage, supply.current, supply.enable = 5.0, 0.05, True
    assert (supply.voltage, supply.current) == (5.0, 0.05)
    assert supply.measvoltage == pytest.approx(2.5, abs=0.02)
    assert supply.meascurrent == pytest.approx(0.05, abs=0.002)
    supply.enable = False
    assert not supply.enable


@on("dps5005")
def test_a_script_of_minimalmodbus(port: str) -> None:
    minimalmodbus = pytest.importorskip("minimalmodbus")
    supply = minimalmodbus.Instrument(port, 1)
    supply.serial.baudrate, supply.serial.timeout = 9600, 0.5
    supply.write_register(0, 5.0, 2, functioncode=6)
    supply.write_register(1, 0.05, 3, functioncode=6)
    supply.write_registers(9, [1])
    assert supply.read_register(0x0B) == 5005
    assert supply.read_register(2, 2) == pytest.approx(2.5, abs=0.02)
    assert supply.read_registers(7, 3) == [0, 1, 1]
    with pytest.raises(minimalmodbus.IllegalRequestError):
        supply.read_register(0x300)
    supply.write_register(9, 0, functioncode=6)
    assert supply.read_register(9) == 0


@on("dps5005")
def test_a_client_of_pymodbus(port: str) -> None:
    client_module = pytest.importorskip("pymodbus.client")
    pytest.importorskip("serial")
    client = client_module.ModbusSerialClient(port, baudrate=9600, timeout=0.5)
    assert client.connect()
    client.write_registers(0, [500, 50], device_id=1)
    client.write_register(9, 1, device_id=1)
    told = client.read_holding_registers(0, count=4, device_id=1).registers
    assert told[:2] == [500, 50]
    assert told[2] == pytest.approx(250, abs=2)
    client.close()


@on("manson-hcs-3204?memories=one_line")
def test_hcscom(port: str) -> None:
    module = pytest.importorskip("hcscom.hcscom")
    supply = module.HcsCom(port)
    assert supply.get_max_values() == {"voltage": 60.0, "current": 50.0}  # it takes 500 for 50.0 A
    supply.request("VOLT050")
    supply.request("CURR005")
    supply.switch_output(module.OutputStatus.on)
    shown = supply.get_display_status()
    assert shown["voltage"] == pytest.approx(2.5, abs=0.02)
    assert shown["current"] == pytest.approx(0.05, abs=0.011)
    assert shown["status"] == module.DisplayStatus.cc
    supply.switch_output(module.OutputStatus.off)
    assert supply.get_display_status()["voltage"] == 0.0


@on("genesys-40-38")
def test_pymeasure_drives_a_genesys(port: str) -> None:
    module = pytest.importorskip("pymeasure.instruments.tdk.tdk_gen40_38")
    pytest.importorskip("pyvisa_py")
    supply = module.TDK_Gen40_38(f"ASRL{port}::INSTR", visa_library="@py")
    assert supply.id == ["LAMBDA", "GEN40-38"]
    supply.voltage_setpoint, supply.current_setpoint, supply.output_enabled = 5.0, 0.05, True
    assert supply.voltage == pytest.approx(2.5, abs=0.1)
    assert supply.mode == "CC"
    assert supply.display[1] == 5.0
    supply.foldback_enabled = True
    assert supply.foldback_enabled
    supply.output_enabled = False
    assert supply.mode == "OFF"
