"""constrained run, cp2k: molecular dynamics at a constrained coordinate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.output import Json, print_briefly, told

if TYPE_CHECKING:
    from faradaic.computational.interface.constrained_results import ConstrainedResults
    from faradaic.results import Result

app = typer.Typer(
    help="Free energies from molecular dynamics at a constrained coordinate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StudyArgument = Annotated[
    Path, typer.Argument(help="A study in YAML (`faradaic_constrained_run: 1`).")
]


@app.command()
def run(
    study: StudyArgument,
    out: Annotated[
        Path | None, typer.Option(help="Folder; default: beside the study, named like it.")
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Windows at a time, one core each; default: all cores.")
    ] = os.cpu_count() or 1,
    json: Json = False,
) -> None:
    """Run a study, or go on with one that was stopped, and write its curve with errors."""
    import time

    from faradaic.computational.interface.constrained_results import (
        as_dict,
        constrained_results,
        write_results,
    )
    from faradaic.computational.interface.constrained_run import run_constrained
    from faradaic.computational.interface.constrained_study import load_constrained_run

    loaded = load_constrained_run(study)
    folder = out if out is not None else study.with_suffix("")
    begin, before = time.monotonic(), -1

    def tell(name: str, done: int, of: int) -> None:
        nonlocal before
        before = done - 1 if before < 0 else before  # what an earlier run had done took no time
        spent_s = time.monotonic() - begin
        left_s = spent_s / (done - before) * (of - done)
        left = f", about {left_s:.0f} s left" if done < of else ""
        typer.echo(f"{name:<12} {done}/{of} done after {spent_s:.0f} s{left}", err=True)

    run_constrained(loaded, folder, workers=workers, progress=tell)
    results = constrained_results(folder, loaded.study.title)
    write_results(results, folder)
    if told(json, folder=folder, **as_dict(results)):
        return
    _print(results)
    typer.echo(f"\nwritten to {folder}: curve.png, curve.svg, curve.csv, results.json")
    print_briefly(results.findings)


@app.command()
def cp2k(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="Folder for the inputs.")],
    level: Annotated[str, typer.Option(help="xtb or pbe-d3.")] = "pbe-d3",
    pull: Annotated[
        Path | None,
        typer.Option(help="Trajectory of the finished pull: write the inputs of the windows."),
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Run them here, one after the other.")] = False,
    json: Json = False,
) -> None:
    """Write the CP2K inputs of a study: the pull first, then its windows."""
    from faradaic.computational.interface import cp2k as writer
    from faradaic.computational.interface.constrained_study import load_constrained_run
    from faradaic.diagnostics import refusal

    if level not in ("xtb", "pbe-d3"):
        raise refusal("E877", f"there is no level {level!r}", "write xtb or pbe-d3")
    loaded = load_constrained_run(study)
    chosen: writer.Level = "xtb" if level == "xtb" else "pbe-d3"
    if pull is None:
        written = [writer.write_pull(loaded, out, chosen)]
    else:
        written = writer.write_windows(loaded, out, chosen, pull)
    for control in written if run else ():
        typer.echo(f"running {control}", err=True)
        writer.run_cp2k(control)
    if told(json, inputs=written, ran=run):
        return
    typer.echo(f"{'ran' if run else 'wrote'} " + ", ".join(map(str, written)))
    trajectory = out / "pull-pos-1.xyz"
    if pull is None:
        typer.echo(f"after the pull: faradaic constrained cp2k {study} --out {out} "
                   f"--level {level} --pull {trajectory}")  # fmt: skip


def _print(results: ConstrainedResults) -> None:
    profile = results.profile
    typer.echo(f"{results.title}\n{results.method}\n")
    typer.echo(f"{'xi / A':>8} {'dF/dxi / eV/A':>18} {'F / eV':>18}")
    for row in zip(
        profile.xi_A, profile.gradient_eV_A, profile.gradient_error_eV_A,
        profile.free_energy_eV, profile.error_eV, strict=True,
    ):  # fmt: skip
        xi, gradient, its_error, energy, error = row
        typer.echo(f"{xi:8.3f} {gradient:9.3f} ± {its_error:6.3f} {energy:9.3f} ± {error:6.3f}")
    typer.echo("")
    for result in (results.barrier.barrier, results.barrier.reaction_energy):
        typer.echo(_sentence(result))
    hysteresis_eV = results.growth.hysteresis_eV
    if hysteresis_eV is not None:
        typer.echo(f"hysteresis of the pulls: {hysteresis_eV:.3f} eV")
    typer.echo(f"largest drift of the constraint: {results.largest_drift_A:.1e} A")


def _sentence(result: Result) -> str:
    if result.value is None:
        return f"{result.name}: not given, {result.reason}"
    text = f"{result.name}: {result.value:.3f}"
    if result.random is not None:
        text += f" ± {result.random:.3f} (random)"
    if result.systematic is not None:
        text += f" ± {result.systematic:.3f} (integration)"
    return " ".join([f"{text} {result.unit}, {result.basis}", *(f"[{f}]" for f in result.flags)])


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="constrained")
