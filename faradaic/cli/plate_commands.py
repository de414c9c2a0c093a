"""What check, plan, run, show, report and export do where a plate is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from faradaic.cli.output import console, print_briefly, print_diagnostics, print_json, say, tell

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
        print_diagnostics(plan.findings)
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
    print_briefly(plan.findings)


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
    print_briefly(plan.findings)
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
    from faradaic.records.plate_folder import find_plate
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.campaign import alone

    plate = find_plate(runs, name)
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
