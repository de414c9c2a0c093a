"""interface: potentials, free energies and schemes of the electrified interface."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from faradaic.cli.free_energy_view import free_energy_lines, result_lines
from faradaic.cli.options import OutOption, kelvin, quantity
from faradaic.cli.output import Json, tell
from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    from faradaic.results import Result

app = typer.Typer(
    help="The electrified interface: potentials, free energies along a path, reaction schemes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PH = Annotated[float, typer.Option("--ph", help="pH of the electrolyte.")]
Convention = Annotated[
    str,
    typer.Option(
        help="Absolute potential of the hydrogen electrode: trasatti (4.44 V), kelly (4.28 V), … "
        "or a number in V."
    ),
]
Temperature = Annotated[str, typer.Option(help='As "25 degC" or "300 K".')]


@app.command("work-function")
def work_function(
    files: Annotated[
        list[Path],
        typer.Argument(help="LOCPOT of VASP or .cube, one per snapshot of a run, in their order."),
    ],
    fermi_eV: Annotated[
        float | None, typer.Option("--fermi-ev", help="Fermi level in eV, of a single file.")
    ] = None,
    fermi_from: Annotated[
        Path | None,
        typer.Option(help="Output with the Fermi level of a single file; default: OUTCAR beside."),
    ] = None,
    axis: Annotated[str, typer.Option(help="Cell vector across the planes: a, b or c.")] = "c",
    width_A: Annotated[float, typer.Option("--width-a", help="Width of the plateau in Å.")] = 2.0,
    clearance_A: Annotated[
        float, typer.Option("--clearance-a", help="Distance of the plateau from nuclei in Å.")
    ] = 2.0,
    side: Annotated[
        Literal["above", "below"] | None,
        typer.Option(help="Side of the slab along the axis; default: the flattest stretch."),
    ] = None,
    electrostatic: Annotated[
        bool,
        typer.Option(help="The cube holds the electrostatic potential, not that of an electron."),
    ] = False,
    ph: PH = 7.0,
    convention: Convention = "trasatti",
    temperature: Temperature = "25 degC",
    json: Json = False,
) -> None:
    """Work function and potential from the electrostatic potential of snapshots."""
    from faradaic.computational.interface import work_function as rules
    from faradaic.computational.interface.potential_grid import planar_average
    from faradaic.computational.interface.readers.cube import read_cube
    from faradaic.computational.interface.readers.locpot import read_locpot

    found = []
    for file in files:
        level_eV = _fermi_level_eV(file, fermi_eV, fermi_from, len(files))
        if file.suffix.lower() in (".cube", ".cub"):
            grid = read_cube(file, electrostatic=electrostatic)
        else:
            grid = read_locpot(file)
        average = planar_average(grid, axis)
        found.append(
            rules.work_function(
                average, level_eV, width_A=width_A, clearance_A=clearance_A, side=side
            )
        )
    values = [one.result.value for one in found if one.result.value is not None]
    results = _potential(values, ph, convention, kelvin(temperature)) if values else []
    lines = []
    for file, one in zip(files, found, strict=True):
        vacuum, value = one.vacuum, one.result.value
        lines.append(
            f"{file}: vacuum level {vacuum.level_eV:.4f} eV, spread {vacuum.spread_eV:.2g} eV over "
            f"{vacuum.width_A:.1f} Å about {vacuum.centre_A:.1f} Å; Fermi level "
            f"{one.fermi_eV:.4f} eV; "
            + (f"work function {value:.4f} eV" if value is not None else one.result.reason)
        )
    tell(
        json,
        [*lines, *result_lines(results)],
        findings=[finding for one in found for finding in one.findings],
        snapshots=[
            {
                "file": file,
                "fermi_eV": one.fermi_eV,
                "vacuum": asdict(one.vacuum),
                "work_function": one.result,
            }
            for file, one in zip(files, found, strict=True)
        ],
        results=results,
    )


@app.command()
def potential(
    work_functions_eV: Annotated[
        list[float], typer.Argument(help="Work function of each snapshot, in eV, in their order.")
    ],
    ph: PH = 7.0,
    convention: Convention = "trasatti",
    temperature: Temperature = "25 degC",
    json: Json = False,
) -> None:
    """Potential vs RHE from the work functions of the snapshots of one run."""
    results = _potential(work_functions_eV, ph, convention, kelvin(temperature))
    tell(json, result_lines(results), results=results)


@app.command("charge-series")
def charge_series(
    points: Annotated[
        list[str], typer.Argument(help="ions=potential in V, as in 1=0.33 2=-0.84 3=-1.10")
    ],
    at_V: Annotated[
        float | None, typer.Option("--at", help="How many ions make this potential?")
    ] = None,
    json: Json = False,
) -> None:
    """Potential against the number of alkali atoms in the water layer."""
    from faradaic.computational.interface import electrode_potential as rules

    pairs = [point.split("=", 1) for point in points]
    try:
        series = [(float(ions), float(value)) for ions, value in pairs]
    except ValueError:
        raise refusal(
            "E859", "a point is not ions=potential", "write 1=0.33 2=-0.84 3=-1.10"
        ) from None
    found = rules.charge_series([n for n, _ in series], [u for _, u in series])
    ions = None if at_V is None else found.ions_for(at_V)
    results = [found.slope_V, found.capacitance_F]
    lines = [
        *result_lines(results),
        f"{'off the line by':<21} {found.largest_residual_V:.2f} V at most",
    ]
    if ions is not None:
        lines.append(f"{f'{at_V:g} V':<21} {ions:.2f} ions (between neighbours)")
    tell(
        json,
        lines,
        findings=found.findings,
        results=results,
        largest_residual_V=found.largest_residual_V,
        ions=ions,
    )


@app.command("constant-potential")
def constant_potential(
    initial: Annotated[
        tuple[float, float, float],
        typer.Option(help="Energy (eV), charge of the electrode (e), work function (eV)."),
    ],
    final: Annotated[
        tuple[float, float, float], typer.Option(help="The same of the transition or final state.")
    ],
    at_V: Annotated[float, typer.Option("--at", help="Wanted potential in V vs RHE.")],
    ph: PH = 7.0,
    convention: Convention = "trasatti",
    temperature: Temperature = "25 degC",
    json: Json = False,
) -> None:
    """Bring an energy difference of a constant-charge cell to one potential."""
    from faradaic.chemistry.potential_scales import absolute_potential, rhe_zero_V
    from faradaic.computational.interface.energies_at_potential import (
        ChargedState,
        at_constant_potential_eV,
    )

    wanted_eV = at_V + absolute_potential(convention).potential_V
    wanted_eV += rhe_zero_V(ph, kelvin(temperature))
    first, last = ChargedState(*initial), ChargedState(*final)
    energy_eV = at_constant_potential_eV(first, last, wanted_eV)
    as_computed = last.energy_eV - first.energy_eV
    lines = (
        f"{'as computed':<21} {as_computed:.3f} eV at constant charge",
        f"{'at one potential':<21} {energy_eV:.3f} eV at {at_V:+.2f} V vs RHE",
        f"{'work function':<21} {wanted_eV:.3f} eV at this potential",
    )
    tell(json, lines, energy_eV=energy_eV, as_computed_eV=as_computed, work_function_eV=wanted_eV)


@app.command("hydrogen-electrode")
def hydrogen_electrode(
    steps: Annotated[
        list[str],
        typer.Argument(
            help="Steps of a reduction, name=ΔG at 0 V vs RHE in eV: *COOH=0.52 *CO=-0.1. "
            "A step that consumes another number of pairs H+ + e- says it: *CO2=0.2:0. "
            "A species that only leaves the surface or comes to it (*CO, then CO) consumes none."
        ),
    ],
    at_V: Annotated[float, typer.Option("--at", help="Potential in V vs RHE.")] = 0.0,
    electrons: Annotated[
        float, typer.Option(help="Pairs H+ + e- of each step that does not say its own.")
    ] = 1.0,
    json: Json = False,
) -> None:
    """Computational hydrogen electrode: steps at a potential, and the limiting potential."""
    from faradaic.computational.interface import energies_at_potential as rules

    found = rules.reduction_steps(steps, electrons)
    limiting_V = rules.limiting_potential_V(
        [(step.energy_at_0V_eV, step.electrons) for step in found if step.electrons]
    )
    rows = [
        (step, rules.hydrogen_electrode_eV(step.energy_at_0V_eV, step.electrons, at_V))
        for step in found
    ]
    listed = [
        {"step": step.name, "electrons": step.electrons, "at_0V_eV": step.energy_at_0V_eV,
         "energy_eV": energy}
        for step, energy in rows
    ]  # fmt: skip
    stuck = [step for step in found if not step.electrons and step.energy_at_0V_eV > 0]
    lines = (
        f"{'step':<21} {'H+ + e-':>7} {'0 V':>9} {f'{at_V:+.2f} V vs RHE':>16}",
        *(
            f"{step.name:<21} {step.electrons:>7g} {step.energy_at_0V_eV:>+6.3f} eV "
            f"{energy:>+13.3f} eV"
            for step, energy in rows
        ),
        f"{'limiting potential':<21} {limiting_V:+.3f} V vs RHE: below it every step that "
        "consumes electrons is downhill",
        *(
            f"{step.name} stays uphill by {step.energy_at_0V_eV:.3f} eV: no potential helps a step "
            "without electrons"
            for step in stuck
        ),
    )
    tell(
        json, lines, U_RHE_V=at_V, limiting_potential_V=limiting_V, steps=listed,
        uphill_at_any_potential=[step.name for step in stuck],
    )  # fmt: skip


@app.command("free-energy")
def free_energy(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Windows or pulls: .npz, REPORT, or folders of VASP, CP2K, PLUMED."),
    ],
    discard_fs: Annotated[
        float, typer.Option("--discard-fs", help="Equilibration left out of each window, fs.")
    ] = 0.0,
    time_step_fs: Annotated[
        float | None, typer.Option("--time-step-fs", help="Where no INCAR tells.")
    ] = None,
    temperature: Annotated[
        str | None, typer.Option(help='Where the files do not tell, as "300 K".')
    ] = None,
    constraint: Annotated[
        int, typer.Option(help="Which constraint, from 0, where a run has several.")
    ] = 0,
    out: OutOption = None,
    json: Json = False,
) -> None:
    """Free energy, barrier and reaction energy with errors, from runs at a constraint."""
    from faradaic.computational.interface.free_energy import analyse, write
    from faradaic.computational.interface.readers.windows import read_windows

    temperature_K = None if temperature is None else kelvin(temperature)
    windows = [
        window
        for path in paths
        for window in read_windows(
            path, time_step_fs=time_step_fs, temperature_K=temperature_K, constraint=constraint
        )
    ]
    found = analyse(windows, discard_fs)
    written = [] if out is None else write(found, out)
    tell(
        json, free_energy_lines(found), written=written, findings=found.findings, **found.as_dict()
    )


@app.command()
def scheme(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV of steps; default: the published barriers of Ag25 and Au25."),
    ] = None,
    wanted: Annotated[str, typer.Option(help="The process that is wanted.")] = "CO2RR",
    competing: Annotated[str, typer.Option(help="The process it competes with.")] = "HER",
    temperature: Temperature = "300 K",
    waiting: Annotated[
        str, typer.Option(help="A ligand counts as leaving within this time.")
    ] = "1 s",
    out: OutOption = None,
    json: Json = False,
) -> None:
    """Rate-determining step, selectivity and ligand leaching from barriers."""
    from faradaic.computational.interface.scheme import PUBLISHED, read_steps
    from faradaic.computational.interface.systems_side_by_side import compare_systems, write_figures
    from faradaic.quantities import Dimension

    steps = read_steps(PUBLISHED if file is None else file)
    found = compare_systems(
        steps,
        wanted=wanted,
        competing=competing,
        temperature_K=kelvin(temperature),
        waiting_s=quantity(waiting, Dimension.TIME),
    )
    written = [] if out is None else write_figures(steps, out)
    tell(json, found.lines(), written=written, findings=found.findings, **found.as_dict())


def _fermi_level_eV(
    file: Path, fermi_eV: float | None, fermi_from: Path | None, files: int
) -> float:
    from faradaic.computational.interface.readers.fermi_level import read_fermi_level_eV

    given = fermi_eV is not None or fermi_from is not None
    if files > 1 and given:
        raise refusal(
            "E857",
            f"one Fermi level is given for {files} snapshots",
            "each has its own: put the OUTCAR of each beside its LOCPOT",
        )
    if fermi_eV is not None:
        return fermi_eV
    beside = file.parent / "OUTCAR"
    if fermi_from is None and not beside.is_file():
        raise refusal(
            "E857",
            f"the Fermi level of {file} is not known: there is no OUTCAR beside it",
            "give --fermi-from OUTCAR (or the output of CP2K), or --fermi-ev",
        )
    return read_fermi_level_eV(beside if fermi_from is None else fermi_from)


def _potential(
    work_functions_eV: list[float], ph: float, convention: str, temperature_K: float
) -> list[Result]:
    from faradaic.computational.interface.electrode_potential import (
        average_work_function,
        rhe_potential,
    )

    mean = average_work_function(work_functions_eV)
    if mean.value is None:
        return [mean]
    potential = rhe_potential(
        mean.value, pH=ph, convention=convention, temperature_K=temperature_K, error_eV=mean.random
    )
    return [mean, potential]
