"""A mediator carries the current, and its substrate is turned over."""

from typing import Any

import pytest

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

F = 96485.33212
AREA_M2, VOLUME_M3 = 1e-3, 1e-4
C_MEDIATOR, C_SUBSTRATE = 5.0, 100.0
D, M_MEDIATOR, M_SUBSTRATE = 8e-10, 4e-6, 5e-6
HALF_WAVE_V, NERNST_V = 0.86, 0.05916


def cell(rate: float, substrate: float = C_SUBSTRATE) -> PreparativeCell:
    plateau = F * C_MEDIATOR * (D * rate * substrate + M_MEDIATOR**2) ** 0.5
    mediated: dict[str, Any] = {
        "name": "oxidation through a mediator",
        "direction": "oxidation",
        "electrons": 4.0,
        "reference_potential_V_vs_SHE": HALF_WAVE_V,
        "exchange_current_density_A_per_m2": plateau,
        "tafel_slope_V_per_decade": NERNST_V,
        "substrate": "alcohol",
        "mass_transfer_m_per_s": M_SUBSTRATE,
        "product": "acid",
        "mediator": {
            "species": "ACT",
            "rate_m3_per_mol_per_s": rate,
            "diffusivity_m2_per_s": D,
            "mass_transfer_m_per_s": M_MEDIATOR,
        },
    }
    hydrogen = {
        "name": "hydrogen evolution",
        "direction": "reduction",
        "electrons": 2.0,
        "reference_potential_V_vs_SHE": -0.6,
        "exchange_current_density_A_per_m2": 10.0,
        "tafel_slope_V_per_decade": 0.12,
    }
    return PreparativeCell.from_mapping(
        {
            "volume_m3": VOLUME_M3,
            "resistance_ohm": 1e-3,
            "reference": {"potential_V_vs_SHE": 0.0, "ohmic_fraction": 0.0},
            "species": {
                "alcohol": {"concentration_mol_per_m3": substrate},
                "ACT": {"concentration_mol_per_m3": C_MEDIATOR},
                "acid": {"concentration_mol_per_m3": 0.0},
            },
            "electrodes": {
                "working": {"area_m2": AREA_M2, "double_layer_F": 1e-12, "reactions": [mediated]},
                "counter": {"area_m2": AREA_M2, "double_layer_F": 1e-12, "reactions": [hydrogen]},
            },
        }
    )


def limit_A(rate: float) -> float:
    """Danckwerts (1955) for the mediator, in series with the substrate's own transport."""
    carried = F * AREA_M2 * C_MEDIATOR * (D * rate * C_SUBSTRATE + M_MEDIATOR**2) ** 0.5
    reached = 4 * F * AREA_M2 * M_SUBSTRATE * C_SUBSTRATE
    return 1 / (1 / carried + 1 / reached)


@pytest.mark.parametrize("rate", [1e-9, 1e-3, 0.02, 1.0, 1e4])
def test_the_plateau_is_that_of_the_catalysed_film(rate: float) -> None:
    # k -> 0: F A m c of the mediator; k -> infinity: the substrate's limiting current
    state = cell(rate).step(Control.POTENTIAL, HALF_WAVE_V + 0.5, 0.01)
    assert state.current_A == pytest.approx(limit_A(rate), rel=1e-4)


def test_the_current_rises_around_the_half_wave_as_nernst_says() -> None:
    rate = 1e-3
    carried = F * AREA_M2 * C_MEDIATOR * (D * rate * C_SUBSTRATE + M_MEDIATOR**2) ** 0.5
    reached = 4 * F * AREA_M2 * M_SUBSTRATE * C_SUBSTRATE
    for away_V in (-0.1, 0.0, 0.05):
        state = cell(rate).step(Control.POTENTIAL, HALF_WAVE_V + away_V, 0.01)
        expected = 1 / ((1 + 10 ** (-away_V / NERNST_V)) / carried + 1 / reached)
        assert state.current_A == pytest.approx(expected, rel=1e-4)


def test_the_product_is_the_substrates_and_the_mediator_stays() -> None:
    run = cell(0.02)
    for _ in range(600):
        run.step(Control.POTENTIAL, HALF_WAVE_V + 0.3, 60.0)
    books = run.ledger()
    made = books.charge_C / (4 * F)
    assert books.amount_mol["acid"] == pytest.approx(made, rel=1e-9)
    assert books.amount_mol["alcohol"] == pytest.approx(C_SUBSTRATE * VOLUME_M3 - made, rel=1e-9)
    assert books.amount_mol["ACT"] == C_MEDIATOR * VOLUME_M3
    assert 0.1 < books.conversion["alcohol"] < 1.0


def test_without_substrate_the_current_ends() -> None:
    run = cell(1e4, substrate=1.0)
    for _ in range(200):
        run.step(Control.POTENTIAL, HALF_WAVE_V + 0.3, 3600.0)
    # when the substrate is gone the current is too: nothing of it flows into the mediator alone
    assert run.ledger().conversion["alcohol"] == pytest.approx(1.0, abs=1e-6)
    assert abs(run.step(Control.POTENTIAL, HALF_WAVE_V + 0.3, 60.0).current_A) < 1e-9
