"""export: data, runs and studies in the forms of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from faradaic.cli.options import AssumeOption, MapOption, SheetOption, moles, statements
from faradaic.cli.output import Json, say, tell
from faradaic.cli.plugin_help import listing
from faradaic.cli.record_commands import find
from faradaic.cli.run_commands import DEFAULT_RUNS, RunsOption
from faradaic.cli.run_names import plate_named

if TYPE_CHECKING:
    from faradaic.plugins import Plugins
    from faradaic.studies.exports.formats import Export

app = typer.Typer()


def _exports() -> Plugins[Export]:
    from faradaic.studies.exports import EXPORTS

    return EXPORTS


@app.command(cls=listing("Forms", _exports))
def export(
    source: Annotated[
        str,
        typer.Argument(help="A data file, a run (folder, name or `latest`), or a study's folder."),
    ],
    to: Annotated[
        str, typer.Option(metavar="FORM", help="One of the forms below.")
    ] = "frictionless",
    out: Annotated[
        Path | None, typer.Option(help="File to write; a folder, for frictionless.")
    ] = None,
    author: Annotated[str, typer.Option(help="Your name, for eln and ord.")] = "",
    email: Annotated[str, typer.Option(help="Your address, which ord asks for.")] = "",
    orcid: Annotated[str, typer.Option(help="Your ORCID iD, as 0000-0002-1825-0097.")] = "",
    product: Annotated[
        str | None, typer.Option(help='For ord: product found, for example "0.15 mmol".')
    ] = None,
    substrate_left: Annotated[
        str | None, typer.Option(help='For ord: limiting substrate left, as "0.02 mmol".')
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Write over what is there.")] = False,
    assume: AssumeOption = None,
    column_map: MapOption = None,
    sheet: SheetOption = None,
    runs: RunsOption = DEFAULT_RUNS,
    json: Json = False,
) -> None:
    """Write data in a form that other programs read; unknown stays unknown, simulated says so."""
    from faradaic.studies.exports import Person, gather
    from faradaic.studies.exports import export as write

    product_mol, left_mol = moles(product, substrate_left)
    if (plate := plate_named(source, runs)) is not None:
        from faradaic.cli.plate_commands import export_plate

        export_plate(plate, to, out, overwrite=overwrite, json=json)
        return
    path = find(source, runs, "study_results")
    contents = gather(path, statements(path, assume, column_map, sheet))
    written = write(
        contents,
        to,
        out,
        author=Person(author, email, orcid) if author or email or orcid else None,
        product_mol=product_mol,
        substrate_left_mol=left_mol,
        overwrite=overwrite,
    )
    unknown = contents.unknown()
    tell(
        json,
        [str(written)],
        format=to,
        path=written,
        simulated=contents.simulated,
        written_as_unknown=unknown,
    )
    if contents.simulated and not json:
        say(contents.status, err=True)
    if unknown and not json:
        say("written as unknown: " + ", ".join(unknown), err=True)
