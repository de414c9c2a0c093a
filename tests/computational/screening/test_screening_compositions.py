"""A template has exactly the compositions that balance, and says so before it makes them."""

import sys
from collections import Counter
from itertools import combinations, islice

import pytest

from faradaic.computational.screening.compositions import (
    SiteTemplate,
    charge_patterns,
    compositions,
)
from faradaic.computational.screening.ions import (
    Ion,
    formula,
    parse_ion,
    parse_ions,
    redox_inactive_cations,
)
from faradaic.diagnostics import InputError
from rigs.spinels import spinel_template

OXIDE = Ion("O", -2)


def rocksalt(pool: tuple[Ion, ...], distinct: int) -> SiteTemplate:
    return SiteTemplate("rocksalt", None, pool, distinct, OXIDE, (0, 1, 1))


@pytest.mark.parametrize("fixed", ["Mg", "Zn", "Ca"])
def test_the_paper_s_spinels_are_127_for_each_cation_on_site_a(fixed: str) -> None:
    # Dheerasinghe et al., Chem. Commun. 2025, 61, 11199: "127 distinct HE compositions have been
    # generated for each divalent metal in A site".
    template = spinel_template(fixed)
    found = list(compositions(template))

    assert len({c.shared for c in found}) == len({c.name for c in found}) == len(found) == 127
    assert all(sum(ion.charge * n for ion, n in c.ions.items()) == 0 for c in found)
    assert all(sum(c.ions.values()) == 14 for c in found)
    assert Counter(tuple(sorted(ion.charge for ion in c.shared)) for c in found) == charge_patterns(
        template
    )


def test_charge_patterns_of_the_paper_s_spinels() -> None:
    # By hand: 3 divalent, 4 trivalent, 4 tetravalent, 3 pentavalent cations, four adding to 12:
    # 3 C(4,2) 4, C(3,2) 4 3, C(3,2) C(4,2), C(4,4).
    assert charge_patterns(spinel_template("Mg")) == {
        (2, 3, 3, 4): 72,
        (2, 2, 3, 5): 36,
        (2, 2, 4, 4): 18,
        (3, 3, 3, 3): 1,
    }


def test_the_cation_of_site_a_may_share_site_m_too() -> None:
    names = [c.name for c in compositions(spinel_template("Mg"))]
    assert "Mg2(MgZnInSb)O8" in names  # synthesised in the paper as Mg2(ZnMgSbIn)O8


@pytest.mark.parametrize(
    ("template", "first", "number"),
    [
        # Rost et al., Nat. Commun. 2015, 6, 8485: the five cations of the first entropic oxide.
        (
            rocksalt(parse_ions(["Mg2+", "Co2+", "Ni2+", "Cu2+", "Zn2+"]), 5),
            "(MgCoNiCuZn)O5",
            1,
        ),
        # LiM2O4: the charges of four different cations have to add up to 14.
        (spinel_template("Li+"), "Li2(MgAlZrNb)O8", None),
        # Sulfides: Mg on site A, three trivalent cations.
        (
            spinel_template("Mg", parse_ions(["In3+", "Sc3+", "Cr3+"]), 3, "S2-"),
            "Mg3(InScCr)2S12",
            1,
        ),
        # Five on site M need five formula units.
        (spinel_template("Zn", distinct=5), "Zn5(MgZnCaZrNb)2O20", None),
    ],
    ids=["rocksalt of five", "lithium spinel", "thiospinel", "spinel of five"],
)
def test_other_pools_and_prototypes(template: SiteTemplate, first: str, number: int | None) -> None:
    found = list(compositions(template))
    need = template.charge_on_shared_site
    by_force = [
        ions
        for ions in combinations(template.pool, template.distinct)
        if sum(ion.charge for ion in ions) == need
    ]

    assert first in [c.name for c in found]
    assert {c.shared for c in found} == set(by_force)
    assert len(found) == (number or len(by_force)) == sum(charge_patterns(template).values())
    assert all(sum(ion.charge * n for ion, n in c.ions.items()) == 0 for c in found)


def test_a_large_space_is_counted_and_entered_but_not_unrolled_by_mistake() -> None:
    metals = ("Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zr", "Nb", "Mo", "Ru", "Rh", "Pd")
    pool = tuple(Ion(metal, charge) for metal in metals for charge in (2, 3, 4, 5))
    template = spinel_template("Mg", pool, 6)

    with pytest.raises(InputError, match=r"E804.*more than the 100000 allowed"):
        compositions(template)
    assert sum(charge_patterns(template).values()) > 1_000_000
    assert len({c.shared for c in islice(compositions(template, largest=None), 1000)}) == 1000


def test_charges_of_one_element_are_told_apart_in_names() -> None:
    pool = parse_ions(["Mn3+", "Mn4+"])
    assert [c.name for c in compositions(spinel_template("Li+", pool, 2))] == ["Li([Mn3+][Mn4+])O4"]


def test_a_pool_that_cannot_balance_says_what_would_be_needed() -> None:
    trivalent = parse_ions(["Al3+", "Ga3+", "In3+", "Sc3+"])
    with pytest.raises(InputError) as caught:
        compositions(spinel_template("Li+", trivalent))
    (told,) = caught.value.diagnostics
    assert told.code == "E803"
    assert "Li+ on site A" in told.message
    assert "+14 together" in told.message
    assert "+12 to +12" in told.help


def test_ions_are_read_as_chemists_write_them() -> None:
    assert parse_ion("Mg2+") == parse_ion("Mg+2") == parse_ion("Mg") == Ion("Mg", 2)
    assert (parse_ion("Cl-"), str(Ion("O", -2)), str(Ion("Li", 1))) == (Ion("Cl", -1), "O2-", "Li+")
    assert str(parse_ion("Er3+")) == "Er3+"


def test_a_bare_element_has_its_only_charge_from_smact() -> None:
    pytest.importorskip("smact")
    assert parse_ion("Li") == Ion("Li", 1)
    with pytest.raises(InputError, match=r"E801.*charge of Fe.*Fe2\+, Fe3\+"):
        parse_ion("Fe")


@pytest.mark.parametrize(
    ("text", "said"),
    [("Xx2+", "Xx is not an element"), ("mg", "is not an ion"), ("Mg0+", "has no charge")],
)
def test_what_is_no_ion(text: str, said: str) -> None:
    with pytest.raises(InputError, match=rf"E800.*{said}"):
        parse_ion(text)


def test_an_absent_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smact", None)
    with pytest.raises(InputError, match=r"E809.*smact is not installed[\s\S]*\[computational\]"):
        parse_ion.__wrapped__("Li")


def test_what_is_no_template() -> None:
    with pytest.raises(InputError, match=r"E802.*Mg2\+ is named twice"):
        parse_ions(["Mg2+", "Al3+", "Mg"])
    with pytest.raises(InputError, match=r"E805.*15 different ions.*pool of 14"):
        spinel_template("Mg", distinct=15)
    with pytest.raises(InputError, match=r"E805.*an anion on site X"):
        spinel_template("Mg", anion="O2+")
    with pytest.raises(InputError, match=r"E805.*do not fit its ions"):
        SiteTemplate("rocksalt", Ion("Mg", 2), redox_inactive_cations(), 2, OXIDE, (0, 1, 1))


def test_formulas_name_cations_by_charge_and_the_anion_last() -> None:
    mg, al, ti = Ion("Mg", 2), Ion("Al", 3), Ion("Ti", 4)
    assert formula([OXIDE] * 8 + [al] * 4 + [mg] * 2) == "MgAl2O4"
    assert formula([ti, mg, mg, *[OXIDE] * 4]) == "Mg2TiO4"
