"""constrained run, cp2k: molecular dynamics at a constrained coordinate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from faradaic.cli.free_energy_view import free_energy_lines
from faradaic.cli.options import PotentialOption, WorkersOption
from faradaic.cli.output import Json, say, tell

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
    workers: WorkersOption = None,
    potential: PotentialOption = None,
    json: Json = False,
) -> None:
    """Run a study, or go on with one that was stopped, and write its curve with errors."""
    import time

    from faradaic.computational.interface.constrained_results import (
        constrained_results,
        write_results,
    )
    from faradaic.computational.interface.constrained_run import run_constrained
    from faradaic.computational.interface.constrained_study import load_constrained_run
    from faradaic.workloads.executors import open_executor

    loaded = load_constrained_run(study, potential)
    folder = out if out is not None else study.with_suffix("")
    begin, before = time.monotonic(), -1

    def tell_of(name: str, done: int, of: int) -> None:
        nonlocal before
        before = done - 1 if before < 0 else before  # what an earlier run had done took no time
        spent_s = time.monotonic() - begin
        left_s = spent_s / (done - before) * (of - done)
        left = f", about {left_s:.0f} s left" if done < of else ""
        say(f"{name:<12} {done}/{of} done after {spent_s:.0f} s{left}", err=True)

    with open_executor(workers=workers) as executor:
        run_constrained(loaded, folder, executor=executor, progress=tell_of)
    results = constrained_results(folder, loaded.study.title)
    written = write_results(results, folder)
    lines = (
        f"{results.title}\n{results.method}\n",
        *free_energy_lines(results.found),
        f"largest drift of the constraint: {results.largest_drift_A:.1e} A",
    )
    tell(
        json,
        lines,
        written=written,
        findings=results.findings,
        folder=folder,
        **results.as_dict(),
    )


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
        say(f"running {control}", err=True)
        writer.run_cp2k(control)
    lines = [f"{'ran' if run else 'wrote'} " + ", ".join(map(str, written))]
    if pull is None:
        lines.append(f"after the pull: faradaic constrained cp2k {study} --out {out} "
                     f"--level {level} --pull {out / 'pull-pos-1.xyz'}")  # fmt: skip
    tell(json, lines, inputs=written, ran=run)
