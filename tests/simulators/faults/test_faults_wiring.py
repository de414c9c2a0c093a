"""The wiring around a cell is a circuit: Kirchhoff's laws hold whatever is imposed."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.simulators.cell_models import cell_from_mapping, read_description
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.faults import FaultPlan
from faradaic.simulators.faults.begun_faults import Contacts
from faradaic.simulators.faults.wiring_faults import Wiring
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell

DT_S = 0.1
wirings = st.builds(
    Wiring,
    film_ohm=st.sampled_from([0.0, 1.0, 300.0]),
    lead_ohm=st.sampled_from([0.0, 50.0]),
    short_S=st.sampled_from([0.0, 1e-3, 1.0]),
    shuttle_A=st.sampled_from([0.0, 1e-3]),
    swapped=st.booleans(),
    reference_offset_V=st.sampled_from([0.0, -0.2]),
)


@settings(max_examples=60)
@given(wiring=wirings, current_A=st.sampled_from([-2e-2, -1e-4, 1e-3, 1.5e-2]))
def test_whatever_is_imposed_the_three_readings_belong_together(wiring, current_A):
    cell = cell_from_mapping({})
    start = cell.checkpoint()
    imposed = wiring.step(cell, Control.CURRENT, current_A, DT_S)
    assert imposed.current_A == pytest.approx(current_A, rel=1e-8)
    for control, value in (
        (Control.CELL_VOLTAGE, imposed.cell_voltage_V),
        (Control.POTENTIAL, imposed.potential_V),
    ):
        cell.restore(start)
        assert wiring.step(cell, control, value, DT_S) == pytest.approx(imposed, rel=1e-5, abs=1e-8)


def test_a_short_carries_its_share_of_the_current():
    """The dummy cell is 1 kΩ between electrodes that hardly polarise: a current divider."""
    cell = cell_from_mapping({})
    state = Wiring(short_S=1.0).step(cell, Control.CURRENT, 1e-2, DT_S)
    divider_V = 1e-2 * 1000.0 / 1001.0
    assert state.cell_voltage_V == pytest.approx(divider_V, rel=1e-3)


def test_exchanged_leads_change_every_sign():
    plain = cell_from_mapping({}).step(Control.CURRENT, 1e-3, DT_S)
    swapped = Wiring(swapped=True).step(cell_from_mapping({}), Control.CURRENT, -1e-3, DT_S)
    assert swapped.current_A == -plain.current_A
    assert swapped.cell_voltage_V == pytest.approx(-plain.cell_voltage_V)
    assert swapped.potential_V == pytest.approx(plain.potential_V - plain.cell_voltage_V)


def test_redox_cycling_gives_its_limit_and_no_more():
    seen = Wiring(shuttle_A=1e-3).seen(CellState(0.0, 1.0, 0.0))
    assert seen.current_A == pytest.approx(1e-3, rel=1e-6)
    slope_S = Wiring(shuttle_A=1e-3).seen(CellState(0.0, 1e-5, 0.0)).current_A / 1e-5
    assert slope_S == pytest.approx(1e-3 * 38.92174 / 4, rel=1e-4)  # F/RT at 298.15 K


def test_a_loop_without_its_reference_asks_for_more_than_there_is():
    cell = cell_from_mapping({})
    before = cell.checkpoint()
    state = Wiring(floating_V=0.3).step(cell, Control.POTENTIAL, 0.5, DT_S)
    assert state.cell_voltage_V > 1e5
    assert state.potential_V == 0.3
    assert cell.checkpoint() == before


def test_contacts_come_as_often_and_as_long_as_said_and_again_the_same():
    contacts, again = (Contacts(7, every_s=60.0, lasting_s=5.0) for _ in range(2))
    times = [0.5 * n for n in range(400_000)]
    on = [contacts.on(t) for t in times]
    # The share of time in contact scatters by about 1/sqrt(contacts), of which there are 3000.
    assert sum(on) / len(on) == pytest.approx(5.0 / 65.0, rel=0.08)
    assert [again.on(t) for t in reversed(times)] == on[::-1]
    assert all(0.0 <= contacts.phase(t) < 1.0 and math.isfinite(t) for t in times[:1000])


def test_a_cell_with_faults_goes_on_from_a_checkpoint_with_the_same_numbers():
    faults = [
        "film:start=5 s,rate=1 V/C",
        "fibre:every=4 s,lasting=2 s",
        "bubbles:period=3 s",
        "dendrite:charge=1 C",
    ]
    wired = FaultPlan.read(faults, seed=3).around_cell(cell_from_mapping({}), read_description({}))

    def onwards() -> list[CellState]:
        return [wired.step(Control.CURRENT, 1e-2, 0.5) for _ in range(40)]

    for _ in range(20):
        wired.step(Control.CURRENT, 1e-2, 0.5)
    state = wired.checkpoint()
    first = onwards()
    wired.restore(state)
    assert onwards() == first
    assert len({s.cell_voltage_V for s in first}) > 30


@pytest.mark.parametrize("control", [Control.POTENTIAL, Control.CELL_VOLTAGE])
def test_a_bad_contact_adds_to_the_resistance_of_a_cell_that_carries_little(control):
    # trial currents beyond what diffusion brings are refused by the cell, and are too much
    def disc(resistance_ohm):
        return SemiIntegralCell(
            mechanism_parameters(
                parse_mechanism("A + e = B"),
                concentrations_mol_per_m3={"A": 1.0},
                diffusion_m2_per_s=1e-9,
                E0_V=0.0,
                k0=1e-4,
            ),
            area_m2=1e-5,
            resistance_ohm=resistance_ohm,
            capacitance_F=1e-6,
            rest_potential_V=0.2,
        )

    whole, wired = disc(100.0), disc(50.0)
    contact = Wiring(lead_ohm=50.0)
    for value_V in (0.1, -0.1, -0.3):
        for _ in range(40):
            seen = contact.step(wired, control, value_V, DT_S)
            expected = whole.step(control, value_V, DT_S)
            assert getattr(seen, f"{control.value}_V") == pytest.approx(value_V, abs=1e-8)
        # the wiring holds a current over a time step, the cell by itself follows the potential
        assert seen.current_A == pytest.approx(expected.current_A, rel=2e-2)


@pytest.mark.parametrize("control", list(Control))
@pytest.mark.parametrize("short_S", [1e-3, 1e-1, 1.0])
def test_a_short_behind_an_open_lead_has_a_state(short_S, control):
    """Nothing flows to the instrument: what the cell drives goes through the short."""
    cell = cell_from_mapping({})
    cell.step(Control.CURRENT, 5e-3, 10.0)
    wiring = Wiring(short_S=short_S, lead_ohm=1e12)
    for dt_s in (1e-4, 1e-2, 1.0):
        value = {Control.CURRENT: 1e-12}.get(control, 21.0)
        state = wiring.step(cell, control, value, dt_s)
        assert abs(state.current_A) < 1e-9
