"""A result is found by its key, which stays when its name is bettered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faradaic.results import Result, missing


@pytest.mark.parametrize(
    ("name", "of", "key"),
    [
        ("delivered charge, gross", "", "delivered_charge_gross"),
        ("Faradaic efficiency of CO", "CO", "faradaic_efficiency"),
        ("single-pass conversion", "", "single_pass_conversion"),
        ("t80 of current", "current", "t80"),
    ],
)
def test_the_first_name_gives_the_key(name: str, of: str, key: str) -> None:
    assert missing(name, "1", "", "not measured", of=of).key == key


def test_a_better_name_leaves_the_key() -> None:
    first = Result("mean cell voltage", 2.1, "V", "mean")
    assert replace(first, name="cell voltage, mean over time").key == "mean_cell_voltage"
    assert Result("cell voltage", 2.1, "V", "mean", key=first.key).key == first.key
    assert Result(**first.as_dict()) == first
