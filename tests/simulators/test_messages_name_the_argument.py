"""What is wrong with an argument is said under the name that the caller typed.

The signatures are walked: every argument that takes a number is given ones that cannot be.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from faradaic.diagnostics import FaradaicError
from faradaic.simulators import sine_response as sines
from faradaic.simulators import voltammetry, waveforms
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell
from faradaic.simulators.finite_difference.simulation import simulate
from faradaic.simulators.gas_analysis import GasChromatograph, GasLine, SimulatedFlowMeter
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.preparative.preparative_cell import PreparativeCell
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.semi_integral.modes import Disc, NernstFilm, Sphere, ThinLayer

ONE = {
    "concentrations_mol_per_m3": {"A": 1.0},
    "diffusion_m2_per_s": 1e-9,
    "E0_V": 0.0,
}
SWEEP = waveforms.lsv(0.3, -0.3, 0.1, step_V=5e-3)
MECHANISM = parse_mechanism("A + e = B")
PARAMETERS = mechanism_parameters(MECHANISM, k0=1e-3, **ONE)
FINITE = {"engine": "finite_difference", "area_m2": 1e-6, "k0": 1e-3}


def walked(geometry: Any, **more: Any) -> Callable[..., Any]:
    """A voltammogram on an electrode of one shape, whose size is the argument."""

    def make(**size: Any) -> Any:
        return voltammetry.simulate_voltammogram(
            "A + e = B", SWEEP, area_m2=1e-6, geometry=geometry(**size), **ONE, **more
        )

    make.__name__ = geometry.__name__
    make.__signature__ = inspect.signature(geometry)  # type: ignore[attr-defined]
    return make


def of_sine(**arguments: Any) -> Any:
    cell = SemiIntegralCell(PARAMETERS, area_m2=1e-6, shortest_step_s=1e-12)
    return sines.sine_response(cell, Control.POTENTIAL, **arguments)


def of_spectrum(**arguments: Any) -> Any:
    cell = SemiIntegralCell(PARAMETERS, area_m2=1e-6, shortest_step_s=1e-12)
    return sines.spectrum_ohm(cell, **arguments)


of_sine.__signature__ = inspect.signature(sines.sine_response)  # type: ignore[attr-defined]
of_spectrum.__signature__ = inspect.signature(sines.spectrum_ohm)  # type: ignore[attr-defined]

FUNCTIONS: Mapping[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "simulate_voltammogram": (
        voltammetry.simulate_voltammogram,
        {"mechanism": "A + e = B", "waveform": SWEEP, "area_m2": 1e-6, **ONE},
    ),
    "simulate_voltammogram, finite differences": (
        voltammetry.simulate_voltammogram,
        {"mechanism": "A + e = B", "waveform": SWEEP, **FINITE, **ONE},
    ),
    "simulate_voltammogram, adsorbed": (
        voltammetry.simulate_voltammogram,
        {
            "mechanism": "A* + e = B*",
            "waveform": SWEEP,
            **FINITE,
            "concentrations_mol_per_m3": {},
            "diffusion_m2_per_s": 1e-9,
            "E0_V": 0.0,
            "coverages": {"A*": 0.5},
            "site_density_mol_per_m2": 1e-6,
        },
    ),
    "mechanism_parameters": (
        mechanism_parameters,
        {"mechanism": parse_mechanism("A + e = B; B -> C"), "k0": 1e-3, "rate_constants": 1.0}
        | ONE,
    ),
    "lsv": (waveforms.lsv, {"start_V": 0.3, "end_V": -0.3, "scan_rate_V_per_s": 0.1}),
    "cv": (waveforms.cv, {"start_V": 0.3, "vertex_V": -0.3, "scan_rate_V_per_s": 0.1}),
    "staircase": (waveforms.staircase, {"corners_V": [0.3, -0.3], "scan_rate_V_per_s": 0.1}),
    "chronoamperometry": (
        waveforms.chronoamperometry,
        {"potential_V": 0.1, "duration_s": 1.0},
    ),
    "potential_steps": (
        waveforms.potential_steps,
        {"levels_V": [0.1, 0.2], "durations_s": [1.0, 1.0]},
    ),
    "chronopotentiometry": (
        waveforms.chronopotentiometry,
        {"currents_A": [1e-6], "durations_s": [1.0]},
    ),
    "simulate": (
        simulate,
        {
            "parameters": PARAMETERS,
            "control": Control.POTENTIAL,
            "time_s": [0.1, 0.2],
            "value": [0.0, 0.01],
            "area_m2": 1e-6,
        },
    ),
    "FiniteDifferenceCell": (
        FiniteDifferenceCell,
        {"parameters": PARAMETERS, "area_m2": 1e-6, "initial_potential_V": 0.1},
    ),
    "SemiIntegralCell": (SemiIntegralCell, {"parameters": PARAMETERS, "area_m2": 1e-6}),
    "Sphere": (walked(Sphere), {"radius_m": 1e-4}),
    "Disc": (walked(Disc), {"radius_m": 1e-3}),
    "NernstFilm": (walked(NernstFilm), {"thickness_m": 1e-5}),
    "ThinLayer": (walked(ThinLayer), {"thickness_m": 1e-5}),
    "NernstFilm, finite differences": (
        walked(NernstFilm, engine="finite_difference", k0=1e-3),
        {"thickness_m": 1e-5},
    ),
    "ThinLayer, finite differences": (
        walked(ThinLayer, engine="finite_difference", k0=1e-3),
        {"thickness_m": 1e-5},
    ),
    "sine_response": (of_sine, {"bias": 0.0, "amplitude": 5e-3, "frequency_Hz": 10.0}),
    "spectrum_ohm": (of_spectrum, {"frequency_Hz": [10.0], "amplitude": 5e-3, "bias": 0.0}),
    "GasLine": (GasLine, {}),
    "SimulatedFlowMeter": (SimulatedFlowMeter, {}),
    "GasChromatograph": (GasChromatograph, {}),
    "withdraw": (PreparativeCell.from_mapping({}).withdraw, {"volume_m3": 1e-9}),
}
IMPOSSIBLE = (math.nan, math.inf, -1e-9, "1 mM", None)


def arguments() -> list[tuple[str, str]]:
    """Every argument of every function that takes numbers."""
    found = []
    for name, (function, given) in FUNCTIONS.items():
        for key, parameter in inspect.signature(function).parameters.items():
            typed = str(parameter.annotation)
            numbers = any(word in typed for word in ("float", "int", "ArrayLike", "RateConstant"))
            if numbers and parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                found.append((name, key))
        found += [(name, key) for key in given if (name, key) not in found and key.endswith("_m2")]
    return found


@pytest.mark.parametrize(("name", "key"), arguments())
def test_a_message_names_the_argument_as_it_was_typed(name: str, key: str) -> None:
    function, given = FUNCTIONS[name]
    function(**given)  # what is not spoilt is right
    parameter = inspect.signature(function).parameters.get(key)
    typed = "" if parameter is None else str(parameter.annotation)
    for value in IMPOSSIBLE:
        if value is None and (parameter is None or "None" in typed or key not in given):
            continue
        spoilt = dict(given) | {key: value}
        if isinstance(given.get(key), Mapping):
            spoilt[key] = dict.fromkeys(given[key], value)
        elif isinstance(given.get(key), list):
            spoilt[key] = [value, *given[key][1:]]
        try:
            function(**spoilt)
        except FaradaicError as error:
            told = " ".join(f"{d.message} {d.help}" for d in error.diagnostics)
            assert key in told, f"{key}={value!r}: {told}"
        except (TypeError, ValueError) as error:
            pytest.fail(f"{key}={value!r} is told as {type(error).__name__}: {error}")
