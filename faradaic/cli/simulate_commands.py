"""simulate cv, lsv, ca, cp, eis: the answer of a mechanism to an experiment, without a bench."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from faradaic.cli.output import Json
from faradaic.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from faradaic.quantities import Dimension
    from faradaic.simulators.mechanism import Mechanism
    from faradaic.simulators.waveforms import Waveform

DEFAULT_MECHANISM = "Fc = Fc^+ + e"
"""Ferrocene in acetonitrile; its diffusion coefficient and rate constant are the defaults below."""

MechanismOption = Annotated[
    str, typer.Option(help='Steps, as "A + e = B; B -> C"; `=` both ways, `->` one way.')
]
ConcentrationOption = Annotated[
    list[str],
    typer.Option(
        "--concentration",
        help='Of the first species, or "A=1 mM"; once for each species, the others are absent.',
    ),
]
DiffusionOption = Annotated[
    list[str], typer.Option("--diffusion", help='For all species, or "A=1e-5 cm^2/s" for one.')
]
E0Option = Annotated[
    list[str], typer.Option("--E0", help="Formal potential; once for each electrode step.")
]
K0Option = Annotated[
    list[str],
    typer.Option("--k0", help="For all electrode steps, or once for each; `inf` is Nernstian."),
]
AlphaOption = Annotated[float, typer.Option(help="Transfer coefficient of the reduction.")]
RateConstantOption = Annotated[
    list[str],
    typer.Option(
        "--rate-constant",
        help='Once for each chemical step: "2.5" in 1/s, or m^3/(mol s) where two molecules react; '
        '"2.5,0.1" forward and backward for `=`.',
    ),
]
DiameterOption = Annotated[str, typer.Option(help="Of the disc.")]
ResistanceOption = Annotated[str, typer.Option(help="Uncompensated.")]
CapacitanceOption = Annotated[str, typer.Option(help="Of the double layer, per area.")]
TemperatureOption = Annotated[str, typer.Option()]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write a table; a new file.")]
FigureOption = Annotated[
    Path | None, typer.Option(help="Write a figure, .png or .svg; a new file.")
]

app = typer.Typer(
    help="Simulate an experiment on a mechanism, without a bench or a protocol.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True)
class Cell:
    """What the options of every experiment say."""

    steps: Mechanism
    numbers: dict[str, Any]
    """Arguments of `simulate_voltammogram`."""
    direction: float
    """1 if what is in the solution is first oxidised, -1 if reduced."""

    def corners_V(self, start: str | None, to: str | None) -> tuple[float, float]:
        """Where a sweep starts and turns: as typed, or 0.3 V before and beyond the first E0."""
        from faradaic.quantities import Dimension

        E0_V = self.numbers["E0_V"]
        first_V = E0_V[0] if isinstance(E0_V, list) else E0_V
        return (
            first_V - 0.3 * self.direction
            if start is None
            else _quantity(start, Dimension.VOLTAGE),
            first_V + 0.3 * self.direction if to is None else _quantity(to, Dimension.VOLTAGE),
        )

    def sand_current_A(self, transition_s: float) -> float:
        """The current that exhausts the first electrode step's species at a time (Sand 1901)."""
        from faradaic.quantities import FARADAY_C_PER_MOL

        step = self.steps.electrode_steps[0]
        name = step.reduced if self.direction > 0 else step.oxidised
        D = self.numbers["diffusion_m2_per_s"]
        diffusion: float = D[name] if isinstance(D, dict) else D
        amount: float = self.numbers["concentrations_mol_per_m3"].get(name, 0.0)
        if not amount:
            message = f"there is no {name} to set the current by"
            raise InputError(Diagnostic("E704", message, help="give --current"))
        area_m2: float = self.numbers["area_m2"]
        flux = amount * math.sqrt(math.pi * diffusion / transition_s) / 2.0
        return self.direction * step.electrons * FARADAY_C_PER_MOL * area_m2 * flux


def _quantity(text: str, dimension: Dimension) -> float:
    from faradaic.quantities import parse

    return parse(text, dimension)


def _cell(
    mechanism: MechanismOption = DEFAULT_MECHANISM,
    concentration: ConcentrationOption = ["1 mM"],  # noqa: B006
    diffusion: DiffusionOption = ["2.4e-5 cm^2/s"],  # noqa: B006
    E0: E0Option = ["0 V"],  # noqa: B006
    k0: K0Option = ["1 cm/s"],  # noqa: B006
    alpha: AlphaOption = 0.5,
    rate_constant: RateConstantOption = [],  # noqa: B006
    diameter: DiameterOption = "3 mm",
    resistance: ResistanceOption = "0 Ohm",
    capacitance: CapacitanceOption = "0 µF/cm^2",
    temperature: TemperatureOption = "25 degC",
) -> Cell:
    """The cell of an experiment; these are options of each of them."""
    from faradaic.quantities import Dimension
    from faradaic.simulators.mechanism import parse_mechanism

    steps = parse_mechanism(mechanism)
    area_m2 = math.pi / 4.0 * _quantity(diameter, Dimension.LENGTH) ** 2
    D, named = _named(diffusion, Dimension.DIFFUSION_COEFFICIENT)
    first, amounts = _named(concentration, Dimension.CONCENTRATION)
    if first is not None:
        amounts = {_first_species(steps): first, **amounts}
    k0s = [math.inf if k == "inf" else _quantity(k, Dimension.VELOCITY) for k in k0]
    potentials_V = [_quantity(e, Dimension.VOLTAGE) for e in E0]
    step = steps.electrode_steps[0]
    numbers = {
        "area_m2": area_m2,
        "concentrations_mol_per_m3": amounts,
        "diffusion_m2_per_s": (
            D if D is not None and not named else {**dict.fromkeys(steps.dissolved, D), **named}
        ),
        "E0_V": potentials_V[0] if len(potentials_V) == 1 else potentials_V,
        "k0": k0s[0] if len(k0s) == 1 else k0s,
        "alpha": alpha,
        "rate_constants": [_rate_constant(text) for text in rate_constant],
        "resistance_ohm": _quantity(resistance, Dimension.RESISTANCE),
        "capacitance_F": _quantity(capacitance, Dimension.AREAL_CAPACITANCE) * area_m2,
        "temperature_K": _quantity(temperature, Dimension.TEMPERATURE),
    }
    oxidised = amounts.get(step.reduced, 0.0) > amounts.get(step.oxidised, 0.0)
    return Cell(steps, numbers, 1.0 if oxidised else -1.0)


def _named(texts: list[str], dimension: Dimension) -> tuple[float | None, dict[str, float]]:
    """The quantity without a name, and those with one: `A=1 mM`."""
    alone, named = None, {}
    for text in texts:
        name, equals, quantity = text.rpartition("=")
        if equals:
            named[name.strip()] = _quantity(quantity, dimension)
        else:
            alone = _quantity(text, dimension)
    return alone, named


def _rate_constant(text: str) -> float | tuple[float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        return numbers[0]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    raise InputError(
        Diagnostic(
            "E704",
            f"`{text}` is not a rate constant",
            help='write a number in 1/s or m^3/(mol s), "2.5", or two for `=`, "2.5,0.1"',
        )
    )


def _first_species(steps: Mechanism) -> str:
    if not steps.dissolved:
        raise InputError(
            Diagnostic(
                "E704",
                "all species of the mechanism are adsorbed",
                help="this command takes dissolved species; see simulate_voltammogram",
            )
        )
    return steps.dissolved[0]


def _options(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters of a function, keyword-only, with annotations that typer can read."""
    known = get_type_hints(function, localns={"Waveform": Any}, include_extras=True)
    return {
        name: p.replace(kind=Parameter.KEYWORD_ONLY, annotation=known[name])
        for name, p in signature(function).parameters.items()
    }


def _experiment(waveform_of: Callable[..., Waveform]) -> Callable[..., Waveform]:
    """Make a command of a function (cell, its own options) -> waveform.

    The command has the options of the function, of the cell, and of the files to write.
    """
    own, cell = _options(waveform_of), _options(_cell)
    del own["cell"]

    def command(
        csv: CsvOption = None, figure: FigureOption = None, json: Json = False, **options: Any
    ) -> None:
        from faradaic.cli.simulate_view import give_curve
        from faradaic.simulators.voltammetry import simulate_voltammogram

        made = _cell(**{name: options[name] for name in cell})
        waveform = waveform_of(made, **{name: options[name] for name in own})
        curve = simulate_voltammogram(made.steps, waveform, **made.numbers)
        give_curve(curve, made.numbers, csv, figure, json)

    mechanism, *others = cell.values()
    *files, _ = _options(command).values()
    options = [mechanism, *own.values(), *others, *files]
    command.__signature__ = Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in options}
    app.command(waveform_of.__name__, help=waveform_of.__doc__)(command)
    return waveform_of


StartOption = Annotated[
    str | None, typer.Option("--from", help="Default: 0.3 V before E0, where nothing happens.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Default: 0.3 V beyond E0.")]
RateOption = Annotated[str, typer.Option(help="Scan rate.")]
StepOption = Annotated[str, typer.Option(help="Distance of the points.")]
StaircaseOption = Annotated[
    float | None,
    typer.Option(
        help="A digital staircase instead of a ramp, read when this fraction of a step has passed."
    ),
]
PointsOption = Annotated[int, typer.Option(help="Of each step.")]


@_experiment
def cv(
    cell: Cell,
    rate: RateOption = "100 mV/s",
    start: StartOption = None,
    to: ToOption = None,
    cycles: Annotated[int, typer.Option(help="There and back.")] = 1,
    step: StepOption = "1 mV",
    staircase: StaircaseOption = None,
) -> Waveform:
    """A cyclic voltammogram."""
    from faradaic.quantities import Dimension
    from faradaic.simulators import waveforms

    start_V, to_V = cell.corners_V(start, to)
    rate_V_per_s = _quantity(rate, Dimension.SCAN_RATE)
    step_V = _quantity(step, Dimension.VOLTAGE)
    if staircase is None:
        return waveforms.cv(start_V, to_V, rate_V_per_s, cycles=cycles, step_V=step_V)
    corners_V = [start_V] + [to_V, start_V] * cycles
    return waveforms.staircase(corners_V, rate_V_per_s, step_V=step_V, sampling_fraction=staircase)


@_experiment
def lsv(
    cell: Cell,
    rate: RateOption = "100 mV/s",
    start: StartOption = None,
    to: ToOption = None,
    step: StepOption = "1 mV",
    staircase: StaircaseOption = None,
) -> Waveform:
    """A linear sweep."""
    from faradaic.quantities import Dimension
    from faradaic.simulators import waveforms

    corners_V = cell.corners_V(start, to)
    rate_V_per_s = _quantity(rate, Dimension.SCAN_RATE)
    step_V = _quantity(step, Dimension.VOLTAGE)
    if staircase is None:
        return waveforms.lsv(*corners_V, rate_V_per_s, step_V=step_V)
    return waveforms.staircase(corners_V, rate_V_per_s, step_V=step_V, sampling_fraction=staircase)


@_experiment
def ca(
    cell: Cell,
    potential: Annotated[
        str | None, typer.Option(help="Default: 0.3 V beyond E0, the diffusion limit.")
    ] = None,
    back: Annotated[
        str | None, typer.Option(help="A second step of the same duration to this potential.")
    ] = None,
    duration: Annotated[str, typer.Option(help="Of each step.")] = "5 s",
    points: PointsOption = 500,
) -> Waveform:
    """A potential step from rest, or two."""
    from faradaic.quantities import Dimension
    from faradaic.simulators.waveforms import potential_steps

    cell.numbers["rest_potential_V"], potential_V = cell.corners_V(None, potential)
    levels_V = [potential_V] + ([] if back is None else [_quantity(back, Dimension.VOLTAGE)])
    durations_s = [_quantity(duration, Dimension.TIME)] * len(levels_V)
    return potential_steps(levels_V, durations_s, points=points)


@_experiment
def cp(
    cell: Cell,
    current: Annotated[
        str | None,
        typer.Option(help="Anodic positive. Default: so that the duration is 0.9 τ (Sand)."),
    ] = None,
    reverse: Annotated[
        str | None, typer.Option(help="A second step with the opposite current, so long.")
    ] = None,
    duration: Annotated[str, typer.Option()] = "5 s",
    points: PointsOption = 500,
) -> Waveform:
    """A constant current from rest, or a current and its reverse."""
    from faradaic.quantities import Dimension
    from faradaic.simulators.waveforms import chronopotentiometry

    durations_s = [_quantity(duration, Dimension.TIME)]
    if current is None:
        current_A = cell.sand_current_A(durations_s[0] / 0.9)
    else:
        current_A = _quantity(current, Dimension.CURRENT)
    currents_A = [current_A]
    if reverse is not None:
        currents_A.append(-current_A)
        durations_s.append(_quantity(reverse, Dimension.TIME))
    if cell.numbers["capacitance_F"] > 0.0:
        cell.numbers["rest_potential_V"], _ = cell.corners_V(None, None)
    return chronopotentiometry(currents_A, durations_s, points=points)


@app.command()
def eis(
    mechanism: MechanismOption = "A + e = B",
    highest: Annotated[str, typer.Option("--from", help="Highest frequency.")] = "100 kHz",
    lowest: Annotated[str, typer.Option("--to", help="Lowest frequency.")] = "10 mHz",
    per_decade: Annotated[int, typer.Option(help="Points per decade.")] = 10,
    concentration: ConcentrationOption = ["A=1 mM", "B=1 mM"],  # noqa: B006
    diffusion: DiffusionOption = ["1e-5 cm^2/s"],  # noqa: B006
    k0: K0Option = ["0.01 cm/s"],  # noqa: B006
    alpha: AlphaOption = 0.5,
    diameter: DiameterOption = "3 mm",
    resistance: ResistanceOption = "100 Ohm",
    capacitance: CapacitanceOption = "20 µF/cm^2",
    temperature: TemperatureOption = "25 degC",
    csv: CsvOption = None,
    figure: FigureOption = None,
    json: Json = False,
) -> None:
    """The spectrum of one couple at its equilibrium potential (Randles circuit with Warburg)."""
    from faradaic.cli.simulate_view import give_spectrum
    from faradaic.quantities import Dimension
    from faradaic.simulators.impedance import (
        charge_transfer_resistance_ohm,
        randles,
        warburg_coefficient_ohm_per_rt_s,
    )
    from faradaic.simulators.mechanism_parameters import mechanism_parameters

    cell = _cell(
        mechanism, concentration, diffusion, ["0 V"], k0, alpha, [], diameter, resistance,
        capacitance, temperature,
    )  # fmt: skip
    steps, numbers = cell.steps, cell.numbers
    if len(steps.electrode_steps) != 1 or steps.chemical_steps or steps.adsorbed:
        raise InputError(
            Diagnostic(
                "E704",
                "the spectrum is that of one couple without chemistry",
                help='write one electrode step, like "A + e = B"',
            )
        )
    (step,) = steps.electrode_steps
    kinetic = ("concentrations_mol_per_m3", "diffusion_m2_per_s", "E0_V", "k0", "alpha")
    checked = mechanism_parameters(
        steps, temperature_K=numbers["temperature_K"], **{name: numbers[name] for name in kinetic}
    )
    amounts = dict(zip(steps.dissolved, checked.concentrations_mol_per_m3, strict=True))
    speeds = dict(zip(steps.dissolved, checked.diffusion_m2_per_s, strict=True))
    couple = {
        "area_m2": numbers["area_m2"],
        "oxidised_mol_per_m3": amounts[step.oxidised],
        "reduced_mol_per_m3": amounts[step.reduced],
        "electrons": step.electrons,
        "temperature_K": checked.temperature_K,
    }
    charge_transfer_ohm = charge_transfer_resistance_ohm(
        rate_constant_m_per_s=checked.k0[0], transfer_coefficient=alpha, **couple
    )
    warburg_ohm_per_rt_s = warburg_coefficient_ohm_per_rt_s(
        oxidised_diffusion_m2_per_s=speeds[step.oxidised],
        reduced_diffusion_m2_per_s=speeds[step.reduced],
        **couple,
    )
    circuit = randles(
        solution_resistance_ohm=numbers["resistance_ohm"],
        double_layer_F=numbers["capacitance_F"],
        charge_transfer_resistance_ohm=charge_transfer_ohm,
        warburg_coefficient_ohm_per_rt_s=warburg_ohm_per_rt_s,
    )
    numbers |= {
        "charge_transfer_resistance_ohm": charge_transfer_ohm,
        "warburg_coefficient_ohm_per_rt_s": warburg_ohm_per_rt_s,
    }
    limits_Hz = [_quantity(text, Dimension.FREQUENCY) for text in (highest, lowest)]
    give_spectrum(circuit, limits_Hz, per_decade, steps.text, numbers, csv, figure, json)


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.add_typer(app, name="simulate")
