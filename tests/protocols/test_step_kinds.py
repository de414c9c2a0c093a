"""A step kind is one file: what it states of itself is all that protocols know of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Literal

import pytest
from jsonschema import Draft7Validator

from faradaic.cli.main import main
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import load_document
from faradaic.protocols import step_kind as kinds_module
from faradaic.protocols import step_kinds as kinds_package
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.discovery import import_modules
from faradaic.protocols.json_schema import protocol_json_schema
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan, StepPlan
from faradaic.protocols.schema import Protocol
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveVoltage
from faradaic.protocols.step_kind import EnergisedStep, StepKind, step_kind, step_kinds
from rigs.protocols import HEAD

TITRATION = "  - titration: {current: 2 mA, cell_voltage_limit: 5 V, until: 10 C}\n"


class TitrationPlan(StepPlan):
    """A current until the indicator turns."""

    kind: Literal["titration"] = "titration"
    current_A: float
    cell_voltage_limit_V: float

    @property
    def held_current_A(self) -> float:
        """Get the current that the source holds."""
        return self.current_A


class Titration(EnergisedStep):
    """A coulometric titration; made up for this test."""

    current_A: PositiveCurrent
    cell_voltage_limit_V: PositiveVoltage

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The current as written."""
        held_A = self.current_A
        return TitrationPlan(
            **self.heading(context, place, "titration"),
            **self.course(context, place.path, current_limit_A=held_A, held_current_A=held_A),
            current_A=held_A,
            cell_voltage_limit_V=self.cell_voltage_limit_V,
        )

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """A title that says otherwise."""
        if "no titration" in protocol.title:
            yield Diagnostic("E306", "the title says otherwise", help="mend it"), ("current",)


@pytest.fixture(autouse=True)
def _titration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up kind, known for the length of a test."""
    monkeypatch.setattr(kinds_module, "_kinds", dict(step_kinds()))
    step_kind("titration")(Titration)


def refusals(steps: str, head: str = HEAD) -> list[Diagnostic]:
    with pytest.raises(InputError) as refused:
        validate_protocol(load_document(f"{head}steps:\n{steps}", "test.yaml"))
    return list(refused.value.diagnostics)


def test_a_registered_kind_is_read_also_within_a_repeat() -> None:
    steps = f"{TITRATION}  - repeat:\n      count: 2\n      steps:\n      {TITRATION}"
    protocol = validate_protocol(load_document(f"{HEAD}steps:\n{steps}", "test.yaml")).protocol
    assert protocol.steps[0].kind == "titration"
    assert protocol.steps[0].body == Titration.model_validate(
        {"current": "2 mA", "cell_voltage_limit": "5 V", "until": "10 C"}
    )
    assert protocol.steps[1].body.steps[0] == protocol.steps[0]  # type: ignore[attr-defined]


def test_what_is_wrong_in_it_is_said_where_it_stands() -> None:
    (missing,) = refusals("  - titration: {current: 2 mA, until: 10 C}\n")
    assert (missing.code, missing.path) == ("E302", "steps[0].titration.cell_voltage_limit")
    (misspelt,) = refusals(TITRATION.replace("titration", "titraton"))
    assert misspelt.help == "did you mean `titration`?"
    (contradiction,) = refusals(TITRATION, HEAD.replace("a short electrolysis", "no titration"))
    assert contradiction.path == "steps[0].titration.current"
    assert contradiction.location is not None
    assert contradiction.location.text == TITRATION.rstrip()


def test_editors_get_it_with_the_json_schema() -> None:
    schema = protocol_json_schema()
    assert schema["definitions"]["Titration"]["description"].startswith("A coulometric titration")
    step = Draft7Validator({**schema, "$ref": "#/definitions/Step"})
    assert step.is_valid({"titration": {"current": "2 mA", "cell_voltage_limit": "5 V"}})
    assert not step.is_valid({"titration": {"current": "2 mA"}})
    assert not step.is_valid({"titraton": {}})


def test_it_is_planned_for_a_source_that_has_its_mode(planned, bench_with_mode) -> None:
    plan = planned(f"{HEAD}steps:\n{TITRATION}", bench_with_mode("titration"))
    (step,) = plan.steps
    assert isinstance(step, TitrationPlan)
    assert step.expected_duration_s == pytest.approx(5000.0)
    assert step.path == "steps[0].titration"
    # Estimates and checks take it for what it holds, not by the name of its kind.
    assert plan.estimates.current_density_A_per_m2["anode"]["facing"] == pytest.approx(
        2e-3 / 2.25e-4
    )
    assert any(finding["code"] == "V01" for finding in plan.findings)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_a_bench_whose_driver_cannot_run_it_refuses_it(planned, bench: str) -> None:
    with pytest.raises(InputError) as refused:
        planned(f"{HEAD}steps:\n{TITRATION}", bench)
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "E401"
    assert "has no titration mode" in diagnostic.message
    assert "it runs" in diagnostic.help
    assert "take a bench whose source has it" in diagnostic.help
    assert diagnostic.location is not None
    assert diagnostic.location.text == TITRATION.rstrip()


def test_a_kind_that_does_not_say_how_it_is_planned_is_read_and_refused(
    planned, bench_with_mode
) -> None:
    class Levitation(StepKind):
        """Made up, and not ready."""

        height_m: float | None = None

    step_kind("levitation")(Levitation)
    with pytest.raises(InputError, match="`levitation` is understood, but this version") as refused:
        planned(f"{HEAD}steps:\n  - levitation: {{}}\n", bench_with_mode("levitation"))
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "E402"
    assert "`titration`" in diagnostic.help
    assert "`repeat`" in diagnostic.help
    assert "`levitation`" not in diagnostic.help


def test_two_kinds_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="two step kinds are called titration"):
        step_kind("titration")(Titration)


def test_a_plan_with_a_step_of_no_kind_is_refused(planned, bench_with_mode) -> None:
    plan = planned(f"{HEAD}steps:\n{TITRATION}", bench_with_mode("titration"))
    with pytest.raises(ValueError, match="no step of a plan is called 'seance'"):
        Plan.model_validate_json(plan.model_dump_json().replace('"titration"', '"seance"', 1))


def test_every_kind_stands_in_the_file_of_its_name() -> None:
    own = {name: kind for name, kind in step_kinds().items() if kind is not Titration}
    assert [kind.__module__.rpartition(".")[2] for kind in own.values()] == list(own)


POLISH = '''
"""A current that cleans an electrode; made up for this test."""

from typing import ClassVar, Literal

from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveCurrent
from faradaic.protocols.step_kind import EnergisedStep, step_kind


class PolishPlan(StepPlan):
    kind: Literal["polish"] = "polish"
    current_A: float
    cell_voltage_limit_V: float


@step_kind("polish")
class Polish(EnergisedStep):
    """Clean an electrode."""

    mode: ClassVar[str] = "constant_current"
    current_A: PositiveCurrent

    def planned(self, context, place):
        held_A = self.current_A
        return PolishPlan(
            **self.heading(context, place, "polish"),
            **self.course(context, place.path, current_limit_A=held_A, held_current_A=held_A),
            current_A=held_A,
            cell_voltage_limit_V=5.0,
        )
'''


@pytest.mark.long
@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_a_kind_on_a_segment_that_exists_is_one_file(
    bench: str, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "polish.py").write_text(POLISH)
    (tmp_path / "p.yaml").write_text(f"{HEAD}steps:\n  - polish: {{current: 2 mA, until: 0.1 C}}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kinds_package, "__path__", [*kinds_package.__path__, "kinds"])
    monkeypatch.delitem(sys.modules, "faradaic.protocols.step_kinds.polish", raising=False)
    monkeypatch.setattr(StepPlan, "_kinds", dict(StepPlan._kinds))
    import_modules.cache_clear()
    try:
        for line in ("check p.yaml", "plan p.yaml", "run p.yaml --yes --json"):
            monkeypatch.setattr(sys, "argv", ["faradaic", *line.split(), "--bench", bench])
            with pytest.raises(SystemExit) as end:
                main()
            told = capsys.readouterr()
            assert end.value.code == 0, told.err
        assert json.loads(told.out)["charge_C"] == pytest.approx(0.1, rel=0.1)
    finally:
        import_modules.cache_clear()
