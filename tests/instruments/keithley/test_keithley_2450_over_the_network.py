"""The emulated 2450 behind a TCP port: for our driver over two transports, and for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.segments import ConstantCurrentSegment
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.keithley.smu2450_emulator import keithley_2450
from faradaic.simulators.server import EmulatorServer


class DummyCell:
    """1 kOhm in series with a battery of 0.5 V."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        current_A = 0.0
        if control is Control.CURRENT:
            current_A = value
        elif control is not Control.OPEN_CIRCUIT:
            current_A = (value - 0.5) / 1000.0
        return CellState(current_A, 0.5 + 1000.0 * current_A, 0.5 + 1000.0 * current_A)

    def checkpoint(self) -> None:
        return None

    def restore(self, state: None) -> None:
        return None


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(keithley_2450(DummyCell(), seed=1)) as running:
        yield running


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:{port}", "visa://TCPIP::127.0.0.1::{port}::SOCKET"]
)
def test_the_driver_runs_a_segment_in_wall_time(server: EmulatorServer, address: str) -> None:
    name, rest = split_address(address.format(port=server.port))
    scheme = SCHEMES.load(name)(Setting())
    transport = scheme.open(rest)
    driver = Keithley2450(transport)
    assert driver.connect(scheme.clock).simulated
    readings = list(driver.run(ConstantCurrentSegment(5e-3, 20.0, 1.0, 0.2, 1.0), scheme.clock))
    assert 1 <= len(readings) <= 7
    assert (readings[-1].on_for_s or 0.0) >= 0.9
    for reading in readings:
        assert reading.current_A == pytest.approx(5e-3, rel=1e-4)
        assert reading.cell_voltage_V == pytest.approx(5.5, rel=1e-4)
    assert driver.output_off(scheme.clock).on is False
    driver.close()


def test_an_instrument_that_disappears_leaves_the_output_unknown() -> None:
    with EmulatorServer(keithley_2450(DummyCell(), seed=1)) as running:
        scheme = SCHEMES.load("tcp")(Setting())
        driver = Keithley2450(scheme.open(f"127.0.0.1:{running.port}"))
        driver.connect(scheme.clock)
        stream = driver.run(ConstantCurrentSegment(5e-3, 20.0, 60.0, 0.1, 1.0), scheme.clock)
        next(stream)
        running.stop()
        running.wait()
        with pytest.raises(DeviceError, match="is gone"):
            list(stream)
        assert driver.output_off(scheme.clock).on is None
        driver.close()


@pytest.mark.filterwarnings("default")  # the peer's own deprecations are not ours
def test_pymeasure_drives_the_emulator_as_it_drives_the_instrument(server: EmulatorServer) -> None:
    keithley = pytest.importorskip("pymeasure.instruments.keithley")
    smu = keithley.Keithley2450(
        f"TCPIP::127.0.0.1::{server.port}::SOCKET",
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
    )
    try:
        smu.reset()
        assert "MODEL 2450" in smu.id
        smu.current_output_off_state = "HIMP"
        smu.apply_current(current_range=10e-3, compliance_voltage=10)
        smu.measure_voltage(nplc=1)
        smu.source_current = 5e-3
        smu.enable_source()
        assert smu.source_enabled
        assert smu.voltage == pytest.approx(5.5, rel=1e-3)
        smu.compliance_voltage = 2
        assert smu.voltage == pytest.approx(2.0, rel=1e-3)
        smu.ramp_to_current(0.0, steps=3)
        smu.disable_source()
        assert not smu.source_enabled
        assert smu.check_errors() == []
    finally:
        smu.adapter.close()
