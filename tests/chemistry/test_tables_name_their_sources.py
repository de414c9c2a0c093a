"""Every row of every data table says where it comes from, and names find their rows."""

from importlib.resources import files

import pytest

from faradaic.chemistry import tables

NAMES = sorted(
    entry.name.removesuffix(".csv")
    for entry in files("faradaic.chemistry.tables").iterdir()
    if entry.name.endswith(".csv")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_and_a_confidence(name: str) -> None:
    found = tables.rows(name)
    assert found
    for row in found:
        assert None not in row, f"too many cells: {row}"
        assert row["source"].strip()
        assert row.get("confidence", "verified") in {"verified", "approx"}


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
    found = tables.solvent(name)
    assert found is not None
    assert found.id == expected


def test_a_name_that_is_no_solvent_is_none() -> None:
    assert tables.solvent("hydrazide", None) is None


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
    ],
)
def test_a_salt_is_found_behind_formula_and_name(name: str, expected: str) -> None:
    found = tables.salt(name)
    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize("name", ["sodium arenesulfinate", "nickel", "toluene-4-iodide", "BF4"])
def test_what_is_not_a_salt_of_known_ions_is_none(name: str) -> None:
    assert tables.salt(name) is None


def test_molar_conductivity_of_a_salt_adds_its_ions() -> None:
    # Energy Environ. Sci. 2015, 8, 3515, Table 2: Bu4N 61.6, BF4 108.5 S cm²/mol
    found = tables.salt("Bu4NBF4")
    assert found is not None
    assert found.lambda0_MeCN_S_m2_per_mol == pytest.approx(170.1e-4)


@pytest.mark.parametrize(
    ("metal", "mg_per_C"), [("Mg", 0.1260), ("Al", 0.0932), ("Zn", 0.3388), ("Ag", 1.118)]
)
def test_sacrificial_metals_weigh_what_faraday_says(metal: str, mg_per_C: float) -> None:
    # M/(nF) in mg per coulomb, from standard atomic masses
    found = tables.sacrificial_metal(metal)
    assert found is not None
    weight = found.molar_mass_kg_per_mol / (found.electrons * 96485.33212) * 1e6
    assert weight == pytest.approx(mg_per_C, rel=1e-3)


def test_a_material_is_recognised_within_its_description() -> None:
    foam, bare = tables.gas_overpotential("Ni foam", "OER"), tables.gas_overpotential("Ni", "OER")
    assert foam == bare
    assert foam is not None
    assert tables.gas_overpotential("unobtainium", "OER") is None
