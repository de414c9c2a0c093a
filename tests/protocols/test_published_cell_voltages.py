"""Cells whose voltage somebody measured and published: it lies in the range that the plan states.

The table beside this file says what was read where. What a source leaves open, such as gap, counter
electrode and surface, is what the protocols beside it assume. A range that holds everything says
nothing, so that its width is bounded too, and the rehearsed cell stands in the range of its plan.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.step_kinds.constant_current import ConstantCurrentPlan
from faradaic.runner.bench_file import load_bench
from faradaic.simulators.cell_models import simulated_cell
from faradaic.simulators.contracts import Control

HERE = Path(__file__).parent
WIDEST = 0.45
"""Of a range that says something, by its middle: the kinetics of either electrode is known within
some 0.2 V, and a conductivity by half. `widest` of a row where less is known: platinum that
chlorine passivates, an organic oxidation whose electrodes the source does not tell."""
with (HERE / "published_cell_voltages.csv").open(encoding="utf-8", newline="") as table:
    ROWS = {row["protocol"]: row for row in csv.DictReader(table)}


@cache
def planned(name: str) -> Plan:
    source = name if name.startswith("library:") else HERE / "published_cells" / name
    return compile_protocol(load_protocol(source), load_bench("simulated"))


def test_at_least_eight_cells_are_compared_and_each_says_what_was_read() -> None:
    assert len(ROWS) >= 8
    for row in ROWS.values():
        assert re.fullmatch(r"(10\.\d{4,9}|https://)\S+", row["doi_or_address"])
        assert row["source"]
        assert row["what_was_read"]


@pytest.mark.parametrize("name", ROWS)
def test_the_protocol_of_a_cell_has_the_current_of_its_row(name: str) -> None:
    magnitude, unit = re.match(r"([\d.]+) (mA/cm2|A/cm2|A/m2)", ROWS[name]["current"]).groups()  # type: ignore[union-attr]
    plan = planned(name)
    in_A_per_m2 = {"mA/cm2": 10, "A/cm2": 1e4, "A/m2": 1}[unit]
    facing_A_per_m2 = plan.estimates.current_density_A_per_m2["cathode"]["facing"]
    assert facing_A_per_m2 == pytest.approx(float(magnitude) * in_A_per_m2, rel=0.01)


@pytest.mark.parametrize("name", ROWS)
def test_the_published_voltage_lies_in_the_planned_range(name: str) -> None:
    expected, row = planned(name).estimates.cell_voltage_V, ROWS[name]
    assert expected is not None
    low_V, high_V = expected
    assert low_V <= float(row["published_low_V"])
    assert float(row["published_high_V"]) <= high_V
    assert high_V - low_V < float(row["widest"] or WIDEST) * (low_V + high_V) / 2


@pytest.mark.parametrize("name", ROWS)
def test_the_rehearsed_cell_stands_in_the_range_of_its_plan(name: str) -> None:
    plan = planned(name)
    step = next(s for s in plan.steps if isinstance(s, ConstantCurrentPlan))
    cell = simulated_cell(plan.cell)
    for _ in range(60):
        state = cell.step(Control.CURRENT, step.current_A, 1.0)
    assert plan.estimates.cell_voltage_V is not None
    low_V, high_V = plan.estimates.cell_voltage_V
    assert low_V < abs(state.cell_voltage_V) < high_V
