"""Diagnostics: what is wrong or worth knowing, where, and what to type instead.

The one vocabulary of problems for every room. A `Diagnostic` is a value; a `FaradaicError`
carries one or more of them to the command, which prints them and exits with the error's code.
Checks return the same values, so a finding, an input error and a device error read alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Self

NO_NUMBERS: Mapping[str, float] = {}
"""Plain, since a diagnostic travels between processes."""


class Severity(StrEnum):
    """How much a diagnostic matters: an error blocks, a warning asks, an info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file that a person wrote; line and column count from 1."""

    file: str
    line: int
    column: int
    text: str = ""
    """The whole line as written, to be quoted."""
    length: int = 1
    """How many characters to underline, from `column`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, one sentence, a place, and what to type instead.

    Codes: E1xx quantities, E2xx the YAML document, E3xx the protocol's schema, E4xx protocol
    against bench, E50x to E52x and E58x devices and connections, E53x to E57x simulators, E6xx
    storage, E70x and E71x the command line, E72x to E79x analysis, E8xx and E9xx computation; the
    checks of the chemistry use the ids of their rules (C01, V01, ...).
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    help: str = ""
    location: Location | None = None
    path: str = ""
    """Where in the protocol, as dotted keys: `electrodes.anode.immersed`."""
    label: str = ""
    """A few words under the underlined characters."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """The numbers behind the sentence, SI, each with its unit in its name."""
    waived: str = ""
    """The reason given in the protocol for going on in spite of this."""

    def at(self, location: Location | None) -> Diagnostic:
        """The same diagnostic at a place, unless it has one already."""
        return self if self.location is not None else replace(self, location=location)

    def as_warning(self) -> Diagnostic:
        """The same where the work can go on without what is wrong."""
        return replace(self, severity=Severity.WARNING)

    def render(self) -> str:
        """Plain text in the manner of a compiler: sentence, place, quoted line, help."""
        head = f"{self.severity.value}[{self.code}]: {self.message}"
        lines = [head]
        if self.location is not None:
            loc = self.location
            gutter = " " * len(str(loc.line))
            lines.append(f"{gutter}--> {loc}")
            if loc.text:
                text = loc.text.rstrip("\r\n").expandtabs(1)
                start, text = _window(text, loc.column)
                caret = " " * max(0, loc.column - 1 - start) + "^" * max(1, min(loc.length, 80))
                lines.append(f"{gutter} |")
                lines.append(f"{loc.line} | {text}")
                lines.append(f"{gutter} | {caret} {self.label}".rstrip())
        elif self.path:
            lines.append(f"  at {self.path}")
        if self.help:
            lines.append(f"  = help: {self.help}")
        if self.waived:
            lines.append(f"  = waived: {self.waived}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping, the stable form behind `--json`."""
        place = self.location
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "help": self.help,
            "path": self.path,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "text": place.text if place else None,
            "numbers": dict(self.numbers),
            "waived": self.waived,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Diagnostic:
        """What `as_dict` made a mapping of."""
        rest = dict(told)
        place = [rest.pop(name) for name in ("file", "line", "column", "text")]
        rest["severity"] = Severity(rest["severity"])
        return cls(**rest, location=Location(*place) if place[0] else None)


def _window(text: str, column: int, width: int = 120) -> tuple[int, str]:
    """A piece of a long line around a column: (characters cut on the left, the piece)."""
    if len(text) <= width:
        return 0, text
    start = max(0, min(column - 1 - width // 2, len(text) - width))
    return start, text[start : start + width]


def warning(
    code: str,
    message: str,
    help: str = "",  # noqa: A002
    numbers: Mapping[str, float] = NO_NUMBERS,
) -> Diagnostic:
    """Something odd that does not stop the work, and what to do about it."""
    return Diagnostic(code, message, Severity.WARNING, help=help, numbers=numbers)


class DiagnosticWarning(UserWarning):
    """A diagnostic, rendered, that no caller waits for; the command prints it."""


class FaradaicError(Exception):
    """Base of every error that a user is meant to read; carries its diagnostics."""

    exit_code: ClassVar[int] = 2
    default_code: ClassVar[str] = "E700"

    def __init__(self, *diagnostics: Diagnostic) -> None:
        if not diagnostics:
            raise TypeError("a FaradaicError needs at least one Diagnostic")
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics
        super().__init__("\n".join(d.render() for d in diagnostics))

    def __reduce__(self) -> tuple[type[Self], tuple[Diagnostic, ...]]:
        """As another process has it."""
        return type(self), self.diagnostics

    @classmethod
    def of(
        cls,
        message: str,
        *,
        help: str = "",  # noqa: A002
        code: str | None = None,
        numbers: Mapping[str, float] = NO_NUMBERS,
    ) -> Self:
        """An error of this class from one sentence."""
        return cls(Diagnostic(code or cls.default_code, message, help=help, numbers=numbers))


class InputError(FaradaicError):
    """A protocol, bench file or argument that cannot be used as it stands (exit code 2)."""

    exit_code = 2


def refusal(
    code: str, message: str, remedy: str, numbers: Mapping[str, float] = NO_NUMBERS
) -> InputError:
    """An input that cannot be used, in one sentence, and what to give instead."""
    return InputError.of(message, help=remedy, code=code, numbers=numbers)


class DeviceError(FaradaicError):
    """An instrument or its connection (exit code 3)."""

    exit_code = 3
    default_code = "E500"


class StorageError(FaradaicError):
    """Data that could not be stored or read back (exit code 6)."""

    exit_code = 6
    default_code = "E600"


def worst(diagnostics: Sequence[Diagnostic]) -> Severity | None:
    """The gravest severity present, waived findings left out; None when there is none."""
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    present = {d.severity for d in diagnostics if not d.waived}
    return next((s for s in order if s in present), None)


def did_you_mean(written: object, choices: Iterable[str]) -> str:
    """ "did you mean `x`?" when one of the choices is near, else the choices themselves.

    Of several that begin as what was written, none is nearer.
    """
    known = list(choices)
    if not known:
        return "leave it out: there is none to choose from"
    begin = str(written).lower()
    longer = [choice for choice in known if begin and choice.lower().startswith(begin)]
    if len(longer) > 1:
        known, near = longer, None
    else:
        near = nearest(written, known)
    if near is not None:
        return f"did you mean `{near}`?"
    return "write one of " + ", ".join(f"`{choice}`" for choice in known)


def nearest(written: object, known: Iterable[str]) -> str | None:
    """The choice that was probably meant, None where none is near; capitals do not count."""
    from difflib import get_close_matches

    by_lower = {choice.lower(): choice for choice in known}
    near = get_close_matches(str(written).lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None
