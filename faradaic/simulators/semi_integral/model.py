"""The semi-integral engine as a cell: one electrode, its solution, a resistance, a double layer.

The same compiled step serves a cell that is driven reading by reading (`step`) and a whole
experiment at once (`run`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.arguments import checked_number
from faradaic.simulators.contracts import CellState, Control, require_step
from faradaic.simulators.mechanism import Direction
from faradaic.simulators.mechanism_parameters import MechanismParameters
from faradaic.simulators.semi_integral.coupling import couple
from faradaic.simulators.semi_integral.modes import Floats, Geometry, Planar, kernel_modes
from faradaic.simulators.simulation_errors import SimulationError

if TYPE_CHECKING:
    from faradaic.simulators.waveforms import Waveform

_DIRECTIONS = {Direction.BOTH: 0, Direction.REDUCTION: 1, Direction.OXIDATION: 2}


class Snapshot(NamedTuple):
    """A `SemiIntegralCell` at one time."""

    modes: Floats
    rates: Floats
    scalars: Floats
    driven: tuple[Control, float] | None


class SemiIntegralCell:
    """See `faradaic.simulators.contracts.CellModel`; E, EE, EC, CE, ECE, EC' and the like.

    The potential is that of the working electrode against the reference, with the drop of the
    current in `resistance_ohm`. The counter electrode is taken as one of the reference's own
    potential behind `counter_resistance_ohm`: cell voltage = potential + I counter_resistance.

    `between` says what happens from one call to the next: with "hold" the value of a call is
    there during its whole time step (a staircase), with "ramp" a potential or current goes
    linearly from the value before to the new one. The first value is a jump from rest.

    Before the first step the solution is uniform and the double layer, if there is one, sits at
    `rest_potential_V`, by default the potential at which the first electrode step is at
    equilibrium with the solution.
    """

    def __init__(
        self,
        parameters: MechanismParameters,
        *,
        area_m2: float,
        geometry: Geometry | None = None,
        resistance_ohm: float = 0.0,
        capacitance_F: float = 0.0,
        counter_resistance_ohm: float = 0.0,
        between: Literal["hold", "ramp"] = "hold",
        rest_potential_V: float | None = None,
        shortest_step_s: float = 1e-6,
        longest_time_s: float = 1e6,
    ) -> None:
        geometry = geometry if geometry is not None else Planar()
        _check(
            area_m2=(area_m2, False),
            resistance_ohm=(resistance_ohm, True),
            capacitance_F=(capacitance_F, True),
            counter_resistance_ohm=(counter_resistance_ohm, True),
            shortest_step_s=(shortest_step_s, False),
            longest_time_s=(longest_time_s, False),
            **{
                name: (getattr(geometry, name), False)
                for name in ("radius_m", "thickness_m")
                if hasattr(geometry, name)
            },
        )
        from faradaic.simulators.semi_integral import semi_integral_kernels as kernels

        self._kernels = kernels
        self._shortest_step_s, self._longest_time_s = shortest_step_s, longest_time_s
        self._resistance_ohm, self._counter_ohm = resistance_ohm, counter_resistance_ohm
        self._ramp = between == "ramp"
        coupling = couple(parameters)
        self.species = coupling.species
        """The species whose surface concentrations the engine follows."""
        self._bulk, self._answer = coupling.bulk_mol_per_m3, coupling.answer
        modes = [
            kernel_modes(
                geometry,
                kernel.diffusion_m2_per_s,
                kernel.decay_per_s,
                shortest_step_s,
                longest_time_s,
            )
            for kernel in coupling.kernels
        ]
        poles = max(len(m.rate_per_s) for m in modes)
        rate, weight = np.zeros((len(modes), poles)), np.zeros((len(modes), poles))
        for g, m in enumerate(modes):
            rate[g, : len(m.rate_per_s)] = m.rate_per_s
            weight[g, : len(m.weight_per_m)] = m.weight_per_m
        electrons = np.array([s.electrons for s in parameters.mechanism.electrode_steps], float)
        forms = [coupling.oxidised, coupling.reduced]
        self._problem = kernels.Problem(
            np.array(
                [
                    electrons * parameters.f_per_V,
                    parameters.E0_V,
                    parameters.alpha,
                    [1.0 / k0 for k0 in parameters.k0],
                    electrons * FARADAY_C_PER_MOL * area_m2,
                ]
            ),
            np.array([_DIRECTIONS[s.direction] for s in parameters.mechanism.electrode_steps]),
            self._bulk[np.array(forms)],
            np.ascontiguousarray(self._answer[:, np.array(forms), :]),
            rate,
            weight,
            np.array([m.instant_s_per_m for m in modes]),
            np.array([resistance_ohm, 0.0, resistance_ohm + counter_resistance_ohm]),
            float(capacitance_F),
            float(shortest_step_s),
        )
        n, g = len(electrons), len(modes)
        self._state = kernels.State(
            np.zeros((g, n, poles)),
            np.zeros(n),
            np.zeros(kernels.SCALARS),
            np.zeros((3, g, poles)),
            np.zeros(g),
            np.zeros((2, n)),
            np.zeros((2, n, n)),
            np.zeros((n, n + 2)),
        )
        self._driven: tuple[Control, float] | None = None
        self._state.scalars[kernels.SINCE_JUMP_S] = math.inf
        self._state.scalars[kernels.INTERFACE_V] = self._rest_V(rest_potential_V)

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` (> 0) with a current (A), cell voltage (V) or potential (V) imposed.

        `value` is ignored at open circuit. Raises `ValueError` for a step or value that is not a
        finite number, `SimulationError` (the model as it was before) for one that it cannot reach.
        """
        require_step(dt_s, value)
        self._require_range(dt_s, dt_s)
        if control is Control.OPEN_CIRCUIT:
            value = 0.0
        mode = self._mode(control)
        saved = self.checkpoint()
        before = saved.driven
        jump = before is None or before[0] is not control or before[1] != value
        start = value
        if self._ramp and jump and before is not None and before[0] is control:
            start, jump = before[1], False
        if jump and self._infinite_charging(mode):
            raise _infinite_current()
        if not self._kernels.advance(self._problem, self._state, mode, start, value, dt_s, jump):
            raise self._no_solution(control, value, saved)
        self._driven = (control, value)
        return self._now()

    def run(self, waveform: Waveform) -> tuple[Floats, Floats]:
        """Advance through a waveform: current (A) and potential without the ohmic drop (V).

        One number for each of its intervals, at the end of the interval. Raises
        `SimulationError`, the model as it was before.
        """
        out = np.empty((2, len(waveform.dt_s)))
        mode = self._mode(waveform.control)
        self._require_range(waveform.shortest_s, waveform.duration_s)
        if waveform.jumps and self._infinite_charging(mode):
            raise _infinite_current()
        if self._sweeps(waveform, mode):
            return self._sweep(waveform)
        saved = self.checkpoint()
        good = self._kernels.run(
            self._problem,
            self._state,
            np.full(len(waveform.dt_s), mode),
            waveform.start,
            waveform.end,
            waveform.dt_s,
            waveform.jump,
            out,
        )
        if good < len(waveform.dt_s):
            raise self._no_solution(waveform.control, float(waveform.end[good]), saved)
        self._driven = (waveform.control, float(waveform.end[-1]))
        return out[0], out[1]

    def starts_transient(self, potential_V: float, dt_s: float) -> bool:
        """Whether going to a potential at once sets off diffusion that `dt_s` would show."""
        return self._kernels.starts_transient(self._problem, self._state, potential_V, dt_s)

    def _sweeps(self, waveform: Waveform, mode: int) -> bool:
        shortest_s, count = waveform.shortest_s, len(waveform.dt_s)
        return (
            mode == self._kernels.POTENTIAL
            and self._resistance_ohm == 0.0
            and len(self._state.rates) == 1
            and not waveform.jumps
            and waveform.duration_s <= shortest_s * count * (1.0 + 1e-9)  # all of one length
            and not (
                waveform.jump[0] and self.starts_transient(float(waveform.start[0]), shortest_s)
            )
        )

    def _sweep(self, waveform: Waveform) -> tuple[Floats, Floats]:
        scalars, dt_s = self._state.scalars, float(waveform.dt_s[0])
        faradaic_A = np.empty(len(waveform.end))
        before_V = scalars[self._kernels.INTERFACE_V]
        self._kernels.sweep(self._problem, self._state, waveform.end, dt_s, faradaic_A)
        current_A = faradaic_A
        if self._problem.capacitance_F > 0.0:
            rise_V = np.diff(waveform.end, prepend=before_V)
            current_A = faradaic_A + self._problem.capacitance_F / dt_s * rise_V
        scalars[self._kernels.INTERFACE_V] = waveform.end[-1]
        scalars[self._kernels.CURRENT_A] = current_A[-1]
        self._driven = (waveform.control, float(waveform.end[-1]))
        return current_A, waveform.end

    def checkpoint(self) -> Snapshot:
        """The whole state as a value of its own."""
        state = self._state
        return Snapshot(state.modes.copy(), state.rates.copy(), state.scalars.copy(), self._driven)

    def restore(self, state: Snapshot) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        self._state.modes[:] = state.modes
        self._state.rates[:] = state.rates
        self._state.scalars[:] = state.scalars
        self._state.scalars[self._kernels.STEP_S] = 0.0
        self._driven = state.driven

    def __getstate__(self) -> dict[str, Any]:
        arrays = [array.copy() for array in self._state]
        state = {**vars(self), "_state": self._kernels.State(*arrays)}
        del state["_kernels"]  # a module can be neither copied nor pickled
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        from faradaic.simulators.semi_integral import semi_integral_kernels as kernels

        vars(self).update(state, _kernels=kernels)

    @property
    def time_s(self) -> float:
        """Time since the model was made."""
        return float(self._state.scalars[self._kernels.ELAPSED_S])

    def surface_concentrations(self) -> dict[str, float]:
        """Concentrations at the electrode, mol/m³, of the species in `species`."""
        held = self._state.modes.sum(axis=2)
        held += self._problem.instant[:, None] * self._state.rates
        found = self._bulk + np.einsum("gie,ge->i", self._answer, held)
        return dict(zip(self.species, found.tolist(), strict=True))

    def _now(self) -> CellState:
        scalars = self._state.scalars
        current_A = float(scalars[self._kernels.CURRENT_A])
        potential_V = float(scalars[self._kernels.INTERFACE_V]) + self._resistance_ohm * current_A
        return CellState(current_A, potential_V + self._counter_ohm * current_A, potential_V)

    def _mode(self, control: Control) -> int:
        if control is Control.POTENTIAL:
            return self._kernels.POTENTIAL
        if control is Control.CELL_VOLTAGE:
            return self._kernels.CELL_VOLTAGE
        return self._kernels.CURRENT

    def _infinite_charging(self, mode: int) -> bool:
        return (
            mode != self._kernels.CURRENT
            and self._problem.capacitance_F > 0.0
            and self._problem.resistance_ohm[mode] == 0.0
        )

    def _require_range(self, shortest_s: float, duration_s: float) -> None:
        if shortest_s < self._shortest_step_s:
            raise SimulationError.of(
                f"a time step of {shortest_s:g} s is shorter than shortest_step_s, "
                f"{self._shortest_step_s:g} s",
                help=f"make the model with shortest_step_s={shortest_s:g}",
                code="E544",
            )
        if self.time_s + duration_s > self._longest_time_s:
            raise SimulationError.of(
                f"{self.time_s + duration_s:g} s is longer than longest_time_s, "
                f"{self._longest_time_s:g} s",
                help=f"make the model with longest_time_s={self.time_s + duration_s:g}",
                code="E544",
            )

    def _no_solution(self, control: Control, value: float, before: Snapshot) -> SimulationError:
        """What went wrong; the model is as it was `before`."""
        wanted = {
            Control.CURRENT: f"{value:g} A",
            Control.POTENTIAL: f"{value:g} V",
            Control.CELL_VOLTAGE: f"a cell voltage of {value:g} V",
            Control.OPEN_CIRCUIT: "zero current",
        }[control]
        surface = ", ".join(f"{n} {c:.3g}" for n, c in self.surface_concentrations().items())
        time_s = self.time_s
        self.restore(before)
        if control in (Control.POTENTIAL, Control.CELL_VOLTAGE):
            remedy = "stay within ±15 V; look at the units of k0, resistance and capacitance"
        else:
            remedy = (
                "the electrode steps alone cannot carry it: stay within the transition time, "
                "write the next electrode step into the mechanism, or give a capacitance_F"
            )
        return SimulationError.of(
            f"after {time_s:.6g} s no potential within ±15 V gives {wanted}; at the "
            f"electrode, in mol/m³: {surface}",
            help=remedy,
            code="E545",
        )

    def _rest_V(self, given_V: float | None) -> float:
        if given_V is not None:
            return checked_number(given_V, "rest_potential_V")
        (ox, red), steps = self._problem.bulk[:, 0], self._problem.steps[:, 0]
        if ox > 0.0 and red > 0.0:
            return float(steps[1] + math.log(ox / red) / steps[0])
        if self._problem.capacitance_F > 0.0:
            raise refusal(
                "E546",
                "the potential of the double layer at the start is unknown: only one form of "
                "the first electrode step is in the solution",
                "give rest_potential_V, or some of the other form",
            )
        return float(steps[1])  # without a double layer only where Newton's search begins


def _check(**values: tuple[float, bool]) -> None:
    for name, (value, zero_allowed) in values.items():
        least, above = (0.0, None) if zero_allowed else (None, 0.0)
        checked_number(value, name, least=least, above=above)


def _infinite_current() -> InputError:
    return refusal(
        "E542",
        "a jump of the potential onto a double layer without resistance has no finite current",
        "give resistance_ohm, or capacitance_F=0",
    )
