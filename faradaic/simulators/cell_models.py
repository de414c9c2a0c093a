"""Which cell model a description asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from faradaic.plugins import Plugins
from faradaic.simulators.contracts import CellModel


class CellModelClass(Protocol):
    """What an entry point of the group names."""

    def from_mapping(self, cell: Mapping[str, Any]) -> CellModel:
        """The cell that plain SI data describes. Raises `InputError`."""
        ...


CELL_MODELS: Plugins[CellModelClass] = Plugins("faradaic.cell_models", "cell model", "E530")


def cell_from_mapping(cell: Mapping[str, Any]) -> CellModel:
    """The cell that plain SI data describes; its key `model` chooses, without it `preparative`.

    The other keys are the model's own, of ours those of `faradaic.chemistry.cell_description`.
    Raises `InputError`.
    """
    model = CELL_MODELS.load(cell.get("model", "preparative"), path="cell.model")
    return model.from_mapping({key: value for key, value in cell.items() if key != "model"})
