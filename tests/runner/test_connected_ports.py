"""What is connected, who has it, who answers: pseudo terminals and a file tree as Linux has it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.runner.bench_lock import BenchLock
from faradaic.runner.connected_ports import Port, probe, scan, usb_instruments
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.surroundings import Surroundings
from faradaic.testing.rig import DummyCell
from rigs.on_pty import OnPty

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@pytest.fixture
def korad() -> Iterator[str]:
    emulator = make_emulator("korad-ka3005p", DummyCell(), 1, Surroundings())
    with OnPty(emulator) as pty:
        yield f"serial://{pty.port}"


def at(address: str) -> Port:
    return next(port for port in scan([address]) if port.address == address)


def test_a_serial_device_says_who_it_is(korad: str) -> None:
    port = at(korad)
    assert port.held == ""
    probed = probe(port)
    assert probed.found is not None
    assert probed.found.drivers == ("korad-ka3005p",)
    assert probed.found.serial == "baud=9600"


def test_a_port_that_another_program_has_is_not_asked(korad: str) -> None:
    device = korad.removeprefix("serial://")
    code = f"import sys,time; f=open({device!r},'rb'); print(1,flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None
            other.stdout.readline()
            port = at(korad)
            probed = probe(port)
        finally:
            other.kill()
    assert f"(process {other.pid})" in port.held
    assert probed.found is None
    assert [one.code for one in probed.trouble] == ["E522"]


def test_a_bench_that_a_run_has_is_named_by_its_run(korad: str) -> None:
    with BenchLock(korad, bench="hood-3", driver="korad-ka3005p") as lock:
        lock.tell(run="2026-12-01T0000Z-shono", folder=Path("/tmp/x"))
        port = at(korad)
    assert "run 2026-12-01T0000Z-shono" in port.held


def test_a_place_that_is_not_there_is_told_with_what_to_look_at() -> None:
    probed = probe(Port("serial:///dev/ttyNOTHING9"))
    (why,) = probed.trouble
    assert why.code == "E502"
    assert "plugged in" in why.help


def test_a_rehearsed_address_is_no_place() -> None:
    with pytest.raises(InputError, match="E503"):
        scan(["emulated://korad-ka3005p"])


def test_usb_instruments_are_read_from_the_system_alone(tmp_path: Path) -> None:
    device = tmp_path / "1-2"
    interface = tmp_path / "1-2:1.0"
    other = tmp_path / "1-3:1.0"
    for folder in (device, interface, other, tmp_path / "1-3"):
        folder.mkdir()
    said = {"idVendor": "05e6", "idProduct": "2450", "serial": "04012345"}
    said |= {"manufacturer": "Keithley", "product": "2450"}
    for name, text in said.items():
        (device / name).write_text(f"{text}\n")
    (interface / "bInterfaceClass").write_text("fe\n")
    (interface / "bInterfaceSubClass").write_text("03\n")
    (other / "bInterfaceClass").write_text("08\n")
    (found,) = usb_instruments(tmp_path)
    assert found.address == "visa://USB0::0x05E6::0x2450::04012345::INSTR"
    assert found.name == "Keithley 2450 SourceMeter"
