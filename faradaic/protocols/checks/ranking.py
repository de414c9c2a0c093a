"""What matters first: findings in groups, the gravest first within each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from faradaic.diagnostics import Diagnostic, Severity

GROUPS = (
    "may hurt somebody",
    "may spoil the run",
    "makes numbers uncertain",
    "is not said",
)
_DANGER = frozenset({"G02", "G03", "G04", "G05", "G06", "Q06", "T02", "S05"})
_NUMBERS = frozenset({"A03", "A07", "Q05", "Q08", "R05", "R06", "V05", "V07", "P04", "S06", "G09"})
_UNSAID = frozenset({"C04", "C05", "C06", "C07", "M04", "M06", "X06", "H18"})
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def group_of(code: str) -> int:
    """The group of a finding, by its id; what checks nothing of the chemistry spoils a run."""
    if code in _DANGER or (code.startswith("H") and code not in _UNSAID):
        return 0
    if code in _UNSAID:
        return 3
    return 2 if code in _NUMBERS or code.startswith("L") else 1


def ranked(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Errors, then warnings by group, then notes by group; waived ones last."""
    return sorted(
        findings,
        key=lambda d: (bool(d.waived), _SEVERITIES.index(d.severity), group_of(d.code)),
    )


def grouped(findings: Sequence[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    """The ranked findings under the headings of their groups; notes and waived ones apart."""
    by_heading: dict[str, list[Diagnostic]] = {}
    for found in ranked(findings):
        if found.waived:
            heading = "waived"
        elif found.severity is Severity.INFO:
            heading = "notes"
        elif found.severity is Severity.ERROR:
            heading = "stops the run"
        else:
            heading = GROUPS[group_of(found.code)]
        by_heading.setdefault(heading, []).append(found)
    yield from by_heading.items()
