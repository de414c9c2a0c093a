"""Couples stand where their sources put them, on the scale of the solvent."""

import pytest

from faradaic.chemistry.couples import Reactant, couple, couples_of
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.chemistry.tables import rows


def test_a_half_wave_against_ferrocene_is_moved_by_the_scale_of_acetonitrile() -> None:
    # Gerken & Stahl, ACS Cent. Sci. 2015: 0.249 V vs Fc; ferrocene 0.631 ± 0.03 V vs SHE
    found = couple("TEMPO", solvent="MeCN")
    assert found.potential_V_vs_SHE == pytest.approx(0.249 + 0.631, abs=1e-3)
    assert found.kind == "half_wave"
    assert 0.04 < found.spread_V < 0.05


def test_silver_ion_and_ferrocene_share_their_footing() -> None:
    # Cook & Horrocks, ChemElectroChem 2017: -0.759 V vs Ag/Ag+ (10 mM), at -0.09 V vs Fc
    found = couple("viologen", solvent="MeCN")
    assert found.potential_V_vs_SHE == pytest.approx(-0.759 - 0.09 + 0.631, abs=1e-3)


@pytest.mark.parametrize(
    ("solvent", "vs_SCE_V"),
    # Connelly & Geiger, Chem. Rev. 1996, table 1
    [("THF", 0.56), ("DMF", 0.45), ("DCM", 0.46), ("DMSO", 0.45), ("acetone", 0.48), ("PC", 0.38)],
)
def test_ferrocene_moves_with_the_solvent(solvent: str, vs_SCE_V: float) -> None:
    shift = scale_shift("Fc+/0", "SCE", temperature_K=298.15, solvent=solvent)
    assert shift.value == pytest.approx(vs_SCE_V, abs=2e-3)
    assert (shift.systematic or 0.0) >= 0.05


def test_an_unmeasured_solvent_keeps_ferrocene_with_a_wider_uncertainty() -> None:
    shift = scale_shift("Fc", "SHE", temperature_K=298.15, solvent="HFIP")
    assert shift.systematic == pytest.approx(0.1)


def test_water_has_couples_of_its_own() -> None:
    water, organic = couple("TEMPO", solvent="H2O"), couple("TEMPO", solvent="DMF")
    assert water.potential_V_vs_SHE == pytest.approx(0.745)
    assert organic.potential_V_vs_SHE > water.potential_V_vs_SHE


def test_a_couple_from_another_kind_of_solvent_is_less_sure() -> None:
    assert (
        couple("carbamate", solvent="H2O").spread_V > couple("carbamate", solvent="MeCN").spread_V
    )


def test_a_molecule_has_every_couple_of_its_groups() -> None:
    found = couples_of(Reactant("x", smiles="COc1ccccc1Br"), "reduction", "DMF")
    assert {one.id for one in found} == {"aryl_bromide", "arene"}


@pytest.mark.parametrize("row", rows("couples"), ids=lambda row: row["id"])
def test_every_couple_can_be_placed_on_the_hydrogen_scale(row: dict[str, str]) -> None:
    found = couple(row["id"], row["direction"], row["solvent"] or None)
    assert -3.3 < found.potential_V_vs_SHE < 3.0
    assert 0.0 < found.spread_V < 1.0
    assert row["kind"] in {"half_wave", "half_peak", "peak", "onset", "practical"}


@pytest.mark.parametrize(
    ("name", "smiles", "vs_SCE"),
    [
        # half-waves and peaks in DMF or acetonitrile, recalled
        ("stilbene", "C(=Cc1ccccc1)c1ccccc1", -2.2),
        ("trans-stilbene", r"C(=C/c1ccccc1)\c1ccccc1", -2.2),
        ("1,1-diphenylethylene", "C=C(c1ccccc1)c1ccccc1", -2.3),
        ("methyl cinnamate", "COC(=O)C=Cc1ccccc1", -1.8),
        ("chalcone", "O=C(C=Cc1ccccc1)c1ccccc1", -1.4),
        ("cinnamaldehyde", "O=CC=Cc1ccccc1", -1.55),
        ("diethyl fumarate", "CCOC(=O)C=CC(=O)OCC", -1.4),
        ("N-phenylmaleimide", "O=C1C=CC(=O)N1c1ccccc1", -1.05),
        ("2-cyclohexenone", "O=C1CCCC=C1", -2.1),
        ("naphthalene", "c1ccc2ccccc2c1", -2.5),
        ("anthracene", "c1ccc2cc3ccccc3cc2c1", -1.95),
        ("perylene", "c1cc2cccc3c4cccc5cccc(c(c1)c23)c45", -1.65),
        ("biphenyl", "c1ccc(-c2ccccc2)cc1", -2.6),
        ("quinoline", "c1ccc2ncccc2c1", -2.1),
        ("acetophenone", "CC(=O)c1ccccc1", -2.05),
        ("benzophenone", "O=C(c1ccccc1)c1ccccc1", -1.75),
        ("fluorenone", "O=C1c2ccccc2-c2ccccc12", -1.3),
        ("benzil", "O=C(C(=O)c1ccccc1)c1ccccc1", -1.1),
        ("1,4-dinitrobenzene", "[O-][N+](=O)c1ccc(cc1)[N+](=O)[O-]", -0.7),
        ("beta-nitrostyrene", "[O-][N+](=O)C=Cc1ccccc1", -0.85),
        ("diphenylacetylene", "C(#Cc1ccccc1)c1ccccc1", -2.15),
        ("dimethyl terephthalate", "COC(=O)c1ccc(cc1)C(=O)OC", -1.7),
        ("N-benzylideneaniline", "C(=Nc1ccccc1)c1ccccc1", -1.85),
    ],
)
def test_conjugation_and_a_second_group_make_a_reduction_easier(
    name: str, smiles: str, vs_SCE: float
) -> None:
    for reactant in (Reactant("x", name), Reactant("x", None, smiles)):
        first = max(
            couples_of(reactant, "reduction", "DMF"), key=lambda one: one.potential_V_vs_SHE
        )
        assert abs(first.potential_V_vs_SHE - (vs_SCE + 0.241)) <= first.spread_V


@pytest.mark.parametrize(
    ("smiles", "vs_SCE"),
    [
        ("C(=Cc1ccccc1)c1ccccc1", 1.5),
        ("COc1ccc(C=CC)cc1", 1.25),
        ("c1ccc2cc3ccccc3cc2c1", 1.15),
        ("c1ccc2ccccc2c1", 1.6),
    ],
)
def test_conjugation_makes_an_oxidation_easier(smiles: str, vs_SCE: float) -> None:
    found = couples_of(Reactant("x", None, smiles), "oxidation", "MeCN")
    first = min(found, key=lambda one: one.potential_V_vs_SHE)
    assert abs(first.potential_V_vs_SHE - (vs_SCE + 0.241)) <= first.spread_V
