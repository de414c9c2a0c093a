"""The formulas behind the estimates meet their reference values."""

import math
from typing import Any

import pytest

from faradaic.chemistry import tables
from faradaic.documents.document import load_document
from faradaic.protocols.conductivity import (
    Range,
    cell_resistance_ohm,
    conductivity,
    estimated_conductivity_S_per_m,
)
from faradaic.protocols.gases import pressure_rise_Pa
from faradaic.protocols.geometry import active_area_m2, electrode_areas, liquid_depth_m
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.mass_transport import conversion, diffusivity_m2_per_s, limiting_current_A
from faradaic.protocols.medium import Medium
from faradaic.protocols.schema import Electrode


def electrode(**keys: Any) -> Electrode:
    return Electrode.model_validate({"material": "graphite", **keys})


def solution(salt: str, mol_per_L: float, solvent: str, temperature_K: float = 298.15) -> Medium:
    return Medium(
        solvent=tables.solvent(solvent),
        solvents=(solvent,),
        volume_m3=1e-5,
        temperature_K=temperature_K,
        salts=((salt, tables.salt(salt), mol_per_L * 1000),),
        unknown=(),
    )


FELT = {"form": "felt", "width": "10 mm", "length": "20 mm", "thickness": "3 mm"}


def test_a_felt_has_three_areas_that_differ_by_a_factor_of_sixty() -> None:
    # 20 x 10 x 3 mm, 95 % porous, 10 µm fibres: facing 2.0, envelope 5.5, fibres 120 cm²
    areas = electrode_areas(electrode(**FELT))
    assert areas["facing"] == pytest.approx(2.0e-4)
    assert areas["envelope"] == pytest.approx(5.5e-4)
    assert areas["wetted"] == pytest.approx(120e-4)


def test_only_the_immersed_part_counts() -> None:
    assert electrode_areas(electrode(**FELT, immersed="18 mm"))["facing"] == pytest.approx(1.8e-4)


def test_a_foil_has_two_faces_and_its_edges() -> None:
    # 10 x 10 x 0.1 mm: facing 1.00, all 2.03 cm²
    foil = electrode(form="foil", width="10 mm", length="10 mm", thickness="0.1 mm")
    assert electrode_areas(foil) == pytest.approx({"facing": 1.00e-4, "envelope": 2.03e-4})


def test_an_insulated_back_does_not_count() -> None:
    plate = electrode(form="plate", width="15 mm", length="15 mm", faces=1)
    assert electrode_areas(plate)["envelope"] == pytest.approx(2.25e-4)


def test_half_a_rod_faces_the_counter_electrode() -> None:
    rod = electrode(form="rod", diameter="6 mm", length="20 mm")
    areas = electrode_areas(rod)
    assert areas["facing"] == pytest.approx(math.pi * 6e-3 * 20e-3 / 2)
    assert areas["envelope"] == pytest.approx(math.pi * 6e-3 * 20e-3 + math.pi * 9e-6)
    assert active_area_m2(rod) == areas["envelope"]


def test_areas_given_directly_win() -> None:
    given = electrode(**FELT, area={"facing": "1.5 cm^2"})
    assert electrode_areas(given)["facing"] == pytest.approx(1.5e-4)


def test_fibres_and_porosity_give_the_inner_area() -> None:
    # 4 (1 - 0.9) / 20 µm = 200 cm²/cm³ of 0.6 cm³
    felt = electrode(**FELT, porosity="90 %", fibre_diameter="20 um")
    assert electrode_areas(felt)["wetted"] == pytest.approx(120e-4)


def test_missing_dimensions_give_no_area() -> None:
    assert electrode_areas(electrode(form="plate", width="15 mm")) == {}
    assert active_area_m2(electrode(form="plate")) is None


@pytest.mark.parametrize(("mL", "mm_wide", "mm_deep"), [(10, 25, 20.4), (3.5, 22, 9.2)])
def test_depth_of_liquid(mL: float, mm_wide: float, mm_deep: float) -> None:
    depth = liquid_depth_m(mL * 1e-6, mm_wide * 1e-3)
    assert depth == pytest.approx(mm_deep * 1e-3, rel=5e-3)


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
    salt, known = tables.salt("Bu4NBF4"), tables.solvent(solvent)
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
    known = tables.solvent(solvent)
    assert known is not None
    assert diffusivity_m2_per_s(known.viscosity_Pa_s) == pytest.approx(cm2_per_s * 1e-4, rel=0.1)


def test_fifteen_millilitres_in_ten_raise_the_pressure_by_one_and_a_half_bar() -> None:
    # 14.7 mL of gas at 25 degC and 1 atm in a closed 10 mL headspace: +1.47 atm
    moles = 14.7e-6 / 24.465e-3
    assert pressure_rise_Pa(moles, 298.15, 10e-6) == pytest.approx(1.47 * 101325, rel=1e-3)


DIVIDED = """faradaic: 1
title: divided
cell: {{type: divided_membrane, gap: 10 mm, separator: {{kind: cem, area: 2 cm^2{membrane}}}}}
compartments:
  anolyte: {{volume: 10 mL, components: {{KCl: {{concentration: 1 mol/L, role: electrolyte}},
    H2O: {{volume: 10 mL, role: solvent}}}}}}
  catholyte: {{volume: 10 mL, components: {{NaCl: {{concentration: 2 mol/L, role: electrolyte}},
    H2O: {{volume: 10 mL, role: solvent}}}}}}
electrodes:
  anode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm}}
  cathode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm}}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, duration: 1 h}}}}]
"""


def test_a_divided_cell_adds_both_halves_and_its_separator() -> None:
    def resistance(membrane: str) -> Range:
        text = DIVIDED.format(membrane=membrane).encode()
        found = cell_resistance_ohm(validate_protocol(load_document(text, "divided")).protocol)
        assert isinstance(found, Range)
        return found

    # 5 mm of 11.16 and 5 mm of 14.89 S/m over 2 cm²; then 3 ohm cm² over 2 cm²
    halves = 5e-3 / 2e-4 * (1 / 11.16 + 1 / 14.89)
    bare = resistance("")
    assert bare.typical == pytest.approx(halves)
    assert "left out" in bare.reason
    assert resistance(", area_resistance: 3 Ohm cm^2").typical == pytest.approx(halves + 1.5)
