"""Conductivities meet measured ones, and where the data end there is a reason and no number."""

import pytest

from faradaic.chemistry.conductivity import Range, conductivity, estimated_conductivity_S_per_m
from faradaic.chemistry.medium import Medium
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.solvents import solvent_named


def solution(salt: str, mol_per_L: float, solvent: str, temperature_K: float = 298.15) -> Medium:
    return Medium(
        solvent=solvent_named(solvent),
        solvents=(solvent,),
        volume_m3=1e-5,
        temperature_K=temperature_K,
        salts=((salt, salt_named(salt), mol_per_L * 1000),),
        unknown=(),
    )


@pytest.mark.parametrize(
    ("solvent", "mol_per_L", "estimate", "measured"),
    # measured: jcbui/organic-electrosynthesis-model, electrolytes.csv; mS/cm
    [
        ("MeCN", 0.077, 8.13, 8.26),
        ("MeCN", 0.1, 10.03, 9.93),
        ("MeCN", 0.25, 20.25, 19.95),
        ("MeCN", 0.3, 23.15, 22.5),
        ("DMF", 0.1, 4.66, 4.76),
    ],
)
def test_the_estimator_meets_measured_conductivities_within_3_percent(
    solvent: str, mol_per_L: float, estimate: float, measured: float
) -> None:
    salt, known = salt_named("Bu4NBF4"), solvent_named(solvent)
    assert salt is not None
    assert known is not None
    assert salt.lambda0_MeCN_S_m2_per_mol is not None
    kappa = estimated_conductivity_S_per_m(
        salt.lambda0_MeCN_S_m2_per_mol, mol_per_L * 1000, known.viscosity_Pa_s
    )
    assert kappa * 10 == pytest.approx(estimate, abs=0.01)
    assert kappa * 10 == pytest.approx(measured, rel=0.03)


def test_a_measured_conductivity_counts_before_the_estimate() -> None:
    found = conductivity(solution("Bu4NBF4", 0.1, "MeCN"))
    assert isinstance(found, Range)
    assert found.typical * 10 == pytest.approx(9.93)
    assert "measured" in found.reason


def test_between_two_measured_concentrations_the_nearer_one_is_moved() -> None:
    found = conductivity(solution("Bu4NBF4", 0.2, "MeCN"))
    assert isinstance(found, Range)
    assert 9.93 < found.typical * 10 < 19.95


def test_an_aqueous_conductivity_comes_from_the_table() -> None:
    # Gilliam et al., Int. J. Hydrogen Energy 2007, 32, 359: 1 M KOH at 25 degC, 215 mS/cm
    found = conductivity(solution("KOH", 1.0, "H2O"))
    assert isinstance(found, Range)
    assert found.typical == pytest.approx(21.5)


def test_far_from_any_measurement_the_estimate_is_a_wide_range() -> None:
    found = conductivity(solution("Et4NPF6", 0.02, "MeCN"))
    assert isinstance(found, Range)
    assert found.low == pytest.approx(found.typical / 2)
    assert found.high == pytest.approx(found.typical * 1.5)


def test_ion_pairs_only_lower_the_estimate_in_hfip() -> None:
    # 0.020 M Et4NPF6 in HFIP: 0.65 mS/cm if ideal, 0.3 to 0.65 with ion pairs
    found = conductivity(solution("Et4NPF6", 0.02, "HFIP"))
    assert isinstance(found, Range)
    assert found.low * 10 == pytest.approx(0.33, abs=0.03)
    assert found.high * 10 == pytest.approx(0.65, abs=0.01)


@pytest.mark.parametrize(
    ("medium", "word"),
    [
        (solution("Bu4NBF4", 0.05, "THF"), "dissociate"),
        (solution("Bu4NBF4", 0.05, "toluene"), "table of solvents"),
        (solution("mystery", 0.05, "MeCN"), "mystery"),
        (solution("NaI", 0.05, "MeCN"), "NaI"),
    ],
)
def test_where_the_data_end_there_is_a_reason_and_no_number(medium: Medium, word: str) -> None:
    found = conductivity(medium)
    assert isinstance(found, str)
    assert word in found


def test_measured_values_reach_where_the_estimator_does_not() -> None:
    found = conductivity(solution("Bu4NPF6", 0.1, "THF"))
    assert isinstance(found, Range)
    assert found.typical * 10 == pytest.approx(0.51)


def test_water_conducts_2_percent_more_per_kelvin() -> None:
    cold, warm = (conductivity(solution("KCl", 1, "H2O", t)) for t in (298.15, 308.15))
    assert isinstance(cold, Range)
    assert isinstance(warm, Range)
    assert warm.typical / cold.typical == pytest.approx(1.2)
