"""Where more current is driven than the substrate can carry, and where its own gas brings it."""

from __future__ import annotations

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.step_kinds.constant_current import ConstantCurrentPlan
from faradaic.runner.bench_file import load_bench
from faradaic.simulators.cell_models import simulated_cell
from faradaic.simulators.contracts import Control
from rigs.chemists import case


def planned(text: str) -> Plan:
    loaded = validate_protocol(load_document(text, "p.yaml"))
    return compile_protocol(loaded, load_bench("simulated"))


def test_the_range_of_the_voltage_holds_what_carries_the_rest_of_the_current() -> None:
    # 10 mA/cm² on 4.5 mA/cm² of limiting current: the solvent carries more than half from the start
    plan = planned(case("pinacol_zinc"))
    step = next(s for s in plan.steps if isinstance(s, ConstantCurrentPlan))
    cell = simulated_cell(plan.cell)
    for _ in range(60):
        state = cell.step(Control.CURRENT, step.current_A, 10.0)
    assert plan.estimates.cell_voltage_V is not None
    low_V, high_V = plan.estimates.cell_voltage_V
    assert low_V < abs(state.cell_voltage_V) < high_V
    assert any("from the start" in note for note in plan.estimates.notes)


def test_a_kolbe_anode_stirs_itself_with_its_carbon_dioxide() -> None:
    # 70.1 % of dimer were isolated after 1.2 F/mol at 200 mA/cm²: so much acid reacted at least
    plan = planned(case("kolbe_dimer_yield"))
    charge, conversion = plan.estimates.conversion[-1]
    assert charge == pytest.approx(1.2)
    assert 0.701 < conversion < 1.0


def test_gas_at_the_other_electrode_leaves_the_film_as_it_is() -> None:
    text = case("shono_carbamate_as_carboxylate")
    without = text.replace("  gases: [{H2: 0.5 per electron, at: cathode}]\n", "")
    assert without != text
    limits = [planned(one).estimates.limiting_current_A for one in (text, without)]
    assert limits[0] == limits[1]


@pytest.mark.parametrize(
    "current", ["current: 200 mA", "current_density: 200 mA/cm^2", "rate: 0.7473 F/mol/h"]
)
def test_the_gas_is_the_same_however_the_current_is_written(current: str) -> None:
    written = """      current_density: {value: 200 mA/cm^2, electrode: anode, area_basis: facing}
"""
    text = case("kolbe_dimer_yield")
    assert written in text
    if "density" in current:
        current = "current_density: {value: 200 mA/cm^2, electrode: anode}"
    plan = planned(text.replace(written, f"      {current}\n"))
    expected = planned(text).estimates.limiting_current_A
    assert plan.estimates.limiting_current_A == pytest.approx(expected, rel=1e-3)
