"""A maker's C library in a process of its own, from the entry points of an installed package."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faradaic import plugins
from faradaic.diagnostics import DeviceError, InputError
from faradaic.instruments.clock import WallClock
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    OpenCircuitSegment,
)
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import TransportClosed
from faradaic.instruments.transports.addresses import SCHEMES, Setting

RIGS = Path(__file__).parents[2] / "rigs"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="needs a C compiler"),
    pytest.mark.skipif(sys.platform == "win32", reason="builds a library as POSIX does"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("acme") / "libacme.so"
    source = RIGS / "acme_library.c"
    assert COMPILER is not None
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", built, source], check=True, timeout=60)
    return built


@pytest.fixture
def address(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Path]]:
    """A package with a kit and a driver is installed; the address of its instrument, and the file
    in which the library says whether its output is on."""
    shutil.copy(RIGS / "acme_kit.py", tmp_path / "acme_kit.py")
    dist = tmp_path / "acme-1.0.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (dist / "entry_points.txt").write_text(
        "[faradaic.kits]\nacme = acme_kit:AcmeKit\n\n"
        "[faradaic.drivers]\nacme-ps7 = acme_kit:AcmePs7\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    _forget()
    state = tmp_path / "output"
    yield f"acme?{library}&{state}", state
    monkeypatch.undo()
    _forget()
    sys.modules.pop("acme_kit", None)


def _forget() -> None:
    """What is installed is looked for again."""
    for known in (plugins._installed, plugins._points, plugins._ordered):
        known.cache_clear()


def source(rest: str) -> Any:
    return DRIVERS.load("acme-ps7")(SCHEMES.load("kit")(Setting()).open(rest))


def readings(driver: Any, segment: Any) -> list[Any]:
    return list(driver.run(segment, WallClock()))


def test_a_current_is_held_read_and_turned_off(address: tuple[str, Path]) -> None:
    rest, state = address
    driver = source(rest)
    identity = driver.connect(WallClock())
    assert (identity.manufacturer, identity.model, identity.serial) == ("ACME", "PS-7", "SN0042")
    found = readings(driver, ConstantCurrentSegment(0.02, 10.0, 0.4, 0.1, 1.0))
    assert len(found) >= 4
    assert all(one.current_A == pytest.approx(0.02) for one in found)
    assert all(one.cell_voltage_V == pytest.approx(2.0) for one in found)
    assert not any(one.compliance for one in found)
    assert state.read_text() == "0"
    assert driver.output_off(WallClock()).on is False
    driver.close()


def test_its_limit_is_seen_and_what_is_out_of_range_is_never_asked(
    address: tuple[str, Path],
) -> None:
    rest, _ = address
    driver = source(rest)
    driver.connect(WallClock())
    # 20 mA through 100 ohm need 2 V: 1 V gives 10 mA.
    found = readings(driver, ConstantCurrentSegment(0.02, 1.0, 0.3, 0.1, 1.0))
    assert all(one.compliance for one in found)
    assert found[-1].current_A == pytest.approx(0.01)
    held = readings(driver, ConstantCellVoltageSegment(-3.0, 0.05, 0.3, 0.1, 1.0))
    assert held[-1].current_A == pytest.approx(-0.03)
    with pytest.raises(DeviceError, match="E513"):
        readings(driver, ConstantCurrentSegment(0.2, 1.0, 0.3, 0.1, 1.0))
    rests = readings(driver, OpenCircuitSegment(0.2, 0.1))
    assert all(one.current_A == 0.0 for one in rests)
    driver.close()


def test_a_library_that_dies_takes_nothing_with_it(
    address: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, _ = address
    monkeypatch.setenv("ACME_CRASH", "1")
    driver = source(rest)
    driver.connect(WallClock())
    with pytest.raises(TransportClosed) as told:
        readings(driver, ConstantCurrentSegment(0.02, 10.0, 0.4, 0.1, 1.0))
    assert told.value.diagnostics[0].code == "E502"
    driver.close()
    monkeypatch.delenv("ACME_CRASH")
    again = source(rest)  # as a device host opens a link again
    assert again.output_off(WallClock()).on is False
    again.close()


def test_a_library_that_hangs_is_left_in_bounded_time(
    address: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rest, _ = address
    monkeypatch.setenv("ACME_HANG", "1")
    driver = source(rest)
    monkeypatch.setattr(type(driver), "ANSWER_S", 0.3)
    driver.connect(WallClock())
    begun_s = time.monotonic()
    with pytest.raises(DeviceError) as told:
        readings(driver, ConstantCurrentSegment(0.02, 10.0, 0.4, 0.1, 1.0))
    assert told.value.diagnostics[0].code in ("E501", "E517")
    driver.close()
    assert time.monotonic() - begun_s < 15.0


def test_who_leaves_without_a_word_finds_the_output_off(address: tuple[str, Path]) -> None:
    rest, state = address
    driver = source(rest)
    driver.connect(WallClock())
    driver._call("hold", "current", 0.02, 10.0, 0.02)
    driver._call("on")
    assert state.read_text() == "1"
    driver.transport._child.stdin.close()  # as when its parent dies
    driver.transport._child.wait(10)
    driver.close()
    assert state.read_text() == "0"


def test_what_the_library_refuses_and_what_is_not_there_is_told(
    address: tuple[str, Path],
) -> None:
    rest, _ = address
    for wrong, why in ((rest.partition("&")[0], "acme_open returned -2"), ("acne?x", "acne")):
        driver = source(wrong)
        with pytest.raises(DeviceError, match=why):
            driver.connect(WallClock())
        driver.close()
    with pytest.raises(InputError, match="E503"):
        source("?x")
