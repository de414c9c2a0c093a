"""Finite-difference voltammetry: time, accuracy and Newton iterations of a few mechanisms.

    python benchmarks/finite_difference.py [repetitions]

Prints one JSON object. Times are the best of the repetitions, of the whole public call (validated
parameters in, arrays out) after compilation; `kernel_ms` is the part inside the compiled code.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
from typing import Any

import numpy as np

from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference import couple
from faradaic.simulators.finite_difference import finite_difference_kernels as kernels
from faradaic.simulators.finite_difference.simulation import Simulation, simulate
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import MechanismParameters, mechanism_parameters

F = 96485.33212
F_RT = F / (8.314462618 * 298.15)
D_M2_PER_S, RATE_V_PER_S = 1e-9, 1.0
SIGMA_PER_S = F_RT * RATE_V_PER_S

CASES: list[tuple[str, str, int, float | None, dict[str, Any], dict[str, Any]]] = [
    # name, mechanism, samples, exact ψ_p of the forward peak, numbers, cell
    ("E reversible", "A + e = B", 500, 0.446294695, {}, {}),
    ("E reversible", "A + e = B", 1000, 0.446294695, {}, {}),
    ("E reversible", "A + e = B", 2000, 0.446294695, {}, {}),
    ("E, R_u, C_dl", "A + e = B", 1000, None, {}, {"resistance_ohm": 5e-3, "capacitance_F": 0.2}),
    ("EC, k/σ = 100", "A + e = B; B -> C", 1000, 0.4953, {"rate_constants": 1e2 * SIGMA_PER_S}, {}),
    (
        "EC', k/σ = 1",
        "A + e = B; B -> A",
        1000,
        1.0,
        {"rate_constants": SIGMA_PER_S},
        {},
    ),
    (
        "dimerisation, kc/σ = 1e5",
        "A + e = B; 2 B -> C",
        1000,
        0.5270,
        {"rate_constants": 1e5 * SIGMA_PER_S},
        {},
    ),
    (
        "ECE, 4 species, R_u, C_dl",
        "A + e = B; B -> C; C + e = D",
        1000,
        None,
        {"rate_constants": 10.0 * SIGMA_PER_S, "E0_V": (0.0, 0.1), "k0": 1.0},
        {"resistance_ohm": 5e-3, "capacitance_F": 0.2},
    ),
    ("Marcus-Hush-Chidsey", "A + e = B", 1000, None, {"k0": 1e-5, "reorganisation_eV": 0.8}, {}),
]


def _parameters(mechanism: str, numbers: dict[str, Any]) -> MechanismParameters:
    keywords: dict[str, Any] = {
        "concentrations_mol_per_m3": {"A": 1.0},
        "diffusion_m2_per_s": D_M2_PER_S,
        "E0_V": 0.0,
        "k0": math.inf,
    }
    return mechanism_parameters(parse_mechanism(mechanism), **(keywords | numbers))


def _cyclic(samples: int) -> tuple[np.ndarray, np.ndarray]:
    half = samples // 2
    potential_V = np.concatenate(
        [np.linspace(0.5, -0.5, half + 1), np.linspace(-0.5, 0.5, half + 1)[1:]]
    )
    return np.arange(1, samples + 1) * (2.0 / RATE_V_PER_S / samples), potential_V[1:]


def _peak(psi: np.ndarray) -> float:
    k = int(np.argmax(psi[: psi.size // 2]))
    left, middle, right = psi[k - 1 : k + 2]
    shift = 0.5 * (left - right) / (left - 2.0 * middle + right)
    return float(middle - 0.25 * (left - right) * shift)


def _timed(call: Any, repetitions: int) -> tuple[Simulation, float, float]:
    """The result, the whole time and the time in the kernels, s; each the best of all."""
    inside = [0.0]
    compiled = {"run": kernels, "run_couple": couple}

    def watched(kernel: Any) -> Any:
        def run(*arguments: Any) -> Any:
            start = time.perf_counter()
            out = kernel(*arguments)
            inside[0] = time.perf_counter() - start
            return out

        return run

    whole_s, kernel_s = math.inf, math.inf
    with contextlib.ExitStack() as stack:
        for name, module in compiled.items():
            kernel = getattr(module, name)
            stack.callback(setattr, module, name, kernel)
            setattr(module, name, watched(kernel))
        for _ in range(repetitions + 1):
            start = time.perf_counter()
            result = call()
            whole_s = min(whole_s, time.perf_counter() - start)
            kernel_s = min(kernel_s, inside[0])
    return result, whole_s, kernel_s


def main() -> None:
    """Run every case and print the table."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    start = time.perf_counter()
    time_s, potential_V = _cyclic(500)
    simulate(_parameters("A + e = B", {}), Control.POTENTIAL, time_s, potential_V, area_m2=1.0)
    first_s = time.perf_counter() - start
    rows = []
    for name, mechanism, samples, exact, numbers, cell in CASES:
        parameters = _parameters(mechanism, numbers)
        time_s, potential_V = _cyclic(samples)
        given = {"area_m2": 1.0, "initial_potential_V": 0.5} | cell

        def call(
            parameters: MechanismParameters = parameters,
            time_s: np.ndarray = time_s,
            potential_V: np.ndarray = potential_V,
            given: dict[str, Any] = given,
        ) -> Simulation:
            return simulate(parameters, Control.POTENTIAL, time_s, potential_V, **given)

        result, whole_s, kernel_s = _timed(call, repetitions)
        psi = -result.current_A / (F * math.sqrt(D_M2_PER_S * SIGMA_PER_S))
        peak = psi.max() if "EC'" in name else _peak(psi)
        rows.append(
            {
                "case": name,
                "samples": samples,
                "nodes": result.profile.position_m.size,
                "whole_ms": round(whole_s * 1e3, 3),
                "kernel_ms": round(kernel_s * 1e3, 3),
                "newton_per_step": round(result.newton_per_step, 2),
                "peak": round(peak, 6),
                "error_percent": None if exact is None else round(100 * (peak / exact - 1), 4),
            }
        )
    current_A = -F * math.sqrt(math.pi * D_M2_PER_S) / (2.0 * math.sqrt(10.0))
    parameters = _parameters(
        "A + e = B; S + e -> T",
        {
            "E0_V": (0.0, -1.5),
            "k0": (math.inf, 1e-6),
            "concentrations_mol_per_m3": {"A": 1.0, "S": 1e4},
        },
    )
    result, whole_s, kernel_s = _timed(
        lambda: simulate(
            parameters,
            Control.CURRENT,
            np.arange(1, 1201) * 0.01,
            np.full(1200, current_A),
            area_m2=1.0,
            capacitance_F=1e-4,
            initial_potential_V=0.4,
        ),
        repetitions,
    )
    rows.append(
        {
            "case": "constant current through Sand's time into the solvent",
            "samples": 1200,
            "nodes": result.profile.position_m.size,
            "whole_ms": round(whole_s * 1e3, 3),
            "kernel_ms": round(kernel_s * 1e3, 3),
            "newton_per_step": round(result.newton_per_step, 2),
        }
    )
    print(
        json.dumps({"first_call_s": round(first_s, 2), "rows": rows}, indent=2, ensure_ascii=False)
    )


if __name__ == "__main__":
    main()
