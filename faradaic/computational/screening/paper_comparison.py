"""A screening beside the published one: every stated number with ours and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from faradaic.computational.screening.candidates import find
from faradaic.computational.screening.published import Published
from faradaic.computational.screening.summary import ScreeningSummary

_NEGLIGIBLE_R = 0.15
_STILL_WEAK_R = 0.25
_NEAR_R = 0.15


@dataclass(frozen=True, slots=True)
class Compared:
    """One stated quantity."""

    quantity: str
    series: str
    published: str
    ours: str
    agrees: bool | None
    """None where agreement is no question of yes or no."""
    remark: str = ""


def compare_with_paper(summary: ScreeningSummary, published: Published) -> list[Compared]:
    """All quantities that the paper states, for the series that were computed."""
    return [
        *_counts(summary, published),
        *_phases(summary, published),
        *_correlations(summary, published),
        *_cations(summary, published),
        *_synthesised(summary, published),
    ]


def _counts(summary: ScreeningSummary, published: Published) -> Iterator[Compared]:
    diagram = summary.diagram
    for series in summary.series:
        total = len(diagram.of(series))
        if series in published.compositions:
            said = published.compositions[series]
            yield Compared("compositions", series, str(said), str(total), said == total)
    for series in summary.series:
        if series not in published.stable:
            continue
        count = len(diagram.stable(series, published.limit_K))
        low, high = summary.stable_intervals[series]
        yield Compared(
            f"stable below {published.limit_K:g} K",
            series,
            str(published.stable[series]),
            str(count),
            count == published.stable[series],
            f"{low} to {high} when compositions are resampled",
        )


def _phases(summary: ScreeningSummary, published: Published) -> Iterator[Compared]:
    for series in summary.series:
        if series not in published.competing_phases:
            continue
        counts = summary.frequencies[series]
        yield Compared(
            "distinct competing phases",
            series,
            str(published.competing_phases[series]),
            str(len(counts)),
            None,
        )
        said = published.most_frequent_phase[series]
        first, times = counts[0]
        place = next((n for n, (formula, _) in enumerate(counts, 1) if formula == said), None)
        own = next(
            ((formula, n) for formula, n in counts if series in formula and formula != first), None
        )
        remark = "" if place == 1 else f"{said} is number {place}" if place else f"{said}: never"
        if place != 1 and own and own[0] == said:
            remark += f", the first with {series} ({own[1]})"
        total = len(summary.diagram.of(series))
        ours = f"{first} ({times} of {total})"
        yield Compared("most frequent competing phase", series, said, ours, place == 1, remark)


def _correlations(summary: ScreeningSummary, published: Published) -> Iterator[Compared]:
    for (series, descriptor), (said, where) in published.correlations.items():
        found = summary.correlations.get((series, descriptor))
        if found is None:
            continue
        weak = abs(said) < _NEGLIGIBLE_R
        agrees = abs(found.r) < _STILL_WEAK_R if weak else found.r * said > 0
        remark = "weak in both" if weak and agrees else ""
        if not weak:
            remark = f"{'within' if abs(found.r - said) <= _NEAR_R else 'not within'} {_NEAR_R:g}"
        yield Compared(
            f"r with {descriptor}", series, f"{said:.3f}", f"{found.r:.3f}", agrees,
            f"{where}; {remark}",
        )  # fmt: skip


def _cations(summary: ScreeningSummary, published: Published) -> Iterator[Compared]:
    for series in summary.series:
        order = sorted(summary.boxes[series], key=lambda c: summary.boxes[series][c].median)
        half = len(order) // 2
        for text, table, end in (
            ("best cations by median", published.best_cations, order[:half]),
            ("worst cations by median", published.worst_cations, order[::-1][:half]),
        ):
            named = table.get(series, ())
            if not named:
                continue
            places = ", ".join(f"{c}: {order.index(c) + 1}" for c in named if c in order)
            yield Compared(
                text,
                series,
                ", ".join(named),
                ", ".join(end[: len(named)]),
                set(named) <= set(end),
                f"place among {len(order)}: {places}",
            )


def _synthesised(summary: ScreeningSummary, published: Published) -> Iterator[Compared]:
    candidates = {c.verdict.name: c for c in summary.candidates}
    for made in published.synthesised:
        verdict = find(summary.diagram, dict(made.composition))
        if verdict is None:
            continue
        place = candidates[verdict.name]
        yield Compared(
            "made in the laboratory",
            verdict.series,
            f"{made.name}: {'phase pure' if made.phase_pure else 'not phase pure'}",
            f"rank {place.rank} of {place.of}, {verdict.above_hull_meV_atom:.1f} meV/atom",
            place.rank <= place.of / 10 if made.phase_pure else None,
            "assumed composition" if made.source.startswith("assumed") else "",
        )
