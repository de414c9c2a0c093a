"""Options and arguments that several commands share, and how typed quantities are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from faradaic.datafiles.statements import Statements
    from faradaic.quantities import Dimension

OutOption = Annotated[Path | None, typer.Option(help="Folder for tables and figures.")]
DOCUMENT_SUFFIXES = (".yaml", ".yml")
AssumeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="NAME=VALUE",
        help='What a file or a study does not tell: reference="Ag/AgCl (3 M KCl)", area="1 cm^2",'
        " sign=anodic, pH=14; it is recorded.",
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="MAP",
        help='A column\'s quantity: "current=I (2), mA, cathodic", or "time=column 1, s" where no'
        " names stand over the numbers; or a YAML file of them.",
    ),
]
CycleOption = Annotated[
    int | None,
    typer.Option("--cycle", help="Of a file: the numbers of one cycle, as the file counts them."),
]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Of a workbook.")]
PotentialOption = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:CALLABLE",
        help="Python that returns an ASE calculator, in place of the study's potential.",
    ),
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Processes of one core each; as many as there are cores.")
]

PRODUCT_HELP = 'Product found in an electrolysis: "0.15 mmol", "66 mg", "71 %"; of several ID=that.'

MolarMassOption = Annotated[
    str | None, typer.Option(help='Of a product whose protocol has none, "168.2 g/mol".')
]


def statements(
    path: Path | None,
    assume: list[str] | None,
    column_map: list[str] | None,
    sheet: str | None,
    cycle: int | None = None,
) -> Statements:
    """What was stated of the file at `path`. Raises `InputError` (E767) for a run or a study."""
    from faradaic.datafiles.statements import parse_statements
    from faradaic.diagnostics import refusal
    from faradaic.records.run import is_run

    found = parse_statements(assume, column_map, sheet, cycle)
    whole = path and (path.suffix.lower() in DOCUMENT_SUFFIXES or path.is_dir() or is_run(path))
    if whole and (found.columns or found.sheet or found.cycle is not None):
        remedy = "leave out what is stated of files: --map, --sheet, --cycle"
        raise refusal("E767", f"{path} tells all of itself", remedy)
    return found


def quantity(text: str, dimension: Dimension) -> float:
    """The SI value of what was typed. Raises `QuantityError`."""
    from faradaic.quantities import parse

    return parse(text, dimension)


def kelvin(text: str) -> float:
    """The temperature that was typed. Raises `QuantityError`."""
    from faradaic.quantities import Dimension

    return quantity(text, Dimension.TEMPERATURE)


def moles(*texts: str | None) -> list[float | None]:
    """The amounts that were typed, None where none was. Raises `QuantityError`."""
    from faradaic.quantities import Dimension

    return [None if text is None else quantity(text, Dimension.AMOUNT) for text in texts]
