"""A whole screening: the stored energies against the paper, studies of one's own, the command.

Published numbers: Dheerasinghe et al., Chem. Commun. 61 (2025) 11199, in
faradaic/computational/data/spinels_published.toml with the place of each.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.computational.screening.diffraction_figure import (
    pattern_table,
    synthesised_patterns,
)
from faradaic.computational.screening.entries import write_entries
from faradaic.computational.screening.entry_import import read_energies, write_csv
from faradaic.computational.screening.paper_comparison import compare
from faradaic.computational.screening.published import published_spinels
from faradaic.computational.screening.screening_report import render_screening
from faradaic.computational.screening.screening_study import (
    ScreeningStudy,
    analyze_study,
    load_study,
    stored_entries,
    summarize_study,
)
from faradaic.computational.screening.shipped_data import shown_structures
from faradaic.computational.screening.stored_structures import STRUCTURES
from faradaic.diagnostics import InputError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

HEAD = "faradaic_screening: 1\n"
SMALL = (
    HEAD
    + """\
title: Magnesium spinels <of a small pool>
fixed: [Mg2+]
pool: [Mg2+, Zn2+, Al3+, Ga3+, In3+, Sn4+, Sb5+]
limit: 1200 K
descriptors: [ionic radius, charge]
energies: [energies.csv]
"""
)


@pytest.fixture(scope="module")
def full():
    """The paper's study on the stored energies."""
    return summarize_study(ScreeningStudy(), stored_entries())


def test_the_pool_gives_127_compositions_for_each_mobile_ion(full):
    assert {name: len(full.diagram.of(name)) for name in full.series} == {
        "Mg": 127, "Zn": 127, "Ca": 127,
    }  # fmt: skip
    assert len({entry.method for entry in full.diagram.competitors}) == 1
    assert len({entry.formula for entry in full.diagram.competitors}) >= 130


def test_all_eight_published_correlations_have_their_sign_or_are_weak_in_both(full):
    stated = published_spinels().correlations
    assert len(stated) == 8
    for (series, descriptor), (r, _) in stated.items():
        ours = full.correlations[series, descriptor].r
        if abs(r) < 0.15:
            assert abs(ours) < 0.25
        else:
            assert ours * r > 0
            if series in ("Mg", "Zn"):
                assert ours == pytest.approx(r, abs=0.15)


def test_the_oxides_of_the_mobile_ions_are_the_most_frequent_competitors(full):
    assert full.frequencies["Mg"][0][0] == "MgO"
    assert full.frequencies["Zn"][0][0] == "ZnO"
    # The paper's CaIn2O4 is the first that holds calcium.
    assert next(f for f, _ in full.frequencies["Ca"] if "Ca" in f) == "CaIn2O4"


def test_the_named_best_and_worst_cations_stand_at_their_ends(full):
    for series, best, worst in (("Mg", "Sn", "Ca"), ("Zn", "Sn", "Ca"), ("Ca", "In", "Al")):
        medians = {cation: box.median for cation, box in full.boxes[series].items()}
        order = sorted(medians, key=medians.__getitem__)
        assert best in order[:3]
        assert worst == order[-1]


def test_the_compounds_that_were_made_are_among_the_lowest_tenth(full):
    rows = [c for c in compare(full, published_spinels()) if c.quantity == "made in the laboratory"]
    assert [row.agrees for row in rows] == [True] * 4 + [None] * 2
    assert rows[0].published == "Mg2(ZnMgSbIn)O8: phase pure"


def test_where_the_counts_differ_the_comparison_says_so(full):
    counts = {c.series: c for c in compare(full, published_spinels()) if "stable" in c.quantity}
    assert {name: c.published for name, c in counts.items()} == {"Mg": "19", "Zn": "26", "Ca": "8"}
    for name, compared in counts.items():
        assert compared.agrees is (compared.ours == compared.published)
        assert int(compared.ours) == len(full.diagram.stable(name))
    # As in the paper, zinc stabilises best and calcium worst.
    assert int(counts["Zn"].ours) > int(counts["Mg"].ours) > int(counts["Ca"].ours)


def test_correlations_over_few_cations_are_less_sure_than_over_many_compositions(full):
    for correlation in full.correlations.values():
        low, high = correlation.interval_compositions
        wide_low, wide_high = correlation.interval_cations
        assert wide_high - wide_low > high - low
    assert full.correlations["Mg", "standard deviation of ionic radius"].leaning_on[0] == "Ca"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A study of one's own with its file of energies, and what the command made of it."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.yaml").write_text(SMALL)
    write_csv(stored_entries(), folder / "energies.csv")
    result = CliRunner().invoke(
        app, ["screen", "spinels", str(folder / "study.yaml"), "--out", str(folder / "out")]
    )
    return folder, result


def test_a_study_of_ones_own_gives_figures_tables_and_a_report(small):
    folder, result = small
    assert result.exit_code == 0, result.output
    out = folder / "out"
    assert "Mg-based" in result.stdout
    assert "stable below 1200 K" in result.stdout
    assert "beside the paper" not in result.stdout
    for name in ("competing_phases", "cations", "descriptors", "sensitivity"):
        assert (out / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
        assert (out / f"{name}.svg").exists()
    with (out / "candidates.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    energies = [float(row["above_hull_meV_atom"]) for row in rows]
    assert energies == sorted(energies)
    assert all(set(row["mixed_site_cations"].split("-")) <= set(SMALL_POOL) for row in rows)
    assert "standard deviation of charge" in rows[0]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Magnesium spinels &lt;of a small pool&gt;" in page
    assert page.count("data:image/png;base64,") == 4
    assert "http:" not in page
    assert "https:" not in page


SMALL_POOL = ("Mg", "Zn", "Al", "Ga", "In", "Sn", "Sb")


def test_targets_outside_the_study_are_left_out_and_said(small):
    _, result = small
    assert "belong to no series of the study" in result.stderr


def test_the_papers_study_stands_beside_the_paper_with_the_reasons(full):
    published = published_spinels()
    page = render_screening(
        "Spinels", full, {}, published=published, compared=compare(full, published)
    )
    assert "10.1039/d5cc02095f" in page
    assert "Where the two differ, and why" in page
    assert "19/26/8 (Mg/Zn/Ca) in the paper" in page
    assert "it is no prediction" in page
    assert "CaSc2O4: it contains no Sc" in page
    assert page.count(">differs<") >= 3


def test_patterns_of_the_six_compounds_have_the_lines_of_spinel(full):
    pytest.importorskip("pymatgen")
    table = pattern_table(synthesised_patterns(full, published_spinels()))
    strongest = {row[0]: row[1] for row in sorted(table.rows, key=lambda row: row[4])}
    assert len(strongest) == 6
    assert set(strongest.values()) == {"311"}


def test_a_single_composition_is_a_screening_too(tmp_path):
    study = load_study(HEAD + "fixed: [Mg2+]\npool: [Mg2+, Zn2+, In3+, Sb5+]\n")
    result = analyze_study(study, stored_entries(), tmp_path)
    assert [c.verdict.name for c in result.summary.candidates] == ["Mg2(MgZnInSb)O8"]
    assert all(c.interval_cations is None for c in result.summary.correlations.values())
    assert "nan" not in (tmp_path / "correlations.csv").read_text()


def invoke(*arguments: str):
    return CliRunner().invoke(app, ["screen", *arguments])


def test_compositions_are_counted_without_computing_anything():
    content = json.loads(invoke("compositions", "--json").stdout)["series"]
    assert {name: series["compositions"] for name, series in content.items()} == {
        "Mg2+": 127, "Zn2+": 127, "Ca2+": 127,
    }  # fmt: skip
    # 72 + 36 + 18 + 1 by charge pattern.
    assert content["Mg2+"]["patterns"] == {
        "2-3-3-4": 72, "2-2-3-5": 36, "2-2-4-4": 18, "3-3-3-3": 1,
    }  # fmt: skip
    assert "Zn2(MgZnInSb)O8" in invoke("compositions", "--names").stdout.splitlines()


def test_a_plan_for_a_million_compositions():
    plan = json.loads(
        invoke(
            "plan", "--compositions", "1e6", "--workers", "1000", "--seconds", "3.6", "--json"
        ).stdout
    )
    assert plan["core_h"] == pytest.approx(1000)
    assert plan["wall_s"] == pytest.approx(3600, rel=0.05)
    assert "37.4 days" in invoke("plan", "--compositions", "1e6", "--workers", "1",
                                 "--seconds", "3.23").stdout  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + "pool: [Mg2+, Qq3+]\n", "Qq is not an element"),
        (HEAD + "fixed: [Mg2+]\npool: [Mg2+, Zn2+, Ca2+, Al3+]\n", "no composition"),
        (HEAD + "pols: [Mg2+]\n", "pols"),
        (HEAD + "limit: 1473\n", "limit"),
        (HEAD + "energies: [none.csv]\n", "there is no such file"),
    ],
)
def test_a_wrong_study_is_refused_in_words(tmp_path, text, why):
    path = tmp_path / "study.yaml"
    path.write_text(text)
    command = "spinels" if "energies" in text else "compositions"
    with pytest.raises(InputError, match=why):
        CliRunner().invoke(app, ["screen", command, str(path)], catch_exceptions=False)


def test_energies_of_two_methods_are_refused_unless_the_study_answers_for_them(tmp_path):
    entries = list(stored_entries())
    foreign = [e for e in entries if e.formula == "ZnO"]
    write_entries([e for e in entries if e not in foreign], tmp_path / "a.jsonl")
    write_csv([replace(e, method="PBE") for e in foreign], tmp_path / "b.csv")
    study = load_study(HEAD + "fixed: [Mg2+]\npool: [Mg2+, Zn2+, Al3+, Sn4+, Sb5+]\n")
    both = [
        *read_energies(tmp_path / "a.jsonl").entries,
        *read_energies(tmp_path / "b.csv").entries,
    ]
    with pytest.raises(InputError, match="energies of 2 methods in one hull"):
        summarize_study(study, both)
    allowed = study.model_copy(update={"allow_mixed_methods": True})
    assert summarize_study(allowed, both).series == ("Mg",)


def test_energies_cannot_be_given_twice(small):
    folder, _ = small
    with pytest.raises(InputError, match="the energies are given twice: --stored and the study"):
        CliRunner().invoke(
            app, ["screen", "spinels", str(folder / "study.yaml"), "--stored"],
            catch_exceptions=False,
        )  # fmt: skip


def test_screenings_are_analysed_without_torch_and_imported_lightly():
    code = (
        "import sys; import faradaic.computational.screening.screening_study;"
        " import faradaic.cli.screen_commands; heavy = 'torch pymatgen matplotlib scipy ase';"
        " print([m for m in heavy.split() if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"


def test_the_shipped_structures_are_those_of_the_shipped_energies() -> None:
    named = [json.loads(line)["name"] for line in STRUCTURES.read_text().splitlines()]
    assert named == [entry.name for entry in shown_structures(stored_entries())]
    # both come from one screening: every energy names the task that computed it, all converged
    assert all(len(entry.key) == 64 and entry.converged for entry in stored_entries())
