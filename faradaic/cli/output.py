"""What the command prints: one stable JSON object on stdout, or words for a person.

With `--json` stdout holds exactly one object and everything else goes to stderr.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.diagnostics import Diagnostic, StorageError, refusal

if TYPE_CHECKING:
    from rich.console import Console

_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tab and end of line; embeddings and overrides of direction."""
Json = Annotated[
    bool, typer.Option("--json", help="One JSON object on stdout, the rest on stderr.")
]


def _plain(value: Any) -> Any:
    """As JSON has it: inf and nan become null, and what has an `as_dict` its mapping."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "as_dict"):
        value = value.as_dict()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def shown(text: str) -> str:
    """Text as a terminal may have it: what would steer it or turn the writing round, as escapes."""
    return _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(text: str = "", *, err: bool = False, end: str = "\n") -> None:
    """Print for a person; the text may hold what others wrote."""
    print(shown(text), end=end, file=sys.stderr if err else sys.stdout, flush=err)


def console(*, stderr: bool = False) -> Console:
    """The one console: what is printed stands as it is, for text holds names that others chose."""
    from rich.console import Console
    from rich.segment import Segment

    class Plain(Console):
        def render(self, *what: Any, **how: Any) -> Iterable[Segment]:
            for text, style, control in super().render(*what, **how):
                yield Segment(text if control else shown(text), style, control)

    return Plain(stderr=stderr, markup=False, emoji=False, highlight=False)


def print_json(content: Mapping[str, Any]) -> None:
    """The one object of a command."""
    text = json.dumps(_plain(content), indent=2, ensure_ascii=False, default=str)
    print(_STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def tell(
    json: bool,
    lines: Iterable[str],
    *,
    written: Sequence[Path] | None = None,
    findings: Sequence[Diagnostic] | None = None,
    **content: Any,
) -> None:
    """What a command has done: one object with `content`, or `lines`, files written and findings.

    They are part of the object unless they are None.
    """
    if json:
        more = {"files": written, "findings": findings}
        told = {name: listed for name, listed in more.items() if listed is not None}
        print_json({"ok": True, **content, **told})
        return
    for line in (*lines, *(f"wrote {path}" for path in written or ())):
        say(line)
    print_diagnostics(findings or ())


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist. Raises `InputError` (E702) and `StorageError` (E603)."""
    try:
        with path.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise refusal("E702", f"{path} exists already", "give the name of a new file") from None
    except OSError as error:
        raise StorageError.of(
            f"{path} cannot be written: {error.strerror}", help="another folder", code="E603"
        ) from None


def print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Findings for a person, on stderr, gravest first."""
    for diagnostic in _gravest_first(diagnostics):
        say(diagnostic.render(), err=True, end="\n\n")


def print_findings(diagnostics: Sequence[Diagnostic]) -> None:
    """What checks found, on stderr: what matters first, in groups, notes as one line each.

    Of several findings of one id the first is told in full; `faradaic explain` has the long form.
    """
    from faradaic.protocols.checks.ranking import grouped

    for heading, found in grouped(diagnostics):
        say(f"{heading}:", err=True)
        if heading in ("notes", "waived"):
            for one in found:
                why = f" (waived: {one.waived})" if one.waived else ""
                say(f"  {one.code:<5} {one.message}{why}", err=True)
            say(err=True)
            continue
        told: dict[str, set[str]] = {}
        for one in found:
            if one.code in told:
                say(f"{one.severity.value}[{one.code}] too: {one.message}", err=True)
                fresh = one.help and one.help not in told[one.code]
                say(f"  = help: {one.help}\n" if fresh else "", err=True)
            else:
                say(one.render(), err=True, end="\n\n")
            told.setdefault(one.code, set()).add(one.help)


def print_briefly(diagnostics: Sequence[Diagnostic]) -> None:
    """Findings as one line each, waived ones left out; `faradaic check` has the long form."""
    for diagnostic in _gravest_first(diagnostics):
        if not diagnostic.waived:
            name = f"{diagnostic.severity.value}[{diagnostic.code}]"
            say(f"{name:<13} {diagnostic.message}", err=True)


def _gravest_first(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(diagnostics, key=lambda d: order[d.severity.value])


def print_error(diagnostics: Sequence[Diagnostic]) -> None:
    """What stopped a command: words on stderr, and the object on stdout if JSON was asked for."""
    print_diagnostics(diagnostics)
    if "--json" in sys.argv[1:]:
        print_json({"ok": False, "diagnostics": [d.as_dict() for d in diagnostics]})
