"""The factors of a plate as a space that an optimiser from outside searches."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.plates.compile_plate import compile_plate
from faradaic.protocols.plates.load_plate import load_plate
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.bench_file import load_bench
from faradaic.runner.factor_space import Bounds, FactorSpace
from rigs.plates import PLATE, WELL

ANODE = "electrodes.anode.material"


@pytest.fixture
def space(tmp_path: Path) -> FactorSpace:
    """Currents, charges and two materials; 2 A is more than the bench has."""
    (tmp_path / "well.yaml").write_text(WELL, encoding="utf-8")
    text = PLATE.replace("4 mA]", "4 mA, 2 A]") + f"  {ANODE}: [Pt, graphite]\n"
    (tmp_path / "plate.yaml").write_text(text, encoding="utf-8")
    return FactorSpace.of(tmp_path / "plate.yaml")


def test_what_cannot_be_run_is_told_by_the_checks_and_never_asked_for(space: FactorSpace) -> None:
    charge = "steps[0].constant_current.until"
    too_much = {"current": "2 A", charge: "1 F/mol", ANODE: "Pt"}
    (problem,) = space.problems(too_much)
    assert problem.code == "E403"
    assert not space.is_feasible(too_much)
    asked = space.ask(100, seed=3)
    assert len(asked) == 3 * 2 * 2
    assert "2 A" not in {candidate["current"] for candidate in asked}
    assert len({tuple(candidate.values()) for candidate in asked}) == len(asked)
    assert space.ask(1) == []


def test_numbers_have_the_unit_of_their_factor(space: FactorSpace) -> None:
    assert "current" not in space.bounds  # `2 A` is of another unit than the rest
    charge = "steps[0].constant_current.until"
    assert space.bounds[charge] == Bounds(1.0, 2.0, "F/mol")
    expected = space.estimate({"current": "2 mA", charge: 1.5, ANODE: "Pt"})
    charge_C = 1.5 * FARADAY_C_PER_MOL * 0.2e-3
    assert expected.charge_C == pytest.approx(charge_C)
    assert expected.duration_s == pytest.approx(charge_C / 2e-3 + 30.0)
    assert expected.conversion == pytest.approx(0.75)  # 1.5 of 2 electrons, below the limit
    between = space.ask(5, seed=1, between_levels=True)
    assert all(1.0 <= float(one[charge].split()[0]) <= 2.0 for one in between)
    assert len({one[charge] for one in between}) == 5


def test_what_is_told_is_kept_and_the_best_of_it_is_found(space: FactorSpace) -> None:
    first, second, third = space.ask(3, seed=0)
    space.tell(first, 0.3)
    space.tell(second, None)
    space.tell(third, 0.2)
    assert space.pending == []
    assert space.best is not None
    assert space.best.candidate == first
    assert {tuple(c.values()) for c in space.ask(100)}.isdisjoint(
        tuple(c.values()) for c in (first, second, third)
    )


def test_a_plate_of_candidates_is_run_and_its_rows_are_told(
    space: FactorSpace, tmp_path: Path
) -> None:
    asked = space.ask(4, seed=5)
    path = tmp_path / "next.yaml"
    path.write_text(space.plate_text(asked, "next"), encoding="utf-8")
    plan = compile_plate(load_plate(path), load_bench(), 16)
    assert [dict(well.factors) for well in plan.wells] == asked
    rows = [
        {"factors": well.factors, "control": "", "outcome": outcome, "product_yield": value}
        for well, outcome, value in zip(
            plan.wells,
            ("COMPLETED", "COMPLETED", "TRIPPED", "COMPLETED"),
            (0.5, 0.7, None, None),
            strict=True,
        )
    ]
    assert space.tell_rows(rows, "product_yield") == 3
    assert [one.value for one in space.observations] == [0.5, 0.7, None]
    assert space.best is not None
    assert space.best.candidate == asked[1]
    assert space.pending == asked[3:]


@pytest.mark.parametrize(
    ("candidate", "words"),
    [({"curent": "1 mA"}, "did you mean `current`?"), ({"current": "1 mA"}, "give every factor")],
)
def test_a_candidate_that_is_none_is_refused(
    candidate: dict[str, str], words: str, space: FactorSpace
) -> None:
    with pytest.raises(InputError) as caught:
        space.estimate(candidate)
    assert words in caught.value.diagnostics[0].help


def test_what_is_no_number_cannot_be_told(space: FactorSpace) -> None:
    (one,) = space.ask(1)
    with pytest.raises(InputError):
        space.tell(one, float("nan"))
