"""The page of a screening: figures, candidates, what the paper says and why the two differ.

One file that opens anywhere and asks nothing of the network; all text is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from faradaic import __version__
from faradaic.computational.screening.candidates import find
from faradaic.computational.screening.hull import balance_findings
from faradaic.computational.screening.paper_comparison import Compared
from faradaic.computational.screening.published import Published
from faradaic.computational.screening.screening_figures import signed
from faradaic.computational.screening.sensitivity import counts_below
from faradaic.computational.screening.stability_temperature import temperature_text
from faradaic.computational.screening.summary import ScreeningSummary
from faradaic.diagnostics import Diagnostic
from faradaic.reporting.html import (
    Html,
    bullets,
    element,
    join,
    page,
    pairs,
    picture,
    section,
    table,
)
from faradaic.reporting.typography import subscripted

_SHOWN = 25
_CAPTIONS = {
    "competing_phases": "In how many decompositions each competing phase takes part"
    " (competing_phases.csv).",
    "cations": "Mean energy above the hull of the compositions with each pair of cations, and its"
    " distribution for each cation; boxes are quartiles, whiskers the extremes"
    " (cation_pairs.csv, cations.csv).",
    "descriptors": "Energy above the hull against descriptors of the mixed site"
    " (candidates.csv, correlations.csv).",
    "sensitivity": "What becomes of counts (a; dotted: full set) and correlations (b) when one"
    " family of competing phases is left out (sensitivity.csv).",
    "diffraction": "Calculated patterns of the compounds that were made, their cations spread at"
    " random over the octahedral sites (diffraction.csv); the Ca compounds are assumed.",
}


def render_screening(
    title: str,
    summary: ScreeningSummary,
    figures: Mapping[str, Path],
    *,
    published: Published | None = None,
    compared: Sequence[Compared] = (),
    findings: Sequence[Diagnostic] = (),
) -> str:
    """The page as text; `figures` are PNG files by name."""
    methods = sorted({entry.method for entry in summary.diagram.competitors})
    return page(
        title,
        element("h1", title),
        element(
            "p",
            f"Energies above the convex hull of {len(summary.diagram.verdicts)} compositions"
            f" against {len(summary.diagram.competitors)} structures of competing phases,"
            f" computed by {' and '.join(methods)}; nothing here was measured.",
        ),
        _cards(summary),
        section("Beside the paper", _comparison(compared, published)),
        section("Where the two differ, and why", _reasons(summary, published)),
        section("Candidates", _candidates(summary)),
        section("Competing phases", _figure("competing_phases", figures)),
        section("Cations", _figure("cations", figures)),
        section("Descriptors", _figure("descriptors", figures), _correlations(summary)),
        section("Sensitivity", _figure("sensitivity", figures), _families(summary)),
        section("Powder diffraction", _figure("diffraction", figures)),
        section("A stated decomposition", _stated(summary, published)),
        section("Findings", _findings((*summary.diagram.findings, *findings))),
        section("How it was computed", _method(summary, methods)),
    )


def _cards(summary: ScreeningSummary) -> Html:
    limit = f"{summary.diagram.limit_K:g} K"
    shown = [
        (
            f"{series}-based, stable below {limit}",
            f"{len(summary.diagram.stable(series))} of {len(summary.diagram.of(series))}",
        )
        for series in summary.series
    ]
    best = summary.candidates[0].verdict
    shown.append((f"lowest, {signed(best.above_hull_meV_atom, 1)} meV/atom", best.name))
    return element(
        "div",
        *(
            element("div", element("span", name, css="soft"), element("b", text), css="card")
            for name, text in shown
        ),
        css="cards",
    )


def _comparison(compared: Sequence[Compared], published: Published | None) -> Html:
    if published is None or not compared:
        return Html("")
    words = {True: "agrees", False: "differs", None: ""}
    rows = [
        (
            c.quantity, c.series, c.published, element("b", c.ours),
            element("span", words[c.agrees], css="flag" if c.agrees is False else ""),
            element("span", c.remark, css="soft"),
        )
        for c in compared
    ]  # fmt: skip
    rule = (
        "A count agrees when it is the same; a correlation when its"
        " sign is the same, or both are weak (published |r| < 0.15, ours < 0.25); cations when"
        " all named ones are in that half of ours; a compound that was made when it is in the"
        " lowest tenth."
    )
    return join(
        (
            element("p", f"{published.source}; {published.method}.", css="soft"),
            table(("quantity", "series", "paper", "here", "", ""), rows),
            element("p", rule, css="soft"),
        )
    )


def _reasons(summary: ScreeningSummary, published: Published | None) -> Html:
    if published is None or not set(summary.series) <= set(published.stable):
        return Html("")
    diagram = summary.diagram
    ours = {name: len(diagram.stable(name, published.limit_K)) for name in summary.series}
    entropy = diagram.verdicts[0].entropy_eV_K_atom
    cut_meV = 1e3 * published.limit_K * entropy
    wanted = sum(published.stable[name] for name in summary.series)
    cuts = [0.001 * n for n in range(201)]
    near, counts = min(
        counts_below(diagram, cuts), key=lambda row: abs(sum(row[1].values()) - wanted)
    )
    full, *rest = summary.families
    largest, family = max(
        (
            (abs(r - full.correlations[pair]), row.family)
            for row in rest
            for pair, r in row.correlations.items()
        ),
        default=(0.0, "none"),
    )
    moved = [
        f"{row.family} {_numbers(row.stable)}"
        for row in rest
        if not row.reason and row.stable != {n: ours[n] for n in row.stable}
    ][:4]
    items: list[object] = [
        f"Counts below {published.limit_K:g} K are {_numbers(ours)} here and"
        f" {_numbers({n: published.stable[n] for n in ours})} in the paper. They depend on a cut"
        f" ({cut_meV:.1f} meV/atom) through the steep part of the distribution, and on which"
        " competing phases were thought of: leaving out one family gives "
        + ("; ".join(moved) or "no other counts")
        + ".",
        "The paper's energies come from density functional theory and its hull from all phases of"
        " the Materials Project; here one potential gives all energies and the hull is spanned by"
        " a library of prototypes. A hull with fewer phases lies higher, so that more compositions"
        " look stable.",
        "Universal potentials trained on relaxations are too soft away from the minima they saw,"
        " energies of solid solutions included (Deng et al., npj Comput. Mater. 2025,"
        " doi:10.1038/s41524-024-01500-6): energies above the hull come out too low.",
        "Each composition is one ordered cell of 14 atoms. The paper does not say in its text"
        f" to what its configurational entropy refers; here it is {1e6 * entropy:.2f} µeV/K per"
        " atom, ideal mixing on the mixed sites.",
        f"In hindsight a cut at {1e3 * near:.0f} meV/atom gives {_numbers(counts)}. That number"
        " was chosen after the paper's counts were known: it is no prediction.",
        f"Leaving out one family changes a correlation by {largest:.2f} at most ({family});"
        " leaving out one cation of the pool can change it far more, see the interval over cations"
        " and the cation that each leans on below.",
    ]
    return bullets(items)


def _numbers(counts: Mapping[str, int]) -> str:
    return "/".join(str(count) for count in counts.values()) + f" ({'/'.join(counts)})"


def _candidates(summary: ScreeningSummary) -> Html:
    rows = [
        (
            c.rank_overall, element("b", c.verdict.name), f"{c.rank} of {c.of}",
            signed(c.verdict.above_hull_meV_atom, 1), temperature_text(c.verdict.stabilized_K),
            " + ".join(
                f"{p.fraction:.3f} {subscripted(p.entry.formula)}"
                for p in c.verdict.decomposition.products
            ),
        )
        for c in summary.candidates[:_SHOWN]
    ]  # fmt: skip
    head = (
        "", "composition", "in its series", "E above hull / meV per atom", "stabilised above",
        "otherwise (fractions of the atoms)",
    )  # fmt: skip
    note = f"The first {len(rows)} of {len(summary.candidates)}; all are in candidates.csv."
    return join((table(head, rows), element("p", note, css="soft")))


def _figure(name: str, figures: Mapping[str, Path]) -> Html:
    if name not in figures:
        return Html("")
    caption = _CAPTIONS.get(name, "")
    image = picture(figures[name].read_bytes(), caption)
    return element("figure", image, element("figcaption", caption, css="soft"))


def _correlations(summary: ScreeningSummary) -> Html:
    rows = [
        (
            name, series, element("b", signed(c.r)), _interval(c.interval_compositions),
            _interval(c.interval_cations),
            f"{c.leaning_on[0]}: {signed(c.leaning_on[1])} without" if c.leaning_on else "",
        )
        for (series, name), c in sorted(summary.correlations.items(), key=lambda item: item[0][1])
    ]  # fmt: skip
    head = (
        "descriptor", "series", "r", "95 % over compositions", "95 % over cations",
        "leans most on",
    )  # fmt: skip
    return table(head, rows)


def _interval(interval: tuple[float, float] | None) -> str:
    return f"{signed(interval[0], 2)} to {signed(interval[1], 2)}" if interval else "–"


def _families(summary: ScreeningSummary) -> Html:
    rows = [
        (
            row.family or element("b", "nothing"), row.structures or "", row.targets or "",
            *(row.stable.get(series, "–") for series in summary.series),
            element("span", row.reason, css="soft"),
        )
        for row in summary.families
        if row.targets or row.reason or not row.family
    ]  # fmt: skip
    head = ("left out", "structures", "targets changed", *summary.series, "")
    idle = len(summary.families) - len(rows)
    note = f"{idle} other families take part in no decomposition." if idle else ""
    return join((table(head, rows), element("p", note, css="soft")))


def _stated(summary: ScreeningSummary, published: Published | None) -> Html:
    if published is None:
        return Html("")
    found = balance_findings(published.decomposition_target, published.decomposition_products)
    verdict = find(summary.diagram, dict(published.decomposition_target))
    if verdict is None:
        return Html("")
    return join(
        (
            element("p", f"The paper lets {published.decomposition_text}."),
            bullets(element("span", finding.message, css="flag") for finding in found),
            element(
                "p",
                f"The hull here gives {verdict.decomposition},"
                f" {verdict.above_hull_meV_atom:.1f} meV/atom below {verdict.name}.",
            ),
        )
    )


def _findings(findings: Sequence[Diagnostic]) -> Html:
    rows = [(f.code, f.severity.value, f.message, f.help) for f in findings]
    return table(("", "", "finding", "what to do"), rows) or element("p", "None.", css="soft")


def _method(summary: ScreeningSummary, methods: Sequence[str]) -> Html:
    diagram = summary.diagram
    entropies = sorted({round(1e6 * v.entropy_eV_K_atom, 3) for v in diagram.verdicts})
    return pairs(
        (
            ("Energies", "; ".join(methods)),
            ("Hull", "linear programme over the lowest structure of each formula, target excluded"),
            ("S_config", f"{', '.join(f'{s:.2f}' for s in entropies)} µeV/K per atom"),
            ("T_stabilized", "E above hull / S_config; vibrations and competing disorder left out"),
            ("Families", ", ".join(sorted({e.family for e in diagram.competitors if e.family}))),
            ("Software", f"faradaic {__version__}"),
        )
    )
