"""report.html of a study: one file with its figures, interactive plots, numbers and conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from faradaic import __version__
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
from faradaic.reporting.interactive import interactive
from faradaic.reporting.panels import Panel
from faradaic.studies.outcome import Finding, StudyOutcome
from faradaic.studies.result_wording import products_at_a_glance, shown

BANNER = "SIMULATED — at least one file of this study comes from no real cell"
_TOPICS = {
    "absorption": "Absorption bands",
    "sweeps": "Sweeps",
    "products": "Products",
    "liquids": "Dissolved products",
    "stability": "Stability",
    "voltammogram": "Voltammogram",
    "run": "Run",
}


def render_study(
    outcome: StudyOutcome,
    panels: Sequence[Panel],
    pictures: Mapping[str, bytes],
    beside: Sequence[str],
) -> str:
    """The page as text; `pictures` are PNG by name, `beside` the files of the same folder."""
    plots = interactive(panels, simulated=outcome.simulated)
    mark = "SIMULATED · " if outcome.simulated else ""
    return page(
        mark + outcome.title,
        element("h1", outcome.title),
        element("p", outcome.note) if outcome.note else "",
        _pictures(pictures),
        plots.body,
        section("Flags", _flags(outcome)),
        section("Remarks", bullets(outcome.remarks)),
        section("Products at a glance", _products(outcome)),
        section("Results", _results(outcome)),
        section("Conditions", _conditions(outcome)),
        section("Assumed, not known", _assumptions(outcome)),
        section("Files", _inputs(outcome)),
        section("Beside this report", bullets(element("code", name) for name in beside)),
        element("p", f"faradaic {__version__}; study file {outcome.study_sha256}", css="soft"),
        banner=BANNER if outcome.simulated else "",
        plots=plots,
        css=files(__package__).joinpath("report.css").read_text(encoding="utf-8"),
    )


_NARROW = ("absorption", "voltammogram")
"""Figures of one column's width."""


def _pictures(pictures: Mapping[str, bytes]) -> Html:
    return join(
        element("figure", picture(data, name), css="column" if name in _NARROW else "")
        for name, data in pictures.items()
    )


def _flags(outcome: StudyOutcome) -> Html:
    """Each flag once, with what it is about."""
    about: dict[str, list[str]] = {}
    for finding, flag in outcome.flags():
        about.setdefault(flag, []).append(f"{finding.sample}: {finding.result.name}")
    rows = [(element("span", "⚑ ", flag, css="flag"), _few(where)) for flag, where in about.items()]
    return table(("flag", "of"), rows) or element("p", "None.", css="soft")


def _few(names: Sequence[str]) -> str:
    kept = list(dict.fromkeys(names))
    more = f" and {len(kept) - 4} more" if len(kept) > 4 else ""
    return "; ".join(kept[:4]) + more


def _products(outcome: StudyOutcome) -> Html:
    return table(*products_at_a_glance(outcome), css="wide")


def _results(outcome: StudyOutcome) -> Html:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in outcome.findings:
        groups.setdefault((finding.sample, finding.topic), []).append(finding)
    return join(
        element(
            "details",
            element("summary", f"{sample}: {_TOPICS.get(topic, topic)}, {len(found)} results"),
            table(
                ("at", "result", "value", "how"),
                ((f.at, f.result.name, shown(f.result), _how(f)) for f in found),
                css="results",
            ),
        )
        for (sample, topic), found in groups.items()
    )


def _how(finding: Finding) -> Html:
    result = finding.result
    bounds = ""
    if result.bounds is not None:
        low, high = ("open" if bound is None else f"{bound:.6g}" for bound in result.bounds)
        bounds = f"between {low} and {high} {result.unit}"
    texts = [part for part in (result.method, result.basis, bounds, result.reason) if part]
    flags = (element("div", "⚑ ", flag, css="flag") for flag in result.flags)
    return join(("; ".join(texts), *flags))


def _conditions(outcome: StudyOutcome) -> Html:
    samples = outcome.conditions
    names = dict.fromkeys(name for words in samples.values() for name in words)
    rows = ((name, *(words.get(name, "") for words in samples.values())) for name in names)
    return table(("", *samples), rows)


def _assumptions(outcome: StudyOutcome) -> Html:
    rows = [(one.field, one.value) for one in outcome.assumptions]
    return pairs(rows) if rows else element("p", "Nothing.", css="soft")


def _inputs(outcome: StudyOutcome) -> Html:
    rows = (
        (
            entry.path,
            entry.role,
            f"{entry.format}, {entry.rows} rows" + (", SIMULATED" if entry.simulated else ""),
            join((element("code", entry.sha256), *(element("div", n) for n in entry.notes))),
        )
        for entry in outcome.inputs
    )
    return table(("file", "what it is", "read as", "SHA-256"), rows)
