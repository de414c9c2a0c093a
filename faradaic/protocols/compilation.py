"""What one compilation knows and collects: the protocol, the bench, problems and assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from faradaic.diagnostics import Diagnostic, InputError, Severity
from faradaic.documents.document import Document
from faradaic.documents.validation import dotted, locate, reading_order
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.plan import Assumption, StepPlan
from faradaic.protocols.resolved import ResolvedProtocol
from faradaic.protocols.schema import Protocol

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: its id in the plan and its path in the protocol."""

    id: str
    path: Path
    """With the kind: `("steps", 1, "constant_current")`."""


class Unresolvable(Exception):
    """A step cannot be resolved; why has been reported already."""


@dataclass
class Compilation:
    """One protocol on its way to a plan for one bench."""

    resolved: ResolvedProtocol
    document: Document
    bench: BenchProfile
    diagnostics: list[Diagnostic] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    scales: list[str] = field(default_factory=list)
    """Of potentials that are not written against the electrode connected."""
    steps: list[StepPlan] = field(default_factory=list)
    """Planned so far."""

    @property
    def earlier_C(self) -> float:
        """Get the gross charge of the runs that this one goes on from."""
        return sum(one.charge_C for one in self.resolved.written.continues)

    def report(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        severity: Severity = Severity.ERROR,
        help: str = "",  # noqa: A002
        numbers: Mapping[str, float] | None = None,
    ) -> None:
        """Add a finding at a path; the same one is not repeated for each round of a repeat."""
        place = locate(self.document, path)
        found = Diagnostic(
            code, message, severity, help, place, dotted(path), numbers=numbers or {}
        )
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def assume(self, path: Path, value: str, reason: str) -> None:
        """Note something that the protocol doesn't say."""
        assumption = Assumption(field=dotted(path), value=value, reason=reason)
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)

    def line(self, path: Path) -> int:
        """The line on which something begins."""
        return self.document.locate(path, key=True).line

    def raise_errors(self) -> None:
        """Raise InputError with every error so far, in the order of the file."""
        errors = [d for d in self.diagnostics if d.severity is Severity.ERROR]
        if errors:
            waived = [
                replace(d, help=f"{d.help} (errors cannot be waived)") if self._waiver(d) else d
                for d in errors
            ]
            raise InputError(*sorted(waived, key=reading_order))

    def findings(self) -> list[Diagnostic]:
        """All findings in the order of the file, waived where the protocol gives a reason."""
        waived = [replace(d, waived=self._waiver(d)) for d in self.diagnostics]
        return sorted(waived, key=reading_order)

    def report_idle_waivers(self) -> None:
        """Say which waivers no finding answers to (E417)."""
        names = {name for d in self.diagnostics for name in (d.code, f"{d.code}@{d.path}")}
        for key in self.protocol.waivers:
            if key not in names:
                self.report(
                    "E417",
                    f"there is no finding {key} to waive",
                    ("waivers", key),
                    severity=Severity.INFO,
                    help="remove the waiver",
                )

    def _waiver(self, diagnostic: Diagnostic) -> str:
        """The reason given for going on in spite of a finding; empty if there is none."""
        reasons = self.protocol.waivers
        exact = f"{diagnostic.code}@{diagnostic.path}"
        return reasons.get(exact) or reasons.get(diagnostic.code) or ""

    @property
    def protocol(self) -> Protocol:
        """The protocol as written."""
        return self.resolved.written
