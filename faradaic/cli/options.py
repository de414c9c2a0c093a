"""Options and arguments that several commands share, and how typed quantities are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from faradaic.quantities import Dimension

OutOption = Annotated[Path | None, typer.Option(help="Folder for tables and figures.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Processes of one core each; as many as there are cores.")
]


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
