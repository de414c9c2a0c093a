"""Energies at a wanted potential: hydrogen electrode, charge extrapolation, grand potential.

Charges are those of the electrode: `electrode_charge_e` is positive where electrons are missing.
A reduction takes electrons off the electrode, so the charge grows along it; its barrier and its
energy grow with the potential by that charge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.diagnostics import refusal


@dataclass(frozen=True, slots=True)
class ChargedState:
    """A state on the path at the charge of its cell."""

    energy_eV: float
    electrode_charge_e: float
    work_function_eV: float


class ReductionStep(NamedTuple):
    """A step of a reduction, named after the species that it ends with."""

    name: str
    energy_at_0V_eV: float
    electrons: float
    """Pairs H+ + e- that it consumes."""


def reduction_steps(written: Sequence[str], electrons: float) -> list[ReductionStep]:
    """Steps written as `*COOH=0.52` or, with the pairs H+ + e- they consume, `*CO2=0.2:0`.

    A step without a number of its own consumes `electrons`; none where its species is that of the
    step before (*CO, then CO or CO(g)), which adsorbs or desorbs. Raises `InputError` (E859).
    """
    steps: list[ReductionStep] = []
    for word in written:
        name, _, numbers = word.rpartition("=")
        energy, _, own = numbers.partition(":")
        try:
            step = ReductionStep(name.strip(), float(energy), float(own) if own else electrons)
        except ValueError:
            step = ReductionStep("", 0.0, 0.0)
        if not (
            step.name and math.isfinite(step.energy_at_0V_eV) and math.isfinite(step.electrons)
        ):
            raise refusal("E859", f"{word!r} is not name=energy", "write *COOH=0.52 *CO=-0.10")
        if not own and steps and _species(step.name) == _species(steps[-1].name):
            step = step._replace(electrons=0.0)
        steps.append(step)
    return steps


def _species(name: str) -> str:
    """What a name says beside the surface and the phase: CO of *CO, CO*, CO(g) and CO + *."""
    return re.sub(r"[*+\s]|\((g|l|aq|ads)\)|_(g|ads)$", "", name)


def hydrogen_electrode_eV(energy_at_0V_eV: float, electrons: float, U_RHE_V: float) -> float:
    """ΔG of a step that consumes `electrons` pairs H+ + e-, at a potential: ΔG(0) + n e U.

    Computational hydrogen electrode, μ(H+ + e-) = ½ G(H2) − e U_RHE (Nørskov et al. 2004).
    """
    return energy_at_0V_eV + electrons * U_RHE_V


def limiting_potential_V(steps: Sequence[tuple[float, float]]) -> float:
    """The highest U_RHE at which every reduction step is downhill: min of −ΔG(0)/n.

    `steps` are (ΔG at 0 V in eV, number of pairs H+ + e-). Raises `InputError` (E859) for a step
    that is uphill without electrons: no potential helps it.
    """
    stuck = [k + 1 for k, (energy, electrons) in enumerate(steps) if electrons == 0 and energy > 0]
    driven = [(energy, electrons) for energy, electrons in steps if electrons != 0]
    if stuck or not driven or any(electrons < 0 for _, electrons in driven):
        raise refusal(
            "E859",
            f"step {stuck[0]} is uphill and moves no electron"
            if stuck
            else "the steps are not a reduction with electrons",
            "give ΔG at 0 V and the pairs H+ + e- each step consumes",
        )
    return min(-energy / electrons for energy, electrons in driven)


def at_constant_potential_eV(
    initial: ChargedState, final: ChargedState, work_function_eV: float
) -> float:
    """Energy of `final` over `initial`, both at one work function.

    Two capacitor steps (Chan & Nørskov 2015): from constant charge to the constant potential of
    the initial state, ΔE − (q_f − q_i)(Φ_f − Φ_i)/2, and from there to the wanted one,
    + (q_f − q_i)(Φ − Φ_i). The sign of the first is that of the electrode's charge; counted in the
    solution, or in electrons, it turns round.
    """
    charge = final.electrode_charge_e - initial.electrode_charge_e
    along = final.work_function_eV - initial.work_function_eV
    energy = final.energy_eV - initial.energy_eV
    return energy - charge * along / 2 + charge * (work_function_eV - initial.work_function_eV)


@dataclass(frozen=True, slots=True)
class GrandPotential:
    """Ω(Φ) as a parabola through charged calculations of one structure."""

    coefficients: tuple[float, float, float]
    """Of Φ², Φ, 1; eV."""
    work_functions_eV: tuple[float, float]
    """The range of the calculations."""
    largest_residual_eV: float

    def at(self, work_function_eV: float) -> float:
        """Ω in eV. Raises `InputError` (E859) outside the range of the calculations."""
        low, high = self.work_functions_eV
        if not low <= work_function_eV <= high:
            raise refusal(
                "E859",
                f"Φ = {work_function_eV:g} eV is outside the calculations, {low:g} to {high:g} eV",
                "compute one more charge on that side",
            )
        return float(np.polyval(self.coefficients, work_function_eV))

    @property
    def capacitance_e_per_V(self) -> float:
        """−d²Ω/dΦ², elementary charges per volt."""
        return -2.0 * self.coefficients[0]


def grand_potential(states: Sequence[ChargedState]) -> GrandPotential:
    """Ω = E − q Φ over charged calculations (E without the electrons' reservoir).

    E must hold no correction for the homogeneous background; q is the charge of the electrode, so
    −q electrons were added. Raises `InputError` (E859) for fewer than three charges.
    """
    phi: Floats = np.array([state.work_function_eV for state in states])
    if np.unique(phi).size < 3:
        raise refusal(
            "E859",
            f"a parabola needs three charges, here are {np.unique(phi).size}",
            "compute the same structure at one more charge",
        )
    omega = np.array(
        [state.energy_eV - state.electrode_charge_e * state.work_function_eV for state in states]
    )
    centre = phi.mean()
    a, b, c = np.polyfit(phi - centre, omega, 2)
    coefficients = (float(a), float(b - 2 * a * centre), float(c - b * centre + a * centre**2))
    residual = float(np.max(np.abs(np.polyval(coefficients, phi) - omega)))
    return GrandPotential(coefficients, (float(phi.min()), float(phi.max())), residual)
