"""Devices whose answers are lost, late, doubled, cut, changed or strange: what is read is so."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError
from rigs.devices import SCCM, DeviceRig
from rigs.wire import KINDS, BadWire

SET = {
    "hei-connect": ("stirring_rpm", 600.0),
    "julabo": ("temperature_K", 313.15),
    "huber": ("temperature_K", 313.15),
    "bronkhorst": ("gas_flow_mol_per_s", 40 * SCCM),
    "mks-g": ("gas_flow_mol_per_s", 40 * SCCM),
    "ismatec-icc": ("pump_flow_m3_per_s", 1e-6 / 60.0),
    "harvard-elite": ("pump_flow_m3_per_s", 1e-6 / 60.0),
}
SHARE = 0.05


def read_on(
    name: str, kinds: list[str], seed: int, readings: int = 120
) -> tuple[int, int, list[str]]:
    """Faults, readings that came, and the wrong ones among them."""
    rig = DeviceRig(name).connected()
    quantity, value = SET[name]
    rig.driver.set(quantity, value)
    rig.wait(3000.0)
    expected = rig.driver.read()[quantity]
    assert expected == pytest.approx(value, rel=0.01)
    wire = BadWire(rig.emulator, kinds, SHARE, seed)
    rig.cable.inner._emulator = wire
    wire.active = True
    came, wrong = 0, []
    for _ in range(readings):
        rig.wait(1.0)
        try:
            found = rig.driver.read()
        except DeviceError:
            continue
        came += 1
        if quantity in found and abs(found[quantity] - expected) > 0.02 * expected:
            wrong.append(f"{found[quantity]:g} where there is {expected:g}")
    return wire.faults, came, wrong


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SET)
def test_what_is_read_is_what_there_is(name: str, kind: str) -> None:
    faults, came, wrong = read_on(name, [kind], 1)
    assert not wrong
    assert faults
    assert came > 40
