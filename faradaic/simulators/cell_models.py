"""Which cell model a description asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.simulators.contracts import CellModel

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription

MODELS = ("preparative", "gas_diffusion")


def simulated_cell(described: CellDescription) -> CellModel:
    """The cell that a description describes."""
    if described.model == "gas_diffusion":
        from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell

        return GasDiffusionCell(described)
    from faradaic.simulators.preparative.preparative_cell import PreparativeCell

    return PreparativeCell(described)


def read_description(cell: CellDescription | Mapping[str, Any]) -> CellDescription:
    """A description from plain SI data; its key `model` chooses, without it `preparative`.

    One that has been read is given back. Raises `InputError`.
    """
    from faradaic.chemistry.cell_description.gas_diffusion import parse_gas_diffusion_cell
    from faradaic.chemistry.cell_description.preparative import parse_cell

    if not isinstance(cell, Mapping):
        return cell
    model = cell.get("model", "preparative")
    if model not in MODELS:
        raise InputError(
            Diagnostic(
                "E530",
                f"cell.model: there is no cell model called `{model}`",
                help=f"known: {', '.join(MODELS)}",
                path="cell.model",
            )
        )
    return (parse_cell if model == "preparative" else parse_gas_diffusion_cell)(cell)


def cell_from_mapping(cell: Mapping[str, Any]) -> CellModel:
    """The cell that plain SI data describes (`read_description`). Raises `InputError`."""
    return simulated_cell(read_description(cell))
