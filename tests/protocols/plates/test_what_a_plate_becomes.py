"""A plate becomes one protocol for each well: factors, replicates, controls, places."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.load import load_protocol
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from rigs.plates import PLATE, WELL, planned


def test_factors_are_combined_and_each_well_is_a_protocol_of_its_own(tmp_path: Path) -> None:
    plan = planned(tmp_path, PLATE + "replicates: 4\n")
    assert [well.name for well in plan.wells][:8] == [
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "B1",
        "B2",
    ]
    assert (plan.rows, plan.columns, plan.channels) == (4, 6, 16)
    counts = Counter(tuple(well.factors.values()) for well in plan.wells)
    assert len(counts) == 6
    assert set(counts.values()) == {4}
    for well in plan.wells:
        (tmp_path / "one.yaml").write_text(well.text, encoding="utf-8")
        step = load_protocol(tmp_path / "one.yaml").protocol.steps[0].body
        per_mol = float(well.factors["steps[0].constant_current.until"].split()[0])
        milliamps = float(well.factors["current"].split()[0])
        assert step.current_A == pytest.approx(1e-3 * milliamps)  # type: ignore[attr-defined]
        charge_C = per_mol * FARADAY_C_PER_MOL * 0.2e-3
        assert well.plan.estimates.charge_C == pytest.approx(charge_C)


def test_a_seed_draws_one_order_and_another_seed_another(tmp_path: Path) -> None:
    def order(seed: int) -> list[tuple[str, ...]]:
        plan = planned(tmp_path, PLATE + f"replicates: 4\nrandomise: {{seed: {seed}}}\n")
        return [tuple(well.factors.values()) for well in plan.wells]

    as_written = [tuple(w.factors.values()) for w in planned(tmp_path, PLATE).wells]
    assert order(1) == order(1) != order(2)
    assert Counter(order(1)) == Counter(order(2)) == Counter(4 * as_written)


def test_wells_say_what_stands_where(tmp_path: Path) -> None:
    plate = """\
faradaic_plate: 1
title: placed
protocol: well.yaml
factors: {current: steps.constant_current.current}
wells:
  D6: {current: 4 mA}
  A2: {current: 1 mA, steps.0.constant_current.until: 1 F/mol}
controls: [no current]
"""
    plan = planned(tmp_path, plate)
    assert {well.name: well.factors.get("current") for well in plan.wells} == {
        "A1": None,
        "A2": "1 mA",
        "D6": "4 mA",
    }
    assert [well.control for well in plan.wells] == ["no current", "", ""]


def test_a_list_of_wells_stands_in_the_order_of_the_plate(tmp_path: Path) -> None:
    plate = """\
faradaic_plate: 1
title: listed
protocol: well.yaml
layout: 2 x 2
factors: {current: steps.constant_current.current}
wells:
  - {current: 1 mA}
  - {current: 2 mA}
  - {current: 4 mA}
"""
    plan = planned(tmp_path, plate)
    assert [(w.name, w.factors["current"]) for w in plan.wells] == [
        ("A1", "1 mA"),
        ("A2", "2 mA"),
        ("B1", "4 mA"),
    ]
    with pytest.raises(InputError) as caught:
        planned(tmp_path, plate.replace("2 mA", "2"))
    (one,) = caught.value.diagnostics
    assert one.message.startswith("well A2: ")
    assert one.location is not None
    assert one.location.line == 8


def test_a_control_without_current_rests_for_as_long(tmp_path: Path) -> None:
    plan = planned(tmp_path, PLATE + "controls: [no current]\n")
    (control,) = (well for well in plan.wells if well.control)
    assert control.plan.estimates.charge_C == 0.0
    assert not any(step.passes_current for step in control.plan.steps)
    lasts_s = 2 * FARADAY_C_PER_MOL * 0.2e-3 / 2e-3 + 30.0
    assert control.plan.estimates.duration_s == pytest.approx(lasts_s, rel=1e-4)


def test_a_control_without_the_substrate_passes_the_same_coulombs(tmp_path: Path) -> None:
    well = WELL.replace("Bu4NBF4: {amount: 0.80 mmol", "Bu4NBF4: {equiv: 4")
    plan = planned(tmp_path, PLATE + "controls: [no substrate]\n", well)
    (control,) = (well for well in plan.wells if well.control)
    (tmp_path / "control.yaml").write_text(control.text, encoding="utf-8")
    protocol = load_protocol(tmp_path / "control.yaml").protocol
    assert set(protocol.solutions["solution"].components) == {"Bu4NBF4", "MeCN"}
    assert protocol.amounts_mol("solution")["Bu4NBF4"] == pytest.approx(0.8e-3)
    charge_C = 2 * FARADAY_C_PER_MOL * 0.2e-3
    assert control.plan.estimates.charge_C == pytest.approx(charge_C, rel=1e-5)
    assert control.plan.limiting is None


def test_a_list_of_runs_is_a_plate_of_several_protocols(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(WELL.replace("2 mA", "3 mA"), encoding="utf-8")
    plate = """\
faradaic_plate: 1
title: several
runs:
  - well.yaml
  - {protocol: other.yaml, replicates: 2}
  - {protocol: well.yaml, set: {steps.1.open_circuit: 10 s}}
"""
    plan = planned(tmp_path, plate)
    largest = [well.plan.steps[0].held_current_A for well in plan.wells]
    assert largest == [2e-3, 3e-3, 3e-3, 2e-3]
    assert [well.plan.steps[1].time_cap_s for well in plan.wells] == [30.0, 30.0, 30.0, 10.0]


def test_wells_in_a_protocol_are_a_plate_of_that_many(tmp_path: Path) -> None:
    plan = planned(tmp_path, WELL + "wells: 24\n")
    assert len(plan.wells) == 24
    assert {well.plan.protocol_sha256 for well in plan.wells} == {
        plan.wells[0].plan.protocol_sha256
    }
    more = "factors: {solution.volume: [8 mL, 9 mL]}\ncontrols: [no current, no substrate]\n"
    more += "wells: 12\n"
    plan = planned(tmp_path, WELL + more)
    assert Counter(well.factors["solution.volume"] for well in plan.wells if not well.control) == {
        "8 mL": 5,
        "9 mL": 5,
    }


def test_the_protocol_may_stand_in_the_plate_and_a_name_may_hold_a_dot(tmp_path: Path) -> None:
    inside = WELL.replace("Bu4NBF4:", "Bu4N.BF4:").replace("faradaic: 1\n", "")
    text = "faradaic_plate: 1\ntitle: whole\nprotocol:\n" + "".join(
        f"  {line}\n" for line in inside.splitlines()
    )
    plan = planned(
        tmp_path, text + "factors: {solution.components.Bu4N.BF4.amount: [0.4 mmol, 0.8 mmol]}\n"
    )
    (tmp_path / "one.yaml").write_text(plan.wells[0].text, encoding="utf-8")
    protocol = load_protocol(tmp_path / "one.yaml").protocol
    assert protocol.amounts_mol("solution")["Bu4N.BF4"] == pytest.approx(0.4e-3)
