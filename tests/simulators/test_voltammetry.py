"""The public function: which engine it takes, that both agree, and what it refuses."""

import contextlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import FaradaicError, InputError
from faradaic.simulators.semi_integral.modes import NernstFilm, Sphere, ThinLayer
from faradaic.simulators.simulation_errors import SimulationError
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import chronopotentiometry, cv, lsv, potential_steps

DISC = {
    "area_m2": 7.06858e-6,
    "concentrations_mol_per_m3": {"A": 1.0},
    "diffusion_m2_per_s": 1e-9,
    "E0_V": 0.0,
}


def simulate(mechanism="A + e = B", waveform=None, **numbers):
    return simulate_voltammogram(mechanism, waveform or cv(0.3, -0.3, 0.1), **{**DISC, **numbers})


CASES = [
    ("A + e = B", {}),
    ("A + e = B", {"k0": 1e-5, "resistance_ohm": 500.0, "capacitance_F": 2e-6}),
    ("A + e = B; B -> C", {"k0": 1e-4, "rate_constants": 5.0}),
    ("A + e = B; B -> A", {"rate_constants": 1.0}),
    ("A + e = B; B = C", {"k0": 1e-4, "rate_constants": ((5.0, 1.0),)}),
    ("A + e = B; B + e = C", {"E0_V": (0.0, -0.1), "k0": (1e-3, 1e-5)}),
    ("A + e = B; B -> C; C + e = D", {"E0_V": (0.0, 0.2), "k0": 1e-4, "rate_constants": 1.0}),
    ("A + e -> B", {"k0": 1e-6}),
    ("A + e = B", {"geometry": NernstFilm(5e-5), "k0": 1e-4}),
    ("A + e = B", {"geometry": ThinLayer(5e-5), "k0": 1e-4}),
    ("A + e = B", {"diffusion_m2_per_s": {"A": 1e-9, "B": 5e-10}, "k0": 1e-4}),
]


@pytest.mark.parametrize(("mechanism", "numbers"), CASES)
def test_two_engines_that_share_no_arithmetic_give_one_curve(mechanism, numbers):
    ours = simulate(mechanism, **numbers)
    assert ours.engine == "semi_integral"
    grid = simulate(mechanism, engine="finite_difference", **numbers)
    assert grid.engine == "finite_difference"
    assert grid.potential_V == pytest.approx(ours.potential_V, abs=1e-7)
    largest = np.max(np.abs(ours.current_A))
    apart = np.abs(grid.current_A - ours.current_A) / largest
    apart[:5] = apart[600:605] = 0.0  # where the rate of the scan jumps
    assert np.max(apart) < 2e-3


def test_currents_imposed_give_one_curve_too():
    waveform = chronopotentiometry([-5e-6, 5e-6], [5.0, 2.0], points=500)
    numbers = {"k0": 1e-5, "capacitance_F": 1e-6, "rest_potential_V": 0.3}
    ours = simulate("A + e = B", waveform, **numbers)
    grid = simulate("A + e = B", waveform, engine="finite_difference", **numbers)
    assert np.max(np.abs(grid.potential_V - ours.potential_V)[5:]) < 2e-3


def test_second_order_chemistry_goes_to_the_grid():
    assert simulate("A + e = B; B + B -> C", rate_constants=1.0).engine == "finite_difference"
    with pytest.raises(InputError, match="E543"):
        simulate("A + e = B; B + B -> C", rate_constants=1.0, engine="semi_integral")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"mechanism": "A + e = B: B -> C"}, "E541"),
        ({"mechanism": "A + e = B; X -> C"}, "X|shares no species"),
        ({"engine": "magic"}, "engine"),
        ({"area_m2": -1.0}, "area_m2"),
        ({"diffusion_m2_per_s": -1e-9}, "diffusion"),
        ({"k0": -1.0}, "k0"),
        (
            {"mechanism": "A + e = B; B + e = C; A + 2 e = C", "E0_V": [0.0, -0.1, -0.05]},
            "k0 of A \\+ 2 e / C is infinite, like those",
        ),
        ({"concentrations_mol_per_m3": {"Q": 1.0}}, "Q"),
        ({"waveform": lsv(0.3, -0.3, 0.1, step_V=0.05)}, "E544"),
        ({"geometry": Sphere(1e-5), "engine": "finite_difference"}, "sphere"),
        ({"geometry": NernstFilm(0.0)}, "thickness_m"),
        ({"geometry": "sphere"}, "'sphere'"),
        ({"temperature_K": 0.0}, "temperature_K"),
        ({"waveform": chronopotentiometry(-1e-3, 10.0)}, "E545"),
    ],
)
def test_what_makes_no_sense_is_an_error_that_names_it(arguments, names):
    with pytest.raises(FaradaicError, match=names) as refused:
        simulate(**arguments)
    assert all(d.help for d in refused.value.diagnostics)


def change_by_a_superfluous_step(k0):
    """What a third step changes whose E0, the mean of the two before it, says nothing new."""
    two = simulate("A + e = B; B + e = C", E0_V=[0.0, -0.1]).current_A
    three = simulate("A + e = B; B + e = C; A + 2 e = C", E0_V=[0.0, -0.1, -0.05], k0=k0).current_A
    return np.max(np.abs(three - two)) / np.max(np.abs(two))


@pytest.mark.parametrize("k0", [1e4, 1e8])
def test_a_superfluous_step_changes_nothing(k0):
    assert change_by_a_superfluous_step(k0) < 1e-8


@pytest.mark.parametrize("k0", [1e12, 1e20, 1e300])
def test_where_rounding_leaves_its_rate_undetermined_it_is_refused_or_changes_nothing(k0):
    with contextlib.suppress(SimulationError):
        assert change_by_a_superfluous_step(k0) < 1e-8


def test_a_curve_is_frozen_and_complete():
    curve = simulate(resistance_ohm=100.0)
    assert len(curve.time_s) == len(curve.potential_V) == len(curve.current_A) == 1200
    assert curve.technique == "cv"
    assert curve.mechanism == "A + e = B"
    assert np.all(np.isfinite(curve.current_A))
    with pytest.raises(AttributeError):
        curve.engine = "other"


def test_a_peak_is_the_vertex_between_samples():
    fine, coarse = (simulate(waveform=cv(0.3, -0.3, 0.1, step_V=s)) for s in (2e-4, 5e-3))
    for anodic in (False, True):
        potential_V, current_A = fine.peak(anodic=anodic)
        assert coarse.peak(anodic=anodic)[0] == pytest.approx(potential_V, abs=2e-4)
        assert coarse.peak(anodic=anodic)[1] == pytest.approx(current_A, rel=2e-3)
    with pytest.raises(InputError, match="no anodic peak"):
        simulate(waveform=lsv(0.3, -0.3, 0.1)).peak(anodic=True)


def test_temperature_enters_through_the_nernst_equation():
    # i_p ~ T^(-1/2) (Randles-Ševčík)
    warm, cold = (simulate(temperature_K=t).peak(anodic=False)[1] for t in (333.15, 273.15))
    assert warm / cold == pytest.approx(math.sqrt(273.15 / 333.15), rel=2e-4)


@pytest.mark.long
def test_the_example_shows_the_return_peak_vanish(tmp_path):
    example = Path(__file__).parents[2] / "examples" / "ec_mechanism_at_five_scan_rates.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example), str(tmp_path / "ec.png")],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert (tmp_path / "ec.png").read_bytes().startswith(b"\x89PNG")
    peaks_mV = [float(line.split()[-2]) for line in done.stdout.splitlines()]
    # k/σ = 5.1, .51, .051, .0051, .00051: Nicholson and Shain 1964, by interpolation at .51
    assert peaks_mV[1] == pytest.approx(-20.9, abs=0.2)
    assert peaks_mV == sorted(peaks_mV, reverse=True)
    assert peaks_mV[-1] == pytest.approx(-28.49, abs=0.06)


def test_autocatalysis_and_attraction_need_no_denser_samples() -> None:
    """What a curve of ten times the samples gives, within 1 %; 1 is the charge of a monolayer."""
    numbers = {
        "area_m2": 1e-5,
        "diffusion_m2_per_s": 1e-9,
        "E0_V": 0.0,
    }
    peaks = []
    for step_V in (1e-3, 1e-4):
        wave = cv(0.3, -0.3, 0.1, step_V=step_V)
        amounts = {"A": 1.0}
        curve = simulate_voltammogram(
            "A + e = B; A + B -> 2 B", wave, concentrations_mol_per_m3=amounts,
            rate_constants=[1e3], **numbers,
        )  # fmt: skip
        peaks.append(curve.current_A.max())
    assert peaks[0] == pytest.approx(peaks[1], rel=0.01)
    for rate_constant in (1e5, 1e7):
        simulate_voltammogram(
            "A + e = B; A + B -> 2 B", cv(0.3, -0.3, 0.1), concentrations_mol_per_m3={"A": 1.0},
            rate_constants=[rate_constant], **numbers,
        )  # fmt: skip
    wave = cv(0.5, -0.5, 0.1, step_V=1e-4)
    curve = simulate_voltammogram(
        "A* + e = B*", wave, concentrations_mol_per_m3={}, k0=1.0, coverages={"A*": 1.0},
        interactions={"A*": -6.0, "B*": -6.0}, site_density_mol_per_m2=1e-6, **numbers,
    )  # fmt: skip
    charge_C = np.trapezoid(np.minimum(curve.current_A, 0.0), curve.time_s)
    assert charge_C == pytest.approx(-96485.33212 * 1e-6 * 1e-5, rel=1e-3)
    assert any("first order" in note for note in curve.notes)


@pytest.mark.parametrize("potential_V", [-1.0, -3.0])
def test_a_strong_step_starts_as_cottrell_says(potential_V: float) -> None:
    """n F A c √(D/πt), by finite differences, from the first sample on."""
    curve = simulate_voltammogram(
        "A + e = B", potential_steps([potential_V], [1.0], points=100), engine="finite_difference",
        area_m2=1e-5, concentrations_mol_per_m3={"A": 1.0}, diffusion_m2_per_s=1e-9, E0_V=0.0,
        rest_potential_V=0.5,
    )  # fmt: skip
    expected_A = -96485.33212 * 1e-5 * np.sqrt(1e-9 / np.pi / curve.time_s)
    assert curve.current_A == pytest.approx(expected_A, rel=1e-4)


def test_electrons_that_nobody_takes_are_noted() -> None:
    numbers = {"area_m2": 1e-5, "diffusion_m2_per_s": 1e-9, "E0_V": 0.0, "rate_constants": [1.0]}
    wave = cv(0.3, -0.3, 0.1)
    amounts = {"A": 1.0, "Z": 1.0}
    open_ = simulate_voltammogram(
        "A + e = B; B -> A", wave, concentrations_mol_per_m3={"A": 1.0}, **numbers
    )
    closed = simulate_voltammogram(
        "A + e = B; B + Z -> A + Y", wave, concentrations_mol_per_m3=amounts, **numbers
    )
    assert any("electrons appear or vanish" in note for note in open_.notes)
    assert not any("electrons appear or vanish" in note for note in closed.notes)
