"""Which cell model a description asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.simulators.contracts import CellModel

MODELS = ("preparative", "gas_diffusion")


def cell_from_mapping(cell: Mapping[str, Any]) -> CellModel:
    """The cell that plain SI data describes; its key `model` chooses, without it `preparative`.

    The other keys are those of `faradaic.chemistry.cell_description.preparative` (preparative) or
    `faradaic.chemistry.cell_description.gas_diffusion`. Raises `InputError`.
    """
    model = cell.get("model", "preparative")
    rest = {key: value for key, value in cell.items() if key != "model"}
    if model == "preparative":
        from faradaic.simulators.preparative.preparative_cell import PreparativeCell

        return PreparativeCell.from_mapping(rest)
    if model == "gas_diffusion":
        from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell

        return GasDiffusionCell.from_mapping(rest)
    raise InputError(
        Diagnostic(
            "E530",
            f"cell.model: there is no cell model called `{model}`",
            help=f"known: {', '.join(MODELS)}",
            path="cell.model",
        )
    )
