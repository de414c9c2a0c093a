"""The limiting-current model meets its closed forms and its differential equation."""

import math

import pytest

from faradaic.chemistry.mass_transport import (
    LEAVES_DISSOLVED_M_PER_S,
    conversion,
    diffusivity_m2_per_s,
    limiting_current_A,
    stirred_by_bubbles_m_per_s,
)
from faradaic.chemistry.solvents import solvent_named
from faradaic.quantities.constants import FARADAY_C_PER_MOL


@pytest.mark.parametrize(
    ("charges", "beta", "expected"),
    # theoretical charges, I/I_lim, X: closed form checked against the ODE to 1e-5
    [
        (1, 0.1, 0.96321),
        (1, 0.3, 0.88964),
        (1, 0.5, 0.81606),
        (1, 0.8, 0.70570),
        (1, 1.0, 0.63212),
        (1, 2.0, 0.39347),
        (2, 0.5, 0.97511),
        (2, 1.0, 0.86466),
        (2, 2.0, 0.63212),
    ],
)
def test_conversion_of_the_limiting_current_model(
    charges: float, beta: float, expected: float
) -> None:
    assert conversion(charges, beta) == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.9, 1.0])
def test_at_the_theoretical_charge_the_loss_is_beta_over_e(beta: float) -> None:
    assert conversion(1.0, beta) == pytest.approx(1 - beta / math.e, abs=1e-12)


@pytest.mark.parametrize("beta", [0.1, 0.5, 0.92, 1.0, 1.7])
def test_conversion_is_the_solution_of_its_differential_equation(beta: float) -> None:
    # dx/dm = min(1, (1 - x)/beta)
    steps, x = 100_000, 0.0
    for _ in range(steps):
        x += min(1.0, (1 - x) / beta) * 1.5 / steps
    assert conversion(1.5, beta) == pytest.approx(x, abs=1e-4)


@pytest.mark.parametrize(("F_per_mol", "expected"), [(2, 0.66), (3, 0.80), (4, 0.89)])
def test_two_electrons_on_one_platinum_face_reach_66_percent(
    F_per_mol: float, expected: float
) -> None:
    # 25 mM, 2.25 cm², D = 2e-5 cm²/s, 200 µm, 10 mA
    limit_A = limiting_current_A(2, 2.25e-4, 1e-5, 25)
    assert conversion(F_per_mol / 2, 10e-3 / limit_A) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("solvent", "cm2_per_s"), [("MeCN", 2e-5), ("HFIP", 5e-6), ("DMF", 1e-5)])
def test_diffusivity_scales_with_the_viscosity(solvent: str, cm2_per_s: float) -> None:
    known = solvent_named(solvent)
    assert known is not None
    assert diffusivity_m2_per_s(known.viscosity_Pa_s) == pytest.approx(cm2_per_s * 1e-4, rel=0.1)


def test_bubbles_that_leave_stir_as_stephan_and_vogt_have_it() -> None:
    # 200 mA/cm² of which every electron makes a CO2: 0.51 mm/s; bubbles of 0.1 mm, D 1.4e-9 m²/s
    gas, diffusivity = 2000 / FARADAY_C_PER_MOL * 0.02447, 1.4e-9
    none = (0.0, 0.0, 0.0)
    alone = stirred_by_bubbles_m_per_s(none, diffusivity, gas + LEAVES_DISSOLVED_M_PER_S)
    reynolds, schmidt = gas * 1e-4 / 6.8e-7, 6.8e-7 / diffusivity
    sherwood = 0.93 * reynolds**0.5 * schmidt**0.487
    assert alone[1] == pytest.approx(sherwood * diffusivity / 1e-4, rel=0.01)
    assert alone[0] < alone[1] < alone[2]


def test_where_no_gas_is_evolved_stirring_stays_as_it_is() -> None:
    own = (5e-6, 7e-6, 1e-5)
    # 1 mA/cm² of a diazonium salt that leaves as N2: no bubbles yet
    for gas in (0.0, 10 / FARADAY_C_PER_MOL * 0.0245):
        assert stirred_by_bubbles_m_per_s(own, 1.4e-9, gas) == pytest.approx(own)
