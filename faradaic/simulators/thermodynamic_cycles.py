"""Steps that close a cycle must agree on its free energy, or it runs for ever by itself.

Where reversible steps can be combined so that nothing is left over (a square scheme; two electron
transfers and the disproportionation between them), the constants of one follow from the others'
(microscopic reversibility: Luo, Feldberg and Rudolph, J. Electroanal. Chem. 1994, 368, 109).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from faradaic.simulators.mechanism import Direction, is_adsorbed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faradaic.simulators.mechanism_parameters import MechanismParameters

TOLERANCE = 0.05
"""In ln K: constants are typed with two or three digits; 1.3 mV."""


def contradictions(parameters: MechanismParameters) -> Iterator[str]:
    """A sentence for each step whose constant contradicts those of the steps before it.

    Steps with adsorbed species are left out.
    """
    import numpy as np

    names = [*parameters.mechanism.dissolved, ""]  # the last is the electron
    columns: list[list[float]] = []
    constants: list[float] = []
    for change, ln_K, electrons, label in _reversible(parameters):
        column = [float(change[name]) for name in names]
        if columns:
            known = np.array(columns).T
            share, *_ = np.linalg.lstsq(known, np.array(column), rcond=None)
            if np.max(np.abs(known @ share - column)) < 1e-9:
                implied = float(share @ constants)
                if abs(implied - ln_K) > TOLERANCE:
                    if electrons:
                        volts = 1.0 / (electrons * parameters.f_per_V)
                        says = f"{ln_K * volts:.4g} V, and the others {implied * volts:.4g} V"
                    else:
                        says = f"K = {_power(ln_K)}, and the others {_power(implied)}"
                    yield f"{label} says {says}: round this cycle they would run for ever"
                continue
        columns.append(column)
        constants.append(ln_K)


def _reversible(
    parameters: MechanismParameters,
) -> Iterator[tuple[Counter[str], float, int, str]]:
    """Change in molecules (the electron's name is empty), ln K, electrons and name of each step."""
    mechanism = parameters.mechanism
    for step, E0_V in zip(mechanism.electrode_steps, parameters.E0_V, strict=True):
        if step.direction is Direction.BOTH and not _adsorbed(step.oxidised, step.reduced):
            n = step.electrons
            change = Counter({step.reduced: 1, step.oxidised: -1, "": -n})
            label = f"{step.oxidised} + {f'{n} e' if n > 1 else 'e'} = {step.reduced}"
            yield change, n * parameters.f_per_V * E0_V, n, label
    rates = zip(mechanism.chemical_steps, parameters.forward, parameters.backward, strict=True)
    for reaction, forward, backward in rates:
        if forward > 0.0 < backward and not _adsorbed(*reaction.reactants, *reaction.products):
            change = Counter(reaction.products)
            change.subtract(reaction.reactants)
            label = f"{' + '.join(reaction.reactants)} = {' + '.join(reaction.products)}"
            yield change, math.log(forward) - math.log(backward), 0, label


def _adsorbed(*names: str) -> bool:
    return any(is_adsorbed(name) for name in names)


def _power(ln_K: float) -> str:
    if abs(ln_K) < 600.0:
        return f"{math.exp(ln_K):.3g}"
    return f"10^{ln_K / math.log(10.0):.0f}"
