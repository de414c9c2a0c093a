"""Descriptors of compositions: the paper's radii, means and spreads by hand, gaps said."""

import math

import pytest

from faradaic.chemistry.elements import elements
from faradaic.computational.screening.descriptors import (
    UNITS,
    descriptor_values,
    property_of,
)
from faradaic.computational.screening.ions import (
    Ion,
    parse_ions,
    redox_inactive_cations,
)
from faradaic.computational.screening.radii import ionic_radius_A
from faradaic.diagnostics import InputError


def test_radii_are_ionic_and_the_paper_s() -> None:
    # Dheerasinghe et al. 2025 print Zn2+ 0.60 and Mg2+ 0.57 Å (tetrahedra), Ca2+ 1.00 Å, for which
    # Shannon has no tetrahedral radius.
    assert ionic_radius_A(Ion("Zn", 2), "IV") == 0.60
    assert ionic_radius_A(Ion("Mg", 2), "IV") == 0.57
    assert ionic_radius_A(Ion("Ca", 2)) == 1.00
    # The crystal radius of Sb5+ would be 0.74 Å.
    assert ionic_radius_A(Ion("Sb", 5)) == 0.60
    with pytest.raises(InputError, match=r"E806.*no radius for Ca2\+ in coordination IV"):
        ionic_radius_A(Ion("Ca", 2), "IV")


def test_spin_states_are_not_guessed() -> None:
    assert ionic_radius_A(Ion("Fe", 2), spin="high") == 0.78
    assert ionic_radius_A(Ion("Fe", 2), spin="low") == 0.61
    assert ionic_radius_A(Ion("Mg", 2), spin="high") == 0.72
    with pytest.raises(InputError, match=r"E806.*two spin states for Fe2\+"):
        ionic_radius_A(Ion("Fe", 2))


def test_mean_and_spread_by_hand() -> None:
    # Shannon VI: Mg 0.72, Zn 0.74, In 0.80, Sb 0.60 Å; Pauling: 1.31, 1.65, 1.78, 2.05.
    values = descriptor_values(
        {"Mg2(MgZnInSb)O8": ("Mg", "Zn", "In", "Sb")}, redox_inactive_cations()
    )
    found = {name: by_composition["Mg2(MgZnInSb)O8"] for name, by_composition in values.items()}
    assert found == pytest.approx(
        {
            "mean electronegativity": 1.6975,
            "standard deviation of electronegativity": math.sqrt(0.28347500 / 4),
            "mean ionic radius": 0.715,
            "standard deviation of ionic radius": math.sqrt(0.0211 / 4),
        },
        rel=1e-6,
    )


@pytest.mark.parametrize("name", UNITS)
def test_every_descriptor_is_known_for_the_fourteen_cations(name: str) -> None:
    values = {ion: property_of(name, ion) for ion in redox_inactive_cations()}
    assert all(value > 0 for value in values.values())
    assert len(set(values.values())) > 1


def test_a_gap_in_the_tables_is_said() -> None:
    with pytest.raises(InputError, match=r"E813.*no valence electrons of Er"):
        property_of("valence electrons", Ion("Er", 3))
    with pytest.raises(InputError, match=r"E812.*'hardness' is not a descriptor"):
        property_of("hardness", Ion("Mg", 2))


def test_a_pool_that_leaves_the_charge_open_is_refused() -> None:
    with pytest.raises(InputError, match=r"E814.*Mn is in the pool as Mn3\+, Mn4\+"):
        descriptor_values({"spinel": ("Mn",)}, parse_ions(["Mn3+", "Mn4+"]))
    with pytest.raises(InputError, match=r"E814.*Al is not in the pool"):
        descriptor_values({"spinel": ("Al",)}, parse_ions(["Mn3+"]))


def test_tables_agree_with_an_independent_one() -> None:
    smact = pytest.importorskip("smact")
    for ion in redox_inactive_cations():
        other = smact.Element(ion.element)
        row = elements()[ion.element]
        assert row["pauling_electronegativity"] == pytest.approx(other.pauling_eneg, abs=0.02)
        assert row["first_ionisation_energy_eV"] == pytest.approx(other.ionpot, abs=0.01)
        assert row["standard_atomic_weight"] == pytest.approx(other.mass, rel=1e-3)
