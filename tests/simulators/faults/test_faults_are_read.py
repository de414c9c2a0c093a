"""Faults as people write them: every name and key is known, every quantity has its unit."""

import math
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.faults import catalogue, read_fault
from faradaic.simulators.faults.fault_catalogue import FaultLayer

AMOUNT_MOL = 2e-4


def refusal(entry, amount_mol=AMOUNT_MOL):
    with pytest.raises(InputError) as caught:
        read_fault(entry, amount_mol)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_a_film_rate_in_volts_per_faraday_per_mole_becomes_volts_per_coulomb():
    fault = read_fault("film:start=2F/mol,rate=0.3V/F", AMOUNT_MOL)
    per_F_per_mol_C = FARADAY_C_PER_MOL * AMOUNT_MOL
    assert fault.start.charge_C == pytest.approx(2 * per_F_per_mol_C)
    assert fault.values["rate"] == pytest.approx(0.3 / per_F_per_mol_C)
    assert read_fault("film:rate=20 mV/C").values["rate"] == pytest.approx(0.02)


def test_a_reference_may_drift_either_way():
    assert read_fault("reference_drift:rate=-6 mV/min").values["rate"] == pytest.approx(-1e-4)


def test_a_mapping_of_a_yaml_file_says_the_same_as_a_flag():
    flag = read_fault("stir_stop:start=10 min,factor=10 %")
    mapping = read_fault({"stir_stop": {"start": "10 min", "factor": 0.1}})
    assert mapping.values == flag.values == {"factor": pytest.approx(0.1)}
    assert mapping.start == flag.start == (600.0, math.inf)


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.name)
def test_the_text_of_a_fault_can_be_written_again(kind):
    keys = [f"{key}={k.example}" for key, k in kind.keys.items()]
    fault = read_fault(kind.name + (":" + ",".join(keys) if keys else ""), AMOUNT_MOL)
    again = read_fault(str(fault), AMOUNT_MOL)
    assert again.values == fault.values
    assert set(fault.values) == set(kind.keys)


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.name)
def test_every_fault_says_what_it_is_and_how_it_shows(kind):
    assert len(kind.what) > 15
    assert len(kind.symptom) > 15
    assert all(key.meaning and key.example for key in kind.keys.values())


@pytest.mark.parametrize(
    ("entry", "code", "says"),
    [
        ("fillm:rate=1V/F", "E550", "did you mean `film`?"),
        ("film:rat=1V/F", "E551", "did you mean `rate`?"),
        ("film:start=2F/mol", "E553", "film:rate=0.3 V/F"),
        ("film:rate", "E552", "NAME:key=quantity"),
        ("film:rate=1V/F,rate=2V/F", "E552", "keep one"),
        ("film:rate=0.3", "E554", "0.3 V/F"),
        ("film:rate=0.3 A/F", "E554", ""),
        ("short:start=2,resistance=1 Ohm", "E554", "2 s"),
        ("short:resistance=0 Ohm", "E554", "leave it out"),
        ("drop:probability=120 %", "E554", "probability=90 %"),
        ("film:rate=-1 V/F", "E554", "positive"),
        ("stir_stop:factor=-10 %", "E554", "positive"),
        ("mute:start=1 h,end=30 min", "E552", "later end"),
        ("mute:duration=0 s", "E552", "later end"),
        ("mute:end=1 h,duration=1 min", "E552", "leave one of them out"),
        ("substrate:start=1 h", "E551", "factor"),
        ("noise:factor=0.1", "E554", "factor=10"),
        ("noise:factor=100 %", "E554", "leave it out"),
        ("stir_stop:factor=1000 %", "E554", "factor=10 %"),
        ({"film": 3}, "E552", "- film: {"),
        (5, "E552", "- film: {"),
        (None, "E552", "- film: {"),
        ({"film": {}, "mute": {}}, "E552", "- film: {"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_type(entry, code, says):
    diagnostic = refusal(entry)
    assert diagnostic.code == code
    assert says in diagnostic.help


def test_faradays_per_mole_need_an_amount():
    diagnostic = refusal("film:start=2F/mol,rate=20 mV/C", None)
    assert diagnostic.code == "E555"
    assert "96.5 C" in diagnostic.help


def test_the_documentation_lists_every_fault_with_its_keys_as_they_are():
    text = (Path(__file__).parents[3] / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == set(catalogue())
    for kind in catalogue().values():
        assert kind.what in rows[kind.name]
        assert kind.symptom in rows[kind.name]
        for key, described in kind.keys.items():
            assert f"`{key}={described.example}`" in rows[kind.name]


def test_the_amount_of_substrate_is_wrong_from_the_beginning_only():
    assert catalogue()["substrate"].layer is FaultLayer.DESCRIPTION


def test_a_film_is_undone_only_where_that_is_written() -> None:
    assert read_fault("film:rate=1 V/C").values["undone"] == 0.0
    assert read_fault("film:rate=1 V/C,undone=90%").values["undone"] == pytest.approx(0.9)
