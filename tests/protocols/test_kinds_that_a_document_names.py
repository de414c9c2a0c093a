"""The first protocol of a program is read with the step kinds that it names alone, and the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from faradaic.documents.validation import validate_document
from faradaic.protocols import protocol_model as models
from faradaic.protocols.library import library_names
from faradaic.protocols.load import load_protocol
from faradaic.protocols.step_kind import kinds_called, step_kinds


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_first", {})


def test_each_kind_has_a_file_of_its_name() -> None:
    for name, kind in step_kinds().items():
        assert kind.__module__.endswith(f".step_kinds.{name}")


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize("name", library_names()[::4])
def test_a_protocol_read_first_is_the_one_read_with_all_kinds(name: str) -> None:
    first = load_protocol(f"library:{name}")
    assert len(models._first) == 1
    whole = validate_document(first.document, models.protocol_model())
    rest = {"steps"}
    assert first.protocol.model_dump(exclude=rest) == whole.model_dump(exclude=rest)
    assert [step.kind for step in first.protocol.steps] == [step.kind for step in whole.steps]
    for step, other in zip(first.protocol.steps, whole.steps, strict=True):
        if step.kind != "repeat":
            assert step.body == other.body


@pytest.mark.usefixtures("nothing_read")
def test_a_second_one_of_other_kinds_is_read_with_all() -> None:
    named = frozenset({"open_circuit"})
    data = {"steps": [{"open_circuit": "1 min"}]}
    small = models.model_for(data)
    assert models.model_for(data) is small
    assert set(models._first) == {named}
    assert models.model_for({"steps": [{"wait": "1 min"}]}) is models.protocol_model()


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize(
    "steps", [None, "x", [None], [{"constant_curent": {}}], [{"repeat": 3}], [{"os": {}}]]
)
def test_what_names_no_kind_harms_nothing(steps: object) -> None:
    assert issubclass(models.model_for({"steps": steps}), models.Protocol)


def test_no_file_of_another_folder_is_read() -> None:
    for name in ("os", "..plan", "set.os", "", "__init__"):
        assert kinds_called([name]) is None


def test_other_kinds_are_not_read_for_a_check() -> None:
    code = (
        "import sys; from faradaic.protocols.load import load_protocol;"
        "load_protocol('library:benzothiophene-dioxide');"
        "print([m for m in sys.modules if m.endswith('square_wave_voltammetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
