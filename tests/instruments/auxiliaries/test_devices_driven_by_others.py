"""Clients that nobody here wrote, unchanged, on our emulators; skipped where not installed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.server import EmulatorServer
from faradaic.simulators.surroundings import Surroundings
from faradaic.testing import DummyCell
from rigs.on_pty import OnPty

pytestmark = [
    pytest.mark.witness,
    pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are POSIX"),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
]
ML_M3 = 1e-6


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def port(request: pytest.FixtureRequest, around: Surroundings) -> Iterator[str]:
    with OnPty(make_emulator(request.param, DummyCell(), 1, around)) as pty:
        yield pty.port


@pytest.fixture
def tcp(request: pytest.FixtureRequest, around: Surroundings) -> Iterator[int]:
    with EmulatorServer(make_emulator(request.param, DummyCell(), 1, around)) as server:
        yield server.port


def on(address: str, kind: str = "port") -> Any:
    return pytest.mark.parametrize(kind, [address], indirect=True)


BRONKHORST = """
import json, propar, sys, time
mode = propar.PP_MODE_ASCII if sys.argv[2] == "ascii" else propar.PP_MODE_BINARY
controller = propar.instrument(sys.argv[1], address=3)
controller.master.propar.mode = mode
controller.setpoint = 16000
time.sleep(1.5)
told = [controller.readParameter(number) for number in (25, 21, 9, 8, 205)]
told += [controller.writeParameter(206, 20.0), controller.setpoint]
print(json.dumps(told))
"""
"""In a process of its own: its threads go on reading after they were stopped."""


@pytest.mark.parametrize("mode", ["binary", "ascii"])
@on("bronkhorst")
def test_the_maker_s_own_library_drives_a_bronkhorst(port: str, mode: str) -> None:
    pytest.importorskip("propar")
    done = subprocess.run(
        [sys.executable, "-c", BRONKHORST, port, mode], capture_output=True, timeout=30, check=True
    )
    gas, full, set_point, measured, flow, written, then = json.loads(done.stdout)
    assert (gas, full, set_point) == ("CO2", pytest.approx(100.0), 16000)
    assert measured == pytest.approx(16000, rel=0.02)
    assert flow == pytest.approx(50.0, rel=0.02)
    assert written
    assert then == 6400


@on("ismatec-icc?place=pump")
def test_a_library_of_others_runs_a_reglo_icc(port: str, around: Surroundings) -> None:
    module = pytest.importorskip("ismatec.peristaltic_pump")
    pump = module.RegloICC(port)
    pump.set_channel_addressing_mode()
    pump.disable_event_messaging()
    assert pump.get_pump_info()[0] == "REGLO ICC"
    pump.set_mode_pump_flow_rate(1, 1.2)
    assert pump.get_flow_rate_ml_min(1) == pytest.approx(1.2)
    assert pump.start(1) == "*"
    assert pump.running()
    time.sleep(0.5)
    pump.stop(1)
    assert not pump.running()
    delivered_m3 = sum(volume for _, volume in around.infused)
    assert 0.005 * ML_M3 < delivered_m3 < 0.05 * ML_M3
    pump.disconnect()


@on("harvard-elite?model=legato")
def test_python_syringe_pump_runs_a_legato(port: str) -> None:
    module = pytest.importorskip("syringe_pump")
    aioserial = pytest.importorskip("aioserial")

    async def infuse() -> tuple[float, float]:
        serial = aioserial.AioSerial(port, baudrate=115200, timeout=5)
        async with module.Pump(serial) as pump:
            await pump.infusion_rate.set(module.Quantity("2 ml/min"))
            await pump.infusion_volume.clear()
            await pump.run()
            await asyncio.sleep(0.5)
            rate, volume = await pump.infusion_rate.get(), await pump.infusion_volume.get()
            await pump.stop()
        return float(rate), float(volume)

    rate, volume = asyncio.run(infuse())
    assert rate == pytest.approx(2.0, rel=1e-3) or rate == pytest.approx(2e-3, rel=1e-3)
    assert volume > 0.0


@on("harvard-elite")
def test_flowchem_runs_an_elite_11(port: str) -> None:
    module = pytest.importorskip("flowchem.devices.harvardapparatus.elite11")

    async def infuse() -> tuple[str, float, bool, bool]:
        pump = module.Elite11.from_config(
            port, syringe_diameter="14.567 mm", syringe_volume="10 ml", address=0, name="pump"
        )
        await pump.initialize()
        await pump.set_flow_rate("1 ml/min")
        await pump.infuse()
        running = await pump.is_moving()
        rate, version = await pump.get_flow_rate(), await pump.version()
        await pump.stop()
        return version, rate, running, await pump.is_moving()

    version, rate, _, _ = asyncio.run(infuse())
    assert version == "11 ELITE I/W Single 3.0.4"
    assert rate == pytest.approx(1.0, rel=1e-3)


@on("huber")
def test_flowchem_reads_and_sets_a_huber(port: str, around: Surroundings) -> None:
    module = pytest.importorskip("flowchem.devices.huber.chiller")
    flowchem = pytest.importorskip("flowchem")

    async def heat() -> tuple[Any, ...]:
        bath = module.HuberChiller.from_config(port, name="bath", timeout=0.5)
        await bath.initialize()
        await bath.set_temperature(flowchem.ureg.Quantity("40 degC"))
        return (
            await bath.serial_number(),
            await bath.temperature_limits(),
            await bath.get_temperature_setpoint(),
            await bath.internal_temperature(),
        )

    serial, limits, set_point, temperature = asyncio.run(heat())
    assert serial == 123456
    assert limits == (-60.0, 200.0)
    assert set_point == pytest.approx(40.0)
    assert temperature == pytest.approx(25.0, abs=0.1)


@on("huber", "tcp")
def test_numat_s_library_heats_a_huber_over_tcp(tcp: int, around: Surroundings) -> None:
    module = pytest.importorskip("huber")

    async def heat() -> tuple[float, float]:
        async with module.Bath("127.0.0.1") as bath:
            await bath.set_setpoint(40.0)
            await bath.start()
            told = await bath.get()
            await bath.stop()
            return told["temperature"]["setpoint"], told["temperature"]["bath"]

    module.Bath.port = tcp
    set_point, temperature = asyncio.run(heat())
    assert set_point == pytest.approx(40.0)
    assert temperature >= 25.0 - 0.1


@on("hei-connect")
def test_flowchem_stirs_with_a_hei_connect(port: str, around: Surroundings) -> None:
    module = pytest.importorskip("flowchem.devices.heidolph.hei_connect")
    flowchem = pytest.importorskip("flowchem")

    async def stir() -> tuple[float, str]:
        plate = module.HeiConnect.from_config(port, name="plate")
        await plate.initialize()
        await plate.set_speed(flowchem.ureg.Quantity("600 rpm"))
        await plate.start_stirring()
        await asyncio.sleep(2.0)
        speed, status = await plate.get_speed(), await plate.status()
        await plate.stop_stirring()
        return speed, status

    speed, status = asyncio.run(stir())
    assert speed == pytest.approx(600.0, rel=0.05)
    assert status == "remote-start"


@on("julabo", "tcp")
def test_a_library_of_others_runs_a_julabo(tcp: int) -> None:
    module = pytest.importorskip("julabo")
    pytest.importorskip("sockio")
    connection = module.connection_for_url(f"tcp://127.0.0.1:{tcp}", concurrency="syncio")
    connection.open()
    bath = module.JulaboCF(connection)
    assert "CORIO" in bath.identification()
    bath.set_point_1(40.0)
    assert bath.set_point_1() == pytest.approx(40.0)
    bath.start()
    assert bath.is_started()
    assert bath.status() == "03 REMOTE START"
    bath.stop()
    assert not bath.is_started()
    connection.close()


@on("mks-g?full_scale=100")
def test_a_message_as_the_maker_s_supplement_prints_it(port: str) -> None:
    """`@001UT!TEST;16`: the check sum that it shows is accepted, though the word is not known."""
    serial = pytest.importorskip("serial")
    with serial.Serial(port, 9600, timeout=1.0) as line:
        line.write(b"@@@001UT!TEST;16")
        assert line.read(15)[:11] == b"@@@000NAK17"
        line.write(b"@@@001UT!TEST;17")
        assert line.read(15)[:11] == b"@@@000NAK01"
