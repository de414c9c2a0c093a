"""What `--json` prints is JSON as every program reads it."""

import json
import math

import pytest

from faradaic.cli.output import print_json


def test_what_is_not_finite_is_null_and_nothing_steers_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"a": math.nan, "b": [math.inf, 1.5], "c": "\x9b\x1b[31m\u202e µ"})
    text = capsys.readouterr().out
    assert json.loads(text, parse_constant=pytest.fail) == {
        "a": None,
        "b": [None, 1.5],
        "c": "\x9b\x1b[31m\u202e µ",
    }
    assert not {"\x9b", "\x1b", "\u202e"} & set(text)
    assert "µ" in text
