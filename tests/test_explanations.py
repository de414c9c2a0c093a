"""Every code that the program can show has a long form, and it says something of its own."""

import ast
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from faradaic.diagnoses.diagnosis_catalogue import diagnosis_kinds
from faradaic.diagnostics import InputError
from faradaic.explanations import explanation, explanations
from faradaic.protocols.checks import registered
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_names
from faradaic.protocols.plates.protocol_or_plate import read_protocol_or_plate
from faradaic.runner.bench_file import load_bench

PACKAGE = Path(str(files("faradaic")))


def codes_of_the_source() -> set[str]:
    """Every E-code that stands as a text of its own in the source."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^E\d{3}$", node.value))
    return found


def test_every_error_is_explained_and_nothing_else() -> None:
    raised, explained = codes_of_the_source(), {c for c in explanations() if re.match(r"E\d", c)}
    assert len(raised) > 340
    assert not raised - explained, "write a row in explained_errors.csv"
    assert not explained - raised, "nothing raises these any more"


def test_every_check_is_explained() -> None:
    assert len(registered()) >= 90
    assert not set(registered()) - set(explanations()), "write a row in explained_checks.csv"


def test_every_diagnosis_is_explained_as_its_catalogue_has_it() -> None:
    for code, kind in diagnosis_kinds().items():
        assert kind.title in explanation(code).means
        assert explanation(code).formula == kind.formula


def test_no_explanation_is_empty_or_that_of_another() -> None:
    for code, found in explanations().items():
        for text in (found.means, found.example, found.remedy):
            assert text.strip() == text, code
        assert len(found.means.split()) >= 4, code
        assert len(found.example) >= 2, code
        assert len(found.remedy) >= 8, code
        assert found.means.endswith("."), code
        assert code not in found.means, code
    means = Counter(found.means for found in explanations().values())
    assert means.most_common(1)[0][1] == 1
    # Checks say by what they judge: a formula, or a source for what is known.
    for code in registered():
        assert explanations()[code].formula or explanations()[code].source, code


@pytest.mark.parametrize("written", ["M01", "m1", "M1", "warning[M01]", "M01@steps[1]"])
def test_a_code_is_known_as_people_write_it(written: str) -> None:
    assert explanation(written).code == "M01"


@pytest.mark.parametrize(
    ("written", "offered"), [("M99", "`M01`"), ("E414x9", ""), ("E499", "`E4"), ("banana", "M01")]
)
def test_an_unknown_code_offers_the_nearest(written: str, offered: str) -> None:
    if written == "E414x9":
        assert explanation(written).code == "E414"
        return
    with pytest.raises(InputError) as raised:
        explanation(written)
    (told,) = raised.value.diagnostics
    assert told.code == "E703"
    assert offered in told.help


def test_every_finding_on_the_library_is_explained_and_every_warning_has_a_number() -> None:
    bench = load_bench("simulated-emstat4-hr")
    for name in library_names():
        loaded = read_protocol_or_plate(f"library:{name}")
        try:
            plan = compile_protocol(loaded, bench)  # type: ignore[arg-type]
        except InputError:
            continue  # 550 mA are more than this source gives
        for finding in plan.diagnostics:
            assert finding.code in explanations()
            if finding.severity == "warning" and not finding.code.startswith("E"):
                assert re.search(r"\d", finding.message + finding.help), finding


def test_the_texts_are_not_read_by_other_commands() -> None:
    import subprocess
    import sys

    code = "import faradaic.cli.main, sys; sys.exit('faradaic.explanations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
