"""Solvents, salts, metals and materials are found by the names that people give them."""

import pytest

from faradaic.chemistry.electrode_kinetics import gas_overpotential
from faradaic.chemistry.ionic_conductivity import limiting_conductivity
from faradaic.chemistry.sacrificial_metals import sacrificial_metal
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.solvents import mix, solvent_named, solvent_of
from faradaic.chemistry.tables import rows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acetonitrile", "MeCN"),
        ("CH3CN", "MeCN"),
        ("N,N-dimethylformamide", "DMF"),
        ("dimethyl sulfoxide", "DMSO"),
        ("water", "H2O"),
    ],
)
def test_a_solvent_is_found_by_any_of_its_names(name: str, expected: str) -> None:
    found = solvent_named(name)
    assert found is not None
    assert found.id == expected


def test_a_name_that_is_no_solvent_is_none() -> None:
    assert solvent_named("hydrazide", None) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("n-Bu4NBF4", "Bu4NBF4"),
        ("TBABF4", "Bu4NBF4"),
        ("tetrabutylammonium tetrafluoroborate", "Bu4NBF4"),
        ("Et4NPF6", "Et4NPF6"),
        ("LiClO4", "LiClO4"),
        ("KOH", "KOH"),
        ("2-(methylthio)benzenediazonium tetrafluoroborate", "diazoniumBF4"),
        ("K2CO3", "K2CO3"),
        ("potassium carbonate", "K2CO3"),
        ("(NH4)2SO4", "(NH4)2SO4"),
        ("MgSO4·7H2O", "MgSO4"),
        ("lithium perchlorate trihydrate", "LiClO4"),
        ("Mg(ClO4)2", "Mg(ClO4)2"),
        ("FeCl2", "FeCl2"),
        ("iron(III) chloride", "FeIIICl3"),
        ("K4[Fe(CN)6]", "K4ferrocyanide"),
        ("disodium hydrogen phosphate", "Na2HPO4"),
        ("NaOMe", "NaOMe"),
        ("sodium methoxide", "NaOMe"),
        ("tetraethylammonium p-toluenesulfonate", "Et4NOTs"),
        ("sodium phenylacetate", "Nacarboxylate"),
        ("sodium arenesulfinate", "Nasulfinate"),
        ("LiTFSI", "LiNTf2"),
    ],
)
def test_a_salt_is_found_behind_formula_and_name(name: str, expected: str) -> None:
    found = salt_named(name)
    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize(
    "name",
    [
        "nickel",
        "toluene-4-iodide",
        "BF4",
        "ethyl benzoate",
        "methyl iodide",
        "K",
        "CH3I",
        "TEMPO",
        "methyl pyrrolidine-1-carboxylate",
        "acetyl chloride",
        "Et3N",
    ],
)
def test_what_is_not_a_salt_of_known_ions_is_none(name: str) -> None:
    assert salt_named(name) is None


def test_molar_conductivity_of_a_salt_adds_its_ions() -> None:
    # Energy Environ. Sci. 2015, 8, 3515, Table 2: Bu4N 61.63, BF4 108.5 S cm²/mol
    found, solvent = salt_named("Bu4NBF4"), mix([(solvent_of("MeCN"), 1.0)])
    assert found is not None
    assert solvent is not None
    both = [limiting_conductivity(ion, solvent) for ion in (found.cation, found.anion)]
    assert sum(ion.value for ion in both if ion) == pytest.approx(170.1, abs=0.1)
    assert [(ion.spread, ion.how) for ion in both if ion] == [(0.0, ""), (0.0, "")]


@pytest.mark.parametrize(
    ("metal", "mg_per_C"), [("Mg", 0.1260), ("Al", 0.0932), ("Zn", 0.3388), ("Ag", 1.118)]
)
def test_sacrificial_metals_weigh_what_faraday_says(metal: str, mg_per_C: float) -> None:
    # M/(nF) in mg per coulomb, from standard atomic masses
    found = sacrificial_metal(metal)
    assert found is not None
    weight = found.molar_mass_kg_per_mol / (found.electrons * 96485.33212) * 1e6
    assert weight == pytest.approx(mg_per_C, rel=1e-3)


def test_a_material_is_recognised_within_its_description() -> None:
    foam, bare = gas_overpotential("Ni foam", "OER"), gas_overpotential("Ni", "OER")
    assert foam == bare
    assert foam is not None
    assert gas_overpotential("unobtainium", "OER") is None


@pytest.mark.parametrize("name", [row["id"] for row in rows("solvents")])
def test_every_solvent_holds_and_takes_heat_and_boils(name: str) -> None:
    found = solvent_named(name)
    assert found is not None
    assert 1000 < found.heat_capacity_J_per_kg_K < 4200
    assert 20e3 < found.heat_of_vaporisation_J_per_mol < 65e3
    assert 300 < found.boiling_point_K < 520


def test_windows_are_moved_from_calomel_to_hydrogen() -> None:
    # DMF on platinum: -2.8 to +1.5 V vs SCE, which stands at 0.2412 V
    found = solvent_named("DMF")
    assert found is not None
    assert found.window_V_vs_SHE == pytest.approx((-2.5588, 1.7412))
