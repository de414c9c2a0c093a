"""README.txt of a run folder, for someone who does not have this program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faradaic.records.run import Run

_FILES = {
    "journal.jsonl": "what happened, record by record, as it happened (the source of all others)",
    "data.csv": "the samples, for a spreadsheet; lines that begin with # are notes",
    "data.parquet": "the same samples, for Python, R or Julia",
    "spectra.csv": "impedance spectra, frequency by frequency (and .parquet)",
    "pulses.csv": "square-wave and pulse voltammograms, stair by stair (and .parquet)",
    "interrupts.csv": "voltage and current around interruptions (and .parquet)",
    "datapackage.json": "the columns of the tables with their units (Frictionless Data)",
    "summary.json": "the run in a few values",
    "protocol.yaml": "the protocol as it was written",
    "plan.json": "the protocol with every number resolved to SI units",
    "bench.yaml": "the bench file: driver, address and ceilings",
    "continuation.yaml": "what was left of the protocol when the run had died or ended early",
    "device_host.jsonl": "what the process that held the instrument did on its own",
    "results.jsonl": "products, TLC and notes as they were recorded later, oldest first",
    "report.html": "the report, to be opened in any browser",
}


def readme_text(run: Run, summary: Mapping[str, Any]) -> str:
    """The text: what this is, what each file is, and how a journal is read without the program."""
    banner = {True: "SIMULATED: no real cell was involved.\n\n", False: "", None: ""}
    charge_C, duration_s = summary["charge_C"], summary["duration_s"]
    paused_s = summary["paused_s"]
    pauses = f", of it {paused_s:.6g} s paused" if paused_s > 0 else ""
    faults = "".join(f"Fault    {_line(fault)} (injected)\n" for fault in run.faults)
    files = "\n".join(f"  {name:<17} {what}" for name, what in _FILES.items())
    return f"""{_line(run.title)}
{run.name}

{banner[run.simulated]}Began    {run.header.get("utc", "unknown")}
Ended    {run.outcome}: {_line(run.stop_reason)}
Charge   {"unknown" if charge_C is None else f"{charge_C:.6g} C (gross)"}
Time     {"unknown" if duration_s is None else f"{duration_s:.6g} s"}{pauses}
Samples  {run.contents.samples}
{faults}
Files (not every run has all of them)
{files}

Each line of the journal is: eight hexadecimal digits, a space, one JSON object. The digits are
the CRC-32 (as in zip) of the object's bytes. "n" counts the records from 0, "t" is nanoseconds
since the run began, "k" is the kind of record, "c" repeats the digits of the line before. The
record of kind "columns" names the values "v" of each record of kind "sample". A line whose
digits do not fit is damaged: do not believe it. What follows it counts if its own digits fit and
its "n" is larger. A long journal goes on in journal-0001.jsonl and so on, and so does one that was
closed afterwards because its program had died.

Signs: anodic current at the working electrode is positive; cell voltage is the potential of the
working electrode less that of the counter electrode (of the anode less that of the cathode where
the working electrode is the anode). All values are in SI units.
"""


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
