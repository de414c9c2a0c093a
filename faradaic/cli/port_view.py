"""What `port` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from faradaic.cli.output import say

if TYPE_CHECKING:
    from rich.console import Console

    from faradaic.diagnostics import Diagnostic
    from faradaic.runner.portability import OnBench, Ported


def as_data(here: OnBench, found: Sequence[Ported]) -> dict[str, Any]:
    """As one object."""
    return {
        "from": here.bench.name,
        "runs_here": here.plan is not None,
        "refused_here": list(here.refused),
        "benches": [
            {
                "bench": one.bench,
                "model": one.model,
                "simulated": one.simulated,
                "runs": one.runs,
                "refused": list(one.refused),
                "changes": [asdict(change) for change in one.changes],
                "arisen": list(one.arisen),
                "gone": list(one.gone),
            }
            for one in found
        ],
    }


def print_port(here: OnBench, one: Ported, out: Console) -> None:
    """One bench: whether it runs there, a table of what changes, what the checks say anew."""
    out.print(Text(f"{_head(one)}: {'runs' if one.runs else 'is refused'}", style="bold"))
    for refused in one.refused:
        out.print(Text(f"  {_brief(refused)}"), soft_wrap=True)
        if refused.help:
            out.print(Text(f"    = help: {refused.help}"), soft_wrap=True)
    if one.changes:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("step", "what", f"on {here.bench.name}", f"on {one.bench}"):
            table.add_column(column, overflow="fold")
        for change in one.changes:
            table.add_row(change.step, change.what, change.here or "-", change.there or "-")
        out.print(table)
    else:
        out.print(Text("  nothing changes"))
    for finding in one.gone:
        out.print(Text(f"no longer {_brief(finding)}"), soft_wrap=True)
    for finding in one.arisen:
        out.print(Text(f"{finding.severity} {_brief(finding)}"), soft_wrap=True)
        if finding.help and finding.severity != "info":
            out.print(Text(f"  = help: {finding.help}"), soft_wrap=True)
    out.print()


def print_all(here: OnBench, found: Iterable[Ported]) -> None:
    """One line for each bench: those that run it first, then why others don't."""
    ordered = sorted(found, key=lambda one: not one.runs)
    if here.plan is None:
        say(f"{here.bench.name} itself refuses it: {_brief(here.refused[0])}\n")
    for one in ordered:
        if one.runs:
            told = [d for d in one.arisen if d.severity != "info"]
            codes = ", ".join(dict.fromkeys(d.code for d in told))
            more = f"; the checks ask anew: {codes}" if codes else ""
            say(f"runs     {_head(one)}{more}")
        else:
            say(f"refused  {_head(one)}: {'; '.join(map(_brief, one.refused))}")
    say("\nfaradaic port PROTOCOL --to NAME tells what changes on one of them")


def _head(one: Ported) -> str:
    return f"{one.bench}, {'SIMULATED ' if one.simulated else ''}{one.model}"


def _brief(one: Diagnostic) -> str:
    where = f" ({one.path})" if one.path else ""
    return f"{one.code} {one.message}{where}"
