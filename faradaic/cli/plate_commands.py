"""What check, plan, run, show, report and export do where a plate is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from faradaic.cli.output import (
    console,
    print_briefly,
    print_diagnostics,
    print_findings,
    print_json,
    say,
    tell,
)

if TYPE_CHECKING:
    from faradaic.protocols.plan import Plan
    from faradaic.protocols.plates.compile_plate import PlatePlan
    from faradaic.protocols.plates.load_plate import LoadedPlate
    from faradaic.records.plate_folder import PlateFolder
    from faradaic.runner.bench_file import Bench
    from faradaic.runner.schedule import Slot


def planned_plate(
    loaded: LoadedPlate, bench_name: str, *, forecast: bool = False
) -> tuple[PlatePlan, Bench, list[Slot]]:
    """The plan of a plate for a bench, and when each well is to be where.

    Raises `InputError` with everything that is wrong.
    """
    from faradaic.protocols.plates.compile_plate import compile_plate
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.schedule import schedule

    bench = load_bench(bench_name)
    plan = compile_plate(loaded, bench.channel(1), bench.channels)
    if forecast:
        plan = _with_forecasts(plan)
    durations_s = [well.plan.estimates.duration_s for well in plan.wells]
    return plan, bench, schedule(durations_s, plan.channels)


def _with_forecasts(plan: PlatePlan) -> PlatePlan:
    """With what the simulated cell makes of those whose tables leave it open, each once."""
    from faradaic.runner.forecast import needs_forecast
    from faradaic.workloads.executors import ProcessWorkers, cores

    texts = {well.text: well.plan for well in plan.wells if needs_forecast(well.plan)}
    if not texts:
        return plan
    with ProcessWorkers(min(cores(), len(texts))) as processes:
        made = dict(zip(texts, processes.map(forecast_of, texts.values()), strict=True))
    wells = tuple(
        replace(well, plan=well.plan.model_copy(update={"forecast": made[well.text].forecast}))
        if well.text in made
        else well
        for well in plan.wells
    )
    return replace(plan, wells=wells)


def forecast_of(plan: Plan) -> Plan:
    """A plan with its forecast, in a process of its own."""
    from faradaic.runner.forecast import with_forecast
    from faradaic.simulators.ideal_bench import IdealBench

    return with_forecast(plan, IdealBench)


def check_plate(name: str, loaded: LoadedPlate, bench_name: str, *, json: bool) -> None:
    """Say what is wrong with a plate, with the wells that it is in."""
    plan, bench, _ = planned_plate(loaded, bench_name)
    if not json:
        print_findings(plan.findings)
    counts = [sum(f.severity == level and not f.waived for f in plan.findings) for level in _LEVELS]
    line = (
        f"{name}: {len(plan.wells)} wells, no errors, {counts[0]} warnings, {counts[1]} notes"
        f" (bench: {bench.name})"
    )
    tell(json, [line], title=plan.title, wells=len(plan.wells), diagnostics=list(plan.findings))


_LEVELS = ("warning", "info")


def show_plate_plan(loaded: LoadedPlate, bench_name: str, *, json: bool) -> None:
    """Print what would happen: one table of wells."""
    from faradaic.cli.plate_view import print_plate_plan

    plan, bench, slots = planned_plate(loaded, bench_name, forecast=True)
    if json:
        print_json({"ok": True, **_plan_json(plan, bench, slots)})
        return
    print_plate_plan(plan, bench, slots, console())
    _print_warnings(plan)


def _print_warnings(plan: PlatePlan) -> None:
    """What is worth knowing of a whole plate; its notes are many."""
    print_briefly([one for one in plan.findings if one.severity != "info"])
    if notes := sum(one.severity == "info" for one in plan.findings):
        say(f"{notes} notes: faradaic check tells them", err=True)


def _plan_json(plan: PlatePlan, bench: Bench, slots: Sequence[Slot]) -> dict[str, Any]:
    return {
        "title": plan.title,
        "bench": bench.name,
        "rows": plan.rows,
        "columns": plan.columns,
        "channels": plan.channels,
        "wells": [
            {
                "well": well.name,
                "factors": dict(well.factors),
                "control": well.control,
                "replicate": well.replicate,
                "channel": slot.channel,
                "start_s": slot.start_s,
                "end_s": slot.end_s,
                "charge_C": well.plan.estimates.charge_C,
                "charge_F_per_mol": well.plan.estimates.charge_F_per_mol,
                "cell_voltage_V": well.plan.estimates.cell_voltage_V,
                "forecast": well.plan.forecast and well.plan.forecast.model_dump(mode="json"),
            }
            for well, slot in zip(plan.wells, slots, strict=True)
        ],
        "diagnostics": list(plan.findings),
    }


def run_plate(
    loaded: LoadedPlate,
    bench_name: str,
    runs: Path,
    *,
    seed: int,
    speed: float | None,
    yes: bool,
    json: bool,
    faults: Sequence[str] = (),
) -> None:
    """Plan a plate, ask before a real bench is energised, and run every well."""
    from faradaic.cli.plate_view import print_plate_plan
    from faradaic.records.plate_folder import PlateFolder, PlateWell

    plan, bench, slots = planned_plate(loaded, bench_name, forecast=True)
    _refuse_held(bench, plan.channels)
    print_plate_plan(plan, bench, slots, console(stderr=json))
    _print_warnings(plan)
    _confirm(bench, len(plan.wells), yes=yes)
    wells = [
        PlateWell(
            well.name,
            well.row,
            well.column,
            well.factors,
            well.control,
            well.replicate,
            slot.channel,
            well.plan.estimates.duration_s,
        )
        for well, slot in zip(plan.wells, slots, strict=True)
    ]
    about = {
        "title": plan.title,
        "bench": bench_name,
        "rows": plan.rows,
        "columns": plan.columns,
        "channels": plan.channels,
        "stops_on_failure": plan.stops_on_failure,
        "plate_sha256": plan.sha256,
        "seed": seed,
        "speed": speed,
        "faults": list(faults),
    }
    texts = {well.name: well.text for well in plan.wells}
    texts |= {"plate.yaml": plan.text, "bench.yaml": bench.text}
    plate, folder = PlateFolder.create(
        runs, plan.name, about, wells, texts, simulated=bench.simulated
    )
    with folder:
        print_diagnostics(folder.warnings)
        _campaign(plate, bench, json=json)


def continue_plate(name: str, runs: Path, *, yes: bool, json: bool) -> None:
    """Go on with a plate: what is done stays, what was under way goes on, the rest begins."""
    from faradaic.cli.run_names import plate_named
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.campaign import alone

    plate = plate_named(name, runs)
    if plate is None:
        from faradaic.diagnostics import refusal

        raise refusal(
            "E620",
            f"there is no plate `{name}` in {runs}",
            "give the folder of one; `faradaic runs` lists what there is",
        )
    bench = load_bench(str(plate.path / "bench.yaml"))
    _refuse_held(bench, int(plate.about["channels"]))
    with alone(plate):
        _confirm(bench, len(plate.wells), yes=yes)
        plate.append("plate_continue")
        _campaign(plate, bench, json=json)


def _campaign(plate: PlateFolder, bench: Bench, *, json: bool) -> None:
    from faradaic.cli.plate_view import plate_lines, plate_shown, state_words
    from faradaic.runner.campaign import Campaign
    from faradaic.runner.operator import DefaultOperator
    from faradaic.runner.plate_operator import PlateDesk
    from faradaic.runner.requests import Controls

    controls = Controls()
    at_terminal = not bench.simulated and sys.stdin.isatty()
    desk = PlateDesk(partial(say, err=True)) if at_terminal else None
    about = plate.about
    with controls.listening():
        campaign = Campaign(
            plate,
            bench,
            controls=controls,
            operator=desk.of if desk is not None else lambda _well: DefaultOperator(),
            seed=about["seed"],
            speed=about["speed"],
            faults=about["faults"],
        )
        with plate_shown(campaign, console(stderr=True), simulated=bench.simulated):
            result = campaign.run()
        controls.run_is_over()
        from faradaic.studies.plate.plate_report import write_plate_report

        table, written = write_plate_report(plate)
        print_diagnostics(result.findings)
        for well, why in result.failed.items():
            say(f"{well} was not run: {why}", err=True)
        rows = table.rows()
        lines = [
            *plate_lines(table.brief()),
            "",
            state_words(campaign.states) + (f"; {result.stopped}" if result.stopped else ""),
        ]
        left = len(plate.wells) - len(result.outcomes)
        if left:
            lines.append(f"{left} wells are left: faradaic run --continue {plate.path}")
        tell(
            json,
            [*lines, f"plate     {plate.path}"],
            written=written,
            plate=str(plate.path),
            simulated=table.simulated,
            stopped=result.stopped,
            failed=result.failed,
            wells=rows,
        )
        sys.stdout.flush()
    raise typer.Exit(result.exit_code)


def _refuse_held(bench: Bench, channels: int) -> None:
    from faradaic.runner.bench_lock import refuse_held

    for number in range(1, channels + 1):
        refuse_held(bench.channel(number))


def _confirm(bench: Bench, wells: int, *, yes: bool) -> None:
    from faradaic.cli.confirmation import confirm

    if not bench.simulated:
        confirm(bench, f"{wells} real cells", yes=yes)


# Afterwards, and from other terminals --------------------------------------------------------


def plate_rows(runs: Path) -> list[dict[str, Any]]:
    """The plates of a folder, newest first: how many wells are where."""
    from faradaic.records.plate_folder import plates_in

    rows = []
    for plate in plates_in(runs):
        ended = {e["well"]: e["outcome"] for e in plate.journal() if e["what"] == "well_end"}
        done = sum(outcome == "COMPLETED" for outcome in ended.values())
        words = f"PLATE {done}/{len(plate.wells)}" + (" RUNNING" if plate.is_live else "")
        rows.append(
            {
                "name": plate.name,
                "title": plate.about["title"],
                "wells": len(plate.wells),
                "ended": ended,
                "live": plate.is_live,
                "words": words,
            }
        )
    return rows


def show_plate(plate: PlateFolder, *, json: bool) -> None:
    """Show a plate, under way or not: one table of wells, and what happened to all of it."""
    from faradaic.cli.plate_view import journal_lines, plate_lines
    from faradaic.studies.plate.plate_results import plate_results

    results = plate_results(plate)
    mark = "SIMULATED  " if results.simulated else ""
    live = "under way" if plate.is_live else "not under way"
    lines = [f"{mark}{results.title}: {len(results.wells)} wells, {live}", ""]
    lines += [*plate_lines(results.brief()), "", *journal_lines(plate.journal())]
    tell(
        json,
        lines,
        plate=str(plate.path),
        title=results.title,
        simulated=results.simulated,
        live=plate.is_live,
        wells=results.rows(),
        journal=list(plate.journal()),
    )


def report_plate(plate: PlateFolder, *, json: bool) -> None:
    """Write a plate's table, maps and page again, with what was recorded since."""
    from faradaic.studies.plate.plate_report import write_plate_report

    _, written = write_plate_report(plate)
    tell(json, [str(written[-1])], report=written[-1], written=written)


def export_plate(
    plate: PlateFolder, to: str, out: Path | None, *, overwrite: bool, json: bool
) -> None:
    """Write the joined table of a plate."""
    from faradaic.diagnostics import refusal
    from faradaic.records.folder import write_file
    from faradaic.studies.plate.plate_report import FORMS, table_bytes
    from faradaic.studies.plate.plate_results import plate_results

    if to not in FORMS:
        raise refusal(
            "E792",
            f"a plate is no {to}: it is many electrolyses",
            f"--to {', '.join(FORMS)}; or name a well: faradaic export {plate.name}/"
            f"{plate.wells[0].name} --to {to}",
        )
    path = out or Path(f"{plate.name}{FORMS[to]}")
    if path.exists() and not overwrite:
        raise refusal("E793", f"{path} exists", "give another --out, or --overwrite")
    results = plate_results(plate)
    write_file(path, table_bytes(results, to))
    tell(json, [str(path)], format=to, path=path, simulated=results.simulated)


def recover_plate(plate: PlateFolder, *, json: bool) -> None:
    """Close what a plate that died left open, and say what is left of each well."""
    from faradaic.diagnostics import FaradaicError
    from faradaic.runner.campaign import alone
    from faradaic.runner.well_run import left_of

    wells: dict[str, str] = {}
    left = False
    with alone(plate):
        for well in plate.wells:
            begun = bool(plate.runs_of(well.name))
            try:
                text, ended = left_of(plate, well.name)
            except FaradaicError as error:
                wells[well.name] = f"NOT KNOWN: {error.diagnostics[0].message}"
                continue
            if ended is not None:
                wells[well.name] = ended.outcome
            elif text is not None:
                left = True
                wells[well.name] = "goes on with what is left" if begun else "not begun"
    lines = [f"{name:<4} {words}" for name, words in wells.items()]
    what = f"to go on: faradaic run --continue {plate.path}" if left else "nothing is left to do"
    lines.append(f"nothing is on; {what}")
    tell(json, lines, plate=str(plate.path), wells=wells)
