"""Electrons per molecule follow from the formulas of product and feed; nothing is looked up."""

from __future__ import annotations

import pytest

from faradaic.chemistry.electron_balances import (
    electrons_per_molecule,
    half_reaction,
    named_products,
)
from faradaic.chemistry.formulas import parse_formula
from faradaic.diagnostics import InputError

# Nitopi et al., Chem. Rev. 119 (2019) 7610, table 1
FROM_CO2 = {
    "hydrogen": 2,
    "carbon monoxide": 2,
    "formate": 2,
    "formic acid": 2,
    "methanol": 6,
    "methane": 8,
    "ethylene": 12,
    "ethanol": 12,
    "acetate": 8,
    "ethane": 14,
    "acetaldehyde": 10,
    "n-propanol": 18,
    "acetone": 16,
}


@pytest.mark.parametrize(("product", "electrons"), FROM_CO2.items())
def test_products_of_carbon_dioxide(product: str, electrons: int) -> None:
    assert electrons_per_molecule(product, "CO2") == electrons


@pytest.mark.parametrize(
    ("product", "feed", "electrons"),
    [
        # from CO every carbon atom needs two electrons less than from CO2
        ("CH4", "CO", 6),
        ("C2H4", "CO", 8),
        ("ethanol", "CO", 8),
        ("acetate", "CO", 4),
        # 2 NO3- + 12 H+ + 10 e- -> N2 + 6 H2O and its relatives, Bard, Parsons and Jordan (1985)
        ("NH3", "N2", 3),
        ("NH3", "nitrate", 8),
        ("NH4+", "NO3-", 8),
        ("nitrite", "nitrate", 2),
        ("N2", "NO3-", 10),
        ("ammonia", "NO2-", 6),
        # anodic: 2 H2O -> O2 + 4 H+ + 4 e-; benzyl alcohol to aldehyde and acid
        ("O2", (), 4),
        ("C6H5CHO", "C6H5CH2OH", 2),
        ("C6H5COOH", "C6H5CH2OH", 4),
        # cathodic: nitrobenzene to aniline; chlorobenzene to benzene and chloride
        ("C6H5NH2", "C6H5NO2", 6),
        ("C6H6", "C6H5Cl", 2),
        # adiponitrile from two acrylonitriles: one electron for each, two per product
        ("NC(CH2)4CN", "CH2CHCN", 2),
        # urea out of CO2 and nitrate or nitrogen
        ("urea", ("CO2", "nitrate"), 16),
        ("urea", ("CO2", "N2"), 6),
    ],
)
def test_products_of_other_feeds(product: str, feed: str, electrons: int) -> None:
    assert electrons_per_molecule(product, feed) == electrons


def test_oxidations_give_electrons_away_and_reductions_take_them() -> None:
    assert half_reaction("O2", ()).electrons == -4
    assert half_reaction("C2H4", "CO2").electrons == 12


def test_the_half_reaction_can_be_read() -> None:
    assert str(half_reaction("C2H4", "CO2")) == "2 CO2 + 12 H+ + 12 e- -> C2H4 + 4 H2O"
    assert str(half_reaction("O2", ())) == "2 H2O -> O2 + 4 H+ + 4 e-"
    assert str(half_reaction("C6H6", "C6H5Cl")) == "C6H5Cl + H+ + 2 e- -> C6H6 + Cl-"


def test_a_byproduct_takes_its_elements_away() -> None:
    # phenylhydrazine loses its nitrogen as N2: C6H5NHNH2 -> C6H6 + N2 + 2 H+ + 2 e-
    reaction = half_reaction("C6H6", "C6H5NHNH2", byproducts=["N2"])
    assert str(reaction) == "C6H5NHNH2 -> C6H6 + N2 + 2 H+ + 2 e-"


@pytest.mark.parametrize(
    ("product", "feed"),
    [("NH3", "CO2"), ("C6H6", "C6H5NHNH2"), ("C2H4", ("CO2", "CO")), ("C2H4", "H2O")],
)
def test_what_does_not_balance_in_one_way_is_refused(
    product: str, feed: str | tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match="E731"):
        electrons_per_molecule(product, feed)


def test_the_feed_is_no_product_of_itself() -> None:
    with pytest.raises(InputError, match="no electrons are exchanged"):
        electrons_per_molecule("CO", "CO")


def test_every_named_product_is_a_formula() -> None:
    for formula, phase in named_products().values():
        assert parse_formula(formula).atoms
        assert phase in ("gas", "liquid")


@pytest.mark.parametrize(
    ("text", "atoms", "charge"),
    [
        ("CO3^2-", {"C": 1, "O": 3}, -2),
        ("SO4--", {"S": 1, "O": 4}, -2),
        ("[Ag25(SC8H9)18]-", {"Ag": 25, "S": 18, "C": 144, "H": 162}, -1),
        ("Co", {"Co": 1}, 0),
        ("CO", {"C": 1, "O": 1}, 0),
    ],
)
def test_formulas_are_read(text: str, atoms: dict[str, int], charge: int) -> None:
    formula = parse_formula(text)
    assert (formula.atoms, formula.charge) == (atoms, charge)


@pytest.mark.parametrize("text", ["", "Xx2", "(CH3", "CH3)", "[CH3)", "co2", "C+-", "2H2O"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a formula"):
        parse_formula(text)
