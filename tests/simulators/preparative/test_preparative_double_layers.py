"""The double layer in a cell's balances of energy and heat: closed forms of a capacitor."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell

CELL = Path(__file__).parents[2] / "fixtures" / "cells" / "preparative.toml"


def _felt(farad: float, working: float = 1.0, **changes: Any) -> PreparativeCell:
    """Two double layers behind 25 Ohm in an adiabatic cell of 40 J/K; hardly anything reacts."""
    thermal = {"heat_capacity_J_per_K": 40.0, "heat_loss_W_per_K": 0.0, "ambient_K": 298.15}
    data = tomllib.loads(CELL.read_text()) | {"thermal": thermal | changes}
    for side, share in (("working", working), ("counter", 1.0)):
        data["electrodes"][side]["double_layer_F"] = share * farad
        for reaction in data["electrodes"][side]["reactions"]:
            reaction["exchange_current_density_A_per_m2"] = 1e-40
    return PreparativeCell.from_mapping(data)


@pytest.mark.parametrize("dt_s", [1.0, 0.5, 0.1])
def test_alternating_a_felt_costs_the_ohmic_heat_whatever_the_step(dt_s: float) -> None:
    """I² R t: what a capacitor takes up in one half-period it returns in the next."""
    cell = _felt(40e-3, working=1.5)
    halves = [HeldControl(Control.CURRENT, 0.02 * (-1) ** k, 1.0) for k in range(20)]
    cell.run(halves, dt_s)
    assert cell.ledger().energy_J == pytest.approx(0.02**2 * 25.0 * 20.0, rel=1e-6)


@pytest.mark.parametrize("thermoneutral_V", [0.0, 1.481])
def test_a_felt_that_only_charges_is_warmed_by_its_resistance(thermoneutral_V: float) -> None:
    """I² R t / C = 0.05² x 25 x 3600 / 40 = 5.625 K; no enthalpy without reaction."""
    cell = _felt(1.0, thermoneutral_voltage_V=thermoneutral_V)
    cell.run([HeldControl(Control.CURRENT, 0.05 * (-1) ** k, 0.1) for k in range(36000)], 0.1)
    assert cell.ledger().temperature_K == pytest.approx(298.15 + 5.625, abs=1e-3)


@pytest.mark.parametrize("control", [Control.CELL_VOLTAGE, Control.POTENTIAL])
def test_half_the_energy_that_charges_a_capacitor_is_heat(control: Control) -> None:
    """Charged to U from a source of U: C U² drawn, C U²/2 stored, C U²/2 heat, whatever the R;
    then kept at open circuit, and as much heat again on discharge."""
    cell = _felt(1.0)
    cell.run([HeldControl(control, 1.0, 500.0)], 1.0)
    ledger = cell.ledger()
    charge_C = ledger.charge_C
    voltage_V = ledger.working.potential_V_vs_SHE - ledger.counter.potential_V_vs_SHE
    stored_J = 0.5 * charge_C * voltage_V
    assert voltage_V == pytest.approx(2.0 * charge_C, rel=1e-6)
    heat_J = 40.0 * (ledger.temperature_K - 298.15)
    assert heat_J + stored_J == pytest.approx(ledger.energy_J, rel=1e-6)
    if control is Control.CELL_VOLTAGE:
        assert ledger.energy_J == pytest.approx(0.5, rel=1e-6)
        assert heat_J == pytest.approx(0.25, rel=1e-6)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 100.0)], 1.0)
    assert cell.ledger().energy_J == ledger.energy_J
    cell.run([HeldControl(Control.CELL_VOLTAGE, 0.0, 500.0)], 1.0)
    heat_J = 40.0 * (cell.ledger().temperature_K - 298.15)
    assert heat_J == pytest.approx(cell.ledger().energy_J, rel=1e-6)
    assert heat_J - 40.0 * (ledger.temperature_K - 298.15) == pytest.approx(stored_J, rel=1e-6)


def test_the_energy_of_an_alternating_felt_does_not_depend_on_the_steps() -> None:
    """Felts of 6 and 4 mF whose substrate reacts, ±20 mA each second: 0.19 % between steps of 1 s
    and of 10 ms, as long as a step was not made in parts; the limit is about 0.20085 J in 20 s."""
    fixture = tomllib.loads(CELL.read_text())
    for electrode in fixture["electrodes"].values():
        electrode["double_layer_F"] *= 100.0
    halves = [HeldControl(Control.CURRENT, 0.02 * (-1) ** k, 1.0) for k in range(20)]
    energies_J = []
    for dt_s in (1.0, 0.1, 0.01):
        cell = PreparativeCell.from_mapping(fixture)
        cell.run(halves, dt_s)
        cell.run(halves, dt_s)
        before_J = cell.ledger().energy_J
        cell.run(halves, dt_s)
        energies_J.append(cell.ledger().energy_J - before_J)
    assert energies_J == pytest.approx([energies_J[-1]] * 3, rel=5e-4)
    assert energies_J[-1] == pytest.approx(0.200, rel=5e-3)
