"""A chemical name with commas needs quotation marks in `{...}`, and the message types them."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from rigs.protocols import HEAD

STEPS = "steps:\n  - wait: 5 s\n"


def with_name(name: str) -> str:
    return HEAD.replace("{amount: 0.20 mmol,", f"{{amount: 0.20 mmol, name: {name},") + STEPS


@pytest.mark.parametrize(
    "name",
    [
        "2,3-dimethoxybenzene",
        "1,3,5-trimethoxybenzene",
        "N,N-dimethylaniline",
        "methyl 2,2-dimethylpropanoate",
        "4,4'-bipyridine",
    ],
)
def test_the_remedy_is_the_name_in_quotation_marks(name: str) -> None:
    # "write `name: 2.3-dimethoxybenzene`" was the remedy of a decimal comma.
    with pytest.raises(InputError) as caught:
        validate_protocol(load_document(with_name(name), "test.yaml"))
    (told,) = caught.value.diagnostics
    assert told.code == "E103"
    assert told.help == f'write `name: "{name}"`'
    loaded = validate_protocol(load_document(with_name(f'"{name}"'), "test.yaml"))
    assert loaded.protocol.solutions["solution"].components["substrate"].name == name


def test_a_decimal_comma_stays_one() -> None:
    text = with_name("x").replace("amount: 0.20 mmol", "amount: 0,20 mmol")
    with pytest.raises(InputError) as caught:
        validate_protocol(load_document(text, "test.yaml"))
    assert caught.value.diagnostics[0].help == "write `amount: 0.20 mmol`"
