"""explain: the long form of a code."""

from __future__ import annotations

from textwrap import wrap
from typing import Annotated

import typer

from faradaic.cli.output import Json, tell

app = typer.Typer()


@app.command()
def explain(
    code: Annotated[
        str,
        typer.Argument(metavar="CODE", help="Of a check (M01), a diagnosis or an error (E413)."),
    ],
    json: Json = False,
) -> None:
    """Say at length what a code means: formula, source, an example, and what to do."""
    from faradaic.explanations import explanation

    found = explanation(code)
    parts = [
        ("", found.means),
        ("formula", found.formula),
        ("source", found.source),
        ("example", found.example),
        ("what to do", found.remedy),
    ]
    if found.code[0] not in "DE":
        parts.append(
            (
                "waiver",
                f"where it was judged and accepted: `waivers: {{{found.code}: the reason}}`;"
                " errors cannot be waived",
            )
        )
    lines = [found.code, ""]
    for name, text in parts:
        if text:
            lines += [f"{name}:"] if name else []
            indent = "  " if name else ""
            lines += wrap(text, 88, initial_indent=indent, subsequent_indent=indent)
            lines.append("")
    tell(json, lines[:-1], explanation=found)
