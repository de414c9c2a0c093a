"""report.html of a study: one file that opens anywhere and asks nothing of the network.

Figures, data and the plotting code are inlined; the policy of the page allows exactly those
scripts and styles, and all text of people and files is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files

from faradaic import __version__
from faradaic.reporting.html import Html, bullets, element, html, join, pairs, section, table
from faradaic.studies.outcome import Finding, StudyOutcome
from faradaic.studies.panels import Panel, as_plot
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
    styles = [_text("faradaic.reporting", "report.css"), _text(_HERE, "report.css")]
    scripts: list[str] = []
    if panels:
        styles.append(_text("faradaic.studies.vendor", "uPlot.min.css"))
        scripts += [_text("faradaic.studies.vendor", "uPlot.iife.min.js"), _text(_HERE, "plot.js")]
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hashes(styles)};"
        f" script-src {_hashes(scripts) or _NONE}"
    )
    mark = "SIMULATED · " if outcome.simulated else ""
    main = element(
        "main",
        element("h1", outcome.title),
        element("p", outcome.note) if outcome.note else "",
        _pictures(pictures),
        _interactive(panels),
        section("Flags", _flags(outcome)),
        section("Remarks", bullets(outcome.remarks)),
        section("Products at a glance", _products(outcome)),
        section("Results", _results(outcome)),
        section("Conditions", _conditions(outcome)),
        section("Assumed, not known", _assumptions(outcome)),
        section("Files", _inputs(outcome)),
        section("Beside this report", bullets(element("code", name) for name in beside)),
        element("p", f"faradaic {__version__}; study file {outcome.study_sha256}", css="soft"),
    )
    banner = element("div", BANNER, css="banner") if outcome.simulated else ""
    style = "".join(f"<style>{text}</style>\n" for text in styles)
    script = "".join(f"<script>{text}</script>\n" for text in scripts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html(mark + outcome.title)}</title>\n{style}</head>\n"
        f"<body>\n{banner}{main}\n{_data(panels)}{script}</body>\n</html>\n"
    )


_HERE = "faradaic.studies"
_NONE = "'none'"
_NARROW = ("absorption", "voltammogram")
"""Figures of one column's width."""


def _text(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _hashes(texts: Sequence[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _data(panels: Sequence[Panel]) -> str:
    """The curves as a block of JSON that no text in it can end."""
    content = json.dumps([as_plot(panel) for panel in panels], separators=(",", ":"))
    content = content.replace("<", "\\u003c")
    return f'<script type="application/json" id="plots">{content}</script>\n'


def _pictures(pictures: Mapping[str, bytes]) -> Html:
    return join(
        element("figure", _picture(name, data), css="column" if name in _NARROW else "")
        for name, data in pictures.items()
    )


def _picture(name: str, png: bytes) -> Html:
    data = base64.b64encode(png).decode()
    return Html(f'<img src="data:image/png;base64,{data}" alt="{html(name)}">')


def _interactive(panels: Sequence[Panel]) -> Html:
    if not panels:
        return Html("")
    hint = "Drag to zoom, double-click to see all, click a name to hide its curve."
    return section(
        "Look closer",
        Html('<select id="which" aria-label="which plot"></select><div id="plot"></div>'),
        element("p", hint, css="soft"),
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
