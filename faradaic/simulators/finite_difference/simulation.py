"""A whole waveform through the finite-difference engine, on a grid made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faradaic.diagnostics import refusal
from faradaic.simulators.arguments import checked_array
from faradaic.simulators.contracts import Control
from faradaic.simulators.finite_difference.diffusion_cell import FiniteDifferenceCell, Profile
from faradaic.simulators.mechanism_parameters import MechanismParameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulated waveform gives; arrays of shape (samples,)."""

    time_s: Floats
    potential_V: Floats
    """As a meter reads it, with the uncompensated drop."""
    electrode_potential_V: Floats
    """Behind the uncompensated resistance."""
    current_A: Floats
    """Anodic positive."""
    charge_C: Floats
    surface_concentrations_mol_per_m3: dict[str, Floats]
    coverages: dict[str, Floats]
    profile: Profile
    """At the end."""
    newton_per_step: float


def simulate(
    parameters: MechanismParameters,
    control: Control,
    time_s: ArrayLike,
    value: ArrayLike,
    *,
    area_m2: float,
    jump: ArrayLike | None = None,
    begins: ArrayLike | None = None,
    resistance_ohm: float = 0.0,
    capacitance_F: float = 0.0,
    film_m: float | None = None,
    layer_m: float | None = None,
    initial_potential_V: float | None = None,
    nodes: int | None = None,
    first_m: float | None = None,
) -> Simulation:
    """Impose `value` (V, A) at `time_s`, sample by sample, from rest at time 0.

    Times rise and the first is above 0. The value moves smoothly from sample to sample except where
    `jump` (booleans) says that it jumped right after the sample before; a current starts with a
    jump. `begins` is what the value jumps to before it moves on; it is held where not given. Under
    potential control the electrode stands at `initial_potential_V` at time 0, by
    default at the first value; otherwise see `FiniteDifferenceCell`, as for the other arguments.

    Raises `InputError` (E542 to E546) and `SimulationError` (E545).
    """
    import numpy as np

    times, values = checked_array(time_s, "time_s"), checked_array(value, "value")
    jumps = np.zeros(times.shape, np.bool_) if jump is None else np.array(jump, np.bool_)
    if times.ndim != 1 or times.size == 0 or not times.shape == values.shape == jumps.shape:
        shapes = f"{times.shape}, {values.shape}, {jumps.shape}"
        message = f"time_s, value and jump have shapes {shapes}"
        raise refusal("E544", message, "write arrays of one length")
    dt = np.diff(times, prepend=0.0)
    if not dt.min() > 0.0:
        worst = int(np.argmin(dt))
        message = f"time_s: the {times[worst]:g} s of sample {worst} do not rise"
        raise refusal("E544", message, "write rising times, the first above 0")
    shortest_s = float(times[-1])
    if control in (Control.CURRENT, Control.OPEN_CIRCUIT):
        jumps[0] = True
    else:
        electrons = max(step.electrons for step in parameters.mechanism.electrode_steps)
        rate = np.abs(np.diff(values)) / dt[1:]
        fastest = float(rate[~jumps[1:]].max(initial=0.0))
        if fastest > 0.0:
            shortest_s = min(shortest_s, 1.0 / (electrons * parameters.f_per_V * fastest))
        if initial_potential_V is None:
            initial_potential_V = float(values[0])
    shortest_s = min([shortest_s, *dt[jumps]])
    cell = FiniteDifferenceCell(
        parameters,
        area_m2=area_m2,
        resistance_ohm=resistance_ohm,
        capacitance_F=capacitance_F,
        film_m=film_m,
        layer_m=layer_m,
        initial_potential_V=initial_potential_V,
        shortest_s=shortest_s,
        duration_s=float(times[-1]),
        nodes=nodes,
        first_m=first_m,
    )
    first = None if begins is None else checked_array(begins, "begins")
    samples = cell.run(control, dt, values, jump=jumps, begins=first)
    dissolved = parameters.mechanism.dissolved
    surface = dict(zip(dissolved + parameters.mechanism.adsorbed, samples.surface.T, strict=True))
    return Simulation(
        time_s=times,
        potential_V=samples.potential_V,
        electrode_potential_V=samples.electrode_potential_V,
        current_A=samples.current_A,
        charge_C=samples.charge_C,
        surface_concentrations_mol_per_m3={name: surface[name] for name in dissolved},
        coverages={name: surface[name] for name in parameters.mechanism.adsorbed},
        profile=cell.profile(),
        newton_per_step=samples.newton_per_step,
    )
