"""What a person states in place of a file is taken over, and never silently."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.assumptions import EXAMPLES, assume, parse_assumptions
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import sign_unknown
from faradaic.diagnostics import InputError


def bare(**known: object) -> Dataset:
    columns = {
        "potential_V": Column(np.zeros(2), "V"),
        "cell_voltage_V": Column(np.zeros(2), "V"),
        "current_A": Column(np.array([1.0, -2.0]), "A"),
        "current_amplitude_A": Column(np.array([1.0, 2.0]), "A"),
        "flow_sccm": Column(np.ones(2), "sccm"),
    }
    return Dataset(columns, warnings=(sign_unknown(Path("file")),), **known)  # type: ignore[arg-type]


def test_every_example_can_be_assumed() -> None:
    stated = {**EXAMPLES}
    data = assume(bare(), {"start": stated.pop("start"), **stated})
    assert data.columns["potential_V"].reference == "Ag/AgCl (3 M KCl)"
    assert data.columns["cell_voltage_V"].reference is None  # has no reference electrode
    assert data.columns["flow_sccm"].reference == "0 degC, 1 atm"
    assert data.area_m2 == pytest.approx(1e-4)
    assert data.ohmic_drop == "uncompensated"
    assert data.start is not None
    assert data.start.utcoffset() == timedelta(hours=1)
    assert {f"assumed {name}" for name in EXAMPLES} <= set(data.metadata)
    assert [w.code for w in data.warnings] == ["E764"] * len(EXAMPLES)


def test_a_cathodic_current_is_turned_and_its_amplitude_is_not() -> None:
    before = bare()
    data = assume(before, {"sign": "cathodic"})
    assert data["current_A"].tolist() == [-1.0, 2.0]
    assert data.columns["current_A"].sign == "anodic"
    assert data["current_amplitude_A"].tolist() == [1.0, 2.0]
    assert before["current_A"].tolist() == [1.0, -2.0]  # the file's numbers are left alone


def test_overruling_the_file_is_told() -> None:
    data = assume(bare(area_m2=2e-4, start=datetime(2024, 1, 1)), {"area": "1 cm^2"})
    assert data.area_m2 == pytest.approx(1e-4)
    assert any("the file says 2 cm^2" in w.message for w in data.warnings)
    assert "the file says" not in assume(bare(), {"area": "1 cm^2"}).warnings[-1].message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("arae", "1 cm^2", 'area="1 cm\\^2"'),
        ("area", "0 cm^2", "greater than zero"),
        ("sign", "up", 'sign="anodic"'),
        ("start", "yesterday", "no date and time"),
        ("zone", "Mars/Olympus", "no time zone"),
        ("zone", "UTC", "no start"),
        ("ohmic_drop", "yes", "no state of the ohmic drop"),
    ],
)
def test_what_cannot_be_assumed_says_what_can(name: str, value: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        assume(bare(), {name: value})


def test_the_options_of_the_command_are_names_and_values() -> None:
    assert parse_assumptions(['area="1 cm^2"', "reference=SCE"]) == {
        "area": "1 cm^2",
        "reference": "SCE",
    }
    with pytest.raises(InputError, match='write area="1 cm'):
        parse_assumptions(["area 1 cm^2"])
