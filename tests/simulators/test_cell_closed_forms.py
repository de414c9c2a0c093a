"""The preparative cell against the closed forms of bulk electrolysis and of an RC circuit."""

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

F = 96485.33212
CELL = Path(__file__).parents[1] / "fixtures" / "cells" / "preparative.toml"

AREA, K_M, VOLUME, C0, Z = 3e-4, 2e-5, 1e-5, 50.0, 2
RATE = K_M * AREA / VOLUME
THEORETICAL_C = Z * F * VOLUME * C0
LIMITING_A = Z * F * AREA * K_M * C0


def description() -> dict[str, Any]:
    return tomllib.loads(CELL.read_text())


def electrolyse(cell: PreparativeCell, control: Control, value: float, time_s: float, dt_s: float):
    for _ in range(round(time_s / dt_s)):
        state = cell.step(control, value, dt_s)
    return state


def conversion_at(beta: float, charge: float, dt_s: float) -> float:
    """At a constant current of beta times the limit, after `charge` theoretical charges."""
    cell = PreparativeCell.from_mapping(description())
    current_A = beta * LIMITING_A
    steps = round(charge * THEORETICAL_C / current_A / dt_s)
    time_s = charge * THEORETICAL_C / current_A
    for _ in range(steps):
        cell.step(Control.CURRENT, current_A, time_s / steps)
    return cell.ledger().conversion["substrate"]


@pytest.mark.parametrize(
    ("beta", "charge", "conversion"),
    [
        # X = 1 - β/e at one theoretical charge, all excess wasted; integrated limiting-current
        # balance, values to five digits checked against a numerical solution of the ODE.
        (0.1, 1.0, 0.96321),
        (0.3, 1.0, 0.88964),
        (0.5, 1.0, 0.81606),
        (0.8, 1.0, 0.70570),
        (1.0, 1.0, 0.63212),
        (2.0, 1.0, 0.39347),
        (0.5, 2.0, 0.97511),
        (1.0, 2.0, 0.86466),
        (2.0, 2.0, 0.63212),
        (0.5, 0.4, 0.4),  # below the kink at 1 - β every electron finds substrate
    ],
)
def test_a_galvanostatic_electrolysis_wastes_only_the_excess(beta, charge, conversion):
    assert conversion_at(beta, charge, dt_s=1.0) == pytest.approx(conversion, abs=2e-5)


def test_the_limiting_current_of_the_worked_example():
    # 3 cm2, k_m = 2e-5 m/s, 50 mM, n = 2: 57.9 mA; at 10 mA, X = 0.9365 after 9648.5 s.
    assert pytest.approx(57.9e-3, rel=1e-3) == LIMITING_A
    assert pytest.approx(9648.5, abs=0.1) == THEORETICAL_C / 10e-3
    assert conversion_at(10e-3 / LIMITING_A, 1.0, dt_s=1.0) == pytest.approx(0.9365, abs=1e-4)


@pytest.mark.parametrize("dt_s", [100.0, 30.0, 10.0, 3.0])
def test_the_error_of_a_step_across_the_kink_is_bounded_by_its_length(dt_s):
    assert abs(conversion_at(0.5, 1.0, dt_s) - (1 - 0.5 / math.e)) < 1e-5 * dt_s


@pytest.mark.parametrize("dt_s", [1.0, 60.0])
def test_at_a_potential_on_the_limit_current_and_charge_decay_exponentially(dt_s):
    # Lingane (1945): Q(t) = n F V C0 (1 - exp(-k_m A t/V)).
    cell = PreparativeCell.from_mapping(description())
    first_A = electrolyse(cell, Control.POTENTIAL, 1.9, 0.01, 1e-3).current_A  # charges first
    assert first_A == pytest.approx(LIMITING_A, rel=1e-3)
    for time_s in (600.0, 1200.0):
        electrolyse(cell, Control.POTENTIAL, 1.9, 600.0, dt_s)
        expected_C = THEORETICAL_C * -math.expm1(-RATE * (time_s + 0.01))
        assert cell.ledger().reactions[0].charge_C == pytest.approx(expected_C, rel=1e-5)
    last_A = electrolyse(cell, Control.POTENTIAL, 1.9, 0.01, 1e-3).current_A
    assert last_A == pytest.approx(LIMITING_A * math.exp(-RATE * 1200.0), rel=1e-3)


def test_an_undivided_shuttle_settles_where_both_limiting_rates_balance():
    # X = a/(a + c) (1 - exp(-(a + c) t)) with a and c the two k_m A/V.
    cell_data = description()
    shuttle = dict(cell_data["electrodes"]["working"]["reactions"][0])
    shuttle |= {
        "name": "product reduction",
        "direction": "reduction",
        "substrate": "product",
        "product": "substrate",
        "reference_potential_V_vs_SHE": 0.9,
    }
    cell_data["species"]["product"] = {"concentration_mol_per_m3": 0.0}
    cell_data["electrodes"]["counter"]["reactions"].append(shuttle)
    cell = PreparativeCell.from_mapping(cell_data)
    a, c = RATE, K_M * 1e-4 / VOLUME
    for time_s in (1000.0, 2000.0, 10000.0):
        while cell.ledger().charge_C == 0.0 or time_s > 0.0:
            cell.step(Control.CURRENT, 1.5 * LIMITING_A, 1.0)
            time_s -= 1.0
    assert cell.ledger().conversion["substrate"] == pytest.approx(a / (a + c), abs=1e-4)


def test_a_current_step_shows_the_resistance_at_once():
    cell = PreparativeCell.from_mapping(description())
    before = electrolyse(cell, Control.CURRENT, 5e-3, 10.0, 0.1)
    after = cell.step(Control.CURRENT, 15e-3, 1e-9)
    assert after.cell_voltage_V - before.cell_voltage_V == pytest.approx(10e-3 * 25.0, rel=1e-5)
    # A tenth of it lies between the working electrode and the reference.
    assert after.potential_V - before.potential_V == pytest.approx(1e-3 * 25.0, rel=1e-5)


def test_a_voltage_step_charges_the_double_layer_with_the_time_constant_RC():
    cell_data = description()
    for reaction in cell_data["electrodes"]["working"]["reactions"]:
        reaction["exchange_current_density_A_per_m2"] = 1e-30
    cell_data["electrodes"]["counter"] |= {
        "double_layer_F": 1e-6,
        "reactions": [
            reaction | {"direction": direction, "exchange_current_density_A_per_m2": 1e8}
            for reaction in cell_data["electrodes"]["counter"]["reactions"]
            for direction in ("oxidation", "reduction")
        ],
    }
    resistance, capacitance = 25.0, 6e-5
    cell = PreparativeCell.from_mapping(cell_data)
    tau = resistance * capacitance
    dt_s = tau / 2000
    for multiple in (1, 2, 3):
        state = electrolyse(cell, Control.CELL_VOLTAGE, 0.1, tau, dt_s)
        expected_A = 0.1 / resistance * math.exp(-multiple)
        assert state.current_A == pytest.approx(expected_A, rel=2e-3)


def test_charge_and_mass_close_through_any_sequence_of_controls():
    cell = PreparativeCell.from_mapping(description())
    rest_V = cell.checkpoint()[0], cell.checkpoint()[1]
    charge_C = 0.0
    for control, value, dt_s, steps in [
        (Control.CURRENT, 20e-3, 1.0, 2000),
        (Control.OPEN_CIRCUIT, 0.0, 7.0, 20),
        (Control.CELL_VOLTAGE, 4.0, 0.5, 1000),
        (Control.POTENTIAL, 1.6, 3.0, 500),
        (Control.CURRENT, 100e-3, 10.0, 100),
        (Control.CURRENT, -1e-6, 1e-3, 100),
    ]:
        for _ in range(steps):
            charge_C += cell.step(control, value, dt_s).current_A * dt_s
    ledger = cell.ledger()
    substrate, solvent, hydrogen = ledger.reactions
    on_working_C = 6e-5 * (cell.checkpoint()[0] - rest_V[0])
    on_counter_C = 4e-5 * (cell.checkpoint()[1] - rest_V[1])
    assert ledger.charge_C == pytest.approx(charge_C, rel=1e-12)
    assert substrate.charge_C + solvent.charge_C + on_working_C == pytest.approx(charge_C, rel=1e-9)
    assert hydrogen.charge_C - on_counter_C == pytest.approx(charge_C, rel=1e-9)
    consumed_mol = (C0 - ledger.concentration_mol_per_m3["substrate"]) * VOLUME
    assert consumed_mol == pytest.approx(substrate.charge_C / (Z * F), rel=1e-9)
    formed_mol = ledger.concentration_mol_per_m3["product"] * VOLUME
    assert formed_mol == pytest.approx(consumed_mol, rel=1e-9)
    assert hydrogen.gas_mol["H2"] == pytest.approx(hydrogen.charge_C / (2 * F), rel=1e-12)
