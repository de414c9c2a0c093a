"""Clients that nobody here wrote, unchanged, run their scripts on emulated PalmSens instruments."""

from __future__ import annotations

import importlib
import socket as sockets
import sys
import types
from typing import Any

import pytest

from faradaic.methodscript_packages import decode_package
from rigs.peers import served

pytestmark = [
    pytest.mark.witness,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(60),
]

OHM = 10_000.0
MODELS = {
    "emstat4-lr": ("es4_lr", 3),
    "emstat4-hr": ("es4_hr", 3),
    "nexus": ("nexus1", 3),
    "emstat-pico": ("espico", 4),
    "multiemstat4-lr": ("mes4lr", 3),
    "multiemstat4-hr": ("mes4hr", 3),
}


@pytest.mark.parametrize("key", MODELS)
def test_labmcp_runs_a_cyclic_voltammogram(key: str) -> None:
    module = pytest.importorskip("labmcp_palmsens.driver")
    transports = importlib.import_module("labmcp.transports")
    code, mode = MODELS[key]
    with served(key, OHM) as port:
        link = transports.open_transport(f"tcp://127.0.0.1:{port}")
        try:
            device = module.MethodScriptDevice(link)
            assert device.identify()["device_code"] == code
            script = module.build_script(
                "meas_loop_cv p c 0 500m -500m 50m 5",
                begin_potential_v=0.0,
                e_min=-0.5,
                e_max=0.5,
                pgstat_mode=mode,
                bandwidth_hz=400.0,
                current_range_a=1e-4,
                autorange=False,
                equilibration_s=0.0,
            )
            result = device.execute(script, 10.0)
            assert not result.error
            points = _points(result)
            assert len(points) == 41  # both ends
            for volts, amps in points:
                assert amps == pytest.approx(volts / OHM, abs=2e-6)
            refused = device.execute(["set_pgstat_mode 9"], 5.0)
            assert refused.error
        finally:
            link.close()


def _points(result: Any) -> list[tuple[float, float]]:
    """Applied potential and current of every package."""
    told = [{variable.type: variable.value for variable in one} for _, one in result.packets]
    return [(values["da"], values["ba"]) for values in told]


@pytest.mark.parametrize("technique", ["CV", "CA"])
def test_the_scripts_of_hardpotato_run_on_a_pico(
    technique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its package asks for readers of other instruments before it comes to the Pico.
    for name in ("softpotato", "matplotlib", "matplotlib.pyplot"):
        if name not in sys.modules:
            monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    pico = pytest.importorskip("hardpotato.emstatpico")
    if technique == "CV":
        made = pico.CV(0.0, 0.3, -0.3, 0.0, 5.0, 0.05, 2, 1e-4, "", "", "")
    else:
        made = pico.CA(0.3, 0.05, 1.0, 1e-4, "", "", "")
    with served("emstat-pico", OHM) as port:
        with sockets.create_connection(("127.0.0.1", port), timeout=20.0) as link:
            link.sendall(made.text.encode())
            came = b""
            while not came.endswith(b"\n\n"):
                piece = link.recv(4096)
                assert piece, came
                came += piece
    lines = came.decode().splitlines()
    assert not [line for line in lines if "!" in line]
    packages = [decode_package(line) for line in lines if line.startswith("P")]
    assert len(packages) > 15
    for package in packages:
        told = {field.type: field.value for field in package}
        assert told["ba"] == pytest.approx(told["da"] / OHM, abs=3e-6)
