"""The finite-difference cell as a model under a bench: conservation, memory, controls, refusals."""

import copy
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.finite_difference.simulation import simulate
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.simulation_errors import SimulationError

F = 96485.33212
AREA_M2 = 7.06858e-6

CASES = {
    "E": ("A + e = B", {}),
    "EC": ("A + e = B; B = C", {"rate_constants": (3.0, 0.5)}),
    "ECE with dimerisation": (
        "A + e = B; B -> C; C + e = D; 2 B -> P",
        {"rate_constants": (5.0, 20.0), "E0_V": (0.0, 0.2)},
    ),
    "adsorbed product": (
        "A + e = B; B = B*",
        {"rate_constants": (1e-3, 2.0), "site_density_mol_per_m2": 1e-5},
    ),
}


def parameters_of(name):
    text, numbers = CASES[name]
    keywords = {
        "concentrations_mol_per_m3": {"A": 1.0, "B": 0.5},
        "diffusion_m2_per_s": 1e-9,
        "E0_V": 0.0,
        "k0": 1e-4,
    }
    return mechanism_parameters(parse_mechanism(text), **(keywords | numbers))


def cell_of(name, **given):
    keywords = {"area_m2": AREA_M2, "resistance_ohm": 100.0, "capacitance_F": 1.4e-6}
    return FiniteDifferenceCell(parameters_of(name), **(keywords | given))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("wall", ["semi-infinite", "thin layer"])
def test_charge_and_mass_close_to_a_billionth(name, wall):
    cell = cell_of(name, **({"layer_m": 1e-4} if wall == "thin layer" else {"duration_s": 20.0}))
    sites = cell.parameters.site_density_mol_per_m2

    def held():
        """mol/m² of each species, and the potential."""
        now = cell.profile()
        dissolved = {n: c @ now.volume_m for n, c in now.concentration_mol_per_m3.items()}
        return dissolved | {n: sites * t for n, t in now.coverages.items()}, (
            now.electrode_potential_V
        )

    before, before_V = held()
    cell.step(Control.OPEN_CIRCUIT, 0.0, 0.01)
    scan_V = np.concatenate([np.linspace(0.3, -0.4, 700), np.linspace(-0.4, 0.1, 500)])
    samples = cell.run(Control.POTENTIAL, np.full(1200, 0.01), scan_V)
    after, after_V = held()
    gained = {n: after[n] - before[n] for n in before}
    scale = max(abs(g) for g in gained.values())
    assert scale > 1e-7
    molecules = dict.fromkeys(gained, 1.0) | {"P": 2.0}
    assert abs(sum(molecules[n] * g for n, g in gained.items())) < 1e-9 * scale
    electrons = {"A": 0.0, "B": 1.0, "C": 1.0, "D": 2.0, "P": 2.0, "B*": 1.0}
    faradaic_C = -F * AREA_M2 * sum(electrons[n] * g for n, g in gained.items())
    charging_C = 1.4e-6 * (after_V - before_V)
    error_C = samples.charge_C[-1] - faradaic_C - charging_C
    assert abs(error_C) < 1e-9 * F * AREA_M2 * scale


@pytest.mark.parametrize("name", CASES)
def test_a_restored_cell_gives_the_same_numbers_again(name):
    cell = cell_of(name)
    cell.step(Control.POTENTIAL, -0.05, 0.02)
    mark = cell.checkpoint()
    todo = [
        (Control.POTENTIAL, -0.1, 0.02),
        (Control.POTENTIAL, -0.1, 0.03),
        (Control.CURRENT, 1e-7, 0.1),
        (Control.OPEN_CIRCUIT, 0.0, 0.5),
        (Control.CELL_VOLTAGE, 0.02, 0.01),
    ]
    first = [cell.step(*what) for what in todo]
    cell.restore(mark)
    assert [cell.step(*what) for what in todo] == first
    other = cell_of(name)
    other.restore(mark)
    assert [other.step(*what) for what in todo] == first
    cell.restore(mark)
    twin = copy.deepcopy(cell)
    assert [twin.step(*what) for what in todo] == first
    assert [cell.step(*what) for what in todo] == first


@pytest.mark.parametrize("name", CASES)
def test_every_control_holds_what_it_imposes(name):
    cell = cell_of(name, counter_potential_V=0.1, cell_resistance_ohm=150.0)
    for _ in range(3):
        assert cell.step(Control.POTENTIAL, -0.07, 0.01).potential_V == pytest.approx(-0.07)
        assert cell.step(Control.CURRENT, 2e-7, 0.01).current_A == pytest.approx(2e-7)
        assert cell.step(Control.OPEN_CIRCUIT, 0.0, 0.1).current_A == pytest.approx(0.0, abs=1e-15)
        state = cell.step(Control.CELL_VOLTAGE, -0.2, 0.01)
        assert state.cell_voltage_V == pytest.approx(-0.2)
        drop_V = state.current_A * 50.0
        assert state.potential_V == pytest.approx(state.cell_voltage_V + 0.1 - drop_V)


def test_a_cell_starts_at_its_rest_potential_and_stays_there():
    cell = cell_of("E")
    nernst_V = math.log(1.0 / 0.5) * 8.314462618 * 298.15 / F
    for dt_s in (1e-3, 1.0, 100.0):
        assert cell.step(Control.OPEN_CIRCUIT, 0.0, dt_s).potential_V == pytest.approx(nernst_V)


def test_steps_and_arrays_take_the_same_path():
    dt_s, held = np.full(50, 0.01), np.full(50, -0.1)
    jump = np.arange(50) == 0
    through = cell_of("EC").run(Control.POTENTIAL, dt_s, held, jump=jump)
    cell = cell_of("EC")
    stepped = [cell.step(Control.POTENTIAL, -0.1, 0.01).current_A for _ in range(50)]
    assert stepped == through.current_A.tolist()


def test_the_path_of_one_couple_agrees_with_the_general_one():
    quick, general = (cell_of("E", resistance_ohm=r, initial_potential_V=0.2) for r in (0.0, 1e-9))
    dt_s = np.full(400, 0.01)
    scan_V = np.linspace(0.2, -0.3, 400)
    jump = np.arange(400) == 200
    a, b = (c.run(Control.POTENTIAL, dt_s, scan_V, jump=jump) for c in (quick, general))
    assert a.current_A == pytest.approx(b.current_A, rel=1e-6, abs=1e-13)
    assert a.surface == pytest.approx(b.surface, abs=1e-8)
    assert a.charge_C == pytest.approx(b.charge_C, rel=1e-6, abs=1e-13)


def test_a_staircase_sampled_at_the_end_of_its_steps_reads_the_peak_low():
    # exact superposition of Cottrell currents: 0.4172 at 1 mV steps, 6.5 % below the ramp
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=math.inf,
    )
    cell = FiniteDifferenceCell(parameters, area_m2=1.0, initial_potential_V=0.3)
    currents = [
        -cell.step(Control.POTENTIAL, 0.3 - 1e-3 * k, 0.01).current_A for k in range(1, 361)
    ]
    unit_A = F * math.sqrt(1e-9 * 0.1 * F / (8.314462618 * 298.15))
    assert max(currents) / unit_A == pytest.approx(0.4172, rel=2e-3)


def test_newton_needs_at_most_three_iterations_a_step_at_constant_current():
    cell = cell_of("ECE with dimerisation", duration_s=10.0)
    samples = cell.run(Control.CURRENT, np.full(400, 0.01), np.full(400, -1e-6))
    assert samples.newton_per_step <= 3.0


def scan(name="EC", samples=1000, low_V=-0.5, **cell):
    potential_V = np.linspace(0.5, low_V, samples + 1)[1:]
    time_s = (0.5 - potential_V) / 0.1
    return simulate(
        parameters_of(name), Control.POTENTIAL, time_s, potential_V, area_m2=1.0, **cell
    )


@pytest.mark.parametrize("nodes", [100, 126, 200, 400])
def test_more_nodes_change_nothing_but_the_last_digits(nodes):
    # a known program returns -6e8 from 126 nodes on, without a word
    assert scan(nodes=nodes).current_A == pytest.approx(scan().current_A, rel=2e-3, abs=1.0e-2)


def test_a_grid_that_cannot_resolve_the_reaction_layer_is_refused():
    with pytest.raises(InputError, match=r"cannot resolve the reaction layer of B / C") as caught:
        scan(first_m=1e-5)
    assert "first_m=" in caught.value.diagnostics[0].help


def test_a_reaction_layer_that_rounding_would_fill_is_refused():
    # from 1e22 1/s on the peak was off by 0.3 %, beyond 1e26 the current was noise
    fast, faster = (
        mechanism_parameters(
            parse_mechanism("A + e = B; B -> C"),
            concentrations_mol_per_m3={"A": 1.0},
            diffusion_m2_per_s={"A": 1e-9, "B": 1e-9, "C": 2e-9},
            E0_V=0.0,
            k0=math.inf,
            rate_constants=k,
        )
        for k in (1e16, 1e22)
    )
    potential_V = np.linspace(0.9, 0.2, 701)[1:]
    time_s = (0.9 - potential_V) / 0.1
    found = simulate(fast, Control.POTENTIAL, time_s, potential_V, area_m2=1.0)
    # the peak of a fast first-order follow-up, 0.4958 (Nicholson and Shain 1964)
    height = -found.current_A.min() / (F * math.sqrt(1e-9 * 38.9217 * 0.1))
    with pytest.raises(InputError, match=r"reaction layer of B / C.* rounding") as caught:
        simulate(faster, Control.POTENTIAL, time_s, potential_V, area_m2=1.0)
    assert height == pytest.approx(0.4958, rel=5e-4)
    assert "rate constant" in caught.value.diagnostics[0].help


@pytest.mark.parametrize("nodes", [0, 3, 8, 100_000])
def test_a_number_of_nodes_that_cannot_span_the_solution_is_refused(nodes):
    with pytest.raises(InputError, match=f"{nodes} nodes cannot resolve") as caught:
        scan(nodes=nodes)
    assert "write nodes=" in caught.value.diagnostics[0].help


def test_a_scan_sampled_too_coarsely_is_refused():
    with pytest.raises(InputError, match=r"moves by 20 mV between the samples") as caught:
        scan(samples=50)
    assert "at least every 12.8 mV" in caught.value.diagnostics[0].help


def test_a_step_without_convergence_says_when_and_leaves_the_cell_as_it_was():
    parameters = mechanism_parameters(
        parse_mechanism("A + e = B"),
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=1e-4,
    )
    cell = FiniteDifferenceCell(parameters, area_m2=AREA_M2, initial_potential_V=0.3)
    before = cell.checkpoint()
    with pytest.raises(SimulationError, match=r"Newton did not converge at .* s, .* V \(current\)"):
        for _ in range(100):
            before = cell.checkpoint()
            cell.step(Control.CURRENT, -1e-5, 0.1)
    assert cell.checkpoint() == before


def test_a_solution_without_a_couple_has_no_rest_potential():
    with pytest.raises(InputError, match="no rest potential") as caught:
        FiniteDifferenceCell(
            mechanism_parameters(
                parse_mechanism("A + e = B"),
                concentrations_mol_per_m3={"A": 1.0},
                diffusion_m2_per_s=1e-9,
                E0_V=0.0,
                k0=1e-4,
            ),
            area_m2=1.0,
        )
    assert "initial_potential_V" in caught.value.diagnostics[0].help


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"area_m2": 0.0}, "area_m2 is 0"),
        ({"area_m2": math.nan}, "area_m2 is nan"),
        ({"resistance_ohm": -1.0}, "resistance_ohm is -1"),
        ({"cell_resistance_ohm": 50.0}, "cell_resistance_ohm is 50"),
        ({"capacitance_F": -1e-6}, "capacitance_F is -1e-06"),
        ({"film_m": 0.0}, "film_m is 0"),
        ({"layer_m": math.inf}, "layer_m is inf"),
        ({"initial_potential_V": math.nan}, "initial_potential_V is nan"),
        ({"film_m": 1e-4, "layer_m": 1e-4}, "either a film"),
    ],
)
def test_an_impossible_cell_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        cell_of("E", **given)


@pytest.mark.parametrize("dt_s", [0.0, -1.0, math.nan, math.inf])
def test_a_time_step_that_is_none_is_refused(dt_s):
    with pytest.raises(InputError, match="time step"):
        cell_of("E").step(Control.POTENTIAL, 0.0, dt_s)


def test_a_run_past_the_end_of_the_grid_is_refused():
    cell = cell_of("E", duration_s=1.0)
    cell.step(Control.POTENTIAL, 0.0, 0.9)
    with pytest.raises(InputError, match=r"duration_s=1\.1"):
        cell.step(Control.POTENTIAL, 0.0, 0.2)


PLAIN = """
import numpy as np
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.simulation import simulate
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters

potential_V = np.linspace(0.1, -0.1, 41)[1:]
for text, constants in (("A + e = B", ()), ("A + e = B; 2 B -> C", 1.0)):
    parameters = mechanism_parameters(
        parse_mechanism(text), concentrations_mol_per_m3={"A": 1.0}, diffusion_m2_per_s=1e-9,
        E0_V=0.0, k0=1e-4, rate_constants=constants,
    )
    result = simulate(
        parameters, Control.POTENTIAL, (0.1 - potential_V) / 0.1, potential_V, area_m2=1.0
    )
    print(result.current_A.tolist())
"""


@pytest.mark.long
def test_the_kernels_give_the_same_numbers_as_ordinary_python():
    outputs = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", PLAIN],
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append([json.loads(line) for line in done.stdout.splitlines()])
    for compiled, plain in zip(*outputs, strict=True):
        assert compiled == pytest.approx(plain, rel=1e-9)


def test_importing_the_engine_does_not_load_the_compiler():
    code = (
        "import sys, faradaic.simulators.finite_difference.simulation as s; "
        "raise SystemExit('numba' in sys.modules or 'numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
