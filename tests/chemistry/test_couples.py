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
