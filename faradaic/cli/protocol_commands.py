"""check, plan, port, schema, new: commands that read or write protocols and touch no instrument."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.output import Json, console, print_findings, print_json, say, tell, write_new

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description.calibrated_cell import CellCalibration
    from faradaic.protocols.load import LoadedProtocol
    from faradaic.protocols.plan import Plan
    from faradaic.protocols.plates.load_plate import LoadedPlate
    from faradaic.runner.bench_file import Bench

app = typer.Typer()


ProtocolArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROTOCOL", help="A YAML file, or library:NAME for one that ships with faradaic."
    ),
]
BenchOption = Annotated[
    str, typer.Option("--bench", help="A bench by name, or the path of a bench file.")
]


def read(source: str) -> LoadedProtocol | LoadedPlate:
    """A protocol or a plate, read once. Raises `InputError`."""
    from faradaic.protocols.plates.protocol_or_plate import read_protocol_or_plate

    return read_protocol_or_plate(source)


CalibrationOption = Annotated[
    Path | None,
    typer.Option(help="What `faradaic calibrate RUN` wrote: the simulated cell takes its numbers."),
]


def compiled(
    loaded: LoadedProtocol,
    bench_name: str,
    *,
    forecast: bool = False,
    calibration: Path | None = None,
) -> tuple[Plan, Bench, str]:
    """The plan of a protocol for a bench, the bench, and the text of the protocol, read once.

    With `forecast` the simulated cell says what the tables leave open, where they do or where its
    numbers are those of a run (`calibration`). Raises `InputError` with everything that is wrong.
    """
    from faradaic.protocols.compile import compile_protocol
    from faradaic.runner.bench_file import load_bench

    bench = load_bench(bench_name)
    plan = compile_protocol(loaded, bench)
    if calibration is not None:
        plan = _with_calibration(plan, calibration)
    if forecast:
        from faradaic.runner.forecast import needs_forecast, with_forecast

        if needs_forecast(plan) or calibration is not None:
            from faradaic.simulators.ideal_bench import IdealBench

            plan = with_forecast(plan, IdealBench)
    return plan, bench, loaded.document.text


def _with_calibration(plan: Plan, path: Path) -> Plan:
    """A plan whose simulated cell has the numbers of a run. Raises `InputError` (E574)."""
    from faradaic.chemistry.cell_description.calibrated_cell import calibrated
    from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
    from faradaic.diagnostics import refusal

    if not isinstance(plan.cell, PreparativeDescription):
        raise refusal(
            "E574",
            "the simulated cell of this protocol is no preparative one",
            "leave `--calibration` out",
        )
    found = _calibration(path)
    say(f"calibrated by run {found.run} ({path})", err=True)
    return plan.model_copy(update={"cell": calibrated(plan.cell, found)})


def _calibration(path: Path) -> CellCalibration:
    """A calibration file. Raises `InputError` (E574)."""
    from faradaic.chemistry.cell_description.calibrated_cell import CellCalibration
    from faradaic.chemistry.cell_description.description_model import checked
    from faradaic.diagnostics import refusal
    from faradaic.documents.document import load_document

    data = load_document(path).data
    if data.get("faradaic_calibration") != 1:
        raise refusal(
            "E574",
            f"{path} is no calibration of a cell",
            "give a file that `faradaic calibrate RUN` wrote",
        )
    return checked(CellCalibration, data, ["calibration"])


def refuse_for_a_plate(calibration: Path | None) -> None:
    """Raise `InputError` (E574) where a calibration is named beside a plate."""
    from faradaic.diagnostics import refusal

    if calibration is not None:
        raise refusal(
            "E574",
            "a calibration is of one cell, and this is a plate",
            "leave `--calibration` out, or name the protocol of one well",
        )


@app.command()
def check(protocol: ProtocolArgument, bench: BenchOption = "simulated", json: Json = False) -> None:
    """Say what is wrong with a protocol, and what is worth knowing before running it."""
    from faradaic.protocols.load import LoadedProtocol

    loaded = read(protocol)
    if not isinstance(loaded, LoadedProtocol):
        from faradaic.cli.plate_commands import check_plate

        check_plate(protocol, loaded, bench, json=json)
        return
    plan, *_ = compiled(loaded, bench)
    findings = plan.diagnostics
    if not json:
        print_findings(findings)
    counts = {
        level: sum(1 for f in findings if f.severity == level and not f.waived)
        for level in ("warning", "info")
    }
    line = (
        f"{protocol}: no errors, {counts['warning']} warnings, {counts['info']} notes "
        f"(bench: {plan.bench})"
    )
    tell(json, [line], title=plan.title, diagnostics=list(plan.findings))


@app.command()
def plan(
    protocol: ProtocolArgument,
    bench: BenchOption = "simulated",
    calibration: CalibrationOption = None,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="FORM",
            help="Write it as a file of another program: ec-lab, methodscript, unicycler, tomato.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to, with --export; a new file.")] = None,
    json: Json = False,
) -> None:
    """Show what would happen: steps, charge, currents, voltages, and when it would end.

    With --export nothing is shown but the files and what of the plan is not in them.
    """
    from faradaic.cli.plan_view import print_plan
    from faradaic.protocols.load import LoadedProtocol

    if export is not None:
        _write_plan(protocol, bench, export, out, json=json)
        return
    loaded = read(protocol)
    if not isinstance(loaded, LoadedProtocol):
        from faradaic.cli.plate_commands import show_plate_plan

        refuse_for_a_plate(calibration)
        show_plate_plan(loaded, bench, json=json)
        return
    made, loaded_bench, _ = compiled(loaded, bench, forecast=True, calibration=calibration)
    if json:
        print_json(made.model_dump(mode="json"))
        return
    print_plan(made, loaded_bench, console())
    print_findings(made.diagnostics)


def _write_plan(protocol: str, bench: str, form: str, out: Path | None, *, json: bool) -> None:
    """The plan as files of another program, and what is not in them."""
    from faradaic.protocols.load import load_protocol
    from faradaic.runner.plan_files.written_plan import write_plan

    made, loaded_bench, _ = compiled(load_protocol(protocol), bench)
    written = write_plan(made, loaded_bench, form, out)
    lines = [f"not in it: {one}" for one in written.lost]
    lines.append("look at it in that program before it runs anything: it was not tried there")
    tell(json, lines, written=list(written.files), format=form, not_in_it=list(written.lost))


@app.command()
def port(
    protocol: ProtocolArgument,
    to: Annotated[
        list[str],
        typer.Option("--to", help="The other bench; once for each, or `all` that there are."),
    ],
    bench: Annotated[
        str, typer.Option("--from", "--bench", help="The bench that it comes from.")
    ] = "simulated",
    json: Json = False,
) -> None:
    """Say what changes when a protocol goes to another bench, and what is refused there."""
    from faradaic.cli.port_view import as_data, print_all, print_port
    from faradaic.protocols.load import load_protocol
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.portability import all_benches, on_bench
    from faradaic.runner.portability import port as ported

    loaded = load_protocol(protocol)
    here = on_bench(loaded, load_bench(bench))
    every = "all" in to
    benches = all_benches() if every else tuple(load_bench(name) for name in to)
    found = [ported(loaded, here, there) for there in benches if not every or there.name != bench]
    if json:
        print_json({"ok": True, **as_data(here, found)})
    elif every:
        print_all(here, found)
    else:
        for one in found:
            print_port(here, one, console())


@app.command()
def schema(json: Json = False) -> None:
    """Print the JSON Schema (draft 7) of protocols, for an editor."""
    from faradaic.protocols.json_schema import protocol_json_schema

    print_json(protocol_json_schema())


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The YAML file to write; must not exist.")],
    bench: Annotated[
        str | None, typer.Option("--bench", help="The bench that is offered for it.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask a chemist's questions and write a protocol that runs on the bench that was named."""
    from faradaic.cli.wizard_view import ask_questions
    from faradaic.diagnostics import refusal
    from faradaic.runner.bench_file import DEFAULT

    if file.exists():
        raise refusal("E702", f"{file} exists already", "give the name of a new file")
    if not file.parent.is_dir():
        raise refusal("E702", f"there is no folder {file.parent}", "make it first")
    finished = ask_questions(file, bench)
    write_new(file, finished.text.encode())
    on = "" if finished.bench == DEFAULT else f" --bench {shlex.quote(finished.bench)}"
    tell(
        json,
        [f"wrote {file}; next: faradaic plan {shlex.quote(str(file))}{on}"],
        file=file,
        bench=finished.bench,
    )
