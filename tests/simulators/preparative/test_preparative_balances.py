"""Amounts, heat, gas and liquid of the preparative cell: closed forms, and books that close."""

import copy
import math
import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell

F, R = 96485.33212, 8.314462618
VOLUME, AREA, K_M = 1e-5, 3e-4, 2e-5


def description(**changes: Any) -> dict[str, Any]:
    path = Path(__file__).parents[2] / "fixtures" / "cells" / "preparative.toml"
    return tomllib.loads(path.read_text()) | changes


def everything() -> dict[str, Any]:
    """A divided cell in which all that the model knows happens at once."""
    data = description(
        counter_volume_m3=2e-5,
        separator={"area_m2": 1e-4, "resistance_ohm": 3.0, "permeability_m_per_s": 1e-7},
        contact_resistance_ohm=0.5,
        conductivity_per_K=0.02,
        mass_transfer_activation_J_per_mol=12e3,
        exchange_activation_J_per_mol=40e3,
        thermal={"heat_capacity_J_per_K": 60.0, "heat_loss_W_per_K": 0.02, "ambient_K": 298.15},
        bubbles={"gap_cross_section_m2": 1e-4},
        headspace={"volume_m3": 1e-5, "sealed": True},
        evaporation_m3_per_s=1e-11,
        vessel_cross_section_m2=5e-4,
    )
    working, counter = data["electrodes"]["working"], data["electrodes"]["counter"]
    working["immersed_m"] = 0.02
    working["film"] = {
        "direction": "oxidation",
        "resistivity_ohm_m": 1e6,
        "growth_m3_per_C": 1e-12,
        "dissolution_per_s": 1e-5,
        "blocking_thickness_m": 1e-6,
    }
    counter["reactions"].append(
        working["reactions"][0]
        | {
            "name": "product reduction",
            "direction": "reduction",
            "reference_potential_V_vs_SHE": 0.3,
            "substrate": "product",
            "product": "substrate",
        }
    )
    working["reverse_reactions"] = [counter["reactions"][0]]
    counter["reverse_reactions"] = [working["reactions"][1]]
    data["species"]["product"] = {"concentration_mol_per_m3": 1.0}
    return data


PROGRAMME = [
    HeldControl(Control.CURRENT, 20e-3, 2000.0),
    HeldControl(Control.OPEN_CIRCUIT, 0.0, 100.0),
    HeldControl(Control.CELL_VOLTAGE, 4.0, 500.0),
    HeldControl(Control.POTENTIAL, 1.6, 500.0),
    HeldControl(Control.CURRENT, -5e-3, 300.0),
]


def test_charge_and_mass_close_with_everything_at_once() -> None:
    cell = PreparativeCell.from_mapping(everything())
    rest = cell.checkpoint()[:2]
    start = cell.ledger().amount_mol
    taken = {"substrate": 0.0, "product": 0.0}
    for segment in PROGRAMME:
        cell.run([segment])
        aliquot = cell.withdraw(1e-7)
        taken = {name: taken[name] + aliquot[name] for name in taken}
    ledger = cell.ledger()
    signed = {"oxidation": 1.0, "reduction": -1.0}
    for side, farads, sign, k in (("working", 6e-5, 1.0, 0), ("counter", 4e-5, -1.0, 1)):
        faradaic_C = sum(
            signed[r.direction] * r.charge_C for r in ledger.reactions if r.electrode == side
        )
        charging_C = farads * (cell.checkpoint()[k] - rest[k])
        assert abs(faradaic_C + charging_C - sign * ledger.charge_C) < 1e-9 * ledger.charge_C
    by_name = {r.reaction: r.extent_mol for r in ledger.reactions}
    net_mol = by_name["substrate oxidation"] - by_name["product reduction"]
    assert by_name["product reduction"] > 1e-8
    for name, change in (("substrate", -net_mol), ("product", net_mol)):
        assert ledger.removed_mol[name] == pytest.approx(taken[name], rel=1e-12)
        found = ledger.amount_mol[name] + taken[name] - start[name]
        assert found == pytest.approx(change, rel=1e-9)


def test_a_batch_gives_the_numbers_of_the_steps() -> None:
    stepped, batch = (PreparativeCell.from_mapping(everything()) for _ in range(2))
    trace = batch.run(PROGRAMME[:3])
    states = [
        stepped.step(control, value, 1.0)
        for control, value, duration_s in PROGRAMME[:3]
        for _ in range(round(duration_s))
    ]
    assert np.array_equal([s.current_A for s in states], trace.current_A)
    assert np.array_equal([s.cell_voltage_V for s in states], trace.cell_voltage_V)
    assert np.array_equal([s.potential_V for s in states], trace.potential_V)
    assert stepped.checkpoint() == batch.checkpoint()


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_cell_copied_by_any_means_is_a_whole_cell(copied: Any) -> None:
    cell = PreparativeCell.from_mapping(everything())
    cell.disturb("mass_transfer_factor", 0.5)
    cell.run(PROGRAMME[:2])
    twin = copied(cell)
    before = twin.checkpoint()
    after = twin.run(PROGRAMME[2:]).cell_voltage_V
    assert twin.ledger().time_s == cell.ledger().time_s + 1300.0
    twin.restore(before)
    assert np.array_equal(twin.run(PROGRAMME[2:]).cell_voltage_V, after)
    assert np.array_equal(cell.run(PROGRAMME[2:]).cell_voltage_V, after)


def test_a_copy_and_a_checkpoint_go_on_with_the_same_numbers() -> None:
    cell = PreparativeCell.from_mapping(everything())
    cell.disturb("mass_transfer_factor", 0.5)
    cell.run(PROGRAMME[:2])
    before = cell.checkpoint()
    twin = copy.copy(cell)
    after = cell.run(PROGRAMME[2:]).cell_voltage_V
    assert np.array_equal(twin.run(PROGRAMME[2:]).cell_voltage_V, after)
    twin.disturb("mass_transfer_factor", 1.0)
    assert cell.disturbance("mass_transfer_factor") == 0.5
    cell.restore(before)
    assert np.array_equal(cell.run(PROGRAMME[2:]).cell_voltage_V, after)


@pytest.mark.long
def test_the_same_functions_give_the_same_numbers_without_the_compiler() -> None:
    script = (
        "import json, sys\n"
        "from faradaic.simulators.preparative.preparative_cell import *\n"
        "from faradaic.simulators.contracts import Control\n"
        "cell = PreparativeCell.from_mapping(json.load(sys.stdin))\n"
        "controls = [(Control.CURRENT, 20e-3), (Control.CELL_VOLTAGE, 3.0),"
        " (Control.POTENTIAL, 1.5), (Control.CURRENT, -5e-3)]\n"
        "cell.run([HeldControl(c, v, 20.0) for c, v in controls])\n"
        "print(json.dumps(cell.checkpoint()))\n"
    )
    import json

    found = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script],
            input=json.dumps(everything()),
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    assert found[1] == pytest.approx(found[0], rel=1e-9, abs=1e-15)


def test_planning_an_electrolysis_does_not_load_the_compiler() -> None:
    script = (
        "import sys\n"
        "import faradaic.simulators.preparative.preparative_cell\n"
        "import faradaic.chemistry.cell_description.preparative_description\n"
        "from faradaic.protocols.load import load_protocol\n"
        "from faradaic.protocols.cell_of_protocol import describe_cell\n"
        "from faradaic.protocols.resolved import resolve_protocol\n"
        "protocol = load_protocol('library:benzothiophene-dioxide').protocol\n"
        "describe_cell(resolve_protocol(protocol))\n"
        "assert 'numba' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_compartments_even_out_through_the_separator() -> None:
    # d(c1 - c2)/dt = -P A (1/V1 + 1/V2)(c1 - c2)
    data = everything() | {"evaporation_m3_per_s": 0.0}
    cell = PreparativeCell.from_mapping(data)
    rate = 1e-7 * 1e-4 * (1 / 1e-5 + 1 / 2e-5)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 1e5)], dt_s=100.0)
    ledger = cell.ledger()
    own, other = ledger.concentration_mol_per_m3, ledger.counter_concentration_mol_per_m3
    difference = own["substrate"] - other["substrate"]
    assert difference == pytest.approx(50.0 * math.exp(-rate * 1e5), rel=1e-3)
    # what the two electrodes do to each other at open circuit is small, and books it
    assert ledger.reactions[0].extent_mol < 1e-3 * 50.0 * VOLUME


def test_one_long_step_evens_two_compartments_out_and_no_further() -> None:
    cell = PreparativeCell.from_mapping(everything())
    cell.disturb("membrane_leak_m3_per_s", 1e-6)
    cell.step(Control.OPEN_CIRCUIT, 0.0, 1000.0)
    ledger = cell.ledger()
    # 10 mL of 50 mM into 20 mL more
    assert ledger.concentration_mol_per_m3["substrate"] == pytest.approx(50 / 3, rel=1e-3)
    assert ledger.counter_concentration_mol_per_m3["substrate"] == pytest.approx(50 / 3, rel=1e-3)


def _shuttle(**changes: Any) -> PreparativeCell:
    """Substrate and product, each at its limit at one electrode; everything else overflows."""
    data = description(**changes)
    working, counter = data["electrodes"]["working"], data["electrodes"]["counter"]
    counter["reactions"].append(
        working["reactions"][0]
        | {
            "name": "product reduction",
            "direction": "reduction",
            "reference_potential_V_vs_SHE": 0.9,
            "substrate": "product",
            "product": "substrate",
        }
    )
    data["species"]["product"] = {"concentration_mol_per_m3": 0.0}
    return PreparativeCell.from_mapping(data)


def test_an_undivided_cell_approaches_a_over_a_plus_c_at_the_rate_a_plus_c() -> None:
    cell = _shuttle()
    a, c = K_M * 3e-4 / VOLUME, K_M * 1e-4 / VOLUME
    trace = cell.run([HeldControl(Control.CURRENT, 0.1, 5000.0)], dt_s=0.1)
    substrate = trace.amount_mol[:, 0, trace.species.index("substrate")]
    conversion = 1 - substrate / (50.0 * VOLUME)
    expected = a / (a + c) * -np.expm1(-(a + c) * trace.time_s)
    assert conversion == pytest.approx(expected, abs=1e-4)


def test_a_separator_ends_the_shuttle_as_far_as_it_is_tight() -> None:
    divided = {"area_m2": 1e-4, "permeability_m_per_s": 0.0}
    tight = _shuttle(separator=divided)
    torn = _shuttle(separator=divided)
    torn.disturb("membrane_leak_m3_per_s", 1e-9)
    for cell in (tight, torn):
        cell.run([HeldControl(Control.CURRENT, 0.1, 20000.0)])
    a = K_M * 3e-4 / VOLUME
    assert tight.ledger().conversion["substrate"] == pytest.approx(
        -math.expm1(-a * 20000), abs=1e-4
    )
    assert tight.ledger().counter_concentration_mol_per_m3["product"] == 0.0
    # Through the tear product reaches the cathode and substrate returns: with q = leak/V and both
    # volumes equal, the steady state is s1 (a + q) = q s2 and p2 (c + q) = q p1.
    q, c = 1e-9 / VOLUME, K_M * 1e-4 / VOLUME
    s1 = 1.0
    s2 = s1 * (a + q) / q
    p1 = (a * s1) / (q - q * q / (c + q))
    p2 = q * p1 / (c + q)
    torn.run([HeldControl(Control.CURRENT, 0.1, 400000.0)], dt_s=10.0)
    expected = (p1 + p2) / (s1 + s2 + p1 + p2)
    assert torn.ledger().conversion["substrate"] == pytest.approx(expected, abs=1e-3)


def test_the_temperature_follows_the_first_order_heat_balance() -> None:
    # T_end = T_amb + P/UA (1 - exp(-UA t/C)) at constant electrical power
    thermal = {"heat_capacity_J_per_K": 20.0, "heat_loss_W_per_K": 0.05, "ambient_K": 298.15}
    cell = PreparativeCell.from_mapping(
        {
            **_ohmic(),
            "thermal": thermal | {"thermoneutral_voltage_V": 0.1},
        }
    )
    trace = cell.run([HeldControl(Control.CURRENT, 0.1, 600.0)])
    power_W = 0.1 * (trace.cell_voltage_V[-1] - 0.1)
    assert np.ptp(trace.cell_voltage_V[1:]) < 1e-9
    expected_K = 298.15 + power_W / 0.05 * -math.expm1(-0.05 / 20.0 * 600.0)
    assert trace.temperature_K[-1] - 298.15 == pytest.approx(expected_K - 298.15, rel=2e-3)
    # the first second charges the double layer; from there on, exactly
    after = 298.15 + power_W / 0.05
    decay = math.exp(-0.05 / 20.0 * 599.0)
    exact_K = after + (trace.temperature_K[0] - after) * decay
    assert trace.temperature_K[-1] == pytest.approx(exact_K, rel=1e-12)


def _ohmic() -> dict[str, Any]:
    """A cell whose voltage does not depend on temperature: both electrodes never polarise."""
    data = description(reference=None, species={}, resistance_ohm=100.0)
    for side in ("working", "counter"):
        data["electrodes"][side] |= {
            "double_layer_F": 1e-9,
            "reactions": [
                {
                    "name": direction,
                    "direction": direction,
                    "electrons": 1,
                    "reference_potential_V_vs_SHE": 0.0,
                    "exchange_current_density_A_per_m2": 1e12,
                    "tafel_slope_V_per_decade": 0.118,
                }
                for direction in ("oxidation", "reduction")
            ],
        }
    return data


def test_a_boiling_solution_stays_at_its_boiling_point_and_loses_the_excess_heat_as_vapour() -> (
    None
):
    cell = PreparativeCell.from_mapping(
        {
            **_ohmic(),
            "thermal": {
                "heat_capacity_J_per_K": 20.0,
                "heat_loss_W_per_K": 0.02,
                "ambient_K": 298.15,
                "boiling_point_K": 308.15,
                "latent_heat_J_per_m3": 6e8,
            },
        }
    )
    cell.run([HeldControl(Control.CURRENT, 0.1, 2000.0)])
    first = cell.ledger()
    cell.run([HeldControl(Control.CURRENT, 0.1, 100.0)])
    last = cell.ledger()
    assert last.temperature_K == 308.15
    assert last.events == ("boiling",)
    power_W = (last.energy_J - first.energy_J) / 100.0
    boiled_m3 = first.volume_m3 - last.volume_m3
    # the loss falls a little within each step of 1 s
    assert boiled_m3 == pytest.approx((power_W - 0.02 * 10.0) * 100.0 / 6e8, rel=1e-3)


def test_a_warm_solution_conducts_better_and_stirs_faster() -> None:
    cold = description(
        conductivity_per_K=0.02,
        mass_transfer_activation_J_per_mol=15e3,
        thermal={"heat_capacity_J_per_K": 1.0, "heat_loss_W_per_K": 1e3, "ambient_K": 318.15},
    )
    cell = PreparativeCell.from_mapping(cold)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 10.0)])
    assert cell.ledger().temperature_K == pytest.approx(318.15, abs=1e-9)
    cell.step(Control.CURRENT, 10e-3, 1.0)
    loaded = cell.step(Control.CURRENT, 10e-3, 1e-9).cell_voltage_V
    ohm = (loaded - cell.step(Control.OPEN_CIRCUIT, 0.0, 1e-9).cell_voltage_V) / 10e-3
    assert ohm == pytest.approx(25.0 / 1.4, rel=1e-3)
    before = cell.ledger()
    cell.step(Control.CURRENT, 0.5, 1e-3)
    cell.step(Control.CURRENT, 0.5, 1e-3)
    middle = cell.ledger()
    cell.step(Control.CURRENT, 0.5, 1e-3)
    limiting_A = (cell.ledger().reactions[0].charge_C - middle.reactions[0].charge_C) / 1e-3
    faster = math.exp(-15e3 / R * (1 / 318.15 - 1 / 298.15))
    still_A = 2 * F * AREA * K_M * before.concentration_mol_per_m3["substrate"]
    assert limiting_A == pytest.approx(still_A * faster, rel=1e-3)


def test_evaporation_concentrates_what_is_dissolved_and_bares_the_electrodes() -> None:
    data = description(evaporation_m3_per_s=1e-9, vessel_cross_section_m2=5e-4)
    data["electrodes"]["working"]["immersed_m"] = 0.016
    data["electrodes"]["counter"]["immersed_m"] = 0.016
    cell = PreparativeCell.from_mapping(data)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 2000.0)])
    ledger = cell.ledger()
    assert ledger.volume_m3 == pytest.approx(8e-6, rel=1e-9)
    assert ledger.concentration_mol_per_m3["substrate"] == pytest.approx(62.5, rel=1e-6)
    cell.step(Control.CURRENT, 10e-3, 1e-3)
    loaded = cell.step(Control.CURRENT, 10e-3, 1e-9).cell_voltage_V
    ohm = (loaded - cell.step(Control.OPEN_CIRCUIT, 0.0, 1e-9).cell_voltage_V) / 10e-3
    # 4 of 16 mm are bare, and the electrolyte is 10/8 as concentrated
    assert ohm == pytest.approx(25.0 / 0.75 / 1.25, rel=1e-4)


def test_a_leak_takes_the_solution_as_it_is() -> None:
    cell = PreparativeCell.from_mapping(description())
    cell.disturb("leak_m3_per_s", 1e-9)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 1000.0)])
    ledger = cell.ledger()
    assert ledger.volume_m3 == pytest.approx(9e-6, rel=1e-9)
    # at open circuit the electrodes corrode each other a little: 1e-7 of the substrate
    assert ledger.concentration_mol_per_m3["substrate"] == pytest.approx(50.0, rel=1e-6)
    assert ledger.removed_mol["substrate"] == pytest.approx(50.0 * 1e-6, rel=1e-6)
    assert ledger.conversion["substrate"] == pytest.approx(0.0, abs=1e-6)


def test_an_aliquot_changes_amounts_and_leaves_concentration_and_conversion() -> None:
    cell = PreparativeCell.from_mapping(description())
    cell.run([HeldControl(Control.CURRENT, 20e-3, 2000.0)])
    before = cell.ledger()
    taken = cell.withdraw(5e-7)
    after = cell.ledger()
    assert taken["product"] == pytest.approx(
        before.concentration_mol_per_m3["product"] * 5e-7, rel=1e-12
    )
    assert after.concentration_mol_per_m3 == pytest.approx(before.concentration_mol_per_m3)
    assert after.conversion == pytest.approx(before.conversion, rel=1e-12)
    cell.add({"substrate": 1e-4}, 1e-6)
    assert cell.ledger().amount_mol["substrate"] == pytest.approx(
        after.amount_mol["substrate"] + 1e-4, rel=1e-12
    )
    assert cell.ledger().conversion == pytest.approx(before.conversion, rel=1e-12)


def test_hydrogen_fills_a_sealed_headspace() -> None:
    # 7.607 mL/min per ampere at 25 °C and 1 atm: RT/(2F p)
    cell = PreparativeCell.from_mapping(description(headspace={"volume_m3": 2e-5, "sealed": True}))
    cell.run([HeldControl(Control.CURRENT, 0.1, 600.0)])
    head = cell.ledger().headspace
    assert head is not None
    rise_Pa = 7.607e-6 * 0.1 * 10 / 2e-5 * 101325.0
    assert head.pressure_Pa - 101325.0 == pytest.approx(rise_Pa, rel=2e-3)
    assert head.mole_fraction["H2"] == pytest.approx(rise_Pa / (101325.0 + rise_Pa), rel=2e-3)


@pytest.mark.parametrize("sweep_mol_per_s", [0.0, 1e-5])
def test_hydrogen_displaces_the_air_of_a_vented_headspace(sweep_mol_per_s: float) -> None:
    # y = p/(p + s) (1 - exp(-(p + s) t/N)) of a well-mixed headspace
    cell = PreparativeCell.from_mapping(
        description(headspace={"volume_m3": 2e-5, "sweep_mol_per_s": sweep_mol_per_s})
    )
    cell.run([HeldControl(Control.CURRENT, 0.1, 1800.0)])
    head = cell.ledger().headspace
    assert head is not None
    assert head.pressure_Pa == 101325.0
    production = 0.1 / (2 * F)
    flow = production + sweep_mol_per_s
    moles = 101325.0 * 2e-5 / (R * 298.15)
    expected = production / flow * -math.expm1(-flow * 1800.0 / moles)
    assert head.mole_fraction["H2"] == pytest.approx(expected, rel=2e-3)


def test_energy_per_amount_of_product() -> None:
    cell = PreparativeCell.from_mapping(description())
    trace = cell.run([HeldControl(Control.CURRENT, 20e-3, 3000.0)])
    ledger = cell.ledger()
    # the trapezoid from where the ohmic drop alone stands, as voltages follow the current
    voltages_V = np.concatenate([[20e-3 * 25.0], trace.cell_voltage_V])
    energy_J = 20e-3 * np.trapezoid(voltages_V)
    assert ledger.energy_J == pytest.approx(energy_J, rel=1e-9)
    # J/mol = z F U: every electron makes product here
    per_mol = ledger.energy_J / ledger.amount_mol["product"]
    assert per_mol == pytest.approx(2 * F * trace.cell_voltage_V.mean(), rel=1e-3)


def _reacting_at_both() -> dict[str, Any]:
    """The substrate is oxidised at whichever electrode is driven that way."""
    data = description()
    working, counter = data["electrodes"]["working"], data["electrodes"]["counter"]
    counter["reverse_reactions"] = working["reactions"]
    working["reverse_reactions"] = counter["reactions"]
    return data


@pytest.mark.parametrize("dt_s", [1.0, 100.0, 1e4])
def test_a_substrate_of_both_electrodes_is_never_overdrawn(dt_s: float) -> None:
    cell = PreparativeCell.from_mapping(_reacting_at_both())
    for control, value in [
        (Control.CURRENT, 0.5),
        (Control.OPEN_CIRCUIT, 0.0),
        (Control.CURRENT, -0.5),
        (Control.CELL_VOLTAGE, 5.0),
        (Control.CELL_VOLTAGE, -5.0),
        (Control.CURRENT, 1e-6),
    ]:
        cell.step(control, value, dt_s)
        amounts = cell.ledger().amount_mol
        assert amounts["substrate"] + amounts["product"] == pytest.approx(5e-4, rel=1e-12)


@pytest.mark.parametrize("dt_s", [1.0, 60.0])
def test_a_reaction_that_does_not_run_takes_nothing_from_the_one_that_does(dt_s: float) -> None:
    one, both = (
        PreparativeCell.from_mapping(data) for data in (description(), _reacting_at_both())
    )
    for cell in (one, both):
        cell.run([HeldControl(Control.CURRENT, 0.1, 3600.0)], dt_s=dt_s)
    alone = one.ledger().conversion["substrate"]
    assert both.ledger().conversion["substrate"] == pytest.approx(alone, abs=1e-9)
