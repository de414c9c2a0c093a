"""What matters first is told first."""

from faradaic.diagnostics import Diagnostic, Severity
from faradaic.protocols.checks import registered
from faradaic.protocols.checks.ranking import GROUPS, group_of, grouped, ranked


def found(code: str, severity: Severity = Severity.WARNING, waived: str = "") -> Diagnostic:
    return Diagnostic(code, code, severity, waived=waived)


def test_danger_comes_before_trouble_and_trouble_before_what_is_not_said() -> None:
    told = [found("C07"), found("A03"), found("M01"), found("H01"), found("G03")]
    assert [one.code for one in ranked(told)] == ["H01", "G03", "M01", "A03", "C07"]


def test_errors_first_notes_after_warnings_and_waived_ones_last() -> None:
    told = [
        found("H01", waived="washed out"),
        found("H15", Severity.INFO),
        found("C07"),
        found("G02", Severity.ERROR),
    ]
    groups = list(grouped(told))
    assert [heading for heading, _ in groups] == ["stops the run", "is not said", "notes", "waived"]
    assert [one.code for _, several in groups for one in several] == ["G02", "C07", "H15", "H01"]


def test_every_check_has_its_group_and_hazards_are_never_below_the_first() -> None:
    for code in registered():
        assert 0 <= group_of(code) < len(GROUPS)
    assert all(group_of(code) == 0 for code in registered() if code[0] == "H" and code != "H18")
