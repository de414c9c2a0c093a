"""analyze: the numbers of an electrolysis, or everything that a study file asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.options import (
    DOCUMENT_SUFFIXES,
    PRODUCT_HELP,
    AssumeOption,
    CycleOption,
    MapOption,
    MolarMassOption,
    SheetOption,
    moles,
    statements,
)
from faradaic.cli.output import Json, print_diagnostics, tell
from faradaic.cli.record_commands import find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

if TYPE_CHECKING:
    from faradaic.studies.outcome import StudyOutcome
    from faradaic.studies.run.electrolysis import Electrolysis

app = typer.Typer()


@app.command()
def analyze(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY|RUN|FILE...",
            help="A study file (.yaml); a run's name, its beginning, `latest`, or a path; or a data"
            " file of any instrument: a spectrum, a sweep (several files: at several rotation"
            " rates), a voltammogram (several: at several scan rates), a step, open circuit, else"
            " time and current.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of a study's results, by default STUDY-results beside it."),
    ] = None,
    assume: AssumeOption = None,
    template: Annotated[
        str | None,
        typer.Option(
            help="Write a study file to fill in, into the folder STUDY: co2, impedance,"
            " open_circuit, preparative, rotation, scan_rates, steps, sweep or voltammogram."
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="What a data file is to be analysed as, where its numbers leave it open:"
            " impedance, open_circuit, preparative, rotation, scan_rates, steps, sweep or"
            " voltammogram."
        ),
    ] = None,
    product: Annotated[
        list[str] | None, typer.Option(metavar="[ID=]AMOUNT", help=PRODUCT_HELP)
    ] = None,
    substrate_left: Annotated[
        str | None, typer.Option(help='The same: limiting substrate left, "0.02 mmol".')
    ] = None,
    molar_mass: MolarMassOption = None,
    limiting: Annotated[
        str | None, typer.Option(help='The same: limiting substrate at the start, "0.2 mmol".')
    ] = None,
    electrons: Annotated[
        float | None,
        typer.Option(help="The same: electrons per product molecule, if the plan has none."),
    ] = None,
    vs: Annotated[
        list[str] | None,
        typer.Option(help="The same: a further scale for the mean potential, `RHE`."),
    ] = None,
    column_map: MapOption = None,
    sheet: SheetOption = None,
    cycle: CycleOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Analyse a study (figures, numbers, workbook, report) or compute the numbers of one run."""
    target = targets[0]
    if len(targets) > 1:
        paths = [find(one, runs) for one in targets]
        _techniques(paths, kind, out, assume or [], column_map, sheet, cycle, json)
    elif template is not None:
        _template(template, Path(target), json)
    elif Path(target).suffix.lower() in DOCUMENT_SUFFIXES:
        statements(Path(target), None, column_map, sheet, cycle)
        _study(Path(target), out, assume or [], json)
    else:
        path = find(target, runs)
        electrolysis = (product, substrate_left, limiting, electrons, vs, molar_mass)
        if not any(electrolysis) and _techniques(
            [path], kind, out, assume or [], column_map, sheet, cycle, json
        ):
            return
        from faradaic.studies.run.electrolysis import load_electrolysis
        from faradaic.studies.run.recorded_yields import typed_amounts

        one = load_electrolysis(path, statements(path, assume, column_map, sheet, cycle))
        left_mol, limiting_mol = moles(substrate_left, limiting)
        told = {
            "substrate_left_mol": left_mol,
            "limiting_mol": limiting_mol,
            "electrons": electrons,
            "scales": vs or [],
            **typed_amounts(one, product or [], molar_mass, limiting_mol),
        }
        _electrolysis(one, told, json)


def _techniques(
    paths: Sequence[Path],
    wanted: str | None,
    out: Path | None,
    assume: Sequence[str],
    column_map: list[str] | None,
    sheet: str | None,
    cycle: int | None,
    json: bool,
) -> bool:
    """Analyse data files as what their numbers show; whether one alone shows a technique.

    Raises `InputError` (E786) for several that do not belong together.
    """
    from faradaic.diagnostics import refusal
    from faradaic.records.run import is_run

    if len(paths) == 1 and (paths[0].is_dir() or is_run(paths[0])):
        return False
    from faradaic.studies.file_study import (
        OF_SEVERAL,
        analyze_files,
        asked_kind,
        split_conditions,
        technique_of,
    )

    of_file, of_study = split_conditions(assume)
    files = {path: statements(path, of_file, column_map, sheet, cycle).read(path) for path in paths}
    if wanted is not None:
        kind = asked_kind(wanted, len(paths))
    else:
        kinds = {path: technique_of(dataset) for path, dataset in files.items()}
        kind = kinds[paths[0]]
        if len(paths) > 1:
            if kind not in OF_SEVERAL or set(kinds.values()) != {kind}:
                shown = ", ".join(f"{path.name} ({of or 'none'})" for path, of in kinds.items())
                raise refusal(
                    "E786",
                    f"these files are no series of voltammograms or sweeps: {shown}",
                    "give them one by one, `--kind` what they are, or write a study: `faradaic"
                    " analyze STUDY --template co2`",
                )
            kind = OF_SEVERAL[kind]
    if kind is None:
        return False
    stem = paths[0].stem if len(paths) == 1 else f"{paths[0].stem}-and-{len(paths) - 1}-more"
    outcome = analyze_files(files, kind, of_study)
    _write(outcome, out or paths[0].with_name(f"{stem}-results"), json)
    return True


def _template(kind: str, folder: Path, json: bool) -> None:
    from faradaic.studies.templates import write_template

    path = write_template(kind, folder)
    tell(json, [f"{path}\nfill it in, then: faradaic analyze {path}"], study=path)


def _study(path: Path, out: Path | None, assume: list[str], json: bool) -> None:
    from faradaic.studies.analysis import analyze_study

    _write(analyze_study(path, assume), out or path.with_name(f"{path.stem}-results"), json)


def _write(outcome: StudyOutcome, folder: Path, json: bool) -> None:
    from faradaic.studies.writing import results, write_study

    written = write_study(outcome, folder)
    said = f"{len(written)} files in {folder}; open {folder / 'report.html'}"
    tell(json, (*_study_lines(outcome), said), folder=folder, **results(outcome))


def _study_lines(outcome: StudyOutcome) -> Iterator[str]:
    from faradaic.studies.result_wording import products_at_a_glance, shown

    mark = "SIMULATED  " if outcome.simulated else ""
    yield f"{mark}{outcome.title}"
    sample = ""
    for finding in outcome.findings:
        if finding.sample != sample:
            sample = finding.sample
            yield sample
        if finding.topic != "products":
            at = f" ({finding.at})" if finding.at else ""
            why = f" ({finding.result.reason})" if finding.result.value is None else ""
            yield f"  {finding.result.name}{at}  {shown(finding.result)}{why}"
    head, rows = products_at_a_glance(outcome, brief=True)
    if rows:
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for row in (head, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
    flags: dict[str, Any] = {}
    for finding, flag in outcome.flags():
        flags.setdefault(flag, finding)
    for flag, finding in flags.items():
        yield f"flag: {flag} ({finding.sample}, {finding.result.name})"
    for remark in outcome.remarks:
        yield f"note: {remark}"
    for one in outcome.assumptions:
        yield f"assumed: {one.field} = {one.value}"


def _electrolysis(one: Electrolysis, told: Mapping[str, Any], json: bool) -> None:
    from faradaic.chemistry.reference_electrodes import reference_electrode
    from faradaic.cli.record_view import result_lines, results_of
    from faradaic.datafiles.dataset import Dataset
    from faradaic.studies.run.electrolysis_results import analyze_electrolysis

    for scale in told["scales"]:
        reference_electrode(scale)
    results = analyze_electrolysis(one, **told)
    tell(json, result_lines(one, results), **results_of(one, results))
    if not json and isinstance(one.source, Dataset):
        print_diagnostics(one.source.warnings)
