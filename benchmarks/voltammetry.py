"""A reversible cyclic voltammogram: time and error of the peak, here and in other programs.

    uv run --group peers python benchmarks/voltammetry.py

Prints a Markdown table; a ratio is to the fastest row of faradaic in this run that is at least as
accurate, set-up left out on both sides. The curve goes from +0.5 V to
-0.5 V and back at 1 V/s, D = 1e-9 m²/s, n = 1, 298.15 K; its peak is 0.446294695 nFAC√(Dσ) (Randles
1948, Ševčík 1948). Programs without a Nernst limit get k0 = 10 m/s or, where that fails, 1 cm/s,
and are held against the peak for that k0. Times are those of one solution after whatever a program
can prepare beforehand, the best of several. Programs that are not installed are named and left out.
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv

F, R, T = 96485.33212, 8.314462618, 298.15
SIGMA = F / (R * T)  # s⁻¹ at 1 V/s
D, AREA, C = 1e-9, 1e-5, 1.0
UNIT_A = F * AREA * C * math.sqrt(D * SIGMA)
NERNST = 0.446294694845
START_V, VERTEX_V = 0.5, -0.5


Row = tuple[str, str, float, float]
"""Program, setting, seconds, peak over its exact value less one."""


def best_s(run: Callable[[], Any], repeats: int) -> float:
    """Shortest wall time of several runs."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def peak(current: Any) -> float:
    """Height of the first peak of a cathodic-positive curve, by a parabola through its top."""
    y = np.asarray(current, float)[: len(current) // 2 + 1]
    k = int(np.argmax(y))
    before, top, after = y[k - 1 : k + 2]
    return float(top - 0.125 * (before - after) ** 2 / (before - 2.0 * top + after))


def numbers(k0: float = math.inf) -> dict[str, Any]:
    """Arguments of this curve."""
    return {
        "concentrations_mol_per_m3": {"A": C},
        "diffusion_m2_per_s": D,
        "E0_V": 0.0,
        "k0": k0,
    }


def exact_peak(k0: float) -> float:
    """The peak for a rate constant, from 40,000 points extrapolated to none between them."""
    heights = []
    for step_V in (1e-4, 5e-5):
        curve = simulate_voltammogram(
            "A + e = B", cv(START_V, VERTEX_V, 1.0, step_V=step_V), area_m2=AREA, **numbers(k0)
        )
        heights.append(peak(-curve.current_A) / UNIT_A)
    return heights[1] + (heights[1] - heights[0]) / 3.0


def here() -> Iterator[Row]:
    """Both engines."""
    parameters = mechanism_parameters(parse_mechanism("A + e = B"), **numbers())
    for points in (400, 500, 1000, 4000):
        waveform = cv(START_V, VERTEX_V, 1.0, step_V=2.0 / points)
        cell = SemiIntegralCell(
            parameters,
            area_m2=AREA,
            shortest_step_s=float(waveform.dt_s[0]),
            longest_time_s=2.1,
        )
        rest = cell.checkpoint()
        current_A, _ = cell.run(waveform)

        def run(cell: Any = cell, rest: Any = rest, waveform: Any = waveform) -> None:
            cell.restore(rest)
            cell.run(waveform)

        error = peak(-current_A) / UNIT_A / NERNST - 1.0
        yield "faradaic, semi-integral", f"{points} points", best_s(run, 300), error
    waveform = cv(START_V, VERTEX_V, 1.0, step_V=2e-3)
    for engine in ("semi_integral", "finite_difference"):

        def whole(engine: str = engine) -> Any:
            return simulate_voltammogram(
                "A + e = B", waveform, area_m2=AREA, engine=engine, **numbers()
            )

        error = peak(-whole().current_A) / UNIT_A / NERNST - 1.0
        setting = f"1000 points, {engine}, all of simulate_voltammogram"
        yield "faradaic", setting, best_s(whole, 30), error


def electrokitty() -> Iterator[Row]:
    """Backward Euler on a grid, all unknowns by MINPACK."""
    from electrokitty import ElectroKitty

    k0 = 10.0
    reference = exact_peak(k0)
    for points, nodes in ((400, 10), (500, 15), (500, 20), (1000, 20), (1000, 30)):
        program = ElectroKitty("E(1):a=b")
        program.V_potential(START_V, VERTEX_V, 1.0, 0.0, 0.0, points)
        program.create_simulation(
            [[0.5, k0, 0.0]], [T, 0.0, 0.0, AREA], [D, D], [], [0.001, nodes, 1e-5, 0.0],
            [[], [C, 0.0]],
        )  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()):
            elapsed_s = best_s(program.simulate, 2)
        height = peak(-np.asarray(program.current)) / UNIT_A
        yield "ElectroKitty", f"{points} points, {nodes} nodes", elapsed_s, height / reference - 1.0


def pybamm() -> Iterator[Row]:
    """Finite volumes on an exponential grid, solved by IDAKLU; our model of the same equations."""
    import pybamm as pb

    pb.set_logging_level("ERROR")
    k0 = 1e-2
    reference = exact_peak(k0)
    rate = k0 / math.sqrt(D * SIGMA)
    half = (START_V - VERTEX_V) * SIGMA
    for nodes in (60, 100):
        model = pb.BaseModel()
        c = pb.Variable("c", domain="solution")
        x = pb.SpatialVariable("x", domain=["solution"], coord_sys="cartesian")
        theta = START_V * SIGMA - half + abs(pb.t - half)
        surface = pb.boundary_value(c, "left")
        flux = rate * (pb.exp(-theta / 2) * surface - pb.exp(theta / 2) * (1 - surface))
        model.rhs = {c: pb.div(pb.grad(c))}
        model.boundary_conditions = {
            c: {"left": (flux, "Neumann"), "right": (pb.Scalar(1.0), "Dirichlet")}
        }
        model.initial_conditions = {c: pb.Scalar(1.0)}
        model.variables = {"flux": flux}
        geometry = pb.Geometry(
            {"solution": {x: {"min": pb.Scalar(0), "max": pb.Scalar(6 * math.sqrt(2 * half))}}}
        )
        stretched = pb.MeshGenerator(
            pb.Exponential1DSubMesh, {"side": "left", "stretch": 5.0 if nodes == 60 else 6.0}
        )
        mesh = pb.Mesh(geometry, {"solution": stretched}, {x: nodes})
        pb.Discretisation(mesh, {"solution": pb.FiniteVolume()}).process_model(model)
        solver = pb.IDAKLUSolver(rtol=1e-6, atol=1e-8)
        times = np.linspace(0.0, 2.0 * half, 1001)

        def run(solver: Any = solver, model: Any = model, times: Any = times) -> Any:
            return solver.solve(model, np.array([0.0, half, 2.0 * half]), t_interp=times)

        solution = run()
        height = peak(np.ravel(solution["flux"](times)))
        setting = f"1000 outputs, {nodes} cells, IDAKLU"
        yield "PyBaMM", setting, best_s(run, 5), height / reference - 1.0


def softpotato() -> Iterator[Row]:
    """The method of lines with SciPy's BDF; the Nernst equation as a boundary value in time."""
    from softpotato.solver import DiffusionProblem, DirichletBC, ScipyIVPSolver

    half = (START_V - VERTEX_V) * SIGMA
    far = 6.0 * math.sqrt(2.0 * half)
    stretch = 6.0
    grid = far * np.expm1(stretch * np.linspace(0.0, 1.0, 60)) / math.expm1(stretch)

    def surface(t: float) -> float:
        return 1.0 / (1.0 + math.exp(-(START_V * SIGMA - half + abs(t - half))))

    problem = DiffusionProblem(
        grid=grid,
        diffusivity={"A": 1.0},
        boundary_conditions={"A": (DirichletBC(surface), DirichletBC(1.0))},
        initial_conditions={"A": 1.0},
    )
    times = np.linspace(0.0, 2.0 * half, 1001)
    solver = ScipyIVPSolver(method="BDF", rtol=1e-6, atol=1e-8)

    def run() -> Any:
        return solver.solve(problem, (0.0, 2.0 * half), times)

    profiles = run()["A"]
    a, b, c = grid[1:4]  # third-order derivative at the surface from four nodes
    weights = np.linalg.solve(
        np.vander([0.0, a, b, c], 4, increasing=True).T, np.array([0.0, 1.0, 0.0, 0.0])
    )
    height = peak(profiles[:, :4] @ weights)
    yield "softpotato", "1000 outputs, 60 nodes, BDF", best_s(run, 3), height / NERNST - 1.0


def cvsim() -> Iterator[Row]:
    """Semi-integration by Oldham and Myland's algorithm, O(points²)."""
    from cvsim.mechanisms import E_rev

    radius_mm = math.sqrt(AREA / math.pi) * 1e3
    for points in (400, 1000):
        program = E_rev(
            START_V, VERTEX_V, 0.0, 1.0, C, D * 1e4, D * 1e4, 2e3 / points, radius_mm, T
        )
        _, current = program.simulate()
        sign = -1.0 if abs(current.min()) > current.max() else 1.0
        height = peak(sign * current) / UNIT_A
        yield "cvsim", f"{points} points", best_s(program.simulate, 2), height / NERNST - 1.0


def main() -> None:
    """Measure and print."""
    own = list(here())
    rows = list(own)
    for program in (electrokitty, pybamm, softpotato, cvsim):
        try:
            rows += list(program())
        except ImportError as missing:
            print(f"{program.__name__}: not installed ({missing})", file=sys.stderr)
    print("| program | setting | time / ms | peak error / % | times ours, equally accurate |")
    print("|---|---|---|---|---|")
    for name, setting, elapsed_s, error in rows:
        ratio = elapsed_s / min(row[2] for row in own if abs(row[3]) <= abs(error))
        print(f"| {name} | {setting} | {elapsed_s * 1e3:.4g} | {error * 100:+.4f} | {ratio:,.3g} |")


if __name__ == "__main__":
    main()
