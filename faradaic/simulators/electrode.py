"""One electrode of a simulated cell: half-reactions in parallel with a double layer.

Currents are anodic positive; potentials are against SHE and free of ohmic drop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

FARADAY_C_PER_MOL = 96485.33212
"""CODATA 2018."""

_EXPONENT_MAX = 600.0
"""Keeps exp() finite while a root is bracketed; no current of this size is ever a root."""

_NEVER = 1e300
"""1/limit of a reaction whose substrate is used up."""


class HalfReaction:
    """A Tafel line in series with the mass transfer of its substrate.

    i_k = A j0 10^(±(E - E0)/b) and i_lim = z F k_m A c give 1/i = 1/i_k + 1/i_lim, the
    Koutecký-Levich form. Without a substrate there is no limit.
    """

    __slots__ = (
        "charge_C",
        "current_A",
        "electrons",
        "gas",
        "inverse_limit",
        "mass_transfer_m3_per_s",
        "name",
        "offset",
        "product",
        "sign",
        "slope",
        "substrate",
    )

    def __init__(
        self,
        name: str,
        *,
        oxidation: bool,
        electrons: float,
        area_m2: float,
        reference_potential_V: float,
        exchange_current_density_A_per_m2: float,
        tafel_slope_V_per_decade: float,
        substrate: int | None,
        mass_transfer_m_per_s: float,
        product: int | None,
        gas: Mapping[str, float],
    ) -> None:
        self.name = name
        self.electrons = electrons
        self.substrate = substrate
        self.product = product
        self.gas = gas
        """Species -> moles per mole of electrons."""
        self.mass_transfer_m3_per_s = mass_transfer_m_per_s * area_m2
        self.sign = 1.0 if oxidation else -1.0
        self.slope = self.sign * math.log(10.0) / tafel_slope_V_per_decade
        self.offset = (
            math.log(area_m2 * exchange_current_density_A_per_m2)
            - self.slope * reference_potential_V
        )
        self.inverse_limit = 0.0
        self.current_A = 0.0
        self.charge_C = 0.0

    def limit(self, current_A: float) -> None:
        """Set the largest current that mass transfer sustains during the next step."""
        self.inverse_limit = 1.0 / current_A if current_A > 1.0 / _NEVER else _NEVER

    def kinetic_A(self, potential_V: float) -> float:
        """Magnitude of the current that the kinetics alone would give."""
        exponent = self.offset + self.slope * potential_V
        return math.exp(exponent if exponent < _EXPONENT_MAX else _EXPONENT_MAX)


class Electrode:
    """Half-reactions and a double layer, solved for the potential at the end of a time step."""

    __slots__ = ("_capacitance_per_step", "_guess_V", "double_layer_F", "potential_V", "reactions")

    def __init__(self, double_layer_F: float, reactions: Sequence[HalfReaction]) -> None:
        self.double_layer_F = double_layer_F
        self.reactions = tuple(reactions)
        self.potential_V = 0.0
        self._guess_V = 0.0
        self._capacitance_per_step = 0.0

    def begin(self, dt_s: float) -> None:
        """Start a time step from the present potential."""
        self._guess_V = self.potential_V
        self._capacitance_per_step = self.double_layer_F / dt_s

    def current(self, potential_V: float) -> tuple[float, float]:
        """Faradaic and charging current if the step ends at a potential, and d/dE (A, A/V)."""
        slope_A_per_V = self._capacitance_per_step
        total_A = slope_A_per_V * (potential_V - self.potential_V)
        for reaction in self.reactions:
            kinetic_A = reaction.kinetic_A(potential_V)
            share = 1.0 / (1.0 + kinetic_A * reaction.inverse_limit)
            current_A = reaction.sign * kinetic_A * share
            total_A += current_A
            slope_A_per_V += reaction.slope * current_A * share
        return total_A, slope_A_per_V

    def at_current(self, current_A: float) -> float:
        """The potential at the end of a step through which a current flows."""

        def excess(potential_V: float) -> tuple[float, float]:
            value, slope = self.current(potential_V)
            return value - current_A, slope

        self._guess_V = root(excess, self._guess_V)
        return self._guess_V

    def polarisation(self, current_A: float) -> tuple[float, float]:
        """The potential of `at_current`, and its derivative by the current (V, Ω)."""
        potential_V = self.at_current(current_A)
        return potential_V, 1.0 / self.current(potential_V)[1]

    def book(self, potential_V: float, dt_s: float) -> None:
        """End the step at a potential: keep it, and add each reaction's charge."""
        self.potential_V = potential_V
        for reaction in self.reactions:
            kinetic_A = reaction.kinetic_A(potential_V)
            current_A = kinetic_A / (1.0 + kinetic_A * reaction.inverse_limit)
            reaction.current_A = reaction.sign * current_A
            reaction.charge_C += current_A * dt_s


def root(
    function: Callable[[float], tuple[float, float]],
    start: float,
    *,
    tolerance: float = 1e-8,
    residual: float = math.inf,
    first_move: float = 0.2,
) -> float:
    """The root of a rising function that returns its value and its slope.

    Newton's method. Where its moves do not shrink, or leave the bracket that the signs seen so
    far span, the bracket is halved; while there is no bracket, moves are limited, and where they
    do not shrink they are made as long as the limit, which doubles each time. Ends with a Newton
    move below `tolerance` from a value below `residual`, which leaves an error of the order of
    their squares. Raises `ArithmeticError` if the function does not cross zero.
    """
    x = start
    low, high = -math.inf, math.inf
    longest = first_move
    before_last = last = math.inf
    for _ in range(200):
        value, slope = function(x)
        if value > 0.0:
            high = x
        elif value < 0.0:
            low = x
        else:
            return x
        move = -value / slope
        if -tolerance < move < tolerance and -residual < value < residual:
            return x + move
        slow = abs(move) > 0.5 * abs(before_last)
        if high - low < math.inf:
            if slow or not low < x + move < high:
                move = 0.5 * (low + high) - x
                if x + move in (low, high):
                    return x
        elif slow or abs(move) > longest:
            move = math.copysign(longest, move)
            longest *= 2.0
        before_last, last = last, move
        x += move
    raise ArithmeticError(f"no root between {low} and {high}, from {start}")
