"""What the screening commands print."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from faradaic.cli.output import say, shown
from faradaic.quantities.constants import HOUR_S

if TYPE_CHECKING:
    from faradaic.computational.phase_purity import PhasePurity
    from faradaic.computational.screening.screening_study import ScreeningResult
    from faradaic.workloads.cost_estimate import CostEstimate
    from faradaic.workloads.work import Progress


def forecast_lines(estimate: CostEstimate, price: float | None) -> list[str]:
    """Time, storage and cost of a list of tasks."""
    per_task = estimate.per_task
    rows = [
        ("relaxations", f"{estimate.tasks:,}"),
        ("each", f"{per_task.core_s:.3g} s of one core, {per_task.stored_bytes:.0f} bytes stored"),
        ("core-hours", f"{estimate.core_h:,.1f}"),
        ("wall time", f"{_span(estimate.wall_s)} on {estimate.workers:,} cores"),
        ("storage", f"{estimate.storage_bytes / 1e9:.2f} GB in {estimate.shards:,} files"),
        ("memory", f"{estimate.memory_bytes / 1e9:.2f} GB where the tasks are handed out"),
    ]
    if estimate.cost is not None:
        rows.append(("cost", f"{estimate.cost:,.2f} at {price:g} per core-hour"))
    notes = [f"note: {note}" for note in estimate.notes]
    return [*(f"{name:<12} {text}" for name, text in rows), *notes]


def purity_lines(composition: str, result: PhasePurity) -> Iterator[str]:
    """Every peak with its line, and the verdict."""
    yield f"{'2θ / °':>8} {'height / %':>11}  line"
    for peak in result.peaks:
        yield f"{peak.two_theta_deg:>8.2f} {peak.height:>11.1f}  {peak.assigned or '?'}"
    verdict = "phase pure" if result.pure else "not phase pure"
    yield (
        f"\n{composition}: {verdict}; {100 * result.matched_share:.1f} % of the peak height is its"
        f" own, nothing below {result.detection_limit:.1f} % of the highest peak can be seen"
    )
    texture = (
        f"planes {result.texture_axis} prefer to lie flat (March {result.texture:.2f})"
        if result.texture_axis
        else "no preferred orientation"
    )
    yield (
        f"fitted: lattice {result.lattice_scale:.4f} of the calculated one, zero shift"
        f" {result.zero_deg:+.3f}°, {result.emission}, {texture}"
    )
    if len(result.amounts) > 1:
        for part in result.amounts:
            yield f"{part.name:<20} {100 * part.fraction:5.1f} ± {100 * part.error:.1f} % by mass"
    hidden = sorted(result.hidden, key=lambda part: -part.upper_bound)
    bounded = [part for part in hidden if not math.isnan(part.upper_bound)]
    if bounded:
        listed = ", ".join(f"{p.name} {100 * p.upper_bound:.1f} %" for p in bounded)
        yield f"not found, and 95 % sure to be less by mass than: {listed}"
    if result.alike:
        yield f"not to be told from the phase, same lines: {', '.join(result.alike)}"


def shown_work() -> Callable[[Progress], None]:
    """One line on a terminal that is kept up to date; now and then a line in a log."""
    terminal = sys.stderr.isatty()
    told = -1

    def observe(progress: Progress) -> None:
        nonlocal told
        finished = progress.done + progress.failed
        if terminal:
            print(f"\r\x1b[K{shown(str(progress))}", end="", file=sys.stderr, flush=True)
            if finished + progress.skipped == progress.total:
                print(file=sys.stderr)
        elif finished // 20 != told:
            told = finished // 20
            say(str(progress), err=True)

    return observe


def screening_lines(result: ScreeningResult) -> Iterator[str]:
    """Counts, the first ten candidates, and where the report is."""
    from faradaic.computational.screening.stability_temperature import temperature_text

    summary = result.summary
    diagram = summary.diagram
    yield (
        f"{len(diagram.verdicts)} compositions against {len(diagram.competitors)} structures of"
        f" competing phases, {'; '.join(sorted({e.method for e in diagram.competitors}))}"
    )
    for series in summary.series:
        phase, times = summary.frequencies[series][0]
        yield (
            f"{series + '-based':<12} {len(diagram.stable(series)):>3} of"
            f" {len(diagram.of(series))} stable below {diagram.limit_K:g} K; most frequent"
            f" competing phase {phase} ({times})"
        )
    yield f"\n{'rank':>4}  {'composition':<22} {'meV/atom':>8} {'above':>8}"
    for candidate in summary.candidates[:10]:
        verdict = candidate.verdict
        yield (
            f"{candidate.rank_overall:>4}  {verdict.name:<22}"
            f" {verdict.above_hull_meV_atom:>8.1f} {temperature_text(verdict.stabilized_K):>8}"
        )
    if result.compared:
        agreed = Counter(c.agrees for c in result.compared)
        yield (
            f"\nbeside the paper: {agreed[True]} statements agree, {agreed[False]} differ"
            " (beside_the_paper.csv; the report says why)"
        )
    yield f"\n{result.report}"


def screening_content(result: ScreeningResult) -> dict[str, Any]:
    """The JSON object of a screening."""
    summary = result.summary
    return {
        "series": {
            name: {
                "compositions": len(summary.diagram.of(name)),
                "stable": len(summary.diagram.stable(name)),
                "competing_phases": dict(summary.frequencies[name]),
            }
            for name in summary.series
        },
        "candidates": [
            {
                "composition": c.verdict.name,
                "above_hull_eV_atom": c.verdict.above_hull_eV_atom,
                "stabilized_above_K": c.verdict.stabilized_K,
                "decomposes_into": str(c.verdict.decomposition),
            }
            for c in summary.candidates
        ],
        "correlations": [
            {"series": series, "descriptor": name, "r": c.r}
            for (series, name), c in summary.correlations.items()
        ],
        "files": [str(path) for path in result.files],
    }


def _span(seconds: float) -> str:
    for unit, length in (("days", 24 * HOUR_S), ("h", HOUR_S), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.0f} s"
