"""Clients that nobody here wrote, unchanged, drive emulated potentiostats; skipped without them."""

from __future__ import annotations

import importlib
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

OHM = 1000.0


@pytest.fixture
def cell() -> DummyCell:
    return DummyCell(OHM, 0.2)


@pytest.fixture
def port(request: pytest.FixtureRequest, cell: DummyCell) -> Iterator[str]:
    with OnPty(make_emulator(request.param, cell, 1)) as pty:
        yield pty.port


def on(*addresses: str) -> Any:
    return pytest.mark.parametrize("port", addresses, indirect=True)


@on("zahner-pp222", "zahner-xpot2")
def test_zahner_s_own_client_polarises(port: str, cell: DummyCell) -> None:
    control = pytest.importorskip("zahner_potentiostat.scpi_control.control")
    serials = importlib.import_module("zahner_potentiostat.scpi_control.serial_interface")
    device = control.SCPIDevice(serials.SerialCommandInterface(port), None)
    try:
        device.setRaiseOnErrorEnabled(True)
        assert device.IDN().startswith("ZAHNER-ELEKTRIK")
        assert "ok" in device.clearState()
        assert device.measureOCV() == pytest.approx(0.2, abs=5e-3)
        device.setCoupling("gal")
        device.setCurrentValue(1e-3)
        device.setPotentiostatEnabled(True)
        time.sleep(0.2)
        assert device.getCurrent() == pytest.approx(1e-3, abs=2e-4)
        assert device.getVoltage() == pytest.approx(1.2, abs=0.2)
        device.setPotentiostatEnabled(False)
        assert device.getCurrent() == pytest.approx(0.0, abs=2e-4)
        device.setCoupling("pot")
        device.setVoltageParameter(0.7)
        device.setMaximumTimeParameter(0.5)
        before = cell.gross_C
        assert "ok" in device.measurePolarization()
        assert cell.gross_C - before == pytest.approx(0.5 * 5e-4, rel=0.2)
        errors = importlib.import_module("zahner_potentiostat.scpi_control.error")
        with pytest.raises(errors.ZahnerSCPIError, match="100"):
            device.setCurrentValue(1e6)
    finally:
        device.close()


@on("rodeostat-24ma", "rodeostat-10ma")
def test_the_client_of_the_rodeostat_reads_and_sets(port: str) -> None:
    client = pytest.importorskip("potentiostat").Potentiostat(port)
    try:
        assert client.firmware_version == "FW0.1.0"
        assert client.get_all_curr_range()
        client.set_volt_range("2V")
        client.set_curr_range("1000uA")
        assert client.get_curr_range() == "1000uA"
        client.set_auto_connect(False)
        client.set_volt(0.7)
        client.set_all_elect_connected(True)
        assert client.get_volt() == pytest.approx(0.7, abs=1e-3)
        assert client.get_curr() == pytest.approx(500.0, rel=0.02)
        client.set_all_elect_connected(False)
        assert client.get_all_elect_connected() is False
        assert client.get_curr() == pytest.approx(0.0, abs=1.0)
    finally:
        client.close()


@on("rodeostat-24ma")
def test_the_client_of_the_rodeostat_runs_a_cyclic_voltammogram(port: str) -> None:
    client = pytest.importorskip("potentiostat").Potentiostat(port)
    try:
        client.set_volt_range("1V")
        client.set_curr_range("1000uA")
        client.set_sample_period(20)
        param = {
            "quietValue": 0.0,
            "quietTime": 0,
            "amplitude": 0.5,
            "offset": 0.2,
            "period": 1000,
            "numCycles": 1,
            "shift": 0.0,
        }
        times, volts, amps = client.run_test("cyclic", param=param, display=None)
        assert times[-1] == pytest.approx(1.0, abs=0.03)
        assert (min(volts), max(volts)) == (
            pytest.approx(-0.3, abs=0.02),
            pytest.approx(0.7, abs=0.05),
        )
        for volt, amp in zip(volts, amps, strict=True):
            assert amp == pytest.approx(1e6 * (volt - 0.2) / OHM, abs=25.0)
    finally:
        client.close()
