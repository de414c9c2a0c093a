"""calibrate: the few unknowns of a simulated cell from a run."""

from __future__ import annotations

import json as _json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.output import Json, tell, write_new
from faradaic.cli.record_commands import RunArgument, find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description.calibrated_cell import CellCalibration

app = typer.Typer()


@app.command()
def calibrate(
    run: RunArgument,
    runs: RunsOption = DEFAULT_RUNS,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write; `calibration-RUN.yaml` here if not given."),
    ] = None,
    json: Json = False,
) -> None:
    """Fit the unknowns of the simulated cell to a run: resistance, overpotentials, transport, film.

    The next rehearsal takes them where it is told to: `faradaic run P --calibration FILE`.
    """
    from faradaic.chemistry.cell_description.calibrated_cell import (
        UNKNOWNS,
        CellCalibration,
        calibrating_run,
    )
    from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
    from faradaic.diagnostics import refusal
    from faradaic.protocols.plan import Plan
    from faradaic.records.run import load_run
    from faradaic.simulators.cell_fit import course_of, fit_cell

    told = load_run(find(run, runs))
    if told.plan is None:
        raise refusal("E573", f"{told.name} has no plan, so its cell is not known", "give a run")
    cell = Plan.model_validate(told.plan).cell
    if not isinstance(cell, PreparativeDescription):
        raise refusal(
            "E573",
            "the cell of this run is no preparative one",
            "calibrate with a run of a cell with a limiting component",
        )
    if calibrating_run(cell):
        raise refusal(
            "E573",
            f"the cell of {told.name} is calibrated already",
            "calibrate with a run of the protocol without `--calibration`",
        )
    series = told.time_series()
    if not len(series.cell_voltage_V):
        raise refusal("E573", f"{told.name} holds no cell voltages", "give a run that does")
    fit = fit_cell(cell, course_of(series.time_s, series.current_A, series.cell_voltage_V))
    found = CellCalibration(
        faradaic_calibration=1,
        run=told.name,
        journal_sha256=told.journal_sha256,
        title=told.title,
        residual_V=fit.residual_V,
        parameters=fit.parameters,
    )
    path = out or Path(f"calibration-{told.name}.yaml")
    write_new(path, _text(found).encode())
    lines = [
        f"{UNKNOWNS[name].words} {one.value:.3g} ± {one.uncertainty:.2g}"
        for name, one in fit.parameters.items()
    ]
    lines.append(f"{1e3 * fit.residual_V:.0f} mV are left between the run and the fitted cell")
    lines.append(f"wrote {path}; next: faradaic run PROTOCOL --calibration {path}")
    tell(json, lines, file=path, calibration=found.model_dump(mode="json"))


def _text(found: CellCalibration) -> str:
    """As a document."""
    lines = [
        "# Fitted by `faradaic calibrate`; used where it is named: `faradaic run P --calibration"
        " FILE`.",
        "faradaic_calibration: 1",
        f"run: {_json.dumps(found.run)}",
        f"journal_sha256: {_json.dumps(found.journal_sha256)}",
        f"title: {_json.dumps(found.title, ensure_ascii=False)}",
        f"residual_V: {found.residual_V:.6g}",
        "parameters: # resistance and transport are factors",
    ]
    for name, one in found.parameters.items():
        lines.append(f"  {name}: {{value: {one.value:.6g}, uncertainty: {one.uncertainty:.3g}}}")
    return "\n".join(lines) + "\n"
