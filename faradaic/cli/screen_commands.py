"""screen: which compositions are stable, from a pool of cations to a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.options import PotentialOption, WorkersOption
from faradaic.cli.output import Json, tell
from faradaic.cli.screen_view import (
    forecast_lines,
    purity_lines,
    screening_content,
    screening_lines,
    shown_work,
)

if TYPE_CHECKING:
    from faradaic.computational.screening.screening_study import ScreeningStudy
    from faradaic.diagnostics import Diagnostic

StudyArgument = Annotated[
    Path | None, typer.Argument(help="A study (YAML); without one the paper's 381 spinels.")
]
ExecutorOption = Annotated[
    str, typer.Option(help="`processes`, or `parsl:FILE` for the pilot jobs of a cluster.")
]
OutOption = Annotated[Path, typer.Option("--out", help="The folder for everything written.")]
DEFAULT_OUT = Path("screening")

app = typer.Typer(
    help="Screen compositions for stability: enumerate, relax, place on the hull, report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def spinels(
    study: StudyArgument = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Use the energies that ship with faradaic.")
    ] = False,
    energies: Annotated[
        list[Path] | None,
        typer.Option(help="A file of energies (.jsonl, .csv, .json, vasprun.xml); repeatable."),
    ] = None,
    out: OutOption = DEFAULT_OUT,
    workers: WorkersOption = None,
    executor: ExecutorOption = "processes",
    potential: PotentialOption = None,
    json: Json = False,
) -> None:
    """Compute what is missing, then figures, tables and report of a screening.

    Energies come from --stored, from --energies or the study's own files, or from relaxations,
    which go on where they ended when the same command is given again.
    """
    from faradaic.computational.screening.entry_import import read_energies
    from faradaic.computational.screening.screening_study import (
        analyze_screening,
        entries_of,
        stored_entries,
    )
    from faradaic.diagnostics import refusal

    chosen = _study(study, potential)
    given = [*(["--stored"] if stored else []), *(["--energies"] if energies else [])]
    if len(given) + bool(chosen.energies) > 1:
        raise refusal(
            "E819",
            "the energies are given twice: " + " and ".join([*given, "the study"][:2]),
            "keep one of --stored, --energies and the study's `energies`",
        )
    findings: list[Diagnostic] = []
    if stored:
        entries = list(stored_entries())
    elif energies:
        files = [read_energies(path) for path in energies]
        entries = [entry for file in files for entry in file.entries]
        findings = [finding for file in files for finding in file.findings]
    elif chosen.energies:
        entries, findings = entries_of(chosen, study.parent if study else Path())
    else:
        entries, findings = _relaxed(chosen, out, workers, executor)
    result = analyze_screening(chosen, entries, out, findings)
    tell(json, screening_lines(result), findings=result.findings, **screening_content(result))


@app.command()
def compositions(
    study: StudyArgument = None,
    names: Annotated[bool, typer.Option("--names", help="Every formula, one a line.")] = False,
    json: Json = False,
) -> None:
    """Count the compositions that balance, by charge pattern; nothing is computed."""
    from faradaic.computational.screening import compositions as rules
    from faradaic.diagnostics import InputError

    templates = _study(study).templates()
    counted = {str(t.fixed or t.prototype): rules.charge_patterns(t) for t in templates}
    if not any(counted.values()):
        raise InputError(*(rules.unbalanced(template) for template in templates))
    findings = [
        rules.unbalanced(template).as_warning()
        for template, patterns in zip(templates, counted.values(), strict=True)
        if not patterns
    ]
    listed = {
        name: [one.name for one in rules.compositions(template)] if counted[name] else []
        for name, template in zip(counted, templates, strict=True)
        if names
    }
    series: dict[str, dict[str, Any]] = {}
    lines = [] if not names else [one for found in listed.values() for one in found]
    for name, patterns in counted.items():
        total = sum(patterns.values())
        by_pattern = {"-".join(map(str, p)): n for p, n in patterns.items()}
        series[name] = {"compositions": total, "patterns": by_pattern}
        if names:
            series[name]["names"] = listed[name]
            continue
        lines.append(f"{name:<6} {total:>8}")
        for pattern, number in sorted(patterns.items(), key=lambda item: -item[1]):
            lines.append(f"  {' '.join(f'{charge}+' for charge in pattern):<20} {number:>8}")
    if not names:
        lines.append(f"{'all':<6} {sum(sum(p.values()) for p in counted.values()):>8}")
    tell(json, lines, findings=findings, series=series)


@app.command()
def relax(
    study: StudyArgument = None,
    out: OutOption = DEFAULT_OUT,
    workers: WorkersOption = None,
    executor: ExecutorOption = "processes",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed before.")
    ] = False,
    steps: Annotated[int, typer.Option(min=1, help="Steps of a relaxation at most.")] = 400,
    potential: PotentialOption = None,
    json: Json = False,
) -> None:
    """Relax targets and competing phases; stopped or killed, the same command goes on."""
    chosen = _study(study, potential)
    entries, findings = _relaxed(chosen, out, workers, executor, retry_failed, steps)
    counts: dict[str, Any] = dict(Counter(entry.role for entry in entries))
    file = out / ENERGIES
    tell(json, [f"{len(entries)} energies in {file}"], findings=findings, file=file, **counts)


@app.command()
def plan(
    compositions: Annotated[
        float, typer.Option(metavar="NUMBER", help="How many relaxations, as 1e6.")
    ],
    workers: Annotated[int, typer.Option(help="Cores that compute.")] = 2,
    seconds: Annotated[
        float | None, typer.Option(help="Core seconds of one relaxation, where it is known.")
    ] = None,
    measured: Annotated[
        Path | None,
        typer.Option(help="A folder of relaxations whose mean time is taken."),
    ] = None,
    price: Annotated[float | None, typer.Option(help="Of one core-hour.")] = None,
    json: Json = False,
) -> None:
    """Estimate time, storage and cost of a screening before it is started."""
    from faradaic.workloads.cost_estimate import estimate_cost

    estimate = estimate_cost(
        compositions, workers, _per_task(seconds, measured), price_per_core_h=price
    )
    tell(json, forecast_lines(estimate, price), **asdict(estimate))


@app.command()
def purity(
    pattern: Annotated[
        Path, typer.Argument(help="2θ in degrees and counts: .xy, .csv, .dat, .xrdml.")
    ],
    composition: Annotated[
        str, typer.Argument(help='The phase: a spinel, "Mg2(ZnMgSbIn)O8", or the CIF of any.')
    ],
    lattice: Annotated[
        float | None,
        typer.Option(metavar="ANGSTROM", help="Cubic lattice parameter, known to 4 %."),
    ] = None,
    wavelength: Annotated[str, typer.Option(help="Of the X-rays: CuKa, CoKa, MoKa.")] = "CuKa",
    other: Annotated[
        list[Path] | None,
        typer.Option(help="CIF of a phase that may be there too; any number of times."),
    ] = None,
    json: Json = False,
) -> None:
    """Say whether a powder pattern is of one phase, what else is in it, and what could hide."""
    from faradaic.computational.diffraction import read_pattern, reflections, structure_of_cif
    from faradaic.computational.phase_purity import check_purity
    from faradaic.computational.screening.stored_structures import (
        spinel_of_formula,
        stored_competitors,
    )

    measured = read_pattern(pattern)
    start, end = (float(measured.two_theta_deg[i]) for i in (0, -1))
    # A little further than measured: the lattice may be larger or smaller than calculated.
    options: dict[str, Any] = {
        "wavelength": wavelength,
        "two_theta_deg": (max(1.0, 0.9 * start), 1.08 * end),
    }
    if composition.lower().endswith(".cif"):
        structure = structure_of_cif(Path(composition))
        phase = reflections(structure, **options)
        elements = frozenset(element.symbol for element in structure.composition.elements)
        composition = phase.name
    else:
        phase, elements = spinel_of_formula(composition, lattice, **options)
    offered = [reflections(structure_of_cif(path), path.stem, **options) for path in other or ()]
    stored = [
        lines for lines in stored_competitors(elements, **options) if lines.name != phase.name
    ]
    result = check_purity(measured, phase, [*offered, *stored])
    tell(
        json,
        purity_lines(composition, result),
        findings=result.findings,
        pure=result.pure,
        lattice_scale=result.lattice_scale,
        matched_share=result.matched_share,
        detection_limit_percent=result.detection_limit,
        foreign={name or "unknown": at for name, at in result.foreign.items()},
        mass_fractions={part.name: (part.fraction, part.error) for part in result.amounts},
        hidden_below={part.name: part.upper_bound for part in result.hidden},
        not_told_apart=result.alike,
        zero_shift_deg=result.zero_deg,
        march=result.texture,
        absent=result.absent,
    )


ENERGIES = "energies.jsonl"
RELAXATIONS = "relaxations"
MEASURED_CORE_S = 3.4
"""Mean of 381 relaxations of 14-atom cells by CHGNet 0.3.0 on one core."""
MEASURED_BYTES = 1230.0
"""Mean length of their records."""


def _per_task(seconds: float | None, measured: Path | None) -> Any:
    from faradaic.diagnostics import refusal
    from faradaic.workloads.cost_estimate import TaskCost, measure
    from faradaic.workloads.ledger import Ledger

    if seconds is not None and measured is not None:
        raise refusal(
            "E819", "the time of one relaxation is given twice", "keep --seconds or --measured"
        )
    if measured is None:
        if seconds is not None:
            return TaskCost(seconds, MEASURED_BYTES)
        return TaskCost(MEASURED_CORE_S, MEASURED_BYTES, tasks=381)
    folder = measured / RELAXATIONS if (measured / RELAXATIONS).is_dir() else measured
    if not folder.is_dir():
        raise refusal(
            "E819", f"there is no folder {folder}", "name the --out of `faradaic screen relax`"
        )
    return measure(Ledger(folder).records())


def _study(path: Path | None, potential: str | None = None) -> ScreeningStudy:
    from faradaic.computational.screening.screening_study import load_screening

    study = load_screening(path)
    return study.model_copy(update={"potential": study.potential.typed(potential)})


def _relaxed(
    study: ScreeningStudy,
    out: Path,
    workers: int | None,
    executor: str,
    retry_failed: bool = False,
    steps: int | None = None,
) -> tuple[list[Any], list[Diagnostic]]:
    """Relax what is missing and collect everything, also into one file."""
    from faradaic.computational.interatomic_potentials import Potential
    from faradaic.computational.screening.entries import write_entries
    from faradaic.computational.screening.relaxation import RelaxationSettings, collect, relax_all
    from faradaic.computational.screening.screening_study import starts_of

    settings = (
        RelaxationSettings() if steps is None else replace(RelaxationSettings(), max_steps=steps)
    )
    potential = Potential(study.potential.name, study.potential.options)
    starts = starts_of(study)
    folder = out / RELAXATIONS
    relax_all(
        starts,
        folder,
        potential=potential,
        settings=settings,
        executor=executor,
        workers=workers,
        progress=shown_work(),
        retry_failed=retry_failed,
    )
    entries, findings = collect(starts, folder, potential=potential, settings=settings)
    write_entries(entries, out / ENERGIES)
    return entries, findings
