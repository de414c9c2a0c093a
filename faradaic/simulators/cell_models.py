"""Which cell model a description asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.plugins import Plugins
from faradaic.simulators.contracts import CellModel

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription


class CellModelClass(Protocol):
    """What an entry point of the group names, by the `model` of the descriptions it takes."""

    def __call__(self, described: Any) -> CellModel:
        """The cell that a description describes."""
        ...

    def parse(self, cell: Mapping[str, Any]) -> Any:
        """A description from plain SI data. Raises `InputError`."""
        ...


CELL_MODELS: Plugins[CellModelClass] = Plugins(
    "faradaic.cell_models", "cell model", "E530", {"__call__": Callable, "parse": Callable}
)


def simulated_cell(described: CellDescription) -> CellModel:
    """The cell that a description describes."""
    return CELL_MODELS.load(described.model)(described)


def read_description(cell: CellDescription | Mapping[str, Any]) -> CellDescription:
    """A description from plain SI data; its key `model` chooses, without it `preparative`.

    One that has been read is given back. Raises `InputError`.
    """
    if not isinstance(cell, Mapping):
        return cell
    model = CELL_MODELS.load(cell.get("model", "preparative"), path="cell.model")
    described: CellDescription = model.parse(cell)
    return described


def cell_from_mapping(cell: Mapping[str, Any]) -> CellModel:
    """The cell that plain SI data describes (`read_description`). Raises `InputError`."""
    return simulated_cell(read_description(cell))
