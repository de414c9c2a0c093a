"""What is wrong with a plate is told with its line, and with the wells that it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.protocols.load import load_protocol
from protocols.plates.test_what_a_plate_becomes import PLATE, WELL, planned


def refused(
    folder: Path, plate: str, well: str = WELL, channels: int = 16
) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as caught:
        planned(folder, plate, well, channels)
    assert all(one.location is not None for one in caught.value.diagnostics)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("before", "after", "code", "line", "words"),
    [
        ("2 mA, 4 mA]", "2, 4 mA]", "E102", 7, "`2` has no unit"),
        ("2 mA, 4 mA]", "2 V, 4 mA]", "E105", 7, "a current is needed"),
        ("2 mA, 4 mA]", "3 A, 4 mA]", "E403", 7, "the 2450 gives at most"),
        ("current.current\n", "current.curent\n", "E452", 5, "did you mean `current`?"),
        ("steps[0]", "steps[7]", "E452", 8, "`steps` has [0] to [1]"),
        ("steps[0].constant_current.until", "solvent", "E452", 8, "no `solvent`"),
        ("steps[0].constant_current.until", "cell.type.gap", "E452", 8, "no `gap`"),
        ("values:", "value:", "E301", 7, "did you mean `values`?"),
        ("[1 F/mol, 2 F/mol]", "[]", "E305", 8, "is empty"),
        ("well.yaml", "wel.yaml", "E201", 3, "did you mean"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    before: str, after: str, code: str, line: int, words: str, tmp_path: Path
) -> None:
    assert before in PLATE
    found = refused(tmp_path, PLATE.replace(before, after))
    (one,) = (each for each in found if each.code == code)
    assert one.location is not None
    assert one.location.line == line
    assert words in f"{one.message} {one.help}"


def test_a_protocol_that_the_checks_refuse_is_named_by_its_wells(tmp_path: Path) -> None:
    found = refused(tmp_path, PLATE.replace("4 mA]", "4 mA, 3 A, 5 A]"))
    assert [one.code for one in found] == ["E403", "E403"]
    assert [one.message.partition(":")[0] for one in found] == ["wells B3, B4", "wells C1, C2"]


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ("layout: 1 x 4\n", "E450", "6 wells are asked for"),
        ("replicates: 65\n", "E450", "more than 384 wells"),
        ("wells: 7\n", "E450", "write `wells: 6`"),
        ("channels: 3\n", "E455", "`mine` has 2 channels"),
        ("controls: [no catalyst]\n", "E453", "it has substrate, Bu4NBF4, MeCN"),
        ("controls: [warm]\n", "E302", "leaves nothing out"),
        ("randomise: true\n", "E303", "`randomise: 7`"),
        ("runs: [well.yaml]\n", "E306", "both given"),
        ("wells: {A1: {current: 1 mA}}\n", "E306", "has values, and `wells` say them too"),
    ],
)
def test_what_does_not_fit_on_a_plate_is_refused(
    more: str, code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = refused(tmp_path, PLATE + more, channels=2)
    words = words.replace("`mine`", "`simulated`")
    assert any(one.code == code and words in f"{one.message} {one.help}" for one in found), found


def test_a_well_that_is_not_on_the_plate_is_refused(tmp_path: Path) -> None:
    plate = "faradaic_plate: 1\ntitle: t\nprotocol: well.yaml\nlayout: 6\nwells:\n  C1: {}\n"
    (one,) = refused(tmp_path, plate)
    assert one.code == "E451"
    assert one.location is not None
    assert one.location.line == 6


def test_wells_share_one_stirrer_unless_the_plate_says_otherwise(tmp_path: Path) -> None:
    plate = PLATE + "  environment.stirring: [600 rpm, 900 rpm]\n"
    (one,) = refused(tmp_path, plate)
    assert (one.code, one.location and one.location.line) == ("E454", 9)
    assert "share one stirrer" in one.message
    assert len(planned(tmp_path, plate + "shared: [temperature]\n").wells) == 12


def test_a_step_that_sets_what_is_shared_otherwise_is_refused_too(tmp_path: Path) -> None:
    well = WELL + "  - set: {stirring: 300 rpm}\n"
    (one,) = refused(tmp_path, PLATE, well)
    assert one.code == "E454"
    assert "300 rpm" in one.message


def test_a_plate_that_is_read_as_one_protocol_hears_so(tmp_path: Path) -> None:
    (tmp_path / "well.yaml").write_text(WELL + "wells: 24\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_protocol(tmp_path / "well.yaml")
    (one,) = caught.value.diagnostics
    assert one.code == "E456"
    assert "take it as a plate" in one.help
