"""report.html: one file that tells an electrolysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.datafiles.dataset import Dataset
from faradaic.records.damage_words import damage_of
from faradaic.records.earlier import earlier_runs
from faradaic.records.event_words import event_words
from faradaic.records.folder import text_bytes, write_file
from faradaic.records.run import Run
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
from faradaic.results import Result
from faradaic.studies.result_wording import in_per_cent, two_digits
from faradaic.studies.run.beside_rehearsal import HEADS, basis_words, rehearsal_rows
from faradaic.studies.run.device_columns import device_rows
from faradaic.studies.run.earlier_charge import on_one_axis
from faradaic.studies.run.electrolysis import Electrolysis, electrolysis_of
from faradaic.studies.run.electrolysis_figure import render, write_figures
from faradaic.studies.run.electrolysis_results import ElectrolysisResults, analyze_electrolysis
from faradaic.studies.run.methods_paragraph import si_paragraph
from faradaic.studies.run.planned_and_run import (
    UNKNOWN,
    comparison_rows,
    duration,
    quantity,
    step_rows,
    taken,
    value,
)
from faradaic.studies.run.recorded_yields import found_lines

_BANNERS = {
    True: "SIMULATED — no real cell was involved",
    False: "",
    None: "It is not recorded whether this run was simulated",
}
_OUTPUT = {False: "off, read back", True: "STILL ON", None: "not known"}


def write_report(
    source: Run | Dataset | Electrolysis, results: ElectrolysisResults | None = None
) -> Path:
    """Write report.html and figures/ into a run folder; returns the report's path.

    `results` are computed where they are not given. Of a journal alone or a data file the report
    stands beside it, as `<name>.report.html`. Raises `StorageError` when nothing can be written.
    """
    one = electrolysis_of(source)
    if one.run is None or one.run.folder is None:
        beside = one.run.journal if one.run else one.path
        path, png = beside.with_name(f"{beside.stem}.report.html"), None
    else:
        path = one.run.folder / "report.html"
        png = write_figures(one, one.run.folder)[0].read_bytes()
    write_file(path, text_bytes(render_report(one, results, png=png)))
    return path


def render_report(
    source: Run | Dataset | Electrolysis,
    results: ElectrolysisResults | None = None,
    *,
    png: bytes | None = None,
) -> str:
    """The page as text; results and figure are made where they are not given."""
    one = electrolysis_of(source)
    results = results or analyze_electrolysis(one)
    mark = "SIMULATED · " if one.simulated else ""
    return page(
        mark + one.title,
        *(_of_run(one.run, one, results, png) if one.run else _of_file(one, results)),
        banner=_BANNERS[one.simulated] if one.run or one.simulated else "",
    )


def _of_run(
    run: Run, one: Electrolysis, results: ElectrolysisResults, png: bytes | None
) -> Sequence[Html]:
    return (
        _head(run),
        _cards(results),
        _figure(one, png),
        *_earlier(run, one, results),
        section("As planned, as run", _comparison(run, results)),
        *_rehearsal(run),
        section("Steps", _steps(run)),
        *_devices(run),
        section("Results", _results(results)),
        *([section("Found", table(("", ""), found_lines(run)))] if run.found else []),
        section("For the supporting information", _paragraph(run, results)),
        section("Events", _events(run)),
        section("Assumptions", _assumptions(run)),
        *([section("What the simulated cell assumes", _of_the_cell(run))] if run.simulated else []),
        section("Kept for the record", _recorded(run)),
        section("Findings before the run", _findings(run)),
        section("Data", _data(run)),
    )


def _of_file(one: Electrolysis, results: ElectrolysisResults) -> Sequence[Html]:
    """A file of others has neither a plan nor events."""
    data = one.source
    assert isinstance(data, Dataset)
    series = one.series
    area = UNKNOWN if series.area_m2 is None else quantity(series.area_m2, "cm^2", 4)
    return (
        element("h1", one.title),
        pairs(
            (
                ("Began", data.start or UNKNOWN),
                ("Technique", data.technique or UNKNOWN),
                ("Instrument", data.instrument or UNKNOWN),
                ("Positive current", series.sign or UNKNOWN),
                ("Reference electrode", series.reference or UNKNOWN),
                ("Electrode area", area),
            )
        ),
        _cards(results),
        _figure(one, None),
        section("Results", _results(results)),
        section("Noted while reading", bullets(told.message for told in data.warnings)),
        section(
            "Data",
            pairs(
                (
                    ("File", f"{one.name}, {len(data)} rows, read as {data.format}"),
                    ("SHA-256", element("code", data.sha256)),
                    ("Report by", f"faradaic {__version__}"),
                )
            ),
        ),
    )


def _head(run: Run) -> Html:
    source = (run.header.get("identity") or {}).get("source") or {}
    instrument = " ".join(str(source[k]) for k in ("manufacturer", "model") if source.get(k))
    details = ", ".join(
        f"{word} {source[key]}"
        for key, word in (("serial", "serial"), ("firmware", "firmware"))
        if source.get(key)
    )
    output = run.stop.get("output") or {}
    state = _OUTPUT.get(output.get("on"), UNKNOWN)
    css = "outcome completed" if run.outcome == "COMPLETED" else "outcome"
    return join(
        (
            element("h1", run.title),
            element("p", element("span", run.outcome, css=css), run.stop_reason),
            pairs(
                (
                    ("Run", run.name),
                    ("Began", run.header.get("utc", UNKNOWN)),
                    ("Duration", taken(run.stop.get("duration_s"), run.paused_s())),
                    ("Bench", run.header.get("bench", UNKNOWN)),
                    ("Instrument", f"{instrument or UNKNOWN}{f' ({details})' if details else ''}"),
                    ("Output at the end", f"{state} ({output.get('evidence', 'no record')})"),
                    *((("Injected faults", "; ".join(run.faults)),) if run.faults else ()),
                    ("Software", f"faradaic {run.header.get('faradaic', UNKNOWN)}"),
                    ("Protocol", element("code", run.header.get("protocol_sha256", UNKNOWN))),
                )
            ),
        )
    )


def _cards(results: ElectrolysisResults) -> Html:
    shown = (
        ("charge per limiting component", results.charge_per_amount, None),
        ("charge, gross", results.charge_gross, None),
        ("mean cell voltage", results.mean_voltage, None),
        ("mean current", results.mean_current, "mA"),
        ("energy", results.energy, None),
    )
    return element(
        "div",
        *(
            element("div", element("span", name, css="soft"), element("b", value(r, u)), css="card")
            for name, r, u in shown
        ),
        css="cards",
    )


def _figure(one: Electrolysis, png: bytes | None) -> Html:
    if not one.series.time_s.size:
        return element("p", "There are no samples to draw.", css="soft")
    alt = "Current, cell voltage and charge against time and against charge"
    return element("figure", picture(png or render(one, "png")["png"], alt))


def _comparison(run: Run, results: ElectrolysisResults) -> Html:
    note = (
        "Gas volumes are calculated from the charge, not measured."
        if run.plan
        else "The plan is not at hand: only what was measured is known."
    )
    rows = comparison_rows(run, results)
    return join((table(("", "as planned", "as run"), rows), element("p", note, css="soft")))


def _earlier(run: Run, one: Electrolysis, results: ElectrolysisResults) -> Sequence[Html]:
    """The runs that this one goes on from, the gaps between them, and the charge of all."""
    earlier = earlier_runs(run)
    if not earlier:
        return ()
    rows = [
        (
            told.name,
            told.outcome,
            f"{told.began or UNKNOWN}",
            quantity(told.measured_C, "C"),
            f"{quantity(told.low_C, 'C')} to {quantity(told.high_C, 'C')}",
            quantity(told.taken_C, "C"),
            duration(told.gap_s),
        )
        for told in earlier
    ]
    heads = ("run", "ended", "began", "measured", "at least, at most", "as passed", "then a gap of")
    whole = [results.further[key] for key in ("charge_total", "charge_total_per_amount")]
    total = pairs([(r.name, f"{value(r)}, {_uncertainty(r)}".rstrip(", ")) for r in whole])
    _, _, missed = on_one_axis(one)
    not_drawn = bullets(f"in the figure, {why}" for why in missed)
    return (section("Earlier runs", join((table(heads, rows), total, not_drawn))),)


def _rehearsal(run: Run) -> Sequence[Html]:
    """How far the cell voltage was from the rehearsal's at the same charge."""
    if not (rows := rehearsal_rows(run)):
        return ()
    basis = element("p", basis_words(run.stop["against_rehearsal"]), css="soft")
    return (section("Beside the rehearsal", join((table(HEADS, rows), basis))),)


def _steps(run: Run) -> Html:
    return table(("", "step", "planned", "took", "charge", "ended because"), step_rows(run))


def _devices(run: Run) -> Sequence[Html]:
    heads = ("around the cell", "lowest", "mean", "highest while current flowed", "at the end")
    rows = device_rows(run)
    return (section("Devices", table(heads, rows)),) if rows else ()


def _results(results: ElectrolysisResults) -> Html:
    known = [
        (r.name, element("b", value(r)), _uncertainty(r), _method(r))
        for r in results
        if r.value is not None
    ]
    unknown = [f"{r.name}: {r.reason}" for r in results if r.value is None]
    return join(
        (
            table(("", "value", "uncertainty", "how"), known),
            element("p", "Not computed:", css="soft") if unknown else "",
            bullets(unknown),
        )
    )


def _uncertainty(result: Result) -> str:
    result = in_per_cent(result)
    parts = [
        f"± {two_digits(number)} {result.unit} {kind}".replace(" 1 ", " ")
        for kind, number in (("random", result.random), ("systematic", result.systematic))
        if number is not None
    ]
    if result.bounds is not None:
        low, high = ("?" if bound is None else f"{bound:.6g}" for bound in result.bounds)
        parts.append(f"between {low} and {high} {result.unit}".removesuffix(" 1"))
    return ", ".join(parts)


def _method(result: Result) -> Html:
    basis = f" ({result.basis})" if result.basis else ""
    odd = (flag for flag in result.flags if flag != GUESSED)
    flags = (element("div", "⚑ ", flag, css="flag") for flag in odd)
    return join((f"{result.method}{basis}", *flags))


def _paragraph(run: Run, results: ElectrolysisResults) -> Html:
    return element("blockquote", si_paragraph(run, results))


def _events(run: Run) -> Html:
    rows = [
        (_clock(event.time_s), text)
        for event in run.events
        if (text := event_words(event.kind, event.fields))
    ]
    return table(("time", ""), rows, css="times")


def _clock(time_s: float) -> str:
    """Time since the beginning as h:mm:ss."""
    seconds = max(0, round(time_s))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _assumptions(run: Run) -> Html:
    if run.plan is None:
        return element("p", "Unknown: the plan is not at hand.", css="soft")
    rows = [
        (element("code", entry.get("field", "")), entry.get("value", ""), entry.get("reason", ""))
        for entry in run.plan.get("assumptions", ())
    ]
    return table(("what", "taken as", "because"), rows) or element("p", "None.", css="soft")


def _of_the_cell(run: Run) -> Html:
    rows = [
        (
            f"{GUESSED} {one['guess']}" if one.get("guess") else "",
            one.get("text", ""),
            f"up to {quantity(one['cell_voltage_V'], 'V', 2)}" if one.get("cell_voltage_V") else "",
            element("code", one["state"]) if one.get("state") else "",
        )
        for one in run.assumptions
    ]
    return table(("", "", "moves the cell voltage by", "to be stated as"), rows) or element(
        "p", "Not recorded.", css="soft"
    )


def _recorded(run: Run) -> Html:
    """What the protocol says beside what was computed with."""
    procedure = (run.plan or {}).get("procedure") or {}
    rows = [(element("code", key), told) for key, told in (procedure.get("record") or {}).items()]
    return table(("what", "as written"), rows) or element("p", "Nothing.", css="soft")


def _findings(run: Run) -> Html:
    if run.plan is None:
        return element("p", "Unknown: the plan is not at hand.", css="soft")
    rows = [_finding(finding) for finding in run.plan.get("findings", ())]
    return table(("", "", "finding", "went on because"), rows) or element("p", "None.", css="soft")


def _finding(finding: dict[str, Any]) -> tuple[object, ...]:
    waived = str(finding.get("waived") or "")
    return (
        finding.get("code", ""),
        "waived" if waived else finding.get("severity", ""),
        finding.get("message", ""),
        waived,
    )


def _data(run: Run) -> Html:
    contents = run.contents
    torn = f"{contents.torn_bytes} bytes at its end are not whole and were not used"
    whole = "every record has its checksum"
    if contents.damage:
        whole = bullets(str(one["text"]) for one in damage_of(run))
    return pairs(
        (
            ("Journal", f"{run.journal.name}, {contents.size_bytes} bytes"),
            ("SHA-256", element("code", run.journal_sha256)),
            ("Records", f"{contents.records}, of which {contents.samples} are samples"),
            ("Whole", torn if contents.torn_bytes else whole),
            ("Report by", f"faradaic {__version__}"),
        )
    )
