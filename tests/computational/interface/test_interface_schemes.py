"""Published barriers lead to the published conclusions, with the doubts they deserve."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faradaic.computational.interface.free_energy_figures import (
    path_figure,
    save,
)
from faradaic.computational.interface.leaching import leaching, passable_barrier_eV
from faradaic.computational.interface.scheme import (
    PUBLISHED,
    ElementaryStep,
    potential_findings,
    rate_control,
    read_steps,
    select,
    selectivity,
)
from faradaic.computational.interface.systems_side_by_side import compare_systems, step_figure
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K, BOLTZMANN_PER_PLANCK_HZ_PER_K

# Numbers: Ye et al., Chem. Commun. 61 (2025) 2790, text on figures 1 to 3, S4, S6 and S9.


@pytest.fixture(scope="module")
def steps() -> tuple[ElementaryStep, ...]:
    return read_steps(PUBLISHED)


def codes(findings: tuple[object, ...]) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]


def test_every_published_number_names_its_place_and_source() -> None:
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 19
    for row in rows:
        assert "10.1039/d4cc06185c" in row["source"]
        assert row["barrier_eV"] in row["quote"]
        assert "fig. " in row["quote"] or row["barrier_eV"] == "1.28"


def test_cooh_formation_limits_ag25_and_co_formation_au25(
    steps: tuple[ElementaryStep, ...],
) -> None:
    silver = rate_control(select(steps, "Ag25", "CO2RR"))
    gold = rate_control(select(steps, "Au25", "CO2RR"))
    assert silver.limiting.name == "*COOH formation"
    assert gold.limiting.name == "*CO formation"
    assert silver.margin_eV == pytest.approx(0.93 - 0.68)
    assert codes(silver.findings) == []
    # 0.81 against 0.71 eV without errors does not establish an order
    assert codes(gold.findings) == ["E862"]
    kT = BOLTZMANN_EV_PER_K * 300.0
    assert gold.control[1] / gold.control[2] == pytest.approx(np.exp(-0.10 / kT), rel=1e-6)
    assert sum(gold.control) == pytest.approx(1.0)
    assert gold.energetic_span.value is None
    rate = np.log10(BOLTZMANN_PER_PLANCK_HZ_PER_K * 300.0 * np.exp(-0.93 / kT))
    assert silver.log10_turnover_Hz == pytest.approx(rate, abs=1e-3)


def test_hydrogen_evolution_is_the_slower_way_on_both(steps: tuple[ElementaryStep, ...]) -> None:
    for system, limiting, difference_eV in (("Ag25", "Volmer", 0.52), ("Au25", "Heyrovsky", 0.53)):
        co2, her = (rate_control(select(steps, system, way)) for way in ("CO2RR", "HER"))
        found = selectivity(co2, her)
        assert her.limiting.name == limiting
        assert found.difference_eV == pytest.approx(difference_eV)
        assert found.rate_ratio_log10 > 8
        assert codes(found.findings) == []


def test_silver_and_gold_are_compared_at_unequal_potentials(
    steps: tuple[ElementaryStep, ...],
) -> None:
    both = [*select(steps, "Ag25", "CO2RR"), *select(steps, "Au25", "CO2RR")]
    (finding,) = potential_findings(both)
    assert finding.code == "E860"
    assert "Ag25 at -0.84 V, Au25 at -0.60 V" in finding.message
    assert finding.numbers["apart_V"] == pytest.approx(0.24)
    assert potential_findings(both[:4]) == ()
    comparison = compare_systems(steps)
    assert sorted(codes(comparison.findings)) == ["E860", "E862"]
    told = "\n".join(comparison.lines())
    assert "Ag25 CO2RR at -0.84 V: *COOH formation is rate-determining" in told
    assert "Au25 CO2RR at -0.60 V: *CO formation is rate-determining" in told


def test_ligands_leave_gold_at_less_negative_potentials_than_silver(
    steps: tuple[ElementaryStep, ...],
) -> None:
    silver, gold = leaching(steps, "Ag25"), leaching(steps, "Au25")
    assert silver.potentials_V == (0.33, -0.84, -1.10)
    assert silver.barriers_eV == (1.28, 1.04, 0.67)
    assert silver.outcomes == ("stays", "half", "leaves")
    assert silver.bracket_V == (-1.10, -0.84)
    assert gold.bracket_V == (-0.60, 0.11)
    # once per second at 300 K: kT ln(kT s/h) = 0.762 eV, on the straight lines between the points
    assert passable_barrier_eV(300.0, 1.0) == pytest.approx(0.762, abs=5e-4)
    assert silver.threshold.value == pytest.approx(-0.84 - 0.26 * (1.04 - 0.762) / 0.37, abs=2e-3)
    assert gold.threshold.value == pytest.approx(0.11 - 0.71 * (1.13 - 0.762) / 1.06, abs=2e-3)
    assert silver.barrier_at_eV(-0.60) == pytest.approx(1.04 + 0.24 * 0.24 / 1.17)
    with pytest.raises(InputError, match="nothing is extrapolated"):
        gold.barrier_at_eV(-0.84)
    at_one = compare_systems(steps).leaching_at_one_potential()
    assert list(at_one) == [0.11, -0.60]
    assert at_one[-0.60]["Ag25"] - at_one[-0.60]["Au25"] > 1.0


def test_no_threshold_where_every_barrier_is_passed(steps: tuple[ElementaryStep, ...]) -> None:
    patient = leaching(steps, "Au25", waiting_s=1e15)
    assert patient.threshold.value is None
    assert "below" in patient.threshold.reason
    with pytest.raises(InputError, match="shorter than one attempt"):
        leaching(steps, "Au25", waiting_s=1e-15)
    with pytest.raises(InputError, match="no steps of Cu25 leaching"):
        leaching(steps, "Cu25")


def cycle(barriers: list[float], energies: list[float]) -> list[ElementaryStep]:
    return [
        ElementaryStep("X", "cycle", k + 1, f"step {k + 1}", barrier, -0.5, energy, 0.01)
        for k, (barrier, energy) in enumerate(zip(barriers, energies, strict=True))
    ]


def steady_state(steps: list[ElementaryStep], temperature_K: float) -> float:
    """Turnover of the cycle by solving its master equation, 1/s."""
    kT = BOLTZMANN_EV_PER_K * temperature_K
    attempt = BOLTZMANN_PER_PLANCK_HZ_PER_K * temperature_K
    n = len(steps)
    rates = np.zeros((n, n))
    forward, backward = np.empty(n), np.empty(n)
    for k, step in enumerate(steps):
        assert step.reaction_energy_eV is not None
        forward[k] = attempt * np.exp(-step.barrier_eV / kT)
        backward[k] = attempt * np.exp(-(step.barrier_eV - step.reaction_energy_eV) / kT)
        after = (k + 1) % n
        rates[after, k] += forward[k]
        rates[k, k] -= forward[k]
        rates[k, after] += backward[k]
        rates[after, after] -= backward[k]
    matrix = np.vstack([rates / attempt, np.ones(n)])
    share = np.linalg.lstsq(matrix, np.append(np.zeros(n), 1.0), rcond=None)[0]
    return float(forward[0] * share[0] - backward[0] * share[1 % n])


def test_turnover_and_rate_control_are_those_of_the_master_equation() -> None:
    steps = cycle([0.35, 0.30, 0.40], [0.10, 0.05, -0.35])
    found = rate_control(steps, 600.0)
    assert 10**found.log10_turnover_Hz == pytest.approx(steady_state(steps, 600.0), rel=1e-6)
    # Campbell's definition: raise one transition state, both ways, and look at the rate
    kT, small = BOLTZMANN_EV_PER_K * 600.0, 1e-4
    for k, share in enumerate(found.control):
        rates = []
        for shift in (-small, small):
            moved = [
                replace(s, barrier_eV=s.barrier_eV + shift * (j == k)) for j, s in enumerate(steps)
            ]
            rates.append(steady_state(moved, 600.0))
        numeric = -kT * np.log(rates[1] / rates[0]) / (2 * small)
        assert share == pytest.approx(numeric, abs=1e-4)


def test_the_highest_barrier_need_not_limit_but_the_energetic_span_does() -> None:
    # the second step has the highest barrier, but the third transition state lies highest over
    # the resting state
    found = rate_control(cycle([0.2, 0.6, 0.5], [-0.1, 0.4, -0.8]), 300.0)
    assert found.limiting.name == "step 3"
    assert found.energetic_span.value == pytest.approx(0.4 + 0.5)
    with pytest.raises(InputError, match=r"uphill by 0\.20 eV"):
        rate_control(cycle([0.5, 0.5], [0.1, 0.1]), 300.0)


def test_bad_tables_are_refused_at_their_line(
    tmp_path: Path, steps: tuple[ElementaryStep, ...]
) -> None:
    path = tmp_path / "steps.csv"
    good = "cluster,process,order,step,barrier_eV,U_RHE_V\nCu,CO2RR,1,first,0.5,-0.8\n"
    path.write_text(good)
    assert read_steps(path) == (ElementaryStep("Cu", "CO2RR", 1, "first", 0.5, -0.8),)
    for wrong in ("0,5", "", "-0.5", "nan"):
        path.write_text(good + f'Cu,CO2RR,2,second,"{wrong}",-0.8\n')
        with pytest.raises(InputError, match="barrier_eV is") as error:
            read_steps(path)
        place = error.value.diagnostics[0].location
        assert place is not None
        assert (place.line, "second" in place.text) == (3, True)
    path.write_text("cluster,step\nCu,first\n")
    with pytest.raises(InputError, match="no column process, order, barrier_eV, U_RHE_V"):
        read_steps(path)
    with pytest.raises(InputError, match="there is Ag25 CO2RR"):
        select(steps, "Cu", "CO2RR")
    with pytest.raises(InputError, match="numbered"):
        rate_control(select(steps, "Ag25", "CO2RR")[1:])


def test_a_figure_names_its_heights_and_is_the_same_again(
    tmp_path: Path, steps: tuple[ElementaryStep, ...]
) -> None:
    for name in ("once", "again"):
        save(step_figure(steps, "CO2RR"), tmp_path / name)
    drawing = (tmp_path / "once.svg").read_text()
    for text in (
        "*COOH formation",
        "Ag25, -0.84 V: 0.93 eV",
        "Au25, -0.60 V: 0.81 eV",
        "schematic",
    ):
        assert text in drawing
    assert (tmp_path / "again.svg").read_text() == drawing


def test_the_whole_way_is_drawn_only_with_all_reaction_energies(
    tmp_path: Path, steps: tuple[ElementaryStep, ...]
) -> None:
    save(path_figure([("X", cycle([0.35, 0.61], [0.10, -0.35]))]), tmp_path / "way")
    assert "0.61" in (tmp_path / "way.svg").read_text()
    with pytest.raises(InputError, match="CO2 activation has no reaction energy"):
        path_figure([("Ag25", select(steps, "Ag25", "CO2RR"))])
