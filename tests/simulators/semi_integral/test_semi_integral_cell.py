"""The semi-integral engine as a cell that is driven reading by reading."""

import copy
import json
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellModel, Control
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.semi_integral.modes import ThinLayer
from faradaic.simulators.simulation_errors import SimulationError
from faradaic.simulators.waveforms import cv, lsv

F, f = 96485.33212, 96485.33212 / (8.314462618 * 298.15)
AREA, D = 1e-5, 1e-9


def parameters(text="A + e = B", **numbers):
    return mechanism_parameters(
        parse_mechanism(text),
        **{
            "concentrations_mol_per_m3": {"A": 1.0, "B": 1.0},
            "diffusion_m2_per_s": D,
            "E0_V": 0.1,
            "k0": 1e-4,
            **numbers,
        },
    )


def cell(text="A + e = B", *, numbers=None, **options):
    return SemiIntegralCell(parameters(text, **(numbers or {})), area_m2=AREA, **options)


CIRCUIT = {"resistance_ohm": 100.0, "capacitance_F": 1e-6}

imposed = st.one_of(
    st.tuples(st.just(Control.OPEN_CIRCUIT), st.just(0.0)),
    st.tuples(st.just(Control.CURRENT), st.floats(-5e-6, 5e-6)),
    st.tuples(st.just(Control.CELL_VOLTAGE), st.floats(-1.0, 1.0)),
    st.tuples(st.just(Control.POTENTIAL), st.floats(-1.0, 1.0)),
)
program = st.lists(st.tuples(imposed, st.floats(1e-4, 0.5)), min_size=1, max_size=8)


@settings(max_examples=25)
@given(program, program, st.sampled_from(["hold", "ramp"]))
def test_a_checkpoint_brings_the_same_numbers_back(before, after, between):
    model = cell(between=between, counter_resistance_ohm=50.0, **CIRCUIT)
    for (control, value), dt_s in before:
        model.step(control, value, dt_s)
    saved = model.checkpoint()
    first = [model.step(control, value, dt_s) for (control, value), dt_s in after]
    model.restore(saved)
    assert [model.step(control, value, dt_s) for (control, value), dt_s in after] == first
    other = cell(between=between, counter_resistance_ohm=50.0, **CIRCUIT)
    other.restore(saved)
    assert [other.step(control, value, dt_s) for (control, value), dt_s in after] == first


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_goes_on_by_itself(copied):
    model = cell(**CIRCUIT)
    model.step(Control.POTENTIAL, -0.1, 0.1)
    twin = copied(model)
    found = [twin.step(Control.CURRENT, -1e-6, 0.05) for _ in range(5)]
    assert twin.time_s == pytest.approx(0.35)
    assert model.time_s == pytest.approx(0.1)
    assert [model.step(Control.CURRENT, -1e-6, 0.05) for _ in range(5)] == found


@pytest.mark.parametrize("resistance_ohm", [1e-12, 1e-9, 1e-6])
def test_a_resistance_too_small_to_matter_does_not_matter_beside_a_double_layer(resistance_ohm):
    waveform, capacitance_F = cv(0.5, -0.3, 0.1), 1e-6
    alone = {"concentrations_mol_per_m3": {"A": 1.0}}
    bare, _ = cell(numbers=alone).run(waveform)
    model = cell(
        numbers=alone,
        resistance_ohm=resistance_ohm,
        capacitance_F=capacitance_F,
        rest_potential_V=0.5,
    )
    current_A, _ = model.run(waveform)
    charging_A = capacitance_F * np.sign(waveform.end - waveform.start) * 0.1
    settled = np.ones(1600, bool)
    settled[[0, 1, 800, 801]] = False  # where the charging current jumps
    error_A = np.abs(current_A - bare - charging_A)[settled]
    assert np.max(error_A) < 1e-6 * np.max(np.abs(bare))


@settings(max_examples=25)
@given(program)
def test_what_is_imposed_is_there_and_the_leads_add_up(steps):
    model: CellModel = cell(counter_resistance_ohm=50.0, **CIRCUIT)
    for (control, value), dt_s in steps:
        state = model.step(control, value, dt_s)
        assert state.cell_voltage_V == pytest.approx(
            state.potential_V + 50.0 * state.current_A, abs=1e-12
        )
        wanted = {
            Control.OPEN_CIRCUIT: (state.current_A, 0.0),
            Control.CURRENT: (state.current_A, value),
            Control.POTENTIAL: (state.potential_V, value),
            Control.CELL_VOLTAGE: (state.cell_voltage_V, value),
        }[control]
        assert wanted[0] == pytest.approx(wanted[1], abs=1e-9)


@pytest.mark.parametrize("circuit", [{}, CIRCUIT, {"resistance_ohm": 100.0}])
def test_steps_on_a_ramp_and_a_whole_run_are_one_engine(circuit):
    waveform = cv(0.5, -0.2, 0.5)
    options = {
        "numbers": {"concentrations_mol_per_m3": {"A": 1.0}},
        "rest_potential_V": 0.5,
        **circuit,
    }
    whole = cell(**options)
    current_A, interface_V = whole.run(waveform)
    streamed = cell(between="ramp", **options)
    streamed.step(Control.POTENTIAL, 0.5, 1e-6)
    states = [
        streamed.step(Control.POTENTIAL, float(v), float(dt))
        for v, dt in zip(waveform.end, waveform.dt_s, strict=True)
    ]
    found = np.array([s.current_A for s in states])
    assert np.max(np.abs(found - current_A)) < 1e-4 * np.max(np.abs(current_A))
    assert interface_V[-1] == pytest.approx(
        states[-1].potential_V - circuit.get("resistance_ohm", 0.0) * states[-1].current_A, abs=1e-6
    )


def test_the_time_step_may_change_at_any_time():
    uneven = np.tile([1e-3, 4e-3, 2.5e-4, 2e-3], 100)
    even = np.full(len(uneven), uneven.mean())

    def last(steps_s):
        model = cell(between="ramp", rest_potential_V=0.5, **CIRCUIT)
        potential_V = 0.5
        for dt_s in steps_s:
            potential_V -= float(dt_s)
            state = model.step(Control.POTENTIAL, potential_V, float(dt_s))
        return state.current_A

    assert last(uneven) == pytest.approx(last(even), rel=2e-3)


def test_at_open_circuit_a_couple_rests_at_the_nernst_potential_and_returns_to_it():
    model = cell(numbers={"concentrations_mol_per_m3": {"A": 2.0, "B": 1.0}}, **CIRCUIT)
    nernst_V = 0.1 + math.log(2.0) / f
    assert model.step(Control.OPEN_CIRCUIT, 0.0, 1.0).potential_V == pytest.approx(nernst_V)
    model.step(Control.POTENTIAL, -0.3, 0.1)
    assert model.step(Control.OPEN_CIRCUIT, 0.0, 1e-3).potential_V < nernst_V - 0.05
    for _ in range(200):
        state = model.step(Control.OPEN_CIRCUIT, 0.0, 5.0)
    assert state.potential_V == pytest.approx(nernst_V, abs=1e-3)


def unclosed_charge(capacitance_F, dt_s):
    """Charge passed less charge found in a thin layer and the double layer, over the first."""
    thickness_m, largest_A, duration_s = 2e-6, -1e-7, 10.0
    model = cell(
        geometry=ThinLayer(thickness_m),
        resistance_ohm=100.0,
        capacitance_F=capacitance_F,
        between="ramp",
        rest_potential_V=0.1,
    )
    count = round(duration_s / dt_s)
    charge_C, before_A = 0.0, 0.0
    model.step(Control.CURRENT, 0.0, dt_s)
    for k in range(1, count + 1):
        state = model.step(Control.CURRENT, largest_A * math.sin(math.pi * k / count) ** 2, dt_s)
        charge_C += 0.5 * (before_A + state.current_A) * dt_s
        before_A = state.current_A
    for _ in range(5):  # at rest the layer becomes uniform
        rest = model.step(Control.OPEN_CIRCUIT, 0.0, 1.0)
    converted_mol = (model.surface_concentrations()["B"] - 1.0) * AREA * thickness_m
    stored_C = capacitance_F * (rest.potential_V - 0.1)
    assert abs(converted_mol) > 1e-13
    return (charge_C - stored_C + F * converted_mol) / charge_C


def test_charge_and_matter_close():
    assert abs(unclosed_charge(0.0, 5e-3)) < 1e-9
    # with a double layer, to the accuracy of its integration in time
    coarse, fine = (abs(unclosed_charge(5e-5, dt_s)) for dt_s in (5e-3, 1e-3))
    assert coarse < 1e-4
    assert fine < 0.3 * coarse


def test_infinitely_fast_and_very_fast_kinetics_are_the_same_current():
    # subtracting kf c_O - kb c_R loses all digits here; the flux does not
    waveform = cv(0.5, -0.3, 1.0)
    numbers = {"concentrations_mol_per_m3": {"A": 1.0}}
    limit, _ = cell(numbers={**numbers, "k0": math.inf}).run(waveform)
    for k0 in (1.0, 1e3, 1e9, 1e300):
        fast, _ = cell(numbers={**numbers, "k0": k0}).run(waveform)
        assert np.max(np.abs(fast - limit)) < (2e-4 if k0 == 1.0 else 2e-7) * np.max(np.abs(limit))


def test_a_current_beyond_the_transition_time_is_refused_with_its_time():
    model = cell(numbers={"concentrations_mol_per_m3": {"A": 1.0}, "k0": math.inf})
    current_A = -1e-4  # Sand: 73 ms
    with pytest.raises(SimulationError, match="E545") as refused:
        for _ in range(1000):
            model.step(Control.CURRENT, current_A, 1e-3)
    sand_s = math.pi * D * (F * AREA / current_A) ** 2 / 4.0
    assert model.time_s == pytest.approx(sand_s, abs=2e-3)
    assert "capacitance_F" in refused.value.diagnostics[0].help
    # the refused step has left no trace
    saved = model.checkpoint()
    first = model.step(Control.CURRENT, 0.5 * current_A, 1e-3)
    model.restore(saved)
    assert model.step(Control.CURRENT, 0.5 * current_A, 1e-3) == first
    assert model.time_s == pytest.approx(sand_s + 1e-3, abs=2e-3)


def test_with_a_double_layer_the_same_current_drives_the_potential_away():
    numbers = {"concentrations_mol_per_m3": {"A": 1.0}}
    model = cell(numbers=numbers, rest_potential_V=0.4, **CIRCUIT)
    potentials = [model.step(Control.CURRENT, -1e-4, 1e-3).potential_V for _ in range(85)]
    fall_V_per_s = (potentials[-1] - potentials[-2]) / 1e-3
    # past the transition time what diffuses still takes part of the current
    assert -1e-4 / 1e-6 < fall_V_per_s < -10.0


@pytest.mark.parametrize(
    ("text", "numbers", "why"),
    [
        ("A + e = B; B + B -> C", {"rate_constants": 1.0}, "second order"),
        ("A + e = B; A = A*", {"rate_constants": ((1e-5, 1.0),), "site_density_mol_per_m2": 1e-6,
         "coverages": {}}, "adsorbed"),
        ("A + e = B", {"reorganisation_eV": 0.8}, "Marcus"),
        ("A + e = B; B -> A", {"rate_constants": 1.0,
         "concentrations_mol_per_m3": {"A": 1.0}, "diffusion_m2_per_s": {"A": 1e-9, "B": 2e-9}},
         "different rates"),
        ("A + e = B; B -> C", {"rate_constants": 1.0}, "before the experiment"),
        ("A + e = B", {"k0": 0.0}, "k0 = 0"),
    ],
)  # fmt: skip
def test_what_needs_a_grid_is_refused(text, numbers, why):
    with pytest.raises(InputError, match=why) as refused:
        cell(text, numbers=numbers)
    assert "finite_difference" in refused.value.diagnostics[0].help


@pytest.mark.parametrize(
    "wrong",
    [
        {"resistance_ohm": -1.0},
        {"capacitance_F": math.nan},
        {"shortest_step_s": 0.0},
        {"rest_potential_V": math.inf},
    ],
)
def test_impossible_options_are_refused_by_name(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        cell(**wrong)
    with pytest.raises(InputError, match="area_m2"):
        SemiIntegralCell(parameters(), area_m2=0.0)


def test_what_it_cannot_resolve_is_refused():
    model = cell(shortest_step_s=1e-4, longest_time_s=10.0)
    with pytest.raises(SimulationError, match="shortest_step_s"):
        model.step(Control.POTENTIAL, 0.0, 1e-5)
    with pytest.raises(SimulationError, match="longest_time_s"):
        model.step(Control.POTENTIAL, 0.0, 11.0)
    with pytest.raises(InputError, match="no finite current"):
        cell(capacitance_F=1e-6).step(Control.POTENTIAL, 0.0, 0.1)
    with pytest.raises(InputError, match="rest_potential_V"):
        cell(numbers={"concentrations_mol_per_m3": {"A": 1.0}}, capacitance_F=1e-6)
    for dt_s, value in ((0.0, 0.0), (-1.0, 0.0), (math.nan, 0.0), (1.0, math.inf)):
        with pytest.raises(ValueError, match="must be"):
            model.step(Control.POTENTIAL, value, dt_s)


PLAIN = """
import json, math
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv, potential_steps
numbers = dict(area_m2=1e-5, diffusion_m2_per_s=1e-9, rate_constants=3.0)
a = simulate_voltammogram("A + e = B; B -> C", cv(0.2, -0.2, 1.0, step_V=0.01), E0_V=0.0, k0=1e-4,
    concentrations_mol_per_m3={"A": 1.0}, resistance_ohm=50.0, capacitance_F=1e-6, **numbers)
b = simulate_voltammogram("A + e = B; B -> C; C + e = D", potential_steps([-0.3, 0.3],
    [1.0] * 2, points=10),
    E0_V=(0.0, 0.1), concentrations_mol_per_m3={"A": 1.0}, **numbers)
c = simulate_voltammogram("A + e = B; B -> C", cv(0.2, -0.2, 1.0, step_V=0.01), E0_V=0.0,
    concentrations_mol_per_m3={"A": 1.0}, **numbers)
print(json.dumps([list(x.current_A) for x in (a, b, c)]))
"""


@pytest.mark.long
def test_the_same_functions_run_as_plain_python():
    def run(**environment):
        done = subprocess.run(
            [sys.executable, "-c", PLAIN],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
        )
        return json.loads(done.stdout)

    compiled, plain = run(NUMBA_DISABLE_JIT="0"), run(NUMBA_DISABLE_JIT="1")
    for fast, slow in zip(compiled, plain, strict=True):
        assert fast == pytest.approx(slow, rel=1e-9)


def test_importing_the_engine_does_not_import_numba():
    code = (
        "import sys, faradaic.simulators.voltammetry, faradaic.simulators.semi_integral.model;"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_start_off_equilibrium_is_a_step_before_a_sweep():
    # a sweep that starts on the plateau: Cottrell first, whatever the sweep does
    numbers = {"concentrations_mol_per_m3": {"A": 1.0}, "k0": math.inf}
    current_A, _ = cell(numbers=numbers).run(lsv(-0.5, -0.6, 1.0))
    time_s = np.arange(1, 101) * 1e-3
    expected = -F * AREA * np.sqrt(D / (math.pi * time_s))
    assert current_A == pytest.approx(expected, rel=2e-3)
