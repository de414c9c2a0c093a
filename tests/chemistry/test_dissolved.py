"""What dissolves makes ions by what it is, not by its role, and the pH follows from them."""

from math import log10

import pytest

from faradaic.chemistry.carbon_dioxide import co2_solubility_mol_per_m3
from faradaic.chemistry.dissolved import Dissolved, Solute, dissolve
from faradaic.chemistry.medium import Medium
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.solvents import solvent_of


def of(*written: tuple[str, float], water: float = 1.0, under_CO2: bool = False) -> Dissolved:
    """A solution of what is named, with mol/L."""
    solutes = [Solute(name, None, salt_named(name), 1000 * molar) for name, molar in written]
    return dissolve(solutes, water=water, temperature_K=298.15, under_CO2=under_CO2)


@pytest.mark.parametrize(
    ("written", "pH"),
    # closed forms with the constants of the table (CRC; libretexts E1)
    [
        ([("HCl", 0.1)], 1.0),
        ([("KOH", 1.0)], 14.0),
        ([("NaCl", 0.1)], 7.0),
        ([("H2SO4", 0.5)], 0.292),  # x(0.5 + x)/(0.5 - x) = 10^-1.96
        ([("acetic acid", 0.1)], 2.88),  # (pKa - log c)/2
        ([("NH3", 0.1)], 11.12),
        ([("AcOH", 0.1), ("NaOAc", 0.1)], 4.756),
        ([("KH2PO4", 0.1), ("K2HPO4", 0.1)], 7.21),
        ([("KHCO3", 0.1)], 8.34),  # (pKa1 + pKa2)/2
        ([("HCl", 0.1), ("KOH", 0.05)], 1.30),
        ([("H2SO4", 0.05), ("KOH", 0.1)], 7.37),  # 7 + log(1 + 0.05/10^-1.96)/2
        ([("NaOMe", 0.1)], 13.0),
    ],
)
def test_the_pH_follows_from_the_composition(written: list[tuple[str, float]], pH: float) -> None:
    assert of(*written).pH == pytest.approx(pH, abs=0.02)


@pytest.mark.parametrize("molar", [0.1, 1.0])
def test_bicarbonate_under_CO2_is_the_buffer_of_both(molar: float) -> None:
    found = of(("KHCO3", molar), under_CO2=True)
    dissolved = co2_solubility_mol_per_m3(298.15)
    assert found.pH == pytest.approx(6.35 + log10(1000 * molar / dissolved), abs=0.01)
    assert "equilibrium with the CO2" in " ".join(found.assumptions)


def test_potash_under_CO2_is_bicarbonate() -> None:
    assert of(("KOH", 0.1), under_CO2=True).ions["HCO3"] == pytest.approx(100, rel=0.01)


def test_the_medium_takes_its_pH_from_there() -> None:
    water = (("H2O", solvent_of("H2O"), 1e-5),)
    found = Medium(water, 298.15, of(("H2SO4", 0.5))).acidity
    assert found[0] == pytest.approx(0.29, abs=0.01)
    assert "composition" in found[1]
    assert Medium(water, 298.15, of(("H2SO4", 0.5)), stated_pH=1.0).acidity == (1.0, "")


def test_in_methanol_a_base_turns_its_amount_of_acid_into_carboxylate() -> None:
    found = of(("phenylacetic acid", 0.5), ("NaOMe", 0.05), water=0.0)
    assert found.ions["Na"] == pytest.approx(50)
    assert found.ions["carboxylate"] == pytest.approx(50, rel=0.01)
    assert found.pH is None
    assert "0.05 mol/L of their salt" in found.assumptions[0]


@pytest.mark.parametrize(("base", "share"), [("Et3N", 0.95), ("pyridine", 0.05)])
def test_an_amine_takes_the_proton_that_it_is_strong_enough_for(base: str, share: float) -> None:
    found = of(("acetic acid", 0.5), (base, 0.1), water=0.0)
    taken = found.ions.get("Et3NH", 0.0) / 100
    assert taken > share if base == "Et3N" else taken < share


def test_a_free_acid_hardly_makes_ions_without_water() -> None:
    assert of(("acetic acid", 0.5), water=0.0).equivalents_mol_per_m3 < 0.1
    assert of(("H2SO4", 0.02), water=0.0).equivalents_mol_per_m3 == pytest.approx(20, rel=0.01)


def test_carbonate_counts_without_water_as_far_as_it_takes_up_acid() -> None:
    found = of(("hexanoic acid", 0.2), ("K2CO3", 2.0), water=0.0)
    assert found.ions["K"] == pytest.approx(200)
    assert "K2CO3 hardly dissolves" in found.assumptions[0]
    assert of(("K2CO3", 2.0), water=1.0).ions["K"] == pytest.approx(4000)


def test_an_acid_is_known_by_its_structure_too() -> None:
    acid = Solute("substrate", "levulinate precursor", None, 100.0, smiles="CC(=O)CCC(=O)O")
    ester = Solute("substrate", "ester", None, 100.0, smiles="CC(=O)CCC(=O)OC")
    base = Solute("NaOMe", None, salt_named("NaOMe"), 100.0)
    made, left = (dissolve([s, base], water=0.0, temperature_K=298.15) for s in (acid, ester))
    assert "carboxylate" in made.ions
    assert "carboxylate" not in left.ions


def test_what_is_missing_is_told_apart() -> None:
    solutes = [
        Solute("Bu4NBF4", None, salt_named("Bu4NBF4"), None, electrolyte=True),
        Solute("mystery", None, None, 100.0, electrolyte=True),
        Solute("alkene", None, None, 100.0),
        Solute("NaBr", None, salt_named("NaBr"), 100.0, dissolves=False),
    ]
    found = dissolve(solutes, water=0.0, temperature_K=298.15)
    assert found.unknown == ("Bu4NBF4",)
    assert found.unnamed == ("mystery",)
    assert found.sources == ()
    assert "NaBr dissolves poorly" in found.assumptions[0]


@pytest.mark.parametrize("anion", ["HSO4", "H2PO4", "HCO3"])
def test_quaternary_salts_dissolve_without_water(anion: str) -> None:
    # Bu4NHSO4 is an electrolyte of dichloromethane and acetonitrile; NaHSO4 hardly dissolves.
    found = of((f"Bu4N{anion}", 0.1), water=0.0)
    assert found.ions["Bu4N"] == pytest.approx(100)
    assert found.ions[anion] == pytest.approx(100, rel=0.05)
    assert not of((f"Na{anion}", 0.1), water=0.0).ions.get("Na")


def test_a_pH_of_nought_has_no_sign() -> None:
    water = (("H2O", solvent_of("H2O"), 1e-5),)
    assert Medium(water, 298.15, of(("HCl", 1.02))).acidity[1].startswith("pH 0.0 ")


def test_a_half_ester_is_an_acid_for_its_base() -> None:
    # 0.2 of an equivalent of KOH makes as much carboxylate, and no hydroxide is left.
    found = of(("monomethyl adipate", 1.0), ("KOH", 0.2))
    assert found.ions["carboxylate"] == pytest.approx(200, rel=0.01)
    assert found.ions.get("OH", 0.0) < 1e-3
    assert not of(("monobutyl phosphate", 1.0)).ions.get("carboxylate")
