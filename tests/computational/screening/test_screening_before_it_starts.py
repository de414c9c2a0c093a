"""What would end a screening after hours of computing is said before its first relaxation."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.computational.screening.competing import competing_structures
from faradaic.computational.screening.screening_study import ScreeningStudy, load_study, starts_of
from faradaic.diagnostics import InputError

pytest.importorskip("pymatgen")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

IRON = {"fixed": ("Mg2+",), "pool": ("Fe3+", "Al3+", "Ga3+"), "distinct": 2}


def test_an_ion_of_two_spin_states_wants_one_and_the_study_has_the_word_for_it() -> None:
    with pytest.raises(
        InputError, match=r"E806.*two spin states for Fe3\+.*\n.*spin: \{Fe3\+: high"
    ):
        starts_of(ScreeningStudy(**IRON))
    starts = starts_of(ScreeningStudy(**IRON, spin={"Fe3+": "high"}))
    assert next(s.name for s in starts if s.role == "target") == "Mg(FeAl)O4"
    described = ScreeningStudy(**IRON, spin={"Fe3+": "low"}).described({"a": ("Fe", "Al")})
    # Shannon 1976: Fe3+ VI low spin 0.55, Al3+ VI 0.535
    assert described["mean ionic radius"]["a"] == pytest.approx((0.55 + 0.535) / 2)


def test_spin_states_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "faradaic_screening: 1\n"
        "fixed: [Mg2+]\npool: [Fe3+, Al3+]\ndistinct: 2\nspin: {Fe3+: high}\n"
    )
    assert load_study(path).spin == {"Fe3+": "high"}


def test_an_element_with_two_charges_is_refused() -> None:
    study = ScreeningStudy(fixed=("Mg2+",), pool=("Mn2+", "Mn4+", "Al3+", "Ga3+"), distinct=2)
    with pytest.raises(InputError, match=r"E814.*Mn is in the pool as Mn2\+, Mn4\+"):
        starts_of(study)


def test_a_cation_that_no_competing_phase_holds_is_refused() -> None:
    study = ScreeningStudy(fixed=("Li+",), pool=("Li+", "Mg2+", "V5+", "W6+"), distinct=4)
    with pytest.raises(InputError, match=r"E824.*none of them contains W"):
        starts_of(study)


def test_a_study_without_site_a_enumerates_rock_salts(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "faradaic_screening: 1\n"
        "prototype: rocksalt\nfixed: []\npool: [Mg2+, Zn2+, Ca2+, Sr2+, Ba2+, Ni2+]\n"
        "distinct: 5\nsites: [0, 1, 1]\n"
    )
    said = CliRunner().invoke(app, ["screen", "compositions", str(path), "--names"])
    assert len(said.stdout.splitlines()) == 6
    assert said.stdout.startswith("(MgZnCaSrBa)O5\n")


def test_a_series_that_cannot_balance_says_why_beside_its_zero(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "faradaic_screening: 1\nfixed: [Mg2+, Al3+]\npool: [Al3+, Ga3+, In3+]\ndistinct: 2\n"
    )
    said = CliRunner().invoke(app, ["screen", "compositions", str(path)])
    assert said.exit_code == 0
    assert "Al3+          0" in said.output
    assert "E803" in said.output
    assert "would have to carry +5 together" in said.output
    names = CliRunner().invoke(app, ["screen", "compositions", str(path), "--names"])
    assert names.stdout.splitlines() == ["Mg(AlGa)O4", "Mg(AlIn)O4", "Mg(GaIn)O4"]


def test_bixbyite_starts_where_its_oxides_are() -> None:
    """In2O3 has six In-O distances of 2.12 to 2.23 Å around every In (Marezio 1966; recalled)."""
    (start,) = [s for s in competing_structures(["In3+"]) if s.name == "In2O3 bixbyite"]
    assert len(start.structure) == 40
    distances = [
        sorted(n.nn_distance for n in start.structure.get_neighbors(site, 3.0))
        for site in start.structure
        if site.specie.symbol == "In"
    ]
    assert {len(around) for around in distances} == {6}
    assert min(map(min, distances)) > 2.10
    assert max(map(max, distances)) < 2.26
