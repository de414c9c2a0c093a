"""The numbers behind every figure and table of a screening, as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faradaic.computational.screening.paper_comparison import Compared
from faradaic.computational.screening.summary import ScreeningSummary
from faradaic.records.folder import csv_bytes, write_file


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table by the name of its file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def result_tables(summary: ScreeningSummary) -> list[ResultTable]:
    """All tables of a screening."""
    return [
        _candidates(summary),
        _phases(summary),
        _pairs(summary),
        _boxes(summary),
        _correlations(summary),
        _families(summary),
    ]


def comparison_table(compared: Sequence[Compared]) -> ResultTable:
    """The published numbers beside ours."""
    words = {True: "yes", False: "no", None: ""}
    return ResultTable(
        "beside_the_paper",
        ("quantity", "series", "published", "here", "agrees", "remark"),
        tuple(
            (c.quantity, c.series, c.published, c.ours, words[c.agrees], c.remark) for c in compared
        ),
    )


def write_tables(tables: Sequence[ResultTable], folder: Path) -> list[Path]:
    """Write each table as `<name>.csv`. Raises `StorageError`."""
    paths = []
    for table in tables:
        path = folder / f"{table.name}.csv"
        write_file(path, csv_bytes(table.header, table.rows, digits=6))
        paths.append(path)
    return paths


def _candidates(summary: ScreeningSummary) -> ResultTable:
    names = tuple(summary.descriptors)
    rows = [
        (
            c.rank_overall, c.verdict.series, c.rank, c.verdict.name, "-".join(c.verdict.cations),
            c.verdict.above_hull_meV_atom, c.verdict.stabilized_K, "yes" if c.stable else "no",
            str(c.verdict.decomposition), c.verdict.entry.energy_eV_per_atom,
            "yes" if c.verdict.entry.converged else "no", c.verdict.entry.method,
            *(summary.descriptors[name][c.verdict.name] for name in names),
        )
        for c in summary.candidates
    ]  # fmt: skip
    header = (
        "rank", "series", "rank_in_series", "composition", "mixed_site_cations",
        "above_hull_meV_atom", "stabilized_above_K", f"stable_below_{summary.diagram.limit_K:g}_K",
        "decomposes_into_atomic_fractions", "energy_eV_atom", "converged", "method", *names,
    )  # fmt: skip
    return ResultTable("candidates", header, tuple(rows))


def _phases(summary: ScreeningSummary) -> ResultTable:
    rows = [
        (series, formula, count)
        for series in summary.series
        for formula, count in summary.frequencies[series]
    ]
    return ResultTable("competing_phases", ("series", "phase", "decompositions"), tuple(rows))


def _pairs(summary: ScreeningSummary) -> ResultTable:
    rows = [
        (series, first, second, mean, count)
        for series in summary.series
        for (first, second), (mean, count) in summary.pairs[series].items()
    ]
    header = ("series", "cation_1", "cation_2", "mean_above_hull_meV_atom", "compositions")
    return ResultTable("cation_pairs", header, tuple(rows))


def _boxes(summary: ScreeningSummary) -> ResultTable:
    rows = [
        (series, cation, b.count, b.lowest, b.quartile_1, b.median, b.quartile_3, b.highest)
        for series in summary.series
        for cation, b in summary.boxes[series].items()
    ]
    header = (
        "series", "cation", "compositions", "lowest_meV_atom", "quartile_1_meV_atom",
        "median_meV_atom", "quartile_3_meV_atom", "highest_meV_atom",
    )  # fmt: skip
    return ResultTable("cations", header, tuple(rows))


def _correlations(summary: ScreeningSummary) -> ResultTable:
    rows = [
        (
            series, name, c.points, c.r, *(c.interval_compositions or (None, None)),
            *(c.interval_cations or (None, None)), *(c.leaning_on or (None, None)),
        )
        for (series, name), c in summary.correlations.items()
    ]  # fmt: skip
    header = (
        "series", "descriptor", "compositions", "r", "low_over_compositions",
        "high_over_compositions", "low_over_cations", "high_over_cations", "leans_most_on",
        "r_without_it",
    )  # fmt: skip
    return ResultTable("correlations", header, tuple(rows))


def _families(summary: ScreeningSummary) -> ResultTable:
    pairs = tuple(summary.correlations)
    rows = [
        (
            f.family or "(none left out)", f.structures, f.targets,
            *(f.stable.get(series) for series in summary.series),
            *(f.correlations.get(pair) for pair in pairs), f.reason,
        )
        for f in summary.families
    ]  # fmt: skip
    header = (
        "family_left_out", "structures", "targets_changed",
        *(f"stable_{series}" for series in summary.series),
        *(f"r {series} {name}" for series, name in pairs), "no_result_because",
    )  # fmt: skip
    return ResultTable("sensitivity", header, tuple(rows))
