"""run and demo: commands that electrolyse, on a simulated bench unless a real one is named."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, console, print_briefly, print_diagnostics, print_json, say
from faradaic.cli.protocol_commands import (
    BenchOption,
    CalibrationOption,
    ProtocolArgument,
    compiled,
    read,
    refuse_for_a_plate,
)

if TYPE_CHECKING:
    from faradaic.protocols.plan import Plan
    from faradaic.runner.bench_file import Bench
    from faradaic.studies.run.electrolysis_results import ElectrolysisResults

app = typer.Typer()


RunsOption = Annotated[Path, typer.Option("--runs", help="The folder that holds run folders.")]
DEFAULT_RUNS = Path("runs")
DEMO = "library:benzothiophene-dioxide"


@app.command()
def run(
    protocol: ProtocolArgument,
    bench: BenchOption = "simulated",
    runs: RunsOption = DEFAULT_RUNS,
    seed: Annotated[int, typer.Option(help="Of the simulated noise.")] = 0,
    speed: Annotated[
        float | None,
        typer.Option(min=1e-3, help="Virtual seconds per second; as fast as it goes if not given."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Energise a real bench unasked.")] = False,
    go_on: Annotated[
        bool,
        typer.Option(
            "--continue",
            help="Go on with a plate that was stopped or died, named by its folder: wells that are"
            " done stay, those under way go on with what is left.",
        ),
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:key=quantity,...",
            help="Make something go wrong on a simulated bench, like "
            "film:start=2F/mol,rate=0.3V/F; may be repeated. A wrong name lists them all.",
        ),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(help="A YAML file (`faradaic_faults: 1`) with a list under `faults`."),
    ] = None,
    calibration: CalibrationOption = None,
    compare_rehearsal: Annotated[
        bool | None,
        typer.Option(
            "--compare-rehearsal/--no-compare-rehearsal",
            help="Rehearse before the start (about a second), and say while it runs where the cell"
            " voltage leaves the rehearsal; unasked at a real bench, and where faults are made.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check, plan and run a protocol or a plate; on the simulated bench this is a rehearsal."""
    if go_on:
        from faradaic.cli.plate_commands import continue_plate

        continue_plate(protocol, runs, yes=yes, json=json)
        return
    injected = [*_listed_faults(faults), *(fault or ())]
    _run(
        protocol,
        bench,
        runs,
        seed=seed,
        speed=speed,
        yes=yes,
        json=json,
        faults=injected,
        calibration=calibration,
        compares=compare_rehearsal,
    )


@app.command()
def demo(runs: RunsOption = DEFAULT_RUNS, json: Json = False) -> None:
    """Rehearse an electrolysis that ships with faradaic, from the plan to the report."""
    _run(DEMO, "simulated", runs, seed=0, speed=None, yes=False, json=json)


def _run(
    protocol: str,
    bench_name: str,
    runs: Path,
    *,
    seed: int,
    speed: float | None,
    yes: bool,
    json: bool,
    faults: Sequence[str] = (),
    calibration: Path | None = None,
    compares: bool | None = None,
) -> None:
    from faradaic.cli.plan_view import print_plan
    from faradaic.cli.progress_view import StatusLine
    from faradaic.protocols.checks.ranking import ranked
    from faradaic.protocols.load import LoadedProtocol
    from faradaic.runner.bench_lock import refuse_held
    from faradaic.runner.operator import DefaultOperator, TerminalOperator
    from faradaic.runner.requests import Controls
    from faradaic.runner.session import run_plan

    loaded = read(protocol)
    if not isinstance(loaded, LoadedProtocol):
        from faradaic.cli.plate_commands import run_plate

        refuse_for_a_plate(calibration)
        run_plate(
            loaded, bench_name, runs, seed=seed, speed=speed, yes=yes, json=json, faults=faults
        )
        return
    plan, bench, protocol_text = compiled(
        loaded, bench_name, forecast=True, calibration=calibration
    )
    if compares or (compares is None and (faults or not bench.simulated)):
        plan = _rehearsed(plan, told=bool(compares))
    if bench.file.channels is not None:
        bench, plan = one_channel(bench, plan)
    refuse_held(bench)
    print_plan(plan, bench, console(stderr=json))
    print_briefly(ranked(plan.diagnostics))
    if not bench.simulated:
        from faradaic.cli.confirmation import confirm

        confirm(bench, "a real cell", yes=yes)
    at_terminal = not bench.simulated and sys.stdin.isatty()
    controls = Controls()
    with controls.listening():
        with StatusLine(simulated=bench.simulated) as line:
            done = run_plan(
                plan,
                bench,
                protocol_text=protocol_text,
                runs_dir=runs,
                seed=seed,
                speed=speed,
                operator=TerminalOperator(line.ask) if at_terminal else DefaultOperator(),
                controls=controls,
                observe=line.observe,
                faults=faults,
            )
        controls.run_is_over()
        from faradaic.records.run import load_run
        from faradaic.studies.run.electrolysis import electrolysis_of
        from faradaic.studies.run.electrolysis_report import write_report
        from faradaic.studies.run.electrolysis_results import analyze_electrolysis

        one = electrolysis_of(load_run(done.folder))
        results = analyze_electrolysis(one)
        report = write_report(one, results)
        notes = results.notes()
        print_diagnostics((*done.warnings, *done.result.diagnostics))
        if json:
            print_json({**done.summary, "notes": notes, "report": str(report)})
        else:
            _print_end(done.summary, results, report)
        sys.stdout.flush()
    raise typer.Exit(done.result.exit_code)


def _rehearsed(plan: Plan, *, told: bool) -> Plan:
    """A plan with the course it will be compared with; why it has none, where that was asked."""
    from faradaic.runner.rehearsal import why_not, with_rehearsal
    from faradaic.simulators.ideal_bench import IdealBench

    plan = with_rehearsal(plan, IdealBench)
    if told and plan.rehearsal is None:
        why = why_not(plan) or "its simulated cell does not carry it out"
        say(f"not compared with a rehearsal: {why}", err=True)
    return plan


def one_channel(bench: Bench, plan: Plan) -> tuple[Bench, Plan]:
    """A bench with channels for one protocol: its first where it is simulated.

    Raises `InputError` (E427) for a real one: nobody said which channel the cell is on.
    """
    from faradaic.diagnostics import refusal

    if not bench.simulated:
        raise refusal(
            "E427",
            f"bench {bench.name} has {bench.channels} channels, and nobody says which one",
            f"name it: --bench {bench.name}/1",
        )
    first = bench.channel(1)
    return first, plan.model_copy(update={"bench": first.name, "bench_sha256": first.sha256})


def _listed_faults(path: Path | None) -> list[str]:
    """The faults of a file, each read once so that what is wrong is told with its line."""
    if path is None:
        return []
    from faradaic.diagnostics import Diagnostic, InputError
    from faradaic.documents.kinds import read_document
    from faradaic.simulators import FAULTS
    from faradaic.simulators.faults import read_fault

    document = read_document(path, FAULTS)
    entries = document.data.get("faults")
    if not isinstance(entries, list) or document.data.keys() != {FAULTS.key, "faults"}:
        raise InputError(
            Diagnostic(
                "E708",
                f"{path} is not a list of faults",
                help="write `faults:` and below it a list, like `- film: {rate: 0.3 V/F}`",
                location=document.locate([]),
            )
        )
    texts = []
    for number, entry in enumerate(entries):
        try:
            texts.append(str(read_fault(entry, limiting_amount_mol=1.0)))
        except InputError as error:
            place = document.locate(["faults", number])
            raise InputError(*(d.at(place) for d in error.diagnostics)) from None
    return texts


def _print_end(summary: Mapping[str, Any], results: ElectrolysisResults, report: Path) -> None:
    from faradaic.cli.assumption_view import (
        assumption_lines,
        at_most,
        metal_words,
        of_planned,
        unknown_charge,
    )
    from faradaic.cli.record_view import both_ways
    from faradaic.studies.run.beside_rehearsal import rehearsal_lines
    from faradaic.studies.run.planned_and_run import value

    charge = unknown_charge(summary) or f"{summary['charge_C']:.4g} C"
    if summary.get("charge_F_per_mol") is not None:
        charge += f" = {summary['charge_F_per_mol']:.4g} F/mol"
    say(f"\n{summary['outcome']}: {summary['stop_reason']}")
    if summary["charge_C"] is not None:
        charge += f"{of_planned(summary)}{at_most(summary)}"
    say(f"  charge  {charge}")
    if summary["charge_C"] is not None and (ways := both_ways(summary)):
        say(f"          {ways}")
    if results.cell_voltage_mean.value is not None:
        alternates = results.mean_voltage is not results.cell_voltage_mean
        of = " of its magnitude" if alternates else ""
        say(f"  voltage {value(results.mean_voltage)}, mean{of}")
    if summary["metal_consumed"] is not None:
        say(f"  metal   {metal_words(summary['metal_consumed'])}")
    for line in rehearsal_lines(summary["against_rehearsal"]):
        say(f"  rehearsal {line}")
    output = summary["output"]
    off = "output off, read back" if output["on"] is False else "OUTPUT NOT READ BACK AS OFF"
    say(f"  output  {off} ({output['evidence']})")
    for note in results.notes():
        say(f"  note    {note}")
    say(f"  run     {summary['run']}")
    say(f"  report  {report}")
    for line in assumption_lines(summary["assumptions"]):
        say(line)
