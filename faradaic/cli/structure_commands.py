"""structure water, hydrogen-bonds, bonds, charges: what a trajectory or density looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.options import OutOption
from faradaic.cli.output import Json, tell
from faradaic.diagnostics import refusal

if TYPE_CHECKING:
    from faradaic.computational.interface.trajectory_frames import Frames

app = typer.Typer(
    help="Water, hydrogen bonds, bond lengths and charges at an interface.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Trajectory = Annotated[Path, typer.Argument(help="xyz, extxyz, XDATCAR or ASE traj.")]
CellOption = Annotated[
    str | None, typer.Option(help="Three lengths in angstrom, 20,20,30, where the file has none.")
]
SkipOption = Annotated[int, typer.Option(help="Frames of equilibration to leave out.")]
EveryOption = Annotated[int, typer.Option(help="Take every nth frame.")]
AroundOption = Annotated[
    str | None, typer.Option(help="Elements of the cluster, Ag or Ag,S; default: along the normal.")
]


def _frames(path: Path, cell: str | None, skip: int, every: int) -> Frames:
    from faradaic.computational.interface.trajectory_frames import read_frames

    try:
        lengths_A = None if cell is None else [float(part) for part in cell.split(",")]
    except ValueError:
        raise refusal("E880", f"{cell!r} is no cell", "write three lengths like 20,20,30") from None
    return read_frames(path, cell_A=lengths_A, skip=skip, every=every)


@app.command()
def water(
    trajectory: Trajectory,
    around: AroundOption = None,
    bin_width: Annotated[float, typer.Option(help="In angstrom.")] = 0.5,
    cell: CellOption = None,
    skip: SkipOption = 0,
    every: EveryOption = 1,
    json: Json = False,
) -> None:
    """Density of water along the normal, or against the distance to a cluster."""
    from faradaic.computational.interface.hydrogen_bonds import find_water
    from faradaic.computational.interface.water_density import density_along_normal, density_around

    frames = _frames(trajectory, cell, skip, every)
    molecules = find_water(frames)
    if around is None:
        profile = density_along_normal(frames, molecules, bin_A=bin_width)
    else:
        profile = density_around(frames, molecules, tuple(around.split(",")), bin_A=bin_width)
    bins = [
        {"centre_A": centre, "density_kg_m3": density, "error_kg_m3": error, "molecules": count}
        for centre, density, error, count in zip(
            profile.centres_A.tolist(), profile.density_kg_m3.tolist(),
            profile.error_kg_m3.tolist(), profile.molecules.tolist(), strict=True,
        )
    ]  # fmt: skip
    row = "{centre_A:8.3f} {density_kg_m3:10.1f} ± {error_kg_m3:7.1f} {molecules:10.3f}"
    lines = (
        f"{len(molecules.oxygen)} water molecules, {len(frames)} frames",
        f"{profile.coordinate}\n{'A':>8} {'kg/m3':>20} {'molecules':>10}",
        *(row.format(**one) for one in bins),
    )
    tell(
        json,
        lines,
        findings=molecules.findings,
        coordinate=profile.coordinate,
        frames=len(frames),
        bins=bins,
    )


@app.command(name="hydrogen-bonds")
def hydrogen_bonds_(
    trajectory: Trajectory,
    layers: Annotated[
        str | None, typer.Option(help="Edges of layers in angstrom: 0,3,6,12.")
    ] = None,
    around: AroundOption = None,
    cell: CellOption = None,
    skip: SkipOption = 0,
    every: EveryOption = 1,
    json: Json = False,
) -> None:
    """Hydrogen bonds between water molecules (Luzar and Chandler), also by layer."""
    import numpy as np

    from faradaic.computational.interface.hydrogen_bonds import (
        CRITERION,
        find_water,
        hydrogen_bonds,
    )
    from faradaic.computational.interface.water_density import distance_to_nearest_A, heights_A

    frames = _frames(trajectory, cell, skip, every)
    molecules = find_water(frames)
    bonds = hydrogen_bonds(frames, molecules)
    mean, error = bonds.per_molecule
    found: list[dict[str, float]] = []
    if layers is not None:
        try:
            edges = np.array([float(part) for part in layers.split(",")])
        except ValueError:
            edges = np.array([])
        if len(edges) < 2 or np.any(np.diff(edges) <= 0):
            raise refusal("E880", f"{layers!r} are no layers", "write rising edges like 0,3,6,12")
        position_A = (
            heights_A(frames, molecules.oxygen)
            if around is None
            else distance_to_nearest_A(frames, molecules.oxygen, tuple(around.split(",")))
        )
        names = ("from_A", "to_A", "per_molecule", "error", "molecules")
        table = zip(edges, edges[1:], *bonds.per_layer(position_A, edges), strict=False)
        found = [dict(zip(names, map(float, row), strict=True)) for row in table]
    row = "{from_A:8.2f} to {to_A:6.2f} A: {per_molecule:.3f} ± {error:.3f}"
    lines = (
        CRITERION,
        f"{len(molecules.oxygen)} water molecules, {len(frames)} frames",
        f"per molecule, donated and accepted: {mean:.3f} ± {error:.3f}",
        *(f"{row.format(**one)} ({one['molecules']:.2f} molecules)" for one in found),
    )
    tell(
        json,
        lines,
        findings=molecules.findings,
        criterion=CRITERION,
        frames=len(frames),
        per_molecule=mean,
        error=error,
        layers=found,
    )


@app.command()
def bonds(
    trajectory: Trajectory,
    names: Annotated[list[str], typer.Argument(help="Bonds like Ag12-S31, atoms counted from 1.")],
    broken: Annotated[
        float | None, typer.Option(help="Say from when on a bond stays longer than this (A).")
    ] = None,
    out: OutOption = None,
    frame_fs: Annotated[
        float | None,
        typer.Option("--frame-fs", help="Time between frames of the file in fs, for the figure."),
    ] = None,
    cell: CellOption = None,
    skip: SkipOption = 0,
    every: EveryOption = 1,
    json: Json = False,
) -> None:
    """Mean, error and spread of bond lengths during a run."""
    from faradaic.computational.interface.bonds import bond_lengths
    from faradaic.computational.interface.free_energy_figures import write_bonds

    if frame_fs is not None and not frame_fs > 0:
        raise refusal("E884", f"frames {frame_fs:g} fs apart", "give the time in fs, above 0")
    found = bond_lengths(_frames(trajectory, cell, skip, every), names)
    beyond = [None if broken is None else bond.first_beyond(broken) for bond in found]
    apart_fs = None if frame_fs is None else frame_fs * every
    written = [] if out is None else write_bonds(found, out, apart_fs, broken)
    lines = [f"{'bond':<14} {'mean / A':>17} {'spread':>8} {'shortest':>9} {'longest':>8}"]
    content = []
    for bond, frame in zip(found, beyond, strict=True):
        lines.append(
            f"{bond.name:<14} {bond.mean_A:8.4f} ± {bond.error_A:6.4f} {bond.spread_A:8.4f} "
            f"{bond.length_A.min():9.4f} {bond.length_A.max():8.4f}"
            + ("" if frame is None else f"  beyond {broken:g} A from frame {frame + 1} on")
        )
        content.append(
            {
                "name": bond.name,
                "mean_A": bond.mean_A,
                "error_A": bond.error_A,
                "spread_A": bond.spread_A,
                "broken_from_frame": frame,
                "length_A": bond.length_A.tolist(),
            }
        )
    tell(json, lines, written=written, bonds=content)


@app.command()
def charges(
    file: Annotated[Path, typer.Argument(help="ACF.dat, or a charge density (CHGCAR).")],
    structure: Annotated[
        Path | None, typer.Option(help="POSCAR or another structure, for the elements.")
    ] = None,
    valence: Annotated[
        str, typer.Option(help="Electrons of the pseudopotentials: Ag=11,S=6,C=4,H=1.")
    ] = "",
    json: Json = False,
) -> None:
    """Bader charges, and which program divided the density."""
    from faradaic.computational.interface.charges import compute_bader, read_acf

    found = read_acf(file) if file.name.startswith("ACF") else compute_bader(file)
    symbols: list[str] = []
    net: list[float] = []
    if structure is not None:
        from faradaic.computational.interface.trajectory_frames import read_frames

        symbols = list(read_frames(structure).symbols)
        try:
            electrons = {
                element: float(number)
                for element, number in (part.split("=") for part in valence.split(",") if part)
            }
        except ValueError:
            raise refusal("E887", f"{valence!r} are no valences", "write Ag=11,S=6") from None
        net = found.net_charges(symbols, electrons).tolist()
    lines = [f"divided by {found.program}", f"{'atom':>6} {'electrons':>10} {'net / e':>9}"]
    for number, count in enumerate(found.electrons.tolist()):
        name = f"{symbols[number] if symbols else ''}{number + 1}"
        lines.append(f"{name:>6} {count:10.4f}" + (f" {net[number]:+9.4f}" if net else ""))
    tell(
        json,
        lines,
        findings=found.findings,
        program=found.program,
        electrons=found.electrons.tolist(),
        volume_A3=found.volume_A3.tolist(),
        vacuum_electrons=found.vacuum_electrons,
        elements=symbols,
        net_charge_e=net,
    )
