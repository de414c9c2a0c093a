"""Voltammograms, transients and chronopotentiograms of a mechanism: one function for all.

    from faradaic.simulators.voltammetry import simulate_voltammogram
    from faradaic.simulators.waveforms import cv

    curve = simulate_voltammogram(
        "A + e = B; B -> C",
        cv(0.3, -0.3, 0.1),
        area_m2=7.07e-6,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        rate_constants=2.0,
    )

Everything is in SI. Currents are IUPAC: a reduction gives a negative one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K
from faradaic.simulators.arguments import checked_number
from faradaic.simulators.caveats import caveats
from faradaic.simulators.contracts import Control
from faradaic.simulators.mechanism import Mechanism, parse_mechanism
from faradaic.simulators.mechanism_parameters import (
    MechanismParameters,
    RateConstant,
    mechanism_parameters,
)
from faradaic.simulators.semi_integral.coupling import couple
from faradaic.simulators.semi_integral.model import SemiIntegralCell
from faradaic.simulators.semi_integral.modes import (
    Disc,
    Floats,
    Geometry,
    NernstFilm,
    Sphere,
    ThinLayer,
)
from faradaic.simulators.simulation_errors import SimulationError
from faradaic.simulators.waveforms import Waveform

Engine: TypeAlias = Literal["auto", "semi_integral", "finite_difference"]


@dataclass(frozen=True, slots=True)
class Voltammogram:
    """What an ideal instrument reads: arrays of one length, at the sampled times of a waveform."""

    time_s: Floats
    potential_V: Floats
    """Against the reference electrode, with the drop of the current in the resistance."""
    current_A: Floats
    """Anodic positive, faradaic and capacitive."""
    interface_V: Floats
    """The potential without the ohmic drop."""
    technique: str
    mechanism: str
    engine: str
    notes: tuple[str, ...] = ()
    """What is odd about the experiment as asked for (`faradaic.simulators.caveats`)."""

    def peak(self, *, anodic: bool) -> tuple[float, float]:
        """(potential_V, current_A) of the largest anodic or cathodic current.

        The vertex of the parabola through the largest sample and its neighbours in time. Raises
        `InputError` (E547) where the largest current is at an end of the curve or at a turn of the
        potential, or has the other sign: that is no peak.
        """
        sign = 1.0 if anodic else -1.0
        y = sign * self.current_A
        k = int(np.argmax(y))
        at_an_end = not 1 < k < len(y) - 2
        if at_an_end or y[k] <= 0.0 or self._turns_near(k):
            kind = "anodic" if anodic else "cathodic"
            raise refusal("E547", f"the curve has no {kind} peak", "sweep further")
        before, top, after = (float(v) for v in y[k - 1 : k + 2])
        bend = before - 2.0 * top + after
        shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
        towards = k + 1 if shift > 0.0 else k - 1
        potential_V = float(self.potential_V[k])
        potential_V += abs(shift) * (float(self.potential_V[towards]) - potential_V)
        return potential_V, sign * (top - 0.25 * (before - after) * shift)

    def _turns_near(self, k: int) -> bool:
        """Whether the potential turns round at a sample or next to it."""
        there = np.diff(self.potential_V[k - 2 : k + 3])
        return bool(there.min() < 0.0 < there.max())


def simulate_voltammogram(
    mechanism: str | Mechanism,
    waveform: Waveform,
    *,
    area_m2: float,
    concentrations_mol_per_m3: Mapping[str, float],
    diffusion_m2_per_s: float | Mapping[str, float],
    E0_V: float | Sequence[float],
    k0: float | Sequence[float] = math.inf,
    alpha: float | Sequence[float] = 0.5,
    rate_constants: RateConstant | Sequence[RateConstant] = (),
    temperature_K: float = STANDARD_TEMPERATURE_K,
    resistance_ohm: float = 0.0,
    capacitance_F: float = 0.0,
    rest_potential_V: float | None = None,
    geometry: Geometry | None = None,
    engine: Engine = "auto",
    **more: Any,
) -> Voltammogram:
    """The current of a mechanism under a waveform (the potential, where the current is imposed).

    `mechanism` is text such as "A + e = B; B -> C" (`faradaic.simulators.mechanism`); the numbers
    of its species and steps, and what `more` may hold (adsorption, Marcus-Hush), are those of
    `faradaic.simulators.mechanism_parameters`. By default the electrode steps are at equilibrium
    (`k0` infinite), the electrode is planar, and the solution unlimited. A `Disc` has an edge in
    the semi-integral engine alone; where the other is needed it is planar, and a note says so.

    `resistance_ohm` is uncompensated, `capacitance_F` that of the double layer, which sits at
    `rest_potential_V` before the experiment (default: the first potential of the waveform, or the
    equilibrium potential of the solution where currents are imposed).

    "auto" takes the semi-integral engine for first-order mechanisms, and finite differences for
    every other. Raises `InputError` for arguments that make no sense and samples that cannot
    resolve the wave, `SimulationError` where no number can be found.
    """
    if isinstance(mechanism, str):
        mechanism = parse_mechanism(mechanism)
    parameters = mechanism_parameters(
        mechanism,
        concentrations_mol_per_m3=concentrations_mol_per_m3,
        diffusion_m2_per_s=diffusion_m2_per_s,
        E0_V=E0_V,
        k0=k0,
        alpha=alpha,
        rate_constants=rate_constants,
        temperature_K=temperature_K,
        **more,
    )
    electrons = max(step.electrons for step in mechanism.electrode_steps)
    waveform.require_resolved(electrons, parameters.temperature_K)
    if not isinstance(geometry, Geometry | None):
        raise refusal(
            "E542",
            f"geometry is {geometry!r}",
            "write a Disc, Sphere, NernstFilm or ThinLayer, or leave it out (planar)",
        )
    checked_number(area_m2, "area_m2", "7e-6", above=0.0)
    checked_number(resistance_ohm, "resistance_ohm", least=0.0)
    checked_number(capacitance_F, "capacitance_F", least=0.0)
    if rest_potential_V is not None:
        checked_number(rest_potential_V, "rest_potential_V")
    for size in ("radius_m", "thickness_m"):
        if hasattr(geometry, size):
            checked_number(getattr(geometry, size), size, above=0.0)
    if rest_potential_V is None and waveform.control is Control.POTENTIAL:
        rest_potential_V = float(waveform.start[0])
    chosen = _engine(engine, parameters, geometry)
    current_A, interface_V = (_semi_integral if chosen == "semi_integral" else _finite_difference)(
        parameters,
        waveform,
        area_m2=area_m2,
        resistance_ohm=resistance_ohm,
        capacitance_F=capacitance_F,
        rest_potential_V=rest_potential_V,
        geometry=geometry,
    )
    if not np.all(np.isfinite(current_A)):
        raise SimulationError.of(
            f"the {chosen} engine gave a current that is not a number",
            help="one of the parameters is many orders of magnitude off; look at the units",
            code="E545",
        )
    sampled = waveform.sampled
    return Voltammogram(
        time_s=waveform.time_s[sampled],
        potential_V=(interface_V + resistance_ohm * current_A)[sampled],
        current_A=current_A[sampled],
        interface_V=interface_V[sampled],
        technique=waveform.technique,
        mechanism=mechanism.text,
        engine=chosen,
        notes=(
            *_edge(geometry, parameters, waveform, chosen),
            *caveats(parameters, waveform, current_A, capacitance_F),
        ),
    )


def _edge(
    geometry: Geometry | None, parameters: MechanismParameters, waveform: Waveform, engine: str
) -> tuple[str, ...]:
    """What was done about the edge of a disc."""
    if not isinstance(geometry, Disc):
        return ()
    where = f"a disc of {2e3 * geometry.radius_m:.3g} mm"
    if engine == "semi_integral":
        return (f"diffusion to {where} with its edge; planar diffusion alone gives less current",)
    length_m = math.sqrt(math.pi * max(parameters.diffusion_m2_per_s) * waveform.duration_s)
    return (
        f"planar diffusion: the finite-difference engine has no edge of {where}, which would add "
        f"up to {100.0 * length_m / geometry.radius_m:.2g} % to the current by the end",
    )


def _engine(wanted: str, parameters: MechanismParameters, geometry: Geometry | None) -> str:
    if wanted not in ("auto", "semi_integral", "finite_difference"):
        raise refusal(
            "E542", f"engine is {wanted!r}", 'write "auto", "semi_integral" or "finite_difference"'
        )
    if wanted != "auto":
        return wanted
    try:
        couple(parameters)
    except InputError:
        return "finite_difference"
    return "semi_integral"


def _semi_integral(
    parameters: MechanismParameters,
    waveform: Waveform,
    *,
    geometry: Geometry | None,
    **cell: Any,
) -> tuple[Floats, Floats]:
    from faradaic.simulators.semi_integral.semi_integral_kernels import FIRST_FRACTION

    def model(shortest_step_s: float) -> SemiIntegralCell:
        return SemiIntegralCell(
            parameters,
            geometry=geometry,
            shortest_step_s=shortest_step_s,
            longest_time_s=waveform.duration_s * (1.0 + 1e-9),
            **cell,
        )

    if not waveform.jumps and waveform.control is Control.POTENTIAL:
        coarse = model(waveform.shortest_s)
        if not coarse.starts_transient(float(waveform.start[0]), waveform.shortest_s):
            return coarse.run(waveform)
    return model(FIRST_FRACTION * waveform.shortest_s).run(waveform)


def _finite_difference(
    parameters: MechanismParameters,
    waveform: Waveform,
    *,
    rest_potential_V: float | None,
    geometry: Geometry | None,
    **cell: Any,
) -> tuple[Floats, Floats]:
    from faradaic.simulators.finite_difference.simulation import simulate

    if isinstance(geometry, Sphere):
        raise refusal(
            "E543",
            "the finite-difference engine has no spheres",
            "leave the geometry out (planar), or write a Disc, NernstFilm or ThinLayer",
        )
    found = simulate(
        parameters,
        waveform.control,
        waveform.time_s,
        waveform.end,
        jump=waveform.jump,
        begins=waveform.start,
        film_m=geometry.thickness_m if isinstance(geometry, NernstFilm) else None,
        layer_m=geometry.thickness_m if isinstance(geometry, ThinLayer) else None,
        initial_potential_V=rest_potential_V,
        **cell,
    )
    return found.current_A, found.electrode_potential_V
