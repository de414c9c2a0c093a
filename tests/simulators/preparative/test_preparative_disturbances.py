"""Every disturbance of a cell shows as it should, and a wrong one is refused by name."""

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.preparative.disturbances import DISTURBANCES
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell
from faradaic.simulators.simulation_errors import SimulationError

F = 96485.33212
RESISTANCE, OHMIC_FRACTION = 25.0, 0.1


def description(**changes: Any) -> dict[str, Any]:
    path = Path(__file__).parents[2] / "fixtures" / "cells" / "preparative.toml"
    return tomllib.loads(path.read_text()) | changes


def running_cell(**changes: Any) -> PreparativeCell:
    cell = PreparativeCell.from_mapping(description(**changes))
    cell.run([HeldControl(Control.CURRENT, 10e-3, 100.0)])
    return cell


def steps(name: str, level: float, **changes: Any) -> tuple[CellState, CellState]:
    """The next second at 10 mA, undisturbed and disturbed."""
    cell = running_cell(**changes)
    before = cell.checkpoint()
    plain = cell.step(Control.CURRENT, 10e-3, 1.0)
    cell.restore(before)
    cell.disturb(name, level)
    return plain, cell.step(Control.CURRENT, 10e-3, 1.0)


def test_a_bad_contact_is_a_resistance_outside_the_reference() -> None:
    plain, bad = steps("series_resistance_ohm", 50.0)
    assert bad.cell_voltage_V - plain.cell_voltage_V == pytest.approx(0.5, rel=1e-9)
    assert bad.potential_V == pytest.approx(plain.potential_V, abs=1e-12)


def test_half_the_conductivity_doubles_the_ohmic_drop() -> None:
    plain, worse = steps("conductivity_factor", 0.5)
    assert worse.cell_voltage_V - plain.cell_voltage_V == pytest.approx(0.25, rel=1e-9)
    assert worse.potential_V - plain.potential_V == pytest.approx(0.025, rel=1e-9)


def test_a_stopped_stirrer_moves_the_anode_to_the_solvent() -> None:
    plain, still = steps("mass_transfer_factor", 0.1)
    # the limit falls from 57 to 5.7 mA
    assert still.potential_V - plain.potential_V > 1.5


def test_a_bubble_on_the_anode_raises_its_potential_by_the_tafel_slope() -> None:
    data = description()
    del data["electrodes"]["working"]["reactions"][0]
    plain, blocked = steps(
        "working_area_factor", 0.5, electrodes=data["electrodes"], species=data["species"]
    )
    shift_V = blocked.potential_V - plain.potential_V
    assert shift_V == pytest.approx(0.12 * math.log10(2), rel=1e-3)


def test_a_reference_that_is_off_shifts_the_reading_and_what_is_controlled() -> None:
    plain, off = steps("reference_offset_V", 0.3)
    assert off.potential_V - plain.potential_V == pytest.approx(0.3, rel=1e-9)
    assert off.cell_voltage_V == plain.cell_voltage_V
    cell = running_cell()
    cell.disturb("reference_offset_V", 0.3)
    state = cell.step(Control.POTENTIAL, 1.5, 10.0)
    assert state.potential_V == pytest.approx(1.5, abs=1e-9)
    undisturbed = running_cell().step(Control.POTENTIAL, 1.2, 10.0)
    assert state.current_A == pytest.approx(undisturbed.current_A, rel=1e-9)


def test_an_open_lead_carries_nothing_at_any_voltage() -> None:
    cell = running_cell()
    cell.disturb("open_lead", 1.0)
    assert abs(cell.step(Control.CELL_VOLTAGE, 20.0, 1.0).current_A) < 1e-10
    assert cell.step(Control.CURRENT, 10e-3, 1e-3).cell_voltage_V > 1e6
    cell.disturb("open_lead", 0.0)
    assert cell.step(Control.CURRENT, 10e-3, 10.0).cell_voltage_V < 5.0


def test_a_short_takes_the_current_past_the_electrodes() -> None:
    cell = running_cell()
    cell.disturb("short_conductance_S", 1.0)
    state = cell.step(Control.CURRENT, 10e-3, 10.0)
    assert state.current_A == 10e-3
    assert state.cell_voltage_V == pytest.approx(10e-3, rel=0.05)  # 1 Ω at 10 mA
    voltage = cell.step(Control.CELL_VOLTAGE, 2.0, 10.0)
    assert voltage.current_A == pytest.approx(2.0, rel=0.05)
    extent = cell.ledger().reactions[0].charge_C
    cell.run([HeldControl(Control.CURRENT, 10e-3, 100.0)])
    assert cell.ledger().reactions[0].charge_C - extent < 0.01 * 10e-3 * 100.0


def test_swapped_leads_turn_every_sign_of_the_cell_round() -> None:
    plain = running_cell(reference=None)
    swapped = running_cell(reference=None)
    swapped.disturb("leads_swapped", 1.0)
    forward = plain.step(Control.CURRENT, 10e-3, 1.0)
    backward = swapped.step(Control.CURRENT, -10e-3, 1.0)
    assert backward.cell_voltage_V == pytest.approx(-forward.cell_voltage_V, rel=1e-12)
    assert swapped.ledger().charge_C == pytest.approx(plain.ledger().charge_C, rel=1e-12)
    assert swapped.checkpoint()[:2] == pytest.approx(plain.checkpoint()[:2], rel=1e-12)


def test_a_film_grows_with_the_charge() -> None:
    cell = running_cell()
    before_V = cell.step(Control.CURRENT, 10e-3, 1.0).cell_voltage_V
    cell.disturb("working_film_ohm_per_C", 20.0)
    cell.run([HeldControl(Control.CURRENT, 10e-3, 100.0)])
    assert cell.ledger().working.film_ohm == pytest.approx(20.0, rel=1e-9)
    rise_V = cell.step(Control.CURRENT, 10e-3, 1.0).cell_voltage_V - before_V
    assert rise_V == pytest.approx(0.2, rel=0.01)
    cell.disturb("working_film_ohm_per_C", 0.0)
    assert cell.ledger().working.film_ohm == pytest.approx(20.0, rel=0.01)


def test_metal_that_falls_off_ends_the_anode_early() -> None:
    data = description()
    working = data["electrodes"]["working"]
    working["reactions"][0] = {
        "name": "dissolution",
        "direction": "oxidation",
        "electrons": 2,
        "reference_potential_V_vs_SHE": -2.0,
        "exchange_current_density_A_per_m2": 1.0,
        "tafel_slope_V_per_decade": 0.12,
        "metal": True,
    }
    working["metal"] = {"molar_mass_kg_per_mol": 0.0243, "mass_kg": 1e-3}
    cell = PreparativeCell.from_mapping(data)
    before = cell.run([HeldControl(Control.CURRENT, 10e-3, 10.0)]).potential_V[-1]
    cell.disturb("working_mass_lost_kg", 1e-3)
    after = cell.run([HeldControl(Control.CURRENT, 10e-3, 10.0)]).potential_V[-1]
    assert after - before > 4.0


def test_heat_from_outside_warms_the_solution() -> None:
    thermal = {"heat_capacity_J_per_K": 20.0, "heat_loss_W_per_K": 0.0, "ambient_K": 298.15}
    cell = PreparativeCell.from_mapping(description(thermal=thermal))
    cell.disturb("heat_W", 2.0)
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 100.0)])
    assert cell.ledger().temperature_K == pytest.approx(308.15, abs=1e-6)


def test_setting_a_level_twice_or_back_leaves_no_trace() -> None:
    for name, disturbance in DISTURBANCES.items():
        changes: dict[str, Any] = {
            "separator": {"area_m2": 1e-4},
            "thermal": {
                "heat_capacity_J_per_K": 20.0,
                "heat_loss_W_per_K": 0.1,
                "ambient_K": 298.15,
            },
        }
        cell = running_cell(**changes)
        before = cell.checkpoint()
        plain = cell.step(Control.CURRENT, 10e-3, 1.0)
        cell.restore(before)
        for _ in range(2):
            cell.disturb(name, disturbance.most / 2)
        cell.disturb(name, disturbance.neutral)
        assert cell.step(Control.CURRENT, 10e-3, 1.0) == plain, name


@pytest.mark.parametrize(
    ("name", "level", "help_"),
    [
        ("mass_transfer", 0.1, "did you mean `mass_transfer_factor`?"),
        ("mass_transfer_factor", 0.0, "write 1e-09 to 1e+06"),
        ("mass_transfer_factor", math.nan, "write 1e-09 to 1e+06"),
        ("membrane_leak_m3_per_s", 1e-9, "add `separator`"),
        ("heat_W", 1.0, "add `thermal`"),
    ],
)
def test_a_wrong_disturbance_is_refused(name: str, level: float, help_: str) -> None:
    cell = PreparativeCell.from_mapping(description())
    with pytest.raises(InputError) as caught:
        cell.disturb(name, level)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E534"
    assert help_ in diagnostic.help


def test_a_cell_that_has_run_dry_says_so_and_stays_as_it_was() -> None:
    cell = running_cell()
    cell.disturb("leak_m3_per_s", 1.05e-6)
    for _ in range(9):
        cell.step(Control.CURRENT, 10e-3, 1.0)
    before = cell.checkpoint()
    with pytest.raises(SimulationError, match="no liquid is left"):
        cell.step(Control.CURRENT, 10e-3, 1.0)
    assert cell.checkpoint() == before


def test_bubbles_beyond_their_correlation_end_the_run() -> None:
    cell = PreparativeCell.from_mapping(description(bubbles={"gap_cross_section_m2": 1e-4}))
    with pytest.raises(SimulationError, match="bubbles would cover more than 95 %"):
        cell.run([HeldControl(Control.CURRENT, 100.0, 3.0)])


def test_an_electrode_out_of_the_liquid_opens_the_circuit() -> None:
    data = description(vessel_cross_section_m2=5e-4)
    data["electrodes"]["counter"]["immersed_m"] = 0.01
    cell = PreparativeCell.from_mapping(data)
    cell.disturb("leak_m3_per_s", 1e-8)
    cell.run([HeldControl(Control.CURRENT, 10e-3, 400.0)])
    assert cell.ledger().events == ()
    cell.run([HeldControl(Control.OPEN_CIRCUIT, 0.0, 101.0)])
    cell.disturb("leak_m3_per_s", 0.0)
    assert abs(cell.step(Control.CELL_VOLTAGE, 20.0, 1.0).current_A) < 1e-10
    assert cell.ledger().events == ("dry electrode",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reversible": True, "product": None}, "needs a substrate and a product"),
        ({"reversible": True, "tafel_slope_V_per_decade": 0.02}, "must be above 0.0296 V"),
        ({"metal": True}, "the electrode has no `metal`"),
    ],
)
def test_a_reaction_that_contradicts_itself_is_refused(change: dict[str, Any], words: str) -> None:
    data = description()
    data["electrodes"]["working"]["reactions"][0] |= change
    with pytest.raises(InputError, match=words):
        PreparativeCell.from_mapping(data)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"counter_volume_m3": 1e-5}, "for a cell with a `separator`"),
        (
            {
                "thermal": {
                    "heat_capacity_J_per_K": 20.0,
                    "heat_loss_W_per_K": 0.1,
                    "ambient_K": 298.15,
                    "boiling_point_K": 290.0,
                    "latent_heat_J_per_m3": 5e8,
                }
            },
            "would boil from the start",
        ),
    ],
)
def test_a_cell_that_contradicts_itself_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PreparativeCell.from_mapping(description(**changes))


def test_an_aliquot_larger_than_the_cell_is_refused() -> None:
    cell = running_cell()
    with pytest.raises(InputError, match="cannot be taken"):
        cell.withdraw(1e-5)
    with pytest.raises(InputError, match="no compartment `counter`"):
        cell.withdraw(1e-7, "counter")
    with pytest.raises(InputError, match="cannot be added"):
        cell.add({"alkyne": 1e-3}, 0.0)
