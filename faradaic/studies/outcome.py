"""What a study comes to: numbers with their place, tables behind the figures, inputs, remarks."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from faradaic.records.spreadsheet_text import cells
from faradaic.results import Result
from faradaic.studies.rows import Floats, Rows, Texts

Kind = TypeVar("Kind", bound=Rows)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result and what it belongs to."""

    sample: str
    topic: str
    """"sweeps", "products", "liquids", "stability", "absorption", "run"."""
    at: str
    """Under which condition: "-0.38 V vs RHE", "CO2", ""."""
    result: Result

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return {
            "sample": self.sample,
            "topic": self.topic,
            "at": self.at,
            **self.result.as_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class StudyTable(Generic[Kind]):
    """The numbers behind a figure, and what they belong to."""

    rows: Kind
    sample: str
    detail: str
    """Which of several: the gas of a sweep."""
    name: str
    """Of its file, without the ending."""

    def csv(self, first_line: str = "") -> str:
        """As comma-separated text; missing numbers are empty fields, never zeros."""
        stream = io.StringIO()
        if first_line:
            stream.write(f"# {first_line}\n")
        writer = csv.writer(stream, lineterminator="\n")
        columns = self.rows.columns()
        writer.writerow(cells(columns))
        writer.writerows(map(cells, zip(*map(_cells, columns.values()), strict=True)))
        return stream.getvalue()


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read."""

    path: str
    """Relative to the study file where it lies below it."""
    role: str
    format: str
    sha256: str
    rows: int
    simulated: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssumedCondition:
    """A condition that no file tells and that was assumed on the command line."""

    field: str
    value: str


@dataclass(slots=True)
class StudyOutcome:
    """Everything that a study came to, before it is written down."""

    title: str
    kind: str
    study_sha256: str
    note: str = ""
    findings: list[Finding] = field(default_factory=list)
    tables: list[StudyTable[Any]] = field(default_factory=list)
    """Each becomes a CSV file."""
    inputs: list[InputFile] = field(default_factory=list)
    conditions: dict[str, dict[str, str]] = field(default_factory=dict)
    """By sample: condition and value in words."""
    remarks: list[str] = field(default_factory=list)
    """What limits a comparison, and what was left out."""
    assumptions: list[AssumedCondition] = field(default_factory=list)

    @property
    def simulated(self) -> bool:
        """Whether any of the data are simulated."""
        return any(entry.simulated for entry in self.inputs)

    def add(self, sample: str, topic: str, result: Result, at: str = "") -> Result:
        """Keep a result; returns it."""
        self.findings.append(Finding(sample, topic, at, result))
        return result

    def tabulate(self, sample: str, rows: Rows, detail: str = "") -> None:
        """Keep a table."""
        words = " ".join(part for part in (rows.topic, sample, detail) if part)
        name = re.sub(r"[^\w.+-]+", "-", words, flags=re.ASCII).strip("-.")
        if name in {table.name for table in self.tables}:
            name += f"-{len(self.tables)}"
        self.tables.append(StudyTable(rows, sample, detail, name))

    def of(self, kind: type[Kind]) -> list[StudyTable[Kind]]:
        """The tables of one kind, in the order of the samples."""
        return [cast("StudyTable[Kind]", t) for t in self.tables if type(t.rows) is kind]

    def flags(self) -> Iterator[tuple[Finding, str]]:
        """Every flag with what it is about, each text once for a sample and result."""
        seen = set()
        for finding in self.findings:
            for flag in finding.result.flags:
                key = (finding.sample, finding.result.key, finding.result.of, flag)
                if key not in seen:
                    seen.add(key)
                    yield finding, flag


def _cells(column: Floats | Texts) -> list[str]:
    return [v if isinstance(v, str) else "" if v != v else f"{v:.9g}" for v in column]
