"""pH on both sides of a separator, against closed forms of acids, bases, buffers and transport."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell

VOLUME_M3 = 20e-6
IONS: Mapping[str, Mapping[str, Any]] = {
    "K": {"charge": 1, "diffusivity_m2_per_s": 1.957e-9},
    "Cl": {"charge": -1, "diffusivity_m2_per_s": 2.032e-9},
    "Mg": {"charge": 2, "diffusivity_m2_per_s": 0.706e-9},
    "sulfate": {"charge": -1, "pKa": [1.96], "diffusivity_m2_per_s": 1.065e-9},
    "phosphate": {"charge": 0, "pKa": [2.16, 7.21, 12.36], "diffusivity_m2_per_s": 0.9e-9},
    "carbonate": {"charge": 0, "pKa": [6.35, 10.33], "diffusivity_m2_per_s": 1.185e-9},
    "ammonium": {"charge": 1, "pKa": [9.25], "diffusivity_m2_per_s": 1.957e-9},
}


def line(name: str, direction: str, potential_V: float, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "direction": direction,
        "electrons": 1,
        "reference_potential_V_vs_SHE": potential_V,
        "exchange_current_density_A_per_m2": 10.0,
        "tafel_slope_V_per_decade": 0.1,
        "follows_pH": True,
        **more,
    }


def cell(
    carries: str | None,
    both_sides: Mapping[str, float],
    *,
    anode: dict[str, Any] | None = None,
    **changes: Any,
) -> PreparativeCell:
    """Oxygen at the working electrode, hydrogen at the counter one; undivided without a word."""
    divided: dict[str, Any] = {}
    if carries is not None:
        separator = {"area_m2": 1e-4, "carries": carries, "permeability_m_per_s": 0.0}
        divided = {"counter_volume_m3": VOLUME_M3, "separator": separator}
    ions = {
        name: {
            **IONS[name],
            "concentration_mol_per_m3": amount,
            "counter_concentration_mol_per_m3": amount if carries else 0.0,
        }
        for name, amount in both_sides.items()
    }

    def electrode(reaction: dict[str, Any]) -> dict[str, Any]:
        return {"area_m2": 1e-4, "double_layer_F": 2e-5, "reactions": [reaction]}

    electrodes = {
        "working": electrode(anode or line("oxygen evolution", "oxidation", 1.5)),
        "counter": electrode(line("hydrogen evolution", "reduction", -0.3)),
    }
    return PreparativeCell.from_mapping(
        {
            "volume_m3": VOLUME_M3, "resistance_ohm": 10.0, "ions": ions,
            "electrodes": electrodes, **divided, **changes,
        }
    )  # fmt: skip


def electrolysed(made: PreparativeCell, faradays_per_m3: float) -> tuple[float, float]:
    """pH on both sides after a charge, as mol of electrons per m³ of a compartment."""
    charge_C = faradays_per_m3 * VOLUME_M3 * FARADAY_C_PER_MOL
    made.run([HeldControl(Control.CURRENT, 0.1, charge_C / 0.1)], 1.0)
    pH = made.ledger().pH
    assert pH is not None
    return pH


@pytest.mark.parametrize(
    ("ions", "pH"),
    [
        # water, a strong base, a strong acid
        ({"K": 0.0}, 7.0),
        ({"K": 1000.0}, 14.0),
        ({"Cl": 10.0}, 2.0),
        # H2SO4: h² + (K - c) h - 2 K c = 0 with c = 0.5, K = 10^-1.96
        ({"sulfate": 500.0}, 0.29166),
        # Henderson and Hasselbalch; an amphoteric ion (pK1 + pK2)/2; half-neutralised ammonia
        ({"K": 150.0, "phosphate": 100.0}, 7.21),
        ({"K": 1000.0, "carbonate": 1000.0}, 8.34),
        ({"ammonium": 100.0, "Cl": 50.0}, 9.25),
    ],
)
def test_the_pH_of_a_solution_is_where_its_charges_cancel(
    ions: Mapping[str, float], pH: float
) -> None:
    found = cell("both", ions).ledger().pH
    assert found == pytest.approx((pH, pH), abs=6e-4)


def test_a_cation_exchanger_moves_the_potassium_of_an_alkali() -> None:
    # K+ carries all: [OH-] falls at the anode and rises at the cathode by Q/(F V)
    pH = electrolysed(cell("cations", {"K": 1000.0}), 200.0)
    assert pH == pytest.approx((14 + math.log10(0.8), 14 + math.log10(1.2)), abs=1e-6)


@pytest.mark.parametrize(
    ("carries", "ions"),
    [
        ("cations", {"sulfate": 500.0}),  # H+ carries all
        ("anions", {"K": 1000.0}),  # OH- carries all
        ("water", {"K": 1000.0}),  # and water, split, gives back what the electrodes took
        ("water", {"K": 200.0, "sulfate": 100.0}),
    ],
)
def test_where_protons_or_hydroxide_carry_the_current_the_pH_stays(
    carries: str, ions: Mapping[str, float]
) -> None:
    made = cell(carries, ions)
    before = made.ledger().pH
    assert electrolysed(made, 200.0) == pytest.approx(before, abs=1e-9)


def test_a_buffer_is_titrated_by_what_the_membrane_lets_pass() -> None:
    # 20 mol/m³ of K+ leave 30 HPO4-- to 70 H2PO4- at the anode, and 70 to 30 at the cathode
    pH = electrolysed(cell("cations", {"K": 150.0, "phosphate": 100.0}), 20.0)
    shift = math.log10(70 / 30)
    assert pH == pytest.approx((7.21 - shift, 7.21 + shift), abs=1e-3)


def test_a_frit_shares_the_current_by_the_mobilities() -> None:
    # at first t+ = D(K+)/(D(K+) + D(OH-)) = 1.957/(1.957 + 5.293) of the charge is K+
    made = cell("both", {"K": 1000.0})
    electrolysed(made, 0.5)
    books = made.ledger()
    moved = books.counter_concentration_mol_per_m3["K"] - 1000.0
    assert moved == pytest.approx(0.5 * 1.957 / (1.957 + 5.293), rel=1e-3)
    assert books.concentration_mol_per_m3["K"] == pytest.approx(1000.0 - moved, rel=1e-12)


def test_an_anion_exchanger_takes_the_acid_to_the_anode() -> None:
    # HSO4- and SO4-- by z² D c; z D c of either, over the conductance, goes across
    made = cell("anions", {"sulfate": 500.0})
    acid = 1000 * 10**-0.29166
    doubly = 500 / (1 + acid / (1000 * 10**-1.96))
    singly = 500 - doubly
    electrolysed(made, 0.5)
    moved = made.ledger().concentration_mol_per_m3["sulfate"] - 500.0
    assert moved == pytest.approx(0.5 * (singly + 2 * doubly) / (singly + 4 * doubly), rel=2e-3)


@pytest.mark.parametrize("carries", ["cations", "anions", "both", "water"])
def test_ions_are_kept_and_charges_cancel(carries: str) -> None:
    ions = {"K": 250.0, "Cl": 30.0, "phosphate": 100.0, "sulfate": 20.0}
    made = cell(carries, ions)
    for value, seconds in ((0.1, 600.0), (-0.05, 4000.0), (0.2, 900.0)):
        made.run([HeldControl(Control.CURRENT, value, seconds)], 10.0)
        books = made.ledger()
        for name, amount in ions.items():
            assert books.amount_mol[name] == pytest.approx(2 * VOLUME_M3 * amount, rel=1e-12)
        sides = books.concentration_mol_per_m3, books.counter_concentration_mol_per_m3
        for there, pH in zip(sides, books.pH or (), strict=True):
            charge = 1000 * (10**-pH - 10 ** (pH - 14))
            for name, amount in there.items():
                weights = [1.0]
                for pKa in IONS[name].get("pKa", []):
                    weights.append(weights[-1] * 10 ** (pH - pKa))
                first = IONS[name]["charge"]
                mean = sum(w * (first - k) for k, w in enumerate(weights)) / sum(weights)
                charge += amount * mean
            assert charge == pytest.approx(0.0, abs=1e-7)


def test_gas_evolution_follows_the_pH_of_its_own_side() -> None:
    # RT ln 10/F for each unit at either electrode, everything else being equal
    follows = cell("cations", {"K": 200.0, "sulfate": 100.0})
    stays = cell(
        "cations",
        {"K": 200.0, "sulfate": 100.0},
        anode=line("oxygen evolution", "oxidation", 1.5, follows_pH=False),
    )
    before = follows.ledger().pH
    for made in (follows, stays):
        made.run([HeldControl(Control.CURRENT, 0.1, 1800.0)], 1.0)
    after = follows.ledger().pH
    assert before is not None
    assert after is not None
    assert after[0] < 3 < 12 < after[1]
    last = [made.step(Control.CURRENT, 0.1, 1e-3).cell_voltage_V for made in (follows, stays)]
    nernst_V = math.log(10) * GAS_CONSTANT_J_PER_MOL_K * 298.15 / FARADAY_C_PER_MOL
    assert last[0] - last[1] == pytest.approx(-nernst_V * (after[0] - before[0]), abs=1e-6)


def test_a_dissolving_anode_leaves_a_base() -> None:
    # Mg -> Mg2+ beside 2 H2O -> H2 + 2 OH-: two OH- for each Mg in one solution
    dissolving = line(
        "dissolution of Mg", "oxidation", -1.5, electrons=2, ion="Mg", follows_pH=False
    )
    made = cell(None, {"K": 100.0, "Cl": 100.0, "Mg": 0.0}, anode=dissolving)
    pH = electrolysed(made, 50.0)
    assert pH == pytest.approx((12 + math.log10(5), 12 + math.log10(5)), abs=1e-6)
    assert made.ledger().concentration_mol_per_m3["Mg"] == pytest.approx(25.0)


def test_aliquots_and_solution_like_it_leave_the_pH() -> None:
    made = cell("cations", {"K": 150.0, "phosphate": 100.0})
    before = made.ledger().pH
    made.withdraw(5e-6)
    made.add({}, 2e-6)
    made.step(Control.OPEN_CIRCUIT, 0.0, 1.0)
    assert made.ledger().pH == pytest.approx(before, abs=1e-9)
    assert made.ledger().concentration_mol_per_m3["K"] == pytest.approx(150.0)
    assert made.ledger().conversion == {}


def test_without_ions_there_is_no_pH() -> None:
    assert cell("both", {}).ledger().pH is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"species": {"K": {"concentration_mol_per_m3": 1.0}}}, "is an ion and a species"),
        ({"anode": line("loss", "oxidation", 0.0, ion="Mg")}, "with a charge of 1"),
        (
            {"ions": {"acid": {
                "charge": 0, "pKa": [7.0, 2.0], "diffusivity_m2_per_s": 1e-9,
                "concentration_mol_per_m3": 1.0,
            }}},
            "must rise",
        ),
    ],
)  # fmt: skip
def test_ions_that_cannot_be_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        cell("both", {"K": 100.0}, **changes)
