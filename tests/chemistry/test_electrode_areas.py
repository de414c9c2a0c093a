"""Areas by form and basis, and the depth of the liquid."""

import math

import pytest

from faradaic.chemistry.electrode_areas import (
    active_basis,
    electrode_areas,
    liquid_depth_m,
    specific_area_per_m,
)


def test_a_felt_has_three_areas_that_differ_by_a_factor_of_sixty() -> None:
    # 20 x 10 x 3 mm, 95 % porous, 10 µm fibres: facing 2.0, envelope 5.5, fibres 120 cm²
    inner = specific_area_per_m("felt", None, None, None)
    areas = electrode_areas(
        "felt", width_m=10e-3, depth_m=20e-3, thickness_m=3e-3, specific_area_per_m=inner
    )
    assert areas == pytest.approx({"facing": 2.0e-4, "envelope": 5.5e-4, "wetted": 120e-4})
    assert active_basis("felt", areas) == "envelope"


def test_fibres_and_porosity_give_the_inner_area() -> None:
    # 4 (1 - 0.9) / 20 µm
    assert specific_area_per_m("felt", 0.9, 20e-6, None) == pytest.approx(2e4)


def test_a_foil_has_two_faces_and_its_edges() -> None:
    # 10 x 10 x 0.1 mm: facing 1.00, all 2.03 cm²
    foil = electrode_areas("foil", width_m=10e-3, depth_m=10e-3, thickness_m=0.1e-3)
    assert foil == pytest.approx({"facing": 1.00e-4, "envelope": 2.03e-4})
    assert active_basis("foil", foil) == "facing"


def test_an_insulated_back_does_not_count() -> None:
    plate = electrode_areas("plate", width_m=15e-3, depth_m=15e-3, faces=1)
    assert plate["envelope"] == pytest.approx(2.25e-4)


def test_half_a_rod_faces_the_counter_electrode() -> None:
    areas = electrode_areas("rod", diameter_m=6e-3, depth_m=20e-3)
    assert areas["facing"] == pytest.approx(math.pi * 6e-3 * 20e-3 / 2)
    assert areas["envelope"] == pytest.approx(math.pi * 6e-3 * 20e-3 + math.pi * 9e-6)
    assert active_basis("rod", areas) == "envelope"


def test_missing_dimensions_give_no_area() -> None:
    assert electrode_areas("plate", width_m=15e-3) == {}
    assert active_basis("plate", {}) is None


@pytest.mark.parametrize(("mL", "mm_wide", "mm_deep"), [(10, 25, 20.4), (3.5, 22, 9.2)])
def test_depth_of_liquid(mL: float, mm_wide: float, mm_deep: float) -> None:
    depth = liquid_depth_m(mL * 1e-6, mm_wide * 1e-3)
    assert depth == pytest.approx(mm_deep * 1e-3, rel=5e-3)
