"""What a cell does under each control, at its limits, and from a checkpoint."""

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.electrode import root
from faradaic.simulators.preparative.preparative_cell import PreparativeCell


def description() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "fixtures" / "cells" / "preparative.toml"
    return tomllib.loads(path.read_text())


def reversible_description() -> dict[str, Any]:
    """The same cell with a solvent that both electrodes can oxidise and reduce."""
    data = description()
    _, oxidation = data["electrodes"]["working"]["reactions"]
    (reduction,) = data["electrodes"]["counter"]["reactions"]
    data["electrodes"]["working"]["reactions"].append(reduction)
    data["electrodes"]["counter"]["reactions"].append(oxidation)
    return data


DESCRIPTION = description()
REVERSIBLE = reversible_description()

imposed = st.one_of(
    st.tuples(st.just(Control.OPEN_CIRCUIT), st.just(0.0)),
    st.tuples(st.just(Control.CURRENT), st.floats(-1.0, 1.0)),
    st.tuples(st.just(Control.CELL_VOLTAGE), st.floats(-210.0, 210.0)),
    st.tuples(st.just(Control.POTENTIAL), st.floats(-10.0, 10.0)),
)
durations = st.floats(-6.0, 4.0).map(lambda exponent: 10.0**exponent)


@given(st.lists(st.tuples(imposed, durations), min_size=1, max_size=8))
def test_every_step_holds_what_was_imposed_and_no_concentration_is_negative(steps):
    cell = PreparativeCell.from_mapping(REVERSIBLE)
    for (control, value), dt_s in steps:
        state = cell.step(control, value, dt_s)
        held = {
            Control.OPEN_CIRCUIT: state.current_A,
            Control.CURRENT: state.current_A,
            Control.CELL_VOLTAGE: state.cell_voltage_V,
            Control.POTENTIAL: state.potential_V,
        }[control]
        assert held == pytest.approx(value, rel=1e-9, abs=1e-9)
        assert all(math.isfinite(x) for x in state)
        assert min(cell.ledger().concentration_mol_per_m3.values()) >= 0.0


@settings(max_examples=50)
@given(st.lists(st.tuples(imposed, durations), min_size=1, max_size=5))
def test_a_checkpoint_gives_the_same_numbers_again(steps):
    cell = PreparativeCell.from_mapping(REVERSIBLE)
    cell.step(Control.CURRENT, 10e-3, 100.0)
    before = cell.checkpoint()
    first = [cell.step(control, value, dt_s) for (control, value), dt_s in steps]
    after = cell.checkpoint(), cell.ledger()
    cell.restore(before)
    assert [cell.step(control, value, dt_s) for (control, value), dt_s in steps] == first
    assert (cell.checkpoint(), cell.ledger()) == after


def test_all_controls_agree_on_one_steady_state():
    galvanostatic = PreparativeCell.from_mapping(DESCRIPTION)
    galvanostatic.step(Control.CURRENT, 10e-3, 100.0)
    for control, index in ((Control.CELL_VOLTAGE, 1), (Control.POTENTIAL, 2)):
        cell = PreparativeCell.from_mapping(DESCRIPTION)
        cell.step(Control.CURRENT, 10e-3, 100.0)
        before = galvanostatic.checkpoint()
        state = galvanostatic.step(Control.CURRENT, 10e-3, 1.0)
        galvanostatic.restore(before)
        assert cell.step(control, state[index], 1.0) == pytest.approx(state, rel=1e-9)


def test_a_fresh_cell_is_at_rest_with_both_electrodes_at_one_potential():
    cell = PreparativeCell.from_mapping(DESCRIPTION)
    state = cell.step(Control.OPEN_CIRCUIT, 0.0, 1e-3)
    assert state.current_A == 0.0
    assert abs(state.cell_voltage_V) < 1e-4


def test_exhausting_the_substrate_moves_the_anode_to_the_solvent():
    cell = PreparativeCell.from_mapping(DESCRIPTION)
    early = cell.step(Control.CURRENT, 20e-3, 1.0)
    for _ in range(6000):
        late = cell.step(Control.CURRENT, 20e-3, 1.0)
    # 1.8 V lie between the two oxidations at the same Tafel slope and exchange current density.
    assert late.potential_V - early.potential_V == pytest.approx(1.8, abs=0.05)


def test_without_a_reference_electrode_the_potential_is_the_cell_voltage():
    cell = PreparativeCell.from_mapping(DESCRIPTION | {"reference": None})
    state = cell.step(Control.POTENTIAL, 3.0, 1.0)
    assert state.potential_V == state.cell_voltage_V == pytest.approx(3.0, abs=1e-9)


def test_a_substrate_without_mass_transfer_is_limited_by_its_amount_alone():
    data = description()
    del data["electrodes"]["working"]["reactions"][0]["mass_transfer_m_per_s"]
    cell = PreparativeCell.from_mapping(data)
    theoretical_C = 2 * 96485.33212 * 1e-5 * 50.0
    for _ in range(100):
        cell.step(Control.CURRENT, 0.5, theoretical_C / 0.5 / 100)
    # 0.5 A is nine times the limit of the stirred cell.
    assert cell.ledger().conversion["substrate"] == pytest.approx(1.0, abs=0.01)


def test_the_dummy_cell_is_a_resistor_of_one_kilohm():
    cell = PreparativeCell.from_mapping({})
    for current_A in (1e-6, -1e-3, 5e-3):
        state = cell.step(Control.CURRENT, current_A, 1.0)
        assert state.cell_voltage_V == pytest.approx(1000.0 * current_A, rel=2e-4)
        assert state.potential_V == pytest.approx(500.0 * current_A, rel=2e-4)
    assert cell.step(Control.OPEN_CIRCUIT, 0.0, 1.0).cell_voltage_V == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "dt_s"), [(1.0, 0.0), (1.0, -1.0), (1.0, math.nan), (math.nan, 1.0), (math.inf, 1.0)]
)
def test_a_step_that_is_no_number_is_refused_and_changes_nothing(value, dt_s):
    cell = PreparativeCell.from_mapping(DESCRIPTION)
    before = cell.checkpoint()
    with pytest.raises(ValueError):
        cell.step(Control.CURRENT, value, dt_s)
    assert cell.checkpoint() == before


@given(
    st.floats(0.01, 0.2),
    st.floats(-20.0, 2.0).map(lambda exponent: 10.0**exponent),
    st.floats(-5.0, 5.0),
    st.floats(-20.0, 20.0),
)
def test_the_root_is_found_from_anywhere_on_a_stiff_exponential(decade_V, scale, at_V, start):
    def rising(x: float) -> tuple[float, float]:
        growth = math.exp(min(600.0, (x - at_V) * math.log(10) / decade_V))
        linear = x - at_V
        return (
            scale * (growth - 1.0) + linear,
            scale * growth * math.log(10) / decade_V + 1.0,
        )

    assert root(rising, start) == pytest.approx(at_V, abs=1e-9)


def test_a_function_that_never_crosses_zero_is_told_apart():
    with pytest.raises(ArithmeticError):
        root(lambda x: (math.atan(x) + 10.0, 1.0 / (1.0 + x * x)), 0.0)
