"""The cell as plain numbers: what protocols write and simulators read, one module per model."""

from typing import Annotated, TypeAlias

from pydantic import Field

from faradaic.chemistry.cell_description.gas_diffusion_description import GasDiffusionDescription
from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription

CellDescription: TypeAlias = Annotated[
    PreparativeDescription | GasDiffusionDescription, Field(discriminator="model")
]
"""Its `model` says which."""
