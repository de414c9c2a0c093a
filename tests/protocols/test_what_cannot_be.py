"""What cannot be is refused where it is written, before anything is planned around it."""

import re

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_file
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench

TEXT = library_file("benzothiophene-dioxide").read_text(encoding="utf-8")


def refused(old: str, new: str) -> list[tuple[str, str, str]]:
    """(code, message, help) of everything that a change to the library protocol brings up."""
    assert re.search(old, TEXT)
    document = load_document(re.sub(old, new, TEXT, count=1), "test.yaml")
    with pytest.raises(InputError) as raised:
        compile_protocol(validate_protocol(document), load_bench())
    assert all(d.location is not None for d in raised.value.diagnostics)
    return [(d.code, d.message, d.help) for d in raised.value.diagnostics]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("charge: 4.5 F/mol", "charge: 1e9 F/mol", "E418", "years"),
        (r"open_circuit: \{duration: 60 s\}", "wait: {duration: 1e30 h}", "E418", "years"),
        ("charge: 4.5 F/mol", "charge: 1e-9 F/mol", "E419", "over after"),
        ("cell_voltage_limit: 20 V", "cell_voltage_limit: 1 uV", "E405", "0.02 V"),
        ("volume: 20 mL", "volume: 2 mL", "E307", "do not fit"),
        ("gap: 10 mm", "gap: 10 m", "E307", "does not fit"),
    ],
)
def test_it_is_refused_with_its_place(old: str, new: str, code: str, words: str) -> None:
    found = refused(old, new)
    assert any(c == code and words in f"{m} {h}" for c, m, h in found), found


def test_a_decimal_comma_between_braces_is_recognised() -> None:
    text = "faradaic: 1\ntitle: t\nsteps:\n  - constant_current: {current: 1,5 mA, until: 1 h}\n"
    with pytest.raises(InputError) as raised:
        validate_protocol(load_document(text, "test.yaml"))
    (found,) = [d for d in raised.value.diagnostics if d.code == "E103"]
    assert "current: 1.5 mA" in found.help
    assert found.location is not None
    assert found.location.line == 4
