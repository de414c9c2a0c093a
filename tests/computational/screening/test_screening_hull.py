"""Energies above the hull are those of pymatgen; what cannot be a hull or a decomposition is said.

Energies: faradaic/computational/data/spinel_energies.csv (CHGNet 0.3.0).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from faradaic.chemistry.formulas import parse_formula
from faradaic.computational.screening.entries import EnergyEntry, reduced_formula
from faradaic.computational.screening.hull import (
    Hull,
    balance_findings,
    convergence_findings,
    credibility_finding,
)
from faradaic.computational.screening.phase_diagram import Series, judge
from faradaic.computational.screening.published import published_spinels
from faradaic.computational.screening.screening_study import stored_entries
from faradaic.computational.screening.stability_temperature import (
    configurational_entropy_eV_K_atom,
    stabilized_above_K,
    temperature_text,
)
from faradaic.diagnostics import InputError, Severity

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def atoms(formula: str) -> dict[str, int]:
    return dict(parse_formula(formula).atoms)


def entry(formula: str, energy_eV: float, role: str = "competitor", **fields) -> EnergyEntry:
    return EnergyEntry(
        formula, atoms(formula), energy_eV, fields.pop("method", "A"), role, **fields
    )


@pytest.fixture(scope="module")
def stored() -> tuple[EnergyEntry, ...]:
    return stored_entries()


@pytest.fixture(scope="module")
def hull(stored) -> Hull:
    return Hull(e for e in stored if e.role == "competitor")


def test_every_twentieth_target_lies_where_pymatgen_puts_it(stored, hull):
    phase_diagram = pytest.importorskip("pymatgen.analysis.phase_diagram")
    from pymatgen.core import Composition

    competitors = [e for e in stored if e.role == "competitor"]
    for target in [e for e in stored if e.role == "target"][::20]:
        elements = set(target.composition)
        entries = [
            phase_diagram.PDEntry(Composition(e.composition), e.energy_eV)
            for e in competitors
            if set(e.composition) <= elements
        ]
        entries += [phase_diagram.PDEntry(Composition(e), 0.0) for e in elements]
        _, expected = phase_diagram.PhaseDiagram(entries).get_decomp_and_e_above_hull(
            phase_diagram.PDEntry(Composition(target.composition), target.energy_eV),
            allow_negative=True,
        )
        assert hull.distance_eV_per_atom(target)[0] == pytest.approx(expected, abs=1e-8)


def test_the_products_have_the_atoms_and_the_energy_of_the_hull(stored, hull):
    for target in [e for e in stored if e.role == "target"][::25]:
        mixture = hull.decompose(target.composition)
        for element, count in target.composition.items():
            made = sum(
                p.fraction * p.entry.composition.get(element, 0) / p.entry.atoms
                for p in mixture.products
            )
            assert made == pytest.approx(count / target.atoms, abs=1e-9)
        energy = sum(p.fraction * p.entry.energy_eV_per_atom for p in mixture.products)
        assert energy == pytest.approx(mixture.energy_eV_per_atom, abs=1e-9)


def test_a_compound_below_all_mixtures_is_negative_and_not_clipped():
    hull = Hull([entry("MgO", -12.0), entry("Al2O3", -38.0)])
    above, mixture = hull.distance_eV_per_atom(entry("MgAl2O4", -51.4, "target"))
    assert above == pytest.approx(-1.4 / 7)
    assert {p.entry.name for p in mixture.products} == {"MgO", "Al2O3"}
    finding = credibility_finding(entry("MgAl2O4", -51.4, "target"), above)
    assert finding is not None
    assert "below the hull" in finding.message


def test_the_lowest_polymorph_spans_the_hull_and_the_order_of_entries_does_not_matter():
    phases = [entry("MgO", -12.0), entry("MgO", -12.6, prototype="rocksalt"), entry("MgO", -11.0)]
    for order in itertools.permutations(phases):
        product = Hull(order).decompose(atoms("Mg2O2")).products[0]
        assert (product.entry.prototype, product.fraction) == ("rocksalt", pytest.approx(1.0))


def test_two_methods_never_share_a_hull_unless_it_is_asked_for():
    pure = [entry("MgO", -12.0), entry("Al2O3", -38.0)]
    mixed = [*pure, entry("SnO2", -20.0, method="PBE")]
    with pytest.raises(InputError, match=r"energies of 2 methods in one hull: A \(2\); PBE \(1\)"):
        Hull(mixed)
    with pytest.raises(InputError, match="methods"):
        Hull(pure).distance_eV_per_atom(entry("MgAl2O4", -51.0, "target", method="PBE"))
    assert len(Hull(mixed, allow_mixed_methods=True).phases) == 3


def test_a_hull_without_a_phase_for_an_element_or_a_charge_says_which():
    with pytest.raises(InputError, match="none of them contains Sn"):
        Hull([entry("MgO", -12.0)]).decompose(atoms("Mg2SnO4"))
    with pytest.raises(InputError, match="cannot be mixed"):
        Hull([entry("MgO", -12.0)]).decompose(atoms("MgO2"))


def test_the_impossible_competitor_of_the_published_example_is_caught(hull):
    published = published_spinels()
    findings = balance_findings(published.decomposition_target, published.decomposition_products)
    assert [f.code for f in findings] == ["E825", "E825"]
    assert "CaSc2O4: it contains no Sc" in findings[0].message
    assert "leave out the Sn" in findings[1].message
    # What the hull gives instead holds every atom: CaSnO3 takes the place of CaSc2O4.
    products = [
        p.entry.composition for p in hull.decompose(published.decomposition_target).products
    ]
    assert {reduced_formula(p) for p in products} == {"CaSnO3", "ZnAl2O4", "ZnGa2O4", "ZnO"}
    assert balance_findings(published.decomposition_target, products) == ()


def test_a_decomposition_needs_positive_amounts_of_all_its_phases():
    spinel = atoms("MgAl2O4")
    assert balance_findings(spinel, [atoms("MgO"), atoms("Al2O3")]) == ()
    assert (
        "no positive amounts" in balance_findings(spinel, [atoms("MgO"), atoms("AlO")])[0].message
    )
    surplus = [atoms("MgO"), atoms("Al2O3"), atoms("MgO2")]
    assert "no positive amounts" in balance_findings(spinel, surplus)[0].message


def test_the_entropy_of_four_cations_on_four_of_fourteen_sites():
    # 4 kB ln 4 / 14 = 34.13 µeV/(K atom), 50.28 meV/atom at 1473 K.
    entropy = configurational_entropy_eV_K_atom([dict.fromkeys(("Mg", "Zn", "Sb", "In"), 1)], 14)
    assert entropy == pytest.approx(4 * 8.617333262e-5 * math.log(4) / 14, rel=1e-9)
    assert 1473 * entropy == pytest.approx(50.28e-3, abs=5e-6)
    assert stabilized_above_K(50.28e-3, entropy) == pytest.approx(1473, abs=0.2)
    assert stabilized_above_K(-0.01, entropy) < 0
    ordered = configurational_entropy_eV_K_atom([{"Mg": 4}], 14)
    assert (ordered, stabilized_above_K(0.01, ordered)) == (0.0, math.inf)
    assert stabilized_above_K(0.0, ordered) == -math.inf


def test_series_are_told_apart_by_their_atoms_not_by_names():
    series = {a: Series(a, {a: 2, "O": 8}, 4) for a in ("Mg", "Zn")}
    assert series["Mg"].mixed_cations(atoms("Mg2(MgZnInSb)O8")) == ("Mg", "Zn", "In", "Sb")
    assert series["Zn"].mixed_cations(atoms("Mg2(MgZnInSb)O8")) is None
    assert series["Mg"].mixed_cations(atoms("Mg6Zn2In2Sb2O16")) == ("Mg", "Zn", "In", "Sb")
    assert series["Mg"].mixed_cations(atoms("MgAl2O4")) == ("Al",)
    assert series["Mg"].mixed_cations(atoms("Mg2Al3SnO8")) is None


def test_odd_entries_are_flagged_by_name_and_strangers_left_out():
    competitors = [entry("MgO", -12.0), entry("Al2O3", -38.0, converged=False, max_force_eV_A=0.2)]
    good = entry("MgAl2O4", -50.1, "target")
    far = replace(good, name="far", energy_eV=-43.0)
    stranger = entry("Mg2O2", -24.0, "target")
    diagram = judge([*competitors, good, far, stranger], [Series("Mg", {"Mg": 2, "O": 8}, 4)])
    by_code = {f.code: f for f in diagram.findings}
    assert by_code.keys() == {"E826", "E827", "E829"}
    assert "Al2O3 (0.2 eV/Å left)" in by_code["E826"].message
    assert by_code["E827"].message.startswith("far lies 1000 meV/atom above the hull")
    assert "Mg2O2" in by_code["E829"].message
    assert {f.severity for f in diagram.findings} == {Severity.WARNING}
    assert [v.name for v in diagram.verdicts] == ["MgAl2O4", "far"]
    assert convergence_findings([good]) == ()


def test_a_phase_diagram_needs_targets_and_competitors():
    with pytest.raises(InputError, match="0 targets and 1 competing phases"):
        judge([entry("MgO", -12.0)], [])


def test_a_compound_below_the_hull_is_stable_at_any_temperature() -> None:
    assert temperature_text(stabilized_above_K(-0.049, 1.7e-5)) == "any"
    assert temperature_text(stabilized_above_K(0.0503, 3.413e-5)) == "1474 K"
