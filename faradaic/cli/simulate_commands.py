"""simulate cv, lsv, ca, cp, eis: the answer of a mechanism to an experiment, without a bench."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from faradaic.cli.options import quantity
from faradaic.cli.output import Json
from faradaic.cli.simulate_options import SimulatedCell, cell_of
from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    from faradaic.simulators.waveforms import Waveform

CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write a table; a new file.")]
FigureOption = Annotated[
    Path | None, typer.Option(help="Write a figure, .png or .svg; a new file.")
]

Spectrum = tuple[Callable[..., Any], list[float], int]
"""Impedance as a function of frequency, the two frequencies it runs between, points per decade."""

app = typer.Typer(
    help="Simulate an experiment on a mechanism, without a bench or a protocol.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _options(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters of a function, keyword-only, with annotations that typer can read."""
    known = get_type_hints(function, localns={"Waveform": Any}, include_extras=True)
    return {
        name: p.replace(kind=Parameter.KEYWORD_ONLY, annotation=known[name])
        for name, p in signature(function).parameters.items()
    }


def _command(
    give: Callable[..., None], absent: tuple[str, ...] = (), **defaults: object
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a command of a function (cell, its own options) whose result `give` shows.

    The command has the options of the function, of the cell, and of the files to write; `defaults`
    are those of the cell's options that differ, `absent` those that it has not.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        own = _options(function)
        del own["cell"]
        cell = {
            name: p.replace(default=defaults.get(name, p.default))
            for name, p in _options(cell_of).items()
            if name not in absent
        }

        def command(
            csv: CsvOption = None, figure: FigureOption = None, json: Json = False, **options: Any
        ) -> None:
            made = cell_of(**{name: options[name] for name in cell})
            result = function(made, **{name: options[name] for name in own})
            give(made, result, csv, figure, json)

        mechanism, *others = cell.values()
        *files, _ = _options(command).values()
        options = [mechanism, *own.values(), *others, *files]
        command.__signature__ = Signature(options)  # type: ignore[attr-defined]
        command.__annotations__ = {option.name: option.annotation for option in options}
        app.command(function.__name__, help=function.__doc__)(command)
        return function

    return register


def _give_curve(cell: SimulatedCell, waveform: Waveform, *files_and_json: Any) -> None:
    from faradaic.cli.simulate_view import give_curve
    from faradaic.simulators.semi_integral.modes import Disc
    from faradaic.simulators.voltammetry import simulate_voltammogram

    geometry = None if cell.disc_m is None else Disc(cell.disc_m)
    curve = simulate_voltammogram(cell.steps, waveform, geometry=geometry, **cell.numbers)
    give_curve(curve, cell.numbers, *files_and_json)


def _give_spectrum(cell: SimulatedCell, spectrum: Spectrum, *files_and_json: Any) -> None:
    from faradaic.cli.simulate_view import give_spectrum

    spectrum_ohm, limits_Hz, per_decade = spectrum
    of = cell.steps.text, cell.numbers
    give_spectrum(spectrum_ohm, limits_Hz, per_decade, *of, *files_and_json)


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


@_command(_give_curve)
def cv(
    cell: SimulatedCell,
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
    rate_V_per_s = quantity(rate, Dimension.SCAN_RATE)
    step_V = quantity(step, Dimension.VOLTAGE)
    if staircase is None:
        return waveforms.cv(start_V, to_V, rate_V_per_s, cycles=cycles, step_V=step_V)
    corners_V = waveforms.cycle_corners_V(start_V, [to_V], cycles)
    return waveforms.staircase(corners_V, rate_V_per_s, step_V=step_V, sampling_fraction=staircase)


@_command(_give_curve)
def lsv(
    cell: SimulatedCell,
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
    rate_V_per_s = quantity(rate, Dimension.SCAN_RATE)
    step_V = quantity(step, Dimension.VOLTAGE)
    if staircase is None:
        return waveforms.lsv(*corners_V, rate_V_per_s, step_V=step_V)
    return waveforms.staircase(corners_V, rate_V_per_s, step_V=step_V, sampling_fraction=staircase)


@_command(_give_curve)
def ca(
    cell: SimulatedCell,
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
    levels_V = [potential_V] + ([] if back is None else [quantity(back, Dimension.VOLTAGE)])
    durations_s = [quantity(duration, Dimension.TIME)] * len(levels_V)
    return potential_steps(levels_V, durations_s, points=points)


@_command(_give_curve)
def cp(
    cell: SimulatedCell,
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

    durations_s = [quantity(duration, Dimension.TIME)]
    if current is None:
        current_A = cell.sand_current_A(durations_s[0] / 0.9)
    else:
        current_A = quantity(current, Dimension.CURRENT)
    currents_A = [current_A]
    if reverse is not None:
        currents_A.append(-current_A)
        durations_s.append(quantity(reverse, Dimension.TIME))
    if cell.numbers["capacitance_F"] > 0.0:
        cell.numbers["rest_potential_V"], _ = cell.corners_V(None, None)
    return chronopotentiometry(currents_A, durations_s, points=points)


@_command(
    _give_spectrum,
    absent=("E0", "rate_constant", "planar"),
    mechanism="A + e = B",
    concentration=["A=1 mM", "B=1 mM"],
    diffusion=["1e-5 cm^2/s"],
    k0=["0.01 cm/s"],
    resistance="100 Ohm",
    capacitance="20 µF/cm^2",
)
def eis(
    cell: SimulatedCell,
    highest: Annotated[str, typer.Option("--from", help="Highest frequency.")] = "100 kHz",
    lowest: Annotated[str, typer.Option("--to", help="Lowest frequency.")] = "10 mHz",
    per_decade: Annotated[int, typer.Option(help="Points per decade.")] = 10,
) -> Spectrum:
    """The spectrum of one couple at its equilibrium potential (Randles circuit with Warburg)."""
    from faradaic.chemistry.couple_impedance import (
        charge_transfer_resistance_ohm,
        warburg_coefficient_ohm_per_rt_s,
    )
    from faradaic.chemistry.equivalent_circuits import parse_circuit
    from faradaic.quantities import Dimension
    from faradaic.simulators.mechanism import Direction
    from faradaic.simulators.mechanism_parameters import mechanism_parameters

    steps, numbers = cell.steps, cell.numbers
    if len(steps.electrode_steps) != 1 or steps.chemical_steps or steps.adsorbed:
        raise refusal(
            "E704",
            "the spectrum is that of one couple without chemistry",
            'write one electrode step, like "A + e = B"',
        )
    (step,) = steps.electrode_steps
    if step.direction is not Direction.BOTH:
        message = f"`{steps.text}` runs one way and is never at equilibrium"
        raise refusal("E704", message, "write `=` instead of `->`")
    kinetic = ("concentrations_mol_per_m3", "diffusion_m2_per_s", "E0_V", "k0", "alpha")
    checked = mechanism_parameters(
        steps, temperature_K=numbers["temperature_K"], **{name: numbers[name] for name in kinetic}
    )
    amounts = dict(zip(steps.dissolved, checked.concentrations_mol_per_m3, strict=True))
    speeds = dict(zip(steps.dissolved, checked.diffusion_m2_per_s, strict=True))
    for name in (step.oxidised, step.reduced):
        if amounts[name] == 0.0:
            message = f"{name} is absent: a couple has an equilibrium only with both forms there"
            raise refusal("E704", message, f'add --concentration "{name}=1 mM"')
    couple = {
        "area_m2": numbers["area_m2"],
        "oxidised_mol_per_m3": amounts[step.oxidised],
        "reduced_mol_per_m3": amounts[step.reduced],
        "electrons": step.electrons,
        "temperature_K": checked.temperature_K,
    }
    charge_transfer_ohm = charge_transfer_resistance_ohm(
        rate_constant_m_per_s=checked.k0[0], transfer_coefficient=numbers["alpha"], **couple
    )
    warburg_ohm_per_rt_s = warburg_coefficient_ohm_per_rt_s(
        oxidised_diffusion_m2_per_s=speeds[step.oxidised],
        reduced_diffusion_m2_per_s=speeds[step.reduced],
        **couple,
    )
    circuit = parse_circuit("R0+(C1|(R1+W1))")
    values = {
        "R0": numbers["resistance_ohm"],
        "C1": numbers["capacitance_F"],
        "R1": charge_transfer_ohm,
        "W1": warburg_ohm_per_rt_s,
    }
    numbers |= {
        "charge_transfer_resistance_ohm": charge_transfer_ohm,
        "warburg_coefficient_ohm_per_rt_s": warburg_ohm_per_rt_s,
    }
    limits_Hz = [quantity(text, Dimension.FREQUENCY) for text in (highest, lowest)]
    return partial(circuit.spectrum_ohm, values=values), limits_Hz, per_decade
