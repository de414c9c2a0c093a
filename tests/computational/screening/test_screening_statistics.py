"""Correlations carry intervals that mean something; sensitivity is that of a full recalculation."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from faradaic.computational.screening.candidates import find, ranked_candidates
from faradaic.computational.screening.phase_diagram import (
    Series,
    judge,
    phase_frequencies,
    without,
)
from faradaic.computational.screening.screening_study import stored_entries
from faradaic.computational.screening.sensitivity import (
    counts_below,
    leave_one_family_out,
    stable_intervals,
)
from faradaic.computational.screening.statistics import (
    cation_boxes,
    correlate,
    pair_means,
    ranks,
)

CATIONS = ("Mg", "Zn", "Ca", "Al", "Ga", "In")
GROUPS = list(itertools.combinations(CATIONS, 3))


@pytest.fixture(scope="module")
def diagram():
    """The Mg-based spinels and their competing phases."""
    entries = [e for e in stored_entries() if e.role == "competitor" or e.name.startswith("Mg2(")]
    return judge(entries, [Series("Mg", {"Mg": 2, "O": 8}, 4)])


def test_the_coefficient_is_that_of_numpy():
    random = np.random.default_rng(1)
    x, y = random.normal(size=(2, len(GROUPS)))
    result = correlate(x, x + y, GROUPS)
    assert result.r == pytest.approx(np.corrcoef(x, x + y)[0, 1], abs=1e-12)
    assert result.points == 20


def test_the_interval_over_compositions_is_that_of_fisher_for_independent_points():
    # Fisher's z has the standard error 1/sqrt(n - 3); 400 points, r = 0.5.
    random = np.random.default_rng(2)
    x = random.normal(size=400)
    y = 0.5 * x + np.sqrt(0.75) * random.normal(size=400)
    result = correlate(x, y, [(f"{n}",) for n in range(400)])
    z = np.arctanh(result.r)
    expected = np.tanh([z - 1.96 / np.sqrt(397), z + 1.96 / np.sqrt(397)])
    assert result.interval_compositions == pytest.approx(expected, abs=0.03)


def test_a_correlation_carried_by_one_cation_is_wide_over_cations_and_named():
    # Only calcium sets compositions apart; the other cations are noise.
    random = np.random.default_rng(3)
    x = np.array([float("Ca" in group) for group in GROUPS]) + 0.05 * random.normal(size=20)
    y = np.array([10.0 * ("Ca" in group) for group in GROUPS]) + 0.5 * random.normal(size=20)
    result = correlate(x, y, GROUPS)
    assert result.r > 0.98
    assert result.leaning_on is not None
    cation, rest = result.leaning_on
    assert cation == "Ca"
    others = ["Ca" not in group for group in GROUPS]
    assert rest == pytest.approx(np.corrcoef(x[others], y[others])[0, 1])
    low, high = result.interval_cations
    inner_low, inner_high = result.interval_compositions
    assert high - low > 1.5 * (inner_high - inner_low)


def test_what_does_not_vary_has_no_correlation():
    result = correlate([0.7] * 20, range(20), GROUPS)
    assert np.isnan(result.r)
    assert (result.interval_compositions, result.interval_cations) == (None, None)
    assert correlate([1, 2, 3], [1, 2, 4], GROUPS[:3]).interval_compositions is None
    with pytest.raises(ValueError, match="2 energies"):
        correlate([1, 2, 3], [1, 2], GROUPS[:3])


def test_boxes_and_pairs_are_those_of_the_compositions_with_the_cations(diagram):
    verdicts = diagram.of("Mg")
    energies = [v.above_hull_meV_atom for v in verdicts if "Sb" in v.cations]
    box = cation_boxes(verdicts, ["Sb", "La"])
    assert box.keys() == {"Sb"}
    assert box["Sb"].median == pytest.approx(np.median(energies))
    assert (box["Sb"].count, box["Sb"].highest) == (len(energies), max(energies))
    both = [v.above_hull_meV_atom for v in verdicts if {"Sb", "In"} <= set(v.cations)]
    means = pair_means(verdicts, ["Sb", "In", "Nb"])
    assert means["Sb", "In"] == (pytest.approx(np.mean(both)), len(both))
    # Two 5+ cations leave no charge-balanced composition.
    assert ("Sb", "Nb") not in means


def test_equal_energies_share_the_better_rank():
    assert ranks({"a": 2.0, "b": 1.0, "c": 2.0}) == {"a": 2, "b": 1, "c": 2}


def test_candidates_are_in_order_and_found_by_their_atoms(diagram):
    candidates = ranked_candidates(diagram)
    assert [c.rank for c in candidates] == sorted(c.rank for c in candidates)
    assert sum(c.stable for c in candidates) == len(diagram.stable("Mg"))
    best = candidates[0].verdict
    doubled = {element: 2 * count for element, count in best.entry.composition.items()}
    assert find(diagram, doubled) is best
    assert find(diagram, {"Mg": 1, "O": 1}) is None


def test_leaving_out_a_family_equals_the_whole_calculation_without_it(diagram):
    for family in ("spinel", "perovskite", "bixbyite"):
        quick = without(diagram, [e for e in diagram.competitors if e.family == family])
        full = judge(
            [
                *(v.entry for v in diagram.verdicts),
                *(e for e in diagram.competitors if e.family != family),
            ],
            diagram.series,
        )
        quick_energies = [v.above_hull_eV_atom for v in quick.verdicts]
        full_energies = [v.above_hull_eV_atom for v in full.verdicts]
        assert quick_energies == pytest.approx(full_energies, abs=1e-9)
        # Fewer phases can only raise the hull.
        for less, more in zip(quick.verdicts, diagram.verdicts, strict=True):
            assert less.above_hull_eV_atom <= more.above_hull_eV_atom + 1e-9


def test_the_sensitivity_report_begins_with_everything_and_says_where_no_hull_is_left(diagram):
    short = [replace(e, family="zinc") if "Zn" in e.composition else e for e in diagram.competitors]
    descriptors = {"atoms": {v.name: float(n) for n, v in enumerate(diagram.verdicts)}}
    rows = leave_one_family_out(
        judge([*short, *(v.entry for v in diagram.verdicts)], diagram.series), descriptors
    )
    assert (rows[0].family, rows[0].stable) == ("", {"Mg": len(diagram.stable("Mg"))})
    zinc = next(row for row in rows if row.family == "zinc")
    assert "Zn" in zinc.reason
    assert zinc.stable == {}
    spinel = next(row for row in rows if row.family == "spinel")
    assert spinel.stable["Mg"] > rows[0].stable["Mg"]
    assert spinel.targets > 0
    assert spinel.correlations.keys() == {("Mg", "atoms")}


def test_counts_rise_with_the_cut_and_lie_in_their_own_interval(diagram):
    counts = [row["Mg"] for _, row in counts_below(diagram, [0.0, 0.02, 0.04, 1.0])]
    assert counts == sorted(counts)
    assert counts[-1] == len(diagram.of("Mg"))
    low, high = stable_intervals(diagram)["Mg"]
    assert low < len(diagram.stable("Mg")) < high


def test_frequencies_count_each_decomposition_once(diagram):
    frequencies = dict(phase_frequencies(diagram.of("Mg")))
    assert frequencies["MgO"] == sum(
        any(p.entry.formula == "MgO" for p in v.decomposition.products) for v in diagram.of("Mg")
    )
