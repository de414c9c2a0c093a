"""Cells whose voltage somebody measured and published: what the rehearsed cell shows for them.

The table beside this file says what was read where. Gap, counter electrode and the state of the
surface are seldom published, so a voltage is compared within 0.3 V.
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
UNKNOWN_V = 0.3
with (HERE / "published_cell_voltages.csv").open(encoding="utf-8", newline="") as table:
    ROWS = {row["protocol"]: row for row in csv.DictReader(table)}
NOT_YET = {"hmf-acetate-flow.yaml": "gases evolve in acetate of pH 5 as they do in strong acid"}


@cache
def planned(name: str) -> Plan:
    source = name if name.startswith("library:") else HERE / "published_cells" / name
    return compile_protocol(load_protocol(source), load_bench("simulated"))


def test_at_least_eight_cells_are_compared_and_each_says_what_was_read() -> None:
    assert len(ROWS) >= 8
    for row in ROWS.values():
        assert re.fullmatch(r"10\.\d{4,9}/\S+", row["doi"])
        assert row["source"]
        assert row["what_was_read"]


@pytest.mark.parametrize("name", ROWS)
def test_the_protocol_of_a_cell_has_the_current_of_its_row(name: str) -> None:
    magnitude, unit = re.match(r"([\d.]+) (mA/cm2|A)", ROWS[name]["current"]).groups()  # type: ignore[union-attr]
    plan = planned(name)
    held_A = next(abs(s.current_A) for s in plan.steps if isinstance(s, ConstantCurrentPlan))
    facing_A_per_m2 = plan.estimates.current_density_A_per_m2["cathode"]["facing"]
    found = held_A if unit == "A" else facing_A_per_m2 / 10
    assert found == pytest.approx(float(magnitude), rel=0.01)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=NOT_YET[name], strict=True))
        if name in NOT_YET
        else name
        for name in ROWS
    ],
)
def test_the_rehearsed_cell_shows_the_published_voltage(name: str) -> None:
    plan, row = planned(name), ROWS[name]
    step = next(s for s in plan.steps if isinstance(s, ConstantCurrentPlan))
    cell = simulated_cell(plan.cell)
    for _ in range(60):
        state = cell.step(Control.CURRENT, step.current_A, 1.0)
    voltage_V = abs(state.cell_voltage_V)
    assert float(row["published_low_V"]) - UNKNOWN_V < voltage_V
    assert voltage_V < float(row["published_high_V"]) + UNKNOWN_V
