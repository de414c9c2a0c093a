"""The options with which `faradaic simulate` describes a cell, and what they amount to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.options import quantity
from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    from faradaic.quantities import Dimension
    from faradaic.simulators.mechanism import Mechanism

DEFAULT_MECHANISM = "Fc = Fc^+ + e"
"""Ferrocene in acetonitrile; its diffusion coefficient and rate constant are the defaults below."""


@dataclass(frozen=True)
class SimulatedCell:
    """What the options of every experiment say."""

    steps: Mechanism
    numbers: dict[str, Any]
    """Arguments of `simulate_voltammogram`."""
    direction: float
    """1 if what is in the solution is first oxidised, -1 if reduced."""
    disc_m: float | None
    """Radius of a disc whose edge counts; None where diffusion is planar."""

    def corners_V(self, start: str | None, to: str | None) -> tuple[float, float]:
        """Where a sweep starts and turns: as typed, or 0.3 V before and beyond the first E0."""
        from faradaic.quantities import Dimension

        E0_V = self.numbers["E0_V"]
        first_V = E0_V[0] if isinstance(E0_V, list) else E0_V
        return (
            first_V - 0.3 * self.direction if start is None else quantity(start, Dimension.VOLTAGE),
            first_V + 0.3 * self.direction if to is None else quantity(to, Dimension.VOLTAGE),
        )

    def sand_current_A(self, transition_s: float) -> float:
        """The current that exhausts the first electrode step's species at a time (Sand 1901)."""
        from faradaic.quantities.constants import FARADAY_C_PER_MOL

        step = self.steps.electrode_steps[0]
        name = step.reduced if self.direction > 0 else step.oxidised
        diffusion: float = self.numbers["diffusion_m2_per_s"].get(name, 0.0)
        amount: float = self.numbers["concentrations_mol_per_m3"].get(name, 0.0)
        if not amount * diffusion:
            message = f"without concentration and diffusion of {name} no current can be chosen"
            raise refusal("E704", message, "give --current")
        area_m2: float = self.numbers["area_m2"]
        flux = amount * math.sqrt(math.pi * diffusion / transition_s) / 2.0
        return self.direction * step.electrons * FARADAY_C_PER_MOL * area_m2 * flux


def cell_of(
    mechanism: Annotated[
        str, typer.Option(help='Steps, as "A + e = B; B -> C"; `=` both ways, `->` one way.')
    ] = DEFAULT_MECHANISM,
    concentration: Annotated[
        list[str],
        typer.Option(
            help='Of the first species, or "A=1 mM"; once for each species, the others are absent.'
        ),
    ] = ["1 mM"],  # noqa: B006
    diffusion: Annotated[
        list[str], typer.Option(help='For all species, or "A=1e-5 cm^2/s" for one.')
    ] = ["2.4e-5 cm^2/s"],  # noqa: B006
    E0: Annotated[
        list[str], typer.Option("--E0", help="Formal potential; once for each electrode step.")
    ] = ["0 V"],  # noqa: B006
    k0: Annotated[
        list[str],
        typer.Option("--k0", help="For all electrode steps, or once for each; `inf` is Nernstian."),
    ] = ["1 cm/s"],  # noqa: B006
    alpha: Annotated[float, typer.Option(help="Transfer coefficient of the reduction.")] = 0.5,
    rate_constant: Annotated[
        list[str],
        typer.Option(
            help='Once for each chemical step: "2.5" in 1/s, or m^3/(mol s) where two molecules '
            'react; "2.5,0.1" forward and backward for `=`.'
        ),
    ] = [],  # noqa: B006
    diameter: Annotated[str, typer.Option(help="Of the disc.")] = "3 mm",
    planar: Annotated[
        bool, typer.Option("--planar", help="Leave out the diffusion to the edge of the disc.")
    ] = False,
    resistance: Annotated[str, typer.Option(help="Uncompensated.")] = "0 Ohm",
    capacitance: Annotated[str, typer.Option(help="Of the double layer, per area.")] = "0 µF/cm^2",
    temperature: Annotated[str, typer.Option()] = "25 degC",
) -> SimulatedCell:
    """The cell that options describe; every experiment has these options.

    Raises `InputError` for what cannot be read.
    """
    from faradaic.quantities import Dimension
    from faradaic.simulators.mechanism import parse_mechanism

    steps = parse_mechanism(mechanism)
    radius_m = 0.5 * quantity(diameter, Dimension.LENGTH)
    area_m2 = math.pi * radius_m**2
    D, named = _named(diffusion, Dimension.DIFFUSION_COEFFICIENT)
    speeds = named if D is None else {**dict.fromkeys(steps.dissolved, D), **named}
    first, amounts = _named(concentration, Dimension.CONCENTRATION)
    if first is not None:
        amounts = {_first_species(steps): first, **amounts}
    k0s = [math.inf if k == "inf" else quantity(k, Dimension.VELOCITY) for k in k0]
    potentials_V = [quantity(e, Dimension.VOLTAGE) for e in E0]
    step = steps.electrode_steps[0]
    numbers = {
        "area_m2": area_m2,
        "concentrations_mol_per_m3": amounts,
        "diffusion_m2_per_s": speeds,
        "E0_V": potentials_V[0] if len(potentials_V) == 1 else potentials_V,
        "k0": k0s[0] if len(k0s) == 1 else k0s,
        "alpha": alpha,
        "rate_constants": [_rate_constant(text) for text in rate_constant],
        "resistance_ohm": quantity(resistance, Dimension.RESISTANCE),
        "capacitance_F": quantity(capacitance, Dimension.AREAL_CAPACITANCE) * area_m2,
        "temperature_K": quantity(temperature, Dimension.TEMPERATURE),
    }
    oxidised = amounts.get(step.reduced, 0.0) > amounts.get(step.oxidised, 0.0)
    return SimulatedCell(steps, numbers, 1.0 if oxidised else -1.0, None if planar else radius_m)


def _named(texts: list[str], dimension: Dimension) -> tuple[float | None, dict[str, float]]:
    """The quantity without a name, and those with one: `A=1 mM`."""
    found: dict[str, float] = {}
    for text in texts:
        name, _, amount = text.rpartition("=")
        name = name.strip()
        if name in found:
            whose = f"of {name}" if name else "without a name"
            message = f"`{text}` is a second quantity {whose}"
            help_ = f'name the species, "B={amount.strip()}", once for each'
            raise refusal("E704", message, help_)
        found[name] = quantity(amount, dimension)
    return found.pop("", None), found


def _rate_constant(text: str) -> float | tuple[float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        return numbers[0]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    raise refusal(
        "E704",
        f"`{text}` is not a rate constant",
        'write a number in 1/s or m^3/(mol s), "2.5", or two for `=`, "2.5,0.1"',
    )


def _first_species(steps: Mechanism) -> str:
    if not steps.dissolved:
        raise refusal(
            "E704",
            "all species of the mechanism are adsorbed",
            "this command takes dissolved species; see simulate_voltammogram",
        )
    return steps.dissolved[0]
