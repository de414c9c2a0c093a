"""diagnose: what probably went wrong in an electrolysis, from its log alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.options import (
    AssumeOption,
    CycleOption,
    MapOption,
    SheetOption,
    moles,
    statements,
)
from faradaic.cli.output import Json, tell
from faradaic.cli.record_commands import find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption

if TYPE_CHECKING:
    from faradaic.studies.run.diagnosed_file import Diagnosed

app = typer.Typer()

_ARTICLES = {"impedance": "a spectrum", "sweep": "a sweep", "voltammogram": "a voltammogram"}


@app.command()
def diagnose(
    target: Annotated[
        str,
        typer.Argument(
            metavar="RUN|FILE",
            help="A run's name, its beginning, `latest`, or a path; or a data file with time,"
            " current and voltage.",
        ),
    ],
    limiting: Annotated[
        str | None, typer.Option(help='Limiting substrate at the start, "0.2 mmol".')
    ] = None,
    electrons: Annotated[float | None, typer.Option(help="Electrons per molecule of it.")] = None,
    voltage_limit: Annotated[
        str | None, typer.Option(help='At which voltage the source limited, "10 V".')
    ] = None,
    assume: AssumeOption = None,
    column_map: MapOption = None,
    sheet: SheetOption = None,
    cycle: CycleOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Say what probably went wrong in an electrolysis: causes in order, evidence, what to do.

    Of a run of ours, what was told while it ran, with its plan in view; with --limiting and the
    like its readings are looked at anew, as those of a file.
    """
    from faradaic.cli.options import quantity
    from faradaic.datafiles.dataset import Dataset
    from faradaic.diagnostics import refusal
    from faradaic.quantities import Dimension
    from faradaic.records.derive import summarise
    from faradaic.studies.file_study import technique_of
    from faradaic.studies.run.diagnosed_file import diagnosed
    from faradaic.studies.run.electrolysis import load_electrolysis

    path = find(target, runs)
    one = load_electrolysis(path, statements(path, assume, column_map, sheet, cycle))
    (amount_mol,) = moles(limiting)
    limit_V = None if voltage_limit is None else quantity(voltage_limit, Dimension.VOLTAGE)
    if one.run is not None and not any((limiting, electrons, voltage_limit)):
        told = summarise(one.run)
        tell(
            json,
            _as_told(one.name, told),
            file=str(path),
            stretches=[],
            diagnoses=told["diagnoses"],
            charge_beside_C=told["charge_beside_C"],
        )
        return
    kind = technique_of(one.source) if isinstance(one.source, Dataset) else None
    if kind is not None:
        raise refusal(
            "E775",
            f"{path} is no electrolysis: its numbers are of {_ARTICLES[kind]}",
            f"faradaic analyze {path}",
        )
    found = diagnosed(one, limiting_mol=amount_mol, electrons=electrons, limit_V=limit_V)
    tell(
        json,
        _lines(one.name, found),
        file=str(path),
        stretches=[
            {"first": s.first, "last": s.last, "held": _held(s.expected.set_A, s.expected.set_V)}
            for s in found.stretches
        ],
        diagnoses=[d.as_dict() for d in found.diagnoses],
        charge_beside_C=found.lost_C,
    )


def _lines(name: str, found: Diagnosed) -> Iterator[str]:
    yield name
    for stretch in found.stretches:
        held = _held(stretch.expected.set_A, stretch.expected.set_V)
        yield f"  rows {stretch.first + 1} to {stretch.last}, taken as {held}"
    yield from _told([one.as_dict() for one in found.diagnoses], found.lost_C)


def _as_told(name: str, told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{name}: as it was told while it ran"
    yield from _told(told["diagnoses"], told["charge_beside_C"] or 0.0)


def _told(diagnoses: Sequence[Mapping[str, Any]], lost_C: float) -> Iterator[str]:
    if not diagnoses:
        yield "nothing found; what readings cannot tell stands in docs/diagnoses.md"
    for one in diagnoses:
        mark = "note  " if one["note"] else ""
        yield f"{one['time_s']:.0f} s  {one['id']}  {mark}{one['text']}"
        if not one["note"]:
            yield f"      look at: {one['look']}"
            yield f"      do: {one['do']}"
    if lost_C:
        yield f"{lost_C:.4g} C passed through a short and electrolysed nothing"


def _held(set_A: float | None, set_V: float | None) -> str:
    return f"{set_A * 1e3:.4g} mA held" if set_A is not None else f"{set_V:.4g} V held"
