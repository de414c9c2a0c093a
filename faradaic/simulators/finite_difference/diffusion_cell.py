"""A three-electrode cell by finite differences, advanced step by step or through whole arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from faradaic.diagnostics import InputError, refusal
from faradaic.simulators.arguments import checked_count, checked_number
from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.finite_difference.problem import (
    make_problem,
    make_state,
    make_work,
)
from faradaic.simulators.finite_difference.resolution import make_grid, require_resolved_scan
from faradaic.simulators.finite_difference.rest import rest_potential_V
from faradaic.simulators.mechanism_parameters import MechanismParameters
from faradaic.simulators.simulation_errors import SimulationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""Newton: last change of F E/RT, of the coverages and of the concentrations over the largest."""

NEGATIVE_MAX = 1e-3
"""Undershoot of a concentration, over the largest, that is refused as a wrong current."""


_ABOVE_ZERO = math.ulp(0.0)


class Samples(NamedTuple):
    """What a run gives at each of its times; arrays of one length."""

    current_A: Floats
    """Anodic positive, with the charging of the double layer."""
    potential_V: Floats
    """As a meter reads it, with the uncompensated drop."""
    electrode_potential_V: Floats
    """Behind the uncompensated resistance."""
    charge_C: Floats
    """Net, integrated by the formula that integrates the concentrations."""
    surface: Floats
    """Shape (samples, species): mol/m³ at the electrode, then coverages."""
    newton_per_step: float


class Profile(NamedTuple):
    """Concentrations at one time: `concentration_mol_per_m3[name]` at each of `position_m`."""

    position_m: Floats
    volume_m: Floats
    """Length of the cell around each position: weights of an exact mass balance."""
    concentration_mol_per_m3: dict[str, Floats]
    coverages: dict[str, float]
    electrode_potential_V: float
    """Behind the uncompensated resistance."""


_LEFT_OUT = frozenset({"film_m", "layer_m", "initial_potential_V", "first_m"})
"""Arguments that may be."""


class FiniteDifferenceCell:
    """See `faradaic.simulators.contracts.CellModel`; planar, one working electrode.

    The solution is semi-infinite; or a Nernst film of `film_m` with the bulk behind it; or a thin
    layer of `layer_m` with a wall behind it. `shortest_s` and `duration_s` are the shortest step to
    be resolved and the longest time until which a semi-infinite solution is. The counter electrode
    stays at `counter_potential_V`; with a current i the cell voltage is
    E - counter_potential_V + i cell_resistance_ohm, and the meter's potential E + i resistance_ohm.
    Without an `initial_potential_V` it starts at the rest potential. Raises `InputError`.
    """

    def __init__(
        self,
        parameters: MechanismParameters,
        *,
        area_m2: float,
        resistance_ohm: float = 0.0,
        capacitance_F: float = 0.0,
        film_m: float | None = None,
        layer_m: float | None = None,
        initial_potential_V: float | None = None,
        counter_potential_V: float = 0.0,
        cell_resistance_ohm: float | None = None,
        shortest_s: float = 1e-6,
        duration_s: float = 1e5,
        nodes: int | None = None,
        first_m: float | None = None,
    ) -> None:
        checked_number(resistance_ohm, "resistance_ohm", least=0.0)
        checked_number(shortest_s, "shortest_s", above=0.0)
        total_ohm = resistance_ohm if cell_resistance_ohm is None else cell_resistance_ohm
        for name, value, lowest in (
            ("area_m2", area_m2, _ABOVE_ZERO),
            ("resistance_ohm", resistance_ohm, 0.0),
            ("cell_resistance_ohm", total_ohm, resistance_ohm),
            ("capacitance_F", capacitance_F, 0.0),
            ("film_m", film_m, _ABOVE_ZERO),
            ("layer_m", layer_m, _ABOVE_ZERO),
            ("initial_potential_V", initial_potential_V, -math.inf),
            ("counter_potential_V", counter_potential_V, -math.inf),
            ("shortest_s", shortest_s, _ABOVE_ZERO),
            ("duration_s", duration_s, shortest_s),
            ("first_m", first_m, _ABOVE_ZERO),
        ):
            if value is not None or name not in _LEFT_OUT:
                _require_at_least(name, value, lowest)
        if nodes is not None:
            checked_count(nodes, "nodes", 0)
        if film_m is not None and layer_m is not None:
            message = "a solution is either a film (film_m) or a thin layer (layer_m)"
            raise refusal("E542", message, "leave one of them out")
        self.parameters = parameters
        self._area_m2 = area_m2
        self._resistance = resistance_ohm * area_m2
        self._cell_resistance = total_ohm * area_m2
        self._counter_V = counter_potential_V
        thickness_m = film_m or layer_m
        self._shortest_s = shortest_s
        self._end_s = math.inf if thickness_m else duration_s * (1.0 + 1e-9)
        self._grid = make_grid(
            parameters,
            shortest_s=shortest_s,
            duration_s=duration_s,
            thickness_m=thickness_m,
            nodes=nodes,
            first_m=first_m,
        )
        self._problem = make_problem(
            parameters,
            self._grid,
            fixed_bulk=film_m is not None,
            capacitance_F_per_m2=capacitance_F / area_m2,
        )
        if initial_potential_V is None:
            initial_potential_V = rest_potential_V(parameters)
        self._state = make_state(self._problem, parameters.coverages, initial_potential_V)
        self._work = make_work(self._problem)
        p = self._problem
        sizes = (p.bulk.size, p.step_E0.size, p.coverages, p.reaction_k.size)
        self._one_couple = sizes == (2, 1, 0, 0)
        self._time_s = 0.0
        self._imposed: tuple[Control, float, float] | None = None
        """Control, value, and the value as the kernels take it."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` with `value` held; a changed value is a jump at the step's start.

        Raises `SimulationError` (E545), leaving the state as it was.
        """
        import numpy as np

        if control is Control.OPEN_CIRCUIT:
            value = 0.0  # ignored: not a jump when it changes
        jump = self._imposed is None or (control, value) != self._imposed[:2]
        samples = self.run(control, np.array([dt_s]), np.array([value]), jump=np.array([jump]))
        i, E = float(samples.current_A[0]), float(samples.electrode_potential_V[0])
        voltage_V = E + i * self._cell_resistance / self._area_m2 - self._counter_V
        return CellState(i, voltage_V, float(samples.potential_V[0]))

    def run(
        self,
        control: Control,
        dt_s: Floats,
        value: Floats,
        *,
        jump: NDArray[np.bool_] | None = None,
        begins: Floats | None = None,
    ) -> Samples:
        """Advance through whole arrays: after each `dt_s`, `value` is reached.

        Between samples the value moves linearly, at first from the initial potential; after a jump
        at the start of an interval (`jump`, a change of control, a first current) from what
        `begins` says, or it is held if that is not given.
        Raises `SimulationError` (E545), leaving the state as it was.
        """
        import numpy as np

        from faradaic.simulators.finite_difference import couple
        from faradaic.simulators.finite_difference import finite_difference_kernels as kernels

        dt = np.array(dt_s, dtype=np.float64)  # never read-only: kernels are compiled once
        imposed = np.array(value, dtype=np.float64)
        jumps = np.zeros(dt.shape, np.bool_) if jump is None else np.array(jump, np.bool_)
        self._require_usable(dt, imposed, jumps)
        if control is Control.OPEN_CIRCUIT:
            imposed = np.zeros_like(imposed)
        galvanostatic = control in (Control.CURRENT, Control.OPEN_CIRCUIT)
        resistance = self._resistance
        if galvanostatic:
            target = imposed / self._area_m2
        elif control is Control.CELL_VOLTAGE:
            target, resistance = imposed + self._counter_V, self._cell_resistance
        else:
            target = imposed
        p, y = self._problem, self._state
        start = self._begin(control, dt, jumps, target)
        if not galvanostatic:
            require_resolved_scan(self.parameters, self._time_s, dt, start, target, jumps)
        self._require_resolved_jumps(dt, jumps)
        starts = np.concatenate(([start], target[:-1]))
        held = target if begins is None or galvanostatic else target + (begins - imposed)
        starts[jumps] = held[jumps]
        restarts = jumps
        if p.capacitance > 0.0 and not galvanostatic:
            restarts = jumps | _kinks(starts, target, dt)
        before = self.checkpoint()
        width = p.bulk.size + p.coverages
        out = np.empty((dt.size, 3 + width))
        if self._one_couple and not galvanostatic and resistance == 0.0:
            couple.run_couple(p, y, dt, restarts, starts, target, out)
            done, iterations, steps = dt.size, dt.size, dt.size  # it is linear
        else:
            done, iterations, steps = kernels.run(
                p,
                self._work,
                y,
                dt,
                restarts,
                galvanostatic,
                starts,
                target,
                resistance,
                TOLERANCE,
                out,
            )
        if done < dt.size:
            time_s, E = self._time_s + float(dt[: done + 1].sum()), float(self._work.z[-1])
            self.restore(before)
            raise _not_converged(control, time_s, E, float(imposed[done]))
        surface = out[:, 3:].copy()
        if not surface.min(initial=0.0) >= -NEGATIVE_MAX * p.concentration_scale:
            lowest = surface.min(axis=1)
            worst = int(np.argmin(lowest))
            time_s = self._time_s + float(dt[: worst + 1].sum())
            self.restore(before)
            raise _negative(time_s, float(out[worst, 1]), float(lowest[worst]))
        self._time_s += float(dt.sum())
        self._imposed = (control, float(imposed[-1]), float(target[-1]))
        return Samples(
            out[:, 0] * self._area_m2,
            out[:, 1] + out[:, 0] * self._resistance,
            out[:, 1].copy(),
            out[:, 2] * self._area_m2,
            surface,
            iterations / steps,
        )

    def _begin(
        self, control: Control, dt: Floats, jump: NDArray[np.bool_], target: Floats
    ) -> float:
        """What is imposed when the first interval starts; marks a jump that the control makes."""
        from faradaic.simulators.finite_difference import finite_difference_kernels as kernels

        if self._imposed is None:
            self._state.book[kernels.FIRST] = dt[0] * kernels.FIRST_PIECE
            if control is Control.POTENTIAL:
                return float(self._state.z[-1])
            jump[0] = True
        elif self._imposed[0] is not control:
            jump[0] = True
        else:
            return self._imposed[2]
        return 0.0  # not read: a jump holds its value

    def profile(self) -> Profile:
        """Concentrations, coverages and potential now, as copies."""
        names = self.parameters.mechanism.dissolved
        concentrations = {name: self._state.c[:, s].copy() for s, name in enumerate(names)}
        covered = self._state.z[len(names) : len(names) + self._problem.coverages].tolist()
        return Profile(
            self._grid.position_m.copy(),
            self._grid.volume_m.copy(),
            concentrations,
            dict(zip(self.parameters.mechanism.adsorbed, covered, strict=True)),
            float(self._state.z[-1]),
        )

    def checkpoint(self) -> tuple[object, ...]:
        """The whole state as an immutable value: bytes of the arrays, time and last control."""
        return (*(a.tobytes() for a in self._state), self._time_s, self._imposed)

    def restore(self, state: tuple[object, ...]) -> None:
        """Return to a checkpoint of this cell or of one made alike."""
        import numpy as np

        *arrays, self._time_s, self._imposed = state  # type: ignore[assignment]
        for array, data in zip(self._state, arrays, strict=True):
            array[...] = np.frombuffer(data, np.float64).reshape(array.shape)  # type: ignore[call-overload]
        self._work.factorised[0] = 0.0  # so that the next steps are the same to the last digit

    def _require_usable(self, dt_s: Floats, value: Floats, jump: NDArray[np.bool_]) -> None:
        import numpy as np

        if dt_s.ndim != 1 or not dt_s.shape == value.shape == jump.shape or dt_s.size == 0:
            shapes = f"{dt_s.shape}, {value.shape} and {jump.shape}"
            message = f"dt_s, value and jump have shapes {shapes}"
            raise refusal("E544", message, "write arrays of one length")
        if not (np.all(dt_s > 0.0) and np.all(np.isfinite(dt_s))):
            raise refusal("E544", "a time step is not positive", "write rising times")
        if not np.all(np.isfinite(value)):
            worst = int(np.argmin(np.isfinite(value)))
            raise InputError.of(f"the imposed value {worst} is {value[worst]}", code="E544")
        end_s = self._time_s + float(dt_s.sum())
        if end_s > self._end_s:
            raise refusal(
                "E543",
                f"the grid holds {self._end_s:.6g} s of diffusion, not {end_s:.6g} s",
                f"make the cell with duration_s={end_s:.3g}",
            )

    def _require_resolved_jumps(self, dt_s: Floats, jump: NDArray[np.bool_]) -> None:
        shortest_s = float(dt_s[jump].min(initial=math.inf))
        if shortest_s < 0.5 * self._shortest_s:
            raise refusal(
                "E543",
                f"the grid resolves {self._shortest_s:.3g} s after a jump, not {shortest_s:.3g} s",
                f"make the cell with shortest_s={shortest_s:.3g}",
            )


def _kinks(start: Floats, end: Floats, dt: Floats) -> NDArray[np.bool_]:
    """The intervals whose slope differs from that of the interval before by more than half: there
    the current of a double layer jumps, which a formula of second order would overshoot."""
    import numpy as np

    slope = (end - start) / dt
    steeper = np.maximum(np.abs(slope[1:]), np.abs(slope[:-1]))
    return np.concatenate(([False], np.abs(np.diff(slope)) > 0.5 * steeper))


def _require_at_least(name: str, value: object, lowest: float) -> None:
    if lowest == _ABOVE_ZERO:
        checked_number(value, name, above=0.0)
    else:
        checked_number(value, name, least=None if lowest == -math.inf else lowest)


def _not_converged(control: Control, time_s: float, E: float, value: float) -> SimulationError:
    if control is Control.CURRENT:
        cause = (
            f"{value:.4g} A cannot pass: every electrode step has reached its limit (Sand's time), "
            "or the time step is too long"
        )
        help_ = "lower the current, end earlier, or add the step that comes next (the solvent's)"
    else:
        cause = "even the shortest time steps are too long for what happens there"
        help_ = "a number is orders of magnitude off: look at rate constants and their units"
    return SimulationError.of(
        f"Newton did not converge at {time_s:.6g} s, {E:.4g} V ({control.value}): {cause}",
        help=help_,
        code="E545",
        numbers={"time_s": time_s, "potential_V": E},
    )


def _negative(time_s: float, E: float, lowest: float) -> SimulationError:
    return SimulationError.of(
        f"a concentration falls to {lowest:.3g} mol/m³ at the electrode at {time_s:.6g} s, "
        f"{E:.4g} V: the time step is too long for what happens there",
        help="sample more densely around this time",
        code="E545",
        numbers={"time_s": time_s, "potential_V": E},
    )
