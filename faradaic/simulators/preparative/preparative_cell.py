"""A preparative cell: two electrodes, one or two stirred solutions, and what lies between them.

Each electrode is a sum of partial currents, each limited by mass transfer, beside a double layer;
the solution is well mixed. With the optional keys of its description
(`chemistry/cell_description/preparative_description.py`) the cell is divided, grows films, evolves
bubbles, warms, boils, evaporates, consumes its anode, and has a pH on either side of its
separator, which its ions cross with the current. What this model leaves out: migration to the
electrodes and the pH at them, chemistry in solution but for its acids and bases, and gradients
inside a porous electrode.

Disturbances: `cell.disturb(name, level)` sets one, `cell.disturbance(name)` tells its level, and
`faradaic.simulators.preparative.disturbances.DISTURBANCES` lists the names with their neutral
level, bounds and meaning. Levels are absolute (setting one again changes nothing more) and are
not part of a checkpoint, so a fault plan may set them before every step.

The kernels are compiled when the first cell is made, and kept on disk for the next time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from faradaic.diagnostics import refusal
from faradaic.simulators.arguments import checked_number
from faradaic.simulators.contracts import CellState, Control, require_step
from faradaic.simulators.simulation_errors import SimulationError

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import preparative_description as preparative
    from faradaic.simulators.preparative.bookkeeping import PreparativeLedger
    from faradaic.simulators.preparative.layout import Array

_CODES = {
    Control.OPEN_CIRCUIT: 0,
    Control.CURRENT: 1,
    Control.CELL_VOLTAGE: 2,
    Control.POTENTIAL: 3,
}
"""As the kernels number them."""

_FAILURES = {
    1: ("no current satisfies what is imposed", "check the potentials and slopes of its reactions"),
    2: ("no liquid is left", "lower its evaporation, leak or heat, or end the run earlier"),
    3: (
        "bubbles would cover more than 95 % of an electrode, which is beyond their correlation",
        "lower the current density, or leave `bubbles` out of the description",
    ),
    4: (
        "the conductivity of the solution is no longer positive",
        "check `conductivity_per_K` against the temperature",
    ),
}


class HeldControl(NamedTuple):
    """A part of a programme: one control for a time."""

    control: Control
    value: float
    """A current (A), cell voltage (V) or potential (V); without effect at open circuit."""
    duration_s: float


class PreparativeTrace(NamedTuple):
    """The course of a programme, one row for each step, at its end."""

    time_s: Array
    current_A: Array
    cell_voltage_V: Array
    potential_V: Array
    temperature_K: Array
    amount_mol: Array
    """[step, compartment, species]."""
    species: tuple[str, ...]


class PreparativeCell:
    """See `faradaic.simulators.contracts.CellModel`.

    Without a reference electrode its lead is joined to the counter electrode, so that the
    potential is the cell voltage, as at a bench.
    """

    def __init__(self, cell: preparative.PreparativeDescription) -> None:
        from faradaic.simulators.preparative import layout

        self._layout = layout.lay_out(cell)
        head = self._layout.initial_state.head[0]
        rest_V = layout.rest_potential_V(self._layout)
        head["working_V"] = head["counter_V"] = self._layout.cell["rest_V"] = rest_V
        if cell.ions:
            from faradaic.simulators.preparative.acidity import set_start

            set_start(self._layout)
        self._levels = layout.neutral_levels()
        self._begin(self._layout.initial_state.buffer)

    def _begin(self, buffer: Array) -> None:
        """Take a copy of a state, and tie everything that the kernels read together."""
        from faradaic.simulators.preparative import layout
        from faradaic.simulators.preparative import preparative_kernel as kernel

        self._state = layout.views(buffer.copy(), self._layout)
        self._arrays = layout.arrays(self._layout, self._levels, self._state)
        self._advance, self._electrolyse = kernel.advance, kernel.electrolyse

    @classmethod
    def from_mapping(cls, cell: Mapping[str, Any]) -> Self:
        """A cell from plain SI data; an empty mapping gives the dummy cell.

        Its keys are those of `faradaic.chemistry.cell_description.preparative_description`. Raises
        `InputError`.
        """
        return cls(cls.parse(cell))

    @staticmethod
    def parse(cell: Mapping[str, Any]) -> preparative.PreparativeDescription:
        """What `from_mapping` makes a cell of."""
        from faradaic.chemistry.cell_description.preparative_description import parse_cell

        return parse_cell(cell)

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` (> 0) with a current (A), cell voltage (V) or potential (V) imposed.

        `value` is ignored at open circuit. Raises `ValueError` for a step or value that is not
        a finite number, and `SimulationError` where the model ends; either changes nothing.
        """
        require_step(dt_s, value)
        current_A, voltage_V, potential_V, status = self._advance(
            self._arrays, _CODES[control], float(value), float(dt_s)
        )
        if status:
            raise self._failure(status, control, value)
        return CellState(current_A, voltage_V, potential_V)

    def run(self, programme: Iterable[HeldControl], dt_s: float = 1.0) -> PreparativeTrace:
        """Work through a programme in steps of about `dt_s`: each part in equal ones.

        Gives the same numbers as `step` and is much faster. Raises like `step`; what came before
        the failure has then happened.
        """
        import numpy as np

        parts: list[tuple[Array, Array]] = []
        for control, value, duration_s in programme:
            require_step(dt_s, value)
            require_step(duration_s)
            steps = max(1, round(duration_s / dt_s))
            rows = np.empty((steps, 5))
            amounts = np.empty((steps, 2, len(self._layout.species)))
            _, status = self._electrolyse(
                self._arrays, _CODES[control], float(value), duration_s / steps, rows, amounts
            )
            if status:
                raise self._failure(status, control, value)
            parts.append((rows, amounts))
        if not parts:
            raise ValueError("the programme is empty")
        time_s, current_A, voltage_V, potential_V, temperature_K = np.concatenate(
            [rows for rows, _ in parts]
        ).T
        amounts = np.concatenate([amounts for _, amounts in parts])
        return PreparativeTrace(
            time_s, current_A, voltage_V, potential_V, temperature_K, amounts, self._layout.species
        )

    def disturb(self, name: str, level: float) -> None:
        """Set the level of a disturbance of `DISTURBANCES`. Raises `InputError`."""
        from faradaic.simulators.preparative.disturbances import check_level

        check_level(name, level, self._layout.cell[0])
        self._levels[name] = level

    def disturbance(self, name: str) -> float:
        """The present level of a disturbance. Raises `InputError`."""
        from faradaic.simulators.preparative.disturbances import find

        find(name)
        return float(self._levels[name][0])

    def withdraw(self, volume_m3: float, compartment: str = "working") -> dict[str, float]:
        """Take an aliquot: the amounts in it, mol. Raises `InputError` if there is not so much."""
        index, volume = self._compartment(compartment)
        head = self._state.head[0]
        there_m3 = float(head[volume])
        checked_number(volume_m3, "volume_m3", code="E535")
        if not 0.0 < volume_m3 < there_m3:
            raise refusal(
                "E535",
                f"volume_m3: {volume_m3:g} m³ cannot be taken from the {there_m3:g} m³ of the "
                f"{compartment} compartment",
                f"take more than 0 and less than {there_m3:g} m³",
            )
        taken = self._state.amounts_mol[index] * (volume_m3 / there_m3)
        self._state.amounts_mol[index] -= taken
        self._state.removed_mol[:] += taken
        head[volume] -= volume_m3
        head["lost_m3"] += volume_m3
        return dict(zip(self._layout.species, taken.tolist(), strict=True))

    def add(
        self, amount_mol: Mapping[str, float], volume_m3: float, compartment: str = "working"
    ) -> None:
        """Add a dose of known species in a volume of solution like that in the cell.

        Its electrolyte is taken to be as concentrated. Raises `InputError`.
        """
        import numpy as np

        index, volume = self._compartment(compartment)
        species = self._layout.species
        for name, amount in amount_mol.items():
            if name not in species or not 0.0 <= amount < math.inf:
                raise refusal(
                    "E535",
                    f"{amount} mol of `{name}` cannot be added",
                    f"add 0 mol or more of {', '.join(species) or 'no species'}",
                )
        if checked_number(volume_m3, "volume_m3", code="E535") < 0.0:
            what = f"volume_m3: {volume_m3:g} m³ cannot be added"
            raise refusal("E535", what, "add 0 m³ or more")
        added = np.zeros(len(species))
        for name, amount in amount_mol.items():
            added[species.index(name)] = amount
        head, ions = self._state.head[0], self._layout.ions["species"]
        added[ions] += self._state.amounts_mol[index, ions] * (volume_m3 / head[volume])
        self._state.amounts_mol[index] += added
        self._state.removed_mol[:] -= added
        head[volume] += volume_m3

    def checkpoint(self) -> tuple[float, ...]:
        """The whole state as an immutable value: the two potentials (V vs SHE) first."""
        return tuple(self._state.buffer.tolist())

    def restore(self, state: tuple[float, ...]) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        self._state.buffer[:] = state

    # The arrays of a cell are views of one buffer, which copied one by one would no longer be tied.

    def __getstate__(self) -> tuple[Any, ...]:
        return self._layout, self._levels.copy(), self._state.buffer

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._layout, self._levels, buffer = state
        self._begin(buffer)

    def ledger(self) -> PreparativeLedger:
        """Charge, extent and gas of every reaction, and what is left of everything."""
        from faradaic.simulators.preparative.bookkeeping import take_stock

        return take_stock(self._layout, self._state)

    def _compartment(self, name: str) -> tuple[int, str]:
        divided = bool(self._layout.cell["divided"][0])
        known = ("working", "counter") if divided else ("working",)
        if name not in known:
            raise refusal(
                "E535", f"the cell has no compartment `{name}`", f"write {' or '.join(known)}"
            )
        return known.index(name), ("volume_m3", "counter_volume_m3")[known.index(name)]

    def _failure(self, status: int, control: Control, value: float) -> SimulationError:
        message, remedy = _FAILURES[status]
        time_s = float(self._state.head["time_s"][0])
        return SimulationError.of(
            f"after {time_s:g} s of the simulated cell, {message} ({control.value} of {value:g})",
            help=remedy,
            code="E549",
        )
