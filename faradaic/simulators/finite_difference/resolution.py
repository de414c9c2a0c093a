"""What a grid and a waveform must resolve, and the refusal of those that don't."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from faradaic.diagnostics import InputError, refusal
from faradaic.simulators.finite_difference.grid import GROWTH, GROWTH_BOUNDED, Grid, diffusion_grid
from faradaic.simulators.mechanism import is_adsorbed
from faradaic.simulators.mechanism_parameters import MechanismParameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIRST_OF_DIFFUSION = 0.02
FIRST_OF_REACTION = 0.02
"""First node over √(D t) and over the reaction layer √(D/k): the flux is off by 4e-5."""

FIRST_OF_REACTION_MAX = 0.1
"""Above this the flux out of a reaction layer is off by more than 1e-3."""

FIRST_OF_LENGTH = 1e-12
"""Closer to the electrode, of the whole length, the flux is a difference of concentrations that
differ by rounding: at 1e-12 that is 2e-5 of it."""

LENGTH_OF_DIFFUSION = 6.0
"""Whole length over √(D t) of a semi-infinite solution: erfc(3) = 2e-5 is left at its end."""

SCAN_STEP_MAX = 0.5
"""Largest nF ΔE/RT between the samples of a scan."""


def reaction_layer_m(parameters: MechanismParameters) -> tuple[float, str]:
    """The thinnest layer √(D/k) in which a dissolved species reacts, and which step makes it.

    Infinite without reactions; k is pseudo-first-order with the highest concentration.
    """
    mechanism = parameters.mechanism
    diffusion = dict(zip(mechanism.dissolved, parameters.diffusion_m2_per_s, strict=True))
    highest = max(parameters.concentrations_mol_per_m3, default=0.0)
    thinnest, cause = math.inf, ""
    for molecules, products, constant in parameters.reactions():
        if any(is_adsorbed(name) for name in molecules + products):
            continue
        rate = constant * (highest if len(molecules) == 2 else 1.0)
        slowest = min(diffusion[name] for name in molecules)
        if rate > 0.0 and math.sqrt(slowest / rate) < thinnest:
            thinnest = math.sqrt(slowest / rate)
            cause = f"{' + '.join(molecules)} / {' + '.join(products)}"
    return thinnest, cause


def make_grid(
    parameters: MechanismParameters,
    *,
    shortest_s: float,
    duration_s: float,
    thickness_m: float | None,
    nodes: int | None,
    first_m: float | None,
) -> Grid:
    """A grid for times from `shortest_s` to `duration_s`, or over a layer of `thickness_m`.

    Raises `InputError` (E543) when the asked-for nodes can't resolve the diffusion or the reaction
    layer.
    """
    # with adsorbed species alone any grid will do: nothing diffuses
    slow = min(parameters.diffusion_m2_per_s, default=1e-9)
    fast = max(parameters.diffusion_m2_per_s, default=1e-9)
    layer_m, cause = reaction_layer_m(parameters)
    default_m = min(FIRST_OF_DIFFUSION * math.sqrt(slow * shortest_s), FIRST_OF_REACTION * layer_m)
    length_m = thickness_m or LENGTH_OF_DIFFUSION * math.sqrt(fast * duration_s)
    first = min(default_m if first_m is None else first_m, 0.05 * length_m)
    if not first > 0.0:
        raise InputError.of(f"first_m: the first node cannot be at {first:g} m", code="E543")
    if first > FIRST_OF_REACTION_MAX * layer_m:
        raise refusal(
            "E543",
            f"a first node at {first:.3g} m cannot resolve the reaction layer of {cause}, "
            f"√(D/k) = {layer_m:.3g} m",
            f"write first_m={default_m:.2g}, or leave it out",
            {"first_m": first, "reaction_layer_m": layer_m},
        )
    if first < FIRST_OF_LENGTH * length_m:
        reacting = first >= FIRST_OF_REACTION * layer_m
        raise refusal(
            "E543",
            f"a first node at {first:.3g} m"
            + (f", for the reaction layer of {cause}" if reacting else "")
            + f", cannot be told from the electrode beside {length_m:.3g} m of solution: "
            "rounding would be larger than what is computed",
            "lower the rate constant" if reacting else "begin with a longer time step",
            {"first_m": first, "length_m": length_m},
        )
    return diffusion_grid(first, length_m, nodes, GROWTH_BOUNDED if thickness_m else GROWTH)


def require_resolved_scan(
    parameters: MechanismParameters,
    begin_s: float,
    dt_s: Floats,
    start_V: float,
    potential_V: Floats,
    jump: NDArray[np.bool_],
) -> None:
    """Refuse (E544) a scan whose samples are further apart than the wave is sharp."""
    import numpy as np

    electrons = max(step.electrons for step in parameters.mechanism.electrode_steps)
    allowed_V = SCAN_STEP_MAX / (electrons * parameters.f_per_V)
    change = np.abs(np.diff(potential_V, prepend=start_V))
    change[jump] = 0.0
    worst = int(np.argmax(change))
    if change[worst] > allowed_V:
        end_s = begin_s + float(dt_s[: worst + 1].sum())
        raise refusal(
            "E544",
            f"the potential moves by {change[worst] * 1e3:.3g} mV between the samples at "
            f"{end_s - dt_s[worst]:.6g} s and {end_s:.6g} s; that cannot resolve a wave "
            f"of {electrons} electron(s)",
            f"sample at least every {allowed_V * 1e3:.3g} mV, or mark a step as a jump",
            {"change_V": float(change[worst]), "allowed_V": allowed_V},
        )
