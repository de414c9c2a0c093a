"""Partial currents, films, bubbles and metals of the preparative cell against closed forms."""

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import PreparativeCell, Segment

F, R, T = 96485.33212, 8.314462618, 298.15
VOLUME, RESISTANCE, AREA = 1e-5, 25.0, 3e-4


def description(**changes: Any) -> dict[str, Any]:
    path = Path(__file__).parents[2] / "fixtures" / "cells" / "preparative.toml"
    return tomllib.loads(path.read_text()) | changes


def line(direction: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": f"a {direction}",
        "direction": direction,
        "electrons": 1,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1.0,
        "tafel_slope_V_per_decade": 0.12,
    } | changes


def couple_cell(oxidised: float, reduced: float, j0: float = 10.0) -> dict[str, Any]:
    """A one-electron couple at a working electrode of 3 cm², k_m = 2e-5 m/s, c° = 10 mM."""
    couple = line(
        "oxidation",
        substrate="reduced",
        product="oxidised",
        reversible=True,
        reference_potential_V_vs_SHE=0.4,
        exchange_current_density_A_per_m2=j0,
        reference_concentration_mol_per_m3=10.0,
        mass_transfer_m_per_s=2e-5,
    )
    cell = description(
        species={
            "oxidised": {"concentration_mol_per_m3": oxidised},
            "reduced": {"concentration_mol_per_m3": reduced},
        },
        reference={"potential_V_vs_SHE": 0.0},
    )
    cell["electrodes"]["working"]["reactions"] = [couple]
    cell["electrodes"]["counter"]["reactions"].append(
        line("oxidation", reference_potential_V_vs_SHE=1.6)
    )
    return cell


def test_a_couple_at_open_circuit_shows_its_nernst_potential() -> None:
    cell = PreparativeCell.from_mapping(couple_cell(8.0, 2.0))
    state = cell.step(Control.OPEN_CIRCUIT, 0.0, 1e4)
    assert state.potential_V == pytest.approx(0.4 + R * T / F * math.log(8 / 2), abs=1e-6)


@pytest.mark.parametrize("potential_V", [-0.2, 0.3, 0.38, 0.43, 0.5, 1.0])
@pytest.mark.parametrize("j0", [1e-3, 10.0, 1e7])
def test_the_current_of_a_couple_is_butler_volmer_with_a_film(
    potential_V: float, j0: float
) -> None:
    # i/(nFA) = (k_f c_R - k_b c_O)/(1 + k_f/m + k_b/m) (Koutecky and Levich, 1956; Bard and
    # Faulkner, 2nd ed., 3.4), k_f from j0 at 10 mM and a Tafel slope of 0.12 V per decade.
    cell = PreparativeCell.from_mapping(couple_cell(8.0, 2.0, j0))
    cell.step(Control.POTENTIAL, potential_V, 1e-9)
    current_A = cell.step(Control.POTENTIAL, potential_V, 1e-9).current_A
    m = 2e-5
    kf = j0 / (F * 10.0) * 10 ** ((potential_V - 0.4) / 0.12)
    kb = kf * math.exp(-F / (R * T) * (potential_V - 0.4))
    expected_A = F * AREA * (kf * 2.0 - kb * 8.0) / (1 + kf / m + kb / m)
    assert current_A == pytest.approx(expected_A, rel=1e-6)


def test_a_fast_couple_under_a_limiting_current_has_the_wave_of_mass_transfer() -> None:
    # E = E0' + (RT/F) ln[(i - i_lc)/(i_la - i)], equal mass transfer both ways.
    cell = PreparativeCell.from_mapping(couple_cell(8.0, 2.0, 1e9))
    anodic_A, cathodic_A = F * AREA * 2e-5 * 2.0, -F * AREA * 2e-5 * 8.0
    for share in (-0.9, -0.2, 0.3, 0.9):
        current_A = share * (anodic_A if share > 0 else -cathodic_A)
        before = cell.checkpoint()
        trace = cell.run([Segment(Control.CURRENT, current_A, 0.2)], dt_s=0.01)
        cell.restore(before)
        ratio = (current_A - cathodic_A) / (anodic_A - current_A)
        expected_V = 0.4 + R * T / F * math.log(ratio)
        assert trace.potential_V[-1] == pytest.approx(expected_V, abs=1e-4)


def test_a_reversed_run_takes_the_product_back() -> None:
    cell = PreparativeCell.from_mapping(couple_cell(0.0, 10.0))
    current_A, theoretical_C = 0.5e-3, F * VOLUME * 10.0
    cell.run([Segment(Control.CURRENT, current_A, 0.5 * theoretical_C / current_A)])
    assert cell.ledger().conversion["reduced"] == pytest.approx(0.5, abs=1e-5)
    cell.run([Segment(Control.CURRENT, -current_A, 0.4 * theoretical_C / current_A)])
    assert cell.ledger().conversion["reduced"] == pytest.approx(0.1, abs=1e-5)


@pytest.mark.parametrize(
    ("metal", "molar_mass_g", "electrons", "grams_per_Ah"),
    # Faraday's law with the standard atomic masses
    [
        ("Mg", 24.305, 2, 0.4534),
        ("Al", 26.982, 3, 0.3356),
        ("Zn", 65.38, 2, 1.2197),
        ("Fe", 55.845, 2, 1.0418),
        ("Ag", 107.868, 1, 4.0247),
    ],
)
def test_a_sacrificial_anode_loses_its_mass_after_faraday(
    metal: str, molar_mass_g: float, electrons: int, grams_per_Ah: float
) -> None:
    cell = PreparativeCell.from_mapping(_sacrificial(molar_mass_g * 1e-3, electrons, 1e-2))
    cell.run([Segment(Control.CURRENT, 0.1, 36000.0)])
    ledger = cell.ledger()
    lost_g = 1e3 * (1e-2 - ledger.working.metal_kg)
    assert lost_g == pytest.approx(grams_per_Ah, rel=1e-4)
    dissolved_C = ledger.reactions[0].charge_C
    faraday_g = molar_mass_g * dissolved_C / (electrons * F)
    assert lost_g == pytest.approx(faraday_g, rel=1e-9)


def _sacrificial(molar_mass_kg: float, electrons: float, mass_kg: float) -> dict[str, Any]:
    cell = description()
    working = cell["electrodes"]["working"]
    solvent = working["reactions"][1]
    working["reactions"] = [line("oxidation", electrons=electrons, metal=True), solvent]
    working["metal"] = {"molar_mass_kg_per_mol": molar_mass_kg, "mass_kg": mass_kg}
    return cell


def test_an_exhausted_anode_leaves_the_current_to_the_solvent() -> None:
    mass_kg = 1e-5
    cell = PreparativeCell.from_mapping(_sacrificial(0.024305, 2, mass_kg))
    lasts_s = mass_kg / 0.024305 * 2 * F / 0.05
    trace = cell.run([Segment(Control.CURRENT, 0.05, 2 * lasts_s)])
    before, after = (
        trace.potential_V[trace.time_s < 0.9 * lasts_s][-1],
        trace.potential_V[trace.time_s > 1.1 * lasts_s][0],
    )
    assert after - before == pytest.approx(2.8, abs=0.1)
    assert 0.0 <= cell.ledger().working.metal_kg < 1e-6 * mass_kg


def test_grains_that_fall_off_add_to_the_loss_but_not_to_the_charge() -> None:
    data = _sacrificial(0.024305, 2, 1e-3)
    data["electrodes"]["working"]["metal"]["loss_per_faraday_loss"] = 1.2
    cell = PreparativeCell.from_mapping(data)
    cell.run([Segment(Control.CURRENT, 0.05, 3600.0)])
    ledger = cell.ledger()
    expected_kg = 1.2 * 0.024305 * ledger.reactions[0].charge_C / (2 * F)
    assert 1e-3 - ledger.working.metal_kg == pytest.approx(expected_kg, rel=1e-9)


def test_metal_deposits_on_a_cathode() -> None:
    data = description()
    counter = data["electrodes"]["counter"]
    counter["metal"] = {"molar_mass_kg_per_mol": 0.063546, "mass_kg": 0.0}
    counter["reactions"] = [line("reduction", electrons=2, metal=True)]
    cell = PreparativeCell.from_mapping(data)
    cell.run([Segment(Control.CURRENT, 0.05, 3600.0)])
    ledger = cell.ledger()
    deposited = 0.063546 * ledger.reactions[-1].charge_C / (2 * F)
    assert ledger.counter.metal_kg == pytest.approx(deposited, rel=1e-9)
    assert 1e3 * deposited == pytest.approx(1.1855 * 0.05, rel=1e-4)  # g/Ah of Cu(II)


def test_a_film_adds_a_resistance_in_proportion_to_charge_and_comes_off_when_reversed() -> None:
    data = description()
    data["electrodes"]["working"]["film"] = {
        "direction": "oxidation",
        "resistivity_ohm_m": 1e6,
        "growth_m3_per_C": 1e-11,
        "removal_m3_per_C": 1e-11,
    }
    data["electrodes"]["working"]["reverse_reactions"] = data["electrodes"]["counter"]["reactions"]
    data["electrodes"]["counter"]["reverse_reactions"] = data["electrodes"]["working"]["reactions"]
    cell = PreparativeCell.from_mapping(data)
    cell.run([Segment(Control.CURRENT, 10e-3, 1000.0)])
    ohm = 1e6 * 1e-11 * 10.0 / AREA**2
    assert _resistance(cell) == pytest.approx(RESISTANCE + ohm, rel=1e-3)
    cell.run([Segment(Control.CURRENT, -10e-3, 500.0)])
    assert _resistance(cell) == pytest.approx(RESISTANCE + ohm / 2, rel=2e-2)
    cell.run([Segment(Control.CURRENT, -10e-3, 1000.0)])
    assert cell.ledger().working.film_m == 0.0


def _resistance(cell: PreparativeCell) -> float:
    """By current interruption: what vanishes at once."""
    before = cell.checkpoint()
    current_A = before[5]
    loaded = cell.step(Control.CURRENT, current_A, 1e-9)
    open_circuit = cell.step(Control.OPEN_CIRCUIT, 0.0, 1e-9)
    cell.restore(before)
    return (loaded.cell_voltage_V - open_circuit.cell_voltage_V) / current_A


def test_a_film_of_one_reaction_blocks_the_area_that_it_covers() -> None:
    data = description()
    data["electrodes"]["working"]["film"] = {
        "direction": "oxidation",
        "reaction": "solvent oxidation",
        "resistivity_ohm_m": 0.0,
        "growth_m3_per_C": 1e-12,
        "blocking_thickness_m": 1e-8,
    }
    cell = PreparativeCell.from_mapping(data)
    cell.run([Segment(Control.CURRENT, 10e-3, 1000.0)])
    assert cell.ledger().working.film_m < 1e-15  # no solvent is oxidised below the limit
    cell.run([Segment(Control.CURRENT, 100e-3, 60.0)])
    ledger = cell.ledger()
    solvent_C = ledger.reactions[1].charge_C
    assert ledger.working.film_m == pytest.approx(1e-12 * solvent_C / AREA, rel=1e-9)
    concentration = ledger.concentration_mol_per_m3["substrate"]
    free_A = 2 * F * AREA * 2e-5 * concentration
    before = ledger.reactions[0].charge_C
    cell.step(Control.CURRENT, 100e-3, 1e-3)
    limiting_A = (cell.ledger().reactions[0].charge_C - before) / 1e-3
    assert limiting_A / free_A == pytest.approx(math.exp(-ledger.working.film_m / 1e-8), rel=1e-4)


def test_a_film_dissolves_by_itself() -> None:
    data = description()
    data["electrodes"]["working"]["film"] = {
        "direction": "oxidation",
        "resistivity_ohm_m": 1e6,
        "growth_m3_per_C": 1e-11,
        "dissolution_per_s": 1e-3,
    }
    cell = PreparativeCell.from_mapping(data)
    cell.run([Segment(Control.CURRENT, 10e-3, 100.0)])
    before_m = cell.ledger().working.film_m
    cell.run([Segment(Control.CURRENT, 1e-15, 1000.0)])
    assert cell.ledger().working.film_m == pytest.approx(before_m * math.exp(-1), rel=1e-3)


def test_bubbles_cover_the_cathode_and_thin_the_electrolyte() -> None:
    # θ = 0.023 (j m²/A)^0.3 (Vogt and Balzer, 2005); Bruggeman's (1 - ε)^1.5 with
    # ε = u/(u + u_rise).
    current_A = 0.5
    free = PreparativeCell.from_mapping(description())
    covered = PreparativeCell.from_mapping(
        description(bubbles={"gap_cross_section_m2": 1e-4, "rise_velocity_m_per_s": 0.03})
    )
    for cell in (free, covered):
        cell.run([Segment(Control.CURRENT, current_A, 5.0)])
    velocity = current_A / (2 * F) * R * T / 101325.0 / 1e-4
    held = velocity / (velocity + 0.03)
    assert held > 0.01
    assert _resistance(covered) == pytest.approx(RESISTANCE / (1 - held) ** 1.5, rel=1e-3)
    coverage = 0.023 * (current_A / 1e-4) ** 0.3
    shift_V = covered.ledger().counter.potential_V_vs_SHE - free.ledger().counter.potential_V_vs_SHE
    assert shift_V == pytest.approx(0.12 * math.log10(1 - coverage), rel=1e-3)


@pytest.mark.parametrize("farads", [1e-3, 5e-3])
def test_alternating_polarity_pays_for_the_double_layer_at_every_reversal(farads: float) -> None:
    # Each reversal recharges both electrodes: C ΔE of every half period is not electrolysis.
    data = description(reference=None)
    data["electrodes"]["counter"] = data["electrodes"]["working"] | {"role": "cathode"}
    for side in ("working", "counter"):
        electrode = dict(data["electrodes"][side])
        electrode["double_layer_F"] = farads
        electrode["reactions"] = [
            line("oxidation", reference_potential_V_vs_SHE=1.0),
            line("reduction", reference_potential_V_vs_SHE=-1.0),
        ]
        data["electrodes"][side] = electrode
    cell = PreparativeCell.from_mapping(data)
    current_A, half_s = 10e-3, 10.0
    period = [Segment(Control.CURRENT, sign * current_A, half_s) for sign in (1, -1)]
    cell.run(period * 3, dt_s=0.01)
    turned_V = cell.checkpoint()[0]
    before = cell.ledger().reactions[0].charge_C
    cell.run(period[:1], dt_s=0.01)
    swing_V = cell.checkpoint()[0] - turned_V
    spent_C = current_A * half_s - (cell.ledger().reactions[0].charge_C - before)
    assert swing_V > 2.0
    # The reduction that still runs while the potential leaves it is the difference.
    assert spent_C == pytest.approx(farads * swing_V, rel=0.02)


def test_the_faradaic_efficiency_breaks_where_the_limit_falls_below_the_current() -> None:
    # FE = min(1, i_lim/i), kink at t* = (nFV/i)(C0 - i/(nFA k_m)).
    current_A, start = 20e-3, 50.0
    cell = PreparativeCell.from_mapping(description())
    kink_s = 2 * F * VOLUME / current_A * (start - current_A / (2 * F * AREA * 2e-5))
    trace = cell.run([Segment(Control.CURRENT, current_A, 6000.0)])
    substrate = trace.amount_mol[:, 0, trace.species.index("substrate")]
    efficiency = -2 * F * (substrate[1:] - substrate[:-1]) / current_A
    time_s = trace.time_s[1:]
    assert efficiency[(time_s > 10) & (time_s < kink_s - 10)] == pytest.approx(1.0, abs=1e-4)
    late = time_s > kink_s + 10
    rate = 2e-5 * AREA / VOLUME
    # exp(-a/2): the mean over the step ends there
    expected = [math.exp(-rate * (t - 0.5 - kink_s)) for t in time_s[late]]
    assert efficiency[late] == pytest.approx(expected, abs=2e-4)
