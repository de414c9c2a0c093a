"""What a study file leaves out or misspells is one diagnostic that says what to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.studies.analysis import analyze_study
from faradaic.studies.loading import load_study
from faradaic.studies.study_kinds import STUDY_KINDS
from faradaic.studies.templates import write_template

Writer = Callable[..., Path]

NEEDED = {
    "area": "1 cm^2",
    "reference": "Hg/HgO (1 M KOH)",
    "positive_current": "anodic",
    "feed": "CO2",
    "flow": "outlet",
    "meter": "{temperature: 0 degC, pressure: 1 atm}",
}


def refused(path: Path, *assume: str) -> Diagnostic:
    with pytest.raises(InputError) as caught:
        analyze_study(path, assume)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize(("name", "example"), NEEDED.items())
def test_a_missing_condition_is_named_and_its_example_is_accepted(
    co2_study: Writer, name: str, example: str
) -> None:
    path = co2_study(conditions={name: None})
    told = refused(path)
    assert told.code == "E782"
    assert told.message.startswith(f"`{name}` is missing: injections.csv needs it for")
    assert "\n" not in told.message
    assert f"`{name}: {example}`" in told.help
    outcome = analyze_study(path, [f"{name}={example}"])
    assert [(one.field, one.value) for one in outcome.assumptions] == [(name, example)]
    assert outcome.findings


def test_all_missing_conditions_are_told_at_once(co2_study: Writer) -> None:
    path = co2_study(conditions=dict.fromkeys((*NEEDED, "pH")))
    with pytest.raises(InputError) as caught:
        analyze_study(path)
    told = [d.message.split("`")[1] for d in caught.value.diagnostics]
    assert sorted(told) == sorted((*NEEDED, "pH"))


def test_an_error_of_the_data_stands_at_its_part_of_the_study(co2_study: Writer) -> None:
    told = refused(co2_study(rows=[(-0.5, 0.0, 20.0, 5000.0, 1000.0)]))
    assert "the current is 0" in told.message
    assert told.location is not None
    assert "electrolyses" in told.location.text


def test_a_missing_pH_is_named_where_the_scale_needs_it(co2_study: Writer) -> None:
    path = co2_study(conditions={"reference": "SCE", "pH": None})
    told = refused(path)
    assert "`pH` is missing" in told.message
    assert "`pH: 6.8`" in told.help
    assert "--assume pH=6.8" in told.help
    assert analyze_study(path, ["pH=6.8"]).findings
    assert analyze_study(co2_study(conditions={"reference": "SCE", "scale": "SHE"})).findings


def test_a_resistance_without_its_compensation_is_refused(co2_study: Writer) -> None:
    told = refused(co2_study(conditions={"resistance": "2 Ohm"}))
    assert "`compensated` is missing" in told.message


@pytest.mark.parametrize(
    ("old", "new", "code", "help_text"),
    [
        ("  area:", "  aera:", "E301", "did you mean `area`?"),
        ("kind: co2", "kind: CO2", "E780", "did you mean `co2`?"),
        ("faradaic_study: 1", "author: 1", "E312", "begin it with `faradaic_study: 1`"),
        ("area: 1 cm^2", "area: 1,0 cm^2", "E103", "1.0 cm^2"),
        ("area: 1 cm^2", "area: 1", "E102", "write the unit"),
        ("area: 1 cm^2", "area: -1 cm^2", "E111", "write `1 cm^2`"),
        ("injections.csv", "injection.csv", "E784", "did you mean injections.csv?"),
        ("flow: outlet", "flow: exit", "E304", "`outlet`"),
    ],
)
def test_a_mistake_is_found_at_its_line(
    co2_study: Writer, old: str, new: str, code: str, help_text: str
) -> None:
    path = co2_study()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    told = refused(path)
    assert told.code == code
    assert help_text in told.help
    assert told.location is not None
    line = told.location.text
    assert new.split(":")[-1].strip() in line or code == "E780"


def test_a_column_that_is_not_there_is_told_with_those_that_are(co2_study: Writer) -> None:
    told = refused(co2_study(products={"CO": {}, "C2H4": {}}))
    assert "no column for the C2H4" in told.message
    assert "'CO/ppm'" in told.help or "'CO (ppm)'" in told.help
    assert "columns: {C2H4: HEADER}" in told.help


def test_a_concentration_without_a_unit_is_not_guessed(co2_study: Writer) -> None:
    header = ("potential (V)", "current (mA)", "outlet flow (sccm)", "CO", "H2 (ppm)")
    told = refused(co2_study(header=header))
    assert "'CO'" in told.message
    assert "no unit" in told.message
    assert "`CO (ppm)`" in told.help


def test_an_injection_without_a_potential_is_told(co2_study: Writer) -> None:
    told = refused(co2_study([(-0.5, -50, 20, 5000, 1000), (None, -50, 20, 5000, 1000)]))
    assert told.message == "injection 2 of injections.csv has no potential"


def test_samples_have_names_of_their_own(co2_study: Writer) -> None:
    told = refused(co2_study(top={"samples": [{"name": "Ag"}, {"name": "Ag"}]}))
    assert "two samples are called 'Ag'" in told.message
    assert told.location is not None


def test_what_stands_in_the_file_cannot_be_assumed_as_well(co2_study: Writer) -> None:
    assert refused(co2_study(), "pH=7").code == "E781"
    assert "did you mean `area`?" in refused(co2_study(), "aera=1 cm^2").help


@pytest.mark.parametrize("kind", sorted(STUDY_KINDS.names()))
def test_templates_are_valid_and_never_overwrite(kind: str, tmp_path: Path) -> None:
    path = write_template(kind, tmp_path / "new")
    assert load_study(path).study.kind == kind
    with pytest.raises(InputError, match="exists already"):
        write_template(kind, tmp_path / "new")
    with pytest.raises(InputError, match="no kind of study is called `co`"):
        write_template("co", tmp_path)


def test_the_example_is_the_template() -> None:
    example = Path(__file__).parents[2] / "examples" / "co2_study" / "study.yaml"
    template = Path(__file__).parents[2] / "faradaic/studies/templates/co2.yaml"
    assert example.read_text() == template.read_text()
