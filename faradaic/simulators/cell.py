"""A preparative cell: two electrodes, one stirred solution, and the resistance between them.

Each electrode carries half-reactions limited by mass transfer, and a double layer; the solution
is well mixed, so substrate falls and product rises with the charge of each reaction. What this
model leaves out: temperature, gas hold-up, films, separate compartments, and chemistry in solution.

Every step solves the potentials at its end (backward Euler) and integrates the limiting currents
exactly: a substrate taken at its limit decays as exp(-k_m A t/V) whatever the step.

Disturbances: `cell.disturb(name, level)` sets one, `cell.disturbance(name)` tells its level, and
`faradaic.simulators.preparative.disturbances.DISTURBANCES` lists the names with their neutral
level, bounds and meaning. Levels are absolute (setting one again changes nothing more) and are
not part of a checkpoint, so a fault plan may set them before every step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from faradaic.simulators.contracts import CellState, Control
from faradaic.simulators.electrode import FARADAY_C_PER_MOL, Electrode, HalfReaction, root

if TYPE_CHECKING:
    from faradaic.simulators import description

WELL_SUPPLIED_M_PER_S = 1.0
"""Mass transfer of a reaction whose mapping gives none: faster than any electrode reaches, so
that only the amount in the solution limits it."""


class LedgerEntry(NamedTuple):
    """What one reaction has done so far."""

    electrode: str
    reaction: str
    direction: str
    charge_C: float
    """Magnitude."""
    extent_mol: float
    gas_mol: dict[str, float]


class Ledger(NamedTuple):
    """What has passed through the cell since it was made."""

    charge_C: float
    """Net charge through the working electrode, anodic positive."""
    reactions: tuple[LedgerEntry, ...]
    concentration_mol_per_m3: dict[str, float]
    conversion: dict[str, float]
    """Of each species that was there at the start: 1 - c/c0."""


class PreparativeCell:
    """See `faradaic.simulators.contracts.CellModel`.

    Without a reference electrode its lead is joined to the counter electrode, so that the
    potential is the cell voltage, as at a bench.
    """

    def __init__(self, cell: description.CellDescription) -> None:
        self._resistance_ohm = cell.resistance_ohm
        self._volume_m3 = cell.volume_m3
        self._reference = cell.reference if cell.reference.present else None
        electrodes = cell.electrodes
        initial = {name: s.concentration_mol_per_m3 for name, s in cell.species.items()}
        for reaction in electrodes.working.reactions + electrodes.counter.reactions:
            if reaction.product is not None:
                initial.setdefault(reaction.product, 0.0)
        self._species = tuple(initial)
        self._initial = tuple(initial.values())
        self._concentrations = list(self._initial)
        index = {name: i for i, name in enumerate(self._species)}
        self._working = _electrode(electrodes.working, index)
        self._counter = _electrode(electrodes.counter, index)
        self._reactions = self._working.reactions + self._counter.reactions
        self._fed = tuple((r, r.substrate) for r in self._reactions if r.substrate is not None)
        self._levels: dict[str, float] = {}
        self._charge_C = 0.0
        self._current_A = 0.0
        self._dt_s = math.nan
        self._limits_m3_A_per_mol: tuple[float, ...] = ()
        rest_V = _rest_potential_V(self._reactions)
        self._working.potential_V = self._counter.potential_V = rest_V

    @classmethod
    def from_mapping(cls, cell: Mapping[str, Any]) -> PreparativeCell:
        """A cell from plain SI data; an empty mapping gives the dummy cell.

        The keys are those of `faradaic.simulators.description`. Raises `InputError`.
        """
        from faradaic.simulators.description import parse_cell

        return cls(parse_cell(cell))

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` (> 0) with a current (A), cell voltage (V) or potential (V) imposed.

        `value` is ignored at open circuit. Raises `ValueError` for a step or value that is not
        a finite number.
        """
        if not 0.0 < dt_s < math.inf:
            raise ValueError(f"a time step must be positive and finite, not {dt_s}")
        if not -math.inf < value < math.inf:
            raise ValueError(f"the imposed value must be finite, not {value}")
        working, counter = self._working, self._counter
        self._supply(dt_s)
        working.begin(dt_s)
        counter.begin(dt_s)

        if control is Control.CURRENT or control is Control.OPEN_CIRCUIT:
            current_A = value if control is Control.CURRENT else 0.0
        elif control is Control.POTENTIAL and self._reference is not None:
            current_A = self._current_at_potential(value, self._reference)
        else:
            current_A = self._current_at_voltage(value)
        working_V = working.at_current(current_A)
        counter_V = counter.at_current(-current_A)

        working.book(working_V, dt_s)
        counter.book(counter_V, dt_s)
        self._react(dt_s)
        self._charge_C += current_A * dt_s
        self._current_A = current_A
        drop_V = current_A * self._resistance_ohm
        cell_voltage_V = working_V - counter_V + drop_V
        if self._reference is None:
            return CellState(current_A, cell_voltage_V, cell_voltage_V)
        return CellState(
            current_A,
            cell_voltage_V,
            working_V
            - self._reference.potential_V_vs_SHE
            + drop_V * self._reference.ohmic_fraction,
        )

    def disturb(self, name: str, level: float) -> None:
        """Set the level of a disturbance of `DISTURBANCES`. Raises `InputError`."""
        self._levels[name] = level

    def disturbance(self, name: str) -> float:
        """The present level of a disturbance. Raises `InputError`."""
        return self._levels.get(name, 0.0)

    def checkpoint(self) -> tuple[Any, ...]:
        """The whole state as an immutable value."""
        return (
            self._working.potential_V,
            self._counter.potential_V,
            self._current_A,
            self._charge_C,
            tuple(self._concentrations),
            tuple([reaction.charge_C for reaction in self._reactions]),
        )

    def restore(self, state: tuple[Any, ...]) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        (
            self._working.potential_V,
            self._counter.potential_V,
            self._current_A,
            self._charge_C,
            concentrations,
            charges_C,
        ) = state
        self._concentrations[:] = concentrations
        for reaction, charge_C in zip(self._reactions, charges_C, strict=True):
            reaction.charge_C = charge_C

    def ledger(self) -> Ledger:
        """Charge, extent and gas of every reaction, and what is left of every species."""
        entries = tuple(
            LedgerEntry(
                name,
                reaction.name,
                "oxidation" if reaction.sign > 0 else "reduction",
                reaction.charge_C,
                reaction.charge_C / (reaction.electrons * FARADAY_C_PER_MOL),
                {gas: n * reaction.charge_C / FARADAY_C_PER_MOL for gas, n in reaction.gas.items()},
            )
            for name, electrode in (("working", self._working), ("counter", self._counter))
            for reaction in electrode.reactions
        )
        conversion = {
            name: 1.0 - now / initial
            for name, now, initial in zip(
                self._species, self._concentrations, self._initial, strict=True
            )
            if initial > 0.0
        }
        concentrations = dict(zip(self._species, self._concentrations, strict=True))
        return Ledger(self._charge_C, entries, concentrations, conversion)

    def _current_at_voltage(self, cell_voltage_V: float) -> float:
        """The current under which E(working) - E(counter) + i R is a given voltage."""

        def excess(current_A: float) -> tuple[float, float]:
            working_V, working_ohm = self._working.polarisation(current_A)
            counter_V, counter_ohm = self._counter.polarisation(-current_A)
            return working_V - counter_V - cell_voltage_V, working_ohm + counter_ohm

        return _current_against(excess, self._resistance_ohm, self._current_A)

    def _current_at_potential(self, potential_V: float, reference: description.Reference) -> float:
        """The current under which E(working) + i R_u reads a given potential."""
        target_V = potential_V + reference.potential_V_vs_SHE
        resistance_ohm = self._resistance_ohm * reference.ohmic_fraction
        if resistance_ohm == 0.0:
            return self._working.current(target_V)[0]

        def excess(current_A: float) -> tuple[float, float]:
            working_V, working_ohm = self._working.polarisation(current_A)
            return working_V - target_V, working_ohm

        return _current_against(excess, resistance_ohm, self._current_A)

    def _supply(self, dt_s: float) -> None:
        """Set every limiting current to its mean over the step."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._limits_m3_A_per_mol = self._mean_limits(dt_s)
        for (reaction, substrate), limit in zip(self._fed, self._limits_m3_A_per_mol, strict=True):
            reaction.limit(limit * self._concentrations[substrate])

    def _mean_limits(self, dt_s: float) -> tuple[float, ...]:
        """z F k_m A, times the mean of exp(-a t) over the step, for each fed reaction.

        a = Σ k_m A/V over all reactions that share the substrate: together they can never take
        more than there is.
        """
        rate_per_s = [0.0] * len(self._species)
        for reaction, substrate in self._fed:
            rate_per_s[substrate] += reaction.mass_transfer_m3_per_s / self._volume_m3
        limits = []
        for reaction, substrate in self._fed:
            decay = rate_per_s[substrate] * dt_s
            limits.append(
                reaction.electrons
                * FARADAY_C_PER_MOL
                * reaction.mass_transfer_m3_per_s
                * (-math.expm1(-decay) / decay)
            )
        return tuple(limits)

    def _react(self, dt_s: float) -> None:
        """Move the step's charge from substrates to products."""
        concentrations = self._concentrations
        per_charge = dt_s / (FARADAY_C_PER_MOL * self._volume_m3)
        for reaction in self._reactions:
            change = abs(reaction.current_A) * per_charge / reaction.electrons
            if reaction.substrate is not None:
                left = concentrations[reaction.substrate] - change
                # The limits leave nothing below zero except the rounding of this difference.
                concentrations[reaction.substrate] = left if left > 0.0 else 0.0
            if reaction.product is not None:
                concentrations[reaction.product] += change


def _current_against(
    excess: Callable[[float], tuple[float, float]], resistance_ohm: float, start_A: float
) -> float:
    """The current at which a rising voltage and its ohmic drop cancel.

    Solved for the drop, and to 10 nV before the last move: the drop itself may be tiny.
    """

    def excess_over(drop_V: float) -> tuple[float, float]:
        voltage_V, slope_ohm = excess(drop_V / resistance_ohm)
        return voltage_V + drop_V, 1.0 + slope_ohm / resistance_ohm

    drop_V = root(
        excess_over,
        start_A * resistance_ohm,
        tolerance=math.inf,
        residual=1e-8,
        first_move=100.0,
    )
    return drop_V / resistance_ohm


def _electrode(electrode: description.Electrode, index: Mapping[str, int]) -> Electrode:
    return Electrode(
        electrode.double_layer_F,
        [
            HalfReaction(
                r.name,
                oxidation=r.direction == "oxidation",
                electrons=r.electrons,
                area_m2=electrode.area_m2,
                reference_potential_V=r.reference_potential_V_vs_SHE,
                exchange_current_density_A_per_m2=r.exchange_current_density_A_per_m2,
                tafel_slope_V_per_decade=r.tafel_slope_V_per_decade,
                substrate=None if r.substrate is None else index[r.substrate],
                mass_transfer_m_per_s=r.mass_transfer_m_per_s or WELL_SUPPLIED_M_PER_S,
                product=None if r.product is None else index[r.product],
                gas={r.gas.species: r.gas.mol_per_mol_electrons} if r.gas else {},
            )
            for r in electrode.reactions
        ],
    )


def _rest_potential_V(reactions: tuple[HalfReaction, ...]) -> float:
    """Where all reactions of the cell balance: both electrodes start there, as if shorted before.

    Compared as logarithms, since at rest the currents may be too small for floats to add.
    """

    def excess(potential_V: float) -> tuple[float, float]:
        value = slope = 0.0
        for sign in (1.0, -1.0):
            exponents = [
                (r.offset + r.slope * potential_V, r.slope) for r in reactions if r.sign == sign
            ]
            largest = max(exponent for exponent, _ in exponents)
            weights = [(math.exp(exponent - largest), slope_) for exponent, slope_ in exponents]
            total = sum(weight for weight, _ in weights)
            value += sign * (largest + math.log(total))
            slope += sign * sum(weight * slope_ for weight, slope_ in weights) / total
        return value, slope

    return root(excess, 0.0)
