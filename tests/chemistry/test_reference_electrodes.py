"""Reference electrodes: found in any spelling and never guessed, with temperature and source."""

from __future__ import annotations

import pytest

from faradaic.chemistry.reference_electrodes import (
    possible_electrodes,
    reference_electrode,
    reference_electrodes,
)
from faradaic.diagnostics import InputError


@pytest.mark.parametrize(
    ("name", "temperature_C", "zero_V"),
    [
        # Bates & Bower 1954
        ("Ag/AgCl (unit activity)", 25.0, 0.22258),
        ("Ag/AgCl (unit activity)", 40.0, 0.21168),
        ("Ag/AgCl (unit activity)", 60.0, 0.19423),
        # 0.2412 − 6.61e-4·15 − 1.75e-6·15² − 9e-10·15³
        ("SCE", 40.0, 0.2309),
        # in t, degC: 0.63495 − 7.8144e-4·40 − 4.2689e-7·40²
        ("Hg/Hg2SO4 (unit activity)", 40.0, 0.60301),
    ],
)
def test_temperature_polynomials(name: str, temperature_C: float, zero_V: float) -> None:
    found_V, _ = reference_electrode(name).zero_V(273.15 + temperature_C)
    assert found_V == pytest.approx(zero_V, abs=1.5e-5)


def test_a_name_without_its_filling_lists_the_fillings() -> None:
    with pytest.raises(InputError, match=r"Ag/AgCl \(3 M KCl\)"):
        reference_electrode("Ag/AgCl")
    assert reference_electrode("mse (saturated K2SO4)").name == "Hg/Hg2SO4 (sat. K2SO4)"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ag/AgCl 3 M KCl", "Ag/AgCl (3 M KCl)"),
        ("Ag/AgCl / KCl (3.5M)", "Ag/AgCl (3.5 M KCl)"),
        ("agcl, 3.0 mol/L KCl", "Ag/AgCl (3 M KCl)"),
        ("Ag/AgCl (sat'd KCl)", "Ag/AgCl (sat. KCl)"),
        ("SCE", "SCE (sat. KCl)"),
        ("SCE Saturated Calomel Electrode (0.241 V)", "SCE (sat. KCl)"),
        ("Ag/AgCl / KCl (sat'd) (0.197 V)", "Ag/AgCl (sat. KCl)"),
        ("Hg/HgO same electrolyte", "Hg/HgO (same electrolyte)"),
        ("Ag/Ag+ (0.01 M AgNO3 in MeCN)", "Ag/Ag+ (0.01 M AgNO3 in MeCN)"),
        ("Ag/Ag+ (10 mM AgNO3 in MeCN)", "Ag/Ag+ (0.01 M AgNO3 in MeCN)"),
        ("Ag/Ag+ (0.01 M AgNO3)", "Ag/Ag+ (0.01 M AgNO3 in MeCN)"),
        ("Ag/Ag+ (10 mol/m^3 AgNO3)", "Ag/Ag+ (0.01 M AgNO3 in MeCN)"),
        ("Ag/AgCl 3000 mmol/L KCl", "Ag/AgCl (3 M KCl)"),
        ("Ag/AgCl, 3 mol·L⁻¹ KCl", "Ag/AgCl (3 M KCl)"),
        ("MSE 0.5 mol dm-3 H2SO4", "Hg/Hg2SO4 (0.5 M H2SO4)"),
        ("Fc (MeCN)", "Fc"),
        ("Fc+/Fc", "Fc"),
        ("CSE", "Cu/CuSO4 (sat. CuSO4)"),
    ],
)
def test_one_electrode_may_be_spelled_in_many_ways(written: str, name: str) -> None:
    assert reference_electrode(written).name == name


def test_no_two_electrodes_share_a_spelling() -> None:
    assert [possible_electrodes(name) for name in reference_electrodes()] == [
        [electrode] for electrode in reference_electrodes().values()
    ]


@pytest.mark.parametrize("wrong", ["Ag/AgCl (2 M KCl)", "Ag/AgCl (KCl)", "SCEE", "Ag wire"])
def test_a_name_is_never_guessed(wrong: str) -> None:
    with pytest.raises(InputError, match="E770"):
        reference_electrode(wrong)


def test_every_electrode_of_the_table_has_a_source() -> None:
    assert all(electrode.source for electrode in reference_electrodes().values())
